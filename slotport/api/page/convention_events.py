"""A convention's events: search, make, change, cancel."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import events, overviews, people, tags
from slotport.api.body import body_of, query_of
from slotport.api.page.convention_access import BELOW, path_of
from slotport.api.page.convention_forms import beside_fields, rows_of
from slotport.api.page.rendering import Page
from slotport.core.convention import Access, Event, EventStatus, Requirement, TagType
from slotport.errors import Conflict, Invalid, NotFound
from slotport.storage.store import Store

EVENT = f"{BELOW}/events/{{event_id:int}}"
#: fields that the action takes as they are
PLAIN = (
    "title",
    "teaser",
    "description",
    "duration",
    "min_attendees",
    "max_attendees",
    "requires_registration",
    "price",
    "notes_to_attendees",
    "notes_to_staff",
    "scheduling_constraints",
    "logistical_requirements",
)
STATES = ("", "unscheduled", "scheduled", "cancelled")  #: what can be searched for


class EventsQuery(Struct, kw_only=True):
    """Which events are shown."""

    q: str = ""
    tag: str = ""  #: ``<title>=<value>``
    state: str = ""
    number: int = 1


class EventForm(Struct, kw_only=True):
    """What is said of an event. Names are those of the action, but for ``owner`` and ``tag``."""

    title: str = ""
    teaser: str = ""
    description: str = ""
    duration: str = "60"
    status: str = ""
    owner: str = ""  #: id of somebody the convention knows
    staff_contact: str = ""  #: likewise
    min_attendees: str = ""
    max_attendees: str = ""
    requires_registration: bool = False
    price: str = ""
    notes_to_attendees: str = ""
    notes_to_staff: str = ""
    scheduling_constraints: str = ""
    logistical_requirements: str = ""
    #: by id of the tag type: the value, or where several may be, values by any name
    tag: dict[str, str | dict[str, str]] | None = None
    allow_conflicts: bool = False


@get(f"{BELOW}/events", sync_to_thread=True, dependencies={"asked": query_of(EventsQuery)})
def show_events(
    convention_name: FromPath[str],
    asked: NamedDependency[EventsQuery],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The events, those that pass the filters."""
    slots = overviews.slots_by_event(store, access)
    found = [event for event in events.listed(store, access) if _passes(event, asked, slots)]
    found.sort(key=lambda event: (event.title.casefold(), event.id))
    return page.show(
        "convention_events.html",
        convention=access.convention,
        asked=asked,
        rows=rows_of(found, asked.number),
        slots=slots,
        kinds=tags.listed(store, access),
        states=STATES,
    )


