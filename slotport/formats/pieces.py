"""Written texts become pieces of bytes of a good size for a stream."""

from collections.abc import Iterable, Iterator

PIECE_LENGTH = 128 * 1024  #: characters


def pieces(texts: Iterable[str]) -> Iterator[bytes]:
    """The texts, in order, as UTF-8 in pieces of about 128 KiB."""
    held: list[str] = []
    length = 0
    for text in texts:
        held.append(text)
        length += len(text)
        if length >= PIECE_LENGTH:
            yield "".join(held).encode()
            held.clear()
            length = 0
    if held:
        yield "".join(held).encode()
