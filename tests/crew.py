"""Several servers and workers of Slotport on one PostgreSQL database, to be killed, frozen and started again."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.processes import Served, free_port, wait_until_ready

PROGRAM = (sys.executable, "-m", "slotport")
#: connections and polling of many processes on two cores
SMALL = {"SLOTPORT_THREADS": "4", "SLOTPORT_STREAMS": "4", "SLOTPORT_LOG_LEVEL": "warning"}


@dataclass
class Crew:
    """Processes by name, all with the same settings and files."""

    folder: Path
    settings: Mapping[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def begin(self, name: str, *options: str) -> None:
        """Start the process of that name: ``server…`` or ``worker…``."""
        command = list(PROGRAM)
        if name.startswith("server"):
            port = self.ports.setdefault(name, free_port())
            command += ["serve", "--port", str(port)]
        else:
            command += ["worker"]
        environment = {key: text for key, text in os.environ.items() if not key.startswith("SLOTPORT_")}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [*command, *options, "--data", str(self.folder / "data" / name)],
                env=environment | SMALL | dict(self.settings),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """End it as a crash does."""
        process = self.running.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def revive(self) -> None:
        """Start again what ended by itself, as a service manager does: a database that is away lets nothing start."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self.begin(name)

    def freeze(self, name: str) -> None:
        """Let it do nothing, but live."""
        os.killpg(self.running[name].pid, signal.SIGSTOP)

    def wake(self, name: str) -> None:
        """Let it go on."""
        os.killpg(self.running[name].pid, signal.SIGCONT)

    def end(self, name: str) -> int:
        """Ask it to end; its exit status."""
        process = self.running.pop(name)
        process.terminate()
        return process.wait(timeout=40)

    def log(self, name: str) -> str:
        """What it has said."""
        return (self.folder / f"{name}.log").read_text()

    def server(self, name: str = "server") -> Served:
        """A server that answers."""
        served = Served(self.ports[name], self.running[name], self.folder / f"{name}.log")
        wait_until_ready(served)
        return served

    def request(self, method: str, path: str, token: str, *, seconds: float = 120, **sent: object) -> httpx.Response:
        """The answer of any of the servers; asked again as long as none can answer."""
        give_up_at = time.monotonic() + seconds
        while True:
            port = random.choice(list(self.ports.values()))
            try:
                answer = httpx.request(
                    method,
                    f"http://127.0.0.1:{port}/api/v1/{path}",
                    headers={"X-Easydb-Token": token},
                    timeout=20,
                    trust_env=False,
                    **sent,  # type: ignore[arg-type]
                )
                if answer.status_code < 500:
                    return answer
                reason = answer.text
            except httpx.TransportError as error:
                reason = repr(error)
            assert time.monotonic() < give_up_at, reason
            time.sleep(0.1)


@contextmanager
def crew(folder: Path, database: str, names: list[str], **settings: str) -> Iterator[Crew]:
    """Processes on a database; killed at the end. Files lie in one folder."""
    said = {
        "SLOTPORT_DATABASE": database,
        "SLOTPORT_FILES": str(folder / "files"),
        "SLOTPORT_SECRET_KEY": "a-key-that-is-long-enough-for-the-tests",
        "SLOTPORT_BASE_URL": "http://slotport.example",
        "SLOTPORT_OUTGOING_NETWORKS": "127.0.0.0/8",
        **settings,
    }
    made = Crew(folder, said)
    try:
        for name in names:
            made.begin(name)
        yield made
    finally:
        for name in list(made.running):
            made.kill(name)
