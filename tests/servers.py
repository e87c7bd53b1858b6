"""Real servers on free local ports, each stopped from its own loop."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic, sleep
from typing import Any

from slotport.api.app import create_app, utc_now
from slotport.api.serving import listening, server
from slotport.settings import Settings
from slotport.storage import schema
from slotport.storage.store import Store
from tests.homes import url_of


@dataclass(frozen=True)
class HttpServer:
    """The real application under uvicorn."""

    url: str
    port: int
    settings: Settings
    store: Store


@contextmanager
def http_server(
    settings: Settings, *, clock: Callable[[], datetime] = utc_now, further: Sequence[Any] = ()
) -> Iterator[HttpServer]:
    """The application, with further handlers, on a thread and a migrated database, until the end of the block."""
    settings = replace(settings, database=settings.database or url_of(settings.data))
    store = Store.open(settings.database_url, connections=settings.connections)
    schema.migrate(store.engine)
    running = server(create_app(settings, store, clock=clock, further=further), settings)
    listener = listening(settings)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        wait(lambda: running.started or not thread.is_alive())
        port = listener.getsockname()[1]
        yield HttpServer(f"http://127.0.0.1:{port}", port, settings, store)
    finally:
        running.should_exit = True
        thread.join(timeout=settings.shutdown_seconds + 10)
        listener.close()
        close_when_idle(store)


def close_when_idle(store: Store) -> None:
    """Close a server's store once nobody uses it any more: mails are written after their request was answered."""
    with suppress(AssertionError):
        wait(lambda: getattr(store.engine.pool, "checkedout", int)() == 0, seconds=5)
    store.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def wait(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Return once the condition holds; fails if that takes too long."""
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "it did not happen in time"
        sleep(0.005)
