"""The own account: who one is, the password, what is signed in where, and its end (docs/page.md)."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from msgspec import UNSET, Struct, UnsetType

from slotport.actions import accounts, external_sign_in, proof, sessions
from slotport.actions.account_fields import Fields
from slotport.api.body import body_of
from slotport.api.callers import AnyRequest
from slotport.api.page import visitors
from slotport.api.page.devices import device_name
from slotport.api.page.rendering import THEMES, Page, zones
from slotport.core.account import Account
from slotport.errors import Forbidden, Invalid, SlotportError, TooManyTries, Unauthorized
from slotport.settings import Settings
from slotport.storage.store import Store

SHOWN = ("username", "email", "phone")  #: of the profile


class ProfileForm(Struct, kw_only=True):
    """Who one is; what is not sent stays."""

    username: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    password: str | None = None  #: needed for another e-mail address


class PasswordForm(Struct, kw_only=True):
    """A new password, and the old one."""

    old_password: str | None = None
    password: str | None = None


class SessionForm(Struct, kw_only=True):
    """A session by its key."""

    key: str = ""


class TokenForm(Struct, kw_only=True):
    """What a new token is for."""

    name: str | None = None


class ProofForm(Struct, kw_only=True):
    """The password once more."""

    password: str | None = None


@get("/account", sync_to_thread=True)
def show_account(
    page: NamedDependency[Page], caller: NamedDependency[Account], store: NamedDependency[Store]
) -> Response[Any]:
    """Who one is."""
    return page.show("account.html", **_account_values(page, caller, store))


@post("/account", sync_to_thread=True, dependencies={"form": body_of(ProfileForm)})
def change_account(
    form: NamedDependency[ProfileForm],
    request: AnyRequest,
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Change name, address and number."""
    fields = Fields(username=form.username, email=form.email, phone=form.phone)
    try:
        proof.change_profile_with_proof(
            store, caller, fields, form.password, token=token_of(request), settings=settings, now=now
        )
    except (Invalid, Unauthorized, TooManyTries, Forbidden) as problem:
        sent = {name: text for name in SHOWN if (text := getattr(form, name)) is not UNSET}
        return page.show(
            "account.html",
            status_code=422,
            problem=about_password(page, problem, "password"),
            **(_account_values(page, caller, store) | sent | {"is_stale": isinstance(problem, Forbidden)}),
        )
    return page.go("/app/account", said="account-saved")


