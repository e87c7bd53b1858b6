"""Sign-in as conventions' clients know it: by e-mail address only, with tokens of a surface of its own.

Accounts, passwords and limits are those of every surface (docs/api/convention-auth.md, docs/design/accounts.md).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from slotport.actions import accounts, resets
from slotport.actions.account_fields import Fields
from slotport.actions.sign_in import SignedIn, authenticated, count_sign_up, token_hash
from slotport.core.account import Account
from slotport.core.convention_input import filled_text, text
from slotport.core.slot import collapsed
from slotport.errors import Conflict, Invalid, NotFound
from slotport.settings import Settings
from slotport.storage import accounts as stored
from slotport.storage import identities, sessions
from slotport.storage.store import Store, Transaction

SURFACE = "auth"
NAME_LENGTH = 255
TAKEN = "This email address is already registered"  #: a client compares this text
EXPIRED = "the token is not valid"
ELSEWHERE = "this account has no password here: its person signs in elsewhere"
_EVERY_MINUTE = timedelta(minutes=1)


def sign_in(
    store: Store, *, email: object, password: object, address: str, settings: Settings, now: datetime
) -> SignedIn:
    """Begin a session; raises Invalid, Unauthorized and TooManyTries as the action of every surface does."""
    return accounts.sign_in(
        store,
        email=filled_text(email, "email"),
        password=text(password, "password"),
        surface=SURFACE,
        address=address,
        settings=settings,
        now=now,
    )


def register(
    store: Store, *, email: object, password: object, name: object, address: str, settings: Settings, now: datetime
) -> Account:
    """Make an account; without a name it is called as its address is before the ``@``.

    Raises Invalid for what is missing or wrong, Conflict if another account has the address, TooManyTries.
    """
    fields, shown = _new(email, password, name)
    count_sign_up(store, address, settings, now)
    with _taken_is_conflict():
        return accounts.add(store, fields, now=now, name=shown)


def register_and_sign_in(
    store: Store, *, email: object, password: object, name: object, address: str, settings: Settings, now: datetime
) -> SignedIn:
    """Make an account as ``register`` does, and begin a session."""
    fields, shown = _new(email, password, name)
    with _taken_is_conflict():
        return accounts.sign_up(store, fields, surface=SURFACE, address=address, settings=settings, now=now, name=shown)


def holder(store: Store, token: str | None, *, now: datetime, prolong: bool = False) -> Account | None:
    """The account that a sign-in or reset token is of; None if it is of no use.

    ``prolong``: a sign-in then lasts as long as a new one would.
    """
    if token is None:
        return None
    often = _EVERY_MINUTE if prolong else timedelta.max
    account = authenticated(store, token, SURFACE, now, noted_every=often)
    if account is not None:
        return account
    with store.read() as transaction:
        account_id = resets.find_token(transaction, token, now=now)
        return None if account_id is None else stored.get(transaction, account_id)


def sign_out(store: Store, token: str | None) -> None:
    """End a sign-in or reset token, if there is such a one."""
    if token is None:
        return
    with store.write() as transaction:
        sessions.end(transaction, token_hash(token), SURFACE)
        resets.end_token(transaction, token)


def change_password(store: Store, token: str | None, password: object, *, now: datetime) -> str | None:
    """Set the password of the token's account, and end all its tokens on every surface.

    A sentence says why it was not done: the token is of no use, or the account's person signs in elsewhere only. Raises
    Invalid for the password.
    """

    def find(transaction: Transaction) -> int | None:
        if token is None:
            return None
        session = sessions.find(transaction, token_hash(token), SURFACE, now)
        account_id = session.account.id if session else resets.find_token(transaction, token, now=now)
        if account_id is not None and identities.is_only_way_in(transaction, account_id):
            raise NotFound(ELSEWHERE)
        return account_id

    try:
        resets.replace_password(store, find, text(password, "password"), EXPIRED, now=now)
    except NotFound as refusal:
        return str(refusal)
    return None


def _new(email: object, password: object, name: object) -> tuple[Fields, str]:
    address = filled_text(email, "email")
    shown = collapsed(text(name, "name", longest=NAME_LENGTH) or "") or address.partition("@")[0]
    return Fields(email=address, password=text(password, "password")), shown


@contextmanager
def _taken_is_conflict() -> Iterator[None]:
    try:
        yield
    except Invalid as cause:
        if cause.fields == {"email": [stored.TAKEN]}:
            raise Conflict(TAKEN) from cause
        raise
