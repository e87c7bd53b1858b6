"""Groups and their members over HTTP (docs/api/timeslot-groups.md)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import groups
from slotport.actions.groups import Related
from slotport.api.body import body_of
from slotport.api.timeslot.entries import GroupWithState, group_with_state, number_in_path, uuid_in_path
from slotport.api.timeslot.slots import empty
from slotport.core.account import Account
from slotport.core.group import GroupEdit, MemberEdit, State
from slotport.core.when import iso
from slotport.storage.store import Store

_FORBIDDEN = {"errors": [403]}


class NewGroupForm(GroupEdit, frozen=True, kw_only=True):
    """A new group. Needs `name`; `invitees` are ids of accounts."""

    invitees: list[int] | None = None


class InviteForm(Struct, kw_only=True):
    """Who is to be a member."""

    invitees: list[int]


class KeepForm(Struct, kw_only=True):
    """Whether the group's slots stay in the caller's schedule, if they are there."""

    keep_slots_in_schedule: bool | int | None = None


class MemberForm(Struct, kw_only=True):
    """What a member sets for itself."""

    settings: MemberEdit


class RelatedItem(Struct, kw_only=True, rename="camel"):
    """Somebody who has or had to do with a group; `id` is that of the account."""

    id: int
    state: State
    deleted_at: str | None


class RelatedObject(Struct, kw_only=True, rename="camel"):
    """Everybody who has or had to do with a group."""

    id: UUID
    size: int
    related: list[RelatedItem]


class MemberItem(Struct, kw_only=True, rename="camel"):
    """A member."""

    id: int
    username: str
    created_at: str
    updated_at: str
    deleted_at: str | None
    image: str


class MembersObject(Struct, kw_only=True, rename="camel"):
    """A group's active members."""

    id: UUID
    members_counter: int
    members: list[MemberItem]


