"""The people a convention knows, over HTTP (docs/api/convention-places.md)."""

from datetime import datetime
from typing import Any

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from slotport.actions import people
from slotport.actions.convention_access import manager, system
from slotport.api.convention.shapes import Done, UserObject, user_object
from slotport.core.convention import Access
from slotport.errors import NotSupported
from slotport.storage.store import Store

Fields = dict[str, Any]


class UserWithNothing(UserObject, kw_only=True):
    """A user with the coupons and tickets that Slotport does not keep."""

    coupons: list[str]
    tickets: list[str]


@get("/users", sync_to_thread=True)
def list_users(
    access: NamedDependency[Access], flags: NamedDependency[dict[str, str]], store: NamedDependency[Store]
) -> list[UserObject] | UserObject:
    """List the users that the convention knows, or show the one that `email` names; for managers."""
    manager(access)
    if email := flags.get("email", "").strip():
        # a plus sign that was not escaped arrives as a space, which no address has
        return user_object(people.by_email(store, access, email.replace(" ", "+")), access)
    return [user_object(person, access) for person in people.listed(store, access)]


@post("/users", status_code=200, sync_to_thread=True)
def add_user(
    access: NamedDependency[Access],
    fields: NamedDependency[Fields],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> UserObject:
    """Make an account of `name`, `email` and perhaps `phone`, which has no password until it is reset.

    An account that has the address stays as it is and is answered. For managers and the convention itself.
    """
    shown = user_object(people.add(store, system(access), fields, now=now), access)
    shown.status = True
    return shown


@get("/users/{user:str}", sync_to_thread=True)
def read_user(user: FromPath[str], access: NamedDependency[Access], store: NamedDependency[Store]) -> UserWithNothing:
    """Show oneself, or with system access a user that the convention knows."""
    shown = user_object(people.get(store, access, user), access)
    return UserWithNothing(
        id=shown.id,
        name=shown.name,
        email=shown.email,
        phone=shown.phone,
        date_of_birth=shown.date_of_birth,
        coupons=[],
        tickets=[],
    )


@put("/users/{user:str}", sync_to_thread=False)
def change_user(user: FromPath[str]) -> Done:
    """Refuse to change a user."""
    raise NotSupported("a user cannot be changed here")


@delete("/users/{user:str}", status_code=200, sync_to_thread=False)
def remove_user(user: FromPath[str]) -> Done:
    """Refuse to delete a user."""
    raise NotSupported("a user cannot be deleted here")


HANDLERS: list[Any] = [list_users, add_user, read_user, change_user, remove_user]
