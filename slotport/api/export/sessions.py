"""``/api/v1/session``: a token, and who is signed in to it (docs/api/export-session.md)."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from msgspec import UNSET, Struct, UnsetType

from slotport.actions import export_polls
from slotport.actions import export_sessions as actions
from slotport.api.addresses import client_address
from slotport.api.export import objects
from slotport.api.export.bodies import Pairs
from slotport.api.export.query import Said, cache_control
from slotport.core.account import Account
from slotport.errors import SlotportError, TooManyTries, WireError, attribute_not_accepted, invalid_value
from slotport.settings import Settings
from slotport.storage.export_sessions import ExportSession
from slotport.storage.store import Store

AnyRequest = Request[Any, Any, State]

LONGEST_PATH = 2000
#: errors that a browser is led on with, and the word that it is told
REASONS = {
    "error.user.username_or_password_empty": "username_or_password_empty",
    "error.user.login_failed": "login_failed",
    "error.user.login_disabled": "login_disabled",
    "error.user.session_not_found": "session_missing",
}
BLOCKED = "login_blocked"
_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")


class Instance(Struct, frozen=True, rename={"user_schema": "user-schema"}):
    """This server."""

    name: str
    api: str = "1"
    server_version: int = 1
    solution: str = "slotport"
    user_schema: int = 1


class Method(Struct, frozen=True):
    """A way to sign in."""

    method: str = actions.METHODS[0]


class Authenticated(Struct, frozen=True):
    """How and when somebody signed in."""

    timestamp: str
    method: str = actions.METHODS[0]


class SessionObject(Struct, frozen=True, kw_only=True):
    """A session; what begins with `user` is there only if somebody is signed in."""

    token: str
    instance: Instance
    frontend_language: str
    authentication_methods: list[Method]
    config: dict[str, Any]
    authenticated: Authenticated | UnsetType = UNSET
    user: dict[str, Any] | UnsetType = UNSET
    groups: list[Any] | UnsetType = UNSET
    system_rights: dict[str, Any] | UnsetType = UNSET
    pending_tasks: list[Any] | UnsetType = UNSET
    current_max_event_id: int | UnsetType = UNSET
    current_max_message_id: int | UnsetType = UNSET


@get("/session", sync_to_thread=True, opt={"takes": ("language", "token")})
def show_session(
    request: AnyRequest,
    token: NamedDependency[str | None],
    flags: NamedDependency[Said],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[SessionObject]:
    """Begin a session, or show the token's.

    Without a token the answer has a new one, to which nobody is signed in. `language` changes the session's.
    """
    language = flags.text("language")
    if token is None:
        token, session = actions.begin(
            store, language=language, address=client_address(request), settings=settings, now=now
        )
    else:
        session = actions.get(store, token, language=language, now=now)
    shown = shown_session(store, token, session, settings)
    return Response(shown, headers=cache_control(flags))


@post(
    "/session/authenticate",
    status_code=200,
    sync_to_thread=True,
    opt={"form": ("token", "login", "password", "method", "success", "error", "log_event")},
)
def authenticate(
    request: AnyRequest,
    token: NamedDependency[str | None],
    flags: NamedDependency[Said],
    form: NamedDependency[Pairs],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[SessionObject] | Response[bytes]:
    """Sign somebody in to the session of the token.

    `login` is an e-mail address, a phone number, or a user name that only one account has. With `success` and `error`,
    paths of this server, the answer is a redirect.
    """
    said = flags.with_further(form)
    success, failure = _path(said, "success"), _path(said, "error")
    _refuse_unknown_ways(said)
    login = said.text("login")
    try:
        session = actions.authenticate(
            store,
            token=token,
            login=login,
            password=said.text("password"),
            methods=said.text("method"),
            address=client_address(request),
            tell=said.flag("log_event") is not False,
            settings=settings,
            now=now,
        )
    except (WireError, TooManyTries) as error:
        reason = _reason(error)
        if failure is None or reason is None:
            raise
        return _led_on(f"{failure}#m:{reason}#l:{quote(login or '', safe='')}")
    if success is not None:
        return _led_on(success)
    return Response(shown_session(store, token or "", session, settings))


@post("/session/deauthenticate", status_code=200, sync_to_thread=True, opt={"form": ("token", "error")})
def deauthenticate(
    token: NamedDependency[str | None],
    flags: NamedDependency[Said],
    form: NamedDependency[Pairs],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[SessionObject] | Response[bytes]:
    """Sign out of the session of the token, which goes on without anybody.

    With `error`, a path of this server, a token that is unknown leads there.
    """
    failure = _path(flags.with_further(form), "error")
    try:
        session = actions.deauthenticate(store, token, now=now)
    except WireError as error:
        reason = _reason(error)
        if failure is None or reason is None:
            raise
        return _led_on(f"{failure}#m:{reason}#l:")
    return Response(shown_session(store, token or "", session, settings))


def shown_session(store: Store, token: str, session: ExportSession, settings: Settings) -> SessionObject:
    """The session as its wire shape."""
    plain = {
        "token": token,
        "instance": Instance(settings.instance_name),
        "frontend_language": session.language,
        "authentication_methods": [Method()],
        "config": {"base": {}, "defaults": {}, "extensions": {}},
    }
    if session.account is None or session.signed_in_at is None:
        return SessionObject(**plain)  # type: ignore[arg-type]  # a mapping of several types
    newest = export_polls.newest(store)
    return SessionObject(
        **plain,  # type: ignore[arg-type]
        authenticated=Authenticated(objects.moment(session.signed_in_at) or ""),
        user=user_object(session.account),
        groups=[],
        system_rights={},
        pending_tasks=[],
        current_max_event_id=newest,
        current_max_message_id=newest,
    )


def user_object(account: Account) -> dict[str, Any]:
    """A person, as a member ``user``."""
    inner = {"_id": account.id, "_generated_displayname": objects.display_name(account), "login": account.username}
    return {"_basetype": "user", "user": inner}


def _reason(error: SlotportError) -> str | None:
    if isinstance(error, TooManyTries):
        return BLOCKED
    return REASONS.get(error.code) if isinstance(error, WireError) else None


def _refuse_unknown_ways(said: Said) -> None:
    """Raise WireError for what the reference system knows, and Slotport has not."""
    if said.text("response_type") not in (None, "", "json"):
        raise attribute_not_accepted("response_type")
    if said.text("remember_me") not in (None, "", "0", "false"):
        raise attribute_not_accepted("remember_me")


def _path(said: Said, name: str) -> str | None:
    """The path of this server that a browser is to be led to, all in ASCII; raises WireError for any other address."""
    sent = said.text(name)
    if not sent:
        return None
    if len(sent) > LONGEST_PATH or not _PATH.fullmatch(sent):
        raise invalid_value(name, "must be a path of this server that begins with one slash")
    return quote(sent, safe="!#$%&'()*+,-./:;=?@[]_~")


def _led_on(address: str) -> Response[bytes]:
    return Response(b"", status_code=302, media_type=MediaType.TEXT, headers={"Location": address})


HANDLERS: list[Any] = [show_session, authenticate, deauthenticate]
