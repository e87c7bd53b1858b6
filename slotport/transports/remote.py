"""Placing a parcel's files on another machine, whatever the protocol (docs/transports/README.md).

A file is stored under a name that nobody takes for the file, read back, and renamed: under its own name there is
always the whole old file or the whole new one. What an earlier delivery of this run placed is not sent again, and what
only earlier runs placed is removed at the end.
"""

import io
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import PurePosixPath
from typing import BinaryIO, Literal, Protocol

from slotport.core.export import Receipt
from slotport.transports.parcel import Log, Outgoing, Parcel, TransportError

Verified = Literal["hash", "size", "none"]
_BETTER: tuple[Verified, ...] = ("none", "size", "hash")
CHUNK_BYTES = 256 * 1024


class NotReadable(TransportError):
    """The other side lets nobody read what was stored."""


class Remote(Protocol):
    """A folder on another machine, while connected to it.

    Names are relative to it and ``/``-separated. All methods raise TransportRefused where no later try can pass, and
    TransportError for everything else that goes wrong.
    """

    is_atomic: bool  #: ``put`` shows the whole file or none: no other name is needed in between

    def put(self, name: str, file: BinaryIO, size: int) -> None:
        """Store ``size`` bytes under the name, over what is there; makes the folders that are missing.

        The file is read in pieces; what reading raises comes out of here as it is.
        """

    def size(self, name: str) -> int | None:
        """The size of the file in bytes; None if there is none, or the other side does not tell."""

    def read(self, name: str) -> Iterator[bytes]:
        """The file in pieces. Raises NotReadable if the other side lets nobody read."""

    def rename(self, old: str, new: str) -> None:
        """Give a file another name, over what is there."""

    def remove(self, name: str) -> None:
        """Remove the file, if it is there."""


def place(parcel: Parcel, remote: Remote, log: Log, check: Callable[[], None]) -> Receipt:
    """Store all files of the parcel, and remove what only earlier runs stored. Names are those of the parcel.

    Raises TransportError if what is read back differs.
    """
    count = size = again = 0
    verified: Verified = "hash"
    for item in parcel.outgoing():
        check()
        count += 1
        size += item.size
        if parcel.journal.has(item.name) and remote.size(item.name) == item.size:
            again += 1
            verified = min(verified, parcel.journal.verified(item.name), key=_BETTER.index)
            continue
        found = _place_one(remote, item, parcel.transport_uuid, check)
        verified = min(verified, found, key=_BETTER.index)
        parcel.journal.note(item.name, found)
    parcel.journal.flush()
    if again:
        log("info", f"{again} of {count} files had been stored before")
    _remove_old(parcel, remote, log, check)
    said = {"hash": "read back and compared", "size": "compared by size only", "none": "not verified: cannot be read"}
    log("info", f"{count} files of {size} bytes stored, {said[verified]}")
    return Receipt(files=count, bytes=size, finished=parcel.finished_at, verified=verified)


def try_out(remote: Remote, uuid: str, log: Log) -> None:
    """Store a small file, read it back and remove it; raises TransportError where a delivery would fail."""
    name = f".slotport-{uuid[:8]}.part"
    content = b"This file can be removed.\n"
    remote.put(name, io.BytesIO(content), len(content))
    log("info", "a small file was stored")
    try:
        try:
            if _beginning(remote.read(name), len(content) + 1) != content:
                raise TransportError("what was read back is not what was sent")
            log("info", "the file was read back")
        except NotReadable:
            log("warning", "the file cannot be read back: deliveries are verified by size at best")
    finally:
        remote.remove(name)
    log("info", "the file was removed")


def part_name(name: str, uuid: str) -> str:
    """What a file is called while it is stored: the same for each try of one transport, and none that is looked for."""
    path = PurePosixPath(name)
    return str(path.with_name(f".{path.name[:100]}.{uuid[:8]}.part"))


def _place_one(remote: Remote, item: Outgoing, uuid: str, check: Callable[[], None]) -> Verified:
    target = item.name if remote.is_atomic else part_name(item.name, uuid)
    try:
        with item.source.open("rb") as stream:
            remote.put(target, io.BufferedReader(_Checked(stream, check), CHUNK_BYTES), item.size)
    except FileNotFoundError as cause:
        raise TransportError(f"{item.name} is not there any more") from cause
    verified = _verified(remote, target, item, check)
    if target != item.name:
        remote.rename(target, item.name)
    return verified


def _verified(remote: Remote, name: str, item: Outgoing, check: Callable[[], None]) -> Verified:
    digest, size = sha256(), 0
    try:
        for piece in remote.read(name):
            check()
            digest.update(piece)
            size += len(piece)
            if size > item.size:  # however much more there is
                break
    except NotReadable:
        told = remote.size(name)
        if told is None:
            return "none"
        if told != item.size:
            raise TransportError(f"{item.name} has {told} bytes there instead of {item.size}") from None
        return "size"
    if size != item.size or digest.hexdigest() != item.sha256:
        raise TransportError(f"{item.name} is not there what it is here: {size} of {item.size} bytes were read back")
    return "hash"


def _beginning(pieces: Iterator[bytes], most: int) -> bytes:
    """The first bytes of the pieces, whatever else a server sends."""
    found = b""
    for piece in pieces:
        found += piece
        if len(found) >= most:
            break
    return found[:most]


def _remove_old(parcel: Parcel, remote: Remote, log: Log, check: Callable[[], None]) -> None:
    if parcel.keeps_old:
        return
    removed = 0
    for name in parcel.journal.stale():
        check()
        remote.remove(name)
        parcel.journal.forget(name)
        removed += 1
    parcel.journal.flush()
    if removed:
        log("info", f"{removed} files of earlier runs removed")


class _Checked(io.RawIOBase):
    """A file that looks whether to go on whenever a piece of it is read."""

    def __init__(self, stream: BinaryIO, check: Callable[[], None]) -> None:
        super().__init__()
        self._stream = stream
        self._check = check

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Fill the buffer as far as it goes."""
        self._check()
        piece = self._stream.read(min(len(buffer), CHUNK_BYTES))
        buffer[: len(piece)] = piece
        return len(piece)
