"""The sessions of an account on all surfaces: what is signed in where, and what ends it (docs/design/accounts.md)."""

from contextlib import suppress
from datetime import datetime

import msgspec

from slotport.actions.account_fields import BLANK
from slotport.actions.sign_in import new_session, token_hash
from slotport.core.account import Account
from slotport.core.slot import collapsed, is_storable
from slotport.errors import Invalid, NotFound, Unauthorized
from slotport.settings import Settings
from slotport.storage import accounts, sessions
from slotport.storage.sessions import Listed
from slotport.storage.store import Store, Transaction

PAGE = "page"  #: the surface that these are asked for by
PROGRAMS = "v1"  #: the surface whose tokens people make by hand
SHOWN = 100
NAME_LENGTH = 100


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session as its account sees it."""

    key: str  #: names it, and opens nothing
    surface: str
    device: str | None  #: JSON as the client sent it
    created_at: datetime
    used_at: datetime  #: to the hour
    expires_at: datetime
    is_this: bool  #: the one that asks


class Sessions(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed in."""

    listed: tuple[Session, ...]  #: the one that asks first, then the last used first; ``SHOWN`` at the most
    count: int  #: all of them


def list_open(store: Store, account: Account, *, token: str, now: datetime) -> Sessions:
    """The account's sessions that have not ended, on all surfaces."""
    own = token_hash(token)
    with store.read() as transaction:
        found, count = sessions.of_account(transaction, account.id, now, most=SHOWN)
    shown = [_shown(one, own) for one in found]
    return Sessions(listed=tuple(sorted(shown, key=lambda one: not one.is_this)), count=count)


def end(store: Store, account: Account, key: str) -> None:
    """End the account's session of that key; raises NotFound if it has none."""
    hashed = b""
    with suppress(ValueError):
        hashed = bytes.fromhex(key)
    with store.write() as transaction:
        if not sessions.end_of(transaction, account.id, hashed):
            raise NotFound("there is no such session, or it has ended")


def end_others(store: Store, account: Account, *, token: str) -> None:
    """End all sessions of the account but the token's, on every surface."""
    with store.write() as transaction:
        sessions.end_all(transaction, account.id, but=token_hash(token))


def make_token(
    store: Store, account: Account, name: str | None, *, token: str, settings: Settings, now: datetime
) -> str:
    """A new token for programs, which is told this once; ``name``: what for.

    Raises Invalid for the name; Unauthorized if the session of ``token``, which asks, has ended meanwhile.
    """
    shown = collapsed(name or "")
    if not shown:
        raise Invalid.of("name", BLANK)
    if len(shown) > NAME_LENGTH or not is_storable(shown):
        raise Invalid.of("name", f"must have at most {NAME_LENGTH} characters, all of which can be stored")
    device = msgspec.json.encode({"name": shown}).decode()
    with store.write() as transaction:
        hold(transaction, account, token, now)
        return new_session(transaction, account.id, surface=PROGRAMS, settings=settings, device=device, now=now)


def hold(transaction: Transaction, account: Account, token: str, now: datetime) -> None:
    """Keep the account's sessions as they are until the transaction ends; raises Unauthorized if the token's is gone.

    A password that is changed at the same time ends what it must: it waits for this lock, or this waits for it.
    """
    accounts.locked(transaction, account.id)
    if sessions.find(transaction, token_hash(token), PAGE, now) is None:
        raise Unauthorized("you are not signed in")


def _shown(one: Listed, own: bytes) -> Session:
    return Session(
        key=one.token_hash.hex(),
        surface=one.surface,
        device=one.device,
        created_at=one.created_at,
        used_at=one.used_at,
        expires_at=one.expires_at,
        is_this=one.token_hash == own,
    )
