"""What the forms and tables of a convention's pages share."""

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from slotport.errors import Invalid, SlotportError

T = TypeVar("T")
ROWS = 100  #: of a table, a page


class Rows(Struct, Generic[T], frozen=True, kw_only=True):
    """The rows of a table that are shown at once."""

    shown: Sequence[T]
    number: int  #: of this page, from 1
    pages: int
    total: int  #: rows on all pages


def rows_of(found: Sequence[T], number: int) -> Rows[T]:
    """The page of that number; the nearest one, if there is none."""
    pages = max(1, -(-len(found) // ROWS))
    number = min(max(number, 1), pages)
    return Rows(shown=found[(number - 1) * ROWS : number * ROWS], number=number, pages=pages, total=len(found))


def beside_fields(problem: SlotportError, form: type[Struct], names: Mapping[str, str] | None = None) -> SlotportError:
    """The problem with its fields called as the form calls them; a sentence, if the form has not all of them.

    ``names`` are the form's by those of the problem, where they differ by more than a ``-``.
    """
    if not isinstance(problem, Invalid):
        return problem
    known = {field.name for field in msgspec.structs.fields(form)}
    found: dict[str, list[str]] = {}
    for field, texts in problem.fields.items():
        name = field.partition(".")[0].replace("-", "_")
        name = (names or {}).get(name, name)
        if name not in known:
            return SlotportError(str(problem))
        found.setdefault(name, []).extend(texts)
    return Invalid(found)


def lines_of(text: str) -> list[str]:
    """The lines of what was typed, without empty ones and blanks at their ends."""
    return [line for each in text.split("\n") if (line := each.strip())]
