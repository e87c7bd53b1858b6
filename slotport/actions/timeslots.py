"""Time slots: see, schedule, change, cancel (docs/api/convention-timeslots.md).

What a client sends comes as raw values by name; they are read in the order in which the checks are promised, inside
the transaction that decides, so that a refusal is always about what is stored, and leaves nothing behind.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from msgspec import Struct, structs

from slotport.actions import convention_access
from slotport.actions.conventions import locked
from slotport.core import clashes
from slotport.core.clashes import Remark
from slotport.core.convention import Access, Event, EventStatus, Host, Location, Person, TimeSlot
from slotport.core.convention_input import flag, identifier, integer, moment, text
from slotport.core.event_input import MAX_MINUTES
from slotport.core.person_reference import Reference, reference
from slotport.errors import Clash, Conflict, Invalid
from slotport.storage import conventions, events, locations, people, timeslots
from slotport.storage.instants import at
from slotport.storage.store import Store, Transaction
from slotport.storage.timeslots import Filters, Stamp

Fields = Mapping[str, Any]
SLUG_LENGTH = 1000
MOST = 1000  #: locations, or hosts, in one request


class Taken(Clash):
    """Other time slots occupy a location at that time."""

    def __init__(self, sentence: str, slots: Sequence[TimeSlot]) -> None:
        super().__init__(sentence)
        self.slots = tuple(slots)  #: by start and id


class Stale(Conflict):
    """Somebody else changed the time slot meanwhile."""


class Scheduled(Struct, frozen=True, kw_only=True):
    """A time slot as it now is, and what is odd about it."""

    slot: TimeSlot
    remarks: tuple[Remark, ...]


def catalog(store: Store, access: Access, filters: Filters, host: str = "") -> list[TimeSlot]:
    """The time slots that the caller sees, by start and id; ``host`` is an id, an address or ``self``, empty: any.

    Raises Invalid for a host who is nobody, Forbidden for ``self`` of nobody.
    """
    with store.read() as transaction:
        filters = _hosted(transaction, access, filters, host)
        return timeslots.catalog(transaction, access.convention.id, filters, sees_all=access.sees_all)


def stamped_catalog(
    store: Store, access: Access, filters: Filters, host: str, wanted: Callable[[list[Stamp]], list[int]]
) -> tuple[list[Stamp], list[TimeSlot]]:
    """The same, of all the stamps, and only those time slots whole that ``wanted`` picks of them."""
    with store.read() as transaction:
        filters = _hosted(transaction, access, filters, host)
        stamps = timeslots.stamps(transaction, access.convention.id, filters, sees_all=access.sees_all)
        return stamps, timeslots.load(transaction, access.convention.id, wanted(stamps))


def _hosted(transaction: Transaction, access: Access, filters: Filters, host: str) -> Filters:
    if host == "self":
        return structs.replace(filters, host_id=convention_access.caller(access).id)
    if host:
        # an address that was not escaped has a blank for its plus
        named = {"email": host.replace(" ", "+")} if "@" in host else {"id": host}
        person = people.referenced(transaction, access, named, "by_host")
        return structs.replace(filters, host_id=person.id)
    return filters


def read(store: Store, access: Access, slot_id: int) -> TimeSlot | None:
    """The time slot if the caller sees it; a cancelled one is for system access only."""
    with store.read() as transaction:
        slot = timeslots.find(transaction, access.convention.id, slot_id)
    return slot if slot is not None and (access.sees_all or slot.is_public) else None


def schedule(store: Store, access: Access, fields: Fields, *, now: datetime) -> Scheduled:
    """Store a new time slot, and raise its event to scheduled. Raises Forbidden, Invalid, Taken."""
    with store.write() as transaction:
        locked(transaction, access)
        event = _event(transaction, access, fields.get("event"))
        slot = TimeSlot(
            id=0,
            guid=uuid4(),
            event=event,
            start=_start(access, fields.get("start")),
            duration_minutes=_minutes(fields, least=0) or event.duration_minutes,
            min_attendees=integer(fields.get("min_attendees"), "min_attendees") or event.min_attendees,
            max_attendees=integer(fields.get("max_attendees"), "max_attendees") or event.max_attendees,
            notes_to_attendees=text(fields.get("notes_to_attendees"), "notes_to_attendees") or event.notes_to_attendees,
            created_at=now,
            updated_at=now,
        )
        _check_end(slot)
        slugs = _slugs(fields.get("locations"), "locations")
        if not slugs:
            raise Invalid.of("locations", "must list the slug of at least one location")
        places = _places(transaction, access, {"locations": slugs})
        slot = structs.replace(slot, locations=_in_order(places.values()))
        is_free = _refuse_clashes(transaction, access, slot, fields)
        slot = structs.replace(slot, hosts=_new_hosts(transaction, access, event, fields.get("hosts")))
        if event.status < EventStatus.SCHEDULED:
            event = structs.replace(event, status=EventStatus.SCHEDULED, updated_at=now, version=event.version + 1)
            events.change(transaction, event, now, alone=True)
            again = timeslots.event_status_changed(transaction, event.id, event.status, now)
            if is_free:
                refuse_occupied(transaction, access, again)
        slot = structs.replace(slot, id=transaction.object_ids(1)[0], event=event)
        timeslots.add(transaction, access.convention.id, [slot], now)
        conventions.mark_changed(transaction, access.convention.id, now, alone=True)
        return _scheduled(transaction, access, slot)


def change(
    store: Store, access: Access, slot_id: int, fields: Fields, *, version: int | None = None, now: datetime
) -> Scheduled:
    """Change what is given of a time slot. Raises Forbidden, Invalid (also if there is no such one), Taken.

    ``version``: the one that the caller saw; Stale if there is another by now.
    """
    with store.write() as transaction:
        locked(transaction, access)
        old = timeslots.find(transaction, access.convention.id, slot_id)
        if old is None or old.is_cancelled:
            raise Invalid.of("id", "is of no time slot that is scheduled here")
        if version is not None and version != old.version:
            raise Stale("somebody else changed the time slot meanwhile")
        slot = _with_values(access, old, fields)
        slot = structs.replace(slot, locations=_changed_places(transaction, access, slot, fields))
        may_clash = flag(fields.get("allow_conflicts"), "allow_conflicts")
        if not may_clash and (slot.start, slot.end, slot.locations) != (old.start, old.end, old.locations):
            _refuse_clashes(transaction, access, slot, fields)
        slot = structs.replace(slot, hosts=_changed_hosts(transaction, access, slot, fields))
        if slot != old:
            slot = structs.replace(slot, version=old.version + 1, updated_at=now)
            timeslots.change(transaction, [slot], now)
            conventions.mark_changed(transaction, access.convention.id, now, alone=True)
        return _scheduled(transaction, access, slot)


def cancel(store: Store, access: Access, slot_id: int, *, now: datetime) -> None:
    """Cancel a time slot; nothing happens if there is none. Raises Forbidden."""
    with store.write() as transaction:
        locked(transaction, access)
        slot = timeslots.find(transaction, access.convention.id, slot_id)
        if slot is not None and not slot.is_cancelled:
            timeslots.cancel(transaction, [slot.id], now)
            conventions.mark_changed(transaction, access.convention.id, now, alone=True)


def restore(store: Store, access: Access, slot_id: int, fields: Fields, *, now: datetime) -> Scheduled:
    """Schedule a cancelled time slot again as it was. Raises Forbidden, Taken, Invalid if it cannot be."""
    with store.write() as transaction:
        locked(transaction, access)
        slot = timeslots.find(transaction, access.convention.id, slot_id)
        if slot is None or not slot.is_cancelled:
            raise Invalid.of("id", "is of no time slot that was cancelled here")
        if slot.event.status is EventStatus.CANCELLED:
            raise Invalid.of("event", "was cancelled")
        _places(transaction, access, {"locations": [location.slug for location in slot.locations]})
        slot = structs.replace(slot, is_cancelled=False, version=slot.version + 1, updated_at=now)
        _refuse_clashes(transaction, access, slot, fields)
        timeslots.change(transaction, [slot], now)
        conventions.mark_changed(transaction, access.convention.id, now, alone=True)
        return _scheduled(transaction, access, slot)


def refuse_occupied(transaction: Transaction, access: Access, slot_ids: Iterable[int]) -> None:
    """Raise Taken if one of the convention's time slots, as now stored, clashes with another.

    For whoever changed an event: its time slots may last longer, or occupy their locations again.
    """
    pairs = timeslots.clashing_pairs(transaction, set(slot_ids))
    if not pairs:
        return
    own, other_ids = pairs[0][0], {other for _, other in pairs}
    found = timeslots.load(transaction, access.convention.id, {own, *other_ids})
    slot = next(slot for slot in found if slot.id == own)
    first = clashes.clashing(slot, found)
    rest = [other for other in found if other.id in other_ids and other not in first]
    raise Taken(clashes.clash_sentence(slot, first, access.convention), [*first, *rest])


# Checks


def _event(transaction: Transaction, access: Access, value: Any) -> Event:
    number = identifier(value, "event")
    event = None if number is None else events.find(transaction, access.convention.id, number)
    if event is None:
        raise Invalid.of("event", "must be the id of an event of this convention")
    if event.status is EventStatus.CANCELLED:
        raise Invalid.of("event", "was cancelled")
    return event


def _start(access: Access, value: Any) -> datetime:
    if value is None or value == "":
        raise Invalid.of("start", "is needed")
    return moment(value, access.convention.zone, "start")


def _minutes(fields: Fields, *, least: int) -> int | None:
    return integer(fields.get("duration"), "duration", least=least, most=MAX_MINUTES)


def _check_end(slot: TimeSlot) -> None:
    latest = at(timeslots.LATEST_MS) - timedelta(minutes=slot.duration_minutes)
    if not at(timeslots.EARLIEST_MS) <= slot.start <= latest:
        raise Invalid.of("start", "must leave the time slot within the years 1 to 9999")


def _slugs(value: Any, name: str) -> list[str]:
    """The list's slugs, each once."""
    if not isinstance(value, list):
        raise Invalid.of(name, "must be a list of slugs of locations")
    if len(value) > MOST:
        raise Invalid.of(name, f"must have at most {MOST} items")
    if wrong := [item for item in value if not isinstance(item, str)]:
        raise Invalid.of(name, f"must be a list of slugs of locations, not {type(wrong[0]).__name__}")
    return list(dict.fromkeys(text(item, name, longest=SLUG_LENGTH) or "" for item in value))


