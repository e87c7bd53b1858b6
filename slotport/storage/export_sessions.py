"""Sessions of the export interface: a token is given out first and signs in later, so that it has a row of its own.

Whoever signs it in stands in ``session``, under the same hash and the surface ``export``: what ends an account's
sessions ends that as well, and leaves a session that is not signed in (docs/api/export-session.md).
"""

from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import delete, insert, select, update

from slotport.core.account import Account
from slotport.storage import accounts, sessions, tables, tables_exports, tables_sign_in
from slotport.storage.accounts import Known
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Transaction

SURFACE = "export"
KEPT = timedelta(days=1)  #: so long after its end a session is known as one that has expired

_session = tables_exports.export_session
_signed_in = tables_sign_in.session


class ExportSession(Struct, frozen=True, kw_only=True):
    """A session, and whose it is."""

    token_hash: bytes
    language: str
    expires_at: datetime
    account: Account | None = None  #: None: nobody is signed in
    signed_in_at: datetime | None = None
    used_at: datetime | None = None  #: to the hour


def add(transaction: Transaction, token_hash: bytes, *, language: str, now: datetime, expires_at: datetime) -> None:
    """Store a new session that nobody is signed in to; what has expired for a while goes."""
    transaction.connection.execute(delete(_session).where(_session.c.expires_at <= milliseconds(now - KEPT)))
    transaction.connection.execute(
        insert(_session).values(
            token_hash=token_hash,
            language=language,
            created_at=milliseconds(now),
            expires_at=milliseconds(expires_at),
        )
    )


def find(transaction: Transaction, token_hash: bytes, now: datetime) -> ExportSession | None:
    """The session of a token, one that has expired lately too; its account only if it may still sign in."""
    row = transaction.connection.execute(
        select(_session.c.language, _session.c.expires_at).where(_session.c.token_hash == token_hash)
    ).one_or_none()
    if row is None:
        return None
    found = ExportSession(token_hash=token_hash, language=row.language, expires_at=at(row.expires_at))
    holder = transaction.connection.execute(
        accounts.selection()
        .add_columns(_signed_in.c.created_at.label("signed_in_at"), _signed_in.c.used_at)
        .join(_signed_in, _signed_in.c.account_id == tables.account.c.id)
        .where(
            _signed_in.c.token_hash == token_hash,
            _signed_in.c.surface == SURFACE,
            _signed_in.c.expires_at > milliseconds(now),
            tables.account.c.disabled_at.is_(None),
            tables.account.c.deleted_at.is_(None),
        )
    ).one_or_none()
    if holder is None:
        return found
    return ExportSession(
        token_hash=token_hash,
        language=found.language,
        expires_at=found.expires_at,
        account=accounts.account_of(holder),
        signed_in_at=at(holder.signed_in_at),
        used_at=at(holder.used_at),
    )


def sign_in(
    transaction: Transaction, token_hash: bytes, account_id: int, *, now: datetime, expires_at: datetime
) -> None:
    """Make the session that account's, whoever was signed in to it before."""
    sessions.end(transaction, token_hash, SURFACE)
    sessions.add(transaction, token_hash, account_id, surface=SURFACE, device=None, now=now, expires_at=expires_at)
    _prolong(transaction, token_hash, expires_at)


def sign_out(transaction: Transaction, token_hash: bytes) -> None:
    """Leave the session without anybody signed in."""
    sessions.end(transaction, token_hash, SURFACE)


def touch(transaction: Transaction, token_hash: bytes, *, now: datetime, expires_at: datetime) -> None:
    """Note that the session was used, and until when it lasts now."""
    transaction.connection.execute(
        update(_signed_in)
        .where(_signed_in.c.token_hash == token_hash, _signed_in.c.surface == SURFACE)
        .values(used_at=milliseconds(now), expires_at=milliseconds(expires_at))
    )
    _prolong(transaction, token_hash, expires_at)


def set_language(transaction: Transaction, token_hash: bytes, language: str) -> None:
    """Change the session's language."""
    transaction.connection.execute(
        update(_session).where(_session.c.token_hash == token_hash).values(language=language)
    )


def find_by_username(transaction: Transaction, username: str) -> Known | None:
    """The live account with exactly that name; None if there are several."""
    account = tables.account.c
    ids = transaction.connection.scalars(
        select(account.id).where(account.username == username, account.deleted_at.is_(None)).limit(2)
    ).all()
    return accounts.find(transaction, ids[0]) if len(ids) == 1 else None


def _prolong(transaction: Transaction, token_hash: bytes, expires_at: datetime) -> None:
    transaction.connection.execute(
        update(_session).where(_session.c.token_hash == token_hash).values(expires_at=milliseconds(expires_at))
    )
