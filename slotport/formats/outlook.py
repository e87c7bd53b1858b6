"""Outlook CSV (docs/formats/outlook.md): a header, then one record a slot; LF, instants in UTC.

A reader takes the header rows of other programs too, by the names of their columns (formats/csv_columns.py).
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from operator import itemgetter
from zoneinfo import ZoneInfo

from slotport.core.slot import PLACE_LENGTH, Outcome, Place, Problem, Slot, collapsed, short_title
from slotport.core.when import shown, zone
from slotport.formats.checks import Wrong, check_count, no_start, no_title, recurrence_id, zone_name
from slotport.formats.csv_columns import HEADER, header, separator_line
from slotport.formats.csv_records import Records
from slotport.formats.csv_times import Days, OrderWanted, Times, order_of, truth
from slotport.formats.options import DateOrder, ReadOptions, WriteOptions
from slotport.formats.pieces import pieces

MEDIA_TYPE = "text/csv"
#: Slot fields that write, then read, gives back. Of a place only the name is kept, and a blank cell says nothing.
KEEPS = frozenset({"uid", "title", "start", "end", "recurrence_id", "description"})

_GUARDED = re.compile(r"'+[=+\-@\t\r]")
SUSPECT = frozenset("'=+-@\t\r")  #: a cell that begins so may need an apostrophe before it
_DAY = timedelta(days=1)
_NO_TIME = timedelta()


def fits(head: bytes) -> bool:
    """Whether the first record names the columns of a title and of a start date; so does a list of tasks."""
    lines = re.split(r"\r\n|\r|\n", head.decode(errors="replace"))
    first = next((line for line in lines if line and not line.isspace() and not separator_line(line)), "")
    return header(first) is not None


def read(chunks: Iterable[bytes], options: ReadOptions) -> Iterator[Slot | Problem]:
    """Yield in file order each record's slot, or the Problem (line, uid, code, sentence) that it has.

    Before the first slash date, where their order is only a default, comes the NOTE ``ambiguous_dates``. The
    chunks are walked a second time only if there are slash dates and ``options`` do not say their order.
    Raises FormatError, naming the line, where nothing after it can be read; BadText for what is not UTF-8.
    """
    order = options.date_order
    done = problems = 0
    while True:
        records = Records(chunks)
        slot_of = _Reader(records, order)
        line, row = 0, [""]
        for line, row in islice(records, done, None):
            try:
                found: Slot | Problem | None = slot_of(line, row)
            except Wrong as wrong:
                found = _problem(wrong, line, slot_of.identity(row)) if any(map(str.strip, row)) else None
                problems += 1
                check_count("outlook", line, problems)
            except OrderWanted:
                break
            done += 1
            if found is not None:
                yield found
        else:
            return
        cells = chain.from_iterable(map(slot_of.dates, chain([row], (row for _, row in records))))
        order, is_default = order_of(cells, records.columns.default_order)
        if is_default:
            yield _ambiguous(order, line)


def date_order(chunks: Iterable[bytes]) -> tuple[DateOrder, bool]:
    """The order in which ``read`` takes slash dates, and whether every one of them fits the other order too.

    Raises as ``read`` does.
    """
    records = Records(chunks)
    dates = _Reader(records, None).dates
    return order_of(chain.from_iterable(dates(row) for _, row in records), records.columns.default_order)


def write(slots: Iterable[Slot], options: WriteOptions) -> Iterator[bytes]:
    """Yield the file in pieces: the header line, then a line a slot.

    Times are UTC, or with ``options.zone`` the wall clock of that zone; a record whose time that clock shows twice
    stays in UTC. Raises ValueError for a zone that there is not.
    """
    name = zone_name(options.zone) if options.zone else None
    return pieces(_lines(slots, zone(name) if name else None))


class _Reader:
    """Makes the slot of a row."""

    def __init__(self, records: Records, order: DateOrder | None) -> None:
        self.records = records
        self.is_own = records.columns.is_own
        self.days = Days(order)
        self.times = Times()
        self.cells = itemgetter(*records.columns.places)
        self.dates = itemgetter(records.columns.places[1], records.columns.places[3])

    def identity(self, row: list[str]) -> tuple[str, str]:
        """Find the uid and the title of a row."""
        cells = self.cells(row)
        uid, title = cells[8], cells[0]
        return (_bare(uid), short_title(_bare(title))) if self.is_own else (uid, short_title(title))

    def __call__(self, line: int, row: list[str]) -> Slot:
        """Make the slot; raise Wrong."""
        title, start_date, start_time, end_date, end_time, all_day, location, description, uid, recurrence, timezone = (
            self.cells(row)
        )
        if self.records.has_nul and "\0" in "".join(self.cells(row)):
            raise Wrong("bad_character", "The record has a NUL character.")
        if self.is_own:
            title, location, description, uid = _bare(title), _bare(location), _bare(description), _bare(uid)
            recurrence = _bare(recurrence)
        elif description:
            description = "" if description.isspace() else description.replace("\r\n", "\n").replace("\r", "\n")
        title = short_title(title)
        if not title:
            raise no_title()
        if not start_date or start_date.isspace():
            raise no_start()
        name = zone_name(timezone) if timezone else None
        start: datetime | date
        end: datetime | date | None
        if all_day and truth(all_day):
            start, end = self._whole_days(start_date, end_date, end_time)
            name = None
        else:
            start, end = self._span(start_date, start_time, end_date, end_time, name)
        return Slot(
            title=title,
            start=start,
            end=end,
            uid=uid if uid and not uid.isspace() else None,
            recurrence_id=recurrence_id(recurrence) if recurrence else "",
            zone=name,
            description=description or None,
            place=_place(location, is_own=self.is_own) if location else None,
            line=line,
        )

    def _span(
        self, start_date: str, start_time: str, end_date: str, end_time: str, name: str | None
    ) -> tuple[datetime, datetime | None]:
        try:
            start = self.days[start_date] + self.times[start_time]
            end = self.days[end_date] + self.times[end_time] if end_date and not end_date.isspace() else None
            if name:
                clock = zone(name)
                start = start.replace(tzinfo=clock).astimezone(UTC)
                end = end.replace(tzinfo=clock).astimezone(UTC) if end else None
        except OverflowError as cause:
            raise Wrong("bad_date", "The record reaches beyond the years 1 to 9999.") from cause
        if end is not None and end < start:
            raise _end_before_start(f"{end_date} {end_time}", f"{start_date} {start_time}")
        return start, end

    def _whole_days(self, start_date: str, end_date: str, end_time: str) -> tuple[date, date | None]:
        """Read the first day and the day after the last: the end is inclusive unless it is 00:00 of a later day."""
        first = self.days[start_date]
        if not end_date or end_date.isspace():
            return first.date(), None
        last, time = self.days[end_date], self.times[end_time]
        if last < first:
            raise _end_before_start(end_date, start_date)
        is_exclusive = last > first and not time and end_time and not end_time.isspace()
        try:
            return first.date(), (last if is_exclusive else last + _DAY).date()
        except OverflowError as cause:
            raise Wrong("bad_date", "The last day of the slot is the last one there is.") from cause


def _end_before_start(end: str, start: str) -> Wrong:
    return Wrong("end_before_start", f"The end {shown(end.strip())} is before the start {shown(start.strip())}.")


def _bare(cell: str) -> str:
    """Take off the apostrophe that keeps a spreadsheet from reading a formula."""
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell


def _place(location: str, *, is_own: bool) -> Place | None:
    name = location if is_own else collapsed(location)[:PLACE_LENGTH].rstrip()
    return Place(name=name) if name else None


def _problem(wrong: Wrong, line: int, identity: tuple[str, str]) -> Problem:
    uid, title = identity
    return Problem(
        code=wrong.code,
        message=wrong.message,
        outcome=wrong.outcome,
        line=line,
        uid=uid or None,
        title=title or None,
    )


def _ambiguous(order: DateOrder, line: int) -> Problem:
    said = "the day" if order == "dmy" else "the month"
    return Problem(
        code="ambiguous_dates",
        message=f"Every date fits day-first and month-first; {said} was taken to be first. date_order says it.",
        outcome=Outcome.NOTE,
        line=line,
    )


def _lines(slots: Iterable[Slot], clock: ZoneInfo | None) -> Iterator[str]:
    """Yield the lines, each with its end."""
    yield ",".join(HEADER) + "\n"
    line: list[str] = []
    # a line end of CR LF has the writer quote cells with either; _Sink keeps the line without it
    writer = csv.writer(_Sink(line), lineterminator="\r\n")
    for slot in slots:
        cells = _cells(slot, clock)
        if _needs_quotes("".join(cells)):
            writer.writerow(cells)
            yield line.pop()[:-2] + "\n"
        else:
            yield ",".join(cells) + "\n"


class _Sink:
    """What the csv writer takes for a file."""

    def __init__(self, lines: list[str]) -> None:
        self.write = lines.append


def _cells(slot: Slot, clock: ZoneInfo | None) -> tuple[str, ...]:
    start, end = slot.start, slot.end
    name = ""
    if isinstance(start, datetime):
        if clock is not None and not slot.floating and (shown := _on(clock, start, end)):
            start, end = shown
            name = clock.key
        start_date, start_time = _split(start)
        end_date, end_time = _split(end) if isinstance(end, datetime) else ("", "")
        all_day = "FALSE"
    else:
        start_date, start_time = start.isoformat(), "00:00"
        end_date, end_time = ("", "") if end is None else (end.isoformat(), "00:00")
        all_day = "TRUE"
    place = slot.place
    return (
        guarded(slot.title),
        start_date,
        start_time,
        end_date,
        end_time,
        all_day,
        "Timeslot",
        "",
        guarded(place.name) if place and place.name else "",
        guarded(slot.description) if slot.description else "",
        guarded(slot.uid) if slot.uid else "",
        slot.recurrence_id,
        name,
    )


def guarded(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would read as a formula, and before what looks guarded."""
    if cell[:1] not in SUSPECT:
        return cell
    return "'" + cell if cell[:1] != "'" or _GUARDED.match(cell) else cell


