"""Signing in at the provider of the settings (OpenID Connect), and linking it to an account (docs/page.md)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from msgspec import Struct

from slotport.actions import external_sign_in, proof
from slotport.api.addresses import client_address, own_address
from slotport.api.body import body_of, query_of
from slotport.api.callers import AnyRequest
from slotport.api.page import visitors
from slotport.api.page.account import about_password, password_values, token_of
from slotport.api.page.rendering import Page
from slotport.api.page.sign_in import device
from slotport.core.account import Account
from slotport.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    SlotportError,
    TooManyTries,
    Unauthorized,
    Unavailable,
)
from slotport.oidc import Attempt, Provider, Refused
from slotport.settings import Settings
from slotport.storage.store import Store

COOKIE = "slotport_oidc"
COOKIE_SECONDS = 600
LINK_PAGE = "/app/account/password"
ANSWER = ("code", "state", "iss", "error")


class StartQuery(Struct, kw_only=True):
    """Where to go once signed in, and whether to be asked again there."""

    next: str | None = None
    again: bool = False


class ProofForm(Struct, kw_only=True):
    """The password once more."""

    link_password: str | None = None


class LinkForm(Struct, kw_only=True):
    """A link to a person at the provider."""

    issuer: str = ""
    subject: str = ""


class Begun(Struct, frozen=True, kw_only=True):
    """What the browser keeps while it is at the provider."""

    attempt: Attempt
    next: str = ""
    account: int = 0  #: the account to link; 0: signing in


@get("/oidc/start", sync_to_thread=True, dependencies={"asked": query_of(StartQuery)})
def start(
    asked: NamedDependency[StartQuery],
    request: AnyRequest,
    page: NamedDependency[Page],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Send the browser to the provider; whoever is signed in goes on."""
    provider = _provider(request)
    if page.account is not None and not asked.again:
        return page.go(page.own_path(asked.next))
    begun = Begun(attempt=Attempt.new(), next=page.own_path(asked.next))
    try:
        target = provider.address(begun.attempt, _redirect_uri(request, settings), again=asked.again)
    except Unavailable as problem:
        return _refused(page, problem)
    cookies = [_cookie(request, settings, begun)]
    return Response(b"", status_code=303, headers={"Location": target, "Cache-Control": "no-store"}, cookies=cookies)


@post("/oidc/link", sync_to_thread=True, dependencies={"form": body_of(ProofForm)})
def link(
    form: NamedDependency[ProofForm],
    request: AnyRequest,
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Begin to link the account, its password given: a page that leads on to the provider."""
    provider = _provider(request)
    try:
        proof.prove(store, caller, form.link_password, token=token_of(request), settings=settings, now=now)
    except (Invalid, Unauthorized, TooManyTries, Forbidden) as problem:
        return page.show(
            "account_password.html",
            status_code=422,
            problem=about_password(page, problem, "link_password"),
            **password_values(request, caller, store, settings, now),
        )
    begun = Begun(attempt=Attempt.new(), account=caller.id)
    try:
        target = provider.address(begun.attempt, _redirect_uri(request, settings))
    except Unavailable as problem:
        return _refused(page, problem)
    shown = page.show("oidc_go.html", target=target, cookies=[_cookie(request, settings, begun)])
    # no redirect: the policy on forms holds for where they lead to as well
    shown.headers["Refresh"] = f"0; url={target}"
    return shown


@get("/oidc/callback", sync_to_thread=True)
def come_back(
    request: AnyRequest,
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take the browser back: sign in, or link the account."""
    provider = _provider(request)
    try:
        begun = _begun(request)
        address = client_address(request)
        external_sign_in.count_try(store, address, settings=settings, now=now)
        answer = {name: request.query_params[name] for name in ANSWER if name in request.query_params}
        person = provider.person(begun.attempt, answer, _redirect_uri(request, settings), now=now)
        external_sign_in.count_success(store, address)
        if begun.account:
            if page.account is None or page.account.id != begun.account:
                raise Refused("state", "the account that was to be linked is not signed in any more")
            external_sign_in.link(store, page.account, person, token=token_of(request), now=now)
            return page.go(LINK_PAGE, said="oidc-linked", cookies=[_no_cookie(request, settings)])
        done = external_sign_in.sign_in(store, person, settings=settings, device=device(request), now=now)
    except (Unauthorized, Conflict, TooManyTries, Unavailable) as problem:
        return _refused(page, problem, _no_cookie(request, settings))
    cookies = [visitors.session_cookie(request, done.token), _no_cookie(request, settings)]
    return page.go(page.own_path(begun.next), cookies=cookies)


@post("/oidc/unlink", sync_to_thread=True, dependencies={"form": body_of(LinkForm)})
def unlink(
    form: NamedDependency[LinkForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """Remove a link."""
    external_sign_in.unlink(store, caller, issuer=form.issuer, subject=form.subject)
    return page.go(LINK_PAGE, said="oidc-unlinked")


HANDLERS: list[Any] = [start, link, come_back, unlink]


def _provider(request: AnyRequest) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise NotFound("no provider is set up here")
    return provider


def _redirect_uri(request: AnyRequest, settings: Settings) -> str:
    return (settings.base_url or own_address(request)) + "/app/oidc/callback"


def _refused(page: Page, problem: SlotportError, *cookies: Cookie) -> Response[Any]:
    """Say why nobody was signed in or linked."""
    reason = problem.reason if isinstance(problem, Refused) else ""
    statuses: Mapping[type[SlotportError], int] = {Unavailable: 503, TooManyTries: 429, Conflict: 409}
    if isinstance(problem, Unavailable):
        reason = "away"
    elif isinstance(problem, Conflict):
        reason = "linked"
    return page.show(
        "oidc_refused.html",
        status_code=statuses.get(type(problem), 403),
        reason=reason,
        text=str(problem),
        cookies=cookies,
    )


def _cookie(request: AnyRequest, settings: Settings, begun: Begun) -> Cookie:
    """The cookie that binds an attempt to this browser, and to its session if there is one."""
    text = msgspec.json.encode(begun)
    value = base64.urlsafe_b64encode(_mark(request, text) + text).decode().rstrip("=")
    made = visitors.cookie(request, settings, COOKIE, value, httponly=True)
    made.max_age = COOKIE_SECONDS
    return made


def _no_cookie(request: AnyRequest, settings: Settings) -> Cookie:
    return visitors.cookie(request, settings, COOKIE, None, httponly=True)


def _begun(request: AnyRequest) -> Begun:
    """What this browser, with this session, began; raises Refused."""
    value = request.cookies.get(COOKIE, "")
    try:
        whole = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        mark, text = whole[:32], whole[32:]
        begun = msgspec.json.decode(text, type=Begun)
    except (ValueError, msgspec.MsgspecError) as cause:
        raise Refused("state", "this sign-in was not begun in this browser, or it was too long ago") from cause
    if begun.account and not hmac.compare_digest(mark, _mark(request, text)):
        raise Refused("state", "this was begun by another session")
    return begun


def _mark(request: AnyRequest, text: bytes) -> bytes:
    """Nobody who does not know the session's token can make it: a neighbouring site may set cookies, not read ours."""
    return hmac.digest(token_of(request).encode(), text, hashlib.sha256)
