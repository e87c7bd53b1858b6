"""How a request names an account: by id or by e-mail address (docs/api/convention-places.md)."""

from typing import Any

from msgspec import Struct

from slotport.core.account import EMAIL_LENGTH
from slotport.core.slot import is_storable
from slotport.errors import Invalid

LARGEST_ID = 2**63 - 1
NOBODY = "names no such user"


class Reference(Struct, frozen=True, kw_only=True):
    """Exactly one of ``id`` and ``email``; ``name`` is what is shown instead of the account's, if given."""

    id: int | None = None
    email: str | None = None
    name: str | None = None


def reference(value: Any, field: str) -> Reference:
    """Read an object with either ``id`` or ``email``; null and empty text are not given.

    An ``id`` that is text with ``@`` is an e-mail address. Raises Invalid, naming ``field``.
    """
    if not isinstance(value, dict):
        raise Invalid.of(field, "must name a user as an object with id or email")
    given_id, email = _given(value.get("id")), _given(value.get("email"))
    if given_id is not None and email is not None:
        raise Invalid.of(field, "must name a user by id or by email, not by both")
    if isinstance(given_id, str) and "@" in given_id:
        given_id, email = None, given_id
    name = _given(value.get("name"))
    if name is not None and (not isinstance(name, str) or not is_storable(name)):
        raise Invalid.of(field, "must give a user's name as text")
    if email is not None:
        return Reference(email=_address(email, field), name=name)
    if given_id is None:
        raise Invalid.of(field, "must name a user by id or by email")
    return Reference(id=number(given_id, field), name=name)


def number(value: Any, field: str) -> int:
    """Read an account's id: an integer or its digits. Raises Invalid if no account can have it."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 30:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid.of(field, "must give a user's id as a number")
    if not 0 < value <= LARGEST_ID:
        raise Invalid.of(field, NOBODY)
    return value


def _given(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _address(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise Invalid.of(field, "must give a user's email as text")
    if len(value) > EMAIL_LENGTH or not is_storable(value):
        raise Invalid.of(field, NOBODY)
    return value
