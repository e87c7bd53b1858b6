"""How answers show events (docs/api/convention-events.md)."""

from typing import Any

from msgspec import Struct

from slotport.api.convention.shapes import UserObject, user_object
from slotport.core.convention import Access, Event, Requirement, Tags
from slotport.core.convention_input import shown_moment


class EventObject(Struct, kw_only=True, rename="kebab"):
    """An event. Numbers are text.

    Notes to staff, scheduling constraints and logistical requirements (under the service's own misspelling too) are
    null but for system access and the event's owner. `tags` has a text for each tag type that requires exactly one
    value, a list for all others; `data` is `custom-data`.
    """

    id: str
    title: str
    teaser: str
    description: str | None
    notes_to_attendees: str | None
    duration: str
    min_attendees: str
    max_attendees: str | None
    requires_registration: bool
    price: str | None
    status: str
    status_text: str
    notes_to_staff: str | None
    scheduling_constraints: str | None
    logistical_requirements: str | None
    logitsical_requirements: str | None
    custom_data: Any
    data: Any
    user: UserObject
    staff_contact: UserObject | None
    tags: dict[str, str | list[str]]
    created_time: str
    updated_time: str


def event_object(event: Event, access: Access) -> EventObject:
    """The event as the caller may see it."""
    is_inside = access.sees_all or access.owns(event)
    contact, zone = event.staff_contact, access.convention.zone
    return EventObject(
        id=str(event.id),
        title=event.title,
        teaser=event.teaser,
        description=event.description,
        notes_to_attendees=event.notes_to_attendees,
        duration=str(event.duration_minutes),
        min_attendees=str(event.min_attendees),
        max_attendees=None if event.max_attendees is None else str(event.max_attendees),
        requires_registration=event.requires_registration,
        price=None if event.price_cents is None else f"{event.price_cents // 100}.{event.price_cents % 100:02}",
        status=str(event.status.value),
        status_text=event.status.label,
        notes_to_staff=event.notes_to_staff if is_inside else None,
        scheduling_constraints=event.scheduling_constraints if is_inside else None,
        logistical_requirements=event.logistical_requirements if is_inside else None,
        logitsical_requirements=event.logistical_requirements if is_inside else None,
        custom_data=event.data,
        data=event.data,
        user=user_object(event.owner, access),
        staff_contact=None if contact is None else user_object(contact, access),
        tags={tag.title: _values(tag) for tag in event.tags if tag.public or access.sees_all},
        created_time=shown_moment(event.created_at, zone),
        updated_time=shown_moment(event.updated_at, zone),
    )


def _values(tag: Tags) -> str | list[str]:
    return tag.values[0] if tag.requirement is Requirement.ONE else list(tag.values)
