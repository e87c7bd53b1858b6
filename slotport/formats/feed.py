"""iCalendar feeds (docs/formats/schedule.md): calendars that programs subscribe to and ask for again and again.

An event's bytes depend on nothing but what it tells of: DTSTAMP is when that last changed. What was removed stays as
cancelled, with a higher SEQUENCE, for as long as who calls hands it over.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote
from uuid import UUID, uuid5

from msgspec import structs

from slotport.core.convention import Convention, TimeSlot
from slotport.core.feed import Kept, Listed
from slotport.core.slot import Place, Slot, Visibility
from slotport.formats.calendar_event import MOST_SEQUENCE
from slotport.formats.calendar_text import texts
from slotport.formats.content_line import ContentLine, escaped, parsed, rendered
from slotport.formats.options import WriteOptions
from slotport.formats.pieces import pieces

MEDIA_TYPE = "text/calendar"
BUSY = "Busy"
CANCELLED = "Cancelled"
REFRESH = "PT1H"
CONVENTION = "X-SLOTPORT-CONVENTION"  #: on a time slot in a person's feed: slug of its convention

#: lines that say when a slot repeats, and their parameters that say nothing else
_REPEATING = frozenset({"RRULE", "EXRULE", "RDATE", "EXDATE"})
_ABOUT_TIME = frozenset({"TZID", "VALUE"})
_TIMES = re.compile(r"[A-Z0-9=;,:/+-]*")


def base_url_of(server: str, convention: Convention) -> str:
    """Address of the convention's public files, ending in a slash."""
    return f"{server.rstrip('/')}/entities/conventions/{quote(convention.slug, safe='')}/"


def write(name: str, slots: Iterable[Slot], *, zone: str | None = None) -> Iterator[bytes]:
    """Yield the calendar of that name in pieces; the slots are those that the functions below made."""
    title = escaped(name)
    head = [f"X-WR-CALNAME:{title}", f"NAME:{title}"]
    if zone is not None:
        head.append(f"X-WR-TIMEZONE:{zone}")
    head += [f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}", f"X-PUBLISHED-TTL:{REFRESH}"]
    return pieces(texts(slots, WriteOptions(own_stamps=True), head=head))


def time_slot_event(listed: Listed, server: str, *, marked: bool = False) -> Slot:
    """What the feed says of a time slot; ``marked``: with its convention, in a feed of other things too."""
    slot, convention, event = listed.slot, listed.convention, listed.slot.event
    base_url = base_url_of(server, convention)
    lines: list[str] = []
    if marked:
        lines.append(
            rendered(ContentLine(CONVENTION, (("X-TITLE", (_one_line(convention.title),)),), escaped(convention.slug)))
        )
    told = Slot(
        uid=str(slot.guid),
        title=event.title,
        start=slot.start,
        end=slot.end,
        zone=convention.zone_name,
        # a change of the event changes what is said here, as one of the time slot does
        sequence=min(slot.version + event.version - 1, MOST_SEQUENCE),
        modified=listed.changed_at,
        stamped=listed.changed_at,
    )
    if listed.hidden_at is not None:
        # what the event says since the public view lost it, nobody was meant to see
        title = event.title if event.updated_at <= listed.hidden_at else CANCELLED
        return structs.replace(told, title=title, icalendar=("STATUS:CANCELLED", *lines))
    values = [value for tags in event.tags if tags.public for value in tags.values]
    if values:
        lines.append(f"CATEGORIES:{','.join(escaped(value) for value in values)}")
    lines.append(f"URL:{base_url}schedule.ics?event={event.id}")
    places = ", ".join(place.title for place in slot.locations)
    return structs.replace(
        told,
        description=_description(slot),
        place=Place(name=places) if places else None,
        icalendar=("STATUS:CONFIRMED", *lines),
    )


def slot_event(kept: Kept, reader: UUID, *, public_only: bool) -> Slot:
    """What a person's feed says of a slot; ``reader`` is the guid of whom it is made for.

    ``public_only``: whoever reads it may know no more of a slot that is not public than when it is.
    """
    slot = kept.slot
    sequence = min(slot.sequence + kept.version + kept.is_gone, MOST_SEQUENCE)
    told = structs.replace(slot, sequence=sequence, modified=kept.changed_at, stamped=kept.changed_at, visibility=None)
    if public_only or not kept.is_own:
        # two people may have a slot of one uid, and that of a private one may tell something
        told = structs.replace(told, uid=str(uuid5(reader, f"{kept.owner_id} {slot.uid}")))
    is_public = slot.visibility is Visibility.PUBLIC
    if (public_only and not is_public) or not kept.is_readable:
        return _times_alone(told, BUSY, is_gone=kept.is_gone)
    if kept.is_gone:
        return _times_alone(told, slot.title, is_gone=True)
    return structs.replace(told, visibility=slot.visibility)


def _times_alone(slot: Slot, title: str, *, is_gone: bool) -> Slot:
    lines = [line for kept in slot.icalendar or () if (line := _time_line(kept))]
    return Slot(
        uid=slot.uid,
        title=title,
        start=slot.start,
        end=slot.end,
        zone=slot.zone,
        floating=slot.floating,
        recurrence_id=slot.recurrence_id,
        rrule=slot.rrule if slot.rrule and _TIMES.fullmatch(slot.rrule) else None,
        sequence=slot.sequence,
        modified=slot.modified,
        stamped=slot.stamped,
        icalendar=("STATUS:CANCELLED", *lines) if is_gone else tuple(lines),
    )


def _time_line(line: str) -> str | None:
    """The line if it says when the slot repeats, without anything else that it says."""
    content = parsed(line) if line[:1] in "RErer" else None
    if content is None or content.name not in _REPEATING or not _TIMES.fullmatch(content.value):
        return None
    parameters = tuple(pair for pair in content.parameters if pair[0] in _ABOUT_TIME)
    return rendered(ContentLine(content.name, parameters, content.value))


def _description(slot: TimeSlot) -> str | None:
    """Teaser and description, a blank line between, and in the last line the hosts."""
    said = "\n\n".join(text for text in (slot.event.teaser, slot.event.description or "") if text)
    hosts = ", ".join(_one_line(host.shown_name) for host in slot.hosts)
    return "\n".join(text for text in (said, hosts) if text) or None


def _one_line(text: str) -> str:
    return " ".join(text.split())
