"""What a format cannot carry of the slots that somebody wants to export, before it is done."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct, structs

from slotport.actions.placing import target_of
from slotport.core.account import Account
from slotport.formats import FORMATS
from slotport.storage import carried
from slotport.storage.carried import Carried
from slotport.storage.store import Store

#: what a format has beyond its KEEPS, if it is written with the option `extended`
EXTENDED = {"timeslot": {"icalendar"}}
#: formats that cut fractions of a second, though they keep start and end
CUTS_FRACTIONS = {"ical", "google"}


class Losses(Struct, frozen=True, kw_only=True):
    """By format, what it loses: how many slots have it. ``slots``: how many there are."""

    slots: int
    lost: Mapping[str, Mapping[str, int]]


def losses(store: Store, caller: Account, group: UUID | None) -> Losses:
    """Of the caller's own slots, all or those in an own group, in extended form. Raises NotFound for the group."""
    with store.read() as transaction:
        target = target_of(transaction, caller, group)
        found = carried.count(transaction, caller.id, None if target is None else target.id)
    return Losses(slots=found.slots, lost={word: _lost(word, found) for word in FORMATS})


def _lost(word: str, found: Carried) -> dict[str, int]:
    kept = FORMATS[word].keeps | EXTENDED.get(word, set())
    if word not in CUTS_FRACTIONS:
        kept |= {"fraction"}
    counts = {name: count for name, count in structs.asdict(found).items() if name != "slots" and count}
    return {name: count for name, count in counts.items() if name not in kept}
