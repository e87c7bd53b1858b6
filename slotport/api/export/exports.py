"""``/api/v1/export``: exports are defined, listed, started and stopped (docs/api/export.md)."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, delete, get, post, put
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from slotport.actions import export_passkeys, export_results, exports
from slotport.api.addresses import base_path
from slotport.api.export import objects
from slotport.api.export.access import session_of
from slotport.api.export.bodies import Json
from slotport.api.export.engine import engine_of
from slotport.api.export.query import LARGEST_ID, Said, cache_control, id_of
from slotport.core import export_filter
from slotport.core.account import Account
from slotport.errors import invalid_value
from slotport.settings import Settings
from slotport.storage.export_sessions import ExportSession
from slotport.storage.store import Store

AnyRequest = Request[Any, Any, State]
Answer = Response[bytes]

ID = "id"  #: what an id in a path is called in errors


@get("/", sync_to_thread=True, opt={"takes": ("token", "limit", "offset", "filter", "cache_seconds")})
def list_exports(
    flags: NamedDependency[Said], caller: NamedDependency[Account], store: NamedDependency[Store]
) -> Answer:
    """List the caller's exports.

    `filter` is made of `type:…` and `status:…` parts: `,` between alternatives, `+` (as `%2B`) between parts that must
    all hold, `|` between values. `limit=0` counts only; `count` ignores limit and offset.
    """
    limit = flags.number("limit", least=0)
    offset = flags.number("offset", least=0, most=LARGEST_ID) or 0
    if len(flags.all("filter")) > 1:
        raise invalid_value("filter", "is given twice")
    which = export_filter.read(flags.text("filter"))
    limit = None if limit is None else min(limit, exports.LIST_LENGTH)
    count, found = exports.listed(store, caller, which, limit, offset)
    shown = {"limit": limit, "offset": offset, "count": count, "objects": [objects.listed(one) for one in found]}
    return json(shown, cache_control(flags))


@get("/{export_id:str}", sync_to_thread=True, opt={"takes": ("token", "cache_seconds")})
def show_export(
    request: AnyRequest,
    export_id: FromPath[str],
    flags: NamedDependency[Said],
    caller: NamedDependency[Account],
) -> Answer:
    """Show an export with its files, log, schedules and transports."""
    return whole(request, caller, id_of(export_id, ID), cache_control(flags))


@put("/", status_code=200, sync_to_thread=True, opt={"takes": ("start",)})
def create_export(
    request: AnyRequest,
    flags: NamedDependency[Said],
    said: NamedDependency[Json],
    caller: NamedDependency[Account],
    session: NamedDependency[ExportSession],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Answer:
    """Define a new export. `start=1` runs it at once; otherwise nothing runs by itself."""
    if flags.flag("start"):
        made = engine_of(request).create(caller, said, session_hash=session.token_hash)
    else:
        made = exports.create(store, caller, said, settings=settings, now=now, session_hash=session.token_hash)
    return whole(request, caller, made.id)


@post("/{export_id:str}", status_code=200, sync_to_thread=True)
def change_export(
    request: AnyRequest,
    export_id: FromPath[str],
    said: NamedDependency[Json],
    caller: NamedDependency[Account],
    session: NamedDependency[ExportSession],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Answer:
    """Change what is named of an export.

    It is new then, under its next version and without a result; a run that is under way is given up.
    """
    number = id_of(export_id, ID)
    changed = exports.change(store, caller, number, said, settings=settings, now=now, session_hash=session.token_hash)
    export_results.discard(settings, number, changed.discarded)
    return whole(request, caller, number)


@delete("/{export_id:str}", status_code=200, sync_to_thread=True)
def remove_export(
    export_id: FromPath[str],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Answer:
    """Remove an export with its files and archives, whatever it is doing."""
    number = id_of(export_id, ID)
    export_results.discard(settings, number, exports.remove(store, caller, number))
    return json({})


@post("/{export_id:str}/start", status_code=200, sync_to_thread=True, opt={"takes": ("full",), "form": ("token",)})
def start_export(
    request: AnyRequest,
    export_id: FromPath[str],
    flags: NamedDependency[Said],
    nothing: NamedDependency[None],
    caller: NamedDependency[Account],
    session: NamedDependency[ExportSession],
) -> Answer:
    """Start a run. `full=1`: an incremental export exports everything once."""
    number, full = id_of(export_id, ID), bool(flags.flag("full"))
    engine_of(request).start(caller, number, full=full, session_hash=session.token_hash)
    return whole(request, caller, number)


@post("/{export_id:str}/stop", status_code=200, sync_to_thread=True, opt={"form": ("token",)})
def stop_export(
    request: AnyRequest,
    export_id: FromPath[str],
    nothing: NamedDependency[None],
    caller: NamedDependency[Account],
    session: NamedDependency[ExportSession],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Answer:
    """Stop the run, or the deliveries of its result."""
    number = id_of(export_id, ID)
    exports.stop(store, caller, number, now=now, session_hash=session.token_hash)
    return whole(request, caller, number)


@post("/{export_id:str}/transport/{uuid:str}/retry", status_code=200, sync_to_thread=True, opt={"form": ("token",)})
def retry_transport(
    request: AnyRequest,
    export_id: FromPath[str],
    uuid: FromPath[str],
    nothing: NamedDependency[None],
    caller: NamedDependency[Account],
) -> Answer:
    """Deliver the current result again through one transport."""
    number = id_of(export_id, ID)
    engine_of(request).retry(caller, number, uuid[:100])
    return whole(request, caller, number)


@post("/{export_id:str}/transport/{uuid:str}/test", status_code=200, sync_to_thread=True, opt={"form": ("token",)})
def test_transport(
    request: AnyRequest,
    export_id: FromPath[str],
    uuid: FromPath[str],
    nothing: NamedDependency[None],
    caller: NamedDependency[Account],
) -> Answer:
    """Try a transport without delivering anything."""
    ok, log = engine_of(request).test(caller, id_of(export_id, ID), uuid[:100])
    return json({"ok": ok, "log": log})


@post("/{export_id:str}/passkey", status_code=200, sync_to_thread=True)
def change_passkey(
    request: AnyRequest,
    export_id: FromPath[str],
    laid_over: NamedDependency[Json],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Answer:
    """Give the export's archives other addresses; the old ones end at once, the new ones after `expires`."""
    number = id_of(export_id, ID)
    export_passkeys.rotate_passkey(store, caller, number, laid_over, now=now)
    return whole(request, caller, number)