def _places(transaction: Transaction, access: Access, said: Mapping[str, Sequence[str]]) -> dict[str, Location]:
    """The locations by slug. Raises Invalid, with the name it was said under, for one that the convention has not."""
    found = locations.by_slugs(transaction, access.convention.id, {slug for slugs in said.values() for slug in slugs})
    for name, slugs in said.items():
        if missing := [slug for slug in slugs if slug not in found]:
            raise Invalid.of(name, f"names no location of this convention: {missing[0]}")
    return found


def _in_order(places: Iterable[Location]) -> tuple[Location, ...]:
    return tuple(sorted(places, key=lambda place: (place.title, place.id)))


def _refuse_clashes(transaction: Transaction, access: Access, slot: TimeSlot, fields: Fields) -> bool:
    """Raise Taken if a location is occupied, unless the client allows that; whether it was looked at."""
    if flag(fields.get("allow_conflicts"), "allow_conflicts"):
        return False
    ids = [location.id for location in slot.locations]
    found = timeslots.occupying(transaction, ids, slot.start, slot.end, but=slot.id)
    if found:
        others = timeslots.load(transaction, access.convention.id, found)
        raise Taken(clashes.clash_sentence(slot, others, access.convention), others)
    return True


# Hosts


def _references(value: Any, name: str) -> list[Reference]:
    if not isinstance(value, list):
        raise Invalid.of(name, "must be a list of users, each an object with id or email")
    if len(value) > MOST:
        raise Invalid.of(name, f"must have at most {MOST} items")
    return [reference(item, name) for item in value]


