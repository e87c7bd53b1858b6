"""What a handler may ask for by name: ``store``, ``settings``, ``now``, ``metrics``, ``caller``, ``visitor``.

A handler that names ``caller`` is for accounts only, one that names ``visitor`` for anybody. Who it is is found out
before anything of the body is read.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler

from slotport.actions.sign_in import authenticated
from slotport.api.metrics import Metrics
from slotport.api.scope import CALLER, own
from slotport.core.account import Account
from slotport.errors import Unauthorized
from slotport.settings import Settings
from slotport.storage.store import Store

AnyRequest = Request[Any, Any, State]
AnyConnection = ASGIConnection[Any, Any, Any, Any]
_TOKEN = re.compile(r"Token\s+(?:.*,\s*)?token=(?:\"([^\"]*)\"|([^\s,\"]+))", re.IGNORECASE)


def token_of(header: str) -> str | None:
    """The token in an Authorization header: ``Token token=abc`` or ``Token token="abc"``; None if it has none."""
    match = _TOKEN.match(header.strip())
    return (match[1] or match[2]) if match else None


def find_caller(surface: str) -> Callable[[AnyConnection, BaseRouteHandler], Awaitable[None]]:
    """A guard that looks up the token's account, for handlers that ask for one; raises Unauthorized."""

    async def guard(connection: AnyConnection, handler: BaseRouteHandler) -> None:
        asked = handler.parsed_fn_signature.parameters
        if "caller" not in asked and "visitor" not in asked:
            return
        account = await _account(connection, surface)
        if account is None and "caller" in asked:
            raise Unauthorized("this needs the header `Authorization: Token token=…` with a token that is valid")
        own(connection.scope)[CALLER] = account

    return guard


async def _account(connection: AnyConnection, surface: str) -> Account | None:
    token = token_of(connection.headers.get("authorization", ""))
    if token is None:
        return None
    state = connection.app.state
    return await asyncio.to_thread(authenticated, state.store, token, surface, state.clock())


def _store(state: State) -> Store:
    store: Store = state.store
    return store


def _settings(state: State) -> Settings:
    settings: Settings = state.settings
    return settings


def _now(state: State) -> datetime:
    now: datetime = state.clock()
    return now


def _metrics(state: State) -> Metrics:
    metrics: Metrics = state.metrics
    return metrics


def _caller(request: AnyRequest) -> Account:
    account: Account = own(request.scope)[CALLER]
    return account


def _visitor(request: AnyRequest) -> Account | None:
    account: Account | None = own(request.scope)[CALLER]
    return account


def provided() -> dict[str, Provide]:
    """The dependencies, by name."""
    sources: dict[str, Callable[..., Any]] = {
        "store": _store,
        "settings": _settings,
        "now": _now,
        "metrics": _metrics,
        "caller": _caller,
        "visitor": _visitor,
    }
    return {name: Provide(source, sync_to_thread=False) for name, source in sources.items()}
