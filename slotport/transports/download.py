"""Download: nothing is sent; whoever has the passkey fetches the archives (docs/transports/download.md)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from slotport.core.export import Receipt, Transport
from slotport.transports.outside import Outside
from slotport.transports.parcel import Log, Parcel, TransportError

CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Download:
    """Leaves the archives where they are, after it read them back."""

    @classmethod
    def of(cls, _transport: Transport, _secrets: Mapping[str, str], _outside: Outside) -> Self:
        """It has no options."""
        return cls()

    def deliver(self, parcel: Parcel, log: Log, check: Callable[[], None]) -> Receipt:
        """Read the archives back and compare size and hash."""
        size = verified_size(parcel, check)
        log("info", f"{len(parcel.archives)} archives of {size} bytes are ready for download")
        return Receipt(files=len(parcel.archives), bytes=size, finished=parcel.finished_at, verified="hash")

    def try_out(self, uuid: str, log: Log) -> None:
        """Nothing is needed."""


def verified_size(parcel: Parcel, check: Callable[[], None]) -> int:
    """The bytes of all archives together, each of which was read; raises TransportError if one is damaged."""
    total = 0
    for archive in parcel.outgoing():
        if _hash(archive.source, check) != archive.sha256:
            raise TransportError(f"{archive.name} is not what was packed")
        total += archive.size
    return total


def _hash(path: Path, check: Callable[[], None]) -> str:
    digest = sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                check()
                digest.update(chunk)
    except FileNotFoundError:
        raise TransportError(f"{path.name} is not there any more") from None
    return digest.hexdigest()
