"""How a slot repeats, as far as a form can say it; all other rules stay as they are (RFC 5545 section 3.3.10)."""

from datetime import UTC, date, datetime, time
from enum import StrEnum

from msgspec import Struct

from slotport.core.entry import Times
from slotport.core.recurrence import Clock
from slotport.core.rrule import WEEKDAYS, Rule, read_rule
from slotport.core.when import zone as find_zone

MOST = 1_000  #: of the numbers in a form


class Every(StrEnum):
    """How often."""

    NEVER = "never"
    DAY = "day"
    WEEK = "week"
    MONTH_DAY = "month-day"  #: on the start's day of the month
    MONTH_WEEKDAY = "month-weekday"  #: on the second Tuesday, or the last
    YEAR = "year"


_FREQUENCIES = {
    Every.DAY: "DAILY",
    Every.WEEK: "WEEKLY",
    Every.MONTH_DAY: "MONTHLY",
    Every.MONTH_WEEKDAY: "MONTHLY",
    Every.YEAR: "YEARLY",
}


class SimpleRule(Struct, frozen=True, kw_only=True):
    """How a slot repeats."""

    every: Every = Every.NEVER
    interval: int = 1
    weekdays: tuple[int, ...] = ()  #: 0 is Monday; of a week only, none is the start's
    until: date | None = None  #: the last day on which it may begin
    count: int | None = None


def clock_of(times: Times) -> Clock:
    """The clock that the times follow; a zone that nobody knows counts as UTC."""
    try:
        zone = UTC if times.zone is None or times.all_day or times.floating else find_zone(times.zone)
    except ValueError:
        zone = UTC
    return Clock(zone, times.all_day, is_floating=times.floating)


def read(text: str, times: Times) -> SimpleRule | None:
    """The rule of a slot with those times; None if a form cannot say it."""
    if not text:
        return SimpleRule()
    try:
        rule = read_rule(text)
        first = clock_of(times).wall(times.start).date()
        until = None if rule.until is None else clock_of(times).wall_of(rule.until)
    except (ValueError, OverflowError):
        return None
    every = _every(rule, first)
    is_known = rule.interval <= MOST and (rule.count or 1) <= MOST and (rule.until is None) == (until is None)
    if every is None or not is_known:
        return None
    weekdays = tuple(day for _, day in rule.by_day) if every is Every.WEEK else ()
    last = None if until is None else until.date()
    return SimpleRule(every=every, interval=rule.interval, weekdays=weekdays, until=last, count=rule.count)


def write(rule: SimpleRule, times: Times) -> str:
    """The rule as a RECUR value; "" of what does not repeat. May raise OverflowError."""
    if rule.every is Every.NEVER:
        return ""
    clock = clock_of(times)
    parts = [f"FREQ={_FREQUENCIES[rule.every]}"]
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    if rule.every is Every.WEEK and rule.weekdays:
        parts.append("BYDAY=" + ",".join(WEEKDAYS[day] for day in sorted(rule.weekdays)))
    if rule.every is Every.MONTH_WEEKDAY:
        number, day = ordinal(clock.wall(times.start).date())
        parts.append(f"BYDAY={number}{WEEKDAYS[day]}")
    if rule.until is not None:
        parts.append(f"UNTIL={clock.text(datetime.combine(rule.until, time(23, 59, 59)))}")
    elif rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    return ";".join(parts)


def ordinal(day: date) -> tuple[int, int]:
    """Which weekday of its month the day is: its number, -1 from the fifth on, and the weekday."""
    number = (day.day - 1) // 7 + 1
    return (number if number < 5 else -1), day.weekday()


def _every(rule: Rule, first: date) -> Every | None:
    parts = {name for name in Rule.__struct_fields__ if name.startswith("by_") and getattr(rule, name)}
    in_month = rule.by_month_day in ((), (first.day,))
    if rule.frequency == "DAILY" and not parts:
        return Every.DAY
    if rule.frequency == "WEEKLY" and parts <= {"by_day"} and not any(number for number, _ in rule.by_day):
        return Every.WEEK
    if rule.frequency == "MONTHLY" and parts <= {"by_month_day"} and in_month:
        return Every.MONTH_DAY
    if rule.frequency == "MONTHLY" and parts == {"by_day"} and rule.by_day == (ordinal(first),):
        return Every.MONTH_WEEKDAY
    is_day = in_month and rule.by_month in ((), (first.month,))
    if rule.frequency == "YEARLY" and is_day and parts in (set(), {"by_month", "by_month_day"}, {"by_month"}):
        return Every.YEAR
    return None
