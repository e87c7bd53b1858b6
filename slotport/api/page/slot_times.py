"""When a slot is, as its form has it: days and times of the clocks of a zone (docs/page.md)."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from msgspec import Struct

from slotport.api.body import Upload
from slotport.core.entry import Times
from slotport.core.simple_rule import Every
from slotport.core.when import iso, on_clocks, zone

MONDAYS = [date(2031, 1, 6 + number) for number in range(7)]  #: a Monday and the days after it, for their names
MONTHS = [date(2031, number, 1) for number in range(1, 13)]  #: for their names
FLOATING = "floating"  #: stands for a zone: the same time on every clock


class SlotForm(Struct, kw_only=True):
    """The fields as they are typed. Days and times are those of the clocks of ``zone``."""

    title: str = ""
    all_day: bool = False
    start_day: str = ""
    start_time: str = ""
    open_end: bool = False
    end_day: str = ""  #: of a whole day the last one
    end_time: str = ""
    zone: str = ""
    description: str = ""
    visibility: str = "private"
    groups: list[str] = []
    place: dict[str, str] = {}
    every: str = Every.NEVER
    interval: str = "1"
    weekdays: list[str] = []
    ends: str = "never"  #: or until, count
    until: str = ""
    count: str = ""
    alerts: list[str] = []
    note_id: list[str] = []
    note_title: list[str] = []
    note_content: list[str] = []
    note_gone: list[str] = []
    media_gone: list[str] = []
    added: list[str] = []  #: public ids of pictures
    image: Upload | None = None
    occurrence: str = ""  #: the one date of a series that is meant
    back: str = ""  #: the path to go to afterwards

    @property
    def notes(self) -> list[tuple[str, str, str]]:
        """Id, title and text of each note; the id of a new one is empty."""
        return list(zip(self.note_id, self.note_title, self.note_content, strict=False))


def walls(form: SlotForm, start: datetime, end: datetime) -> None:
    """Write days and times of a clock into the form."""
    form.start_day, form.start_time = start.date().isoformat(), f"{start:%H:%M}"
    form.end_day, form.end_time = end.date().isoformat(), f"{end:%H:%M}"


def wall(moment: datetime, name: str) -> datetime:
    """The time on the clocks of that zone, or FLOATING."""
    try:
        return on_clocks(moment, UTC if name == FLOATING else zone(name)).replace(tzinfo=None)
    except ValueError:  # a zone of a file that is none
        return moment.replace(tzinfo=None)


def typed(text: str) -> datetime | None:
    """The day or time that an address says; None if it is none."""
    try:
        return datetime.fromisoformat(text[:16]).replace(tzinfo=None)
    except ValueError:
        return None


def read(form: SlotForm, before: Times | None, problems: dict[str, list[str]]) -> Times | None:
    """The times that the form says; where it shows those of before, they are those to the millisecond."""
    start_day = day(form.start_day, "start_day", problems)
    end_day = None if form.open_end else day(form.end_day, "end_day", problems)
    floating = form.zone == FLOATING
    name = None if floating or form.all_day else form.zone
    try:
        clocks = UTC if floating or form.all_day else zone(form.zone)
    except ValueError as cause:
        problems["zone"] = [str(cause)]
        return None
    if start_day is None or (end_day is None and not form.open_end):
        return None
    if form.all_day:
        start: datetime | None = datetime.combine(start_day, time(), UTC)
        end = None if end_day is None else datetime.combine(end_day, time(), UTC) + timedelta(days=1)
        if end is None and (before is None or before.end is not None):
            end = datetime.combine(start_day, time(), UTC) + timedelta(days=1)
    else:
        first, last = (None, None) if before is None else (before.start, before.end)
        start = _moment(start_day, form.start_time, clocks, "start", first, problems)
        end = None if end_day is None else _moment(end_day, form.end_time, clocks, "end", last, problems)
    if start is None or (end_day is not None and end is None):
        return None
    if end is not None and end < start:
        problems["end_day"] = ["is before the start"]
        return None
    return Times(start=start, end=end, all_day=form.all_day, zone=name, floating=floating and not form.all_day)


def day(text: str, field: str, problems: dict[str, list[str]]) -> date | None:
    """The day that was typed; None, with its problem, if it is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        problems[field] = ["is not a day such as 2031-05-06"]
        return None
    if not 2 <= found.year <= 9998:
        problems[field] = ["must be in the years 2 to 9998"]
        return None
    return found


def _moment(
    on: date, text: str, clocks: tzinfo, field: str, before: datetime | None, problems: dict[str, list[str]]
) -> datetime | None:
    try:
        wall = datetime.combine(on, time.fromisoformat(text).replace(tzinfo=None))
    except ValueError:
        problems[f"{field}_time"] = ["is not a time such as 09:30"]
        return None
    if before is not None and on_clocks(before, clocks).replace(tzinfo=None, second=0, microsecond=0) == wall:
        return before  # as shown: also the second of two, and its milliseconds
    moment = wall.replace(tzinfo=clocks).astimezone(UTC)
    if moment.astimezone(clocks).replace(tzinfo=None) != wall:
        problems[f"{field}_time"] = ["does not exist on that day: clocks are put forward there"]
        return None
    return moment


def said_of(times: Times, before: Times | None) -> dict[str, Any]:
    """What of SlotEdit makes the times of a slot others than ``before``; nothing if they are the same."""
    if before is not None:
        is_same = (times.start, times.end, times.all_day) == (before.start, before.end, before.all_day)
        had_none = before.zone is None and not before.floating  # the viewer's clocks were shown
        if is_same and (had_none or (times.zone, times.floating) == (before.zone, before.floating)):
            return {}
    return {
        "start_date": iso(times.start),
        "end_date": None if times.end is None else iso(times.end),
        "allday": times.all_day,
        "zone": times.zone,
        "floating": times.floating,
    }
