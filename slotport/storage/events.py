"""Events of conventions, with their tags and people; the number of statements is constant."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, and_, bindparam, insert, or_, select, true, update

from slotport.core.convention import Access, Event, EventStatus, Person, Tags
from slotport.storage import conventions, people, tables, tags
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Transaction

_E = tables.event.c
#: fields of an Event that are columns of the same name and value
_PLAIN = (
    "title",
    "teaser",
    "description",
    "notes_to_attendees",
    "duration_minutes",
    "min_attendees",
    "max_attendees",
    "requires_registration",
    "price_cents",
    "notes_to_staff",
    "scheduling_constraints",
    "logistical_requirements",
)
_COLUMNS = [
    *(_E[name] for name in ("id", "convention_id", "owner_id", "staff_contact_id", "status", "data")),
    *(_E[name] for name in ("created_at", "updated_at", "version")),
    *(_E[name] for name in _PLAIN),
]
_STATUSES = {status.value: status for status in EventStatus}


def visible(access: Access) -> ColumnElement[bool]:
    """The condition on the row of an event of the convention that the caller may see it."""
    condition: ColumnElement[bool] = true()
    if not access.sees_all:
        condition = _E.status == EventStatus.APPROVED.value
        if access.account is not None:
            condition = or_(condition, _E.owner_id == access.account.id)
    return and_(_E.convention_id == access.convention.id, condition)


def load(transaction: Transaction, ids: Iterable[int]) -> dict[int, Event]:
    """The events of those ids, all of one convention, by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {event.id: event for event in _events(transaction, _among(wanted))}


def listed(transaction: Transaction, access: Access) -> list[Event]:
    """The convention's events that the caller may see, by id."""
    return _events(transaction, visible(access))


def find(transaction: Transaction, convention_id: int, event_id: int) -> Event | None:
    """The convention's event of that id, whoever asks."""
    found = _events(transaction, and_(_E.id == event_id, _E.convention_id == convention_id))
    return found[0] if found else None


def add(transaction: Transaction, events: Sequence[Event], now: datetime) -> list[int]:
    """Store new events, all of one convention, without their tags; the ids that they got (theirs are ignored)."""
    if not events:
        return []
    ids = transaction.object_ids(len(events))
    rows = [
        _row(event)
        | {
            "id": number,
            "convention_id": event.convention_id,
            "created_at": milliseconds(event.created_at),
            "updated_at": milliseconds(now),
            "change": transaction.change,
        }
        for number, event in zip(ids, events, strict=True)
    ]
    transaction.connection.execute(insert(tables.event), rows)
    conventions.mark_changed(transaction, events[0].convention_id, now)
    return list(ids)


def change(transaction: Transaction, event: Event, now: datetime, *, alone: bool = False) -> None:
    """Store every field of the event but its tags and creation, under its next version.

    ``alone``: the owner is the same, so that nobody is shown otherwise at other events.
    """
    values = _row(event) | {"version": _E.version + 1, "change": transaction.change, "updated_at": milliseconds(now)}
    transaction.connection.execute(update(tables.event).where(_E.id == event.id).values(values))
    conventions.mark_changed(transaction, event.convention_id, now, alone=alone)


def touch(transaction: Transaction, convention_id: int, ids: Iterable[int], now: datetime) -> None:
    """Note that the events' tags, which are no columns of theirs, were changed: their next version."""
    transaction.connection.execute(
        update(tables.event)
        .where(_among(sorted(set(ids))))
        .values(version=_E.version + 1, change=transaction.change, updated_at=milliseconds(now))
    )
    conventions.mark_changed(transaction, convention_id, now)


def _among(ids: Sequence[int]) -> ColumnElement[bool]:
    """The ids stand in the statement itself: a database takes only so many parameters."""
    return _E.id.in_(bindparam("ids", ids, expanding=True, literal_execute=True))


def _row(event: Event) -> dict[str, Any]:
    row = {name: getattr(event, name) for name in _PLAIN}
    return row | {
        "owner_id": event.owner.id,
        "staff_contact_id": None if event.staff_contact is None else event.staff_contact.id,
        "status": event.status.value,
        "data": None if event.data is None else msgspec.json.encode(event.data).decode(),
    }


def _events(transaction: Transaction, condition: ColumnElement[bool]) -> list[Event]:
    condition = and_(condition, _E.deleted_at.is_(None))
    rows = transaction.connection.execute(select(*_COLUMNS).where(condition).order_by(_E.id)).all()
    if not rows:
        return []
    tagged = tags.of_events(transaction, condition)
    account_ids = {account_id for row in rows for account_id in row[2:4] if account_id is not None}
    known = people.load(transaction, account_ids, rows[0].convention_id)
    return [_event(row, known, tagged.get(row[0], ())) for row in rows]


def _event(row: Row[Any], known: dict[int, Person], tagged: tuple[Tags, ...]) -> Event:
    # by position: rows give their columns by name so slowly that it shows in a catalog
    number, convention_id, owner_id, contact_id, status, data, created, updated, version, *plain = tuple(row)
    return Event(
        id=number,
        convention_id=convention_id,
        owner=known[owner_id],
        staff_contact=None if contact_id is None else known[contact_id],
        status=_STATUSES[status],
        data=None if data is None else msgspec.json.decode(data),
        tags=tagged,
        created_at=at(created),
        updated_at=at(updated),
        version=version,
        **dict(zip(_PLAIN, plain, strict=True)),
    )
