"""Accounts, sessions and reset links."""

from collections.abc import Iterable

from sqlalchemy import update

from slotport.storage import tables
from slotport.storage.store import Transaction


def mark_changed(transaction: Transaction, account_ids: Iterable[int]) -> None:
    """Note on the accounts that this commit changed a slot or group of theirs (for ETags and feeds)."""
    transaction.connection.execute(
        update(tables.account).where(tables.account.c.id.in_(list(account_ids))).values(change=transaction.change)
    )
