"""Compressed tars in a folder, and the tar inside of one (docs/formats/archives.md; POSIX.1-2001, pax)."""

import bz2
import gzip
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from msgspec import Struct

from slotport.packers.entries import CHUNK_BYTES, Entry, Packed, Unreadable, pieces, safe_name
from slotport.packers.saving import save

_GZIP_LEVEL, _BZIP2_LEVEL = 6, 9
_BZIP2_MAGIC = b"BZh"
_GZIP_WINDOW = zlib.MAX_WBITS + 16  #: zlib's way to say: with gzip's header, which then has no name and no time


class Compressor(Protocol):
    """What makes bytes fewer, piece by piece."""

    def compress(self, data: bytes, /) -> bytes:
        """The next bytes of the result, if any."""

    def flush(self) -> bytes:
        """The last ones."""


class Tar(Struct, frozen=True, kw_only=True):
    """Packs into ``<name>.<extension>``."""

    extension: str
    media_type: str
    compressor: Callable[[], Compressor]

    def pack(self, entries: Iterable[Entry], folder: Path, base_name: str, check: Callable[[], None]) -> list[Packed]:
        """Write the archive; give it with size and hash of the tar inside. See ``packers.Packer``."""
        plain = _Measured(_records(entries, check))
        file_name = f"{base_name}.{self.extension}"
        size, digest = save(_compressed(plain.pieces(), self.compressor()), folder, file_name)
        return [
            Packed(
                file_name=file_name,
                size=size,
                sha256=digest,
                media_type=self.media_type,
                unpacked_size=plain.size,
                unpacked_sha256=plain.digest.hexdigest(),
            )
        ]


def tar_bz2() -> Tar:
    """The packer of ``.tar.bz2``."""
    return Tar(
        extension="tar.bz2", media_type="application/x-bzip2", compressor=lambda: bz2.BZ2Compressor(_BZIP2_LEVEL)
    )


def tar_gz() -> Tar:
    """The packer of ``.tar.gz``."""
    return Tar(
        extension="tar.gz",
        media_type="application/gzip",
        compressor=lambda: zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW),
    )


def unpacked(path: Path, *, start: int = 0) -> Iterator[bytes]:
    """Yield the tar inside of a ``.tar.bz2`` or ``.tar.gz``, 256 KiB at a time, from its byte ``start`` on.

    Raises Unreadable if the archive cannot be read or is damaged.
    """
    try:
        with _opened(path) as stream:
            stream.seek(start)
            while piece := stream.read(CHUNK_BYTES):
                yield piece
    except (OSError, EOFError, zlib.error) as cause:
        raise Unreadable(path.name, str(cause)) from cause


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as stream:
        magic = stream.read(len(_BZIP2_MAGIC))
    return cast("BinaryIO", bz2.open(path) if magic == _BZIP2_MAGIC else gzip.open(path))


class _Measured:
    """Pieces, and what they were in all."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.size = 0
        self.digest = sha256()

    def pieces(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.size += len(piece)
            self.digest.update(piece)
            yield piece


def _compressed(plain: Iterable[bytes], compressor: Compressor) -> Iterator[bytes]:
    for piece in plain:
        yield compressor.compress(piece)
    yield compressor.flush()


def _records(entries: Iterable[Entry], check: Callable[[], None]) -> Iterator[bytes]:
    """The tar: for each file a header, its bytes, zeros up to a full block; at the end zeros up to a full record."""
    size = 0
    for entry in entries:
        check()
        header = _header(entry)
        yield header
        yield from pieces(entry, check)
        padding = -entry.size % tarfile.BLOCKSIZE
        yield bytes(padding)
        size += len(header) + entry.size + padding
    end = 2 * tarfile.BLOCKSIZE
    yield bytes(end + -(size + end) % tarfile.RECORDSIZE)


def _header(entry: Entry) -> bytes:
    """The header of a plain file of mode 0644 that belongs to nobody."""
    about = tarfile.TarInfo(safe_name(entry.name))
    about.size = entry.size
    about.mtime = int(entry.modified.timestamp())
    return about.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
