"""One signed-in SSH connection (RFC 4251 to 4254), asked by blocking code: its event loop runs only while that waits.

Nothing of the machine takes part: no configuration, no agent, no keys and no known hosts. Whatever waits looks every
half second whether to go on, and ends after ``timeout_seconds`` of silence.
"""

import asyncio
import getpass
import logging
import os
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Self, TypeVar

import asyncssh

from slotport.transports.outside import Outside
from slotport.transports.parcel import Log, TransportError, TransportRefused
from slotport.transports.ssh_key import read_private_key

T = TypeVar("T")

LOOK_SECONDS = 0.5
END_SECONDS = 2.0  #: that saying goodbye may take
LONGEST_WORDS = 300
#: by family, the best first: a server has one key of each, or fewer
HOST_KEYS = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)
#: those that processors do themselves come first
CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes256-ctr",
    "aes192-ctr",
    "aes128-ctr",
)
#: how a server looks that has another key, or none of the family that it is asked for
_OTHER_KEY = (asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed, asyncssh.ConnectionLost, ConnectionError)
_DENIED = (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect)
logging.getLogger("asyncssh").setLevel(logging.WARNING)  # it tells of each connection and of each file otherwise


@dataclass(frozen=True, kw_only=True)
class Login:
    """Who signs in where."""

    host: str
    port: int
    user: str
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    host_key: str = ""  #: ``SHA256:`` and 43 characters; empty: it is not known yet


