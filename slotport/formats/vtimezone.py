"""A file's own VTIMEZONE (RFC 5545 section 3.6.5): its rules as offsets, and the IANA zone that has the same ones.

All work is bounded: a rule is only worked out for the years that are asked for, and a component with more than
``MOST_OBSERVANCES`` parts or ``MOST_DATES`` dates is not used at all.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from msgspec import Struct

from slotport.formats.content_line import ContentLine, parsed, unescaped
from slotport.formats.windows_zones import WINDOWS_ZONES
from slotport.formats.zones import guessed_zone, known_zone, zone

MOST_OBSERVANCES = 400
MOST_RULES = 60
MOST_ACTIVE = 4  #: rules that change the clocks in one year
MOST_DATES = 5_000
COMPARED_YEARS = range(2018, 2038)  #: in which an IANA zone must agree with the file's rules to stand for them

_WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d):?(\d\d)?\Z")
_BY_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)\Z")
_DAY = timedelta(days=1)


class Onset(Struct, frozen=True, order=True, gc=False):
    """A change of the clocks: from ``wall`` on (as shown before it) ``after`` counts, ``before`` until then."""

    wall: datetime  #: naive
    before: timedelta
    after: timedelta


class YearlyRule(Struct, frozen=True):
    """A change that comes every year (or every few), until a last year."""

    first: Onset
    months: tuple[int, ...]
    days: tuple[tuple[int, int], ...]  #: (nth or 0 for each, weekday)
    month_days: tuple[int, ...]
    interval: int
    until: datetime  #: wall time, naive

    def in_year(self, year: int) -> list[Onset]:
        """The changes in this year, in order."""
        start = self.first.wall
        if year < start.year or (year - start.year) % self.interval:
            return []
        found = []
        for month in self.months:
            for day in self._days(year, month):
                wall = start.replace(year=year, month=month, day=day)
                if start <= wall <= self.until:
                    found.append(Onset(wall, self.first.before, self.first.after))
        return sorted(found)

    def last(self) -> Onset | None:
        """The last change, None if they never end."""
        if self.until.year >= 9999:
            return None
        for year in range(self.until.year, max(self.until.year - 2 * self.interval, self.first.wall.year) - 1, -1):
            if found := self.in_year(year):
                return found[-1]
        return self.first

    def _days(self, year: int, month: int) -> list[int]:
        length = _month_length(year, month)
        if not self.days:
            days = self.month_days or (self.first.wall.day,)
            return [day for day in ((d if d > 0 else length + 1 + d) for d in days) if 1 <= day <= length]
        first_weekday = date(year, month, 1).weekday()
        found: set[int] = set()
        for nth, weekday in self.days:
            same = range(1 + (weekday - first_weekday) % 7, length + 1, 7)
            if nth == 0:
                found.update(same)
            elif -len(same) <= nth <= len(same):
                found.add(same[nth - 1 if nth > 0 else nth])
        if self.month_days:
            found &= {d if d > 0 else length + 1 + d for d in self.month_days}
        return sorted(found)


def _month_length(year: int, month: int) -> int:
    return 31 if month == 12 else (date(year, month + 1, 1) - date(year, month, 1)).days


class FileZone:
    """The rules of one VTIMEZONE."""

    def __init__(self, onsets: list[Onset], rules: list[YearlyRule], same_as: str | None) -> None:
        self._onsets = sorted({*onsets, *(last for rule in rules if (last := rule.last()))})
        self._rules = [rule for rule in rules if rule.last() is None]
        self._all = rules
        self._years: dict[int, list[Onset]] = {}
        self._first = min([*self._onsets, *(rule.first for rule in rules)])
        self._same_as = same_as
        self._iana: str | None = None
        self._compared = False

    def offset(self, wall: datetime) -> timedelta:
        """The offset when the clocks first show ``wall`` (naive); in a gap the one before it."""
        onset = self._latest(wall)
        if onset is None:
            return self._first.before
        if wall < onset.wall + (onset.after - onset.before):
            return onset.before
        return onset.after

    def instant(self, wall: datetime) -> datetime:
        """The instant at which the clocks first show ``wall``. Raises OverflowError out of the years 1 to 9999."""
        return (wall - self.offset(wall)).replace(tzinfo=UTC)

    def iana(self) -> str | None:
        """An IANA zone with the same offsets in COMPARED_YEARS ("UTC" for none at all), None if there is none."""
        if not self._compared:
            self._compared = True
            samples = self._samples()
            named = (known_zone(self._same_as) or guessed_zone(self._same_as)) if self._same_as else None
            candidates = [named] if named else []
            with suppress(OverflowError):
                self._iana = next((name for name in (*candidates, *_candidates()) if _agrees(name, samples)), None)
        return self._iana

    def _latest(self, wall: datetime) -> Onset | None:
        """The last change that is not after ``wall``."""
        candidates = []
        for year in (wall.year, wall.year - 1):
            candidates += self._in_year(year)
        longest = max((rule.interval for rule in self._rules), default=1)
        if longest > 1:
            for year in range(wall.year - 2, wall.year - 1 - min(longest, 50), -1):
                candidates += self._in_year(year)
        found = [onset for onset in candidates if onset.wall <= wall]
        index = bisect_right(self._onsets, wall, key=lambda onset: onset.wall)
        if index:
            found.append(self._onsets[index - 1])
        return max(found, default=None)

    def _in_year(self, year: int) -> list[Onset]:
        known = self._years.get(year)
        if known is None:
            if len(self._years) >= 500:
                self._years.clear()
            active = [rule for rule in self._all if rule.first.wall.year <= year <= rule.until.year]
            known = [onset for rule in active[:MOST_ACTIVE] for onset in rule.in_year(year)]
            self._years[year] = known
        return known

    def _samples(self) -> list[tuple[datetime, timedelta]]:
        walls = [datetime(year, month, 1, 12) for year in COMPARED_YEARS for month in range(1, 13)]  # noqa: DTZ001
        for year in COMPARED_YEARS:
            for onset in self._in_year(year):
                walls += [onset.wall - timedelta(hours=2), onset.wall + timedelta(hours=3)]
        return [(wall, self.offset(wall)) for wall in walls]


@lru_cache(maxsize=1)
def _candidates() -> tuple[str, ...]:
    fixed = [f"Etc/GMT{hours:+d}" for hours in (*range(-14, 0), *range(1, 13))]
    regional = sorted(set(WINDOWS_ZONES.values()), key=_prominence)
    return ("UTC", *fixed, *(name for name in regional if not name.startswith("Etc/")))


def _prominence(name: str) -> tuple[int, str]:
    """Zones that stand for many others come first."""
    prominent = (
        "Europe/Berlin", "Europe/London", "Europe/Paris", "Europe/Kiev", "Europe/Kyiv", "America/New_York",
        "America/Chicago", "America/Denver", "America/Los_Angeles", "Australia/Sydney", "Asia/Kolkata",
        "Asia/Calcutta", "Asia/Shanghai", "Asia/Tokyo", "Europe/Moscow", "Europe/Istanbul", "America/Sao_Paulo",
    )  # fmt: skip
    return (prominent.index(name) if name in prominent else len(prominent), name)


def _agrees(name: str, samples: list[tuple[datetime, timedelta]]) -> bool:
    info = zone(name).info
    return all(info.utcoffset(wall) == offset for wall, offset in samples)


def read_vtimezone(lines: Iterable[str], name: str = "") -> FileZone | None:
    """The rules in the unfolded lines between BEGIN and END:VTIMEZONE; None if they cannot be used.

    ``name`` is its TZID, a hint on the IANA zone that it may be.
    """
    onsets: list[Onset] = []
    rules: list[YearlyRule] = []
    same_as: str | None = None
    try:
        for observance in _observances(lines):
            if isinstance(observance, str):
                same_as = same_as or observance
                continue
            found, rule = _read_observance(observance)
            onsets += found
            rules += [rule] if rule else []
            if len(onsets) > MOST_DATES or len(rules) > MOST_RULES:
                return None
        return FileZone(onsets, rules, same_as or name) if onsets or rules else None
    except (ValueError, OverflowError, KeyError):
        return None


def _observances(lines: Iterable[str]) -> Iterator[str | list[ContentLine]]:
    """The lines of each STANDARD and DAYLIGHT part, and each other name that the component says it has."""
    inside: list[ContentLine] | None = None
    count = 0
    for text in lines:
        line = parsed(text)
        if line is None:
            continue
        word = line.value.strip().upper()
        if line.name == "BEGIN" and word in {"STANDARD", "DAYLIGHT"}:
            inside = []
            count += 1
            if count > MOST_OBSERVANCES:
                raise ValueError(count)
        elif line.name == "END" and word in {"STANDARD", "DAYLIGHT"} and inside is not None:
            yield inside
            inside = None
        elif inside is not None:
            inside.append(line)
        elif line.name in {"X-LIC-LOCATION", "TZID-ALIAS-OF"}:
            yield unescaped(line.value)


def _read_observance(lines: list[ContentLine]) -> tuple[list[Onset], YearlyRule | None]:
    """The single changes of a STANDARD or DAYLIGHT part, and its rule. Raises ValueError or KeyError."""
    values = {line.name: line.value.strip() for line in reversed(lines)}
    before, after = _offset(values["TZOFFSETFROM"]), _offset(values["TZOFFSETTO"])
    first = Onset(_wall(values["DTSTART"]), before, after)
    onsets = [first]
    for line in lines:
        if line.name == "RDATE":
            dates = line.value.split(",", MOST_DATES + 1)
            onsets += [Onset(_wall(text.strip(), before), before, after) for text in dates if text.strip()]
    rule = values.get("RRULE")
    return onsets, _rule(first, rule) if rule else None


def _wall(text: str, before: timedelta = timedelta(0)) -> datetime:
    text = text.partition("/")[0]
    if len(text) == 8:
        text += "T000000"
    if len(text) not in {15, 16} or not text[:8].isdigit() or text[8] not in "Tt" or not text[9:15].isdigit():
        raise ValueError(text)
    if text[:4] == "0000":
        text = "0001" + text[4:]
    wall = datetime.fromisoformat(text[:15])
    if text[15:].upper() == "Z":
        wall += before
    return max(wall, datetime(1, 1, 3)) if wall.year == 1 else wall  # noqa: DTZ001 - a wall time


def _offset(text: str) -> timedelta:
    match = _OFFSET.match(text)
    if match is None:
        raise ValueError(text)
    sign, hours, minutes, seconds = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
    if offset >= _DAY:
        raise ValueError(text)
    return -offset if sign == "-" else offset


def _rule(first: Onset, text: str) -> YearlyRule | None:
    """A yearly rule, None for one of another kind. Raises ValueError."""
    parts = dict(part.upper().partition("=")[::2] for part in text.replace(" ", "").split(";")[:20])
    if parts.get("FREQ") != "YEARLY":
        return None
    days = []
    for day in parts["BYDAY"].split(",")[:14] if parts.get("BYDAY") else []:
        match = _BY_DAY.match(day)
        if match is None:
            raise ValueError(day)
        days.append((int(match[1] or 0), _WEEKDAYS[match[2]]))
    rule = YearlyRule(
        first=first,
        months=tuple(
            sorted({_between(1, month, 12) for month in parts.get("BYMONTH", str(first.wall.month)).split(",")})
        ),
        days=tuple(days),
        month_days=tuple(
            {_between(-31, day, 31) for day in parts["BYMONTHDAY"].split(",")} if "BYMONTHDAY" in parts else ()
        ),
        interval=_between(1, parts.get("INTERVAL", "1"), 1000),
        until=_until(first, parts.get("UNTIL")),
    )
    if len(rule.months) > 2 or len(rule.days) > 2:
        raise ValueError(text)
    return _counted(rule, int(parts["COUNT"])) if parts.get("COUNT", "").isdigit() else rule


def _between(least: int, text: str, most: int) -> int:
    number = int(text)
    if not least <= number <= most:
        raise ValueError(text)
    return number


def _until(first: Onset, text: str | None) -> datetime:
    if not text:
        return datetime(9999, 12, 31)  # noqa: DTZ001 - a wall time
    until = _wall(text, first.before)
    return until + _DAY if len(text) == 8 else until


def _counted(rule: YearlyRule, count: int) -> YearlyRule | None:
    """The rule, ended after so many changes."""
    year = rule.first.wall.year
    left = min(count, 1000)
    while left > 0 and year <= min(9999, rule.first.wall.year + 1000):
        found = rule.in_year(year)
        if found and len(found) >= left:
            return YearlyRule(rule.first, rule.months, rule.days, rule.month_days, rule.interval, found[left - 1].wall)
        left -= len(found)
        year += rule.interval
    return rule
