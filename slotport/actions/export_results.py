"""What a run made, for whoever fetches it: files, files as an archive, archives (docs/api/export-files.md).

Paths are looked up in the list of the run's files, and never joined to a folder before they were found there.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import structlog
from msgspec import Struct

from slotport.actions import export_passkeys, tries
from slotport.actions.export_states import found
from slotport.actions.run_folder import RunFolder
from slotport.actions.tries import Limit, source_of
from slotport.core.account import Account
from slotport.core.export import LINKED, Archive, Export, File, LoggedEvent, State, Transport
from slotport.core.export_input_transports import SPLITTING
from slotport.core.slot import is_storable
from slotport.depot import Depot, depot_of
from slotport.errors import SlotportError, Unavailable, WireError
from slotport.packers.zip_stream import Entry
from slotport.settings import Settings
from slotport.storage import export_events, export_files, export_polls, runs
from slotport.storage import exports as stored
from slotport.storage.store import Store, Transaction

PAGE = 500  #: files that are looked up at a time
PASSKEY_SECONDS = 60
#: newest downloads of an export that are remembered: whoever has a link can fetch as often as they like
DOWNLOADS_KEPT, FORGOTTEN_EVERY = 10_000, 100
TARS = ("tar_bz2", "tar.gz")  #: packers, the one whose content ``.tar`` is first
_NUMBER = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)  #: of a part
#: ending of a name: the packers whose archives it may mean
_ENDINGS = ((".tar.bz2", ("tar_bz2",)), (".tar.gz", ("tar.gz",)), (".tar", TARS), (".zip", ("zip",)))

log = structlog.get_logger("slotport")


class Details(Struct, frozen=True, kw_only=True):
    """An export with everything that answers show of it."""

    export: Export
    files: list[File]
    archives: list[Archive]
    log: list[LoggedEvent]


class FoundFile(Struct, frozen=True, kw_only=True):
    """A file of a result, and where it lies."""

    export: Export
    file: File
    place: Path


class Bundle(Struct, frozen=True, kw_only=True):
    """Files of a result that become an archive."""

    export: Export
    leaf: str  #: last part of the path that was asked for; empty: the whole result
    entries: Iterator[Entry]


class FoundArchive(Struct, frozen=True, kw_only=True):
    """An archive of a result, and where it lies."""

    export: Export
    archive: Archive
    transport: Transport
    place: Path
    is_unpacked: bool  #: the tar inside is meant
    name: str  #: what it is called
    extension: str


class Download(Struct, frozen=True, kw_only=True):
    """What was fetched, for the log."""

    export: Export
    url: str  #: the path, its passkey masked
    bytes_total: int | None
    transport_id: int | None = None
    file: File | None = None
    session_hash: bytes | None = None


def details(store: Store, owner: Account, export_id: int) -> Details:
    """The own export of that id with its files, archives and log, all of one moment; raises WireError."""
    with store.read() as transaction:
        export = found(transaction, owner, export_id)
        run_id = export.result.id if export.result is not None and export.state is State.DONE else None
        return Details(
            export=export,
            files=[] if run_id is None else runs.files(transaction, run_id),
            archives=[] if run_id is None else runs.archives(transaction, run_id),
            log=export_events.log_of(transaction, export_id),
        )


def find_file(store: Store, owner: Account, export_id: int, path: str, *, last: bool, settings: Settings) -> FoundFile:
    """The file of the export's result. ``last``: of the newest successful run, whatever came after it.

    Raises WireError: export_not_found, export_not_done, positional_parameter_expected, export_path_not_a_file,
    export_file_not_found.
    """
    path = _clean(path)
    with store.read() as transaction:
        export = found(transaction, owner, export_id)
        run_id = result_of(export, last=last)
        if not path:
            raise WireError("error.api.positional_parameter_expected", "The path of a file is missing.")
        file = runs.file_at(transaction, run_id, path)
        if file is None:
            raise _no_file(transaction, export, run_id, path)
    folder = RunFolder(depot_of(settings), export.id, run_id).published
    return FoundFile(export=export, file=file, place=folder / "files" / file.path)


def bundle(store: Store, owner: Account, export_id: int, path: str, *, last: bool, settings: Settings) -> Bundle:
    """The files below a folder of the export's result, one file, or without a path all of them.

    Raises WireError: export_not_found, export_not_done, export_file_not_found.
    """
    path = _clean(path)
    with store.read() as transaction:
        export = found(transaction, owner, export_id)
        run_id = result_of(export, last=last)
        file = runs.file_at(transaction, run_id, path) if path else None
        if path and file is None and not runs.is_folder(transaction, run_id, path):
            raise _no_file(transaction, export, run_id, path)
        count = 1 if file is not None else export_files.count(transaction, run_id, below=path)
    depot = depot_of(settings)
    folder = RunFolder(depot, export.id, run_id).published / "files"
    leaf = path.rpartition("/")[2]
    if file is not None:
        is_media = file.eas_id is not None
        entry = Entry(name=leaf, source=folder / file.path, size=file.size, modified=file.modified, is_media=is_media)
        entries = _there(depot, [entry])
    else:
        entries = _there(depot, _entries(store, run_id, folder, below=path, count=count))
    return Bundle(export=export, leaf=leaf, entries=entries)


def find_by_passkey(
    store: Store, export_id: int, passkey: str, *, address: str, settings: Settings, now: datetime
) -> Export | None:
    """The export whose archives the passkey opens now; None if it opens nothing.

    Raises TooManyTries after too many wrong passkeys from the address, right ones included.
    """
    name, most = f"passkey:{source_of(address)}", settings.passkey_attempts
    limits = [Limit(name=name, most=most, seconds=PASSKEY_SECONDS, blocks=True)]
    tries.look(store, limits, what="wrong passkeys", now=now)
    export = export_passkeys.find_by_passkey(store, export_id, passkey, now)
    if export is None:
        tries.take(store, limits, what="wrong passkeys", now=now)
    return export


def find_archive(store: Store, export: Export, name: str, *, settings: Settings) -> FoundArchive:
    """The archive of that name, which matters as far as it says which archive.

    Raises WireError: export_not_done, export_file_not_found.
    """
    run_id = result_of(export, last=False)
    with store.read() as transaction:
        archives = runs.archives(transaction, run_id)
    transports = {one.packing: one for one in reversed(export.transports) if one.type in LINKED}
    meant = _meant(name, [one for one in archives if one.packer in transports])
    if meant is None:
        raise WireError(
            "error.user.export_file_not_found",
            "There is no such archive.",
            parameters={"id": str(export.id), "path": name[:255]},
        )
    archive, extension, is_unpacked = meant
    return FoundArchive(
        export=export,
        archive=archive,
        transport=transports[archive.packer],
        place=RunFolder(depot_of(settings), export.id, run_id).published / "archives" / archive.file_name,
        name=archive.file_name.rpartition(".")[0] if is_unpacked else archive.file_name,
        is_unpacked=is_unpacked,
        extension=extension,
    )


def note_download(store: Store, download: Download, bytes_loaded: int, now: datetime) -> None:
    """Store that so many bytes were fetched, unless the export is gone; a store that is away loses it."""
    export, file = download.export, download.file
    about = {"_id": export.id, "_version": export.version}
    if download.transport_id is not None:
        about["_transport_id"] = download.transport_id
    info = {"bytes_total": download.bytes_total, "bytes_loaded": bytes_loaded, "url": download.url}
    media = {} if file is None or file.eas_id is None else {"asset_id": file.eas_id, "asset_version": file.eas_version}
    try:
        with store.write() as transaction:
            if not stored.lock(transaction, export.id):
                return
            event_id = export_events.add(
                transaction,
                export_id=export.id,
                owner_id=export.owner_id,
                version=export.version,
                type=export_polls.DOWNLOAD,
                info={**info, "export": about, **media},
                pollable=False,
                session_hash=download.session_hash,
                now=now,
            )
            if event_id % FORGOTTEN_EVERY == 0:
                export_polls.forget_downloads(transaction, export.id, but=DOWNLOADS_KEPT)
    except Unavailable as error:
        log.warning("a download was not noted", export=export.id, reason=str(error))


def discard(settings: Settings, export_id: int, run_ids: tuple[str, ...]) -> None:
    """Remove the published folders of runs; what a run stages it removes itself, as soon as it finds out."""
    for run_id in run_ids:
        RunFolder(depot_of(settings), export_id, run_id).remove_published()


# Parts


def _clean(path: str) -> str:
    path = path.strip("/")
    return unicodedata.normalize("NFC", path) if is_storable(path) else path


def result_of(export: Export, *, last: bool) -> str:
    """The id of the run whose files are meant. Raises WireError: export_not_done."""
    if export.result is not None and (export.state is State.DONE or last):
        return export.result.id
    raise WireError(
        "error.user.export_not_done",
        f"Export {export.id} is not done.",
        parameters={"id": str(export.id), "state": export.state.value},
    )


def _no_file(transaction: Transaction, export: Export, run_id: str, path: str) -> WireError:
    parameters = {"id": str(export.id), "path": path[:255].encode(errors="replace").decode()}
    if runs.is_folder(transaction, run_id, path):
        return WireError("error.user.export_path_not_a_file", "This path is a folder.", parameters=parameters)
    return WireError("error.user.export_file_not_found", "There is no such file.", parameters=parameters)


def _entries(store: Store, run_id: str, folder: Path, *, below: str, count: int) -> Iterator[Entry]:
    """The files one after the other, looked up in pages, so that no transaction stays open.

    Raises SlotportError if not all of them are there to the end: the run was removed meanwhile.
    """
    after, seen = -1, 0
    cut = len(below) - len(below.rpartition("/")[2])  # a folder's last part stays in the names
    while seen < count:
        with store.read() as transaction:
            members = export_files.page(transaction, run_id, below=below, after=after, limit=PAGE)
        if not members:
            raise SlotportError("the result was removed while it was sent")
        for one in members:
            name, source = one.path[cut:], folder / one.path
            yield Entry(name=name, source=source, size=one.size, modified=one.modified, is_media=one.is_media)
        after, seen = members[-1].position, seen + len(members)


def _there(depot: Depot, entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries, each once its file is on this machine. One that is nowhere is for the packer to complain of."""
    for entry in entries:
        with suppress(FileNotFoundError):
            depot.present(entry.source)
        yield entry


def _meant(name: str, archives: list[Archive]) -> tuple[Archive, str, bool] | None:
    """The archive that a name means, the ending that is its own, and whether its tar is meant.

    An archive's own name means it. Of all others only the ending counts. Where there are parts, what stands in the
    place of a number, and is made of no letters, is one or means nothing.
    """
    exact = [one for one in archives if one.file_name == name]
    parts = [one for one in archives if one.packer in SPLITTING]
    ending, packers = next((pair for pair in _ENDINGS if name.lower().endswith(pair[0])), ("", ()))
    _, dot, word = name[: -len(ending)].rpartition(".") if ending == ".zip" else ("", "", "")
    if parts and dot and not any(map(str.isalpha, word)):
        whole = [one for one in parts if _NUMBER.fullmatch(word) and one.part == int(word)]
    else:
        whole = [one for packer in packers for one in archives if one.packer == packer]
    meant = next(iter(exact or whole), None)
    is_unpacked = ending == ".tar"
    if meant is None or (is_unpacked and meant.unpacked_size is None):
        return None
    return meant, ending, is_unpacked
