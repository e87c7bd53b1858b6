"""A day of a programme as a table: a column for each location, time downwards.

A row begins wherever something begins or ends, and at each full hour; where nothing goes on for more than an hour, that
is one row. So there are never more than twice as many rows as time slots, and those of the hours.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from msgspec import Struct

from slotport.core.convention import Location, TimeSlot
from slotport.core.when import moved, on_clocks

MOST_LANES = 4  #: cells beside one another in a location; what overlaps more than that shares them
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
APART = timedelta(minutes=15)  #: times at the side, at least
STEP, BREAK_MINUTES = timedelta(minutes=5), 30  #: of the heights of rows


class Column(Struct, frozen=True, kw_only=True):
    """A location that something is in."""

    location: Location | None  #: None: what has no location
    lanes: int  #: columns of the table that it takes


class Cell(Struct, frozen=True, kw_only=True, gc=False):
    """What goes on in a location, or that nothing does."""

    slots: tuple[TimeSlot, ...] = ()  #: by start
    rows: int
    lanes: int


class Row(Struct, frozen=True, kw_only=True):
    """Some time of the day."""

    start: datetime
    height_minutes: int  #: 5, 10, … 60
    is_line: bool  #: a full hour begins, or a break
    is_break: bool  #: nothing goes on, for more than an hour
    time_rows: int  #: how many rows its time at the side is for; 0: an earlier one is for this row too
    cells: tuple[Cell, ...]  #: that begin here


class Timetable(Struct, frozen=True, kw_only=True):
    """A day."""

    columns: tuple[Column, ...]  #: by title; what has no location comes last
    rows: tuple[Row, ...]


class Block(Struct):
    """Time slots that share a cell."""

    start: datetime
    end: datetime
    slots: list[TimeSlot]


class Clock(Struct, frozen=True, kw_only=True):
    """When rows begin."""

    times: list[datetime]  #: one more than there are rows: the end
    row_of: dict[datetime, int]  #: the other way round
    lines: list[int]  #: rows


Cluster = list[list[Block]]  #: what overlaps in one location: lanes, each with its blocks by start


def timetable(slots: Sequence[TimeSlot], *, day_end: datetime, zone: tzinfo, only: str = "") -> Timetable:
    """The time slots, which come by start and begin before the day's end: each once in every location that it has.

    What goes on longer is shown until the day's end. ``zone``: whose full hours count. ``only``: slug of a location
    that they all have; the others get no column.
    """
    blocks = [_block(slot, day_end) for slot in slots]
    clock = _clock(blocks, zone)
    cells: list[list[Cell]] = [[] for _ in clock.times[1:]]
    columns = []
    for location, held in _by_location(blocks, only):
        clusters = _clusters(held)
        lanes = max(map(len, clusters))
        columns.append(Column(location=location, lanes=lanes))
        for row, cell in _cells(clusters, lanes, clock):
            cells[row].append(cell)
    return Timetable(columns=tuple(columns), rows=tuple(_rows(clock, {slot.start for slot in slots}, cells)))


def _block(slot: TimeSlot, day_end: datetime) -> Block:
    return Block(slot.start, max(min(slot.end, day_end), slot.start + MINUTE), [slot])


# When rows begin


def _clock(blocks: Sequence[Block], zone: tzinfo) -> Clock:
    stretches = list(_stretches(blocks))
    hours = {hour for start, end in stretches for hour in _hours(start, end, zone)}
    bounds = {bound for block in blocks for bound in (block.start, block.end)}
    times = sorted(hours | bounds)
    lines = hours.union(*stretches)
    return Clock(
        times=times,
        row_of={time: row for row, time in enumerate(times)},
        lines=[row for row, time in enumerate(times) if time in lines],
    )


def _stretches(blocks: Iterable[Block]) -> Iterator[tuple[datetime, datetime]]:
    """From when until when something goes on, with breaks of an hour at most."""
    found: list[list[datetime]] = []
    for block in blocks:
        if found and block.start - found[-1][1] <= HOUR:
            found[-1][1] = max(found[-1][1], block.end)
        else:
            found.append([block.start, block.end])
    yield from ((start, end) for start, end in found)


def _hours(start: datetime, end: datetime, zone: tzinfo) -> Iterator[datetime]:
    """The full hours of the zone's clock after the start and before the end, and where it is changed by less."""
    time = moved(start, _to_full_hour(start, zone))
    while time < end:
        yield time
        time = moved(time, _to_full_hour(time, zone))


