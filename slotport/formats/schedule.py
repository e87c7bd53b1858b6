"""What schedule.xml and schedule.json say alike: days, rooms, slugs (docs/formats/schedule.md)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from urllib.parse import quote
from zoneinfo import ZoneInfo

from msgspec import Struct

from slotport.core.convention import Convention, Event, Location, TimeSlot

DAY_START = time(4)
LONGEST_MINUTES = 99 * 60 + 59  #: of an entry; the schema has no longer ones
SLUG_LENGTH = 100
SLOT_MINUTES = "00:05"
NO_ROOM = "-"

_ZONE = re.compile(r"UTC|[A-Z][a-z]+/[A-Z][a-z]+[A-Za-z_-]*")


class Head(Struct, frozen=True, kw_only=True):
    """What a schedule file says besides its time slots."""

    convention: Convention
    base_url: str  #: address of the convention's public files, ending in a slash
    generator_version: str
    day_start: time = DAY_START  #: local; what begins earlier belongs to the day before


class Entry(Struct, frozen=True, kw_only=True):
    """A time slot as it stands in a schedule file."""

    slot: TimeSlot
    start: datetime  #: in the convention's zone
    room: str
    slug: str
    url: str
    kind: str  #: first value of the public tag type ``type``, or ``other``
    track: str  #: … of ``track``, or empty
    links: tuple[tuple[str, str], ...]  #: address and title of each further location


class Day(Struct, frozen=True, kw_only=True):
    """A day of a schedule, from its start on 24 hours by the wall clock."""

    index: int
    date: date
    start: datetime
    end: datetime
    rooms: tuple[tuple[Location | None, tuple[Entry, ...]], ...]  #: by title, entries by start and id


def acronym(convention: Convention) -> str:
    """The convention's short name: lower-case letters, digits and ``_``, at least four of the former two."""
    text = re.sub(r"[^a-z0-9_]", "_", convention.slug.lower())
    return text if len(re.sub(r"[^a-z0-9]", "", text)) >= 4 else f"con_{convention.id}"


def slug_of(slot: TimeSlot, prefix: str) -> str:
    """The entry's name in addresses, after the convention's acronym; a long one is cut, so that the number stays."""
    words = re.sub(r"[^a-z0-9]+", "-", slot.event.title.lower()).strip("-")
    number = f"-slot{slot.id}"
    return f"{prefix[: SLUG_LENGTH - len(number)]}{number}{f'-{words}' if words else ''}"[:SLUG_LENGTH].rstrip("-_")


def public_value(event: Event, title: str) -> str:
    """The first value that the event has of the public tag type of that title (case ignored); else empty."""
    for tags in event.tags:
        if tags.public and tags.title.casefold() == title and tags.values:
            return tags.values[0]
    return ""


def duration(minutes: int) -> str:
    """Minutes as H:MM."""
    return f"{minutes // 60}:{minutes % 60:02}"


def short_zone(convention: Convention) -> str | None:
    """The zone's name if it is of the form that schedule.json allows."""
    return convention.zone_name if _ZONE.fullmatch(convention.zone_name) else None


def fits(slot: TimeSlot) -> bool:
    """Whether a schedule file can hold the time slot: it is not too long."""
    return slot.duration_minutes <= LONGEST_MINUTES


def days(head: Head, slots: Iterable[TimeSlot]) -> list[Day]:
    """The days that have a time slot, in order; if there are none, the convention's first day, empty.

    The time slots come ordered by start; those that do not fit are left out.
    """
    zone = head.convention.zone
    held: dict[date, list[Entry]] = {}  # a clock that goes back may come to a day again
    for slot in slots:
        if fits(slot):
            entry = _entry(head, slot, zone)
            held.setdefault(_day_of(entry, head.day_start), []).append(entry)
    found = [_day(index, day, held[day], head, zone) for index, day in enumerate(sorted(held), start=1)]
    first = head.convention.start_date or local(head.convention.created_at, zone).date()
    first = min(first, date.max - timedelta(days=1))  # a day has an end
    return found or [_day(1, first, [], head, zone)]


def first_and_last(head: Head, schedule: Sequence[Day]) -> tuple[date, date]:
    """The convention's dates, else those of the first and the last day of its schedule."""
    convention = head.convention
    return convention.start_date or schedule[0].date, convention.end_date or schedule[-1].date


def rooms_of(schedule: Sequence[Day]) -> Iterator[Location]:
    """Each location that stands in the schedule once, by title."""
    found = {room.id: room for day in schedule for room, _ in day.rooms if room is not None}
    yield from sorted(found.values(), key=lambda room: room.title)


def _entry(head: Head, slot: TimeSlot, zone: ZoneInfo) -> Entry:
    rooms = sorted(slot.locations, key=lambda room: room.title)
    return Entry(
        slot=slot,
        start=local(slot.start, zone),
        room=rooms[0].title if rooms else NO_ROOM,
        slug=slug_of(slot, acronym(head.convention)),
        url=f"{head.base_url}schedule.ics?event={slot.event.id}",
        kind=public_value(slot.event, "type") or "other",
        track=public_value(slot.event, "track"),
        links=tuple((f"{head.base_url}schedule.ics?location={quoted(room.slug)}", room.title) for room in rooms[1:]),
    )


def quoted(text: str) -> str:
    """The text as a value in a query string."""
    return quote(text, safe="")


def _day_of(entry: Entry, day_start: time) -> date:
    since_midnight = timedelta(hours=day_start.hour, minutes=day_start.minute)
    return (entry.start.replace(tzinfo=None) - since_midnight).date()


def local(instant: datetime, zone: ZoneInfo) -> datetime:
    """The instant on the zone's clock, with an offset of whole minutes: no format has a place for more."""
    try:
        found = instant.astimezone(zone)
    except OverflowError:  # the first and the last day of all
        return instant.astimezone(UTC)
    return instant.astimezone(_whole_minutes(found))


def _at_day_start(day: date, day_start: time, zone: ZoneInfo) -> datetime:
    found = datetime.combine(day, day_start, zone)
    return found.replace(tzinfo=_whole_minutes(found))


def _whole_minutes(at: datetime) -> tzinfo:
    """The zone of the moment, or where its offset has seconds, the offset without them."""
    offset = at.utcoffset() or timedelta(0)
    minutes = timedelta(minutes=round(offset / timedelta(minutes=1)))
    return timezone(minutes) if minutes != offset else at.tzinfo or UTC


def _day(index: int, day: date, entries: list[Entry], head: Head, zone: ZoneInfo) -> Day:
    by_room: dict[str, tuple[Location | None, list[Entry]]] = {}
    for entry in entries:
        rooms = sorted(entry.slot.locations, key=lambda room: room.title)
        by_room.setdefault(entry.room, (rooms[0] if rooms else None, []))[1].append(entry)
    return Day(
        index=index,
        date=day,
        start=_at_day_start(day, head.day_start, zone),
        end=_at_day_start(day + timedelta(days=1), head.day_start, zone),
        rooms=tuple((room, tuple(held)) for _, (room, held) in sorted(by_room.items())),
    )
