"""Slots: make, read, change, delete, and in which groups they are (docs/api/timeslot-slots.md)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from slotport.core.account import Account
from slotport.core.entry import (
    Checked,
    Entry,
    SlotEdit,
    changed_note,
    checked,
    checked_uuids,
    promoted,
    reordered,
    with_added,
)
from slotport.core.group import Group, is_active, may_post, placement
from slotport.core.slot import Visibility
from slotport.errors import NotFound
from slotport.storage import counts, groups, slots
from slotport.storage.counts import Effect, writing
from slotport.storage.store import Store, Transaction

SHARED = {Visibility.FRIENDS, Visibility.FOAF}  #: with friends


class Made(Struct, frozen=True, kw_only=True):
    """A slot that was just made or deleted."""

    entry: Entry
    slot_count: int  #: that its creator has now
    calendar_count: int  #: in which its creator is active
    unauthorized: tuple[UUID, ...] = ()  #: of the groups asked for, those that the caller may not put slots into


class Shown(Struct, frozen=True, kw_only=True):
    """A slot, and how many may read it; None: everyone."""

    entry: Entry
    readers: int | None


class SlotSets(Struct, frozen=True, kw_only=True):
    """Where a slot is."""

    groups: tuple[Group, ...]  #: those the caller belongs to
    is_scheduled: bool  #: in the caller's schedule
    is_shared_with_friends: bool  #: by the caller


def create(store: Store, caller: Account, edit: SlotEdit, *, now: datetime) -> Made:
    """Store a new slot of the caller. Raises Invalid; groups that cannot be written to are only reported."""
    asked = checked(edit, None)
    with writing(store) as (transaction, effect):
        slot_id, unauthorized = create_in(transaction, effect, caller, asked, now=now)
    return _made(store, caller, slot_id, unauthorized)


def create_in(
    transaction: Transaction, effect: Effect, caller: Account, asked: Checked, *, now: datetime
) -> tuple[int, tuple[UUID, ...]]:
    """The same as a part of the transaction: the slot's id, and the groups that cannot be written to."""
    targets = _targets(transaction, caller, asked.group_uuids)
    placed = placement(
        asked.visibility, with_friends=targets.friends, publics=[group.public for group in targets.groups]
    )
    presets = groups.presets_of(transaction, caller.id)
    homes = [presets[preset].id for preset in placed.presets if preset in presets]
    group_ids = list(dict.fromkeys([*(group.id for group in targets.groups), *homes]))
    slot_id = slots.add(
        transaction,
        caller.id,
        asked,
        placed.visibility,
        group_ids,
        with_friends=targets.friends or asked.visibility in SHARED,
        now=now,
    )
    effect.in_group, effect.created = dict.fromkeys(group_ids, 1), {caller.id: 1}
    slots.add_notes(transaction, slot_id, asked.notes, now)
    slots.add_media(transaction, slot_id, asked.media, with_added((), asked.media)[1], now)
    if targets.schedule:
        slots.put_into_schedule(transaction, slot_id, caller.id)
    return slot_id, targets.unauthorized


def read(store: Store, reader: Account | None, slot_id: int) -> Shown:
    """The slot as the reader sees it; None is a visitor. Raises NotFound if there is none that the reader may see."""
    reader_id = None if reader is None else reader.id
    with store.read() as transaction:
        if not slots.may_read(transaction, slot_id, reader_id):
            raise _no_slot()
        return _shown(transaction, slot_id, reader_id)


def change(store: Store, caller: Account, slot_id: int, edit: SlotEdit, *, now: datetime) -> Shown:
    """Change the caller's slot. Raises Invalid, and NotFound also for a note or media reference that it has not."""
    with writing(store) as (transaction, effect):
        effect.moves_nothing = not change_in(transaction, caller, slot_id, edit, now=now)
    with store.read() as transaction:
        return _shown(transaction, slot_id, caller.id)


def change_in(transaction: Transaction, caller: Account, slot_id: int, edit: SlotEdit, *, now: datetime) -> bool:
    """The same as a part of the transaction; whether the slot's times are others now."""
    asked = checked(edit, own(transaction, caller, slot_id).times)
    if not asked.says_nothing:
        slots.change(transaction, slot_id, caller.id, asked, now)
        _change_notes(transaction, slot_id, asked, now)
        _change_media(transaction, slot_id, asked, now)
    return asked.times is not None


