"""``/app/exports/<id>``: one export, what it does and did, its log, passkey and deliveries (docs/page.md)."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Struct

from slotport.actions import export_passkeys, export_polls, export_views, exports
from slotport.api.body import body_of, query_of
from slotport.api.callers import AnyRequest
from slotport.api.export.engine import engine_of
from slotport.api.page import export_words
from slotport.api.page.live import live
from slotport.api.page.rendering import Page
from slotport.core.account import Account
from slotport.core.export import LINKED
from slotport.core.when import iso_seconds
from slotport.errors import SlotportError, WireError
from slotport.storage.store import Store

LARGEST_ID = 2**63 - 1
EXPIRIES = {"never": None, "day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


class BeforeQuery(Struct, kw_only=True):
    """Where a page of the log begins."""

    before: int = LARGEST_ID


class PasskeyForm(Struct, kw_only=True):
    """How long new links are to work: a word of ``EXPIRIES``."""

    expires: str = "never"


def path_of(export_id: int, below: str = "") -> str:
    """The path of an export's page."""
    return f"/app/exports/{export_id}{below}"


@get("/exports/{export_id:int}", sync_to_thread=True)
def show_one(
    request: AnyRequest,
    export_id: FromPath[int],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """All about one export."""
    return show(request, page, store, caller, export_id)


@get("/exports/{export_id:int}/live")
async def follow_one(
    request: AnyRequest,
    export_id: FromPath[int],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Stream:
    """What changes of it, whenever it does."""

    def render() -> tuple[str, bool]:
        values = _values(request, page, store, caller, export_id)
        export = values["export"]
        goes_on = values["status"].is_running or values["status"].is_delivering or bool(export.next_run_at)
        return page.render("export_live.html", **values), goes_on

    return live(request, caller, render)


@get("/exports/{export_id:int}/log", sync_to_thread=True, dependencies={"asked": query_of(BeforeQuery)})
def show_log(
    export_id: FromPath[int],
    asked: NamedDependency[BeforeQuery],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The export's log, page by page, and its runs."""
    before = max(1, min(asked.before, LARGEST_ID))
    export, events = export_views.log_page(store, caller, export_id, before_id=before)
    words = export_words.Words(page, now)
    shown = events[: export_views.LOG_EVENTS]
    _, found = export_views.history(store, caller, export_id)
    return page.show(
        "export_log.html",
        export=export,
        words=words,
        lines=words.lines(shown),
        runs=found if before == LARGEST_ID else [],
        more=shown[-1].id if len(events) > len(shown) else None,
        is_first=before == LARGEST_ID,
    )


@get("/exports/{export_id:int}/log/{event_id:int}", sync_to_thread=True)
def show_event(
    export_id: FromPath[int],
    event_id: FromPath[int],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """One entry of the log with all its remarks."""
    event = export_polls.event(store, caller, event_id)
    if event.export_id != export_id:
        raise WireError("error.user.event_not_found", "There is no such event.", parameters={"id": str(event_id)})
    return page.show(
        "export_event.html",
        export=exports.get(store, caller, export_id),
        words=export_words.Words(page, now),
        line=export_words.line_of(page, event, whole=True),
    )


@post("/exports/{export_id:int}/passkey", sync_to_thread=True, dependencies={"form": body_of(PasskeyForm)})
def rotate_passkey(
    export_id: FromPath[int],
    form: NamedDependency[PasskeyForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Make other links; the old ones work no more."""
    after = EXPIRIES.get(form.expires)
    body = {} if after is None else {"expires": iso_seconds(now + after)}
    export_passkeys.rotate_passkey(store, caller, export_id, body, now=now)
    return page.go(path_of(export_id), said="exports-passkey")


@post("/exports/{export_id:int}/transports/{uuid:str}/test", sync_to_thread=True)
def test(
    request: AnyRequest,
    export_id: FromPath[int],
    uuid: FromPath[str],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """Try a stored transport out: sign in there, write and remove a small file."""
    is_ready, log = engine_of(request).test(caller, export_id, uuid[:100])
    return show(request, page, store, caller, export_id, tried=uuid.lower(), trial={"is_ready": is_ready, "log": log})


@post("/exports/{export_id:int}/transports/{uuid:str}/retry", sync_to_thread=True)
def retry(
    request: AnyRequest,
    export_id: FromPath[int],
    uuid: FromPath[str],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """Deliver the current result once more."""
    exports.get(store, caller, export_id)
    try:
        engine_of(request).retry(caller, export_id, uuid[:100])
    except WireError as problem:
        return show(request, page, store, caller, export_id, problem=problem)
    return page.go(path_of(export_id), said="exports-retried")


def show(
    request: AnyRequest,
    page: Page,
    store: Store,
    caller: Account,
    export_id: int,
    *,
    problem: WireError | None = None,
    tried: str = "",
    trial: dict[str, Any] | None = None,
) -> Response[Any]:
    """The page of an export; ``problem``: why what was asked of it was refused; ``trial`` of the transport ``tried``.

    Raises WireError: export_not_found.
    """
    values = _values(request, page, store, caller, export_id, tried=tried, trial=trial)
    said = None if problem is None else SlotportError(export_words.sentence(page, problem))
    return page.show("export_one.html", status_code=422 if problem else 200, problem=said, **values)


def _values(
    request: AnyRequest,
    page: Page,
    store: Store,
    caller: Account,
    export_id: int,
    *,
    tried: str = "",
    trial: dict[str, Any] | None = None,
) -> dict[str, Any]:
    view = export_views.overview(store, caller, export_id)
    words = export_words.Words(page, request.app.state.clock())
    origin = page.settings.base_url.rstrip("/") or str(request.base_url).rstrip("/")
    export = view.export
    below = f"{origin}/api/v1/export/{export.id}/download/{export.passkey}/"
    folder = export_views.folder(store, caller, export_id, "") if export.result is not None else None
    return {
        "export": export,
        "status": export_words.status_of(export),
        "words": words,
        "lines": words.lines(view.log),
        "links": {one.packer: (below + quote(one.file_name, safe=""), one) for one in view.archives},
        "linked": LINKED,
        "archives": [(below + quote(one.file_name, safe=""), one) for one in view.archives],
        "passkey_expires_at": view.passkey_expires_at,
        "folder": folder,
        "expiries": list(EXPIRIES),
        "tried": tried,
        "trial": trial,
    }


HANDLERS: list[Any] = [show_one, follow_one, show_log, show_event, rotate_passkey, test, retry]
