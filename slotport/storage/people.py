"""Accounts as a convention knows them: its managers, owners, staff contacts, hosts, and whom its managers brought in.

Nobody else is to be found by id (docs/api/convention-places.md), since anybody may found a convention.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    false,
    insert,
    or_,
    select,
    update,
)

from slotport.core.convention import Access, Person
from slotport.core.person_reference import NOBODY, Reference, reference
from slotport.errors import Invalid
from slotport.storage import tables
from slotport.storage.accounts import email_key
from slotport.storage.instants import milliseconds
from slotport.storage.store import Transaction

_A = tables.account.c
_E = tables.event.c
_M = tables.convention_manager.c
_U = tables.convention_user.c
_H = tables.time_slot_host.c
_T = tables.time_slot.c


def load(transaction: Transaction, account_ids: Iterable[int], convention_id: int | None = None) -> dict[int, Person]:
    """The people of those ids, deleted ones too, by id; in one statement.

    ``is_open`` says how they stand to the convention, if one is named.
    """
    ids = set(account_ids)
    if not ids:
        return {}
    # spelt out in the statement: databases bound how many parameters it has
    listed: BindParameter[Any] = bindparam("ids", sorted(ids), expanding=True, literal_execute=True)
    return {person.id: person for person in _people(transaction, _A.id.in_(listed), convention_id)}


def known(transaction: Transaction, convention_id: int) -> list[Person]:
    """Everybody the convention knows whose account is live, in order of id."""
    members = or_(
        _A.id.in_(select(_M.account_id).where(_M.convention_id == convention_id)),
        _A.id.in_(select(_U.account_id).where(_U.convention_id == convention_id)),
        _A.id.in_(select(_E.owner_id).where(_E.convention_id == convention_id)),
        _A.id.in_(select(_E.staff_contact_id).where(_E.convention_id == convention_id)),
        _A.id.in_(
            select(_H.account_id)
            .join_from(tables.time_slot, tables.time_slot_host, _H.time_slot_id == _T.id)
            .where(_T.convention_id == convention_id)
        ),
    )
    return _people(transaction, and_(members, _A.deleted_at.is_(None)), convention_id)


def find(transaction: Transaction, access: Access, wanted: Reference) -> Person | None:
    """Whom the reference names, if that is the caller or somebody the convention knows; deleted ones too by id."""
    named = _A.id == wanted.id if wanted.id is not None else _A.email_key == email_key(wanted.email or "")
    caller = _A.id == access.account.id if access.account is not None else false()
    rows = _people(transaction, and_(named, or_(caller, _is_known(access.convention.id))), access.convention.id)
    return rows[0] if rows else None


def find_by_email(transaction: Transaction, email: str, convention_id: int) -> Person | None:
    """The person with that address, whatever its case, known or not."""
    rows = _people(transaction, _A.email_key == email_key(email), convention_id)
    return rows[0] if rows else None


def referenced(transaction: Transaction, access: Access, value: Any, field: str, *, gone: bool = False) -> Person:
    """The person that a reference on the wire names: by id the caller or a known one, by e-mail anybody.

    ``gone``: also somebody known whose account was deleted. Raises Invalid, naming ``field``.
    """
    return resolved(transaction, access, [reference(value, field)], field, gone=gone)[0]


def resolved(
    transaction: Transaction, access: Access, wanted: Sequence[Reference], field: str, *, gone: bool = False
) -> list[Person]:
    """The people that the references name, one each and in their order, in one statement; see ``referenced``."""
    ids = {each.id for each in wanted if each.id is not None}
    keys = {email_key(each.email) for each in wanted if each.email is not None}
    if not ids and not keys:
        return []
    caller = _A.id == access.account.id if access.account is not None else false()
    condition = or_(
        and_(_A.id.in_(ids), or_(caller, _is_known(access.convention.id))) if ids else false(),
        _A.email_key.in_(keys) if keys else false(),
    )
    rows = _people(transaction, condition, access.convention.id)
    by_id = {person.id: person for person in rows if person.id in ids and (gone or not person.is_gone)}
    by_email = {email_key(person.email): person for person in rows if person.email is not None}
    found = [
        by_id.get(each.id) if each.id is not None else by_email.get(email_key(each.email or "")) for each in wanted
    ]
    people = [person for person in found if person is not None]
    if len(people) < len(found):
        missing = wanted[found.index(None)]
        raise Invalid.of(field, f"{NOBODY}: {missing.id if missing.id is not None else missing.email}")
    return people


def bring_in(transaction: Transaction, convention_id: int, account_ids: Iterable[int], *, made_here: bool) -> None:
    """Make accounts known to the convention; ``made_here``: it made them. Those brought in before stay as they are."""
    wanted = set(account_ids)
    if not wanted:
        return
    before = set(
        transaction.connection.scalars(
            select(_U.account_id).where(_U.convention_id == convention_id, _U.account_id.in_(wanted))
        )
    )
    rows = [
        {"convention_id": convention_id, "account_id": account_id, "made_here": made_here}
        for account_id in sorted(wanted - before)
    ]
    if rows:
        transaction.connection.execute(insert(tables.convention_user), rows)


def mark_changed(transaction: Transaction, account_id: int, now: datetime) -> None:
    """Note on the conventions that show the account that this commit changed something of theirs."""
    hosting = (
        select(_T.convention_id)
        .join_from(tables.time_slot_host, tables.time_slot, _H.time_slot_id == _T.id)
        .where(_H.account_id == account_id)
    )
    own = select(_E.convention_id).where(_E.owner_id == account_id)
    contact = select(_E.convention_id).where(_E.staff_contact_id == account_id)
    transaction.connection.execute(
        update(tables.convention)
        .where(tables.convention.c.id.in_(hosting.union(own, contact)))
        .values(change=transaction.change, shared_change=transaction.change, changed_at=milliseconds(now))
    )


def mark_renamed(transaction: Transaction, account_id: int, now: datetime) -> None:
    """Give the time slots that show the account's name a new version: what feeds say of them changed."""
    shown = select(_H.time_slot_id).where(_H.account_id == account_id, _H.name.is_(None))
    transaction.connection.execute(
        update(tables.time_slot)
        .where(_T.id.in_(shown))
        .values(version=_T.version + 1, change=transaction.change, updated_at=milliseconds(now))
    )


