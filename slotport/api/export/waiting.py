"""Whoever waits for an event: one look at the store a quarter of a second for all of them, and none if nobody waits."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from slotport.actions import export_polls
from slotport.errors import SlotportError
from slotport.storage.store import Store

LOOK_SECONDS = 0.25

log = structlog.get_logger("slotport")


class Listeners:
    """The clients that wait for events, by whose they are; belongs to one event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: defaultdict[int, set[asyncio.Event]] = defaultdict(set)
        self._looking: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()

    @asynccontextmanager
    async def listening(self, owner_id: int) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever something new can be polled by the person, from the block's beginning on."""
        news = asyncio.Event()
        self._waiting[owner_id].add(news)
        try:
            if self._looking is None or self._looking.done():
                self._begun.clear()
                self._looking = asyncio.create_task(self._look())
            await self._begun.wait()
            yield news
        finally:
            self._waiting[owner_id].discard(news)
            if not self._waiting[owner_id]:
                del self._waiting[owner_id]

    def count(self, owner_id: int) -> int:
        """How many of the person's clients wait."""
        return len(self._waiting.get(owner_id, ()))

    def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        last: int | None = None
        try:
            while self._waiting:
                try:
                    owners, last = await asyncio.to_thread(export_polls.news, self._store, last)
                    for owner_id in owners:
                        for news in self._waiting.get(owner_id, ()):
                            news.set()
                except SlotportError as error:
                    log.debug("nobody can be told of events", reason=str(error))
                self._begun.set()  # in trouble, too: who waits asks the store itself, and says what it says
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self._begun.set()