def _new_hosts(transaction: Transaction, access: Access, event: Event, value: Any) -> tuple[Host, ...]:
    if not isinstance(value, list):
        return (Host(person=event.owner),)
    if not value:
        raise Invalid.of("hosts", "must list at least one user, or be left out")
    return tuple(_with_hosts((), *_named(transaction, access, value, "hosts")))


def _changed_hosts(transaction: Transaction, access: Access, slot: TimeSlot, fields: Fields) -> tuple[Host, ...]:
    """The hosts after additions and, after these, removals; the event's owner if nobody remains."""
    hosts = list(slot.hosts)
    if (value := fields.get("hosts")) is not None and value != "":
        hosts = _with_hosts(hosts, *_named(transaction, access, value, "hosts"))
    if (value := fields.get("remove_hosts")) is not None and value != "":
        _, persons = _named(transaction, access, value, "remove_hosts", gone=True)
        removed = {person.id for person in persons}
        hosts = [host for host in hosts if host.person.id not in removed]
    return tuple(hosts) or (Host(person=slot.event.owner),)


def _named(
    transaction: Transaction, access: Access, value: Any, name: str, *, gone: bool = False
) -> tuple[list[Reference], list[Person]]:
    references = _references(value, name)
    return references, people.resolved(transaction, access, references, name, gone=gone)


