"""The lines of a VEVENT become a Slot, or the Problem that they have (RFC 5545 section 3.6.1)."""

import re
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from slotport.core.slot import (
    DESCRIPTION_LENGTH,
    PLACE_LENGTH,
    Outcome,
    Place,
    Problem,
    Slot,
    Visibility,
    short_title,
)
from slotport.formats.calendar_lines import (
    PLAIN_HEADS,
    TEXTS,
    TIMES,
    BrokenStructure,
    Head,
    LineSorter,
    Refused,
    SortedLines,
)
from slotport.formats.calendar_parts import Event, RawEvent
from slotport.formats.calendar_shapes import Shapes
from slotport.formats.calendar_time import OutOfRange, read_duration, read_time
from slotport.formats.calendar_zones import ORIGINAL, SHOWN_IN, FileZones, NotYetKnown, with_zone_name
from slotport.formats.content_line import ContentLine, rendered, split_line, unescaped
from slotport.formats.time_text import date_text, instant_text, wall_text
from slotport.formats.zones import Zone, zone

MOST_SEQUENCE = 2**31 - 1
MOST_TEXT = 200  #: characters of a uid or title in a problem

VISIBILITIES = {
    "PUBLIC": Visibility.PUBLIC,
    "PRIVATE": Visibility.PRIVATE,
    "CONFIDENTIAL": Visibility.PRIVATE,
    "FRIENDS": Visibility.FRIENDS,
    "FOAF": Visibility.FOAF,
}
_WORDS = {visibility.value: visibility for visibility in Visibility}
_SAID_BY_FIELDS = {"PUBLIC", "PRIVATE", "FRIENDS", "FOAF"}  # the CLASS values that a visibility holds whole
_ONE_DAY = timedelta(days=1)
_NUMBER = re.compile(r"\s*\+?(\d{1,10})\s*\Z")


class Moment(Struct, frozen=True, gc=False):
    """A time as a slot has it."""

    value: date | datetime
    zone: str | None = None
    floating: bool = False


