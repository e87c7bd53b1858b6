"""``/app/exports``: the list of one's exports, and what is asked of them there (docs/page.md)."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Struct

from slotport.actions import export_results, export_views, exports
from slotport.api.body import body_of, query_of
from slotport.api.callers import AnyRequest
from slotport.api.export.engine import engine_of
from slotport.api.page import export_words
from slotport.api.page.export_page import path_of, show
from slotport.api.page.live import live
from slotport.api.page.rendering import Page
from slotport.core.account import Account
from slotport.errors import WireError
from slotport.settings import Settings
from slotport.storage.store import Store

PAGE = 25  #: exports on one page of the list


class PageQuery(Struct, kw_only=True):
    """Which part of the list."""

    page: int = 1


class BackForm(Struct, kw_only=True):
    """Where to go on: the list, or the export's own page."""

    back: str | None = None


@get("/exports", sync_to_thread=True, dependencies={"asked": query_of(PageQuery)})
def show_list(
    asked: NamedDependency[PageQuery],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The caller's exports, the newest first."""
    return page.show("exports.html", **_listed(page, store, caller, asked.page, now))


@get("/exports/live", dependencies={"asked": query_of(PageQuery)})
async def follow_list(
    request: AnyRequest,
    asked: NamedDependency[PageQuery],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Stream:
    """The same part of the list, whenever something changes."""

    def render() -> tuple[str, bool]:
        values = _listed(page, store, caller, asked.page, request.app.state.clock())
        goes_on = any(one.is_running or one.next_run_at for one in values["exports"])
        return page.render("exports_table.html", **values), goes_on

    return live(request, caller, render)


@post("/exports/first", sync_to_thread=True)
def make_first(request: AnyRequest, page: NamedDependency[Page], caller: NamedDependency[Account]) -> Response[Any]:
    """Make an export of all slots that is of use at once, and start it."""
    body = {
        "export": {
            "name": page.t("exports-first-name"),
            "search": {"objecttypes": ["slot"]},
            "ical": True,
            "json": True,
        },
        "_transports": [{"type": "download", "packer": "zip"}],
    }
    return page.go(path_of(engine_of(request).create(caller, body).id), said="exports-started")


@post("/exports/{export_id:int}/start", sync_to_thread=True, dependencies={"form": body_of(BackForm)})
def start(
    request: AnyRequest,
    export_id: FromPath[int],
    form: NamedDependency[BackForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """Start a run."""
    exports.get(store, caller, export_id)
    try:
        engine_of(request).start(caller, export_id, full=False)
    except WireError as problem:
        return show(request, page, store, caller, export_id, problem=problem)
    return page.go(page.own_path(form.back, path_of(export_id)), said="exports-started")


@post("/exports/{export_id:int}/stop", sync_to_thread=True, dependencies={"form": body_of(BackForm)})
def stop(
    request: AnyRequest,
    export_id: FromPath[int],
    form: NamedDependency[BackForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Stop the run, or the deliveries of its result."""
    exports.get(store, caller, export_id)
    try:
        exports.stop(store, caller, export_id, now=now)
    except WireError as problem:
        return show(request, page, store, caller, export_id, problem=problem)
    return page.go(page.own_path(form.back, path_of(export_id)), said="exports-stopped")


@get("/exports/{export_id:int}/delete", sync_to_thread=True)
def ask_to_remove(
    export_id: FromPath[int],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """Ask whether the export is to go."""
    return page.show("export_delete.html", export=exports.get(store, caller, export_id))


@post("/exports/{export_id:int}/delete", sync_to_thread=True)
def remove(
    export_id: FromPath[int],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Remove the export with all its files."""
    export_results.discard(settings, export_id, exports.remove(store, caller, export_id))
    return page.go("/app/exports", said="exports-deleted")


def _listed(page: Page, store: Store, caller: Account, number: int, now: datetime) -> dict[str, Any]:
    count, found, number, last = export_views.newest(store, caller, number, size=PAGE)
    return {
        "exports": found,
        "count": count,
        "number": number,
        "last": last,
        "status": export_words.status_of,
        "words": export_words.Words(page, now),
    }


HANDLERS: list[Any] = [show_list, follow_list, make_first, start, stop, ask_to_remove, remove]
