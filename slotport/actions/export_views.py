"""What people look at of an export, page by page: its state, runs, log, and the folders of its result."""

import unicodedata
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from slotport.actions import export_results
from slotport.actions.export_states import found
from slotport.core.account import Account
from slotport.core.export import Archive, Export, File, LoggedEvent, Run, State
from slotport.core.slot import is_storable
from slotport.depot import depot_of
from slotport.errors import WireError
from slotport.settings import Settings
from slotport.storage import export_events, export_files, runs
from slotport.storage import exports as stored
from slotport.storage.export_files import Child
from slotport.storage.store import Store

ENTRIES = 100  #: of a folder, at a time
LOG_EVENTS = 50  #: at a time
TEXT_BYTES = 100_000  #: of a file that are shown


class Overview(Struct, frozen=True, kw_only=True):
    """An export as its page shows it."""

    export: Export
    archives: list[Archive]
    passkey_expires_at: datetime | None
    log: list[LoggedEvent]  #: the newest events, the newest first


class Folder(Struct, frozen=True, kw_only=True):
    """A part of what lies right in a folder of a result."""

    export: Export
    path: str  #: without slashes at its ends; "" is the whole result
    entries: list[Child]
    more: str  #: behind which entry it goes on; "" if this is all
    count: int  #: files below it, at every depth


class Beginning(Struct, frozen=True, kw_only=True):
    """The beginning of a file's text."""

    file: File
    text: str | None  #: None: it is no text
    is_cut: bool


def overview(store: Store, owner: Account, export_id: int, *, log_events: int = 8) -> Overview:
    """The own export of that id, and the newest of its log. Raises WireError: export_not_found."""
    with store.read() as transaction:
        export = found(transaction, owner, export_id)
        is_done = export.result is not None and export.state is State.DONE
        secret = stored.secret_of(transaction, export_id)
        return Overview(
            export=export,
            archives=runs.archives(transaction, export.result.id) if export.result and is_done else [],
            passkey_expires_at=secret.expires_at if secret else None,
            log=export_events.log_page(transaction, export_id, before_id=2**63 - 1, limit=log_events),
        )


def history(store: Store, owner: Account, export_id: int) -> tuple[Export, list[Run]]:
    """The export, and its runs that are remembered, the newest first. Raises WireError: export_not_found."""
    with store.read() as transaction:
        return found(transaction, owner, export_id), runs.listed(transaction, export_id)


def log_page(store: Store, owner: Account, export_id: int, *, before_id: int) -> tuple[Export, list[LoggedEvent]]:
    """The export, and what its log says before that event, the newest first; an event more than a page if there is.

    Raises WireError: export_not_found.
    """
    with store.read() as transaction:
        export = found(transaction, owner, export_id)
        return export, export_events.log_page(transaction, export_id, before_id=before_id, limit=LOG_EVENTS + 1)


def folder(store: Store, owner: Account, export_id: int, path: str, *, after: str = "") -> Folder:
    """The entries of a folder of the newest result, those behind the entry ``after``.

    Raises WireError: export_not_found, export_not_done (there is no result), export_file_not_found.
    """
    path = unicodedata.normalize("NFC", path.strip("/"))
    with store.read() as transaction:
        export = found(transaction, owner, export_id)
        run_id = export_results.result_of(export, last=True)
        if not is_storable(path + after) or (path and not runs.is_folder(transaction, run_id, path)):
            raise WireError(
                "error.user.export_file_not_found",
                "There is no such folder.",
                parameters={"id": str(export_id), "path": path[:255].encode(errors="replace").decode()},
            )
        entries = export_files.children(transaction, run_id, path, after=after, limit=ENTRIES + 1)
        shown = entries[:ENTRIES]
        return Folder(
            export=export,
            path=path,
            entries=shown,
            more="" if len(entries) <= ENTRIES else shown[-1].name + ("/" if shown[-1].is_folder else ""),
            count=export_files.count(transaction, run_id, below=path),
        )


def beginning(store: Store, owner: Account, export_id: int, path: str, *, settings: Settings) -> Beginning:
    """The first 100,000 bytes of a file of the newest result, if that is text in UTF-8.

    Raises what ``export_results.find_file`` raises, and export_file_not_found if the file is gone.
    """
    wanted = export_results.find_file(store, owner, export_id, path, last=True, settings=settings)
    content = _read(wanted.place, settings)
    is_cut = len(content) > TEXT_BYTES
    return Beginning(file=wanted.file, text=_text(content[:TEXT_BYTES], is_cut=is_cut), is_cut=is_cut)


def _read(place: Path, settings: Settings) -> bytes:
    try:
        with depot_of(settings).open(place) as stream:
            return stream.read(TEXT_BYTES + 1)
    except FileNotFoundError as cause:
        raise WireError("error.user.export_file_not_found", "The file is gone.") from cause


def _text(content: bytes, *, is_cut: bool) -> str | None:
    for spare in range(4 if is_cut else 1):  # a letter may be cut in two
        try:
            text = content[: len(content) - spare].decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def newest(store: Store, owner: Account, number: int, *, size: int) -> tuple[int, list[Export], int, int]:
    """How many exports the person has, a page of them with the newest first, the page's number, and the last one's.

    A number that is none of a page means the nearest.
    """
    with store.read() as transaction:
        count = stored.count(transaction, owner.id)
        last = max(1, -(-count // size))
        number = max(1, min(number, last))
        end = count - (number - 1) * size
        begin = max(0, end - size)
        found_ones = stored.listed(transaction, owner.id, (), limit=end - begin, offset=begin) if count else []
        return count, found_ones[::-1], number, last
