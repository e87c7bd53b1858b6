"""A day as a table: every time slot once in each of its locations, and a table without holes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.core.convention import Event, Location, Person, TimeSlot
from slotport.core.programme import day_of, end_of
from slotport.core.timetable import HOUR, MOST_LANES, Cell, Timetable, timetable
from tests.strategies import ZONES, near_instants

NOON = datetime(2031, 6, 7, 12, tzinfo=UTC)
DAY_END = NOON + timedelta(hours=16)
CELLAR, ATTIC, BRIDGE = (
    Location(id=number, guid=UUID(int=number), title=title, slug=title)
    for number, title in enumerate(("Cellar", "Attic", "Bridge"), 1)
)
EVENT = Event(
    id=1,
    convention_id=1,
    owner=Person(id=1, guid=UUID(int=1), name="Mira"),
    title="Lanterns",
    teaser="",
    duration_minutes=60,
    created_at=NOON,
    updated_at=NOON,
)


def slot(number: int, minutes: float, length: int, *places: Location) -> TimeSlot:
    """A time slot that begins so many minutes after noon."""
    start = NOON + timedelta(minutes=minutes)
    return TimeSlot(
        id=number, guid=UUID(int=number), event=EVENT, start=start, duration_minutes=length, locations=places
    )


def table_of(*slots: TimeSlot, zone: str = "UTC") -> Timetable:
    return timetable(slots, day_end=DAY_END, zone=ZoneInfo(zone))


def end(one: TimeSlot) -> datetime:
    """Until when it is shown."""
    return min(one.end, DAY_END)


def laid_out(table: Timetable) -> list[tuple[int, int, Cell]]:
    """Each cell with its row and column, where a browser lays it out (HTML, 4.9.12.1); none overlaps, and no hole."""
    width = sum(column.lanes for column in table.columns)
    taken = [[False] * width for _ in table.rows]
    found = []
    for number, row in enumerate(table.rows):
        for cell in row.cells:
            left = taken[number].index(False)
            for line in taken[number : number + cell.rows]:
                assert line[left : left + cell.lanes] == [False] * cell.lanes
                line[left : left + cell.lanes] = [True] * cell.lanes
            found.append((number, left, cell))
    assert taken == [[True] * width for _ in table.rows]
    return found


def by_column(table: Timetable) -> Iterator[tuple[Location | None, list[tuple[int, Cell]]]]:
    """Each location, and its cells with their rows."""
    cells, begin = laid_out(table), 0
    for column in table.columns:
        lanes = range(begin, begin + column.lanes)
        assert all(left + cell.lanes <= lanes.stop for _, left, cell in cells if left in lanes)
        yield column.location, [(row, cell) for row, left, cell in cells if left in lanes]
        begin = lanes.stop


def times(table: Timetable, zone: str = "UTC") -> list[str]:
    """The times at the side."""
    assert sum(row.time_rows for row in table.rows) == len(table.rows)
    return [f"{row.start.astimezone(ZoneInfo(zone)):%H:%M}" for row in table.rows if row.time_rows]


@st.composite
def days(draw: st.DrawFn) -> list[TimeSlot]:
    """Time slots of a day, by start."""
    starts = st.one_of(st.integers(0, 191).map(lambda five: five * 5.0), st.integers(0, 57_540).map(lambda s: s / 60))
    lengths = st.one_of(st.sampled_from((15, 30, 60)), st.integers(1, 2000))
    places = st.lists(st.sampled_from((ATTIC, BRIDGE, CELLAR)), max_size=3, unique=True)
    drawn = draw(st.lists(st.tuples(starts, lengths, places), min_size=1, max_size=25))
    return [slot(number, *rest, *held) for number, (*rest, held) in enumerate(sorted(drawn, key=lambda each: each[0]))]


@given(slots=days(), zone=st.sampled_from(ZONES))
def test_every_time_slot_stands_once_in_each_location_and_beside_its_times(
    slots: Sequence[TimeSlot], zone: str
) -> None:
    table = table_of(*slots, zone=zone)
    bounds = [*(row.start for row in table.rows), max(map(end, slots))]

    assert [column.location for column in table.columns] == [
        *(place for place in (ATTIC, BRIDGE, CELLAR) if any(place in one.locations for one in slots)),
        *[None for _ in slots if any(not one.locations for one in slots)][:1],
    ]
    for place, cells in by_column(table):
        held = [one.id for one in slots if (place in one.locations if place else not one.locations)]
        assert Counter(one.id for _, cell in cells for one in cell.slots) == Counter(held)
        for row, cell in cells:
            if cell.slots:
                assert bounds[row] == cell.slots[0].start
                assert bounds[row + cell.rows] == max(map(end, cell.slots))


@given(slots=days(), zone=st.sampled_from(ZONES))
def test_rows_are_as_high_as_they_are_long_and_there_are_not_many(slots: Sequence[TimeSlot], zone: str) -> None:
    table = table_of(*slots, zone=zone)
    bounds = [*(row.start for row in table.rows), max(map(end, slots))]
    lengths = [after - before for before, after in pairwise(bounds)]

    assert [row.is_break for row in table.rows] == [length > HOUR for length in lengths]
    for row, length in zip(table.rows, lengths, strict=True):
        if row.is_break:
            assert not [one for one in slots if one.start <= row.start < end(one)]
        else:
            assert timedelta(0) <= timedelta(minutes=row.height_minutes) - length < timedelta(minutes=5)
    placed = sum(len(one.locations) or 1 for one in slots)
    lanes = sum(column.lanes for column in table.columns)
    lines = sum(row.is_line for row in table.rows)
    assert lines <= 2 * 17 + 2
    assert len(table.rows) <= 2 * len(slots) + lines
    assert sum(len(row.cells) for row in table.rows) <= 2 * placed + lanes * (lines + 1)
    assert max(column.lanes for column in table.columns) <= MOST_LANES


def test_rows_begin_at_full_hours_and_where_something_begins_or_ends() -> None:
    table = table_of(slot(1, 0, 90, ATTIC), slot(2, 100, 30, ATTIC), slot(3, 130, 5, ATTIC))

    assert [f"{row.start:%H:%M}" for row in table.rows] == ["12:00", "13:00", "13:30", "13:40", "14:00", "14:10"]
    assert [row.height_minutes for row in table.rows] == [60, 30, 10, 20, 10, 5]
    assert [row.is_line for row in table.rows] == [True, True, False, False, True, False]
    assert times(table) == ["12:00", "13:00", "13:40", "14:00"]


def test_a_break_of_more_than_an_hour_is_one_row() -> None:
    table = table_of(slot(1, 30, 30, ATTIC), slot(2, 120, 30, ATTIC), slot(3, 215, 30, ATTIC))

    assert [(f"{row.start:%H:%M}", row.is_break) for row in table.rows] == [
        ("12:30", False),
        ("13:00", False),  # an hour is not that long
        ("14:00", False),
        ("14:30", True),
        ("15:35", False),
        ("16:00", False),
    ]
    assert times(table) == ["12:30", "13:00", "14:00", "14:30", "15:35", "16:00"]


def test_what_overlaps_stands_side_by_side_and_what_does_not_takes_the_room() -> None:
    table = table_of(slot(1, 0, 60, ATTIC), slot(2, 30, 60, ATTIC), slot(3, 60, 30, ATTIC), slot(4, 90, 30, ATTIC))
    found = [(left, cell.lanes, [one.id for one in cell.slots]) for _, left, cell in laid_out(table) if cell.slots]

    assert found == [(0, 1, [1]), (1, 1, [2]), (0, 1, [3]), (0, 2, [4])]


def test_what_there_is_no_lane_for_shares_a_cell() -> None:
    table = table_of(*(slot(number, 0, 60, ATTIC) for number in range(10)), slot(10, 20, 100, ATTIC))
    found = [(cell.rows, [one.id for one in cell.slots]) for _, _, cell in laid_out(table) if cell.slots]

    assert [column.lanes for column in table.columns] == [MOST_LANES]
    assert found == [(2, [0, 4, 8]), (2, [1, 5, 9]), (3, [2, 6, 10]), (2, [3, 7])]


@pytest.mark.parametrize(
    ("zone", "start", "length", "wanted"),
    [
        ("Europe/Berlin", datetime(2031, 10, 25, 23, tzinfo=UTC), 210, ["01:00", "02:00", "02:00", "03:00"]),
        ("Europe/Berlin", datetime(2031, 3, 30, 0, tzinfo=UTC), 120, ["01:00", "03:00"]),
        ("Asia/Kolkata", datetime(2031, 6, 7, 9, tzinfo=UTC), 90, ["14:30", "15:00"]),
        ("Australia/Lord_Howe", datetime(2031, 4, 5, 14, tzinfo=UTC), 130, ["01:00", "01:30", "02:00"]),
    ],
)
def test_hours_are_those_of_the_zones_clock(zone: str, start: datetime, length: int, wanted: list[str]) -> None:
    alone = slot(1, (start - NOON) / timedelta(minutes=1), length, ATTIC)

    assert times(timetable([alone], day_end=alone.end, zone=ZoneInfo(zone)), zone) == wanted


@given(start=near_instants, zone=st.sampled_from(ZONES).map(ZoneInfo))
def test_a_day_of_the_programme_ends_where_the_next_one_begins(start: datetime, zone: ZoneInfo) -> None:
    day = day_of(start, zone)

    assert start < end_of(day, zone)
    assert day_of(end_of(day, zone), zone) > day


def test_the_last_day_of_all_is_shown() -> None:
    last = datetime(9999, 12, 31, 22, 30, tzinfo=UTC)
    alone = slot(1, (last - NOON) / timedelta(minutes=1), 80, ATTIC)
    day_end = datetime.max.replace(tzinfo=UTC)

    assert times(timetable([alone], day_end=day_end, zone=ZoneInfo("UTC"))) == ["22:30", "23:00"]
    assert times(timetable([alone], day_end=day_end, zone=ZoneInfo("America/New_York"))) == ["22:30", "23:00"]


def test_of_a_location_that_is_asked_for_only_its_column_is_there() -> None:
    slots = [slot(1, 0, 60, ATTIC, BRIDGE), slot(2, 60, 60, BRIDGE)]
    table = timetable(slots, day_end=DAY_END, zone=ZoneInfo("UTC"), only=BRIDGE.slug)

    assert [column.location for column in table.columns] == [BRIDGE]
    assert [[one.id for one in cell.slots] for _, _, cell in laid_out(table)] == [[1], [2]]


def test_the_last_day_of_all_has_an_end() -> None:
    assert end_of(date.max, ZoneInfo("Europe/Berlin")) == datetime.max.replace(tzinfo=UTC)
