"""Tag types of conventions, their values, and the events that have them.

Titles are told apart by their exact text, values by their text with its case folded.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import structs
from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, select, update

from slotport.core.convention import Requirement, Tags, TagType
from slotport.storage import tables
from slotport.storage.store import Transaction

_T = tables.tag_type.c
_V = tables.tag_value.c
_H = tables.event_tag.c

Wanted = Mapping[str, Sequence[str]]  #: values by the title of their tag type


def value_key(value: str) -> str:
    """The form in which two spellings of one value are equal."""
    return value.casefold()


def listed(transaction: Transaction, convention_id: int, *, private: bool) -> list[TagType]:
    """The convention's tag types by title, with the private ones or without; values in the order they came."""
    return _types(transaction, _T.convention_id == convention_id if private else _public(convention_id))


def find(transaction: Transaction, convention_id: int, title: str) -> TagType | None:
    """The convention's tag type of exactly that title."""
    found = _types(transaction, and_(_T.convention_id == convention_id, _T.title == title))
    return found[0] if found else None


def of_events(transaction: Transaction, condition: ColumnElement[bool]) -> dict[int, tuple[Tags, ...]]:
    """Tags of the events that the condition on ``event`` selects, by event id; each event's by title."""
    rows = transaction.connection.execute(
        select(_H.event_id, _T.title, _T.requirement, _T.public, _V.value)
        .join_from(tables.event_tag, tables.event)
        .join(tables.tag_value, _V.id == _H.tag_value_id)
        .join(tables.tag_type, _T.id == _V.tag_type_id)
        .where(condition)
        .order_by(_H.event_id, _T.title, _V.id)
    ).all()
    values: dict[int, dict[tuple[str, str, bool], list[str]]] = {}
    for event_id, title, requirement, public, value in rows:
        values.setdefault(event_id, {}).setdefault((title, requirement, public), []).append(value)
    alike: dict[tuple[tuple[str, str, bool], tuple[str, ...]], Tags] = {}
    found: dict[int, tuple[Tags, ...]] = {}
    for event_id, tagged in values.items():
        keys = [(kind, tuple(texts)) for kind, texts in tagged.items()]
        found[event_id] = tuple(alike.get(key) or alike.setdefault(key, _tags(*key)) for key in keys)
    return found


def _tags(kind: tuple[str, str, bool], values: tuple[str, ...]) -> Tags:
    title, requirement, public = kind
    return Tags(title=title, requirement=Requirement(requirement), public=public, values=values)


def add(transaction: Transaction, convention_id: int, types: Sequence[TagType]) -> None:
    """Store new tag types, whose titles the convention has not, with their values; their ids are ignored."""
    if not types:
        return
    rows = [
        {
            "convention_id": convention_id,
            "title": kind.title,
            "requirement": kind.requirement.value,
            "public": kind.public,
        }
        for kind in types
    ]
    transaction.connection.execute(insert(tables.tag_type), rows)
    ids = _ids(transaction, convention_id, [kind.title for kind in types])
    add_values(transaction, {ids[kind.title]: kind.values for kind in types})


def change(transaction: Transaction, kind: TagType) -> None:
    """Store the type's title, requirement and whether it is public."""
    transaction.connection.execute(
        update(tables.tag_type)
        .where(_T.id == kind.id)
        .values(title=kind.title, requirement=kind.requirement.value, public=kind.public)
    )


def add_values(transaction: Transaction, wanted: Mapping[int, Iterable[str]]) -> None:
    """Store new values of the types of those ids; they have none of them so far."""
    rows = [
        {"tag_type_id": type_id, "value": value, "value_key": value_key(value)}
        for type_id, values in wanted.items()
        for value in values
    ]
    if rows:
        transaction.connection.execute(insert(tables.tag_value), rows)


def remove_values(transaction: Transaction, type_id: int, values: Iterable[str]) -> None:
    """Forget the type's values; events that had them have them no longer."""
    chosen = select(_V.id).where(_V.tag_type_id == type_id, _V.value_key.in_([value_key(value) for value in values]))
    transaction.connection.execute(delete(tables.event_tag).where(_H.tag_value_id.in_(chosen)))
    transaction.connection.execute(delete(tables.tag_value).where(_V.id.in_(chosen)))


def remove(transaction: Transaction, type_id: int) -> None:
    """Forget the type and its values; events that had them have them no longer."""
    values = select(_V.id).where(_V.tag_type_id == type_id)
    transaction.connection.execute(delete(tables.event_tag).where(_H.tag_value_id.in_(values)))
    transaction.connection.execute(delete(tables.tag_value).where(_V.tag_type_id == type_id))
    transaction.connection.execute(delete(tables.tag_type).where(_T.id == type_id))