class Session:
    """A connection. Methods raise TransportRefused where no later try can pass, and TransportError for all else."""

    def __init__(self, outside: Outside, login: Login, *, log: Log, check: Callable[[], None]) -> None:
        self._outside, self._login, self._log, self._check = outside, login, log, check
        self._runner = asyncio.Runner()
        self._connection: asyncssh.SSHClientConnection | None = None
        self.server_key: asyncssh.SSHKey | None = None  #: the one that has the fingerprint

    def __enter__(self) -> Self:
        try:
            key = read_private_key(self._login.private_key, self._login.passphrase) if self._login.private_key else None
            self._connection = self._connected(key)
        except BaseException:
            self._runner.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            with suppress(asyncssh.Error, OSError, asyncio.TimeoutError):
                self._runner.run(self._ended(in_order=kind is None))
        finally:
            self._runner.close()

    @property
    def connection(self) -> asyncssh.SSHClientConnection:
        """What asyncssh makes of it."""
        if self._connection is None:
            raise RuntimeError("it is not connected")
        return self._connection

    def do(self, work: Awaitable[T], what: str) -> T:
        """The result of the work. ``what`` it is stands before the server's words, if it fails."""
        return self._runner.run(self._done(work, what))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of work that waits by means of ``wait`` only."""
        return self._runner.run(work)

    def start(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Let it be worked on whenever something waits; nobody need ask how it ended."""
        task = self._runner.get_loop().create_task(work)
        task.add_done_callback(_seen)
        return task

    async def wait(self, tasks: Collection["asyncio.Task[Any]"], what: str) -> "set[asyncio.Task[Any]]":
        """Wait until one of the tasks is done, without an error; those that are not done."""
        until = monotonic() + self._outside.timeout_seconds
        while True:
            done, others = await asyncio.wait(tasks, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if done:
                break
            self._check()
            if monotonic() >= until:
                raise TransportError(f"{self._login.host} was silent for {self._outside.timeout_seconds:g} seconds")
        with self._words(what):
            for task in done:
                task.result()
        return others

    async def _done(self, work: Awaitable[T], what: str) -> T:
        task = asyncio.ensure_future(work)
        task.add_done_callback(_seen)
        try:
            await self.wait({task}, what)
            return task.result()
        finally:
            task.cancel()

    async def _ended(self, *, in_order: bool) -> None:
        if in_order:
            self.connection.close()
        else:
            self.connection.abort()
        await asyncio.wait_for(self.connection.wait_closed(), END_SECONDS)

    # Signing in

    def _connected(self, key: asyncssh.SSHKey | None) -> asyncssh.SSHClientConnection:
        """A connection to the server that has the host key; nothing is told to another one."""
        every = sum(HOST_KEYS, ())
        first = _Client(self._login)
        try:
            return self._tried(first, every, key)
        except TransportError as failure:
            if not isinstance(failure.__cause__, asyncssh.HostKeyNotVerifiable) or not first.shown:
                raise
        if not self._login.host_key:
            raise self._unknown(first.shown)
        for family in HOST_KEYS:
            if first.algorithm not in family:
                with _passing(*_OTHER_KEY):
                    return self._tried(_Client(self._login), family, key)
        # servers end the connection if they have no key of a family; is it that, or did it break?
        with _passing(asyncssh.HostKeyNotVerifiable):
            return self._tried(_Client(self._login), every, key)
        raise TransportRefused(
            f"the host key of {self._login.host} is {first.shown} and not {self._login.host_key}: nothing was sent"
        )

    def _unknown(self, shown: str) -> TransportRefused:
        self._log("warning", f"{self._login.host} shows the host key {shown}")
        return TransportRefused(
            f"the host key of {self._login.host} is not known: it shows {shown}. If that is the right one, enter it as"
            " host_key"
        )

    def _tried(
        self, client: "_Client", host_keys: tuple[str, ...], key: asyncssh.SSHKey | None
    ) -> asyncssh.SSHClientConnection:
        _name_user()
        options = self.do(
            asyncssh.SSHClientConnectionOptions.construct(
                client_factory=lambda: client,
                config=None,
                known_hosts=([], [], []),  # the client decides
                server_host_key_algs=host_keys,
                x509_trusted_certs=None,
                username=self._login.user,
                client_keys=[key] if key else None,
                agent_path=None,
                preferred_auth="publickey,password,keyboard-interactive",
                host_based_auth=False,
                gss_host=None,
                gss_kex=False,
                gss_auth=False,
                encryption_algs=CIPHERS,
                compression_algs="none",
                connect_timeout=None,
                login_timeout=0,
                keepalive_interval=0,
            ),
            "signing in",
        )
        link = self._outside.connect(self._login.host, self._login.port)  # whoever uses it closes it
        try:
            return self.do(asyncssh.connect(sock=link, config=None, options=options), "signing in")
        finally:
            self.server_key = client.accepted

    # Words

    @contextmanager
    def _words(self, what: str) -> Iterator[None]:
        """Turns what goes wrong inside into a TransportError with the server's words."""
        host = self._login.host
        try:
            yield
        except asyncssh.HostKeyNotVerifiable as cause:
            raise TransportRefused(f"the host key of {host} cannot be used: {self._said(cause)}") from cause
        except asyncssh.PermissionDenied as cause:
            raise TransportRefused(f"{host} refuses the login {self._login.user}") from cause
        except asyncssh.IllegalUserName as cause:
            raise TransportRefused("the login has signs that SSH does not know") from cause
        except (asyncssh.KeyExchangeFailed, asyncssh.ProtocolNotSupported) as cause:
            raise TransportRefused(f"{host} speaks SSH in no way that is known here: {self._said(cause)}") from cause
        except asyncssh.ChannelOpenError as cause:
            raise TransportRefused(f"{host} has no SFTP for {self._login.user}: {self._said(cause)}") from cause
        except _DENIED as cause:
            raise TransportRefused(f"{what}: {self._said(cause)}") from cause
        except (asyncssh.ConnectionLost, asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection) as cause:
            raise TransportError(f"{host} ended the connection") from cause
        except asyncssh.SFTPError as cause:
            raise TransportError(f"{what}: {self._said(cause)}") from cause
        except (asyncssh.Error, OSError, EOFError, ValueError) as cause:
            if "authentication failures" in str(cause):  # that servers say when they are tired of them
                raise TransportRefused(f"{host} refuses the login {self._login.user}") from cause
            raise TransportError(f"the connection to {host} broke: {self._said(cause)}") from cause

    def _said(self, error: Exception) -> str:
        """The error's words on one line, without secrets and not too long."""
        text = str(getattr(error, "reason", "") or getattr(error, "strerror", "")) or str(error) or type(error).__name__
        for secret in (self._login.password, self._login.passphrase):
            text = text.replace(secret, "***") if secret else text
        shown = "".join(letter if letter.isprintable() else " " for letter in text)
        return " ".join(shown.split())[:LONGEST_WORDS]


def server_key(outside: Outside, login: Login, *, check: Callable[[], None]) -> str:
    """The server's key that has the fingerprint ``login.host_key``, as known_hosts has it.

    Raises TransportRefused if the server has another one, or if there is no fingerprint: the error says which it has.
    """
    session = Session(outside, login, log=lambda *_: None, check=check)
    try:
        with session:
            pass
    except TransportError:
        if session.server_key is None:
            raise
    if session.server_key is None:
        raise TransportError(f"{login.host} shows no key")
    return session.server_key.export_public_key("openssh").decode("ascii").strip()


class _Client(asyncssh.SSHClient):
    """Compares the server's key, and answers its questions for the password."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._was_asked = self._has_told = False
        self.shown = ""  #: the fingerprint of the key that the server has
        self.algorithm = ""  #: of that key
        self.accepted: asyncssh.SSHKey | None = None

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Whether it is the one that was entered."""
        self.shown = key.get_fingerprint("sha256")
        self.algorithm = key.get_algorithm()
        is_right = self.shown == self._login.host_key
        if is_right:
            self.accepted = key
        return is_right

    def password_auth_requested(self) -> str | None:
        """The password, once."""
        return self._told()

    def kbdint_auth_requested(self) -> str | None:
        """Whether questions are answered: once, and not after the password was refused without one."""
        if not self._login.password or self._has_told or self._was_asked:
            return None
        self._was_asked = True
        return ""

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> Sequence[str] | None:
        """The password, to one question whose answer is not to be seen."""
        if not prompts:
            return []
        if len(prompts) != 1 or prompts[0][1] or (password := self._told()) is None:
            return None
        return [password]

    def _told(self) -> str | None:
        if self._has_told or not self._login.password:
            return None
        self._has_told = True
        return self._login.password


@contextmanager
def _passing(*causes: type[Exception]) -> Iterator[None]:
    """Lets failures pass that have one of the causes."""
    try:
        yield
    except TransportError as failure:
        if not isinstance(failure.__cause__, causes):
            raise


def _name_user() -> None:
    """Asyncssh wants to know who runs it, and in some containers nobody knows; nothing here depends on it."""
    try:
        getpass.getuser()
    except (KeyError, OSError):
        os.environ["LOGNAME"] = "slotport"


def _seen(task: "asyncio.Task[Any]") -> None:
    """Nobody need ask why it failed."""
    if not task.cancelled():
        task.exception()
