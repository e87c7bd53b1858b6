"""What a transport delivers, and how it says that it could not."""

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


class Parcel(Struct, frozen=True, kw_only=True):
    """A result that is ready to be delivered."""

    run_id: str
    transport_uuid: str
    export_id: int
    export_name: str
    finished_at: datetime
    archives: tuple[Archive, ...]  #: what the transport's packer made
    archives_folder: Path
    files_folder: Path
    journal: Path  #: where a transport may note what it did, for the next try
    links: tuple[Link, ...] = ()  #: of the archives, in their order
    recipients: tuple[str, ...] = ()  #: addresses
    post: Post | None = None
