"""What can be asked of groups, on both databases: invitations, and many people at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from slotport.actions import groups, slots
from slotport.core.account import Account
from slotport.core.entry import SlotEdit
from slotport.core.group import Group, GroupEdit, MemberEdit, State
from slotport.errors import Forbidden, Invalid, NotFound, SlotportError
from slotport.storage import groups as stored
from slotport.storage.store import Store
from tests.calendars import NOW, add_group, add_person, add_slot


def states(store: Store, owner: Account, group: Group) -> dict[int, State]:
    found = groups.related(store, owner, group.uuid)
    return {membership.account_id: membership.state for membership in found.memberships}


@pytest.mark.parametrize("state", [State.ACTIVE, State.REFUSED])
def test_an_invitation_is_answered_once(store: Store, state: State) -> None:
    ada, bob = add_person(store), add_person(store)
    group = add_group(store, ada)
    with store.write() as transaction:
        stored.set_state(transaction, group, [bob.id], State.INVITED, NOW)
    with pytest.raises(Forbidden):
        groups.read(store, bob, group.uuid)

    groups.answer(store, bob, group.uuid, state, now=NOW)

    assert states(store, ada, group)[bob.id] is state
    with pytest.raises(Forbidden):
        groups.answer(store, bob, group.uuid, state, now=NOW)


def test_an_invitation_can_be_taken_back(store: Store) -> None:
    ada, bob = add_person(store), add_person(store)
    group = add_group(store, ada)
    with store.write() as transaction:
        stored.set_state(transaction, group, [bob.id], State.INVITED, NOW)

    groups.kick(store, ada, group.uuid, bob.id, now=NOW)

    assert states(store, ada, group)[bob.id] is State.KICKED


def test_one_unknown_invitee_makes_no_group(store: Store) -> None:
    ada = add_person(store)

    with pytest.raises(Invalid) as caught:
        groups.create(store, ada, GroupEdit(name="Walks"), [ada.id, 10**9], now=NOW)

    assert caught.value.fields == {"invitees": [f"{10**9} is the id of no account"]}
    assert len(groups.calendars(store, ada)) == 2


def test_joining_and_leaving_at_once_ends_in_order(store: Store) -> None:
    ada = add_person(store)
    people = [add_person(store) for _ in range(6)]
    group = add_group(store, ada, public=True, members_can_post=True)

    def come_and_go(person: Account) -> list[str]:
        errors = []
        for step in (
            lambda: groups.subscribe(store, person, group.uuid, now=NOW),
            lambda: slots.create(
                store,
                person,
                SlotEdit(title="a", start_date="2031-05-06", slot_groups=[str(group.uuid)]),
                now=NOW,
            ),
            lambda: groups.show_in_schedule(store, person, group.uuid, shown=True, now=NOW),
            lambda: groups.set_up(store, person, group.uuid, MemberEdit(color="112233"), now=NOW),
            lambda: groups.leave(store, person, group.uuid, keep_slots=True, now=NOW),
            lambda: groups.invite(store, ada, group.uuid, [other.id for other in people], now=NOW),
        ):
            try:
                step()
            except SlotportError as error:
                errors.append(type(error).__name__)
        return errors

    with ThreadPoolExecutor(6) as threads:
        outcomes = list(threads.map(come_and_go, people))

    assert {name for errors in outcomes for name in errors} <= {"Forbidden"}
    assert set(states(store, ada, group).values()) == {State.ACTIVE}
    assert groups.read(store, ada, group.uuid).slot_count == 6


def test_a_group_deleted_while_slots_come_in_holds_none(store: Store) -> None:
    ada = add_person(store)
    group = add_group(store, ada)

    def act(number: int) -> None:
        if number == 3:
            groups.remove(store, ada, group.uuid, keep_slots=False, now=NOW)
        else:
            edit = SlotEdit(title="a", start_date="2031-05-06", slot_groups=[str(group.uuid)])
            slots.create(store, ada, edit, now=NOW)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(act, range(8)))

    assert groups.read(store, ada, group.uuid).slot_count == 0
    with pytest.raises(NotFound):
        groups.remove(store, ada, group.uuid, keep_slots=False, now=NOW)


def test_members_are_listed_however_many(store: Store) -> None:
    ada = add_person(store)
    people = [add_person(store) for _ in range(5)]
    group = add_group(store, ada, *people)

    assert [account.id for account in groups.members(store, ada, group.uuid).accounts] == [
        ada.id,
        *(person.id for person in people),
    ]


def test_only_what_was_shown_is_kept_in_the_schedule(store: Store) -> None:
    ada = add_person(store)
    hidden, shown = add_group(store, ada), add_group(store, ada, shown=True)
    add_slot(store, ada, hidden)
    kept = add_slot(store, ada, shown)

    for group in (hidden, shown):
        groups.remove(store, ada, group.uuid, keep_slots=True, now=NOW)

    assert slots.slot_sets(store, ada, kept).is_scheduled
    with store.read() as transaction:
        rows = transaction.connection.exec_driver_sql("SELECT slot_id FROM scheduled").all()
    assert [row[0] for row in rows] == [kept]
