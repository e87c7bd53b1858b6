"""The application: every surface, their errors, and what lives as long as the server does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import structlog
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, ControllerRouterHandler

from slotport.api import convention, operations, page, timeslot
from slotport.api.convention.answers import Answers
from slotport.api.convention.pieces import Pieces
from slotport.api.export import router as export
from slotport.api.export.engine import Engine
from slotport.api.export.waiting import Listeners
from slotport.api.frame import Frame
from slotport.api.metrics import Metrics
from slotport.api.page import built
from slotport.api.pieces import OpenStreams
from slotport.api.surfaces import surface_of
from slotport.errors import SlotportError, disk_is_full
from slotport.oidc import Provider
from slotport.settings import Settings
from slotport.storage.store import Store

log = structlog.get_logger("slotport")


REQUEST_THREADS = "request"  #: how the names of threads that work on requests begin


def utc_now() -> datetime:
    """The time, by this machine's clock."""
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    store: Store,
    *,
    clock: Callable[[], datetime] = utc_now,
    engine: Engine | None = None,
    further: Sequence[ControllerRouterHandler] = (),
) -> ASGIApp:
    """The server as one ASGI application, with ``further`` handlers. Store and engine stay the caller's to close."""
    metrics = Metrics()
    app = Litestar(
        route_handlers=[
            *page.ROUTERS,
            *operations.HANDLERS,
            timeslot.router,
            *convention.ROUTERS,
            *export.ROUTERS,
            *further,
        ],
        exception_handlers={HTTPException: _refuse, SlotportError: _refuse, Exception: _refuse},
        lifespan=[_lifespan],
        state=State(
            {
                "settings": settings,
                "store": store,
                "clock": clock,
                "metrics": metrics,
                "answers": Answers(),
                "pieces": Pieces(),
                "streams": OpenStreams(settings.streams),
                "engine": engine,
                "listeners": Listeners(store),
                "built": built.read(),
                "provider": Provider(settings) if settings.oidc_issuer else None,
            }
        ),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,  # slotport.api.body counts, and knows which limit is whose
        debug=False,
    )
    return Frame(
        app,
        surface_of,
        metrics,
        trusted_proxy_count=settings.trusted_proxy_count,
        listed_origins=settings.allowed_origins,
    )


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    # the default has 6 threads on 2 processors: handlers that wait for the store would hold up all others
    executor = ThreadPoolExecutor(app.state.settings.threads, thread_name_prefix=REQUEST_THREADS)
    loop = asyncio.get_running_loop()
    loop.set_default_executor(executor)
    yield
    app.state.listeners.close()
    # the loop waits for its executor, however long a request takes (slotport.api.serving)
    executor.shutdown(wait=False, cancel_futures=True)
    loop.set_default_executor(ThreadPoolExecutor(1, thread_name_prefix="closing"))


def _refuse(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer an error in the shape of the surface that was asked; log what nobody foresaw."""
    answer = surface_of(request.scope["path"]).refuse(request, disk_is_full(error) or error)
    if answer.status_code == 500:
        log.error("unexpected failure", exc_info=error)
    return answer
