"""Which slot left which group, and who hosts a time slot no longer: feeds tell of it for KEPT, then it is forgotten."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, delete, insert, literal, select, tuple_

from slotport.storage import tables
from slotport.storage.instants import milliseconds
from slotport.storage.store import Transaction

KEPT = timedelta(days=30)

_G = tables.slot_left.c
_H = tables.time_slot_host_left.c


def from_groups(transaction: Transaction, condition: ColumnElement[bool], now: datetime) -> None:
    """Note that the slots on those rows of ``slot_group`` are about to leave their groups."""
    held, moment = tables.slot_group.c, milliseconds(now)
    leaving = select(held.group_id, held.slot_id).where(condition)
    transaction.connection.execute(delete(tables.slot_left).where(tuple_(_G.group_id, _G.slot_id).in_(leaving)))
    transaction.connection.execute(delete(tables.slot_left).where(_G.left_at < milliseconds(now - KEPT)))
    rows = select(held.group_id, held.slot_id, literal(moment)).where(condition)
    transaction.connection.execute(
        insert(tables.slot_left).from_select(["group_id", "slot_id", "left_at"], rows, include_defaults=False)
    )


def of_hosts(transaction: Transaction, hosts: Mapping[int, Collection[int]], now: datetime) -> None:
    """Note who is about to host a time slot no longer, given who will, by the time slot's id."""
    held = tables.time_slot_host.c
    rows = transaction.connection.execute(
        select(held.time_slot_id, held.account_id).where(held.time_slot_id.in_(sorted(hosts)))
    )
    leaving = [
        {"account": account_id, "time_slot": slot_id}
        for slot_id, account_id in rows
        if account_id not in hosts[slot_id]
    ]
    if not leaving:
        return
    transaction.connection.execute(
        delete(tables.time_slot_host_left).where(
            _H.account_id == bindparam("account"), _H.time_slot_id == bindparam("time_slot")
        ),
        leaving,
    )
    transaction.connection.execute(delete(tables.time_slot_host_left).where(_H.left_at < milliseconds(now - KEPT)))
    transaction.connection.execute(
        insert(tables.time_slot_host_left),
        [
            {"account_id": row["account"], "time_slot_id": row["time_slot"], "left_at": milliseconds(now)}
            for row in leaving
        ],
    )
