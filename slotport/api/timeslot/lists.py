"""Lists of slots and of the own calendars over HTTP (docs/api/timeslot-slots.md, "Lists")."""

from collections.abc import Generator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import MediaType, Response, delete, get, post
from litestar import Request as HttpRequest
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct, structs

from slotport.actions import groups, lists
from slotport.actions.lists import Listing
from slotport.api.body import query_of
from slotport.api.pieces import Pieces
from slotport.api.timeslot.entries import (
    CalendarObject,
    SlotObject,
    SlotPage,
    calendar_object,
    number_in_path,
    slot_object,
    slot_page,
    uuid_in_path,
)
from slotport.api.timeslot.slots import empty
from slotport.core.account import Account
from slotport.core.paging import Request
from slotport.settings import Settings
from slotport.storage.store import Store

AnyRequest = HttpRequest[Any, Any, State]
PAGED = {"page": query_of(Request)}
FORBIDDEN = {"errors": [403]}


class Calendars(Struct, kw_only=True):
    """The caller's calendars."""

    result: list[CalendarObject]


class DatesForm(Struct, kw_only=True):
    """Whose midnights count: an offset from UTC such as `+02:00`."""

    timezone: str | None = None


class Dates(Struct, kw_only=True):
    """Days that slots touch."""

    result: list[date]


class GroupSlots(Struct, kw_only=True, rename="camel"):
    """All slots of a group that the caller may read."""

    id: UUID
    slot_count: int
    upcoming_count: int
    slots: list[SlotObject]


