"""What a delivery placed, written down in the store: for its next try, and for the transport's next run."""

import time
from collections.abc import Iterator
from typing import Literal

from slotport.actions.run_handle import RunHandle
from slotport.storage import placed
from slotport.storage.deliveries import Delivery

FLUSH_NAMES, FLUSH_SECONDS = 200, 2.0


class DeliveryJournal:
    """The journal of one delivery (``transports.parcel.Journal``); used by one thread."""

    def __init__(self, handle: RunHandle, delivery: Delivery) -> None:
        self._handle, self._delivery = handle, delivery
        with handle.store.read() as transaction:
            self._done = placed.of_run(transaction, delivery.transport_id, delivery.run_id)
        self._new: dict[str, str] = {}
        self._gone: list[str] = []
        self._flushed_at = time.monotonic()

    def has(self, name: str) -> bool:
        """Whether an earlier try of this run placed it."""
        return name in self._done

    def verified(self, name: str) -> Literal["hash", "size", "none"]:
        """How far it was read back then."""
        return self._done[name]  # type: ignore[return-value]

    def note(self, name: str, verified: Literal["hash", "size", "none"] = "none", *, at_once: bool = False) -> None:
        """It is placed."""
        self._new[name] = verified
        self._flush_sometimes(at_once=at_once)

    def stale(self) -> Iterator[str]:
        """What only earlier runs placed."""
        return placed.stale(self._handle.store, self._delivery.transport_id, self._delivery.run_id)

    def forget(self, name: str) -> None:
        """It was removed."""
        self._gone.append(name)
        self._flush_sometimes()

    def flush(self) -> None:
        """Write everything down."""
        new, gone = self._new, self._gone
        if new or gone:
            self._handle.patiently(lambda: self._write(new, gone))
        self._new, self._gone = {}, []
        self._flushed_at = time.monotonic()

    def _flush_sometimes(self, *, at_once: bool = False) -> None:
        waiting = len(self._new) + len(self._gone)
        if at_once or waiting >= FLUSH_NAMES or time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
            self.flush()

    def _write(self, new: dict[str, str], gone: list[str]) -> None:
        with self._handle.store.write() as transaction:
            placed.add(transaction, self._delivery.transport_id, self._delivery.run_id, new)
            if gone:
                placed.remove(transaction, self._delivery.transport_id, gone)
