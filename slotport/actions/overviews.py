"""What the managers of a convention see of it at a glance."""

from slotport.core.convention import Access
from slotport.storage import overviews
from slotport.storage.overviews import Counts
from slotport.storage.store import Store


def counts(store: Store, access: Access) -> Counts:
    """How much the convention has."""
    with store.read() as transaction:
        return overviews.counts(transaction, access.convention.id)


def slots_by_event(store: Store, access: Access) -> dict[int, int]:
    """How many time slots each event of the convention has that has any."""
    with store.read() as transaction:
        return overviews.slots_by_event(transaction, access.convention.id)