class EventReader:
    """Turns the events of one file into slots."""

    def __init__(self, zones: FileZones) -> None:
        self._zones = zones
        self._sorter = LineSorter(zones)
        self._shapes = Shapes(self._sorter)

    def forget_heads(self) -> None:
        """Look every zone up again: definitions came or went."""
        self._sorter.forget_heads()
        self._shapes.forget()

    def moment_of(self, line: str) -> Moment | None:
        """The time in a DTSTART, DTEND or RECURRENCE-ID line; None if it has none."""
        try:
            halves = split_line(line)
            head = self._sorter.head(line)
            if halves is None or head.name not in TIMES:
                return None
            return self._moment(head.name, "", halves[1], head)
        except (Refused, NotYetKnown):
            return None

    def end_of(self, line: str, start: Moment) -> date | datetime | None:
        """The end that a DTEND line gives to an event with this start; None if it gives none."""
        moment = self.moment_of(line)
        try:
            return None if moment is None else self._as_kind_of(start, moment)
        except Refused:
            return None

    def read(self, event: Event | RawEvent) -> Slot | Problem:
        """The slot of an event, or its problem. Raises NotYetKnown and BrokenStructure."""
        number = event.line
        if not isinstance(event, RawEvent):
            return self._read_lines(event.lines, number, event.fault)
        text, line_end = event.text, event.line_end
        lines = self._shapes.sorted(text, line_end, is_folded=True)
        if lines is None:
            text = event.unfolded()
            if text is not event.text:
                lines = self._shapes.sorted(text, line_end, is_folded=False)
        if lines is None:
            if "VEVENT" in text:
                raise BrokenStructure  # perhaps: more than one event
            texts = text.split(line_end)
            record = self._read_lines(texts, number)
            self._shapes.learn(texts, line_end)
            return record
        try:
            if lines.rest is not None:
                if "VEVENT" in text:
                    raise BrokenStructure
                self._sorter.sort(lines.rest, number, lines)
            return self._slot(lines, number)
        except Refused as refused:
            return self._problem(refused, number, lines.fields)

    def _read_lines(self, texts: list[str], number: int, fault: str | None = None) -> Slot | Problem:
        lines = SortedLines({}, {}, [], [])
        try:
            self._sorter.sort(texts, number, lines)
            if fault is not None:
                raise Refused(fault, FAULTS[fault], "")
            return self._slot(lines, number)
        except Refused as refused:
            return self._problem(refused, number, lines.fields)

    def _slot(self, lines: SortedLines, number: int) -> Slot:
        fields, marks = lines.fields, lines.marks
        get = fields.get
        summary = get("SUMMARY", "")
        if "\\" in summary:
            summary = unescaped(summary)
        title = short_title(summary)
        if not title:
            raise Refused("no_title", "The event has no SUMMARY.", "SUMMARY", Outcome.SKIPPED)
        held: dict[str, str] = {}
        start, end = _plain_times(fields, marks) or self._times(fields, marks, held)
        if marks or title != summary:
            self._hold_texts(fields, marks, held, title)
        description = get("DESCRIPTION")
        if description is not None:
            if "\\" in description:
                description = unescaped(description)
            if len(description) > DESCRIPTION_LENGTH:
                held["DESCRIPTION"] = held.get("DESCRIPTION", f"DESCRIPTION:{fields['DESCRIPTION']}")
        place = None if (location := get("LOCATION")) is None else _place(location, held)
        visibility = None
        if (word := get("CLASS")) is not None or "X-SLOTPORT-VISIBILITY" in fields:
            visibility = self._visibility(word, get("X-SLOTPORT-VISIBILITY"), held)
        recurrence = get("RECURRENCE-ID")
        recurrence_id = "" if recurrence is None else self._recurrence_id(recurrence, start, marks, held)
        slot = Slot(  # more than 15 arguments by name would cost four times as much in CPython 3.11
            title=title,
            start=start.value,
            end=end,
            uid=None if (uid := get("UID")) is None or not uid.strip() else unescaped(uid),
            zone=start.zone,
            floating=start.floating,
            visibility=visibility,
            description=description,
            rrule="" if (rule := get("RRULE")) is None else rule.strip(),
            place=place,
            icalendar=_all_kept(held, lines) if held or lines.rules else tuple(lines.kept),
            sequence=0 if (sequence := get("SEQUENCE")) is None else _sequence(sequence),
            modified=None if (modified := get("LAST-MODIFIED")) is None else _instant(modified),
            stamped=None if (stamped := get("DTSTAMP")) is None else _plain_instant(stamped) or _instant(stamped),
            line=number,
        )
        return replace(slot, recurrence_id=recurrence_id) if recurrence_id else slot

    def _times(
        self, fields: dict[str, str], marks: dict[str, tuple[Head, str]], held: dict[str, str]
    ) -> tuple[Moment, date | datetime | None]:
        start = self._start(fields.get("DTSTART", ""), marks, held)
        return start, self._end(start, fields, marks, held)

    def _start(self, text: str, marks: dict[str, tuple[Head, str]], held: dict[str, str]) -> Moment:
        if "DTSTART" not in marks:
            if not text.strip():
                raise Refused("no_start", "The event has no DTSTART.", "DTSTART", Outcome.SKIPPED)
            return self._moment("DTSTART", "bad_start", text, PLAIN_HEADS["DTSTART"])
        head = marks["DTSTART"][0]
        if not text.strip():
            raise Refused("no_start", "The event has no DTSTART.", "DTSTART", Outcome.SKIPPED)
        moment = self._moment("DTSTART", "bad_start", text, head)
        if head.has_more and isinstance(moment.value, datetime):
            held["DTSTART"] = self._normal_line(head, text, moment)
        elif head.has_more and (line := self._dated_line(head, text)) is not None:
            held["DTSTART"] = line
        return moment

    def _moment(self, name: str, code: str, text: str, head: Head) -> Moment:
        """The time as a slot has it; Refused with the code if it is none."""
        try:
            value = read_time(text)
            if not isinstance(value, datetime):
                return Moment(value)
            if head.is_date:
                return Moment(value.date())
            if value.tzinfo is not None:
                return Moment(value, head.shown_in)
            if head.has_zone:
                return Moment(*self._zones.placed(value, head.zone))
            if self._zones.floating is not None:
                return Moment(*self._zones.placed(value, self._zones.floating))
            return Moment(value.replace(tzinfo=UTC), None, not self._zones.floating_is_utc)
        except (OutOfRange, OverflowError):
            message = f"{name} is not within the years 1 to 9999: {text[:40]!r}."
            raise Refused("out_of_range", message, name) from None
        except ValueError:
            raise Refused(code, f"{name} is not a date or time: {text[:40]!r}.", name) from None

    def _normal_line(self, head: Head, text: str, moment: Moment) -> str:
        """The line of a time with its zone's IANA name, or in UTC, that means the same without this file."""
        value = text.strip()
        parameters = head.parameters
        if not isinstance(moment.value, datetime) or moment.floating:
            return rendered(ContentLine(head.name, parameters, value))
        if head.has_zone:
            parameters = with_zone_name(parameters, moment.zone)
        elif moment.zone is not None and head.shown_in is None:
            parameters = (*parameters, ("TZID", (moment.zone,)))
        if moment.zone is None:
            value = instant_text(moment.value)
        return rendered(ContentLine(head.name, parameters, value))

    def _dated_line(self, head: Head, text: str) -> str | None:
        """The line of a date with its additional parameters; None if a TZID is all that it had."""
        parameters = tuple((key, values) for key, values in head.parameters if key != "TZID")
        if {key for key, _ in parameters} <= {"VALUE"}:
            return None
        return rendered(ContentLine(head.name, parameters, text.strip()))

    def _end(
        self, start: Moment, fields: dict[str, str], marks: dict[str, tuple[Head, str]], held: dict[str, str]
    ) -> date | datetime | None:
        text = fields.get("DTEND")
        if text is None or not text.strip():
            return self._end_by_duration(start, fields.get("DURATION"), marks)
        head = marks["DTEND"][0] if "DTEND" in marks else PLAIN_HEADS["DTEND"]
        moment = self._moment("DTEND", "bad_end", text, head)
        value = self._as_kind_of(start, moment)
        if value < start.value:
            raise Refused("end_before_start", "The event ends before it starts.", "DTEND")
        is_whole = not isinstance(start.value, datetime)
        if is_whole:
            if isinstance(moment.value, datetime):
                held["DTEND"] = self._normal_line(head, text, moment)
            return value if value != start.value else _day_after(start.value)
        if isinstance(moment.value, datetime):
            odd = head.has_more and (start.zone != moment.zone or not _has_only_zone(head))
            if odd or (start.zone, start.floating) != (moment.zone, moment.floating):
                held["DTEND"] = self._normal_line(head, text, moment)
        else:
            held["DTEND"] = f"DTEND;VALUE=DATE:{date_text(moment.value)}"
        return value

    def _as_kind_of(self, start: Moment, end: Moment) -> date | datetime:
        """The end as a date if the start is one, as an instant if that is one."""
        if not isinstance(start.value, datetime):
            if not isinstance(end.value, datetime):
                return end.value
            local = end.value if end.zone is None else end.value.astimezone(zone(end.zone).info)
            is_midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
            return local.date() if is_midnight else _day_after(local.date())
        if isinstance(end.value, datetime):
            return end.value
        midnight = datetime(end.value.year, end.value.month, end.value.day)  # noqa: DTZ001 - a wall time
        try:
            return self._zones.placed(midnight, zone(start.zone) if start.zone else None)[0]
        except OverflowError:
            raise Refused("out_of_range", "DTEND is not within the years 1 to 9999.", "DTEND") from None

    def _end_by_duration(
        self, start: Moment, text: str | None, marks: dict[str, tuple[Head, str]]
    ) -> date | datetime | None:
        is_whole = not isinstance(start.value, datetime)
        if text is None or not text.strip():
            return _day_after(start.value) if is_whole else None
        try:
            days, rest = read_duration(text)
            if days + rest < timedelta(0):
                raise Refused("negative_duration", f"DURATION is negative: {text[:40]!r}.", "DURATION")
            if not isinstance(start.value, datetime):
                whole = days + timedelta(days=-(-rest // _ONE_DAY))
                return start.value + max(whole, _ONE_DAY)
            if start.zone is None or not days:
                return start.value + days + rest
            wall = start.value.astimezone(zone(start.zone).info).replace(tzinfo=None) + days
            return self._zones.placed(wall, zone(start.zone))[0] + rest
        except (OutOfRange, OverflowError):
            message = f"The end by DURATION is not within the years 1 to 9999: {text[:40]!r}."
            raise Refused("out_of_range", message, "DURATION") from None
        except ValueError:
            raise Refused("bad_duration", f"DURATION is not a duration: {text[:40]!r}.", "DURATION") from None

    def _recurrence_id(self, text: str, start: Moment, marks: dict[str, tuple[Head, str]], held: dict[str, str]) -> str:
        head = marks["RECURRENCE-ID"][0] if "RECURRENCE-ID" in marks else PLAIN_HEADS["RECURRENCE-ID"]
        moment = self._moment("RECURRENCE-ID", "bad_recurrence_id", text, head)
        value = moment.value
        if not isinstance(value, datetime):
            if head.has_more and (line := self._dated_line(head, text)) is not None:
                held["RECURRENCE-ID"] = line
            return date_text(value)
        if head.has_more or (not moment.floating and moment.zone != start.zone):
            held["RECURRENCE-ID"] = self._normal_line(head, text, moment)
        return recurrence_text(moment)

    def _hold_texts(
        self, fields: dict[str, str], marks: dict[str, tuple[Head, str]], held: dict[str, str], title: str
    ) -> None:
        """Hold the lines of texts that have parameters or more than the field takes."""
        for name in TEXTS & marks.keys():
            held[name] = marks[name][1]
        if "SUMMARY" not in held and title != unescaped(fields["SUMMARY"]):
            held["SUMMARY"] = f"SUMMARY:{fields['SUMMARY']}"
        if "CLASS" in marks:
            held["CLASS"] = marks["CLASS"][1]

    def _visibility(self, word: str | None, own: str | None, held: dict[str, str]) -> Visibility | None:
        if own is None:
            if word is None:
                return None
            if word in _SAID_BY_FIELDS:
                return VISIBILITIES[word]
        by_class = visibility_of(word)
        visibility = _WORDS.get((own or "").strip().lower(), by_class)
        if word is not None and by_class == visibility:
            if word.strip().upper() not in _SAID_BY_FIELDS and word.strip():
                held.setdefault("CLASS", f"CLASS:{word}")
        else:
            held.pop("CLASS", None)
        return visibility

    def _problem(self, refused: Refused, number: int, fields: dict[str, str]) -> Problem:
        code, message, _, outcome = refused.problem
        uid = _shown(fields.get("UID", ""))
        return Problem(
            code=code,
            message=message,
            outcome=outcome,
            line=number,
            uid=uid or None,
            title=short_title(_shown(fields.get("SUMMARY", ""))) or None,
        )


FAULTS = {
    "too_large": "The event is longer than 1 MiB.",
    "unterminated": "The event has no END:VEVENT.",
    "bad_character": "The event holds a NUL character.",
}
HELD_ORDER = ("DTSTART", "DTEND", "CLASS", "DESCRIPTION", "LOCATION", "SUMMARY", "RECURRENCE-ID")


def _all_kept(held: dict[str, str], lines: SortedLines) -> tuple[str, ...]:
    """The kept lines in the order in which they are written."""
    return (*(held[name] for name in HELD_ORDER if name in held), *lines.rules, *lines.kept)


def _place(text: str, held: dict[str, str]) -> Place | None:
    if "\\" not in text and len(text) <= PLACE_LENGTH and text.strip():
        return Place(name=text)
    whole = unescaped(text)
    name = place_name(whole)
    if name is None:
        held.pop("LOCATION", None)
        return None
    if name != whole:
        held.setdefault("LOCATION", f"LOCATION:{text}")
    return Place(name=name)


def _plain_times(
    fields: dict[str, str], marks: dict[str, tuple[Head, str]]
) -> tuple[Moment, date | datetime | None] | None:
    """Start and end as nearly all files write them: both in UTC, or both in one IANA zone; None for any others."""
    start_text, end_text = fields.get("DTSTART", ""), fields.get("DTEND", "")
    if "DTSTART" in marks:
        if "DTEND" not in marks:
            return None
        return _zoned_times(start_text, marks["DTSTART"][0], end_text, marks["DTEND"][0])
    start, end = _plain_instant(start_text), _plain_instant(end_text)
    if start is None or end is None or end < start or "DTEND" in marks:
        return None
    return Moment(start), end


def _zoned_times(start_text: str, head: Head, end_text: str, end_head: Head) -> tuple[Moment, datetime] | None:
    zone = head.zone
    is_plain = not (head.has_more or end_head.has_more or head.is_date or end_head.is_date)
    if not isinstance(zone, Zone) or end_head.zone is not zone or not is_plain:
        return None
    start_wall, end_wall = _plain_wall(start_text), _plain_wall(end_text)
    if start_wall is None or end_wall is None:
        return None
    try:
        start, end = zone.instant(start_text[:8], start_wall), zone.instant(end_text[:8], end_wall)
    except OverflowError:
        return None
    return None if end < start else (Moment(start, zone.name), end)


def _plain_wall(text: str) -> datetime | None:
    """A time without a zone as nearly all files write it; None for any other."""
    if len(text) == 15 and text[8] == "T" and text[9:].isdigit() and text.isalnum() and text[4] != "W":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return None
    return None


def _plain_instant(text: str) -> datetime | None:
    """A time in UTC as nearly all files write it; None for any other."""
    if len(text) == 16 and text[15] == "Z" and text[8] == "T" and text.isalnum() and text[4] != "W":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return None
    return None


def _instant(text: str) -> datetime | None:
    """LAST-MODIFIED or DTSTAMP: an instant, None if it is none."""
    found = _plain_instant(text)
    if found is not None:
        return found
    try:
        value = read_time(text)
    except ValueError:
        return None
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value.replace(tzinfo=UTC)


def _sequence(text: str) -> int:
    match = _NUMBER.match(text)
    return min(int(match[1]), MOST_SEQUENCE) if match and match[1].isascii() else 0


def _day_after(day: date) -> date:
    try:
        return day + _ONE_DAY
    except OverflowError:
        raise Refused("out_of_range", "The event ends after the year 9999.", "DTEND") from None


def _has_only_zone(head: Head) -> bool:
    return {key for key, _ in head.parameters} <= {"TZID", "VALUE", SHOWN_IN, ORIGINAL}


def _shown(text: str) -> str:
    return unescaped(text[:MOST_TEXT].replace("\0", "\ufffd"))


def visibility_of(word: str | None) -> Visibility | None:
    """The visibility that a CLASS value means; None if it is absent or blank."""
    if word is None or not word.strip():
        return None
    return VISIBILITIES.get(word.strip().upper(), Visibility.PRIVATE)


def recurrence_text(moment: Moment) -> str:
    """A RECURRENCE-ID's time as ``Slot.recurrence_id`` has it."""
    if not isinstance(moment.value, datetime):
        return date_text(moment.value)
    return wall_text(moment.value) if moment.floating else instant_text(moment.value)


def place_name(text: str) -> str | None:
    """A LOCATION in one line of at most 255 characters; None if it is blank."""
    if not text.strip():
        return None
    if "\n" in text:
        text = ", ".join(part.strip() for part in text.split("\n") if part.strip())
    return text[:PLACE_LENGTH]
