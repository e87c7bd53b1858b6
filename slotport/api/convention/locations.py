"""Locations over HTTP (docs/api/convention-places.md)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Struct, UnsetType

from slotport.actions import locations
from slotport.actions.convention_access import manager
from slotport.api.convention.errors import MEDIA_TYPE
from slotport.api.convention.shapes import Done, place_object
from slotport.api.convention.slot_objects import SlotObject, slot_objects
from slotport.core.convention import Access, Location, TimeSlot
from slotport.storage.store import Store

Fields = dict[str, Any]


class LocationObject(Struct, kw_only=True, rename="kebab"):
    """A location, and the time slots there that the caller sees; `status` only in answers to changes."""

    status: bool | UnsetType = UNSET
    title: str
    slug: str
    max_attendees: str
    area: str | None
    timeslots: list[SlotObject]


def location_objects(found: Sequence[tuple[Location, list[TimeSlot]]], access: Access) -> list[LocationObject]:
    """The locations as the caller sees them; a time slot in several of them is shaped once."""
    slots = {slot.id: slot for _, there in found for slot in there}
    shown = dict(zip(slots, slot_objects(slots.values(), access), strict=True))
    return [_object(location, [shown[slot.id] for slot in there]) for location, there in found]


def _object(location: Location, slots: list[SlotObject]) -> LocationObject:
    place = place_object(location)
    return LocationObject(
        title=place.title, slug=place.slug, max_attendees=place.max_attendees, area=place.area, timeslots=slots
    )


def _changed(found: tuple[Location, list[TimeSlot]], access: Access) -> LocationObject:
    shown = location_objects([found], access)[0]
    shown.status = True
    return shown


def _encoded(value: Any) -> Response[Any]:
    """The answer, encoded here on its thread and not by the event loop; null, too, is a body."""
    return Response(msgspec.json.encode(value), media_type=MEDIA_TYPE)


@get("/locations", sync_to_thread=True)
def list_locations(access: NamedDependency[Access], store: NamedDependency[Store]) -> Response[list[LocationObject]]:
    """List the convention's locations by title, each with its time slots by start."""
    return _encoded(location_objects(locations.listed(store, access), access))


@post("/locations", status_code=200, sync_to_thread=True)
def add_location(
    access: NamedDependency[Access],
    fields: NamedDependency[Fields],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> LocationObject:
    """Make a location; for managers.

    Needs `title` and `max-attendees`; may have `area` and `slug`, which otherwise is made of the title.
    """
    manager(access)
    return _changed((locations.create(store, access, fields, now=now), []), access)


@get("/locations/{slug:str}", sync_to_thread=True)
def read_location(
    slug: FromPath[str], access: NamedDependency[Access], store: NamedDependency[Store]
) -> Response[LocationObject | None]:
    """Show the location of a slug with its time slots; `null` if there is none."""
    found = locations.find(store, access, slug)
    return _encoded(None if found is None else location_objects([found], access)[0])


@put("/locations/{slug:str}", sync_to_thread=True)
def change_location(
    slug: FromPath[str],
    access: NamedDependency[Access],
    fields: NamedDependency[Fields],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> LocationObject:
    """Change `title`, `area` or `max-attendees`; the slug stays. For managers."""
    manager(access)
    return _changed(locations.change(store, access, slug, fields, now=now), access)


@delete("/locations/{slug:str}", status_code=200, sync_to_thread=True)
def remove_location(
    slug: FromPath[str],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Done:
    """Delete a location that no time slot is in; for managers."""
    manager(access)
    locations.remove(store, access, slug, now=now)
    return Done()


HANDLERS: list[Any] = [list_locations, add_location, read_location, change_location, remove_location]
