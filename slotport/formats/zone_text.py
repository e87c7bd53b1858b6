"""An IANA zone as VTIMEZONE (RFC 5545 section 3.6.5): its history as dates, the rule in force as RRULE."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

from slotport.formats.content_line import escaped, folded
from slotport.formats.zones import zone

FIRST_YEAR = 1970  #: every VTIMEZONE covers the years from here on, or from an earlier one that is used
LAST_RULED_YEAR = 2037  #: rules are looked for after the last year that old zone files list
LAST_YEAR = 2099  #: where no rule fits, changes are listed up to here

_STEP = timedelta(days=5)  # the shortest time that a zone went without a change since 1970 is a week
_SECOND = timedelta(seconds=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class _State(Struct, frozen=True, gc=False):
    offset: timedelta
    summer: bool
    name: str


class _Change(Struct, frozen=True, gc=False):
    instant: datetime
    before: timedelta
    after: _State

    @property
    def wall(self) -> datetime:
        return (self.instant + self.before).replace(tzinfo=None)


@lru_cache(maxsize=256)
def vtimezone(name: str, first_year: int = FIRST_YEAR) -> str:
    """The VTIMEZONE of an IANA name, folded, each line with its line end.

    It holds from the beginning of the year ``first_year`` (at most FIRST_YEAR) on.
    """
    info = zone(name).info
    first_year = min(first_year, FIRST_YEAR)
    start = datetime(first_year, 1, 1, tzinfo=UTC) if first_year > 1 else datetime(1, 1, 3, tzinfo=UTC)
    changes = list(_changes(info, start, datetime(LAST_RULED_YEAR + 1, 1, 1, tzinfo=UTC)))
    rules = _rules(info)
    if rules is None:
        changes += _changes(
            info, datetime(LAST_RULED_YEAR + 1, 1, 1, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
        )
        rules = []
    changes, ruled = _without_ruled(changes, rules)
    state = _state(info, start)
    wall = start.replace(tzinfo=None)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{escaped(name)}"]
    lines += _observance(state, state.offset, [wall])
    groups: dict[tuple[timedelta, _State], list[datetime]] = {}
    for change in changes:
        groups.setdefault((change.before, change.after), []).append(change.wall)
    for (before, after), walls in groups.items():
        lines += _observance(after, before, walls)
    for change, rule in ruled:
        lines += _observance(change.after, change.before, [change.wall], rule)
    lines.append("END:VTIMEZONE")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _observance(state: _State, before: timedelta, walls: list[datetime], rule: str | None = None) -> list[str]:
    kind = "DAYLIGHT" if state.summer else "STANDARD"
    lines = [f"BEGIN:{kind}", f"DTSTART:{_text(walls[0])}"]
    lines += [f"TZOFFSETFROM:{_offset_text(before)}", f"TZOFFSETTO:{_offset_text(state.offset)}"]
    lines += [f"TZNAME:{escaped(state.name)}"]
    lines += [f"RDATE:{_text(wall)}" for wall in walls[1:]]
    lines += [f"RRULE:{rule}"] if rule else []
    return [*lines, f"END:{kind}"]


def _text(wall: datetime) -> str:
    return wall.isoformat().replace("-", "").replace(":", "")


def _offset_text(offset: timedelta) -> str:
    seconds = round(offset.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02}{minutes:02}{f'{rest:02}' if rest else ''}"


def _state(info: ZoneInfo, instant: datetime) -> _State:
    local = instant.astimezone(info)
    return _State(local.utcoffset() or timedelta(0), bool(local.dst()), local.tzname() or "")


def _changes(info: ZoneInfo, start: datetime, end: datetime) -> Iterator[_Change]:
    """Every change of offset after ``start`` and not after ``end``."""
    at = start
    before = at.astimezone(info).utcoffset()
    while at < end:
        following = min(at + _STEP, end)
        after = following.astimezone(info).utcoffset()
        if after != before:
            low, high = at, following
            while high - low > _SECOND:
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if middle.astimezone(info).utcoffset() == before else (low, middle)
            following = high
            state = _state(info, high)
            yield _Change(high, before or timedelta(0), state)
            after = state.offset
        before = after
        at = following


@lru_cache(maxsize=256)
def _ruled_changes(info: ZoneInfo) -> list[list[_Change]]:
    """The changes of 28 years (in which every weekday falls on every day), sorted into kinds."""
    kinds: dict[tuple[timedelta, _State], list[_Change]] = {}
    start = datetime(LAST_RULED_YEAR, 1, 1, tzinfo=UTC)
    for change in _changes(info, start, datetime(LAST_RULED_YEAR + 28, 12, 31, tzinfo=UTC)):
        kinds.setdefault((change.before, change.after), []).append(change)
    return list(kinds.values())


def _rules(info: ZoneInfo) -> list[tuple[_Change, str]] | None:
    """For each yearly change its first case in LAST_RULED_YEAR and its RRULE; None if some have no rule."""
    rules = []
    for changes in _ruled_changes(info):
        rule = _rule([change.wall for change in changes])
        if rule is None:
            return None
        rules.append((changes[0], rule))
    return rules


def _rule(walls: list[datetime]) -> str | None:
    """The RRULE that gives these wall times, one a year in 29 years; None if there is none."""
    if [wall.year for wall in walls] != list(range(walls[0].year, walls[0].year + 29)):
        return None
    if len({(wall.month, wall.time()) for wall in walls}) != 1:
        return None
    month = walls[0].month
    days = sorted({wall.day for wall in walls})
    weekdays = {wall.weekday() for wall in walls}
    if len(days) == 1:
        return f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={days[0]}"
    if len(weekdays) != 1 or days != list(range(days[0], days[0] + 7)):
        return None
    weekday = _WEEKDAYS[weekdays.pop()]
    if days[0] in {1, 8, 15, 22}:
        return f"FREQ=YEARLY;BYMONTH={month};BYDAY={days[0] // 7 + 1}{weekday}"
    if days[-1] == (date(walls[0].year, month % 12 + 1, 1) - timedelta(days=1)).day and month != 2:
        return f"FREQ=YEARLY;BYMONTH={month};BYDAY=-1{weekday}"
    month_days = ",".join(str(day) for day in days)
    return f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={month_days};BYDAY={weekday}"


def _without_ruled(
    changes: list[_Change], rules: list[tuple[_Change, str]]
) -> tuple[list[_Change], list[tuple[_Change, str]]]:
    """The changes that no rule gives, and for each rule its earliest case from which on it gives them all."""
    left = changes
    ruled = []
    for last, rule in rules:
        same = [change for change in left if (change.before, change.after) == (last.before, last.after)]
        by_year: dict[int, list[_Change]] = {}
        for change in same:
            by_year.setdefault(change.wall.year, []).append(change)
        earliest, year = last, last.wall.year
        while (cases := by_year.get(year - 1, [])) and len(cases) == 1 and _follows(cases[0].wall, last.wall, rule):
            year -= 1
            earliest = cases[0]
        left = [
            c for c in left if not ((c.before, c.after) == (last.before, last.after) and c.instant >= earliest.instant)
        ]
        ruled.append((earliest, rule))
    return left, ruled


def _follows(wall: datetime, model: datetime, rule: str) -> bool:
    """Whether the rule, which gives ``model``, gives this wall time in its own year."""
    if (wall.month, wall.time()) != (model.month, model.time()):
        return False
    parts = dict(part.split("=") for part in rule.split(";"))
    if "BYDAY" in parts and _WEEKDAYS[wall.weekday()] != parts["BYDAY"][-2:]:
        return False
    if "BYMONTHDAY" in parts:
        return str(wall.day) in parts["BYMONTHDAY"].split(",")
    nth = int(parts["BYDAY"][:-2])
    if nth < 0:
        return (wall + timedelta(days=7)).month != wall.month
    return (wall.day - 1) // 7 + 1 == nth
