"""Real servers on a free local port, each with a folder of its own, and the client that asks them."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bench import peers
from bench.measure import TIMEOUT_SECONDS, Failed, environment

READY_SECONDS = 60
STOP_SECONDS = 20
PIECE_BYTES = 64 * 1024
BOUNDARY = "slotport-bench-5f1d7a"
EVENT = b"BEGIN:VEVENT"
PROGRAM = str(Path(sys.executable).with_name("slotport"))
NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server answered, and how long it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes  #: empty if only its events were to be counted
    events: int
    seconds: float  #: from the first byte sent to the last one received
    first_byte_seconds: float

    def json(self) -> Any:
        """The body's value."""
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as the body of a request, bare or as the ``file`` of a multipart form; it is sent in pieces."""

    file: Path
    fields: Mapping[str, str] = field(default_factory=dict)
    multipart: bool = True

    @property
    def content_type(self) -> str:
        """The header of that name."""
        return f"multipart/form-data; boundary={BOUNDARY}" if self.multipart else "text/calendar; charset=utf-8"

    def __len__(self) -> int:
        return len(self._before) + self.file.stat().st_size + len(self._after)

    def __iter__(self) -> Iterator[bytes]:
        yield self._before
        with self.file.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece
        yield self._after

    @property
    def _before(self) -> bytes:
        if not self.multipart:
            return b""
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in self.fields.items()
        ]
        disposition = 'Content-Disposition: form-data; name="file"; filename="bench.ics"'
        return "".join([*parts, f"--{BOUNDARY}\r\n{disposition}\r\nContent-Type: text/calendar\r\n\r\n"]).encode()

    @property
    def _after(self) -> bytes:
        return f"\r\n--{BOUNDARY}--\r\n".encode() if self.multipart else b""


class Server:
    """A running server, and one connection to it."""

    def __init__(self, process: int, port: int) -> None:
        self.process, self.port = process, port
        self.headers: dict[str, str] = {}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)

    def ask(
        self,
        method: str,
        path: str,
        body: Upload | Mapping[str, object] | None = None,
        *,
        expected: int = 200,
        same_connection: bool = False,
        count_only: bool = False,
    ) -> Answer:
        """Send a request and read the whole answer. Raises Failed if the status is another than expected."""
        headers = {**self.headers}
        sent: Upload | bytes | None = json.dumps(body).encode() if isinstance(body, Mapping) else body
        if sent is not None:
            headers["Content-Type"] = sent.content_type if isinstance(sent, Upload) else "application/json"
            headers["Content-Length"] = str(len(sent))
        if not same_connection:
            self._connection.close()
        begin = time.perf_counter()
        try:
            self._connection.request(method, path, sent, headers)
            answer = _received(self._connection.getresponse(), begin, count_only=count_only)
        except (OSError, http.client.HTTPException) as cause:
            raise Failed(f"{method} {path}: {cause!r}") from cause
        if answer.status != expected:
            raise Failed(f"{method} {path}: {answer.status} {answer.body[:200]!r}")
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _received(response: http.client.HTTPResponse, begin: float, *, count_only: bool) -> Answer:
    pieces: list[bytes] = []
    events, tail, first_byte = 0, b"", 0.0
    while piece := response.read1(PIECE_BYTES):
        first_byte = first_byte or time.perf_counter() - begin
        seen = tail + piece
        events += seen.count(EVENT)
        tail = seen[1 - len(EVENT) :]
        if not count_only or response.status >= 400:
            pieces.append(piece)
    total = time.perf_counter() - begin
    response.read()  # read1 alone does not tell the connection that the answer has ended
    return Answer(
        status=response.status,
        headers={name.lower(): value for name, value in response.getheaders()},
        body=b"".join(pieces),
        events=events,
        seconds=total,
        first_byte_seconds=first_byte or total,
    )


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder on the disk of the repository, removed at the end."""
    peers.CACHE.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="store-", dir=peers.CACHE))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def slotport(
    data: Path, token: str | None = None, *, settings: Mapping[str, str] = NONE, processes: int = 1
) -> Iterator[Server]:
    """``slotport serve`` on a folder; signed in with the token, else a new account is signed up.

    ``settings``: further ones, by the names of their variables.
    """
    command = [PROGRAM, "serve", "--host", "127.0.0.1", "--port", "{port}", "--data", str(data)]
    command += ["--processes", str(processes)] if processes > 1 else []
    log = data / "bench.log"
    before = _said(log, "listening")
    with _running(command, log, "/readyz", settings) as server:
        until = time.monotonic() + READY_SECONDS
        while _said(log, "listening") - before < processes and time.monotonic() < until:
            time.sleep(0.05)
        if token is None:
            account = {"username": "bench", "email": "bench@bench.example", "password": "bench-password"}
            token = str(server.ask("POST", "/v1/users", account, expected=201).json()["authToken"])
        server.headers["Authorization"] = f"Token token={token}"
        yield server


