"""Slots one by one, on both databases: what is stored, and what every change leaves behind."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import UNSET
from sqlalchemy import Row, select, update

from slotport.core.account import Account
from slotport.core.entry import Checked, NewMedia, NoteEdit, Times
from slotport.core.slot import MediaType, Place, Visibility
from slotport.storage import accounts, slots, tables
from slotport.storage.instants import milliseconds
from slotport.storage.store import Store
from tests.calendars import DAY, HOUR, NOW, add_group, add_person, add_slot

LATER = NOW + DAY
DAWN = datetime(2031, 5, 6, tzinfo=UTC)
DUSK = datetime(2031, 5, 6, 23, 59, 59, 999000, UTC)


def row(store: Store, slot_id: int) -> Row[Any]:
    with store.read() as transaction:
        return transaction.connection.execute(select(tables.slot).where(tables.slot.c.id == slot_id)).one()


def times(store: Store, table: Any, slot_id: int) -> list[tuple[int, int]]:
    with store.read() as transaction:
        found = transaction.connection.execute(
            select(table.c.start_at, table.c.end_at).where(table.c.slot_id == slot_id)
        )
        return [(start, end) for start, end in found]


def imported(store: Store, owner: Account) -> int:
    """A slot as an import leaves it."""
    slot_id = add_slot(store, owner)
    with store.write() as transaction:
        transaction.connection.execute(
            update(tables.slot)
            .where(tables.slot.c.id == slot_id)
            .values(content_hash=b"0" * 16, zone="Europe/Oslo", floating=True, modified_at=1)
        )
    return slot_id


@pytest.mark.parametrize(
    ("when", "stored"),
    [
        (Times(start=NOW, end=NOW + HOUR), (NOW, NOW + HOUR, False, False)),
        (Times(start=NOW, end=NOW), (NOW, NOW, False, False)),
        (
            Times(start=NOW, end=None),
            (NOW, DAWN.replace(hour=23, minute=59, second=59, microsecond=999000), True, False),
        ),
        (Times(start=DAWN, end=DAWN + DAY, all_day=True), (DAWN, DAWN + DAY, False, True)),
    ],
)
def test_times_are_stored_the_same_by_adding_and_changing(
    store: Store, when: Times, stored: tuple[datetime, datetime, bool, bool]
) -> None:
    owner = add_person(store)
    with store.write() as transaction:
        asked = Checked(title="Walk", times=when)
        added = slots.add(transaction, owner.id, asked, Visibility.PRIVATE, [], with_friends=False, now=NOW)
    changed = add_slot(store, owner, start=NOW - DAY, end=LATER)
    with store.write() as transaction:
        slots.change(transaction, changed, owner.id, Checked(times=when), NOW)

    expected = (milliseconds(stored[0]), milliseconds(stored[1]), *stored[2:])
    for slot_id in (added, changed):
        found = row(store, slot_id)
        assert (found.start_at, found.end_at, found.open_end, found.all_day) == expected
        with store.read() as transaction:
            assert slots.entries(transaction, [slot_id], owner.id)[0].times == when


def test_a_new_slot_has_a_uid_a_version_and_the_commits_number(store: Store) -> None:
    owner = add_person(store)
    group = add_group(store, owner)
    asked = Checked(
        title="Walk",
        times=Times(start=NOW, end=None),
        description="d",
        rrule="FREQ=DAILY",
        place=Place(name="Quay"),
        alerts="1000000000",
    )

    with store.write() as transaction:
        slot_id = slots.add(transaction, owner.id, asked, Visibility.FRIENDS, [group.id], with_friends=True, now=NOW)
        number = transaction.change

    found = row(store, slot_id)
    assert (found.version, found.change, found.visibility, found.shared_with_friends) == (1, number, "friends", True)
    assert len(found.uid) == 36
    with store.read() as transaction:
        entry = slots.entries(transaction, [slot_id], owner.id)[0]
        assert accounts.get(transaction, owner.id).change == number
    assert (entry.title, entry.description, entry.rrule, entry.place) == ("Walk", "d", "FREQ=DAILY", Place(name="Quay"))
    assert (entry.alerts, entry.group_uuids) == ("1000000000", (group.uuid,))


@pytest.mark.parametrize(
    "asked",
    [
        Checked(title="New"),
        Checked(description="New"),
        Checked(times=Times(start=LATER, end=None)),
        Checked(place=Place(name="Quay")),
        Checked(place=None),
        Checked(alerts="1111111111"),
    ],
)
def test_an_edit_is_a_new_version_that_is_no_longer_the_files(store: Store, asked: Checked) -> None:
    owner = add_person(store)
    slot_id = imported(store, owner)

    with store.write() as transaction:
        slots.change(transaction, slot_id, owner.id, asked, LATER)
        number = transaction.change

    found = row(store, slot_id)
    assert (found.version, found.change, found.content_hash) == (2, number, None)
    assert (found.updated_at, found.modified_at) == (milliseconds(LATER), milliseconds(LATER))
    kept = asked.times is None
    assert (found.zone, found.floating) == (("Europe/Oslo", True) if kept else (None, False))
    assert (row(store, add_slot(store, owner)).modified_at) is None


def test_groups_and_schedules_follow_a_slots_times(store: Store) -> None:
    owner = add_person(store)
    slot_id = add_slot(store, owner, add_group(store, owner), add_group(store, owner))
    with store.write() as transaction:
        slots.put_into_schedule(transaction, slot_id, owner.id)

    with store.write() as transaction:
        slots.change(transaction, slot_id, owner.id, Checked(times=Times(start=LATER, end=LATER + HOUR)), NOW)

    moved = (milliseconds(LATER), milliseconds(LATER + HOUR))
    assert times(store, tables.slot_group, slot_id) == [moved, moved]
    assert times(store, tables.scheduled, slot_id) == [moved]


def test_a_deleted_slot_leaves_groups_schedules_notes_and_media(store: Store) -> None:
    owner = add_person(store)
    slot_id = add_slot(store, owner, add_group(store, owner))
    with store.write() as transaction:
        slots.put_into_schedule(transaction, slot_id, owner.id)
        slots.add_notes(transaction, slot_id, [NoteEdit(title="a", content="b")], NOW)
        slots.add_media(transaction, slot_id, [reference("a")], [0], NOW)

    with store.write() as transaction:
        slots.remove(transaction, slot_id, owner.id, LATER)

    assert (row(store, slot_id).deleted_at, row(store, slot_id).version) == (milliseconds(LATER), 2)
    with store.read() as transaction:
        for table in (tables.slot_group, tables.scheduled, tables.note, tables.media):
            assert transaction.connection.execute(select(table)).all() == []
        assert slots.find_own(transaction, slot_id, owner.id) is None
        assert slots.may_read(transaction, slot_id, owner.id)
        assert not slots.may_read(transaction, slot_id, None)


def reference(name: str) -> NewMedia:
    return NewMedia(
        public_id=name,
        media_type=MediaType.AUDIO,
        position=None,
        duration=1.5,
        title="t",
        local_id="l",
        thumbnail="th",
    )


def test_notes_and_media_read_back_in_order(store: Store) -> None:
    owner = add_person(store)
    slot_id = add_slot(store, owner)
    with store.write() as transaction:
        edits = [NoteEdit(title="b", content="1", local_id="x"), NoteEdit(title="a", content="2")]
        slots.add_notes(transaction, slot_id, edits, NOW)
        slots.add_media(transaction, slot_id, [reference("a"), reference("b")], [1, 0], NOW)

    with store.read() as transaction:
        entry = slots.entries(transaction, [slot_id], None)[0]

    assert [(note.title, note.content, note.local_id) for note in entry.notes] == [("b", "1", "x"), ("a", "2", None)]
    assert [(item.public_id, item.position) for item in entry.media] == [("b", 0), ("a", 1)]
    assert (entry.media[0].duration, entry.media[0].title, entry.media[0].thumbnail) == (1.5, "t", "th")


def test_entries_come_in_the_order_asked_for_and_without_what_is_unknown(store: Store) -> None:
    owner = add_person(store)
    ids = [add_slot(store, owner) for _ in range(3)]

    with store.read() as transaction:
        found = slots.entries(transaction, [ids[2], 10**12, ids[0], ids[1]], owner.id)
        assert slots.entries(transaction, [], owner.id) == []

    assert [entry.id for entry in found] == [ids[2], ids[0], ids[1]]


def test_alerts_are_each_readers_own(store: Store) -> None:
    ada, bob = add_person(store), add_person(store)
    slot_id = add_slot(store, ada, visibility=Visibility.PUBLIC)
    with store.write() as transaction:
        slots.change(transaction, slot_id, ada.id, Checked(alerts="1000000000"), NOW)
        slots.change(transaction, slot_id, ada.id, Checked(alerts="0000000001"), NOW)

    with store.read() as transaction:
        seen = [slots.entries(transaction, [slot_id], reader)[0].alerts for reader in (ada.id, bob.id, None)]

    assert seen == ["0000000001", "", ""]


def test_places_are_set_replaced_and_cleared(store: Store) -> None:
    owner = add_person(store)
    slot_id = add_slot(store, owner)
    found = []
    for place in (Place(name="Quay", latitude=60.4), Place(locality="Bergen"), UNSET, None):
        with store.write() as transaction:
            slots.change(transaction, slot_id, owner.id, Checked(title="x", place=place), NOW)
        with store.read() as transaction:
            entry = slots.entries(transaction, [slot_id], owner.id)[0]
        found.append((entry.place, entry.place_uuid is not None))

    assert found == [
        (Place(name="Quay", latitude=60.4), True),
        (Place(locality="Bergen"), True),
        (Place(locality="Bergen"), True),
        (None, False),
    ]


def test_readers_are_counted_once_and_a_public_slot_has_no_number(store: Store) -> None:
    ada, bob, eve = (add_person(store) for _ in range(3))
    alone = add_slot(store, ada)
    shared = add_slot(store, ada, add_group(store, ada, bob), add_group(store, bob, eve))
    public = add_slot(store, ada, visibility=Visibility.PUBLIC)

    with store.read() as transaction:
        assert [slots.readers_of(transaction, slot_id) for slot_id in (alone, shared, public)] == [1, 3, None]


def test_whole_days_and_open_ends_are_told_apart(store: Store) -> None:
    owner = add_person(store)
    timed, endless = add_slot(store, owner), add_slot(store, owner, end=None)
    with store.write() as transaction:
        asked = Checked(title="Day", times=Times(start=DAWN, end=DAWN + DAY, all_day=True))
        whole = slots.add(transaction, owner.id, asked, Visibility.PRIVATE, [], with_friends=False, now=NOW)

    with store.read() as transaction:
        assert slots.kinds_among(transaction, [timed, endless, whole]) == ({whole}, {endless})
