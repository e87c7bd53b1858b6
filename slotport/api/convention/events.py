"""``/entities/events`` (docs/api/convention-events.md)."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import events
from slotport.api.convention.bodies import Fields
from slotport.api.convention.errors import MEDIA_TYPE
from slotport.api.convention.event_objects import EventObject, event_object
from slotport.api.convention.shapes import Done
from slotport.api.convention.slot_objects import clashes_shown
from slotport.core.convention import Access
from slotport.core.convention_input import LARGEST_ID
from slotport.storage.store import Store

_encoder = msgspec.json.Encoder()


class CreatedEvent(Struct, kw_only=True):
    """That the event was made, and its id, as a number."""

    status: bool = True
    id: int


@get("/events", sync_to_thread=True)
def list_events(access: NamedDependency[Access], store: NamedDependency[Store]) -> Response[list[EventObject]]:
    """List the events that the caller sees.

    Everybody those that are approved, users their own too, managers and the signed convention all.
    """
    return _encoded([event_object(event, access) for event in events.listed(store, access)])


@get("/events/{event_id:str}", sync_to_thread=True)
def read_event(
    event_id: FromPath[str], access: NamedDependency[Access], store: NamedDependency[Store]
) -> Response[EventObject | None]:
    """Show an event; `null` if it is not for the caller to see."""
    event = events.read(store, access, _number(event_id))
    return _encoded(None if event is None else event_object(event, access))


@post("/events", status_code=200, sync_to_thread=True, media_type=MEDIA_TYPE)
def create_event(
    access: NamedDependency[Access],
    fields: NamedDependency[Fields],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> CreatedEvent:
    """Suggest an event.

    The caller owns it; a manager may name another owner as `user`, and tag it.
    """
    return CreatedEvent(id=events.create(store, access, fields, now=now))


@put("/events/{event_id:str}", sync_to_thread=True)
def change_event(
    event_id: FromPath[str],
    access: NamedDependency[Access],
    fields: NamedDependency[Fields],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[EventObject]:
    """Change what is given of an event, and with it the time slots that had its values.

    For managers, and with fewer fields for its owner as long as it is only submitted.
    """
    with clashes_shown(access):
        return _encoded(event_object(events.change(store, access, _number(event_id), fields, now=now), access))


@delete("/events/{event_id:str}", status_code=200, sync_to_thread=True, media_type=MEDIA_TYPE)
def cancel_event(
    event_id: FromPath[str],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Done:
    """Cancel an event, if there is one, and with it its time slots. For managers."""
    events.cancel(store, access, _number(event_id), now=now)
    return Done()


def _number(event_id: str) -> int:
    """The id in a path; 0, which no event has, of what is no id."""
    is_number = event_id.isascii() and event_id.isdecimal() and len(event_id) < 20
    return int(event_id) if is_number and int(event_id) <= LARGEST_ID else 0


def _encoded(value: Any) -> Response[Any]:
    """The answer, encoded here on its thread and not by the event loop."""
    return Response(_encoder.encode(value), media_type=MEDIA_TYPE)


HANDLERS: list[Any] = [list_events, read_event, create_event, change_event, cancel_event]
