"""Who manages a convention, over HTTP; all of it is for managers (docs/api/convention-places.md)."""

from datetime import datetime
from typing import Any

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import managers
from slotport.actions.convention_access import manager
from slotport.api.convention.shapes import ROLES, Done, RoleObject, UserObject, user_object
from slotport.core.convention import Access
from slotport.errors import NotSupported
from slotport.storage.store import Store

Fields = dict[str, Any]


class ManagerItem(Struct, kw_only=True):
    """A manager in the list."""

    id: str
    email: str | None
    name: str
    role: RoleObject
    role_name: str


class ManagerObject(UserObject, kw_only=True):
    """A manager."""

    role: RoleObject


@get("/managers", sync_to_thread=True)
def list_managers(access: NamedDependency[Access], store: NamedDependency[Store]) -> list[ManagerItem]:
    """List the convention's managers, in order of appointment."""
    manager(access)
    return [
        ManagerItem(
            id=str(found.person.id),
            email=found.person.email,
            name=found.person.name,
            role=ROLES[found.role],
            role_name=found.role.value,
        )
        for found in managers.listed(store, access)
    ]


@post("/managers", status_code=200, sync_to_thread=True)
def appoint_manager(
    access: NamedDependency[Access],
    fields: NamedDependency[Fields],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> UserObject:
    """Make somebody a manager: the user of `id` or `email`, with a `role` if it is none yet."""
    manager(access)
    person = managers.appoint(store, access, fields, now=now)
    return UserObject(status=True, id=str(person.id), name=person.name, email=person.email)


@get("/managers/{user:str}", sync_to_thread=True)
def read_manager(user: FromPath[str], access: NamedDependency[Access], store: NamedDependency[Store]) -> ManagerObject:
    """Show the manager of an id or e-mail address."""
    manager(access)
    found = managers.get(store, access, user)
    shown = user_object(found.person, access)
    return ManagerObject(
        id=shown.id,
        name=shown.name,
        email=shown.email,
        phone=shown.phone,
        date_of_birth=shown.date_of_birth,
        role=ROLES[found.role],
    )


@put("/managers/{user:str}", sync_to_thread=False)
def change_manager(user: FromPath[str]) -> Done:
    """Refuse to change a role."""
    raise NotSupported("a manager's role cannot be changed")


@delete("/managers/{user:str}", status_code=200, sync_to_thread=True)
def dismiss_manager(user: FromPath[str], access: NamedDependency[Access], store: NamedDependency[Store]) -> Done:
    """Let somebody manage the convention no longer; nobody dismisses oneself."""
    manager(access)
    managers.dismiss(store, access, user)
    return Done()


HANDLERS: list[Any] = [list_managers, appoint_manager, read_manager, change_manager, dismiss_manager]
