"""Counts whose cost grows with a calendar, kept until a commit changes any slot, group or membership.

Every such commit takes the next number of the counter, so what was counted at that number holds as long as it
stands. What one slot's change does to the plain counts is known, and they are carried on; all others are counted
anew. That is what keeps a page, and a change, as cheap in a calendar of a million slots as in one of a thousand
(docs/design/lists.md).
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select

from slotport.storage import tables
from slotport.storage.store import Store, Transaction

LARGEST_KEPT = 10_000  #: counts

_Rows = Sequence[tuple[Any, ...]]


class _Kept:
    """What was counted at one number of the counter."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.change = -1
        self.forget()

    def forget(self) -> None:
        self.results: dict[str, _Rows] = {}  #: by statement
        self.in_group: dict[int, int] = {}
        self.created: dict[int, int] = {}

    def size(self) -> int:
        return len(self.results) + len(self.in_group) + len(self.created)


_kept: WeakKeyDictionary[Engine, _Kept] = WeakKeyDictionary()
_kept_lock = threading.Lock()


def counted(transaction: Transaction, statement: str) -> _Rows:
    """The rows that the statement gives: a SELECT that looks only at slots, groups, memberships and accounts.

    Its text is the key under which they are kept, so it must hold every value.
    """
    kept, change = _kept_for(transaction)
    with kept.lock:
        rows = kept.results.get(statement) if change == kept.change else None
    if rows is None:
        rows = [tuple(row) for row in transaction.connection.exec_driver_sql(statement)]
        with kept.lock:
            if change == kept.change:
                kept.results[statement] = rows
    return rows


def slots_in_groups(transaction: Transaction, group_ids: Iterable[int]) -> dict[int, int]:
    """How many slots each of the groups holds."""
    kept, change = _kept_for(transaction)
    wanted = set(group_ids)
    with kept.lock:
        known = kept.in_group if change == kept.change else {}
        found = {group_id: known[group_id] for group_id in wanted if group_id in known}
    if missing := wanted - found.keys():
        held = tables.slot_group.c.group_id
        rows = transaction.connection.execute(
            select(held, func.count()).where(held.in_(sorted(missing))).group_by(held)
        )
        new = dict.fromkeys(missing, 0) | {row[0]: row[1] for row in rows}
        found |= new
        with kept.lock:
            if change == kept.change:
                kept.in_group.update(new)
    return found


def slots_created(transaction: Transaction, owner_id: int) -> int:
    """How many live slots the account created."""
    kept, change = _kept_for(transaction)
    with kept.lock:
        found = kept.created.get(owner_id) if change == kept.change else None
    if found is None:
        slot = tables.slot.c
        found = int(
            transaction.connection.scalar(
                select(func.count())
                .select_from(tables.slot)
                .where(slot.owner_id == owner_id, slot.deleted_at.is_(None))
            )
            or 0
        )
        with kept.lock:
            if change == kept.change:
                kept.created[owner_id] = found
    return found


class Effect:
    """What a transaction does to counts."""

    def __init__(self) -> None:
        self.in_group: dict[int, int] = {}  #: slots more (or fewer) by group
        self.created: dict[int, int] = {}  #: … and by who created them
        self.moves_nothing = False  #: neither times, groups nor readers of any slot change


@contextmanager
def writing(store: Store) -> Iterator[tuple[Transaction, Effect]]:
    """A transaction that changes slots, and where to say what it does to counts: exactly, or they go wrong.

    The number of the commit is taken at once: whoever writes slots waits there, and so never for each other in a
    circle.
    """
    effect = Effect()
    with store.write() as transaction:
        change = transaction.change
        yield transaction, effect
    kept = _kept_of(store.engine)
    with kept.lock:
        if kept.change != change - 1:
            return  # somebody else changed something in between, or nothing was counted
        for plain, more in ((kept.in_group, effect.in_group), (kept.created, effect.created)):
            for key, number in more.items():
                if key in plain:
                    plain[key] += number
        if not effect.moves_nothing:
            kept.results = {}
        kept.change = change


def _kept_of(engine: Engine) -> _Kept:
    with _kept_lock:
        return _kept.setdefault(engine, _Kept())


def _kept_for(transaction: Transaction) -> tuple[_Kept, int]:
    """What is kept, and the number at which the transaction looks.

    A transaction that writes looks at no number that others will see: what it counts may never be committed.
    """
    kept = _kept_of(transaction.connection.engine)
    if transaction.connection.get_execution_options().get("write"):
        return kept, -2
    change = transaction.connection.execute(select(tables.counter.c.change)).scalar_one()
    with kept.lock:
        if change > kept.change or kept.size() >= LARGEST_KEPT:
            kept.change = max(change, kept.change)
            kept.forget()
    return kept, change


def change_of(transaction: Transaction) -> int:
    """The number of the last commit that the transaction sees."""
    return int(transaction.connection.execute(select(tables.counter.c.change)).scalar_one())
