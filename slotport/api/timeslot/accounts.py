"""Sign-up, sign-in, password resets and the own profile over HTTP (docs/api/timeslot-accounts.md)."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, delete, get, patch, post, route
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import FromPath
from msgspec import UNSET, Struct, UnsetType, structs

from slotport.actions import accounts, resets
from slotport.actions.account_fields import Fields
from slotport.api.addresses import client_address, own_address
from slotport.api.body import body_of
from slotport.api.callers import token_of
from slotport.api.timeslot.people import OwnUser, SignedInUser, own_user, signed_in_user
from slotport.api.timeslot.places import LocationForm, place_of
from slotport.core.account import Account
from slotport.core.slot import is_storable
from slotport.errors import Invalid
from slotport.settings import Settings
from slotport.storage.store import Store

SURFACE = "v1"
DEVICE_LENGTH = 255
AnyRequest = Request[Any, Any, State]

#: nothing of another page or site may see, frame or change the form, nor learn its address
FORM_HEADERS = {
    "Content-Security-Policy": ("default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
FORM = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>New password</title></head>
<body>
<h1>New password</h1>
<form method="post">
<p><label>New password, 5 to 72 characters:
<input type="password" name="password" minlength="5" maxlength="72" autocomplete="new-password" required></label></p>
<p><button>Set it</button> You are then signed out everywhere.</p>
</form>
</body>
</html>
"""


class Device(Struct, kw_only=True, omit_defaults=True):
    """What the client says of the device it runs on; kept with the session."""

    device_id: str | None = None
    system: str | None = None
    version: str | None = None
    token: str | None = None


class ProfileForm(Struct, kw_only=True):
    """The fields of an account that a request may set; one that is not sent is left as it is."""

    username: str | UnsetType | None = UNSET
    password: str | UnsetType | None = UNSET
    old_password: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    first_name: str | UnsetType | None = UNSET
    middle_name: str | UnsetType | None = UNSET
    last_name: str | UnsetType | None = UNSET
    gender: str | UnsetType | None = UNSET
    lang: str | UnsetType | None = UNSET
    image: str | UnsetType | None = UNSET
    public_url: str | UnsetType | None = UNSET
    push: bool | UnsetType | None = UNSET
    location: LocationForm | UnsetType | None = UNSET


class SignUpForm(Struct, kw_only=True):
    """A new account. Needs `username`, `password`, and `email` or `phone`."""

    username: str | None = None
    password: str | None = None
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    gender: str | None = None
    lang: str | None = None
    device: Device | None = None


class SignInForm(Struct, kw_only=True):
    """Who signs in. Needs `password`, and `email` or `phone`."""

    email: str | None = None
    phone: str | None = None
    password: str | None = None
    device: Device | None = None


class ResetForm(Struct, kw_only=True):
    """Whose password was forgotten."""

    email: str | None = None


class NewPasswordForm(Struct, kw_only=True):
    """The password that a mailed link sets."""

    password: str | None = None


