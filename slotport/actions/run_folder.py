"""Where the files of a run lie: ``<files>/exports/<export id>/<run id>/``, with ``.staging`` until published.

Below that, ``files`` is the result, ``archives`` what packers made of it, and ``work`` what the run itself needs. A
step writes all of its files anew when it runs again, so that what a crash left behind does no harm.
"""

import errno
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import BinaryIO

import msgspec

from slotport.core.export import File
from slotport.depot import Depot, remove_here
from slotport.errors import TooLarge

_SYNCED_ONE_BY_ONE = 64  #: files; more are written back by one call for the whole system
TOO_LARGE = "the result is larger than the setting max_export_bytes allows"


class RunFolder:
    """The folder of one run, staged or published."""

    def __init__(self, depot: Depot, export_id: int, run_id: str) -> None:
        self._depot = depot
        self.published = depot.root / "exports" / str(export_id) / run_id
        self.staging = self.published.with_name(f"{run_id}.staging")

    @property
    def files(self) -> Path:
        """The result, while it is written."""
        return self.staging / "files"

    @property
    def archives(self) -> Path:
        """What packers make of it."""
        return self.staging / "archives"

    @property
    def work(self) -> Path:
        """What the run itself needs."""
        return self.staging / "work"

    def make(self) -> None:
        """Make the staging folder, empty."""
        self.remove_staging()
        for folder in (self.files, self.archives, self.work):
            folder.mkdir(parents=True)

    def found(self, name: str) -> Path | None:
        """A file of the published folder; None if there is none."""
        try:
            return self._depot.present(self.published / name)
        except FileNotFoundError:
            return None

    def publish(self) -> None:
        """Turn the staging folder into the published one, at once; done already, it stays."""
        if not self.staging.exists() and self.published.exists():
            return
        shutil.rmtree(self.work, ignore_errors=True)
        self._write_back()
        if self.published.exists():
            shutil.rmtree(self.published)
        self.staging.rename(self.published)
        _sync(self.published.parent)
        self._depot.keep(self.published)

    def remove_staging(self) -> None:
        """Remove what is staged."""
        remove_here(self.staging)

    def remove_published(self) -> None:
        """Remove what is published, and the export's folder if it was the last."""
        self._depot.drop(self.published)
        with suppress(OSError):
            self.published.parent.rmdir()

    def remove(self) -> None:
        """Remove all of it, and the export's folder if it was the last."""
        remove_here(self.staging)
        self.remove_published()

    def _write_back(self) -> None:
        """Have the system write everything to the disk."""
        paths: list[Path] = []
        for folder, _, names in os.walk(self.staging):
            paths.extend(Path(folder, name) for name in names)
            if len(paths) > _SYNCED_ONE_BY_ONE:
                os.sync()
                return
        for path in paths:
            _sync(path)
        _sync(self.staging)


class Output:
    """Writes the files of one step, and keeps the list of them in ``work``."""

    def __init__(
        self, folder: RunFolder, step: str, modified: datetime, *, check: Callable[[], None], limit: int
    ) -> None:
        self._folder = folder
        self._list = folder.work / f"{step}.files"
        self._modified = modified
        self._check = check
        self._left = limit
        self._encoder = msgspec.msgpack.Encoder()
        self._stream = anew(folder.work / f"{step}.files.part")
        self.count = 0
        self.size = 0

    def write(self, path: str, pieces: Iterable[bytes], media_type: str, *, objects: tuple[int, ...] = ()) -> File:
        """Write one file below ``files`` in pieces. Raises TooLarge when all together are over the limit."""
        target = self._folder.files / path
        target.parent.mkdir(parents=True, exist_ok=True)
        digest, size = sha256(), 0
        with anew(target) as stream:
            for piece in pieces:
                self._check()
                stream.write(piece)
                digest.update(piece)
                size += len(piece)
                if size > self._left:
                    raise TooLarge(TOO_LARGE)
        file = File(
            path=path,
            size=size,
            sha256=digest.hexdigest(),
            media_type=media_type,
            modified=self._modified,
            objects=objects,
        )
        self.note(file)
        return file

    def write_in_turns(self, pieces: Iterable[tuple[str, bytes]], media_type: str) -> None:
        """Write several files, whose pieces come in any order with the paths that they belong to."""
        sizes: dict[str, int] = {}
        for path, piece in pieces:
            self._check()
            target = self._folder.files / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("ab") if path in sizes else anew(target) as stream:
                stream.write(piece)
            sizes[path] = sizes.get(path, 0) + len(piece)
            if sum(sizes.values()) > self._left:
                raise TooLarge(TOO_LARGE)
        for path in sorted(sizes):
            with (self._folder.files / path).open("rb") as stream:
                digest = file_digest(stream, "sha256").hexdigest()
            self.note(File(path=path, size=sizes[path], sha256=digest, media_type=media_type, modified=self._modified))

    def note(self, file: File) -> None:
        """Count a file that was written otherwise."""
        _write_record(self._stream, self._encoder.encode(file))
        self.count += 1
        self.size += file.size
        self._left -= file.size
        if self._left < 0:
            raise TooLarge(TOO_LARGE)

    def close(self) -> dict[str, int]:
        """The step's result: how many files of how many bytes."""
        self._stream.close()
        Path(self._stream.name).rename(self._list)
        return {"files": self.count, "bytes": self.size}


def anew(path: Path, *, buffer_bytes: int = -1) -> BinaryIO:
    """An empty file to write; what a process that seemed dead writes to the old one of that name ends nowhere."""
    path.unlink(missing_ok=True)
    return path.open("wb", buffering=buffer_bytes)


def listed(folder: RunFolder, steps: Iterable[str]) -> Iterator[File]:
    """The files that the steps wrote, step by step, in the order of writing."""
    decoder = msgspec.msgpack.Decoder(File)
    for step in steps:
        for record in read_records(folder.work / f"{step}.files"):
            yield decoder.decode(record)


def read_records(path: Path) -> Iterator[bytes]:
    """The records of a file of records, in order; none if there is no such file. Raises OSError if it was cut."""
    if not path.exists():
        return
    with path.open("rb", buffering=1024 * 1024) as stream:
        while length := stream.read(4):
            body = stream.read(size := int.from_bytes(length, "little"))
            if len(body) < size:
                raise OSError(errno.EIO, "a file of the run is damaged")
            yield body


def _write_record(stream: object, record: bytes) -> None:
    stream.write(len(record).to_bytes(4, "little") + record)  # type: ignore[attr-defined]


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
