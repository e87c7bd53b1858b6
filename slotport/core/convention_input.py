"""What the convention interface takes and shows as numbers, flags, texts and dates (docs/api/convention.md).

A wrong value is Invalid under its name, whatever its type; ``None`` is "not given".
"""

import re
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from slotport.core import when
from slotport.core.slot import is_storable
from slotport.core.when import shown
from slotport.errors import Invalid

LARGEST = 2**31 - 1  #: integer that a column takes
LARGEST_ID = 2**63 - 1
LAST_SECOND = 253_402_300_799  #: of the year 9999
TEXT_LENGTH = 100_000  #: characters of any one text
JSON_DEPTH = 64  #: levels of a value that clients put in for themselves

_NUMBER = re.compile(r"(?P<whole>[0-9]{1,20})(\.[0-9]*)?", re.ASCII)
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([T ].{0,30})?", re.ASCII)
_YES = frozenset({"1", "true", "on"})
_NO = frozenset({"0", "false", "off", ""})


def integer(value: Any, name: str, *, least: int = 0, most: int = LARGEST) -> int | None:
    """The number that a JSON integer or a text of digits is; None for ``null`` and ``""``."""
    if value is None or value == "":
        return None
    number = -1
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 20:
        number = int(value)
    if not least <= number <= most:
        raise Invalid.of(name, f"must be a whole number from {least} to {most}, not {shown(value)}")
    return number


def identifier(value: Any, name: str) -> int | None:
    """An object's id; None for ``null`` and ``""``."""
    return integer(value, name, most=LARGEST_ID)


def flag(value: Any, name: str) -> bool | None:
    """The truth of true, 1, "1", "true" and "on", or of false, 0, "0", "false", "off" and ""; None for ``null``."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    if isinstance(value, str) and value.lower() in _YES | _NO:
        return value.lower() in _YES
    raise Invalid.of(name, f"must be true or false, not {shown(value)}")


def text(value: Any, name: str, *, longest: int = TEXT_LENGTH) -> str | None:
    """The text as it was sent; None for ``null``."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise Invalid.of(name, f"must be text, not {shown(value)}")
    if len(value) > longest:
        raise Invalid.of(name, f"must have at most {longest} characters")
    if not is_storable(value):
        raise Invalid.of(name, "holds a character that cannot be stored")
    return value


def filled_text(value: Any, name: str, *, longest: int = TEXT_LENGTH) -> str:
    """The text without white space at its ends, which must leave something."""
    found = (text(value, name, longest=longest) or "").strip()
    if not found:
        raise Invalid.of(name, "is needed")
    return found


def moment(value: Any, zone: tzinfo, name: str) -> datetime:
    """The instant, in UTC and whole seconds, of Unix seconds or of an ISO 8601 text.

    A text without an offset is local time of the zone, a date alone its midnight; a local time that a clock change
    skips moves forward by the gap, of a doubled one the first is meant.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _of_seconds(value, name)
    if not isinstance(value, str):
        raise Invalid.of(name, f"must be Unix seconds or an ISO 8601 date and time, not {shown(value)}")
    if number := _NUMBER.fullmatch(value.strip()):
        return _of_seconds(int(number["whole"]), name)
    try:
        return when.instant_in(value, zone).replace(microsecond=0)
    except ValueError as cause:
        raise Invalid.of(name, f"cannot be used: {cause}") from cause


def _of_seconds(number: float, name: str) -> datetime:
    if not 1 <= number < LAST_SECOND + 1:
        raise Invalid.of(name, f"must be Unix seconds from 1 to {LAST_SECOND}, not {shown(number)}")
    return datetime.fromtimestamp(int(number), UTC)


def day(value: Any, name: str) -> date | None:
    """The day of a text ``YYYY-MM-DD``, at whose end a time may stand; None for ``null`` and ``""``."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and (found := _DAY.fullmatch(value.strip())):
        try:
            when.instant_in(f"2000-01-01{found[2] or ''}", UTC)
            return date.fromisoformat(found[1])
        except ValueError:
            pass  # no such day, or no time of one
    raise Invalid.of(name, f"must be a date such as 2027-05-14, not {shown(value)}")


def shown_moment(instant: datetime, zone: tzinfo) -> str:
    """The instant as every answer has it, ``2027-05-14T10:30:00+02:00``, with the zone's offset then."""
    try:
        local = instant.astimezone(zone)
    except OverflowError:  # the first and the last day of all
        local = instant.astimezone(UTC)
    written = local.isoformat(timespec="seconds")
    # zones of old had offsets with seconds, which the shape has no place for
    return written if len(written) == 25 else instant.astimezone(UTC).isoformat(timespec="seconds")


def json_value(value: Any, name: str) -> Any:
    """Any JSON value that can be written inside others. Raises Invalid."""
    name = name.replace("_", "-")
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > JSON_DEPTH:
            raise Invalid.of(name, f"is nested deeper than {JSON_DEPTH} levels")
        below: list[Any] = []
        for item in level:
            if isinstance(item, str) and not is_storable(item):
                raise Invalid.of(name, "holds a character that cannot be stored")
            if isinstance(item, dict):
                below += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                below += item
        level = below
    return value
