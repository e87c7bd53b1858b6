"""The public schedule of a convention, for everybody: ``/c/<slug>`` (docs/page.md)."""

import gzip
from collections.abc import Callable
from datetime import date, datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct, structs

from slotport import __version__
from slotport.actions import programme
from slotport.actions.programme import Asked, Outline
from slotport.api.body import query_of
from slotport.api.callers import AnyRequest
from slotport.api.conditions import knows
from slotport.api.convention.answers import Answers
from slotport.api.page.convention_access import NAME, name_of
from slotport.api.page.conventions import files_of
from slotport.api.page.programme_shown import Viewer, colours_of
from slotport.api.page.rendering import HEADERS, ZONE, Page
from slotport.core.convention import Convention, TimeSlot
from slotport.core.programme import end_of
from slotport.core.timetable import timetable
from slotport.storage.store import Store

PATH = f"/c/{{{NAME}:str}}"
TEXT_LENGTH = 200  #: characters of a search
MINE, ALL, GRID = "mine", "all", "grid"  #: values in an address
VARY = "Accept-Encoding, Accept-Language, Cookie, HX-Request, X-Dialog"


class ProgrammeQuery(Struct, kw_only=True):
    """What is shown; a day that is none is not asked for."""

    day: str = ""  #: YYYY-MM-DD, or ``all``
    location: str = ""  #: slug
    tag: str = ""  #: ``<title>=<value>``
    q: str = ""
    times: str = ""  #: ``mine``: in the viewer's zone
    view: str = ""  #: ``grid``: as a timetable, if a day is shown

    def address(self, **changed: str) -> str:
        """The query of an address that asks for this, but for what is changed; begins with ``?``."""
        pairs = {**structs.asdict(self), **changed}
        return "?" + urlencode({name: value for name, value in pairs.items() if value})


