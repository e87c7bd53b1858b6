"""When a slot takes place: a series becomes occurrences, always inside a given window (RFC 5545 section 3.8.5).

A slot repeats by its rule (``Slot.rrule``) and by the RDATE lines among ``Slot.icalendar``, without what EXDATE lines
take out. A series follows the wall clock of its zone: a meeting at nine stays at nine when clocks change. A wall time
that a clock change skips moves forward by the gap, of a doubled one the first is meant. An override (a slot of the
same uid with a ``recurrence_id``) stands in the place of the occurrence that its recurrence id names.
"""

import heapq
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice

from msgspec import Struct

from slotport.core.rrule import Rule, read_rule
from slotport.core.rule_times import EARLIEST, LATEST, Budget, times
from slotport.core.slot import Slot, end_of_day
from slotport.core.when import zone as find_zone

MOST_DATES = 20_000  #: of the RDATE and EXDATE lines of one slot
MOST_OCCURRENCES = 5_000  #: of one slot in a window
OCCURRENCE_STEPS = 10  #: what one costs of the budget: it is made, sorted and shown

_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?\Z")
_PERIOD_LENGTH = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?\Z")
_LINES = ("RRULE", "RDATE", "EXDATE", "EXRULE")
_ONE_DAY = timedelta(days=1)


class Occurrence(Struct, frozen=True, kw_only=True, gc=False):
    """One date of a slot; times are of the slot's kind, and ``end`` None is an open end."""

    recurrence_id: str  #: as ``Slot.recurrence_id``; "" of a slot that does not repeat
    start: datetime | date
    end: datetime | date | None
    changed_by: str | None = None  #: recurrence id of the override that says how this and all later ones look


def repeats(slot: Slot) -> bool:
    """Whether the slot is a series: it has a rule, or further dates."""
    return not slot.recurrence_id and (
        bool(slot.rrule) or any(name_of(line) == "RDATE" for line in slot.icalendar or ())
    )


def occurrences(
    slot: Slot, low: datetime, high: datetime, *, overrides: Sequence[Slot] = (), budget: Budget | None = None
) -> list[Occurrence]:
    """What of the slot is between two instants (it ends after ``low`` and begins before ``high``), by start.

    Floating times and whole days are compared as if they were UTC. Occurrences that ``overrides`` stand for are left
    out: those are slots with times of their own. At most MOST_OCCURRENCES, and not more than the budget allows, which
    says then that something was left out. A rule that cannot be read gives the slot's own start alone.
    """
    if not repeats(slot):
        whole = Occurrence(recurrence_id=slot.recurrence_id, start=slot.start, end=slot.end)
        return [whole] if _overlaps(whole, low, high) else []
    shared = Budget() if budget is None else budget
    own = shared.part()
    try:
        return list(_Series(slot, overrides).between(low, high, own))
    finally:
        shared.settle(own)


def find(slot: Slot, recurrence_id: str, *, overrides: Sequence[Slot] = ()) -> Occurrence | None:
    """The occurrence of a series that a recurrence id names; None if there is none, or an override stands there."""
    series = _Series(slot, overrides)
    wall = series.clock.wall_of(recurrence_id)
    if wall is None:
        return None
    try:
        moment = series.clock.instant(wall)
        found = occurrences(
            slot, moment - series.reach - _ONE_DAY, moment + series.reach + _ONE_DAY, overrides=overrides
        )
    except OverflowError:
        return None
    return next((one for one in found if one.recurrence_id == recurrence_id), None)


class Clock(Struct, frozen=True):
    """The clock that a slot's times follow. Wall times are datetimes without a zone."""

    zone: tzinfo  #: UTC of whole days, of floating times and of slots without a zone
    is_whole: bool  #: days without a time
    is_floating: bool = False

    def wall(self, value: date | datetime) -> datetime:
        """The time as the clock shows it; an instant, or a date. May raise OverflowError."""
        if not isinstance(value, datetime):
            return datetime.combine(value, time())
        return value.astimezone(self.zone).replace(tzinfo=None)

    def instant(self, wall: datetime) -> datetime:
        """The instant at which the clock shows the time; of two the first. May raise OverflowError."""
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def value(self, wall: datetime) -> date | datetime:
        """The time as a slot has it. May raise OverflowError."""
        return wall.date() if self.is_whole else self.instant(wall)

    def text(self, wall: datetime) -> str:
        """The recurrence id of the occurrence at that time. May raise OverflowError."""
        if self.is_whole:
            return f"{wall:%Y%m%d}".rjust(8, "0")
        if self.is_floating:
            return f"{wall:%Y%m%dT%H%M%S}".rjust(15, "0")
        return f"{self.instant(wall):%Y%m%dT%H%M%SZ}".rjust(16, "0")

    def wall_of(self, text: str, zone: tzinfo | None = None) -> datetime | None:
        """The time that a recurrence id, or a value of RDATE or EXDATE in that zone, says; None if it is none."""
        found = _TIME.match(text.strip().upper())
        if found is None:
            return None
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        try:
            wall = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - a wall time
            if found[4] is None:
                return wall
            if found[7]:
                wall = self.wall(wall.replace(tzinfo=UTC))
            elif zone is not None:
                wall = self.wall(wall.replace(tzinfo=zone))
        except (ValueError, OverflowError):
            return None
        return datetime.combine(wall.date(), time()) if self.is_whole else wall


