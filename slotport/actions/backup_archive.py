"""The file that a backup is: a plain tar that is written and read as a stream (docs/backup.md).

``slotport.json`` says what follows: of each table its rows, in pieces that are compressed one by one; of each file
its bytes, or that it was not there; ``manifest.json`` with what was counted on the way. The last member, ``SHA256``,
is the hash of all bytes before it, so that no byte of the archive can change unseen.
"""

import gzip
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Literal, Protocol

import msgspec
from msgspec import Struct

from slotport.errors import SlotportError
from slotport.storage.dump import Counted, Shape

VERSION = 1
HEAD, MANIFEST, DIGEST = "slotport.json", "manifest.json", "SHA256"
TABLES = "tables"  #: folder of rows
CHUNK_BYTES = 1024 * 1024
PIECE_BYTES = 1024 * 1024  #: of lines in one member, about
_LEVEL = 4  #: of gzip: half the time of 6 for a twentieth more bytes
_BLOCK = tarfile.BLOCKSIZE
_TAIL_BYTES = 4 * _BLOCK  #: header and content of the last member, and the end of the tar
_MOST_JSON_BYTES = 64 * CHUNK_BYTES


class Damaged(SlotportError):
    """The archive is cut, or not what was written; the text says where."""


class Head(Struct, frozen=True, kw_only=True):
    """What an archive is, before all else."""

    format: Literal["slotport-backup"] = "slotport-backup"
    version: int = VERSION
    slotport: str  #: version of the program
    schema: str  #: of the database
    database: str  #: its kind
    made_at: datetime
    tables: tuple[Shape, ...]


class FileCounts(Struct, frozen=True, kw_only=True):
    """The files that the store named."""

    count: int = 0  #: in the archive
    bytes: int = 0
    removed: int = 0  #: gone when their turn came, and no longer named by then
    missing: int = 0  #: gone or unreadable, though still named
    differing: int = 0  #: in the archive, with other bytes than the store says


class Manifest(Struct, frozen=True, kw_only=True):
    """What an archive holds, after all else."""

    tables: dict[str, Counted]
    sequences: dict[str, int]
    files: FileCounts


class Tell(Protocol):
    """Is told how far a piece of work is."""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """``total`` None: nobody knows."""


class Writer:
    """Writes an archive, member by member, onto a stream that need not be a file."""

    def __init__(self, stream: IO[bytes], made_at: datetime) -> None:
        self._stream = stream
        self._made_at = int(made_at.timestamp())
        self._digest = sha256()

    def add(self, name: str, content: bytes) -> None:
        """One member."""
        self._write(self._header(name, len(content), self._made_at))
        self._write(content)
        self._write(bytes(-len(content) % _BLOCK))

    def add_lines(self, table: str, number: int, lines: bytes) -> None:
        """One piece of a table's rows."""
        self.add(f"{TABLES}/{table}/{number:06}.jsonl.gz", gzip.compress(lines, _LEVEL, mtime=0))

    def add_stream(self, name: str, source: IO[bytes], size: int, modified: int, tell: Callable[[int], None]) -> str:
        """A file of that size in bytes, the time in seconds; the SHA-256 of what could be read of it, in hex.

        ``tell`` is told the bytes as they pass. Where the file cannot be read or ends early, zeros stand.
        """
        self._write(self._header(name, size, modified))
        digest, left = sha256(), size
        while left:
            try:
                piece = source.read(min(CHUNK_BYTES, left))
            except OSError:
                piece = b""
            if not piece:
                break
            digest.update(piece)
            self._write(piece)
            left -= len(piece)
            tell(len(piece))
        while left:
            zeros = bytes(min(CHUNK_BYTES, left))
            self._write(zeros)
            left -= len(zeros)
        self._write(bytes(-size % _BLOCK))
        return digest.hexdigest()

    def close(self) -> None:
        """Write the last member."""
        self._stream.write(_tail(self._digest.hexdigest(), self._made_at))

    def _write(self, content: bytes) -> None:
        self._digest.update(content)
        self._stream.write(content)

    @staticmethod
    def _header(name: str, size: int, modified: int) -> bytes:
        about = tarfile.TarInfo(name)
        about.size, about.mtime, about.mode = size, max(0, modified), 0o600
        return about.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")


