"""Series: the slots of one uid, a master and those that stand for single occurrences."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, String, cast, insert, select, update

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


def share_as(transaction: Transaction, master_id: int, override_id: int) -> None:
    """Give an override the readers of its series that no group gives it: friends, and schedules that hold it."""
    of_master = select(_S.shared_with_friends).where(_S.id == master_id).scalar_subquery()
    transaction.connection.execute(
        update(tables.slot).where(_S.id == override_id).values(shared_with_friends=of_master)
    )
    held = tables.scheduled.c
    rows = (
        select(held.account_id, _S.id, _S.start_at, _S.end_at)
        .join_from(tables.scheduled, tables.slot, _S.id == override_id)
        .where(held.slot_id == master_id)
    )
    names = ["account_id", "slot_id", "start_at", "end_at"]
    transaction.connection.execute(insert(tables.scheduled).from_select(names, rows))


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
