"""Whoever is signed in shows once more who they are, before what a borrowed device must not do.

By the password; an account without one (of an external provider) by having signed in a moment ago.
"""

from datetime import datetime, timedelta

from slotport.actions import passwords
from slotport.actions.account_fields import BLANK, Fields, about_password, applied
from slotport.actions.accounts import change_profile
from slotport.actions.sessions import PAGE, hold
from slotport.actions.sign_in import proven, token_hash
from slotport.core.account import Account
from slotport.errors import Forbidden, Invalid, Unauthorized
from slotport.settings import Settings
from slotport.storage import accounts, sessions
from slotport.storage.accounts import Profile
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


def change_profile_with_proof(
    store: Store,
    account: Account,
    fields: Fields,
    password: str | None,
    *,
    token: str,
    settings: Settings,
    now: datetime,
) -> Profile:
    """Change the fields that are said; another e-mail address, to which a new password could be mailed, after proof.

    Raises Invalid, naming every field that is wrong, and what ``prove`` does. Nothing is changed then.
    """
    if applied(fields, account, now).email != account.email:
        prove(store, account, password, token=token, settings=settings, now=now)
    return change_profile(store, account, fields, token=token, settings=settings, now=now)


def set_first_password(store: Store, account: Account, password: str | None, *, token: str, now: datetime) -> None:
    """Give an account a password that has none; all sessions end but the token's, which must be fresh.

    Raises Invalid for the password; Forbidden if the session is too old; Unauthorized if it has ended, or there is a
    password by now.
    """
    if not is_fresh(store, token, now=now):
        raise Forbidden("sign in again first")
    if problems := about_password(password):
        raise Invalid(problems)
    new_hash = passwords.hashed(password or "")
    with store.write() as transaction:
        hold(transaction, account, token, now)
        if accounts.locked(transaction, account.id).password_hash is not None:
            raise Unauthorized("the account has a password by now")
        accounts.set_password(transaction, account.id, new_hash)
        sessions.end_all(transaction, account.id, but=token_hash(token))
