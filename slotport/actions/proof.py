"""Whoever is signed in shows once more who they are, before what a borrowed device must not do.

By the password; an account without one (of an external provider) by having signed in a moment ago.
"""

from datetime import datetime, timedelta

from slotport.actions.account_fields import BLANK
from slotport.actions.sessions import PAGE
from slotport.actions.sign_in import proven, token_hash
from slotport.core.account import Account
from slotport.errors import Forbidden, Invalid
from slotport.settings import Settings
from slotport.storage import accounts, sessions
from slotport.storage.store import Store

FRESH = timedelta(minutes=10)


def has_password(store: Store, account: Account) -> bool:
    """Whether a password signs in to the account."""
    with store.read() as transaction:
        known = accounts.find(transaction, account.id)
        return known is not None and known.password_hash is not None


def is_fresh(store: Store, token: str, *, now: datetime) -> bool:
    """Whether the page's session began a moment ago."""
    with store.read() as transaction:
        session = sessions.find(transaction, token_hash(token), PAGE, now)
        return session is not None and now - session.created_at <= FRESH


def prove(
    store: Store, account: Account, password: str | None, *, token: str, settings: Settings, now: datetime
) -> None:
    """Return if the password is the account's, or it has none and the session of ``token`` is fresh.

    Raises Invalid if there is no password given; Unauthorized if it is another; TooManyTries if that came too often;
    Forbidden if the session is too old.
    """
    if not has_password(store, account):
        if not is_fresh(store, token, now=now):
            raise Forbidden("sign in again first")
        return
    if not password:
        raise Invalid.of("password", BLANK)
    proven(store, account, password, settings)
