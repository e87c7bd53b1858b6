"""What is said of a tag type, and what it becomes (docs/api/convention-events.md)."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from slotport.core.convention import Requirement, TagType
from slotport.core.convention_input import flag
from slotport.core.tagging import MOST, checked_title, distinct, same, values_of
from slotport.core.when import shown
from slotport.errors import Invalid

Fields = Mapping[str, Any]


class TagTypeInput(Struct, frozen=True, kw_only=True):
    """A checked request; None and empty is not given."""

    replaced: tuple[tuple[str, str], ...] = ()  #: (old, new), in order
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    title: str | None = None
    requirement: Requirement | None = None
    public: bool | None = None


class Replaced(Struct, frozen=True, kw_only=True):
    """What becomes of a type's values when some are replaced."""

    values: tuple[str, ...]  #: that it then has
    pairs: dict[str, str]  #: one of the former values: the one that takes its place in events; all at once


def new_tag_type(fields: Fields) -> TagType:
    """The tag type that is asked for. Raises Invalid."""
    said = said_of_tag_type(fields)
    if said.title is None:
        raise Invalid.of("title", "is needed")
    return TagType(
        id=0,
        title=said.title,
        requirement=said.requirement or Requirement.ONE,
        public=said.public is not False,
        values=said.added,
    )


def said_of_tag_type(fields: Fields) -> TagTypeInput:
    """Read a request. Raises Invalid."""
    title = fields.get("title")
    if title is not None and not isinstance(title, str):
        raise Invalid.of("title", f"must be text, not {shown(title)}")
    return TagTypeInput(
        replaced=_replaced(fields.get("replace_values")),
        removed=_values(fields.get("remove_values"), "remove-values"),
        added=_values(fields.get("values"), "values"),
        title=checked_title(title, "title") if title is not None and title.strip() else None,
        requirement=_requirement(fields.get("requirement")),
        public=None if fields.get("public") == "" else flag(fields.get("public"), "public"),
    )


def replaced(values: tuple[str, ...], asked: tuple[tuple[str, str], ...]) -> Replaced:
    """What becomes of the values when those asked for are replaced one after the other; unknown ones are left out."""
    now = {value.casefold(): value for value in values}
    came_from: dict[str, set[str]] = {key: {key} for key in now}  # value: those of the start that it stands for
    for old, new in asked:
        if old.casefold() not in now:
            continue
        moved = came_from.pop(old.casefold())
        del now[old.casefold()]
        now.setdefault(new.casefold(), new)
        came_from.setdefault(new.casefold(), set()).update(moved)
    pairs = {
        value: now[key]
        for key, origins in came_from.items()
        for value in values
        if value.casefold() in origins and value.casefold() != key
    }
    return Replaced(values=tuple(now.values()), pairs=pairs)


def _replaced(value: Any) -> tuple[tuple[str, str], ...]:
    name = "replace-values"
    if value is None or value == "" or value == []:
        return ()
    if not isinstance(value, dict):
        raise Invalid.of(name, "must be an object of old values and new ones")
    if len(value) > MOST:
        raise Invalid.of(name, f"must have at most {MOST} values")
    pairs = []
    for sent, given in value.items():
        old, new = values_of(sent, name), values_of(given, name) if isinstance(given, str) else ()
        if not new:
            raise Invalid.of(name, f"must give a new value, a text, for {shown(sent)}")
        if old and same(old[0], new[0]):
            raise Invalid.of(name, f"replaces {shown(old[0])} by itself")
        pairs += [(old[0], new[0])] if old else []
    return tuple(pairs)


def _values(value: Any, name: str) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if not isinstance(value, list):
        raise Invalid.of(name, "must be a list of texts")
    return distinct(values_of(value, name))


def _requirement(value: Any) -> Requirement | None:
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = "1" if value == 1 else ""
    for requirement in Requirement:
        if value == requirement.value:
            return requirement
    raise Invalid.of("requirement", "must be 1, * or +")
