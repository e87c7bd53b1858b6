"""Conventions: events meet locations and hosts in time slots (docs/api/convention.md).

An **event** is what is offered, a **time slot** that event at a time, in locations, with hosts. Ids of conventions,
events, locations and time slots come from the sequence that slots and groups use too.
"""

from datetime import UTC, date, datetime, timedelta
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from slotport.core.account import Account


class EventStatus(IntEnum):
    """How far an event has come; the number is what the wire says."""

    SUBMITTED = 0
    HAS_TEASER = 1
    CONTENT_APPROVED = 2
    LOGISTICS_APPROVED = 3
    SCHEDULED = 4
    APPROVED = 5
    CANCELLED = 6

    @cached_property
    def label(self) -> str:
        """The status in lower-case words."""
        return self.name.lower().replace("_", " ")


#: of an event whose time slots everybody may see, and which occupy their locations
PUBLIC_STATUSES = frozenset({EventStatus.SCHEDULED, EventStatus.APPROVED})


class Role(StrEnum):
    """What a manager is called; all have the same rights."""

    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    CASHIER = "cashier"


class Requirement(StrEnum):
    """How many values of a tag type an event has."""

    ONE = "1"
    ANY = "*"
    SOME = "+"


class Convention(Struct, frozen=True, kw_only=True, gc=False):
    """A convention as stored."""

    id: int
    slug: str
    title: str
    series: str | None = None
    website: str | None = None
    location: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    settings: dict[str, Any]
    public_key: str
    secret_key: str
    created_at: datetime
    updated_at: datetime
    change: int  #: number of the last commit that changed anything that belongs to the convention
    changed_at: datetime  #: when that was
    #: number of the last commit that changed more of it than single time slots and events, whose versions tell
    shared_change: int = 0

    @property
    def zone_name(self) -> str:
        """IANA name of the zone that its dates are shown in and local times are meant in."""
        name = self.settings.get("timezone")
        return name if isinstance(name, str) and name else "UTC"

    @property
    def zone(self) -> ZoneInfo:
        """The zone of that name."""
        return ZoneInfo(self.zone_name)


class Access(Struct, frozen=True, kw_only=True):
    """Who asks, and about which convention."""

    convention: Convention
    account: Account | None = None
    is_manager: bool = False
    is_signed: bool = False  #: the request bears the convention's own signature

    @property
    def sees_all(self) -> bool:
        """System access: reads what the public does not."""
        return self.is_manager or self.is_signed

    def owns(self, event: "Event") -> bool:
        """Whether the event is the caller's own."""
        return self.account is not None and self.account.id == event.owner.id

    def sees(self, event: "Event") -> bool:
        """Whether the caller may see this event of the convention."""
        return self.sees_all or event.status is EventStatus.APPROVED or self.owns(event)


class Person(Struct, frozen=True, kw_only=True, gc=False):
    """An account as conventions show it."""

    id: int
    guid: UUID
    name: str
    email: str | None = None
    phone: str | None = None
    is_open: bool = False  #: owns an event of the convention or was made by it: system access shows the phone
    is_gone: bool = False  #: the account was deleted; its name stays on what it hosted or owned


class Location(Struct, frozen=True, kw_only=True, gc=False):
    """Where time slots take place; the slug names it on the wire and never changes."""

    id: int
    guid: UUID
    title: str
    slug: str
    max_attendees: int = 0  #: 0: unknown
    area: str | None = None


class Tags(Struct, frozen=True, kw_only=True, gc=False):
    """An event's values of one tag type."""

    title: str
    requirement: Requirement
    public: bool
    values: tuple[str, ...]


class TagType(Struct, frozen=True, kw_only=True, gc=False):
    """A kind of tag that a convention's events may have."""

    id: int
    title: str
    requirement: Requirement = Requirement.ONE
    public: bool = True
    values: tuple[str, ...] = ()


class Event(Struct, frozen=True, kw_only=True, gc=False):
    """What a convention offers."""

    id: int
    convention_id: int
    owner: Person
    staff_contact: Person | None = None
    title: str
    teaser: str
    description: str | None = None
    notes_to_attendees: str | None = None
    duration_minutes: int
    min_attendees: int = 1
    max_attendees: int | None = None  #: None: open attendance
    requires_registration: bool = False
    price_cents: int | None = None
    status: EventStatus = EventStatus.SUBMITTED
    notes_to_staff: str | None = None
    scheduling_constraints: str | None = None
    logistical_requirements: str | None = None
    data: Any = None  #: any JSON value
    tags: tuple[Tags, ...] = ()
    created_at: datetime
    updated_at: datetime
    version: int = 1


class Host(Struct, frozen=True, kw_only=True, gc=False):
    """Somebody who hosts a time slot."""

    person: Person
    name: str | None = None  #: shown instead of the person's own

    @property
    def shown_name(self) -> str:
        """The name at this time slot."""
        return self.name or self.person.name


class TimeSlot(Struct, frozen=True, kw_only=True, gc=False):
    """An event at a time and place. ``start`` is in UTC; it occupies [start, end)."""

    id: int
    guid: UUID  #: fixed for the time slot's life
    event: Event
    start: datetime
    duration_minutes: int
    min_attendees: int | None = None
    max_attendees: int | None = None
    notes_to_attendees: str | None = None
    locations: tuple[Location, ...] = ()  #: by title
    hosts: tuple[Host, ...] = ()  #: in the order they were added
    is_cancelled: bool = False
    version: int = 1
    created_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    updated_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(minutes=self.duration_minutes)

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it."""
        return not self.is_cancelled and self.event.status in PUBLIC_STATUSES
