"""SFTP (docs/transports/sftp.md): version 3 of the protocol over SSH (draft-ietf-secsh-filexfer-02).

A file is stored as ``.<name>.<id>.part``, read back and renamed. Several pieces are on their way at a time.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Self

import asyncssh
from asyncssh import FXF_CREAT, FXF_EXCL, FXF_TRUNC, FXF_WRITE

from slotport.core import transport_target
from slotport.core.export import Receipt, Transport
from slotport.transports import remote
from slotport.transports.outside import Outside
from slotport.transports.parcel import Log, Parcel, TransportError, TransportRefused
from slotport.transports.pinned_http import within
from slotport.transports.ssh_session import Login, Session

PIECE_BYTES = 128 * 1024  #: or what the server takes at a time, if that is less
MOST_BYTES = 4 * 1024 * 1024  #: on their way at a time
MOST_PIECES = 128
TRY_OUT_SECONDS = 60.0
_NOT_THERE = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)
_NOT_TOLD = (*_NOT_THERE, asyncssh.SFTPPermissionDenied, asyncssh.SFTPOpUnsupported)


@dataclass(frozen=True, kw_only=True)
class Sftp:
    """Stores files on an SSH server."""

    login: Login = field(repr=False)
    directory: str = ""  #: relative to where the login begins, or absolute
    outside: Outside = field(repr=False)

    @classmethod
    def of(cls, transport: Transport, secrets: Mapping[str, str], outside: Outside) -> Self:
        """The carrier of the transport."""
        options = transport.options
        target = transport_target.target(transport.type, options)
        if target is None:
            raise TransportRefused(f"{transport.type} has no server")
        login = Login(
            host=target.host,
            port=target.port,
            user=options.get("login") or "",
            password=secrets.get("password", ""),
            private_key=secrets.get("private_key", ""),
            passphrase=secrets.get("passphrase", ""),
            host_key=options.get("host_key") or "",
        )
        return cls(login=login, directory=options.get("directory") or "", outside=outside)

    def deliver(self, parcel: Parcel, log: Log, check: Callable[[], None]) -> Receipt:
        """Store the parcel's files below the directory."""
        with self._connected(log, check) as folder:
            return remote.place(parcel, folder, log, check)

    def try_out(self, uuid: str, log: Log) -> None:
        """Store a small file and remove it."""
        with self._connected(log, within(max(TRY_OUT_SECONDS, self.outside.timeout_seconds))) as folder:
            remote.try_out(folder, uuid, log)

    @contextmanager
    def _connected(self, log: Log, check: Callable[[], None]) -> Iterator["SftpFolder"]:
        if not self.login.user:
            raise TransportRefused("SFTP needs a login")
        with Session(self.outside, self.login, log=log, check=check) as session:
            client = session.do(session.connection.start_sftp_client(), "beginning SFTP")
            yield SftpFolder(session, client, self.directory)