@post("/groups", status_code=201, sync_to_thread=True, dependencies={"form": body_of(NewGroupForm)})
def create_group(
    form: NamedDependency[NewGroupForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> GroupWithState:
    """Make a group.

    The caller is its owner and an active member, as are the invitees at once.
    """
    return group_with_state(groups.create(store, caller, form, form.invitees or (), now=now))


@get("/groups/{group_id:str}", sync_to_thread=True, opt=_FORBIDDEN)
def read_group(
    group_id: FromPath[str], caller: NamedDependency[Account], store: NamedDependency[Store]
) -> GroupWithState:
    """Show a group.

    A public one to anybody with an account, any other to its members and its owner.
    """
    return group_with_state(groups.read(store, caller, uuid_in_path(group_id)))


@patch("/groups/{group_id:str}", sync_to_thread=True, dependencies={"form": body_of(GroupEdit)}, opt=_FORBIDDEN)
def change_group(
    group_id: FromPath[str],
    form: NamedDependency[GroupEdit],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> GroupWithState:
    """Change an own group."""
    return group_with_state(groups.change(store, caller, uuid_in_path(group_id), form, now=now))


@delete(
    "/groups/{group_id:str}",
    status_code=200,
    sync_to_thread=True,
    dependencies={"form": body_of(KeepForm, query=True)},
    opt=_FORBIDDEN,
)
def remove_group(
    group_id: FromPath[str],
    form: NamedDependency[KeepForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> GroupWithState:
    """Delete an own group.

    Its slots stay, and its memberships end. The two default calendars cannot be deleted.
    """
    keep = bool(form.keep_slots_in_schedule)
    return group_with_state(groups.remove(store, caller, uuid_in_path(group_id), keep_slots=keep, now=now))


@get("/groups/{group_id:str}/members", sync_to_thread=True, opt=_FORBIDDEN)
def read_members(
    group_id: FromPath[str], caller: NamedDependency[Account], store: NamedDependency[Store]
) -> MembersObject:
    """Show a group's active members."""
    found = groups.members(store, caller, uuid_in_path(group_id))
    items = [
        MemberItem(
            id=account.id,
            username=account.username,
            created_at=iso(account.created_at),
            updated_at=iso(account.updated_at),
            deleted_at=None if account.deleted_at is None else iso(account.deleted_at),
            image=account.image,
        )
        for account in found.accounts
    ]
    return MembersObject(id=found.group.uuid, members_counter=len(items), members=items)


@get("/groups/{group_id:str}/related", sync_to_thread=True, opt=_FORBIDDEN)
def read_related(
    group_id: FromPath[str], caller: NamedDependency[Account], store: NamedDependency[Store]
) -> RelatedObject:
    """Show everybody who has or had to do with an own group."""
    return _related(groups.related(store, caller, uuid_in_path(group_id)))


@post(
    "/groups/{group_id:str}/members",
    status_code=201,
    sync_to_thread=True,
    dependencies={"form": body_of(InviteForm)},
    opt=_FORBIDDEN,
)
def invite(
    group_id: FromPath[str],
    form: NamedDependency[InviteForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> RelatedObject:
    """Make people members of a group.

    For its owner, and for members if they may invite.
    """
    return _related(groups.invite(store, caller, uuid_in_path(group_id), form.invitees, now=now))


@post("/groups/{group_id:str}/accept", status_code=200, sync_to_thread=True, opt=_FORBIDDEN)
def accept(
    group_id: FromPath[str],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Accept an invitation."""
    groups.answer(store, caller, uuid_in_path(group_id), State.ACTIVE, now=now)
    return empty()


@post("/groups/{group_id:str}/refuse", status_code=200, sync_to_thread=True, opt=_FORBIDDEN)
def refuse(
    group_id: FromPath[str],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Refuse an invitation."""
    groups.answer(store, caller, uuid_in_path(group_id), State.REFUSED, now=now)
    return empty()


@delete(
    "/groups/{group_id:str}/members",
    status_code=200,
    sync_to_thread=True,
    dependencies={"form": body_of(KeepForm, query=True)},
    opt=_FORBIDDEN,
)
def leave(
    group_id: FromPath[str],
    form: NamedDependency[KeepForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Leave a group."""
    keep = bool(form.keep_slots_in_schedule)
    groups.leave(store, caller, uuid_in_path(group_id), keep_slots=keep, now=now)
    return empty()


@delete("/groups/{group_id:str}/members/{user_id:str}", status_code=200, sync_to_thread=True, opt=_FORBIDDEN)
def kick(
    group_id: FromPath[str],
    user_id: FromPath[str],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """End somebody's membership in an own group."""
    groups.kick(store, caller, uuid_in_path(group_id), number_in_path(user_id), now=now)
    return empty()


@patch(
    "/groups/{group_id:str}/members",
    sync_to_thread=True,
    dependencies={"form": body_of(MemberForm)},
    opt=_FORBIDDEN,
)
def set_up(
    group_id: FromPath[str],
    form: NamedDependency[MemberForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Set the own colour, notifications and default alerts for a group."""
    groups.set_up(store, caller, uuid_in_path(group_id), form.settings, now=now)
    return empty()


@post("/calendars/{group_id:str}/subscribe", status_code=201, sync_to_thread=True, opt=_FORBIDDEN)
def subscribe(
    group_id: FromPath[str],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> RelatedObject:
    """Become a member of a public group."""
    return _related(groups.subscribe(store, caller, uuid_in_path(group_id), now=now))


def _related(found: Related) -> RelatedObject:
    items = [
        RelatedItem(
            id=membership.account_id,
            state=membership.state,
            deleted_at=None if membership.deleted_at is None else iso(membership.deleted_at),
        )
        for membership in found.memberships
    ]
    return RelatedObject(id=found.group.uuid, size=len(items), related=items)


HANDLERS: list[Any] = [
    create_group,
    read_group,
    change_group,
    remove_group,
    read_members,
    read_related,
    invite,
    accept,
    refuse,
    leave,
    kick,
    set_up,
    subscribe,
]
