"""A convention's locations and tag types: make, change, remove."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import events, locations, tags, timeslots
from slotport.api.body import body_of
from slotport.api.page.convention_access import BELOW, path_of
from slotport.api.page.convention_forms import beside_fields, lines_of
from slotport.api.page.rendering import Page
from slotport.api.scope import ESCAPED_SLASH
from slotport.core.convention import Access, Location, TagType
from slotport.errors import Conflict, Invalid, NotFound
from slotport.storage.store import Store

LOCATION = f"{BELOW}/locations/{{slug:str}}"
TAG = f"{BELOW}/tags/{{tag_id:int}}"
NAMED = 10  #: of what stands in the way


class LocationForm(Struct, kw_only=True):
    """What is said of a location."""

    title: str = ""
    slug: str = ""  #: of a new one
    max_attendees: str = "0"
    area: str = ""


class TagForm(Struct, kw_only=True):
    """What is said of a tag type."""

    title: str = ""
    requirement: str = "1"
    public: bool = False
    values: str = ""  #: one a line
    before: str = ""  #: what ``values`` was when the form was made
    old: str = ""  #: value to be called ``new``
    new: str = ""


class TagRemovalForm(Struct, kw_only=True):
    """Whether events lose the tag."""

    force: bool = False


@get(f"{BELOW}/locations", sync_to_thread=True)
def show_locations(
    convention_name: FromPath[str],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The locations, with the number of their time slots."""
    found = [(location, len(slots)) for location, slots in locations.listed(store, access)]
    return page.show("convention_locations.html", convention=access.convention, locations=found)


@get(f"{BELOW}/locations/new", sync_to_thread=True)
def show_new_location(
    convention_name: FromPath[str], page: NamedDependency[Page], access: NamedDependency[Access]
) -> Response[Any]:
    """The form of a new location."""
    return _location_form(page, access, LocationForm(), None)


