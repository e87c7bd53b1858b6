"""The values of an object's fields, for csv, xml and json alike (docs/formats/objects.md, "Values").

An instant is ``YYYY-MM-DDTHH:MM:SSZ``, a whole day ``YYYY-MM-DD``; a list is a tuple; what is empty is None or ``()``.
"""

import posixpath
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from slotport.core.convention import Convention, Event, Location, TimeSlot
from slotport.core.export import AssetLink, DisplayName
from slotport.core.export_fields import Field, ObjectType, fields_of
from slotport.core.exported import Asset, Exported, Group, MediaItem
from slotport.core.object_ids import global_id
from slotport.core.slot import Slot
from slotport.core.when import iso_seconds

Scalar = str | int | float | bool | None
Value = Scalar | tuple[Scalar, ...]
#: from the object itself, such as its slot, and all that is known of it
Getter = Callable[[Any, Exported], Value]

#: as ``str`` does, in a third of the time
_uuid_text: Callable[[UUID], str] = msgspec.to_builtins

_MEDIA = {ObjectType.SLOT: "slot.media", ObjectType.GROUP: "group.image"}
_LONG = ("class", "extension", "size", "sha256", "width", "height")


class Rendition(Struct, frozen=True, kw_only=True):
    """What there is to know of a version that was made of a file."""

    extension: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None


def _no_paths(_one: Exported) -> Mapping[int, Sequence[str]]:
    return {}


def _no_rendition(_asset_id: int, _name: str) -> Rendition | None:
    return None


class Media(Struct, frozen=True, kw_only=True):
    """What is said about media files."""

    #: the files that are written of an object's media, by asset id: paths as in ``_files``
    paths: Callable[[Exported], Mapping[int, Sequence[str]]] = _no_paths
    url: Callable[[int, str], str] = "/api/v1/eas/download/{}/{}".format  #: of an asset's version: id and name
    rendition: Callable[[int, str], Rendition | None] = _no_rendition  #: of an asset, by id and name
    links: Mapping[str, Sequence[AssetLink]] = {}  #: ``eas_fields.<field>.data`` by field


class Shape(Struct, frozen=True, kw_only=True):
    """How the objects of a file are told."""

    instance_name: str
    fields: Mapping[str, DisplayName] | None = None  #: only these; None: all
    media: Media = Media()
    folder: str = ""  #: of the file, without a slash at its end: paths in it are relative to that

    def shown(self, kind: ObjectType) -> Sequence[Field]:
        """The fields that are told of a kind, in the order of columns."""
        fields = fields_of(kind)
        return fields if self.fields is None else [one for one in fields if one.name in self.fields]

    def display_name(self, field: str) -> str | None:
        """What the export calls a field, if it calls it anything."""
        named = None if self.fields is None else self.fields.get(field)
        return None if named is None else named.display_name

    def relative(self, path: str) -> str:
        """The path of a file of the result, seen from the file that tells of it."""
        return posixpath.relpath(path, self.folder) if self.folder else path


@lru_cache(maxsize=64)
def getters(kind: ObjectType, instance_name: str) -> Sequence[Getter]:
    """What gives the value of each field that the kind has, in the order of ``fields_of``."""
    found: dict[str, Getter] = {**_SYSTEM, **_OWN[kind]}
    found["_global_object_id"] = lambda _, one: global_id(one.id, instance_name)
    return [found[field.name] for field in fields_of(kind)]


def part_of(kind: ObjectType) -> Callable[[Exported], Any]:
    """What gives the object itself, as ``getters`` want it."""
    return _PARTS[kind]


def values(one: Exported, instance_name: str) -> tuple[Value, ...]:
    """The value of every field that the object's kind has, in the order of ``fields_of``."""
    part = _PARTS[one.type](one)
    return tuple([get(part, one) for get in getters(one.type, instance_name)])


def texts(one: Exported, instance_name: str) -> dict[str, str]:
    """The values of all its fields by name, as texts; those of a list with ``, `` between."""
    return {
        field.name: ", ".join(map(text_of, value)) if isinstance(value, tuple) else text_of(value)
        for field, value in zip(fields_of(one.type), values(one, instance_name), strict=True)
    }


