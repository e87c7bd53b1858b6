"""Chunks of any size become pieces of a good size, and UTF-8 is checked on the way."""

import codecs
from collections.abc import Iterable, Iterator

from slotport.errors import BadText

PIECE_BYTES = 64 * 1024
BYTE_ORDER_MARK = "\ufeff"


def utf8(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, str]]:
    """Yield the chunks in pieces of at most 64 KiB, each with the text that it completes.

    A byte order mark at the very beginning stays. Raises BadText with the offset of the first byte that is
    not UTF-8, a half character at the end included.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    ahead = half = 0  # bytes before the piece, and those of them that are half a character
    try:
        for chunk in chunks:
            for begin in range(0, len(chunk), PIECE_BYTES):
                piece = chunk[begin : begin + PIECE_BYTES]
                half = len(decoder.getstate()[0])
                yield piece, decoder.decode(piece)
                ahead += len(piece)
        half = len(decoder.getstate()[0])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as cause:
        raise BadText(ahead - half + cause.start) from cause