@get(f"{BELOW}/events/new", sync_to_thread=True)
def show_new_event(
    convention_name: FromPath[str],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The form of a new event."""
    return _form(page, store, access, EventForm(tag={}), None)


@post(f"{BELOW}/events", sync_to_thread=True, dependencies={"form": body_of(EventForm)})
def create_event(
    convention_name: FromPath[str],
    form: NamedDependency[EventForm],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Store a new event; the caller owns it if nobody else is named."""
    fields = _fields(form, tags.listed(store, access), None)
    try:
        events.create(store, access, fields, now=now)
    except Invalid as problem:
        return _form(page, store, access, form, None, status_code=422, problem=_shown(problem))
    return page.go(path_of(access.convention, "/events"), said="convention-event-made")


@get(EVENT, sync_to_thread=True)
def show_event(
    convention_name: FromPath[str],
    event_id: FromPath[int],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The form of an event that is there."""
    event = _event(store, access, event_id)
    return _form(page, store, access, _said_of(event, tags.listed(store, access)), event)


@post(EVENT, sync_to_thread=True, dependencies={"form": body_of(EventForm)})
def change_event(
    convention_name: FromPath[str],
    event_id: FromPath[int],
    form: NamedDependency[EventForm],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Change the event; its time slots follow."""
    event = _event(store, access, event_id)
    try:
        events.change(store, access, event_id, _fields(form, tags.listed(store, access), event), now=now)
    except (Invalid, Conflict) as problem:
        is_clash = isinstance(problem, Conflict)
        shown = _shown(problem) if isinstance(problem, Invalid) else problem
        return _form(page, store, access, form, event, status_code=422, problem=shown, is_clash=is_clash)
    return page.go(path_of(access.convention, "/events"), said="convention-saved")


@post(f"{EVENT}/cancel", sync_to_thread=True)
def cancel_event(
    convention_name: FromPath[str],
    event_id: FromPath[int],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Cancel the event, and with it its time slots."""
    events.cancel(store, access, event_id, now=now)
    return page.go(path_of(access.convention, "/events"), said="convention-event-cancelled")


HANDLERS: list[Any] = [show_events, show_new_event, create_event, show_event, change_event, cancel_event]


def _passes(event: Event, asked: EventsQuery, slots: dict[int, int]) -> bool:
    if (event.status is EventStatus.CANCELLED) != (asked.state == "cancelled"):
        return False
    if asked.state in ("scheduled", "unscheduled") and (event.id in slots) != (asked.state == "scheduled"):
        return False
    if asked.tag and not any(f"{tags.title}={value}" == asked.tag for tags in event.tags for value in tags.values):
        return False
    wanted = asked.q.strip().casefold()
    said = (event.title, event.teaser, event.description or "", event.owner.name, str(event.id))
    return any(wanted in text.casefold() for text in said)


def _event(store: Store, access: Access, event_id: int) -> Event:
    event = events.read(store, access, event_id)
    if event is None:
        raise NotFound("there is no such event")
    return event


def _form(
    page: Page, store: Store, access: Access, form: EventForm, event: Event | None, **further: Any
) -> Response[Any]:
    kinds = tags.listed(store, access)
    return page.show(
        "convention_event.html",
        convention=access.convention,
        event=event,
        form=form,
        kinds=[(kind, tuple(_chosen(form, kind))) for kind in kinds],
        people=people.listed(store, access),
        statuses=[status for status in EventStatus if status is not EventStatus.CANCELLED or event is not None],
        **{"is_clash": False, **further},
    )


def _fields(form: EventForm, kinds: Sequence[TagType], event: Event | None) -> dict[str, Any]:
    """What the form says, as the actions take it."""
    fields: dict[str, Any] = {name: getattr(form, name) for name in PLAIN}
    if form.owner and (event is None or form.owner != str(event.owner.id)):
        fields["user"] = {"id": form.owner}
    before = {tags.title: tags.values for tags in event.tags} if event else {}
    added: dict[str, str | list[str]] = {}
    removed: dict[str, list[str]] = {}
    for kind in kinds:
        wanted, had = list(_chosen(form, kind)), before.get(kind.title, ())
        if kind.requirement is Requirement.ONE:
            if wanted and wanted[0]:
                added[kind.title] = wanted[0]
            continue
        if new := [value for value in wanted if value not in had]:
            added[kind.title] = new
        if gone := [value for value in had if value not in wanted]:
            removed[kind.title] = gone
    fields |= {"tags": added, "remove_tags": removed}
    if event is not None:
        fields |= {"status": form.status, "allow_conflicts": form.allow_conflicts}
        contact = str(event.staff_contact.id) if event.staff_contact else ""
        if form.staff_contact != contact:
            fields["staff_contact"] = form.staff_contact
    return fields


def _chosen(form: EventForm, kind: TagType) -> Iterable[str]:
    """The values of the tag type that the form names."""
    said = (form.tag or {}).get(str(kind.id), {})
    return [said] if isinstance(said, str) else list(said.values())


def _said_of(event: Event, kinds: Sequence[TagType]) -> EventForm:
    """The form of what the event is."""
    values = {tags.title: tags.values for tags in event.tags}
    tag: dict[str, str | dict[str, str]] = {}
    for kind in kinds:
        held = values.get(kind.title, ())
        is_one = kind.requirement is Requirement.ONE
        tag[str(kind.id)] = (
            (held[0] if held else "") if is_one else {str(place): value for place, value in enumerate(held)}
        )
    return EventForm(
        title=event.title,
        teaser=event.teaser,
        description=event.description or "",
        duration=str(event.duration_minutes),
        status=str(event.status.value),
        owner=str(event.owner.id),
        staff_contact=str(event.staff_contact.id) if event.staff_contact else "",
        min_attendees=str(event.min_attendees),
        max_attendees="" if event.max_attendees is None else str(event.max_attendees),
        requires_registration=event.requires_registration,
        price="" if event.price_cents is None else f"{event.price_cents // 100}.{event.price_cents % 100:02}",
        notes_to_attendees=event.notes_to_attendees or "",
        notes_to_staff=event.notes_to_staff or "",
        scheduling_constraints=event.scheduling_constraints or "",
        logistical_requirements=event.logistical_requirements or "",
        tag=tag,
    )


def _shown(problem: Invalid) -> Any:
    return beside_fields(problem, EventForm, {"user": "owner", "tags": "tag", "remove_tags": "tag"})
