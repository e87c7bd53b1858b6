"""Recurrence rules: an RRULE's text, read and checked (RFC 5545 section 3.3.10)."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from msgspec import Struct

from slotport.core.when import shown

FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
UNIT_SECONDS = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}  #: of what repeats more than once a day
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_NUMBERS = 400  #: that one part may list
MOST_TIMES = 1_440  #: times of one day that BYHOUR, BYMINUTE and BYSECOND may make
LONGEST_RULE = 4_000  #: characters

_UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?\Z")
_BY_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)\Z")


class Rule(Struct, frozen=True, kw_only=True):
    """What a rule says. Weekdays count from 0, Monday; an empty tuple is a part that is not there."""

    frequency: str  #: of FREQUENCIES
    interval: int = 1
    count: int | None = None  #: the slot's own start is the first
    until: str | None = None  #: as written: YYYYMMDD, YYYYMMDDTHHMMSS or YYYYMMDDTHHMMSSZ
    by_second: tuple[int, ...] = ()
    by_minute: tuple[int, ...] = ()
    by_hour: tuple[int, ...] = ()
    by_day: tuple[tuple[int, int], ...] = ()  #: which one of the month or year (0: each), and the weekday
    by_month_day: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_week: tuple[int, ...] = ()
    by_month: tuple[int, ...] = ()
    by_position: tuple[int, ...] = ()
    week_start: int = 0


@lru_cache(maxsize=4096)
def read_rule(text: str) -> Rule:
    """The rule that a RECUR value says, without "RRULE:". Raises ValueError with a sentence for the caller."""
    if len(text) > LONGEST_RULE:
        raise ValueError("The rule is too long.")
    values: dict[str, Any] = {}
    for part in text.upper().split(";"):
        name, equals, value = part.strip().partition("=")
        if not name and not equals:
            continue
        if name in values:
            raise ValueError(f"The rule says {name} twice.")
        if name.startswith("X-"):
            continue
        if name not in _PARTS:
            raise ValueError(f"{shown(name)} is no part of a rule that Slotport knows.")
        values[name] = _PARTS[name][1](name, value.strip())
    if "FREQ" not in values:
        raise ValueError("The rule does not say how often: FREQ is missing.")
    rule = Rule(**{_PARTS[name][0]: value for name, value in values.items()})
    _check(rule)
    return rule


def _check(rule: Rule) -> None:
    if rule.count is not None and rule.until is not None:
        raise ValueError("The rule has both COUNT and UNTIL.")
    if rule.by_position and rule.frequency in UNIT_SECONDS:
        raise ValueError("BYSETPOS does not go with what repeats more than once a day.")
    if max(len(rule.by_hour), 1) * max(len(rule.by_minute), 1) * max(len(rule.by_second), 1) > MOST_TIMES:
        raise ValueError("The rule repeats too often within a day.")


def _number(low: int, high: int) -> Callable[[str, str], int]:
    def read(name: str, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 18 and low <= int(text) <= high):
            raise ValueError(f"{name} of a rule is a number from {low} up, not {shown(text)}.")
        return int(text)

    return read


def _numbers(low: int, high: int, *, signed: bool = False) -> Callable[[str, str], tuple[int, ...]]:
    def read(name: str, text: str) -> tuple[int, ...]:
        parts = text.split(",", MOST_NUMBERS + 1)
        numbers = {int(part) for part in parts if re.fullmatch(r"\s*[+-]?[0-9]{1,3}\s*", part)}
        is_right = all(low <= (abs(number) if signed else number) <= high for number in numbers)
        if len(parts) > MOST_NUMBERS or not numbers or not is_right or len(numbers) < len(set(parts)):
            raise ValueError(f"{name} of a rule lists numbers from {low} to {high}, not {shown(text)}.")
        return tuple(sorted(numbers))

    return read


def _frequency(_name: str, text: str) -> str:
    if text not in FREQUENCIES:
        raise ValueError(f"{shown(text)} says not how often a slot repeats.")
    return text


def _until(_name: str, text: str) -> str:
    if not _UNTIL.match(text):
        raise ValueError(f"UNTIL of a rule is a date or time, not {shown(text)}.")
    return text


def _days(_name: str, text: str) -> tuple[tuple[int, int], ...]:
    found = [_BY_DAY.match(part.strip()) for part in text.split(",", MOST_NUMBERS + 1)]
    if len(found) > MOST_NUMBERS or not all(found):
        raise ValueError(f"BYDAY of a rule lists weekdays such as MO, not {shown(text)}.")
    days = {(int(day[1] or 0), WEEKDAYS.index(day[2])) for day in found if day}
    return tuple(sorted(days, key=lambda day: (day[1], day[0])))


def _weekday(_name: str, text: str) -> int:
    if text not in WEEKDAYS:
        raise ValueError(f"WKST of a rule is a weekday such as MO, not {shown(text)}.")
    return WEEKDAYS.index(text)


#: field of Rule, and what reads it
_PARTS: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "FREQ": ("frequency", _frequency),
    "INTERVAL": ("interval", _number(1, 10**18)),
    "COUNT": ("count", _number(1, 10**18)),
    "UNTIL": ("until", _until),
    "BYSECOND": ("by_second", _numbers(0, 60)),
    "BYMINUTE": ("by_minute", _numbers(0, 59)),
    "BYHOUR": ("by_hour", _numbers(0, 23)),
    "BYDAY": ("by_day", _days),
    "BYMONTHDAY": ("by_month_day", _numbers(1, 31, signed=True)),
    "BYYEARDAY": ("by_year_day", _numbers(1, 366, signed=True)),
    "BYWEEKNO": ("by_week", _numbers(1, 53, signed=True)),
    "BYMONTH": ("by_month", _numbers(1, 12)),
    "BYSETPOS": ("by_position", _numbers(1, 366, signed=True)),
    "WKST": ("week_start", _weekday),
}
