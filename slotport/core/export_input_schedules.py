"""The member ``_schedules`` of an export: when it runs by itself (docs/api/export-definition.md)."""

from collections.abc import Sequence
from typing import Any

from slotport.core.export import Schedule
from slotport.core.export_input_formats import zone_name
from slotport.core.json_input import Reader, an_array, array_of, choice, entry, member, members, number
from slotport.errors import WireError, invalid_value

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_VALUES = 1000  #: in one part, repetitions included
_ALIASES = {"weekday": "weekdays", "day_of_month": "days_of_month", "hour": "hours", "minute": "minutes"}


def schedules(value: Any, place: str, *, most: int) -> tuple[Schedule, ...]:
    """The schedules; none for ``[]`` and ``null``. Raises export_limit_exceeded for more than ``most``."""
    if value is None:
        return ()
    entries = an_array(value, place, most=max(most, 10_000))
    if len(entries) > most:
        raise limit_exceeded(f"An export has at most {most} schedules.", most)
    return tuple(_schedule(one, entry(place, index)) for index, one in enumerate(entries))


def limit_exceeded(sentence: str, limit: int) -> WireError:
    """The error of who has as many as are allowed."""
    return WireError("error.user.export_limit_exceeded", sentence, parameters={"limit": str(limit)})


def _weekdays(value: Any, place: str) -> tuple[str, ...]:
    days = array_of(choice(*WEEKDAYS), least=1, most=MOST_VALUES)(value, place)
    return tuple(day for day in WEEKDAYS if day in days)


def _numbers(least: int, most: int) -> Reader[tuple[int, ...]]:
    """A reader of numbers in an array, which come out sorted and each once."""
    read_array = array_of(number(least, most), least=1, most=MOST_VALUES)

    def read(value: Any, place: str) -> tuple[int, ...]:
        return tuple(sorted(set(read_array(value, place))))

    return read


_PARTS: dict[str, Reader[Sequence[Any]]] = {
    "weekdays": _weekdays,
    "days_of_month": _numbers(1, 31),
    "hours": _numbers(0, 23),
    "minutes": _numbers(0, 59),
}
_READERS: dict[str, Reader[Any]] = {
    **_PARTS,
    **{alias: _PARTS[name] for alias, name in _ALIASES.items()},
    "timezone": zone_name,
    "missed": choice("once", "skip", "all"),
}


def _schedule(value: Any, place: str) -> Schedule:
    said = members(value, place, _READERS)
    for alias, name in _ALIASES.items():
        if alias in said:
            if name in said:
                raise invalid_value(member(place, alias), f"says the same as {name}: keep one of the two")
            said[name] = said.pop(alias)
    return Schedule(**said)
