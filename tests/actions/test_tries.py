"""Tries are counted in the store, for all processes together."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from slotport.actions import tries
from slotport.actions.tries import Limit
from slotport.errors import TooManyTries
from slotport.storage import tries as stored
from slotport.storage.instants import milliseconds
from slotport.storage.store import Store
from tests.calendars import NOW

ONE = Limit(name="a", most=3, seconds=60)
MINUTE = timedelta(seconds=60)


def took(store: Store, limits: Sequence[Limit], after: timedelta = timedelta()) -> int:
    """0 if a try was counted, else the seconds until there is one again."""
    try:
        tries.take(store, limits, what="tries", now=NOW + after)
    except TooManyTries as error:
        return error.retry_after_seconds
    return 0


def test_a_window_begins_with_the_first_try_and_ends_all_of_them(store: Store) -> None:
    waits = [took(store, [ONE], timedelta(seconds=10 * number)) for number in range(5)]

    assert waits == [0, 0, 0, 30, 20]
    assert took(store, [ONE], MINUTE) == 0


def test_the_last_try_of_a_name_that_blocks_begins_a_window(store: Store) -> None:
    blocking = Limit(name="a", most=3, seconds=60, blocks=True)

    waits = [took(store, [blocking], timedelta(seconds=20 * number)) for number in range(6)]

    assert waits == [0, 0, 0, 40, 20, 0]


def test_what_is_refused_counts_under_no_name(store: Store) -> None:
    other = Limit(name="b", most=1, seconds=60)
    took(store, [other])

    assert [took(store, [ONE, other]) for _ in range(5)] == [60] * 5
    assert [took(store, [ONE]) for _ in range(4)] == [0, 0, 0, 60]


def test_good_tries_are_taken_off_and_names_forgotten(store: Store) -> None:
    for _ in range(3):
        took(store, [ONE])
    tries.settle(store, good=["a"])
    assert [took(store, [ONE]) for _ in range(2)] == [0, 60]

    tries.settle(store, good=(), forgotten=["a"])
    assert took(store, [ONE]) == 0


def test_looking_counts_nothing(store: Store) -> None:
    for _ in range(5):
        tries.look(store, [ONE], what="tries", now=NOW)
    for _ in range(3):
        took(store, [ONE])

    with pytest.raises(TooManyTries):
        tries.look(store, [ONE], what="tries", now=NOW)


def test_no_limit_counts_nothing(store: Store) -> None:
    assert [took(store, [Limit(name="a", most=0, seconds=60)]) for _ in range(3)] == [0, 0, 0]


@pytest.mark.parametrize("name", ["\x00", "\ud800", "x" * 100_000])
def test_any_name_can_be_counted(store: Store, name: str) -> None:
    assert [took(store, [Limit(name=name, most=1, seconds=9)]) for _ in range(2)] == [0, 9]


def test_what_no_longer_counts_is_removed(store: Store) -> None:
    for number in range(5):
        took(store, [Limit(name=str(number), most=1, seconds=60)])
    later = milliseconds(NOW + MINUTE)
    with store.write() as transaction:
        stored.forget_old(transaction, later)

    with store.read() as transaction:
        assert transaction.connection.exec_driver_sql("SELECT count(*) FROM tries").scalar() == 0
