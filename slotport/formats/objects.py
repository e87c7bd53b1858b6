"""The values of an object's fields, for csv, xml and json alike (docs/formats/objects.md, "Values").

An instant is ``YYYY-MM-DDTHH:MM:SSZ``, a whole day ``YYYY-MM-DD``; a list is a tuple; what is empty is None or ``()``.
"""

import posixpath
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from msgspec import Struct

from slotport.core.convention import Convention, Event, Location, TimeSlot
from slotport.core.export import AssetLink, DisplayName
from slotport.core.export_fields import Field, ObjectType, fields_of
from slotport.core.exported import Asset, Exported, Group, MediaItem
from slotport.core.object_ids import global_id
from slotport.core.slot import Place, Slot

Scalar = str | int | float | bool | None
Value = Scalar | tuple[Scalar, ...]
Getter = Callable[[Exported], Value]

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
def _getters(kind: ObjectType, instance_name: str) -> Sequence[Getter]:
    """What gives the value of each field that the kind has, in the order of ``fields_of``."""
    return [
        _with_name(instance_name) if field.name == "_global_object_id" else _ALL[field.name]
        for field in fields_of(kind)
    ]


def _with_name(instance_name: str) -> Getter:
    return lambda one: global_id(one.id, instance_name)


def values(one: Exported, instance_name: str) -> tuple[Value, ...]:
    """The value of every field that the object's kind has, in the order of ``fields_of``."""
    return tuple([get(one) for get in _getters(one.type, instance_name)])


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


def instant_text(moment: datetime) -> str:
    """An instant in UTC, to the second."""
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat()[:19] + "Z"


def moment_text(moment: datetime | date) -> str:
    """An instant or a whole day."""
    return instant_text(moment) if isinstance(moment, datetime) else moment.isoformat()


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


# Each kind's fields. Of an object of a kind the part of that name is there (core.exported), so the checks are for
# the type checker's sake only and left to it.


def _assets(one: Exported) -> Sequence[Asset]:
    """The files that the media mean, each once."""
    if not one.media:
        return ()
    return list({item.asset.id: item.asset for item in one.media if item.asset is not None}.values())


def _public_ids(one: Exported) -> tuple[str, ...]:
    return tuple([item.public_id for item in one.media]) if one.media else ()


def _updated(one: Exported) -> str:
    return instant_text(one.updated_at)


def _convention_id(one: Exported) -> int | None:
    return None if one.of_convention is None else one.of_convention.id


_SYSTEM: Mapping[str, Getter] = {
    "_objecttype": lambda one: one.type.value,
    "_system_object_id": lambda one: one.id,
    "_uuid": lambda one: str(one.uuid),
    "_version": lambda one: one.version,
    "_last_modified": _updated,
    "_changelog.date_created": lambda one: instant_text(one.created_at),
    "_changelog.date_last_updated": _updated,
    "_owner.user._id": lambda one: one.owner_id,
    "_linked._asset.class": lambda one: tuple([asset.asset_class.value for asset in _assets(one)]),
    "_linked._asset.extension": lambda one: tuple([asset.extension for asset in _assets(one)]),
    "_linked._asset.filesize": lambda one: tuple([asset.size for asset in _assets(one)]),
}


def _of_slot(get: Callable[[Slot], Value]) -> Getter:
    return lambda one: get(one.slot)  # type: ignore[arg-type]


def _of_place(get: Callable[[Place], Value]) -> Getter:
    def value(one: Exported) -> Value:
        place = one.slot.place  # type: ignore[union-attr]
        return None if place is None else get(place) or None

    return value


def _of_group(get: Callable[[Group], Value]) -> Getter:
    return lambda one: get(one.group)  # type: ignore[arg-type]


def _of_time_slot(get: Callable[[TimeSlot], Value]) -> Getter:
    return lambda one: get(one.time_slot)  # type: ignore[arg-type]


def _of_event(get: Callable[[Event], Value], *, managers_only: bool = False) -> Getter:
    def value(one: Exported) -> Value:
        return None if managers_only and not one.sees_all else get(one.event)  # type: ignore[arg-type]

    return value


def _of_location(get: Callable[[Location], Value]) -> Getter:
    return lambda one: get(one.location)  # type: ignore[arg-type]


def _of_convention(get: Callable[[Convention], Value]) -> Getter:
    return lambda one: get(one.convention)  # type: ignore[arg-type]


def _tags(event: Event) -> tuple[str, ...]:
    """Each value behind the title of its kind: ``Genre: Fantasy``."""
    return tuple(f"{tags.title}: {value}" for tags in event.tags for value in tags.values)