def _to_full_hour(time: datetime, zone: tzinfo) -> timedelta:
    clock = on_clocks(time, zone)
    return HOUR - timedelta(minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)


def _rows(clock: Clock, starts: set[datetime], cells: Sequence[Sequence[Cell]]) -> Iterator[Row]:
    labelled = _labelled(clock, starts)
    rows_of = {row: after - row for row, after in pairwise([*labelled, len(cells)])}
    lines = set(clock.lines)
    for row, (start, end) in enumerate(pairwise(clock.times)):
        yield Row(
            start=start,
            height_minutes=BREAK_MINUTES if end - start > HOUR else -((start - end) // STEP) * 5,
            is_line=row in lines,
            is_break=end - start > HOUR,
            time_rows=rows_of.get(row, 0),
            cells=tuple(cells[row]),
        )


def _labelled(clock: Clock, starts: set[datetime]) -> list[int]:
    """The rows with a time at their side: all lines, and of those that something begins in what there is room for."""
    found = [0]
    lines = [clock.times[row] for row in clock.lines]
    for row, time in enumerate(clock.times[1:-1], start=1):
        ahead = bisect_left(lines, time)
        is_line = ahead < len(lines) and lines[ahead] == time
        has_room = ahead == len(lines) or lines[ahead] - time >= APART
        if is_line or (time in starts and has_room and time - clock.times[found[-1]] >= APART):
            found.append(row)
    return found


# What is in them


def _by_location(blocks: Iterable[Block], only: str) -> list[tuple[Location | None, list[Block]]]:
    """What is in each location, by start; locations by title, and at last what has none."""
    held: dict[int, tuple[Location | None, list[Block]]] = {}
    for block in blocks:
        places = tuple(place for place in block.slots[0].locations if only in ("", place.slug))
        for location in places or (None,):
            _, found = held.setdefault(location.id if location else 0, (location, []))
            found.append(Block(block.start, block.end, [*block.slots]))
    return sorted(held.values(), key=lambda each: (each[0] is None, each[0] and (each[0].title, each[0].id)))


def _clusters(blocks: Iterable[Block]) -> list[Cluster]:
    """What overlaps, in as few lanes as possible, up to the most that there are."""
    found: list[Cluster] = []
    end = None
    for block in blocks:
        if end is None or block.start >= end:
            found.append([])
            end = block.end
        end = max(end, block.end)
        _put(found[-1], block)
    return found


def _put(cluster: Cluster, block: Block) -> None:
    """Put it into the first lane that is free, else a new one, else to what ends first and is fewest."""
    free = next((lane for lane in cluster if lane[-1].end <= block.start), None)
    if free is not None:
        free.append(block)
    elif len(cluster) < MOST_LANES:
        cluster.append([block])
    else:
        shared = min((lane[-1] for lane in cluster), key=lambda one: (one.end, len(one.slots)))
        shared.slots += block.slots
        shared.end = max(shared.end, block.end)


def _cells(clusters: Sequence[Cluster], lanes: int, clock: Clock) -> Iterator[tuple[int, Cell]]:
    """The cells of a location, each with the row that it begins in; those of a row from left to right."""
    at = 0
    for cluster in clusters:
        begins = clock.row_of[cluster[0][0].start]
        ends = max(clock.row_of[lane[-1].end] for lane in cluster)
        yield from _free(at, begins, lanes, clock)
        for number, lane in enumerate(cluster):
            width = (number + 1) * lanes // len(cluster) - number * lanes // len(cluster)
            yield from _lane(begins, ends, lane, width, clock)
        at = ends
    yield from _free(at, len(clock.times) - 1, lanes, clock)


def _lane(begins: int, ends: int, blocks: Iterable[Block], lanes: int, clock: Clock) -> Iterator[tuple[int, Cell]]:
    at = begins
    for block in blocks:
        row, after = clock.row_of[block.start], clock.row_of[block.end]
        yield from _free(at, row, lanes, clock)
        yield row, Cell(slots=tuple(block.slots), rows=after - row, lanes=lanes)
        at = after
    yield from _free(at, ends, lanes, clock)


def _free(begins: int, ends: int, lanes: int, clock: Clock) -> Iterator[tuple[int, Cell]]:
    """Cells in which nothing is, a new one at each line."""
    cuts = clock.lines[bisect_right(clock.lines, begins) : bisect_left(clock.lines, ends)]
    for row, after in pairwise([begins, *cuts, ends]):
        if row < after:
            yield row, Cell(rows=after - row, lanes=lanes)
