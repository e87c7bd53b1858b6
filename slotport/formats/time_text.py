"""Dates, instants and wall times as iCalendar writes them (RFC 5545 section 3.3.5), a day's text made once."""

from datetime import UTC, date, datetime

from slotport.core.when import TWO_DIGITS, DayTexts

_DAYS = DayTexts("")


def date_text(day: date) -> str:
    """A date as YYYYMMDD."""
    return day.isoformat()[:10].replace("-", "")


def instant_text(instant: datetime) -> str:
    """An aware datetime as YYYYMMDDTHHMMSSZ."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    day = _DAYS[instant.toordinal()]
    return f"{day}{TWO_DIGITS[instant.hour]}{TWO_DIGITS[instant.minute]}{TWO_DIGITS[instant.second]}Z"


def wall_text(wall: datetime) -> str:
    """A datetime as YYYYMMDDTHHMMSS, its zone left out."""
    day = _DAYS[wall.toordinal()]
    return f"{day}{TWO_DIGITS[wall.hour]}{TWO_DIGITS[wall.minute]}{TWO_DIGITS[wall.second]}"
