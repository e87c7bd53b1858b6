"""An attempt to sign in at the provider of the settings, as the browser keeps it meanwhile (docs/page.md)."""

import base64
import hashlib
import hmac
from typing import Any

import msgspec
from litestar import Request
from litestar.datastructures import Cookie
from msgspec import Struct

from slotport.api.addresses import own_address
from slotport.api.callers import AnyRequest
from slotport.api.cookies import cookie
from slotport.errors import NotFound
from slotport.oidc import Attempt, Provider, Refused
from slotport.settings import Settings

COOKIE = "slotport_oidc"
COOKIE_SECONDS = 600
NOT_BEGUN = "this sign-in was not begun in this browser, or it was too long ago"


class Begun(Struct, frozen=True, kw_only=True):
    """What the browser keeps while it is at the provider."""

    attempt: Attempt
    next: str = ""  #: path of the page to go on with
    goal: str = ""  #: address of a site of ``/auth`` that gets a token instead; "": the page
    account: int = 0  #: the account to link; 0: signing in


def provider_of(request: Request[Any, Any, Any]) -> Provider:
    """The provider of the settings; raises NotFound."""
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise NotFound("no provider is set up here")
    return provider


def redirect_uri(request: AnyRequest, settings: Settings) -> str:
    """Where the provider leads back to: one address, whatever was begun."""
    return (settings.base_url or own_address(request)) + "/app/oidc/callback"


def kept(request: AnyRequest, begun: Begun, session: str = "") -> Cookie:
    """The cookie that binds an attempt to this browser, and to its session if there is one (its token)."""
    text = msgspec.json.encode(begun)
    value = base64.urlsafe_b64encode(_mark(session, text) + text).decode().rstrip("=")
    return cookie(request, COOKIE, value, seconds=COOKIE_SECONDS)


def dropped(request: AnyRequest) -> Cookie:
    """The end of that cookie."""
    return cookie(request, COOKIE, None)


def begun(request: AnyRequest, session: str) -> Begun:
    """What this browser, with this session, began; raises Refused."""
    value = request.cookies.get(COOKIE, "")
    try:
        whole = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        mark, text = whole[:32], whole[32:]
        found = msgspec.json.decode(text, type=Begun)
    except (ValueError, msgspec.MsgspecError) as cause:
        raise Refused("state", NOT_BEGUN) from cause
    if found.account and not hmac.compare_digest(mark, _mark(session, text)):
        raise Refused("state", "this was begun by another session")
    return found


def _mark(session: str, text: bytes) -> bytes:
    """Nobody who does not know the session's token can make it: a neighbouring site may set cookies, not read ours."""
    return hmac.digest(session.encode(), text, hashlib.sha256)
