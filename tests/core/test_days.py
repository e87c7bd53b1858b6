"""The days that slots touch."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.core.days import DAY_MS, offset_minutes, touched
from slotport.errors import Invalid

HOUR = 3_600_000
SLOTS = st.lists(
    st.tuples(st.booleans(), st.integers(-100, 100), st.integers(0, 80)).map(
        lambda slot: (slot[0], slot[1] * HOUR, (slot[1] + slot[2]) * HOUR)
    )
)


def days(slots: list[tuple[bool, int, int]]) -> list[date]:
    """The plain way: an instant touches its day, a span every day that it shares time with."""
    epoch = date(1970, 1, 1).toordinal()
    found = {day for _, start, end in slots for day in range(start // DAY_MS, max(start, end - 1) // DAY_MS + 1)}
    return [date.fromordinal(day + epoch) for day in sorted(found)]


@given(SLOTS, st.integers(0, 12))
def test_each_day_is_listed_once_and_in_order(slots: list[tuple[bool, int, int]], limit: int) -> None:
    in_order = sorted(slots, key=lambda slot: slot[1])

    assert touched(in_order, 1000) == days(slots)
    assert touched(in_order, limit) == days(slots)[:limit]


@pytest.mark.parametrize(
    ("text", "minutes"), [(None, 0), ("+02:00", 120), ("-05:30", -330), ("−01:00", -60), (" 01:00", 60), ("+00:00", 0)]
)
def test_offsets_are_minutes(text: str | None, minutes: int) -> None:
    assert offset_minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "Z", "+2:00", "+0200", "+24:00", "+02:60", "+02:00'; --", "+٠٢:٠٠"])
def test_what_is_no_offset_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        offset_minutes(text)

    assert set(caught.value.fields) == {"timezone"}
