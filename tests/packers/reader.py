"""Reads a zip from its first to its last byte as it comes, in constant memory, and checks that its records agree.

Written from PKWARE's APPNOTE.TXT, apart from what writes the archives, so that neither has the other's faults.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack

CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Found:
    """A member as it was found."""

    name: str
    method: int
    crc: int
    packed_size: int
    size: int
    offset: int
    is_zip64: bool
    has_descriptor: bool


def read(pieces: Iterator[bytes]) -> list[Found]:
    """The members in their order. Raises AssertionError or an error of zlib's if anything is not as it should be."""
    source = _Source(pieces)
    found: list[Found] = []
    while (signature := source.take(4)) == b"PK\x03\x04":
        found.append(_member(source, source.offset - 4))
    directory = source.offset - 4
    for member in found:
        assert signature == b"PK\x01\x02"
        assert _directory_record(source) == member
        signature = source.take(4)
    size = source.offset - 4 - directory
    if signature == b"PK\x06\x06":
        ends = unpack("<Q2H2L4Q", source.take(52))
        assert ends == (44, 0x032D, 45, 0, 0, len(found), len(found), size, directory)
        assert unpack("<4sLQL", source.take(20)) == (b"PK\x06\x07", 0, directory + size, 1)
        signature = source.take(4)
    assert signature == b"PK\x05\x06"
    count = min(len(found), 0xFFFF)
    ends = (0, 0, count, count, min(size, 0xFFFFFFFF), min(directory, 0xFFFFFFFF), 0)
    assert unpack("<4H2LH", source.take(18)) == ends
    assert source.is_at_end()
    return found


def _member(source: "_Source", offset: int) -> Found:
    _, flags, method, _, _, crc, packed_size, size, name_size, extra_size = unpack("<5H3L2H", source.take(26))
    assert flags & ~0x0808 == 0
    name, extra = source.take(name_size).decode(), _extra(source.take(extra_size))
    if is_zip64 := 1 in extra:
        assert (packed_size, size) == (0xFFFFFFFF, 0xFFFFFFFF)
        size, packed_size = unpack("<2Q", extra[1])
    has_descriptor = bool(flags & 8)
    if method == 0:
        assert packed_size == size
        found = source.skip(packed_size), packed_size, size
    else:
        begin = source.offset
        inflated = source.inflate()
        found = inflated[0], source.offset - begin, inflated[1]
    if has_descriptor:
        assert source.take(4) == b"PK\x07\x08"
        crc, packed_size, size = unpack("<L2Q" if is_zip64 else "<3L", source.take(20 if is_zip64 else 12))
    assert (crc, packed_size, size) == found
    return Found(name, method, crc, packed_size, size, offset, is_zip64, has_descriptor)


def _directory_record(source: "_Source") -> Found:
    head = unpack("<6H3L5H2L", source.take(42))
    flags, method, crc, packed_size, size, name_size, extra_size = (head[at] for at in (2, 3, 6, 7, 8, 9, 10))
    assert flags & 0x0800
    assert (head[0] >> 8, head[11:15]) == (3, (0, 0, 0, 0o100644 << 16))
    name, extra = source.take(name_size).decode(), _extra(source.take(extra_size))
    wide = iter(unpack(f"<{len(extra.get(1, b'')) // 8}Q", extra.get(1, b"")))
    sizes = [next(wide) if value == 0xFFFFFFFF else value for value in (size, packed_size, head[15])]
    assert list(wide) == []
    return Found(name, method, crc, sizes[1], sizes[0], sizes[2], size == 0xFFFFFFFF, bool(flags & 8))


def _extra(content: bytes) -> dict[int, bytes]:
    found = {}
    while content:
        kind, size = unpack("<2H", content[:4])
        found[kind] = content[4 : 4 + size]
        content = content[4 + size :]
    return found


class _Source:
    """Bytes that come in pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = memoryview(b"")
        self.offset = 0

    def take(self, size: int) -> bytes:
        """That many bytes."""
        parts = []
        while size:
            part = self._some(size)
            size -= len(part)
            parts.append(part)
        return b"".join(parts)

    def skip(self, size: int) -> int:
        """The checksum of that many bytes."""
        crc = 0
        while size:
            part = self._some(size)
            size -= len(part)
            crc = zlib.crc32(part, crc)
        return crc

    def inflate(self) -> tuple[int, int]:
        """Checksum and size of what is deflated here."""
        inflater = zlib.decompressobj(-15)
        crc = size = 0
        while not inflater.eof:
            data: bytes | memoryview = self._some(CHUNK_BYTES)
            while data and not inflater.eof:
                content = inflater.decompress(data, CHUNK_BYTES)
                crc, size = zlib.crc32(content, crc), size + len(content)
                data = inflater.unconsumed_tail
        self._held = memoryview(inflater.unused_data + bytes(self._held))
        self.offset -= len(inflater.unused_data)
        return crc, size

    def is_at_end(self) -> bool:
        """Whether nothing follows."""
        return not self._held and not any(self._pieces)

    def _some(self, most: int) -> memoryview:
        while not self._held:
            piece = next(self._pieces, None)
            assert piece is not None, "the archive ends too early"
            self._held = memoryview(piece)
        part, self._held = self._held[:most], self._held[most:]
        self.offset += len(part)
        return part
