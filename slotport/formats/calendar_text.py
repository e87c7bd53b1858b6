"""Slots become the text of a calendar (docs/formats/icalendar.md, "What is written"; RFC 5545)."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from slotport.core.slot import DESCRIPTION_LENGTH, Note, Rendering, Slot, Visibility, short_title
from slotport.formats.calendar_event import EventReader, Moment, place_name, recurrence_text, visibility_of
from slotport.formats.calendar_time import read_time
from slotport.formats.calendar_zones import SHOWN_IN, FileZones
from slotport.formats.content_line import FOLD_OCTETS, escaped, folded, parsed, split_line, unescaped
from slotport.formats.kept_lines import sorted_lines
from slotport.formats.options import WriteOptions
from slotport.formats.time_text import date_text, instant_text, wall_text
from slotport.formats.zone_text import FIRST_YEAR, vtimezone
from slotport.formats.zones import iana_names, is_utc, zone

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Slotport//Slotport//EN\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n"
FOOT = "END:VCALENDAR\r\n"
NOTE_TITLE = "Description"  #: of the note that holds a description too long for the slot

# An enumeration's members are compared, not looked up: their hash is slow.
_PUBLIC, _FRIENDS, _FOAF = Visibility.PUBLIC, Visibility.FRIENDS, Visibility.FOAF
_MOST_UID, _MOST_TITLE, _MOST_DESCRIPTION, _MOST_LOCATION = (
    FOLD_OCTETS - len(name) for name in ("UID:", "SUMMARY:", "DESCRIPTION:", "LOCATION:")
)
_NONE: dict[str, list[str]] = {}
_CLASS_ALONE = {"CLASS"}  #: CONFIDENTIAL, which no field says, is often the only line of a field that is kept
_BEGIN = "BEGIN:VEVENT\r\nDTSTAMP:{}\r\n"
_YEAR = re.compile(r"(?<!\d)(\d{4})\d{4}(?!\d)")


def texts(
    slots: Iterable[Slot | Rendering],
    options: WriteOptions,
    keep: Callable[[Rendering], None] | None = None,
    *,
    head: Iterable[str] = (),
) -> Iterator[str]:
    """The calendar's head, an event a slot, each after the VTIMEZONEs it is the first to use, and the foot.

    ``keep`` is told of each slot what may stand in its place the next time, before the next slot is asked for.
    """
    yield head_text(head)
    writer = EventWriter(options, keep)
    for slot in slots:
        yield writer.again(slot) if isinstance(slot, Rendering) else writer.event(slot)
    yield FOOT


def head_text(lines: Iterable[str] = ()) -> str:
    """The beginning of a calendar, with further lines of its own."""
    return "".join([HEAD, *map(_written, lines)])


class EventWriter:
    """What is the same for all events of a calendar, and what was written already."""

    def __init__(self, options: WriteOptions, keep: Callable[[Rendering], None] | None = None) -> None:
        self._keep = keep
        self._used_zones: dict[str, None] = {}  # by the event that is being written
        self._is_early = False  # it depends on how far back the VTIMEZONE of this file goes
        self._own_stamps = options.own_stamps
        self._begin = _BEGIN.format(instant_text(options.now))
        self._first_years: dict[str, int] = {}  # zones whose VTIMEZONE stands in the file
        self._new_zones: list[str] = []
        zones = FileZones()
        zones.complete = True
        self._reader = EventReader(zones)

    def event(self, slot: Slot) -> str:
        """The lines of a slot's event, and before them the zones that are new."""
        if slot.icalendar:
            own, others = sorted_lines(slot.icalendar)
            body = self._with_own(slot, own) if own and own.keys() != _CLASS_ALONE else self._body(slot, own)
            text = f"{body}{self._others(others)}"
        else:
            text = self._body(slot, _NONE)
        if self._keep is not None:
            if not self._is_early:
                self._keep(Rendering(text, tuple(self._used_zones)))
            self._used_zones.clear()
            self._is_early = False
        return self._framed(text, slot.stamped if self._own_stamps else None)

    def again(self, rendering: Rendering) -> str:
        """The lines of an event that was written before, and before them the zones that are new."""
        for name in rendering.zones:
            self._year_of(name, FIRST_YEAR)
        return self._framed(rendering.text)

    def _framed(self, text: str, stamped: datetime | None = None) -> str:
        begin = self._begin if stamped is None else _BEGIN.format(instant_text(stamped))
        text = f"{begin}{text}END:VEVENT\r\n"
        if self._new_zones:
            text = "".join(self._new_zones) + text
            self._new_zones.clear()
        return text

    def _body(self, slot: Slot, own: dict[str, list[str]]) -> str:
        """An event's lines, with at most its CLASS kept: most slots have short texts in which nothing is escaped."""
        uid, title, description, place = slot.uid, slot.title, slot.description, slot.place
        name = "" if place is None else place.name
        if (
            (uid and description and name and not description.isspace())
            and (len(uid) <= _MOST_UID and len(title) <= _MOST_TITLE)
            and (len(description) <= _MOST_DESCRIPTION and len(name) <= _MOST_LOCATION)
            and (texts := f"{uid}{title}{description}{name}").isascii()
            and not _has_marks(texts)
        ):
            return (
                f"UID:{uid}\r\n{self._times(slot)}{self._class_line(slot, own)}DESCRIPTION:{description}\r\n"
                f"LOCATION:{name}\r\nSUMMARY:{title}\r\n{self._end_matter(slot)}"
            )
        return (
            f"{_text_line('UID', uid) if uid else ''}{self._times(slot)}{self._class_line(slot, own)}"
            f"{self._description(slot)}{_text_line('LOCATION', name) if name else ''}"
            f"{_text_line('SUMMARY', title)}{self._end_matter(slot)}"
        )

    def _description(self, slot: Slot) -> str:
        if self._own_stamps and not slot.description and not slot.notes:
            return ""  # a feed says nothing where there is nothing
        return _description(slot)

    def _class_line(self, slot: Slot, own: dict[str, list[str]]) -> str:
        visibility = slot.visibility
        if own:
            line = self._kept(own, "CLASS", lambda line: visibility_of(_value(line)) is visibility)
            if line:
                return line
        if visibility is _PUBLIC:
            return "CLASS:PUBLIC\r\n"
        return "" if visibility is None else "CLASS:PRIVATE\r\n"

    def _end_matter(self, slot: Slot, recurrence: str | None = None) -> str:
        """What stands after SUMMARY and before kept lines."""
        text = ""
        visibility = slot.visibility
        if visibility is _FRIENDS or visibility is _FOAF:
            text = f"X-SLOTPORT-VISIBILITY:{visibility}\r\n"
        if slot.rrule:
            text += _written(f"RRULE:{_one_line(slot.rrule)}")
        if slot.recurrence_id:
            text += recurrence or _written(self._recurrence_line(slot))
        if slot.sequence > 0:
            text += f"SEQUENCE:{slot.sequence}\r\n"
        if slot.modified is not None:
            text += f"LAST-MODIFIED:{instant_text(slot.modified)}\r\n"
        return text

    def _times(self, slot: Slot) -> str:
        start, end = slot.start, slot.end
        if slot.zone is None and not slot.floating and isinstance(start, datetime):
            if end is None:
                return f"DTSTART:{instant_text(start)}\r\n"
            return f"DTSTART:{instant_text(start)}\r\nDTEND:{instant_text(end)}\r\n"  # type: ignore[arg-type]
        text = _written(self._time_line("DTSTART", start, slot))
        return text if end is None else text + _written(self._time_line("DTEND", end, slot))

    def _time_line(self, name: str, value: date | datetime, slot: Slot) -> str:
        if not isinstance(value, datetime):
            return f"{name};VALUE=DATE:{date_text(value)}"
        if slot.floating:
            return f"{name}:{instant_text(value)[:-1]}"
        zone_name = slot.zone
        info = None if zone_name is None else _zone_info(zone_name)
        if zone_name is None or info is None:
            return f"{name}:{instant_text(value)}"
        try:
            local = value.astimezone(info)
        except OverflowError:
            return f"{name};{SHOWN_IN}={zone_name}:{instant_text(value)}"
        # Of two equal wall times the second, and for some readers the first, can only be said in UTC; so can years
        # before the VTIMEZONE. But a series goes by the wall clock.
        is_either = local.fold or (not slot.rrule and local.replace(fold=1).utcoffset() != local.utcoffset())
        if is_either or local.year < self._year_of(zone_name, local.year):
            return f"{name};{SHOWN_IN}={zone_name}:{instant_text(value)}"
        return f"{name};TZID={zone_name}:{wall_text(local)}"

    def _year_of(self, zone_name: str, year: int) -> int:
        """The first year of the zone's VTIMEZONE, which is written now if it was not yet."""
        if self._keep is not None:
            self._used_zones[zone_name] = None
            self._is_early = self._is_early or year < FIRST_YEAR
        first = self._first_years.get(zone_name)
        if first is None:
            first = self._first_years[zone_name] = min(year, FIRST_YEAR)
            self._new_zones.append(vtimezone(zone_name, first))
        return first

    def _recurrence_line(self, slot: Slot) -> str:
        text = slot.recurrence_id
        try:
            value = read_time(text)
        except ValueError:
            return f"RECURRENCE-ID:{_one_line(text)}"
        if not isinstance(value, datetime):
            return f"RECURRENCE-ID;VALUE=DATE:{text}"
        if value.tzinfo is None or slot.zone is None:
            return f"RECURRENCE-ID:{text}"
        return self._time_line("RECURRENCE-ID", value, slot)

    def _with_own(self, slot: Slot, own: dict[str, list[str]]) -> str:
        """An event's lines, with kept ones in their place where they still say the same as the slot."""
        uid = _text_line("UID", slot.uid) if slot.uid else ""
        times = self._own_times(slot, own) if "DTSTART" in own or "DTEND" in own else self._times(slot)
        visibility = self._class_line(slot, own)
        line = self._kept(own, "DESCRIPTION", lambda line: _describes(slot, _text(line)))
        description = line or self._description(slot)
        location = ""
        if slot.place is not None and (name := slot.place.name):
            line = self._kept(own, "LOCATION", lambda line: place_name(_text(line)) == name)
            location = line or _text_line("LOCATION", name)
        line = self._kept(own, "SUMMARY", lambda line: short_title(_text(line)) == slot.title)
        summary = line or _text_line("SUMMARY", slot.title)
        end = self._end_matter(slot, self._kept(own, "RECURRENCE-ID", lambda line: self._recurs(line, slot)))
        rules = "".join([_written(line) for line in own.get("RRULE", ()) if slot.rrule])
        return f"{uid}{times}{visibility}{description}{location}{summary}{end}{rules}"

    def _own_times(self, slot: Slot, own: dict[str, list[str]]) -> str:
        start = Moment(slot.start, slot.zone, slot.floating)
        line = self._kept(own, "DTSTART", lambda line: self._reader.moment_of(line) == start)
        text = line or _written(self._time_line("DTSTART", slot.start, slot))
        if slot.end is not None:
            line = self._kept(own, "DTEND", lambda line: self._reader.end_of(line, start) == slot.end)
            text += line or _written(self._time_line("DTEND", slot.end, slot))
        return text

    def _others(self, lines: list[str]) -> str:
        """The kept lines that are no fields: most are short and name no zone."""
        if not lines:
            return ""
        text = "\r\n".join(lines)
        if text.isascii() and max(map(len, lines)) <= FOLD_OCTETS and ";TZID=" not in text:
            return f"{text}\r\n"
        return "".join([_written(line) for line in lines if self._zones_are_known(line)])

    def _kept(self, own: dict[str, list[str]], name: str, says_the_same: Callable[[str], bool]) -> str | None:
        """The first kept line of the name that says the same as the slot."""
        if name not in own:
            return None
        for line in own[name]:
            if says_the_same(line) and self._zones_are_known(line):
                return _written(line)
        return None

    def _recurs(self, line: str, slot: Slot) -> bool:
        moment = self._reader.moment_of(line)
        return moment is not None and recurrence_text(moment) == slot.recurrence_id

    def _zones_are_known(self, line: str) -> bool:
        """Whether each TZID in the line is an IANA name; their VTIMEZONEs are written if they were not yet."""
        if ";TZID=" not in line:
            return True
        content = parsed(line)
        if content is None:
            return False
        names = [values[0] for key, values in content.parameters if key == "TZID"]
        if any(iana_names().get(name.lower()) != name for name in names):
            return False
        years = [int(year) for year in _YEAR.findall(content.value)]
        for name in names:
            self._year_of(name, max(min(years, default=FIRST_YEAR), 1))
        return True


