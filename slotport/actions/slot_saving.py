"""A slot as a form says it: all at once or not at all, its groups and readers too (docs/design/page.md)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, structs

from slotport.actions import series
from slotport.actions import slots as changes
from slotport.core.account import Account
from slotport.core.entry import SlotEdit, checked, checked_uuids
from slotport.core.group import Group, Preset, is_active, may_post, placement
from slotport.core.slot import Visibility
from slotport.errors import Invalid
from slotport.storage import groups, slots
from slotport.storage.counts import Effect, writing
from slotport.storage.groups import Seen
from slotport.storage.store import Store, Transaction


class Saving(Struct, frozen=True, kw_only=True):
    """What a form says of a slot. Of the own default calendars it is in the one that fits its visibility."""

    edit: SlotEdit
    visibility: str
    groups: Sequence[str]  #: uuids of the other groups that it is to be in, of those the caller may post to
    removed_notes: Sequence[int] = ()
    removed_media: Sequence[int] = ()


class Home(Struct, frozen=True, kw_only=True):
    """A group that the caller may put slots into."""

    group: Group
    holds: bool  #: the slot


def homes(store: Store, caller: Account, slot_id: int | None) -> list[Home]:
    """The groups that the form offers, by name: not the own default calendars."""
    with store.read() as transaction:
        held = set() if slot_id is None else slots.group_ids_of(transaction, slot_id)
        offered = _offered(groups.active_of(transaction, caller.id), caller)
    found = [Home(group=group, holds=group.id in held) for group in offered]
    return sorted(found, key=lambda home: home.group.name.casefold())


def save(
    store: Store, caller: Account, slot_id: int | None, saving: Saving, *, occurrence: str = "", now: datetime
) -> int:
    """Store what the form says of the caller's slot, or with None of a new one; the slot's id.

    ``occurrence``: of a series the one date that is meant. Raises Invalid, and NotFound for a slot, date, note or
    media that the caller has not.
    """
    visibility = _visibility(saving.visibility)
    asked = {str(uuid) for uuid in checked_uuids(saving.groups)}
    with writing(store) as (transaction, effect):
        offered = _offered(groups.active_of(transaction, caller.id), caller)
        wanted = [group for group in offered if str(group.uuid) in asked]
        if len(wanted) < len(asked):
            raise Invalid.of("groups", "are not all yours to put slots into")
        if slot_id is None:
            _check(wanted, visibility)
            edit = structs.replace(saving.edit, visibility=visibility.value, slot_groups=sorted(asked))
            return changes.create_in(transaction, effect, caller, checked(edit, None), now=now)[0]
        if occurrence:
            slot = series.own_in(transaction, caller, slot_id)
            number, _ = series.override_in(transaction, effect, caller, slot_id, slot, occurrence, now)
            if effect.created:
                saving = _of_copy(transaction, saving, slot_id, number)
            slot_id = number
        _save(transaction, effect, caller, slot_id, saving, wanted, now)
    return slot_id


def _save(
    transaction: Transaction,
    effect: Effect,
    caller: Account,
    slot_id: int,
    saving: Saving,
    wanted: Sequence[Group],
    now: datetime,
) -> None:
    """Store what the form says of an existing slot, as a part of the transaction."""
    before = series.own_in(transaction, caller, slot_id)
    if changes.change_in(transaction, caller, slot_id, saving.edit, now=now):
        series.follow_in(transaction, caller, slot_id, before, now)
    else:
        effect.moves_nothing = not effect.created
    if saving.removed_notes:
        changes.remove_notes_in(transaction, caller, slot_id, saving.removed_notes, now=now)
    if saving.removed_media:
        changes.remove_media_in(transaction, caller, slot_id, saving.removed_media, now=now)
    _place(transaction, effect, caller, slot_id, wanted, _visibility(saving.visibility), now)


def _of_copy(transaction: Transaction, saving: Saving, slot_id: int, copy_id: int) -> Saving:
    """What was said of a slot's notes and media, as said of those of a copy that was just made of it."""
    notes_of = slots.notes_of(transaction, [slot_id, copy_id])
    media_of = slots.media_of(transaction, [slot_id, copy_id])
    note_ids = {old.id: new.id for old, new in zip(notes_of[slot_id], notes_of[copy_id], strict=True)}
    media_ids = {old.id: new.id for old, new in zip(media_of[slot_id], media_of[copy_id], strict=True)}
    notes = [note if note.id is None else structs.replace(note, id=note_ids.get(note.id)) for note in saving.edit.notes]
    return structs.replace(
        saving,
        edit=structs.replace(saving.edit, notes=notes),
        removed_notes=[note_ids[number] for number in saving.removed_notes if number in note_ids],
        removed_media=[media_ids[number] for number in saving.removed_media if number in media_ids],
    )


def _place(
    transaction: Transaction,
    effect: Effect,
    caller: Account,
    slot_id: int,
    wanted: Sequence[Group],
    visibility: Visibility,
    now: datetime,
) -> None:
    """Put the slot into just those of the offered groups, and let just those read it."""
    before = changes.own(transaction, caller, slot_id)
    seen = slots.group_memberships(transaction, slot_id, caller.id)
    held = {group.id: group for group, _ in seen}
    presets = groups.presets_of(transaction, caller.id)
    own = {group.id for group in presets.values()}
    free = {group.id for group in _offered(groups.active_of(transaction, caller.id), caller)}
    kept = [group for group in held.values() if group.id not in free | own]  # not the caller's to take it out of
    after = {group.id: group for group in (*wanted, *kept)}
    _check(after.values(), visibility)
    is_moved = after.keys() != held.keys() - own
    if not is_moved and visibility is before.visibility:
        return
    placed = placement(visibility, with_friends=False, publics=[group.public for group in after.values()])
    ids = after.keys() | {presets[preset].id for preset in placed.presets if preset in presets}
    joined, left = ids - held.keys(), held.keys() - ids
    slots.put_into_groups(transaction, slot_id, sorted(joined), now)
    slots.take_out_of_groups(transaction, slot_id, left, now)
    for group_id, more in (*((one, 1) for one in joined), *((one, -1) for one in left)):
        effect.in_group[group_id] = effect.in_group.get(group_id, 0) + more
    effect.moves_nothing = False
    values: dict[str, Any] = {"visibility": visibility.value, "shared_with_friends": visibility in changes.SHARED}
    slots.touch(transaction, slot_id, caller.id, now, **values)


def _offered(seen: Iterable[Seen], caller: Account) -> list[Group]:
    """Groups that the caller may put slots into, without the own default calendars."""
    return [
        group
        for group, membership in seen
        if is_active(membership)
        and may_post(group, caller.id, membership)
        and not (group.preset is not Preset.NONE and group.owner_id == caller.id)
    ]


def _check(wanted: Iterable[Group], visibility: Visibility) -> None:
    public = next((group for group in wanted if group.public), None)
    if public is not None and visibility is not Visibility.PUBLIC:
        text = f"has {public.name}, which everybody may read: take the slot out of it, or let everybody read the slot"
        raise Invalid.of("groups", text)


def _visibility(text: str) -> Visibility:
    try:
        return Visibility(text)
    except ValueError:
        raise Invalid.of("visibility", f"must be one of {', '.join(Visibility)}") from None
