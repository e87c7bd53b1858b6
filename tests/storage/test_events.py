"""Events and their tags, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import select

from slotport.core.account import Account
from slotport.core.convention import Access, Convention, Event, EventStatus, Requirement, Tags, TagType
from slotport.storage import events, people, tables, tags
from slotport.storage.store import Store
from tests.calendars import NOW, add_person, counted_statements
from tests.conventions import add_convention
from tests.schedules import add_event, person_of

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def owner(store: Store) -> Account:
    return add_person(store)


@pytest.fixture
def fair(store: Store, owner: Account) -> Convention:
    return add_convention(store, owner)


def changes(store: Store, convention: Convention) -> tuple[int, int]:
    """The number of the last commit, and of the convention's last change."""
    with store.read() as transaction:
        last = transaction.connection.scalar(select(tables.counter.c.change))
        own = transaction.connection.scalar(
            select(tables.convention.c.change).where(tables.convention.c.id == convention.id)
        )
    return last or 0, own or 0


def stored(store: Store, event: Event) -> Event:
    with store.read() as transaction:
        found = events.find(transaction, event.convention_id, event.id)
    assert found is not None
    return found


def put(store: Store, event: Event, requirements: dict[str, Requirement] | None = None, /, **values: list[str]) -> None:
    with store.write() as transaction:
        _ = transaction.change
        tags.put(transaction, event.convention_id, {event.id: values}, requirements)


def test_an_event_reads_back_whole(store: Store, fair: Convention, owner: Account) -> None:
    values: dict[str, Any] = {
        "title": "עששיות",
        "teaser": "Paper, glue and light",
        "description": "Two evenings",
        "notes_to_attendees": "Bring scissors",
        "duration_minutes": 90,
        "min_attendees": 0,
        "max_attendees": 12,
        "requires_registration": True,
        "price_cents": 10**12,
        "status": EventStatus.CANCELLED,
        "notes_to_staff": "a",
        "scheduling_constraints": "b",
        "logistical_requirements": "c",
        "data": {"a": [1, None, 1.5, "\u2028", {}]},
        "staff_contact": person_of(store, add_person(store)),
    }

    event = add_event(store, fair, owner, **values)

    assert {name: getattr(event, name) for name in values} == values
    assert (event.owner.id, event.tags, event.created_at, event.updated_at, event.version) == (
        owner.id,
        (),
        NOW,
        NOW,
        1,
    )
    assert changes(store, fair)[0] == changes(store, fair)[1]


def test_a_change_is_the_next_version_and_the_conventions_change(
    store: Store, fair: Convention, owner: Account
) -> None:
    event, other = add_event(store, fair, owner), add_event(store, fair, owner)
    changed = structs.replace(event, title="Kites", max_attendees=None, data=False, status=EventStatus.APPROVED)

    with store.write() as transaction:
        events.change(transaction, changed, LATER)

    assert stored(store, event) == structs.replace(changed, version=2, updated_at=LATER)
    assert stored(store, other) == other
    assert changes(store, fair)[0] == changes(store, fair)[1]
    with store.write() as transaction:
        events.touch(transaction, fair.id, [event.id], NOW)
    assert stored(store, event) == structs.replace(changed, version=3, updated_at=NOW)


def test_who_sees_which(store: Store, fair: Convention, owner: Account) -> None:
    stranger = add_person(store)
    found = {status: add_event(store, fair, owner, status=status).id for status in EventStatus}
    own = add_event(store, fair, stranger, status=EventStatus.SUBMITTED).id
    add_event(store, add_convention(store), stranger, status=EventStatus.APPROVED)
    approved = found[EventStatus.APPROVED]
    callers = {
        "public": (Access(convention=fair), [approved]),
        "stranger": (Access(convention=fair, account=stranger), [approved, own]),
        "manager": (Access(convention=fair, account=owner, is_manager=True), [*found.values(), own]),
        "signed": (Access(convention=fair, is_signed=True), [*found.values(), own]),
    }

    with store.read() as transaction:
        seen = {name: events.listed(transaction, access) for name, (access, _) in callers.items()}
        everything = events.load(transaction, [*found.values(), own]).values()

    assert {name: [event.id for event in listed] for name, listed in seen.items()} == {
        name: ids for name, (_, ids) in callers.items()
    }
    for name, (access, _) in callers.items():
        assert [event for event in everything if access.sees(event)] == seen[name]


