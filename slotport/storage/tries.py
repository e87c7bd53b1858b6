"""How often something was tried under a name, counted for all processes together (docs/design/accounts.md)."""

from collections.abc import Collection, Mapping

from msgspec import Struct
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from slotport.storage import tables_exports
from slotport.storage.store import Transaction

_tries = tables_exports.tries


class Count(Struct, frozen=True):
    """What was counted under a name, and until when (milliseconds) it counts."""

    count: int
    expires_at: int


def locked(transaction: Transaction, names: Collection[str], *, now: int) -> dict[str, Count]:
    """What counts under the names, those first seen included; nobody else counts there until the transaction ends."""
    insert = insert_sqlite if transaction.connection.dialect.name == "sqlite" else insert_postgresql
    rows = [{"name": name, "count": 0, "expires_at": now} for name in sorted(set(names))]
    transaction.connection.execute(insert(_tries).on_conflict_do_nothing(), rows)
    return _counts(transaction, names, now, lock=True)


def counts(transaction: Transaction, names: Collection[str], *, now: int) -> dict[str, Count]:
    """What counts under the names now."""
    return _counts(transaction, names, now, lock=False)


def _counts(transaction: Transaction, names: Collection[str], now: int, *, lock: bool) -> dict[str, Count]:
    query = (
        select(_tries.c.name, _tries.c.count.label("counted"), _tries.c.expires_at)
        .where(_tries.c.name.in_(names))
        .order_by(_tries.c.name)
    )
    rows = transaction.connection.execute(query.with_for_update() if lock else query)
    return {row.name: Count(row.counted, row.expires_at) for row in rows if row.expires_at > now}


def put(transaction: Transaction, found: Mapping[str, Count]) -> None:
    """Store what counts under names that are locked."""
    rows = [{"key": name, "counted": one.count, "end": one.expires_at} for name, one in found.items()]
    transaction.connection.execute(
        update(_tries)
        .where(_tries.c.name == bindparam("key"))
        .values(count=bindparam("counted"), expires_at=bindparam("end")),
        rows,
    )


def give_back(transaction: Transaction, names: Collection[str]) -> None:
    """Take one off each name's count."""
    transaction.connection.execute(
        update(_tries).where(_tries.c.name.in_(names), _tries.c.count > 0).values(count=_tries.c.count - 1)
    )


def forget(transaction: Transaction, names: Collection[str]) -> None:
    """Begin the names' counts anew."""
    transaction.connection.execute(delete(_tries).where(_tries.c.name.in_(names)))


def forget_old(transaction: Transaction, now: int) -> None:
    """Remove what counts no longer."""
    transaction.connection.execute(delete(_tries).where(_tries.c.expires_at <= now))
