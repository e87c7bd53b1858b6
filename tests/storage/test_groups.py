"""Groups and memberships, on both databases."""

from uuid import uuid4

from msgspec import structs
from sqlalchemy import select

from slotport.core.account import Account
from slotport.core.group import Group, Membership, Preset, State
from slotport.core.slot import Visibility
from slotport.storage import groups, tables
from slotport.storage.store import Store
from tests.calendars import HOUR, NOW, add_group, add_person, add_slot, counted_statements


def change_of(store: Store, account: Account) -> tuple[int, int]:
    """The number of the last commit, and of the last one that the account has to do with."""
    with store.read() as transaction:
        last = transaction.connection.scalar(select(tables.counter.c.change))
        own = transaction.connection.scalar(select(tables.account.c.change).where(tables.account.c.id == account.id))
    return last or 0, own or 0


def states(store: Store, group: Group) -> dict[int, State]:
    with store.read() as transaction:
        return {found.account_id: found.state for found in groups.memberships(transaction, group.id)}


def test_a_group_reads_back_with_its_owner_as_member(store: Store) -> None:
    owner, uuid = add_person(store), uuid4()

    with store.write() as transaction:
        stored = groups.add(
            transaction, owner.id, "Walks", uuid=uuid, image="i", description="d", default_color="2244AA", now=NOW
        )
    with store.read() as transaction:
        found = groups.find(transaction, uuid, owner.id)

    member = Membership(group_id=stored.id, account_id=owner.id, state=State.ACTIVE, color="2244AA")
    assert found == (stored, member)
    assert (stored.uuid, stored.members_can_post, stored.members_can_invite) == (uuid, True, False)
    assert change_of(store, owner)[0] == change_of(store, owner)[1]


def test_an_unknown_uuid_and_a_stranger_find_less(store: Store) -> None:
    group = add_group(store, add_person(store))
    stranger = add_person(store)

    with store.read() as transaction:
        assert groups.find(transaction, uuid4(), stranger.id) is None
        assert groups.find(transaction, group.uuid, stranger.id) == (group, None)
        assert groups.find(transaction, group.uuid, None) == (group, None)


def test_an_account_has_two_default_calendars_in_its_schedule(store: Store) -> None:
    owner = add_person(store)

    with store.read() as transaction:
        presets = groups.presets_of(transaction, owner.id)
        active = groups.active_of(transaction, owner.id)

    assert {preset: group.public for preset, group in presets.items()} == {Preset.PRIVATE: False, Preset.PUBLIC: True}
    assert [group for group, _ in active] == [presets[Preset.PRIVATE], presets[Preset.PUBLIC]]
    assert all(membership is not None and membership.show_in_schedule for _, membership in active)


def test_a_change_takes_the_next_version_and_the_commits_number(store: Store) -> None:
    owner = add_person(store)
    group = add_group(store, owner)
    later = structs.replace(group, name="Runs", public=True, updated_at=NOW + HOUR)

    with store.write() as transaction:
        groups.change(transaction, later, NOW + HOUR)

    with store.read() as transaction:
        assert groups.find(transaction, group.uuid, None) == (structs.replace(later, version=2), None)
        stored = transaction.connection.scalar(select(tables.group.c.change).where(tables.group.c.id == group.id))
    assert (stored, stored) == change_of(store, owner)


def test_deleting_a_group_empties_it_and_ends_memberships(store: Store) -> None:
    owner, member, gone, invited = (add_person(store) for _ in range(4))
    group = add_group(store, owner, member, gone, shown=True)
    with store.write() as transaction:
        groups.set_state(transaction, group, [gone.id], State.LEFT, NOW)
        groups.set_state(transaction, group, [invited.id], State.INVITED, NOW)
    slot_id = add_slot(store, member, group)

    with store.write() as transaction:
        groups.remove(transaction, [group.id], NOW + HOUR)

    assert states(store, group) == {
        owner.id: State.DELETED,
        member.id: State.DELETED,
        gone.id: State.LEFT,
        invited.id: State.DELETED,
    }
    with store.read() as transaction:
        found = groups.find(transaction, group.uuid, owner.id)
        assert found is not None
        assert (found[0].deleted_at, found[0].version) == (NOW + HOUR, 2)
        slot = transaction.connection.execute(select(tables.slot).where(tables.slot.c.id == slot_id)).one()
        assert (slot.deleted_at, slot.version) == (None, 2)
        assert transaction.connection.execute(select(tables.slot_group)).all() == []
    for account in (owner, member):
        assert change_of(store, account)[0] == change_of(store, account)[1]