def remove(store: Store, caller: Account, slot_id: int, *, now: datetime) -> Made:
    """Delete the caller's slot. Raises NotFound."""
    with writing(store) as (transaction, effect):
        own(transaction, caller, slot_id)
        effect.in_group = dict.fromkeys(slots.group_ids_of(transaction, slot_id), -1)
        effect.created = {caller.id: -1}
        slots.remove(transaction, slot_id, caller.id, now)
    return _made(store, caller, slot_id, ())


def remove_notes(store: Store, caller: Account, slot_id: int, note_ids: Sequence[int], *, now: datetime) -> None:
    """Delete notes of the caller's slot. Raises NotFound, also for a note that the slot has not."""
    with writing(store) as (transaction, effect):
        effect.moves_nothing = True
        remove_notes_in(transaction, caller, slot_id, note_ids, now=now)


def remove_notes_in(
    transaction: Transaction, caller: Account, slot_id: int, note_ids: Sequence[int], *, now: datetime
) -> None:
    """The same as a part of the transaction."""
    own(transaction, caller, slot_id)
    known = {note.id for note in slots.notes_of(transaction, [slot_id]).get(slot_id, ())}
    if not known.issuperset(note_ids):
        raise NotFound("the slot has no such note")
    if note_ids:
        slots.touch(transaction, slot_id, caller.id, now)
        slots.remove_notes(transaction, note_ids)


def remove_media(store: Store, caller: Account, slot_id: int, media_ids: Sequence[int], *, now: datetime) -> None:
    """Delete media of the caller's slot; an image follows a deleted cover. Raises NotFound as for notes."""
    with writing(store) as (transaction, effect):
        effect.moves_nothing = True
        remove_media_in(transaction, caller, slot_id, media_ids, now=now)


def remove_media_in(
    transaction: Transaction, caller: Account, slot_id: int, media_ids: Sequence[int], *, now: datetime
) -> None:
    """The same as a part of the transaction."""
    own(transaction, caller, slot_id)
    media = slots.media_of(transaction, [slot_id]).get(slot_id, [])
    if not {item.id for item in media}.issuperset(media_ids):
        raise NotFound("the slot has no such media")
    if media_ids:
        slots.touch(transaction, slot_id, caller.id, now)
        slots.remove_media(transaction, media_ids)
        cover = promoted(media, media_ids)
        slots.move_media(transaction, {} if cover is None else {cover: 0})


def slot_sets(store: Store, caller: Account, slot_id: int) -> SlotSets:
    """Where the slot is, as far as the caller has to do with that. Raises NotFound."""
    with store.read() as transaction:
        if not slots.may_read(transaction, slot_id, caller.id):
            raise _no_slot()
        seen = slots.group_memberships(transaction, slot_id, caller.id)
        mine = slots.find_own(transaction, slot_id, caller.id)
        return SlotSets(
            groups=tuple(group for group, membership in seen if is_active(membership)),
            is_scheduled=slots.is_scheduled(transaction, slot_id, caller.id),
            is_shared_with_friends=mine is not None and mine.shared_with_friends,
        )


def put_into_groups(
    store: Store, caller: Account, slot_id: int, uuids: Sequence[str] | None, *, now: datetime
) -> tuple[UUID, ...]:
    """Put the caller's slot into the groups; those that could not be. A public group makes the slot public.

    Raises NotFound for the slot, Invalid for what is no uuid.
    """
    asked = checked_uuids(uuids)
    with writing(store) as (transaction, effect):
        mine = own(transaction, caller, slot_id)
        targets = _targets(transaction, caller, asked)
        visibility, shared = mine.visibility, targets.friends or mine.visibility in SHARED
        if targets.friends and visibility is Visibility.PRIVATE:
            visibility = Visibility.FRIENDS
        if any(group.public for group in targets.groups):
            visibility = Visibility.PUBLIC
        new = {group.id for group in targets.groups} - slots.group_ids_of(transaction, slot_id)
        slots.put_into_groups(transaction, slot_id, sorted(new), now)
        effect.in_group = dict.fromkeys(new, 1)
        if targets.schedule:
            slots.put_into_schedule(transaction, slot_id, caller.id)
        shared = shared or mine.shared_with_friends
        if new or (visibility, shared) != (mine.visibility, mine.shared_with_friends):
            values = {"visibility": visibility.value, "shared_with_friends": shared}
            slots.touch(transaction, slot_id, caller.id, now, **values)
    return targets.unauthorized


