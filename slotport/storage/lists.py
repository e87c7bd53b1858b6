"""Lists of slots in their one order (start, end, id): which sources a list has, and pages of it.

A source is one index range: the slots of a group, those that a person created, or those put into a person's schedule
one by one. A page is the first few of each source, put together; its cost does not depend on how many slots there are
(docs/design/lists.md).
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct, structs
from sqlalchemy import select

from slotport.core.group import Group, Membership, State, is_active
from slotport.core.paging import Bounds, Paging, Position, Query, Scan
from slotport.storage import tables
from slotport.storage.counts import counted
from slotport.storage.readers import id_list, readable
from slotport.storage.store import Transaction

BATCH = 500  #: slots of a list that is walked as a whole
RANGES = 200  #: index ranges in one statement

_LIVE = "held.deleted_at IS NULL"
#: the same, but SQLite does not take it for the condition of an index, which would be that of short slots too
_LIVE_IN_ANY_INDEX = "held.deleted_at + 0 IS NULL"
_HOLDERS = {
    "slot_group": ("group_id", "slot_id"),
    "scheduled": ("account_id", "slot_id"),
    "slot": ("owner_id", "id"),
    "time_slot_host": ("account_id", "time_slot_id"),
}


class Source(Struct, frozen=True):
    """Slots that one holder has."""

    table: str  #: slot_group, scheduled or slot; time_slot_host, of a convention's time slots
    holder_id: int
    condition: str = ""  #: on the rows, which are called ``held``


def own_groups(transaction: Transaction, account_id: int) -> list[Source]:
    """What is in the calendars where the account is active."""
    return [Source("slot_group", group_id) for group_id, _ in _active(transaction, account_id)]


def schedule(transaction: Transaction, account_id: int) -> list[Source]:
    """What is in the calendars that the account shows, and what it put into the schedule one by one."""
    shown = [Source("slot_group", group_id) for group_id, is_shown in _active(transaction, account_id) if is_shown]
    return [*shown, _scheduled(account_id)]


def hosted(account_id: int) -> Source:
    """The time slots of conventions that the account hosts and everybody may see."""
    return Source("time_slot_host", account_id, "held.occupies")


def library(transaction: Transaction, account_id: int) -> list[Source]:
    """All that the account has to do with."""
    return [_created(account_id), *own_groups(transaction, account_id), _scheduled(account_id)]


def created(account_id: int) -> list[Source]:
    """What the account created."""
    return [_created(account_id)]


def shared_with_friends(account_id: int) -> list[Source]:
    """What the account created and shares with friends."""
    return [Source("slot", account_id, f"{_LIVE} AND held.shared_with_friends")]


def public(account_id: int) -> Source:
    """What the account created for everybody."""
    return Source("slot", account_id, f"{_LIVE} AND held.visibility = 'public'")


def created_for(transaction: Transaction, creator_id: int, reader_id: int | None) -> list[Source]:
    """What the creator made and the reader may read."""
    if reader_id == creator_id:
        return created(creator_id)
    sources = [public(creator_id)]
    if reader_id is not None:
        by_creator = _slot_of_row(f"slot.owner_id = {creator_id:d}")
        once_inside = set(
            transaction.connection.scalars(
                select(tables.membership.c.group_id).where(tables.membership.c.account_id == creator_id)
            )
        )
        common = [group_id for group_id, _ in _active(transaction, reader_id) if group_id in once_inside]
        sources += [Source("slot_group", group_id, by_creator) for group_id in common]
    return sources


def in_group(group: Group, membership: Membership | None, reader_id: int | None) -> list[Source]:
    """What is in the group, as far as the reader may read it."""
    if is_active(membership):
        return [Source("slot_group", group.id)]
    return [Source("slot_group", group.id, _slot_of_row(readable("slot", reader_id)))]


def _active(transaction: Transaction, account_id: int) -> list[tuple[int, bool]]:
    part = tables.membership.c
    rows = transaction.connection.execute(
        select(part.group_id, part.show_in_schedule)
        .where(part.account_id == account_id, part.state == State.ACTIVE.value)
        .order_by(part.group_id)
    )
    return [(group_id, is_shown) for group_id, is_shown in rows]


def _created(account_id: int) -> Source:
    return Source("slot", account_id, _LIVE)


def _scheduled(account_id: int) -> Source:
    return Source("scheduled", account_id, _slot_of_row(readable("slot", account_id)))


def _slot_of_row(condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM slot WHERE slot.id = held.slot_id AND {condition})"


# Pages


def page(transaction: Transaction, sources: Sequence[Source], query: Query) -> tuple[list[int], Paging]:
    """The ids of the page's slots in order, and what the page says of itself."""
    found = [position for scan in query.scans for position in walk(transaction, sources, scan)]
    first, last = (found[0], found[-1]) if found else (query.gap, query.gap)
    older = walk(transaction, sources, Scan(bounds=query.pool, limit=1, before=first, backward=True))
    newer = walk(transaction, sources, Scan(bounds=query.pool, limit=1, after=last))
    paging = Paging(
        query=query,
        before=first if older else None,
        after=last if newer else None,
        pool_size=count(transaction, sources, query.pool),
    )
    return [position.id for position in found], paging


