"""Sessions of the export interface: begun by anybody, signed in to and out of (docs/api/export-session.md)."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import structlog

from slotport.actions import passwords, tries
from slotport.actions.sign_in import LONGEST_DAYS, NOTED_EVERY, SECRET_BYTES, failures, find_login, token_hash
from slotport.actions.tries import Limit, source_of
from slotport.core.languages import find_language
from slotport.core.slot import is_storable
from slotport.errors import Unavailable, WireError
from slotport.settings import Settings
from slotport.storage import accounts
from slotport.storage import export_sessions as stored
from slotport.storage.accounts import Known
from slotport.storage.export_sessions import ExportSession
from slotport.storage.store import Store, Transaction

LANGUAGE = "en-US"  #: of who says nothing
LANGUAGE_LENGTH = 35  #: characters of one that is not known that are told
METHODS = ("slotport", "easydb")  #: two names of the one way to sign in
LOGIN_LENGTH = 300  #: characters of a login that are looked at
PAIR_SECONDS = 15 * 60
ADDRESS_SECONDS = 60 * 60
#: a session that nobody signs in to is cheap to ask for, so it does not last as long, and one address gets so many
UNUSED_LIFETIME = timedelta(days=1)
NEW_SESSIONS, NEW_SECONDS = 3000, 60 * 60

log = structlog.get_logger("slotport")


def begin(
    store: Store, *, language: str | None, address: str, settings: Settings, now: datetime
) -> tuple[str, ExportSession]:
    """A new token, and its session that nobody is signed in to.

    Raises WireError language_not_found; TooManyTries if too many were asked for from the address.
    """
    chosen = _language(language) or LANGUAGE
    limit = Limit(name=f"new:{source_of(address)}", most=NEW_SESSIONS, seconds=NEW_SECONDS, blocks=True)
    token = secrets.token_urlsafe(SECRET_BYTES)
    expires_at = now + min(UNUSED_LIFETIME, _lifetime(settings))
    with store.write() as transaction:
        tries.take_in(transaction, [limit], what="new sessions", now=now)
        stored.add(transaction, token_hash(token), language=chosen, now=now, expires_at=expires_at)
    return token, ExportSession(token_hash=token_hash(token), language=chosen, expires_at=expires_at)


def get(store: Store, token: str | None, *, now: datetime, language: str | None = None) -> ExportSession:
    """The session of the token, whose language becomes ``language``.

    Raises WireError session_not_found, language_not_found.
    """
    chosen = _language(language)
    with store.read() as transaction:
        session = _live(transaction, token, now)
    if chosen is None or chosen == session.language:
        return session
    with store.write() as transaction:
        stored.set_language(transaction, session.token_hash, chosen)
        return _live(transaction, token, now)


def authenticated(store: Store, token: str | None, *, settings: Settings, now: datetime) -> ExportSession:
    """The session of the token, to which somebody is signed in; raises WireError not_authenticated with the reason.

    It lasts from now on as long as a new one would; that is written down once an hour.
    """
    session = known(store, token, now=now)
    if session.account is None:
        raise not_authenticated("unauthenticated")
    if session.used_at is not None and now - session.used_at >= NOTED_EVERY:
        # a store that cannot be written still answers
        with suppress(Unavailable), store.write() as transaction:
            stored.touch(transaction, session.token_hash, now=now, expires_at=now + _lifetime(settings))
    return session


def known(store: Store, token: str | None, *, now: datetime) -> ExportSession:
    """The session of the token, whether or not somebody is signed in; raises WireError not_authenticated."""
    if token is None:
        raise not_authenticated("missing")
    with store.read() as transaction:
        session = stored.find(transaction, token_hash(token), now)
    if session is None:
        raise not_authenticated("unknown")
    if session.expires_at <= now:
        raise not_authenticated("expired")
    return session


def authenticate(
    store: Store,
    *,
    token: str | None,
    login: str | None,
    password: str | None,
    methods: str | None,
    address: str,
    settings: Settings,
    now: datetime,
    tell: bool = True,
) -> ExportSession:
    """Sign the account in to the session: an e-mail address, a telephone number, or a user name that only it has.

    ``tell``: a success stands in the server's log too, as failures do. Raises WireError:
    authentication_method_not_allowed, username_or_password_empty, session_not_found, login_failed, login_disabled;
    TooManyTries after too many failures, whatever the password.
    """
    _check(methods)
    if not login or not login.strip() or not password:
        log.info("LOGIN_FAILED", method=METHODS[0], reason="username_or_password_empty")
        raise WireError("error.user.username_or_password_empty", "Both login and password are needed.")
    login = login.strip()[:LOGIN_LENGTH]
    with store.read() as transaction:
        session = _live(transaction, token, now)
        found = _find(transaction, login)
    with _counted(store, login, found, address=address, settings=settings, now=now):
        account_id, password_hash = _proven(found, login, password)
    new_hash = passwords.hashed(password) if passwords.is_outdated(password_hash) else None
    with store.write() as transaction:
        _live(transaction, token, now)
        meanwhile = accounts.locked(transaction, account_id)
        if meanwhile.password_hash != password_hash or meanwhile.account.disabled_at is not None:
            raise _failed(login)
        if new_hash is not None:
            accounts.set_password(transaction, account_id, new_hash)
        expires_at = now + _lifetime(settings)
        stored.sign_in(transaction, session.token_hash, account_id, now=now, expires_at=expires_at)
        after = _live(transaction, token, now)
    if tell:
        log.info("LOGIN", method=METHODS[0], account=account_id)
    return after


def deauthenticate(store: Store, token: str | None, *, now: datetime) -> ExportSession:
    """Sign out whoever is signed in; the session goes on. Raises WireError session_not_found."""
    with store.read() as transaction:
        session = _live(transaction, token, now)
    if session.account is None:
        return session
    with store.write() as transaction:
        stored.sign_out(transaction, session.token_hash)
        return _live(transaction, token, now)


def not_authenticated(reason: str) -> WireError:
    """Nobody is signed in; ``reason``: missing, unknown, expired, unauthenticated."""
    return WireError(
        "error.user.not_authenticated",
        "This needs the token of a session that somebody is signed in to.",
        parameters={"reason": reason},
    )


# Parts


@contextmanager
def _counted(
    store: Store, login: str, found: Known | None, *, address: str, settings: Settings, now: datetime
) -> Iterator[None]:
    """Count what happens in the block as a failure of login and address, unless it ends well.

    Beside the limits of this interface hold those of all surfaces, whose failures count together.
    """
    source = source_of(address)
    name = f"account:{found.account.id}" if found else f"login:{login.lower()}"
    pair, everywhere = f"pair:{name}:{source}", f"failed:{source}"
    limits = [
        Limit(name=everywhere, most=settings.login_address_attempts, seconds=ADDRESS_SECONDS, blocks=True),
        Limit(name=pair, most=settings.login_pair_attempts, seconds=PAIR_SECONDS, blocks=True),
        *failures(settings, name, source),
    ]
    tries.take(store, limits, what="failed sign-ins", now=now)
    yield
    tries.settle(store, good=[everywhere, source], forgotten=[pair, name])


def _proven(found: Known | None, login: str, password: str) -> tuple[int, str]:
    """The account's id and its password's hash; unknown logins take as long as wrong passwords."""
    password_hash = None if found is None else found.password_hash
    if not passwords.fits(password_hash, password) or found is None or password_hash is None:
        raise _failed(login)
    if found.account.disabled_at is not None:
        log.info("LOGIN_FAILED", method=METHODS[0], login=login, reason="login_disabled")
        raise WireError("error.user.login_disabled", "This account is disabled.")
    return found.account.id, password_hash


def _failed(login: str) -> WireError:
    log.info("LOGIN_FAILED", method=METHODS[0], login=login, reason="login_failed")
    return WireError("error.user.login_failed", "There is no account with this login and password.")


def _find(transaction: Transaction, login: str) -> Known | None:
    """The live account of a login. All three ways are gone, so that none of them can be told by its time."""
    if not is_storable(login):
        return None
    ways = (
        find_login(transaction, email=login),
        find_login(transaction, phone=login),
        stored.find_by_username(transaction, login),
    )
    return next((known for known in ways if known is not None), None)


def _live(transaction: Transaction, token: str | None, now: datetime) -> ExportSession:
    session = None if token is None else stored.find(transaction, token_hash(token), now)
    if session is None or session.expires_at <= now:
        raise WireError(
            "error.user.session_not_found",
            "There is no such session, or it has expired.",
            parameters={"id": (token or "")[:64]},
        )
    return session


def _check(methods: str | None) -> None:
    for method in (methods or METHODS[0]).split(","):
        if method.strip() not in METHODS:
            raise WireError(
                "error.user.authentication_method_not_allowed",
                "The only way to sign in is slotport.",
                parameters={"method": method.strip()[:64]},
            )


def _language(text: str | None) -> str | None:
    if not text:
        return None
    if (found := find_language(text)) is None:
        raise WireError(
            "error.user.language_not_found",
            "There is no such language; a language is named as in en-US.",
            parameters={"id": text[:LANGUAGE_LENGTH]},
        )
    return found


def _lifetime(settings: Settings) -> timedelta:
    return timedelta(days=min(settings.export_session_days, LONGEST_DAYS))