def test_the_number_of_statements_does_not_grow(store: Store, fair: Convention, owner: Account) -> None:
    access = Access(convention=fair, account=owner, is_manager=True)
    counts = []
    for _ in range(2):
        for number in range(30):
            event = add_event(store, fair, add_person(store), staff_contact=person_of(store, owner))
            put(store, event, Kind=["talk", f"v{number}"], Age=["kids"])
        with counted_statements(store) as statements, store.read() as transaction:
            found = events.listed(transaction, access)
            assert events.load(transaction, [event.id for event in found]) == {event.id: event for event in found}
        counts.append((len(found), len(statements)))

    assert counts == [(30, counts[0][1]), (60, counts[0][1])]


def test_very_many_events_are_loaded_at_once(store: Store, fair: Convention, owner: Account) -> None:
    with store.write() as transaction:
        person = people.load(transaction, [owner.id])[owner.id]
        blank = Event(
            id=0, convention_id=fair.id, owner=person, title="a", teaser="b", duration_minutes=1, created_at=NOW,
            updated_at=NOW,
        )  # fmt: skip
        ids = events.add(transaction, [blank] * 40_000, NOW)

    with store.read() as transaction:
        assert len(events.load(transaction, ids)) == 40_000


def test_tags_are_those_put_last_of_the_types_that_are_named(store: Store, fair: Convention, owner: Account) -> None:
    event, other = add_event(store, fair, owner), add_event(store, fair, owner)
    put(store, other, Kind=["talk"])

    put(store, event, {"Age": Requirement.ONE}, Kind=["Talk", "class"], Age=["kids"])
    put(store, event, Kind=["Class", "new", "NEW"])
    put(store, event)

    age = Tags(title="Age", requirement=Requirement.ONE, public=True, values=("kids",))
    kind = Tags(title="Kind", requirement=Requirement.ANY, public=True, values=("class", "new"))
    assert stored(store, event).tags == (age, kind)
    assert stored(store, other).tags == (structs.replace(kind, values=("talk",)),)
    put(store, event, Kind=[], Age=[])
    assert stored(store, event).tags == ()
    assert [found.values for found in listed(store, fair)] == [("kids",), ("talk", "class", "new")]


def test_many_events_are_tagged_with_few_statements(store: Store, fair: Convention, owner: Account) -> None:
    made = [add_event(store, fair, owner) for _ in range(20)]
    wanted = {event.id: {f"t{number % 3}": [str(number)]} for number, event in enumerate(made)}

    def cost(some: dict[int, dict[str, list[str]]]) -> int:
        with counted_statements(store) as statements, store.write() as transaction:
            _ = transaction.change
            tags.put(transaction, fair.id, some)
        return len(statements)

    few = cost(dict(list(wanted.items())[:2]))
    with store.write() as transaction:
        for kind in tags.listed(transaction, fair.id, private=True):
            tags.remove(transaction, kind.id)
    many = cost(wanted)

    assert few == many
    assert all(stored(store, event).tags[0].values == (str(number),) for number, event in enumerate(made))


def listed(store: Store, convention: Convention, *, private: bool = True) -> list[TagType]:
    with store.read() as transaction:
        return tags.listed(transaction, convention.id, private=private)


def test_tag_types_belong_to_one_convention(store: Store, fair: Convention) -> None:
    other = add_convention(store)
    kinds = [TagType(id=0, title="b", public=False), TagType(id=0, title="B", values=("x", "Y", "ß"))]

    with store.write() as transaction:
        tags.add(transaction, fair.id, kinds)
        tags.add(transaction, other.id, kinds)

    assert [structs.replace(kind, id=0) for kind in listed(store, fair)] == [kinds[1], kinds[0]]
    assert [kind.title for kind in listed(store, fair, private=False)] == ["B"]
    with store.write() as transaction:
        for kind in tags.listed(transaction, other.id, private=True):
            tags.remove(transaction, kind.id)
    assert (len(listed(store, fair)), listed(store, other)) == (2, [])


def test_removed_values_leave_their_events(store: Store, fair: Convention, owner: Account) -> None:
    one, both = add_event(store, fair, owner), add_event(store, fair, owner)
    put(store, one, Kind=["talk"])
    put(store, both, Kind=["talk", "Straße"])
    kind = listed(store, fair)[0]

    with store.write() as transaction:
        assert tags.used(transaction, kind.id) == {one.id: ("talk",), both.id: ("talk", "Straße")}
        tags.remove_values(transaction, kind.id, ["STRASSE", "unknown"])
        assert tags.used(transaction, kind.id) == {one.id: ("talk",), both.id: ("talk",)}
        tags.remove(transaction, kind.id)

    assert (listed(store, fair), stored(store, one).tags, stored(store, both).tags) == ([], (), ())
