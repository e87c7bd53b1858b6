"""Groups: make, read, change, delete, and who is in them (docs/api/timeslot-groups.md)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct, structs

from slotport.actions import tries
from slotport.actions.account_fields import checked_email
from slotport.actions.tries import Limit
from slotport.core.account import Account
from slotport.core.group import (
    MOST_GROUPS,
    Group,
    GroupEdit,
    GroupView,
    MemberEdit,
    Membership,
    Preset,
    State,
    checked_group,
    checked_member,
    is_active,
    may_invite,
    may_read,
)
from slotport.errors import Forbidden, Invalid, NotFound
from slotport.storage import accounts, groups
from slotport.storage.groups import Seen
from slotport.storage.store import Store, Transaction

#: invitations by e-mail: of one account, and to one address
MOST_INVITATIONS, INVITATION_SECONDS = 30, 60 * 60
MOST_TO_ADDRESS, ADDRESS_SECONDS = 10, 24 * 60 * 60

_LARGEST_ID = 2**63 - 1


class Members(Struct, frozen=True, kw_only=True):
    """Who is in a group now."""

    group: Group
    accounts: tuple[Account, ...]  #: by id


class Overview(Struct, frozen=True, kw_only=True):
    """The groups that a person has to do with, each oldest first."""

    own: tuple[GroupView, ...]
    others: tuple[GroupView, ...]  #: in which the person is a member
    invitations: tuple[GroupView, ...]  #: to be answered


class Related(Struct, frozen=True, kw_only=True):
    """Everybody who has or had to do with a group, but for those who have not answered yet.

    Whether an invitation by e-mail reached somebody is not told.
    """

    group: Group
    memberships: tuple[Membership, ...]  #: by account id


def create(store: Store, caller: Account, edit: GroupEdit, invitees: Sequence[int] = (), *, now: datetime) -> GroupView:
    """Store a new group of the caller's, the invitees being active at once.

    Raises Invalid, also for an invitee who has no account.
    """
    said = checked_group(edit, is_new=True)
    with store.write() as transaction:
        _ = transaction.change  # the first lock
        others = _known(transaction, [number for number in invitees if number != caller.id])
        if groups.count_own(transaction, caller.id) >= MOST_GROUPS:
            raise Invalid.of("name", f"is one too many: an account has at most {MOST_GROUPS} groups")
        group = groups.add(transaction, caller.id, **said, now=now)
        groups.set_state(transaction, group, others, State.ACTIVE, now)
    return _view(store, caller, group.uuid)


def read(store: Store, caller: Account, uuid: UUID) -> GroupView:
    """The group as the caller sees it. Raises NotFound, and Forbidden if it is not for the caller."""
    with store.read() as transaction:
        return groups.views(transaction, [seen_by(transaction, caller, uuid)], caller.id)[0]


def change(store: Store, caller: Account, uuid: UUID, edit: GroupEdit, *, now: datetime) -> GroupView:
    """Change the caller's group. Raises NotFound, Forbidden, Invalid."""
    said = checked_group(edit, is_new=False)
    with store.write() as transaction:
        group = _own(transaction, caller, uuid)
        if group.preset is not Preset.NONE and said.get("public", group.public) != group.public:
            raise Forbidden("a default calendar stays as public as it is")
        if said:
            groups.change(transaction, structs.replace(group, **said), now)
    return _view(store, caller, uuid)


def remove(store: Store, caller: Account, uuid: UUID, *, keep_slots: bool, now: datetime) -> GroupView:
    """Delete the caller's group; its slots stay, with ``keep_slots`` in the caller's schedule if they were there.

    Raises NotFound, and Forbidden for the default calendars.
    """
    with store.write() as transaction:
        group = _own(transaction, caller, uuid)
        if group.preset is not Preset.NONE:
            raise Forbidden("a default calendar cannot be deleted")
        if keep_slots:
            _keep_slots(transaction, group, _live(transaction, caller, uuid)[1])
        groups.remove(transaction, [group.id], now)
    return _view(store, caller, uuid)


def members(store: Store, caller: Account, uuid: UUID) -> Members:
    """The group's active members. Raises as read."""
    with store.read() as transaction:
        group, _ = seen_by(transaction, caller, uuid)
        ids = groups.members_of(transaction, [group.id]).get(group.id, [])
        found: list[Account] = []
        for start in range(0, len(ids), groups.BATCH):
            part = accounts.find_many(transaction, ids[start : start + groups.BATCH])
            found += (part[number] for number in sorted(part))
        return Members(group=group, accounts=tuple(found))