def _tail(digest: str, made_at: int) -> bytes:
    about = tarfile.TarInfo(DIGEST)
    about.size, about.mtime, about.mode = len(digest), made_at, 0o600
    content = about.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict") + digest.encode()
    return content + bytes(_TAIL_BYTES - len(content))


def is_whole(path: Path, tell: Tell) -> bool:
    """Whether the archive is, byte for byte, what was written. Raises OSError if it cannot be read."""
    size = path.stat().st_size
    if size < _TAIL_BYTES:
        return False
    digest, left = sha256(), size - _TAIL_BYTES
    with path.open("rb") as stream:
        while left and (piece := stream.read(min(CHUNK_BYTES, left))):
            digest.update(piece)
            left -= len(piece)
            tell("reading", size - _TAIL_BYTES - left, size)
        tail = stream.read()
    try:
        about = tarfile.TarInfo.frombuf(tail[:_BLOCK], "utf-8", "strict")
    except tarfile.TarError:
        return False
    return left == 0 and tail == _tail(digest.hexdigest(), int(about.mtime))


class Member(Struct, frozen=True, kw_only=True):
    """One member of an archive that is read."""

    name: str
    size: int
    modified: int  #: seconds since 1970
    stream: IO[bytes]

    def content(self) -> bytes:
        """All of it. Raises Damaged."""
        if self.size > _MOST_JSON_BYTES:
            raise Damaged(f"{self.name}: is larger than it can be")
        return b"".join(self.pieces())

    def lines(self) -> bytes:
        """The rows in it. Raises Damaged."""
        try:
            return gzip.decompress(self.content())
        except (OSError, EOFError, zlib.error) as cause:
            raise Damaged(f"{self.name}: {cause}") from cause

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, some at a time. Raises Damaged if there are too few."""
        left = self.size
        while left:
            try:
                piece = self.stream.read(min(CHUNK_BYTES, left))
            except tarfile.TarError:
                piece = b""
            if not piece:
                raise Damaged(f"{self.name}: the archive ends in it")
            left -= len(piece)
            yield piece


@contextmanager
def opened(path: Path) -> Iterator[Iterator[Member]]:
    """The members of an archive, one after the other; each is read before the next. Reading on raises Damaged."""
    try:
        tar = tarfile.open(path, "r:", encoding="utf-8", errors="strict")  # noqa: SIM115 # closed below
    except tarfile.TarError as cause:
        raise Damaged(f"{path.name} is no backup of Slotport: {cause}") from cause
    with tar:
        yield _members(tar)


def _members(tar: tarfile.TarFile) -> Iterator[Member]:
    try:
        while (about := tar.next()) is not None:
            tar.members = []  # type: ignore[attr-defined] # it would remember all of them
            stream = tar.extractfile(about) if about.isreg() else None
            if stream is None:
                raise Damaged(f"{about.name}: is no plain file")
            yield Member(name=about.name, size=about.size, modified=int(about.mtime), stream=stream)
    except (tarfile.TarError, UnicodeDecodeError) as cause:
        raise Damaged(f"the archive cannot be read any further: {cause}") from cause


def head_of(members: Iterator[Member]) -> Head:
    """The first member. Raises Damaged."""
    first = next(members, None)
    if first is None or first.name != HEAD:
        raise Damaged("this is no backup of Slotport")
    content = first.content()
    try:
        version = msgspec.json.decode(content, type=_Version).version
        if version > VERSION:
            raise Damaged("a newer Slotport made this backup: install that version")
        return msgspec.json.decode(content, type=Head)
    except msgspec.MsgspecError as cause:
        raise Damaged(f"{HEAD}: {cause}") from cause


class _Version(Struct):
    format: Literal["slotport-backup"]
    version: int


def manifest_of(member: Member) -> Manifest:
    """What the member says that the archive holds. Raises Damaged."""
    try:
        return msgspec.json.decode(member.content(), type=Manifest)
    except msgspec.MsgspecError as cause:
        raise Damaged(f"{MANIFEST}: {cause}") from cause