def take_out_of_groups(
    store: Store, caller: Account, slot_id: int, uuids: Sequence[str] | None, *, now: datetime
) -> tuple[UUID, ...]:
    """Take the caller's slot out of the groups; those that could not be written to.

    A public slot that left its last public group is shared with friends or private. Raises as put_into_groups.
    """
    asked = checked_uuids(uuids)
    with writing(store) as (transaction, effect):
        mine = own(transaction, caller, slot_id)
        targets = _targets(transaction, caller, asked)
        held = [group for group, _ in slots.group_memberships(transaction, slot_id, caller.id)]
        leaving = {group.id for group in targets.groups}
        left = [group for group in held if group.id not in leaving]
        shared = mine.shared_with_friends and not targets.friends
        visibility = mine.visibility
        lost_last = any(group.public for group in held) and not any(group.public for group in left)
        if (visibility is Visibility.PUBLIC and lost_last) or (visibility is Visibility.FRIENDS and targets.friends):
            visibility = Visibility.FRIENDS if shared else Visibility.PRIVATE
        slots.take_out_of_groups(transaction, slot_id, leaving, now)
        gone = leaving & {group.id for group in held}
        effect.in_group = dict.fromkeys(gone, -1)
        if targets.schedule:
            slots.take_out_of_schedule(transaction, slot_id, caller.id)
        if gone or (visibility, shared) != (mine.visibility, mine.shared_with_friends):
            values = {"visibility": visibility.value, "shared_with_friends": shared}
            slots.touch(transaction, slot_id, caller.id, now, **values)
    return targets.unauthorized


class _Targets(Struct, frozen=True, kw_only=True):
    """What a list of uuids names."""

    groups: tuple[Group, ...]  #: that the caller may write to
    schedule: bool
    friends: bool
    unauthorized: tuple[UUID, ...]


def _targets(transaction: Transaction, caller: Account, uuids: Sequence[UUID]) -> _Targets:
    views = {caller.my_calendar, caller.my_friend_slots, caller.all_my_slots, caller.my_created_slots}
    real = [uuid for uuid in uuids if uuid not in views]
    seen = groups.find_many(transaction, real, caller.id) if real else {}
    writable = {uuid: group for uuid, (group, membership) in seen.items() if may_post(group, caller.id, membership)}
    return _Targets(
        groups=tuple(writable[uuid] for uuid in real if uuid in writable),
        schedule=caller.my_calendar in uuids,
        friends=caller.my_friend_slots in uuids,
        unauthorized=tuple(uuid for uuid in real if uuid not in writable),
    )


def _change_notes(transaction: Transaction, slot_id: int, asked: Checked, now: datetime) -> None:
    if not asked.notes:
        return
    known = {note.id: note for note in slots.notes_of(transaction, [slot_id]).get(slot_id, ())}
    for edit in asked.notes:
        if edit.id is None:
            slots.add_notes(transaction, slot_id, [edit], now)
        elif edit.id in known:
            known[edit.id] = changed_note(known[edit.id], edit)
            slots.change_note(transaction, known[edit.id])
        else:
            raise NotFound("the slot has no such note")


def _change_media(transaction: Transaction, slot_id: int, asked: Checked, now: datetime) -> None:
    if not asked.media and not asked.order:
        return
    media = slots.media_of(transaction, [slot_id]).get(slot_id, [])
    if asked.order:
        slots.move_media(transaction, reordered(media, asked.order))
        return
    moved, positions = with_added(media, asked.media)
    slots.move_media(transaction, moved)
    slots.add_media(transaction, slot_id, asked.media, positions, now)


def own(transaction: Transaction, caller: Account, slot_id: int) -> slots.Own:
    """The caller's live slot. Raises NotFound."""
    found = slots.find_own(transaction, slot_id, caller.id)
    if found is None:
        raise _no_slot()
    return found


def _shown(transaction: Transaction, slot_id: int, reader_id: int | None) -> Shown:
    found = slots.entries(transaction, [slot_id], reader_id)
    if not found:
        raise _no_slot()
    return Shown(entry=found[0], readers=slots.readers_of(transaction, slot_id))


def _made(store: Store, caller: Account, slot_id: int, unauthorized: tuple[UUID, ...]) -> Made:
    with store.read() as transaction:
        entry = slots.entries(transaction, [slot_id], caller.id)[0]
        return Made(
            entry=entry,
            slot_count=counts.slots_created(transaction, caller.id),
            calendar_count=groups.active_count(transaction, caller.id),
            unauthorized=unauthorized,
        )


def _no_slot() -> NotFound:
    return NotFound("there is no such slot")
