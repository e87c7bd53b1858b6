from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy import select

from slotport.core.clashes import Booking, clashing
from slotport.core.convention import Convention, Event, EventStatus, Host, Requirement, TagType, TimeSlot
from slotport.errors import Invalid
from slotport.storage import events, tables, tags, timeslots
from slotport.storage.store import Store
from slotport.storage.timeslots import Filters
from tests.calendars import NOW, add_person, counted_statements
from tests.conventions import add_convention
from tests.schedules import NINE, add_event, add_location, add_time_slot, add_time_slots, person_of, time_slot

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOW + HOUR


def catalog(
    store: Store, convention: Convention, filters: Filters | None = None, *, sees_all: bool = False
) -> list[TimeSlot]:
    with store.read() as transaction:
        return timeslots.catalog(transaction, convention.id, filters, sees_all=sees_all)


def ids(slots: Sequence[TimeSlot]) -> list[int]:
    return [slot.id for slot in slots]


def found(store: Store, convention: Convention, slot_id: int) -> TimeSlot:
    with store.read() as transaction:
        slot = timeslots.find(transaction, convention.id, slot_id)
    assert slot is not None
    return slot


def set_status(store: Store, event: Event, status: EventStatus) -> list[int]:
    with store.write() as transaction:
        events.change(transaction, structs.replace(event, status=status), LATER)
        return timeslots.event_status_changed(transaction, event.id, status, LATER)


def row(store: Store, slot_id: int) -> tuple[object, ...]:
    part = tables.time_slot.c
    with store.read() as transaction:
        columns = (part.was_public, part.hidden_at.is_not(None).label("is_hidden"), part.version)
        return tuple(transaction.connection.execute(select(*columns).where(part.id == slot_id)).one())


def occupied(store: Store, slot: TimeSlot) -> list[int]:
    with store.read() as transaction:
        places = [place.id for place in slot.locations]
        return timeslots.occupying(transaction, places, slot.start, slot.end, but=slot.id)


def test_a_time_slot_comes_back_as_it_was_stored(store: Store) -> None:
    owner, guest = add_person(store), add_person(store)
    convention = add_convention(store, owner)
    event = add_event(store, convention, owner)
    deck, pier = add_location(store, convention, "Deck"), add_location(store, convention, "Pier")
    hosts = [Host(person=person_of(store, guest), name="Captain"), Host(person=event.owner)]
    slot = time_slot(event, pier, deck, hosts=hosts, min_attendees=0, notes_to_attendees="Bring scissors ✂")

    number = add_time_slots(store, convention, [slot])[0]

    stored = found(store, convention, number)
    hosts = [
        structs.replace(host, person=structs.replace(host.person, is_open=host.person == event.owner)) for host in hosts
    ]
    assert stored == structs.replace(slot, id=number, hosts=tuple(hosts))


def test_the_catalog_is_in_order_of_start_and_id(store: Store) -> None:
    owner = add_person(store)
    convention = add_convention(store, owner)
    event, place = add_event(store, convention, owner), add_location(store, convention)
    starts = [NINE + hours * HOUR for hours in (5, 2, 2, 9, 1)]

    first, second, third, fourth, fifth = add_time_slots(
        store, convention, [time_slot(event, place, start=start) for start in starts]
    )

    assert ids(catalog(store, convention)) == [fifth, second, third, first, fourth]


@pytest.mark.parametrize("status", EventStatus)
def test_the_public_sees_scheduled_and_approved_events_alone(store: Store, status: EventStatus) -> None:
    owner = add_person(store)
    convention = add_convention(store, owner)
    event = add_event(store, convention, owner, status=status)
    number = add_time_slot(store, convention, event, add_location(store, convention))

    assert ids(catalog(store, convention)) == ([number] if status in (4, 5) else [])
    assert ids(catalog(store, convention, sees_all=True)) == [number]


def test_another_convention_s_time_slots_do_not_exist(store: Store) -> None:
    owner = add_person(store)
    convention, other = add_convention(store, owner), add_convention(store, owner)
    place = add_location(store, convention)
    number = add_time_slot(store, convention, add_event(store, convention, owner), place)

    with store.read() as transaction:
        assert timeslots.find(transaction, other.id, number) is None
        assert timeslots.load(transaction, other.id, [number]) == []
        assert timeslots.in_locations(transaction, other.id, [place.id], sees_all=True) == {place.id: []}
    assert catalog(store, other, sees_all=True) == []


