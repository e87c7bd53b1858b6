"""Groups, which are calendars that several people share: listed, made, changed, deleted (docs/page.md)."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import groups
from slotport.api.body import body_of, query_of
from slotport.api.page import group_members
from slotport.api.page.group_page import GroupForm, Sent, edit_of, live, shown
from slotport.api.page.rendering import Page
from slotport.api.timeslot.entries import uuid_in_path
from slotport.core.account import Account
from slotport.core.colours import COLOURS, colour_of
from slotport.core.group import MemberEdit, Preset, is_active
from slotport.errors import Invalid, NotFound
from slotport.storage.store import Store


class MembersQuery(Struct, kw_only=True):
    """Which part of the members is shown."""

    number: int = 1


class OwnForm(Struct, kw_only=True):
    """What a member sets for oneself."""

    colour: str = ""
    in_schedule: bool = False


class KeepForm(Struct, kw_only=True):
    """Whether the slots stay in one's schedule."""

    keep: bool = False


@get("/groups", sync_to_thread=True)
def show_groups(
    page: NamedDependency[Page], caller: NamedDependency[Account], store: NamedDependency[Store]
) -> Response[Any]:
    """The caller's groups, and invitations to others."""
    found = groups.overview(store, caller)
    colours = {view.group.id: colour_of(view.group, view.membership) for view in (*found.own, *found.others)}
    return page.show("groups.html", found=found, colours=colours)


@get("/groups/new", sync_to_thread=True)
def show_new(page: NamedDependency[Page], caller: NamedDependency[Account]) -> Response[Any]:
    """The form of a new group."""
    return page.show("group_new.html", form=GroupForm(members_can_post=True))


@post("/groups/new", sync_to_thread=True, dependencies={"form": body_of(GroupForm)})
def make(
    form: NamedDependency[GroupForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Make a group, which is in its maker's schedule."""
    try:
        made = groups.create(store, caller, edit_of(form), now=now)
    except Invalid as problem:
        return page.show("group_new.html", status_code=422, problem=problem, form=form)
    groups.show_in_schedule(store, caller, made.group.uuid, shown=True, now=now)
    return page.go(f"/app/groups/{made.group.uuid}", said="groups-made")


@get("/groups/{group_id:str}", sync_to_thread=True, dependencies={"asked": query_of(MembersQuery)})
def show_group(
    group_id: FromPath[str],
    asked: NamedDependency[MembersQuery],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """A group, its members, and what the caller may change."""
    return shown(page, store, caller, uuid_in_path(group_id), number=asked.number)


@post("/groups/{group_id:str}", sync_to_thread=True, dependencies={"form": body_of(GroupForm)})
def change(
    group_id: FromPath[str],
    form: NamedDependency[GroupForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Change an own group."""
    uuid = uuid_in_path(group_id)
    group = live(store, caller, uuid).group
    if group.preset is not Preset.NONE:
        form.public = group.public  # stays as it is, and is not in the form
    try:
        groups.change(store, caller, uuid, edit_of(form), now=now)
    except Invalid as problem:
        return shown(page, store, caller, uuid, sent=Sent(form=form, problem=problem))
    return page.go(f"/app/groups/{uuid}", said="groups-saved")


@post("/groups/{group_id:str}/own", sync_to_thread=True, dependencies={"form": body_of(OwnForm)})
def set_up(
    group_id: FromPath[str],
    form: NamedDependency[OwnForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Choose the own colour, and whether the slots are in the own schedule."""
    uuid = uuid_in_path(group_id)
    if form.colour not in [str(number) for number in range(len(COLOURS))]:
        problem = Invalid.of("colour", "must be one of the ten")
        return shown(page, store, caller, uuid, sent=Sent(problem=problem))
    groups.set_up(store, caller, uuid, MemberEdit(color=COLOURS[int(form.colour)]), now=now)
    groups.show_in_schedule(store, caller, uuid, shown=form.in_schedule, now=now)
    return page.go(f"/app/groups/{uuid}", said="groups-saved")


@get("/groups/{group_id:str}/delete", sync_to_thread=True)
def ask_to_delete(
    group_id: FromPath[str],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The question before a group goes."""
    view = live(store, caller, uuid_in_path(group_id))
    if view.group.owner_id != caller.id or view.group.preset is not Preset.NONE:
        raise NotFound("there is nothing to delete here")
    return page.show("group_end.html", view=view, verb="delete")


@post("/groups/{group_id:str}/delete", sync_to_thread=True, dependencies={"form": body_of(KeepForm)})
def delete(
    group_id: FromPath[str],
    form: NamedDependency[KeepForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Delete an own group; its slots stay."""
    groups.remove(store, caller, uuid_in_path(group_id), keep_slots=form.keep, now=now)
    return page.go("/app/groups", said="groups-deleted")


@get("/groups/{group_id:str}/leave", sync_to_thread=True)
def ask_to_leave(
    group_id: FromPath[str],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The question before leaving."""
    view = live(store, caller, uuid_in_path(group_id))
    if not is_active(view.membership) or view.group.preset is not Preset.NONE:
        raise NotFound("there is nothing to leave here")
    return page.show("group_end.html", view=view, verb="leave")


@post("/groups/{group_id:str}/leave", sync_to_thread=True, dependencies={"form": body_of(KeepForm)})
def leave(
    group_id: FromPath[str],
    form: NamedDependency[KeepForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Leave a group."""
    groups.leave(store, caller, uuid_in_path(group_id), keep_slots=form.keep, now=now)
    return page.go("/app/groups", said="groups-left")


HANDLERS: list[Any] = [
    show_groups,
    show_new,
    make,
    show_group,
    change,
    set_up,
    ask_to_delete,
    delete,
    ask_to_leave,
    leave,
    *group_members.HANDLERS,
]
