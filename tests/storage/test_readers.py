"""Conditions on ids."""

import pytest

from slotport.storage.readers import near


@pytest.mark.parametrize(
    ("ids", "condition"),
    [
        ([], "IN (NULL)"),
        ([7], "BETWEEN 7 AND 7"),
        ([3, 4, 6], "BETWEEN 3 AND 6"),
        ([3, 8], "IN (3, 8)"),
    ],
)
def test_ids_are_a_range_where_most_numbers_between_are_among_them(ids: list[int], condition: str) -> None:
    assert near(ids) == condition
