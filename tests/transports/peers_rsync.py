"""What rsync writes to: its daemon, an account behind OpenSSH's server, and a folder of this machine."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, Self

from slotport.core.export import Transport
from slotport.transports.outside import Outside
from tests.transports.peer import Peer, Site, files_below, found, process, transport_of
from tests.transports.peers_ftp import free_ports
from tests.transports.peers_sftp import Sshd, sshd

LOGIN, PASSWORD = "crew", "correct horse: battery 100%"
#: of the daemon, whatever port a proxy before it has
ANYWHERE = tuple(f"rsync://{LOGIN}@127.0.0.1:{port}/crew/" for port in range(1024, 65536))
_numbers = count(1)


@dataclass(frozen=True)
class RsyncPeer(Peer):
    """A folder that rsync writes to. ``{port}`` in the destination is the address's port."""

    folder: Path
    destination: str
    outside: Outside
    address: tuple[str, int] = ("127.0.0.1", 0)
    host_key: str | None = None
    is_shell: bool = False  #: through ssh
    connects: bool = True
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    wrong_secrets: dict[str, str] | None = None

    def transport(self, **options: Any) -> Transport:
        said: dict[str, Any] = {"destination": self.destination.format(port=self.address[1])}
        said["options"] = {"port": self.address[1]} if self.is_shell else {}
        said["options"] |= options.pop("options", {})
        if self.host_key:
            said["host_key"] = self.host_key
        return transport_of("rsync", said, options)

    def files(self) -> dict[str, bytes]:
        return files_below(self.folder)

    def put(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def at(self, host: str, port: int) -> Self:
        return replace(self, address=(host, port))


@contextmanager
def daemon(site: Site, *settings: str) -> Iterator[Callable[[], RsyncPeer]]:
    """rsync's daemon, which asks for a password; ``settings`` of its module."""
    program = found("rsync", "rsync")
    (port,) = free_ports(1)
    folder = site.folder / f"rsyncd{port}"
    (folder / "module").mkdir(parents=True)
    secrets, config = folder / "secrets", folder / "config"
    secrets.write_text(f"{LOGIN}:{PASSWORD}\n")
    secrets.chmod(0o600)
    lines = ["use chroot = no", "reverse lookup = no", "[crew]", f"path = {folder / 'module'}", "read only = no"]
    lines += [f"auth users = {LOGIN}", f"secrets file = {secrets}"]
    if os.geteuid() == 0:
        lines += ["uid = 0", "gid = 0"]
    config.write_text("\n".join([*lines, *settings]) + "\n")
    command = [program, "--daemon", "--no-detach", "--address=127.0.0.1", f"--port={port}", f"--config={config}"]

    def fresh() -> RsyncPeer:
        box = folder / "module" / f"box{next(_numbers)}"
        return RsyncPeer(
            folder=box,
            destination=f"rsync://{LOGIN}@127.0.0.1:{{port}}/crew/{box.name}",
            outside=site.outside(rsync_destinations=ANYWHERE),
            address=("127.0.0.1", port),
            secrets={"password": PASSWORD},
            wrong_secrets={"password": "wrong horse"},
        )

    with process(command, folder / "log", port):
        yield fresh


def shell_peer(site: Site, running: Sshd) -> RsyncPeer:
    """A fresh folder behind the server."""
    found("rsync", "rsync")
    box = site.folder / f"box{next(_numbers)}"
    return RsyncPeer(
        folder=box,
        destination=f"{running.user}@127.0.0.1:{box}",
        outside=site.outside(rsync_destinations=(f"{running.user}@127.0.0.1:{site.folder}",)),
        address=("127.0.0.1", running.port),
        host_key=running.host_keys[0].get_fingerprint(),
        is_shell=True,
        secrets=running.secrets,
        wrong_secrets=running.wrong_secrets,
    )


@contextmanager
def shell(site: Site) -> Iterator[Callable[[], RsyncPeer]]:
    """rsync through OpenSSH's server."""
    with sshd(site) as running:
        yield lambda: shell_peer(site, running)


@contextmanager
def local(site: Site) -> Iterator[Callable[[], RsyncPeer]]:
    """A folder of this machine."""
    found("rsync", "rsync")
    root = site.folder / "rsync root"
    root.mkdir(exist_ok=True)

    def fresh() -> RsyncPeer:
        box = root / f"box{next(_numbers)}" / "in box"
        return RsyncPeer(folder=box, destination=str(box), outside=site.outside(rsync_roots=(root,)), connects=False)

    yield fresh
