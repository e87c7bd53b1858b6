"""A real server that a transport delivers to: what the tests need of it, and how one is started.

A new peer is a module ``peers_<protocol>.py`` with a subclass of Peer and a context manager that starts the server
once for all tests of the process, and one line in ``peers.PEERS``.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Never, Self

import pytest
import trustme

from slotport.core.export import Transport
from slotport.transports import TRANSPORTS, Carrier
from slotport.transports.outside import Outside
from tests.install import UNPACKED, program_path

UUID = "6f1d2b0c-93aa-4f0e-8a61-2d7c54e0b9f3"
LOOPBACK = ip_network("127.0.0.0/8")
TIMEOUT_SECONDS = 10.0
START_SECONDS = 20


class Peer(ABC):
    """A real server, and an empty folder on it that one test has for itself."""

    secrets: Mapping[str, str]  #: by option
    wrong_secrets: Mapping[str, str] | None = None  #: that the server refuses; None: it asks for none
    outside: Outside  #: with the test's certificate authority, and networks that hold the server's address
    address: tuple[str, int]  #: where the server listens
    data_ports: tuple[int, ...] = ()  #: further ports of a protocol with more than one connection (FTP)
    connects: bool = True  #: False: everything stays on this machine, without a connection
    verified: str = "hash"  #: what the receipt says

    @abstractmethod
    def transport(self, **options: Any) -> Transport:
        """A transport to the folder of this test: options are laid over those that it needs (None drops one)."""

    @abstractmethod
    def files(self) -> dict[str, bytes]:
        """All files below that folder by their names relative to it, hidden ones too."""

    @abstractmethod
    def put(self, name: str, content: bytes) -> None:
        """Store a file below that folder past the transport, with the folders that are missing."""

    @abstractmethod
    def at(self, host: str, port: int) -> Self:
        """The same folder of the same server, reached through another address: a proxy before it.

        ``host`` is 127.0.0.1, or 127.0.0.2 for a peer with ``data_ports``.
        """

    def carrier(
        self, *, secrets: Mapping[str, str] | None = None, outside: Outside | None = None, **options: Any
    ) -> Carrier:
        """What delivers into the folder."""
        transport = self.transport(**options)
        return TRANSPORTS[transport.type](
            transport, self.secrets if secrets is None else secrets, outside or self.outside
        )


@dataclass(frozen=True)
class Site:
    """What a server gets to start with."""

    folder: Path  #: empty, readable by everybody, short, removed in the end
    authority: trustme.CA

    @property
    def authorities(self) -> Path:
        """A PEM file with the certificate of the test's authority."""
        file = self.folder / "authority.pem"
        if not file.exists():
            self.authority.cert_pem.write_to_path(file)
        return file

    def certificate(self, *names: str) -> Path:
        """A PEM file with a key and a certificate for names and addresses."""
        file = self.folder / f"{'-'.join(names)}.pem"
        if not file.exists():
            self.authority.issue_cert(*names).private_key_and_cert_chain_pem.write_to_path(file)
        return file

    def outside(self, **changed: Any) -> Outside:
        """An Outside that may connect to this machine and trusts the test's authority."""
        said = {"networks": (LOOPBACK,), "authorities": self.authorities, "timeout_seconds": TIMEOUT_SECONDS}
        return Outside(**{**said, **changed})


#: a server runs until the end of the block; each call gives a peer with a fresh folder
Start = Callable[[Site], AbstractContextManager[Callable[[], Peer]]]


@contextmanager
def site(authority: trustme.CA) -> Iterator[Site]:
    """An own folder directly below /tmp, where servers that drop their rights can read."""
    folder = Path(tempfile.mkdtemp(prefix="slotport-peer-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield Site(folder, authority)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def transport_of(kind: str, options: Mapping[str, Any], changed: Mapping[str, Any]) -> Transport:
    """A transport with options, those of ``changed`` laid over them; None drops one."""
    said = {name: value for name, value in {**options, **changed}.items() if value is not None}
    return Transport(uuid=UUID, type=kind, options=said)


def files_below(folder: Path) -> dict[str, bytes]:
    """All files of a folder by their relative names, but those that a server takes away meanwhile."""
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with suppress(FileNotFoundError):  # mod_dav removes the file of a broken upload a little later
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def found(program: str, package: str) -> str:
    """The path of a program that tests/install.py installs or unpacks; without it the test is skipped.

    It fails where CI is set.
    """
    return program_path(program) or missing(package)


def missing(package: str) -> Never:
    """Skip the test, or fail it where CI is set."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"PEER-MISSING({package})")
    raise AssertionError


@contextmanager
def process(command: list[str], log: Path, port: int, **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A server in the foreground of a process of its own, once it listens on the port of 127.0.0.1."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", **library_path(command[0])}
    with log.open("ab") as output:
        running = subprocess.Popen(
            command,
            **{
                "cwd": "/",
                "env": environment,
                "stdin": subprocess.DEVNULL,
                "stdout": output,
                "stderr": output,
                **how,
            },
        )
    try:
        until = time.monotonic() + START_SECONDS
        while True:
            if running.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{command[0]} does not listen: {log.read_text(errors='replace')[-2000:]}")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield running
    finally:
        running.terminate()
        try:
            running.wait(5)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def library_path(program: str) -> dict[str, str]:
    """Where a program that was unpacked as an ordinary user has its libraries."""
    if not Path(program).is_relative_to(UNPACKED):
        return {}
    folders = [*sorted(UNPACKED.glob("usr/lib/*-linux-*")), UNPACKED / "usr/lib"]
    return {"LD_LIBRARY_PATH": ":".join(map(str, folders))}
