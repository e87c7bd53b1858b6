"""Conventions, events, locations and time slots as a run writes them (storage/objects.py).

Who may read what is the rule of the convention interface: the public view, one's own events, and everything of
conventions that one manages.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, structs

from slotport.core.convention import PUBLIC_STATUSES, Convention, Event, EventStatus, Host, Person, TimeSlot
from slotport.core.export_fields import ObjectType
from slotport.core.exported import Exported
from slotport.core.object_ids import object_uuid
from slotport.storage import conventions, events, locations, timeslots
from slotport.storage.instants import at
from slotport.storage.readers import id_list
from slotport.storage.store import Transaction


class _Facts(Struct, frozen=True, gc=False):
    """What is alike of every kind."""

    id: int
    convention_id: int
    version: int
    change: int
    created_at: int
    updated_at: int
    owner_id: int | None
    guid: str | None
    is_managed: bool


def load_time_slots(transaction: Transaction, owner_id: int, ids: Collection[int]) -> dict[int, Exported]:
    """The time slots among those ids that are not cancelled and that the account may see."""
    facts = _facts(
        transaction,
        owner_id,
        "time_slot AS it JOIN event ON event.id = it.event_id + 0 AND event.deleted_at IS NULL",
        ids,
        f"event.status IN ({id_list(sorted(PUBLIC_STATUSES))})",
        "event.owner_id, it.guid",
    )
    if not facts:
        return {}
    told = _conventions(transaction, facts.values())
    found = {}
    for slot in timeslots.where(transaction, f"slot.id IN ({id_list(sorted(facts))})"):
        one = facts[slot.id]
        exported = _exported(ObjectType.TIMESLOT, one, told[one.convention_id])
        found[slot.id] = structs.replace(exported, time_slot=_shown_slot(slot, sees_all=one.is_managed))
    return found


def load_events(transaction: Transaction, owner_id: int, ids: Collection[int]) -> dict[int, Exported]:
    """The events among those ids that are not cancelled and that the account may see.

    Those are approved ones, its own, and all of conventions that it manages.
    """
    facts = _facts(
        transaction,
        owner_id,
        f"(SELECT * FROM event WHERE status <> {EventStatus.CANCELLED.value:d}) AS it",
        ids,
        f"(it.status = {EventStatus.APPROVED.value:d} OR it.owner_id = {owner_id:d})",
        "it.owner_id, NULL",
    )
    told = _conventions(transaction, facts.values())
    found = {}
    for number, event in events.load(transaction, facts).items():
        exported = _exported(ObjectType.EVENT, facts[number], told[event.convention_id])
        found[number] = structs.replace(exported, event=_shown_event(event, sees_all=exported.sees_all))
    return found


def load_locations(transaction: Transaction, owner_id: int, ids: Collection[int]) -> dict[int, Exported]:
    """The live locations among those ids; everybody may see them."""
    facts = _facts(transaction, owner_id, "location AS it", ids, "1 = 1", "NULL, it.guid")
    told = _conventions(transaction, facts.values())
    found = {}
    for number, location in (locations.load(transaction, facts) if facts else {}).items():
        exported = _exported(ObjectType.LOCATION, facts[number], told[facts[number].convention_id])
        found[number] = structs.replace(exported, location=location)
    return found


def load_conventions(transaction: Transaction, owner_id: int, ids: Collection[int]) -> dict[int, Exported]:
    """The live conventions among those ids; everybody may see them."""
    rows = transaction.connection.exec_driver_sql(
        "SELECT it.id, it.id, it.version, it.change, it.created_at, it.updated_at, NULL, NULL FROM convention AS it"
        f" WHERE it.id IN ({id_list(sorted(ids))}) AND it.deleted_at IS NULL"
    )
    managed = _managed(transaction, owner_id)
    facts = {row[0]: _fact(row, managed) for row in rows}
    return {
        number: structs.replace(_exported(ObjectType.CONVENTION, facts[number]), convention=convention)
        for number, convention in _conventions(transaction, facts.values()).items()
    }


def _facts(
    transaction: Transaction, owner_id: int, source: str, ids: Collection[int], condition: str, columns: str
) -> dict[int, _Facts]:
    """Of the live rows of live conventions for which the condition holds, or whose convention the account manages.

    ``columns`` are those of the owner and of the UUID.
    """
    managed = _managed(transaction, owner_id)
    rows = transaction.connection.exec_driver_sql(
        f"SELECT it.id, it.convention_id, it.version, it.change, it.created_at, it.updated_at, {columns}"
        f" FROM {source} JOIN convention ON convention.id = it.convention_id + 0"
        f" WHERE it.id IN ({id_list(sorted(ids))}) AND it.deleted_at IS NULL AND convention.deleted_at IS NULL"
        f" AND ({condition} OR it.convention_id + 0 IN ({id_list(sorted(managed))}))"
    )
    return {row[0]: _fact(row, managed) for row in rows}


def _fact(row: Sequence[Any], managed: Collection[int]) -> _Facts:
    number, convention_id, version, change, created, updated, owner_id, guid = row
    return _Facts(
        number, convention_id, version, change, created, updated, owner_id, guid, is_managed=convention_id in managed
    )


def _managed(transaction: Transaction, account_id: int) -> set[int]:
    rows = transaction.connection.exec_driver_sql(
        f"SELECT convention_id FROM convention_manager WHERE account_id = {account_id:d}"
    )
    return {row[0] for row in rows}


def _conventions(transaction: Transaction, facts: Iterable[_Facts]) -> Mapping[int, Convention]:
    """The conventions that are told of, without their keys, and of their settings only the time zone."""
    found = conventions.load(transaction, {one.convention_id for one in facts})
    return {
        number: structs.replace(
            convention,
            public_key="",
            secret_key="",
            settings={name: value for name, value in convention.settings.items() if name == "timezone"},
        )
        for number, convention in found.items()
    }


def _exported(kind: ObjectType, facts: _Facts, of_convention: Convention | None = None) -> Exported:
    """What is alike of every kind; the object itself is still to be filled in."""
    return Exported(
        type=kind,
        id=facts.id,
        uuid=object_uuid(kind, facts.id, facts.created_at, facts.guid),
        version=facts.version,
        change=facts.change,
        created_at=at(facts.created_at),
        updated_at=at(facts.updated_at),
        owner_id=facts.owner_id,
        sees_all=facts.is_managed,
        of_convention=of_convention,
    )


def _shown_slot(slot: TimeSlot, *, sees_all: bool) -> TimeSlot:
    return structs.replace(
        slot,
        event=_shown_event(slot.event, sees_all=sees_all),
        hosts=tuple([Host(person=_shown_person(host.person), name=host.name) for host in slot.hosts]),
    )


def _shown_event(event: Event, *, sees_all: bool) -> Event:
    """The event as files tell of it: without addresses, and without what only managers see, if they do not."""
    shown = structs.replace(event, owner=_shown_person(event.owner), staff_contact=None, data=None, price_cents=None)
    if sees_all:
        return shown
    return structs.replace(
        shown,
        notes_to_staff=None,
        scheduling_constraints=None,
        logistical_requirements=None,
        tags=tuple([tags for tags in event.tags if tags.public]),
    )


def _shown_person(person: Person) -> Person:
    return Person(id=person.id, guid=person.guid, name=person.name, is_gone=person.is_gone)