def person_of(row: Row[Any] | Mapping[str, Any]) -> Person:
    """The person in a row of ``selection``."""
    columns = row if isinstance(row, Mapping) else row._mapping  # noqa: SLF001 # SQLAlchemy's public name
    return Person(
        id=columns["id"],
        guid=UUID(columns["guid"]),
        name=columns["username"],
        email=columns["email"],
        phone=columns["phone"],
        is_open=bool(columns["is_open"]),
        is_gone=columns["deleted_at"] is not None,
    )


def selection(convention_id: int | None) -> Select[Any]:
    """What ``person_of`` needs, from accounts."""
    if convention_id is None:
        is_open: ColumnElement[bool] = false()
    else:
        is_open = or_(
            exists().where(_E.convention_id == convention_id, _E.owner_id == _A.id),
            exists().where(_U.convention_id == convention_id, _U.account_id == _A.id, _U.made_here),
        )
    return select(_A.id, _A.guid, _A.username, _A.email, _A.phone, _A.deleted_at, is_open.label("is_open"))


def _people(transaction: Transaction, condition: ColumnElement[bool], convention_id: int | None) -> list[Person]:
    rows = transaction.connection.execute(selection(convention_id).where(condition).order_by(_A.id))
    return [person_of(row) for row in rows]


def _is_known(convention_id: int) -> ColumnElement[bool]:
    """Whether the convention knows the account of the row: each part looks into an index of that account."""
    return or_(
        exists().where(_M.convention_id == convention_id, _M.account_id == _A.id),
        exists().where(_U.convention_id == convention_id, _U.account_id == _A.id),
        exists().where(_E.convention_id == convention_id, _E.owner_id == _A.id),
        exists().where(_E.convention_id == convention_id, _E.staff_contact_id == _A.id),
        exists(
            select(_H.account_id)
            .join_from(tables.time_slot_host, tables.time_slot, _H.time_slot_id == _T.id)
            .where(_T.convention_id == convention_id, _H.account_id == _A.id)
        ),
    )