_FIELDS: Mapping[str, Getter] = {
    "slot._id": lambda one: one.id,
    "slot.uid": _of_slot(lambda slot: slot.uid),
    "slot.title": _of_slot(lambda slot: slot.title),
    "slot.start": _of_slot(lambda slot: moment_text(slot.start)),
    "slot.end": _of_slot(lambda slot: None if slot.end is None else moment_text(slot.end)),
    "slot.allday": _of_slot(lambda slot: not isinstance(slot.start, datetime)),
    "slot.open_end": _of_slot(lambda slot: slot.end is None),
    "slot.rrule": _of_slot(lambda slot: slot.rrule or None),
    "slot.description": _of_slot(lambda slot: slot.description or None),
    "slot.visibility": _of_slot(lambda slot: None if slot.visibility is None else slot.visibility.value),
    "slot.location.name": _of_place(lambda place: place.name),
    "slot.location.city": _of_place(lambda place: place.locality),
    "slot.notes.title": _of_slot(lambda slot: tuple([note.title for note in slot.notes or ()])),
    "slot.notes.content": _of_slot(lambda slot: tuple([note.content for note in slot.notes or ()])),
    "slot.settings.alerts": _of_slot(lambda slot: slot.alerts or None),
    "slot.groups.uuid": lambda one: tuple([str(group.uuid) for group in one.groups]),
    "slot.groups.name": lambda one: tuple([group.name for group in one.groups]),
    "slot.media": _public_ids,
    "group._id": lambda one: one.id,
    "group.uuid": _of_group(lambda group: str(group.uuid)),
    "group.name": _of_group(lambda group: group.name),
    "group.description": _of_group(lambda group: group.description or None),
    "group.public": _of_group(lambda group: group.public),
    "group.image": _public_ids,
    "timeslot._id": lambda one: one.id,
    "timeslot.start": _of_time_slot(lambda slot: instant_text(slot.start)),
    "timeslot.duration": _of_time_slot(lambda slot: slot.duration_minutes),
    "timeslot.min_attendees": _of_time_slot(lambda slot: slot.min_attendees),
    "timeslot.max_attendees": _of_time_slot(lambda slot: slot.max_attendees),
    "timeslot.notes_to_attendees": _of_time_slot(lambda slot: slot.notes_to_attendees or None),
    "timeslot.event": _of_time_slot(lambda slot: slot.event.id),
    "timeslot.location": _of_time_slot(lambda slot: tuple([location.id for location in slot.locations])),
    "timeslot.hosts.name": _of_time_slot(lambda slot: tuple([host.shown_name for host in slot.hosts])),
    "timeslot.convention": _convention_id,
    "event._id": lambda one: one.id,
    "event.title": _of_event(lambda event: event.title),
    "event.teaser": _of_event(lambda event: event.teaser or None),
    "event.description": _of_event(lambda event: event.description or None),
    "event.requires_registration": _of_event(lambda event: event.requires_registration),
    "event.duration": _of_event(lambda event: event.duration_minutes),
    "event.min_attendees": _of_event(lambda event: event.min_attendees),
    "event.max_attendees": _of_event(lambda event: event.max_attendees),
    "event.notes_to_attendees": _of_event(lambda event: event.notes_to_attendees or None),
    "event.tags": _of_event(_tags),
    "event.status": _of_event(lambda event: int(event.status)),
    "event.convention": _convention_id,
    "event.notes_to_staff": _of_event(lambda event: event.notes_to_staff or None, managers_only=True),
    "event.logistical_requirements": _of_event(lambda event: event.logistical_requirements or None, managers_only=True),
    "event.scheduling_constraints": _of_event(lambda event: event.scheduling_constraints or None, managers_only=True),
    "location._id": lambda one: one.id,
    "location.title": _of_location(lambda location: location.title),
    "location.slug": _of_location(lambda location: location.slug),
    "location.area": _of_location(lambda location: location.area or None),
    "location.max_attendees": _of_location(lambda location: location.max_attendees),
    "location.convention": _convention_id,
    "convention._id": lambda one: one.id,
    "convention.title": _of_convention(lambda convention: convention.title),
    "convention.slug": _of_convention(lambda convention: convention.slug),
    "convention.series": _of_convention(lambda convention: convention.series or None),
    "convention.website": _of_convention(lambda convention: convention.website or None),
    "convention.location": _of_convention(lambda convention: convention.location or None),
    "convention.start_date": _of_convention(lambda one: None if one.start_date is None else one.start_date.isoformat()),
    "convention.end_date": _of_convention(lambda one: None if one.end_date is None else one.end_date.isoformat()),
}
_ALL: Mapping[str, Getter] = {**_SYSTEM, **_FIELDS}
