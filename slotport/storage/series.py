"""Series: the slots of one uid, a master and those that stand for single occurrences."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, String, cast, select, update

from slotport.storage import tables
from slotport.storage.store import Transaction

_S = tables.slot.c


def master(transaction: Transaction, owner_id: int, uid: str) -> int | None:
    """The id of the live master."""
    condition = _of(owner_id, uid) & (_S.recurrence_id == "") & _S.deleted_at.is_(None)
    return transaction.connection.scalar(select(_S.id).where(condition))


def overrides(transaction: Transaction, owner_id: int, uid: str) -> list[tuple[int, str]]:
    """The live overrides, as id and recurrence id."""
    condition = _of(owner_id, uid) & (_S.recurrence_id != "") & _S.deleted_at.is_(None)
    rows = transaction.connection.execute(select(_S.id, _S.recurrence_id).where(condition).order_by(_S.recurrence_id))
    return [(row.id, row.recurrence_id) for row in rows]


def free(transaction: Transaction, owner_id: int, uid: str, recurrence_id: str) -> None:
    """Give a deleted override another recurrence id, which no file can say: its date has a new one."""
    transaction.connection.execute(
        update(tables.slot)
        .where(_of(owner_id, uid) & (_S.recurrence_id == recurrence_id) & _S.deleted_at.is_not(None))
        .values(recurrence_id=_S.recurrence_id + "-" + cast(_S.id, String))
    )


def rename(
    transaction: Transaction, owner_id: int, uid: str, changed: Sequence[tuple[int, str]], *, later: bool
) -> None:
    """Give overrides, in the order of their dates, the recurrence ids of dates that are all later, or all earlier."""
    for number, recurrence_id in reversed(changed) if later else changed:
        free(transaction, owner_id, uid, recurrence_id)
        transaction.connection.execute(
            update(tables.slot).where(_S.id == number).values(recurrence_id=recurrence_id, change=transaction.change)
        )


def _of(owner_id: int, uid: str) -> ColumnElement[bool]:
    return (_S.owner_id == owner_id) & (_S.uid == uid)
