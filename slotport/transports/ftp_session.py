"""One signed-in connection to an FTP server (RFC 959, 2228, 2428, 2640, 3659, 4217): commands, and transfers of files.

Whatever waits looks every half second whether to go on, and ends after ``timeout_seconds`` of silence. Data
connections are passive and go to the address of the control connection, whatever address the server names.
"""

import ftplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from time import monotonic
from typing import BinaryIO, Literal, Self, TypeVar

from msgspec import structs

from slotport.transports.outside import Outside
from slotport.transports.parcel import TransportError, TransportRefused

Mode = Literal["clear", "explicit", "implicit"]  #: explicit: AUTH TLS; implicit: TLS before anything is said
T = TypeVar("T")

LOOK_SECONDS = 0.5
IDLE_SECONDS = 30  #: after which the control connection is kept alive, while data is transferred
CHUNK_BYTES = 256 * 1024
LONGEST_REPLY = 64 * 1024
LONGEST_WORDS = 300
LOWEST_DATA_PORT = 1024  #: below are other services of the server, which it has no reason to send us to

_Refusal = (ftplib.error_perm, ftplib.error_temp)
_Unexpected = ftplib.error_reply
_EXTENDED = re.compile(r"\(([!-/:-~])\1\1(\d{1,5})\1\)", re.ASCII)  # RFC 2428
_PASSIVE = re.compile(r"\d{1,3}(?:,\d{1,3}){3},(\d{1,3}),(\d{1,3})", re.ASCII)  # the address is not looked at
#: answers that no later try changes: sign-in, account, protection, commands and parameters, the name
_FINAL = frozenset({"500", "501", "502", "503", "504", "521", "530", "532", "534", "536", "553"})
_NO_RIGHTS = re.compile(r"permission|privilege|denied|not allowed|access|read.?only|forbidden", re.IGNORECASE)