@post("/{export_id:str}/preview", status_code=200, sync_to_thread=True)
def preview_export(
    request: AnyRequest,
    export_id: FromPath[str],
    laid_over: NamedDependency[Json],
    caller: NamedDependency[Account],
) -> Answer:
    """Count what a run would export, of the stored export or of one laid over it; nothing is stored."""
    return json(engine_of(request).preview(caller, id_of(export_id, ID), laid_over))


def whole(request: AnyRequest, caller: Account, export_id: int, headers: dict[str, str] | None = None) -> Answer:
    """The own export of that id, with everything that belongs to it, as it is now."""
    state = request.app.state
    found = export_results.details(state.store, caller, export_id)
    session = session_of(request)
    shown = objects.rendered(
        found.export,
        files=found.files,
        archives=found.archives,
        log=found.log,
        base_path=base_path(state.settings),
        owner=caller,
        session_hash=session.token_hash,
    )
    return json(shown, headers)


def json(shown: Any, headers: dict[str, str] | None = None) -> Answer:
    """The value as an answer; encoded here, on the handler's thread: an export may have a million files."""
    return Response(msgspec.json.encode(shown), media_type=MediaType.JSON, headers=headers or {})


HANDLERS: list[Any] = [
    list_exports,
    show_export,
    create_export,
    change_export,
    remove_export,
    start_export,
    stop_export,
    retry_transport,
    test_transport,
    change_passkey,
    preview_export,
]
