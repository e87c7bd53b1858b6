"""schedule.json, as conference apps write and read it (docs/formats/schedule.md; schema of the c3voc)."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from slotport.core.convention import TimeSlot
from slotport.core.imported import ImportedSlot
from slotport.core.slot import Problem
from slotport.errors import FormatError
from slotport.formats.schedule import (
    SLOT_MINUTES,
    Day,
    Entry,
    Head,
    acronym,
    days,
    duration,
    first_and_last,
    rooms_of,
    short_zone,
)
from slotport.formats.schedule_entry import RawEntry, entry

MEDIA_TYPE = "application/json"
SCHEMA = "https://c3voc.de/schedule/schema.json"


def read(chunks: Iterable[bytes]) -> Iterator[ImportedSlot | Problem]:
    """Yield in file order each entry, or the problem that it has.

    Raises FormatError for what is no JSON or no schedule.
    """
    try:
        told = msgspec.json.decode(b"".join(chunks).removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, UnicodeDecodeError) as cause:
        raise FormatError("schedule.json", 1, f"is not JSON: {cause}") from cause
    except RecursionError as cause:
        raise FormatError("schedule.json", 1, "is nested too deeply") from cause
    conference = _below(told, "schedule", "conference")
    days = _below(conference, "days")
    if not isinstance(days, list):
        raise FormatError("schedule.json", 1, "there is no schedule.conference.days")
    rooms = _below(conference, "rooms")
    guids = {
        room["name"]: room.get("guid")
        for room in (rooms if isinstance(rooms, list) else ())
        if isinstance(room, dict) and isinstance(room.get("name"), str)
    }
    index = 0
    for day in days:
        held = _below(day, "rooms")
        for name, events in (held if isinstance(held, dict) else {}).items():
            for event in events if isinstance(events, list) else ():
                yield entry(_raw(event, index, name, guids))
                index += 1


def _raw(event: Any, index: int, room: str, guids: dict[str, Any]) -> RawEntry:
    texts = event if isinstance(event, dict) else {}
    persons, links = texts.get("persons"), texts.get("links")
    return RawEntry(
        index=index,
        line=None,
        guid=texts.get("guid"),
        room=room,
        room_guid=guids.get(room),
        texts=texts,
        persons=[
            (person.get("guid"), person.get("name") or person.get("public_name"))
            for person in (persons if isinstance(persons, list) else ())
            if isinstance(person, dict)
        ],
        links=[
            (link.get("url"), link.get("title"))
            for link in (links if isinstance(links, list) else ())
            if isinstance(link, dict)
        ],
    )


def _below(value: Any, *names: str) -> Any:
    """What stands at the path; None if nothing does."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def write(head: Head, slots: Iterable[TimeSlot]) -> Iterator[bytes]:
    """Yield the file in pieces, a day each. The time slots come ordered by start, then id."""
    schedule = days(head, slots)
    told = {
        "$schema": SCHEMA,
        "generator": {"name": "slotport", "version": head.generator_version},
        "schedule": {
            "version": str(head.convention.change),
            "base_url": head.base_url,
            "conference": _conference(head, schedule) | {"days": []},
        },
    }
    before, after = msgspec.json.encode(told).rsplit(b"[]", 1)
    yield before + b"["
    for day in schedule:
        yield (b"," if day.index > 1 else b"") + msgspec.json.encode(_day(day))
    yield b"]" + after


def _conference(head: Head, schedule: list[Day]) -> dict[str, Any]:
    convention = head.convention
    first, last = first_and_last(head, schedule)
    zone = short_zone(convention)
    return {
        "title": convention.title,
        "acronym": acronym(convention),
        "start": first.isoformat(),
        "end": last.isoformat(),
        "daysCount": len(schedule),
        "timeslot_duration": SLOT_MINUTES,
        **({"time_zone_name": zone} if zone else {}),
        "url": head.base_url,
        "rooms": [{"name": room.title, "guid": str(room.guid)} for room in rooms_of(schedule)],
    }


def _day(day: Day) -> dict[str, Any]:
    return {
        "index": day.index,
        "date": day.date.isoformat(),
        "day_start": day.start.isoformat(),
        "day_end": day.end.isoformat(),
        "rooms": {entries[0].room: [_event(entry) for entry in entries] for _, entries in day.rooms},
    }


def _event(entry: Entry) -> dict[str, Any]:
    slot, event = entry.slot, entry.slot.event
    return {
        "guid": str(slot.guid),
        "id": slot.id,
        "date": entry.start.isoformat(timespec="seconds"),
        "start": f"{entry.start:%H:%M}",
        "duration": duration(slot.duration_minutes),
        "room": entry.room,
        "slug": entry.slug,
        "url": entry.url,
        "title": event.title,
        "subtitle": "",
        "track": entry.track,
        "type": entry.kind,
        "language": "",
        "abstract": event.teaser,
        **({"description": event.description} if event.description else {}),
        "persons": [
            {"id": host.person.id, "guid": str(host.person.guid), "name": host.shown_name} for host in slot.hosts
        ],
        "links": [{"url": address, "title": title} for address, title in entry.links],
    }
