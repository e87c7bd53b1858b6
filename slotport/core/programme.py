"""A convention's public programme: its days, and what goes on now and next.

A day begins at four in the morning, as in schedule files: what begins at one belongs to the evening before.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from msgspec import Struct

DAY_START = timedelta(hours=4)


class Listed(NamedTuple):
    """When a time slot is; it takes place in [start, end)."""

    slot_id: int
    start: datetime
    end: datetime


class Moment(Struct, frozen=True, kw_only=True):
    """What goes on at a time."""

    running: tuple[int, ...]  #: ids, by start
    following: tuple[int, ...]  #: ids of all that begin next, at one time
    since: datetime | None  #: when that last changed
    until: datetime | None  #: when it changes next


def day_of(start: datetime, zone: tzinfo) -> date:
    """The day of the programme that what begins then belongs to."""
    try:
        return (start.astimezone(zone).replace(tzinfo=None) - DAY_START).date()
    except OverflowError:  # the first and the last day of all
        return start.astimezone(UTC).date()


def end_of(day: date, zone: tzinfo) -> datetime:
    """When a day of the programme is over."""
    try:
        return (datetime.combine(day + timedelta(days=1), time(), zone) + DAY_START).astimezone(UTC)
    except OverflowError:  # the last day of all
        return datetime.max.replace(tzinfo=UTC)


def chosen_day(days: Sequence[date], today: date) -> date | None:
    """The day to begin with: today, else the next one, else the first; the days are in order."""
    return next((day for day in days if day >= today), days[0] if days else None)


def moment(listed: Sequence[Listed], now: datetime) -> Moment:
    """What of the time slots, which come by start, goes on now, and what begins next."""
    split = bisect_right(listed, now, key=lambda each: each.start)
    running = [each for each in listed[:split] if each.end > now]
    begins = listed[split].start if split < len(listed) else None
    following = []
    for each in listed[split:]:
        if each.start != begins:
            break
        following.append(each.slot_id)
    changes = [each.start for each in listed[max(split - 1, 0) : split]] + [
        each.end for each in listed[:split] if each.end <= now
    ]
    ahead = [each.end for each in running] + ([begins] if begins is not None else [])
    return Moment(
        running=tuple(each.slot_id for each in running),
        following=tuple(following),
        since=max(changes, default=None),
        until=min(ahead, default=None),
    )
