"""What transports placed elsewhere, by the names that it has there (docs/transports/README.md)."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from slotport.storage import tables_exports
from slotport.storage.store import Store, Transaction

PAGE = 500
_placed = tables_exports.export_placed


def of_run(transaction: Transaction, transport_id: int, run_id: str) -> dict[str, str]:
    """What the run placed through the transport: name -> how far it was verified."""
    rows = transaction.connection.execute(
        select(_placed.c.name, _placed.c.verified).where(
            _placed.c.transport_id == transport_id, _placed.c.run_id == run_id
        )
    )
    return {row.name: row.verified for row in rows}


def add(transaction: Transaction, transport_id: int, run_id: str, names: Mapping[str, str]) -> None:
    """Note what the run placed: name -> how far it was verified."""
    if not names:
        return
    insert = insert_sqlite if transaction.connection.dialect.name == "sqlite" else insert_postgresql
    statement = insert(_placed)
    statement = statement.on_conflict_do_update(
        index_elements=[_placed.c.transport_id, _placed.c.name],
        set_={"run_id": statement.excluded.run_id, "verified": statement.excluded.verified},
    )
    rows = [
        {"transport_id": transport_id, "name": name, "run_id": run_id, "verified": verified}
        for name, verified in sorted(names.items())
    ]
    transaction.connection.execute(statement, rows)


def stale(store: Store, transport_id: int, run_id: str) -> Iterator[str]:
    """The names that only other runs placed, in their order; read page by page."""
    last = ""
    while True:
        with store.read() as transaction:
            rows = transaction.connection.execute(
                select(_placed.c.name)
                .where(_placed.c.transport_id == transport_id, _placed.c.run_id != run_id, _placed.c.name > last)
                .order_by(_placed.c.name)
                .limit(PAGE)
            )
            names = [str(row.name) for row in rows]
        yield from names
        if len(names) < PAGE:
            return
        last = names[-1]


def remove(transaction: Transaction, transport_id: int, names: Iterable[str]) -> None:
    """Forget what was removed elsewhere."""
    transaction.connection.execute(
        delete(_placed).where(_placed.c.transport_id == transport_id, _placed.c.name.in_(list(names)))
    )
