"""When schedules are due, against a walk through every minute."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from slotport.core.due import Due, due_between, next_due, period
from slotport.core.export import Schedule

MINUTE = timedelta(minutes=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: a zone and a day close to an odd change of its clocks
CHANGES = [
    ("UTC", datetime(2031, 2, 20, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2031, 3, 28, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2031, 10, 24, tzinfo=UTC)),
    ("Europe/Dublin", datetime(2031, 3, 28, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2031, 4, 3, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2031, 10, 3, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 27, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2026, 2, 13, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2026, 3, 20, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 2, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2031, 2, 26, tzinfo=UTC)),
    ("America/New_York", datetime(2031, 11, 1, tzinfo=UTC)),
]


def part(values: st.SearchStrategy[int], size: int = 4) -> st.SearchStrategy[tuple[int, ...] | None]:
    return st.none() | st.sets(values, min_size=1, max_size=size).map(lambda found: tuple(sorted(found)))


def schedules() -> st.SearchStrategy[Schedule]:
    return st.builds(
        Schedule,
        weekdays=st.none()
        | st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(lambda days: tuple(sorted(days, key=WEEKDAYS.index))),
        days_of_month=part(st.integers(1, 31), 20),
        hours=part(st.sampled_from([0, 1, 2, 3, 4, 12, 23])),
        minutes=part(st.sampled_from([0, 1, 15, 29, 30, 31, 59])),
        timezone=st.none() | st.sampled_from([name for name, _ in CHANGES]),
        missed=st.sampled_from(["once", "skip", "all"]),
    )


def walked(given_schedules: Sequence[Schedule], after: datetime, until: datetime, zone: str) -> list[Due]:
    """What is due, by a look at the clock in every minute."""
    found: dict[datetime, str] = {}
    for schedule in given_schedules:
        clock = ZoneInfo(schedule.timezone or zone)
        now = after - timedelta(days=3)
        latest = now.astimezone(clock).replace(tzinfo=None)
        while now <= until:
            wall = now.astimezone(clock).replace(tzinfo=None)
            while latest < wall:
                latest += MINUTE
                if matches(schedule, latest) and now > after:
                    found[now] = max(found.get(now, "skip"), schedule.missed, key=["skip", "once", "all"].index)
            now += MINUTE
    return [Due(at=moment, missed=found[moment]) for moment in sorted(found)]  # type: ignore[arg-type]


def matches(schedule: Schedule, wall: datetime) -> bool:
    return (
        (schedule.weekdays is None or WEEKDAYS[wall.weekday()] in schedule.weekdays)
        and (schedule.days_of_month is None or wall.day in schedule.days_of_month)
        and wall.hour in (schedule.hours or (4,))
        and wall.minute in (schedule.minutes or (0,))
    )


@settings(max_examples=60, deadline=None)
@example(given_schedules=[Schedule(hours=(10,))], change=CHANGES[6], minutes=0, days=6)
@example(given_schedules=[Schedule(hours=(2,), minutes=(0, 30))], change=CHANGES[1], minutes=0, days=6)
@example(given_schedules=[Schedule(hours=(2,), minutes=(0, 30))], change=CHANGES[2], minutes=0, days=6)
@given(
    given_schedules=st.lists(schedules(), min_size=1, max_size=3),
    change=st.sampled_from(CHANGES),
    minutes=st.integers(0, 2 * 1440),
    days=st.integers(0, 14),
)
def test_the_same_is_due_as_in_a_walk_through_every_minute(
    given_schedules: list[Schedule], change: tuple[str, datetime], minutes: int, days: int
) -> None:
    zone, start = change
    after = start + minutes * MINUTE
    until = after + timedelta(days=days)

    found = due_between(given_schedules, after, until, zone=zone, hour=4, minute=0)

    expected = walked(given_schedules, after, until, zone)
    assert found == expected[:1000]
    first = next_due(given_schedules, after, zone=zone, hour=4, minute=0)
    assert (first is not None and first <= until) == bool(expected)
    assert not expected or first == expected[0].at


def test_nothing_given_means_every_day_at_the_standard_time() -> None:
    after = datetime(2031, 5, 6, 2, 30, tzinfo=UTC)

    found = due_between([Schedule()], after, after + timedelta(days=2), zone="Europe/Berlin", hour=4, minute=30)

    assert [one.at for one in found] == [datetime(2031, 5, day, 2, 30, tzinfo=UTC) for day in (7, 8)]


def test_the_second_wednesday_of_a_month() -> None:
    schedule = Schedule(weekdays=("wednesday",), days_of_month=tuple(range(8, 15)), hours=(7,), minutes=(30,))

    found = due_between(
        [schedule],
        datetime(2031, 1, 1, tzinfo=UTC),
        datetime(2031, 4, 30, tzinfo=UTC),
        zone=ZoneInfo("UTC"),
        hour=4,
        minute=0,
    )

    assert [one.at.day for one in found] == [8, 12, 12, 9]


def test_only_so_many_are_given_oldest_first() -> None:
    often = Schedule(hours=tuple(range(24)), minutes=tuple(range(60)))
    after = datetime(2021, 1, 1, tzinfo=UTC)

    found = due_between([often] * 20, after, datetime(2031, 1, 1, tzinfo=UTC), zone="UTC", hour=4, minute=0, limit=3)

    assert found == [Due(at=after + number * MINUTE, missed="once") for number in (1, 2, 3)]


def test_the_more_eager_policy_counts_where_two_meet() -> None:
    after = datetime(2031, 1, 1, tzinfo=UTC)
    three = [Schedule(missed="skip"), Schedule(missed="all"), Schedule(missed="once")]

    found = due_between(three, after, after + timedelta(days=1), zone="UTC", hour=4, minute=0)

    assert found == [Due(at=after + timedelta(hours=4), missed="all")]


@pytest.mark.parametrize("after", [datetime(9999, 12, 31, 23, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)])
def test_the_ends_of_time_are_no_error(after: datetime) -> None:
    found = due_between([Schedule()], after, after, zone="Pacific/Apia", hour=4, minute=0)

    assert found == []


def test_no_schedule_is_never_due() -> None:
    assert next_due([], datetime(2031, 1, 1, tzinfo=UTC), zone="UTC", hour=4, minute=0) is None


@pytest.mark.parametrize(
    ("schedule", "longest"),
    [
        (Schedule(), timedelta(days=1)),
        (Schedule(hours=(8, 20)), timedelta(hours=12)),
        (Schedule(hours=tuple(range(24)), minutes=(0, 20, 40)), timedelta(minutes=20)),
        (Schedule(weekdays=WEEKDAYS[:5]), timedelta(days=3)),
        (Schedule(weekdays=("friday",), hours=(6, 18)), timedelta(days=6, hours=12)),
        (Schedule(days_of_month=(31,)), timedelta(days=61)),
    ],
)
def test_a_period_is_the_longest_time_from_one_start_to_the_next(schedule: Schedule, longest: timedelta) -> None:
    assert period(schedule, hour=4) == longest
