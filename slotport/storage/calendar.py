"""What a person's calendar shows between two instants: the slots in it, and the series that may reach into it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct
from sqlalchemy import select, tuple_

from slotport.core.group import State
from slotport.core.paging import Bounds, Scan
from slotport.core.slot import Slot
from slotport.storage import lists, tables, transfer
from slotport.storage.lists import Source
from slotport.storage.readers import id_list
from slotport.storage.store import Transaction

_S = tables.slot.c
PARTS = frozenset({"place"})  #: of slots, that a calendar shows


class Held(Struct, frozen=True, kw_only=True):
    """A slot of a calendar."""

    id: int
    owner_id: int
    slot: Slot  #: without notes, media, alerts and groups
    group_id: int | None  #: the first of the reader's groups that holds it


def in_window(transaction: Transaction, sources: Sequence[Source], low: int, high: int, *, limit: int) -> list[int]:
    """The ids of what begins before ``high`` and ends at ``low`` or later (milliseconds), by start; the first few."""
    scan = Scan(bounds=Bounds(end_min=low, start_max=high - 1), limit=limit)
    return [position.id for position in lists.walk(transaction, sources, scan)]


def series(transaction: Transaction, account_id: int, high: int, *, limit: int) -> list[int]:
    """The ids of slots with a rule that begin before ``high`` and are the account's, or in one of its groups.

    Found through those who may have put them there, each of whom has an index of their own series.
    """
    held, part = "slot_group AS held", "membership AS part"
    mine = f"part.account_id = {account_id:d} AND part.state = '{State.ACTIVE.value}'"
    fellows = (
        f"SELECT other.account_id FROM {part} JOIN membership AS other ON other.group_id = part.group_id WHERE {mine}"
        f" UNION SELECT owned.owner_id FROM {part} JOIN calendar_group AS owned ON owned.id = part.group_id"
        f" WHERE {mine}"
    )
    in_group = (
        f"EXISTS (SELECT 1 FROM {held} JOIN {part} ON part.group_id = held.group_id"
        f" WHERE held.slot_id = slot.id AND {mine})"
    )
    rows = transaction.connection.exec_driver_sql(
        f"SELECT slot.id FROM slot WHERE slot.rrule <> '' AND slot.deleted_at IS NULL AND slot.start_at < {high:d}"
        f" AND (slot.owner_id = {account_id:d} OR slot.owner_id IN ({fellows}) AND {in_group})"
        f" ORDER BY slot.start_at, slot.id LIMIT {limit:d}"
    )
    return [int(row[0]) for row in rows]


def load(transaction: Transaction, slot_ids: Sequence[int], reader_id: int) -> dict[int, Held]:
    """The slots by id; ids of anything else are left out."""
    if not slot_ids:
        return {}
    stored = transfer.load(transaction, slot_ids, reader_id, PARTS)
    owners = {
        row.id: row.owner_id
        for row in transaction.connection.execute(select(_S.id, _S.owner_id).where(_S.id.in_(list(stored))))
    }
    groups = _first_groups(transaction, list(stored), reader_id)
    return {
        number: Held(id=number, owner_id=owners[number], slot=one.slot, group_id=groups.get(number))
        for number, one in stored.items()
    }


def overrides(transaction: Transaction, masters: Iterable[Held]) -> dict[int, list[Held]]:
    """The live overrides of each series, by the series' id."""
    by_uid = {(one.owner_id, one.slot.uid or ""): one for one in masters}
    found: dict[int, list[Held]] = defaultdict(list)
    keys = sorted(by_uid)
    for start in range(0, len(keys), lists.BATCH):
        rows = transaction.connection.execute(
            select(_S.id, _S.owner_id, _S.uid).where(
                tuple_(_S.owner_id, _S.uid).in_(keys[start : start + lists.BATCH]),
                _S.recurrence_id != "",
                _S.deleted_at.is_(None),
            )
        ).all()
        stored = transfer.load(transaction, [row.id for row in rows], 0, frozenset()) if rows else {}
        for row in rows:
            master = by_uid[(row.owner_id, row.uid)]
            found[master.id].append(Held(id=row.id, owner_id=row.owner_id, slot=stored[row.id].slot, group_id=None))
    return found


def _first_groups(transaction: Transaction, slot_ids: Sequence[int], reader_id: int) -> dict[int, int]:
    if not slot_ids:
        return {}
    rows = transaction.connection.exec_driver_sql(
        "SELECT held.slot_id, held.group_id FROM slot_group AS held"
        " JOIN membership AS part ON part.group_id = held.group_id"
        f" WHERE held.slot_id IN ({id_list(list(slot_ids))}) AND part.account_id = {reader_id:d}"
        f" AND part.state = '{State.ACTIVE.value}' ORDER BY held.slot_id, held.added_at DESC, held.group_id DESC"
    )
    return {int(row[0]): int(row[1]) for row in rows}