@post(f"{BELOW}/locations", sync_to_thread=True, dependencies={"form": body_of(LocationForm)})
def create_location(
    convention_name: FromPath[str],
    form: NamedDependency[LocationForm],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Make a location."""
    fields = {"title": form.title, "slug": form.slug, "max_attendees": form.max_attendees or "0", "area": form.area}
    try:
        locations.create(store, access, fields, now=now)
    except (Invalid, Conflict) as problem:
        shown = beside_fields(problem, LocationForm)
        return _location_form(page, access, form, None, status_code=422, problem=shown)
    return page.go(path_of(access.convention, "/locations"), said="convention-location-made")


@get(LOCATION, sync_to_thread=True)
def show_location(
    convention_name: FromPath[str],
    slug: FromPath[str],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The form of a location that is there."""
    location = _location(store, access, slug)
    form = LocationForm(title=location.title, max_attendees=str(location.max_attendees), area=location.area or "")
    return _location_form(page, access, form, location)


@post(LOCATION, sync_to_thread=True, dependencies={"form": body_of(LocationForm)})
def change_location(
    convention_name: FromPath[str],
    slug: FromPath[str],
    form: NamedDependency[LocationForm],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Change the location; its slug stays."""
    location = _location(store, access, slug)
    fields = {"title": form.title, "max_attendees": form.max_attendees or "0", "area": form.area}
    try:
        locations.change(store, access, location.slug, fields, now=now)
    except (Invalid, Conflict) as problem:
        shown = beside_fields(problem, LocationForm)
        return _location_form(page, access, form, location, status_code=422, problem=shown)
    return page.go(path_of(access.convention, "/locations"), said="convention-saved")


@post(f"{LOCATION}/remove", sync_to_thread=True)
def remove_location(
    convention_name: FromPath[str],
    slug: FromPath[str],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Remove the location; if time slots are in it, show which."""
    location = _location(store, access, slug)
    try:
        locations.remove(store, access, location.slug, now=now)
    except Conflict as problem:
        ids = (problem.details or {}).get("timeslots", [])
        held = [slot for each in ids[:NAMED] if (slot := timeslots.read(store, access, int(each))) is not None]
        return page.show(
            "convention_in_use.html",
            status_code=409,
            convention=access.convention,
            what=location.title,
            back="/locations",
            slots=held,
            events=[],
            more=len(ids) - len(held),
        )
    return page.go(path_of(access.convention, "/locations"), said="convention-location-removed")


@get(f"{BELOW}/tags", sync_to_thread=True)
def show_tags(
    convention_name: FromPath[str],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The tag types with their values."""
    return page.show("convention_tags.html", convention=access.convention, kinds=tags.listed(store, access))


@get(f"{BELOW}/tags/new", sync_to_thread=True)
def show_new_tag(
    convention_name: FromPath[str], page: NamedDependency[Page], access: NamedDependency[Access]
) -> Response[Any]:
    """The form of a new tag type."""
    return _tag_form(page, access, TagForm(public=True), None)


@post(f"{BELOW}/tags", sync_to_thread=True, dependencies={"form": body_of(TagForm)})
def create_tag(
    convention_name: FromPath[str],
    form: NamedDependency[TagForm],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Make a tag type."""
    fields = {"title": form.title, "requirement": form.requirement, "public": form.public}
    try:
        if tags.read(store, access, form.title.strip()) is not None:
            raise Invalid.of("title", "is that of another tag")
        tags.create(store, access, {**fields, "values": lines_of(form.values)}, now=now)
    except Invalid as problem:
        return _tag_form(page, access, form, None, status_code=422, problem=beside_fields(problem, TagForm))
    return page.go(path_of(access.convention, "/tags"), said="convention-tag-made")


@get(TAG, sync_to_thread=True)
def show_tag(
    convention_name: FromPath[str],
    tag_id: FromPath[int],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The form of a tag type that is there."""
    kind = _kind(store, access, tag_id)
    values = "\n".join(kind.values)
    form = TagForm(title=kind.title, requirement=kind.requirement, public=kind.public, values=values, before=values)
    return _tag_form(page, access, form, kind)


@post(TAG, sync_to_thread=True, dependencies={"form": body_of(TagForm)})
def change_tag(
    convention_name: FromPath[str],
    tag_id: FromPath[int],
    form: NamedDependency[TagForm],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Change the tag type: what was added to the lines and taken out of them, and what is called anew."""
    kind = _kind(store, access, tag_id)
    before, after = lines_of(form.before), lines_of(form.values)
    fields = {
        "title": form.title,
        "requirement": form.requirement,
        "public": form.public,
        "values": [value for value in after if value not in before],
        "remove_values": [value for value in before if value not in after],
        "replace_values": {form.old: form.new} if form.old and form.new.strip() else {},
    }
    try:
        tags.change(store, access, kind.title, fields, now=now)
    except Invalid as problem:
        names = {"replace_values": "new", "remove_values": "values"}
        shown = beside_fields(problem, TagForm, names)
        return _tag_form(page, access, form, kind, status_code=422, problem=shown)
    except Conflict as problem:
        return _tag_form(page, access, form, kind, status_code=422, problem=problem)
    return page.go(path_of(access.convention, "/tags"), said="convention-saved")


@post(f"{TAG}/remove", sync_to_thread=True, dependencies={"form": body_of(TagRemovalForm)})
def remove_tag(
    convention_name: FromPath[str],
    tag_id: FromPath[int],
    form: NamedDependency[TagRemovalForm],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Remove the tag type; if events have it, show which, and ask."""
    kind = _kind(store, access, tag_id)
    try:
        tags.remove(store, access, kind.title, {"force": form.force}, now=now)
    except Conflict as problem:
        ids = (problem.details or {}).get("events", [])
        held = [event for each in ids[:NAMED] if (event := events.read(store, access, int(each))) is not None]
        return page.show(
            "convention_in_use.html",
            status_code=409,
            convention=access.convention,
            what=kind.title,
            back="/tags",
            slots=[],
            events=held,
            more=len(ids) - len(held),
            force=f"/tags/{tag_id}/remove",
        )
    return page.go(path_of(access.convention, "/tags"), said="convention-tag-removed")


HANDLERS: list[Any] = [
    show_locations,
    show_new_location,
    create_location,
    show_location,
    change_location,
    remove_location,
    show_tags,
    show_new_tag,
    create_tag,
    show_tag,
    change_tag,
    remove_tag,
]


def _location(store: Store, access: Access, slug: str) -> Location:
    found = locations.find(store, access, slug.replace(ESCAPED_SLASH, "/"))
    if found is None:
        raise NotFound("there is no such location")
    return found[0]


def _kind(store: Store, access: Access, tag_id: int) -> TagType:
    found = next((kind for kind in tags.listed(store, access) if kind.id == tag_id), None)
    if found is None:
        raise NotFound("there is no such tag")
    return found


def _location_form(
    page: Page, access: Access, form: LocationForm, location: Location | None, **further: Any
) -> Response[Any]:
    return page.show("convention_location.html", convention=access.convention, form=form, location=location, **further)


def _tag_form(page: Page, access: Access, form: TagForm, kind: TagType | None, **further: Any) -> Response[Any]:
    return page.show(
        "convention_tag.html",
        convention=access.convention,
        form=form,
        kind=kind,
        pairs=[("", "–"), *((value, value) for value in (kind.values if kind else ()))],
        **further,
    )
