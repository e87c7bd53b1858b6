"""Who looks at a page: the session cookie, and whether a change was really asked for by a page of ours.

The cookie's token works on no other surface, as theirs do not work here. A change is only made if the browser says
that one of our own pages asks for it (``Sec-Fetch-Site``, or ``Origin`` of older ones), which no other site can forge.
"""

import asyncio
from urllib.parse import urlsplit

from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope

from slotport.actions.sign_in import authenticated
from slotport.api.callers import AnyConnection, AnyRequest
from slotport.api.cookies import cookie
from slotport.api.scope import CALLER, own
from slotport.core.account import Account
from slotport.errors import Forbidden, Unauthorized

SURFACE = "page"
COOKIE = "slotport_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


async def find_person(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """A guard: whose session the cookie is. Raises Unauthorized if a handler that asks for ``caller`` has none."""
    await recognise(connection)
    if account_of(connection.scope) is None and "caller" in handler.parsed_fn_signature.parameters:
        raise Unauthorized("you are not signed in")


async def recognise(connection: AnyConnection) -> None:
    """Find out whose session the cookie is, unless that is known. Raises what reading the store does."""
    scope = own(connection.scope)
    if CALLER in scope:
        return
    account = None
    if token := connection.cookies.get(COOKIE):
        state = connection.app.state
        account = await asyncio.to_thread(authenticated, state.store, token, SURFACE, state.clock())
    scope[CALLER] = account


def from_own_page(connection: AnyConnection, _handler: BaseRouteHandler) -> None:
    """A guard against requests that other sites have a browser send. Raises Forbidden."""
    if own(connection.scope)["method"] in SAFE:
        return
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        is_ours = site in ("same-origin", "none")
    else:
        origin = _host_of(connection.headers.get("origin", ""))
        is_ours = bool(origin) and origin == connection.headers.get("host")
    if not is_ours:
        raise Forbidden("this was asked for by a page of another site; open Slotport's own page, and try there")


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # what looks like an IPv6 address, and is none
        return ""


def account_of(scope: Scope) -> Account | None:
    """Who is signed in, once the guard was there."""
    account: Account | None = own(scope).get(CALLER)
    return account


def token_of(request: AnyRequest) -> str | None:
    """The session's token."""
    return request.cookies.get(COOKIE)


def session_cookie(connection: AnyConnection, token: str | None) -> Cookie:
    """The cookie that carries a session's token; without one, it ends."""
    return cookie(connection, COOKIE, token)
