"""The dialogs of the board: a time slot's details, scheduling, changing and taking off; they work without a script."""

import json
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import board, events, timeslots
from slotport.actions.timeslots import Scheduled, Stale, Taken
from slotport.api.body import body_of, query_of
from slotport.api.page.board_shapes import odd_codes, taken_reasons, wall
from slotport.api.page.convention_access import path_of
from slotport.api.page.rendering import Page
from slotport.core.convention import Access, Event, TimeSlot
from slotport.errors import Conflict, Invalid, NotFound, SlotportError
from slotport.storage.store import Store

ON_BOARD = "board"  #: the value of ``on`` where the board's script waits for what comes of it
#: fields of the action -> fields of the form
NAMES = {
    "start": "day",
    "duration": "minutes",
    "locations": "places",
    "remove_locations": "places",
    "hosts": "add_host",
    "remove_hosts": "add_host",
    "max_attendees": "most",
    "notes_to_attendees": "notes",
}


class SlotForm(Struct, kw_only=True):
    """When, where and by whom; ``hosts``: ids of those who stay, ``add_host`` of one more."""

    event: int = 0
    version: int | None = None
    day: str = ""
    time: str = ""
    minutes: str = ""
    places: list[str] = []
    hosts: list[int] = []
    add_host: str = ""
    most: str = ""
    notes: str = ""
    anyway: bool = False
    on: str = ""


class NewQuery(Struct, kw_only=True):
    """What is to be scheduled, and what is known of it."""

    event: int = 0
    day: str = ""
    time: str = ""
    place: str = ""
    on: str = ""


class OnQuery(Struct, kw_only=True):
    """Where a dialog was opened."""

    on: str = ""