def test_states_are_set_for_new_and_known_members(store: Store) -> None:
    owner, other = add_person(store), add_person(store)
    group = add_group(store, owner)

    for state in (State.INVITED, State.ACTIVE, State.KICKED, State.ACTIVE, State.LEFT):
        with store.write() as transaction:
            groups.set_state(transaction, group, [other.id], state, NOW)
        with store.read() as transaction:
            found = groups.find(transaction, group.uuid, other.id)
        assert found is not None
        assert found[1] is not None
        assert found[1].state is state
        assert (found[1].deleted_at is None) is (state in {State.INVITED, State.ACTIVE})
        assert change_of(store, other)[0] == change_of(store, other)[1]


def test_settings_of_a_membership_survive_leaving(store: Store) -> None:
    owner, other = add_person(store), add_person(store)
    group = add_group(store, owner, other, shown=True)
    mine = Membership(
        group_id=group.id,
        account_id=other.id,
        state=State.ACTIVE,
        color="112233",
        notifications=False,
        default_alerts="1000000000",
        show_in_schedule=True,
    )

    with store.write() as transaction:
        groups.change_membership(transaction, mine, NOW)
        groups.set_state(transaction, group, [other.id], State.LEFT, NOW)
    with store.write() as transaction:
        groups.set_state(transaction, group, [other.id], State.ACTIVE, NOW)

    with store.read() as transaction:
        found = groups.find(transaction, group.uuid, other.id)
    assert found == (group, structs.replace(mine, show_in_schedule=False))


def test_views_count_members_and_what_the_reader_may_read(store: Store) -> None:
    ada, bob, eve = (add_person(store) for _ in range(3))
    club = add_group(store, ada, bob, public=True)
    add_slot(store, ada, club)
    add_slot(store, eve, club)
    add_slot(store, ada, club, visibility=Visibility.PUBLIC)

    def seen(reader: int | None) -> tuple[int, tuple[int, ...], str]:
        with store.read() as transaction:
            found = groups.find(transaction, club.uuid, reader)
            assert found is not None
            view = groups.views(transaction, [found], reader)[0]
        return view.slot_count, view.member_ids, view.owner.username

    assert [seen(reader)[0] for reader in (ada.id, bob.id, eve.id, None)] == [3, 3, 2, 1]
    assert seen(None)[1:] == ((ada.id, bob.id), ada.username)


def test_many_views_take_as_many_statements_as_one(store: Store) -> None:
    ada, reader = add_person(store), add_person(store)
    found = [add_group(store, ada, reader), *(add_group(store, ada, public=True) for _ in range(30))]
    numbers = []
    for part in (found[:2], found):
        with counted_statements(store) as statements, store.read() as transaction:
            seen = groups.find_many(transaction, [group.uuid for group in part], reader.id)
            assert len(groups.views(transaction, list(seen.values()), reader.id)) == len(part)
        numbers.append(len(statements))

    assert numbers[1] <= numbers[0] <= 10


def test_live_accounts_are_those_that_are_not_deleted(store: Store) -> None:
    ada = add_person(store)
    with store.write() as transaction:
        transaction.connection.execute(tables.account.update().values(deleted_at=1))
    bob = add_person(store)

    with store.read() as transaction:
        assert groups.live_accounts(transaction, [ada.id, bob.id, 10**15]) == {bob.id}
        assert groups.live_accounts(transaction, []) == set()


def test_a_kept_calendar_is_in_the_schedule_slot_by_slot(store: Store) -> None:
    ada = add_person(store)
    group = add_group(store, ada)
    slot_ids = [add_slot(store, ada, group), add_slot(store, ada, group)]

    with store.write() as transaction:
        for _ in range(2):
            groups.keep_in_schedule(transaction, group.id, ada.id)

    with store.read() as transaction:
        kept = transaction.connection.scalars(select(tables.scheduled.c.slot_id).order_by(tables.scheduled.c.slot_id))
        assert list(kept) == slot_ids
