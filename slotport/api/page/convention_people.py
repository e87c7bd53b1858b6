"""The people that a convention knows, and those who manage it."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import managers, people
from slotport.api.body import body_of, query_of
from slotport.api.page.convention_access import BELOW, path_of
from slotport.api.page.convention_forms import beside_fields, rows_of
from slotport.api.page.rendering import Page
from slotport.core.account import Account
from slotport.core.convention import Access, Role
from slotport.errors import Invalid
from slotport.storage.store import Store


class PeopleQuery(Struct, kw_only=True):
    """Which people are shown."""

    q: str = ""
    number: int = 1


class PersonForm(Struct, kw_only=True):
    """Somebody new."""

    name: str = ""
    email: str = ""
    phone: str = ""


class ManagerForm(Struct, kw_only=True):
    """Somebody who is to manage."""

    email: str = ""
    role: str = Role.MANAGER.value


@get(f"{BELOW}/people", sync_to_thread=True, dependencies={"asked": query_of(PeopleQuery)})
def show_people(
    convention_name: FromPath[str],
    asked: NamedDependency[PeopleQuery],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """Everybody the convention knows, by name."""
    wanted = asked.q.strip().casefold()
    found = [
        person
        for person in people.listed(store, access)
        if wanted in person.name.casefold() or wanted in (person.email or "").casefold()
    ]
    found.sort(key=lambda person: (person.name.casefold(), person.id))
    rows = rows_of(found, asked.number)
    return page.show("convention_people.html", convention=access.convention, asked=asked, rows=rows)


@get(f"{BELOW}/people/new", sync_to_thread=True)
def show_new_person(
    convention_name: FromPath[str], page: NamedDependency[Page], access: NamedDependency[Access]
) -> Response[Any]:
    """The form that makes somebody known."""
    return page.show("convention_person.html", convention=access.convention, form=PersonForm())


@post(f"{BELOW}/people", sync_to_thread=True, dependencies={"form": body_of(PersonForm)})
def add_person(
    convention_name: FromPath[str],
    form: NamedDependency[PersonForm],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Make somebody known to the convention, with an account if there is none."""
    fields = {"name": form.name, "email": form.email, "phone": form.phone.strip() or None}
    try:
        people.add(store, access, fields, now=now)
    except Invalid as problem:
        shown = beside_fields(problem, PersonForm)
        return page.show(
            "convention_person.html", status_code=422, problem=shown, convention=access.convention, form=form
        )
    return page.go(path_of(access.convention, "/people"), said="convention-person-added")


@get(f"{BELOW}/managers", sync_to_thread=True)
def show_managers(
    convention_name: FromPath[str],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """Who manages the convention."""
    return _managers(page, store, access, ManagerForm())


@post(f"{BELOW}/managers", sync_to_thread=True, dependencies={"form": body_of(ManagerForm)})
def appoint_manager(
    convention_name: FromPath[str],
    form: NamedDependency[ManagerForm],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Let the account of an e-mail address manage the convention."""
    try:
        managers.appoint(store, access, {"email": form.email, "role": form.role}, now=now)
    except Invalid as problem:
        shown = beside_fields(problem, ManagerForm, {"user": "email", "id": "email"})
        return _managers(page, store, access, form, status_code=422, problem=shown)
    return page.go(path_of(access.convention, "/managers"), said="convention-manager-appointed")


@post(f"{BELOW}/managers/{{account_id:int}}/dismiss", sync_to_thread=True)
def dismiss_manager(
    convention_name: FromPath[str],
    account_id: FromPath[int],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """Let somebody manage no longer."""
    managers.dismiss(store, access, str(account_id))
    return page.go(path_of(access.convention, "/managers"), said="convention-manager-dismissed")


HANDLERS: list[Any] = [
    show_people,
    show_new_person,
    add_person,
    show_managers,
    appoint_manager,
    dismiss_manager,
]


def _managers(page: Page, store: Store, access: Access, form: ManagerForm, **further: Any) -> Response[Any]:
    own: Account | None = access.account
    return page.show(
        "convention_managers.html",
        convention=access.convention,
        managers=managers.listed(store, access),
        own_id=own.id if own else None,
        form=form,
        roles=list(Role),
        **further,
    )
