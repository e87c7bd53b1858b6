"""``/entities/timeslots`` (docs/api/convention-timeslots.md)."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from slotport.actions import timeslots
from slotport.api.convention.answers import Answers
from slotport.api.convention.bodies import TAG, Fields, Pairs
from slotport.api.convention.errors import MEDIA_TYPE
from slotport.api.convention.pieces import Pieces
from slotport.api.convention.shapes import Done
from slotport.api.convention.slot_objects import (
    ScheduledObject,
    SlotObject,
    clashes_shown,
    scheduled_object,
    slot_objects,
)
from slotport.core.convention import Access, EventStatus
from slotport.core.convention_input import LARGEST_ID, flag, identifier, integer
from slotport.storage.store import Store
from slotport.storage.timeslots import Filters

_encoder = msgspec.json.Encoder()


@get("/timeslots", sync_to_thread=True)
def list_time_slots(
    state: State, access: NamedDependency[Access], pairs: NamedDependency[Pairs], store: NamedDependency[Store]
) -> Response[list[SlotObject]]:
    """List the time slots that the caller sees, by start.

    Query: `by_event`, `by_event_status`, `by_requires_registration`, `by_host`, `by_tag:<title>`; all that are given
    must hold.
    """
    filters, host = _filters(pairs)
    convention, account = access.convention, access.account
    viewer = (convention.id, None if account is None else account.id, access.sees_all)
    answers: Answers = state.answers
    pieces: Pieces = state.pieces

    def encoded() -> bytes:
        return pieces.array(
            (*viewer, convention.shared_change),
            lambda wanted: timeslots.stamped_catalog(store, access, filters, host, wanted),
            lambda slots: map(_encoder.encode, slot_objects(slots, access)),
        )

    answer = answers.of(("timeslots", *viewer, convention.change, filters, host), encoded)
    return Response(answer, media_type=MEDIA_TYPE)  # type: ignore[arg-type]  # the list, encoded


@get("/timeslots/{slot_id:str}", sync_to_thread=True)
def read_time_slot(
    slot_id: FromPath[str], access: NamedDependency[Access], store: NamedDependency[Store]
) -> Response[SlotObject | None]:
    """Show a time slot; `null` if there is none that the caller sees."""
    slot = timeslots.read(store, access, _number(slot_id))
    return _encoded(None if slot is None else slot_objects([slot], access)[0])


@post("/timeslots", status_code=200, sync_to_thread=True)
def schedule_time_slot(
    access: NamedDependency[Access],
    fields: NamedDependency[Fields],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[ScheduledObject]:
    """Schedule an event at a time, in locations, with hosts. For managers.

    What occupies a location at that time is in the answer's `details.timeslots`, unless `allow-conflicts` is true.
    """
    with clashes_shown(access):
        return _encoded(scheduled_object(timeslots.schedule(store, access, fields, now=now), access))


@put("/timeslots/{slot_id:str}", sync_to_thread=True)
def change_time_slot(
    slot_id: FromPath[str],
    access: NamedDependency[Access],
    fields: NamedDependency[Fields],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[ScheduledObject]:
    """Change what is given of a time slot, add and remove locations and hosts. For managers."""
    with clashes_shown(access):
        done = timeslots.change(store, access, _number(slot_id), fields, now=now)
        return _encoded(scheduled_object(done, access))


@delete("/timeslots/{slot_id:str}", status_code=200, sync_to_thread=True, media_type=MEDIA_TYPE)
def cancel_time_slot(
    slot_id: FromPath[str],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Done:
    """Cancel a time slot, if there is one. For managers."""
    timeslots.cancel(store, access, _number(slot_id), now=now)
    return Done()


def _filters(pairs: Pairs) -> tuple[Filters, str]:
    """The filters, and the host as the caller named it; a filter without a value is none."""
    given = {name: value for name, value in pairs if value and not name.startswith(TAG)}
    status = integer(given.get("by_event_status"), "by_event_status", most=max(EventStatus))
    filters = Filters(
        event_id=identifier(given.get("by_event"), "by_event"),
        event_status=None if status is None else EventStatus(status),
        requires_registration=flag(given.get("by_requires_registration"), "by_requires_registration"),
        tags=tuple((name.removeprefix(TAG), value) for name, value in pairs if value and name.startswith(TAG)),
    )
    return filters, given.get("by_host", "").strip()


def _number(slot_id: str) -> int:
    """The id in a path; 0, which no time slot has, of what is no id."""
    is_number = slot_id.isascii() and slot_id.isdecimal() and len(slot_id) < 20
    return int(slot_id) if is_number and int(slot_id) <= LARGEST_ID else 0


def _encoded(value: Any) -> Response[Any]:
    """The answer, encoded here on its thread and not by the event loop."""
    return Response(_encoder.encode(value), media_type=MEDIA_TYPE)


HANDLERS = [list_time_slots, read_time_slot, schedule_time_slot, change_time_slot, cancel_time_slot]
