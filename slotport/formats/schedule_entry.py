"""One entry of a schedule file, as both formats read it (docs/formats/schedule.md, "What is read")."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from msgspec import Struct

from slotport.core.imported import ImportedPerson, ImportedPlace, ImportedSlot
from slotport.core.slot import Outcome, Problem, is_storable

MOST_TEXT = 100_000  #: characters of a teaser or description
MOST_NAME = 255  #: of a room, person, type or track
MOST_TITLE = 1000
MOST_MINUTES = 527_040  #: a year
MOST_SHOWN = 200

_PLACE_LINK = re.compile(r"https?://[^\s?#]+/entities/conventions/[^\s/?#]+/schedule\.ics\?location=([^\s&#]+)")
_DURATION = re.compile(r"(\d{1,4}):([0-5]\d)(?::\d{1,2})?", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class RawEntry(Struct, kw_only=True):
    """The texts of an entry as they stand in the file."""

    index: int
    line: int | None
    guid: Any
    room: Any
    room_guid: Any
    texts: dict[str, Any]
    persons: list[tuple[Any, Any]]  #: (guid, name)
    links: list[tuple[Any, Any]]  #: (address, title)


class _Wrong(Exception):
    def __init__(self, code: str, message: str, outcome: Outcome = Outcome.REJECTED) -> None:
        super().__init__(message)
        self.code = code
        self.outcome = outcome


def entry(raw: RawEntry) -> ImportedSlot | Problem:
    """The entry, or the problem that it has."""
    try:
        return _entry(raw)
    except _Wrong as wrong:
        return Problem(
            code=wrong.code,
            message=str(wrong),
            outcome=wrong.outcome,
            line=raw.line,
            index=raw.index,
            uid=raw.guid[:MOST_SHOWN] if isinstance(raw.guid, str) else None,
            title=_shown(raw.texts.get("title")),
        )


def uuid_of(value: Any) -> UUID | None:
    """The UUID in its usual form; None for all else."""
    return UUID(value.strip()) if isinstance(value, str) and _UUID.fullmatch(value.strip()) else None


def _entry(raw: RawEntry) -> ImportedSlot:
    title = _text(raw, "title", MOST_TITLE)
    if not title.strip():
        raise _Wrong("no_title", "The entry has no title.", Outcome.SKIPPED)
    guid = uuid_of(raw.guid)
    if guid is None:
        raise _Wrong("bad_guid", "The entry has no guid, or one that is no UUID.")
    if not isinstance(raw.room, str) or not raw.room.strip():
        raise _Wrong("no_room", "The entry is in no room.")
    kind, track = _text(raw, "type", MOST_NAME).strip(), _text(raw, "track", MOST_NAME).strip()
    return ImportedSlot(
        index=raw.index,
        line=raw.line,
        guid=guid,
        title=title,
        start=_start(raw.texts.get("date")),
        duration_minutes=_minutes(raw.texts.get("duration")),
        places=tuple(_places(raw)),
        teaser=_text(raw, "abstract", MOST_TEXT),
        description=_text(raw, "description", MOST_TEXT) or None,
        kind=kind if kind and kind != "other" else None,
        track=track or None,
        url=_text(raw, "url", MOST_TEXT).strip(),
        hosts=tuple(_hosts(raw)),
    )


def _text(raw: RawEntry, name: str, longest: int) -> str:
    return _checked(raw.texts.get(name), name, longest)


def _checked(value: Any, name: str, longest: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Wrong("bad_text", f"Its {name} is no text.")
    if len(value) > longest:
        raise _Wrong("too_long", f"Its {name} has more than {longest} characters.")
    if not is_storable(value):
        raise _Wrong("bad_text", f"Its {name} holds a character that cannot be stored.")
    return value


def _start(value: Any) -> datetime:
    if value is None or value == "":
        raise _Wrong("no_start", "The entry has no date.", Outcome.SKIPPED)
    try:
        found = datetime.fromisoformat(value.strip() if isinstance(value, str) else "")
        if found.tzinfo is None:
            raise _Wrong("bad_date", "Its date has no offset from UTC.")
        return found.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as cause:
        raise _Wrong("bad_date", "Its date is no date and time of the years 1 to 9999.") from cause


def _minutes(value: Any) -> int:
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    minutes = int(found[1]) * 60 + int(found[2]) if found else 0
    if not 0 < minutes <= MOST_MINUTES:
        raise _Wrong("bad_duration", "Its duration is not hours:minutes, or nothing.")
    return minutes


def _places(raw: RawEntry) -> list[ImportedPlace]:
    found = {(title := _name(raw.room, "room")): ImportedPlace(title=title, guid=uuid_of(raw.room_guid))}
    for address, told in raw.links:
        match = _PLACE_LINK.fullmatch(address) if isinstance(address, str) else None
        if match is not None and isinstance(told, str) and told.strip():
            slug = unquote(match[1])
            title = _name(told, "room")
            found.setdefault(title, ImportedPlace(title=title, slug=slug if is_storable(slug) else None))
    return list(found.values())


def _hosts(raw: RawEntry) -> list[ImportedPerson]:
    found = []
    for sent, told in raw.persons:
        guid, name = uuid_of(sent), _checked(told, "person", MOST_NAME)
        if guid is not None or name.strip():
            found.append(ImportedPerson(name=name, guid=guid))
    return found


def _name(value: Any, name: str) -> str:
    found = _checked(value, name, MOST_NAME)
    if not found.strip():
        raise _Wrong("bad_text", f"Its {name} has no name.")
    return found


def _shown(value: Any) -> str | None:
    return value[:MOST_SHOWN] if isinstance(value, str) else None
