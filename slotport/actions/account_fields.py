"""What a person may say of an account, and its limits (docs/api/timeslot-accounts.md)."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct, UnsetType, structs

from slotport.core.account import (
    EMAIL_LENGTH,
    GENDERS,
    NAME_LENGTHS,
    PASSWORD_LENGTHS,
    PHONE_LENGTH,
    USERNAME_LENGTHS,
    Account,
)
from slotport.core.slot import Place, collapsed, is_storable
from slotport.errors import Invalid

LINK_LENGTH = 255  #: characters of image and public_url
LANG_LENGTH = 2
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")

BLANK = "can't be blank"
UNSTORABLE = "holds a character that cannot be stored"


class Fields(Struct, frozen=True, kw_only=True):
    """What a request says of an account; UNSET is not said, None says that there is none."""

    username: str | UnsetType | None = UNSET
    first_name: str | UnsetType | None = UNSET
    middle_name: str | UnsetType | None = UNSET
    last_name: str | UnsetType | None = UNSET
    gender: str | UnsetType | None = UNSET
    lang: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    password: str | UnsetType | None = UNSET
    old_password: str | UnsetType | None = UNSET
    image: str | UnsetType | None = UNSET
    public_url: str | UnsetType | None = UNSET
    push: bool | UnsetType | None = UNSET
    place: Place | UnsetType | None = UNSET


def applied(fields: Fields, account: Account, now: datetime) -> Account:
    """The account with what the fields say, passwords aside.

    Raises Invalid, which names every field that is wrong.
    """
    problems: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for name, read in _READERS.items():
        value = getattr(fields, name)
        if value is UNSET:
            continue
        try:
            values[name] = read(value)
        except ValueError as cause:
            problems[name] = [str(cause)]
    if isinstance(fields.password, str | None):
        problems |= about_password(fields.password)
    after = structs.replace(account, updated_at=now, **values)
    if not after.username and "username" not in problems:
        problems["username"] = [BLANK]
    if after.email is None and after.phone is None and not {"email", "phone"} & problems.keys():
        problems["email"] = ["or phone is needed"]
    if problems:
        raise Invalid(problems)
    return structs.replace(
        after,
        email_verified=after.email_verified and after.email == account.email,
        phone_verified=after.phone_verified and after.phone == account.phone,
        place_uuid=account.place_uuid if after.place is not None else None,
    )


def about_password(password: str | None) -> dict[str, list[str]]:
    """What is wrong with a new password, under its name; empty if nothing is."""
    if not password:
        return {"password": [BLANK]}
    if len(password) not in PASSWORD_LENGTHS:
        return {"password": [_between(PASSWORD_LENGTHS)]}
    return {} if is_storable(password) else {"password": [UNSTORABLE]}


def phone_number(text: str | None) -> str | None:
    """The number as it is stored: white space collapsed; None for a blank one."""
    return collapsed(text or "") or None


def email_address(text: str | None) -> str | None:
    """The address as it is stored: no white space at its ends; None for a blank one."""
    return (text or "").strip() or None


def checked_email(text: str) -> str:
    """The address as it is stored. Raises Invalid, naming ``email``, if it can be nobody's."""
    try:
        address = _email(text)
    except ValueError as problem:
        raise Invalid.of("email", str(problem)) from problem
    if address is None:
        raise Invalid.of("email", "is missing")
    return address


def _between(lengths: range) -> str:
    return f"must have {lengths.start} to {lengths.stop - 1} characters"


def _stored(text: str) -> str:
    if not is_storable(text):
        raise ValueError(UNSTORABLE)
    return text


def _username(text: str | None) -> str:
    name = _stored(collapsed(text or ""))
    if not name:
        raise ValueError(BLANK)
    if len(name) not in USERNAME_LENGTHS:
        raise ValueError(_between(USERNAME_LENGTHS))
    return name


def _name(text: str | None) -> str | None:
    name = _stored(collapsed(text or ""))
    if name and len(name) not in NAME_LENGTHS:
        raise ValueError(_between(NAME_LENGTHS))
    return name or None


def _gender(text: str | None) -> str | None:
    if text and text not in GENDERS:
        raise ValueError(f"must be one of {', '.join(GENDERS)}")
    return text or None


def _lang(text: str | None) -> str | None:
    if text and len(_stored(text)) != LANG_LENGTH:
        raise ValueError(f"must have exactly {LANG_LENGTH} characters")
    return text or None


def _email(text: str | None) -> str | None:
    address = email_address(text)
    if address is None:
        return None
    if len(address) > EMAIL_LENGTH:
        raise ValueError(f"must have at most {EMAIL_LENGTH} characters")
    if not _EMAIL.fullmatch(_stored(address)) or not address.isprintable():
        raise ValueError("must look like x@y.z")
    return address


def _phone(text: str | None) -> str | None:
    number = phone_number(text)
    if number is not None and len(_stored(number)) > PHONE_LENGTH:
        raise ValueError(f"must have at most {PHONE_LENGTH} characters")
    return number


def _link(text: str | None) -> str | None:
    if text and len(_stored(text)) > LINK_LENGTH:
        raise ValueError(f"must have at most {LINK_LENGTH} characters")
    return text or None


def _image(text: str | None) -> str:
    return _link(text) or ""


def _flag(value: bool | None) -> bool:  # noqa: FBT001 # one of the readers, all of which take a value
    if value is None:
        raise ValueError("must be true or false")
    return value


def _place(place: Place | None) -> Place | None:
    return place


_READERS: dict[str, Callable[[Any], Any]] = {
    "username": _username,
    "first_name": _name,
    "middle_name": _name,
    "last_name": _name,
    "gender": _gender,
    "lang": _lang,
    "email": _email,
    "phone": _phone,
    "image": _image,
    "public_url": _link,
    "push": _flag,
    "place": _place,
}
