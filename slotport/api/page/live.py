"""Parts of pages that the server keeps up to date: event streams, as ``[data-live]`` reads them.

A stream sends the part anew ("html") whenever it has changed, and "end" once it will not change by itself any more.
After two minutes it ends without a word, and the browser asks again: who has signed out meanwhile gets nothing. It is
the database that is looked at, so a run on any process is seen.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

from litestar.response import Stream

from slotport.api.callers import AnyRequest
from slotport.api.export.waiting import Listeners
from slotport.core.account import Account
from slotport.errors import SlotportError, TooManyTries, Unavailable

MOST_STREAMS = 20  #: of one person at a time, on one process
STREAM_SECONDS = 120
LOOK_SECONDS = 5  #: after which is looked though nothing was told
PAUSE_SECONDS = 0.3  #: between two versions of a part

Render = Callable[[], tuple[str, bool]]


def live(request: AnyRequest, account: Account, render: Render) -> Stream:
    """Answer with a stream of a part. ``render`` gives its HTML, and whether it may still change; on a thread.

    Raises TooManyTries if the person has too many of them open.
    """
    listeners: Listeners = request.app.state.listeners
    if listeners.count(account.id) >= MOST_STREAMS:
        raise TooManyTries("too many of your pages are open; close some", retry_after_seconds=30)
    return Stream(
        _events(listeners, account.id, render),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(listeners: Listeners, owner_id: int, render: Render) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    end = loop.time() + STREAM_SECONDS
    shown = ""
    async with listeners.listening(owner_id) as news:
        while loop.time() < end:
            news.clear()
            try:
                html, goes_on = await asyncio.to_thread(render)
            except Unavailable:
                html, goes_on = shown, True
            except SlotportError:  # it is gone
                yield _event("end", "")
                return
            yield _event("html", html) if html != shown else b": still there\n\n"
            shown = html
            if not goes_on:
                yield _event("end", "")
                return
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await news.wait()
            except TimeoutError:
                pass


def _event(name: str, text: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in text.splitlines() or [""])
    return f"event: {name}\n{lines}\n".encode()
