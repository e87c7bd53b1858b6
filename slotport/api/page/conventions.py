"""The conventions that somebody manages: list, found, overview, settings (docs/page.md)."""

from datetime import datetime
from typing import Any

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import conventions, overviews
from slotport.api.addresses import own_address
from slotport.api.body import body_of
from slotport.api.callers import AnyRequest
from slotport.api.page import (
    convention_access,
    convention_events,
    convention_import,
    convention_people,
    convention_places,
)
from slotport.api.page.convention_access import BELOW, path_of
from slotport.api.page.convention_forms import beside_fields
from slotport.api.page.rendering import Page, zones
from slotport.core.account import Account
from slotport.core.convention import Access, Convention
from slotport.errors import Invalid, SlotportError
from slotport.formats.feed import base_url_of
from slotport.storage.store import Store


class ConventionForm(Struct, kw_only=True):
    """What is said of a convention."""

    title: str = ""
    slug: str = ""
    series: str = ""
    website: str = ""
    location: str = ""
    start_date: str = ""
    end_date: str = ""
    timezone: str = ""


@get("/conventions", sync_to_thread=True)
def show_conventions(
    page: NamedDependency[Page], caller: NamedDependency[Account], store: NamedDependency[Store]
) -> Response[Any]:
    """The caller's conventions, the latest first."""
    found = conventions.listed(store, managed_by=caller)
    found.sort(key=lambda each: (each.start_date is not None, each.start_date, each.id), reverse=True)
    return page.show("conventions.html", conventions=found)


@get("/conventions/new", sync_to_thread=True)
def show_new_convention(page: NamedDependency[Page], caller: NamedDependency[Account]) -> Response[Any]:
    """The form that founds one."""
    return page.show("convention_new.html", form=ConventionForm(timezone=page.zone.key), zones=sorted(zones()))


@post("/conventions", sync_to_thread=True, dependencies={"form": body_of(ConventionForm)})
def found_convention(
    form: NamedDependency[ConventionForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Found a convention; the caller is its first manager."""
    try:
        made = conventions.found(store, caller, _fields(form, {}), now=now)
    except Invalid as problem:
        return page.show(
            "convention_new.html", status_code=422, problem=_shown(problem), form=form, zones=sorted(zones())
        )
    return page.go(path_of(made), said="convention-founded")


@get(BELOW, sync_to_thread=True)
def show_convention(
    convention_name: FromPath[str],
    request: AnyRequest,
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """What there is of the convention, what to do next, and where its schedule is."""
    return page.show(
        "convention.html",
        convention=access.convention,
        counts=overviews.counts(store, access),
        files=files_of(page, request, access.convention),
    )


@get(f"{BELOW}/settings", sync_to_thread=True)
def show_settings(
    convention_name: FromPath[str], page: NamedDependency[Page], access: NamedDependency[Access]
) -> Response[Any]:
    """The form of all that can be changed, and the keys for programs."""
    return _settings(page, access, _form(access.convention))


@post(f"{BELOW}/settings", sync_to_thread=True, dependencies={"form": body_of(ConventionForm)})
def change_settings(
    convention_name: FromPath[str],
    form: NamedDependency[ConventionForm],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Change the convention."""
    fields = _fields(form, access.convention.settings)
    try:
        if not form.title.strip():
            raise Invalid.of("title", "is needed")
        conventions.change(store, access, fields, now=now)
    except Invalid as problem:
        return _settings(page, access, form, status_code=422, problem=_shown(problem))
    return page.go(path_of(access.convention, "/settings"), said="convention-saved")


HANDLERS: list[Any] = [
    show_conventions,
    show_new_convention,
    found_convention,
    Router(
        "/",
        route_handlers=[
            show_convention,
            show_settings,
            change_settings,
            *convention_events.HANDLERS,
            *convention_places.HANDLERS,
            *convention_people.HANDLERS,
            *convention_import.HANDLERS,
        ],
        dependencies=convention_access.PROVIDED,
    ),
]


def files_of(page: Page, request: AnyRequest, convention: Convention) -> dict[str, str]:
    """Addresses of the convention's public page and its schedule files, by ``page``, ``ics``, ``xml``, ``json``."""
    server = (page.settings.base_url or own_address(request)).rstrip("/")
    below = base_url_of(server, convention)
    public = f"{server}/c/{path_of(convention).removeprefix('/app/conventions/')}"
    return {"page": public, **{word: f"{below}schedule.{word}" for word in ("ics", "xml", "json")}}


def _settings(page: Page, access: Access, form: ConventionForm, **further: Any) -> Response[Any]:
    names = sorted(zones() | {access.convention.zone_name})
    return page.show("convention_settings.html", convention=access.convention, form=form, zones=names, **further)


def _fields(form: ConventionForm, settings: dict[str, Any]) -> dict[str, Any]:
    """What the form says, as the action takes it; settings that have no field stay."""
    names = ("title", "slug", "series", "website", "location", "start_date", "end_date")
    fields: dict[str, Any] = {name: getattr(form, name) for name in names}
    if form.timezone:
        fields["settings"] = {**settings, "timezone": form.timezone}
    return fields


def _form(convention: Convention) -> ConventionForm:
    texts = {name: getattr(convention, name) or "" for name in ("title", "slug", "series", "website", "location")}
    days = {name: getattr(convention, name) for name in ("start_date", "end_date")}
    shown = {name: day.isoformat() if day else "" for name, day in days.items()}
    return ConventionForm(**texts, **shown, timezone=convention.zone_name)


def _shown(problem: Invalid) -> SlotportError:
    return beside_fields(problem, ConventionForm, {"settings": "timezone"})
