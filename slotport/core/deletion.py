"""What an incremental export tells of objects that it knew and that are no longer in it."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

from slotport.core.export_fields import ObjectType
from slotport.core.slot import Slot


class Known(Struct, frozen=True, kw_only=True):
    """An object that the last delivered run had."""

    type: ObjectType
    id: int
    uuid: UUID
    version: int


class Deletion(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An object that is no longer in the export."""

    type: ObjectType
    id: int
    uuid: UUID
    version: int  #: that the last delivered run had
    #: out_of_scope: the search does not find it, or the owner may not read it; which of both is not told
    reason: Literal["deleted", "out_of_scope"] = "out_of_scope"
    slot: Slot | None = None  #: when it was, of a deleted slot or time slot: calendars tell that it is cancelled
