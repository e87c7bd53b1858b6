"""The lines of a VEVENT, sorted: values of a slot's fields, and lines that are kept as they are."""

from collections.abc import Iterator

from msgspec import Struct

from slotport.core.slot import Outcome
from slotport.formats.calendar_parts import MOST_DEPTH, boundary
from slotport.formats.calendar_zones import SHOWN_IN, FileZones, Resolved
from slotport.formats.content_line import parsed, parsed_head, split_line
from slotport.formats.zones import Zone, known_zone

MOST_HEADS = 2_000  #: beginnings of lines that are remembered

#: the properties that fields of a slot hold
FIELDS = frozenset({
    "UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "DESCRIPTION", "LOCATION", "CLASS", "X-SLOTPORT-VISIBILITY",
    "RRULE", "RECURRENCE-ID", "SEQUENCE", "LAST-MODIFIED", "DTSTAMP",
})  # fmt: skip
TIMES = frozenset({"DTSTART", "DTEND", "RECURRENCE-ID"})
TEXTS = frozenset({"SUMMARY", "DESCRIPTION", "LOCATION"})


class BrokenStructure(Exception):
    """A component begins or ends in the event that cannot be part of it."""


class Refused(Exception):
    """The event cannot be taken; becomes a Problem."""

    def __init__(self, code: str, message: str, name: str, outcome: Outcome = Outcome.REJECTED) -> None:
        super().__init__(message)
        self.problem = (code, message, name, outcome)


class Head(Struct, frozen=True, gc=False):
    """What stands before the colon of a line, and what to do with the line."""

    name: str
    is_field: bool = False
    is_kept: bool = True  #: as it is
    has_more: bool = False  #: parameters that no field holds
    zone: Resolved = None
    has_zone: bool = False
    shown_in: str | None = None
    is_date: bool = False
    parameters: tuple[tuple[str, tuple[str, ...]], ...] = ()


_UNKNOWN = Head(name="", is_kept=False)
PLAIN_HEADS = {name: Head(name=name, is_field=True) for name in FIELDS}


class SortedLines(Struct, gc=False):
    """An event's lines."""

    fields: dict[str, str]  #: value by property
    marks: dict[str, tuple[Head, str]]  #: head and whole line of those fields that have parameters
    kept: list[str]
    rules: list[str]  #: further RRULEs
    rest: list[str] | None = None  #: lines that are not sorted yet

    def add_rule(self, value: str) -> None:
        """Take in another RRULE: it is the first if none before it said anything."""
        if not self.fields["RRULE"].strip():
            self.fields["RRULE"] = value
        elif value.strip():
            self.rules.append(f"RRULE:{value}")


