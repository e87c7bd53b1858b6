"""Between rsync and the address that was checked: rsync connects to here, and what it says is passed on.

So rsync looks up no name, and it is seen from here whether the other side still moves: rsync itself takes it for a sign
of life that it could write something.
"""

import socket
import threading
from contextlib import suppress
from time import monotonic
from typing import Self

PIECE_BYTES = 256 * 1024
ENOUGH_BYTES = 64 * 1024  #: that were taken, for a sign of life: what keeps connections alive is less
LOOK_SECONDS = 0.2


class Relay:
    """Passes the first connection to its port on; ``link`` is closed in the end."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._near: socket.socket | None = None
        self._is_over = threading.Event()
        self._moved_at = monotonic()
        self._taken = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1)
        self._listener.settimeout(LOOK_SECONDS)
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, name="rsync relay", daemon=True)

    def __enter__(self) -> Self:
        self._link.settimeout(None)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._cut()
        self._thread.join()

    def silent_seconds(self) -> float:
        """For how long the other side has neither said nor taken anything."""
        return monotonic() - self._moved_at

    def _serve(self) -> None:
        try:
            with self._link, self._listener:
                while self._near is None and not self._is_over.is_set():
                    with suppress(TimeoutError):
                        self._near = self._listener.accept()[0]
                self._listener.close()
                if self._near is not None:
                    with self._near as near:
                        near.settimeout(None)
                        up = threading.Thread(target=self._pass_on, args=(near, self._link), daemon=True)
                        up.start()
                        self._pass_on(self._link, near)
                        up.join()
        except OSError:
            self._is_over.set()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        is_incoming = source is self._link
        try:
            while piece := source.recv(PIECE_BYTES):
                if is_incoming:
                    self._moved_at = monotonic()
                left = memoryview(piece)
                while left:
                    sent = target.send(left)
                    left = left[sent:]
                    if not is_incoming:
                        self._count(sent)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            self._cut()

    def _count(self, sent: int) -> None:
        self._taken += sent
        if self._taken >= ENOUGH_BYTES:
            self._taken, self._moved_at = 0, monotonic()

    def _cut(self) -> None:
        """End both connections, whoever waits for them."""
        for one in (self._link, self._near):
            if one is not None:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
