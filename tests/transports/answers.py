"""An HTTP server that says what a test wants it to say, and keeps what it was asked."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

from slotport.transports.outside import Outside

OUTSIDE = Outside(networks=(ip_network("127.0.0.0/8"),), timeout_seconds=10.0)


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    headers: Mapping[str, str]  #: names in lower case
    body: bytes


@dataclass
class Said:
    """An answer; ``endless`` repeats the body until the other side goes."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    endless: bool = False


class Answers:
    """The server while it runs."""

    def __init__(self, port: int, asked: list[Asked]) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.asked = asked

    def lines(self) -> list[str]:
        """Methods and paths of the requests so far."""
        return [f"{one.method} {one.path}" for one in self.asked]


@contextmanager
def answering(answer: Callable[[Asked], Said]) -> Iterator[Answers]:
    """A server that answers each request as the function says."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._answer
            raise AttributeError(name)

        def log_message(self, *_: Any) -> None:
            pass

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            request = Asked(
                self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body
            )
            asked.append(request)
            said = answer(request)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            if not said.endless:
                self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.close_connection = said.endless
            try:
                if self.command != "HEAD":
                    self.wfile.write(said.body)
                while said.endless:
                    self.wfile.write(said.body)
            except OSError:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="answers", daemon=True)
    thread.start()
    try:
        yield Answers(server.server_port, asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
