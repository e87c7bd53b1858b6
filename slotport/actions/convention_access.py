"""Who asks, and about which convention: keys, tokens and the conventions' own signatures (docs/api/convention.md)."""

import hashlib
import hmac
from datetime import datetime

from msgspec import Struct, structs

from slotport.actions.sign_in import token_hash
from slotport.core.account import Account
from slotport.core.convention import Access, Convention
from slotport.core.slot import is_storable
from slotport.errors import Forbidden, NotFound
from slotport.storage import conventions, sessions
from slotport.storage.store import Store, Transaction

SURFACE = "auth"
SCHEME = "convention"
SIGNED_SECONDS = 600  #: that a signature's time may be away from the clock, either way
NO_CONVENTION = "this needs the header `Convention` with the public key of a convention"
WRONG_SIGNATURE = "the signature is malformed, too old or wrong"


class Credentials(Struct, frozen=True, kw_only=True):
    """What a request says of itself; None is not said."""

    key: str | None = None  #: public key of a convention
    authorization: str | None = None  #: token of a user, or ``Convention <time>:<salt>:<signature>``

    @property
    def signature(self) -> str | None:
        """``<time>:<salt>:<signature>`` of a convention."""
        scheme, _, rest = (self.authorization or "").strip().partition(" ")
        return rest.strip() if scheme.lower() == SCHEME else None

    @property
    def token(self) -> str | None:
        """The token of a user, with or without ``Bearer`` before it."""
        text = (self.authorization or "").strip()
        scheme, _, rest = text.partition(" ")
        if scheme.lower() == SCHEME:
            return None
        return (rest.strip() if scheme.lower() == "bearer" else text) or None


def by_key(store: Store, credentials: Credentials, *, now: datetime) -> Access:
    """Access to the convention whose public key was sent; a token that is of no use is none.

    Raises Forbidden without a known key, and for a signature that does not count.
    """
    with store.read() as transaction:
        convention = _keyed(transaction, credentials)
        if convention is None:
            raise Forbidden(NO_CONVENTION)
        return _access(transaction, convention, convention, credentials, now)


def by_name(store: Store, credentials: Credentials, name: str, *, now: datetime) -> Access:
    """Access to the convention of an id or slug, or with ``self`` to that of the key; other keys are ignored.

    Raises NotFound if there is none, Forbidden for ``self`` without a known key and for a signature that does not
    count.
    """
    if name == "self":
        return by_key(store, credentials, now=now)
    with store.read() as transaction:
        convention = conventions.find_named(transaction, name) if is_storable(name) else None
        if convention is None:
            raise NotFound("there is no such convention")
        signer = _keyed(transaction, credentials) if credentials.signature is not None else None
        return _access(transaction, convention, signer or convention, credentials, now)


def user(store: Store, credentials: Credentials, *, now: datetime) -> Account | None:
    """The account whose token was sent, where no convention is needed; a signature is of nobody.

    Raises Forbidden for a signature that does not count.
    """
    with store.read() as transaction:
        if credentials.signature is None:
            return _account(transaction, credentials, now)
        convention = _keyed(transaction, credentials)
        if convention is None:
            raise Forbidden(WRONG_SIGNATURE)
        check_signature(convention, credentials.signature, now=now)
        return None


def caller(access: Access) -> Account:
    """The user who asks; raises Forbidden if nobody is signed in."""
    if access.account is None:
        raise Forbidden("this needs the token of a user who is signed in")
    return access.account


def manager(access: Access) -> Account:
    """The manager who asks; raises Forbidden if it is somebody else, or the convention itself."""
    account = caller(access)
    if not access.is_manager:
        raise Forbidden("this is for managers of the convention")
    return account


def system(access: Access) -> Access:
    """The access of a manager or of the signed convention; raises Forbidden for any other."""
    if not access.sees_all:
        raise Forbidden("this is for managers of the convention and for the convention itself")
    return access


def check_signature(convention: Convention, signature: str, *, now: datetime) -> None:
    """Return if the convention signed ``<time>:<salt>:<signature>`` within ten minutes of now; raises Forbidden."""
    parts = signature.split(":")
    if len(parts) != 3 or not parts[1] or " " in parts[1]:
        raise Forbidden(WRONG_SIGNATURE)
    time, salt, given = parts
    if not (time.isascii() and time.isdecimal() and len(time) <= 12):
        raise Forbidden(WRONG_SIGNATURE)
    expected = signed(time, salt, convention.secret_key)
    is_right = hmac.compare_digest(expected.encode(), given.encode(errors="replace"))
    if not is_right or abs(int(now.timestamp()) - int(time)) > SIGNED_SECONDS:
        raise Forbidden(WRONG_SIGNATURE)


def signed(time: str, salt: str, secret: str) -> str:
    """The signature: SHA-1 as its clients compute it, over a time that makes it short-lived."""
    text = f"{time}:{salt}{secret}".encode(errors="replace")
    return hashlib.sha1(text, usedforsecurity=False).hexdigest()


def _keyed(transaction: Transaction, credentials: Credentials) -> Convention | None:
    key = credentials.key
    return conventions.find_by_key(transaction, key) if key and is_storable(key) else None


def _access(
    transaction: Transaction, convention: Convention, signer: Convention, credentials: Credentials, now: datetime
) -> Access:
    access = Access(convention=convention)
    if credentials.signature is not None:
        check_signature(signer, credentials.signature, now=now)
        return structs.replace(access, is_signed=signer.id == convention.id)
    account = _account(transaction, credentials, now)
    if account is None:
        return access
    is_manager = conventions.is_manager(transaction, convention.id, account.id)
    return structs.replace(access, account=account, is_manager=is_manager)


def _account(transaction: Transaction, credentials: Credentials, now: datetime) -> Account | None:
    token = credentials.token
    if token is None:
        return None
    session = sessions.find(transaction, token_hash(token), SURFACE, now)
    return session.account if session else None
