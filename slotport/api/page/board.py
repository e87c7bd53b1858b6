"""The schedule board of a convention, a day at a time, and the same as a list (docs/page.md)."""

from datetime import date, datetime
from typing import Any, NamedTuple

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from slotport.actions import board
from slotport.api.body import query_of
from slotport.api.callers import AnyRequest
from slotport.api.page.board_shapes import DayShape, answer, colours, script_texts, slot_shape
from slotport.api.page.convention_access import path_of
from slotport.api.page.rendering import Page
from slotport.core import board as rules
from slotport.core.board import Days, Placement, Taking
from slotport.core.convention import Access, Location
from slotport.errors import Invalid
from slotport.storage.store import Store

TABS = 9  #: days shown at once around the one that is open
LISTED_CLASHES = 10_000


class BoardQuery(Struct, kw_only=True):
    """Which day, and of which locations (slugs) and tag."""

    day: str = ""
    place: list[str] = []
    tag: int = 0


class TrayQuery(Struct, kw_only=True):
    """Which events the tray shows."""

    day: str = ""
    q: str = ""
    tag: int = 0
    again: bool = False


class Tab(NamedTuple):
    """A day that can be opened."""

    day: date
    slots: int
    is_open: bool


@get("/board", sync_to_thread=True, dependencies={"asked": query_of(BoardQuery)})
def show_board(
    asked: NamedDependency[BoardQuery],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The board; its script asks for the day's time slots."""
    known = board.overview(store, access)
    chosen = _day(asked.day, known.days, access, now)
    kind, values = colours(known.kinds)
    told = {
        "day": chosen.isoformat(),
        "base": path_of(access.convention, "/board"),
        "places": [
            {
                "id": str(place.id),
                "slug": place.slug,
                "title": place.title,
                "area": place.area or "",
                "holds": place.max_attendees,
            }
            for place in known.locations
        ],
        "colours": [[number, colour] for number, _, colour in values],
        "first": _iso(access.convention.start_date),
        "last": _iso(access.convention.end_date),
        "texts": script_texts(page.t),
    }
    return page.show(
        "board.html",
        compress=True,
        **_frame(page, access, known, chosen),
        told=told,
        kind=kind,
        values=values,
        areas=_areas(known.locations),
        tag=asked.tag,
    )


@get("/board/day", sync_to_thread=True, dependencies={"asked": query_of(BoardQuery)})
def send_day(
    asked: NamedDependency[BoardQuery],
    request: AnyRequest,
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[bytes]:
    """The time slots of a day, as JSON."""
    shown = board.day(store, access, _given_day(asked.day))
    return answer(
        request,
        DayShape(
            day=shown.day.isoformat(),
            turn=shown.turn,
            first_hour=shown.first_hour,
            last_hour=shown.last_hour,
            slots=[slot_shape(one, access) for one in shown.placements],
        ),
    )


@get("/board/list", sync_to_thread=True, dependencies={"asked": query_of(BoardQuery)})
def show_list(
    asked: NamedDependency[BoardQuery],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The same day as a table, for small windows, for readers of the screen, and without a script."""
    known = board.overview(store, access)
    chosen = _day(asked.day, known.days, access, now)
    shown = board.day(store, access, chosen).placements
    slugs = set(asked.place)
    places = {place.id: place for place in known.locations}
    wanted = {place.id for place in known.locations if place.slug in slugs}
    listed = [
        one
        for one in shown
        if (not wanted or wanted.intersection(one.location_ids)) and (not asked.tag or asked.tag in one.tag_value_ids)
    ]
    kind, values = colours(known.kinds)
    return page.show(
        "board_list.html",
        compress=True,
        **_frame(page, access, known, chosen),
        listed=listed,
        clashing=_clashing(shown),
        places=places,
        chosen_places=slugs,
        kept=[("place", place.slug) for place in known.locations if place.slug in slugs]
        + [("tag", asked.tag)] * bool(asked.tag),
        kind=kind,
        values=values,
        tag=asked.tag,
        local=lambda moment: moment.astimezone(access.convention.zone),
        offers=board.offers(store, access),
    )


@get("/board/tray", sync_to_thread=True, dependencies={"asked": query_of(TrayQuery)})
def show_tray(
    asked: NamedDependency[TrayQuery],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The events that can be scheduled: a part of the board."""
    found = board.offers(store, access, text=asked.q, tag_value_id=asked.tag, again=asked.again)
    return page.show(
        "board_tray.html",
        compress=True,
        convention=access.convention,
        offers=found,
        asked=asked,
        day=asked.day,
        on="board",
    )


@get("/board/conflicts", sync_to_thread=True)
def show_conflicts(
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """What clashes on any day: a part of the board."""
    return page.show("board_conflicts.html", compress=True, **_conflicts(page, access, store))


HANDLERS: list[Any] = [show_board, send_day, show_list, show_tray, show_conflicts]


def _frame(page: Page, access: Access, known: board.Overview, chosen: date) -> dict[str, Any]:
    """What board and list have in common."""
    return {
        "convention": access.convention,
        "day": chosen,
        "tabs": _tabs(known.days, chosen),
        "locations": known.locations,
    }


def _conflicts(page: Page, access: Access, store: Store) -> dict[str, Any]:
    count, found = board.conflicts(store, access)
    known = board.overview(store, access)
    titles = {place.id: place.title for place in known.locations}
    zone = access.convention.zone
    return {
        "convention": access.convention,
        "count": count,
        "most": board.COUNTED,
        "conflicts": [
            {
                "day": known.days.of(max(one.one.start, one.other.start).astimezone(zone).replace(tzinfo=None)),
                "one": one.one,
                "other": one.other,
                "where": [titles[number] for number in one.location_ids if number in titles],
                "who": one.hosts,
                "start": max(one.one.start, one.other.start).astimezone(zone),
            }
            for one in found
        ],
    }


def _day(text: str, days: Days, access: Access, now: datetime) -> date:
    """The day that is asked for; else today if it is one of the convention's, else its first."""
    if text:
        return _given_day(text)
    today = days.of(now.astimezone(access.convention.zone).replace(tzinfo=None))
    return today if today in days.counts or not days.counts else next(iter(days.counts))


def _given_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as cause:
        raise Invalid.of("day", "must be a date such as 2031-06-07") from cause
    if not 2 <= day.year <= 9998:
        raise Invalid.of("day", "is too early or too late")
    return day


def _tabs(days: Days, chosen: date) -> list[Tab]:
    """The chosen day among those around it."""
    known = sorted({*days.counts, chosen})
    index = known.index(chosen)
    begin = max(0, min(index - TABS // 2, len(known) - TABS))
    return [Tab(day, days.counts.get(day, 0), day == chosen) for day in known[begin : begin + TABS]]


def _areas(locations: list[Location]) -> list[tuple[str, list[Location]]]:
    found: dict[str, list[Location]] = {}
    for place in locations:
        found.setdefault(place.area or "", []).append(place)
    return list(found.items())


def _clashing(placements: list[Placement]) -> set[int]:
    """Ids of those of them that clash with another."""
    shown = [one for one in placements if one.is_public]
    span = [(one, int(one.start.timestamp()), int(one.end.timestamp())) for one in shown]
    in_places = [Taking(number, one.id, start, end) for one, start, end in span for number in one.location_ids]
    by_hosts = [Taking(number, one.id, start, end) for one, start, end in span for number, _ in one.hosts]
    pairs = [*rules.overlaps(in_places, most=LISTED_CLASHES), *rules.overlaps(by_hosts, most=LISTED_CLASHES)]
    return {each for pair in pairs for each in pair}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