def test_each_filter_alone_and_all_together(store: Store) -> None:
    owner, guest = add_person(store), add_person(store)
    convention = add_convention(store, owner)
    pier, deck = add_location(store, convention), add_location(store, convention)
    paid = add_event(store, convention, owner, requires_registration=True)
    draft = add_event(store, convention, owner, status=EventStatus.SUBMITTED)
    first = add_time_slot(store, convention, paid, pier)
    second = add_time_slot(store, convention, draft, deck, hosts=[Host(person=person_of(store, guest))])
    with store.write() as transaction:
        tags.put(transaction, convention.id, {paid.id: {"סוג": ["משחק"], "age": ["12", "14"]}})
    alone = {
        Filters(event_id=paid.id): [first],
        Filters(event_status=EventStatus.SUBMITTED): [second],
        Filters(requires_registration=True): [first],
        Filters(requires_registration=False): [second],
        Filters(host_id=guest.id): [second],
        Filters(location_id=deck.id): [second],
        Filters(tags=(("סוג", "משחק"),)): [first],
        Filters(tags=(("age", "12"), ("age", "14"), ("סוג", "משחק"))): [first],
        Filters(tags=(("age", "12"), ("age", "13"))): [],
        Filters(tags=(("no such type", "12"),)): [],
    }
    together = Filters(event_id=paid.id, host_id=owner.id, tags=(("age", "14"),), requires_registration=True)

    assert {one: ids(catalog(store, convention, one, sees_all=True)) for one in alone} == alone
    assert ids(catalog(store, convention, together)) == [first]
    assert catalog(store, convention, Filters(event_status=EventStatus.SUBMITTED)) == []


def test_a_private_tag_matches_with_system_access_alone(store: Store) -> None:
    owner = add_person(store)
    convention = add_convention(store, owner)
    event = add_event(store, convention, owner)
    number = add_time_slot(store, convention, event, add_location(store, convention))
    kind = TagType(id=0, title="budget", requirement=Requirement.ONE, public=False, values=("high",))
    with store.write() as transaction:
        tags.add(transaction, convention.id, [kind])
        tags.put(transaction, convention.id, {event.id: {"budget": ["high"]}})

    wanted = Filters(tags=(("budget", "high"),))

    assert catalog(store, convention, wanted) == []
    assert ids(catalog(store, convention, wanted, sees_all=True)) == [number]


@pytest.mark.parametrize("count", [2, 40])
def test_the_number_of_statements_is_constant(store: Store, count: int) -> None:
    owner = add_person(store)
    convention = add_convention(store, owner)
    places = [add_location(store, convention) for _ in range(3)]
    slots = [
        time_slot(add_event(store, convention, owner), places[index % 3], start=NINE + index * HOUR)
        for index in range(count)
    ]
    with counted_statements(store) as for_adding:
        add_time_slots(store, convention, slots)
    with counted_statements(store) as for_reading:
        catalog(store, convention)

    assert len([one for one in for_adding if one.startswith(("INSERT", "UPDATE"))]) == 5
    assert len([one for one in for_reading if one.startswith("SELECT")]) == 8


# Occupying


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_conflicts_equal_a_check_of_every_pair(store: Store, data: st.DataObject) -> None:
    owner = add_person(store)
    convention = add_convention(store, owner)
    places = [add_location(store, convention) for _ in range(3)]
    ours = [
        add_event(store, convention, owner, status=status)
        for status in (EventStatus.SUBMITTED, EventStatus.SCHEDULED, EventStatus.CANCELLED)
    ]
    week = 7 * 24 * 60
    shapes = st.tuples(
        st.sampled_from(ours),
        st.integers(-2, 30).map(lambda number: number * 15) | st.integers(-2 * week, 0),
        st.sampled_from([1, 15, 30, 60, week - 1, week, week + 1, 3 * week]) | st.integers(1, 120),
        st.sets(st.sampled_from(places), min_size=1),
    )
    drawn = data.draw(st.lists(shapes, max_size=10))
    slots = [
        time_slot(event, *where, start=NINE + timedelta(minutes=begin), minutes=minutes)
        for event, begin, minutes, where in drawn
    ]
    stored = [
        structs.replace(slot, id=number)
        for slot, number in zip(slots, add_time_slots(store, convention, slots), strict=True)
    ]
    cancelled = data.draw(st.sets(st.sampled_from(stored))) if stored else set()
    with store.write() as transaction:
        timeslots.cancel(transaction, ids(sorted(cancelled, key=lambda slot: slot.id)), LATER)
    now = [structs.replace(slot, is_cancelled=slot in cancelled) for slot in stored]

    event, begin, minutes, where = data.draw(shapes)
    probe = time_slot(event, *where, start=NINE + timedelta(minutes=begin), minutes=minutes)
    pairs = {(one.id, other.id) for one in now if one.is_public for other in clashing(one, now)}

    assert occupied(store, probe) == sorted(ids(clashing(probe, now)))
    with store.read() as transaction:
        assert timeslots.clashing_pairs(transaction, ids(now)) == sorted(pairs)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 3), st.sampled_from([*EventStatus, None])), max_size=8))
