"""Conventions and people put straight into a store, and clients that speak for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx

from slotport.actions.convention_access import signed
from slotport.actions.sign_in import new_session
from slotport.core.account import Account
from slotport.core.convention import Convention, Role
from slotport.settings import Settings
from slotport.storage import conventions
from slotport.storage.store import Store
from tests.calendars import NOW, add_person
from tests.servers import HttpServer

_numbers = count(1)


def add_convention(store: Store, *managers: Account, **fields: Any) -> Convention:
    """A new convention with those managers, or with one nobody knows."""
    number = next(_numbers)
    first, *others = managers or (add_person(store),)
    values = {
        "slug": f"harbour-{number}",
        "title": f"Harbour Con {number}",
        "settings": {},
        "public_key": f"key-{number}",
        "secret_key": f"secret-{number}",
        **fields,
    }
    with store.write() as transaction:
        blank = Convention(id=0, created_at=NOW, updated_at=NOW, change=0, changed_at=NOW, **values)
        convention = conventions.add(transaction, blank, first.id)
        for other in others:
            conventions.add_manager(transaction, convention.id, other.id, Role.MANAGER, NOW)
    return convention


def token_of(store: Store, account: Account, *, now: datetime | None = None) -> str:
    """A new token of ``/auth`` for the account, of no password needed."""
    with store.write() as transaction:
        return new_session(
            transaction, account.id, surface="auth", settings=Settings(), device=None, now=now or datetime.now(UTC)
        )


@contextmanager
def client_of(
    server: HttpServer, convention: Convention | None, account: Account | None = None
) -> Iterator[httpx.Client]:
    """A client that sends the convention's key, and a new token of the account."""
    headers = {}
    if convention is not None:
        headers["Convention"] = convention.public_key
    if account is not None:
        headers["Authorization"] = token_of(server.store, account)
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30, headers=headers) as client:
        yield client


def signature(convention: Convention, *, at: datetime | None = None, salt: str = "bGFudGVybi1zYWx0") -> str:
    """An Authorization header that the convention signed."""
    time = str(int((at or datetime.now(UTC)).timestamp()))
    return f"Convention {time}:{salt}:{signed(time, salt, convention.secret_key)}"
