"""A forgotten password: a mailed link, good once and for a day, sets a new one (docs/design/accounts.md)."""

import hashlib
import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from msgspec import Struct, structs

from slotport import mail
from slotport.actions import passwords, tries
from slotport.actions.account_fields import BLANK, about_password, email_address
from slotport.actions.sign_in import SECRET_BYTES, find_login
from slotport.actions.tries import Limit, source_of
from slotport.errors import Invalid, NotFound, SlotportError
from slotport.settings import Settings
from slotport.storage import accounts, identities, sessions
from slotport.storage.store import Store, Transaction

VALID = timedelta(days=1)
WINDOW_SECONDS = 3600
PATH = "/v1/users/reset/"
GONE = "this link was used, has expired or never was"
SUBJECT = "A new password for Slotport"
TEXT = """Somebody, most likely you, asked for a new password of the Slotport account of {email}.

This address sets one. It works once, until {until:%Y-%m-%d %H:%M} UTC:

{link}

If it was not you, do nothing: your password stays as it is.
"""

AUTH = "auth"  #: the surface whose clients have pages of their own for a new password


class _Wanted(Struct, frozen=True, kw_only=True):
    link: Callable[[str], str]  #: the address that is mailed, made of the secret
    surface: str = ""


log = structlog.get_logger("slotport")
#: what a request for a link leads to is done after its answer, which so takes as long for an unknown address
_afterwards = ThreadPoolExecutor(2, thread_name_prefix="resets")


def request_reset(
    store: Store,
    *,
    email: str | None,
    address: str,
    base_url: str,
    settings: Settings,
    now: datetime,
    path: str = PATH,
) -> None:
    """Mail a link to the account's address, if there is such an account; nothing tells the caller whether.

    ``base_url`` and ``path``: where the link leads, with its secret at the end. Raises Invalid without an address;
    TooManyTries if that came too often for the account or from ``address``.
    """
    wanted = _Wanted(link=lambda secret: f"{base_url.rstrip('/')}{path}{secret}")
    _request(store, email, wanted, address=address, settings=settings, now=now)


def request_token(
    store: Store, *, email: str | None, address: str, link: Callable[[str], str], settings: Settings, now: datetime
) -> None:
    """The same with a link of another site, which gets the token and uses it on ``/auth``; it replaces older ones."""
    _request(store, email, _Wanted(link=link, surface=AUTH), address=address, settings=settings, now=now)


def check_reset(store: Store, secret: str, *, now: datetime) -> None:
    """Return if the link still sets a password; raises NotFound if it was used, has expired or is unknown."""
    with store.read() as transaction:
        if sessions.find_reset(transaction, _hash(secret), now) is None:
            raise NotFound(GONE)


def reset_password(store: Store, secret: str, password: str | None, *, now: datetime) -> None:
    """Set the password of the link's account, and end all its sessions and links.

    Raises NotFound if the link was used, has expired or is unknown; Invalid for the password.
    """
    replace_password(
        store, lambda transaction: sessions.find_reset(transaction, _hash(secret), now), password, GONE, now=now
    )


def find_token(transaction: Transaction, token: str, *, now: datetime) -> int | None:
    """The id of the account that a token of a mailed link to another site is for."""
    return sessions.find_reset(transaction, _hash(token, AUTH), now)


def end_token(transaction: Transaction, token: str) -> None:
    """End such a token."""
    sessions.end_reset(transaction, _hash(token, AUTH))


def replace_password(
    store: Store, find: Callable[[Transaction], int | None], password: str | None, gone: str, *, now: datetime
) -> None:
    """Set the password of the account that ``find`` names, and end all its sessions and links.

    Raises NotFound with the text ``gone`` if it names none; Invalid for the password.
    """
    with store.read() as transaction:
        if find(transaction) is None:
            raise NotFound(gone)
    if not isinstance(password, str) or (problems := about_password(password)):
        raise Invalid(problems if password else {"password": [BLANK]})
    new_hash = passwords.hashed(password)
    with store.write() as transaction:
        account_id = find(transaction)
        if account_id is None:
            raise NotFound(gone)
        account = accounts.locked(transaction, account_id).account
        if find(transaction) is None:  # used while this waited for the lock
            raise NotFound(gone)
        accounts.change(transaction, structs.replace(account, updated_at=now))
        accounts.set_password(transaction, account_id, new_hash)
        identities.remove_foreign(transaction, account)
        sessions.end_all(transaction, account_id)
        sessions.end_resets(transaction, account_id)
    tries.settle(store, good=(), forgotten=[f"account:{account_id}"])


def _request(
    store: Store, email: str | None, wanted: _Wanted, *, address: str, settings: Settings, now: datetime
) -> None:
    email = email_address(email)
    if email is None:
        raise Invalid.of("email", BLANK)
    tried = (f"reset:{accounts.email_key(email)[:300]}", f"resets from {source_of(address)}")
    limits = [Limit(name=name, most=settings.reset_attempts, seconds=WINDOW_SECONDS) for name in tried]
    tries.take(store, limits, what="requests for a new password", now=now)
    _afterwards.submit(_send_link, store, email, wanted, settings, now).add_done_callback(_log_failure)


def _send_link(store: Store, email: str, wanted: _Wanted, settings: Settings, now: datetime) -> None:
    with store.read() as transaction:
        known = find_login(transaction, email=email)
    if known is None or known.account.email is None or known.account.disabled_at is not None:
        return
    if not settings.smtp_host:
        log.warning("a new password was asked for, but no mail server is set: `slotport account password` sets one")
        return
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with store.write() as transaction:
        if wanted.surface == AUTH:
            sessions.end_resets(transaction, known.account.id)
        secret_hash = _hash(secret, wanted.surface)
        sessions.add_reset(transaction, secret_hash, known.account.id, now=now, expires_at=now + VALID)
    text = TEXT.format(email=known.account.email, until=now + VALID, link=wanted.link(secret))
    mail.send(settings, to=known.account.email, subject=SUBJECT, text=text)


def _log_failure(done: Future[None]) -> None:
    """Say what went wrong after the answer: nobody else would ever hear of it."""
    if isinstance(error := done.exception(), SlotportError):
        log.warning("the mail for a new password could not be sent", reason=str(error))
    elif error is not None:
        log.error("the mail for a new password could not be sent", exc_info=error)


def _hash(secret: str, surface: str = "") -> bytes:
    """The secret as it is stored; one of a surface is of no use elsewhere."""
    text = f"{surface}:{secret}" if surface else secret
    return hashlib.sha256(text.encode(errors="replace")).digest()
