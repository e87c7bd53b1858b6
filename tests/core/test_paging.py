"""Requests for pages of slots, and cursors."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.core.paging import (
    Bounds,
    Mode,
    Position,
    Query,
    Request,
    Scan,
    cursor,
    read_cursor,
    understood,
)
from slotport.errors import Invalid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = datetime(2031, 5, 6, 13, 44, 2, tzinfo=UTC)
DAWN = datetime(2031, 5, 6, tzinfo=UTC)
NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)
INSTANTS = st.integers(-62_135_596_800_000, 253_402_300_799_999)


@given(st.builds(Position, INSTANTS, INSTANTS, st.integers(1, 2**63 - 2)))
def test_a_cursor_reads_back_and_needs_no_quoting(position: Position) -> None:
    text = cursor(position)

    assert read_cursor(text) == position
    assert text.replace("-", "").replace("_", "").isalnum()


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_other_text_is_refused_or_a_position_within_bounds(text: str) -> None:
    try:
        found = read_cursor(text)
    except ValueError:
        return
    assert max(abs(found.start), abs(found.end), found.id) < 2**63


@pytest.mark.parametrize(
    "position",
    [Position(10**15, 0, 1), Position(0, -(10**15), 1), Position(0, 0, 2**63), Position(0, 0, -2)],
)
def test_a_cursor_to_nowhere_is_refused(position: Position) -> None:
    with pytest.raises(ValueError, match="is not a cursor"):
        read_cursor(cursor(position))


def test_nothing_said_is_the_first_forty_of_all() -> None:
    assert Request().is_paged is False
    assert understood(Request(), NOW) == Query(limit=40, mode=Mode.ALL, moment=NOW)


@pytest.mark.parametrize(("text", "limit"), [("1", 1), (" 7 ", 7), ("100", 100), ("101", 100), ("9" * 30, 100)])
def test_the_limit_is_at_most_a_hundred(text: str, limit: int) -> None:
    assert understood(Request(limit=text), NOW).limit == limit


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (Request(limit="0"), {"limit"}),
        (Request(limit="-1"), {"limit"}),
        (Request(limit="1.5"), {"limit"}),
        (Request(limit=""), {"limit"}),
        (Request(limit="٣"), {"limit"}),
        (Request(mode="soon"), {"mode"}),
        (Request(mode=""), {"mode"}),
        (Request(moment="yesterday"), {"moment"}),
        (Request(filter="all"), {"filter"}),
        (Request(filter="between"), {"earliest", "latest"}),
        (Request(filter="between", earliest="2031-05-06"), {"latest"}),
        (Request(filter="between", earliest="2031-05-06", latest="2031-05-05"), {"latest"}),
        (Request(before="x"), {"before"}),
        (Request(after=""), {"after"}),
        (Request(after=cursor(Position(0, 0, 1)), before=cursor(Position(0, 0, 1))), {"before"}),
        (Request(mode="x", limit="x"), {"mode", "limit"}),
    ],
)
def test_each_wrong_parameter_is_named(request_: Request, fields: set[str]) -> None:
    with pytest.raises(Invalid) as caught:
        understood(request_, NOW)

    assert set(caught.value.fields) == fields


def test_between_begins_with_what_goes_on_at_its_start() -> None:
    query = understood(Request(filter="between", earliest="2031-05-06", latest="2031-05-06T12:00Z"), NOW)

    assert query == Query(limit=40, mode=Mode.NOW, moment=DAWN, earliest=DAWN, latest=NOON)


def test_a_cursor_takes_the_place_of_mode_and_moment() -> None:
    query = understood(Request(mode="past", moment="2031-05-06", after=cursor(Position(1, 2, 3))), NOW)

    assert query == Query(limit=40, mode=None, moment=None, after=Position(1, 2, 3))
    assert query.scans == [Scan(bounds=Bounds(), limit=40, after=Position(1, 2, 3))]


def test_a_plus_that_became_a_blank_is_a_plus() -> None:
    assert understood(Request(moment="2031-05-06T14:00:00 02:00"), NOW).moment == NOON


def test_around_is_half_before_and_half_after() -> None:
    scans = understood(Request(mode="around", limit="5"), NOW).scans

    assert [(scan.limit, scan.backward) for scan in scans] == [(2, True), (3, False)]


@given(
    st.sampled_from(Mode),
    st.integers(-5, 5),
    st.integers(-5, 5),
    st.integers(0, 5),
)
def test_modes_choose_by_start_and_end(mode: Mode, moment: int, start: int, length: int) -> None:
    end = start + length
    query = Query(limit=10, mode=mode, moment=EPOCH + timedelta(milliseconds=moment))
    wanted = {
        Mode.PAST: start < moment,
        Mode.UPCOMING: start >= moment,
        Mode.ONGOING: start <= moment <= end,
        Mode.FINISHED: end <= moment,
        Mode.NOW: start <= moment <= end or start >= moment,
        Mode.AROUND: True,
        Mode.ALL: True,
    }[mode]

    assert any(scan.bounds.hold(Position(start, end, 1)) for scan in query.scans) is wanted
