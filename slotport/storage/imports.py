"""Files that were imported: what is known of them while nothing of the account has changed."""

from sqlalchemy import delete, insert, select

from slotport.storage import tables
from slotport.storage.store import Transaction

_FILE = tables.imported_file.c


def find(transaction: Transaction, account_id: int, digest: bytes) -> str | None:
    """The report of the import of that file, if no slot or group of the account changed since then."""
    return transaction.connection.scalar(
        select(_FILE.report)
        .join(tables.account, tables.account.c.id == _FILE.account_id)
        .where(_FILE.account_id == account_id, _FILE.digest == digest, _FILE.change == tables.account.c.change)
    )


def keep(transaction: Transaction, account_id: int, digest: bytes, change: int, report: str) -> None:
    """Remember the file as imported at that change of the account; files from before it are forgotten."""
    transaction.connection.execute(
        delete(tables.imported_file).where(
            _FILE.account_id == account_id, (_FILE.change < change) | (_FILE.digest == digest)
        )
    )
    transaction.connection.execute(
        insert(tables.imported_file).values(account_id=account_id, digest=digest, change=change, report=report)
    )
