"""Where media and results lie: a folder, or a bucket of an S3 service with a folder of copies (docs/operations.md).

All code works on paths below one folder. On a bucket what is written there is kept by ``keep`` under the path relative
to the folder, and comes back by ``present`` or ``open`` wherever it is not.
"""

import io
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast
from uuid import uuid4

import structlog

from slotport.errors import Unavailable
from slotport.settings import Settings

if TYPE_CHECKING:
    from obstore import ReadableFile

CHUNK_BYTES = 4 * 1024 * 1024
COPY = ".copy"  #: ending of a copy that is being made
FRESH_SECONDS = 3600  #: copies that were used so short ago stay

log = structlog.get_logger("slotport")


class Depot:
    """A folder that several processes may share. All its methods raise OSError where a disk says no."""

    is_bucket = False  #: whether what is here may be missing in the folder

    def __init__(self, root: Path) -> None:
        self.root = root

    def __str__(self) -> str:
        return str(self.root)

    def is_empty(self) -> bool:
        """Whether nothing at all is here."""
        return not self.root.is_dir() or not any(self.root.iterdir())

    def present(self, path: Path) -> Path:
        """The path, once the file is there. Raises FileNotFoundError if it is nowhere."""
        if not path.is_file():
            raise FileNotFoundError(path.name)
        return path

    def open(self, path: Path) -> BinaryIO:
        """The file, to be read from any place on. Raises FileNotFoundError if it is nowhere."""
        return path.open("rb")

    def has(self, path: Path) -> bool:
        """Whether the file is anywhere."""
        return path.is_file()

    def keep(self, folder: Path) -> None:
        """Have all files below the folder kept before this returns."""

    def drop(self, folder: Path) -> None:
        """Remove the folder with all that is kept of it."""
        remove_here(folder)

    def folders(self, path: Path) -> list[Path]:
        """The folders in a folder, by name."""
        return [place for place in sorted(path.iterdir()) if place.is_dir()] if path.is_dir() else []

    def changed_at(self, place: Path) -> float:
        """When the file or folder changed last, in seconds since 1970; 0 if it is nowhere."""
        try:
            return place.stat().st_mtime
        except FileNotFoundError:
            return 0

    def trim(self, most_bytes: int) -> int:
        """Remove the copies that were not used for longest, until no more than that are left; how many went."""
        return 0


def remove_here(folder: Path) -> None:
    """Remove a folder of this machine, which has its name no longer from the first moment on."""
    if folder.exists():
        doomed = folder.with_name(f"{folder.name}.gone")
        shutil.rmtree(doomed, ignore_errors=True)
        with suppress(FileNotFoundError):
            folder.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


