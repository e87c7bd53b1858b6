"""What browsers fetch: a file, files as a zip, and archives without a session (docs/api/export-files.md)."""

import bz2
import gzip
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from slotport.actions import export_results
from slotport.actions.export_results import Download, FoundArchive
from slotport.actions.sign_in import token_hash
from slotport.api.addresses import client_address
from slotport.api.export.access import plain_token_of
from slotport.api.export.errors import WrongPasskey
from slotport.api.export.query import Said, id_of, id_or_none
from slotport.api.export.sending import HEADERS, Sent, counted, naming_of, send, wants_last
from slotport.api.logs import MASK
from slotport.api.pieces import Pieces
from slotport.core.account import Account
from slotport.depot import Depot, depot_of
from slotport.errors import WireError
from slotport.packers import zip_stream
from slotport.settings import Settings
from slotport.storage.export_sessions import ExportSession
from slotport.storage.store import Store

AnyRequest = Request[Any, Any, State]

ZIP = "application/zip"
_FETCH = ("token", "disposition", "filename")


@get("/{export_id:str}/file", sync_to_thread=True, include_in_schema=False)
def fetch_no_file(export_id: FromPath[str], caller: NamedDependency[Account]) -> Response[bytes]:
    """Refuse to give a file without its path."""
    raise WireError("error.api.positional_parameter_expected", "The path of a file is missing.")


