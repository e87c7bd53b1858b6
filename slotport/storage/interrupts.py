"""A long statement ends early when nobody wants its result any more."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from slotport.storage.store import Transaction

LOOK_SECONDS = 0.5


@contextmanager
def interruptible(transaction: Transaction, is_wanted: Callable[[], bool]) -> Iterator[None]:
    """Within the block, a statement of the transaction fails soon after ``is_wanted`` says no: asked twice a second.

    ``is_wanted`` is called from another thread. What was under way raises Unavailable.
    """
    connection = transaction.connection.connection.driver_connection
    cancel: Callable[[], None] = (
        connection.interrupt  # type: ignore[union-attr]
        if transaction.connection.dialect.name == "sqlite"
        else partial(connection.cancel_safe, timeout=LOOK_SECONDS)  # type: ignore[union-attr]
    )
    driver = transaction.connection.dialect.loaded_dbapi
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            if not is_wanted():
                # again and again: it only ends what is under way at that moment
                with suppress(driver.Error):  # a database that is away has ended everything
                    cancel()

    watcher = threading.Thread(target=watch, name="interrupts", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
