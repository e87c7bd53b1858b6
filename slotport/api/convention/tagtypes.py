"""Tag types of a convention (docs/api/convention-events.md): what can be said of its events."""

from datetime import datetime
from typing import Any, Literal

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import UNSET, Struct, UnsetType

from slotport.actions import tags
from slotport.api.convention.bodies import Fields
from slotport.api.convention.errors import MEDIA_TYPE
from slotport.api.convention.shapes import Done
from slotport.core.convention import Access, TagType
from slotport.storage.store import Store


class TagTypeObject(Struct, kw_only=True):
    """A tag type: `requirement` is `1` for exactly one value, `+` for one or more, `*` for any number."""

    status: bool | UnsetType = UNSET  #: true where the answer tells of a change
    title: str
    requirement: str
    public: bool
    values: list[str]


@get("/tagtypes", sync_to_thread=True, media_type=MEDIA_TYPE)
def list_tag_types(access: NamedDependency[Access], store: NamedDependency[Store]) -> list[TagTypeObject]:
    """List the convention's tag types; private ones to its managers only."""
    return [tag_type_object(kind) for kind in tags.listed(store, access)]


@get("/tagtypes/{title:str}", sync_to_thread=True, media_type=MEDIA_TYPE)
def read_tag_type(
    title: FromPath[str], access: NamedDependency[Access], store: NamedDependency[Store]
) -> TagTypeObject | Literal[False]:
    """Show a tag type; false if there is none for the caller."""
    kind = tags.read(store, access, title)
    return False if kind is None else tag_type_object(kind)


@post("/tagtypes", status_code=200, sync_to_thread=True, media_type=MEDIA_TYPE)
def create_tag_type(
    access: NamedDependency[Access],
    fields: NamedDependency[Fields],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> TagTypeObject:
    """Make a tag type, or add values to the one of that title; for managers."""
    return tag_type_object(tags.create(store, access, fields, now=now), status=True)


@put("/tagtypes/{title:str}", sync_to_thread=True, media_type=MEDIA_TYPE)
def change_tag_type(
    title: FromPath[str],
    access: NamedDependency[Access],
    fields: NamedDependency[Fields],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> TagTypeObject:
    """Replace, remove and add values of a tag type, then change all else of it; for managers."""
    return tag_type_object(tags.change(store, access, title, fields, now=now), status=True)


@delete("/tagtypes/{title:str}", status_code=200, sync_to_thread=True, media_type=MEDIA_TYPE)
def remove_tag_type(
    title: FromPath[str],
    access: NamedDependency[Access],
    fields: NamedDependency[Fields],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Done:
    """Remove a tag type that no event has, or with `force` from all events; for managers."""
    tags.remove(store, access, title, fields, now=now)
    return Done()


def tag_type_object(kind: TagType, *, status: bool | UnsetType = UNSET) -> TagTypeObject:
    """The tag type as answers show it."""
    return TagTypeObject(
        status=status,
        title=kind.title,
        requirement=kind.requirement.value,
        public=kind.public,
        values=list(kind.values),
    )


HANDLERS: list[Any] = [list_tag_types, read_tag_type, create_tag_type, change_tag_type, remove_tag_type]
