"""How answers show time slots (docs/api/convention-timeslots.md).

An event, location or host that many time slots share is encoded once in an answer.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar, cast

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field

from slotport.actions.timeslots import Scheduled, Taken
from slotport.api.convention.event_objects import EventObject, event_object
from slotport.api.convention.shapes import PlaceObject, UserObject, place_object, user_object
from slotport.core.clashes import Remark
from slotport.core.convention import Access, Host, TimeSlot
from slotport.core.convention_input import shown_moment
from slotport.errors import Clash

T = TypeVar("T")
_encoder = msgspec.json.Encoder()


class SlotObject(Struct, kw_only=True, rename="kebab"):
    """A time slot. Numbers of minutes and people are text; `status` is `scheduled` or `cancelled`."""

    id: str
    duration: str
    min_attendees: str | None
    max_attendees: str | None
    notes_to_attendees: str | None
    event: EventObject
    start: str
    locations: list[PlaceObject]
    hosts: list[UserObject]
    end: str
    available_tickets: int | None = field(name="available_tickets")
    pass_requirement: None = field(name="pass_requirement", default=None)
    status: str


class RemarkObject(Struct, kw_only=True):
    """Something odd but allowed; `ids` are those of what it is about."""

    code: str
    message: str
    ids: list[str]


class ScheduledObject(Struct, kw_only=True, rename="kebab"):
    """A time slot that was scheduled or changed: `status` is true; `warnings` are left out if there are none."""

    status: bool = True
    id: str
    duration: str
    min_attendees: str | None
    max_attendees: str | None
    notes_to_attendees: str | None
    event: EventObject
    start: str
    locations: list[PlaceObject]
    hosts: list[UserObject]
    end: str
    available_tickets: int | None = field(name="available_tickets")
    pass_requirement: None = field(name="pass_requirement", default=None)
    warnings: list[RemarkObject] | UnsetType = UNSET


def slot_objects(slots: Iterable[TimeSlot], access: Access) -> list[SlotObject]:
    """The time slots, in their order, as the caller sees them."""
    show = _Shapes(access).slot
    return [show(slot) for slot in slots]


def scheduled_object(done: Scheduled, access: Access) -> ScheduledObject:
    """The answer to a change: the time slot as it now is, and what is odd about it."""
    slot = _Shapes(access).slot(done.slot)
    names = [name for name in SlotObject.__struct_fields__ if name != "status"]
    return ScheduledObject(
        **{name: getattr(slot, name) for name in names},
        warnings=[_remark(remark) for remark in done.remarks] or UNSET,
    )


@contextmanager
def clashes_shown(access: Access) -> Iterator[None]:
    """Let a refusal of a taken location show the time slots that occupy it, as ``details.timeslots``."""
    try:
        yield
    except Taken as taken:
        details = {"timeslots": slot_objects(taken.slots, access)}
        raise Clash(str(taken), details=details) from taken


def _remark(remark: Remark) -> RemarkObject:
    return RemarkObject(code=remark.code.value, message=remark.message, ids=list(remark.ids))


class _Shapes:
    """Shapes time slots for one caller, and what they share once."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._zone = access.convention.zone
        self._encoded: dict[Hashable, Raw] = {}
        self._moments: dict[datetime, str] = {}

    def slot(self, slot: TimeSlot) -> SlotObject:
        event, access = slot.event, self._access
        most = slot.max_attendees
        return SlotObject(
            id=str(slot.id),
            duration=str(slot.duration_minutes),
            min_attendees=None if slot.min_attendees is None else str(slot.min_attendees),
            max_attendees=None if most is None else str(most),
            notes_to_attendees=slot.notes_to_attendees,
            event=self._once(event.id, lambda: event_object(event, access)),
            start=self._moment(slot.start),
            locations=[
                self._once(("place", place.id), lambda place=place: place_object(place))  # type: ignore[misc]
                for place in slot.locations
            ],
            hosts=[self._host(host) for host in slot.hosts],
            end=self._moment(slot.end),
            available_tickets=most,
            status="cancelled" if slot.is_cancelled else "scheduled",
        )

    def _host(self, host: Host) -> UserObject:
        def shape() -> UserObject:
            shown = user_object(host.person, self._access)
            shown.name = host.shown_name
            return shown

        return self._once(("host", host.person.id, host.name), shape)

    def _once(self, key: Hashable, shape: Callable[[], T]) -> T:
        """The value's JSON, which takes its place when the answer is encoded."""
        found = self._encoded.get(key)
        if found is None:
            found = self._encoded[key] = Raw(_encoder.encode(shape()))
        return cast("T", found)

    def _moment(self, instant: datetime) -> str:
        found = self._moments.get(instant)
        if found is None:
            found = self._moments[instant] = shown_moment(instant, self._zone)
        return found
