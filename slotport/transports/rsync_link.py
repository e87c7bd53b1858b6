"""Where rsync writes to, and how it gets there: through a relay, and an ssh that asks nobody."""

import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from pathlib import Path

from msgspec import Struct

from slotport.core.transport_target import PORTS, Target
from slotport.transports import ssh_session
from slotport.transports.outside import Outside
from slotport.transports.parcel import TransportError, TransportRefused
from slotport.transports.ssh_key import read_private_key


class Reached(Struct, frozen=True, kw_only=True):
    """What rsync is called with, the port of a relay being given."""

    where: str  #: with a slash at its end; ``{port}`` for the port
    options: tuple[str, ...] = ()  #: also with that
    environment: dict[str, str] = {}
    connect: Callable[[], socket.socket] | None = None  #: what a relay passes on to; None: on this machine
    local: Path | None = None  #: then the same folder
    hidden: tuple[str, ...] = ()  #: what is in no error

    def __repr__(self) -> str:
        """Without what is hidden."""
        return f"Reached({self.where!r})"


@dataclass(frozen=True, kw_only=True)
class Link:
    """A destination, and who signs in there."""

    destination: str  #: ``rsync://[user@]host[:port]/module/path``, ``[user@]host:path`` or an absolute path
    target: Target | None  #: None: on this machine
    password: str = field(default="", repr=False)  #: of the daemon's user
    private_key: str = field(default="", repr=False)  #: for ssh; none: those of the account that runs Slotport
    passphrase: str = field(default="", repr=False)
    host_key: str = ""  #: fingerprint; none: what ssh knows on this machine
    outside: Outside = field(repr=False)

    def reached(self, folder: Path, check: Callable[[], None]) -> Reached:
        """How rsync gets there; what it needs as a file goes into the folder, which nobody else may read.

        Raises TransportRefused and TransportError.
        """
        if self.target is None:
            path = Path(self.destination).resolve()
            try:
                path.mkdir(parents=True, exist_ok=True)
            except OSError as cause:
                raise TransportError(f"the folder cannot be made: {(cause.strerror or 'failed').lower()}") from cause
            return Reached(where=f"{path}/", local=path)
        connect = partial(self.outside.connect, self.target.host, self.target.port)
        self.outside.addresses(self.target.host, self.target.port)  # refuses what is not allowed
        if self.target.scheme == "ssh":
            shell = " ".join(map(_quoted, self._ssh(folder, check)))
            where = self.destination if self.destination.endswith("/") else f"{self.destination}/"
            return Reached(where=where, options=(f"--rsh={shell}",), connect=connect, hidden=(f"{folder}/",))
        user, path_ = self._parts()
        return Reached(
            where=f"rsync://{user}127.0.0.1:{{port}}/{path_.rstrip('/')}/",
            options=(f"--contimeout={ceil(self.outside.timeout_seconds)}",),
            environment={"RSYNC_PASSWORD": self.password},
            connect=connect,
            hidden=(self.password,),
        )

    def with_port(self) -> str:
        """The destination, with the port that is connected to unless that is the standard one; of daemons only."""
        if self.target is None or self.target.scheme != "rsync" or self.target.port == PORTS["rsync"]:
            return self.destination
        user, path = self._parts()
        host = f"[{self.target.host}]" if ":" in self.target.host else self.target.host
        return f"rsync://{user}{host}:{self.target.port}/{path}"

    def server_key(self, check: Callable[[], None], *, host_key: str) -> str:
        """The key of the ssh server that has the fingerprint, as known_hosts has it.

        Raises TransportRefused, which names the key that it has, if that is another one or none was said.
        """
        if self.target is None:
            raise TransportRefused("there is no server")
        login = ssh_session.Login(host=self.target.host, port=self.target.port, user="nobody", host_key=host_key)
        return ssh_session.server_key(self.outside, login, check=check)

    def _parts(self) -> tuple[str, str]:
        """Of a daemon: the user with an @, if there is one, and the path without a slash before it."""
        place, _, path = self.destination.partition("://")[2].partition("/")
        user, at, _ = place.rpartition("@")
        return f"{user}{at}", path

    def _ssh(self, folder: Path, check: Callable[[], None]) -> list[str]:
        """The command of ssh, which neither asks anybody nor reads a configuration."""
        program, target = shutil.which("ssh"), self.target
        if program is None or target is None:
            raise TransportRefused("ssh is not installed on this machine")
        alias = target.host if target.port == PORTS["ssh"] else f"[{target.host}]:{target.port}"
        seconds = str(ceil(self.outside.timeout_seconds))
        said = {
            "HostName": "127.0.0.1",
            "Port": "{port}",
            "HostKeyAlias": alias,
            "CheckHostIP": "no",
            "CanonicalizeHostname": "no",
            "BatchMode": "yes",
            "PreferredAuthentications": "publickey",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "StrictHostKeyChecking": "yes",
            "UpdateHostKeys": "no",
            "ControlPath": "none",
            "ClearAllForwardings": "yes",
            "LogLevel": "ERROR",
            "ConnectTimeout": seconds,
            "ServerAliveInterval": seconds,
        }
        if self.private_key:
            key = read_private_key(self.private_key, self.passphrase).export_private_key("openssh")
            said["IdentityFile"] = str(_written(folder / "key", key))
        if self.host_key:
            server_key = self.server_key(check, host_key=self.host_key)
            said["UserKnownHostsFile"] = str(_written(folder / "known", f"{alias} {server_key}\n".encode()))
            said["GlobalKnownHostsFile"] = "/dev/null"
            kind = server_key.split()[0]
            said["HostKeyAlgorithms"] = "rsa-sha2-512,rsa-sha2-256" if kind == "ssh-rsa" else kind
        options = [word for name, value in said.items() for word in ("-o", f"{name}={value}")]
        return [program, "-F", "none", *options]


def _written(file: Path, content: bytes) -> Path:
    """The file, which only its owner can read."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)
    return file


def _quoted(word: str) -> str:
    """A word of a command as rsync takes it apart: it knows quotes, which are doubled in themselves, and no shell."""
    return '"' + word.replace('"', '""') + '"'
