"""Slots and series as a calendar changes them: moved, or one occurrence left out or made different (docs/page.md).

An occurrence is named by the id of its series and its recurrence id. Changing one alone makes an override, a slot of
the same uid with that recurrence id (RFC 5545 section 3.8.4.4); leaving one out adds an EXDATE.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from msgspec import Struct, structs

from slotport.core import exceptions
from slotport.core.account import Account
from slotport.core.entry import Checked, Times
from slotport.core.recurrence import Occurrence, clock_of, find
from slotport.core.rrule import read_rule
from slotport.core.slot import Slot
from slotport.errors import Invalid, NotFound
from slotport.storage import calendar, series, slots, transfer
from slotport.storage.counts import Effect, writing
from slotport.storage.instants import milliseconds
from slotport.storage.store import Store, Transaction

MOST_DAYS = 3_700  #: that a slot is moved at once


class Part(StrEnum):
    """What of a slot moves."""

    WHOLE = "whole"
    START = "start"
    END = "end"


class Move(Struct, frozen=True, kw_only=True):
    """By how much something moves on the viewer's clocks."""

    days: int = 0
    seconds: int = 0
    part: Part = Part.WHOLE


class Moved(Struct, frozen=True):
    """Where to find what was moved."""

    slot_id: int
    recurrence_id: str


def move(
    store: Store,
    caller: Account,
    slot_id: int,
    recurrence_id: str,
    asked: Move,
    *,
    zone: tzinfo,
    with_all: bool,
    now: datetime,
) -> Moved:
    """Move the caller's slot, an occurrence alone, or all of its series ``with_all``.

    Raises NotFound; Invalid for a time that the viewer's clocks skip, an end before the start, and for a series whose
    rule names its days and is to move to others.
    """
    if abs(asked.days) > MOST_DAYS or abs(asked.seconds) > MOST_DAYS * 86_400:
        raise Invalid.of("start", "is too far away")
    with writing(store) as (transaction, effect):
        slot = own_in(transaction, caller, slot_id)
        if recurrence_id and with_all:
            recurrence_id = _move_all(transaction, caller, slot_id, slot, recurrence_id, asked, now)
            return Moved(slot_id, recurrence_id)
        if recurrence_id:
            slot_id, slot = override_in(transaction, effect, caller, slot_id, slot, recurrence_id, now)
        times = _times(slot, asked, UTC if slot.floating else zone)
        slots.change(transaction, slot_id, caller.id, Checked(times=times), now)
    return Moved(slot_id, "")


def override(store: Store, caller: Account, slot_id: int, recurrence_id: str, *, now: datetime) -> int:
    """The id of the slot that stands for one occurrence of the caller's series, made if there is none.

    Raises NotFound, also for what is no occurrence.
    """
    with writing(store) as (transaction, effect):
        slot = own_in(transaction, caller, slot_id)
        return override_in(transaction, effect, caller, slot_id, slot, recurrence_id, now)[0]


def occurrence(store: Store, caller: Account, slot_id: int, recurrence_id: str) -> tuple[int, Occurrence | None]:
    """One date of the caller's series: the slot that stands for it, else the series' id and the times of the date.

    Raises NotFound, also for what is no occurrence.
    """
    with store.read() as transaction:
        slot = own_in(transaction, caller, slot_id)
        for number, existing in series.overrides(transaction, caller.id, slot.uid or ""):
            if existing == recurrence_id:
                return number, None
        return slot_id, _occurrence(transaction, caller, slot_id, slot, recurrence_id)


def exclude(store: Store, caller: Account, slot_id: int, recurrence_id: str, *, now: datetime) -> None:
    """Leave one occurrence of the caller's series out. Raises NotFound."""
    with writing(store) as (transaction, _):
        slot = own_in(transaction, caller, slot_id)
        _occurrence(transaction, caller, slot_id, slot, recurrence_id)
        lines = exceptions.with_exception(slot, recurrence_id)
        slots.touch(transaction, slot_id, caller.id, now, icalendar="\n".join(lines))


def remove(store: Store, caller: Account, slot_id: int, *, now: datetime) -> None:
    """Delete the caller's slot: a series with all that stands for its occurrences.

    What stands for an occurrence goes alone, and the occurrence does not come back. Raises NotFound.
    """
    with writing(store) as (transaction, effect):
        slot = own_in(transaction, caller, slot_id)
        if not slot.recurrence_id:
            held, count = series.remove(transaction, caller.id, slot.uid or "", now)
            effect.in_group = {group_id: -number for group_id, number in held.items()}
            effect.created = {caller.id: -count}
            return
        if (master := series.master(transaction, caller.id, slot.uid or "")) is not None:
            lines = exceptions.with_exception(own_in(transaction, caller, master), slot.recurrence_id)
            slots.touch(transaction, master, caller.id, now, icalendar="\n".join(lines))
        effect.in_group = dict.fromkeys(slots.group_ids_of(transaction, slot_id), -1)
        effect.created = {caller.id: -1}
        slots.remove(transaction, slot_id, caller.id, now)


def own_in(transaction: Transaction, caller: Account, slot_id: int) -> Slot:
    """The caller's slot as files have it. Raises NotFound."""
    if slots.find_own(transaction, slot_id, caller.id) is None:
        raise NotFound("there is no such slot")
    return transfer.load(transaction, [slot_id], caller.id)[slot_id].slot


def _overrides(transaction: Transaction, caller: Account, slot_id: int, slot: Slot) -> Sequence[Slot]:
    held = calendar.Held(id=slot_id, owner_id=caller.id, slot=slot, group_id=None)
    return [one.slot for one in calendar.overrides(transaction, [held]).get(slot_id, ())]


