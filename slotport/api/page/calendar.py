"""My calendar: month, week, day and list, and the moves that its grid asks for (docs/page.md)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from slotport.actions import calendar, series
from slotport.actions.calendar import Item
from slotport.actions.series import Move, Part
from slotport.api.body import body_of, query_of
from slotport.api.page.rendering import Page, zones
from slotport.core.account import Account
from slotport.core.group import parsed_uuid
from slotport.storage.store import Store

VIEWS = ("month", "week", "day", "list")
MONTH_MOST = 8  #: slots of a day in a month
EPOCH, LAST = date(1900, 1, 1), date(2200, 1, 1)  #: days that can be looked at

Whole = Annotated[int, Meta(ge=-(2**31), le=2**31)]


class CalendarQuery(Struct, kw_only=True):
    """What is looked at: ``date`` is any day in it; groups that are ``without`` are left out."""

    view: str = "week"
    date: str = ""
    without: list[str] = []


class FilterForm(Struct, kw_only=True):
    """Which groups are shown, of the account's own; sent by the checkboxes beside the calendar."""

    view: str = "week"
    date: str = ""
    group: list[str] = []


class EventsQuery(Struct, kw_only=True):
    """The days that a grid shows, and whether it is a month."""

    start: str = ""
    end: str = ""
    month: bool = False
    without: list[str] = []


class MoveForm(Struct, kw_only=True):
    """What was moved, and by how much on the viewer's clocks."""

    slot: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    occurrence: str = ""
    days: Whole = 0
    seconds: Whole = 0
    part: Part = Part.WHOLE
    all: bool = False


class Event(Struct, kw_only=True, rename="camel"):
    """An item as the grid takes it: wall times of the viewer, without a zone."""

    id: str
    slot: int
    occurrence: str
    title: str
    place: str
    start: str
    end: str
    all_day: bool
    open_end: bool
    class_name: str
    editable: bool
    repeats: bool
    convention: str


class Events(Struct, kw_only=True):
    """What a grid shows."""

    events: list[Event]
    more: dict[str, int]  #: by day, how many of it are left out
    cut: bool


class MovedEvent(Struct, kw_only=True):
    """Where to find what was moved."""

    id: str


@get("/calendar", sync_to_thread=True, dependencies={"asked": query_of(CalendarQuery)})
def show_calendar(
    asked: NamedDependency[CalendarQuery],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The calendar; what it holds as a list too, which is there without a script."""
    view = asked.view if asked.view in VIEWS else "week"
    day = _day(asked.date, page.now().date())
    without = _uuids(asked.without)
    first, last = span(view, day)
    shown = calendar.shown(
        store, caller, first, last, page.zone, without=without, most_a_day=MONTH_MOST if view == "month" else None
    )
    hidden = [("without", str(uuid)) for uuid in sorted(without, key=str)]

    def path(to_view: str, to_day: date) -> str:
        return "/app/calendar?" + urlencode([("view", to_view), ("date", str(to_day)), *hidden])

    return page.show(
        "calendar.html",
        view=view,
        views=VIEWS,
        day=day,
        first=first,
        title=_title(page, view, day),
        path_to=path,
        before=path(view, _step(view, day, -1)),
        after=path(view, _step(view, day, 1)),
        here=path(view, day),
        today=path(view, page.now().date()),
        days=[(one, list(items)) for one, items in groupby(shown.items, key=lambda item: max(item.day, first))],
        shown=shown,
        calendars=calendar.calendars(store, caller),
        without=without,
        hidden=urlencode(hidden),
        zones=sorted(zones()),
        offset=f"{page.now():%z}"[:3] + ":" + f"{page.now():%z}"[3:5],
        compress=True,
    )


@get("/calendar/filter", sync_to_thread=True, dependencies={"form": query_of(FilterForm)})
def choose_groups(
    form: NamedDependency[FilterForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """Show the calendar with the groups that were chosen."""
    chosen = set(form.group)
    without = [str(one.group.uuid) for one in calendar.calendars(store, caller) if str(one.group.uuid) not in chosen]
    query = [("view", form.view), ("date", form.date), *(("without", uuid) for uuid in without)]
    return page.go("/app/calendar?" + urlencode(query))


@get("/calendar/events", sync_to_thread=True, dependencies={"asked": query_of(EventsQuery)})
def events(
    asked: NamedDependency[EventsQuery],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Events:
    """What is on the days from ``start`` to before ``end``."""
    today = page.now().date()
    first = _day(asked.start, today)
    last = _day(asked.end, first + timedelta(days=1))
    shown = calendar.shown(
        store,
        caller,
        first,
        last,
        page.zone,
        without=_uuids(asked.without),
        most_a_day=MONTH_MOST if asked.month else None,
    )
    return Events(
        events=[_event(item) for item in shown.items],
        more={str(day): count for day, count in shown.more.items()},
        cut=shown.is_cut,
    )


@post("/calendar/move", status_code=200, sync_to_thread=True, dependencies={"form": body_of(MoveForm)})
def move(
    form: NamedDependency[MoveForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> MovedEvent:
    """Move a slot, one date of a series, or all of it."""
    moved = series.move(
        store,
        caller,
        form.slot,
        form.occurrence,
        Move(days=form.days, seconds=form.seconds, part=form.part),
        zone=page.zone,
        with_all=form.all,
        now=now,
    )
    return MovedEvent(id=f"{moved.slot_id}.{moved.recurrence_id}" if moved.recurrence_id else str(moved.slot_id))


HANDLERS: list[Any] = [show_calendar, choose_groups, events, move]


def span(view: str, day: date) -> tuple[date, date]:
    """The first day that a view shows, and the one after the last."""
    if view == "day":
        return day, day + timedelta(days=1)
    if view == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1)
    if view == "list":
        return first, last
    return first - timedelta(days=first.weekday()), last + timedelta(days=-last.weekday() % 7)


def _step(view: str, day: date, by: int) -> date:
    """The day one view further, or before."""
    if view in ("day", "week"):
        return _within(day + timedelta(days=by * (7 if view == "week" else 1)))
    first = day.replace(day=1)
    return _within(
        (first + timedelta(days=31)).replace(day=1) if by > 0 else (first - timedelta(days=1)).replace(day=1)
    )


def _title(page: Page, view: str, day: date) -> str:
    if view == "day":
        return page.t.day(day, "full")
    if view == "week":
        monday = day - timedelta(days=day.weekday())
        return page.t.days(monday, monday + timedelta(days=6))
    return page.t.named(day, "yMMMM")


def _day(text: str, otherwise: date) -> date:
    try:
        return _within(date.fromisoformat(text[:10]))
    except ValueError:
        return otherwise


def _within(day: date) -> date:
    return max(EPOCH, min(day, LAST))


def _uuids(texts: Sequence[str]) -> frozenset[UUID]:
    return frozenset(uuid for text in texts if (uuid := parsed_uuid(text)) is not None)


def _event(item: Item) -> Event:
    start, end = item.start, item.end
    if end is None:
        end = start + (timedelta(hours=1) if isinstance(start, datetime) else timedelta(days=1))
    return Event(
        id=item.key,
        slot=item.slot_id,
        occurrence=item.recurrence_id,
        title=item.title,
        place=item.place,
        start=start.isoformat(),
        end=end.isoformat(),
        all_day=item.is_whole,
        open_end=item.end is None,
        class_name=f"colour-{item.colour}",
        editable=item.is_own,
        repeats=item.repeats,
        convention=item.convention,
    )
