from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.core.when import instant, iso, moved, on_clocks, shown, zone

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
INSTANTS = st.integers(-62135510400, 253402214400).map(
    lambda seconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, milliseconds=seconds % 1000)
)


@pytest.mark.parametrize(
    "text",
    [
        "2031-05-06T12:00:00.000Z",
        "2031-05-06T12:00:00Z",
        "2031-05-06T12:00Z",
        "2031-05-06T12Z",
        "2031-05-06T12",
        "2031-05-06 12:00:00",
        "2031-05-06 12:00:00 +0000",
        "  2031-05-06t12:00:00z ",
        "2031-05-06T14:00:00+02:00",
        "2031-05-06T14:00:00+0200",
        "2031-05-06T14:00:00.0009+02",
        "2031-05-06T07:30:00-04:30",
        "2031-05-06T07:30:00−04:30",
        "2031-05-07T11:59:00+23:59",
        "20310506T120000Z",
        "20310506T1200",
        "20310506T120000,000Z",
        "2031-W19-2T12:00:00.000Z",
        "2031W192T12",
        "2031-126T12:00",
        "2031126T12",
        "2031-05-06T12:00:00.000999Z",
    ],
)
def test_every_form_of_iso_8601_names_its_instant(text: str) -> None:
    assert instant(text) == NOON


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2031-05-06", datetime(2031, 5, 6, tzinfo=UTC)),
        ("20310506", datetime(2031, 5, 6, tzinfo=UTC)),
        ("2031-05-06T24:00", datetime(2031, 5, 7, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2031-05-06T12:30.5", datetime(2031, 5, 6, 12, 30, 30, tzinfo=UTC)),
        ("2031-05-06T12.25Z", datetime(2031, 5, 6, 12, 15, tzinfo=UTC)),
        ("2031-05-06T12:00:00.1239Z", datetime(2031, 5, 6, 12, 0, 0, 123000, tzinfo=UTC)),
        ("0001-01-01T00:00:00.000Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999Z", datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)),
        ("2032-366", datetime(2032, 12, 31, tzinfo=UTC)),
    ],
)
def test_less_usual_forms_name_their_instant(text: str, expected: datetime) -> None:
    assert instant(text) == expected
    assert instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2031",
        "2031-05",
        "2031-5-6",
        "05/06/2031",
        "2031-05-06T",
        "2031-05-06Z",
        "2031-0506",
        "2031-05-06T1:00",
        "2031-05-06T12:0000",
        "2031-05-06T12:00:00+2",
        "2031-05-06X12:00",
        "２０３１-05-06",
        "1" * 5000,
        "2031-05-06T12:00:00 UTC",
        "+2031-05-06",
        "2031-05-06T12:00:00.Z",
        "2031-05-06\n12:00",
    ],
)
def test_other_text_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r'^"[^"]*" is not an ISO 8601 date and time$'):
        instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "2031-02-29",
        "2031-13-01",
        "2031-00-01",
        "0000-01-01",
        "2031-366",
        "2031-000",
        "2031-W53-1",
        "2031-05-06T25:00",
        "2031-05-06T24:00:01",
        "2031-05-06T12:60",
        "2031-05-06T12:00:61",
        "2031-05-06T12:00+24:00",
        "2031-05-06T12:00+01:60",
        "2031-02-30T12:00:00.000Z",
        "0001-01-01T00:00+01:00",
        "9999-12-31T23:59-01:00",
        "9999-12-31T24:00",
    ],
)
def test_dates_and_times_that_do_not_exist_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no date and time that exists in the years 1 to 9999$"):
        instant(text)


@given(moment=INSTANTS)
def test_an_instant_comes_back_from_its_text(moment: datetime) -> None:
    assert instant(iso(moment)) == moment


@given(text=st.text(max_size=40))
def test_any_text_is_an_instant_or_a_value_error(text: str) -> None:
    try:
        moment = instant(text)
    except ValueError:
        return
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2019, 9, 12, 17, 44, 2, tzinfo=UTC), "2019-09-12T17:44:02.000Z"),
        (datetime(7, 9, 12, 17, 44, 2, 9999, tzinfo=UTC), "0007-09-12T17:44:02.009Z"),
        (datetime(2019, 9, 12, 17, 44, 2, tzinfo=timezone(timedelta(hours=2))), "2019-09-12T15:44:02.000Z"),
        (datetime(2019, 9, 12, tzinfo=timezone(timedelta(seconds=1))), "2019-09-11T23:59:59.000Z"),
    ],
)
def test_an_instant_is_written_in_utc_with_milliseconds(moment: datetime, text: str) -> None:
    assert iso(moment) == text


def test_a_zone_is_found_by_its_iana_name() -> None:
    assert zone("Europe/Berlin").key == "Europe/Berlin"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Olympus",
        "Europe",
        "../../etc/passwd",
        "/etc/localtime",
        "localtime",
        "a\0b",
        "x" * 5000,
        "\ud800",
    ],
)
def test_other_names_are_no_zone(name: str) -> None:
    with pytest.raises(ValueError, match=r"is not the IANA name of a time zone$"):
        zone(name)


def test_a_wrong_value_is_shown_short_and_on_one_line() -> None:
    assert shown("a\nb\ud800") == '"a?b?"'
    assert shown("x" * 41) == f'"{"x" * 40}..."'
    assert shown(12) == '"12"'


def test_nothing_moves_out_of_the_years_that_there_are() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    day = timedelta(days=1)

    assert [moved(NOON, day), moved(first, -day), moved(last, day)] == [NOON + day, first, last]
    assert on_clocks(NOON, timezone(day / 2)).hour == 0
    assert (on_clocks(first, zone("Pacific/Pago_Pago")), on_clocks(last, zone("Pacific/Kiritimati"))) == (first, last)
