"""For those who run the server: health, readiness, metrics, and what it can be asked (docs/api/operations.md)."""

from contextlib import suppress
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from msgspec import Struct

from slotport.api import docs_page, fixed
from slotport.api.fixed import Fixed
from slotport.api.metrics import Metrics
from slotport.api.openapi import document
from slotport.errors import SlotportError, Unavailable
from slotport.storage import monitoring, schema
from slotport.storage.guard import OtherSchema
from slotport.storage.store import Store


class Health(Struct, frozen=True):
    """How the server is."""

    status: str


class Documents(Struct, frozen=True):
    """What the server can be asked."""

    openapi: Fixed
    page: Fixed


CACHED = {"Cache-Control": "public, no-cache"}


@get("/healthz", sync_to_thread=False)
def healthz() -> Health:
    """Answer 200 as long as the server runs; asks nobody else."""
    return Health("ok")


@get("/readyz", sync_to_thread=True)
def readyz(state: State) -> Health:
    """Answer 200 if the database answers and has the right schema, else 503."""
    store: Store = state.store
    try:
        with suppress(OtherSchema):  # what is the matter is said better below
            store.ping()
        schema.check(store.engine)
    except Unavailable:
        raise
    except SlotportError as cause:
        raise Unavailable(str(cause), retry_after_seconds=60) from cause
    return Health("ready")


@get("/metrics", sync_to_thread=True, include_in_schema=False)
def metrics(state: State) -> Response[bytes]:
    """Give the counters in Prometheus' text format; a database that is away leaves out what stands in it."""
    counters: Metrics = state.metrics
    store: Store = state.store
    figures = None
    with suppress(Unavailable), store.read() as transaction:
        figures = monitoring.figures(
            transaction,
            state.clock(),
            hour=state.settings.standard_hour,
            minute=state.settings.standard_minute,
        )
    return Response(counters.text(figures), media_type="text/plain; version=0.0.4")


@get("/openapi.json", sync_to_thread=False, include_in_schema=False)
def openapi(request: Request[Any, Any, State]) -> Response[bytes]:
    """Give the OpenAPI document."""
    return fixed.answer(request, _documents(request).openapi, CACHED)


@get("/docs", sync_to_thread=False, include_in_schema=False)
def docs(request: Request[Any, Any, State]) -> Response[bytes]:
    """Show the OpenAPI document as a page."""
    return fixed.answer(request, _documents(request).page, {**CACHED, "Content-Security-Policy": docs_page.POLICY})


def _documents(request: Request[Any, Any, State]) -> Documents:
    state = request.app.state
    if "documents" not in state:  # made once, when all routes are known
        made = document(request.app, state.settings.base_url)
        state.documents = Documents(
            openapi=Fixed.of(msgspec.json.encode(made), "application/json"),
            page=Fixed.of(docs_page.page(made).encode(), "text/html; charset=utf-8"),
        )
    found: Documents = state.documents
    return found


HANDLERS: list[Any] = [healthz, readyz, metrics, openapi, docs]