@post(
    "/users",
    status_code=201,
    sync_to_thread=True,
    dependencies={"form": body_of(SignUpForm)},
    opt={"errors": [429]},
)
def sign_up(
    form: NamedDependency[SignUpForm],
    request: AnyRequest,
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> SignedInUser:
    """Sign up.

    Makes an account with its two calendars, Private and Public, and signs it in.
    """
    fields = Fields(**{name: value for name, value in structs.asdict(form).items() if name != "device"})
    done = accounts.sign_up(
        store,
        fields,
        surface=SURFACE,
        address=client_address(request),
        settings=settings,
        device=_device(form.device),
        now=now,
    )
    return signed_in_user(done.profile, done.token)


@post(
    "/users/signin",
    status_code=200,
    sync_to_thread=True,
    dependencies={"form": body_of(SignInForm)},
    opt={"errors": [401, 429]},
)
def sign_in(
    form: NamedDependency[SignInForm],
    request: AnyRequest,
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> SignedInUser:
    """Sign in.

    Gives a token of its own, by e-mail address (case ignored) or telephone number and password.
    """
    done = accounts.sign_in(
        store,
        email=form.email,
        phone=form.phone,
        password=form.password,
        surface=SURFACE,
        address=client_address(request),
        settings=settings,
        device=_device(form.device),
        now=now,
    )
    return signed_in_user(done.profile, done.token)


@route(
    "/me/signout",
    http_method=[HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE],
    status_code=200,
    sync_to_thread=True,
)
def sign_out(request: AnyRequest, caller: NamedDependency[Account], store: NamedDependency[Store]) -> Response[bytes]:
    """Sign out.

    Ends the token that was sent, and no other.
    """
    accounts.sign_out(store, _token(request), SURFACE)
    return _empty()


@post(
    "/users/reset",
    status_code=200,
    sync_to_thread=True,
    dependencies={"form": body_of(ResetForm)},
    opt={"errors": [429]},
)
def ask_for_reset(
    form: NamedDependency[ResetForm],
    request: AnyRequest,
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Ask for a new password.

    Mails a link that sets one, if the address has an account. The answer is the same if it has none.
    """
    resets.request_reset(
        store,
        email=form.email,
        address=client_address(request),
        base_url=settings.base_url or own_address(request),
        settings=settings,
        now=now,
    )
    return _empty()


@get("/users/reset/{secret:str}", media_type=MediaType.HTML, sync_to_thread=True, opt={"produces": ["text/html"]})
def show_reset(secret: FromPath[str], store: NamedDependency[Store], now: NamedDependency[datetime]) -> Response[str]:
    """Show a mailed link's form for a new password."""
    resets.check_reset(store, secret, now=now)
    return Response(FORM, media_type=MediaType.HTML, headers=FORM_HEADERS)


@post(
    "/users/reset/{secret:str}",
    status_code=200,
    sync_to_thread=True,
    dependencies={"form": body_of(NewPasswordForm)},
)
def reset_password(
    secret: FromPath[str],
    form: NamedDependency[NewPasswordForm],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Set a new password by a mailed link.

    Works once within a day, and ends every token of the account.
    """
    resets.reset_password(store, secret, form.password, now=now)
    return _empty(FORM_HEADERS)


@get("/me", sync_to_thread=True)
def show_me(caller: NamedDependency[Account], store: NamedDependency[Store]) -> OwnUser:
    """Show the caller's account."""
    return own_user(accounts.profile(store, caller))


@patch("/me", sync_to_thread=True, dependencies={"form": body_of(ProfileForm)}, opt={"errors": [429]})
def change_me(
    form: NamedDependency[ProfileForm],
    request: AnyRequest,
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> OwnUser:
    """Change the caller's account.

    Changes the fields that are sent. A new `password` needs `oldPassword`, and ends every other token.
    """
    said = {name: value for name, value in structs.asdict(form).items() if name != "location"}
    place = UNSET if isinstance(form.location, UnsetType) else place_of(form.location)
    fields = Fields(**said, place=place)
    return own_user(accounts.change_profile(store, caller, fields, token=_token(request), settings=settings, now=now))


@delete("/me", status_code=200, sync_to_thread=True)
def remove_me(
    caller: NamedDependency[Account], store: NamedDependency[Store], now: NamedDependency[datetime]
) -> OwnUser:
    """Delete the caller's account.

    Its slots and calendars vanish, all its tokens end, and its e-mail address and telephone number are free.
    """
    return own_user(accounts.remove(store, caller, now=now))


HANDLERS: list[Any] = [
    sign_up,
    sign_in,
    sign_out,
    ask_for_reset,
    show_reset,
    reset_password,
    show_me,
    change_me,
    remove_me,
]


def _device(device: Device | None) -> str | None:
    """What the client said, as JSON."""
    if device is None:
        return None
    for text in structs.astuple(device):
        if text is not None and (len(text) > DEVICE_LENGTH or not is_storable(text)):
            raise Invalid.of("device", f"must have texts of at most {DEVICE_LENGTH} characters")
    return msgspec.json.encode(device).decode()


def _token(request: AnyRequest) -> str:
    """The caller's token: there is one, or there were no caller."""
    return token_of(request.headers.get("authorization", "")) or ""


def _empty(headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(b"", media_type=MediaType.JSON, headers=headers or {})
