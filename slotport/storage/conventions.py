"""Conventions and their managers."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct, structs
from sqlalchemy import ColumnElement, Row, delete, insert, or_, select, update

from slotport.core.convention import Convention, Person, Role
from slotport.storage import people, tables
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Transaction

LARGEST_ID = 2**63 - 1

_C = tables.convention.c
_M = tables.convention_manager.c
_DATES = ("start_date", "end_date")
_INSTANTS = ("created_at", "updated_at", "changed_at")
_COLUMNS = [_C[name] for name in Convention.__struct_fields__]


class Manager(Struct, frozen=True, kw_only=True):
    """Somebody who manages a convention, and as what."""

    person: Person
    role: Role


def mark_changed(transaction: Transaction, convention_id: int, now: datetime, *, alone: bool = False) -> None:
    """Note on the convention that this commit changed something that belongs to it (for ETags and feeds).

    ``alone``: no more than time slots or events, whose next versions tell.
    """
    shared = {} if alone else {"shared_change": transaction.change}
    transaction.connection.execute(
        update(tables.convention)
        .where(_C.id == convention_id)
        .values(change=transaction.change, changed_at=milliseconds(now), **shared)
    )


def find(transaction: Transaction, convention_id: int) -> Convention | None:
    """The convention of that id."""
    return _one(transaction, _C.id == convention_id) if 0 < convention_id <= LARGEST_ID else None


def load(transaction: Transaction, ids: Iterable[int]) -> dict[int, Convention]:
    """The conventions of those ids, by id; in one statement."""
    rows = transaction.connection.execute(select(*_COLUMNS).where(_C.id.in_(set(ids))))
    return {row.id: _convention_of(row) for row in rows}


def find_by_key(transaction: Transaction, public_key: str) -> Convention | None:
    """The convention whose public key that is."""
    return _one(transaction, _C.public_key == public_key)


def find_named(transaction: Transaction, name: str) -> Convention | None:
    """The convention of that id, if the name is a number, or else of that slug."""
    if name.isascii() and name.isdecimal():
        return find(transaction, int(name)) if len(name) < 20 else None
    return _one(transaction, _C.slug == name)


def find_by_title(transaction: Transaction, title: str) -> Convention | None:
    """The convention of that title."""
    return _one(transaction, _C.title == title)


def list_all(transaction: Transaction, *, managed_by: int | None = None) -> list[Convention]:
    """All conventions, or only those that an account manages, in order of id."""
    statement = select(*_COLUMNS).where(_C.deleted_at.is_(None)).order_by(_C.id)
    if managed_by is not None:
        statement = statement.where(_C.id.in_(select(_M.convention_id).where(_M.account_id == managed_by)))
    return [_convention_of(row) for row in transaction.connection.execute(statement)]


def slugs_like(transaction: Transaction, slug: str) -> set[str]:
    """The slugs that conventions have among the slug itself and all that begin with it and a ``-``."""
    rows = transaction.connection.scalars(
        select(_C.slug).where(or_(_C.slug == slug, _C.slug.startswith(f"{slug}-", autoescape=True)))
    )
    return set(rows)


def add(transaction: Transaction, convention: Convention, manager_id: int) -> Convention:
    """Store a new convention, which gets an id and a change number, and its first manager."""
    stored = structs.replace(convention, id=transaction.object_ids(1)[0], change=transaction.change)
    transaction.connection.execute(insert(tables.convention).values(_row(stored)))
    add_manager(transaction, stored.id, manager_id, Role.ADMINISTRATOR, stored.created_at)
    return stored


def change(transaction: Transaction, convention: Convention, now: datetime) -> None:
    """Store every field but keys, slug and the date of creation under the next version."""
    row = {
        name: value
        for name, value in _row(convention).items()
        if name not in {"id", "slug", "public_key", "secret_key", "created_at"}
    }
    row |= {"updated_at": milliseconds(now), "changed_at": milliseconds(now)}
    row |= {"change": transaction.change, "shared_change": transaction.change}
    transaction.connection.execute(
        update(tables.convention).where(_C.id == convention.id).values(row | {"version": _C.version + 1})
    )


def is_manager(transaction: Transaction, convention_id: int, account_id: int) -> bool:
    """Whether the account manages the convention."""
    statement = select(_M.account_id).where(_M.convention_id == convention_id, _M.account_id == account_id)
    return transaction.connection.scalar(statement) is not None


def managers(transaction: Transaction, convention_id: int, account_ids: Iterable[int] | None = None) -> list[Manager]:
    """The convention's managers, or those among the accounts, in order of appointment."""
    statement = (
        people.selection(convention_id)
        .add_columns(_M.role)
        .join(tables.convention_manager, _M.account_id == tables.account.c.id)
        .where(_M.convention_id == convention_id, tables.account.c.deleted_at.is_(None))
        .order_by(_M.created_at, _M.account_id)
    )
    if account_ids is not None:
        statement = statement.where(_M.account_id.in_(set(account_ids)))
    rows = transaction.connection.execute(statement)
    return [Manager(person=people.person_of(row), role=Role(row.role)) for row in rows]


def add_manager(transaction: Transaction, convention_id: int, account_id: int, role: Role, now: datetime) -> None:
    """Store somebody as manager who is not one."""
    transaction.connection.execute(
        insert(tables.convention_manager).values(
            convention_id=convention_id, account_id=account_id, role=role.value, created_at=milliseconds(now)
        )
    )


def remove_manager(transaction: Transaction, convention_id: int, account_id: int) -> None:
    """Let the account manage the convention no longer."""
    transaction.connection.execute(
        delete(tables.convention_manager).where(_M.convention_id == convention_id, _M.account_id == account_id)
    )


def _one(transaction: Transaction, condition: ColumnElement[bool]) -> Convention | None:
    row = transaction.connection.execute(select(*_COLUMNS).where(condition, _C.deleted_at.is_(None))).one_or_none()
    return None if row is None else _convention_of(row)


def _convention_of(row: Row[Any]) -> Convention:
    values = dict(row._mapping)  # noqa: SLF001 # SQLAlchemy's public name
    values |= {name: None if values[name] is None else date.fromisoformat(values[name]) for name in _DATES}
    values |= {name: at(values[name]) for name in _INSTANTS}
    values["settings"] = msgspec.json.decode(values["settings"])
    return Convention(**values)


def _row(convention: Convention) -> dict[str, Any]:
    row = structs.asdict(convention)
    row |= {name: None if row[name] is None else row[name].isoformat() for name in _DATES}
    row |= {name: milliseconds(row[name]) for name in _INSTANTS}
    row["settings"] = msgspec.json.encode(convention.settings).decode()
    return row