def related(store: Store, caller: Account, uuid: UUID) -> Related:
    """Everybody in any state, for the owner. Raises NotFound, Forbidden."""
    with store.read() as transaction:
        group, _ = _live(transaction, caller, uuid)
        _only_owner(group, caller)
        return _related(transaction, group)


def invite(store: Store, caller: Account, uuid: UUID, invitees: Sequence[int], *, now: datetime) -> Related:
    """Make the invitees active members, who left too. Raises NotFound, Forbidden, Invalid for unknown ids."""
    with store.write() as transaction:
        group, membership = _live(transaction, caller, uuid, lock=True)
        if not may_invite(group, caller.id, membership):
            raise Forbidden("only the owner may invite to this group")
        active = set(groups.members_of(transaction, [group.id]).get(group.id, ()))
        new = [number for number in _known(transaction, invitees) if number not in active]
        groups.set_state(transaction, group, new, State.ACTIVE, now)
        return _related(transaction, group)


def invite_by_email(store: Store, caller: Account, uuid: UUID, email: str, *, now: datetime) -> None:
    """Invite whoever has the address, and is no member yet; nothing tells whether there is somebody.

    Raises NotFound, Forbidden; Invalid for what is no address; TooManyTries.
    """
    with store.write() as transaction:
        group, membership = _live(transaction, caller, uuid, lock=True)
        if not may_invite(group, caller.id, membership):
            raise Forbidden("only the owner may invite to this group")
        address = checked_email(email)
        limits = [
            Limit(name=f"invites:{caller.id}", most=MOST_INVITATIONS, seconds=INVITATION_SECONDS),
            Limit(name=f"invited:{accounts.email_key(address)}", most=MOST_TO_ADDRESS, seconds=ADDRESS_SECONDS),
        ]
        tries.take_in(transaction, limits, what="invitations", now=now)
        known = accounts.find_by_email(transaction, address)
        active = set(groups.members_of(transaction, [group.id]).get(group.id, ()))
        new = [] if known is None or known.account.id in active else [known.account.id]
        groups.set_state(transaction, group, new, State.INVITED, now)
        accounts.mark_changed(transaction, [group.owner_id])  # whether or not there was somebody


def subscribe(store: Store, caller: Account, uuid: UUID, *, now: datetime) -> Related:
    """Make the caller an active member of a public group. Raises NotFound, Forbidden."""
    with store.write() as transaction:
        group, membership = _live(transaction, caller, uuid, lock=True)
        if not group.public:
            raise Forbidden("only public calendars can be subscribed to")
        if not is_active(membership):
            groups.set_state(transaction, group, [caller.id], State.ACTIVE, now)
        return _related(transaction, group)


def answer(store: Store, caller: Account, uuid: UUID, state: State, *, now: datetime) -> None:
    """Accept (ACTIVE) or refuse (REFUSED) an invitation. Raises NotFound; Forbidden if there is none."""
    with store.write() as transaction:
        group, membership = _live(transaction, caller, uuid, lock=True)
        if membership is None or membership.state is not State.INVITED:
            raise Forbidden("there is no invitation to this group")
        groups.set_state(transaction, group, [caller.id], state, now)


def leave(store: Store, caller: Account, uuid: UUID, *, keep_slots: bool, now: datetime) -> None:
    """End the caller's membership; ``keep_slots`` as in remove. Raises NotFound; Forbidden for who is no member."""
    with store.write() as transaction:
        group, membership = _live(transaction, caller, uuid, lock=True)
        if not is_active(membership):
            raise Forbidden("you are no member of this group")
        _may_go(group, caller.id)
        if keep_slots:
            _keep_slots(transaction, group, membership)
        groups.set_state(transaction, group, [caller.id], State.LEFT, now)


def kick(store: Store, caller: Account, uuid: UUID, account_id: int, *, now: datetime) -> None:
    """End somebody's membership, for the owner; nothing happens to who has none. Raises NotFound, Forbidden."""
    with store.write() as transaction:
        group = _own(transaction, caller, uuid)
        states = {found.account_id: found.state for found in groups.memberships(transaction, group.id)}
        if states.get(account_id) in {State.ACTIVE, State.INVITED}:
            _may_go(group, account_id)
            groups.set_state(transaction, group, [account_id], State.KICKED, now)


