"""What can be asked of a convention's tag types (docs/api/convention-events.md)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import structs

from slotport.actions.conventions import locked
from slotport.core.convention import Access, Requirement, TagType
from slotport.core.convention_input import flag
from slotport.core.slot import is_storable
from slotport.core.tag_type_input import TagTypeInput, new_tag_type, replaced, said_of_tag_type
from slotport.core.tagging import distinct
from slotport.errors import Clash, Invalid
from slotport.storage import conventions, events, tags
from slotport.storage.store import Store, Transaction

LISTED = 20  #: ids of events in one sentence

Fields = Mapping[str, Any]
Used = Mapping[int, tuple[str, ...]]


def listed(store: Store, access: Access) -> list[TagType]:
    """The convention's tag types by title; private ones for its managers only."""
    with store.read() as transaction:
        return tags.listed(transaction, access.convention.id, private=access.is_manager)


def read(store: Store, access: Access, title: str) -> TagType | None:
    """The tag type of that title, if the caller may see it."""
    with store.read() as transaction:
        kind = _find(transaction, access, title)
    return kind if kind is not None and (kind.public or access.is_manager) else None


def create(store: Store, access: Access, fields: Fields, *, now: datetime) -> TagType:
    """Store a new tag type, or give the one of that title the values that it lacks.

    Raises Forbidden if the caller does not manage the convention, Invalid.
    """
    with store.write() as transaction:
        locked(transaction, access)
        wanted = new_tag_type(fields)
        kind = _find(transaction, access, wanted.title)
        if kind is None:
            tags.add(transaction, access.convention.id, [wanted])
        else:
            _add_values(transaction, kind, wanted.values)
        conventions.mark_changed(transaction, access.convention.id, now)
        return _get(transaction, access, wanted.title)


def change(store: Store, access: Access, title: str, fields: Fields, *, now: datetime) -> TagType:
    """Change the tag type: values replaced, removed and added, in this order, then all else.

    Raises Forbidden if the caller does not manage the convention, Invalid, also if there is no such type, and Clash
    where events stand in the way.
    """
    with store.write() as transaction:
        locked(transaction, access)
        kind = _find(transaction, access, title)
        if kind is None:
            raise Invalid.of("title", "names no tag type of the convention")
        said = said_of_tag_type(fields)
        if said.title is not None and said.title != kind.title and _find(transaction, access, said.title) is not None:
            raise Clash("another tag type of the convention has that title", details={"title": said.title})
        kind = _replace_values(transaction, access, kind, said, now)
        used = tags.used(transaction, kind.id)
        if held := _having(used, said.removed):
            raise _in_use("a value that is to be removed", held)
        kind = _remove_values(transaction, kind, said.removed)
        _add_values(transaction, kind, said.added)
        several = [event_id for event_id, values in used.items() if len(values) > 1]
        if said.requirement is Requirement.ONE and several:
            raise _in_use("more than one value of the tag type", several)
        given = {"title": said.title, "requirement": said.requirement, "public": said.public}
        after = structs.replace(kind, **{name: value for name, value in given.items() if value is not None})
        tags.change(transaction, after)
        conventions.mark_changed(transaction, access.convention.id, now)
        return _get(transaction, access, after.title)


def remove(store: Store, access: Access, title: str, fields: Fields, *, now: datetime) -> None:
    """Remove the tag type, if there is one; ``force`` in the fields takes it from the events that have it.

    Raises Forbidden if the caller does not manage the convention, and Clash if events have it.
    """
    with store.write() as transaction:
        locked(transaction, access)
        force = bool(flag(fields.get("force"), "force"))
        kind = _find(transaction, access, title)
        if kind is None:
            return
        used = tags.used(transaction, kind.id)
        if used and not force:
            raise _in_use("the tag type", used)
        tags.remove(transaction, kind.id)
        events.touch(transaction, access.convention.id, used, now)


def _find(transaction: Transaction, access: Access, title: str) -> TagType | None:
    return tags.find(transaction, access.convention.id, title) if is_storable(title) else None


def _get(transaction: Transaction, access: Access, title: str) -> TagType:
    kind = _find(transaction, access, title)
    assert kind is not None  # noqa: S101 - it was stored in this transaction
    return kind


def _replace_values(
    transaction: Transaction, access: Access, kind: TagType, said: TagTypeInput, now: datetime
) -> TagType:
    became = replaced(kind.values, said.replaced)
    if not became.pairs:
        return kind
    _add_values(transaction, kind, became.values)
    used = tags.used(transaction, kind.id)
    followed = {
        event_id: {kind.title: distinct(became.pairs.get(value, value) for value in used[event_id])}
        for event_id in _having(used, became.pairs)
    }
    tags.put(transaction, access.convention.id, followed)
    events.touch(transaction, access.convention.id, followed, now)
    left = {value.casefold() for value in became.values}
    return _remove_values(
        transaction,
        structs.replace(kind, values=distinct((*kind.values, *became.values))),
        [value for value in kind.values if value.casefold() not in left],
    )


def _remove_values(transaction: Transaction, kind: TagType, values: Iterable[str]) -> TagType:
    gone = {value.casefold() for value in values}
    if not gone:
        return kind
    tags.remove_values(transaction, kind.id, gone)
    return structs.replace(kind, values=tuple(value for value in kind.values if value.casefold() not in gone))


def _add_values(transaction: Transaction, kind: TagType, values: Iterable[str]) -> None:
    there = {value.casefold() for value in kind.values}
    tags.add_values(transaction, {kind.id: [value for value in distinct(values) if value.casefold() not in there]})


def _having(used: Used, values: Iterable[str]) -> list[int]:
    """The events that have one of the values."""
    wanted = {value.casefold() for value in values}
    return [event_id for event_id, held in used.items() if any(value.casefold() in wanted for value in held)]


def _in_use(what: str, event_ids: Iterable[int]) -> Clash:
    ids = [str(number) for number in sorted(event_ids)]
    some = ", ".join(ids[:LISTED]) + (", …" if len(ids) > LISTED else "")
    return Clash(f"events have {what}: {some}", details={"events": ids})
