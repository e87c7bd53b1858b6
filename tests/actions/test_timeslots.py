from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from msgspec import structs

from slotport.actions import timeslots
from slotport.actions.timeslots import Taken
from slotport.core.convention import Access, EventStatus
from slotport.errors import Forbidden, Invalid
from slotport.storage import conventions, events
from slotport.storage.store import Store
from slotport.storage.timeslots import Filters
from tests.calendars import NOW, add_person, counted_statements
from tests.schedules import NINE, add_event, add_fair, add_location, add_time_slot, managing

CLERKS = 6


def change_of(store: Store, access: Access) -> int:
    with store.read() as transaction:
        found = conventions.find(transaction, access.convention.id)
    assert found is not None
    return found.change


@pytest.mark.parametrize("turn", range(3))
def test_two_managers_at_once_get_one_success_and_one_refusal(store: Store, turn: int) -> None:
    access = managing(store, add_person(store))
    fair = add_fair(store, access.convention, status=EventStatus.SUBMITTED)
    barrier = Barrier(CLERKS)

    def schedule(minutes: int) -> int | None:
        fields = {"event": fair.event.id, "start": NINE.isoformat(), "duration": minutes, "locations": ["deck"]}
        barrier.wait(20)
        try:
            return timeslots.schedule(store, access, fields, now=NOW).slot.id
        except Taken:
            return None

    with ThreadPoolExecutor(CLERKS) as pool:
        numbers = list(pool.map(schedule, range(10, 10 + CLERKS)))

    made = [number for number in numbers if number is not None]
    assert len(made) == 1
    assert [slot.id for slot in timeslots.catalog(store, access, Filters())] == made


def test_one_change_and_one_new_time_slot_at_once_do_not_meet(store: Store) -> None:
    access = managing(store, add_person(store))
    fair = add_fair(store, access.convention)
    number = add_time_slot(store, access.convention, fair.event, fair.pier)
    barrier = Barrier(2)

    def at_once(slot_id: int | None) -> bool:
        fields = {"event": fair.event.id, "start": NINE.isoformat(), "locations": ["deck"]}
        barrier.wait(20)
        try:
            if slot_id is None:
                timeslots.schedule(store, access, fields, now=NOW)
            else:
                timeslots.change(store, access, slot_id, fields, now=NOW)
        except Taken:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(at_once, [None, number]))

    assert sorted(done) == [False, True]


def test_scheduling_raises_the_event_and_notes_the_change(store: Store) -> None:
    access = managing(store, add_person(store))
    fair = add_fair(store, access.convention, status=EventStatus.HAS_TEASER)
    before = change_of(store, access)

    fields = {"event": fair.event.id, "start": NINE.isoformat(), "locations": ["deck"]}
    slot = timeslots.schedule(store, access, fields, now=NOW).slot

    with store.read() as transaction:
        event = events.find(transaction, access.convention.id, fair.event.id)
    assert event == slot.event
    assert event.status is EventStatus.SCHEDULED
    assert timeslots.read(store, access, slot.id) == slot
    assert change_of(store, access) > before


def test_a_change_to_what_is_so_already_changes_nothing(store: Store) -> None:
    access = managing(store, add_person(store))
    fair = add_fair(store, access.convention)
    number = add_time_slot(store, access.convention, fair.event, fair.pier)
    before = change_of(store, access)

    fields = {"start": NINE.isoformat(), "duration": 90, "locations": ["pier-room"], "hosts": [{"id": fair.owner.id}]}
    done = timeslots.change(store, access, number, fields, now=NOW)

    assert done.slot.version == 1
    assert change_of(store, access) == before


def test_an_event_scheduled_again_must_not_bring_back_what_is_in_the_way(store: Store) -> None:
    access = managing(store, add_person(store))
    fair = add_fair(store, access.convention)
    add_time_slot(store, access.convention, fair.event, fair.pier)
    with store.write() as transaction:
        lowered = structs.replace(fair.event, status=EventStatus.SUBMITTED)
        events.change(transaction, lowered, NOW)
        timeslots.timeslots.event_status_changed(transaction, lowered.id, lowered.status, NOW)
    other = add_time_slot(store, access.convention, add_event(store, access.convention, fair.owner), fair.pier)

    with pytest.raises(Taken) as refused:
        timeslots.schedule(
            store, access, {"event": fair.event.id, "start": "2031-06-09", "locations": ["deck"]}, now=NOW
        )

    assert [slot.id for slot in refused.value.slots] == [other]
    seen = timeslots.catalog(store, Access(convention=access.convention), Filters())
    assert [slot.id for slot in seen] == [other]


def test_who_manages_no_longer_changes_nothing(store: Store) -> None:
    boss, second = add_person(store), add_person(store)
    access = managing(store, boss)
    fair = add_fair(store, access.convention)
    former = structs.replace(access, account=second)

    with pytest.raises(Forbidden):
        timeslots.schedule(
            store, former, {"event": fair.event.id, "start": NINE.isoformat(), "locations": ["deck"]}, now=NOW
        )
    with pytest.raises(Forbidden):
        timeslots.cancel(store, former, 1, now=NOW)
    with pytest.raises(Invalid):
        timeslots.change(store, access, fair.event.id, {}, now=NOW)


@pytest.mark.parametrize("count", [1, 30])
def test_scheduling_takes_as_many_statements_in_a_full_convention(store: Store, count: int) -> None:
    access = managing(store, add_person(store))
    fair = add_fair(store, access.convention, status=EventStatus.SUBMITTED)
    for index in range(count):
        event = add_event(store, access.convention, fair.owner)
        add_time_slot(store, access.convention, event, add_location(store, access.convention), minutes=index + 1)

    with counted_statements(store) as statements:
        timeslots.schedule(
            store,
            access,
            {"event": fair.event.id, "start": NINE.isoformat(), "locations": ["pier-room", "deck"]},
            now=NOW,
        )

    assert len([one for one in statements if one.startswith(("SELECT", "INSERT", "UPDATE"))]) == 17
