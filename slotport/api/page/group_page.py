"""The page of one group: its members, and the forms of who may change what."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response
from msgspec import Struct

from slotport.actions import groups
from slotport.api.page.convention_forms import rows_of
from slotport.api.page.rendering import Page
from slotport.core.account import Account
from slotport.core.colours import COLOURS, colour_of
from slotport.core.group import GroupEdit, GroupView, Preset, is_active, may_invite, may_post
from slotport.errors import Forbidden, NotFound, SlotportError
from slotport.storage.store import Store


class GroupForm(Struct, kw_only=True):
    """What the owner says of a group."""

    name: str = ""
    description: str = ""
    image: str = ""
    public: bool = False
    members_can_post: bool = False
    members_can_invite: bool = False


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What was sent and refused, to be shown again."""

    problem: SlotportError
    form: GroupForm | None = None
    email: str = ""


def edit_of(form: GroupForm) -> GroupEdit:
    """The form as the action takes it."""
    return GroupEdit(
        name=form.name,
        description=form.description.replace("\r\n", "\n") or None,
        image=form.image.strip(),
        public=form.public,
        members_can_post=form.members_can_post,
        members_can_invite=form.members_can_invite,
    )


def live(store: Store, caller: Account, uuid: UUID) -> GroupView:
    """A group that is there, as the caller sees it. Raises NotFound, also for one that is not for the caller."""
    try:
        view = groups.read(store, caller, uuid)
    except Forbidden as cause:
        raise NotFound("there is no such group") from cause
    if view.group.deleted_at is not None:
        raise NotFound("this group was deleted")
    return view


def shown(
    page: Page, store: Store, caller: Account, uuid: UUID, *, sent: Sent | None = None, number: int = 1
) -> Response[Any]:
    """The page; ``number``: of the part of its members. Raises as live."""
    view = live(store, caller, uuid)
    group = view.group
    people = groups.members(store, caller, uuid).accounts
    return page.show(
        "group.html",
        status_code=200 if sent is None else 422,
        problem=None if sent is None else sent.problem,
        view=view,
        form=(sent and sent.form) or _form_of(view),
        email="" if sent is None else sent.email,
        rows=rows_of(people, number),
        is_owner=group.owner_id == caller.id,
        is_member=is_active(view.membership),
        is_preset=group.preset is not Preset.NONE,
        may_invite=may_invite(group, caller.id, view.membership) and group.preset is Preset.NONE,
        may_post=may_post(group, caller.id, view.membership),
        colour=colour_of(group, view.membership),
        colours=range(len(COLOURS)),
    )


def _form_of(view: GroupView) -> GroupForm:
    group = view.group
    return GroupForm(
        name=group.name,
        description=group.description or "",
        image=group.image,
        public=group.public,
        members_can_post=group.members_can_post,
        members_can_invite=group.members_can_invite,
    )
