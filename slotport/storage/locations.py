"""Locations of conventions. Deleted ones stay as rows: cancelled time slots were in them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from msgspec import structs
from sqlalchemy import ColumnElement, Row, insert, select, update

from slotport.core.convention import Location
from slotport.core.slot import is_storable
from slotport.storage import tables
from slotport.storage.instants import milliseconds
from slotport.storage.store import Transaction

_L = tables.location.c
_S = tables.time_slot.c
_X = tables.time_slot_location.c
COLUMNS = [_L[name] for name in Location.__struct_fields__]  #: what ``location_of`` needs


def all_of(transaction: Transaction, convention_id: int) -> list[Location]:
    """The convention's live locations, by title."""
    return _many(transaction, (_L.convention_id == convention_id) & _L.deleted_at.is_(None))


def by_slugs(transaction: Transaction, convention_id: int, slugs: Iterable[str]) -> dict[str, Location]:
    """The convention's live locations of those slugs, by slug; in one statement."""
    wanted = {slug for slug in slugs if is_storable(slug)}
    condition = (_L.convention_id == convention_id) & _L.slug.in_(wanted) & _L.deleted_at.is_(None)
    return {location.slug: location for location in _many(transaction, condition)}


def load(transaction: Transaction, ids: Iterable[int]) -> dict[int, Location]:
    """The locations of those ids, deleted ones too, by id; in one statement."""
    return {location.id: location for location in _many(transaction, _L.id.in_(set(ids)))}


def add(
    transaction: Transaction,
    convention_id: int,
    *,
    title: str,
    slug: str,
    max_attendees: int = 0,
    area: str | None = None,
    guid: UUID | None = None,
    now: datetime,
) -> Location:
    """Store a new location, whose title and slug nobody else in the convention has."""
    location = Location(
        id=transaction.object_ids(1)[0],
        guid=guid or uuid4(),
        title=title,
        slug=slug,
        max_attendees=max_attendees,
        area=area,
    )
    row = structs.asdict(location) | {
        "guid": str(location.guid),
        "convention_id": convention_id,
        "created_at": milliseconds(now),
        "updated_at": milliseconds(now),
        "change": transaction.change,
    }
    transaction.connection.execute(insert(tables.location).values(row))
    return location


def change(transaction: Transaction, location: Location, now: datetime) -> None:
    """Store the location's title, number of attendees and area under its next version.

    With a new title the time slots there get their next version, too: what feeds say of them changed.
    """
    renamed = (
        select(_X.time_slot_id)
        .join_from(tables.time_slot_location, tables.location, _X.location_id == _L.id)
        .where(_L.id == location.id, _L.title != location.title)
    )
    transaction.connection.execute(
        update(tables.time_slot)
        .where(_S.id.in_(renamed))
        .values(version=_S.version + 1, change=transaction.change, updated_at=milliseconds(now))
    )
    _touch(
        transaction, location.id, now, title=location.title, max_attendees=location.max_attendees, area=location.area
    )


def remove(transaction: Transaction, location: Location, now: datetime) -> None:
    """Delete the location softly; its title and slug are free again."""
    _touch(transaction, location.id, now, deleted_at=milliseconds(now))


def location_of(row: Row[Any]) -> Location:
    """The location in a row of COLUMNS."""
    return Location(
        id=row.id, guid=UUID(row.guid), title=row.title, slug=row.slug, max_attendees=row.max_attendees, area=row.area
    )


def _many(transaction: Transaction, condition: ColumnElement[bool]) -> list[Location]:
    rows = transaction.connection.execute(select(*COLUMNS).where(condition).order_by(_L.title, _L.id))
    return [location_of(row) for row in rows]


def _touch(transaction: Transaction, location_id: int, now: datetime, **values: Any) -> None:
    transaction.connection.execute(
        update(tables.location)
        .where(_L.id == location_id)
        .values(values | {"version": _L.version + 1, "change": transaction.change, "updated_at": milliseconds(now)})
    )
