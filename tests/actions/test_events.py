"""What can be asked of events and tag types, on both databases: costs, rights at the last moment, many at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from slotport.actions import events, tags
from slotport.core.account import Account
from slotport.core.convention import Access, Convention, EventStatus
from slotport.errors import Forbidden, Invalid, NotFound, SlotportError
from slotport.storage import accounts, conventions, timeslots
from slotport.storage.store import Store
from tests.calendars import NOW, add_person, counted_statements
from tests.conventions import add_convention
from tests.schedules import NINE, add_event, add_location, add_time_slot, managing

NEW: dict[str, Any] = {"title": "Lantern Making", "teaser": "Paper, glue and light", "duration": 90}


@pytest.fixture
def boss(store: Store) -> Account:
    return add_person(store)


@pytest.fixture
def access(store: Store, boss: Account) -> Access:
    return managing(store, boss)


def visitor(store: Store, convention: Convention, account: Account | None = None) -> Access:
    return Access(convention=convention, account=account or add_person(store))


def test_a_change_costs_no_more_with_many_slots_and_tags(store: Store, access: Access, boss: Account) -> None:
    place = add_location(store, access.convention)
    counts = []
    for size in (2, 20):
        number = add_event(store, access.convention, boss).id
        event = events.read(store, access, number)
        assert event is not None
        for index in range(size):
            add_time_slot(store, access.convention, event, place, start=NINE + timedelta(days=100 * size + index))
        said = {
            "duration": 120, "status": 5, "staff_contact": str(boss.email), "tags": {f"Kind {size}": ["a"] * size},
            "title": "Kites",
        }  # fmt: skip
        with counted_statements(store) as statements:
            events.change(store, access, number, said, now=NOW)
        counts.append(len(statements))
        with store.read() as transaction:
            slots = timeslots.catalog(transaction, access.convention.id, timeslots.Filters(event_id=number))
        assert [slot.duration_minutes for slot in slots] == [120] * size

    assert counts[0] == counts[1]


def test_a_tag_types_change_costs_no_more_with_many_events(store: Store, access: Access, boss: Account) -> None:
    counts = []
    for size in (2, 20):
        title = f"Kind {size}"
        for index in range(size):
            sent = NEW | {"tags": {title: [f"v{index}", "all"]}}
            events.create(store, access, sent, now=NOW)
        replaced = {f"v{index}": f"w{index}" for index in range(size)}
        with counted_statements(store) as statements:
            kind = tags.change(store, access, title, {"replace_values": replaced, "values": ["more"]}, now=NOW)
        counts.append(len(statements))
        assert sorted(kind.values) == sorted({"all", "more", *replaced.values()})

    assert counts[0] == counts[1]


def test_whoever_manages_no_longer_is_refused(store: Store, access: Access, boss: Account) -> None:
    other = add_person(store)
    event = add_event(store, access.convention, other, status=EventStatus.SUBMITTED)
    tags.create(store, access, {"title": "Kind"}, now=NOW)
    with store.write() as transaction:
        conventions.remove_manager(transaction, access.convention.id, boss.id)

    for ask in (
        lambda: events.change(store, access, event.id, {"title": "Kites"}, now=NOW),
        lambda: events.cancel(store, access, event.id, now=NOW),
        lambda: events.create(store, access, NEW | {"tags": {"a": "b"}}, now=NOW),
        lambda: tags.create(store, access, {"title": "Age"}, now=NOW),
        lambda: tags.change(store, access, "Kind", {"values": ["a"]}, now=NOW),
        lambda: tags.remove(store, access, "Kind", {}, now=NOW),
    ):
        with pytest.raises(Forbidden):
            ask()

    assert events.read(store, Access(convention=access.convention, is_signed=True), event.id) == event


def test_a_closed_account_suggests_and_changes_nothing(store: Store, access: Access) -> None:
    guest = visitor(store, access.convention)
    number = events.create(store, guest, NEW, now=NOW)
    assert guest.account is not None
    with store.write() as transaction:
        accounts.remove(transaction, guest.account.id, NOW)

    for ask in (
        lambda: events.create(store, guest, NEW, now=NOW),
        lambda: events.change(store, guest, number, {"title": "Kites"}, now=NOW),
    ):
        with pytest.raises(Forbidden):
            ask()

    event = events.read(store, access, number)
    assert event is not None
    assert (event.title, event.owner.id, event.owner.is_gone) == ("Lantern Making", guest.account.id, True)


def test_an_unknown_event_is_not_found_and_not_changed(store: Store, access: Access) -> None:
    elsewhere = add_event(store, add_convention(store), add_person(store))

    for number in (0, -1, 10**30, elsewhere.id):
        with pytest.raises(NotFound):
            events.read(store, access, number)
        with pytest.raises(Invalid):
            events.change(store, access, number, {"title": "a"}, now=NOW)
        events.cancel(store, access, number, now=NOW)


def test_many_who_tag_at_once_make_each_type_and_value_once(store: Store, access: Access) -> None:
    numbers = [events.create(store, access, NEW, now=NOW) for _ in range(8)]

    def tag(number: int) -> str | None:
        try:
            events.change(store, access, number, {"tags": {"Kind": "talk", "For": ["kids", str(number)]}}, now=NOW)
            tags.create(store, access, {"title": "Age", "values": ["young", "YOUNG"]}, now=NOW)
        except SlotportError as error:
            return str(error)
        return None

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(tag, numbers)) == [None] * 8

    kinds = tags.listed(store, access)
    assert [(kind.title, set(kind.values)) for kind in kinds] == [
        ("Age", {"young"}),
        ("For", {"kids", *map(str, numbers)}),
        ("Kind", {"talk"}),
    ]
    assert all(len(event.tags) == 2 for event in events.listed(store, access))
