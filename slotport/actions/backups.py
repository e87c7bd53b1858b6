"""Backups: the whole store, rows and files, in one archive, while the server goes on (docs/backup.md).

The rows are of one moment. The files are copied after it, those that the rows name: they never change, and one that
was removed since, because a result expired or an export was deleted, is noted as such.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Struct

from slotport import __version__
from slotport.actions import assets
from slotport.actions.backup_archive import HEAD, MANIFEST, PIECE_BYTES, FileCounts, Head, Manifest, Tell, Writer
from slotport.actions.run_folder import RunFolder
from slotport.depot import Depot, depot_of
from slotport.errors import Conflict, SlotportError
from slotport.settings import Settings
from slotport.storage import dump, dump_files, schema
from slotport.storage.dump import Counted, Counting, Shape, Source
from slotport.storage.dump_files import NamedFile
from slotport.storage.store import Transaction

#: folders of the archive: files, and in their places what was not there
FILES, REMOVED, MISSING = "files", "removed", "missing"


class Written(Struct, frozen=True, kw_only=True):
    """An archive that was written."""

    rows: int
    files: FileCounts
    size: int  #: bytes of the archive

    @property
    def is_complete(self) -> bool:
        """Whether every file that the store names is in it, as the store says it is."""
        return not (self.files.missing or self.files.differing)


def path_of(file: NamedFile) -> str:
    """Where a file lies below the files folder."""
    if file.place == "media":
        place = assets.folder_of(Path(), file.owner) / f"{file.name or assets.ORIGINAL}.{file.extension}"
    else:
        place = RunFolder(Depot(Path()), file.owner, file.run_id).published / file.place / file.name
    return place.as_posix()


def write(settings: Settings, target: Path, *, now: datetime, tell: Tell) -> Written:
    """Write the store into a file, which only its owner can read, and which is whole or does not appear.

    Raises Conflict if another backup is writing it; SlotportError if it cannot be written, or the store not be read.
    """
    try:
        with dump.source(settings.database_url) as source, _saved(target) as stream:
            writer = Writer(stream, now)
            with tempfile.TemporaryFile(prefix="slotport-backup-") as spool:
                with source.snapshot() as transaction:
                    tables, sequences = _write_rows(writer, source, transaction, now, tell)
                    total = dump_files.total(transaction)[1]
                    for named in dump_files.listed(transaction):
                        spool.write(msgspec.json.encode(named) + b"\n")
                spool.seek(0)
                files = _Files(writer, source, depot_of(settings), total, tell).write(spool)
            writer.add(MANIFEST, msgspec.json.encode(Manifest(tables=tables, sequences=sequences, files=files)))
            writer.close()
            stream.flush()
            size = stream.tell()
    except OSError as cause:
        raise SlotportError(f"{target} cannot be written: {cause.strerror}") from cause
    return Written(rows=sum(one.rows for one in tables.values()), files=files, size=size)


def _write_rows(
    writer: Writer, source: Source, transaction: Transaction, now: datetime, tell: Tell
) -> tuple[dict[str, Counted], dict[str, int]]:
    shapes = dump.shapes()
    head = Head(slotport=__version__, schema=schema.wanted(), database=source.database, made_at=now, tables=shapes)
    writer.add(HEAD, msgspec.json.format(msgspec.json.encode(head), indent=1))
    tables = {shape.name: _write_table(writer, transaction, shape, tell) for shape in shapes}
    return tables, dump.sequences(transaction)


def _write_table(writer: Writer, transaction: Transaction, shape: Shape, tell: Tell) -> Counted:
    counting = Counting()
    piece: list[bytes] = []
    size = number = 0
    for rows, lines in dump.lines(transaction, shape):
        counting.add(rows, lines)
        piece.append(lines)
        size += len(lines)
        if size >= PIECE_BYTES:
            number += 1
            writer.add_lines(shape.name, number, b"".join(piece))
            piece, size = [], 0
        tell(f"table {shape.name}", counting.rows, None)
    if piece:
        writer.add_lines(shape.name, number + 1, b"".join(piece))
    return counting.counted


class _Files:
    """Copies files, and counts them."""

    def __init__(self, writer: Writer, source: Source, depot: Depot, total: int, tell: Tell) -> None:
        self._writer, self._source, self._depot = writer, source, depot
        self._total, self._tell = total, tell
        self._done = 0
        self._counts = dict.fromkeys(FileCounts.__struct_fields__, 0)

    def write(self, spool: IO[bytes]) -> FileCounts:
        """Copy the files of a list, of which each has a line."""
        for line in spool:
            self._add(msgspec.json.decode(line, type=NamedFile))
        return FileCounts(**self._counts)

    def _add(self, named: NamedFile) -> None:
        path = path_of(named)
        try:
            with self._depot.open(self._depot.root / path) as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(0)
                modified = int(self._depot.changed_at(self._depot.root / path))
                digest = self._writer.add_stream(f"{FILES}/{path}", stream, size, modified, self._passed)
        except _NOT_THERE:
            with self._source.snapshot() as transaction:
                kind = MISSING if dump_files.is_named(transaction, named) else REMOVED
            self._writer.add(f"{kind}/{path}", b"")
            self._counts[kind] += 1
            return
        self._counts["count"] += 1
        self._counts["bytes"] += size
        self._counts["differing"] += (size, digest) != (named.size, named.sha256)

    def _passed(self, size: int) -> None:
        self._done += size
        self._tell("files", self._done, self._total)


_NOT_THERE = (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError)


@contextmanager
def _saved(target: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name when it is complete and on the disk."""
    part = target.with_name(f".{target.name}.part")
    stream = os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600), "wb")
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = part.stat().st_ino == os.fstat(stream.fileno()).st_ino
        except (BlockingIOError, FileNotFoundError):
            is_ours = False
        if not is_ours:  # or was, until it got its name
            raise Conflict(f"another backup is writing {target}")
        try:
            stream.truncate()
            os.fchmod(stream.fileno(), 0o600)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
