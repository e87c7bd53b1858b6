"""Signing in at the provider of the settings (OpenID Connect), and linking it to an account (docs/page.md)."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from msgspec import Struct

from slotport.actions import convention_sign_in, external_sign_in, proof
from slotport.api import external
from slotport.api.addresses import client_address
from slotport.api.body import body_of, query_of
from slotport.api.callers import AnyRequest
from slotport.api.convention import browser, redirects
from slotport.api.external import Begun
from slotport.api.page import visitors
from slotport.api.page.account import about_password, password_values, token_of
from slotport.api.page.rendering import Page
from slotport.api.page.sign_in import device
from slotport.core.account import Account
from slotport.errors import (
    Conflict,
    Forbidden,
    Invalid,
    SlotportError,
    TooManyTries,
    Unauthorized,
    Unavailable,
)
from slotport.oidc import Attempt, Person, Refused
from slotport.settings import Settings
from slotport.storage.store import Store

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


@get("/oidc/start", sync_to_thread=True, dependencies={"asked": query_of(StartQuery)})
def start(
    asked: NamedDependency[StartQuery],
    request: AnyRequest,
    page: NamedDependency[Page],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """Send the browser to the provider; whoever is signed in goes on."""
    provider = external.provider_of(request)
    if page.account is not None and not asked.again:
        return page.go(page.own_path(asked.next))
    begun = Begun(attempt=Attempt.new(), next=page.own_path(asked.next))
    try:
        target = provider.address(begun.attempt, external.redirect_uri(request, settings), again=asked.again)
    except Unavailable as problem:
        return _refused(page, problem)
    cookies = [external.kept(request, begun, token_of(request))]
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
    provider = external.provider_of(request)
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
        target = provider.address(begun.attempt, external.redirect_uri(request, settings))
    except Unavailable as problem:
        return _refused(page, problem)
    shown = page.show("oidc_go.html", target=target, cookies=[external.kept(request, begun, token_of(request))])
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
    """Take the browser back: sign in, link the account, or go on to a site of ``/auth`` with a token for it."""
    provider = external.provider_of(request)

    def person() -> Person:
        address = client_address(request)
        external_sign_in.count_try(store, address, settings=settings, now=now)
        answer = {name: request.query_params[name] for name in ANSWER if name in request.query_params}
        found = provider.person(begun.attempt, answer, external.redirect_uri(request, settings), now=now)
        external_sign_in.count_success(store, address)
        return found

    def token(surface: str, device: str | None = None) -> str:
        done = external_sign_in.sign_in(store, person(), surface=surface, settings=settings, device=device, now=now)
        return done.token

    try:
        begun = external.begun(request, token_of(request))
        if begun.goal:
            goal = redirects.redirect_url(begun.goal, settings) or ""
            new_token = partial(token, convention_sign_in.SURFACE)
            led = browser.led_back(request, goal, new_token, settings, from_elsewhere=True)
            led.set_cookie(external.dropped(request))
            return led
        if begun.account:
            if page.account is None or page.account.id != begun.account:
                raise Refused("state", "the account that was to be linked is not signed in any more")
            external_sign_in.link(store, page.account, person(), token=token_of(request), now=now)
            return page.go(LINK_PAGE, said="oidc-linked", cookies=[external.dropped(request)])
        session = visitors.session_cookie(request, token(visitors.SURFACE, device(request)))
    except (Unauthorized, Conflict, TooManyTries, Unavailable) as problem:
        return _refused(page, problem, external.dropped(request))
    return page.go(page.own_path(begun.next), cookies=[session, external.dropped(request)])


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
        text=page.t.said(str(problem)),
        cookies=cookies,
    )
