"""When a schedule is due (docs/api/export-definition.md, "Schedules").

Weekday and day of month and hour and minute must all hold. A local time that a clock change skips is due at the first
valid minute after the gap; a repeated one the first time. Days that do not match cost a comparison each.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from heapq import merge
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from slotport.core import when
from slotport.core.export import Schedule

Missed = Literal["once", "skip", "all"]

HORIZON_DAYS = 8 * 366 + 1  #: how far ahead a next start is looked for
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MINUTE = timedelta(minutes=1)
_GAP_DAYS = 2  #: a wall time may be due so much later: Samoa left out all of 30 December 2011
_MISSED_ORDER: tuple[Missed, ...] = ("skip", "once", "all")
_LAST_DAY = date.max.toordinal() - 3


class Due(Struct, frozen=True, kw_only=True):
    """A start that is due."""

    at: datetime  #: UTC, a whole minute
    missed: Missed  #: what happens if it could not be started in time; of several schedules that which starts most


def due_between(
    schedules: Sequence[Schedule],
    after: datetime,
    until: datetime,
    *,
    zone: str | ZoneInfo,
    hour: int,
    minute: int,
    limit: int = 1000,
) -> list[Due]:
    """The starts after ``after``, up to and including ``until``, in order, a minute once; the first ``limit`` of them.

    ``zone``, ``hour`` and ``minute`` are for schedules that name none.
    """
    found: list[Due] = []
    for one in _starts(schedules, after, zone=zone, hour=hour, minute=minute):
        if one.at > until or len(found) >= limit:
            break
        found.append(one)
    return found


def next_due(
    schedules: Sequence[Schedule], after: datetime, *, zone: str | ZoneInfo, hour: int, minute: int
) -> datetime | None:
    """The first start after ``after``, in UTC; None if there is none within eight years."""
    first = next(_starts(schedules, after, zone=zone, hour=hour, minute=minute), None)
    return None if first is None else first.at


@lru_cache(maxsize=1024)
def period(schedule: Schedule, *, hour: int = 0, minute: int = 0) -> timedelta:
    """The longest time from one start of the schedule to its next, clock changes aside: three days for "on weekdays".

    ``hour`` and ``minute`` are for a schedule that names none.
    """
    times = _times(schedule, hour, minute)
    within = max((b - a for a, b in pairwise(times)), default=timedelta())
    # weekdays and days of the month meet alike every 28 years
    days = [day for day in range(_FIRST_DAY, _FIRST_DAY + 28 * 366) if _is_day(schedule, day)]
    apart = max((b - a for a, b in pairwise(days)), default=28 * 366)
    return max(within, timedelta(days=apart) - times[-1] + times[0])


def shortest_period(schedules: Sequence[Schedule], *, hour: int, minute: int) -> tuple[timedelta, int]:
    """The period of the schedule that has the shortest, and its place. There is one schedule at least."""
    return min((period(one, hour=hour, minute=minute), place) for place, one in enumerate(schedules))


def is_late(schedules: Sequence[Schedule], success: datetime, now: datetime, *, hour: int, minute: int) -> bool:
    """Whether nothing succeeded for two periods (P17)."""
    return now - success > 2 * shortest_period(schedules, hour=hour, minute=minute)[0]


_FIRST_DAY = date(2001, 1, 1).toordinal()


def _starts(
    schedules: Sequence[Schedule], after: datetime, *, zone: str | ZoneInfo, hour: int, minute: int
) -> Iterator[Due]:
    """All starts within the horizon after ``after``, in order, a minute once."""
    each = [
        _starts_of(one, _zone(one.timezone or zone), after.astimezone(UTC), _times(one, hour, minute))
        for one in schedules
    ]
    waiting: Due | None = None
    for one in merge(*each, key=_at):
        if waiting is None:
            waiting = one
        elif one.at == waiting.at:
            waiting = max(waiting, one, key=_urgency)
        else:
            yield waiting
            waiting = one
    if waiting is not None:
        yield waiting


def _starts_of(schedule: Schedule, zone: ZoneInfo, after: datetime, times: Sequence[timedelta]) -> Iterator[Due]:
    """The starts of one schedule after ``after``, in order; a clock change may give the same one twice."""
    first = max(after.astimezone(zone).toordinal() - _GAP_DAYS, 2) if after.year < 9999 else _LAST_DAY
    for day in range(first, min(first + HORIZON_DAYS, _LAST_DAY)):
        if not _is_day(schedule, day):
            continue
        midnight = datetime.fromordinal(day)
        # a later wall time is never due earlier
        begin = bisect_right(times, after, key=lambda time: _instant(midnight + time, zone))
        for time in times[begin:]:
            yield Due(at=_instant(midnight + time, zone), missed=schedule.missed)


def _is_day(schedule: Schedule, ordinal: int) -> bool:
    if schedule.weekdays is not None and WEEKDAYS[(ordinal - 1) % 7] not in schedule.weekdays:
        return False
    return schedule.days_of_month is None or date.fromordinal(ordinal).day in schedule.days_of_month


@lru_cache(maxsize=256)
def _times(schedule: Schedule, hour: int, minute: int) -> tuple[timedelta, ...]:
    """The times of a day at which the schedule starts, since midnight, in order."""
    hours = schedule.hours if schedule.hours is not None else (hour,)
    minutes = schedule.minutes if schedule.minutes is not None else (minute,)
    return tuple(sorted(timedelta(hours=one, minutes=other) for one in set(hours) for other in set(minutes)))


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the wall's clocks show that time first, or would have."""
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # in a gap: reckoned with the offset after it, the time is before the change; with the one before it, after it
    before, until = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant
    offset = before.astimezone(zone).utcoffset()
    while until - before > timedelta(seconds=1):
        middle = before + (until - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            until = middle
    change = until.replace(microsecond=0)
    return change if change.second == 0 else change.replace(second=0) + _MINUTE


def _zone(zone: str | ZoneInfo) -> ZoneInfo:
    return when.zone(zone) if isinstance(zone, str) else zone


def _at(due: Due) -> datetime:
    return due.at


def _urgency(due: Due) -> int:
    return _MISSED_ORDER.index(due.missed)