def _occurrence(transaction: Transaction, caller: Account, slot_id: int, slot: Slot, recurrence_id: str) -> Occurrence:
    found = find(slot, recurrence_id, overrides=_overrides(transaction, caller, slot_id, slot))
    if found is None:
        raise NotFound("there is no such date of this series; perhaps it was changed meanwhile")
    return found


def override_in(
    transaction: Transaction,
    effect: Effect,
    caller: Account,
    slot_id: int,
    slot: Slot,
    recurrence_id: str,
    now: datetime,
) -> tuple[int, Slot]:
    """The override of an occurrence, as id and slot; it begins as the occurrence is. Raises NotFound."""
    for number, existing in series.overrides(transaction, caller.id, slot.uid or ""):
        if existing == recurrence_id:
            return number, own_in(transaction, caller, number)
    one = _occurrence(transaction, caller, slot_id, slot, recurrence_id)
    new = structs.replace(
        slot,
        recurrence_id=recurrence_id,
        start=one.start,
        end=one.end,
        rrule="",
        icalendar=exceptions.without_dates(slot),
    )
    number = transaction.object_ids(1)[0]
    group_ids = tuple(slots.group_ids_of(transaction, slot_id))
    # a deleted override of that date has its place in the index of uids
    series.free(transaction, caller.id, slot.uid or "", [recurrence_id])
    addition = transfer.Addition(id=number, slot=new, content_hash=None, group_ids=group_ids)
    transfer.add_slots(transaction, caller.id, [addition], now=milliseconds(now))
    series.share_as(transaction, slot_id, number)
    slots.touch(transaction, slot_id, caller.id, now)
    effect.in_group, effect.created = dict.fromkeys(group_ids, 1), {caller.id: 1}
    return number, new


def _move_all(
    transaction: Transaction, caller: Account, slot_id: int, slot: Slot, recurrence_id: str, asked: Move, now: datetime
) -> str:
    """Move a series; the recurrence id that the occurrence has then."""
    clock = clock_of(slot)
    first = clock.wall(slot.start)
    times = _times(slot, asked, clock.zone)
    by = clock.wall(times.start.date() if times.all_day else times.start) - first
    if by and (first + by).date() != first.date() and _names_days(slot):
        raise Invalid.of("start", "this series goes by fixed days; open it, and change how it repeats")
    slots.change(transaction, slot_id, caller.id, Checked(times=times), now)
    if by:
        _take_along(transaction, caller, slot_id, slot, by, now)
    return exceptions.moved_id(recurrence_id, slot, by)


def follow_in(transaction: Transaction, caller: Account, slot_id: int, before: Slot, now: datetime) -> None:
    """Move what stands for single dates of a series, whose times are others than ``before``, as its start has moved.

    Raises Invalid for dates that cannot be moved.
    """
    slot = own_in(transaction, caller, slot_id)
    if slot.recurrence_id or isinstance(slot.start, datetime) is not isinstance(before.start, datetime):
        return
    by = clock_of(slot).wall(slot.start) - clock_of(before).wall(before.start)
    if by:
        _take_along(transaction, caller, slot_id, before, by, now)


def _take_along(
    transaction: Transaction, caller: Account, slot_id: int, slot: Slot, by: timedelta, now: datetime
) -> None:
    """Move the dates that are left out or made different as the series has moved."""
    slots.touch(transaction, slot_id, caller.id, now, icalendar="\n".join(exceptions.moved(slot, by)) or None)
    changed = [
        (number, exceptions.moved_id(old, slot, by))
        for number, old in series.overrides(transaction, caller.id, slot.uid or "")
    ]
    series.rename(transaction, caller.id, slot.uid or "", changed)


def _names_days(slot: Slot) -> bool:
    try:
        rule = read_rule(slot.rrule or "")
    except ValueError:
        return True
    return bool(rule.by_day or rule.by_month_day or rule.by_month or rule.by_year_day or rule.by_week)


def _times(slot: Slot, asked: Move, zone: tzinfo) -> Times:
    """When the slot is after the move, on the clocks of that zone."""
    is_whole = not isinstance(slot.start, datetime)
    if is_whole and asked.seconds:
        raise Invalid.of("start", "takes whole days")
    if slot.end is None and asked.part is Part.END:
        raise Invalid.of("end", "is open; open the slot, and say when it ends")
    start: date = slot.start if asked.part is Part.END else _moved(slot.start, asked, zone)
    end: date | None
    if slot.end is None or asked.part is Part.START:
        end = slot.end
    elif asked.part is Part.WHOLE:
        end = start + (slot.end - slot.start)  # it takes as long, whatever the clocks do meanwhile
    else:
        end = _moved(slot.end, asked, zone)
    if end is not None and asked.part is not Part.WHOLE and end <= start:
        raise Invalid.of("end", "must be after the start")
    return Times(
        start=_instant(start),
        end=None if end is None else _instant(end),
        all_day=is_whole,
        zone=slot.zone,
        floating=slot.floating,
    )


def _moved(value: date, asked: Move, zone: tzinfo) -> Any:
    try:
        if not isinstance(value, datetime):
            return value + timedelta(days=asked.days)
        wall = value.astimezone(zone).replace(tzinfo=None) + timedelta(days=asked.days, seconds=asked.seconds)
        moment = wall.replace(tzinfo=zone).astimezone(UTC)
        is_skipped = moment.astimezone(zone).replace(tzinfo=None) != wall
    except OverflowError as cause:
        raise Invalid.of("start", "must be in the years 1 to 9999") from cause
    if is_skipped:
        raise Invalid.of("start", f"clocks skip {wall:%H:%M} on that day")
    return moment


def _instant(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)
