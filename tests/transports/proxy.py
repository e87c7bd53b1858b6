"""A link that breaks: a TCP proxy which is cut or stalls after so many bytes of both directions together."""

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

from tests.transports.peer import Peer

Fault = Literal["reset", "close", "stall"]
PIECE_BYTES = 4096


class Proxy:
    """Passes connections on from ``host`` to ``target``, and further ports to the same ports there.

    After ``after`` bytes of all connections, counted from the last ``break_after``, it does what the fault says:

    - ``reset``: all connections are aborted on both sides, and new ones are, until ``mend``
    - ``close``: the same, but they end in order, as if each side had said all
    - ``stall``: nothing is passed on any more, nor ended
    """

    def __init__(self, target: tuple[str, int], *, host: str = "127.0.0.1", data_ports: tuple[int, ...] = ()) -> None:
        self.host, self.port = host, 0
        self.passed = 0  #: bytes so far, both directions
        self.connections = 0  #: that were opened so far
        self.is_broken = False
        self._target, self._data_ports = target, data_ports
        self._after: int | None = None
        self._fault: Fault = "reset"
        self._loop = asyncio.new_event_loop()
        self._live: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._servers = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def break_after(self, count: int, fault: Fault = "reset") -> None:
        """Break once so many more bytes have passed."""
        self._loop.call_soon_threadsafe(self._set, count, fault)

    def mend(self) -> None:
        """Pass everything on again; connections that the fault has caught stay ended."""
        asyncio.run_coroutine_threadsafe(self._mend(), self._loop).result()

    def close(self) -> None:
        """End all connections and stop listening."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _set(self, count: int, fault: Fault) -> None:
        self._after, self._fault = count, fault

    async def _listen(self) -> list[asyncio.Server]:
        host, port = self._target
        first = await asyncio.start_server(lambda r, w: self._serve(r, w, (host, port)), self.host, 0)
        self.port = first.sockets[0].getsockname()[1]
        others = [
            await asyncio.start_server(lambda r, w, to=(host, one): self._serve(r, w, to), self.host, one)
            for one in self._data_ports
        ]
        return [first, *others]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: tuple[str, int]) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            if self.is_broken and self._fault == "stall":
                await asyncio.Event().wait()
            if self.is_broken:
                return
            there_reader, there_writer = await asyncio.open_connection(*to)
            pair = {writer, there_writer}
            self._live |= pair
            try:
                await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))
            finally:
                self._live -= pair
                there_writer.transport.abort()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(PIECE_BYTES):
                await self._pass_on(piece, writer)
            writer.write_eof()
        except OSError:
            self._reset(writer)

    async def _pass_on(self, piece: bytes, writer: asyncio.StreamWriter) -> None:
        if self.is_broken:
            await asyncio.Event().wait()
        if self._after is not None and len(piece) >= self._after:
            piece = piece[: self._after]
            self._after = None
            self.is_broken = True
        elif self._after is not None:
            self._after -= len(piece)
        self.passed += len(piece)
        writer.write(piece)
        await writer.drain()
        if self.is_broken and self._fault != "stall":
            for one in list(self._live):
                self._reset(one) if self._fault == "reset" else one.close()

    def _reset(self, writer: asyncio.StreamWriter) -> None:
        link: socket.socket = writer.get_extra_info("socket")
        with suppress(OSError):
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def _mend(self) -> None:
        await self._end_connections()
        self._after, self.is_broken = None, False

    async def _end_connections(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        await self._end_connections()


@contextmanager
def proxy_to(peer: Peer) -> Iterator[Proxy]:
    """A proxy before the peer; ``peer.at(proxy.host, proxy.port)`` goes through it."""
    host = "127.0.0.2" if peer.data_ports else "127.0.0.1"
    proxy = Proxy(peer.address, host=host, data_ports=peer.data_ports)
    try:
        yield proxy
    finally:
        proxy.close()