class Session(ftplib.FTP):
    """A connection that is signed in, with binary transfers, and encrypted in both channels unless ``mode`` is clear.

    Methods raise TransportRefused where no later try can pass, and TransportError for all else that goes wrong.
    """

    def __init__(self, outside: Outside, host: str, port: int, *, mode: Mode, check: Callable[[], None]) -> None:
        super().__init__()
        self.host = host
        self._outside, self._check = outside, check
        self._received = b""
        self._secrets: tuple[str, ...] = ()
        self._extended = True  # EPSV, until the server refuses it
        self._mode, self._tls = mode, outside.tls()
        self._link = outside.connect(host, port)
        self.sock = self._link
        self.af = self._link.family
        _keep_alive(self._link)
        try:
            with self.words():
                if mode == "implicit":
                    self._link = self.sock = self._secured(self._link)
                self.getresp()
                if mode == "explicit":
                    self._authenticate()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with suppress(*ftplib.all_errors, TransportError):
            if kind is None:
                self.voidcmd("QUIT")
        self.close()

    def sign_in(self, login: str, password: str) -> None:
        """Sign in, as ``anonymous`` without a login, and agree on what holds for all transfers."""
        self._secrets = (password,) if password else ()
        with self.words():
            try:
                self.login(login, password)
            except ftplib.error_perm as cause:
                raise TransportRefused(f"the login is refused: {self._said(cause)}") from cause
            with suppress(*_Refusal):
                if "UTF8" in self.sendcmd("FEAT").upper():
                    self.voidcmd("OPTS UTF8 ON")
            self.voidcmd("TYPE I")
            if self._mode != "clear":
                self._protect_data()

    @contextmanager
    def words(self) -> Iterator[None]:
        """Turns what goes wrong inside into a TransportError with the server's words."""
        try:
            yield
        except ssl.SSLCertVerificationError as cause:
            raise TransportRefused(f"the certificate of {self.host} is refused: {cause.verify_message}") from cause
        except ssl.SSLError as cause:
            said = (cause.reason or "unknown").replace("_", " ").lower()
            raise TransportError(f"TLS with {self.host} failed: {said}") from cause
        except ftplib.Error as cause:
            raise self._translated(cause) from cause
        except EOFError as cause:
            raise TransportError(f"{self.host} ended the connection") from cause
        except TimeoutError as cause:
            raise TransportError(f"{self.host} was silent for {self._outside.timeout_seconds:g} seconds") from cause
        except ValueError as cause:
            raise TransportRefused("the name, the login or the password has signs that FTP does not know") from cause
        except OSError as cause:
            said = cause.strerror or cause.__class__.__name__
            raise TransportError(f"the connection to {self.host} broke: {said.lower()}") from cause

    def store(self, path: str, file: BinaryIO) -> None:
        """Store what the file holds; what reading it raises comes out as it is."""
        with self.words():
            data = self._transfer(f"STOR {path}")
        with data:
            while piece := file.read(CHUNK_BYTES):
                with self.words():
                    self._send(data, memoryview(piece))
            with self.words():
                self._end(data)
        with self.words():
            self.voidresp()

    def retrieve(self, path: str) -> Iterator[bytes]:
        """The file in pieces; the last one only after the server has said that it was the whole file."""
        with self.words():
            data = self._transfer(f"RETR {path}")
        with data:
            while True:
                with self.words():
                    piece = self._receive(data)
                if not piece:
                    break
                yield piece
            self._end(data)
        with self.words():
            self.voidresp()

    # What ftplib calls

    def getline(self) -> str:
        """One line of the server, in UTF-8 or else Latin-1."""
        while (end := self._received.find(b"\n")) < 0:
            if len(self._received) > LONGEST_REPLY:
                raise _Unexpected("a line without an end")
            piece = self._patiently(self._link, partial(self._link.recv, 4096))
            if not piece:
                raise EOFError
            self._received += piece
        line, self._received = self._received[:end].rstrip(b"\r"), self._received[end + 1 :]
        try:
            return line.decode()
        except UnicodeDecodeError:
            return line.decode("latin-1")

    def getmultiline(self) -> str:
        """One reply of the server."""
        lines = [self.getline()]
        code, size = lines[0][:3], len(lines[0])
        if lines[0][3:4] == "-":
            while not (lines[-1][:3] == code and lines[-1][3:4] != "-" and len(lines) > 1):
                lines.append(self.getline())
                size += len(lines[-1]) + 1
                if size > LONGEST_REPLY:
                    raise _Unexpected("an answer without an end")
        return "\n".join(lines)

    # TLS

    def _authenticate(self) -> None:
        try:
            self.voidcmd("AUTH TLS")
        except _Refusal as cause:
            raise TransportRefused(f"{self.host} does not speak TLS: {self._said(cause)}") from cause
        if self._received:
            raise TransportRefused(f"{self.host} said something in between that TLS does not protect")
        self._link = self.sock = self._secured(self._link)

    def _protect_data(self) -> None:
        try:
            self.voidcmd("PBSZ 0")
            self.voidcmd("PROT P")
        except _Refusal as cause:
            raise TransportRefused(f"{self.host} does not encrypt files: {self._said(cause)}") from cause

    def _secured(self, link: socket.socket, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
        secured = self._tls.wrap_socket(link, server_hostname=self.host, do_handshake_on_connect=False, session=session)
        try:
            self._patiently(secured, secured.do_handshake)
        except BaseException:
            secured.close()
            raise
        return secured

    # Data connections

    def _transfer(self, command: str) -> socket.socket:
        """A data connection on which the command's file comes or goes."""
        data = self._data_connection()
        try:
            answer = self.sendcmd(command)
            if answer[0] == "2":  # some say 200 first
                answer = self.getresp()
            if answer[0] != "1":
                raise _Unexpected(answer)
            if isinstance(self._link, ssl.SSLSocket):
                # servers take a resumed session as the proof that both connections are of one client
                return self._secured(data, self._link.session)
        except BaseException:
            data.close()
            raise
        return data

    def _data_connection(self) -> socket.socket:
        # the checked address; that of the answer is ignored
        address = str(self._link.getpeername()[0])
        port = self._data_port()
        if not LOWEST_DATA_PORT <= port <= 65535:
            raise TransportError(f"{self.host} wants files at port {port}, which is none for that")
        return structs.replace(self._outside, ports=None).connect(address, port)

    def _data_port(self) -> int:
        if self._extended:
            try:
                answer = self.sendcmd("EPSV")
                if found := _EXTENDED.search(answer):
                    return int(found[2])
            except ftplib.error_perm:
                if self.af != socket.AF_INET:
                    raise
            self._extended = False
        answer = self.sendcmd("PASV")
        if (found := _PASSIVE.search(answer)) is None:
            raise _Unexpected(answer)
        return int(found[1]) * 256 + int(found[2])

    def _send(self, data: socket.socket, left: memoryview) -> None:
        try:
            while left:
                sent = self._patiently(data, partial(data.send, left))
                left = left[sent:]
        except TimeoutError:
            raise
        except OSError:
            data.close()
            self._reason()
            raise

    def _receive(self, data: socket.socket) -> bytes:
        try:
            return self._patiently(data, partial(data.recv, CHUNK_BYTES))
        except TimeoutError:
            raise
        except OSError:
            data.close()
            self._reason()
            raise

    def _reason(self) -> None:
        """After a data connection broke: raise what the server says about it, if it says that something is wrong."""
        with suppress(EOFError, OSError, ftplib.error_reply, ftplib.error_proto):
            self.voidresp()

    def _end(self, data: socket.socket) -> None:
        """Say that nothing follows. Many servers do not answer as TLS wants; what was stored is read back anyway."""
        if isinstance(data, ssl.SSLSocket):
            with suppress(OSError, ValueError):
                self._patiently(data, data.unwrap)

    def _patiently(self, link: socket.socket, act: Callable[[], T]) -> T:
        """Do what may block, looking now and then whether to go on. Raises TimeoutError after too long a silence."""
        until = monotonic() + self._outside.timeout_seconds
        while True:
            link.settimeout(max(min(LOOK_SECONDS, until - monotonic()), 0.001))
            try:
                return act()
            except TimeoutError:
                self._check()
                if monotonic() >= until:
                    raise

    # Words

    def _translated(self, error: ftplib.Error) -> TransportError:
        said = self._said(error)
        code = said[:3]
        is_final = isinstance(error, ftplib.error_perm) and (
            code in _FINAL or (code == "550" and _NO_RIGHTS.search(said) is not None)
        )
        return TransportRefused(said) if is_final else TransportError(said)

    def _said(self, error: ftplib.Error) -> str:
        return words_of(str(error), self._secrets)


def words_of(text: str, secrets: Sequence[str]) -> str:
    """What a server said on one line, without the secrets and not too long."""
    for secret in secrets:
        text = text.replace(secret, "***")
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:LONGEST_WORDS]


def _keep_alive(link: socket.socket) -> None:
    """Nothing is said on the control connection while a file is on its way: routers must not forget it."""
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL"):
        if option := getattr(socket, name, None):
            link.setsockopt(socket.IPPROTO_TCP, option, IDLE_SECONDS)
