"""What ``/auth`` does for browsers: leading them back, a cookie of its own, whose forms it takes."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from litestar import Request, Response
from litestar.datastructures import Cookie, State

from slotport.actions import convention_sign_in as actions
from slotport.actions.sign_in import LIFETIMES
from slotport.api.convention import redirects
from slotport.api.cookies import cookie
from slotport.errors import Conflict, Forbidden, Invalid, SlotportError, TooManyTries, Unauthorized, Unavailable
from slotport.oidc import Refused
from slotport.settings import Settings

AnyRequest = Request[Any, Any, State]

COOKIE = "slotport_auth"  #: read by the browser flows of ``verify`` and ``select`` alone


def led_back(
    request: AnyRequest,
    goal: str,
    new_token: Callable[[], str],
    settings: Settings,
    *,
    from_elsewhere: bool = False,
) -> Response[bytes]:
    """A redirect to the goal with a new token, or to the page that says what was wrong.

    The browser keeps the token if a form of ours asked, or if it comes ``from_elsewhere``: from the provider that it
    was sent to from here.
    """
    try:
        token = new_token()
    except (Invalid, Unauthorized, TooManyTries, Conflict, Unavailable) as error:
        return redirects.to(select_url(settings, goal, error=_word(error)))
    answer = redirects.to(redirects.with_fields(goal, status="1", token=token))
    if from_elsewhere or (request.method == "POST" and is_ours(request, settings)):
        answer.set_cookie(kept(request, token))
    return answer


def _word(error: SlotportError) -> str:
    """The page's word for what was wrong (slotport.api.convention.select_page)."""
    if isinstance(error, Invalid):
        fields = {"password_confirm": "confirm", "password": "password", "email": "email"}
        return next((word for name, word in fields.items() if name in error.fields), "input")
    if isinstance(error, Refused):
        return f"provider-{error.reason}"
    return {Unauthorized: "wrong", TooManyTries: "many", Conflict: "taken", Unavailable: "provider-away"}[type(error)]


def select_url(settings: Settings, goal: str, **further: str) -> str:
    """Where the page is that signs people in and leads them to the goal."""
    return f"{settings.base_url.rstrip('/')}/auth/select?{urlencode({'redirect-url': goal, **further})}"


def kept(request: AnyRequest, token: str | None) -> Cookie:
    """The cookie with a token, for as long as it lasts; without one, it ends."""
    seconds = int(LIFETIMES[actions.SURFACE].total_seconds())
    return cookie(request, COOKIE, token, below="/auth", seconds=seconds)


def refuse_foreign_form(request: AnyRequest, settings: Settings) -> None:
    """Raise Forbidden for a form of a page of a site that is neither ours nor in the settings.

    Such a page could sign its visitor in as somebody else.
    """
    if request.headers.get("origin", "null") != "null" and not is_ours(request, settings):
        raise Forbidden("this server takes no forms of pages of this site")


def is_ours(request: AnyRequest, settings: Settings) -> bool:
    """Whether a page of ours or of a site of the settings sent the request; browsers say so with every POST."""
    origin = request.headers.get("origin", "").lower()
    if origin in settings.allowed_origins:
        return True
    host = origin.partition("://")[2]
    own = {request.headers.get("host", "").lower(), urlsplit(settings.base_url).netloc.lower()}
    return bool(host) and host in own | settings.allowed_redirect_hosts
