"""Numbers, flags, texts and dates as the convention interface takes and shows them."""

import re
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.core import convention_input as read
from slotport.errors import Invalid

BERLIN = ZoneInfo("Europe/Berlin")
SHAPE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@pytest.mark.parametrize(("sent", "meant"), [(7, 7), ("7", 7), ("007", 7), (0, 0), (None, None), ("", None)])
def test_an_integer_is_one_or_its_digits(sent: Any, meant: int | None) -> None:
    assert read.integer(sent, "duration") == meant


@pytest.mark.parametrize("sent", [-1, "-1", 1.0, "1.0", "x", "१", " 7", True, [], {}, 2**31, "9" * 21, "9" * 5000])
def test_all_else_is_no_integer(sent: Any) -> None:
    with pytest.raises(Invalid, match=r"^duration must be a whole number"):
        read.integer(sent, "duration")


@pytest.mark.parametrize("sent", [True, 1, "1", "true", "TRUE", "on"])
def test_yes(sent: Any) -> None:
    assert read.flag(sent, "public") is True


@pytest.mark.parametrize("sent", [False, 0, "0", "false", "off", ""])
def test_no(sent: Any) -> None:
    assert read.flag(sent, "public") is False


@pytest.mark.parametrize("sent", [2, -1, "yes", 1.0, [], {}, "ſ"])
def test_neither(sent: Any) -> None:
    with pytest.raises(Invalid, match=r"^public must be true or false"):
        read.flag(sent, "public")


@pytest.mark.parametrize(
    "sent",
    [
        1810290600,
        1810290600.9,
        "1810290600",
        "1810290600.9",
        "2027-05-14T10:30:00Z",
        "2027-05-14T10:30:00.999Z",
        "2027-05-14T12:30:00+02:00",
        "2027-05-14T12:30:00+0200",
        "2027-05-14 12:30:00+02",
        "20270514T123000+0200",
        "2027-05-14T05:30-05:00",
        "2027-05-14T12:30",
        "20270514T1230",
    ],
)
def test_one_instant_in_many_spellings(sent: Any) -> None:
    assert read.moment(sent, BERLIN, "start") == datetime(2027, 5, 14, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("2027-05-14", datetime(2027, 5, 13, 22, tzinfo=UTC)),
        ("2027-03-28T02:30", datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),  # skipped: 03:30 of the summer
        ("2027-10-31T02:30", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),  # doubled: the first
        (253402300799, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (1, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
    ],
)
def test_days_and_clock_changes(sent: Any, meant: datetime) -> None:
    assert read.moment(sent, BERLIN, "start") == meant


@pytest.mark.parametrize(
    "sent",
    [
        *(0, -1, 0.5, 253402300800, 1810290600000, "1810290600000", "0", True, None, "", [], {}, float("inf")),
        *("soon", "2027-05-14T25:00", "2027-02-30", "1e9", "٢٠٢٧-05-14", "2027-05-14T10:30Zzz", "9" * 400, "-1"),
    ],
)
def test_what_names_no_instant(sent: Any) -> None:
    with pytest.raises(Invalid, match=r"^start "):
        read.moment(sent, BERLIN, "start")


@given(sent=ANYTHING)
def test_whatever_is_sent_is_read_or_refused(sent: Any) -> None:
    for reader in (read.integer, read.identifier, read.flag, read.text, read.filled_text, read.day):
        try:
            reader(sent, "name")
        except Invalid as refused:
            assert list(refused.fields) == ["name"]  # noqa: PT017 - either is right
    try:
        assert read.moment(sent, UTC, "name").microsecond == 0
    except Invalid as refused:
        assert list(refused.fields) == ["name"]  # noqa: PT017


@given(
    instant=st.datetimes(timezones=st.just(UTC)),
    zone=st.sampled_from(sorted(available_timezones())).map(ZoneInfo),
)
def test_every_instant_is_shown_in_one_shape_and_read_again(instant: datetime, zone: ZoneInfo) -> None:
    exact = instant.replace(microsecond=0)

    shown = read.shown_moment(exact, zone)

    assert SHAPE.fullmatch(shown)
    assert read.moment(shown, BERLIN, "start") == exact


def test_a_moment_is_shown_with_the_offset_of_then() -> None:
    assert read.shown_moment(datetime(2027, 5, 14, 10, 30, tzinfo=UTC), BERLIN) == "2027-05-14T12:30:00+02:00"
    assert read.shown_moment(datetime(2027, 1, 14, 10, 30, tzinfo=UTC), BERLIN) == "2027-01-14T11:30:00+01:00"
    assert read.shown_moment(datetime(2027, 1, 14, 10, 30, tzinfo=UTC), UTC) == "2027-01-14T10:30:00+00:00"


@pytest.mark.parametrize(
    ("sent", "meant"),
    [("2027-05-14", date(2027, 5, 14)), ("2027-05-14T10:00:00Z", date(2027, 5, 14)), (None, None), ("", None)],
)
def test_a_day(sent: Any, meant: date | None) -> None:
    assert read.day(sent, "start_date") == meant


@pytest.mark.parametrize("sent", ["2027-02-30", "20270514", "14.5.2027", 7, True, [], "2027-05-14x", "x" * 1000])
def test_no_day(sent: Any) -> None:
    with pytest.raises(Invalid, match=r"^start_date must be a date"):
        read.day(sent, "start_date")


@pytest.mark.parametrize("sent", ["", " ", None, "\t"])
def test_a_text_that_must_be_there(sent: Any) -> None:
    with pytest.raises(Invalid, match=r"^title is needed$"):
        read.filled_text(sent, "title")


@pytest.mark.parametrize("sent", ["a\0b", "\ud800"])
def test_a_text_that_no_database_holds(sent: str) -> None:
    with pytest.raises(Invalid, match="cannot be stored"):
        read.text(sent, "title")


def test_a_text_has_an_end() -> None:
    assert read.text("é" * 5, "title", longest=5) == "é" * 5
    with pytest.raises(Invalid, match="at most 5 characters"):
        read.text("é" * 6, "title", longest=5)
