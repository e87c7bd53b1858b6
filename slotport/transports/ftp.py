"""FTP and FTPS (docs/transports/ftp.md): RFC 959 with passive data connections; with TLS, for files too (RFC 4217).

A file is stored as ``.<name>.<id>.part``, read back and renamed.
"""

import ftplib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO, Self

from slotport.core import transport_target
from slotport.core.export import Receipt, Transport
from slotport.transports import remote
from slotport.transports.ftp_session import Mode, Session
from slotport.transports.outside import Outside
from slotport.transports.parcel import Log, Parcel, TransportError, TransportRefused
from slotport.transports.pinned_http import within

TRY_OUT_SECONDS = 25.0


@dataclass(frozen=True, kw_only=True)
class Ftp:
    """Stores files on an FTP server."""

    host: str
    port: int
    mode: Mode
    login: str = ""  #: none: anonymous
    password: str = field(default="", repr=False)
    directory: str = ""  #: relative to where the login begins, or absolute
    outside: Outside

    @classmethod
    def of(cls, transport: Transport, secrets: Mapping[str, str], outside: Outside) -> Self:
        """The carrier of a transport of type ``ftp`` or ``ftps``; the scheme of ``server`` decides about TLS."""
        options = transport.options
        target = transport_target.target(transport.type, options)
        if target is None:
            raise TransportRefused(f"{transport.type} has no server")
        encrypted: Mode = "implicit" if options.get("implicit_tls") else "explicit"
        return cls(
            host=target.host,
            port=target.port,
            mode=encrypted if target.scheme == "ftps" else "clear",
            login=options.get("login") or "",
            password=secrets.get("password", ""),
            directory=options.get("directory") or "",
            outside=outside,
        )

    def deliver(self, parcel: Parcel, log: Log, check: Callable[[], None]) -> Receipt:
        """Store the parcel's files below the directory."""
        with self._connected(check) as folder:
            return remote.place(parcel, folder, log, check)

    def try_out(self, uuid: str, log: Log) -> None:
        """Store a small file and remove it."""
        with self._connected(within(TRY_OUT_SECONDS)) as folder:
            remote.try_out(folder, uuid, log)

    @contextmanager
    def _connected(self, check: Callable[[], None]) -> Iterator["FtpFolder"]:
        with Session(self.outside, self.host, self.port, mode=self.mode, check=check) as session:
            session.sign_in(self.login, self.password)
            yield FtpFolder(session, self.directory)


class FtpFolder:
    """A folder on the server (``remote.Remote``)."""

    is_atomic = False

    def __init__(self, session: Session, directory: str) -> None:
        self._session = session
        self._directory = directory
        self._there: set[str] = set()  # folders
        self._home: str | None = None
        self._replaces = True  # RNTO over an existing file

    def put(self, name: str, file: BinaryIO, size: int) -> None:
        """Store the file; ``size`` is checked by whoever reads it back."""
        path = self._path(name)
        self._make_folder(PurePosixPath(path).parent)
        self._session.store(path, file)

    def size(self, name: str) -> int | None:
        """What SIZE says (RFC 3659)."""
        with self._session.words():
            try:
                answer = self._session.sendcmd(f"SIZE {self._path(name)}")
            except ftplib.error_perm:
                return None
        told = answer[3:].strip()
        return int(told) if answer.startswith("213") and told.isdecimal() and len(told) < 20 else None

    def read(self, name: str) -> Iterator[bytes]:
        """What RETR gives."""
        pieces = self._session.retrieve(self._path(name))
        try:
            first = next(pieces, b"")
        except TransportError as error:
            if isinstance(error.__cause__, ftplib.error_perm):
                raise remote.NotReadable(str(error)) from error
            raise
        yield first
        yield from pieces

    def rename(self, old: str, new: str) -> None:
        """Rename; where the server does not replace files, delete the one there first."""
        source, target = self._path(old), self._path(new)
        with self._session.words():
            try:
                self._rename(source, target)
            except (ftplib.error_perm, ftplib.error_temp) as refusal:
                if str(refusal).startswith("421"):
                    raise
                self._replace(source, target, refusal)

    def remove(self, name: str) -> None:
        """Delete the file; that it is not there is no error."""
        with self._session.words():
            try:
                self._session.voidcmd(f"DELE {self._path(name)}")
            except ftplib.error_perm:
                if self.size(name) is not None:
                    raise

    def _path(self, name: str) -> str:
        if self._directory in ("", "/"):
            return self._directory + name
        return f"{self._directory}/{name}"

    def _rename(self, source: str, target: str) -> None:
        self._session.sendcmd(f"RNFR {source}")
        self._session.voidcmd(f"RNTO {target}")

    def _replace(self, source: str, target: str, refusal: ftplib.Error) -> None:
        """Delete the target and rename, once it is sure that files can be renamed at all: else the old one stays."""
        if self._replaces:
            aside = f"{source}.2"
            with suppress(ftplib.error_perm):
                self._session.voidcmd(f"DELE {aside}")  # a broken try may have left it
            try:
                self._rename(source, aside)
            except ftplib.Error:
                raise refusal from None
            self._rename(aside, source)
        try:
            self._session.voidcmd(f"DELE {target}")
        except ftplib.Error:
            raise refusal from None
        self._replaces = False
        self._rename(source, target)

    def _make_folder(self, folder: PurePosixPath) -> None:
        """Make the folder and those above it, as far as they are missing."""
        if str(folder) in self._there or folder.name == "":
            return
        with self._session.words():
            if not self._is_there(folder):
                self._make_folder(folder.parent)
                try:
                    self._session.voidcmd(f"MKD {folder}")
                except (ftplib.error_perm, ftplib.error_temp):
                    if not self._is_there(folder):  # somebody else may have made it
                        raise
        self._there.add(str(folder))

    def _is_there(self, folder: PurePosixPath) -> bool:
        """Whether one can go there; stays where it was."""
        if self._home is None:
            self._home = self._session.pwd() or "/"
        try:
            self._session.voidcmd(f"CWD {folder}")
        except ftplib.error_perm:
            return False
        self._session.voidcmd(f"CWD {self._home}")
        return True