class Bucket(Depot):
    """A bucket: the folder holds what is being written, and copies of what was read."""

    is_bucket = True

    def __init__(self, root: Path, settings: Settings) -> None:
        super().__init__(root)
        # a large library that only those need who have a bucket
        import obstore
        from obstore.store import S3Store

        self._library = obstore
        self._name = settings.files
        name, _, prefix = settings.files.removeprefix("s3://").partition("/")
        endpoint = settings.files_endpoint
        self._store = S3Store(
            name,
            prefix=prefix.strip("/") or None,
            region=settings.files_region,
            access_key_id=settings.files_access_key or None,
            secret_access_key=settings.files_secret_key or None,
            endpoint=endpoint or f"https://s3.{settings.files_region}.amazonaws.com",
            virtual_hosted_style_request=not endpoint,
            client_options={"allow_http": endpoint.startswith("http://"), "timeout": "60s", "connect_timeout": "10s"},
            retry_config={"max_retries": 3},
        )

    def __str__(self) -> str:
        return self._name

    def is_empty(self) -> bool:
        """Whether nothing at all is here or in the bucket."""
        with _translated(self.root):
            return super().is_empty() and not any(self._library.list(self._store, chunk_size=1))

    def present(self, path: Path) -> Path:
        """The path, once a copy of the file is there."""
        if path.is_file():
            with suppress(OSError):
                os.utime(path)
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{uuid4()}{COPY}")
        try:
            with draft.open("wb") as stream, _translated(path):
                for piece in self._library.get(self._store, self._key(path)).stream(min_chunk_size=CHUNK_BYTES):
                    stream.write(piece)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        return path

    def open(self, path: Path) -> BinaryIO:
        """The copy, if there is one, else the bucket's file piece by piece."""
        if path.is_file():
            return path.open("rb")
        with _translated(path):
            reader = self._library.open_reader(self._store, self._key(path), buffer_size=CHUNK_BYTES)
        return cast(BinaryIO, io.BufferedReader(_Remote(reader, path), CHUNK_BYTES))

    def has(self, path: Path) -> bool:
        """Whether the file is here or in the bucket."""
        if path.is_file():
            return True
        try:
            with _translated(path):
                self._library.head(self._store, self._key(path))
        except FileNotFoundError:
            return False
        return True

    def keep(self, folder: Path) -> None:
        """Store all files below the folder in the bucket."""
        for place, _, names in os.walk(folder):
            for name in names:
                path = Path(place, name)
                if name.endswith(COPY):
                    continue
                with _translated(path):
                    self._library.put(self._store, self._key(path), path)

    def drop(self, folder: Path) -> None:
        """Remove the folder here, and all files of its name in the bucket."""
        super().drop(folder)
        with _translated(folder):
            for found in self._library.list(self._store, prefix=f"{self._key(folder)}/", chunk_size=500):
                self._library.delete(self._store, [str(one["path"]) for one in found])

    def folders(self, path: Path) -> list[Path]:
        """The folders in a folder, here and in the bucket, by name."""
        with _translated(path):
            found = self._library.list_with_delimiter(self._store, prefix=f"{self._key(path)}/")
        there = {self.root / str(prefix) for prefix in found["common_prefixes"]}
        return sorted(there.union(super().folders(path)))

    def changed_at(self, place: Path) -> float:
        """When the file, or a file of the folder, changed last, here or in the bucket."""
        newest = super().changed_at(place)
        with _translated(place):
            for found in self._library.list(self._store, prefix=self._key(place), chunk_size=500):
                newest = max(newest, *(one["last_modified"].timestamp() for one in found))
        return newest

    def trim(self, most_bytes: int) -> int:
        """Remove copies, but none that is being written or was used within the hour."""
        files = []
        for place, _, names in os.walk(self.root):
            if ".staging" in place or f"{os.sep}incoming" in place:
                continue
            for name in names:
                with suppress(FileNotFoundError):
                    status = Path(place, name).stat()
                    files.append((max(status.st_atime, status.st_mtime), status.st_size, Path(place, name)))
        left = sum(size for _, size, _ in files)
        before = time.time() - FRESH_SECONDS
        count = 0
        for used_at, size, path in sorted(files):
            if left <= most_bytes or used_at > before:
                break
            path.unlink(missing_ok=True)
            left -= size
            count += 1
        return count

    def _key(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


class _Remote(io.RawIOBase):
    """A file of the bucket."""

    def __init__(self, reader: "ReadableFile", path: Path) -> None:
        super().__init__()
        self._reader = reader
        self._path = path

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go on reading from there."""
        with _translated(self._path):
            return self._reader.seek(offset, whence)

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Fill the buffer as far as it goes."""
        with _translated(self._path):
            piece = bytes(self._reader.read(len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Raise what the library raises as FileNotFoundError, or as Unavailable with its first words."""
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(path.name) from None
    except BaseError as cause:
        if type(cause).__name__ == "NotFoundError":
            raise FileNotFoundError(path.name) from None
        log.warning("the store of files does not do what it should", file=path.name, reason=str(cause)[:1000])
        raise Unavailable("the store of files cannot be reached; try again") from cause


def depot_of(settings: Settings) -> Depot:
    """Where the settings say that files lie."""
    return _depot(settings.files_folder, settings if settings.files.startswith("s3://") else None)


@lru_cache(maxsize=8)
def _depot(root: Path, bucket: Settings | None) -> Depot:
    return Depot(root) if bucket is None else Bucket(root, bucket)
