"""iCalendar (RFC 5545, docs/formats/icalendar.md): whole calendars of events; CRLF, folded at 75 octets."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from slotport.core.slot import Outcome, Problem, Rendering, Slot
from slotport.errors import FormatError
from slotport.formats.calendar_event import EventReader
from slotport.formats.calendar_lines import BrokenStructure
from slotport.formats.calendar_parts import (
    CalendarBegin,
    CalendarEnd,
    CalendarLine,
    Event,
    Part,
    Parts,
    RawEvent,
    ZonePart,
)
from slotport.formats.calendar_text import texts
from slotport.formats.calendar_zones import FileZones, NotYetKnown
from slotport.formats.content_line import parsed
from slotport.formats.options import ReadOptions, WriteOptions
from slotport.formats.pieces import pieces

MEDIA_TYPE = "text/calendar"
#: Slot fields that write, then read, gives back
KEEPS = frozenset({
    "title", "start", "end", "uid", "recurrence_id", "zone", "floating", "visibility", "description", "rrule",
    "icalendar", "sequence", "modified",
})  # fmt: skip

_BEGINS = re.compile(rb"BEGIN[ \t]*:[ \t]*[A-Z0-9-]+[ \t]*(?:[\r\n]|\Z)", re.IGNORECASE)
_EVENTS = (RawEvent, Event)
MOST_WAITING_BYTES = 1 << 24  #: of events that wait for a VTIMEZONE further down


def fits(head: bytes) -> bool:
    """Whether the first line that is not blank begins a calendar, or a component without one."""
    return _BEGINS.match(head.lstrip()) is not None


def read(chunks: Iterable[bytes], options: ReadOptions) -> Iterator[Slot | Problem]:
    """Yield in file order each event's slot, or the problem that it has; and, before an event, notes on its zones.

    An event whose zone is defined further down waits for it, and so do all behind it. Raises BadText for bytes that
    are not UTF-8, and FormatError for a file without any calendar or event.
    """
    return _Reading(Parts(chunks)).records()


def write(slots: Iterable[Slot], options: WriteOptions) -> Iterator[bytes]:
    """Yield one calendar in pieces; each zone's VTIMEZONE stands before the first event that uses it."""
    return pieces(texts(slots, options))


def write_keeping(
    slots: Iterable[Slot | Rendering], options: WriteOptions, keep: Callable[[Rendering], None]
) -> Iterator[bytes]:
    """As ``write``, with what it kept of unchanged slots in their place.

    ``keep`` is told of each slot what may stand for it the next time, before the next slot is asked for. Not every
    slot has that.
    """
    return pieces(texts(slots, options, keep))


class _Reading:
    """One file being read."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._quick = parts.quick
        self._zones = FileZones()
        self._events = EventReader(self._zones)
        self._waiting: deque[Event] = deque()
        self._waiting_bytes = 0
        self._is_open = False
        self._is_calendar = False
        self._line = 1

    def records(self) -> Iterator[Slot | Problem]:
        read_event = self._events.read
        notes = self._zones.notes
        for part in self._parts:
            if not isinstance(part, _EVENTS) or self._waiting:
                yield from self._other(part)
                continue
            self._is_calendar = True
            try:
                record = read_event(part)
            except BrokenStructure:
                self._parts.go_back(part)
                continue
            except NotYetKnown:
                if isinstance(part, RawEvent) or part.position >= 0:
                    self._parts.go_back(part)  # what waits must have been taken line by line
                else:
                    self._wait(part)
                continue
            if notes:
                yield from self._noted()
            yield record
        yield from self._completed()
        if not self._is_calendar:
            raise FormatError("icalendar", 1, "there is no BEGIN:VCALENDAR")
        if self._is_open:
            message = "The file ends before END:VCALENDAR: events may be missing."
            yield Problem(code="unfinished_calendar", message=message, outcome=Outcome.NOTE, line=self._line)

    def _other(self, part: Part) -> Iterator[Slot | Problem]:
        if isinstance(part, RawEvent):
            self._parts.go_back(part)
        elif isinstance(part, Event):
            self._wait(part)
            if self._waiting_bytes > MOST_WAITING_BYTES:
                yield from self._completed()
        elif isinstance(part, ZonePart):
            self._is_calendar = True
            if self._zones.define(part.lines, part.line):
                self._events.forget_heads()
                yield from self._ready()
        elif isinstance(part, CalendarBegin):
            yield from self._begun(part)
        elif isinstance(part, CalendarEnd):
            yield from self._completed()
            self._is_open = False
        else:
            self._take_property(part)
        self._line = part.line

    def _begun(self, part: CalendarBegin) -> Iterator[Slot | Problem]:
        yield from self._completed()
        self._is_calendar = self._is_open = True
        self._zones.floating = None
        self._zones.floating_is_utc = False

    def _take_property(self, part: CalendarLine) -> None:
        if part.text[:4].upper() == "X-WR" and (line := parsed(part.text)) and line.name == "X-WR-TIMEZONE":
            self._zones.name_floating(line.value)

    def _wait(self, event: Event) -> None:
        self._waiting.append(event)
        self._waiting_bytes += sum(map(len, event.lines)) + 60 * len(event.lines)
        self._parts.quick = False  # what comes from line by line cannot have a broken structure

    def _ready(self) -> Iterator[Slot | Problem]:
        """The records of the events that need not wait any longer."""
        while self._waiting:
            try:
                record = self._events.read(self._waiting[0])
            except NotYetKnown:
                return
            self._waiting.popleft()
            yield from self._noted()
            yield record
        self._waiting_bytes = 0
        self._parts.quick = self._quick

    def _completed(self) -> Iterator[Slot | Problem]:
        """The records of all events that wait; no more definitions follow."""
        if not self._waiting:
            return
        self._zones.complete = True
        yield from self._ready()
        self._zones.complete = False
        self._events.forget_heads()

    def _noted(self) -> Iterator[Problem]:
        yield from self._zones.notes
        self._zones.notes.clear()
