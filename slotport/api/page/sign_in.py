"""Signing up, in and out, and a forgotten password (docs/page.md)."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import accounts, resets
from slotport.actions.account_fields import Fields
from slotport.api.addresses import client_address, own_address
from slotport.api.body import body_of, query_of
from slotport.api.callers import AnyRequest
from slotport.api.cookies import cookie
from slotport.api.page import visitors
from slotport.api.page.rendering import LANGUAGE, THEME, THEMES, ZONE, Page, zones
from slotport.api.page.texts import LANGUAGES
from slotport.errors import Invalid, SlotportError, TooManyTries, Unauthorized
from slotport.settings import Settings
from slotport.storage.store import Store

DEVICE_LENGTH = 200  #: characters of a browser's name that are kept with its session


class NextQuery(Struct, kw_only=True):
    """Where to go once signed in: a path of ours."""

    next: str | None = None


class SignInForm(Struct, kw_only=True):
    """Who signs in."""

    login: str = ""
    password: str = ""
    next: str | None = None


class SignUpForm(Struct, kw_only=True):
    """A new account."""

    username: str | None = None
    email: str | None = None
    password: str | None = None


class EmailForm(Struct, kw_only=True):
    """Whose password was forgotten."""

    email: str | None = None


class PasswordForm(Struct, kw_only=True):
    """A new password."""

    password: str | None = None


class PreferencesForm(Struct, kw_only=True):
    """How this browser shows pages; what is not named stays."""

    language: str | None = None
    theme: str | None = None
    zone: str | None = None
    back: str | None = None


@get("/sign-in", sync_to_thread=True, dependencies={"asked": query_of(NextQuery)})
def show_sign_in(asked: NamedDependency[NextQuery], page: NamedDependency[Page]) -> Response[Any]:
    """The form; whoever is signed in goes on."""
    if page.account is not None:
        return page.go(page.own_path(asked.next))
    return page.show("sign_in.html", **_sign_in_values(page, SignInForm(next=asked.next)))


@post("/sign-in", sync_to_thread=True, dependencies={"form": body_of(SignInForm)})
def sign_in(
    form: NamedDependency[SignInForm],
    request: AnyRequest,
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Begin a session, and set its cookie."""
    is_email = "@" in form.login
    try:
        done = accounts.sign_in(
            store,
            email=form.login if is_email else None,
            phone=None if is_email else form.login,
            password=form.password,
            surface=visitors.SURFACE,
            address=client_address(request),
            settings=settings,
            device=device(request),
            now=now,
        )
    except (Invalid, Unauthorized, TooManyTries) as problem:
        refused: SlotportError = Unauthorized(page.t("sign-in-wrong")) if isinstance(problem, Unauthorized) else problem
        if isinstance(problem, Invalid):
            refused = Invalid(
                {"login" if name in ("email", "phone") else name: problem.fields[name] for name in problem.fields}
            )
        return page.show("sign_in.html", status_code=422, problem=refused, **_sign_in_values(page, form))
    return page.go(page.own_path(form.next), cookies=[visitors.session_cookie(request, done.token)])


@get("/sign-up", sync_to_thread=True)
def show_sign_up(page: NamedDependency[Page]) -> Response[Any]:
    """The form; whoever is signed in goes on."""
    return page.go("/app/") if page.account is not None else page.show("sign_up.html", form=SignUpForm())


@post("/sign-up", sync_to_thread=True, dependencies={"form": body_of(SignUpForm)})
def sign_up(
    form: NamedDependency[SignUpForm],
    request: AnyRequest,
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Make an account, and sign it in."""
    fields = Fields(username=form.username, email=form.email, password=form.password)
    try:
        done = accounts.sign_up(
            store,
            fields,
            surface=visitors.SURFACE,
            address=client_address(request),
            settings=settings,
            device=device(request),
            now=now,
        )
    except (Invalid, TooManyTries) as problem:
        return page.show("sign_up.html", status_code=422, problem=problem, form=form)
    return page.go("/app/", cookies=[visitors.session_cookie(request, done.token)])


@post("/sign-out", sync_to_thread=True)
def sign_out(request: AnyRequest, page: NamedDependency[Page], store: NamedDependency[Store]) -> Response[Any]:
    """End the session, if it has not ended by itself."""
    if page.account is not None:
        accounts.sign_out(store, visitors.token_of(request) or "", visitors.SURFACE)
    return page.go("/app/sign-in?said=signed-out", cookies=[visitors.session_cookie(request, None)])


@get("/forgotten", sync_to_thread=True)
def show_forgotten(page: NamedDependency[Page]) -> Response[Any]:
    """The form that asks for a link."""
    return page.show("forgotten.html", email="", sent=False)


@post("/forgotten", sync_to_thread=True, dependencies={"form": body_of(EmailForm)})
def ask_for_reset(
    form: NamedDependency[EmailForm],
    request: AnyRequest,
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Mail a link that sets a new password; nothing tells whether there is such an account."""
    try:
        resets.request_reset(
            store,
            email=form.email,
            address=client_address(request),
            base_url=settings.base_url or own_address(request),
            path="/app/new-password/",
            settings=settings,
            now=now,
        )
    except (Invalid, TooManyTries) as problem:
        return page.show("forgotten.html", status_code=422, problem=problem, email=form.email, sent=False)
    return page.show("forgotten.html", email="", sent=True)


@get("/new-password/{secret:str}", sync_to_thread=True)
def show_new_password(
    secret: FromPath[str],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The form that a mailed link leads to."""
    resets.check_reset(store, secret, now=now)
    return page.show("new_password.html")


@post("/new-password/{secret:str}", sync_to_thread=True, dependencies={"form": body_of(PasswordForm)})
def set_new_password(
    form: NamedDependency[PasswordForm],
    secret: FromPath[str],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Set the password; all sessions end."""
    try:
        resets.reset_password(store, secret, form.password, now=now)
    except Invalid as problem:
        return page.show("new_password.html", status_code=422, problem=problem)
    return page.go("/app/sign-in", said="password")


@post("/preferences", sync_to_thread=True, dependencies={"form": body_of(PreferencesForm)})
def set_preferences(
    form: NamedDependency[PreferencesForm],
    request: AnyRequest,
    page: NamedDependency[Page],
) -> Response[Any]:
    """Keep language, colours and zone in this browser."""
    chosen = [
        (LANGUAGE, form.language, LANGUAGES),
        (THEME, form.theme, THEMES),
        (ZONE, form.zone, zones()),
    ]
    cookies = [cookie(request, key, value, httponly=False) for key, value, known in chosen if value and value in known]
    return page.go(page.own_path(form.back, "/"), cookies=cookies)


HANDLERS: list[Any] = [
    show_sign_in,
    sign_in,
    show_sign_up,
    sign_up,
    sign_out,
    show_forgotten,
    ask_for_reset,
    show_new_password,
    set_new_password,
    set_preferences,
]


def device(request: AnyRequest) -> str:
    """What the browser calls itself, as it is kept with the session."""
    name = request.headers.get("user-agent", "")[:DEVICE_LENGTH]
    return msgspec.json.encode({"system": "".join(sign for sign in name if sign.isprintable())}).decode()


def _sign_in_values(page: Page, form: SignInForm) -> dict[str, Any]:
    return {
        "login": form.login,
        "next": form.next or "",
        "can_mail": bool(page.settings.smtp_host),
        "provider": page.settings.oidc_label if page.settings.oidc_issuer else "",
    }
