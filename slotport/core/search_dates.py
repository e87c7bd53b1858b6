"""Dates and instants of searches: a text names a time, the beginning of one all of it (docs/api/export-search.md).

``2031`` is a year, ``2031-05`` a month, ``2031-05-06`` a day, ``2031-05-06T13`` an hour, ``…T13:44`` a minute,
``…T13:44:02`` a second and ``…T13:44:02.123`` a millisecond, each in UTC or, from hours on, at an offset.
"""

import re
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

from slotport.core.when import shown

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_SECOND_MS, _MINUTE_MS, _HOUR_MS, DAY_MS = 1_000, 60_000, 3_600_000, 86_400_000
_LONGEST = 40
_DIGITS_OF_MS = 3

_FORM = re.compile(
    r"""(?P<year>[0-9]{4})
        (?: - (?P<month>[0-9]{2})
        (?: - (?P<day>[0-9]{2})
        (?: [Tt ] (?P<hour>[0-9]{2})
        (?: : (?P<minute>[0-9]{2})
        (?: : (?P<second>[0-9]{2})
        (?: [.,] (?P<fraction>[0-9]{1,9}) )? )? )?
        (?P<zone> [Zz] | [+\-] [0-9]{2} (?: :? [0-9]{2} )? )? )? )? )?""",
    re.VERBOSE,
)


class Period(NamedTuple):
    """A stretch of time in milliseconds since 1970-01-01T00:00Z, both ends included."""

    first: int
    last: int


def period(text: str) -> Period:
    """All the time that the text names. Raises ValueError with a sentence for the caller."""
    found = _FORM.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise ValueError(f"{shown(text)} is not a date such as 2031, 2031-05, 2031-05-06 or 2031-05-06T13:44:02Z")
    try:
        first, length = _read(found)
    except ValueError:
        raise ValueError(f"{shown(text)} is no date and time that exists in the years 1 to 9999") from None
    return Period(first, first + length - 1)


def _read(found: re.Match[str]) -> tuple[int, int]:
    """Where the time begins, and how long it is."""
    year = int(found["year"])
    if not found["month"]:
        days = 366 if _is_leap(year) else 365
        return _midnight(date(year, 1, 1)), days * DAY_MS
    month = int(found["month"])
    if not found["day"]:
        begin = date(year, month, 1)
        days = 31 if month == 12 else (date(year, month + 1, 1) - begin).days
        return _midnight(begin), days * DAY_MS
    begin = date(year, month, int(found["day"]))
    if not found["hour"]:
        return _midnight(begin), DAY_MS
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    datetime(year, month, begin.day, hour, minute, second)  # noqa: DTZ001 # raises ValueError if there is no such time
    first = _midnight(begin) + hour * _HOUR_MS + minute * _MINUTE_MS + second * _SECOND_MS - _ahead_ms(found["zone"])
    if fraction := found["fraction"]:
        length = 10 ** max(_DIGITS_OF_MS - len(fraction), 0)
        return first + int(fraction.ljust(_DIGITS_OF_MS, "0")[:_DIGITS_OF_MS]), length
    return first, _SECOND_MS if found["second"] else _MINUTE_MS if found["minute"] else _HOUR_MS


def _ahead_ms(zone: str | None) -> int:
    if not zone or zone in "Zz":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
    if minutes > 59:
        raise ValueError
    ahead = timezone(timedelta(hours=hours, minutes=minutes)).utcoffset(None) // timedelta(milliseconds=1)
    return -ahead if zone[0] == "-" else ahead


def _midnight(day: date) -> int:
    return (day.toordinal() - _EPOCH_DAY) * DAY_MS


def _is_leap(year: int) -> bool:
    date(year, 1, 1)  # raises ValueError for the year 0
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def day_from(instant_ms: int) -> str:
    """The first day, as ``YYYY-MM-DD``, whose midnight in UTC is not before the instant; after all days: ``:``."""
    ordinal = _EPOCH_DAY - (-instant_ms // DAY_MS)
    return ":" if ordinal > date.max.toordinal() else _day(ordinal)


def day_to(instant_ms: int) -> str:
    """The last day, as ``YYYY-MM-DD``, whose midnight in UTC is not after the instant; before all days: ``""``."""
    ordinal = _EPOCH_DAY + instant_ms // DAY_MS
    return "" if ordinal < 1 else _day(ordinal)


def _day(ordinal: int) -> str:
    return date.fromordinal(min(max(ordinal, 1), date.max.toordinal())).isoformat()
