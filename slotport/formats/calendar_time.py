"""iCalendar's DATE, DATE-TIME and DURATION values (RFC 5545 sections 3.3.4 to 3.3.6)."""

import re
from datetime import date, datetime, timedelta

_DURATION = re.compile(
    r"([+-])?P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?\Z", re.IGNORECASE
)
_LEAP_SECOND = re.compile(r"(T\d{4})60(Z?)\Z")


class OutOfRange(ValueError):
    """A time outside of the years 1 to 9999."""


def read_time(text: str) -> date | datetime:
    """A DATE as a date, a DATE-TIME as a datetime: aware if in UTC, else naive. The second 60 counts as 59.

    Raises ValueError, or OutOfRange for the year 0.
    """
    text = text.strip(' \t"').upper()
    digits = text[:8]
    if not (digits.isascii() and digits.isdigit() and len(digits) == 8):
        raise ValueError(text)
    if digits[:4] == "0000":
        raise OutOfRange(text)
    if len(text) == 8:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    text = _LEAP_SECOND.sub(r"\g<1>59\2", text)
    clock = text[9:15]
    if text[8] != "T" or text[15:] not in {"", "Z"} or len(clock) != 6 or not (clock.isascii() and clock.isdigit()):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def read_duration(text: str) -> tuple[timedelta, timedelta]:
    """The whole days, which follow the wall clock, and the exact rest of a DURATION. Raises ValueError."""
    match = _DURATION.match(text.strip())
    if match is None or text.strip()[-1:].upper() in {"P", "T"}:
        raise ValueError(text)
    sign, *numbers = match.groups()
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in numbers)
    try:
        whole = timedelta(weeks=weeks, days=days)
        rest = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError as cause:
        raise OutOfRange(text) from cause
    return (-whole, -rest) if sign == "-" else (whole, rest)