@contextmanager
def workers(data: Path, count: int, *, settings: Mapping[str, str]) -> Iterator[list[int]]:
    """So many ``slotport worker`` on a folder, from the moment on that all work; their processes."""
    command = [PROGRAM, "worker", "--data", str(data), "--base-url", "http://bench.example"]
    log = data / "workers.log"
    before = _said(log, "working")
    started: list[subprocess.Popen[bytes]] = []
    with log.open("ab") as file:
        try:
            for _ in range(count):
                started.append(
                    subprocess.Popen(
                        command,
                        cwd=data,
                        env=environment() | dict(settings),
                        stdout=file,
                        stderr=file,
                        start_new_session=True,
                    )
                )
            until = time.monotonic() + READY_SECONDS
            while _said(log, "working") - before < count:
                if time.monotonic() > until or any(one.poll() is not None for one in started):
                    raise Failed(f"a worker did not start: {log.read_text(errors='replace')[-300:]}")
                time.sleep(0.05)
            yield [one.pid for one in started]
        finally:
            for process in started:
                process.terminate()
            for process in started:
                _stop(process)


def _said(log: Path, event: str) -> int:
    """How often a log of JSON lines tells of an event."""
    return log.read_text(errors="replace").count(f'"event": "{event}"') if log.is_file() else 0


def token_of(server: Server) -> str:
    """The token a server of Slotport was signed in with."""
    return server.headers["Authorization"].removeprefix("Token token=")


@contextmanager
def radicale(data: Path) -> Iterator[Server]:
    """Radicale on a folder, without accounts or limits that a large calendar would hit. Raises Failed."""
    program = peers.command("Radicale")
    if program is None:
        raise Failed("Radicale is not installed")
    options = {
        "config": "",
        "server-hosts": "127.0.0.1:{port}",
        "storage-filesystem-folder": str(data / "collections"),
        "auth-type": "none",
        "server-max-content-length": "1000000000",
        "server-timeout": str(TIMEOUT_SECONDS),
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    with _running([*program, *words], data / "bench.log", "/.web/") as server:
        server.headers["Authorization"] = f"Basic {b64encode(b'bench:bench').decode()}"
        yield server


@contextmanager
def _running(command: list[str], log: Path, ready_path: str, settings: Mapping[str, str] = NONE) -> Iterator[Server]:
    """The program on a free port from the moment on that it answers; it is stopped at the end. Raises Failed."""
    port = _free_port()
    words = [word.replace("{port}", str(port)) for word in command]
    with log.open("ab") as file:
        try:
            process = subprocess.Popen(
                words,
                cwd=log.parent,
                env=environment() | dict(settings),
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        except OSError as cause:
            raise Failed(f"{words[0]}: {cause}") from cause
        server = Server(process.pid, port)
        try:
            _await(server, process, ready_path, log)
            yield server
        finally:
            server.close()
            _stop(process)


def _await(server: Server, process: subprocess.Popen[bytes], path: str, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        with suppress(Failed):
            server.ask("GET", path)
            return
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
            raise Failed(f"{Path(str(process.args[0])).name} did not start: {said[-1]}")  # type: ignore[index]
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
