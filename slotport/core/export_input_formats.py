"""The members of ``export`` that say how data files are written: csv, ical, outlook, timeslot, schedules.

Each is false, true (all options at their defaults) or an object (docs/api/export-definition.md).
"""

import re
from typing import Any

from slotport.core import when
from slotport.core.export import CsvOptions, DisplayName, IcalOptions, OutlookOptions, ScheduleOptions, TimeslotOptions
from slotport.core.export_fields import FIELDS
from slotport.core.json_input import Reader, T, an_object, choice, flag, member, members, off, short_text, text
from slotport.errors import invalid_value, type_mismatch

DISPLAY_NAME_LENGTH = 255
_NO_SIGNS = "\r\n\ufeff"
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def zone_name(value: Any, place: str) -> str:
    """The IANA name of a time zone."""
    name = text(value, place)
    try:
        return when.zone(name).key
    except ValueError as cause:
        raise invalid_value(place, f"cannot be used: {cause}") from cause


def _sign(value: Any, place: str) -> str:
    sign = text(value, place)
    if len(sign) != 1 or sign in _NO_SIGNS:
        raise invalid_value(place, "must be exactly one character, and no line break or byte order mark")
    return sign


def _clock(value: Any, place: str) -> str:
    time = text(value, place)
    if not _CLOCK.fullmatch(time):
        raise invalid_value(place, "must be a time of day such as 04:00")
    return time


_CSV: dict[str, Reader[Any]] = {
    "delimiter": _sign,
    "quote": _sign,
    "escape": _sign,
    "use_bom": flag,
    "empty_columns": flag,
    "hierarchy": choice("column", "/", ">"),
    "all_languages": off,
    "formula_guard": flag,
}
_ICAL: dict[str, Reader[Any]] = {
    "dialect": choice("rfc5545", "google"),
    "one_file_per_group": flag,
    "timezone": zone_name,
    "alarms": flag,
    "attach": choice("none", "uri"),
}


def _switch(kind: type[T], readers: dict[str, Reader[Any]]) -> Reader[T | bool]:
    """A reader of false, of true, and of an object of options."""

    def read(value: Any, place: str) -> T | bool:
        if value is False:
            return False
        if value is True:
            return kind()
        if not isinstance(value, dict):
            raise type_mismatch(place, "true, false or an object")
        return kind(**members(value, place, readers))

    return read


ical: Reader[IcalOptions | bool] = _switch(IcalOptions, _ICAL)
outlook: Reader[OutlookOptions | bool] = _switch(OutlookOptions, {"timezone": zone_name})
timeslot: Reader[TimeslotOptions | bool] = _switch(TimeslotOptions, {"extended": flag})
schedule: Reader[ScheduleOptions | bool] = _switch(ScheduleOptions, {"day_start": _clock})
_csv: Reader[CsvOptions | bool] = _switch(CsvOptions, _CSV)


def csv(value: Any, place: str) -> CsvOptions | bool:
    """How csv is written; the delimiter is another sign than quote and escape, which may be one."""
    options = _csv(value, place)
    if isinstance(options, CsvOptions):
        if options.delimiter == options.quote:
            raise invalid_value(member(place, "delimiter"), "must differ from the quote")
        if options.delimiter == options.escape:
            raise invalid_value(member(place, "escape"), "must differ from the delimiter")
    return options


def fields(value: Any, place: str) -> dict[str, DisplayName] | None:
    """The fields that are written, by name, with what they are called; None, as ``{}``: all."""
    found: dict[str, DisplayName] = {}
    for name, one in an_object(value, place).items():
        below = member(place, name)
        if name not in FIELDS:
            raise invalid_value(below, "is not the name of a field")
        found[name] = DisplayName(**members(one, below, {"display_name": _display_name}))
    # the order of a map says nothing: columns have their own
    return {name: found[name] for name in FIELDS if name in found} or None


_one_line = short_text(1, DISPLAY_NAME_LENGTH)


def _display_name(value: Any, place: str) -> str:
    name = _one_line(value, place)
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
        raise invalid_value(place, "must not hold control characters")
    return name
