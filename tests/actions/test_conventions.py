"""What people and the command line can ask for of conventions, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from slotport.actions import accounts as account_actions
from slotport.actions import conventions, events, locations, managers, people, timeslots
from slotport.actions.account_fields import Fields
from slotport.core.account import Account
from slotport.core.convention import Access, Convention, Role, TimeSlot
from slotport.errors import Conflict, Forbidden, Invalid, NotFound, SlotportError
from slotport.settings import Settings
from slotport.storage import accounts
from slotport.storage import conventions as stored
from slotport.storage import people as stored_people
from slotport.storage.store import Store
from tests.calendars import HOUR, NOW, add_person, counted_statements
from tests.conventions import add_convention


def access_of(convention: Convention, account: Account) -> Access:
    return Access(convention=convention, account=account, is_manager=True)


def at_once(*calls: Callable[[], Any]) -> list[str]:
    """Which kinds of result the calls had, all made at the same time."""

    def run(call: Callable[[], Any]) -> str:
        try:
            call()
        except SlotportError as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


def test_of_many_who_found_the_same_convention_one_does(store: Store) -> None:
    founders, title = [add_person(store) for _ in range(6)], f"Harbour {uuid4()}"

    done = at_once(
        *(lambda who=who: conventions.found(store, who, {"title": title}, now=NOW) for who in founders)  # type: ignore[misc]
    )

    assert done == ["Invalid"] * 5 + ["done"]


def test_of_many_who_make_the_same_location_one_does(store: Store) -> None:
    boss = add_person(store)
    access, fields = access_of(add_convention(store, boss), boss), {"title": "Pier", "max_attendees": 5}

    done = at_once(*[lambda: locations.create(store, access, fields, now=NOW)] * 6)

    assert done == ["Conflict"] * 5 + ["done"]
    assert len(locations.listed(store, access)) == 1


def test_many_who_add_the_same_user_get_the_same_account(store: Store) -> None:
    boss = add_person(store)
    access = access_of(add_convention(store, boss), boss)
    fields = {"name": "Al", "email": f"{uuid4().hex}@example.org"}

    done = at_once(*[lambda: people.add(store, access, fields, now=NOW)] * 6)

    assert done == ["done"] * 6
    assert [person.name for person in people.listed(store, access)] == [boss.username, "Al"]


def test_each_change_is_noted_on_the_convention(store: Store) -> None:
    boss = add_person(store)
    convention = conventions.found(store, boss, {"title": f"Harbour {uuid4()}"}, now=NOW)
    access, seen = access_of(convention, boss), [convention.change]

    for change in (
        lambda: conventions.change(store, access, {"series": "S"}, now=NOW + HOUR),
        lambda: locations.create(store, access, {"title": "Pier", "max_attendees": 5}, now=NOW + HOUR),
        lambda: locations.change(store, access, "pier", {"area": "Quay"}, now=NOW + HOUR),
        lambda: locations.remove(store, access, "pier", now=NOW + HOUR),
    ):
        change()
        with store.read() as transaction:
            now = stored.find(transaction, convention.id)
        assert now is not None
        assert now.changed_at == NOW + HOUR
        seen.append(now.change)

    assert seen == sorted(set(seen))


def test_what_changes_nothing_is_no_change(store: Store) -> None:
    boss = add_person(store)
    access = access_of(conventions.found(store, boss, {"title": f"Harbour {uuid4()}"}, now=NOW), boss)
    locations.create(store, access, {"title": "Pier", "max_attendees": 5}, now=NOW)
    with store.read() as transaction:
        before = stored.find(transaction, access.convention.id)

    conventions.change(store, access, {"series": "", "settings": {}}, now=NOW + HOUR)
    locations.change(store, access, "pier", {"title": "Pier", "max_attendees": "5"}, now=NOW + HOUR)
    locations.remove(store, access, "none", now=NOW + HOUR)

    with store.read() as transaction:
        assert stored.find(transaction, access.convention.id) == before


def test_who_was_dismissed_or_deleted_meanwhile_changes_nothing(store: Store) -> None:
    boss, second, third = add_person(store), add_person(store), add_person(store)
    convention = add_convention(store, boss, second, third)
    managers.dismiss(store, access_of(convention, boss), str(second.id))
    with store.write() as transaction:
        accounts.remove(transaction, third.id, NOW)

    for gone in (second, third):
        access = access_of(convention, gone)
        with pytest.raises(Forbidden):
            conventions.change(store, access, {"series": "S"}, now=NOW)
        with pytest.raises(Forbidden):
            locations.create(store, access, {"title": "Pier", "max_attendees": 5}, now=NOW)
        with pytest.raises(Forbidden):
            managers.appoint(store, access, {"email": boss.email}, now=NOW)
        with pytest.raises(Forbidden):
            people.add(store, access, {"name": "Al", "email": "al@example.org"}, now=NOW)
    with pytest.raises(Forbidden):
        conventions.found(store, third, {"title": f"Harbour {uuid4()}"}, now=NOW)


def test_the_command_line_appoints_a_manager(store: Store) -> None:
    boss, ann = add_person(store), add_person(store)
    convention = add_convention(store, boss)
    with store.write() as transaction:
        accounts.remove(transaction, boss.id, NOW)

    first = conventions.appoint(store, convention.slug, (ann.email or "").upper(), role=Role.CASHIER, now=NOW)
    again = conventions.appoint(store, str(convention.id), ann.email or "", role=Role.MANAGER, now=NOW)

    assert [(found.id, who.id, is_new) for found, who, is_new in (first, again)] == [
        (convention.id, ann.id, True),
        (convention.id, ann.id, False),
    ]
    assert [item.role for item in managers.listed(store, access_of(convention, ann))] == [Role.CASHIER]
    for slug, email in (("nowhere", ann.email or ""), (convention.slug, "nobody@example.org")):
        with pytest.raises(NotFound):
            conventions.appoint(store, slug, email, role=Role.MANAGER, now=NOW)


def test_references_are_found_in_one_statement_and_in_order(store: Store) -> None:
    boss, ann, stranger = add_person(store), add_person(store), add_person(store)
    access = access_of(add_convention(store, boss), boss)
    people.add(store, access, {"name": "Ann", "email": ann.email}, now=NOW)
    wanted = [
        stored_people.Reference(id=ann.id),
        stored_people.Reference(email=(stranger.email or "").upper()),
        stored_people.Reference(id=boss.id),
        stored_people.Reference(email=ann.email),
    ]

    with counted_statements(store) as statements, store.read() as transaction:
        found = stored_people.resolved(transaction, access, wanted, "hosts")

    assert [person.id for person in found] == [ann.id, stranger.id, boss.id, ann.id]
    assert len([each for each in statements if each.startswith("SELECT")]) == 1
    with store.read() as transaction, pytest.raises(Invalid):
        stored_people.resolved(transaction, access, [stored_people.Reference(id=stranger.id)], "hosts")


def test_a_conflict_leaves_a_location_as_it_was(store: Store) -> None:
    boss = add_person(store)
    access = access_of(add_convention(store, boss), boss)
    for title in ("Pier", "Bridge"):
        locations.create(store, access, {"title": title, "max_attendees": 5}, now=NOW)
    before = locations.listed(store, access)

    with pytest.raises(Conflict):
        locations.change(store, access, "pier", {"area": "Quay", "title": "Bridge"}, now=NOW)

    assert locations.listed(store, access) == before


def test_a_new_name_of_somebody_who_hosts_changes_the_convention(store: Store) -> None:
    boss = add_person(store)
    convention, other = add_convention(store, boss), add_convention(store, boss)
    before = host_at(store, convention, boss)

    account_actions.change_profile(
        store, boss, Fields(username="Captain"), token="", settings=Settings(), now=NOW + HOUR
    )

    with store.read() as transaction:
        assert stored.find(transaction, other.id) == other
        now = stored.find(transaction, convention.id)
    assert now is not None
    assert now.changed_at == NOW + HOUR
    assert now.change > convention.change
    after = timeslots.read(store, access_of(convention, boss), before.id)
    assert after is not None
    assert (after.version, after.updated_at) == (before.version + 1, NOW + HOUR)


def test_a_new_title_of_a_location_gives_its_time_slots_a_new_version(store: Store) -> None:
    boss = add_person(store)
    convention = add_convention(store, boss)
    access, versions = access_of(convention, boss), [host_at(store, convention, boss).version]

    for fields in ({"area": "Quay"}, {"title": "Bridge"}, {"title": "Bridge", "max_attendees": 7}):
        _, there = locations.change(store, access, "pier", fields, now=NOW + HOUR)
        versions.append(there[0].version)

    assert versions == [1, 1, 2, 2]


def host_at(store: Store, convention: Convention, host: Account) -> TimeSlot:
    """A time slot of that host."""
    access = access_of(convention, host)
    locations.create(store, access, {"title": "Pier", "max_attendees": 5}, now=NOW)
    event = events.create(store, access, {"title": "Lanterns", "teaser": "T", "duration": 60}, now=NOW)
    sent = {"event": event, "start": 1810290600, "locations": ["pier"]}
    return timeslots.schedule(store, access, sent, now=NOW).slot
