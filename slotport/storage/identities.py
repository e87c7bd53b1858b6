"""Who signs in to which account at another server: an issuer's subject (docs/design/accounts.md)."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import delete, insert, or_, select, update

from slotport.core.account import Account
from slotport.storage import tables, tables_sign_in
from slotport.storage.accounts import email_key
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Transaction

_table = tables_sign_in.identity


class Identity(Struct, frozen=True, kw_only=True):
    """An account's link to a person at another server."""

    issuer: str
    subject: str
    email: str | None  #: that the issuer verified last, in lower case
    created_at: datetime
    used_at: datetime


def find(transaction: Transaction, issuer: str, subject: str) -> int | None:
    """The id of the account that the subject signs in to."""
    return transaction.connection.scalar(
        select(_table.c.account_id).where(_table.c.issuer == issuer, _table.c.subject == subject)
    )


def of_account(transaction: Transaction, account_id: int) -> list[Identity]:
    """The account's links, the oldest first."""
    rows = transaction.connection.execute(
        select(_table).where(_table.c.account_id == account_id).order_by(_table.c.created_at, _table.c.subject)
    )
    return [
        Identity(
            issuer=row.issuer,
            subject=row.subject,
            email=row.email_key,
            created_at=at(row.created_at),
            used_at=at(row.used_at),
        )
        for row in rows
    ]


def is_only_way_in(transaction: Transaction, account_id: int) -> bool:
    """Whether the account has a link, and no password."""
    found = select(_table.c.account_id).join(tables.account, tables.account.c.id == _table.c.account_id)
    asked = found.where(_table.c.account_id == account_id, tables.account.c.password_hash.is_(None)).limit(1)
    return transaction.connection.scalar(asked) is not None


def add(
    transaction: Transaction, account_id: int, *, issuer: str, subject: str, email: str | None, now: datetime
) -> None:
    """Store a link that is not there."""
    moment = milliseconds(now)
    transaction.connection.execute(
        insert(_table).values(
            issuer=issuer,
            subject=subject,
            account_id=account_id,
            email_key=None if email is None else email_key(email),
            created_at=moment,
            used_at=moment,
        )
    )


def touch(transaction: Transaction, *, issuer: str, subject: str, email: str | None, now: datetime) -> None:
    """Note a sign-in, and the address that the issuer verified."""
    transaction.connection.execute(
        update(_table)
        .where(_table.c.issuer == issuer, _table.c.subject == subject)
        .values(used_at=milliseconds(now), email_key=None if email is None else email_key(email))
    )


def remove(transaction: Transaction, account_id: int, *, issuer: str, subject: str) -> bool:
    """Remove a link of the account; whether there was one."""
    done = transaction.connection.execute(
        delete(_table).where(_table.c.account_id == account_id, _table.c.issuer == issuer, _table.c.subject == subject)
    )
    return done.rowcount > 0


def remove_foreign(transaction: Transaction, account: Account) -> None:
    """Remove the account's links to anybody whose verified address is not the account's own."""
    condition = _table.c.account_id == account.id
    if account.email is not None:
        own = email_key(account.email)
        condition &= or_(_table.c.email_key.is_(None), _table.c.email_key != own)
    transaction.connection.execute(delete(_table).where(condition))
