"""A zip that is made while it is read (docs/formats/archives.md).

It needs the memory of a few pieces however many members it has: the records of its directory go to a temporary file
once there are many of them.
"""

import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from tempfile import SpooledTemporaryFile
from time import monotonic
from typing import Self

from msgspec import Struct

from slotport.packers import zip_records
from slotport.packers.entries import CHUNK_BYTES, Entry, Unreadable, pieces, safe_name, whole
from slotport.packers.zip_records import DEFLATED, MAX_32, STORED, Member

__all__ = ["Entry", "Unreadable", "Way", "stream", "written"]

SMALL_BYTES = CHUNK_BYTES  #: up to this a file is read whole, and its header says all about it
LEVEL = 6
DIRECTORY_BYTES = 4 * 1024 * 1024  #: of the directory that are held in memory
PIECE_SECONDS = 0.1  #: after which a piece is given even if it is small


class Way(Struct, frozen=True, kw_only=True):
    """How an archive is written."""

    always_zip64: bool  #: else only for what has no room without
    #: large files that are stored are read twice, so that their headers say all about them: not every program that
    #: reads a zip as a stream finds the end of a stored file otherwise
    reads_twice: bool
    check: Callable[[], None]  #: called at least for every 256 KiB; may raise


def stream(entries: Iterable[Entry]) -> Generator[bytes, None, None]:
    """Yield a zip64 of the files, in their order, while they are read; the first piece at once, later ones of 256 KiB.

    The same entries give the same bytes. Raises Unreadable as soon as a file cannot be read or has not the size that
    it should have, and ValueError for an unsafe name: what was yielded until then is no zip.
    """
    return written(entries, Way(always_zip64=True, reads_twice=False, check=_nothing))


def written(entries: Iterable[Entry], way: Way) -> Generator[bytes, None, None]:
    """Yield the archive in pieces of about 256 KiB, the first one early. Raises as ``stream``, and what check does."""
    return _gathered(_records(entries, way))


def _nothing() -> None:
    pass


def _gathered(small: Iterator[bytes]) -> Generator[bytes, None, None]:
    """The same bytes in fewer pieces; large ones are not copied."""
    held: list[bytes] = []
    size, full = 0, 1
    since = monotonic()
    for piece in small:
        held.append(piece)
        size += len(piece)
        if size >= full or (size and monotonic() - since > PIECE_SECONDS):
            if len(held) > 1 and len(piece) >= CHUNK_BYTES:
                yield b"".join(held[:-1])
                yield piece
            else:
                yield b"".join(held)
            held.clear()
            size, full = 0, CHUNK_BYTES
            since = monotonic()
    if size:
        yield b"".join(held)


class _Directory:
    """The records at an archive's end, collected until then."""

    def __init__(self, *, always_zip64: bool) -> None:
        self._always_zip64 = always_zip64
        self._records = SpooledTemporaryFile(max_size=DIRECTORY_BYTES)  # noqa: SIM115 (closed below)
        self._count = 0
        self.offset = 0  #: where the next header will stand

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._records.close()

    def add(self, member: Member, header: bytes, crc: int, packed_size: int, *, behind: int = 0) -> None:
        """Note a member that takes its header, ``packed_size`` bytes, and ``behind`` more."""
        record = zip_records.directory_record(member, crc, packed_size, self.offset, always_zip64=self._always_zip64)
        self._records.write(record)
        self._count += 1
        self.offset += len(header) + packed_size + behind

    def pieces(self) -> Iterator[bytes]:
        """All of it."""
        size = self._records.tell()
        self._records.seek(0)
        while piece := self._records.read(CHUNK_BYTES):
            yield piece
        yield zip_records.end_of_directory(self._count, size, self.offset, always_zip64=self._always_zip64)


def _records(entries: Iterable[Entry], way: Way) -> Iterator[bytes]:
    with _Directory(always_zip64=way.always_zip64) as directory:
        for entry in entries:
            write = _small if entry.size <= SMALL_BYTES else _stored if entry.is_media else _deflated
            yield from write(entry, way, directory)
        yield from directory.pieces()


def _member(entry: Entry, way: Way, *, has_descriptor: bool) -> Member:
    method = STORED if entry.is_media else DEFLATED
    most = entry.size if entry.is_media else zip_records.deflated_bound(entry.size)
    return Member(
        safe_name(entry.name).encode(),
        method,
        entry.modified,
        entry.size,
        way.always_zip64 or most >= MAX_32,
        has_descriptor,
    )


def _small(entry: Entry, way: Way, directory: _Directory) -> Iterator[bytes]:
    member = _member(entry, way, has_descriptor=False)
    content = whole(entry, way.check)
    crc = zlib.crc32(content)
    if member.method == DEFLATED:
        content = zlib.compress(content, LEVEL, -zlib.MAX_WBITS)
    header = zip_records.local_header(member, crc, len(content))
    directory.add(member, header, crc, len(content))
    yield header
    yield content


def _stored(entry: Entry, way: Way, directory: _Directory) -> Iterator[bytes]:
    member = _member(entry, way, has_descriptor=not way.reads_twice)
    expected = 0
    if way.reads_twice:
        for piece in pieces(entry, way.check):
            expected = zlib.crc32(piece, expected)
    content = pieces(entry, way.check)
    first = next(content)  # a file that cannot be read is found out before its header is given
    header = zip_records.local_header(member, expected, entry.size)
    yield header
    yield first
    crc = zlib.crc32(first)
    for piece in content:
        crc = zlib.crc32(piece, crc)
        yield piece
    if way.reads_twice and crc != expected:
        raise Unreadable(entry.name, "it changed while it was read")
    tail = zip_records.descriptor(member, crc, entry.size) if member.has_descriptor else b""
    directory.add(member, header, crc, entry.size, behind=len(tail))
    yield tail


def _deflated(entry: Entry, way: Way, directory: _Directory) -> Iterator[bytes]:
    member = _member(entry, way, has_descriptor=True)
    content = pieces(entry, way.check)
    first = next(content)
    header = zip_records.local_header(member, 0, 0)
    yield header
    deflater = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflater.compress(first)
    crc, packed_size = zlib.crc32(first), len(packed)
    yield packed
    for piece in content:
        crc = zlib.crc32(piece, crc)
        packed = deflater.compress(piece)
        packed_size += len(packed)
        yield packed
    packed = deflater.flush()
    packed_size += len(packed)
    yield packed
    tail = zip_records.descriptor(member, crc, packed_size)
    directory.add(member, header, crc, packed_size, behind=len(tail))
    yield tail
