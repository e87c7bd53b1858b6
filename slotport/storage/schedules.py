"""Time slots of calendars that are read again and again: with what left them lately, and when that is forgotten.

A calendar keeps what left the public view for KEPT. The moment at which it forgets a time slot changes it as a write
does; that moment is known without loading anything.
"""

from datetime import datetime

from msgspec import structs
from sqlalchemy import func, select

from slotport.core.convention import TimeSlot
from slotport.core.feed import Listed
from slotport.storage import conventions, tables, timeslots
from slotport.storage.departures import KEPT
from slotport.storage.instants import at, milliseconds
from slotport.storage.readers import id_list
from slotport.storage.store import Transaction
from slotport.storage.timeslots import PUBLIC, Filters

_T = tables.time_slot.c
_H = tables.time_slot_host.c
_LEFT = tables.time_slot_host_left.c


def forgotten_at(transaction: Transaction, convention_id: int, now: datetime) -> datetime | None:
    """When the convention's calendar last forgot a time slot."""
    latest = transaction.connection.scalar(
        select(func.max(_T.hidden_at)).where(
            _T.convention_id == convention_id, _T.hidden_at <= milliseconds(now - KEPT), _T.was_public
        )
    )
    return None if latest is None else at(latest) + KEPT


def listed(
    transaction: Transaction, convention_id: int, filters: Filters, now: datetime, *, location_slug: str = ""
) -> list[Listed]:
    """The time slots of the convention's calendar that pass the filters, by start and id, those it lost lately too.

    A slug that no location has or had finds nothing.
    """
    if location_slug:
        location_id = _location_id(transaction, convention_id, location_slug)
        if location_id is None:
            return []
        filters = structs.replace(filters, location_id=location_id)
    conditions = timeslots.conditions_of(transaction, convention_id, filters, sees_all=False)
    if conditions is None:
        return []
    return _listed(transaction, " AND ".join([*conditions, _shown(now)]))


def hosted(transaction: Transaction, account_id: int, now: datetime) -> list[Listed]:
    """The time slots, of any convention, that the account hosts or lately did, as the public sees them."""
    since = milliseconds(now - KEPT)
    own = (
        f"SELECT time_slot_id FROM time_slot_host WHERE account_id = {account_id:d}"
        f" UNION SELECT time_slot_id FROM time_slot_host_left WHERE account_id = {account_id:d} AND left_at > {since:d}"
    )
    left = {
        slot_id: at(moment)
        for slot_id, moment in transaction.connection.execute(
            select(_LEFT.time_slot_id, _LEFT.left_at).where(_LEFT.account_id == account_id, _LEFT.left_at > since)
        )
    }
    found = _listed(transaction, f"slot.id IN ({own}) AND {_shown(now)}")
    return [_without_host(each, account_id, left.get(each.slot.id)) for each in found]


def in_schedule(transaction: Transaction, account_id: int, slot_ids: list[int]) -> list[Listed]:
    """Those of the time slots that the account hosts and the public sees, by start and id."""
    own = f"SELECT time_slot_id FROM time_slot_host WHERE account_id = {account_id:d}"
    condition = f"slot.id IN ({id_list(slot_ids)}) AND slot.id IN ({own}) AND slot.deleted_at IS NULL AND {PUBLIC}"
    return _listed(transaction, condition) if slot_ids else []


def hosted_state(transaction: Transaction, account_id: int, now: datetime) -> list[tuple[int, ...]]:
    """What changes with everything that ``hosted`` tells, in order, and is known without loading it."""
    link, left = tables.time_slot_host, tables.time_slot_host_left
    ids = (
        select(_H.time_slot_id)
        .where(_H.account_id == account_id)
        .union(select(_LEFT.time_slot_id).where(_LEFT.account_id == account_id))
    )
    convention = tables.convention.c
    since = milliseconds(now - KEPT)
    of_conventions = (
        select(
            convention.id,
            convention.change,
            func.coalesce(func.max(_T.hidden_at).filter(_T.hidden_at <= since), 0),
        )
        .join_from(tables.convention, tables.time_slot, _T.convention_id == convention.id)
        .where(_T.id.in_(ids))
        .group_by(convention.id, convention.change)
        .order_by(convention.id)
    )
    counts = select(
        select(func.count()).select_from(link).where(_H.account_id == account_id).scalar_subquery(),
        select(func.count())
        .select_from(left)
        .where(_LEFT.account_id == account_id, _LEFT.left_at > since)
        .scalar_subquery(),
    )
    return [tuple(row) for statement in (of_conventions, counts) for row in transaction.connection.execute(statement)]


def _location_id(transaction: Transaction, convention_id: int, slug: str) -> int | None:
    """The location of that slug, or else the last one that had it."""
    place = tables.location.c
    return transaction.connection.scalar(
        select(place.id)
        .where(place.convention_id == convention_id, place.slug == slug)
        .order_by(place.deleted_at.is_not(None), place.id.desc())
        .limit(1)
    )


def _shown(now: datetime) -> str:
    since = milliseconds(now - KEPT)
    return f"((slot.deleted_at IS NULL AND {PUBLIC}) OR (slot.was_public AND slot.hidden_at > {since:d}))"


def _without_host(each: Listed, account_id: int, left_at: datetime | None) -> Listed:
    if each.hidden_at is not None or any(host.person.id == account_id for host in each.slot.hosts):
        return each
    return Listed(
        slot=each.slot,
        convention=each.convention,
        changed_at=max(each.changed_at, left_at or each.changed_at),
        hidden_at=left_at or each.changed_at,
    )


def _listed(transaction: Transaction, condition: str) -> list[Listed]:
    slots = timeslots.where(transaction, condition)
    if not slots:
        return []
    hidden_of = _hidden(transaction, slots)
    convention_of = conventions.load(transaction, {slot.event.convention_id for slot in slots})
    places = {place.id for slot in slots for place in slot.locations}
    rows = transaction.connection.exec_driver_sql(
        f"SELECT id, updated_at FROM location WHERE id IN ({id_list(sorted(places))})"
    )
    moved_at = {number: at(moment) for number, moment in rows}
    return [
        Listed(
            slot=slot,
            convention=convention_of[slot.event.convention_id],
            changed_at=max(slot.updated_at, slot.event.updated_at, *(moved_at[place.id] for place in slot.locations)),
            hidden_at=None if slot.is_public else hidden_of.get(slot.id),
        )
        for slot in slots
    ]


def _hidden(transaction: Transaction, slots: list[TimeSlot]) -> dict[int, datetime]:
    """When the public view lost those of the time slots that it lost."""
    ids = id_list(sorted(slot.id for slot in slots if not slot.is_public))
    rows = transaction.connection.exec_driver_sql(f"SELECT id, hidden_at FROM time_slot WHERE id IN ({ids})")
    return {number: at(moment) for number, moment in rows}