@get("/me/slots", sync_to_thread=True, dependencies=PAGED)
def read_own_slots(
    request: AnyRequest,
    page: NamedDependency[Request],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[SlotPage | list[SlotObject]]:
    """List the slots in the caller's calendars."""
    return _listed(request, page, lists.own_slots(caller), caller, store, settings, now)


@get("/me/schedule", sync_to_thread=True, dependencies=PAGED)
def read_schedule(
    request: AnyRequest,
    page: NamedDependency[Request],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[SlotPage | list[SlotObject]]:
    """List the slots in the caller's schedule, and the time slots of conventions that the caller hosts.

    The latter have `timeSlot`, and are for reading only.
    """
    return _listed(request, page, lists.whole_schedule(caller), caller, store, settings, now)


@get("/me/library", sync_to_thread=True, dependencies=PAGED)
def read_library(
    request: AnyRequest,
    page: NamedDependency[Request],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[SlotPage | list[SlotObject]]:
    """List all slots that the caller has to do with: created, in its calendars, in its schedule."""
    return _listed(request, page, lists.library(caller), caller, store, settings, now)


@get("/users/{user_id:str}/slots", sync_to_thread=True, dependencies=PAGED)
def read_slots_of_user(
    user_id: FromPath[str],
    request: AnyRequest,
    page: NamedDependency[Request],
    visitor: NamedDependency[Account | None],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[SlotPage | list[SlotObject]]:
    """List the slots that somebody created, as far as the reader may read them."""
    return _listed(request, page, lists.created_by(number_in_path(user_id), visitor), visitor, store, settings, now)


@get("/groups/{group_id:str}/slots", sync_to_thread=True, dependencies=PAGED, opt=FORBIDDEN)
def read_slots_of_group(
    group_id: FromPath[str],
    request: AnyRequest,
    page: NamedDependency[Request],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[SlotPage | GroupSlots]:
    """List the slots in a group, as far as the caller may read them."""
    uuid = uuid_in_path(group_id)
    listing = lists.of_group(caller, uuid)
    if page.is_paged:
        return _page(request, page, listing, caller, store, settings, now)
    counts = lists.in_group(store, caller, uuid, now=now)
    head = GroupSlots(
        id=counts.group.uuid, slot_count=counts.slot_count, upcoming_count=counts.upcoming_count, slots=[]
    )
    return _whole(listing, caller, store, head)


@get("/groups/{group_id:str}/dates", sync_to_thread=True, dependencies={"form": query_of(DatesForm)}, opt=FORBIDDEN)
def read_dates(
    group_id: FromPath[str],
    form: NamedDependency[DatesForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Dates:
    """List the days that the slots of a group touch.

    The uuids of the caller's own views count too: its schedule, all its slots, those it created, those it shares.
    """
    return Dates(result=lists.dates(store, caller, uuid_in_path(group_id), form.timezone))


@get("/me/calendars", sync_to_thread=True)
def read_calendars(caller: NamedDependency[Account], store: NamedDependency[Store]) -> Calendars:
    """List the calendars in which the caller is active."""
    return Calendars(result=[calendar_object(view) for view in groups.calendars(store, caller)])


@post("/me/schedule/calendar/{group_id:str}", status_code=200, sync_to_thread=True, opt=FORBIDDEN)
def show_calendar(
    group_id: FromPath[str],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Show a calendar in the caller's schedule."""
    groups.show_in_schedule(store, caller, uuid_in_path(group_id), shown=True, now=now)
    return empty()


@delete("/me/schedule/calendar/{group_id:str}", status_code=200, sync_to_thread=True, opt=FORBIDDEN)
def hide_calendar(
    group_id: FromPath[str],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Hide a calendar in the caller's schedule; slots that another shown calendar holds stay."""
    groups.show_in_schedule(store, caller, uuid_in_path(group_id), shown=False, now=now)
    return empty()


class Streamed(Response[Any]):
    """An answer in pieces, where another one of the same handler may be a value."""

    def __init__(self, pieces: Generator[bytes, None, None]) -> None:
        super().__init__(None)
        self._pieces = pieces

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """The pieces."""
        return Pieces(self._pieces, headers={"Content-Type": MediaType.JSON})


def _listed(
    request: AnyRequest,
    page: Request,
    listing: Listing,
    reader: Account | None,
    store: Store,
    settings: Settings,
    now: datetime,
) -> Response[Any]:
    """The page that was asked for, or all of it if none was."""
    if page.is_paged:
        return _page(request, page, listing, reader, store, settings, now)
    return _whole(listing, reader, store)


def _page(
    request: AnyRequest,
    page: Request,
    listing: Listing,
    reader: Account | None,
    store: Store,
    settings: Settings,
    now: datetime,
) -> Response[Any]:
    """The page that was asked for."""
    found = lists.page(store, listing, reader, page, now=now)
    base_url = settings.base_url or str(request.base_url)
    return Response(slot_page(found, base_url.rstrip("/"), with_settings=reader is not None))


def _whole(listing: Listing, reader: Account | None, store: Store, head: GroupSlots | None = None) -> Response[Any]:
    """All slots, as the list of ``head`` if there is one: a value if they are few, else a stream."""
    batches = lists.every(store, listing, reader)
    first = next(batches, [])
    batches.close()
    if len(first) == lists.BATCH:
        return Streamed(_stream(listing, reader, store, head))
    objects = [slot_object(entry, with_settings=reader is not None) for entry in first]
    return Response(objects if head is None else structs.replace(head, slots=objects))


def _stream(
    listing: Listing, reader: Account | None, store: Store, head: GroupSlots | None
) -> Generator[bytes, None, None]:
    whole = b"[]" if head is None else msgspec.json.encode(head)
    begin, _, end = whole.rpartition(b"]")
    yield begin
    separator = b""
    for entries in lists.every(store, listing, reader):
        objects = (slot_object(entry, with_settings=reader is not None) for entry in entries)
        yield separator + b",".join(msgspec.json.encode(item) for item in objects)
        separator = b","
    yield b"]" + end


HANDLERS: list[Any] = [
    read_own_slots,
    read_schedule,
    read_library,
    read_slots_of_user,
    read_slots_of_group,
    read_dates,
    read_calendars,
    show_calendar,
    hide_calendar,
]
