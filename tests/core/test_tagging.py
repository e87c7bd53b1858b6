"""What an event's tags become, and what becomes of a type's values, for random requests."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.core.convention import Requirement, Tags, TagType
from slotport.core.tag_type_input import replaced
from slotport.core.tagging import retagged, said_tags
from slotport.errors import Invalid

VALUES = ["a", "b", "c", "A", "straße", "STRASSE"]
KINDS = [TagType(id=n, title=f"t{n}", requirement=requirement) for n, requirement in enumerate(Requirement)]
several = st.lists(st.sampled_from(VALUES), min_size=1, max_size=4)
titles = st.sampled_from([kind.title for kind in KINDS] + ["new"])
said = st.dictionaries(titles, st.sampled_from(VALUES) | several.map(tuple), max_size=4)
held = st.dictionaries(titles.filter(lambda title: title != "new"), several, max_size=3)


def keys(values: Any) -> list[str]:
    return [value.casefold() for value in values]


def tags_of(values: dict[str, list[str]]) -> list[Tags]:
    found = []
    for kind in KINDS:
        texts = list({value.casefold(): value for value in values.get(kind.title, [])}.values())
        texts = texts[:1] if kind.requirement is Requirement.ONE else texts
        if texts:
            found.append(Tags(title=kind.title, requirement=kind.requirement, public=True, values=tuple(texts)))
    return found


@given(before=held.map(tags_of), added=said, removed=said)
def test_tags_hold_what_their_types_require(before: list[Tags], added: dict[str, Any], removed: dict[str, Any]) -> None:
    requirements = {kind.title: kind.requirement for kind in KINDS}

    try:
        result = retagged(KINDS, before, added, removed)
    except Invalid:
        return

    had = {tag.title: tag.values for tag in before}
    now = had | result.values
    requirements |= result.requirements
    for title, values in now.items():
        assert len(set(keys(values))) == len(values)
        assert len(values) == 1 or requirements[title] is not Requirement.ONE
        assert values or requirements[title] is Requirement.ANY
        gone = set(keys([removed[title]] if isinstance(removed.get(title), str) else removed.get(title, ())))
        assert not gone & set(keys(values))
    for title, given_values in added.items():
        wanted = set(keys([given_values] if isinstance(given_values, str) else given_values))
        left = wanted - set(keys([removed[title]] if isinstance(removed.get(title), str) else removed.get(title, ())))
        assert left <= set(keys(now.get(title, ())))
    assert all(values != had.get(title, ()) for title, values in result.values.items())
    assert set(result.requirements) <= {"new"}


@given(pairs=st.lists(st.tuples(st.sampled_from(VALUES), st.sampled_from(VALUES)), max_size=6), values=several)
def test_replacing_values_at_once_is_replacing_one_after_the_other(
    pairs: list[tuple[str, str]], values: list[str]
) -> None:
    there = tuple({value.casefold(): value for value in values}.values())
    asked = tuple((old, new) for old, new in pairs if old.casefold() != new.casefold())
    stands_for = {value: value.casefold() for value in there}  # what becomes of each, step by step
    now = dict.fromkeys(keys(there))
    for old, new in asked:
        if old.casefold() in now:
            del now[old.casefold()]
            now[new.casefold()] = None
            stands_for = {value: new.casefold() if key == old.casefold() else key for value, key in stands_for.items()}

    result = replaced(there, asked)

    assert set(keys(result.values)) == set(now)
    assert {value: result.pairs.get(value, value).casefold() for value in there} == stands_for


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_any_json_is_tags_or_refused(value: Any) -> None:
    try:
        found = said_tags(value, "tags")
    except Invalid:
        return
    for title, texts in found.items():
        assert title == title.strip() != ""
        assert texts
        assert isinstance(texts, str) or all(text.strip() for text in texts)


def test_a_value_that_comes_back_is_replaced_by_nothing() -> None:
    assert replaced(("a",), (("a", "b"), ("b", "a"))).pairs == {}


@pytest.mark.parametrize("sent", ["a", 7, True, ["a"], {"a": 7}, {"a": {"b": "c"}}, {" ": "a"}])
def test_what_are_no_tags_is_refused(sent: Any) -> None:
    with pytest.raises(Invalid):
        said_tags(sent, "tags")
