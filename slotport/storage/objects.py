"""What a run writes about objects, read for some thousands at a time; the number of statements is constant.

Every object is looked at again by the rights that the export's owner has in this snapshot, however it was found. What
the owner may not read of an object is not in it: managers' fields, private tags, keys of conventions, addresses of
people.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence

from slotport.core.export_fields import ObjectType
from slotport.core.exported import Exported
from slotport.storage.objects_conventions import load_conventions, load_events, load_locations, load_time_slots
from slotport.storage.objects_groups import load_groups
from slotport.storage.objects_slots import load_slots
from slotport.storage.store import Transaction

BLOCK = 1000  #: objects that are best loaded at once

Hit = tuple[ObjectType, int]

_LOADERS: Mapping[ObjectType, Callable[[Transaction, int, Collection[int]], Mapping[int, Exported]]] = {
    ObjectType.SLOT: load_slots,
    ObjectType.GROUP: load_groups,
    ObjectType.TIMESLOT: load_time_slots,
    ObjectType.EVENT: load_events,
    ObjectType.LOCATION: load_locations,
    ObjectType.CONVENTION: load_conventions,
}


def load(transaction: Transaction, owner_id: int, hits: Sequence[Hit]) -> list[Exported]:
    """The objects in the order of the hits, as the account may read them.

    One that is gone, or that the account may not read, is left out.
    """
    ids: dict[ObjectType, list[int]] = defaultdict(list)
    for kind, number in hits:
        ids[kind].append(number)
    found = {kind: _LOADERS[kind](transaction, owner_id, numbers) for kind, numbers in ids.items()}
    return [one for kind, number in hits if (one := found[kind].get(number)) is not None]