@get(PATH, sync_to_thread=True, dependencies={"asked": query_of(ProgrammeQuery)})
def show_programme(
    convention_name: FromPath[str],
    request: AnyRequest,
    asked: NamedDependency[ProgrammeQuery],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The programme, a day at a time, and what goes on now."""
    wanted = _wanted(asked)
    outlined = programme.outline(store, name_of(request), wanted, now=now)
    etag = _etag(page, request, outlined, asked)

    def made() -> bytes:
        return gzip.compress(_programme(page, request, store, outlined, asked).encode(), 5, mtime=0)

    return _conditional(page, request, etag, made)


@get(f"{PATH}/now", sync_to_thread=True, dependencies={"asked": query_of(ProgrammeQuery)})
def show_now(
    convention_name: FromPath[str],
    request: AnyRequest,
    asked: NamedDependency[ProgrammeQuery],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """What goes on now and next, as a part of the page; ``data-seconds`` tells when to ask again."""
    outlined = programme.outline(store, name_of(request), Asked(), now=now)
    return page.show("programme_now.html", **_now(page, store, outlined, _zone(page, outlined.convention, asked)))


@get(f"{PATH}/events/{{event_id:int}}", sync_to_thread=True)
def show_programme_event(
    convention_name: FromPath[str],
    event_id: FromPath[int],
    request: AnyRequest,
    page: NamedDependency[Page],
    store: NamedDependency[Store],
) -> Response[Any]:
    """All that everybody may know of an event, and when it is."""
    convention, event, slots = programme.event(store, name_of(request), event_id)
    viewer = Viewer(convention=convention, zone=convention.zone, t=page.t, colours={})
    return page.show(
        "programme_event.html",
        convention=convention,
        event=event,
        tags=[(tags.title, tags.values) for tags in event.tags if tags.public],
        days=viewer.days(slots),
    )


HANDLERS: list[Any] = [show_programme, show_now, show_programme_event]


def _wanted(asked: ProgrammeQuery) -> Asked:
    try:
        day = date.fromisoformat(asked.day)
    except ValueError:
        day = None
    return Asked(
        day=day,
        all_days=asked.day == ALL,
        one_day=asked.view == GRID,
        location=asked.location,
        tag=asked.tag,
        text=asked.q.strip()[:TEXT_LENGTH],
    )


def _etag(page: Page, request: AnyRequest, outlined: Outline, asked: ProgrammeQuery) -> str:
    """What tells of all that is shown: who asks for what, and the convention's last change."""
    convention, moment, built = outlined.convention, outlined.moment, request.app.state.built
    account = (page.account.id, page.account.username) if page.account else None
    viewer = [page.t.language, page.theme, page.zone.key, ZONE in request.cookies, account, page.is_dialog]
    where = [files_of(page, request, convention)["page"], request.query_params.get("said"), structs.astuple(asked)]
    state = [convention.id, convention.change, outlined.day, moment.since, moment.until]
    said = [__version__, sorted(built.entries.values()), viewer, where, state]
    return blake2b(repr(said).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _conditional(page: Page, request: AnyRequest, etag: str, made: Callable[[], bytes]) -> Response[Any]:
    """The page, compressed if that is understood; 304 to whoever has it."""
    shown = HEADERS | {
        "ETag": f'W/"{etag}"',
        # what somebody sees who is signed in has their name in it
        "Cache-Control": "private, no-cache" if page.account else "public, no-cache",
        "Vary": VARY,
    }
    if knows(request.headers, etag):
        return Response(b"", status_code=304, media_type=MediaType.HTML, headers=shown)
    answers: Answers = request.app.state.answers
    content = answers.of(("programme", etag), made)
    if "gzip" in request.headers.get("accept-encoding", "").lower():
        return Response(content, media_type=MediaType.HTML, headers={**shown, "Content-Encoding": "gzip"})
    return Response(gzip.decompress(content), media_type=MediaType.HTML, headers=shown)


def _programme(page: Page, request: AnyRequest, store: Store, outlined: Outline, asked: ProgrammeQuery) -> str:
    convention = outlined.convention
    found = programme.read(store, outlined, _wanted(asked))
    zone = _zone(page, convention, asked)
    colours = colours_of(found.tags)
    viewer = Viewer(convention=convention, zone=zone, t=page.t, colours=colours)
    return page.render(
        "programme.html",
        **_now(page, store, outlined, zone),
        asked=asked,
        days=outlined.days,
        day=outlined.day,
        **_shown(viewer, outlined, found.slots, asked),
        has_more=found.has_more,
        places=found.places,
        tags=found.tags,
        colours=colours,
        files=files_of(page, request, convention),
        is_mine=asked.times == MINE,
        shown_zone=zone.key,
        is_zone_known=ZONE in request.cookies,
        website=_link(convention.website),
    )


def _shown(viewer: Viewer, outlined: Outline, slots: list[TimeSlot], asked: ProgrammeQuery) -> dict[str, Any]:
    """The time slots, as a list of days, or as the timetable of one."""
    day = outlined.day
    if asked.view != GRID or day is None:
        return {"is_grid": False, "shown": viewer.days(slots)}
    end = end_of(day, viewer.convention.zone)
    return {
        "is_grid": True,
        "table": timetable(slots, day_end=end, zone=viewer.zone, only=asked.location) if slots else None,
        "entries": {slot.id: viewer.shown(slot) for slot in slots},
        "time": viewer.time,
    }


def _now(page: Page, store: Store, outlined: Outline, zone: ZoneInfo) -> dict[str, Any]:
    """What programme_now.html shows."""
    convention, glance = outlined.convention, programme.glance(store, outlined)
    viewer = Viewer(convention=convention, zone=zone, t=page.t, colours={})
    now = page.now()
    seconds = (glance.until - now).total_seconds() if glance.until else None
    return {
        "convention": convention,
        "base": _base(page, convention),
        "running": [viewer.shown(slot) for slot in glance.running],
        "running_more": glance.running_count - len(glance.running),
        "following": [viewer.shown(slot) for slot in glance.following],
        "following_more": glance.following_count - len(glance.following),
        "now_seconds": int(now.timestamp()),
        "change_seconds": "" if seconds is None else max(1, int(seconds) + 1),
    }


def _zone(page: Page, convention: Convention, asked: ProgrammeQuery) -> ZoneInfo:
    """The zone that times are shown in."""
    return page.zone if asked.times == MINE else convention.zone


def _base(page: Page, convention: Convention) -> str:
    return f"{page.root}/c/{quote(convention.slug, safe='')}"


def _link(address: str | None) -> str | None:
    """The address if it is one that a browser may be led to."""
    return address if address and address.lower().startswith(("https://", "http://")) else None
