"""What names an exported object besides its number: ``_uuid``, ``_global_object_id``, ``_owner.user._id``.

A group, a time slot and a location have a random UUID of their own, stored with them, which is their ``_uuid``. Slots,
events and conventions have none: theirs is made of what never changes of them (RFC 9562, version 8), so that it
differs between two installations too, and tells which object it names without a look at every one:

- 48 bits: when it was made, milliseconds since 1970, the lowest bits;
- 4 bits: 8, the version;
- 12 bits: 1 slot, 4 event, 6 convention;
- 2 bits: binary 10, the variant;
- 62 bits: the object's id.

``_owner.user._id`` of a slot, a group and an event is the account whose it is, of a time slot that of its event, of a
location and a convention nobody.
"""

from uuid import UUID

from msgspec import Struct

from slotport.core.export_fields import ObjectType

CREATED_MASK = (1 << 48) - 1  #: of the milliseconds that a ``_uuid`` holds; works for those before 1970 too
ID_MASK = (1 << 62) - 1
LOCAL = "local"  #: stands for the installation's own name in searches

#: the number of each kind whose ``_uuid`` is made; all others store one
KIND_NUMBERS = {ObjectType.SLOT: 1, ObjectType.EVENT: 4, ObjectType.CONVENTION: 6}

_KINDS = {number: kind for kind, number in KIND_NUMBERS.items()}
_BASES = {kind: (8 << 76) | (number << 64) | (2 << 62) for kind, number in KIND_NUMBERS.items()}


class MadeUuid(Struct, frozen=True):
    """What a made ``_uuid`` tells: an object, if there is one that was made then."""

    kind: ObjectType
    id: int
    created_bits: int  #: equal to ``created_at & CREATED_MASK``


def object_uuid(kind: ObjectType, number: int, created_ms: int, stored: str | None = None) -> UUID:
    """The ``_uuid`` of an object: ``stored`` if it has its own, else made of its id and the time it was made."""
    if stored is not None:
        return UUID(stored)
    return UUID(int=((created_ms & CREATED_MASK) << 80) | _BASES[kind] | (number & ID_MASK))


def made_uuid(uuid: UUID) -> MadeUuid | None:
    """What a made ``_uuid`` tells; None for any other one."""
    value = uuid.int
    kind = _KINDS.get(value >> 64 & 0xFFF)
    if kind is None or value >> 76 & 0xF != 8 or value >> 62 & 0b11 != 2:
        return None
    return MadeUuid(kind, value & ID_MASK, value >> 80)


def global_id(number: int, instance_name: str) -> str:
    """The ``_global_object_id`` of an object: ``<id>@<name of the installation>``."""
    return f"{number}@{instance_name}"


def number_of(text: str, instance_name: str) -> int | None:
    """The id in a ``_global_object_id`` of this installation, also with ``@local``; None if it is of another."""
    digits, at, name = text.partition("@")
    if not at or name not in {instance_name, LOCAL} or not (digits.isascii() and digits.isdecimal()):
        return None
    return int(digits) if len(digits) < 19 and digits[0] != "0" else None
