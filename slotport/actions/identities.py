"""Several records of one identity in a file: which of them counts (Timeslot spec, section 2.7, rule 0)."""

from collections.abc import Sequence

from msgspec import Struct, structs

from slotport.actions.report import Report, stale
from slotport.actions.spool import Record, Spool
from slotport.core import merge
from slotport.core.slot import Slot

SAME_IDENTITY = "the file holds a later record of the same identity"


class Winner(Struct, gc=False):
    """Of the records of one identity: the one that counts, and how many without a uid of their own were seen."""

    record: Record
    seen: int = 0


Identity = tuple[str | None, str]


def identity(slot: Slot) -> Identity:
    """What two versions of one slot have in common."""
    return slot.uid, slot.recurrence_id


def winners(spool: Spool, repeated: set[int]) -> dict[Identity, Winner]:
    """Of each identity that several records have, the newest of them; of equals the last."""
    best: dict[Identity, Winner] = {}
    for batch in spool.batches() if repeated else ():
        for record in batch:
            if record.mark in repeated:
                slot = record.slot
                before = best.get(identity(slot))
                if before is None:
                    best[identity(slot)] = Winner(record)
                elif not merge.is_older(
                    slot, before.record.slot.sequence, before.record.slot.modified, before.record.slot.stamped
                ):
                    before.record = record
    return best


def deciding(batch: Sequence[Record], best: dict[Identity, Winner], report: Report) -> list[Record]:
    """The records that count; equals without a uid of their own are told apart by a number."""
    counting = []
    for record in batch:
        winner = best.get(identity(record.slot))
        if winner is None or (winner.record.index == record.index and not record.derived):
            counting.append(record)
        elif record.derived:
            uid = merge.derived_uid(record.digest, winner.seen)
            winner.seen += 1
            counting.append(structs.replace(record, slot=structs.replace(record.slot, uid=uid)))
        else:
            report.tell(stale(record, SAME_IDENTITY))
    return counting
