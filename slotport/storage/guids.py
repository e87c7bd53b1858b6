"""Which guids are taken already, by whomever: they are unique in the whole database."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from slotport.storage import tables
from slotport.storage.store import Transaction

BATCH = 5000  #: in one statement


def of_other_time_slots(transaction: Transaction, convention_id: int, guids: Iterable[UUID]) -> set[UUID]:
    """Those of the guids that time slots of other conventions have."""
    slot = tables.time_slot.c
    return _found(transaction, slot.guid, slot.convention_id != convention_id, guids)


def of_locations(transaction: Transaction, guids: Iterable[UUID]) -> set[UUID]:
    """Those of the guids that locations have, deleted ones too."""
    return _found(transaction, tables.location.c.guid, None, guids)


def of_accounts(transaction: Transaction, guids: Iterable[UUID]) -> set[UUID]:
    """Those of the guids that accounts have, deleted ones too."""
    return _found(transaction, tables.account.c.guid, None, guids)


def _found(transaction: Transaction, column: object, condition: object, guids: Iterable[UUID]) -> set[UUID]:
    wanted = sorted(str(guid) for guid in guids)
    found: set[UUID] = set()
    for start in range(0, len(wanted), BATCH):
        statement = select(column).where(column.in_(wanted[start : start + BATCH]))  # type: ignore[call-overload,attr-defined]
        if condition is not None:
            statement = statement.where(condition)
        found.update(UUID(text) for text in transaction.connection.scalars(statement))
    return found
