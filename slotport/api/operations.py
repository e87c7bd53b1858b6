"""For those who run the server: health, readiness, metrics, and what it can be asked (docs/api/operations.md)."""

from contextlib import suppress
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.datastructures import State
from msgspec import Struct

from slotport.api import docs_page
from slotport.api.metrics import Metrics
from slotport.api.openapi import document
from slotport.errors import SlotportError, Unavailable
from slotport.storage import monitoring, schema
from slotport.storage.guard import OtherSchema
from slotport.storage.store import Store


class Health(Struct, frozen=True):
    """How the server is."""

    status: str


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
def openapi(request: Request[Any, Any, State]) -> Response[dict[str, Any]]:
    """Give the OpenAPI document."""
    return Response(_document(request), media_type=MediaType.JSON)


@get("/docs", sync_to_thread=False, include_in_schema=False)
def docs(request: Request[Any, Any, State]) -> Response[str]:
    """Show the OpenAPI document as a page."""
    return Response(
        docs_page.page(_document(request)),
        media_type=MediaType.HTML,
        headers={"Content-Security-Policy": docs_page.POLICY},
    )


def _document(request: Request[Any, Any, State]) -> dict[str, Any]:
    state = request.app.state
    if "openapi" not in state:  # made once, when all routes are known
        state.openapi = document(request.app, state.settings.base_url)
    made: dict[str, Any] = state.openapi
    return made


HANDLERS: list[Any] = [healthz, readyz, metrics, openapi, docs]
