"""Events, locations and time slots put straight into a store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from msgspec import structs

from slotport.core.account import Account
from slotport.core.convention import Access, Convention, Event, EventStatus, Host, Location, Person, TimeSlot
from slotport.storage import conventions, events, locations, people, timeslots
from slotport.storage.store import Store
from tests.calendars import NOW, add_person
from tests.conventions import add_convention

#: morning of a fair's first day
NINE = datetime(2031, 6, 7, 9, tzinfo=UTC)
_numbers = count(1)


def person_of(store: Store, account: Account) -> Person:
    """The account as conventions show it."""
    with store.read() as transaction:
        return people.load(transaction, [account.id])[account.id]


def add_event(store: Store, convention: Convention, owner: Account, **fields: Any) -> Event:
    """A new event of the convention; scheduled, if nothing else is said."""
    values: dict[str, Any] = {
        "title": f"Lantern Making {next(_numbers)}",
        "teaser": "Paper, glue and light",
        "duration_minutes": 90,
        "min_attendees": 2,
        "max_attendees": 12,
        "status": EventStatus.SCHEDULED,
        **fields,
    }
    blank = Event(
        id=0,
        convention_id=convention.id,
        owner=person_of(store, owner),
        created_at=NOW,
        updated_at=NOW,
        **values,
    )
    with store.write() as transaction:
        number = events.add(transaction, [blank], NOW)[0]
        found = events.find(transaction, convention.id, number)
    assert found is not None
    return found


def add_location(store: Store, convention: Convention, title: str = "", **fields: Any) -> Location:
    """A new location of the convention."""
    title = title or f"Room {next(_numbers)}"
    values: dict[str, Any] = {"slug": title.lower().replace(" ", "-"), "max_attendees": 20, **fields}
    with store.write() as transaction:
        return locations.add(transaction, convention.id, title=title, **values, now=NOW)


def time_slot(
    event: Event,
    *places: Location,
    start: datetime = NINE,
    minutes: int | None = None,
    hosts: Sequence[Host] = (),
    **fields: Any,
) -> TimeSlot:
    """A time slot that is not stored yet, hosted by the event's owner if nobody else is named."""
    return TimeSlot(
        id=0,
        guid=uuid4(),
        event=event,
        start=start,
        duration_minutes=minutes or event.duration_minutes,
        locations=tuple(sorted(places, key=lambda place: place.title)),
        hosts=tuple(hosts) or (Host(person=event.owner),),
        created_at=NOW,
        updated_at=NOW,
        **fields,
    )


def add_time_slots(store: Store, convention: Convention, slots: Sequence[TimeSlot]) -> list[int]:
    """Store the time slots as they are, whatever they clash with; their ids."""
    with store.write() as transaction:
        ids = list(transaction.object_ids(len(slots)))
        stored = [structs.replace(slot, id=number) for slot, number in zip(slots, ids, strict=True)]
        timeslots.add(transaction, convention.id, stored, NOW)
        conventions.mark_changed(transaction, convention.id, NOW)
    return ids


def add_time_slot(store: Store, convention: Convention, event: Event, *places: Location, **fields: Any) -> int:
    """Store one time slot of the event; its id."""
    return add_time_slots(store, convention, [time_slot(event, *places, **fields)])[0]


def managing(store: Store, account: Account, **fields: Any) -> Access:
    """What a manager of a new convention may."""
    return Access(convention=add_convention(store, account, **fields), account=account, is_manager=True)


@dataclass(frozen=True)
class Fair:
    """What most tests of time slots need."""

    convention: Convention
    owner: Account  #: of the event
    event: Event
    pier: Location
    deck: Location


def add_fair(store: Store, convention: Convention, **fields: Any) -> Fair:
    """Somebody's event of 90 minutes, for 2 to 12 people, in a convention with a pier and a deck."""
    owner = add_person(store, username="Olga")
    values = {"title": "Lantern Making", "notes_to_attendees": "Bring glue", **fields}
    return Fair(
        convention=convention,
        owner=owner,
        event=add_event(store, convention, owner, **values),
        pier=add_location(store, convention, "Pier Room", area="Quay"),
        deck=add_location(store, convention, "Deck", max_attendees=10),
    )
