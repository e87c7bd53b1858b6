"""A convention's locations (spec of the convention interface, 3.3). Titles and slugs are unique in a convention."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import structs

from slotport.actions.conventions import checked_slug, locked
from slotport.core import convention_input as given
from slotport.core.convention import Access, Location, TimeSlot
from slotport.core.slugs import SLUG_LENGTH, TITLE_LENGTH, slug_of
from slotport.errors import Clash, Conflict, Invalid
from slotport.storage import conventions, locations, timeslots
from slotport.storage.store import Store, Transaction

AREA_LENGTH = 1000
LISTED_IDS = 20  #: of time slots in one sentence
_NAMELESS = "location"  #: slug of a title without any letter or digit


def listed(store: Store, access: Access) -> list[tuple[Location, list[TimeSlot]]]:
    """The convention's locations by title, each with the time slots there that the caller may see, by start and id."""
    with store.read() as transaction:
        found = locations.all_of(transaction, access.convention.id)
        return _with_slots(transaction, access, found)


def find(store: Store, access: Access, slug: str) -> tuple[Location, list[TimeSlot]] | None:
    """The location of that slug with its time slots; None if there is none."""
    with store.read() as transaction:
        found = locations.by_slugs(transaction, access.convention.id, [slug])
        return next(iter(_with_slots(transaction, access, list(found.values()))), None)


def create(store: Store, access: Access, fields: dict[str, Any], *, now: datetime) -> Location:
    """Make a location; its slug is made of the title unless it is given.

    Raises Invalid for wrong fields, Conflict for a title or slug that another location of the convention has.
    """
    title = given.filled_text(fields.get("title"), "title", longest=TITLE_LENGTH)
    max_attendees = given.integer(fields.get("max_attendees"), "max_attendees")
    if max_attendees is None:
        raise Invalid.of("max_attendees", "is needed")
    area = _area(fields.get("area"))
    slug = (given.text(fields.get("slug"), "slug", longest=SLUG_LENGTH) or "").strip()
    slug = checked_slug(slug) if slug else slug_of(title) or _NAMELESS
    with store.write() as transaction:
        convention = locked(transaction, access)
        _refuse_taken(transaction, convention.id, title=title, slug=slug)
        location = locations.add(
            transaction, convention.id, title=title, slug=slug, max_attendees=max_attendees, area=area, now=now
        )
        conventions.mark_changed(transaction, convention.id, now)
        return location


def change(
    store: Store, access: Access, slug: str, fields: dict[str, Any], *, now: datetime
) -> tuple[Location, list[TimeSlot]]:
    """Change what the fields name; the slug stays. The location with its time slots.

    Raises Invalid for an unknown slug too, Conflict as ``create``.
    """
    with store.write() as transaction:
        convention = locked(transaction, access)
        before = locations.by_slugs(transaction, convention.id, [slug]).get(slug)
        if before is None:
            raise Invalid.of("slug", "names no location of the convention")
        after = before
        if fields.get("title") is not None:
            after = structs.replace(after, title=given.filled_text(fields["title"], "title", longest=TITLE_LENGTH))
        max_attendees = given.integer(fields.get("max_attendees"), "max_attendees")
        if max_attendees is not None:
            after = structs.replace(after, max_attendees=max_attendees)
        if "area" in fields:
            after = structs.replace(after, area=_area(fields["area"]))
        if after.title != before.title:
            _refuse_taken(transaction, convention.id, title=after.title)
        if after != before:
            locations.change(transaction, after, now)
            conventions.mark_changed(transaction, convention.id, now)
        return _with_slots(transaction, access, [after])[0]


def remove(store: Store, access: Access, slug: str, *, now: datetime) -> None:
    """Delete the location; an unknown one is no error. Raises Clash while a time slot is in it."""
    with store.write() as transaction:
        convention = locked(transaction, access)
        location = locations.by_slugs(transaction, convention.id, [slug]).get(slug)
        if location is None:
            return
        ids = [str(slot_id) for slot_id in timeslots.using(transaction, location.id)]
        if ids:
            some = ", ".join(ids[:LISTED_IDS]) + (", …" if len(ids) > LISTED_IDS else "")
            raise Clash(f"the location is in use by the time slots {some}", details={"timeslots": ids})
        locations.remove(transaction, location, now)
        conventions.mark_changed(transaction, convention.id, now)


def _with_slots(
    transaction: Transaction, access: Access, found: Sequence[Location]
) -> list[tuple[Location, list[TimeSlot]]]:
    if not found:
        return []
    ids = [location.id for location in found]
    slots = timeslots.in_locations(transaction, access.convention.id, ids, sees_all=access.sees_all)
    return [(location, slots[location.id]) for location in found]


def _area(value: Any) -> str | None:
    return (given.text(value, "area", longest=AREA_LENGTH) or "").strip() or None


def _refuse_taken(transaction: Transaction, convention_id: int, *, title: str, slug: str | None = None) -> None:
    for other in locations.all_of(transaction, convention_id):
        if other.title == title:
            raise Conflict("another location of the convention has that title", details={"title": title})
        if other.slug == slug:
            raise Conflict(
                f"another location of the convention has the slug {slug}; give one of its own", details={"slug": slug}
            )
