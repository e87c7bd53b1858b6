"""Lists of slots as actions, on both databases: how many statements they take, and what they raise."""

from uuid import uuid4

import pytest

from slotport.actions import lists
from slotport.core.paging import Mode, Request
from slotport.core.slot import Slot, Visibility
from slotport.errors import Forbidden, Invalid, NotFound
from slotport.storage.store import Store
from tests.calendars import HOUR, NOW, add_group, add_person, add_slot, add_slots, counted_statements


def timed(uid: str, hours: int) -> Slot:
    return Slot(title="a", start=NOW + hours * HOUR, end=NOW + hours * HOUR, uid=uid)


@pytest.mark.parametrize("mode", Mode)
def test_a_page_costs_the_same_whatever_is_in_the_calendars(store: Store, mode: Mode) -> None:
    ada, bob = add_person(store), add_person(store)
    groups = [add_group(store, ada, bob, shown=True), add_group(store, ada, bob, public=True, shown=True)]
    numbers = []
    for count in (3, 60):
        fresh = [timed(f"{count}-{n}", n - count // 2) for n in range(count)]
        add_slots(store, ada, fresh, *groups)
        with counted_statements(store) as statements:
            for listing in (lists.own_slots(bob), lists.schedule(bob), lists.library(bob)):
                lists.page(store, listing, bob, Request(mode=mode.value, limit="60"), now=NOW)
        numbers.append(len(statements))

    assert numbers[0] == numbers[1] <= 60


def test_wrong_requests_and_missing_things_are_said_so(store: Store) -> None:
    ada, bob = add_person(store), add_person(store)
    secret = add_group(store, ada)

    with pytest.raises(Invalid):
        lists.page(store, lists.own_slots(ada), ada, Request(limit="0"), now=NOW)
    with pytest.raises(NotFound):
        next(lists.every(store, lists.created_by(10**9, ada), ada))
    with pytest.raises(NotFound):
        next(lists.every(store, lists.of_group(ada, uuid4()), ada))
    with pytest.raises(Forbidden):
        lists.page(store, lists.of_group(bob, secret.uuid), bob, Request(limit="1"), now=NOW)


def test_a_stream_sees_one_moment(store: Store) -> None:
    ada = add_person(store)
    before = add_slots(store, ada, [Slot(title="a", start=NOW, uid=str(n)) for n in range(lists.BATCH + 1)])

    batches = lists.every(store, lists.library(ada), ada)
    first = next(batches)
    add_slot(store, ada, start=NOW + HOUR)
    rest = [entry for batch in batches for entry in batch]

    assert [entry.id for entry in [*first, *rest]] == before


def test_counts_of_a_group_are_those_its_reader_may_see(store: Store) -> None:
    ada, bob = add_person(store), add_person(store)
    club = add_group(store, ada, public=True)
    add_slot(store, ada, club, start=NOW)
    add_slot(store, ada, club, start=NOW - HOUR, end=NOW, visibility=Visibility.PUBLIC)

    counts = [lists.in_group(store, reader, club.uuid, now=NOW) for reader in (ada, bob)]

    assert [(found.slot_count, found.upcoming_count) for found in counts] == [(2, 1), (1, 0)]
