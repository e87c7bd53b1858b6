"""Slots as iCalendar text, kept from one export to the next while they do not change."""

from collections.abc import Iterator, Sequence

from sqlalchemy import FromClause, delete

from slotport.core.slot import Rendering
from slotport.storage import tables, transfer
from slotport.storage.engine import insert_many
from slotport.storage.store import Transaction

_ROW = tables.rendering.c


def own_slots(
    transaction: Transaction, owner_id: int, group_id: int | None, fields: frozenset[str]
) -> Iterator[Rendering | transfer.Stored]:
    """The account's live slots as transfer.own_slots gives them: the rendering of each that has one, else the slot."""
    ordered = transfer.ordered([tables.slot.c.id, _ROW.body, _ROW.zones], owner_id, group_id, join=_join)
    with transaction.connection.execution_options(yield_per=transfer.BATCH).execute(ordered) as result:
        for rows in result.partitions():
            missing = [slot_id for slot_id, body, _ in rows if body is None]
            stored = transfer.load(transaction, missing, owner_id, fields) if missing else {}
            for slot_id, body, zones in rows:
                if body is None:
                    yield stored[slot_id]
                else:
                    yield Rendering(body, tuple(zones.split()) if zones else ())


def _join(tables_so_far: FromClause) -> FromClause:
    slot = tables.slot.c
    return tables_so_far.outerjoin(tables.rendering, (_ROW.slot_id == slot.id) & (_ROW.version == slot.version))


def keep(transaction: Transaction, kept: Sequence[tuple[int, int, Rendering]]) -> None:
    """Keep renderings, each with its slot's id and the version that it shows."""
    transaction.connection.execute(delete(tables.rendering).where(_ROW.slot_id.in_([row[0] for row in kept])))
    rows = [(slot_id, version, kept_.text, " ".join(kept_.zones) or None) for slot_id, version, kept_ in kept]
    insert_many(transaction.connection, tables.rendering, ("slot_id", "version", "body", "zones"), rows)
