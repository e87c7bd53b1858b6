"""Header rows of calendar CSV files: which column of a file holds what, in the words of several programs."""

import csv
import re
from collections.abc import Iterator

from msgspec import Struct

from slotport.formats.options import DateOrder

#: of a file that Slotport writes, in this order
HEADER = (
    "Subject", "Start_Date", "Start_Time", "End_Date", "End_Time", "All_Day_Event", "Categories", "Show_Time",
    "Location", "Description", "uid", "recurrence_id", "timezone",
)  # fmt: skip
#: what a record is read from, in this order
FIELDS = (
    "title", "start_date", "start_time", "end_date", "end_time", "all_day", "location", "description", "uid",
    "recurrence_id", "timezone",
)  # fmt: skip
DELIMITERS = ",;\t"
MAX_COLUMNS = 1024

#: names as ``_plain`` spells them: English, German, Dutch, French
_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("subject", "betreff", "onderwerp", "objet"),
    "start_date": ("start date", "beginnt am", "begindatum", "date de début", "début"),
    "start_time": ("start time", "beginnt um", "begintijd", "heure de début"),
    "end_date": ("end date", "endet am", "einddatum", "date de fin", "fin"),
    "end_time": ("end time", "endet um", "eindtijd", "heure de fin"),
    "all_day": (
        "all day event", "ganztägiges ereignis", "ganztaegiges ereignis", "evenement, duurt hele dag",
        "duurt hele dag", "toute la journée", "journée entière", "all day",
    ),
    "location": ("location", "ort", "locatie", "lieu", "emplacement"),
    "description": ("description", "beschreibung", "beschrijving"),
    "uid": ("uid",),
    "recurrence_id": ("recurrence id",),
    "timezone": ("timezone",),
}  # fmt: skip
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names}
_OWN = frozenset(name.replace("_", " ").lower() for name in HEADER)
_TASK = frozenset({"due date", "date completed", "% complete", "fällig am", "vervaldatum", "échéance"})
_GAPS = re.compile(r"[\s_]+")
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])\s*", re.IGNORECASE)


class Columns(Struct, frozen=True, kw_only=True):
    """The header of one file."""

    delimiter: str
    width: int  #: columns of the header
    places: tuple[int, ...]  #: of FIELDS, each the number of its column; ``width`` if there is none
    is_own: bool  #: it has all of Slotport's columns
    is_task: bool  #: it heads a list of tasks
    default_order: DateOrder  #: of dates that fit both


def separator_line(line: str) -> bool:
    """Whether the line only tells a spreadsheet the delimiter."""
    return _SEPARATOR_LINE.fullmatch(line) is not None


def delimiters(line: str) -> Iterator[str]:
    """Yield the delimiters that a header line may have, the most frequent one first."""
    yield from sorted(DELIMITERS, key=lambda delimiter: -line.count(delimiter))


def columns(cells: list[str], delimiter: str) -> Columns | None:
    """Find the columns by their names; None unless a title and a start date are among them, or for too many."""
    if len(cells) > MAX_COLUMNS:
        return None
    names = [_plain(cell) for cell in cells]
    found: dict[str, int] = {}
    for number, name in enumerate(names):
        if field := _FIELD_OF.get(name):
            found.setdefault(field, number)
    if "title" not in found or "start_date" not in found:
        return None
    return Columns(
        delimiter=delimiter,
        width=len(cells),
        places=tuple(found.get(field, len(cells)) for field in FIELDS),
        is_own=_OWN.issubset(names),
        is_task="start_time" not in found and not _TASK.isdisjoint(names),
        default_order="mdy" if names[found["start_date"]] == "start date" else "dmy",
    )


def header(line: str) -> Columns | None:
    """Find the columns in a header of one line."""
    for delimiter in delimiters(line):
        try:
            cells = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            continue
        if (known := columns(cells, delimiter)) is not None:
            return known
    return None


def _plain(cell: str) -> str:
    return _GAPS.sub(" ", cell).strip().lower()