def test_whatever_happens_the_public_sees_what_it_may_and_nothing_else_occupies(
    store: Store, steps: list[tuple[int, EventStatus | None]]
) -> None:
    owner = add_person(store)
    convention = add_convention(store, owner)
    place = add_location(store, convention)
    ours = [add_event(store, convention, owner, status=EventStatus(status)) for status in (1, 4, 5, 6)]
    numbers = add_time_slots(
        store, convention, [time_slot(event, place, start=NINE + hour * 2 * HOUR) for hour, event in enumerate(ours)]
    )

    for index, status in steps:
        if status is not None:
            set_status(store, ours[index], status)
        else:
            with store.write() as transaction:
                timeslots.cancel(transaction, [numbers[index]], LATER)

    with store.read() as transaction:
        everything = timeslots.load(transaction, convention.id, numbers)
        there = timeslots.in_locations(transaction, convention.id, [place.id])[place.id]
    public = [slot.id for slot in everything if slot.is_public]
    assert ids(catalog(store, convention)) == ids(there) == public
    assert occupied(store, time_slot(ours[0], place, minutes=10_000)) == public
    assert [number for number in numbers if row(store, number)[:2] == (True, False)] == public


def test_bookings_of_hosts_name_the_own_convention_s_time_slots_alone(store: Store) -> None:
    owner, guest = add_person(store), add_person(store)
    convention, other = add_convention(store, owner), add_convention(store, owner)
    ours, theirs = add_event(store, convention, owner), add_event(store, other, owner)
    draft = add_event(store, convention, owner, status=EventStatus.CONTENT_APPROVED)
    host = [Host(person=person_of(store, guest))]
    first = add_time_slot(store, convention, ours, add_location(store, convention), hosts=host)
    add_time_slot(store, convention, draft, add_location(store, convention), hosts=host)
    add_time_slot(
        store, other, theirs, add_location(store, other), hosts=host, minutes=60 * 24 * 30, start=NINE - 10 * DAY
    )

    with store.read() as transaction:
        busy = timeslots.bookings(transaction, convention.id, [guest.id, owner.id], NINE, NINE + HOUR)
        later = timeslots.bookings(transaction, convention.id, [guest.id], NINE, NINE + HOUR, but=first)

    assert busy == [
        Booking(account_id=guest.id, time_slot_id=first),
        Booking(account_id=guest.id, time_slot_id=None),
    ]
    assert later == [Booking(account_id=guest.id, time_slot_id=None)]


# Changes


def test_a_change_replaces_values_locations_and_hosts(store: Store) -> None:
    owner, guest = add_person(store), add_person(store)
    convention = add_convention(store, owner)
    event, pier, deck = (
        add_event(store, convention, owner),
        add_location(store, convention),
        add_location(store, convention),
    )
    number = add_time_slot(store, convention, event, pier)
    slot = found(store, convention, number)
    host = Host(person=person_of(store, guest), name="Captain")
    changed = structs.replace(
        slot, start=NINE + DAY, duration_minutes=30, locations=(deck,), hosts=(host,), notes_to_attendees=None
    )

    with store.write() as transaction:
        timeslots.change(transaction, [changed], LATER)

    assert found(store, convention, number) == structs.replace(changed, version=2, updated_at=LATER)
    assert occupied(store, time_slot(event, pier)) == []
    assert occupied(store, time_slot(event, deck, start=NINE + DAY, minutes=1)) == [number]
    assert occupied(store, time_slot(event, deck, start=NINE + DAY + HOUR / 2)) == []


def test_cancelling_leaves_a_row_that_once_was_public(store: Store) -> None:
    owner = add_person(store)
    convention = add_convention(store, owner)
    seen = add_time_slot(store, convention, add_event(store, convention, owner), add_location(store, convention))
    draft = add_event(store, convention, owner, status=EventStatus.SUBMITTED)
    unseen = add_time_slot(store, convention, draft, add_location(store, convention))

    with store.write() as transaction:
        timeslots.cancel(transaction, [seen, unseen], LATER)
    with store.write() as transaction:
        timeslots.cancel(transaction, [seen], LATER + HOUR)

    assert found(store, convention, seen).is_cancelled
    assert [row(store, seen), row(store, unseen)] == [(True, True, 2), (False, False, 2)]


def test_what_leaves_the_public_view_may_come_back(store: Store) -> None:
    owner = add_person(store)
    convention = add_convention(store, owner)
    event = add_event(store, convention, owner)
    number = add_time_slot(store, convention, event, add_location(store, convention))

    assert set_status(store, event, EventStatus.APPROVED) == []
    assert row(store, number) == (True, False, 1)
    assert set_status(store, event, EventStatus.CONTENT_APPROVED) == []
    assert row(store, number) == (True, True, 2)
    assert set_status(store, event, EventStatus.SUBMITTED) == []
    assert row(store, number) == (True, True, 2)
    assert set_status(store, event, EventStatus.SCHEDULED) == [number]
    assert row(store, number) == (True, False, 3)


