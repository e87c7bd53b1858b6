"""What can be asked of slots, on both databases: all or nothing, also of many at once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from slotport.actions import groups, slots
from slotport.core.account import Account
from slotport.core.entry import Entry, MediaEdit, NoteEdit, SettingsEdit, SlotEdit
from slotport.core.paging import Bounds
from slotport.core.slot import Place, Visibility
from slotport.errors import Invalid, NotFound
from slotport.storage import counts, lists, tables
from slotport.storage.store import Store
from tests.calendars import HOUR, NOW, add_group, add_person, add_slot

START, END = "2031-05-06T13:44:02Z", "2031-05-06T15:05:00Z"


def walk(**fields: object) -> SlotEdit:
    return SlotEdit(**{"title": "Walk", "start_date": START, "end_date": END, **fields})  # type: ignore[arg-type]


def made(store: Store, owner: Account, **fields: object) -> Entry:
    return slots.create(store, owner, walk(**fields), now=NOW).entry


def rows(store: Store) -> list[int]:
    with store.read() as transaction:
        counted = (tables.slot, tables.note, tables.media, tables.slot_place, tables.slot_group, tables.slot_alerts)
        return [transaction.connection.scalar(select(func.count()).select_from(table)) or 0 for table in counted]


def test_a_slot_is_made_with_all_that_belongs_to_it(store: Store) -> None:
    owner = add_person(store)

    found = slots.create(
        store,
        owner,
        walk(
            place=Place(name="Quay"),
            notes=[NoteEdit(title="a", content="b")],
            media=[MediaEdit(media_type="image", public_id="x")],
            settings=SettingsEdit(alerts="1000000000"),
            slot_groups=[str(owner.my_calendar)],
        ),
        now=NOW,
    )

    assert rows(store) == [1, 1, 1, 1, 1, 1]
    assert (found.slot_count, found.calendar_count, found.unauthorized) == (1, 2, ())
    assert slots.read(store, owner, found.entry.id) == slots.Shown(entry=found.entry, readers=1)
    assert slots.slot_sets(store, owner, found.entry.id).is_scheduled


def test_counts_are_carried_on_by_every_change_of_a_slot(store: Store) -> None:
    owner = add_person(store)
    club, secret = add_group(store, owner, public=True), add_group(store, owner)
    uuids = [str(club.uuid), str(secret.uuid)]

    def check() -> None:
        with store.read() as transaction:
            kept = (
                counts.slots_in_groups(transaction, [club.id, secret.id]),
                counts.slots_created(transaction, owner.id),
            )
            pool = lists.count(transaction, lists.library(transaction, owner.id), Bounds())
        with store.write() as transaction:  # counts for itself
            counted = (
                counts.slots_in_groups(transaction, [club.id, secret.id]),
                counts.slots_created(transaction, owner.id),
            )
            assert lists.count(transaction, lists.library(transaction, owner.id), Bounds()) == pool
        assert kept == counted

    check()
    slot_id = made(store, owner, slot_groups=uuids[:1]).id
    check()
    for change in (
        lambda: made(store, owner, slot_groups=uuids),
        lambda: slots.put_into_groups(store, owner, slot_id, uuids, now=NOW),
        lambda: slots.put_into_groups(store, owner, slot_id, uuids, now=NOW),
        lambda: slots.change(store, owner, slot_id, SlotEdit(title="New"), now=NOW),
        lambda: slots.change(store, owner, slot_id, SlotEdit(start_date="2031-05-01"), now=NOW),
        lambda: slots.take_out_of_groups(store, owner, slot_id, uuids[1:], now=NOW),
        lambda: slots.take_out_of_groups(store, owner, slot_id, uuids[1:], now=NOW),
        lambda: add_slot(store, owner, club),
        lambda: slots.remove(store, owner, slot_id, now=NOW),
        lambda: groups.remove(store, owner, club.uuid, keep_slots=False, now=NOW),
    ):
        change()
        check()


@pytest.mark.parametrize(
    "fields",
    [
        {"notes": [NoteEdit(title="a", content="b"), NoteEdit(id=10**9, title="x")]},
        {"media": [MediaEdit(media_id=10**9)]},
        {"notes": [NoteEdit(title="a", content="b")], "media": [MediaEdit(media_type="image")]},
        {"title": "New", "end_date": "2031-05-06T00:00Z"},
    ],
)
def test_a_change_is_made_as_a_whole_or_not_at_all(store: Store, fields: dict[str, object]) -> None:
    owner = add_person(store)
    before = made(store, owner)
    counted = rows(store)

    with pytest.raises((Invalid, NotFound)):
        slots.change(store, owner, before.id, SlotEdit(**fields), now=NOW + HOUR)  # type: ignore[arg-type]

    assert slots.read(store, owner, before.id).entry == before
    assert rows(store) == counted


def test_a_change_that_says_nothing_makes_no_new_version(store: Store) -> None:
    owner = add_person(store)
    before = made(store, owner)

    for edit in (SlotEdit(), SlotEdit(start_date=START, end_date=END, allday=False), SlotEdit(visibility="public")):
        assert slots.change(store, owner, before.id, edit, now=NOW + HOUR).entry == before
    assert slots.change(store, owner, before.id, SlotEdit(title="Walk"), now=NOW + HOUR).entry.version == 2


@pytest.mark.parametrize("own", [True, False])
def test_what_is_not_there_or_not_ones_own_is_not_found(store: Store, own: bool) -> None:
    ada, bob = add_person(store), add_person(store)
    slot_id = 10**12 if own else add_slot(store, bob, visibility=Visibility.PUBLIC)

    for ask in (
        lambda: slots.change(store, ada, slot_id, SlotEdit(title="x"), now=NOW),
        lambda: slots.remove(store, ada, slot_id, now=NOW),
        lambda: slots.remove_notes(store, ada, slot_id, [], now=NOW),
        lambda: slots.remove_media(store, ada, slot_id, [], now=NOW),
        lambda: slots.put_into_groups(store, ada, slot_id, [], now=NOW),
        lambda: slots.take_out_of_groups(store, ada, slot_id, [], now=NOW),
    ):
        with pytest.raises(NotFound):
            ask()


def test_edits_at_once_are_made_one_after_the_other(store: Store) -> None:
    owner = add_person(store)
    group = add_group(store, owner, public=True)
    slot_id = made(store, owner).id

    def edit(number: int) -> None:
        slots.change(
            store,
            owner,
            slot_id,
            SlotEdit(
                title=f"Title {number}",
                settings=SettingsEdit(alerts="1111111111"),
                place=Place(name=str(number)),
                notes=[NoteEdit(title="a", content="b")],
                media=[MediaEdit(media_type="image", public_id="x", position=0)],
            ),
            now=NOW,
        )
        slots.put_into_groups(store, owner, slot_id, [str(group.uuid), str(owner.my_calendar)], now=NOW)
        slots.take_out_of_groups(store, owner, slot_id, [str(group.uuid)], now=NOW)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(edit, range(12)))

    found = slots.read(store, owner, slot_id).entry
    assert (len(found.notes), [item.position for item in found.media]) == (12, list(range(12)))
    assert found.version > 12
    assert found.visibility is Visibility.PRIVATE


def test_putting_a_slot_where_it_is_makes_no_new_version(store: Store) -> None:
    owner = add_person(store)
    group = add_group(store, owner, public=True)
    slot_id = made(store, owner).id
    uuids = [str(group.uuid), str(owner.my_friend_slots)]
    versions = []

    for put in (slots.put_into_groups, slots.put_into_groups, slots.take_out_of_groups, slots.take_out_of_groups):
        put(store, owner, slot_id, uuids, now=NOW)
        versions.append(slots.read(store, owner, slot_id).entry.version)

    assert versions == [2, 2, 3, 3]


def test_a_slot_that_is_deleted_twice_at_once_is_deleted_once(store: Store) -> None:
    owner = add_person(store)
    slot_id = made(store, owner).id

    def remove(_: int) -> bool:
        try:
            slots.remove(store, owner, slot_id, now=NOW)
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(remove, range(4)))

    assert sorted(outcomes) == [False, False, False, True]


def test_groups_that_cannot_be_written_are_reported_in_order(store: Store) -> None:
    ada, bob = add_person(store), add_person(store)
    theirs, mine = add_group(store, bob, ada, members_can_post=False), add_group(store, ada)
    unknown = uuid4()
    asked = [str(unknown), str(mine.uuid), str(theirs.uuid), str(ada.friends_calendar)]

    found = slots.create(store, ada, walk(slot_groups=asked), now=NOW)

    assert found.unauthorized == (unknown, theirs.uuid, ada.friends_calendar)
    assert found.entry.group_uuids == (mine.uuid,)


def test_times_keep_the_zone_that_is_said_with_them(store: Store) -> None:
    owner = add_person(store)
    slot = made(store, owner, zone="Europe/Berlin")
    moved = slots.change(store, owner, slot.id, SlotEdit(end_date=END, zone="Europe/Kyiv"), now=NOW).entry
    floating = slots.change(store, owner, slot.id, SlotEdit(zone=None, floating=True), now=NOW).entry
    same = slots.change(store, owner, slot.id, SlotEdit(start_date=START), now=NOW).entry
    with pytest.raises(Invalid) as refused:
        slots.change(store, owner, slot.id, SlotEdit(zone="Europe/Nowhere"), now=NOW)

    assert [one.times.zone for one in (slot, moved, floating)] == ["Europe/Berlin", "Europe/Kyiv", None]
    assert (floating.times.floating, same.times, same.version) == (True, floating.times, floating.version)
    assert list(refused.value.fields) == ["zone"]
