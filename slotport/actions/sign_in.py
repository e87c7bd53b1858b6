"""Sign-in, sign-out, and whose a token is: one a sign-in, which works on one surface (docs/design/accounts.md)."""

import hashlib
import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from slotport.actions import passwords, tries
from slotport.actions.account_fields import BLANK, email_address, phone_number
from slotport.actions.tries import Limit, source_of
from slotport.core.account import Account
from slotport.core.slot import is_storable
from slotport.errors import Invalid, Unauthorized, Unavailable
from slotport.settings import Settings
from slotport.storage import accounts, sessions
from slotport.storage.accounts import Known, Profile
from slotport.storage.store import Store, Transaction

SECRET_BYTES = 32
NOTED_EVERY = timedelta(hours=1)  #: that a token was used is written down no more often
LONGEST_DAYS = 36_500
SIGN_UP_SECONDS = 3600
#: of sessions of surfaces whose clients count on it; all others last as the settings say
LIFETIMES = {"auth": timedelta(days=14)}
WRONG = "there is no account with this name and password"


class SignedIn(Struct, frozen=True, kw_only=True):
    """A new session."""

    profile: Profile
    token: str

    @property
    def account(self) -> Account:
        """Whose it is."""
        return self.profile.account


def sign_in(
    store: Store,
    *,
    email: str | None = None,
    phone: str | None = None,
    password: str | None,
    surface: str,
    address: str,
    settings: Settings,
    now: datetime,
    device: str | None = None,
) -> SignedIn:
    """Begin a session on the surface for the account with that e-mail address (case ignored) or number.

    Raises Invalid if one of the two or the password is missing; Unauthorized if they do not belong together or the
    account is disabled; TooManyTries if that came too often for the account or from the address.
    """
    email, phone = email_address(email), phone_number(phone)
    problems = {"email": ["or phone is needed"]} if email is None and phone is None else {}
    if not password:
        problems["password"] = [BLANK]
    if problems or not password:
        raise Invalid(problems)
    with store.read() as transaction:
        known = find_login(transaction, email=email, phone=phone)
    login = f"account:{known.account.id}" if known else f"login:{(email or phone or '').lower()[:300]}"
    source = source_of(address)
    tries.take(store, failures(settings, login, source), what="failed sign-ins", now=now)
    if not passwords.fits(_usable_hash(known), password) or known is None or known.password_hash is None:
        raise Unauthorized(WRONG)
    new_hash = passwords.hashed(password) if passwords.is_outdated(known.password_hash) else None
    with store.write() as transaction:
        meanwhile = accounts.locked(transaction, known.account.id)
        if _usable_hash(meanwhile) != known.password_hash:
            raise Unauthorized(WRONG)
        if new_hash is not None:
            accounts.set_password(transaction, known.account.id, new_hash)
        token = new_session(transaction, known.account.id, surface=surface, settings=settings, device=device, now=now)
        profile = accounts.profile(transaction, known.account.id)
    tries.settle(store, good=[source], forgotten=[login])
    return SignedIn(profile=profile, token=token)


def authenticated(
    store: Store, token: str, surface: str, now: datetime, *, noted_every: timedelta = NOTED_EVERY
) -> Account | None:
    """The account that the token signs in on the surface; None if the token is of no use.

    The first use in ``noted_every`` is written down, and moves the token's end.
    """
    hashed = token_hash(token)
    with store.read() as transaction:
        session = sessions.find(transaction, hashed, surface, now)
    if session is None:
        return None
    if now - session.used_at >= noted_every:
        # a store that cannot be written still answers
        with suppress(Unavailable), store.write() as transaction:
            sessions.touch(transaction, hashed, session, now)
    return session.account


def sign_out(store: Store, token: str, surface: str) -> None:
    """End the token's session; raises Unauthorized if it has none."""
    with store.write() as transaction:
        if not sessions.end(transaction, token_hash(token), surface):
            raise Unauthorized("the token is not valid")


def proven(store: Store, account: Account, password: str, settings: Settings) -> str:
    """The hash of the account's password, which the caller names once more.

    Raises Unauthorized if it is another, TooManyTries if that came too often.
    """
    login = f"account:{account.id}"
    tries.take(store, failures(settings, login), what="wrong passwords", now=datetime.now(UTC))
    with store.read() as transaction:
        known = accounts.find(transaction, account.id)
    password_hash = _usable_hash(known)
    if not passwords.fits(password_hash, password) or password_hash is None:
        raise Unauthorized("the old password is another one")
    tries.settle(store, good=[login])
    return password_hash


def failures(settings: Settings, *names: str) -> list[Limit]:
    """How often a password may be wrong under the names."""
    most, seconds = settings.sign_in_attempts, settings.sign_in_window_seconds
    return [Limit(name=name, most=most, seconds=seconds) for name in names]


def count_sign_up(store: Store, address: str, settings: Settings, now: datetime) -> None:
    """Count a sign-up from the address; raises TooManyTries if there were too many in an hour."""
    name = f"sign-ups from {source_of(address)}"
    limit = Limit(name=name, most=settings.sign_up_attempts, seconds=SIGN_UP_SECONDS)
    tries.take(store, [limit], what="sign-ups from here", now=now)


def new_session(
    transaction: Transaction,
    account_id: int,
    *,
    surface: str,
    settings: Settings,
    device: str | None,
    now: datetime,
) -> str:
    """Store a new session; its token: 43 characters that fit into a URL."""
    token = secrets.token_urlsafe(SECRET_BYTES)
    sessions.add(
        transaction,
        token_hash(token),
        account_id,
        surface=surface,
        device=device,
        now=now,
        expires_at=now + (LIFETIMES.get(surface) or timedelta(days=min(settings.token_days, LONGEST_DAYS))),
    )
    return token


def token_hash(token: str) -> bytes:
    """The token as it is stored: a random one of 256 bits needs no slow hash."""
    return hashlib.sha256(token.encode(errors="replace")).digest()


def find_login(transaction: Transaction, *, email: str | None = None, phone: str | None = None) -> Known | None:
    """The live account with that address, else with that number."""
    if email := email_address(email):
        return accounts.find_by_email(transaction, email) if is_storable(email) else None
    if phone := phone_number(phone):
        return accounts.find_by_phone(transaction, phone) if is_storable(phone) else None
    return None


def _usable_hash(known: Known | None) -> str | None:
    if known is None or known.account.disabled_at is not None or known.account.deleted_at is not None:
        return None
    return known.password_hash
