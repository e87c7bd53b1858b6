"""The schedule board of a convention, for its managers (docs/page.md). Changes are those of actions/timeslots.py."""

from datetime import UTC, date, datetime

from msgspec import Struct

from slotport.core import board as rules
from slotport.core.board import Days, Offer, Placement
from slotport.core.convention import Access, Location, Person
from slotport.errors import Invalid
from slotport.storage import board, locations, people
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Store, Transaction

SHOWN_OFFERS = 60  #: events in the tray at once
COUNTED, SHOWN_CONFLICTS = 1_000, 100

Kinds = list[tuple[str, list[tuple[int, str]]]]  #: tag types by title: ids and texts of their values


class Overview(Struct, frozen=True, kw_only=True):
    """What the board needs before it shows a day."""

    days: Days
    locations: list[Location]  #: by area and title; those without an area last
    kinds: Kinds


class Shown(Struct, frozen=True, kw_only=True):
    """A day of the board."""

    day: date
    turn: int  #: local hour at which it begins
    first_hour: int  #: that is shown, from midnight on
    last_hour: int
    placements: list[Placement]


class Offers(Struct, frozen=True, kw_only=True):
    """Events that can be scheduled."""

    total: int
    shown: list[Offer]  #: the first of them by title
    any: bool  #: whether the convention has events at all


class Conflict(Struct, frozen=True, kw_only=True):
    """Two time slots that are in one location, or have one host, at the same time."""

    one: Placement
    other: Placement
    location_ids: tuple[int, ...]
    hosts: tuple[str, ...]  #: their names at the later one


def overview(store: Store, access: Access) -> Overview:
    """The convention's days, locations and tags."""
    with store.read() as transaction:
        return Overview(
            days=_days(transaction, access),
            locations=sorted(
                locations.all_of(transaction, access.convention.id),
                key=lambda place: (place.area is None, place.area or "", place.title),
            ),
            kinds=board.tag_values(transaction, access.convention.id),
        )


def day(store: Store, access: Access, wanted: date) -> Shown:
    """The time slots that go on on that day of the board, and the hours to show. Raises Invalid."""
    with store.read() as transaction:
        turn = _days(transaction, access).turn
        try:
            begin, end = Days(turn=turn, counts={}).range_of(wanted, access.convention.zone)
            limits = milliseconds(begin.astimezone(UTC)), milliseconds(end.astimezone(UTC))
        except OverflowError as cause:
            raise Invalid.of("day", "is too early or too late") from cause
        found = board.between(transaction, access.convention.id, *limits)
    spans = [(_local(one.start, access), _local(one.end, access)) for one in found]
    first, last = rules.hours(spans, wanted, turn)
    return Shown(day=wanted, turn=turn, first_hour=first, last_hour=last, placements=found)


def placement(store: Store, access: Access, slot_id: int) -> Placement | None:
    """The time slot of that id, if it is scheduled."""
    with store.read() as transaction:
        found = board.of_ids(transaction, access.convention.id, [slot_id])
    return found[0] if found else None


def offers(store: Store, access: Access, *, text: str = "", tag_value_id: int = 0, again: bool = False) -> Offers:
    """The events that are not scheduled yet, or with ``again`` all, whose title or owner has the text."""
    with store.read() as transaction:
        found = board.offers(transaction, access.convention.id)
    words = text.casefold().split()
    fitting = [
        offer
        for offer in found
        if (again or not offer.scheduled)
        and (not tag_value_id or tag_value_id in offer.tag_value_ids)
        and all(word in f"{offer.title} {offer.owner[1]}".casefold() for word in words)
    ]
    return Offers(total=len(fitting), shown=fitting[:SHOWN_OFFERS], any=bool(found))


def conflicts(store: Store, access: Access) -> tuple[int, list[Conflict]]:
    """How many there are, COUNTED at most, and the first of them by the time from which on they are."""
    number = access.convention.id
    with store.read() as transaction:
        in_places, by_hosts = board.takings(transaction, number)
        since = rules.overlaps(in_places, most=COUNTED)
        for pair, start in rules.overlaps(by_hosts, most=COUNTED).items():
            since[pair] = min(start, since.get(pair, start))
        pairs = sorted(since, key=lambda pair: (since[pair], pair))
        shown = pairs[:SHOWN_CONFLICTS]
        found = {one.id: one for one in board.of_ids(transaction, number, {each for pair in shown for each in pair})}
    return len(pairs), [_conflict(found[one], found[other]) for one, other in shown]


def people_known(store: Store, access: Access) -> list[Person]:
    """Whom a time slot's host can be chosen from, by name."""
    with store.read() as transaction:
        return sorted(people.known(transaction, access.convention.id), key=lambda person: person.name.casefold())


def _conflict(one: Placement, other: Placement) -> Conflict:
    if (other.start, other.id) < (one.start, one.id):
        one, other = other, one
    hosts = {number for number, _ in one.hosts}
    return Conflict(
        one=one,
        other=other,
        location_ids=tuple(number for number in one.location_ids if number in other.location_ids),
        hosts=tuple(name for number, name in other.hosts if number in hosts),
    )


def _days(transaction: Transaction, access: Access) -> Days:
    times = [
        (_local(at(start), access), _local(at(end), access))
        for start, end in board.times(transaction, access.convention.id)
    ]
    return rules.days(times, access.convention.start_date, access.convention.end_date)


def _local(moment: datetime, access: Access) -> datetime:
    """The time that the convention's clocks show."""
    return moment.astimezone(access.convention.zone).replace(tzinfo=None)
