"""schedule.xml, as conference apps write and read it (docs/formats/schedule.md; schema of the c3voc)."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from slotport.core.convention import TimeSlot
from slotport.core.imported import ImportedSlot
from slotport.core.slot import Problem
from slotport.errors import FormatError
from slotport.formats.pieces import pieces
from slotport.formats.schedule import (
    SLOT_MINUTES,
    Day,
    Entry,
    Head,
    acronym,
    days,
    duration,
    first_and_last,
)
from slotport.formats.schedule_entry import MOST_TEXT, RawEntry
from slotport.formats.schedule_entry import entry as read_entry

MEDIA_TYPE = "application/vnd.c3voc.schedule+xml"
MOST_DEPTH = 32  #: of elements within one another
_EVENT = ("schedule", "day", "room", "event")


def read(chunks: Iterable[bytes]) -> Iterator[ImportedSlot | Problem]:
    """Yield in file order each entry, or the problem that it has.

    Raises FormatError for what is no XML or no schedule, and for a file with a document type, entities of its own or
    references to elsewhere, whose expansion is how such files do harm.
    """
    reading = _Reading()
    for chunk in chunks:
        reading.feed(chunk)
        while reading.found:
            yield read_entry(reading.found.popleft())
    reading.feed(b"", is_last=True)
    while reading.found:
        yield read_entry(reading.found.popleft())


class _Reading:
    """One file being read."""

    def __init__(self) -> None:
        self.found: deque[RawEntry] = deque()
        self._path: list[str] = []
        self._count = 0
        self._room: dict[str, str] = {}
        self._entry: RawEntry | None = None
        self._attributes: dict[str, str] = {}
        self._text: list[str] | None = None
        self._length = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.ExternalEntityRefHandler = self._refuse

    def feed(self, chunk: bytes, *, is_last: bool = False) -> None:
        try:
            self._parser.Parse(chunk, is_last)
        except expat.ExpatError as cause:
            raise FormatError("schedule.xml", max(cause.lineno, 1), f"is not XML: {cause}") from cause
        except (ValueError, LookupError) as cause:  # an encoding that nobody knows
            raise FormatError("schedule.xml", 1, f"is not XML: {cause}") from cause

    def _refuse(self, *_: Any) -> int:
        line = self._parser.CurrentLineNumber
        raise FormatError("schedule.xml", line, "has a document type, entities or references to elsewhere")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        line = self._parser.CurrentLineNumber
        if len(self._path) > MOST_DEPTH:
            raise FormatError("schedule.xml", line, "is nested too deeply")
        if self._path[0] != _EVENT[0]:
            raise FormatError("schedule.xml", line, "there is no element schedule")
        path = tuple(self._path)
        if path == _EVENT[:3]:
            self._room = attributes
        elif path == _EVENT:
            self._entry = RawEntry(
                index=self._count,
                line=line,
                guid=attributes.get("guid"),
                room=self._room.get("name"),
                room_guid=self._room.get("guid"),
                texts={},
                persons=[],
                links=[],
            )
            self._count += 1
        elif self._entry is not None:
            self._attributes, self._text, self._length = attributes, [], 0

    def _characters(self, text: str) -> None:
        if self._text is not None and self._length <= MOST_TEXT:  # what is longer is refused anyway
            self._text.append(text)
            self._length += len(text)

    def _end(self, name: str) -> None:
        path = tuple(self._path)
        self._path.pop()
        held, text = self._entry, "".join(self._text or ())
        self._text = None
        if held is None:
            return
        if path == _EVENT:
            held.room = held.room or held.texts.get("room")
            self.found.append(held)
            self._entry = None
        elif path == (*_EVENT, "persons", "person"):
            held.persons.append((self._attributes.get("guid"), text))
        elif path == (*_EVENT, "links", "link"):
            held.links.append((self._attributes.get("href"), text))
        elif len(path) == len(_EVENT) + 1:
            held.texts.setdefault(name, text)


def write(head: Head, slots: Iterable[TimeSlot]) -> Iterator[bytes]:
    """Yield the file in pieces. The time slots come ordered by start, then id."""
    return pieces(_texts(head, days(head, slots)))


def _texts(head: Head, schedule: list[Day]) -> Iterator[str]:
    convention = head.convention
    first, last = first_and_last(head, schedule)
    yield "<?xml version='1.0' encoding='utf-8'?>\n<schedule>\n"
    yield f'  <generator name="slotport" version={quoteattr(head.generator_version)}/>\n'
    yield _element(2, "url", head.base_url) + _element(2, "version", str(convention.change))
    yield "  <conference>\n"
    for name, text in (
        ("title", convention.title),
        ("acronym", acronym(convention)),
        ("start", first.isoformat()),
        ("end", last.isoformat()),
        ("days", str(len(schedule))),
        ("timeslot_duration", SLOT_MINUTES),
        ("base_url", head.base_url),
        ("url", head.base_url),
        ("time_zone_name", convention.zone_name),
    ):
        yield _element(4, name, text)
    yield "  </conference>\n"
    for day in schedule:
        yield (
            f'  <day index="{day.index}" date="{day.date.isoformat()}" start="{day.start.isoformat()}"'
            f' end="{day.end.isoformat()}">\n'
        )
        for room, entries in day.rooms:
            guid = "" if room is None else f' guid="{room.guid}"'
            yield f"    <room name={_attribute(entries[0].room)}{guid}>\n"
            for entry in entries:
                yield "".join(_event(entry))
            yield "    </room>\n"
        yield "  </day>\n"
    yield "</schedule>\n"


def _event(entry: Entry) -> Iterator[str]:
    slot, event = entry.slot, entry.slot.event
    yield f'      <event guid="{slot.guid}" id="{slot.id}">\n'
    yield _element(8, "date", entry.start.isoformat(timespec="seconds"))
    yield _element(8, "start", f"{entry.start:%H:%M}")
    yield _element(8, "duration", duration(slot.duration_minutes))
    yield _element(8, "room", entry.room)
    yield _element(8, "slug", entry.slug)
    yield _element(8, "url", entry.url)
    yield "        <recording>\n          <license></license>\n          <optout>false</optout>\n        </recording>\n"
    yield _element(8, "title", event.title)
    yield _element(8, "subtitle", "")
    yield _element(8, "track", entry.track)
    yield _element(8, "type", sayable(entry.kind) or "other")
    yield _element(8, "language", "")
    yield _element(8, "abstract", event.teaser)
    if sayable(event.description or ""):
        yield _element(8, "description", event.description or "")
    if slot.hosts:
        yield "        <persons>\n"
        for host in slot.hosts:
            name = _text(host.shown_name)
            yield f'          <person id="{host.person.id}" guid="{host.person.guid}">{name}</person>\n'
        yield "        </persons>\n"
    if entry.links:
        yield "        <links>\n"
        for address, title in entry.links:
            yield f"          <link href={_attribute(address)}>{_text(title)}</link>\n"
        yield "        </links>\n"
    yield "      </event>\n"


def _element(indent: int, name: str, text: str) -> str:
    return f"{' ' * indent}<{name}>{_text(text)}</{name}>\n"


def _text(text: str) -> str:
    return escape(sayable(text), {"\r": "&#13;"})


def _attribute(text: str) -> str:
    return quoteattr(sayable(text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def sayable(text: str) -> str:
    """The text without the characters that XML 1.0 has no way to say."""
    if text.isprintable():
        return text
    return "".join(letter for letter in text if letter in "\t\n\r" or (letter >= " " and letter not in "\ufffe\uffff"))
