"""`slotport serve` as a process of its own, to be killed and started again."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.homes import variables_of

START_SECONDS = 30
#: limits the size of every file that the program after it writes, which is then a full disk to it
LIMITED = (
    "import os, resource, sys; most = int(sys.argv[1]);"
    " resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)); os.execv(sys.argv[2], sys.argv[2:])"
)


@dataclass
class Served:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """End it as a crash does."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def terminate(self) -> int:
        """Ask it to end; its exit status."""
        self.process.terminate()
        return self.process.wait(timeout=30)


def free_port() -> int:
    """A port that no outgoing connection takes by chance."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


@contextmanager
def served(data: Path, *, file_bytes: int | None = None, settings: Mapping[str, str] | None = None) -> Iterator[Served]:
    """`slotport serve` on a data folder, answering; killed at the end. ``file_bytes``: no file may grow beyond."""
    port = free_port()
    command = [sys.executable, "-m", "slotport", "serve", "--port", str(port), "--data", str(data)]
    if file_bytes is not None:
        command = [sys.executable, "-c", LIMITED, str(file_bytes), *command]
    environment = {name: text for name, text in os.environ.items() if not name.startswith("SLOTPORT_")}
    given = dict(settings or {})
    log = data.parent / f"{data.name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env=environment | (variables_of(data) if "SLOTPORT_DATABASE" not in given else {}) | given,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    running = Served(port, process, log)
    try:
        wait_until_ready(running)
        yield running
    finally:
        running.kill()


def wait_until_ready(running: Served) -> None:
    """Return once the server answers."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert running.process.poll() is None, running.log.read_text()[-3000:]
        try:
            if httpx.get(f"{running.url}/readyz", trust_env=False, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise AssertionError(f"the server does not answer: {running.log.read_text()[-3000:]}")


@dataclass(frozen=True)
class Client:
    """Somebody who is signed in; every request has a connection of its own."""

    url: str
    token: str

    def post(self, path: str, **sent: Any) -> httpx.Response:
        """The answer to a POST."""
        headers = {"Authorization": f"Token token={self.token}"}
        return httpx.post(f"{self.url}{path}", headers=headers, timeout=60, trust_env=False, **sent)

    def at(self, server: Served) -> "Client":
        """The same person at another server on the same data."""
        return Client(server.url, self.token)


def signed_up(server: Served, name: str = "ada") -> Client:
    """Somebody with a new account."""
    sent = {"username": name, "email": f"{name}@example.org", "password": "correct horse"}
    answer = httpx.post(f"{server.url}/v1/users", json=sent, timeout=60, trust_env=False)
    assert answer.status_code == 201, answer.text
    return Client(server.url, answer.json()["authToken"])


def calendar(count: int, prefix: str = "event") -> bytes:
    """An iCalendar file of so many events."""
    events = (
        f"BEGIN:VEVENT\r\nUID:{prefix}-{number}@example.org\r\nDTSTART:20310601T{number % 24:02}0000Z\r\n"
        f"SUMMARY:{prefix} {number}\r\nLOCATION:Room {number % 7}\r\nDESCRIPTION:{'sea ' * 20}\r\nEND:VEVENT\r\n"
        for number in range(count)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{''.join(events)}END:VCALENDAR\r\n".encode()
