"""What pages show of a convention at a glance: how much there is of it, and what of it the public sees."""

from datetime import datetime
from typing import NamedTuple

from msgspec import Struct
from sqlalchemy import func, select

from slotport.core.convention import EventStatus, Location
from slotport.core.programme import Listed
from slotport.storage import locations, tables
from slotport.storage.instants import at
from slotport.storage.store import Transaction
from slotport.storage.timeslots import PUBLIC

_T = tables.time_slot.c
_SLOTS = "FROM time_slot AS slot JOIN event ON event.id = slot.event_id"


class Counts(Struct, frozen=True, kw_only=True):
    """How many there are; cancelled ones are in none of the numbers."""

    events: int
    unscheduled: int  #: events without a time slot
    time_slots: int
    public_time_slots: int
    locations: int


class TagUse(NamedTuple):
    """A value of a public tag type that an event of the public view has."""

    title: str
    value: str


def counts(transaction: Transaction, convention_id: int) -> Counts:
    """How much the convention has, in one statement."""
    live = f"slot.convention_id = {convention_id:d} AND slot.deleted_at IS NULL"
    events = (
        f"SELECT count(*) FROM event WHERE convention_id = {convention_id:d} AND status <> {EventStatus.CANCELLED:d}"
    )
    placed = "SELECT 1 FROM time_slot AS held WHERE held.event_id = event.id AND held.deleted_at IS NULL"
    row = transaction.connection.exec_driver_sql(
        f"SELECT ({events}), ({events} AND NOT EXISTS ({placed})),"
        f" (SELECT count(*) {_SLOTS} WHERE {live}), (SELECT count(*) {_SLOTS} WHERE {live} AND {PUBLIC}),"
        f" (SELECT count(*) FROM location WHERE convention_id = {convention_id:d} AND deleted_at IS NULL)"
    ).one()
    return Counts(events=row[0], unscheduled=row[1], time_slots=row[2], public_time_slots=row[3], locations=row[4])


def slots_by_event(transaction: Transaction, convention_id: int) -> dict[int, int]:
    """How many time slots, cancelled ones aside, each event has that has any."""
    statement = (
        select(_T.event_id, func.count())
        .where(_T.convention_id == convention_id, _T.deleted_at.is_(None))
        .group_by(_T.event_id)
    )
    return {row[0]: row[1] for row in transaction.connection.execute(statement)}


def public_times(transaction: Transaction, convention_id: int) -> list[Listed]:
    """When the time slots of the public view are, by start and id."""
    rows = transaction.connection.exec_driver_sql(
        f"SELECT slot.id, slot.start_at, slot.end_at {_SLOTS} WHERE {_public(convention_id)}"
        " ORDER BY slot.start_at, slot.id"
    )
    known: dict[int, datetime] = {}
    found = []
    for slot_id, start, end in rows:
        for moment in (start, end):
            if moment not in known:
                known[moment] = at(moment)
        found.append(Listed(slot_id, known[start], known[end]))
    return found


def public_places(transaction: Transaction, convention_id: int) -> list[Location]:
    """The locations of the public view's time slots, by title."""
    rows = transaction.connection.exec_driver_sql(
        f"SELECT DISTINCT held.location_id {_SLOTS} JOIN time_slot_location AS held ON held.time_slot_id = slot.id"
        f" WHERE {_public(convention_id)}"
    )
    found = locations.load(transaction, [number for (number,) in rows])
    return sorted(found.values(), key=lambda place: (place.title, place.id))


def public_tags(transaction: Transaction, convention_id: int) -> list[TagUse]:
    """The values of public tag types that events of the public view have, by title and value."""
    rows = transaction.connection.exec_driver_sql(
        "SELECT DISTINCT kind.title, held.value"
        f" {_SLOTS} JOIN event_tag ON event_tag.event_id = event.id"
        " JOIN tag_value AS held ON held.id = event_tag.tag_value_id"
        " JOIN tag_type AS kind ON kind.id = held.tag_type_id"
        f" WHERE {_public(convention_id)} AND kind.public"
    )
    return sorted((TagUse(title, value) for title, value in rows), key=lambda tag: (tag.title, tag.value.casefold()))


def _public(convention_id: int) -> str:
    return f"slot.convention_id = {convention_id:d} AND slot.deleted_at IS NULL AND {PUBLIC}"
