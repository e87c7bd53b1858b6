"""What the board's script is told: time slots as JSON, and the sentences it says (docs/design/page.md).

Times are the wall times of the convention's zone, as texts without an offset; ``at`` is the instant.
"""

import gzip
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response
from msgspec import Struct

from slotport.actions.timeslots import Scheduled, Taken
from slotport.api.callers import AnyRequest
from slotport.api.page.texts import Texts
from slotport.core.board import Placement
from slotport.core.convention import Access, TimeSlot

MEDIA_TYPE = "application/json"
COMPRESSED_BYTES = 2_000  #: an answer beyond this is compressed
MOST_REASONS = 5
#: texts that the script fills in itself, by key below ``board-``, with their variables
SCRIPT_TEXTS = {
    "taken": ("place", "title", "start", "end"),
    "host-busy": ("host", "title", "start", "end"),
    "too-small": ("place", "holds", "most"),
    "outside": (),
    "fits": ("place", "start", "end"),
    "moved": ("title", "place", "start", "end"),
    "scheduled": ("title", "place", "start", "end"),
    "removed": ("title",),
    "undone": (),
    "stale": ("title",),
    "odd-host-booked-twice": (),
    "odd-location-too-small": (),
    "odd-attendees-reversed": (),
    "odd-outside-convention": (),
    "undo-moved": ("title",),
    "undo-scheduled": ("title",),
    "undo-removed": ("title",),
    "hidden": (),
    "conflict": (),
    "hosts": ("names",),
    "at": ("place", "start", "end"),
    "refused": ("title",),
    "all-places": ("count",),
    "some-places": ("count", "all"),
    "nothing": (),
    "kept": (),
}


class SlotShape(Struct, kw_only=True):
    """A time slot on the board."""

    id: int
    version: int
    event: int
    title: str
    start: str
    end: str
    at: str
    minutes: int
    most: int | None
    places: tuple[int, ...]
    hosts: tuple[tuple[int, str], ...]
    tags: tuple[int, ...]
    shown: bool  #: everybody sees it, and it occupies its locations


class DayShape(Struct, kw_only=True):
    """A day of the board; hours count from its midnight."""

    day: str
    turn: int
    first_hour: int
    last_hour: int
    slots: list[SlotShape]


class DoneShape(Struct, kw_only=True):
    """A change that was made. ``odd``: codes of what is odd about the time slot, but allowed."""

    slot: SlotShape | None
    odd: list[str] = []


class RefusalShape(Struct, kw_only=True):
    """Why a change was not made, as sentences. ``anyway``: it can be, if conflicts are allowed."""

    reasons: list[str]
    anyway: bool = False
    stale: bool = False


def slot_shape(one: Placement, access: Access) -> SlotShape:
    """The time slot for the script."""
    return SlotShape(
        id=one.id,
        version=one.version,
        event=one.event_id,
        title=one.title,
        start=wall(one.start, access),
        end=wall(one.end, access),
        at=one.start.isoformat(),
        minutes=one.duration_minutes,
        most=one.max_attendees,
        places=one.location_ids,
        hosts=one.hosts,
        tags=one.tag_value_ids,
        shown=one.is_public,
    )


def wall(moment: datetime, access: Access) -> str:
    """The time that the convention's clocks show: ``2031-06-07T10:00:00``."""
    return moment.astimezone(access.convention.zone).replace(tzinfo=None).isoformat(timespec="seconds")


def odd_codes(done: Scheduled) -> list[str]:
    """The codes of what is odd about a time slot."""
    return [remark.code.value for remark in done.remarks]


def taken_reasons(taken: Taken, wanted: Iterable[str], t: Texts, access: Access) -> list[str]:
    """Which time slots are where the one is wanted; ``wanted``: slugs of its locations."""
    slugs = set(wanted)
    said = [_taken_reason(other, slugs, t, access) for other in taken.slots[:MOST_REASONS]]
    more = len(taken.slots) - len(said)
    return [*said, t("board-more", count=more)] if more else said


def _taken_reason(other: TimeSlot, slugs: set[str], t: Texts, access: Access) -> str:
    places = [place for place in other.locations if place.slug in slugs] or other.locations
    start, end = (t.time(moment.astimezone(access.convention.zone)) for moment in (other.start, other.end))
    return t(
        "board-taken", place=", ".join(place.title for place in places), title=other.event.title, start=start, end=end
    )


def script_texts(t: Texts) -> dict[str, str]:
    """The script's sentences, ``{name}`` in the place of each variable."""
    return {key: t(f"board-{key}", **{name: f"{{{name}}}" for name in names}) for key, names in SCRIPT_TEXTS.items()}


def answer(request: AnyRequest, value: Any, status_code: int = 200) -> Response[bytes]:
    """The value as JSON; a long one is compressed if the browser takes that."""
    body = msgspec.json.encode(value)
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if len(body) > COMPRESSED_BYTES and "gzip" in request.headers.get("accept-encoding", "").lower():
        body = gzip.compress(body, 4, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status_code=status_code, media_type=MEDIA_TYPE, headers=headers)


def colours(kinds: Sequence[tuple[str, list[tuple[int, str]]]]) -> tuple[str, list[tuple[int, str, int]]]:
    """The tag type whose values colour the board, and its values with their colours: a track if there is one."""
    if not kinds:
        return "", []
    title, values = next((kind for kind in kinds if kind[0].casefold() in ("track", "type")), kinds[0])
    return title, [(number, text, index % 10) for index, (number, text) in enumerate(values)]
