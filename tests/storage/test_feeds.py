"""Feeds in the database, and what changes with what they tell; on both databases."""

from datetime import timedelta

import pytest
from msgspec import structs

from slotport.actions import feeds as actions
from slotport.core.account import Account
from slotport.core.convention import EventStatus
from slotport.core.feed import Feed, Show
from slotport.errors import NotFound
from slotport.storage import conventions, events, feeds, schedules, slots, timeslots
from slotport.storage.store import Store
from slotport.storage.timeslots import Filters
from tests.calendars import NOW, add_group, add_person, add_slot, counted_statements
from tests.conventions import add_convention
from tests.schedules import NINE, add_event, add_location, add_time_slot

DAY = timedelta(days=1)
SERVER = "https://slots.example"


def made(store: Store, account: Account, group: str | None = None, show: str | None = None) -> str:
    """The secret of a new feed."""
    return actions.make(store, account, group=group, show=show, now=NOW).secret


def read(store: Store, secret: str, *, etag: str = "", later: timedelta = timedelta(0)) -> actions.File:
    return actions.read(store, secret, lambda tag: tag == etag, server=SERVER, now=NOW + later)


def test_a_feed_is_found_by_its_secret_alone_and_removed_by_its_maker(store: Store) -> None:
    ada, eve = add_person(store), add_person(store)
    new = actions.make(store, ada, group=None, show="public", now=NOW)

    with store.write() as transaction:
        assert feeds.of_account(transaction, eve.id) == []
        assert feeds.of_account(transaction, ada.id) == [
            Feed(id=new.feed.id, account=ada, group=None, show=Show.PUBLIC, created_at=NOW)
        ]
        assert feeds.find(transaction, b"x" * 32) is None
        assert not feeds.remove(transaction, eve.id, new.feed.id)
        assert feeds.remove(transaction, ada.id, new.feed.id)
        assert feeds.of_account(transaction, ada.id) == []


def test_the_last_use_is_known_to_the_hour(store: Store) -> None:
    ada = add_person(store)
    secret = made(store, ada)
    for minutes in (0, 10, 70):
        read(store, secret, later=timedelta(minutes=minutes))

    assert [feed.last_used_at for feed in actions.own(store, ada)] == [
        NOW.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    ]


def test_a_deleted_slot_is_told_of_for_thirty_days(store: Store) -> None:
    ada = add_person(store)
    secret = made(store, ada)
    slot_id = add_slot(store, ada)
    with store.write() as transaction:
        _ = transaction.change
        slots.remove(transaction, slot_id, ada.id, NOW)
    first = read(store, secret)
    again = read(store, secret, etag=first.etag, later=30 * DAY - timedelta(minutes=1))
    gone = read(store, secret, etag=first.etag, later=30 * DAY)

    assert b"STATUS:CANCELLED" in (first.body or b"")
    assert again.body is None
    assert b"BEGIN:VEVENT" not in (gone.body or b"BEGIN:VEVENT")


def test_a_groups_feed_changes_with_what_others_put_there(store: Store) -> None:
    ada, eve = add_person(store), add_person(store)
    group = add_group(store, ada, eve)
    secret = made(store, eve, group=str(group.uuid))
    tags = [read(store, secret).etag]
    slot_id = add_slot(store, ada, group)
    tags.append(read(store, secret).etag)
    with store.write() as transaction:
        _ = transaction.change
        slots.touch(transaction, slot_id, ada.id, NOW, title="Other")
    tags.append(read(store, secret).etag)
    with store.write() as transaction:
        _ = transaction.change
        slots.take_out_of_groups(transaction, slot_id, [group.id], NOW)
    tags.append(read(store, secret).etag)
    tags.append(read(store, secret, later=31 * DAY).etag)

    assert len(set(tags[:4])) == 4
    assert tags[4] != tags[3]


def test_time_slots_left_the_public_view_by_any_way_are_told_of(store: Store) -> None:
    ada = add_person(store)
    convention = add_convention(store, ada)
    event = add_event(store, convention, ada)
    slot_id = add_time_slot(store, convention, event, add_location(store, convention))
    secret = made(store, ada)
    before = read(store, secret)
    later = NOW + timedelta(minutes=1)
    with store.write() as transaction:
        _ = transaction.change
        hidden = structs.replace(event, status=EventStatus.CONTENT_APPROVED, updated_at=later, version=2)
        events.change(transaction, hidden, later)
        timeslots.event_status_changed(transaction, event.id, hidden.status, later)
    after = read(store, secret, etag=before.etag)
    with store.read() as transaction:
        (listed,) = schedules.listed(transaction, convention.id, Filters(), later)
        (hosted,) = schedules.hosted(transaction, ada.id, later)
        assert schedules.listed(transaction, convention.id, Filters(), later + 30 * DAY) == []
        assert schedules.forgotten_at(transaction, convention.id, later + 29 * DAY) is None
        assert schedules.forgotten_at(transaction, convention.id, later + 31 * DAY) == later + 30 * DAY
        assert schedules.in_schedule(transaction, ada.id, [slot_id]) == []

    assert (listed.slot.id, listed.hidden_at) == (slot_id, later)
    assert hosted == listed
    assert b"STATUS:CANCELLED" in (after.body or b"")


def test_what_never_was_public_is_never_told_of(store: Store) -> None:
    ada = add_person(store)
    convention = add_convention(store, ada)
    event = add_event(store, convention, ada, status=EventStatus.SUBMITTED)
    slot_id = add_time_slot(store, convention, event, add_location(store, convention))
    with store.write() as transaction:
        _ = transaction.change
        timeslots.cancel(transaction, [slot_id], NOW)
        conventions.mark_changed(transaction, convention.id, NOW)

    assert b"BEGIN:VEVENT" not in (read(store, made(store, ada)).body or b"")


def test_a_feed_takes_as_many_statements_for_one_slot_as_for_many(store: Store) -> None:
    ada = add_person(store)
    convention = add_convention(store, ada)
    event = add_event(store, convention, ada)
    secret = made(store, ada)
    counts = []
    for number in (1, 6):
        for index in range(number):
            add_slot(store, ada)
            place = add_location(store, convention)
            add_time_slot(store, convention, event, place, start=NINE + timedelta(hours=2 * index))
        read(store, secret)
        with counted_statements(store) as statements:
            read(store, secret)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_a_feed_of_a_group_that_its_maker_may_not_read_is_not_made(store: Store) -> None:
    ada, eve = add_person(store), add_person(store)
    group = add_group(store, ada)

    with pytest.raises(NotFound):
        made(store, eve, group=str(group.uuid))
