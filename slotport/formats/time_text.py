"""Dates, instants and wall times as iCalendar writes them (RFC 5545 section 3.3.5), a day's text made once."""

from datetime import UTC, date, datetime

MOST_DAYS = 20_000  #: whose text is remembered: about 54 years

_TWO_DIGITS = tuple(f"{number:02}" for number in range(60))


class _DayTexts(dict[int, str]):
    """YYYYMMDDT by the number of the day."""

    def __missing__(self, ordinal: int) -> str:
        if len(self) >= MOST_DAYS:
            self.clear()
        text = self[ordinal] = date.fromordinal(ordinal).isoformat().replace("-", "") + "T"
        return text


_DAYS = _DayTexts()


def date_text(day: date) -> str:
    """A date as YYYYMMDD."""
    return day.isoformat()[:10].replace("-", "")


def instant_text(instant: datetime) -> str:
    """An aware datetime as YYYYMMDDTHHMMSSZ."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    day = _DAYS[instant.toordinal()]
    return f"{day}{_TWO_DIGITS[instant.hour]}{_TWO_DIGITS[instant.minute]}{_TWO_DIGITS[instant.second]}Z"


def wall_text(wall: datetime) -> str:
    """A datetime as YYYYMMDDTHHMMSS, its zone left out."""
    day = _DAYS[wall.toordinal()]
    return f"{day}{_TWO_DIGITS[wall.hour]}{_TWO_DIGITS[wall.minute]}{_TWO_DIGITS[wall.second]}"
