"""Instants as text (ISO 8601) and zones by name (IANA). An instant is an aware datetime in UTC."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

SHOWN_LENGTH = 40  #: characters of a wrong value that a sentence repeats

_ISO = re.compile(
    r"""(?P<year>[0-9]{4})
        (?: (?P<dash>-?)
            (?: (?P<month>[0-9]{2}) (?P=dash) (?P<day>[0-9]{2})
              | W (?P<week>[0-9]{2}) (?P=dash) (?P<weekday>[1-7])
              | (?P<yearday>[0-9]{3}) ) )
        (?: (?:[Tt]|[ ]+)
            (?P<hour>[0-9]{2})
            (?: (?P<colon>:?) (?P<minute>[0-9]{2}) (?: (?P=colon) (?P<second>[0-9]{2}) )? )?
            (?: [.,] (?P<fraction>[0-9]+) )?
            [ ]*
            (?: (?P<utc>[Zz])
              | (?P<sign>[+\-−]) (?P<ahead_hours>[0-9]{2}) (?: :? (?P<ahead_minutes>[0-9]{2}) )? )? )?""",
    re.VERBOSE,
)
MOST_DAYS = 20_000  #: whose text is remembered: about 54 years
TWO_DIGITS = tuple(f"{number:02}" for number in range(60))
_NO_ZONES = ("localtime", "posixrules", "posix/", "right/", "Factory", "SystemV/")


class DayTexts(dict[int, str]):
    """What stands before an instant's clock, by the number of its day (``date.toordinal``): made once a day."""

    def __init__(self, dash: str) -> None:
        super().__init__()
        self._dash = dash

    def __missing__(self, ordinal: int) -> str:
        if len(self) >= MOST_DAYS:
            self.clear()
        text = self[ordinal] = date.fromordinal(ordinal).isoformat().replace("-", self._dash) + "T"
        return text


_DAYS = DayTexts("-")


def shown(value: object) -> str:
    """Show a wrong value as a sentence repeats it: in quotes, on one line and not long."""
    text = value if isinstance(value, str) else repr(value)
    cut = text[:SHOWN_LENGTH].encode(errors="replace").decode()
    printable = "".join(letter if letter.isprintable() else "?" for letter in cut)
    return f'"{printable}{"..." if len(text) > SHOWN_LENGTH else ""}"'


def iso(instant: datetime) -> str:
    """Write the instant in UTC with milliseconds, as every answer has it: ``2031-05-06T13:44:02.000Z``."""
    return f"{iso_seconds(instant)[:-1]}.{instant.microsecond // 1000:03}Z"


def iso_seconds(instant: datetime) -> str:
    """Write the instant in UTC, to the second: ``2031-05-06T13:44:02Z``."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    day = _DAYS[instant.toordinal()]
    return f"{day}{TWO_DIGITS[instant.hour]}:{TWO_DIGITS[instant.minute]}:{TWO_DIGITS[instant.second]}Z"


def on_clocks(instant: datetime, zone: tzinfo) -> datetime:
    """The instant in the zone; as it is where that would be outside of the years 1 to 9999."""
    try:
        return instant.astimezone(zone)
    except OverflowError:
        return instant


def moved(moment: datetime, by: timedelta) -> datetime:
    """The moment moved, no further than to the first or the last of the years 1 to 9999."""
    try:
        return moment + by
    except OverflowError:
        last = datetime.min if by < timedelta() else datetime.max  # noqa: DTZ901 - it gets the moment's zone
        return last.replace(tzinfo=moment.tzinfo)


def instant(text: str) -> datetime:
    """Read the instant that a text in any form of ISO 8601 names, cut to milliseconds.

    A date alone is its midnight; without an offset the time is UTC. Dates may be calendar, week or ordinal
    dates, basic or extended, with ``T`` or blanks before the time; 24:00 is the next midnight, second 60 is
    second 59.
    Raises ValueError with a sentence for the caller.
    """
    if len(text) == 24 and text[23] == "Z" and text[19] == "." and text[10] == "T":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # the long way words the sentence
    exact = instant_in(text, UTC)
    return exact.replace(microsecond=exact.microsecond // 1000 * 1000)


def instant_in(text: str, zone: tzinfo) -> datetime:
    """Read the instant that a text in any form of ISO 8601 names; without an offset it is local time of the zone.

    A local time that a clock change skips moves forward by the gap, of a doubled one the first is meant.
    Raises ValueError with a sentence for the caller.
    """
    found = _ISO.fullmatch(text.strip()) if len(text) <= 100 else None
    if found is None:
        raise ValueError(f"{shown(text)} is not an ISO 8601 date and time")
    try:
        midnight = datetime.combine(_day(found), datetime.min.time())
        local = midnight + _since_midnight(found)
        return local.replace(tzinfo=_offset(found) or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{shown(text)} is no date and time that exists in the years 1 to 9999") from None


def _day(found: re.Match[str]) -> date:
    year = int(found["year"])
    if found["month"]:
        return date(year, int(found["month"]), int(found["day"]))
    if found["week"]:
        return date.fromisocalendar(year, int(found["week"]), int(found["weekday"]))
    day = date(year, 1, 1) + timedelta(days=int(found["yearday"]) - 1)
    if day.year != year:
        raise ValueError
    return day


def _since_midnight(found: re.Match[str]) -> timedelta:
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    fraction = int((found["fraction"] or "0").ljust(9, "0")[:9])  # billionths of the last part that is given
    unit = 1 if found["second"] else 60 if found["minute"] else 3600
    if minute > 59 or second > 60 or hour > 24 or (hour == 24 and (minute or second or fraction)):
        raise ValueError
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59), microseconds=fraction * unit // 1000)


def _offset(found: re.Match[str]) -> timezone | None:
    if found["utc"]:
        return UTC
    if not found["sign"]:
        return None
    hours, minutes = int(found["ahead_hours"]), int(found["ahead_minutes"] or 0)
    if hours > 23 or minutes > 59:
        raise ValueError
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(ahead if found["sign"] == "+" else -ahead)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Find the zone of that IANA name. Raises ValueError with a sentence if there is none."""
    try:
        if len(name) > 100 or name.startswith(_NO_ZONES):
            raise ValueError(name)
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):  # also a folder of zones, and names that no file can have
        raise ValueError(f"{shown(name)} is not the IANA name of a time zone") from None
