"""Who is in a group: invited by e-mail, who answers; joining a public one, and being shown the door."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import groups
from slotport.api.body import body_of
from slotport.api.page.group_page import Sent, live, shown
from slotport.api.page.rendering import Page
from slotport.api.timeslot.entries import number_in_path, uuid_in_path
from slotport.core.account import Account
from slotport.core.group import State
from slotport.errors import Invalid, NotFound, TooManyTries
from slotport.storage.store import Store


class InviteForm(Struct, kw_only=True):
    """Who is to be a member."""

    email: str = ""


@post("/groups/{group_id:str}/members", sync_to_thread=True, dependencies={"form": body_of(InviteForm)})
def invite(
    group_id: FromPath[str],
    form: NamedDependency[InviteForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Invite whoever has that e-mail address; the answer is the same if nobody has it."""
    uuid = uuid_in_path(group_id)
    try:
        groups.invite_by_email(store, caller, uuid, form.email, now=now)
    except (Invalid, TooManyTries) as problem:
        return shown(page, store, caller, uuid, sent=Sent(email=form.email, problem=problem))
    return page.go(f"/app/groups/{uuid}", said="groups-invited")


@post("/groups/{group_id:str}/accept", sync_to_thread=True)
def accept(
    group_id: FromPath[str],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Become a member."""
    uuid = uuid_in_path(group_id)
    groups.answer(store, caller, uuid, State.ACTIVE, now=now)
    return page.go(f"/app/groups/{uuid}", said="groups-accepted")


@post("/groups/{group_id:str}/refuse", sync_to_thread=True)
def refuse(
    group_id: FromPath[str],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Do not become one."""
    groups.answer(store, caller, uuid_in_path(group_id), State.REFUSED, now=now)
    return page.go("/app/groups", said="groups-refused")


@post("/groups/{group_id:str}/join", sync_to_thread=True)
def join(
    group_id: FromPath[str],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Become a member of a public group, or again of an own one."""
    view = live(store, caller, uuid_in_path(group_id))
    if view.group.owner_id == caller.id:
        groups.invite(store, caller, view.group.uuid, [caller.id], now=now)
    else:
        groups.subscribe(store, caller, view.group.uuid, now=now)
    return page.go(f"/app/groups/{view.group.uuid}", said="groups-accepted")


@get("/groups/{group_id:str}/members/{account_id:str}/kick", sync_to_thread=True)
def ask_to_kick(
    group_id: FromPath[str],
    account_id: FromPath[str],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The question before a membership ends."""
    view = live(store, caller, uuid_in_path(group_id))
    number = number_in_path(account_id)
    people = groups.members(store, caller, view.group.uuid).accounts
    member = next((one for one in people if one.id == number), None)
    if member is None or view.group.owner_id != caller.id:
        raise NotFound("there is no such member")
    return page.show("group_kick.html", view=view, member=member)


@post("/groups/{group_id:str}/members/{account_id:str}/kick", sync_to_thread=True)
def kick(
    group_id: FromPath[str],
    account_id: FromPath[str],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """End somebody's membership in an own group."""
    uuid = uuid_in_path(group_id)
    groups.kick(store, caller, uuid, number_in_path(account_id), now=now)
    return page.go(f"/app/groups/{uuid}", said="groups-kicked")


HANDLERS: list[Any] = [invite, accept, refuse, join, ask_to_kick, kick]