def used(transaction: Transaction, type_id: int) -> dict[int, tuple[str, ...]]:
    """The values of the type that each event has, by the event's id, in its order."""
    rows = transaction.connection.execute(
        select(_H.event_id, _V.value)
        .join_from(tables.event_tag, tables.tag_value)
        .where(_V.tag_type_id == type_id)
        .order_by(_H.event_id, _V.id)
    )
    found: dict[int, tuple[str, ...]] = {}
    for event_id, value in rows:
        found[event_id] = (*found.get(event_id, ()), value)
    return found


def put(
    transaction: Transaction,
    convention_id: int,
    wanted: Mapping[int, Wanted],
    requirements: Mapping[str, Requirement] | None = None,
) -> None:
    """Make these the tags of the events of those ids, of each type that is named; other types' stay.

    Types and values that the convention has not are made, public ones, requiring what ``requirements`` says of them
    (else any number). Whose tags change is for the caller to note on the events.
    """
    known = {kind.title: kind for kind in listed(transaction, convention_id, private=True)}
    named = list(dict.fromkeys(title for tagged in wanted.values() for title in tagged))
    if not named:
        return
    requiring = requirements or {}
    missing = [title for title in named if title not in known]
    add(
        transaction,
        convention_id,
        [TagType(id=0, title=title, requirement=requiring.get(title, Requirement.ANY)) for title in missing],
    )
    type_ids = _ids(transaction, convention_id, named)
    new: dict[int, dict[str, str]] = {}
    for tagged in wanted.values():
        for title, values in tagged.items():
            there = {value_key(value) for value in known[title].values} if title in known else set()
            for value in values:
                if value_key(value) not in there:
                    new.setdefault(type_ids[title], {}).setdefault(value_key(value), value)
    add_values(transaction, {type_id: values.values() for type_id, values in new.items()})
    _attach(transaction, wanted, type_ids)


def _attach(transaction: Transaction, wanted: Mapping[int, Wanted], type_ids: Mapping[str, int]) -> None:
    """Replace the events' tags of the types of those ids; all values are there."""
    rows = transaction.connection.execute(
        select(_V.tag_type_id, _V.value_key, _V.id).where(_V.tag_type_id.in_(sorted(set(type_ids.values()))))
    )
    value_ids = {(type_id, key): number for type_id, key, number in rows}
    gone = [
        {"of_event": event_id, "of_type": type_ids[title]} for event_id, tagged in wanted.items() for title in tagged
    ]
    values_of_type = select(_V.id).where(_V.tag_type_id == bindparam("of_type"))
    transaction.connection.execute(
        delete(tables.event_tag).where(_H.event_id == bindparam("of_event"), _H.tag_value_id.in_(values_of_type)), gone
    )
    held: list[dict[str, Any]] = [
        {"event_id": event_id, "tag_value_id": number}
        for event_id, tagged in wanted.items()
        for number in dict.fromkeys(
            value_ids[type_ids[title], value_key(value)] for title, values in tagged.items() for value in values
        )
    ]
    if held:
        transaction.connection.execute(insert(tables.event_tag), held)


def _public(convention_id: int) -> ColumnElement[bool]:
    return and_(_T.convention_id == convention_id, _T.public.is_(True))


def _ids(transaction: Transaction, convention_id: int, titles: Sequence[str]) -> dict[str, int]:
    rows = transaction.connection.execute(
        select(_T.title, _T.id).where(_T.convention_id == convention_id, _T.title.in_(titles))
    )
    return dict(rows.all())


def _types(transaction: Transaction, condition: ColumnElement[bool]) -> list[TagType]:
    rows = transaction.connection.execute(
        select(_T.id, _T.title, _T.requirement, _T.public, _V.value)
        .join_from(tables.tag_type, tables.tag_value, _V.tag_type_id == _T.id, isouter=True)
        .where(condition)
        .order_by(_T.title, _T.id, _V.id)
    )
    found: dict[int, TagType] = {}
    values: dict[int, list[str]] = {}
    for type_id, title, requirement, public, value in rows:
        if type_id not in found:
            found[type_id] = TagType(id=type_id, title=title, requirement=Requirement(requirement), public=public)
        if value is not None:
            values.setdefault(type_id, []).append(value)
    return [structs.replace(kind, values=tuple(values.get(type_id, ()))) for type_id, kind in found.items()]
