"""What stands in a time slot's way, and what is merely odd about it (docs/api/convention-timeslots.md).

A time slot occupies its locations for [start, end) while it is not cancelled and its event is scheduled or approved;
two that occupy one location at one time clash. Everything else that looks wrong is allowed, and remarked upon.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from slotport.core.convention import Convention, TimeSlot


class Oddity(StrEnum):
    """What is remarked upon."""

    HOST_BOOKED_TWICE = "host-booked-twice"
    LOCATION_TOO_SMALL = "location-too-small"
    ATTENDEES_REVERSED = "attendees-reversed"
    OUTSIDE_CONVENTION = "outside-convention"


class Remark(Struct, frozen=True, kw_only=True):
    """Something odd but allowed, as one English sentence; ``ids`` are those of what it is about."""

    code: Oddity
    message: str
    ids: tuple[str, ...]


class Booking(Struct, frozen=True, kw_only=True):
    """That a host has another time slot at the same time; ``time_slot_id`` is None if it is another convention's."""

    account_id: int
    time_slot_id: int | None


def overlap(one: TimeSlot, other: TimeSlot) -> bool:
    """Whether both go on at some instant; the end of one may be the start of the other."""
    return one.start < other.end and other.start < one.end


def clashing(slot: TimeSlot, others: Iterable[TimeSlot]) -> list[TimeSlot]:
    """Those of the others that occupy a location of the time slot while it goes on, by start and id."""
    places = {location.id for location in slot.locations}
    found = (
        other
        for other in others
        if other.id != slot.id
        and other.is_public
        and overlap(slot, other)
        and any(location.id in places for location in other.locations)
    )
    return sorted(found, key=lambda other: (other.start, other.id))


def clash_sentence(slot: TimeSlot, others: Sequence[TimeSlot], convention: Convention) -> str:
    """Which location is taken, and when by the convention's clocks; the first one if there are several."""
    first = others[0]
    taken = {location.id for location in first.locations}
    titles = [location.title for location in slot.locations if location.id in taken]
    more = f", and {len(others) - 1} more" if len(others) > 1 else ""
    start, end = (f"{_local(moment, convention):%Y-%m-%d %H:%M}" for moment in (first.start, first.end))
    verb = "is" if len(titles) == 1 else "are"
    return f"{' and '.join(titles)} {verb} taken from {start} to {end} by “{first.event.title}”{more}"


def remarks(slot: TimeSlot, convention: Convention, bookings: Sequence[Booking] = ()) -> list[Remark]:
    """What is odd about the time slot, in the order of Oddity."""
    return [*_booked_twice(slot, bookings), *_too_small(slot), *_reversed(slot), *_outside(slot, convention)]


def _booked_twice(slot: TimeSlot, bookings: Sequence[Booking]) -> Iterator[Remark]:
    if not bookings:
        return
    busy = {booking.account_id for booking in bookings}
    names = [host.shown_name for host in slot.hosts if host.person.id in busy]
    own = sorted({booking.time_slot_id for booking in bookings if booking.time_slot_id is not None})
    others = sum(booking.time_slot_id is None for booking in bookings)
    elsewhere = f", {others} of them at another convention" if others else ""
    count = len(own) + others
    message = (
        f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} also booked for"
        f" {count} other time slot{'' if count == 1 else 's'} at that time{elsewhere}"
    )
    yield Remark(code=Oddity.HOST_BOOKED_TWICE, message=message, ids=tuple(str(number) for number in own))


def _too_small(slot: TimeSlot) -> Iterator[Remark]:
    if slot.max_attendees is None:
        return
    for location in slot.locations:
        if 0 < location.max_attendees < slot.max_attendees:
            message = (
                f"{location.title} holds {location.max_attendees} people, fewer than the {slot.max_attendees} allowed"
            )
            yield Remark(code=Oddity.LOCATION_TOO_SMALL, message=message, ids=(location.slug,))


def _reversed(slot: TimeSlot) -> Iterator[Remark]:
    if None not in (slot.min_attendees, slot.max_attendees) and slot.min_attendees > slot.max_attendees:  # type: ignore[operator]
        message = f"at least {slot.min_attendees} attendees are wanted, but at most {slot.max_attendees} allowed"
        yield Remark(code=Oddity.ATTENDEES_REVERSED, message=message, ids=(str(slot.id),))


def _outside(slot: TimeSlot, convention: Convention) -> Iterator[Remark]:
    """The convention's days are those of its own time zone; the last one lasts until its midnight."""
    first = _local(slot.start, convention).date()
    last = _local(slot.end - timedelta(milliseconds=1), convention).date()
    early = convention.start_date is not None and first < convention.start_date
    late = convention.end_date is not None and last > convention.end_date
    if early or late:
        side = "begins before the convention's first day" if early else "ends after the convention's last day"
        yield Remark(code=Oddity.OUTSIDE_CONVENTION, message=f"the time slot {side}", ids=(str(slot.id),))


def _local(instant: datetime, convention: Convention) -> datetime:
    return instant.astimezone(convention.zone)
