"""Runs the application under uvicorn, until a signal says stop."""

import asyncio
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Protocol

import structlog
import uvicorn
from litestar.types import ASGIApp

from slotport import __version__
from slotport.api.app import REQUEST_THREADS, create_app
from slotport.api.export.engine import Engine
from slotport.api.opening import opened, warn_of_old_sqlite
from slotport.settings import Settings
from slotport.storage.store import Store

YOUNG_OBJECTS = 20_000  #: that are made before the garbage collector looks at them (Python: 700)

log = structlog.get_logger("slotport")


class Worker(Engine, Protocol):
    """Runs exports as long as the server does."""

    def open(self) -> None:
        """Begin to work; raises SlotportError if that cannot be."""

    has_given_up: bool  #: it works no more, for good

    def shut(self) -> bool:
        """Stop working; whether threads are left that wait for the end of the process."""


def serve(settings: Settings, listener: socket.socket, make_worker: Callable[[Settings, Store, str], Worker]) -> None:
    """Serve on the socket until SIGTERM or SIGINT; requests then have ``shutdown_seconds`` to end.

    ``make_worker`` gives what runs exports, from the settings, the store and the address for links. Raises what
    ``opened`` and the worker raise.
    """
    with opened(settings) as store:
        warn_of_old_sqlite(store)
        host, port = listener.getsockname()[:2]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        worker = make_worker(settings, store, settings.base_url or address)
        worker.open()
        running = server(create_app(settings, store, engine=worker), settings)
        # uvicorn hands a signal on to what was there before it: nothing else is to happen
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(running, "should_exit", True))
        settle()
        log.info("listening", address=address, version=__version__)
        running.run(sockets=[listener])
        is_busy = worker.shut()
        _end_threads()
        if is_busy:
            _leave_runs()
    log.info("stopped")


def work(settings: Settings, stop: threading.Event, make_worker: Callable[[Settings, Store, str], Worker]) -> None:
    """Run exports until the event is set, and answer nobody.

    Raises what ``opened`` and the worker raise; ends the process with status 1 when the worker gave up.
    """
    with opened(settings) as store:
        worker = make_worker(settings, store, settings.base_url)
        worker.open()
        settle()
        log.info("working", version=__version__)
        while not stop.wait(1) and not worker.has_given_up:
            pass
        is_busy = worker.shut()
        if worker.has_given_up:
            sys.stderr.flush()
            os._exit(1)
        if is_busy:
            _leave_runs()
    log.info("stopped")


def settle() -> None:
    """Spare the garbage collector what is here now, which stays until the end, and have it look less often.

    Most of what requests and runs make goes by itself.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


def _leave_runs() -> None:
    """End the process although runs are under way: they go on elsewhere, or here at the next start."""
    log.info("stopped; runs of exports go on with their last finished step")
    sys.stderr.flush()
    os._exit(0)


def server(app: ASGIApp, settings: Settings) -> uvicorn.Server:
    """A server that is ready to run; its requests have ``shutdown_seconds`` to end after a signal."""
    return _Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="on",
            server_header=False,
            access_log=False,
            log_config=None,
            proxy_headers=False,  # the frame believes as many proxies as the settings say
            timeout_graceful_shutdown=settings.shutdown_seconds,
        )
    )


class _Server(uvicorn.Server):
    """Cuts at its end whatever connections are left, so that none outlives the event loop."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)


def listening(settings: Settings) -> socket.socket:
    """A socket at the settings' address, port 0 being a free one; raises OSError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def _end_threads() -> None:
    """End the process if a request is still worked on: Python would wait for it; the database rolls it back."""
    left = [thread for thread in threading.enumerate() if thread.name.startswith(REQUEST_THREADS) and thread.is_alive()]
    for thread in left:
        thread.join(timeout=0.5)
    if busy := [thread for thread in left if thread.is_alive()]:
        log.warning("stopped; requests were cut", requests=len(busy))
        sys.stderr.flush()
        os._exit(0)
