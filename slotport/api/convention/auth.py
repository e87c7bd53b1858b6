"""``/auth``: sign-in of people, in JSON and as a browser's forms do it (docs/api/convention-auth.md)."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import MediaType, Request, Response, route
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.enums import HttpMethod
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import convention_sign_in as actions
from slotport.actions import resets
from slotport.api import external
from slotport.api.addresses import base_path, client_address, own_address
from slotport.api.convention import bodies, browser, redirects, select_page
from slotport.api.convention.access import credentials_of
from slotport.api.convention.select_page import Elsewhere
from slotport.core.account import Account
from slotport.core.convention_input import text
from slotport.errors import Forbidden, Invalid, NotFound, Unavailable
from slotport.oidc import Attempt
from slotport.settings import Settings
from slotport.storage.store import Store

AnyRequest = Request[Any, Any, State]
Fields = dict[str, Any]

EMAIL = "email-auth"  #: the provider that this server is itself
OIDC = "oidc"  #: the one of the settings
BOTH: Any = [HttpMethod.GET, HttpMethod.POST]


class Done(Struct, frozen=True):
    """Whether it was done."""

    status: bool


class Refused(Struct, frozen=True):
    """Why it was not done."""

    status: bool
    error: str


class SignedIn(Struct, frozen=True):
    """A new token, for the header `Authorization`."""

    status: bool
    token: str


class Start(Struct, frozen=True, rename="kebab"):
    """Where a browser signs in."""

    auth_url: str


class Me(Struct, frozen=True):
    """Who is signed in."""

    id: str
    email: str | None
    name: str


async def _said(request: AnyRequest) -> Fields:
    """What a request says: a GET in the query string, a POST in its body, where to go on in either."""
    query = bodies.query_fields(request)
    if request.method == "GET":
        return query
    further = {name: query[name] for name in (redirects.NAME, "provider") if name in query}
    return {**further, **await bodies.body_fields(request)}


async def _token(request: AnyRequest) -> str | None:
    return (await credentials_of(request, form=True)).token


def provided() -> dict[str, Provide]:
    """The dependencies ``said`` and ``token``."""
    return {"said": Provide(_said), "token": Provide(_token)}


@route("/verify", http_method=BOTH, status_code=200, sync_to_thread=True, opt={"takes": ("redirect-url",)})
def verify(
    request: AnyRequest,
    said: NamedDependency[Fields],
    token: NamedDependency[str | None],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Done] | Response[bytes]:
    """Ask whether a token is valid.

    Makes a sign-in last for another 14 days. With `redirect-url` the answer is a redirect: back with the token, or to
    the page at `/auth/select`.
    """
    goal = redirects.redirect_url(said.get(redirects.NAME), settings)
    if goal is None:
        return Response(Done(actions.holder(store, token, now=now, prolong=True) is not None))
    for known in (token, request.cookies.get(browser.COOKIE)):
        if known and actions.holder(store, known, now=now, prolong=True) is not None:
            return redirects.to(redirects.with_fields(goal, status="1", token=known))
    return redirects.to(browser.select_url(settings, goal))


@route("/list", http_method=BOTH, status_code=200, sync_to_thread=False)
def list_providers(settings: NamedDependency[Settings]) -> list[str]:
    """List the ways to sign in: `email-auth`, and `oidc` where the settings name a provider."""
    return [OIDC, EMAIL] if settings.oidc_issuer else [EMAIL]


@route("/start", http_method=BOTH, status_code=200, sync_to_thread=False, opt={"takes": ("redirect-url", "provider")})
def start(request: AnyRequest, said: NamedDependency[Fields], settings: NamedDependency[Settings]) -> Start:
    """Ask where a browser signs in: with `provider`, else with the one of the settings.

    That is `/auth/select/oidc`, or the page at `/auth/select` where the settings name no provider.
    """
    goal = redirects.redirect_url(said.get(redirects.NAME), settings)
    named = text(said.get("provider"), "provider")
    if named and not (named == OIDC and settings.oidc_issuer):
        raise Invalid.of("provider", "names nobody that people can sign in with elsewhere")
    base = settings.base_url.rstrip("/") or own_address(request)
    return Start(base + (_elsewhere(goal) if settings.oidc_issuer else _with_goal("/auth/select", goal)))


@route(
    "/select",
    http_method=BOTH,
    status_code=200,
    media_type=MediaType.HTML,
    sync_to_thread=True,
    opt={"takes": ("redirect-url",), "produces": ["text/html"]},
)
def select(
    request: AnyRequest,
    said: NamedDependency[Fields],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[str]:
    """Show the page to sign in and register, which then leads to `redirect-url`."""
    return _page(request, said, store, settings, now)


@route(
    "/select/{provider:str}",
    http_method=BOTH,
    status_code=200,
    media_type=MediaType.HTML,
    sync_to_thread=True,
    opt={"takes": ("redirect-url",), "produces": ["text/html"], "errors": [404]},
)
def select_provider(
    provider: FromPath[str],
    request: AnyRequest,
    said: NamedDependency[Fields],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[str] | Response[bytes]:
    """Show the same page by the name `email-auth`; send the browser to the provider of the settings, `oidc`.

    Without `redirect-url` the provider signs in to this server's own page.
    """
    if provider == EMAIL:
        return _page(request, said, store, settings, now)
    if provider != OIDC or not settings.oidc_issuer:
        raise NotFound("nobody can sign in with this provider")
    goal = redirects.redirect_url(said.get(redirects.NAME), settings)
    if goal is None:
        return redirects.to(f"{base_path(settings)}/app/oidc/start")
    begun = external.Begun(attempt=Attempt.new(), goal=goal)
    try:
        target = external.provider_of(request).address(begun.attempt, external.redirect_uri(request, settings))
    except Unavailable:
        return redirects.to(browser.select_url(settings, goal, error="provider-away"))
    answer = redirects.to(target)
    answer.set_cookie(external.kept(request, begun))
    return answer


@route(
    "/signin",
    http_method=BOTH,
    status_code=200,
    sync_to_thread=True,
    opt={"takes": ("email", "password", "redirect-url"), "errors": [401, 403, 429]},
)
def sign_in(
    request: AnyRequest,
    said: NamedDependency[Fields],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[SignedIn] | Response[bytes]:
    """Sign in with `email` and `password`.

    With `redirect-url` the answer is a redirect: back with the token, or to the page at `/auth/select`.
    """
    goal = redirects.redirect_url(said.get(redirects.NAME), settings)
    browser.refuse_foreign_form(request, settings)

    def token() -> str:
        return actions.sign_in(
            store,
            email=said.get("email"),
            password=said.get("password"),
            address=client_address(request),
            settings=settings,
            now=now,
        ).token

    if goal is None:
        return Response(SignedIn(status=True, token=token()))
    return browser.led_back(request, goal, token, settings)


@route(
    "/register",
    http_method=BOTH,
    status_code=200,
    sync_to_thread=True,
    opt={
        "takes": ("email", "password-register", "password-confirm", "name", "redirect-url"),
        "errors": [403, 409, 429],
    },
)
def register(
    request: AnyRequest,
    said: NamedDependency[Fields],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Done] | Response[bytes]:
    """Make an account with `email`, `password-register` and `name`.

    A form with `redirect-url`, which may have `password-confirm` too, is answered by a redirect: back with the token of
    a sign-in, or to the page at `/auth/select`.
    """
    goal = redirects.redirect_url(said.get(redirects.NAME), settings)
    browser.refuse_foreign_form(request, settings)

    email, password, name = said.get("email"), said.get("password_register"), said.get("name")
    address = client_address(request)

    def token() -> str:
        _compare(password, said.get("password_confirm"))
        done = actions.register_and_sign_in(
            store, email=email, password=password, name=name, address=address, settings=settings, now=now
        )
        return done.token

    if goal is not None and (bodies.is_form(request) or request.method == "GET"):
        return browser.led_back(request, goal, token, settings)
    _compare(password, said.get("password_confirm"))
    actions.register(store, email=email, password=password, name=name, address=address, settings=settings, now=now)
    return Response(Done(status=True))


@route("/id", http_method=BOTH, status_code=200, sync_to_thread=True, opt={"errors": [403]})
def show_me(token: NamedDependency[str | None], store: NamedDependency[Store], now: NamedDependency[datetime]) -> Me:
    """Show whose a token is."""
    account = actions.holder(store, token, now=now)
    if account is None:
        raise Forbidden("this needs a token that is valid")
    return Me(id=str(account.id), email=account.email, name=account.username)


@route("/logout", http_method=BOTH, status_code=200, sync_to_thread=True, opt={"takes": ("redirect-url",)})
def sign_out(
    request: AnyRequest,
    said: NamedDependency[Fields],
    token: NamedDependency[str | None],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Response[Done] | Response[bytes]:
    """End a token; with `redirect-url` the answer is a redirect there."""
    goal = redirects.redirect_url(said.get(redirects.NAME), settings)
    actions.sign_out(store, token)
    answer: Response[Any] = Response(Done(status=True)) if goal is None else redirects.to(goal)
    if browser.COOKIE in request.cookies:
        answer.set_cookie(browser.kept(request, None))
    return answer


@route(
    "/passwordreset",
    http_method=BOTH,
    status_code=200,
    sync_to_thread=True,
    opt={"takes": ("email", "redirect-url"), "errors": [429]},
)
def ask_for_reset(
    request: AnyRequest,
    said: NamedDependency[Fields],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Done:
    """Mail a link for a new password: `redirect-url` with a reset token, if `email` has an account.

    The answer is the same if it has none. The token works for a day, on `verify`, `id`, `passwordchange` and `logout`.
    """
    goal = redirects.redirect_url(said.get(redirects.NAME), settings)
    if goal is None:
        raise Invalid.of(redirects.NAME, "is needed")
    resets.request_token(
        store,
        email=text(said.get("email"), "email"),
        address=client_address(request),
        link=lambda secret: redirects.with_fields(goal, token=secret),
        settings=settings,
        now=now,
    )
    return Done(status=True)


@route("/passwordchange", http_method=BOTH, status_code=200, sync_to_thread=True, opt={"takes": ("password",)})
def change_password(
    said: NamedDependency[Fields],
    token: NamedDependency[str | None],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Done | Refused:
    """Set the `password` of the account that a sign-in or reset token is of.

    Ends every token of the account, on every surface. An account without a password here, whose person signs in
    elsewhere, gets none this way.
    """
    refusal = actions.change_password(store, token, said.get("password"), now=now)
    return Done(status=True) if refusal is None else Refused(status=False, error=refusal)


HANDLERS: list[Any] = [
    verify,
    list_providers,
    start,
    select,
    select_provider,
    sign_in,
    register,
    show_me,
    sign_out,
    ask_for_reset,
    change_password,
]


def _page(request: AnyRequest, said: Fields, store: Store, settings: Settings, now: datetime) -> Response[str]:
    goal = redirects.redirect_url(said.get(redirects.NAME), settings)
    known: Account | None = actions.holder(store, request.cookies.get(browser.COOKIE), now=now)
    html = select_page.page(
        base=base_path(settings),
        redirect_url=goal,
        error=text(said.get("error"), "error"),
        name=(known.username or known.email or "?") if known else None,
        elsewhere=Elsewhere(base_path(settings) + _elsewhere(goal), settings.oidc_label)
        if settings.oidc_issuer
        else None,
    )
    return Response(html, media_type=MediaType.HTML, headers=select_page.headers(goal))


def _elsewhere(goal: str | None) -> str:
    """The path that leads to the provider, and then to the goal."""
    return _with_goal(f"/auth/select/{OIDC}", goal)


def _with_goal(path: str, goal: str | None) -> str:
    return path + (f"?{urlencode({'redirect-url': goal})}" if goal else "")


def _compare(password: object, again: object) -> None:
    """Raise Invalid if the password was given twice, and not the same."""
    if again is not None and again != password:
        raise Invalid.of("password_confirm", "is another password")