def text_of(value: Scalar) -> str:
    """A single value as text: nothing is empty, truth is ``true`` or ``false``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def moment_text(moment: datetime | date) -> str:
    """An instant or a whole day."""
    return iso_seconds(moment) if isinstance(moment, datetime) else moment.isoformat()


def media_field(kind: ObjectType) -> str | None:
    """The field of the kind that holds files."""
    return _MEDIA.get(kind)


def link_facts(item: MediaItem, link: AssetLink, media: Media) -> dict[str, Scalar]:
    """What a link says of a media file; nothing of what is no uploaded file, and of a version that it has not.

    A short link is its URL; a long one says the file's class, extension, size, sha256 and dimensions too.
    """
    asset, name = item.asset, link.type
    if asset is None:
        return {}
    made: Asset | Rendition | None = asset
    if link.type == "version":
        asset_class, _, name = (link.version or "").partition(".")  # type: ignore[assignment]  # a rendition's
        if asset_class != asset.asset_class or name not in asset.versions:
            return {}
        made = media.rendition(asset.id, name) if link.format == "long" else None
    facts: dict[str, Scalar] = {"url": media.url(asset.id, name)}
    if link.format == "long":
        facts["class"] = asset.asset_class.value
        for fact in _LONG[1:]:
            facts[fact] = None if made is None else getattr(made, fact)
    return facts


def link_names(link: AssetLink) -> tuple[str, ...]:
    """What ``link_facts`` says of a link."""
    return ("url",) if link.format == "short" else ("url", *_LONG)


def is_empty(value: Any) -> bool:
    """Whether a value stands for nothing."""
    return value is None or value in {"", ()}


# Each kind's fields


def _assets(one: Exported) -> Sequence[Asset]:
    """The files that the media mean, each once."""
    if not one.media:
        return ()
    return list({item.asset.id: item.asset for item in one.media if item.asset is not None}.values())


def _public_ids(_part: Any, one: Exported) -> tuple[str, ...]:
    return tuple([item.public_id for item in one.media]) if one.media else ()


def _id(_part: Any, one: Exported) -> int:
    return one.id


def _updated(_part: Any, one: Exported) -> str:
    return iso_seconds(one.updated_at)


def _convention_id(_part: Any, one: Exported) -> int | None:
    return None if one.of_convention is None else one.of_convention.id


def _day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


_PARTS: Mapping[ObjectType, Callable[[Exported], Any]] = {
    ObjectType.SLOT: attrgetter("slot"),
    ObjectType.GROUP: attrgetter("group"),
    ObjectType.TIMESLOT: attrgetter("time_slot"),
    ObjectType.EVENT: attrgetter("event"),
    ObjectType.LOCATION: attrgetter("location"),
    ObjectType.CONVENTION: attrgetter("convention"),
}

_SYSTEM: Mapping[str, Getter] = {
    "_objecttype": lambda _, one: one.type.value,
    "_system_object_id": _id,
    "_uuid": lambda _, one: _uuid_text(one.uuid),
    "_version": lambda _, one: one.version,
    "_last_modified": _updated,
    "_changelog.date_created": lambda _, one: iso_seconds(one.created_at),
    "_changelog.date_last_updated": _updated,
    "_owner.user._id": lambda _, one: one.owner_id,
    "_linked._asset.class": lambda _, one: tuple([asset.asset_class.value for asset in _assets(one)]),
    "_linked._asset.extension": lambda _, one: tuple([asset.extension for asset in _assets(one)]),
    "_linked._asset.filesize": lambda _, one: tuple([asset.size for asset in _assets(one)]),
}

_SLOT: Mapping[str, Callable[[Slot, Exported], Value]] = {
    "slot._id": _id,
    "slot.uid": lambda slot, _: slot.uid or None,
    "slot.title": lambda slot, _: slot.title or None,
    "slot.start": lambda slot, _: moment_text(slot.start),
    "slot.end": lambda slot, _: None if slot.end is None else moment_text(slot.end),
    "slot.allday": lambda slot, _: not isinstance(slot.start, datetime),
    "slot.open_end": lambda slot, _: slot.end is None,
    "slot.rrule": lambda slot, _: slot.rrule or None,
    "slot.description": lambda slot, _: slot.description or None,
    "slot.visibility": lambda slot, _: None if slot.visibility is None else slot.visibility.value,
    "slot.location.name": lambda slot, _: (slot.place.name or None) if slot.place else None,
    "slot.location.city": lambda slot, _: (slot.place.locality or None) if slot.place else None,
    "slot.notes.title": lambda slot, _: tuple([note.title for note in slot.notes]) if slot.notes else (),
    "slot.notes.content": lambda slot, _: tuple([note.content for note in slot.notes]) if slot.notes else (),
    "slot.settings.alerts": lambda slot, _: slot.alerts or None,
    "slot.groups.uuid": lambda _, one: tuple([_uuid_text(group.uuid) for group in one.groups]) if one.groups else (),
    "slot.groups.name": lambda _, one: tuple([group.name for group in one.groups]) if one.groups else (),
    "slot.media": _public_ids,
}

_GROUP: Mapping[str, Callable[[Group, Exported], Value]] = {
    "group._id": _id,
    "group.uuid": lambda group, _: str(group.uuid),
    "group.name": lambda group, _: group.name or None,
    "group.description": lambda group, _: group.description or None,
    "group.public": lambda group, _: group.public,
    "group.image": _public_ids,
}

_TIME_SLOT: Mapping[str, Callable[[TimeSlot, Exported], Value]] = {
    "timeslot._id": _id,
    "timeslot.start": lambda slot, _: iso_seconds(slot.start),
    "timeslot.duration": lambda slot, _: slot.duration_minutes,
    "timeslot.min_attendees": lambda slot, _: slot.min_attendees,
    "timeslot.max_attendees": lambda slot, _: slot.max_attendees,
    "timeslot.notes_to_attendees": lambda slot, _: slot.notes_to_attendees or None,
    "timeslot.event": lambda slot, _: slot.event.id,
    "timeslot.location": lambda slot, _: tuple([place.id for place in slot.locations]),
    "timeslot.hosts.name": lambda slot, _: tuple([host.shown_name for host in slot.hosts]),
    "timeslot.convention": _convention_id,
}

_EVENT: Mapping[str, Callable[[Event, Exported], Value]] = {
    "event._id": _id,
    "event.title": lambda event, _: event.title or None,
    "event.teaser": lambda event, _: event.teaser or None,
    "event.description": lambda event, _: event.description or None,
    "event.requires_registration": lambda event, _: event.requires_registration,
    "event.duration": lambda event, _: event.duration_minutes,
    "event.min_attendees": lambda event, _: event.min_attendees,
    "event.max_attendees": lambda event, _: event.max_attendees,
    "event.notes_to_attendees": lambda event, _: event.notes_to_attendees or None,
    "event.tags": lambda event, one: tuple(
        [value for tags in event.tags if tags.public or one.sees_all for value in tags.values]
    ),
    "event.status": lambda event, _: event.status.value,
    "event.convention": _convention_id,
    "event.notes_to_staff": lambda event, one: event.notes_to_staff or None if one.sees_all else None,
    "event.logistical_requirements": lambda event, one: event.logistical_requirements or None if one.sees_all else None,
    "event.scheduling_constraints": lambda event, one: event.scheduling_constraints or None if one.sees_all else None,
}

_LOCATION: Mapping[str, Callable[[Location, Exported], Value]] = {
    "location._id": _id,
    "location.title": lambda location, _: location.title or None,
    "location.slug": lambda location, _: location.slug or None,
    "location.area": lambda location, _: location.area or None,
    "location.max_attendees": lambda location, _: location.max_attendees,
    "location.convention": _convention_id,
}

_CONVENTION: Mapping[str, Callable[[Convention, Exported], Value]] = {
    "convention._id": _id,
    "convention.title": lambda convention, _: convention.title or None,
    "convention.slug": lambda convention, _: convention.slug or None,
    "convention.series": lambda convention, _: convention.series or None,
    "convention.website": lambda convention, _: convention.website or None,
    "convention.location": lambda convention, _: convention.location or None,
    "convention.start_date": lambda convention, _: _day_text(convention.start_date),
    "convention.end_date": lambda convention, _: _day_text(convention.end_date),
}

_OWN: Mapping[ObjectType, Mapping[str, Getter]] = {
    ObjectType.SLOT: _SLOT,
    ObjectType.GROUP: _GROUP,
    ObjectType.TIMESLOT: _TIME_SLOT,
    ObjectType.EVENT: _EVENT,
    ObjectType.LOCATION: _LOCATION,
    ObjectType.CONVENTION: _CONVENTION,
}
