"""The search of an export as a form shows it: conditions of a field, an operator and values (docs/page.md).

What such a form cannot show stays what it is: JSON, in a field for experts.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from slotport.core import search_input
from slotport.core.export_fields import FIELDS
from slotport.core.search import Search
from slotport.errors import WireError, invalid_value

ANY_TEXT = "text"  #: stands for every text field
MOST_CONDITIONS = 50
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "text": ("has", "hasnot", "is", "isnot", "empty", "filled"),
    "number": ("is", "isnot", "from", "until", "between", "empty", "filled"),
    "boolean": ("yes", "no"),
    "instant": ("from", "until", "between"),
    "date": ("from", "until", "between"),
}
ALL_OPERATORS = ("has", "hasnot", "is", "isnot", "from", "until", "between", "empty", "filled", "yes", "no")
_NEGATIVE = {"hasnot": "has", "isnot": "is", "filled": "empty"}
_POSITIVE = {positive: negative for negative, positive in _NEGATIVE.items()}


class Condition(Struct, kw_only=True):
    """What has to hold for an object; texts as they were typed."""

    field: str = ANY_TEXT
    operator: str = "has"
    value: str = ""
    until: str = ""  #: only of ``between``


class Builder(Struct, kw_only=True):
    """A search as a form has it."""

    objecttypes: list[str] = []  #: none: all
    mode: str = "all"  #: or ``any``
    conditions: list[Condition] = []
    sort: str = ""  #: a field
    order: str = "ASC"


def kind_of(field: str) -> str:
    """The class of a field's values, which decides what it can be compared with."""
    return FIELDS[field].kind if field in FIELDS else "text"


def built(builder: Builder) -> dict[str, Any]:
    """The search as ``export.search`` has it, unchecked but for operators that do not go with their field.

    Raises WireError.
    """
    said: dict[str, Any] = {
        "objecttypes": builder.objecttypes or None,
        "search": [_element(one, place, builder.mode) for place, one in enumerate(builder.conditions)],
    }
    if builder.sort:
        said["sort"] = [{"field": builder.sort, "order": builder.order}]
    return said


def shown(search: Search) -> Builder | None:
    """The form that makes the search; None if there is no such form."""
    said = msgspec.to_builtins(search)
    elements = said["search"]
    mode = "any" if elements and all(one["bool"] == "should" for one in elements) else "all"
    sort = said["sort"][0] if said["sort"] else {"field": "", "order": "ASC"}
    try:
        builder = Builder(
            objecttypes=list(said["objecttypes"] or ()),
            mode=mode,
            conditions=[_condition(one) for one in elements],
            sort=sort["field"],
            order=sort["order"],
        )
        return builder if search_input.search(built(builder)) == search else None
    except (KeyError, IndexError, TypeError, ValueError, WireError):
        return None


def text_of(said: Any) -> str:
    """A search as JSON to be read and edited."""
    return json.dumps(said, ensure_ascii=False, indent=2)


def _element(condition: Condition, place: int, mode: str) -> dict[str, Any]:
    at = f"export.search.search[{place}]"
    kind = kind_of(condition.field)
    if condition.operator not in OPERATORS[kind]:
        raise invalid_value(f"{at}.operator", "does not go with this field")
    if condition.field == ANY_TEXT and condition.operator not in ("has", "hasnot"):
        raise invalid_value(f"{at}.operator", "does not go with this field")
    element = _plain(condition, kind)
    clause = "must" if mode == "all" else "should"
    if condition.operator not in _NEGATIVE:
        return {**element, "bool": clause}
    element["bool"] = "must_not"
    return element if mode == "all" else {"type": "complex", "bool": "should", "search": [element]}


def _plain(condition: Condition, kind: str) -> dict[str, Any]:
    operator = _NEGATIVE.get(condition.operator, condition.operator)
    if operator == "has":
        found: dict[str, Any] = {"type": "match", "string": condition.value}
        return found if condition.field == ANY_TEXT else {**found, "fields": [condition.field]}
    if operator in ("from", "until", "between"):
        ends = {"from": ("from",), "until": ("to",), "between": ("from", "to")}[operator]
        texts = [condition.value, condition.until]
        return {
            "type": "range",
            "field": condition.field,
            **{end: _value(text, kind) for end, text in zip(ends, texts, strict=False)},
        }
    values: dict[str, Any] = {"empty": None, "yes": True, "no": False}
    value = values[operator] if operator in values else _value(condition.value, kind)
    return {"type": "in", "fields": [condition.field], "in": [value]}


def _value(text: str, kind: str) -> Any:
    """The value that was typed; a text in the place of a number is for the reader to refuse."""
    if kind != "number":
        return text.strip() if kind in ("instant", "date") else text
    for read in (int, float):
        try:
            return read(text.strip().replace(",", "."))
        except ValueError:
            continue
    return text


def _condition(element: Mapping[str, Any]) -> Condition:
    """The condition that may have made the element."""
    if element["type"] == "complex":
        (element,) = element["search"]
    operator, values = _told(element)
    if element["bool"] == "must_not":
        operator = _POSITIVE[operator]
    texts = ["" if value is None else str(value) for value in values]
    field = element["field"] if element["type"] == "range" else (element["fields"] or [ANY_TEXT])[0]
    return Condition(field=field, operator=operator, value=texts[0], until=texts[1] if len(texts) > 1 else "")


def _told(element: Mapping[str, Any]) -> tuple[str, Sequence[Any]]:
    if element["type"] == "match":
        return "has", [element["string"]]
    if element["type"] == "range":
        if element["from"] is not None and element["to"] is not None:
            return "between", [element["from"], element["to"]]
        return ("until", [element["to"]]) if element["from"] is None else ("from", [element["from"]])
    (value,) = element["in"]
    if isinstance(value, bool):
        return ("yes" if value else "no"), [""]
    return ("empty", [""]) if value is None else ("is", [value])
