"""Which objects an object links to, and what is kept of linked objects for the files that tell of them.

A slot links to the groups that hold it; a time slot to its event, its locations and its convention; an event and a
location to their convention. The reverse is a link too where an export asks for it.
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from slotport.core.export_fields import ObjectType
from slotport.core.exported import Exported

Link = tuple[ObjectType, int]

MOST_REVERSE = 100  #: of one kind that link to one object: the first by id


class Linked(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An object to which another one links, and those that link to it."""

    object: Exported
    reverse: tuple[tuple[ObjectType, int], ...] = ()


class Links(Protocol):
    """Where linked objects are looked up."""

    def find(self, kind: ObjectType, number: int) -> Linked | None:
        """The object, if the owner of the export may read it."""


class NoLinks:
    """Of exports that tell nothing of linked objects."""

    def find(self, _kind: ObjectType, _number: int) -> Linked | None:
        """Nothing."""
        return None


def links_of(one: Exported) -> Sequence[Link]:
    """The objects to which the object links, in the order of its fields."""
    if one.slot is not None:
        return [(ObjectType.GROUP, group.id) for group in one.groups]
    of_convention = [] if one.of_convention is None else [(ObjectType.CONVENTION, one.of_convention.id)]
    if one.time_slot is not None:
        slot = one.time_slot
        places = [(ObjectType.LOCATION, place.id) for place in slot.locations]
        return [(ObjectType.EVENT, slot.event.id), *places, *of_convention]
    return of_convention


def standard_text(one: Exported) -> str:
    """What an object is called."""
    if one.time_slot is not None:
        return one.time_slot.event.title
    if one.group is not None:
        return one.group.name
    titled = one.slot or one.event or one.location or one.convention
    return "" if titled is None else titled.title