def _with_hosts(hosts: Iterable[Host], references: Sequence[Reference], persons: Sequence[Person]) -> list[Host]:
    """The hosts, those added or renamed; a name like the person's own is none."""
    found = {host.person.id: host for host in hosts}
    for asked, person in zip(references, persons, strict=True):
        host = found.setdefault(person.id, Host(person=person))
        if asked.name is not None:
            name = None if asked.name == person.name else asked.name
            found[person.id] = structs.replace(host, name=name)
    return list(found.values())


# Changes


def _with_values(access: Access, slot: TimeSlot, fields: Fields) -> TimeSlot:
    """The time slot with the plain values that are given."""
    given: dict[str, Any] = {}
    if (value := fields.get("start")) is not None and value != "":
        given["start"] = _start(access, value)
    given["duration_minutes"] = _minutes(fields, least=1)
    for name in ("min_attendees", "max_attendees"):
        given[name] = integer(fields.get(name), name)
    given = {name: value for name, value in given.items() if value is not None}
    if "notes_to_attendees" in fields:
        given["notes_to_attendees"] = text(fields["notes_to_attendees"], "notes_to_attendees") or None
    slot = structs.replace(slot, **given)
    _check_end(slot)
    return slot


def _changed_places(transaction: Transaction, access: Access, slot: TimeSlot, fields: Fields) -> tuple[Location, ...]:
    """The locations after additions and, after these, removals. Raises Invalid if none remains."""
    said: dict[str, list[str]] = {}
    for name in ("locations", "remove_locations"):
        value = fields.get(name)
        said[name] = [] if value is None or value == "" else _slugs(value, name)
    if not said["locations"] and not said["remove_locations"]:
        return slot.locations
    found = _places(transaction, access, said)
    kept = {location.slug: location for location in slot.locations}
    kept |= {slug: found[slug] for slug in said["locations"]}
    left = [location for slug, location in kept.items() if slug not in said["remove_locations"]]
    if not left:
        raise Invalid.of("remove_locations", "would leave the time slot without a location")
    return _in_order(left)


def _scheduled(transaction: Transaction, access: Access, slot: TimeSlot) -> Scheduled:
    hosts = [host.person.id for host in slot.hosts]
    busy = timeslots.bookings(transaction, access.convention.id, hosts, slot.start, slot.end, but=slot.id)
    return Scheduled(slot=slot, remarks=tuple(clashes.remarks(slot, access.convention, busy)))
