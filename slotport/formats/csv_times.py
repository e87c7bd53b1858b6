"""Dates, times and truth as calendar CSV files spell them; each spelling is parsed once and remembered."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from slotport.core.when import shown
from slotport.formats.checks import Wrong
from slotport.formats.options import DateOrder

MAX_REMEMBERED = 20_000

_DATE = re.compile(
    r"""(?P<year>[0-9]{4}) ([-/]) (?P<month>[0-9]{1,2}) \2 (?P<day>[0-9]{1,2})
      | (?P<dotted_day>[0-9]{1,2}) \.[ ]? (?P<dotted_month>[0-9]{1,2}) \.[ ]? (?P<dotted_year>[0-9]{4}|[0-9]{2})
      | (?P<first>[0-9]{1,2}) ([-/]) (?P<second>[0-9]{1,2}) \9 (?P<last>[0-9]{4}|[0-9]{2})""",
    re.VERBOSE,
)
_TIME = re.compile(
    r"""([0-9]{1,2}) (?: : ([0-9]{2}) (?: : ([0-9]{2}) (?: [.,] ([0-9]{1,6}) )? )? )?
        (?: \s* ([AaPp])\.?\s?[Mm]\.? )?""",
    re.VERBOSE,
)
_TRUE = ("true", "wahr", "ein", "ja", "yes", "waar", "aan", "vrai", "oui", "on", "1")
_FALSE = ("", "false", "falsch", "aus", "nein", "no", "onwaar", "uit", "nee", "faux", "non", "off", "0")
_TRUTH = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)


class OrderWanted(Exception):
    """A date fits day-first or month-first, and nobody has said which."""


class Days(dict[str, datetime]):
    """The midnight (UTC) that a date cell names. Raises Wrong, and OrderWanted where no order is known."""

    def __init__(self, order: DateOrder | None) -> None:
        super().__init__()
        self.order = order

    def __missing__(self, text: str) -> datetime:
        found = _DATE.fullmatch(text.strip())
        if found is None:
            raise Wrong("bad_date", f"{shown(text)} is not a date.")
        try:
            if found["first"]:
                if self.order is None:
                    raise OrderWanted
                day = _either(found, self.order)
            elif found["year"]:
                day = date(int(found["year"]), int(found["month"]), int(found["day"]))
            else:
                day = date(_full_year(found["dotted_year"]), int(found["dotted_month"]), int(found["dotted_day"]))
        except ValueError as cause:
            raise Wrong("bad_date", f"{shown(text)} is no date that exists{self._as_read(found)}.") from cause
        if len(self) > MAX_REMEMBERED:
            self.clear()
        midnight = self[text] = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return midnight

    def _as_read(self, found: re.Match[str]) -> str:
        if not found["first"]:
            return ""
        return " if the day is first" if self.order == "dmy" else " if the month is first"


class Times(dict[str, timedelta]):
    """The time since midnight that a time cell names, blank being midnight. Raises Wrong."""

    def __missing__(self, text: str) -> timedelta:
        if len(self) > MAX_REMEMBERED:
            self.clear()
        time = self[text] = _time(text)
        return time


def truth(text: str) -> bool:
    """Read a cell that says yes or no, blank being no. Raises Wrong."""
    answer = _TRUTH.get(text.strip().lower())
    if answer is None:
        raise Wrong("bad_all_day", f"{shown(text)} says neither yes nor no.")
    return answer


def order_of(cells: Iterable[str], default: DateOrder) -> tuple[DateOrder, bool]:
    """Find the one order of all dates of a file, and whether it is only the default.

    Day-first if any date fits only that, else month-first if any fits only that. Dates that read the same both
    ways decide nothing.
    """
    seen: set[str] = set()
    month_first = unclear = False
    for text in cells:
        if text in seen:
            continue
        if len(seen) > MAX_REMEMBERED:
            seen.clear()
        seen.add(text)
        found = _DATE.fullmatch(text.strip())
        if found is None or not found["first"] or found["first"] == found["second"]:
            continue
        by_day, by_month = _fits(found, "dmy"), _fits(found, "mdy")
        if by_day and not by_month:
            return "dmy", False
        month_first = month_first or (by_month and not by_day)
        unclear = unclear or (by_month and by_day)
    if month_first:
        return "mdy", False
    return default, unclear


def _either(found: re.Match[str], order: DateOrder) -> date:
    first, second = int(found["first"]), int(found["second"])
    day, month = (first, second) if order == "dmy" else (second, first)
    return date(_full_year(found["last"]), month, day)


def _fits(found: re.Match[str], order: DateOrder) -> bool:
    try:
        _either(found, order)
    except ValueError:
        return False
    return True


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < 69 else 1900)  # as POSIX has it


def _time(text: str) -> timedelta:
    stripped = text.strip()
    if not stripped:
        return timedelta()
    found = _TIME.fullmatch(stripped)
    if found is None or not (found[2] or found[5]):
        raise Wrong("bad_time", f"{shown(text)} is not a time of day.")
    hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    milliseconds = int((found[4] or "0").ljust(3, "0")[:3])
    if found[5]:
        fits = hour <= 12
        hour = hour % 12 + (12 if found[5] in "Pp" else 0)
    else:
        fits = hour < 24 or (hour == 24 and not (minute or second or milliseconds))
    if not fits or minute > 59 or second > 60:
        raise Wrong("bad_time", f"{shown(text)} is no time of day that exists.")
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59), milliseconds=milliseconds)
