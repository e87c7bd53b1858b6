"""``/api/v1/event``: what happened to the caller's exports (docs/api/export-events.md)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from slotport.actions import export_polls
from slotport.api.export import objects
from slotport.api.export.exports import json
from slotport.api.export.query import LARGEST_ID, Said, cache_control, id_of
from slotport.api.export.waiting import Listeners
from slotport.core.account import Account
from slotport.core.export import LoggedEvent
from slotport.errors import invalid_value
from slotport.storage.export_sessions import ExportSession
from slotport.storage.store import Store

AnyRequest = Request[Any, Any, State]

LIMIT, LONGEST = 25, 1000  #: events in one answer: if nothing is said, and at most
LONGEST_WAIT = 30  #: seconds


@get("/event/poll", opt={"takes": ("token", "limit", "wait")})
async def poll_events(
    request: AnyRequest,
    flags: NamedDependency[Said],
    session: NamedDependency[ExportSession],
    store: NamedDependency[Store],
) -> Response[bytes]:
    """List the events of the caller's exports that come after the request, ascending.

    `wait` holds the request for so many seconds until there is one. Polling does not prolong the session.
    """
    return await _polled(request, flags, session, store, None)


@get("/event/poll/{last_id:str}", opt={"takes": ("token", "limit", "wait")})
async def poll_events_after(
    request: AnyRequest,
    last_id: FromPath[str],
    flags: NamedDependency[Said],
    session: NamedDependency[ExportSession],
    store: NamedDependency[Store],
) -> Response[bytes]:
    """List the events of the caller's exports with larger ids than the last one, ascending.

    `limit` is 25 if it is not said; `limit=0` gives as many as are ever given, 1000.
    """
    return await _polled(request, flags, session, store, _last(last_id))


@get("/event/{event_id:str}", sync_to_thread=True, opt={"takes": ("token",)})
def show_event(
    event_id: FromPath[str],
    flags: NamedDependency[Said],
    caller: NamedDependency[Account],
    session: NamedDependency[ExportSession],
    store: NamedDependency[Store],
) -> Response[bytes]:
    """Show one event of the caller's exports."""
    found = export_polls.event(store, caller, id_of(event_id, "id"))
    return json(objects.event(found, owner=caller, session_hash=session.token_hash), cache_control(flags))


async def _polled(
    request: AnyRequest, flags: Said, session: ExportSession, store: Store, after_id: int | None
) -> Response[bytes]:
    limit = flags.number("limit", least=0, most=LONGEST)
    wait = flags.number("wait", least=0, most=LONGEST_WAIT) or 0
    headers = cache_control(flags)
    account = session.account
    if account is None:
        return json([], headers)
    limit = LIMIT if limit is None else limit or LONGEST
    if after_id is None:
        after_id = await asyncio.to_thread(export_polls.newest, store)

    async def look() -> list[LoggedEvent]:
        return await asyncio.to_thread(export_polls.events, store, account, after_id, limit)

    found = await look() if wait == 0 else await _waited_for(request.app.state.listeners, account.id, look, wait)
    return json([objects.event(one, owner=account, session_hash=session.token_hash) for one in found], headers)


async def _waited_for(
    listeners: Listeners, owner_id: int, look: Callable[[], Awaitable[list[LoggedEvent]]], seconds: int
) -> list[LoggedEvent]:
    """The events; of none the first ones that come in time."""
    end = asyncio.get_running_loop().time() + seconds
    async with listeners.listening(owner_id) as news:
        while not (found := await look()):
            try:
                async with asyncio.timeout_at(end):
                    await news.wait()
            except TimeoutError:
                break
            news.clear()
    return found


def _last(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise invalid_value("last_max_id", "must be a whole number")
    return int(text) if len(text) <= 30 else LARGEST_ID


HANDLERS: list[Any] = [poll_events, poll_events_after, show_event]