class LineSorter:
    """Sorts the lines of the events of one file."""

    def __init__(self, zones: FileZones) -> None:
        self._zones = zones
        self._heads: dict[str, Head] = {}
        self._number = 1

    def forget_heads(self) -> None:
        """Look every zone up again: definitions came or went."""
        self._heads.clear()

    def remembered(self, text: str) -> Head | None:
        """The head that is just this text, if it was met before."""
        return self._heads.get(text)

    def sort(self, lines: list[str], number: int, sorted_lines: SortedLines) -> None:
        """Put each line where it belongs; ``number`` is that of the event's first line.

        Raises NotYetKnown, BrokenStructure and Refused.
        """
        fields, kept = sorted_lines.fields, sorted_lines.kept
        self._number = number
        heads = self._heads
        plain = FIELDS
        rest = iter(lines)
        for line in rest:
            name, colon, value = line.partition(":")
            if not colon:
                continue
            if name in plain:
                if name not in fields:
                    fields[name] = value
                elif name == "RRULE":
                    sorted_lines.add_rule(value)
                continue
            if line[:1] in " \t":
                line = line.lstrip()
                name = name.lstrip()
            head = heads.get(name)
            if head is None:
                marked = boundary(line) if name[:1] in "BEbe \t" else None
                if marked is not None:
                    self._nested(line, marked, rest, kept)
                    continue
                head = self.head(line)
            if head.is_field:
                self._mark(head, line, sorted_lines)
            elif head.is_kept:
                kept.append(line)
            elif head is not _UNKNOWN:
                self._keep_times(line, kept)

    def _mark(self, head: Head, line: str, sorted_lines: SortedLines) -> None:
        halves = split_line(line)
        if halves is None:
            return
        if head.name not in sorted_lines.fields:
            sorted_lines.fields[head.name] = halves[1]
            if head.parameters:
                sorted_lines.marks[head.name] = (head, line)
        elif head.name == "RRULE":
            sorted_lines.add_rule(halves[1])

    def head(self, line: str) -> Head:
        """The head of a line, remembered where it ends at the first colon. Raises NotYetKnown."""
        halves = split_line(line)
        parts = None if halves is None else parsed_head(halves[0])
        if halves is None or parts is None:
            return _UNKNOWN
        head = self._made(*parts)
        text = line.partition(":")[0]
        if halves[0] == text and len(text) < 500:
            if len(self._heads) >= MOST_HEADS:
                self._heads.clear()
            self._heads[text] = head
        return head

    def _made(self, name: str, parameters: tuple[tuple[str, tuple[str, ...]], ...]) -> Head:
        values = {key: found[0] for key, found in reversed(parameters)}
        if name not in FIELDS:
            is_times = name in {"EXDATE", "RDATE"}
            return Head(name=name, is_kept="TZID" not in values and not is_times)
        if not parameters:
            return PLAIN_HEADS[name]
        if name not in TIMES:
            return Head(name=name, is_field=True, has_more=True, parameters=parameters)
        shown = known_zone(values.get(SHOWN_IN, ""))
        tzid = values.get("TZID")
        resolved = None if tzid is None else self._zones.resolve(tzid, self._number)
        exact = tzid is None or (isinstance(resolved, Zone) and resolved.name == tzid) or tzid in {"UTC", "Etc/UTC"}
        return Head(
            name=name,
            is_field=True,
            has_more=not exact or bool(values.keys() - {"TZID", "VALUE", SHOWN_IN}),
            zone=resolved,
            has_zone=tzid is not None,
            shown_in=None if shown == "UTC" else shown,
            is_date=values.get("VALUE", "").upper() == "DATE",
            parameters=parameters,
        )

    def _nested(self, line: str, marked: tuple[str, str], rest: Iterator[str], kept: list[str]) -> None:
        """Keep a whole component, each part of it closed where it was left open."""
        word, name = marked
        if name in {"VEVENT", "VCALENDAR"}:
            raise BrokenStructure
        if word == "END":
            return
        open_parts = [name]
        kept.append(line)
        for text in rest:
            inner = text.lstrip(" \t")
            start, colon, _ = inner.partition(":")
            head = self._heads.get(start)
            if colon and (start in FIELDS or (head is not None and head.is_kept and not head.is_field)):
                kept.append(inner)
                continue
            found = boundary(inner) if inner[:1] in "BEbe \t" else None
            if found is None:
                self._keep_times(inner, kept)
                continue
            word, name = found
            if name in {"VEVENT", "VCALENDAR"}:
                raise BrokenStructure
            if word == "BEGIN":
                if len(open_parts) >= MOST_DEPTH:
                    raise Refused("too_deep", f"Components are nested more than {MOST_DEPTH} deep.", "")
                open_parts.append(name)
                kept.append(inner)
            elif name in open_parts:
                while (part := open_parts.pop()) != name:
                    kept.append(f"END:{part}")
                kept.append(inner)
                if not open_parts:
                    return
        kept.extend(f"END:{part}" for part in reversed(open_parts))

    def _keep_times(self, line: str, kept: list[str]) -> None:
        """Keep a line, its TZID made an IANA name, or its times UTC; lines that are none are dropped."""
        upper = line.upper()
        if "TZID" not in upper.partition(":")[0] and not upper.startswith(("EXDATE", "RDATE")):
            if self.head(line) is not _UNKNOWN:
                kept.append(line)
            return
        content = parsed(line)
        if content is None:
            return
        changed: str | None = None
        tzid = content.first("TZID")
        if tzid is not None:
            known = known_zone(tzid)
            if known != tzid or known == "UTC":
                changed = self._zones.with_known_zone(content, self._number)
        elif content.name in {"EXDATE", "RDATE"}:
            changed = self._zones.with_floating_zone(content)
        kept.append(line if changed is None else changed)
