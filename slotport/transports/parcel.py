"""What a transport delivers, and how it says that it could not."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct

from slotport.core.export import Archive
from slotport.errors import SlotportError


class TransportError(SlotportError):
    """The delivery failed; a later try may pass."""


class TransportRefused(TransportError):
    """The delivery failed, and so would every later try."""


class Log(Protocol):
    """Takes a line of the transport's log."""

    def __call__(self, level: Literal["info", "warning", "error"], message: str) -> None:
        """Note one line."""


class Post(Protocol):
    """Hands a mail over."""

    def __call__(self, *, to: str, subject: str, text: str, message_id: str) -> None:
        """Send one plain text mail; raises TransportError or TransportRefused with the server's words."""


class Link(Struct, frozen=True, kw_only=True):
    """Where an archive can be downloaded without a session."""

    url: str
    size: int


class Outgoing(Struct, frozen=True, kw_only=True):
    """A file that is to be stored elsewhere."""

    name: str  #: relative to the transport's directory, ``/``-separated
    source: Path
    size: int
    sha256: str


class Journal(Protocol):
    """What a transport placed elsewhere, kept for its next try and for its next run. Names are its own."""

    def has(self, name: str) -> bool:
        """Whether an earlier try of this run placed it."""

    def verified(self, name: str) -> Literal["hash", "size", "none"]:
        """How far it was read back then."""

    def note(self, name: str, verified: Literal["hash", "size", "none"] = "none", *, at_once: bool = False) -> None:
        """It is placed; written down soon, or before this returns."""

    def stale(self) -> Iterator[str]:
        """The names that earlier runs placed and this one did not, in their order."""

    def forget(self, name: str) -> None:
        """It was removed; written down soon."""

    def flush(self) -> None:
        """Write everything down before this returns."""


class Parcel(Struct, frozen=True, kw_only=True):
    """A result that is ready to be delivered."""

    run_id: str
    transport_uuid: str
    export_id: int
    export_name: str
    finished_at: datetime
    archives: tuple[Archive, ...]  #: what the transport's packer made; empty if that is ``folder``
    archives_folder: Path
    files_folder: Path
    outgoing: Callable[[], Iterator[Outgoing]]  #: the archives, or else the files below a folder named for the export
    journal: Journal
    keeps_old: bool = False  #: what earlier runs placed stays (incremental exports)
    links: tuple[Link, ...] = ()  #: of the archives, in their order
    recipients: tuple[str, ...] = ()  #: addresses
    post: Post | None = None
