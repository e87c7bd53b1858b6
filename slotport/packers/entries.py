"""What goes into an archive and what comes out of packing, and reading the files that go in."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from slotport.errors import SlotportError

CHUNK_BYTES = 256 * 1024
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_NAME_BYTES = 0xFFFF  #: what a zip has room for
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]")
_DRIVE = re.compile(r"[A-Za-z]:")


class Entry(Struct, frozen=True, kw_only=True):
    """A file that goes into an archive."""

    name: str  #: in the archive: relative, ``/``-separated
    source: Path
    size: int  #: bytes that ``source`` must have
    modified: datetime  #: aware; kept to the second
    is_media: bool  #: it would hardly shrink, and is stored


class Packed(Struct, frozen=True, kw_only=True):
    """An archive that was written."""

    file_name: str
    part: int | None = None  #: from 1, where the packer splits
    size: int
    sha256: str
    media_type: str
    unpacked_size: int | None = None  #: of the tar inside
    unpacked_sha256: str | None = None


class Unreadable(SlotportError):
    """A file that goes into an archive, or an archive, cannot be read as it was said to be; ``name``, ``reason``."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} cannot be packed: {reason}")
        self.name = name
        self.reason = reason


def safe_name(name: str) -> str:
    """The name, if an archive may hold a file of that name (specification of the export interface, 5.3).

    Raises ValueError for all but relative paths of ``/``-separated parts, none of which is empty, ``.`` or ``..`` or
    begins with a drive letter; for backslashes, control characters, and what is longer than 65,535 bytes of UTF-8.
    """
    if _FORBIDDEN.search(name):
        raise ValueError(f"{name!r} has a backslash or a control character")
    for part in name.split("/"):
        if part in ("", ".", ".."):
            raise ValueError(f"{name!r} has an empty part, or one that leads elsewhere")
        if part[1:2] == ":" and _DRIVE.match(part):
            raise ValueError(f"{name!r} has a drive letter")
    if len(name.encode()) > _NAME_BYTES:
        raise ValueError("the name is too long")
    return name


def pieces(entry: Entry, check: Callable[[], None]) -> Iterator[bytes]:
    """The bytes of a file, 256 KiB at a time; ``check`` is called before each.

    Raises Unreadable if it cannot be read, or has not the size that it should have.
    """
    left = entry.size
    try:
        with entry.source.open("rb", buffering=0) as stream:
            while left:
                check()
                if not (piece := stream.read(min(left, CHUNK_BYTES))):
                    raise Unreadable(entry.name, f"it is {left} bytes shorter than it should be")
                left -= len(piece)
                yield piece
            if stream.read(1):
                raise Unreadable(entry.name, "it is longer than it should be")
    except OSError as cause:
        raise Unreadable(entry.name, cause.strerror or str(cause)) from cause


def whole(entry: Entry, check: Callable[[], None]) -> bytes:
    """The bytes of a small file at once: the same as all ``pieces``, and faster."""
    check()
    try:
        descriptor = os.open(entry.source, _FLAGS)
        try:
            content = os.read(descriptor, entry.size + 1)
        finally:
            os.close(descriptor)
    except OSError as cause:
        raise Unreadable(entry.name, cause.strerror or str(cause)) from cause
    return content if len(content) == entry.size else b"".join(pieces(entry, check))