def every(transaction: Transaction, sources: Sequence[Source], *, batch: int = BATCH) -> Iterator[list[Position]]:
    """The whole list, some slots at a time."""
    scan = Scan(bounds=Bounds(), limit=batch)
    while found := walk(transaction, sources, scan):
        yield found
        if len(found) < batch:
            return
        scan = Scan(bounds=Bounds(), limit=batch, after=found[-1])


def walk(transaction: Transaction, sources: Sequence[Source], scan: Scan) -> list[Position]:
    """At most ``scan.limit`` slots of the sources, each once, in order."""
    if scan.limit <= 0:
        return []
    selects = [part for source in sources for part in ranges(source, scan)]
    descending = " DESC" if scan.backward else ""
    order = f"ORDER BY start_at{descending}, end_at{descending}, id{descending} LIMIT {scan.limit:d}"
    found: set[Position] = set()
    for start in range(0, len(selects), RANGES):
        parts = " UNION ALL ".join(
            f"SELECT * FROM ({part} {order}) AS part" for part in selects[start : start + RANGES]
        )
        rows = transaction.connection.exec_driver_sql(
            f"SELECT DISTINCT start_at, end_at, id FROM ({parts}) AS found {order}"
        )
        found.update(Position(*row) for row in rows)
    in_order = sorted(found)
    return in_order[-scan.limit :] if scan.backward else in_order[: scan.limit]


def count(transaction: Transaction, sources: Sequence[Source], bounds: Bounds, *, keep: bool = True) -> int:
    """How many slots the sources have, each counted once; not worth to ``keep`` is what has the time in it."""
    holders: dict[tuple[str, str], list[int]] = {}
    for source in sources:
        holders.setdefault((source.table, source.condition), []).append(source.holder_id)
    parts = []
    for (table, condition), ids in holders.items():
        holder, slot_id = _HOLDERS[table]
        conditions = " AND ".join([f"held.{holder} IN ({id_list(ids)})", *filter(None, [condition]), *_within(bounds)])
        parts.append(f"SELECT held.{slot_id} AS id FROM {table} AS held WHERE {conditions}")
    if not parts:
        return 0
    one = len(sources) == 1
    statement = parts[0] if one else " UNION ".join([*parts, parts[0]] if len(parts) == 1 else parts)
    statement = f"SELECT count(*) FROM ({statement}) AS found"
    if not keep:
        return int(transaction.connection.exec_driver_sql(statement).scalar_one())
    return int(counted(transaction, statement)[0][0])


def ranges(source: Source, scan: Scan) -> Iterator[str]:
    """One or two SELECTs of index ranges.

    Slots that have not ended by an instant may have begun at any time before; but only the long ones, which have an
    index of their own, more than LONG_MS before.
    """
    bounds = scan.bounds
    if bounds.end_min is None:
        yield _range(source, scan, bounds)
        return
    earliest = bounds.end_min - tables.LONG_MS
    yield _range(source, scan, bounds.narrowed(Bounds(start_min=earliest)))
    conditions = [
        source.condition.replace(_LIVE, _LIVE_IN_ANY_INDEX),
        f"held.end_at - held.start_at > {tables.LONG_MS}",
    ]
    long = structs.replace(source, condition=" AND ".join(filter(None, conditions)))
    yield _range(long, scan, bounds.narrowed(Bounds(start_max=earliest - 1)))


def _range(source: Source, scan: Scan, bounds: Bounds) -> str:
    holder, slot_id = _HOLDERS[source.table]
    conditions = [f"held.{holder} = {source.holder_id:d}", *filter(None, [source.condition]), *_within(bounds)]
    triple = f"(held.start_at, held.end_at, held.{slot_id})"
    if scan.after is not None:
        conditions.append(f"{triple} > ({scan.after.start:d}, {scan.after.end:d}, {scan.after.id:d})")
    if scan.before is not None:
        conditions.append(f"{triple} < ({scan.before.start:d}, {scan.before.end:d}, {scan.before.id:d})")
    return (
        f"SELECT held.start_at AS start_at, held.end_at AS end_at, held.{slot_id} AS id"
        f" FROM {source.table} AS held WHERE {' AND '.join(conditions)}"
    )


def _within(bounds: Bounds) -> Iterator[str]:
    sides = (("start_at >=", bounds.start_min), ("start_at <=", bounds.start_max))
    for side, value in (*sides, ("end_at >=", bounds.end_min), ("end_at <=", bounds.end_max)):
        if value is not None:
            yield f"held.{side} {value:d}"
