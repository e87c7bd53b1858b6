"""The objects to which those of a run link, read with them from the same snapshot (docs/formats/objects.md, "Links").

Each is read once a run, whatever links to it; the number of statements depends on how deep links are followed, and
not on how many there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from slotport.core.export_fields import ObjectType
from slotport.core.exported import Exported
from slotport.core.object_links import MOST_REVERSE, Link, Linked, links_of
from slotport.storage import objects
from slotport.storage.readers import id_list
from slotport.storage.store import Transaction

Reverse = Mapping[int, Sequence[Link]]

#: what links to an object of the kind: kind, table, its column with the object's id, and that of the linking one
_SOURCES: Mapping[ObjectType, Sequence[tuple[ObjectType, str, str, str]]] = {
    ObjectType.GROUP: [(ObjectType.SLOT, "slot_group", "group_id", "slot_id")],
    ObjectType.EVENT: [(ObjectType.TIMESLOT, "time_slot", "event_id", "id")],
    ObjectType.LOCATION: [(ObjectType.TIMESLOT, "time_slot_location", "location_id", "time_slot_id")],
    ObjectType.CONVENTION: [
        (ObjectType.TIMESLOT, "time_slot", "convention_id", "id"),
        (ObjectType.EVENT, "event", "convention_id", "id"),
        (ObjectType.LOCATION, "location", "convention_id", "id"),
    ],
}
_TABLES = {
    ObjectType.SLOT: "slot",
    ObjectType.TIMESLOT: "time_slot",
    ObjectType.EVENT: "event",
    ObjectType.LOCATION: "location",
}


def linked(
    transaction: Transaction,
    owner_id: int,
    block: Sequence[Exported],
    known: dict[int, int],
    *,
    depth: int,
    with_reverse: bool,
) -> Iterator[Linked]:
    """Yield what a file must know of linked objects to tell of those in the block, up to ``depth`` links away.

    With ``with_reverse`` the block's own objects are among them, for what links to them. Nothing is given twice:
    ``known`` says of what was given how many links on from there were followed, and is carried on from block to block.
    """
    back = _reverse(transaction, owner_id, block) if with_reverse else {}
    if with_reverse:
        yield from _new(block, back, known, depth)
    level: Sequence[Exported] = block
    for ahead in range(depth - 1, -1, -1):
        wanted = dict.fromkeys(link for one in level for link in (*links_of(one), *back.get(one.id, ())))
        missing = [link for link in wanted if known.get(link[1], -1) < ahead]
        level = []
        for start in range(0, len(missing), objects.BLOCK):
            level += objects.load(transaction, owner_id, missing[start : start + objects.BLOCK])
        if not level:
            return
        back = _reverse(transaction, owner_id, level) if with_reverse else {}
        yield from _new(level, back, known, ahead)


def _new(found: Iterable[Exported], back: Reverse, known: dict[int, int], ahead: int) -> Iterator[Linked]:
    for one in found:
        if one.id not in known:
            yield Linked(object=one, reverse=tuple(back.get(one.id, ())))
        known[one.id] = max(ahead, known.get(one.id, -1))


def _reverse(transaction: Transaction, owner_id: int, block: Sequence[Exported]) -> Reverse:
    """What links to each object: the first hundred of a kind by id; whether the account may read them is not said."""
    ids: dict[ObjectType, list[int]] = defaultdict(list)
    for one in block:
        ids[one.type].append(one.id)
    found: dict[int, list[Link]] = defaultdict(list)
    for kind, numbers in ids.items():
        for source, table, column, linking in _SOURCES.get(kind, ()):
            own = f" AND it.owner_id + 0 = {owner_id:d}" if source is ObjectType.SLOT else ""
            rows = transaction.connection.exec_driver_sql(
                f"SELECT target, source FROM (SELECT held.{column} AS target, it.id AS source,"
                f" row_number() OVER (PARTITION BY held.{column} ORDER BY it.id) AS place"
                f" FROM {table} AS held JOIN {_TABLES[source]} AS it ON it.id = held.{linking}"
                f" WHERE held.{column} IN ({id_list(sorted(numbers))}) AND it.deleted_at + 0 IS NULL{own}) AS ranked"
                f" WHERE place <= {MOST_REVERSE:d} ORDER BY target, source"
            )
            for target, number in rows:
                found[target].append((source, number))
    return found
