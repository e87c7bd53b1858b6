"""A rule becomes wall times, always within a window and a budget (RFC 5545 section 3.3.10).

All times here are those of the clock that the rule follows: ``datetime`` without a zone. Where nothing is counted, the
walk begins at the window, so that a rule of 1970 costs no more than one of today; so does a count whose end is known
by arithmetic. All else is walked from its beginning, as far as the budget goes.
"""

from calendar import isleap, monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from msgspec import structs

from slotport.core.rrule import UNIT_SECONDS, Rule

DAY_MOST = 100  #: times of one day that a rule gives if it counts none; more are left out
SERIES_STEPS = 100_000
REQUEST_STEPS = 400_000  #: well below a second
EARLIEST, LATEST = datetime.min, datetime.max  # noqa: DTZ901 - wall times
_DAY_SECONDS = 86_400


class Budget:
    """How many days and times may still be looked at: some for one rule, some for all rules of a request."""

    def __init__(self, steps: int = REQUEST_STEPS) -> None:
        self.left = steps
        self.was_cut = False  #: something was left out

    def part(self) -> "Budget":
        """The budget of one rule, taken from this one; ``settle`` gives back what is left of it."""
        own = Budget(min(SERIES_STEPS, self.left))
        self.left -= own.left
        return own

    def settle(self, part: "Budget") -> None:
        """Take back what the part did not need."""
        self.left += max(part.left, 0)
        self.was_cut = self.was_cut or part.was_cut

    def spend(self, steps: int) -> bool:
        """Whether there is enough left for that many steps, which are then gone."""
        self.left -= steps
        if self.left < 0:
            self.was_cut = True
        return self.left >= 0


def times(
    rule: Rule, first: datetime, until: datetime | None, low: datetime, high: datetime, budget: Budget
) -> Iterator[datetime]:
    """Yield, ascending, the times from ``low`` on and before ``high``; ``first`` is one even if the rule says not.

    ``until`` is the last time that may be, as the rule's UNTIL says it on this clock.
    """
    if low <= first < high:
        yield first
    if _is_even(rule, first):
        yield from _evenly(rule, first, until, low, high, budget)
        return
    rule = _with_defaults(rule, first)
    left = None if rule.count is None else rule.count - 1
    if left is not None and (last := _last(rule, first, left)) is not None:
        left, until = None, last
    start = 0 if left is not None else _index_at(rule, first, max(low, first))
    for found in _walk(rule, first, start, high.date(), budget, is_counted=left is not None):
        if found >= high or (until is not None and found > until):
            return
        if found <= first:
            continue
        if left is not None:
            if left == 0:
                return
            left -= 1
        if found >= low:
            yield found


def _is_even(rule: Rule, first: datetime) -> bool:
    """Whether the rule says every so many days or weeks, and no more: most do."""
    own_day = ((0, first.weekday()),)
    if rule.by_day == own_day and rule.frequency == "WEEKLY":
        rule = structs.replace(rule, by_day=())
    plain = Rule(frequency=rule.frequency, interval=rule.interval, count=rule.count, until=rule.until)
    return rule.frequency in ("DAILY", "WEEKLY") and structs.replace(rule, week_start=0) == plain