@get("/account/password", sync_to_thread=True)
def show_password(
    request: AnyRequest,
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The form for a new password, and the links to a provider."""
    return page.show("account_password.html", **password_values(request, caller, store, settings, now))


@post("/account/password", sync_to_thread=True, dependencies={"form": body_of(PasswordForm)})
def change_password(
    form: NamedDependency[PasswordForm],
    request: AnyRequest,
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Change the password; all other sessions end."""
    fields = Fields(password=form.password, old_password=form.old_password)
    token = token_of(request)
    try:
        if proof.has_password(store, caller):
            accounts.change_profile(store, caller, fields, token=token, settings=settings, now=now)
        else:
            proof.set_first_password(store, caller, form.password, token=token, now=now)
    except (Invalid, Unauthorized, TooManyTries, Forbidden) as problem:
        return page.show(
            "account_password.html",
            status_code=422,
            problem=about_password(page, problem, "old_password"),
            **password_values(request, caller, store, settings, now),
        )
    return page.go("/app/account/password", said="account-password")


@get("/account/sessions", sync_to_thread=True)
def show_sessions(
    request: AnyRequest,
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """What is signed in, on all surfaces."""
    return page.show("account_sessions.html", **_session_values(request, page, caller, store, now))


@post("/account/sessions/end", sync_to_thread=True, dependencies={"form": body_of(SessionForm)})
def end_session(
    form: NamedDependency[SessionForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """End one of the own sessions."""
    sessions.end(store, caller, form.key)
    return page.go("/app/account/sessions", said="account-session")


@post("/account/sessions/end-others", sync_to_thread=True)
def end_other_sessions(
    request: AnyRequest,
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """End all of the own sessions but this one."""
    sessions.end_others(store, caller, token=token_of(request))
    return page.go("/app/account/sessions", said="account-sessions")


@get("/account/tokens", sync_to_thread=False)
def leave_token(page: NamedDependency[Page], caller: NamedDependency[Account]) -> Response[Any]:
    """A token is shown once: whoever loads its page again sees the list."""
    return page.go("/app/account/sessions")


@post("/account/tokens", sync_to_thread=True, dependencies={"form": body_of(TokenForm)})
def make_token(
    form: NamedDependency[TokenForm],
    request: AnyRequest,
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Make a token for programs, and show it this once."""
    try:
        made = sessions.make_token(store, caller, form.name, token=token_of(request), settings=settings, now=now)
    except Invalid as problem:
        values = _session_values(request, page, caller, store, now)
        return page.show("account_sessions.html", status_code=422, problem=problem, **(values | {"name": form.name}))
    return page.show("account_token.html", name=form.name, token=made)


@get("/account/delete", sync_to_thread=True)
def show_delete(
    request: AnyRequest,
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """What goes and what stays, and the form."""
    return page.show("account_delete.html", **_proof_values(request, caller, store, now))


@post("/account/delete", sync_to_thread=True, dependencies={"form": body_of(ProofForm)})
def delete(
    form: NamedDependency[ProofForm],
    request: AnyRequest,
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Delete the account for good."""
    try:
        proof.prove(store, caller, form.password, token=token_of(request), settings=settings, now=now)
    except (Invalid, Unauthorized, TooManyTries, Forbidden) as problem:
        return page.show(
            "account_delete.html",
            status_code=422,
            problem=about_password(page, problem, "password"),
            **_proof_values(request, caller, store, now),
        )
    accounts.remove(store, caller, now=now)
    return page.go("/", said="account-deleted", cookies=[visitors.session_cookie(request, None)])


HANDLERS: list[Any] = [
    show_account,
    change_account,
    show_password,
    change_password,
    show_sessions,
    end_session,
    end_other_sessions,
    leave_token,
    make_token,
    show_delete,
    delete,
]


def _account_values(page: Page, account: Account, store: Store) -> dict[str, Any]:
    return {
        "has_password": proof.has_password(store, account),
        "is_stale": False,
        "username": account.username,
        "email": account.email,
        "phone": account.phone,
        "theme_names": [(name, page.t(f"frame-theme-{name}")) for name in THEMES],
        "zone_names": [(name, name.replace("_", " ")) for name in sorted(zones())],
    }


def _proof_values(request: AnyRequest, account: Account, store: Store, now: datetime) -> dict[str, Any]:
    """Whether there is a password to ask for, and else whether signing in was a moment ago."""
    has_password = proof.has_password(store, account)
    return {"has_password": has_password, "is_fresh": has_password or proof.is_fresh(store, token_of(request), now=now)}


def password_values(
    request: AnyRequest, account: Account, store: Store, settings: Settings, now: datetime
) -> dict[str, Any]:
    """What the page of password and provider shows."""
    links = external_sign_in.list_links(store, account)
    provider = settings.oidc_label if settings.oidc_issuer else ""
    return {"links": links, "provider": provider, **_proof_values(request, account, store, now)}


def _session_values(request: AnyRequest, page: Page, account: Account, store: Store, now: datetime) -> dict[str, Any]:
    found = sessions.list_open(store, account, token=token_of(request), now=now)
    rows = [(one, device_name(one.device, page.t)) for one in found.listed]
    return {"rows": rows, "hidden": found.count - len(rows), "name": ""}


def about_password(page: Page, problem: SlotportError, field: str) -> SlotportError:
    """What is said of a password that is not the account's, beside the field that asked for it."""
    if isinstance(problem, Unauthorized):
        return Invalid.of(field, page.t("account-password-wrong"))
    if isinstance(problem, Forbidden):
        return Forbidden(page.t("account-again-needed"))
    if isinstance(problem, Invalid) and field == "link_password":
        return Invalid({field: next(iter(problem.fields.values()))})
    return problem


def token_of(request: AnyRequest) -> str:
    """The session's token: there is one, or there were no caller."""
    return visitors.token_of(request) or ""
