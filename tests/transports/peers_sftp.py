"""SSH servers with SFTP: Debian's OpenSSH, which takes a key, and asyncssh's on a thread, which takes passwords."""

import asyncio
import logging
import os
import pwd
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, Self

import asyncssh

from slotport.core.export import Transport
from slotport.transports.outside import Outside
from tests.transports.peer import Peer, Site, files_below, found, process, transport_of
from tests.transports.peers_ftp import free_ports

PASSWORD = "correct horse: battery 100%"
_numbers = count(1)
logging.getLogger("asyncssh.sftp").setLevel(logging.CRITICAL)  # of the server


@dataclass(frozen=True)
class SftpPeer(Peer):
    """A folder on an SSH server, which is not there before the first file."""

    folder: Path
    directory: str
    login: str
    host_key: str
    outside: Outside
    address: tuple[str, int]
    secrets: dict[str, str] = field(default_factory=lambda: {"password": PASSWORD}, repr=False)
    wrong_secrets: dict[str, str] | None = field(default_factory=lambda: {"password": "wrong horse"})

    def transport(self, **options: Any) -> Transport:
        host, port = self.address
        said = {"server": f"{host}:{port}", "login": self.login, "directory": self.directory, "host_key": self.host_key}
        return transport_of("sftp", said, options)

    def files(self) -> dict[str, bytes]:
        return files_below(self.folder)

    def put(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def at(self, host: str, port: int) -> Self:
        return replace(self, address=(host, port))


def key_text(key: asyncssh.SSHKey, passphrase: str | None = None, form: str = "openssh") -> str:
    """The private key as ssh-keygen writes it."""
    return key.export_private_key(form, passphrase, rounds=64).decode()


@dataclass(frozen=True)
class Sshd:
    """Debian's OpenSSH, for whoever runs the tests, who signs in with a key."""

    port: int
    user: str
    key: asyncssh.SSHKey
    host_keys: tuple[asyncssh.SSHKey, ...]

    @property
    def secrets(self) -> dict[str, str]:
        """What it takes."""
        return {"private_key": key_text(self.key)}

    @property
    def wrong_secrets(self) -> dict[str, str]:
        """What it refuses."""
        return {"private_key": key_text(asyncssh.generate_private_key("ssh-ed25519"))}


@contextmanager
def sshd(
    site: Site, *, families: tuple[str, ...] = ("ssh-ed25519",), subsystem: str = "internal-sftp"
) -> Iterator[Sshd]:
    """OpenSSH's server with a host key of each family."""
    program = found("sshd", "openssh-server")
    user = pwd.getpwuid(os.geteuid()).pw_name
    (port,) = free_ports(1)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where it is in no user's way while it signs in
    folder = site.folder / f"sshd{port}"
    folder.mkdir()
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_public_key(str(folder / "authorized"))
    host_keys = tuple(asyncssh.generate_private_key(family) for family in families)
    lines = [
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"AuthorizedKeysFile {folder / 'authorized'}",
        "StrictModes no",
        "UsePAM no",
        "PidFile none",
        "PermitRootLogin prohibit-password",
        "MaxStartups 100",
        f"Subsystem sftp {subsystem}",
    ]
    for family, host_key in zip(families, host_keys, strict=True):
        file = folder / family
        host_key.write_private_key(str(file))
        file.chmod(0o600)
        lines.append(f"HostKey {file}")
    config = folder / "config"
    config.write_text("\n".join(lines) + "\n")
    with process([program, "-D", "-e", "-f", str(config)], folder / "log", port):
        yield Sshd(port, user, key, host_keys)


@contextmanager
def openssh(site: Site) -> Iterator[Callable[[], SftpPeer]]:
    """OpenSSH's server; folders by their absolute paths."""
    with sshd(site) as running:

        def fresh() -> SftpPeer:
            box = site.folder / f"box{next(_numbers)}"
            box.mkdir()
            return SftpPeer(
                folder=box / "in box",
                directory=f"{box}/in box",
                login=running.user,
                host_key=running.host_keys[0].get_fingerprint(),
                outside=site.outside(),
                address=("127.0.0.1", running.port),
                secrets=running.secrets,
                wrong_secrets=running.wrong_secrets,
            )

        yield fresh


class Accounts(asyncssh.SSHServer):
    """Takes every user with the password; ``questions``: by asking for it."""

    questions: tuple[tuple[str, bool], ...] = ()
    password: bool = True

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return self.password

    def validate_password(self, username: str, password: str) -> bool:
        return password == PASSWORD

    def kbdint_auth_supported(self) -> bool:
        return bool(self.questions)

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return "", "", "", self.questions

    def validate_kbdint_response(self, username: str, responses: Any) -> Any:
        return list(responses) == [PASSWORD]


@contextmanager
def asyncssh_server(
    site: Site,
    *,
    accounts: type[Accounts] = Accounts,
    files: type[asyncssh.SFTPServer] | None = asyncssh.SFTPServer,
    **options: Any,
) -> Iterator[Callable[[], SftpPeer]]:
    """asyncssh's server on a thread; each user has a folder that looks like the root. ``files`` None: no SFTP."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="asyncssh", daemon=True)
    thread.start()
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    live: set[asyncssh.SSHServerConnection] = set()

    class Noting(accounts):  # type: ignore[misc,valid-type]
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            self.conn = conn
            live.add(conn)

        def connection_lost(self, exc: Exception | None) -> None:
            live.discard(self.conn)

    def served(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        assert files is not None
        return files(channel, chroot=str(site.folder / channel.get_extra_info("username")).encode())

    async def listen() -> asyncssh.SSHAcceptor:
        said = {"server_host_keys": [host_key], "server_factory": Noting, "sftp_factory": served if files else None}
        return await asyncssh.listen("127.0.0.1", 0, **{**said, **options})

    async def end() -> None:
        acceptor.close()
        for connection in list(live):
            connection.abort()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(connection.wait_closed(), 2)
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result()

    def fresh() -> SftpPeer:
        login = f"ssh{next(_numbers)}"
        (site.folder / login).mkdir()
        return SftpPeer(
            folder=site.folder / login / "in box",
            directory="in box",
            login=login,
            host_key=host_key.get_fingerprint(),
            outside=site.outside(),
            address=("127.0.0.1", acceptor.get_port()),
        )

    try:
        yield fresh
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


sftp = asyncssh_server
