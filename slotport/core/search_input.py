"""What a client says of a search, strictly read: complete before anything is stored (docs/api/export-search.md).

Only the form of the search is looked at, and whether its fields exist and its values fit them: what the owner may
read is decided when it runs.
"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import UNSET

from slotport.core.export_fields import FIELDS, Field, ObjectType
from slotport.core.json_input import (
    LARGEST_ID,
    Reader,
    absent,
    an_array,
    an_object,
    array_of,
    choice,
    entry,
    flag,
    member,
    members,
    number,
    off,
    text,
)
from slotport.core.search import (
    DEPTH,
    ELEMENTS,
    MATCH_LENGTH,
    ChangelogRange,
    Complex,
    Element,
    In,
    Match,
    Range,
    Scalar,
    Search,
    Sort,
)
from slotport.core.search_dates import period
from slotport.errors import WireError, attribute_expected, attribute_not_accepted, invalid_value, type_mismatch

MOST_VALUES = 10_000  #: of an ``in``
MOST_SORTS = 20  #: keys of an order
VALUE_LENGTH = 1_000  #: characters of a value that texts are compared with

LINKS = ("group", "event", "location", "convention")
ASSET_FIELDS = {"class": "text", "extension": "text", "filesize": "number", "original_filename": "text"}


def _neutral(*values: Any) -> Reader[Any]:
    """A reader of what Slotport does not have: these values are taken, and mean nothing."""

    def read(value: Any, place: str) -> Any:
        if not any(type(value) is type(one) and value == one for one in values):
            raise attribute_not_accepted(place)
        return UNSET

    return read


_CLAUSE = {"type": text, "bool": choice("must", "must_not", "should"), "boost": _neutral(1, 1.0)}
_WANTED = {"number": "a number", "text": "a text", "boolean": "true or false"}


def search(value: object, path: str = "export.search") -> Search:
    """The search that a JSON value says; ``path`` is where the value stands in its document.

    Raises WireError: attribute_not_accepted, attribute_expected, type_mismatch, invalid_value,
    ``error.user.search_query_too_long``, ``error.user.objecttype_not_found``.
    """
    reading = _Reading()
    readers = {
        "type": choice("object"),
        "objecttypes": _object_types,
        "search": reading.elements,
        "sort": array_of(_sort, most=MOST_SORTS),
        "limit": number(0, LARGEST_ID),
        "offset": number(0, LARGEST_ID),
        "format": _neutral("long"),
        "language": absent,
    }
    return Search(**members(value, path, readers))


class _Reading:
    """One search being read: how many elements there were so far, and how deep within each other."""

    def __init__(self) -> None:
        self._count = 0
        self._depth = 0

    def elements(self, value: Any, place: str) -> tuple[Element, ...]:
        entries = an_array(value, place, most=ELEMENTS)
        return tuple(self._element(one, entry(place, index)) for index, one in enumerate(entries))

    def _element(self, value: Any, place: str) -> Element:
        said = an_object(value, place)
        self._count += 1
        if self._count > ELEMENTS:
            raise invalid_value(place, f"is one element too many: a search has at most {ELEMENTS}")
        if (kind := said.get("type")) is None:
            raise attribute_expected(member(place, "type"))
        if kind == "nested":
            raise attribute_not_accepted(member(place, "type"))
        word = choice("match", "in", "range", "changelog_range", "complex")(kind, member(place, "type"))
        return self._complex(said, place) if word == "complex" else _READERS[word](said, place)

    def _complex(self, said: Mapping[str, Any], place: str) -> Complex:
        if self._depth == DEPTH:
            raise invalid_value(place, f"is nested too deep: at most {DEPTH} elements stand within each other")
        self._depth += 1
        found = members(said, place, {**_CLAUSE, "search": self.elements})
        self._depth -= 1
        if "search" not in found:
            raise attribute_expected(member(place, "search"))
        return Complex(clause=_clause(found), search=found["search"])


def _clause(found: dict[str, Any]) -> Any:
    return found.get("bool", "must")


def _object_types(value: Any, place: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(array_of(_object_type, most=100, least=1)(value, place)))


def _object_type(value: Any, place: str) -> str:
    name = text(value, place)
    if name not in tuple(ObjectType):
        raise WireError(
            "error.user.objecttype_not_found",
            f"{place} names no object type: there are {', '.join(ObjectType)}.",
            parameters={"id": name[:VALUE_LENGTH]},
        )
    return name


def _sort(value: Any, place: str) -> Sort:
    found = members(value, place, {"field": _field_name, "order": choice("ASC", "DESC")})
    if "field" not in found:
        raise attribute_expected(member(place, "field"))
    return Sort(**found)


def _field_name(value: Any, place: str) -> str:
    name = text(value, place)
    if name not in FIELDS:
        raise invalid_value(place, "names no field that there is")
    return name


def _field_names(value: Any, place: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(array_of(_field_name, most=len(FIELDS), least=1)(value, place)))


# Elements


def _match(said: Mapping[str, Any], place: str) -> Match:
    readers = {
        **_CLAUSE,
        "string": _query,
        "mode": choice("fulltext", "token", "wildcard"),
        "fields": _field_names,
        "phrase": flag,
    }
    found = members(said, place, readers)
    if "string" not in found:
        raise attribute_expected(member(place, "string"))
    for index, name in enumerate(said.get("fields") or ()):
        if FIELDS[name].kind != "text":
            raise invalid_value(entry(member(place, "fields"), index), "is not a text field")
    return Match(
        clause=_clause(found),
        string=found["string"],
        mode=found.get("mode", "fulltext"),
        fields=found.get("fields"),
        phrase=found.get("phrase", False),
    )


def _query(value: Any, place: str) -> str:
    if isinstance(value, str) and len(value) > MATCH_LENGTH:
        raise WireError(
            "error.user.search_query_too_long",
            f"{place} has {len(value)} characters; there may be {MATCH_LENGTH}.",
            parameters={"length": str(len(value)), "limit": str(MATCH_LENGTH)},
        )
    return text(value, place)


def _in(said: Mapping[str, Any], place: str) -> In:
    readers = {
        **_CLAUSE,
        "in": _values,
        "fields": _field_names,
        "objecttype": _linked_type,
        "eas_field": choice(*ASSET_FIELDS),
        "include_path": off,
    }
    found = members(said, place, readers)
    if "in" not in found:
        raise attribute_expected(member(place, "in"))
    named = [name for name in ("fields", "objecttype", "eas_field") if name in found]
    if not named:
        raise attribute_expected(member(place, "fields"))
    if len(named) > 1:
        raise invalid_value(member(place, named[1]), f"does not go with {named[0]}")
    kind = _class_of(said, found, place)
    for index, one in enumerate(found["in"]):
        _check_class(one, kind, entry(member(place, "in"), index))
        if "objecttype" in found and isinstance(one, float):
            raise type_mismatch(entry(member(place, "in"), index), "a whole number")
    return In(
        clause=_clause(found),
        values=found["in"],
        fields=found.get("fields"),
        objecttype=found.get("objecttype"),
        eas_field=found.get("eas_field"),
    )


def _linked_type(value: Any, place: str) -> str:
    if value == "_pool":
        raise attribute_not_accepted(place)
    name = _object_type(value, place)
    if name not in LINKS:
        raise invalid_value(place, f"is not linked to: must be one of {', '.join(LINKS)}")
    return name


def _class_of(said: Mapping[str, Any], found: Mapping[str, Any], place: str) -> str:
    """The class of the values of an ``in``."""
    if "objecttype" in found:
        return "number"
    if "eas_field" in found:
        return ASSET_FIELDS[found["eas_field"]]
    kinds = [FIELDS[name].kind for name in said["fields"]]
    for index, kind in enumerate(kinds):
        at = entry(member(place, "fields"), index)
        if kind not in _WANTED:
            raise invalid_value(at, "is a time: use a range")
        if kind != kinds[0]:
            raise invalid_value(at, f"is a {kind} field, and the first one a {kinds[0]} field")
    return kinds[0]


def _values(value: Any, place: str) -> tuple[Scalar, ...]:
    entries = an_array(value, place, most=MOST_VALUES)
    return tuple(_scalar(one, entry(place, index)) for index, one in enumerate(entries))


def _scalar(value: Any, place: str) -> Scalar:
    """A number, text or truth value that a database can compare with; or None."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value, place)
    if not isinstance(value, str):
        raise type_mismatch(place, "a text, a number, true, false or null")
    return _value_text(value, place)