@get(
    "/{export_id:str}/file/{path:path}",
    sync_to_thread=True,
    opt={"takes": (*_FETCH, "result"), "produces": ["application/octet-stream"]},
)
def fetch_file(
    request: AnyRequest,
    export_id: FromPath[str],
    path: FromPath[str],
    flags: NamedDependency[Said],
    caller: NamedDependency[Account],
    session: NamedDependency[ExportSession],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Pieces:
    """Give a file of the export's result; `path` is one of its `_files`.

    `result=last` gives that of the newest successful run during later ones. An error is a redirect to a page if there
    is a `disposition`.
    """
    naming, last = naming_of(flags), wants_last(flags)
    found = export_results.find_file(store, caller, id_of(export_id, "id"), path, last=last, settings=settings)
    name = PurePosixPath(found.file.path)
    sent = Sent(
        place=found.place,
        size=found.file.size,
        etag=found.file.sha256,
        modified=found.file.modified,
        media_type=found.file.media_type,
        open=depot_of(settings).open,
    )
    note = partial(
        _note,
        request,
        Download(
            export=found.export,
            url=_url(found.export.id, "file", found.file.path),
            bytes_total=found.file.size,
            file=found.file,
            session_hash=session.token_hash,
        ),
    )
    return send(request, sent, naming.headers(name.name, name.suffix), note)


@get("/{export_id:str}/zip", sync_to_thread=True, opt={"takes": (*_FETCH, "result"), "produces": [ZIP]})
def fetch_zip(
    request: AnyRequest,
    export_id: FromPath[str],
    flags: NamedDependency[Said],
    caller: NamedDependency[Account],
    session: NamedDependency[ExportSession],
) -> Pieces:
    """Give all files of the export's result as a zip that is made while it is sent.

    Its length is not known beforehand; if something fails, the connection is cut.
    """
    return _zip(request, caller, session, flags, export_id, "")


@get("/{export_id:str}/zip/{path:path}", sync_to_thread=True, opt={"takes": (*_FETCH, "result"), "produces": [ZIP]})
def fetch_zip_of(
    request: AnyRequest,
    export_id: FromPath[str],
    path: FromPath[str],
    flags: NamedDependency[Said],
    caller: NamedDependency[Account],
    session: NamedDependency[ExportSession],
) -> Pieces:
    """Give the files of a folder, or one file, as a zip that is made while it is sent."""
    return _zip(request, caller, session, flags, export_id, path)


@get(
    "/{export_id:str}/download/{passkey:str}/{name:str}",
    sync_to_thread=True,
    opt={"takes": _FETCH, "produces": ["application/octet-stream"]},
)
def fetch_archive(
    request: AnyRequest,
    export_id: FromPath[str],
    passkey: FromPath[str],
    name: FromPath[str],
    flags: NamedDependency[Said],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Pieces:
    """Give an archive of the export's result to whoever has the passkey; no session is needed.

    `name` matters by its ending: `.zip`, `.<n>.zip`, `.tar`, `.tar.bz2`, `.tar.gz`. A wrong passkey is always a
    redirect to a page that says so, whatever else is wrong.
    """
    address = client_address(request)
    export = export_results.find_by_passkey(
        store, id_or_none(export_id), passkey, address=address, settings=settings, now=now
    )
    if export is None:
        raise WrongPasskey("there are no archives for this passkey")
    naming, token = naming_of(flags), plain_token_of(request)
    found = export_results.find_archive(store, export, name, settings=settings)
    sent = _sent(found, depot_of(settings))
    download = Download(
        export=found.export,
        url=_url(found.export.id, "download", f"{MASK}/{found.archive.file_name}"),
        bytes_total=sent.size,
        transport_id=found.transport.id,
        session_hash=None if token is None else token_hash(token),
    )
    headers = naming.headers(found.name, found.extension)
    return send(request, sent, headers, partial(_note, request, download))


@get(
    ["/{export_id:str}/download", "/{export_id:str}/download/{passkey:str}"],
    sync_to_thread=False,  # litestar mixes up handlers of several paths that run on threads
    include_in_schema=False,
)
def fetch_no_archive(export_id: FromPath[str]) -> Response[bytes]:
    """Refuse to give an archive without its name."""
    raise WireError("error.api.positional_parameter_expected", "Passkey and name of an archive are missing.")


def _zip(
    request: AnyRequest, caller: Account, session: ExportSession, flags: Said, export_id: str, path: str
) -> Pieces:
    state = request.app.state
    naming, last = naming_of(flags), wants_last(flags)
    number = id_of(export_id, "id")
    bundle = export_results.bundle(state.store, caller, number, path, last=last, settings=state.settings)
    download = Download(
        export=bundle.export,
        url=_url(number, "zip", path.strip("/")),
        bytes_total=None,
        session_hash=session.token_hash,
    )
    name = f"{bundle.export.name}-{bundle.leaf}" if bundle.leaf else bundle.export.name
    return Pieces(
        counted(zip_stream.stream(bundle.entries), partial(_note, request, download)),
        headers={"Content-Type": ZIP, **HEADERS, **naming.headers(f"{name}.zip", ".zip")},
    )


def _url(export_id: int, verb: str, rest: str) -> str:
    return f"/api/v1/export/{export_id}/{verb}/{quote(rest[:2000], safe='/*', errors='replace')}"


def _sent(found: FoundArchive, depot: Depot) -> Sent:
    archive = found.archive
    modified = (found.export.result.finished_at if found.export.result else None) or found.export.updated_at
    if not found.is_unpacked:
        return Sent(
            place=found.place,
            size=archive.size,
            etag=archive.sha256,
            modified=modified,
            media_type=archive.media_type,
            open=depot.open,
        )
    return Sent(
        place=found.place,
        size=archive.unpacked_size or 0,
        etag=archive.unpacked_sha256 or f"{archive.sha256}-tar",
        modified=modified,
        media_type="application/x-tar",
        open=depot.open,
        unpack=_of_bz2 if archive.packer == "tar_bz2" else _of_gzip,
    )


def _of_bz2(packed: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", bz2.open(packed, "rb"))


def _of_gzip(packed: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", gzip.open(packed, "rb"))


def _note(request: AnyRequest, download: Download, count: int) -> None:
    state = request.app.state
    export_results.note_download(state.store, download, count, state.clock())


HANDLERS: list[Any] = [fetch_no_file, fetch_file, fetch_zip, fetch_zip_of, fetch_archive, fetch_no_archive]
