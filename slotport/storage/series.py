"""Series: the slots of one uid, a master and those that stand for single occurrences."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, func, insert, select, update

from slotport.storage import slots, tables
from slotport.storage.engine import update_many
from slotport.storage.store import Transaction

_S = tables.slot.c
BATCH = 500  #: recurrence ids in one statement


def master(transaction: Transaction, owner_id: int, uid: str) -> int | None:
    """The id of the live master."""
    condition = _of(owner_id, uid) & (_S.recurrence_id == "") & _S.deleted_at.is_(None)
    return transaction.connection.scalar(select(_S.id).where(condition))


def overrides(transaction: Transaction, owner_id: int, uid: str) -> list[tuple[int, str]]:
    """The live overrides, as id and recurrence id."""
    condition = _of(owner_id, uid) & (_S.recurrence_id != "") & _S.deleted_at.is_(None)
    rows = transaction.connection.execute(select(_S.id, _S.recurrence_id).where(condition).order_by(_S.recurrence_id))
    return [(row.id, row.recurrence_id) for row in rows]


def free(transaction: Transaction, owner_id: int, uid: str, recurrence_ids: Sequence[str]) -> None:
    """Give deleted overrides other recurrence ids, which no file can say: their dates have new ones."""
    for start in range(0, len(recurrence_ids), BATCH):
        named = _S.recurrence_id.in_(recurrence_ids[start : start + BATCH])
        _set_aside(transaction, _of(owner_id, uid) & named & _S.deleted_at.is_not(None))


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


def rename(transaction: Transaction, owner_id: int, uid: str, changed: Sequence[tuple[int, str]]) -> None:
    """Give all live overrides, by id, other recurrence ids, which may be those that others of them have now."""
    free(transaction, owner_id, uid, [recurrence_id for _, recurrence_id in changed])
    _set_aside(transaction, _of(owner_id, uid) & (_S.recurrence_id != "") & _S.deleted_at.is_(None))
    rows = [(number, recurrence_id, transaction.change) for number, recurrence_id in changed]
    update_many(transaction.connection, tables.slot, "id", ("recurrence_id", "change"), rows)


def remove(transaction: Transaction, owner_id: int, uid: str, now: datetime) -> tuple[dict[int, int], int]:
    """Delete the master and all overrides; how many of them each group held, and how many they were."""
    live = _of(owner_id, uid) & _S.deleted_at.is_(None)
    held = tables.slot_group.c
    rows = transaction.connection.execute(
        select(held.group_id, func.count())
        .join_from(tables.slot_group, tables.slot, _S.id == held.slot_id)
        .where(live)
        .group_by(held.group_id)
    )
    counts = {row[0]: row[1] for row in rows}
    return counts, slots.remove_where(transaction, live, owner_id, now)


def _set_aside(transaction: Transaction, condition: ColumnElement[bool]) -> None:
    transaction.connection.execute(
        update(tables.slot).where(condition).values(recurrence_id=_S.recurrence_id + "-" + cast(_S.id, String))
    )


def _of(owner_id: int, uid: str) -> ColumnElement[bool]:
    return (_S.owner_id == owner_id) & (_S.uid == uid)