def _split(moment: datetime) -> tuple[str, str]:
    """Split a time on a clock into date and time; seconds and milliseconds stand only where there are any."""
    date_text, time_text = _DATES[moment.toordinal()], _MINUTES[moment.hour * 60 + moment.minute]
    if moment.second or moment.microsecond:
        thousandths = moment.microsecond // 1000
        time_text = (
            f"{time_text}:{moment.second:02}.{thousandths:03}" if thousandths else f"{time_text}:{moment.second:02}"
        )
    return date_text, time_text


class _Dates(dict[int, str]):
    """YYYY-MM-DD by the number of the day; as many as some decades have are remembered."""

    def __missing__(self, ordinal: int) -> str:
        if len(self) >= 20_000:
            self.clear()
        text = self[ordinal] = date.fromordinal(ordinal).isoformat()
        return text


_DATES = _Dates()
_MINUTES = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(24 * 60)]
_needs_quotes = re.compile(r'[",\r\n]').search


def _on(clock: ZoneInfo, start: datetime, end: datetime | date | None) -> tuple[datetime, datetime | None] | None:
    """Read both instants off the clock, unless it shows one of them for the second time."""
    try:
        first = start.astimezone(clock)
        last = end.astimezone(clock) if isinstance(end, datetime) else None
    except OverflowError:
        return None
    return None if first.fold or (last is not None and last.fold) else (first, last)
