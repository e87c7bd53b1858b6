"""Slugs made from titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.core.slugs import SLUG_LENGTH, free_slug, is_number, slug_of


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Pier Room", "pier-room"),
        ("  Table #1 / Ground floor!  ", "table-1-ground-floor"),
        ("Großer Saal", "großer-saal"),
        ("חדר 1", "חדר-1"),
        ("कमरा दो", "कमरा-दो"),
        ("Cafe\u0301", "café"),
        ("Room ❤️ 2", "room-2"),
        ("snake_case", "snake-case"),
        ("!!!", ""),
        ("", ""),
    ],
)
def test_a_slug_is_made_of_letters_and_digits(title: str, slug: str) -> None:
    assert slug_of(title) == slug


@given(title=st.text(max_size=300))
def test_every_slug_is_its_own_slug(title: str) -> None:
    slug = slug_of(title)

    assert slug_of(slug) == slug
    assert len(slug) <= SLUG_LENGTH
    assert "--" not in slug
    assert slug == slug.strip("-")


def test_a_taken_slug_gets_the_next_number() -> None:
    assert free_slug("pier", set()) == "pier"
    assert free_slug("pier", {"pier", "pier-2", "pier-4"}) == "pier-3"
    assert len(free_slug("x" * SLUG_LENGTH, {"x" * SLUG_LENGTH})) == SLUG_LENGTH


def test_digits_of_any_script_are_a_number() -> None:
    assert [is_number(slug) for slug in ("2027", "٢٠٢٧", "con-2027", "")] == [True, True, False, False]
