"""Slot and what belongs to it: an entry in a person's calendar, after RFC 8984 (names) and RFC 5545 (time).

The values are ``msgspec.Struct``: frozen and typed as a dataclass is, but made in C, since a calendar file
holds a hundred thousand of them (docs/design/values.md).
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

UID_LENGTH = 600  #: characters; an index of PostgreSQL holds no more than 2,704 bytes
TITLE_LENGTH = 60  #: characters of a slot's title
DESCRIPTION_LENGTH = 500
ALERTS_LENGTH = 10
PLACE_LENGTHS = {"postal_code": 32, "iso_country_code": 8}  #: characters; every other text of a place: 255
PLACE_LENGTH = 255


class Visibility(StrEnum):
    """Who may read a slot besides its creator and the active members of its groups."""

    PRIVATE = "private"
    FRIENDS = "friends"
    FOAF = "foaf"
    PUBLIC = "public"


class MediaType(StrEnum):
    """What a media reference points to."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"


class Note(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """A titled text that belongs to a slot."""

    title: str
    content: str
    local_id: str | None = None


class Media(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """A reference to an image, a sound or a film that belongs to a slot."""

    public_id: str
    media_type: MediaType
    position: int = 0
    duration: float | None = None  #: seconds
    title: str | None = None
    local_id: str | None = None
    thumbnail: str | None = None


class Place(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """Where a slot takes place (the Timeslot location); None is unset, and a place without a value is no place."""

    name: str | None = None
    thoroughfare: str | None = None
    sub_thoroughfare: str | None = None
    locality: str | None = None
    sub_locality: str | None = None
    administrative_area: str | None = None
    sub_administrative_area: str | None = None
    postal_code: str | None = None
    country: str | None = None
    iso_country_code: str | None = None
    in_land_water: str | None = None
    ocean: str | None = None
    areas_of_interest: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    place_id: str | None = None
    private_location: bool | None = None


NOWHERE = Place()  #: said by a record that carries "no location"


class GroupRef(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """A group as a file names it."""

    uuid: str | None = None
    name: str = ""
    image: str = ""
    public: bool = False
    description: str | None = None


class Slot(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """An entry in a calendar. ``None`` in an optional field means: this record does not say.

    ``start`` is inclusive, ``end`` exclusive; both are aware datetimes in UTC, or both dates (a whole day).
    ``end`` None is an open end; ``end`` equal to ``start`` is allowed for instants.
    """

    title: str
    start: datetime | date
    end: datetime | date | None = None
    uid: str | None = None
    #: "" the slot itself or the master of a series; an override has its RECURRENCE-ID as YYYYMMDD,
    #: YYYYMMDDTHHMMSSZ (an instant) or YYYYMMDDTHHMMSS (floating)
    recurrence_id: str = ""
    zone: str | None = None  #: IANA name of the zone whose wall clock the times were given in; None: UTC
    floating: bool = False  #: the times were given without a zone (held here as if UTC)
    visibility: Visibility | None = None
    description: str | None = None
    rrule: str | None = None  #: RECUR value without "RRULE:"; "" says that it does not repeat
    place: Place | None = None
    notes: tuple[Note, ...] | None = None  #: oldest first
    media: tuple[Media, ...] | None = None  #: by position
    alerts: str | None = None  #: ten characters 0 or 1; "" says that none are set
    groups: tuple[GroupRef, ...] = ()
    icalendar: tuple[str, ...] | None = None  #: unfolded content lines that no other field holds
    sequence: int = 0
    modified: datetime | None = None  #: LAST-MODIFIED
    stamped: datetime | None = None  #: DTSTAMP
    line: int = 0  #: where the record began in its file (1-based); no part of the slot


class Rendering(Struct, frozen=True, gc=False):
    """A slot's text in one format as it was written before, for slots that have not changed since."""

    text: str
    zones: tuple[str, ...] = ()  #: IANA zones that the text refers to


class Outcome(StrEnum):
    """What became of a record of an imported file."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    REJECTED = "rejected"
    NOTE = "note"  #: a remark about the file; counts as no record


class Problem(Struct, frozen=True, kw_only=True, gc=False):
    """Why a record of a file was not taken (or, as NOTE, what there is to know about the file)."""

    code: str  #: stable, snake_case
    message: str  #: one English sentence
    outcome: Outcome = Outcome.REJECTED
    line: int | None = None  #: 1-based
    index: int | None = None  #: 0-based number of the record
    uid: str | None = None
    title: str | None = None


def collapsed(text: str) -> str:
    """The text with every run of white space made one blank, and none at its ends."""
    return " ".join(text.split())


def short_title(text: str) -> str:
    """The text as a slot's title: white space collapsed, then the first 60 characters without a blank at the end."""
    if len(text) <= TITLE_LENGTH and text.isprintable() and "  " not in text:
        return text.strip()
    return collapsed(text)[:TITLE_LENGTH].rstrip()


def is_alerts(text: str) -> bool:
    """Whether the text is ten characters of 0 and 1."""
    return len(text) == ALERTS_LENGTH and not text.strip("01")


def is_storable(text: str) -> bool:
    """Whether a database can hold the text: no NUL, and no half of a surrogate pair."""
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def end_of_day(start: datetime) -> datetime:
    """The last millisecond of the UTC day of ``start``: the stored end of an open slot."""
    return start.astimezone(UTC).replace(hour=23, minute=59, second=59, microsecond=999000)


def names_no_place(place: Place | None) -> bool:
    """Whether the place has no value at all."""
    return place is None or place == NOWHERE


def whole_days(start: datetime, end: datetime | None) -> tuple[date, date]:
    """The first day and the day after the last of an all-day slot, from instants (Timeslot spec, section 3)."""
    first = start.astimezone(UTC).date()
    if end is None:
        return first, first + timedelta(days=1)
    end = end.astimezone(UTC)
    last = end.date()
    midnight = (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)
    return first, max(last if midnight else last + timedelta(days=1), first + timedelta(days=1))
