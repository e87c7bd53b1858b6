"""Files that wait between their upload and their import, with the previews that were made of them.

They lie in the depot, so that every process that serves the same account finds them, below
``imports/<account id>/<name>/``: ``file/`` holds the bytes and what they seem to be, ``previews/<name>/`` a preview,
``reports/<name>/`` what became of its import. Names cannot be guessed, begin with the second of the upload, and no
file is ever written twice. After an hour all of it is dropped; the bytes go as soon as they are imported.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from slotport.actions.import_listings import Listing
from slotport.actions.imports import FileChunks, Recognised
from slotport.actions.report import Report
from slotport.core.account import Account
from slotport.depot import Depot
from slotport.errors import NotFound, Unavailable

KEPT = timedelta(hours=1)
MOST = 5  #: files of one account; the oldest makes room
MOST_OF_ALL = 500  #: files that wait at a time
MOST_PREVIEWS = 30  #: of one file
NAME_LENGTH = 200  #: characters of a file's name that are kept
_NAME = re.compile(r"[0-9a-f]{8,12}-[A-Za-z0-9_-]{32}")
_FILE, _ABOUT = "sent", "about.json"

T = TypeVar("T")


class Reading(Struct, frozen=True, kw_only=True):
    """How a file is to be read, as a person said it."""

    encoding: str | None = None
    date_order: str | None = None
    group: str | None = None  #: uuid
    strict: bool = False


class Uploaded(Struct, frozen=True, kw_only=True):
    """A file that waits."""

    id: str
    name: str  #: as the browser called it
    size_bytes: int
    seems: Recognised
    reading: Reading


class Previewed(Struct, frozen=True, kw_only=True):
    """A preview that was made of a file."""

    id: str
    reading: Reading
    listing: Listing


class Done(Struct, frozen=True, kw_only=True):
    """What became of an import; ``left_out``: records that were not chosen."""

    name: str
    report: Report
    left_out: int


class Chunks:
    """Bytes, from the start each time they are asked for."""

    def __init__(self, begin: Callable[[], Iterator[bytes]]) -> None:
        self._begin = begin

    def __iter__(self) -> Iterator[bytes]:
        return self._begin()


def add(
    depot: Depot,
    caller: Account,
    chunks: Iterable[bytes],
    *,
    name: str,
    seems: Recognised,
    reading: Reading,
    now: datetime,
) -> Uploaded:
    """Keep a file of the caller's for an hour. Raises Unavailable if too many wait."""
    _make_room(depot, caller, now)
    made = f"{int(now.timestamp()):08x}-{secrets.token_urlsafe(24)}"
    place = _folder(depot, caller, made)
    folder = place / "file"
    folder.mkdir(parents=True)
    try:
        size = 0
        with (folder / _FILE).open("wb") as file:
            for chunk in chunks:
                size += file.write(chunk)
        uploaded = Uploaded(id=made, name=name[:NAME_LENGTH], size_bytes=size, seems=seems, reading=reading)
        (folder / _ABOUT).write_bytes(msgspec.json.encode(uploaded))
        depot.keep(folder)
    except BaseException:
        depot.drop(place)
        raise
    return uploaded


def get(depot: Depot, caller: Account, name: str, *, now: datetime) -> Uploaded:
    """The caller's file. Raises NotFound once it is gone."""
    return _read(depot, _place(depot, caller, name, now) / "file" / _ABOUT, Uploaded)


def chunks_of(depot: Depot, caller: Account, uploaded: Uploaded, *, now: datetime) -> Chunks:
    """The file's bytes. They raise NotFound once it is gone, as it may be in the middle of them."""
    place = _place(depot, caller, uploaded.id, now) / "file" / _FILE

    def begin() -> Iterator[bytes]:
        try:
            yield from FileChunks(depot.present(place))
        except FileNotFoundError as cause:
            raise _gone() from cause

    return Chunks(begin)


def add_preview(
    depot: Depot, caller: Account, uploaded: Uploaded, reading: Reading, listing: Listing, *, now: datetime
) -> Previewed:
    """Keep a preview with its file."""
    place = _place(depot, caller, uploaded.id, now) / "previews"
    older = depot.folders(place)
    for folder in older[: len(older) - MOST_PREVIEWS + 1]:
        depot.drop(folder)
    previewed = Previewed(
        id=f"{int(now.timestamp()):08x}-{secrets.token_urlsafe(24)}", reading=reading, listing=listing
    )
    _write(depot, place / previewed.id, previewed)
    return previewed


def get_preview(depot: Depot, caller: Account, file: str, name: str, *, now: datetime) -> Previewed:
    """A preview of the caller's file. Raises NotFound once it is gone."""
    return _read(depot, _part(depot, caller, file, "previews", name, now) / _ABOUT, Previewed)


def close(depot: Depot, caller: Account, file: str, preview: str, done: Done, *, now: datetime) -> None:
    """Keep what became of an import, and drop the file's bytes."""
    _write(depot, _part(depot, caller, file, "reports", preview, now), done)
    depot.drop(_place(depot, caller, file, now) / "file")


def get_done(depot: Depot, caller: Account, file: str, preview: str, *, now: datetime) -> Done:
    """What became of the import of a preview. Raises NotFound if there was none, or it is an hour old."""
    return _read(depot, _part(depot, caller, file, "reports", preview, now) / _ABOUT, Done)


def drop(depot: Depot, caller: Account, name: str, *, now: datetime) -> None:
    """Remove the caller's file. Raises NotFound if its name can be none."""
    depot.drop(_place(depot, caller, name, now))


def tidy(depot: Depot, now: datetime) -> int:
    """Remove all that is older than an hour; how many files that were."""
    count = 0
    for account in depot.folders(depot.root / "imports"):
        for folder in depot.folders(account):
            if not _is_live(folder.name, now):
                depot.drop(folder)
                count += 1
        with suppress(OSError):  # there are others in it
            account.rmdir()
    return count


def _make_room(depot: Depot, caller: Account, now: datetime) -> None:
    tidy(depot, now)
    own = depot.folders(depot.root / "imports" / str(caller.id))
    for folder in own[: max(0, len(own) - MOST + 1)]:
        depot.drop(folder)
    if sum(len(depot.folders(account)) for account in depot.folders(depot.root / "imports")) >= MOST_OF_ALL:
        raise Unavailable("too many files wait for their import at the moment; try again", retry_after_seconds=60)


def _is_live(name: str, now: datetime) -> bool:
    if not _NAME.fullmatch(name):
        return False
    made = int(name.partition("-")[0], 16)
    return now.timestamp() - KEPT.total_seconds() < made


def _folder(depot: Depot, caller: Account, name: str) -> Path:
    return depot.root / "imports" / str(caller.id) / name


def _place(depot: Depot, caller: Account, name: str, now: datetime) -> Path:
    """Where a file of that name lies; nobody but the caller gets there."""
    if not _is_live(name, now):
        raise _gone()
    return _folder(depot, caller, name)


def _part(depot: Depot, caller: Account, file: str, kind: str, name: str, now: datetime) -> Path:
    place = _place(depot, caller, file, now)
    if not _NAME.fullmatch(name):
        raise _gone()
    return place / kind / name


def _write(depot: Depot, folder: Path, value: Struct) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{_ABOUT}"
    draft.write_bytes(msgspec.json.encode(value))
    draft.rename(folder / _ABOUT)
    depot.keep(folder)


def _read(depot: Depot, path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(depot.present(path).read_bytes(), type=kind)
    except FileNotFoundError as cause:
        raise _gone() from cause


def _gone() -> NotFound:
    return NotFound("the file is no longer here: files wait for an hour; choose it again")