def _value_text(value: Any, place: str) -> str:
    found = text(value, place)
    if len(found) > VALUE_LENGTH:
        raise invalid_value(place, f"must have at most {VALUE_LENGTH} characters")
    return found


def _number(value: float, place: str) -> int | float:
    if not -LARGEST_ID <= value <= LARGEST_ID:  # nor is a value that is no number
        raise invalid_value(place, f"must be from -{LARGEST_ID} to {LARGEST_ID}")
    return value


def _check_class(value: Scalar, kind: str, place: str) -> None:
    """Raise type_mismatch for a value that no field of the class can have."""
    if value is None:
        return
    found = "boolean" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    if found != kind:
        raise type_mismatch(place, f"{_WANTED[kind]} or null, as the field is")


def _range(said: Mapping[str, Any], place: str) -> Range:
    found = members(said, place, {**_CLAUSE, "field": _field_name, "from": _scalar, "to": _scalar})
    if "field" not in found:
        raise attribute_expected(member(place, "field"))
    field = FIELDS[found["field"]]
    if field.kind == "boolean":
        raise invalid_value(member(place, "field"), "is true or false: use in")
    _expect_an_end(found, place)
    for name in ("from", "to"):
        if name in found:
            _check_end(found[name], field, member(place, name))
    return Range(clause=_clause(found), field=field.name, from_=found.get("from"), to=found.get("to"))


def _check_end(value: Scalar, field: Field, place: str) -> None:
    """Raise WireError if the value is none that the field's can be compared with."""
    if field.kind in ("number", "text"):
        _check_class(value, field.kind, place)
    else:
        _date(value, place)


def _expect_an_end(found: Mapping[str, Any], place: str) -> None:
    if "from" not in found and "to" not in found:
        raise attribute_expected(member(place, "from"))


def _date(value: Any, place: str) -> str:
    """A date or the beginning of one, as it was said."""
    found = text(value, place)
    try:
        period(found)
    except ValueError as cause:
        raise invalid_value(place, f"cannot be used: {cause}") from cause
    return found


def _changelog_range(said: Mapping[str, Any], place: str) -> ChangelogRange:
    readers = {
        **_CLAUSE,
        "user": number(1, LARGEST_ID),
        "operation": choice("insert", "update"),
        "from": _date,
        "to": _date,
        "comment": absent,
    }
    found = members(said, place, readers)
    _expect_an_end(found, place)
    return ChangelogRange(
        clause=_clause(found),
        user=found.get("user"),
        operation=found.get("operation"),
        from_=found.get("from"),
        to=found.get("to"),
    )


_READERS: dict[str, Callable[[Mapping[str, Any], str], Element]] = {
    "match": _match,
    "in": _in,
    "range": _range,
    "changelog_range": _changelog_range,
}
