"""Slots over HTTP (docs/api/timeslot-slots.md)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import MediaType, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Struct, UnsetType

from slotport.actions import slots
from slotport.api.body import body_of
from slotport.api.timeslot.entries import (
    MadeSlot,
    ShownSlot,
    SlotForm,
    deleted_at,
    made_slot,
    number_in_path,
    shown_slot,
)
from slotport.core.account import Account
from slotport.core.when import iso
from slotport.storage.store import Store


class Numbered(Struct, kw_only=True):
    """One of a list that is to be removed."""

    id: int


class NotesForm(Struct, kw_only=True):
    """Notes to remove."""

    notes: list[Numbered]


class MediaForm(Struct, kw_only=True):
    """Media to remove."""

    media: list[Numbered]


class SlotGroupsForm(Struct, kw_only=True):
    """Groups to put a slot into, or to take it out of, by uuid."""

    slot_groups: list[str]


class Unauthorized(Struct, kw_only=True, rename="camel"):
    """The groups that the caller may not put slots into, nor take them out of."""

    unauthorized_slotgroups: tuple[UUID, ...]


class OwnerId(Struct, kw_only=True):
    """A group's owner."""

    id: int


class SlotGroup(Struct, kw_only=True, rename="camel"):
    """A group that holds a slot."""

    id: UUID
    name: str
    image: str
    created_at: str
    updated_at: str
    deleted_at: str | None
    owner: OwnerId


class Sets(Struct, kw_only=True, rename="camel"):
    """Where a slot is: the caller's groups, its schedule, what it shares with friends."""

    slot_groups: list[SlotGroup]
    my_calendar: UUID | UnsetType = UNSET
    my_friend_slots: UUID | UnsetType = UNSET


class SlotSets(Struct, kw_only=True, rename="camel"):
    """Where a slot is."""

    slot_sets: Sets


@post("/slots", status_code=201, sync_to_thread=True, dependencies={"form": body_of(SlotForm)})
def create_slot(
    form: NamedDependency[SlotForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> MadeSlot:
    """Make a slot.

    Needs `title` and `startDate`. The widest of `visibility` and `slotGroups` decides who may read it.
    """
    return made_slot(slots.create(store, caller, form.edit, now=now))


@get("/slots/{slot_id:str}", sync_to_thread=True)
def read_slot(
    slot_id: FromPath[str], visitor: NamedDependency[Account | None], store: NamedDependency[Store]
) -> ShownSlot:
    """Show a slot.

    A public one to anybody, without a token too.
    """
    shown = slots.read(store, visitor, number_in_path(slot_id))
    return shown_slot(shown, with_settings=visitor is not None)


@patch("/slots/{slot_id:str}", sync_to_thread=True, dependencies={"form": body_of(SlotForm)})
def change_slot(
    slot_id: FromPath[str],
    form: NamedDependency[SlotForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> ShownSlot:
    """Change an own slot.

    Changes the fields that are sent, adds and changes notes, adds or moves media; all or nothing.
    """
    shown = slots.change(store, caller, number_in_path(slot_id), form.edit, now=now)
    return shown_slot(shown, with_settings=True)


@delete("/slots/{slot_id:str}", status_code=200, sync_to_thread=True)
def remove_slot(
    slot_id: FromPath[str],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> MadeSlot:
    """Delete an own slot."""
    return made_slot(slots.remove(store, caller, number_in_path(slot_id), now=now))


@delete("/slots/{slot_id:str}/notes", status_code=200, sync_to_thread=True, dependencies={"form": body_of(NotesForm)})
def remove_notes(
    slot_id: FromPath[str],
    form: NamedDependency[NotesForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Delete notes of an own slot."""
    slots.remove_notes(store, caller, number_in_path(slot_id), [note.id for note in form.notes], now=now)
    return empty()


@delete("/slots/{slot_id:str}/media", status_code=200, sync_to_thread=True, dependencies={"form": body_of(MediaForm)})
def remove_media(
    slot_id: FromPath[str],
    form: NamedDependency[MediaForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Delete media of an own slot.

    If its cover (position 0) goes while images remain, the last of them becomes the cover.
    """
    slots.remove_media(store, caller, number_in_path(slot_id), [item.id for item in form.media], now=now)
    return empty()


@get("/slots/{slot_id:str}/slotsets", sync_to_thread=True)
def read_slot_sets(slot_id: FromPath[str], caller: NamedDependency[Account], store: NamedDependency[Store]) -> SlotSets:
    """Show in which of the caller's groups a slot is."""
    sets = slots.slot_sets(store, caller, number_in_path(slot_id))
    held = [
        SlotGroup(
            id=group.uuid,
            name=group.name,
            image=group.image,
            created_at=iso(group.created_at),
            updated_at=iso(group.updated_at),
            deleted_at=deleted_at(group),
            owner=OwnerId(id=group.owner_id),
        )
        for group in sets.groups
    ]
    return SlotSets(
        slot_sets=Sets(
            slot_groups=held,
            my_calendar=caller.my_calendar if sets.is_scheduled else UNSET,
            my_friend_slots=caller.my_friend_slots if sets.is_shared_with_friends else UNSET,
        )
    )


@post(
    "/slots/{slot_id:str}/slotgroups",
    status_code=200,
    sync_to_thread=True,
    dependencies={"form": body_of(SlotGroupsForm)},
)
def put_into_groups(
    slot_id: FromPath[str],
    form: NamedDependency[SlotGroupsForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Unauthorized:
    """Put an own slot into groups.

    A public group makes it public. The uuids of the caller's schedule and of what it shares with friends count too.
    """
    refused = slots.put_into_groups(store, caller, number_in_path(slot_id), form.slot_groups, now=now)
    return Unauthorized(unauthorized_slotgroups=refused)


@delete(
    "/slots/{slot_id:str}/slotgroups",
    status_code=200,
    sync_to_thread=True,
    dependencies={"form": body_of(SlotGroupsForm)},
)
def take_out_of_groups(
    slot_id: FromPath[str],
    form: NamedDependency[SlotGroupsForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Unauthorized:
    """Take an own slot out of groups.

    A public slot that leaves its last public group is shared with friends if it was before, or private.
    """
    refused = slots.take_out_of_groups(store, caller, number_in_path(slot_id), form.slot_groups, now=now)
    return Unauthorized(unauthorized_slotgroups=refused)


def empty() -> Response[bytes]:
    """An answer that says nothing but its status."""
    return Response(b"", media_type=MediaType.JSON)


HANDLERS: list[Any] = [
    create_slot,
    read_slot,
    change_slot,
    remove_slot,
    remove_notes,
    remove_media,
    read_slot_sets,
    put_into_groups,
    take_out_of_groups,
]
