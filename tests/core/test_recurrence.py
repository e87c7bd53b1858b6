"""A series becomes occurrences; what a rule means is what dateutil says."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from slotport.core.recurrence import Occurrence, find, occurrences, repeats
from slotport.core.rule_times import REQUEST_STEPS, Budget
from slotport.core.slot import Slot

START = datetime(2031, 5, 6, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
YEARS = (datetime(2031, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC))


def slot(rule: str = "", *lines: str, **changed: object) -> Slot:
    values = {"title": "Walk", "start": START, "end": START + HOUR, "uid": "u", "rrule": rule, "icalendar": lines}
    return Slot(**(values | changed))  # type: ignore[arg-type]


def starts(found: list[Occurrence]) -> list[datetime | date]:
    return [one.start for one in found]


RULES = [
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3;COUNT=40",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=1SU",
    "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=YEARLY;BYDAY=20MO",
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
    "FREQ=YEARLY;BYYEARDAY=1,100,-1",
    "FREQ=DAILY;UNTIL=20310601T130000Z",
    "FREQ=HOURLY;INTERVAL=7;COUNT=200",
    "FREQ=DAILY;BYHOUR=9,17",
]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_means_what_it_means_elsewhere(rule: str) -> None:
    expected = [START, *rrulestr(rule, dtstart=START).between(START, YEARS[1])]

    found = starts(occurrences(slot(rule), *YEARS))

    assert found == sorted(set(expected))


@settings(deadline=None)
@given(
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 7),
    st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), max_size=4, unique=True),
    st.one_of(st.none(), st.integers(1, 60)),
    st.integers(0, 1_000),
)
def test_any_rule_of_days_means_what_it_means_elsewhere(
    frequency: str, interval: int, days: list[str], count: int | None, ahead: int
) -> None:
    parts = [f"FREQ={frequency}", f"INTERVAL={interval}"]
    parts += [f"BYDAY={','.join(days)}"] if days else []
    parts += [f"COUNT={count - 1}"] if count and count > 1 else []
    rule = ";".join(parts)
    low = START + timedelta(days=ahead, minutes=1)

    found = starts(occurrences(slot(rule, end=START), low, low + timedelta(days=400)))

    elsewhere = rrulestr(rule, dtstart=START)
    if elsewhere[:1] != [START]:
        return  # the slot's own start counts here and not there
    assert found == [
        one for one in elsewhere.between(low, low + timedelta(days=400)) if one < low + timedelta(days=400)
    ]


def test_a_series_follows_the_clock_of_its_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2031, 3, 28, 9, tzinfo=berlin).astimezone(UTC)
    daily = slot("FREQ=DAILY;COUNT=4", start=start, end=start + HOUR, zone="Europe/Berlin")

    found = starts(occurrences(daily, *YEARS))

    assert [one.astimezone(berlin).hour for one in found if isinstance(one, datetime)] == [9, 9, 9, 9]
    assert [one.hour for one in found if isinstance(one, datetime)] == [8, 8, 7, 7]


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        (("EXDATE:20310507T130000Z",), [6, 8, 9]),
        (("EXDATE;TZID=Europe/Berlin:20310507T150000,20310508T150000",), [6, 9]),
        (("EXDATE;VALUE=DATE:20310508",), [6, 7, 9]),
        (("RDATE:20310520T130000Z",), [6, 7, 8, 9, 20]),
        (("BEGIN:VALARM", "EXDATE:20310507T130000Z", "END:VALARM"), [6, 7, 8, 9]),
        (("EXDATE:nonsense", "RDATE:99999999"), [6, 7, 8, 9]),
    ],
)
def test_dates_are_added_and_left_out(lines: tuple[str, ...], days: list[int]) -> None:
    found = starts(occurrences(slot("FREQ=DAILY;COUNT=4", *lines), *YEARS))

    assert [one.day for one in found] == days


def test_an_override_stands_in_the_place_of_an_occurrence() -> None:
    changed = slot(recurrence_id="20310507T130000Z", start=START + timedelta(days=1, hours=3))
    daily = slot("FREQ=DAILY;COUNT=3")

    assert [one.day for one in starts(occurrences(daily, *YEARS, overrides=[changed]))] == [6, 8]
    assert find(daily, "20310507T130000Z", overrides=[changed]) is None
    assert find(daily, "20310508T130000Z", overrides=[changed]) == Occurrence(
        recurrence_id="20310508T130000Z", start=START + timedelta(days=2), end=START + timedelta(days=2, hours=1)
    )


def test_whole_days_repeat_by_days() -> None:
    birthday = slot("FREQ=YEARLY;COUNT=3", start=date(2031, 5, 6), end=date(2031, 5, 7))

    found = occurrences(birthday, *YEARS)

    assert [(one.recurrence_id, one.start) for one in found] == [
        ("20310506", date(2031, 5, 6)),
        ("20320506", date(2032, 5, 6)),
        ("20330506", date(2033, 5, 6)),
    ]


def test_what_does_not_repeat_is_there_once() -> None:
    assert not repeats(slot())
    assert starts(occurrences(slot(), *YEARS)) == [START]
    assert occurrences(slot(), YEARS[1], YEARS[1] + HOUR) == []


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=DAILY;COUNT=1000000000",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MINUTELY;INTERVAL=99999999",
        "FREQ=SECONDLY;COUNT=999999999",
        "FREQ=DAILY;BYSETPOS=366",
        "nonsense",
        "FREQ=DAILY;INTERVAL=0",
    ],
)
def test_no_rule_costs_more_than_its_budget(rule: str) -> None:
    old = slot(rule, start=datetime(1970, 1, 1, tzinfo=UTC), end=datetime(1970, 1, 1, 1, tzinfo=UTC))
    budget = Budget()
    before = budget.left

    found = occurrences(old, *YEARS, budget=budget)

    assert len(found) <= 5_000
    assert before - budget.left < 300_000


def test_a_daily_rule_of_long_ago_costs_what_one_of_today_does() -> None:
    old, new = Budget(), Budget()
    long_ago = datetime(1970, 1, 1, 13, tzinfo=UTC)
    window = (START, START + timedelta(days=30))

    found = occurrences(slot("FREQ=DAILY", start=long_ago, end=long_ago + HOUR), *window, budget=old)
    occurrences(slot("FREQ=DAILY"), *window, budget=new)

    assert len(found) == 30
    assert new.left - old.left < 50


def test_an_exception_names_a_time_that_clocks_skip() -> None:
    start = datetime(2031, 3, 29, 1, 30, tzinfo=UTC)
    series = slot("FREQ=DAILY;COUNT=3", start=start, end=None, zone="Europe/Berlin")
    found = occurrences(series, *YEARS)
    exception = f"EXDATE:{found[1].recurrence_id}"  # 02:30, which is 03:30 on that day

    left = occurrences(replace(series, icalendar=(exception,)), *YEARS)

    assert [one.recurrence_id for one in found] == ["20310329T013000Z", "20310330T013000Z", "20310331T003000Z"]
    assert left == [found[0], found[2]]


def test_all_rules_of_a_request_share_one_budget() -> None:
    tick = slot("FREQ=MINUTELY", end=None)
    budget = Budget()

    numbers = [
        len(occurrences(tick, datetime(2032, 5, 1, tzinfo=UTC), datetime(2032, 6, 1, tzinfo=UTC), budget=budget))
        for _ in range(50)
    ]

    assert numbers[0] == 3_100  # a hundred a day
    assert (sum(numbers) <= REQUEST_STEPS // 10, numbers[-1], budget.was_cut) == (True, 0, True)