def _evenly(
    rule: Rule, first: datetime, until: datetime | None, low: datetime, high: datetime, budget: Budget
) -> Iterator[datetime]:
    """The times of such a rule after the first."""
    try:
        step = timedelta(days=rule.interval * (7 if rule.frequency == "WEEKLY" else 1))
        for number in count(max(-((first - low) // step), 1)):
            found = first + step * number
            is_after = found >= high or (until is not None and found > until)
            if is_after or (rule.count is not None and number >= rule.count) or not budget.spend(1):
                return
            yield found
    except OverflowError:
        return  # after the year 9999


def _with_defaults(rule: Rule, first: datetime) -> Rule:
    """The rule with what it leaves to the slot's start."""
    said: dict[str, Any] = {}
    has_days = bool(rule.by_day or rule.by_month_day or rule.by_year_day)
    if (rule.frequency == "WEEKLY" and not rule.by_day) or (rule.by_week and not has_days):
        said = {"by_day": ((0, first.weekday()),)}
    elif rule.frequency == "YEARLY" and not has_days:
        said = {"by_month": rule.by_month or (first.month,), "by_month_day": (first.day,)}
    elif rule.frequency == "MONTHLY" and not has_days:
        said = {"by_month_day": (first.day,)}
    unit = UNIT_SECONDS.get(rule.frequency, _DAY_SECONDS)
    if unit > 3600 and not rule.by_hour:
        said["by_hour"] = (first.hour,)
    if unit > 60 and not rule.by_minute:
        said["by_minute"] = (first.minute,)
    if unit > 1 and not rule.by_second:
        said["by_second"] = (first.second,)
    return structs.replace(rule, **said)


def _last(rule: Rule, first: datetime, left: int) -> datetime | None:
    """The last time, ``left`` after the first one, where each period has as many as any other; None: not known."""
    if rule.by_month or rule.by_month_day or rule.by_year_day or rule.by_week or rule.by_position:
        return None
    try:
        if rule.frequency in UNIT_SECONDS:
            plain = _with_defaults(Rule(frequency=rule.frequency, interval=rule.interval, count=rule.count), first)
            if structs.replace(rule, week_start=0) != plain:
                return None
            return first + timedelta(seconds=UNIT_SECONDS[rule.frequency] * rule.interval * left)
        if rule.frequency not in ("WEEKLY", "DAILY") or (rule.frequency == "DAILY" and rule.by_day):
            return None
        week = _period(rule, first, 0)
        rest = left - sum(found > first for found in week)
        if rest <= 0:
            return [first, *(found for found in week if found > first)][left]
        if not week:
            return None
        periods, place = divmod(rest - 1, len(week))
        days = (7 if rule.frequency == "WEEKLY" else 1) * rule.interval * (periods + 1)
        return week[place] + timedelta(days=days)
    except OverflowError:
        return LATEST


def _walk(
    rule: Rule, first: datetime, start: int, end: date, budget: Budget, *, is_counted: bool
) -> Iterator[datetime]:
    """The rule's times from the period of that number on, up to the one that begins after the day ``end``."""
    if rule.frequency in UNIT_SECONDS:
        yield from _within_days(rule, first, start, end, budget, is_counted=is_counted)
        return
    cost = _days_looked_at(rule)
    for index in count(start):
        try:
            if _begin(rule, first, index) > end:
                return
            found = _period(rule, first, index)
        except (OverflowError, ValueError):
            return  # after the year 9999
        if not budget.spend(cost + len(found)):
            return
        yield from found if is_counted or rule.by_position else _fewer(found)


def _days_looked_at(rule: Rule) -> int:
    """How many days a period costs."""
    if rule.frequency in ("YEARLY", "MONTHLY"):
        months = (len(rule.by_month) or 12) if rule.frequency == "YEARLY" else 1
        return months * (len(rule.by_month_day) or 31)
    return 7 if rule.frequency == "WEEKLY" else 1


def _begin(rule: Rule, first: datetime, index: int) -> date:
    """The first day of a period. Raises OverflowError, ValueError after the year 9999."""
    step = rule.interval * index
    day = first.date()
    if rule.frequency == "YEARLY":
        return date(day.year + step, 1, 1)
    if rule.frequency == "MONTHLY":
        years, month = divmod(day.month - 1 + step, 12)
        return date(day.year + years, month + 1, 1)
    if rule.frequency == "WEEKLY":
        return date.fromordinal(max(day.toordinal() - (day.weekday() - rule.week_start) % 7, 1) + 7 * step)
    return day + timedelta(days=step)


def _fewer(found: Sequence[datetime]) -> Iterator[datetime]:
    """The times without those of a day that has too many."""
    day, number = None, 0
    for one in found:
        if one.date() != day:
            day, number = one.date(), 0
        number += 1
        if number <= DAY_MOST:
            yield one


def _period(rule: Rule, first: datetime, index: int) -> list[datetime]:
    """The times of one year, month, week or day, in order. Raises OverflowError, ValueError after the year 9999."""
    clock = [
        time(hour, minute, min(second, 59))
        for hour in rule.by_hour
        for minute in rule.by_minute
        for second in rule.by_second
    ]
    found = [datetime.combine(day, at) for day in _days(rule, first, index) for at in clock]
    if not rule.by_position:
        return found
    places = {place - 1 if place > 0 else len(found) + place for place in rule.by_position}
    return [found[place] for place in sorted(places) if 0 <= place < len(found)]


def _days(rule: Rule, first: datetime, index: int) -> list[date]:
    begin = _begin(rule, first, index)
    if rule.frequency == "YEARLY":
        return [day for month in rule.by_month or range(1, 13) for day in _month(rule, begin.year, month)]
    if rule.frequency == "MONTHLY":
        return _month(rule, begin.year, begin.month)
    if rule.frequency == "WEEKLY":
        offsets = sorted({(weekday - begin.weekday()) % 7 for _, weekday in rule.by_day})
        days = [date.fromordinal(begin.toordinal() + offset) for offset in offsets]
        return [day for day in days if _fits(rule, day)]
    return [begin] if _fits(rule, begin) else []


def _month(rule: Rule, year: int, month: int) -> list[date]:
    length = monthrange(year, month)[1]
    numbers: Sequence[int] = range(1, length + 1)
    if rule.by_month_day:
        numbers = sorted({number if number > 0 else length + 1 + number for number in rule.by_month_day})
    days = (date(year, month, number) for number in numbers if 1 <= number <= length)
    return [day for day in days if _fits(rule, day)]


def _fits(rule: Rule, day: date) -> bool:
    """Whether each part of the rule that is about days holds for the day."""
    if rule.by_month and day.month not in rule.by_month:
        return False
    if rule.by_month_day and not {day.day, day.day - 1 - monthrange(day.year, day.month)[1]} & {*rule.by_month_day}:
        return False
    if rule.by_day and not any(weekday == day.weekday() and _is_nth(rule, day, n) for n, weekday in rule.by_day):
        return False
    if rule.by_year_day:
        number = day.timetuple().tm_yday
        if not {number, number - 367 + (not isleap(day.year))} & {*rule.by_year_day}:
            return False
    if rule.by_week:
        number, weeks = _week(day, rule.week_start)
        return bool({number, number - weeks - 1} & {*rule.by_week})
    return True


def _is_nth(rule: Rule, day: date, n: int) -> bool:
    """Whether the day is the n-th of its weekday in the month or year."""
    if n == 0 or rule.frequency not in ("YEARLY", "MONTHLY") or rule.by_week:
        return True
    if rule.frequency == "MONTHLY" or rule.by_month:
        number, length = day.day, monthrange(day.year, day.month)[1]
    else:
        number, length = day.timetuple().tm_yday, 366 if isleap(day.year) else 365
    return (number - 1) // 7 + 1 == n if n > 0 else (length - number) // 7 + 1 == -n


def _week(day: date, week_start: int) -> tuple[int, int]:
    """The number of the day's week in its year, and how many weeks that year has (ISO 8601, from that weekday on)."""
    begin = day.toordinal() - (day.weekday() - week_start) % 7
    year = date.fromordinal(min(begin + 3, date.max.toordinal())).year  # a week belongs to the year of its fourth day
    number = (begin - _first_week(year, week_start)) // 7 + 1
    weeks = (_first_week(year + 1, week_start) - _first_week(year, week_start)) // 7 if year < 9999 else 52
    return number, weeks


def _first_week(year: int, week_start: int) -> int:
    fourth = date(year, 1, 4)
    return fourth.toordinal() - (fourth.weekday() - week_start) % 7


def _index_at(rule: Rule, first: datetime, low: datetime) -> int:
    """The number of a period that is not after the one in which ``low`` is."""
    if rule.frequency == "YEARLY":
        return max((low.year - first.year) // rule.interval, 0)
    if rule.frequency == "MONTHLY":
        return max(((low.year - first.year) * 12 + low.month - first.month) // rule.interval, 0)
    days = (low.date() - first.date()).days
    if rule.frequency == "WEEKLY":
        return max(days // 7 // rule.interval, 0)
    return max(days // rule.interval, 0) if rule.frequency == "DAILY" else max(days, 0)


def _within_days(
    rule: Rule, first: datetime, start: int, end: date, budget: Budget, *, is_counted: bool
) -> Iterator[datetime]:
    """The times of a rule that goes by hours, minutes or seconds, from the day of that number on."""
    unit = UNIT_SECONDS[rule.frequency]
    step = unit * rule.interval
    begin = first - timedelta(seconds=(first.hour * 3600 + first.minute * 60 + first.second) % unit)
    for number in count(start):
        try:
            midnight = datetime.combine(first.date() + timedelta(days=number), time())
        except OverflowError:
            return
        if midnight.date() > end or not budget.spend(1):
            return
        if not _fits(rule, midnight.date()):
            continue
        ahead = (begin - midnight) // timedelta(seconds=1)
        given = 0
        for second in range(ahead % step if ahead < 0 else ahead, _DAY_SECONDS, step):
            if not budget.spend(1):
                return
            for found in _expanded(rule, midnight + timedelta(seconds=second), unit):
                given += 1
                yield found
            if given >= DAY_MOST and not is_counted:
                break


def _expanded(rule: Rule, tick: datetime, unit: int) -> Iterator[datetime]:
    """The times within the hour, minute or second that begins with the tick."""
    if rule.by_hour and tick.hour not in rule.by_hour:
        return
    if unit < 3600 and rule.by_minute and tick.minute not in rule.by_minute:
        return
    if unit == 1:
        if not rule.by_second or tick.second in rule.by_second:
            yield tick
        return
    for minute in rule.by_minute if unit == 3600 else (tick.minute,):
        for second in rule.by_second:
            yield tick.replace(minute=minute, second=min(second, 59))
