"""Written texts become pieces of bytes of a good size for a stream."""

from collections.abc import Iterable, Iterator

PIECE_LENGTH = 128 * 1024  #: octets


def pieces(texts: Iterable[str]) -> Iterator[bytes]:
    """The texts, in order, as UTF-8 in pieces of about 128 KiB."""
    held: list[bytes] = []
    length = 0
    for text in texts:
        octets = text.encode()  # each by itself: joined first, one emoji would make all of them wide
        held.append(octets)
        length += len(octets)
        if length >= PIECE_LENGTH:
            yield b"".join(held)
            held.clear()
            length = 0
    if held:
        yield b"".join(held)