def clock_of(slot: Slot) -> Clock:
    """The clock of a slot; a zone that nobody knows counts as UTC."""
    is_whole = not isinstance(slot.start, datetime)
    if is_whole or slot.floating or slot.zone is None:
        return Clock(UTC, is_whole, is_floating=slot.floating and not is_whole)
    return Clock(_zone_or_utc(slot.zone), is_whole=False)


class _Series:
    """A slot that repeats, taken apart."""

    def __init__(self, slot: Slot, overrides: Sequence[Slot]) -> None:
        self.clock = clock = clock_of(slot)
        self._slot = slot
        self._first = clock.wall(slot.start)
        self._length = None if slot.end is None else slot.end - slot.start
        self._lines = [line for line, is_own in kept_lines(slot) if is_own and name_of(line) in _LINES]
        self._added = dict(self._dates())
        self._taken, self._taken_days = self._exceptions(overrides)
        self._later = self._later_changes(overrides)
        shifts = [abs(shift) for _, shift, _ in self._later]
        lengths = [self._length, *self._added.values(), *(_length(one) for _, _, one in self._later)]
        self._most_shift = max(shifts, default=timedelta(0))
        #: how far from its place an occurrence may begin or end
        self.reach = max((length for length in lengths if length is not None), default=_ONE_DAY) + self._most_shift

    def between(self, low: datetime, high: datetime, budget: Budget) -> Iterator[Occurrence]:
        """The occurrences in the window."""
        try:
            first, last = self._wall_or(low, EARLIEST), self._wall_or(high, LATEST)
            walls = self._walls(
                _moved(first, -self.reach - _ONE_DAY), _moved(last, self._most_shift + _ONE_DAY), budget
            )
            found = (one for wall in walls if _overlaps(one := self._at(wall), low, high))
            for one in islice(found, MOST_OCCURRENCES):
                if not budget.spend(OCCURRENCE_STEPS):
                    return
                yield one
        except OverflowError:
            return  # the end of all years

    def _walls(self, low: datetime, high: datetime, budget: Budget) -> Iterator[datetime]:
        """The times in that window of the clock, each once and in order, without those that are taken out."""
        if low >= high:
            return
        rules = _rules([self._slot.rrule or "", *self._said("RRULE")]) or [Rule(frequency="DAILY", count=1)]
        ways = [times(rule, self._first, self._until(rule), low, high, budget) for rule in rules]
        ways.append(iter(sorted(wall for wall in self._added if low <= wall < high)))
        without = {
            wall
            for rule in _rules(self._said("EXRULE"))
            for wall in islice(times(rule, self._first, self._until(rule), low, high, budget), MOST_OCCURRENCES)
        }
        before = None
        for wall in heapq.merge(*ways):
            is_out = wall.date() in self._taken_days or wall in without or self._is_taken(wall)
            if wall != before and not is_out:
                yield wall
            before = wall

    def _is_taken(self, wall: datetime) -> bool:
        """Whether an exception names the time, by itself or as the instant to which a change of clocks moves it."""
        if not self._taken:
            return False
        return wall in self._taken or self.clock.wall(self.clock.value(wall)) in self._taken

    def _at(self, wall: datetime) -> Occurrence:
        """The occurrence whose place is that time."""
        clock, slot = self.clock, self._slot
        start = slot.start if wall == self._first else clock.value(wall)
        length = self._added.get(wall) or self._length
        changed_by = None
        for place, shift, override in self._later:
            if wall > place:
                start, length, changed_by = clock.value(wall + shift), _length(override), override.recurrence_id
        end = None if length is None else start + length
        return Occurrence(recurrence_id=clock.text(wall), start=start, end=end, changed_by=changed_by)

    def _until(self, rule: Rule) -> datetime | None:
        if rule.until is None or (until := self.clock.wall_of(rule.until)) is None:
            return None
        return until if "T" in rule.until and not self.clock.is_whole else datetime.combine(until.date(), time.max)

    def _wall_or(self, moment: datetime, otherwise: datetime) -> datetime:
        try:
            return self.clock.wall(moment)
        except OverflowError:
            return otherwise

    def _said(self, name: str) -> list[str]:
        return [line.partition(":")[2] for line in self._lines if name_of(line) == name]

    def _values(self, name: str) -> Iterator[tuple[str, tzinfo | None]]:
        """The values of all lines of that name, each with the zone of its line."""
        left = MOST_DATES
        for line in self._lines:
            if name_of(line) == name and left > 0:
                head, _, value = line.rpartition(":")
                parts = value.split(",", left)[:left]
                left -= len(parts)
                zone = zone_of(head)
                yield from ((part, zone) for part in parts)

    def _dates(self) -> Iterator[tuple[datetime, timedelta | None]]:
        """Each time of an RDATE, and how long that one takes if it says so."""
        for text, zone in self._values("RDATE"):
            start, _, end = text.partition("/")
            wall = self.clock.wall_of(start, zone)
            if wall is None:
                continue
            until = self.clock.wall_of(end, zone) if end else None
            length = _duration(end) if until is None else until - wall
            yield wall, length if length is None or length >= timedelta(0) else None

    def _exceptions(self, overrides: Iterable[Slot]) -> tuple[set[datetime], set[date]]:
        """The times that are no occurrences, and days on which there is none."""
        values = [*self._values("EXDATE"), *((one.recurrence_id, None) for one in overrides)]
        found = [(wall, "T" in text.upper()) for text, zone in values if (wall := self.clock.wall_of(text, zone))]
        is_timed = not self.clock.is_whole
        days = {wall.date() for wall, has_time in found if is_timed and not has_time}
        return {wall for wall, has_time in found if has_time or not is_timed}, days

    def _later_changes(self, overrides: Iterable[Slot]) -> list[tuple[datetime, timedelta, Slot]]:
        """From which place on the occurrences are moved, by how much, and by which override; in order."""
        found = []
        for one in overrides:
            place = self.clock.wall_of(one.recurrence_id) if is_for_all_later(one) else None
            if place is not None and type(one.start) is type(self._slot.start):
                found.append((place, self.clock.wall(one.start) - place, one))
        return sorted(found, key=lambda change: change[0])