def test_time_slots_inherit_what_they_did_not_override(store: Store) -> None:
    owner = add_person(store)
    convention = add_convention(store, owner)
    before = add_event(store, convention, owner, notes_to_attendees="Old", max_attendees=None)
    place = add_location(store, convention)
    values = {"min_attendees": 2, "max_attendees": None, "notes_to_attendees": "Old"}
    same = add_time_slot(store, convention, before, place, **values)
    own = add_time_slot(
        store,
        convention,
        before,
        place,
        start=NINE + DAY,
        minutes=30,
        **{**values, "max_attendees": 3, "notes_to_attendees": None},
    )
    gone = add_time_slot(store, convention, before, place, start=NINE + 2 * DAY, **values)
    after = structs.replace(before, duration_minutes=120, min_attendees=5, max_attendees=40, notes_to_attendees=None)

    with store.write() as transaction:
        timeslots.cancel(transaction, [gone], LATER)
        moved = timeslots.inherit(transaction, before.id, before, after, LATER)

    def shown(number: int) -> tuple[object, ...]:
        slot = found(store, convention, number)
        return (slot.duration_minutes, slot.min_attendees, slot.max_attendees, slot.notes_to_attendees, slot.version)

    assert moved == [same]
    assert shown(same) == (120, 5, 40, None, 2)
    assert shown(own) == (30, 5, 3, None, 2)
    assert shown(gone) == (90, 2, None, "Old", 2)
    assert occupied(store, time_slot(before, place, start=NINE + 1.9 * HOUR, minutes=1)) == [same]
    assert occupied(store, time_slot(before, place, start=NINE + DAY + HOUR, minutes=1)) == []


def test_nothing_is_written_when_no_inherited_value_changed(store: Store) -> None:
    owner = add_person(store)
    convention = add_convention(store, owner)
    before = add_event(store, convention, owner)
    number = add_time_slot(store, convention, before, add_location(store, convention))

    with store.write() as transaction, counted_statements(store) as statements:
        timeslots.inherit(transaction, before.id, before, structs.replace(before, title="New", price_cents=5), LATER)

    assert statements == []
    assert row(store, number) == (True, False, 1)


def test_no_time_slot_inherits_an_end_that_never_comes(store: Store) -> None:
    owner = add_person(store)
    convention = add_convention(store, owner)
    before = add_event(store, convention, owner)
    late = NINE.replace(year=9999)
    add_time_slot(store, convention, before, add_location(store, convention), start=late)

    with pytest.raises(Invalid) as refused, store.write() as transaction:
        timeslots.inherit(transaction, before.id, before, structs.replace(before, duration_minutes=2**31 - 1), LATER)

    assert refused.value.fields == {"duration": ["is so long that a time slot of the event would never end"]}


def test_a_new_guid_is_another_time_slot(store: Store) -> None:
    owner = add_person(store)
    convention = add_convention(store, owner)
    event, place = add_event(store, convention, owner), add_location(store, convention)
    slot = time_slot(event, place)

    first, second = add_time_slots(store, convention, [slot, structs.replace(slot, guid=uuid4())])

    assert found(store, convention, first).guid != found(store, convention, second).guid


def test_the_stamps_of_a_catalog_tell_what_changed(store: Store) -> None:
    owner = add_person(store)
    convention = add_convention(store, owner)
    event, place = add_event(store, convention, owner), add_location(store, convention)
    draft = add_event(store, convention, owner, status=EventStatus.SUBMITTED)
    late, early = add_time_slots(
        store, convention, [time_slot(event, place, start=NINE + DAY), time_slot(event, place)]
    )
    hidden = add_time_slot(store, convention, draft, place)

    def stamps(*, sees_all: bool) -> list[tuple[int, int, int]]:
        with store.read() as transaction:
            found = timeslots.stamps(transaction, convention.id, Filters(), sees_all=sees_all)
        return [tuple(stamp) for stamp in found]

    before = stamps(sees_all=True)
    with store.write() as transaction:
        timeslots.change(transaction, [structs.replace(time_slot(event, place), id=early)], LATER)
        events.change(transaction, structs.replace(draft, title="New"), LATER)

    assert before == [(early, 1, 1), (hidden, 1, 1), (late, 1, 1)]
    assert stamps(sees_all=True) == [(early, 2, 1), (hidden, 1, 2), (late, 1, 1)]
    assert stamps(sees_all=False) == [(early, 2, 1), (late, 1, 1)]