@get("/board/new", sync_to_thread=True, dependencies={"asked": query_of(NewQuery)})
def show_new(
    asked: NamedDependency[NewQuery],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The form that schedules an event."""
    event = _event(store, access, asked.event)
    form = SlotForm(
        event=event.id,
        day=asked.day,
        time=asked.time,
        minutes=str(event.duration_minutes),
        places=[asked.place] if asked.place else [],
        hosts=[event.owner.id],
        most="" if event.max_attendees is None else str(event.max_attendees),
        notes=event.notes_to_attendees or "",
        on=asked.on,
    )
    return page.show("board_edit.html", **_values(store, access, event, form, None))


@post("/board/new", sync_to_thread=True, dependencies={"form": body_of(SlotForm)})
def schedule(
    form: NamedDependency[SlotForm],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Schedule it."""
    event = _event(store, access, form.event)
    fields = {
        "event": event.id,
        "start": _start(form),
        "duration": form.minutes,
        "locations": form.places,
        "hosts": _host_references(form) or None,
        "max_attendees": form.most,
        "notes_to_attendees": form.notes,
        "allow_conflicts": form.anyway,
    }
    try:
        done = timeslots.schedule(store, access, fields, now=now)
    except (Invalid, Conflict) as problem:
        return _refused(page, store, access, event, form, None, problem)
    return _finished(page, access, form.on, "scheduled", done)


@get("/board/slots/{slot_id:int}", sync_to_thread=True, dependencies={"asked": query_of(OnQuery)})
def show_slot(
    slot_id: FromPath[int],
    asked: NamedDependency[OnQuery],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """A time slot's details."""
    slot = _slot(store, access, slot_id)
    zone = access.convention.zone
    return page.show(
        "board_slot.html",
        convention=access.convention,
        slot=slot,
        on=asked.on,
        start=slot.start.astimezone(zone),
        end=slot.end.astimezone(zone),
    )


@get("/board/slots/{slot_id:int}/edit", sync_to_thread=True, dependencies={"asked": query_of(OnQuery)})
def show_edit(
    slot_id: FromPath[int],
    asked: NamedDependency[OnQuery],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The form that changes a time slot."""
    slot = _slot(store, access, slot_id)
    day, _, time = wall(slot.start, access).partition("T")
    form = SlotForm(
        event=slot.event.id,
        version=slot.version,
        day=day,
        time=time[:5],
        minutes=str(slot.duration_minutes),
        places=[place.slug for place in slot.locations],
        hosts=[host.person.id for host in slot.hosts],
        most="" if slot.max_attendees is None else str(slot.max_attendees),
        notes=slot.notes_to_attendees or "",
        on=asked.on,
    )
    return page.show("board_edit.html", **_values(store, access, slot.event, form, slot))


@post("/board/slots/{slot_id:int}/edit", sync_to_thread=True, dependencies={"form": body_of(SlotForm)})
def edit(
    slot_id: FromPath[int],
    form: NamedDependency[SlotForm],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Change it; a time that is the same on the clocks stays the same instant."""
    slot = _slot(store, access, slot_id)
    is_same_time = wall(slot.start, access)[:16] == f"{form.day}T{form.time}"
    there = {place.slug for place in slot.locations}
    hosts = {host.person.id for host in slot.hosts}
    wanted = _host_references(form)
    kept = {one["id"] for one in wanted}
    fields = {
        "start": None if is_same_time else _start(form),
        "duration": form.minutes,
        "locations": [slug for slug in form.places if slug not in there],
        "remove_locations": sorted(there.difference(form.places)),
        "hosts": [one for one in wanted if one["id"] not in hosts],
        "remove_hosts": [{"id": number} for number in sorted(hosts - kept)],
        "max_attendees": form.most,
        "notes_to_attendees": form.notes,
        "allow_conflicts": form.anyway,
    }
    try:
        done = timeslots.change(store, access, slot_id, fields, version=form.version, now=now)
    except (Invalid, Conflict) as problem:
        return _refused(page, store, access, slot.event, form, slot, problem)
    return _finished(page, access, form.on, "changed", done)


@get("/board/slots/{slot_id:int}/cancel", sync_to_thread=True, dependencies={"asked": query_of(OnQuery)})
def ask_cancel(
    slot_id: FromPath[int],
    asked: NamedDependency[OnQuery],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The question whether a time slot is to be taken off the schedule."""
    slot = _slot(store, access, slot_id)
    return page.show("board_cancel.html", convention=access.convention, slot=slot, on=asked.on)


@post("/board/slots/{slot_id:int}/cancel", sync_to_thread=True, dependencies={"form": body_of(OnQuery)})
def cancel(
    slot_id: FromPath[int],
    form: NamedDependency[OnQuery],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take it off."""
    slot = _slot(store, access, slot_id)
    timeslots.cancel(store, access, slot_id, now=now)
    return _finished(page, access, form.on, "removed", Scheduled(slot=slot, remarks=()))


HANDLERS: list[Any] = [show_new, schedule, show_slot, show_edit, edit, ask_cancel, cancel]


def _event(store: Store, access: Access, event_id: int) -> Event:
    event = events.read(store, access, event_id)
    if event is None:
        raise NotFound("there is no such event")
    return event


def _slot(store: Store, access: Access, slot_id: int) -> TimeSlot:
    slot = timeslots.read(store, access, slot_id)
    if slot is None or slot.is_cancelled:
        raise NotFound("there is no such time slot; somebody may have taken it off the schedule")
    return slot


def _start(form: SlotForm) -> str:
    """The wall time; empty if a part of it is missing."""
    return f"{form.day}T{form.time}" if form.day and form.time else ""


def _host_references(form: SlotForm) -> list[dict[str, int]]:
    added = [int(form.add_host)] if form.add_host.isascii() and form.add_host.isdecimal() else []
    return [{"id": number} for number in dict.fromkeys([*form.hosts, *added])]


def _values(store: Store, access: Access, event: Event, form: SlotForm, slot: TimeSlot | None) -> dict[str, Any]:
    known = board.people_known(store, access)
    names = {person.id: person.name for person in known}
    names |= {} if slot is None else {host.person.id: host.shown_name for host in slot.hosts}
    return {
        "convention": access.convention,
        "event": event,
        "slot": slot,
        "form": form,
        "locations": board.overview(store, access).locations,
        "hosts": [(number, names.get(number, str(number))) for number in form.hosts],
        "people": [person for person in known if person.id not in form.hosts],
        "reasons": [],
        "is_taken": False,
    }


def _refused(
    page: Page,
    store: Store,
    access: Access,
    event: Event,
    form: SlotForm,
    slot: TimeSlot | None,
    problem: SlotportError,
) -> Response[Any]:
    """The form again, with what was typed, and why it was not taken."""
    values = _values(store, access, event, form, slot)
    if isinstance(problem, Taken):
        values |= {"reasons": taken_reasons(problem, form.places, page.t, access), "is_taken": True}
    elif isinstance(problem, Stale) and slot is not None:
        form.version = slot.version  # the next try is made knowingly
        values |= {"reasons": [page.t("board-stale-now")]}
    elif isinstance(problem, Invalid):
        problem = Invalid({NAMES.get(name, name): texts for name, texts in problem.fields.items()})
        return page.show("board_edit.html", status_code=422, problem=problem, **values)
    return page.show("board_edit.html", status_code=422, **values)


def _finished(page: Page, access: Access, on: str, did: str, done: Scheduled) -> Response[Any]:
    """Tell the board's script, or go on to the list of that day."""
    if on == ON_BOARD and page.is_dialog:
        told = {
            "board-changed": {"id": done.slot.id, "title": done.slot.event.title, "did": did, "odd": odd_codes(done)}
        }
        return Response(b"", status_code=204, headers={"HX-Trigger": json.dumps(told)})
    day = wall(done.slot.start, access)[:10]
    return page.go(path_of(access.convention, f"/board/list?day={day}"), said=f"board-{did}")
