"""Search: which objects an export takes (docs/api/export-search.md); the values are checked, names are the wire's.

An object matches a list of elements when all ``must`` hold, no ``must_not`` holds and, if the list has a ``should``,
at least one of those holds.
"""

from typing import Literal

import msgspec
from msgspec import Struct

Clause = Literal["must", "must_not", "should"]
Scalar = str | int | float | bool | None

MATCH_LENGTH = 256  #: characters of what a match looks for
DEPTH = 10  #: of complex elements within each other
ELEMENTS = 500  #: in one search, at all depths together


class Match(Struct, frozen=True, kw_only=True, tag_field="type", tag="match"):
    """Words, whole or their beginnings; case and diacritics do not count."""

    clause: Clause = msgspec.field(name="bool", default="must")
    string: str
    mode: Literal["fulltext", "token", "wildcard"] = "fulltext"
    fields: tuple[str, ...] | None = None  #: None: every text field
    phrase: bool = False


class In(Struct, frozen=True, kw_only=True, tag_field="type", tag="in"):
    """A field has one of the values; None among them: or is empty. One of the three names says which field."""

    clause: Clause = msgspec.field(name="bool", default="must")
    values: tuple[Scalar, ...] = msgspec.field(name="in")
    fields: tuple[str, ...] | None = None  #: all of one class: number, boolean or text
    objecttype: Literal["group", "event", "location", "convention"] | None = None  #: ids of linked objects
    eas_field: Literal["class", "extension", "filesize", "original_filename"] | None = None  #: of the object's files


class Range(Struct, frozen=True, kw_only=True, tag_field="type", tag="range"):
    """A field lies between two values, both included; the beginning of a date (``2031-05``) means all of that time."""

    clause: Clause = msgspec.field(name="bool", default="must")
    field: str
    from_: str | int | float | None = msgspec.field(name="from", default=None)
    to: str | int | float | None = None


class ChangelogRange(Struct, frozen=True, kw_only=True, tag_field="type", tag="changelog_range"):
    """The object was made (insert) or last changed (update) within a time, both ends included."""

    clause: Clause = msgspec.field(name="bool", default="must")
    user: int | None = None
    operation: Literal["insert", "update"] | None = None  #: None: either
    from_: str | None = msgspec.field(name="from", default=None)
    to: str | None = None


class Complex(Struct, frozen=True, kw_only=True, tag_field="type", tag="complex"):
    """A list of elements in the place of one."""

    clause: Clause = msgspec.field(name="bool", default="must")
    search: tuple["Match | In | Range | ChangelogRange | Complex", ...]


Element = Match | In | Range | ChangelogRange | Complex


class Sort(Struct, frozen=True, kw_only=True):
    """One key of the order; objects without a value come last."""

    field: str
    order: Literal["ASC", "DESC"] = "ASC"


class Search(Struct, frozen=True, kw_only=True):
    """What to search; ties and all else go by ``_system_object_id``, ascending."""

    type: Literal["object"] = "object"
    objecttypes: tuple[str, ...] | None = None  #: None: all six
    search: tuple[Element, ...] = ()
    sort: tuple[Sort, ...] = ()
    limit: int | None = None
    offset: int | None = None
