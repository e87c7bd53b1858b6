"""What each kind of object shows to searches and in csv, xml and json, in the order of columns.

See docs/api/export-search.md.
"""

from enum import StrEnum
from typing import Literal

from msgspec import Struct


class ObjectType(StrEnum):
    """The six kinds of objects that are exported, in the order in which files are named."""

    SLOT = "slot"
    GROUP = "group"
    TIMESLOT = "timeslot"
    EVENT = "event"
    LOCATION = "location"
    CONVENTION = "convention"


#: ``instant``: a time in UTC, of a whole day its date; ``date``: a day
FieldClass = Literal["number", "text", "boolean", "instant", "date"]


class Field(Struct, frozen=True, kw_only=True):
    """One field of one kind of object, or (``of`` None) of every kind."""

    name: str
    kind: FieldClass
    of: ObjectType | None = None
    is_list: bool = False
    managers_only: bool = False  #: of a convention's managers
    links_to: ObjectType | None = None  #: the number is the id of such an object
    is_media: bool = False  #: holds files


SYSTEM_FIELDS = (
    Field(name="_objecttype", kind="text"),
    Field(name="_system_object_id", kind="number"),
    Field(name="_global_object_id", kind="text"),
    Field(name="_uuid", kind="text"),
    Field(name="_version", kind="number"),
    Field(name="_last_modified", kind="instant"),
    Field(name="_changelog.date_created", kind="instant"),
    Field(name="_changelog.date_last_updated", kind="instant"),
    Field(name="_owner.user._id", kind="number"),
    Field(name="_linked._asset.class", kind="text", is_list=True),
    Field(name="_linked._asset.extension", kind="text", is_list=True),
    Field(name="_linked._asset.filesize", kind="number", is_list=True),
)


def _fields(of: ObjectType, texts: str) -> tuple[Field, ...]:
    return tuple(_field(of, text) for text in texts.split())


def _field(of: ObjectType, text: str) -> Field:
    """A field from ``name:kind`` with its marks: ``*`` a list, ``!`` for managers only, ``>type`` a link."""
    name, _, kind = text.partition(":")
    kind, _, target = kind.partition(">")
    marks = "".join(sign for sign in kind if not sign.isalpha())
    word = kind.rstrip("*!")
    kinds: dict[str, FieldClass] = {
        "number": "number",
        "text": "text",
        "boolean": "boolean",
        "instant": "instant",
        "date": "date",
        "media": "text",
    }
    return Field(
        name=f"{of}.{name}",
        kind=kinds[word],
        of=of,
        is_list="*" in marks,
        managers_only="!" in marks,
        links_to=ObjectType(target) if target else None,
        is_media=word == "media",
    )


OWN_FIELDS: dict[ObjectType, tuple[Field, ...]] = {
    ObjectType.SLOT: _fields(
        ObjectType.SLOT,
        "_id:number uid:text title:text start:instant end:instant allday:boolean open_end:boolean rrule:text"
        " description:text visibility:text location.name:text location.city:text notes.title:text*"
        " notes.content:text* settings.alerts:text groups.uuid:text* groups.name:text* media:media*",
    ),
    ObjectType.GROUP: _fields(
        ObjectType.GROUP, "_id:number uuid:text name:text description:text public:boolean image:media*"
    ),
    ObjectType.TIMESLOT: _fields(
        ObjectType.TIMESLOT,
        "_id:number start:instant duration:number min_attendees:number max_attendees:number notes_to_attendees:text"
        " event:number>event location:number*>location hosts.name:text* convention:number>convention",
    ),
    ObjectType.EVENT: _fields(
        ObjectType.EVENT,
        "_id:number title:text teaser:text description:text requires_registration:boolean duration:number"
        " min_attendees:number max_attendees:number notes_to_attendees:text tags:text* status:number"
        " convention:number>convention notes_to_staff:text! logistical_requirements:text!"
        " scheduling_constraints:text!",
    ),
    ObjectType.LOCATION: _fields(
        ObjectType.LOCATION,
        "_id:number title:text slug:text area:text max_attendees:number convention:number>convention",
    ),
    ObjectType.CONVENTION: _fields(
        ObjectType.CONVENTION,
        "_id:number title:text slug:text series:text website:text location:text start_date:date end_date:date",
    ),
}

#: every field by its name, system fields first
FIELDS: dict[str, Field] = {
    field.name: field for field in (*SYSTEM_FIELDS, *(field for fields in OWN_FIELDS.values() for field in fields))
}


def fields_of(kind: ObjectType) -> tuple[Field, ...]:
    """The fields that objects of a kind have, in the order of columns."""
    return (*SYSTEM_FIELDS, *OWN_FIELDS[kind])
