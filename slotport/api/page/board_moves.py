"""What the board's script asks for when something was dragged, moved by a key, or undone: JSON in and out."""

from datetime import datetime
from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import board, timeslots
from slotport.actions.timeslots import Scheduled, Stale, Taken
from slotport.api.body import body_of
from slotport.api.callers import AnyRequest
from slotport.api.page.board_shapes import DoneShape, RefusalShape, answer, odd_codes, slot_shape, taken_reasons
from slotport.api.page.rendering import Page
from slotport.core.convention import Access
from slotport.errors import Invalid
from slotport.storage.store import Store


class DropForm(Struct, kw_only=True):
    """An event that was dropped onto the board; ``start`` is a wall time of the convention's."""

    event: int
    start: str
    places: list[str]
    anyway: bool = False


class MoveForm(Struct, kw_only=True):
    """What changes of a time slot; what is not named stays. ``start``: a wall time, or an instant with its offset."""

    version: int | None = None
    start: str | None = None
    minutes: int | None = None
    add: list[str] = []  #: slugs of locations
    remove: list[str] = []
    anyway: bool = False


class AnywayForm(Struct, kw_only=True):
    """Whether conflicts are allowed."""

    anyway: bool = False


@post("/board/drop", status_code=200, sync_to_thread=True, dependencies={"form": body_of(DropForm)})
def drop(
    form: NamedDependency[DropForm],
    request: AnyRequest,
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Schedule an event."""
    fields = {
        "event": form.event,
        "start": form.start,
        "locations": form.places,
        "allow_conflicts": form.anyway,
    }
    try:
        done = timeslots.schedule(store, access, fields, now=now)
    except Taken as taken:
        return _refused(request, taken_reasons(taken, form.places, page.t, access), anyway=True)
    except Invalid as problem:
        return _refused(request, _sentences(page, problem))
    return _done(request, store, access, done)


@post(
    "/board/slots/{slot_id:int}/move",
    status_code=200,
    sync_to_thread=True,
    dependencies={"form": body_of(MoveForm)},
)
def move(
    form: NamedDependency[MoveForm],
    slot_id: FromPath[int],
    request: AnyRequest,
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Change when and where a time slot is."""
    fields = {
        "start": form.start,
        "duration": form.minutes,
        "locations": form.add,
        "remove_locations": form.remove,
        "allow_conflicts": form.anyway,
    }
    try:
        done = timeslots.change(store, access, slot_id, fields, version=form.version, now=now)
    except Taken as taken:
        return _refused(request, taken_reasons(taken, form.add, page.t, access), anyway=True)
    except Stale:
        return _refused(request, [page.t("board-stale-now")], stale=True)
    except Invalid as problem:
        return _refused(request, _sentences(page, problem), stale="id" in problem.fields)
    return _done(request, store, access, done)


@post("/board/slots/{slot_id:int}/remove", status_code=200, sync_to_thread=True)
def remove(
    slot_id: FromPath[int],
    request: AnyRequest,
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Take a time slot off the schedule, if it is on it."""
    timeslots.cancel(store, access, slot_id, now=now)
    return answer(request, DoneShape(slot=None))


@post(
    "/board/slots/{slot_id:int}/restore",
    status_code=200,
    sync_to_thread=True,
    dependencies={"form": body_of(AnywayForm)},
)
def restore(
    form: NamedDependency[AnywayForm],
    slot_id: FromPath[int],
    request: AnyRequest,
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Put a time slot back where it was."""
    try:
        done = timeslots.restore(store, access, slot_id, {"allow_conflicts": form.anyway}, now=now)
    except Taken as taken:
        return _refused(request, taken_reasons(taken, (), page.t, access), anyway=True)
    except Invalid as problem:
        return _refused(request, _sentences(page, problem))
    return _done(request, store, access, done)


HANDLERS: list[Any] = [drop, move, remove, restore]


def _done(request: AnyRequest, store: Store, access: Access, done: Scheduled) -> Response[bytes]:
    """The time slot as it is now."""
    found = board.placement(store, access, done.slot.id)
    shape = None if found is None else slot_shape(found, access)
    return answer(request, DoneShape(slot=shape, odd=odd_codes(done)))


def _refused(request: AnyRequest, reasons: list[str], *, anyway: bool = False, stale: bool = False) -> Response[bytes]:
    return answer(request, RefusalShape(reasons=reasons, anyway=anyway, stale=stale), status_code=409)


def _sentences(page: Page, problem: Invalid) -> list[str]:
    return [page.t.said(f"{name} {text}") for name, texts in problem.fields.items() for text in texts]
