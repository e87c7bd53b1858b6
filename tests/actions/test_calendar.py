"""What a calendar shows of some days, and what it changes: slots, series, and single dates of series."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from slotport.actions import calendar, files, series
from slotport.actions.calendar import Item
from slotport.actions.files import WriteOptions
from slotport.actions.series import Move, Part
from slotport.core.account import Account
from slotport.core.slot import Slot, Visibility
from slotport.errors import Invalid, NotFound
from slotport.storage import slots as storage
from slotport.storage.store import Store
from tests.calendars import HOUR, NOW, add_group, add_person, add_slots, counted_statements

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = date(2031, 5, 5), date(2031, 5, 12)
START = datetime(2031, 5, 6, 13, tzinfo=UTC)


def made(**values: Any) -> Slot:
    return Slot(**({"title": "Walk", "start": START, "end": START + HOUR, "uid": str(uuid4())} | values))


def week(store: Store, person: Account, zone: ZoneInfo = BERLIN, **options: Any) -> Sequence[Item]:
    return calendar.shown(store, person, *WEEK, zone, **options).items


def walls(items: Sequence[Item]) -> list[str]:
    return [f"{item.title} {item.start.isoformat()}" for item in items]


def exported(store: Store, person: Account) -> str:
    file = files.export_file(store, person, "ical", group=None, options=WriteOptions())
    return b"".join(file.pieces).decode().replace("\r\n ", "")


def test_slots_are_shown_in_the_viewers_zone_whole_days_first(store: Store) -> None:
    person = add_person(store)
    group = add_group(store, person)
    add_slots(store, person, [made(title="Late", start=datetime(2031, 5, 6, 23, tzinfo=UTC), end=None)], group)
    add_slots(store, person, [made(title="Fair", start=date(2031, 5, 7), end=date(2031, 5, 9))])
    add_slots(store, person, [made(title="Alarm", floating=True)])
    add_slots(store, person, [made(title="Next week", start=datetime(2031, 5, 12, 1, tzinfo=UTC))])

    items = week(store, person)

    assert walls(items) == ["Alarm 2031-05-06T13:00:00", "Fair 2031-05-07", "Late 2031-05-07T01:00:00"]
    assert [(item.end and item.end.isoformat(), item.group) for item in items] == [
        ("2031-05-06T14:00:00", None),
        ("2031-05-09", None),
        (None, group.uuid),
    ]


def test_what_others_share_is_shown_and_what_they_keep_is_not(store: Store) -> None:
    mine, other = add_person(store), add_person(store)
    shared = add_group(store, other, mine)
    rule = "FREQ=DAILY;COUNT=2"
    add_slots(store, other, [made(title="Ours", rrule=rule), made(title="Also ours")], shared)
    add_slots(store, other, [made(title="Theirs", rrule=rule), made(title="Also theirs")])

    items = week(store, mine)

    assert [item.title for item in items] == ["Also ours", "Ours", "Ours"]
    assert not any(item.is_own for item in items)
    assert week(store, mine, without={shared.uuid}) == ()


def test_the_number_of_statements_does_not_depend_on_that_of_slots(store: Store) -> None:
    counts = []
    for number in (3, 120):
        person = add_person(store)
        group = add_group(store, person)
        add_slots(store, person, [made(rrule="FREQ=DAILY" if n % 3 else "") for n in range(number)], group)
        with counted_statements(store) as statements:
            week(store, person)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_a_day_gives_so_many_and_counts_the_rest(store: Store) -> None:
    person = add_person(store)
    add_slots(store, person, [made(title=f"Walk {n:02}") for n in range(30)])

    found = calendar.shown(store, person, *WEEK, BERLIN, most_a_day=8)

    assert [item.title for item in found.items] == [f"Walk {n:02}" for n in range(8)]
    assert found.more == {date(2031, 5, 6): 22}


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        (Move(days=1), "2031-05-07T15:00:00", "2031-05-07T16:00:00"),
        (Move(seconds=-5400), "2031-05-06T13:30:00", "2031-05-06T14:30:00"),
        (Move(seconds=1800, part=Part.END), "2031-05-06T15:00:00", "2031-05-06T16:30:00"),
        (Move(seconds=-1800, part=Part.START), "2031-05-06T14:30:00", "2031-05-06T16:00:00"),
    ],
)
def test_a_slot_is_moved_and_resized(store: Store, asked: Move, start: str, end: str) -> None:
    person = add_person(store)
    [number] = add_slots(store, person, [made(zone="Europe/Berlin")])

    series.move(store, person, number, "", asked, zone=BERLIN, with_all=False, now=NOW)

    [item] = week(store, person)
    assert (item.start.isoformat(), item.end and item.end.isoformat()) == (start, end)
    assert "DTSTART;TZID=Europe/Berlin:" in exported(store, person)


def test_a_slot_keeps_its_wall_time_when_moved_over_a_change_of_clocks(store: Store) -> None:
    person = add_person(store)
    [number] = add_slots(store, person, [made(start=datetime(2031, 3, 29, 8, tzinfo=UTC), end=None)])

    series.move(store, person, number, "", Move(days=1), zone=BERLIN, with_all=False, now=NOW)

    [item] = calendar.shown(store, person, date(2031, 3, 30), date(2031, 3, 31), BERLIN).items
    assert item.start == datetime(2031, 3, 30, 9)  # noqa: DTZ001  # wall time


@pytest.mark.parametrize(
    ("slot", "asked", "field"),
    [
        (made(start=datetime(2031, 3, 29, 1, 30, tzinfo=UTC), end=None), Move(days=1), "start"),  # 02:30 is skipped
        (made(), Move(seconds=-7200, part=Part.END), "end"),
        (made(end=None), Move(seconds=600, part=Part.END), "end"),
        (made(start=date(2031, 5, 6), end=date(2031, 5, 7)), Move(seconds=600), "start"),
        (made(), Move(days=99_999), "start"),
        (made(start=datetime(9999, 12, 31, tzinfo=UTC), end=None), Move(days=2), "start"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_moves(store: Store, slot: Slot, asked: Move, field: str) -> None:
    person = add_person(store)
    [number] = add_slots(store, person, [slot])
    before = exported(store, person)

    with pytest.raises(Invalid) as refused:
        series.move(store, person, number, "", asked, zone=BERLIN, with_all=False, now=NOW)

    assert list(refused.value.fields) == [field]
    assert exported(store, person) == before


def test_nobody_moves_or_deletes_the_slot_of_another(store: Store) -> None:
    mine, other = add_person(store), add_person(store)
    [number] = add_slots(store, other, [made(rrule="FREQ=DAILY")], add_group(store, other, mine))

    with pytest.raises(NotFound):
        series.move(store, mine, number, "", Move(days=1), zone=BERLIN, with_all=False, now=NOW)
    with pytest.raises(NotFound):
        series.remove(store, mine, number, now=NOW)
    with pytest.raises(NotFound):
        series.exclude(store, mine, number, "20310506T130000Z", now=NOW)


def test_one_date_of_a_series_is_moved_alone(store: Store) -> None:
    person = add_person(store)
    group = add_group(store, person)
    [number] = add_slots(store, person, [made(rrule="FREQ=DAILY;COUNT=3", uid="s")], group)
    second = "20310507T130000Z"

    done = series.move(store, person, number, second, Move(seconds=3600), zone=BERLIN, with_all=False, now=NOW)

    items = week(store, person)
    assert walls(items) == ["Walk 2031-05-06T15:00:00", "Walk 2031-05-07T16:00:00", "Walk 2031-05-08T15:00:00"]
    assert (items[1].slot_id, items[1].group, items[1].repeats) == (done.slot_id, group.uuid, True)
    text = exported(store, person)
    assert text.count("UID:s\r\n") == 2
    assert f"RECURRENCE-ID:{second}\r\n" in text
    assert text.count("RRULE:") == 1
    with pytest.raises(NotFound):
        series.move(store, person, number, "20320101T000000Z", Move(days=1), zone=BERLIN, with_all=False, now=NOW)


def test_who_has_a_series_in_the_own_schedule_has_its_moved_dates_too(store: Store) -> None:
    mine, other = add_person(store), add_person(store)
    shared = {"visibility": Visibility.PUBLIC, "rrule": "FREQ=DAILY;COUNT=2"}
    [number] = add_slots(store, other, [made(**shared)])
    with store.write() as transaction:
        storage.put_into_schedule(transaction, number, mine.id)

    series.move(store, other, number, "20310507T130000Z", Move(seconds=60), zone=BERLIN, with_all=False, now=NOW)

    assert walls(week(store, mine)) == ["Walk 2031-05-06T15:00:00", "Walk 2031-05-07T15:01:00"]


def test_all_dates_of_a_series_move_with_their_exceptions(store: Store) -> None:
    person = add_person(store)
    lines = ("EXDATE:20310507T130000Z",)
    [number] = add_slots(store, person, [made(rrule="FREQ=DAILY;COUNT=5", uid="s", icalendar=lines)])
    series.move(store, person, number, "20310508T130000Z", Move(seconds=600), zone=BERLIN, with_all=False, now=NOW)

    done = series.move(
        store, person, number, "20310509T130000Z", Move(seconds=3600), zone=BERLIN, with_all=True, now=NOW
    )

    assert done.recurrence_id == "20310509T140000Z"
    assert [item.start.isoformat()[8:16] for item in week(store, person)] == [
        "06T16:00",
        "08T15:10",
        "09T16:00",
        "10T16:00",
    ]


def test_a_series_of_fixed_weekdays_does_not_move_to_other_days(store: Store) -> None:
    person = add_person(store)
    [number] = add_slots(store, person, [made(rrule="FREQ=WEEKLY;BYDAY=TU")])

    with pytest.raises(Invalid, match="fixed days"):
        series.move(store, person, number, "20310506T130000Z", Move(days=1), zone=BERLIN, with_all=True, now=NOW)


def test_one_date_is_left_out_for_good(store: Store) -> None:
    person = add_person(store)
    [number] = add_slots(store, person, [made(rrule="FREQ=DAILY;COUNT=3", uid="s")])
    series.exclude(store, person, number, "20310507T130000Z", now=NOW)
    other = series.override(store, person, number, "20310508T130000Z", now=NOW)
    series.remove(store, person, other, now=NOW)

    assert [item.day.day for item in week(store, person)] == [6]
    text = exported(store, person)
    assert "EXDATE:20310507T130000Z\r\nEXDATE:20310508T130000Z\r\n" in text
    with pytest.raises(NotFound):
        series.exclude(store, person, number, "20310507T130000Z", now=NOW)


def test_a_series_goes_with_what_stands_for_its_dates(store: Store) -> None:
    person = add_person(store)
    [number] = add_slots(store, person, [made(rrule="FREQ=DAILY;COUNT=3")])
    first = series.override(store, person, number, "20310507T130000Z", now=NOW)

    assert series.override(store, person, number, "20310507T130000Z", now=NOW) == first
    series.remove(store, person, number, now=NOW)

    assert week(store, person) == ()


def test_a_series_of_many_changed_dates_is_moved_and_deleted_at_once(store: Store) -> None:
    counts = []
    for number in (3, 60):
        person = add_person(store)
        group = add_group(store, person)
        rule = f"FREQ=DAILY;COUNT={number}"
        dates = [START + timedelta(days=n) for n in range(number)]
        others = [made(uid="s", start=one, end=None, recurrence_id=f"{one:%Y%m%dT%H%M%SZ}") for one in dates]
        master, *_ = add_slots(store, person, [made(uid="s", rrule=rule), *others], group)
        with counted_statements(store) as statements:
            times = Move(days=1)
            series.move(store, person, master, "20310506T130000Z", times, zone=BERLIN, with_all=True, now=NOW)
            series.remove(store, person, master, now=NOW)
        counts.append(len(statements))
        assert week(store, person) == ()

    assert counts[0] == counts[1]


def test_a_calendar_of_many_slots_shows_what_fits_and_says_so(store: Store) -> None:
    person = add_person(store)
    add_slots(store, person, [made(start=START + timedelta(seconds=n)) for n in range(3_100)])

    found = calendar.shown(store, person, *WEEK, BERLIN)

    assert (len(found.items), found.is_cut) == (3_000, True)
