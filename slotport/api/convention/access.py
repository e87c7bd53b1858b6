"""What a handler below ``/entities`` may ask for by name (docs/api/convention.md).

- ``access``: the convention that is asked about, and who asks. On a route with ``convention_name`` in its path that
  is the convention of this id or slug, or ``self``; on all others that of the key, without which the answer is 403.
- ``visitor``: the user who asks, or None; ``caller``: the user, without whom the answer is 403. Neither looks at a key.
- ``fields``: what the body says, of a DELETE also the query string; ``flags``: the query string, one text a name;
  ``pairs``: the same in order, with repetitions. Names are in snake_case, values raw. ``upload``: the file that is
  sent, as a whole body or as the part ``file``.
- ``store``, ``settings``, ``now``.

Who asks is found out before anything of the body is read, forms aside, which may hold the token.
"""

import asyncio
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler

from slotport.actions import convention_access
from slotport.actions.convention_access import Credentials
from slotport.api import callers
from slotport.api.convention import bodies
from slotport.api.scope import CALLER, ESCAPED_SLASH, own
from slotport.core.account import Account
from slotport.core.convention import Access
from slotport.errors import Forbidden

AnyRequest = Request[Any, Any, State]

ACCESS = "slotport.access"  #: key of a request's scope: Access
NAME = "convention_name"  #: path parameter


async def find_access(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard that finds out who asks, and about which convention, for handlers that want to know."""
    request: AnyRequest = connection  # type: ignore[assignment]  # all our routes are HTTP
    _mend_path(request)
    asked = handler.parsed_fn_signature.parameters
    if not asked.keys() & {"access", "visitor", "caller"}:
        return
    credentials = await credentials_of(request, form="fields" in asked)
    store, now = request.app.state.store, request.app.state.clock()
    scope = own(request.scope)
    if "access" not in asked:
        account = await asyncio.to_thread(convention_access.user, store, credentials, now=now)
        if account is None and "caller" in asked:
            raise Forbidden("this needs the token of a user who is signed in")
        scope[CALLER] = account
    elif NAME in request.path_params:
        name = request.path_params[NAME]
        scope[ACCESS] = await asyncio.to_thread(convention_access.by_name, store, credentials, name, now=now)
    else:
        scope[ACCESS] = await asyncio.to_thread(convention_access.by_key, store, credentials, now=now)


async def credentials_of(request: AnyRequest, *, form: bool) -> Credentials:
    """The key and the token that a request bears: header before query string before form, which is read if asked."""
    query = bodies.query_fields(request)
    sent = await bodies.body_fields(request) if form and bodies.is_form(request) else {}
    return Credentials(
        key=_said(request, "convention", query.get("convention"), sent.get("convention")),
        authorization=_said(request, "authorization", query.get("token"), sent.get("token")),
    )


def _said(request: AnyRequest, header: str, *others: Any) -> str | None:
    texts = [text for text in (request.headers.get(header, ""), *others) if isinstance(text, str)]
    return next((text.strip() for text in texts if text.strip()), None)


def _mend_path(request: AnyRequest) -> None:
    """Give ids that hold a slash, percent-encoded, their slash back."""
    params: dict[str, Any] = request.path_params
    for name, value in params.items():
        if isinstance(value, str) and ESCAPED_SLASH in value:
            params[name] = value.replace(ESCAPED_SLASH, "/")


def _access(request: AnyRequest) -> Access:
    access: Access = own(request.scope)[ACCESS]
    return access


def _caller(request: AnyRequest) -> Account:
    account: Account = own(request.scope)[CALLER]
    return account


def _visitor(request: AnyRequest) -> Account | None:
    account: Account | None = own(request.scope)[CALLER]
    return account


def provided() -> dict[str, Provide]:
    """The dependencies, by name."""
    sources = {"access": _access, "caller": _caller, "visitor": _visitor}
    ours = {name: Provide(source, sync_to_thread=False) for name, source in sources.items()}
    return {**callers.provided(), **ours, **bodies.provided()}
