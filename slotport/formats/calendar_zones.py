"""The time zones of one calendar file: each TZID resolved by its name, by the file's own VTIMEZONE, or as UTC."""

from datetime import UTC, datetime

from slotport.core.slot import Outcome, Problem
from slotport.formats.calendar_time import read_duration, read_time
from slotport.formats.content_line import ContentLine, parsed, rendered, unescaped
from slotport.formats.time_text import date_text, instant_text
from slotport.formats.vtimezone import FileZone, read_vtimezone
from slotport.formats.zones import Zone, guessed_zone, known_zone, zone

MOST_DEFINITIONS = 2_000  #: zones of a file that are remembered
MOST_COMPARED = 40  #: zones of a file that are compared with every IANA zone
MOST_NOTES = 1_000

ORIGINAL = "X-SLOTPORT-TZID"  #: parameter: the zone name that stood in the file
SHOWN_IN = "X-SLOTPORT-ZONE"  #: parameter of a UTC time: the zone whose wall clock it was given in


class NotYetKnown(Exception):
    """The zone may still be defined by a VTIMEZONE further down."""


#: None is UTC
Resolved = Zone | FileZone | None


class FileZones:
    """What is known about zones while a file is read."""

    def __init__(self) -> None:
        self.notes: list[Problem] = []
        self.floating: Zone | None = None  #: of X-WR-TIMEZONE, for times without a zone
        self.floating_is_utc = False
        self.complete = False  #: no more definitions follow: unknown names are UTC
        self._defined: dict[str, FileZone] = {}
        self._noted: set[str] = set()
        self._compared = 0

    def define(self, lines: list[str], line: int) -> bool:
        """Take in a VTIMEZONE; True if it may settle a name that was not known yet."""
        for text in lines:
            if text[:4].upper() == "TZID" and (tzid_line := parsed(text)) and tzid_line.name == "TZID":
                name = unescaped(tzid_line.value).strip()
                break
        else:
            return False
        if known_zone(name) is not None:
            return False
        file_zone = read_vtimezone(lines, name)
        if file_zone is None:
            return False
        self._defined.pop(name, None)
        while len(self._defined) >= MOST_DEFINITIONS:
            self._defined.pop(next(iter(self._defined)))
        self._defined[name] = file_zone
        return True

    def name_floating(self, name: str) -> None:
        """Take in an X-WR-TIMEZONE."""
        known = known_zone(unescaped(name)) or guessed_zone(unescaped(name))
        self.floating_is_utc = known == "UTC"
        self.floating = zone(known) if known and known != "UTC" else None

    def resolve(self, tzid: str, line: int) -> Resolved:
        """The zone that the TZID means. Raises NotYetKnown."""
        known = known_zone(tzid)
        if known is not None:
            return None if known == "UTC" else zone(known)
        tzid = tzid.strip()
        if tzid in self._defined:
            return self._from_file(tzid, line)
        if not self.complete:
            raise NotYetKnown
        guessed = guessed_zone(tzid)
        if guessed is not None:
            self._note("zone_guessed", tzid, line, f'The zone "{tzid[:80]}" was taken to be {guessed}.')
            return None if guessed == "UTC" else zone(guessed)
        self._note(
            "unknown_zone",
            tzid,
            line,
            f'The zone "{tzid[:80]}" is unknown and the file does not define it: read as UTC.',
        )
        return None

    def _from_file(self, tzid: str, line: int) -> Resolved:
        file_zone = self._defined[tzid]
        if tzid not in self._noted:
            self._compared += 1
            same = file_zone.iana() if self._compared <= MOST_COMPARED else None
            how = f"they are those of {same}" if same else "no IANA zone has the same, so its times are held in UTC"
            self._note("zone_from_file", tzid, line, f'The zone "{tzid[:80]}" is read by the rules in the file: {how}.')
        return file_zone

    def same_as(self, file_zone: FileZone) -> Zone | None:
        """The IANA zone with the rules of a zone of the file."""
        name = file_zone.iana() if self._compared <= MOST_COMPARED else None
        return zone(name) if name and name != "UTC" else None

    def _note(self, code: str, tzid: str, line: int, message: str) -> None:
        if tzid not in self._noted and len(self._noted) < MOST_NOTES:
            self._noted.add(tzid)
            self.notes.append(Problem(code=code, message=message, outcome=Outcome.NOTE, line=line))

    def placed(self, wall: datetime, resolved: Resolved) -> tuple[datetime, str | None]:
        """The instant of a naive wall time, and the IANA zone that shows it so (None: held in UTC).

        Raises OverflowError out of the years 1 to 9999.
        """
        if resolved is None:
            return wall.replace(tzinfo=UTC), None
        if isinstance(resolved, Zone):
            return resolved.instant(date_text(wall), wall), resolved.name
        instant = resolved.instant(wall)
        same = self.same_as(resolved)
        if same is not None and same.instant(date_text(wall), wall) == instant:
            return instant, same.name
        return instant, None

    def with_known_zone(self, line: ContentLine, number: int) -> str:
        """The line with an IANA name as its TZID, or else with its times in UTC. Raises NotYetKnown."""
        tzid = line.first("TZID") or ""
        resolved = self.resolve(tzid, number)
        name = resolved.name if isinstance(resolved, Zone) else None
        if isinstance(resolved, FileZone):
            names = {self._zone_of_value(value, resolved) for value in line.value.split(",")}
            name = names.pop() if len(names) == 1 else None
        value = line.value
        if name is None:
            value = ",".join(self._in_utc(part, resolved) for part in value.split(","))
        return rendered(ContentLine(line.name, with_zone_name(line.parameters, name), value))

    def with_floating_zone(self, line: ContentLine) -> str | None:
        """A line of times without a zone as one of X-WR-TIMEZONE; None if it stays as it is."""
        if (self.floating is None and not self.floating_is_utc) or "T" not in line.value.upper():
            return None
        if any(part.strip()[-1:] in {"Z", "z"} for part in line.value.replace("/", ",").split(",")):
            return None
        if self.floating is not None:
            return rendered(ContentLine(line.name, (*line.parameters, ("TZID", (self.floating.name,))), line.value))
        value = ",".join(self._in_utc(part, None) for part in line.value.split(","))
        return rendered(ContentLine(line.name, line.parameters, value))

    def _zone_of_value(self, value: str, resolved: FileZone) -> str | None:
        try:
            wall = read_time(value.partition("/")[0])
            if isinstance(wall, datetime) and wall.tzinfo is None:
                return self.placed(wall, resolved)[1]
        except (ValueError, OverflowError):
            return None
        return None

    def _in_utc(self, value: str, resolved: Resolved) -> str:
        start, slash, end = value.partition("/")
        if slash and not _is_duration(end):
            return f"{self._time_in_utc(start, resolved)}/{self._time_in_utc(end, resolved)}"
        return f"{self._time_in_utc(start, resolved)}{slash}{end}"

    def _time_in_utc(self, text: str, resolved: Resolved) -> str:
        try:
            wall = read_time(text)
            if isinstance(wall, datetime) and wall.tzinfo is None:
                return instant_text(self.placed(wall, resolved)[0])
        except (ValueError, OverflowError):
            return text
        return text


def _is_duration(text: str) -> bool:
    try:
        read_duration(text)
    except ValueError:
        return False
    return True


def with_zone_name(
    parameters: tuple[tuple[str, tuple[str, ...]], ...], name: str | None
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The parameters with this IANA name as TZID (None: without a TZID) and the one of the file kept beside it."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for key, values in parameters:
        if key != "TZID":
            found.append((key, values))
        elif name is not None:
            found.append(("TZID", (name,)))
            if values[0] != name:
                found.append((ORIGINAL, values[:1]))
        elif values[0] not in {"UTC", "Etc/UTC", "Z"}:
            found.append((ORIGINAL, values[:1]))
    return tuple(found)
