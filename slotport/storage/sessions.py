"""Sessions (one a sign-in) and mailed reset links. Only hashes of their secrets are stored."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import and_, delete, func, insert, select, update

from slotport.core.account import Account
from slotport.storage import accounts, tables, tables_sign_in
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Transaction


class Session(Struct, frozen=True, kw_only=True):
    """A sign-in that has not ended, and whose it is."""

    account: Account
    created_at: datetime
    used_at: datetime
    expires_at: datetime


class Listed(Struct, frozen=True, kw_only=True):
    """A session of a known account, as that account sees it."""

    token_hash: bytes
    surface: str
    device: str | None  #: JSON as the client sent it
    created_at: datetime
    used_at: datetime  #: to the hour
    expires_at: datetime


def add(
    transaction: Transaction,
    token_hash: bytes,
    account_id: int,
    *,
    surface: str,
    device: str | None,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Store a new session; what has expired of the account's goes."""
    table, moment = tables_sign_in.session, milliseconds(now)
    transaction.connection.execute(delete(table).where(table.c.account_id == account_id, table.c.expires_at <= moment))
    transaction.connection.execute(
        insert(table).values(
            token_hash=token_hash,
            account_id=account_id,
            surface=surface,
            device=device,
            created_at=moment,
            used_at=moment,
            expires_at=milliseconds(expires_at),
        )
    )


def find(transaction: Transaction, token_hash: bytes, surface: str, now: datetime) -> Session | None:
    """The session of a token on a surface, if it has not expired and its account is neither disabled nor deleted."""
    table = tables_sign_in.session
    row = transaction.connection.execute(
        accounts.selection()
        .add_columns(table.c.created_at.label("begun_at"), table.c.used_at, table.c.expires_at)
        .join(table, table.c.account_id == tables.account.c.id)
        .where(
            table.c.token_hash == token_hash,
            table.c.surface == surface,
            table.c.expires_at > milliseconds(now),
            tables.account.c.disabled_at.is_(None),
            tables.account.c.deleted_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    return Session(
        account=accounts.account_of(row),
        created_at=at(row.begun_at),
        used_at=at(row.used_at),
        expires_at=at(row.expires_at),
    )


def of_account(
    transaction: Transaction, account_id: int, now: datetime, *, most: int
) -> tuple[tuple[Listed, ...], int]:
    """The account's sessions that have not expired, the last used first, at most so many; and how many there are."""
    column = tables_sign_in.session.c
    rows = transaction.connection.execute(
        select(
            column.token_hash,
            column.surface,
            column.device,
            column.created_at,
            column.used_at,
            column.expires_at,
            func.count().over().label("counted"),
        )
        .where(column.account_id == account_id, column.expires_at > milliseconds(now))
        .order_by(column.used_at.desc(), column.created_at.desc(), column.token_hash)
        .limit(most)
    ).all()
    listed = tuple(
        Listed(
            token_hash=row.token_hash,
            surface=row.surface,
            device=row.device,
            created_at=at(row.created_at),
            used_at=at(row.used_at),
            expires_at=at(row.expires_at),
        )
        for row in rows
    )
    return listed, rows[0].counted if rows else 0


def touch(transaction: Transaction, token_hash: bytes, session: Session, now: datetime) -> None:
    """Note that the session was used, which moves its end as far; unless that was noted meanwhile."""
    table = tables_sign_in.session
    transaction.connection.execute(
        update(table)
        .where(table.c.token_hash == token_hash, table.c.used_at == milliseconds(session.used_at))
        .values(
            used_at=milliseconds(now),
            expires_at=milliseconds(now + (session.expires_at - session.used_at)),
        )
    )


def end(transaction: Transaction, token_hash: bytes, surface: str) -> bool:
    """End the session; whether there was one."""
    table = tables_sign_in.session
    done = transaction.connection.execute(
        delete(table).where(table.c.token_hash == token_hash, table.c.surface == surface)
    )
    return done.rowcount > 0


def end_of(transaction: Transaction, account_id: int, token_hash: bytes) -> bool:
    """End a session of the account, on whatever surface; whether there was one."""
    table = tables_sign_in.session
    done = transaction.connection.execute(
        delete(table).where(table.c.token_hash == token_hash, table.c.account_id == account_id)
    )
    return done.rowcount > 0


def end_all(transaction: Transaction, account_id: int, *, but: bytes | None = None) -> None:
    """End every session of the account on every surface, except the one of the token hash ``but``."""
    table = tables_sign_in.session
    condition = table.c.account_id == account_id
    if but is not None:
        condition = and_(condition, table.c.token_hash != but)
    transaction.connection.execute(delete(table).where(condition))


def add_reset(
    transaction: Transaction, secret_hash: bytes, account_id: int, *, now: datetime, expires_at: datetime
) -> None:
    """Store a reset link's secret; links that have expired go, whoever asked for them."""
    table, moment = tables_sign_in.reset, milliseconds(now)
    transaction.connection.execute(delete(table).where(table.c.expires_at <= moment))
    transaction.connection.execute(
        insert(table).values(
            secret_hash=secret_hash,
            account_id=account_id,
            created_at=moment,
            expires_at=milliseconds(expires_at),
        )
    )


def find_reset(transaction: Transaction, secret_hash: bytes, now: datetime) -> int | None:
    """The id of the account whose password the link may set; None if it is used, expired or unknown."""
    table, account = tables_sign_in.reset, tables.account
    return transaction.connection.execute(
        select(table.c.account_id)
        .join_from(table, account)
        .where(
            table.c.secret_hash == secret_hash,
            table.c.expires_at > milliseconds(now),
            account.c.disabled_at.is_(None),
            account.c.deleted_at.is_(None),
        )
    ).scalar_one_or_none()


def end_reset(transaction: Transaction, secret_hash: bytes) -> None:
    """End one reset link."""
    transaction.connection.execute(
        delete(tables_sign_in.reset).where(tables_sign_in.reset.c.secret_hash == secret_hash)
    )


def end_resets(transaction: Transaction, account_id: int) -> None:
    """End every reset link of the account."""
    transaction.connection.execute(delete(tables_sign_in.reset).where(tables_sign_in.reset.c.account_id == account_id))