class SftpFolder:
    """A folder on the server (``remote.Remote``)."""

    is_atomic = False

    def __init__(self, session: Session, client: asyncssh.SFTPClient, directory: str) -> None:
        self._session, self._client = session, client
        self._directory = PurePosixPath(directory)
        self._there: set[PurePosixPath] = set()  # folders
        self._replaces = True  #: renames over an existing file, as POSIX has it
        self._piece_bytes = max(min(PIECE_BYTES, client.limits.max_write_len), 1024)
        self._most_pieces = min(MOST_BYTES // self._piece_bytes, MOST_PIECES)

    def put(self, name: str, file: BinaryIO, size: int) -> None:
        """Store the file; ``size`` is checked by whoever reads it back."""
        path = self._path(name)
        self._make_folder(path.parent)
        self._session.run(self._store(self._opened(path, name), file, f"storing {name}"))

    def size(self, name: str) -> int | None:
        """The size of the file."""
        try:
            return self._session.do(self._client.stat(self._path(name)), f"looking for {name}").size
        except TransportError as error:
            if isinstance(error.__cause__, _NOT_TOLD):
                return None
            raise

    def read(self, name: str) -> Iterator[bytes]:
        """The file in pieces, up to the size that the server says it has."""
        path, what = self._path(name), f"reading {name}"
        told = self._session.start(self._client.stat(path))
        try:
            file = self._session.do(self._client.open(path, "rb"), what)
            self._session.run(self._session.wait({told}, what))
            pieces = self._pieces(file, told.result().size, what)
            first = next(pieces, b"")
        except TransportError as error:
            if isinstance(error.__cause__, asyncssh.SFTPPermissionDenied | asyncssh.SFTPOpUnsupported):
                raise remote.NotReadable(str(error)) from error
            raise
        yield first
        yield from pieces
        self._session.start(file.close())

    def rename(self, old: str, new: str) -> None:
        """Rename; where the server does not rename over files, remove the one there first."""
        source, target, what = self._path(old), self._path(new), f"renaming to {new}"
        if self._replaces:
            try:
                self._session.do(self._client.posix_rename(source, target), what)
                return
            except TransportError as error:
                if not isinstance(error.__cause__, asyncssh.SFTPOpUnsupported):
                    raise
                self._replaces = False
        try:
            self._session.do(self._client.rename(source, target), what)
        except TransportError as error:
            if not isinstance(error.__cause__, asyncssh.SFTPError) or self.size(new) is None:
                raise
            self.remove(new)
            self._session.do(self._client.rename(source, target), what)

    def remove(self, name: str) -> None:
        """Remove the file; that it is not there is no error."""
        try:
            self._session.do(self._client.remove(self._path(name)), f"removing {name}")
        except TransportError as error:
            if not isinstance(error.__cause__, asyncssh.SFTPError):
                raise
            if not isinstance(error.__cause__, _NOT_THERE) and self.size(name) is not None:
                raise

    def _path(self, name: str) -> PurePosixPath:
        return self._directory / name

    def _opened(self, path: PurePosixPath, name: str) -> asyncssh.SFTPClientFile:
        """A new file: into one that is there, a connection that broke a moment ago may still be writing."""
        what = f"storing {name}"
        try:
            return self._new(path, FXF_EXCL, what)
        except TransportError as error:
            if not isinstance(error.__cause__, asyncssh.SFTPError) or isinstance(error, TransportRefused):
                raise
            self.remove(name)
            return self._new(path, FXF_TRUNC, what)

    def _new(self, path: PurePosixPath, how: int, what: str) -> asyncssh.SFTPClientFile:
        flags = FXF_WRITE | FXF_CREAT | how
        # one request a write: they are on their way when the next one begins
        return self._session.do(self._client.open(path, flags, encoding=None, block_size=0), what)

    async def _store(self, handle: asyncssh.SFTPClientFile, file: BinaryIO, what: str) -> None:
        pending: set[asyncio.Task[Any]] = set()
        offset = 0
        while piece := file.read(self._piece_bytes):
            pending.add(self._session.start(handle.write(piece, offset)))
            offset += len(piece)
            if len(pending) >= self._most_pieces:
                pending = await self._session.wait(pending, what)
        pending.add(self._session.start(handle.close()))  # servers answer in order
        while pending:
            pending = await self._session.wait(pending, what)

    def _pieces(self, file: asyncssh.SFTPClientFile, size: int | None, what: str) -> Iterator[bytes]:
        """In order; without a size one after another, up to the first that is empty."""
        pending: deque[asyncio.Task[bytes]] = deque()
        offset = 0
        while True:
            while len(pending) < (1 if size is None else self._most_pieces):
                wanted = self._piece_bytes if size is None else min(self._piece_bytes, size - offset)
                if wanted <= 0:
                    break
                pending.append(self._session.start(file.read(wanted, offset)))
                offset += wanted
            if not pending:
                return
            task = pending.popleft()
            self._session.run(self._session.wait({task}, what))
            if not task.result():
                return
            yield task.result()

    def _make_folder(self, folder: PurePosixPath) -> None:
        """Make the folder and those above it, as far as they are missing."""
        if folder in self._there or folder.name == "":
            return
        if not self._is_there(folder):
            self._make_folder(folder.parent)
            try:
                self._session.do(self._client.mkdir(folder), f"making the folder {folder}")
            except TransportError as error:
                if not isinstance(error.__cause__, asyncssh.SFTPError) or not self._is_there(folder):
                    raise  # somebody else may have made it
        self._there.add(folder)

    def _is_there(self, folder: PurePosixPath) -> bool:
        try:
            return self._session.do(self._client.isdir(folder), f"looking for the folder {folder}")
        except TransportError as error:
            if isinstance(error.__cause__, asyncssh.SFTPError):
                return False
            raise