def set_up(store: Store, caller: Account, uuid: UUID, edit: MemberEdit, *, now: datetime) -> None:
    """Store what the caller sets for oneself as a member. Raises NotFound, Forbidden, Invalid."""
    said = checked_member(edit)
    with store.write() as transaction:
        _, membership = _live(transaction, caller, uuid, lock=True)
        if membership is None or not is_active(membership):
            raise Forbidden("you are no member of this group")
        if said:
            groups.change_membership(transaction, structs.replace(membership, **said), now)


def calendars(store: Store, caller: Account) -> list[GroupView]:
    """The groups in which the caller is active, oldest first."""
    with store.read() as transaction:
        return groups.views(transaction, groups.active_of(transaction, caller.id), caller.id)


def overview(store: Store, caller: Account) -> Overview:
    """The live groups that the caller owns, is a member of, or is invited to."""
    with store.read() as transaction:
        views = groups.views(transaction, groups.concerning(transaction, caller.id), caller.id)
    own = tuple(view for view in views if view.group.owner_id == caller.id)
    others = [view for view in views if view.group.owner_id != caller.id]
    return Overview(
        own=own,
        others=tuple(view for view in others if is_active(view.membership)),
        invitations=tuple(view for view in others if not is_active(view.membership)),
    )


def show_in_schedule(store: Store, caller: Account, uuid: UUID, *, shown: bool, now: datetime) -> None:
    """Show the group's slots in the caller's schedule, or hide them. Raises NotFound, Forbidden as set_up."""
    with store.write() as transaction:
        _, membership = _live(transaction, caller, uuid, lock=True)
        if membership is None or not is_active(membership):
            raise Forbidden("you are no member of this group")
        if membership.show_in_schedule != shown:
            groups.change_membership(transaction, structs.replace(membership, show_in_schedule=shown), now)


def seen_by(transaction: Transaction, caller: Account, uuid: UUID) -> Seen:
    """The group, if the caller may see it. Raises NotFound, Forbidden; of a deleted one only the owner knows."""
    found = groups.find(transaction, uuid, caller.id)
    if found is None or (found[0].deleted_at is not None and found[0].owner_id != caller.id):
        raise _no_group()
    if not may_read(found[0], caller.id, found[1]):
        raise Forbidden("this group is for its members only")
    return found


def _live(transaction: Transaction, caller: Account, uuid: UUID, *, lock: bool = False) -> Seen:
    if lock:
        _ = transaction.change  # the first lock, as for every writer of slots and groups
    found = groups.find(transaction, uuid, caller.id)
    if found is None or found[0].deleted_at is not None:
        raise _no_group()
    return found


def _own(transaction: Transaction, caller: Account, uuid: UUID) -> Group:
    group, _ = _live(transaction, caller, uuid, lock=True)
    _only_owner(group, caller)
    return group


def _only_owner(group: Group, caller: Account) -> None:
    if group.owner_id != caller.id:
        raise Forbidden("only the group's owner may do that")


def _may_go(group: Group, account_id: int) -> None:
    if group.preset is not Preset.NONE and group.owner_id == account_id:
        raise Forbidden("nobody leaves the own default calendars")


def _keep_slots(transaction: Transaction, group: Group, membership: Membership | None) -> None:
    if membership is not None and is_active(membership) and membership.show_in_schedule:
        groups.keep_in_schedule(transaction, group.id, membership.account_id)


def _known(transaction: Transaction, account_ids: Sequence[int]) -> list[int]:
    """The ids, each once. Raises Invalid if one of them is nobody's."""
    wanted = list(dict.fromkeys(account_ids))
    possible = [number for number in wanted if 0 < number <= _LARGEST_ID]
    known = groups.live_accounts(transaction, possible)
    if unknown := [number for number in wanted if number not in known]:
        raise Invalid.of("invitees", f"{unknown[0]} is the id of no account")
    return wanted


def _related(transaction: Transaction, group: Group) -> Related:
    found = groups.memberships(transaction, group.id)
    return Related(group=group, memberships=tuple(one for one in found if one.state is not State.INVITED))


def _view(store: Store, caller: Account, uuid: UUID) -> GroupView:
    with store.read() as transaction:
        found = groups.find(transaction, uuid, caller.id)
        if found is None:
            raise _no_group()
        return groups.views(transaction, [found], caller.id)[0]


def _no_group() -> NotFound:
    return NotFound("there is no such group")