@lru_cache(maxsize=1024)
def _zone_info(name: str) -> ZoneInfo | None:
    """The zone by whose wall clock times are written; None if it is UTC, or not named as IANA does."""
    return None if is_utc(name) or iana_names().get(name.lower()) != name else zone(name).info


def _written(line: str) -> str:
    """The line, folded, with its line end."""
    return f"{line}\r\n" if len(line) <= FOLD_OCTETS and line.isascii() else f"{folded(line)}\r\n"


def _text_line(name: str, text: str) -> str:
    """A line of a TEXT value, folded, with its line end."""
    line = f"{name}:{escaped(text) if _has_marks(text) else text}"
    return f"{line}\r\n" if len(line) <= FOLD_OCTETS and line.isascii() else f"{folded(line)}\r\n"


def _has_marks(text: str) -> bool:
    """Whether anything in the text must be escaped."""
    return "," in text or "\n" in text or ";" in text or "\\" in text or "\r" in text


def _one_line(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")


def _value(line: str) -> str:
    halves = split_line(line)
    return "" if halves is None else halves[1]


def _text(line: str) -> str:
    return unescaped(_value(line))


def _description(slot: Slot) -> str:
    text = slot.description
    if not text and not slot.notes:
        return "DESCRIPTION:\r\n"
    if not text or not text.strip():
        text = next((note.content for note in _long_notes(slot) if len(note.content) > DESCRIPTION_LENGTH), text or "")
    return _text_line("DESCRIPTION", text)


def _long_notes(slot: Slot) -> list[Note]:
    return [note for note in slot.notes or () if note.title == NOTE_TITLE]


def _describes(slot: Slot, text: str) -> bool:
    """Whether the text is the slot's description, or that of the note that holds it."""
    if slot.description == text:
        return True
    is_blank = not slot.description or not slot.description.strip()
    return is_blank and any(note.content == text for note in _long_notes(slot))
