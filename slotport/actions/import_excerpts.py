"""Rejected records as they stand in their file, and what can be read of them to repair them by hand."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from slotport.actions.texts import Utf8
from slotport.errors import SlotportError
from slotport.formats.content_line import unescaped

LINES = 30  #: of a record
LINE_LENGTH = 200  #: characters of a line
_DATE = re.compile(r"(DTSTART|DTEND)[^:\r\n]*:\s*(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?\s*", re.IGNORECASE)
_DESCRIPTION = re.compile(r"DESCRIPTION(?:;[^:]*)?:(.*)", re.IGNORECASE)


class Excerpt(Struct, kw_only=True):
    """Some lines of a file."""

    text: str
    #: what a form can begin with: start, end (``2031-05-06T18:00``, with a ``Z`` if in UTC), all_day, description
    values: dict[str, str] = {}


def read(chunks: Iterable[bytes], encoding: str | None, lines: Sequence[int]) -> dict[int, Excerpt]:
    """The records that begin at these lines (from 1, ascending), as far as the file can be read."""
    wanted = iter(sorted(set(lines)))
    found: dict[int, Excerpt] = {}
    held: list[str] = []
    start = next(wanted)
    number = 0
    try:
        for number, line in enumerate(_lines(Utf8(chunks, encoding)), start=1):
            if number < start:
                continue
            held.append(line)
            if _ends(held):
                found[start] = _excerpt(held)
                held = []
                following = next((other for other in wanted if other > number), None)
                if following is None:
                    return found
                start = following
    except SlotportError:  # the file is broken further down
        pass
    if held:
        found[start] = _excerpt(held)
    return found


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """The lines, cut where they are too long to be shown."""
    rest = b""
    for chunk in chunks:
        *lines, rest = re.split(rb"\r\n|\n|\r(?!\n|\Z)", rest + chunk)
        yield from map(_text, lines)
        if len(rest) > 2 * LINE_LENGTH * 4 and not rest.endswith(b"\r"):
            rest = rest[: LINE_LENGTH * 4]
    yield _text(rest)


def _text(line: bytes) -> str:
    return line[: LINE_LENGTH * 4].decode(errors="replace").rstrip("\r")[:LINE_LENGTH]


def _ends(held: Sequence[str]) -> bool:
    """Whether these lines are a record: an event to its END, of other formats one line."""
    if not held[0].strip().upper().startswith("BEGIN:"):
        return True
    return len(held) >= LINES or held[-1].strip().upper() == f"END:{held[0].strip()[6:].upper()}"


def _excerpt(held: Sequence[str]) -> Excerpt:
    text = "\n".join(held)
    values: dict[str, str] = {}
    for line in held:
        if match := _DATE.fullmatch(line.strip()):
            _take_date(values, match)
        elif match := _DESCRIPTION.fullmatch(line):
            values["description"] = unescaped(match[1])
    return Excerpt(text=text, values=values)


def _take_date(values: dict[str, str], match: re.Match[str]) -> None:
    name = {"DTSTART": "start", "DTEND": "end"}[match[1].upper()]
    year, month, day, hour, minute = (int(match[at] or 0) for at in range(2, 7))
    try:
        moment = datetime(year, month, day, hour, minute)  # noqa: DTZ001 - a wall time
    except ValueError:
        return
    values[name] = moment.isoformat(timespec="minutes") + (match[7] or "").upper()
    if match[5] is None:
        values["all_day"] = "1"