def is_for_all_later(override: Slot) -> bool:
    """Whether an override says how all later occurrences look, too (RANGE=THISANDFUTURE)."""
    return any(
        name_of(line) == "RECURRENCE-ID" and "RANGE=THISANDFUTURE" in line.partition(":")[0].upper()
        for line in override.icalendar or ()
    )


def _rules(texts: Iterable[str]) -> list[Rule]:
    """Those of the rules that can be read."""
    found = []
    for text in texts:
        try:
            found += [read_rule(text)] if text else []
        except ValueError:
            continue
    return found


def kept_lines(slot: Slot) -> Iterator[tuple[str, bool]]:
    """The slot's kept lines, and whether each is its own and not that of a part (an alarm) within it."""
    depth = 0
    for line in slot.icalendar or ():
        name = name_of(line)
        depth += name == "BEGIN"
        yield line, depth == 0
        depth -= name == "END"


def name_of(line: str) -> str:
    """The property's name, in capitals."""
    return line.partition(":")[0].partition(";")[0].strip().upper()


def zone_of(head: str) -> tzinfo | None:
    """The zone that a line's name and parameters say; None if they say none, UTC for one that nobody knows."""
    for parameter in head.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().upper() == "TZID":
            return _zone_or_utc(value.strip(' "'))
    return None


def _zone_or_utc(name: str) -> tzinfo:
    try:
        return find_zone(name)
    except ValueError:
        return UTC


def _duration(text: str) -> timedelta | None:
    found = _PERIOD_LENGTH.match(text.strip().upper())
    if found is None:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _length(slot: Slot) -> timedelta | None:
    return None if slot.end is None else slot.end - slot.start


def _moved(wall: datetime, by: timedelta) -> datetime:
    try:
        return wall + by
    except OverflowError:
        return LATEST if by > timedelta(0) else EARLIEST


def _overlaps(one: Occurrence, low: datetime, high: datetime) -> bool:
    start = _instant(one.start)
    end = end_of_day(start) if one.end is None else _instant(one.end)
    return start < high and (end > low or start >= low)


def _instant(value: datetime | date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)
