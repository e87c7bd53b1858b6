"""An answer that is made and sent piece by piece, of any size in constant memory.

The first piece is made before the headers go out, so that an error until then is answered as any other. The
generator is closed, and with it its read transaction, whenever the answer ends: complete, cut by an error, left by
the client, or stalled.
"""

import asyncio
import contextvars
from collections.abc import Generator, Mapping
from functools import partial

from litestar.datastructures import State
from litestar.types import Receive, Scope, Send

from slotport.api.scope import HEAD
from slotport.errors import Unavailable
from slotport.settings import Settings


class Stalled(Exception):
    """The client takes nothing of its answer."""


class OpenStreams:
    """How many answers are being sent; each holds a connection to the database."""

    def __init__(self, most: int) -> None:
        self._free = most

    def __enter__(self) -> None:
        if self._free <= 0:
            raise Unavailable("the server is sending as many files as it may; try again")
        self._free -= 1

    def __exit__(self, *_error: object) -> None:
        self._free += 1


class Pieces:
    """An ASGI response that a handler returns; the generator runs on threads, one step at a time.

    Open the transaction inside the generator: the handler is done before the first step.
    """

    def __init__(
        self, pieces: Generator[bytes, None, None], *, status_code: int = 200, headers: Mapping[str, str]
    ) -> None:
        self._pieces = pieces
        self._status = status_code
        self._headers = [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer; raises what the first step raises before anything is sent."""
        state: State = scope["litestar_app"].state
        settings: Settings = state.settings
        streams: OpenStreams = state.streams
        loop = asyncio.get_running_loop()
        # a generator runs in the context of its request on whatever thread
        context = contextvars.copy_context()
        step: asyncio.Future[bytes | None] | None = None
        gone: asyncio.Task[None] | None = None
        try:
            with streams:
                step = loop.run_in_executor(None, partial(context.run, next, self._pieces, None))
                piece = await asyncio.shield(step)
                await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
                gone = asyncio.create_task(_disconnected(receive))
                while piece is not None and HEAD not in scope and not gone.done():
                    if piece:
                        await _sent(send, piece, settings.stall_seconds)
                    step = loop.run_in_executor(None, partial(context.run, next, self._pieces, None))
                    piece = await asyncio.shield(step)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            if gone is not None:
                gone.cancel()
            await asyncio.shield(_closed(self._pieces, step))


async def _sent(send: Send, piece: bytes, stall_seconds: float) -> None:
    try:
        async with asyncio.timeout(stall_seconds):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    except TimeoutError as cause:
        raise Stalled from cause


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _closed(pieces: Generator[bytes, None, None], step: asyncio.Future[bytes | None] | None) -> None:
    """Close the generator once its last step is over: it cannot be closed while it runs."""
    if step is not None:
        await asyncio.wait([step])
    await asyncio.get_running_loop().run_in_executor(None, pieces.close)
