"""Conventions over HTTP (docs/api/convention-places.md)."""

from datetime import datetime
from typing import Any

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Struct, UnsetType

from slotport.actions import conventions
from slotport.actions.convention_access import manager
from slotport.api.convention.shapes import Done
from slotport.core import convention_input as given
from slotport.core.account import Account
from slotport.core.convention import Access, Convention
from slotport.errors import Invalid, NotSupported
from slotport.storage.store import Store

Fields = dict[str, Any]


class ConventionItem(Struct, kw_only=True, rename="kebab"):
    """A convention in a list; `public-key` if it is asked for."""

    id: str
    title: str
    slug: str
    series: str | None
    public_key: str | UnsetType = UNSET


class ConventionObject(Struct, kw_only=True, rename="kebab"):
    """A convention; keys and settings with system access to it only."""

    id: str
    slug: str
    title: str
    series: str | None
    website: str | None
    location: str | None
    start_date: str | None
    end_date: str | None
    public_key: str | UnsetType = UNSET
    secret_key: str | UnsetType = UNSET
    settings: dict[str, Any] | UnsetType = UNSET


class FoundedObject(Struct, kw_only=True):
    """A new convention and its keys."""

    status: bool = True
    slug: str
    id: int
    key: str
    secret: str


def convention_object(access: Access) -> ConventionObject:
    """The convention as the caller may see it."""
    convention = access.convention
    shown = ConventionObject(
        id=str(convention.id),
        slug=convention.slug,
        title=convention.title,
        series=convention.series,
        website=convention.website,
        location=convention.location,
        start_date=conventions.shown_day(convention.start_date, convention.zone),
        end_date=conventions.shown_day(convention.end_date, convention.zone),
    )
    if access.sees_all:
        shown.public_key, shown.secret_key = convention.public_key, convention.secret_key
        shown.settings = convention.settings
    return shown


def _item(convention: Convention, *, keys: bool) -> ConventionItem:
    return ConventionItem(
        id=str(convention.id),
        title=convention.title,
        slug=convention.slug,
        series=convention.series,
        public_key=convention.public_key if keys else UNSET,
    )


@get("/conventions", sync_to_thread=True)
def list_conventions(
    visitor: NamedDependency[Account | None], flags: NamedDependency[dict[str, str]], store: NamedDependency[Store]
) -> list[ConventionItem]:
    """List all conventions.

    With `manager=1` only those that the caller manages; `keys=1` adds their public keys.
    """
    managed, keys = given.flag(flags.get("manager"), "manager"), given.flag(flags.get("keys"), "keys")
    if managed and visitor is None:
        raise Invalid.of("manager", "needs the token of a user who is signed in")
    found = conventions.listed(store, managed_by=visitor if managed else None)
    return [_item(convention, keys=bool(keys)) for convention in found]


@post("/conventions", status_code=200, sync_to_thread=True)
def found_convention(
    caller: NamedDependency[Account],
    fields: NamedDependency[Fields],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> FoundedObject:
    """Found a convention.

    Needs `title`; may have `series`, `website`, `location`, `slug`, `start-date` and `end-date`. The caller is its
    first manager.
    """
    made = conventions.found(store, caller, fields, now=now)
    return FoundedObject(slug=made.slug, id=made.id, key=made.public_key, secret=made.secret_key)


@get("/conventions/{convention_name:str}", sync_to_thread=False)
def read_convention(convention_name: FromPath[str], access: NamedDependency[Access]) -> ConventionObject:
    """Show a convention: that of an id or a slug, or with `self` that of the key."""
    return convention_object(access)


@put("/conventions/{convention_name:str}", sync_to_thread=True)
def change_convention(
    convention_name: FromPath[str],
    access: NamedDependency[Access],
    fields: NamedDependency[Fields],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Done:
    """Change what the body names, `settings` as a whole; for managers."""
    manager(access)
    conventions.change(store, access, fields, now=now)
    return Done()


@delete("/conventions/{convention_name:str}", status_code=200, sync_to_thread=False)
def remove_convention(convention_name: FromPath[str]) -> Done:
    """Refuse to delete a convention."""
    raise NotSupported("a convention cannot be deleted")


HANDLERS: list[Any] = [list_conventions, found_convention, read_convention, change_convention, remove_convention]
