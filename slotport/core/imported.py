"""What a schedule file says, before it is known what of it there is already (docs/formats/schedule.md)."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class ImportedPerson(Struct, frozen=True, kw_only=True):
    """Somebody who hosts."""

    name: str
    guid: UUID | None = None


class ImportedPlace(Struct, frozen=True, kw_only=True):
    """A location."""

    title: str
    guid: UUID | None = None
    slug: str | None = None  #: as a link to its calendar names it


class ImportedSlot(Struct, frozen=True, kw_only=True):
    """A time slot, its event, its locations and hosts."""

    index: int  #: 0-based, in the file
    line: int | None  #: 1-based
    guid: UUID
    title: str
    start: datetime  #: in UTC
    duration_minutes: int
    places: tuple[ImportedPlace, ...]  #: the first is the room that it stands in
    teaser: str = ""
    description: str | None = None  #: None: the file does not say
    kind: str | None = None
    track: str | None = None
    url: str = ""
    hosts: tuple[ImportedPerson, ...] = ()
