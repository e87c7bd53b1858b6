"""One record of Timeslot JSON as Slotport writes it (docs/formats/timeslot.md, "What is written").

Keys stand in the order of the fields. One with a default is written where it holds something, and always in the
extended form; UNSET is never written. Values are given by place, since by name they would cost four times as much.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from msgspec import UNSET, Struct, UnsetType, structs

from slotport.core.slot import NOWHERE, GroupRef, Media, Place, Slot, Visibility
from slotport.core.when import iso
from slotport.formats.timeslot_record import GroupRecord, NoteRecord, PlaceRecord, SettingsRecord


class WrittenMedia(Struct, omit_defaults=True, gc=False):
    """An item of ``media``."""

    public_id: str
    media_type: str
    position: int
    duration: float | None
    title: str | None
    local_id: str | None = None
    thumbnail: str | None = None


class ExtendedMedia(WrittenMedia, omit_defaults=False, gc=False):
    """The same in the extended form."""


class WrittenPlace(Struct, omit_defaults=True, gc=False):
    """The ``location``."""

    name: str
    country: str
    postalcode: str
    city: str
    address: str
    latitude: float | None
    longitude: float | None
    sub_thoroughfare: str | None = None
    sub_locality: str | None = None
    administrative_area: str | None = None
    sub_administrative_area: str | None = None
    iso_country_code: str | None = None
    in_land_water: str | None = None
    ocean: str | None = None
    areas_of_interest: str | None = None
    place_id: str | None = None
    private_location: bool | None = None


class ExtendedPlace(WrittenPlace, omit_defaults=False, gc=False):
    """The same in the extended form."""


class Written(Struct, omit_defaults=True, gc=False):
    """A record."""

    uid: str
    title: str
    visibility: str
    start: str
    end: str
    media: list[WrittenMedia]
    notes: list[NoteRecord]
    settings: list[SettingsRecord]
    groups: list[GroupRecord]
    location: WrittenPlace | None
    description: str = ""
    allday: bool = False
    open_end: bool = False
    rrule: str = ""
    recurrence_id: str = ""
    timezone: str = ""
    floating: bool | UnsetType = UNSET


class Extended(Written, omit_defaults=False, gc=False):
    """A record in the extended form."""

    icalendar: tuple[str, ...] = ()


_NONE: list[Any] = []
_PRIVATE = Visibility.PRIVATE
_TEXTS = slice(7, 16)  #: of a place's values, those that are null where they are unset
# a key that is read and not written would be lost
assert WrittenPlace.__struct_fields__ == PlaceRecord.__struct_fields__  # noqa: S101


def written_record(slot: Slot) -> Written:
    """Give the record of a slot."""
    return Written(*_values(slot, WrittenMedia, _place))


def extended_record(slot: Slot) -> Extended:
    """Give the record of a slot in the extended form."""
    return Extended(*(*_values(slot, ExtendedMedia, _extended_place), slot.icalendar or ()))


def _values(slot: Slot, media: type[WrittenMedia], place_of: Callable[[Place], WrittenPlace]) -> tuple[Any, ...]:
    start, end, place = slot.start, slot.end, slot.place
    return (
        slot.uid or "",
        slot.title,
        (slot.visibility or _PRIVATE).value,
        _stamp(start),
        "" if end is None else _stamp(end),
        [_media(item, media) for item in reversed(slot.media)] if slot.media else _NONE,
        [NoteRecord(note.title, note.content, note.local_id) for note in reversed(slot.notes)] if slot.notes else _NONE,
        [SettingsRecord(slot.alerts)] if slot.alerts else _NONE,
        [_group(group) for group in sorted(slot.groups, key=_group_order)] if slot.groups else _NONE,
        None if place is None or place == NOWHERE else place_of(place),
        slot.description or "",
        not isinstance(start, datetime),
        end is None,
        slot.rrule or "",
        slot.recurrence_id,
        slot.zone or "",
        slot.floating or UNSET,
    )


def _stamp(moment: datetime | date) -> str:
    return iso(moment) if isinstance(moment, datetime) else f"{moment.isoformat()}T00:00:00.000Z"


def _media(item: Media, kind: type[WrittenMedia]) -> WrittenMedia:
    return kind(
        item.public_id,
        item.media_type.value,
        item.position,
        item.duration,
        item.title,
        item.local_id,
        item.thumbnail,
    )


def _group(group: GroupRef) -> GroupRecord:
    return GroupRecord(group.uuid, group.name, group.image, group.public, group.description)


def _group_order(group: GroupRef) -> tuple[str, str]:
    return group.name, group.uuid or ""


def _place(place: Place) -> WrittenPlace:
    return WrittenPlace(
        place.name or "",
        place.country or "",
        place.postal_code or "",
        place.locality or "",
        place.thoroughfare or "",
        place.latitude,
        place.longitude,
        place.sub_thoroughfare,
        place.sub_locality,
        place.administrative_area,
        place.sub_administrative_area,
        place.iso_country_code,
        place.in_land_water,
        place.ocean,
        place.areas_of_interest,
        place.place_id,
        place.private_location,
    )


def _extended_place(place: Place) -> ExtendedPlace:
    """Give the place with a text for each key that can have one."""
    values = structs.astuple(_place(place))
    texts = ["" if text is None else text for text in values[_TEXTS]]
    return ExtendedPlace(*values[: _TEXTS.start], *texts, *values[_TEXTS.stop :])
