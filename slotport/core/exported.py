"""Exported: one object as a run writes it, whatever the format; read once, within one snapshot."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from slotport.core.convention import Convention, Event, Location, TimeSlot
from slotport.core.export import AssetClass
from slotport.core.export_fields import ObjectType
from slotport.core.slot import Slot


class Asset(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """A media file that belongs to an object."""

    id: int
    owner_id: int
    public_id: str
    asset_class: AssetClass
    extension: str  #: lower case, without the dot
    original_filename: str
    size: int
    sha256: str
    media_type: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None  #: seconds
    uploaded_at: datetime
    versions: tuple[str, ...] = ()  #: names of the renditions that exist


class MediaItem(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """A reference to media, and the owner's asset that it means, if there is one."""

    public_id: str
    title: str | None = None
    asset: Asset | None = None


class Group(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """A group of slots."""

    id: int
    uuid: UUID
    name: str
    description: str | None
    public: bool
    image: str  #: public id of the image, "" none


class Exported(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """One object. Exactly one of ``slot`` to ``convention`` is the object itself, by ``type``.

    A time slot holds its event and locations; of an event, a location and a time slot ``of_convention`` is theirs.
    """

    type: ObjectType
    id: int  #: _system_object_id
    uuid: UUID
    version: int
    change: int  #: number of the last commit that changed it
    created_at: datetime
    updated_at: datetime
    owner_id: int | None = None
    media: tuple[MediaItem, ...] = ()  #: in the order of the object
    sees_all: bool = False  #: the owner of the export manages the convention: managers' fields are shown
    slot: Slot | None = None
    groups: tuple[Group, ...] = ()  #: that hold the slot, by name
    group: Group | None = None
    time_slot: TimeSlot | None = None
    event: Event | None = None
    location: Location | None = None
    convention: Convention | None = None
    of_convention: Convention | None = None
