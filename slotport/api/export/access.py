"""What a handler of the export interface may ask for by name, and who asks (docs/api/export-session.md).

- ``caller``: the account that is signed in to the token's session, without which the answer is 403; ``session``: the
  session itself, whether or not somebody is signed in. Naming one of the two needs a valid token.
- ``token``: the token that was sent, if any; nobody looks at whose it is.
- ``flags`` (the query string), ``said``, ``laid_over``, ``nothing``, ``form``, ``store``, ``settings``, ``now``.

The token stands in the query string, in the header ``X-Easydb-Token``, or in a form where no JSON is taken. What a
``caller`` asks for prolongs the session.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler

from slotport.actions import export_sessions
from slotport.api import callers
from slotport.api.export import bodies, query
from slotport.api.scope import ESCAPED_SLASH, own
from slotport.core.account import Account
from slotport.errors import invalid_value
from slotport.storage.export_sessions import ExportSession

AnyRequest = Request[Any, Any, State]

HEADER = "x-easydb-token"
SESSION = "slotport.export.session"  # keys of a request's scope
TOKEN = "slotport.export.token"  # noqa: S105 - no password, but a key


async def find_session(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard that finds out who asks, for handlers that want to know."""
    request: AnyRequest = connection  # type: ignore[assignment]  # all our routes are HTTP
    _mend_path(request)
    asked = handler.parsed_fn_signature.parameters.keys()
    if not asked & {"caller", "session", "token"}:
        return
    scope = own(request.scope)
    scope[TOKEN] = token = await token_of(request, form=bool(asked & {"nothing", "form"}))
    if not asked & {"caller", "session"}:
        return
    state = request.app.state
    if "caller" in asked:
        scope[SESSION] = await asyncio.to_thread(
            export_sessions.authenticated,
            state.store,
            token,
            settings=state.settings,
            now=state.clock(),
        )
    else:
        scope[SESSION] = await asyncio.to_thread(export_sessions.known, state.store, token, now=state.clock())


async def token_of(request: AnyRequest, *, form: bool) -> str | None:
    """The token that a request bears, a form's if asked; raises WireError if it bears two."""
    if not form or not bodies.is_form(request):
        return plain_token_of(request)
    return plain_token_of(request, [text for name, text in await bodies.form_of(request) if name == "token"])


def plain_token_of(request: AnyRequest, further: Sequence[str] = ()) -> str | None:
    """The token in query and header, or among the further ones; raises WireError if there are two."""
    texts = [*query.query_of(request).all("token"), *request.headers.getall(HEADER, []), *further]
    tokens = {text.strip() for text in texts if text.strip()}
    if len(tokens) > 1:
        raise invalid_value("token", "is given twice, with two values")
    return tokens.pop() if tokens else None


def _mend_path(request: AnyRequest) -> None:
    """Give paths that hold a slash, percent-encoded, their slash back."""
    params: dict[str, Any] = request.path_params
    for name, value in params.items():
        if isinstance(value, str) and ESCAPED_SLASH in value:
            params[name] = value.replace(ESCAPED_SLASH, "/")


def session_of(request: AnyRequest) -> ExportSession:
    """The session of a handler that names ``caller`` or ``session``."""
    session: ExportSession = own(request.scope)[SESSION]
    return session


def _caller(request: AnyRequest) -> Account:
    account = session_of(request).account
    assert account is not None  # noqa: S101 - the guard has refused sessions without one
    return account


def _token(request: AnyRequest) -> str | None:
    token: str | None = own(request.scope)[TOKEN]
    return token


def provided() -> dict[str, Provide]:
    """The dependencies, by name."""
    sources = {"caller": _caller, "session": session_of, "token": _token}
    ours = {name: Provide(source, sync_to_thread=False) for name, source in sources.items()}
    return {**callers.provided(), **ours, **bodies.provided(), **query.provided()}
