"""Keys of requests in either spelling, at every level, down to what is data."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from slotport.api.convention.bodies import DATA, folded

NAMES = st.sampled_from(
    ["min_attendees", "notes_to_attendees", "locations", "hosts", "id", "remove_hosts", "weird name"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.text()
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=10
)


def kebab(value: Any) -> Any:
    if isinstance(value, list):
        return [kebab(item) for item in value]
    if isinstance(value, dict):
        return {name.replace("_", "-"): kebab(item) for name, item in value.items()}
    return value


@given(value=VALUES)
def test_both_spellings_are_one(value: Any) -> None:
    assert folded(kebab(value)) == folded(value) == value


@given(name=st.sampled_from(sorted(DATA)), value=st.dictionaries(st.sampled_from(["a-b", "a_b", "tags"]), LEAVES))
def test_data_is_left_as_it_is(name: str, value: Any) -> None:
    assert folded({name.replace("_", "-"): value}) == folded({name: value}) == {name: value}


@given(snake=LEAVES, other=LEAVES, turned=st.booleans())
def test_of_two_spellings_the_snake_counts_unless_it_is_empty(snake: Any, other: Any, turned: bool) -> None:
    pairs = [("min_attendees", snake), ("min-attendees", other)]

    found = folded(dict(reversed(pairs) if turned else pairs))

    assert found == {"min_attendees": other if snake in (None, "") else snake}


def test_the_text_after_by_tag_is_data() -> None:
    assert folded({"by-tag:a-b_c": 1, "by-event": 2}) == {"by_tag:a-b_c": 1, "by_event": 2}
