"""Slots in bulk: what an import stores and an export takes out, some hundreds of rows a statement.

Who calls keeps the rules of the tables: the copies of a slot's times in ``slot_group`` and ``scheduled`` follow the
slot, and a slot without an end has the last millisecond of its start's day.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct, structs
from sqlalchemy import FromClause, Select, delete, exists, select, update

from slotport.core.slot import GroupRef, Media, MediaType, Note, Place, Slot, Visibility, end_of_day
from slotport.storage import tables
from slotport.storage.engine import among, insert_many, update_many
from slotport.storage.instants import DAY_MS, EPOCH, EPOCH_DAY, at, midnight, milliseconds
from slotport.storage.store import Transaction

CANDIDATES = 5_000  #: slots that a batch of records without uid is compared with
BATCH = 500  #: slots looked up, written or read with one statement

PLACE_FIELDS = Place.__struct_fields__
SLOT_COLUMNS = (
    "id owner_id uid recurrence_id title description visibility start_at end_at open_end all_day zone floating rrule"
    " icalendar sequence modified_at stamped_at content_hash created_at updated_at version change"
).split()
CHANGED_COLUMNS = [
    name for name in SLOT_COLUMNS if name not in {"id", "owner_id", "uid", "recurrence_id", "created_at"}
]

_CHANGED = [SLOT_COLUMNS.index(name) for name in CHANGED_COLUMNS]


class Known(Struct, frozen=True, gc=False):
    """What an import asks of a stored slot before it looks at all of it."""

    id: int
    uid: str
    recurrence_id: str
    title: str
    start_at: int
    content_hash: bytes | None
    sequence: int
    modified_at: int | None
    stamped_at: int | None
    deleted: bool


class Stored(Struct, frozen=True, gc=False):
    """A slot with its row's own facts; ``slot`` says every field."""

    id: int
    version: int
    change: int
    created_at: int
    deleted: bool
    slot: Slot


class Addition(Struct, frozen=True, gc=False):
    """A slot to be written: every field said that is to be stored."""

    id: int
    slot: Slot
    content_hash: bytes | None
    group_ids: tuple[int, ...]
    version: int = 1
    created_at: int | None = None  #: None: now


_KNOWN = [tables.slot.c[name] for name in Known.__struct_fields__ if name != "deleted"]


def _known(row: Sequence[Any]) -> Known:
    *facts, deleted_at = row
    return Known(*[*facts, deleted_at is not None])


def has_slots(transaction: Transaction, owner_id: int) -> bool:
    """Whether the account ever stored a slot."""
    return bool(transaction.connection.scalar(select(exists().where(tables.slot.c.owner_id == owner_id))))


def known_by_uid(transaction: Transaction, owner_id: int, uids: Sequence[str]) -> dict[tuple[str, str], Known]:
    """The account's slots with one of the uids, deleted ones included, by uid and recurrence id."""
    rows = transaction.connection.execute(
        select(*_KNOWN, tables.slot.c.deleted_at).where(
            tables.slot.c.owner_id == owner_id, among(transaction.connection, tables.slot.c.uid, uids)
        )
    )
    return {(known.uid, known.recurrence_id): known for known in map(_known, rows)}


def known_by_start(
    transaction: Transaction, owner_id: int, starts: Sequence[int], *, before_change: int
) -> dict[tuple[str, int], list[Known]]:
    """The account's live slots that begin at one of the instants and are older than the commit, newest first.

    Where more than 5,000 begin then, only so many are looked at: a file of equal starts would cost their square.
    """
    slot = tables.slot.c
    rows = transaction.connection.execute(
        select(*_KNOWN, slot.deleted_at)
        .where(
            slot.owner_id == owner_id, among(transaction.connection, slot.start_at, starts), slot.deleted_at.is_(None)
        )
        .where(slot.change < before_change)
        .limit(CANDIDATES)
    )
    found: dict[tuple[str, int], list[Known]] = defaultdict(list)
    for known in sorted(map(_known, rows), key=lambda known: -known.id):
        found[known.title, known.start_at].append(known)
    return found


def groups_of(transaction: Transaction, slot_ids: Sequence[int]) -> dict[int, dict[int, bool]]:
    """The live groups that hold each slot, and whether they are public; a slot in none is left out."""
    held = tables.slot_group.c
    found: dict[int, dict[int, bool]] = defaultdict(dict)
    rows = transaction.connection.execute(
        select(held.slot_id, held.group_id, tables.group.c.public)
        .join(tables.group, tables.group.c.id == held.group_id)
        .where(among(transaction.connection, held.slot_id, slot_ids))
    )
    for slot_id, group_id, public in rows:
        found[slot_id][group_id] = public
    return found


def times(slot: Slot) -> tuple[int, int]:
    """``start_at`` and ``end_at`` as stored."""
    start, end = slot.start, slot.end
    if isinstance(start, datetime):
        return milliseconds(start), milliseconds(end if isinstance(end, datetime) else end_of_day(start))
    return midnight(start), midnight(end) if end is not None else midnight(start) + DAY_MS


def add_slots(transaction: Transaction, owner_id: int, added: Sequence[Addition], *, now: int) -> None:
    """Insert new slots with all that belongs to them."""
    rows = [_slot_row(owner_id, addition, now, transaction.change) for addition in added]
    insert_many(transaction.connection, tables.slot, SLOT_COLUMNS, rows)
    _add_parts(transaction, owner_id, added, now)
    # the columns of _slot_row: 7 and 8 are the times
    held = [
        (row[0], group_id, row[7], row[8], now)
        for row, addition in zip(rows, added, strict=True)
        for group_id in addition.group_ids
    ]
    insert_many(transaction.connection, tables.slot_group, _HELD_COLUMNS, held)


_HELD_COLUMNS = ("slot_id", "group_id", "start_at", "end_at", "added_at")


def change_slots(transaction: Transaction, owner_id: int, changed: Sequence[Addition], *, now: int) -> None:
    """Make stored slots, deleted ones too, what the additions say, and add them to the groups that they name."""
    if not changed:
        return
    ids = [addition.id for addition in changed]
    connection = transaction.connection
    rows = [_slot_row(owner_id, addition, now, transaction.change) for addition in changed]
    values = [(row[0], *(row[at] for at in _CHANGED), None) for row in rows]
    update_many(connection, tables.slot, "id", [*CHANGED_COLUMNS, "deleted_at"], values)
    for table in (tables.note, tables.media, tables.slot_place):
        connection.execute(delete(table).where(among(connection, table.c.slot_id, ids)))
    alerts = tables.slot_alerts.c
    connection.execute(
        delete(tables.slot_alerts).where(among(connection, alerts.slot_id, ids), alerts.account_id == owner_id)
    )
    _add_parts(transaction, owner_id, changed, now)
    for table in (tables.slot_group, tables.scheduled):
        moved = [(row[0], row[7], row[8]) for row in rows]
        update_many(connection, table, "slot_id", ("start_at", "end_at"), moved)
    put_into_groups(
        transaction, [(addition.id, group_id) for addition in changed for group_id in addition.group_ids], now
    )


def put_into_groups(transaction: Transaction, pairs: Sequence[tuple[int, int]], now: int) -> None:
    """Add live slots to groups; pairs of slot and group id, those already there are left as they are."""
    if not pairs:
        return
    slot_ids = [slot_id for slot_id, _ in pairs]
    held = groups_of(transaction, slot_ids)
    slot = tables.slot.c
    stored = transaction.connection.execute(
        select(slot.id, slot.start_at, slot.end_at).where(among(transaction.connection, slot.id, slot_ids))
    )
    when = {row.id: (row.start_at, row.end_at) for row in stored}
    missing = [
        (slot_id, group_id, *when[slot_id], now) for slot_id, group_id in pairs if group_id not in held.get(slot_id, ())
    ]
    insert_many(transaction.connection, tables.slot_group, _HELD_COLUMNS, missing)


def make_public(transaction: Transaction, slot_ids: Sequence[int], now: int) -> None:
    """Note that the slots' groups changed, and that a public group makes them public where one holds them."""
    slot, held, group = tables.slot.c, tables.slot_group.c, tables.group.c
    in_public_group = exists().where(
        held.slot_id == slot.id, held.group_id == group.id, group.public, group.deleted_at.is_(None)
    )
    transaction.connection.execute(
        update(tables.slot)
        .where(among(transaction.connection, slot.id, slot_ids))
        .values(version=slot.version + 1, change=transaction.change, updated_at=now)
    )
    transaction.connection.execute(
        update(tables.slot)
        .where(among(transaction.connection, slot.id, slot_ids), in_public_group)
        .values(visibility=Visibility.PUBLIC.value)
    )


def _slot_row(owner_id: int, addition: Addition, now: int, change: int) -> tuple[Any, ...]:
    slot = addition.slot
    start_at, end_at = times(slot)
    lines = slot.icalendar
    return (
        addition.id,
        owner_id,
        slot.uid,
        slot.recurrence_id,
        slot.title,
        slot.description or "",
        (slot.visibility or Visibility.PRIVATE).value,
        start_at,
        end_at,
        slot.end is None,
        not isinstance(slot.start, datetime),
        slot.zone,
        slot.floating,
        slot.rrule or "",
        "\n".join(lines) if lines else None,
        slot.sequence,
        None if slot.modified is None else milliseconds(slot.modified),
        None if slot.stamped is None else milliseconds(slot.stamped),
        addition.content_hash,
        now if addition.created_at is None else addition.created_at,
        now,
        addition.version,
        change,
    )


def _add_parts(transaction: Transaction, owner_id: int, added: Sequence[Addition], now: int) -> None:
    notes: list[Sequence[Any]] = []
    media: list[Sequence[Any]] = []
    placed: list[tuple[int, Place]] = []
    alerts: list[Sequence[Any]] = []
    for addition in added:
        slot, slot_id = addition.slot, addition.id
        if slot.notes:
            notes += [(slot_id, note.title, note.content, note.local_id, now) for note in slot.notes]
        if slot.media:
            media += [(slot_id, *_media_row(item), now) for item in slot.media]
        if slot.place is not None:
            placed.append((slot_id, slot.place))
        if slot.alerts:
            alerts.append((slot_id, owner_id, slot.alerts))
    connection = transaction.connection
    insert_many(connection, tables.note, ("slot_id", "title", "content", "local_id", "created_at"), notes)
    insert_many(connection, tables.media, ("slot_id", *_MEDIA_COLUMNS, "created_at"), media)
    uuids = random_uuids(len(placed))
    rows = [(slot_id, uuid, *structs.astuple(place)) for (slot_id, place), uuid in zip(placed, uuids, strict=True)]
    insert_many(connection, tables.slot_place, ("slot_id", "uuid", *PLACE_FIELDS), rows)
    insert_many(connection, tables.slot_alerts, ("slot_id", "account_id", "alerts"), alerts)


_MEDIA_COLUMNS = ("public_id", "media_type", "position", "duration", "title", "local_id", "thumbnail")


def _media_row(item: Media) -> tuple[Any, ...]:
    return (
        item.public_id,
        item.media_type.value,
        item.position,
        item.duration,
        item.title,
        item.local_id,
        item.thumbnail,
    )


def random_uuids(count: int) -> list[str]:
    """``count`` random UUIDs (RFC 9562, version 4) as text; one call of the system for all of them."""
    digits = os.urandom(16 * count).hex()
    return [
        f"{d[:8]}-{d[8:12]}-4{d[13:16]}-{'89ab'[int(d[16], 16) & 3]}{d[17:20]}-{d[20:]}"
        for d in (digits[at : at + 32] for at in range(0, 32 * count, 32))
    ]


# --- out

_SLOT = tables.slot.c
_OUT = [_SLOT[name] for name in SLOT_COLUMNS] + [
    _SLOT.deleted_at,
    tables.slot_place.c.slot_id.label("placed"),
]
_OUT_NAMED = [*_OUT, tables.slot_place.c.name.label("place_name")]
_OUT_PLACED = [*_OUT, *(tables.slot_place.c[name].label(f"place_{name}") for name in PLACE_FIELDS)]


def load(
    transaction: Transaction, slot_ids: Sequence[int], owner_id: int, fields: frozenset[str] | None = None
) -> dict[int, Stored]:
    """The slots by id, as their owner sees them; of notes, media, alerts and groups those in ``fields``, None: all."""
    statement = select(*_OUT_PLACED).select_from(_PLACED).where(among(transaction.connection, _SLOT.id, slot_ids))
    rows = transaction.connection.execute(statement).all()
    return {stored.id: stored for stored in _with_parts(transaction, rows, owner_id, fields)}


def own_slots(transaction: Transaction, owner_id: int, group_id: int | None, fields: frozenset[str]) -> Iterator[Slot]:
    """The account's live slots, all or those in one group, by start, end and uid; read as a stream.

    ``fields`` names what the caller will look at; of notes, media, alerts and groups only those are loaded.
    """
    columns = _OUT_PLACED if "place" in fields else _OUT_NAMED
    statement = ordered(columns, owner_id, group_id, join=lambda _: _PLACED)
    with transaction.connection.execution_options(yield_per=BATCH).execute(statement) as result:
        for rows in result.partitions():
            for stored in _with_parts(transaction, rows, owner_id, fields):
                yield stored.slot


def ordered(
    columns: Sequence[Any], owner_id: int, group_id: int | None, *, join: Callable[[FromClause], FromClause]
) -> Select[Any]:
    """Columns of the account's live slots, and of what ``join`` adds to their table, in the order of exports."""
    statement = select(*columns).where(_SLOT.owner_id == owner_id, _SLOT.deleted_at.is_(None))
    source = join(tables.slot)
    if group_id is None:
        return statement.select_from(source).order_by(_SLOT.start_at, _SLOT.end_at, _SLOT.uid, _SLOT.recurrence_id)
    held = tables.slot_group.c
    return (
        statement.select_from(source.join(tables.slot_group, held.slot_id == _SLOT.id))
        .where(held.group_id == group_id)
        .order_by(held.start_at, held.end_at, _SLOT.uid, _SLOT.recurrence_id)
    )


_PLACED = tables.slot.outerjoin(tables.slot_place, tables.slot_place.c.slot_id == tables.slot.c.id)


def _with_parts(
    transaction: Transaction, rows: Sequence[Sequence[Any]], owner_id: int, fields: frozenset[str] | None
) -> Iterator[Stored]:
    ids = [row[0] for row in rows]
    notes = _notes(transaction, ids) if fields is None or not fields.isdisjoint({"notes", "description"}) else None
    media = _media(transaction, ids) if fields is None or "media" in fields else None
    alerts = _alerts(transaction, ids, owner_id) if fields is None or "alerts" in fields else None
    groups = _groups(transaction, ids, owner_id) if fields is None or "groups" in fields else None
    for row in rows:
        slot_id = row[0]
        slot = Slot(
            uid=row[2],
            recurrence_id=row[3],
            title=row[4],
            description=row[5],
            visibility=_VISIBILITIES[row[6]],
            start=_start(row[7], row[10]),
            end=None if row[9] else _start(row[8], row[10]),
            zone=row[11],
            floating=row[12],
            rrule=row[13],
            icalendar=tuple(row[14].split("\n")) if row[14] else (),
            sequence=row[15],
            modified=None if row[16] is None else at(row[16]),
            stamped=None if row[17] is None else at(row[17]),
            place=None if row[24] is None else _place(row[25:]),
            notes=None if notes is None else tuple(notes.get(slot_id, ())),
            media=None if media is None else tuple(media.get(slot_id, ())),
            alerts=None if alerts is None else alerts.get(slot_id, ""),
            groups=() if groups is None else tuple(groups.get(slot_id, ())),
        )
        yield Stored(slot_id, row[21], row[22], row[19], row[23] is not None, slot)


def _place(values: Sequence[Any]) -> Place:
    # the first value alone is the name, which is all that most formats carry
    return Place(name=values[0]) if len(values) == 1 else Place(**dict(zip(PLACE_FIELDS, values, strict=True)))


_VISIBILITIES = {visibility.value: visibility for visibility in Visibility}


def _start(number: int, all_day: bool) -> datetime | date:  # noqa: FBT001  # positional: once a row
    if all_day:
        return date.fromordinal(number // DAY_MS + EPOCH_DAY)
    return EPOCH + timedelta(milliseconds=number)


def _notes(transaction: Transaction, ids: Sequence[int]) -> Mapping[int, list[Note]]:
    note = tables.note.c
    found: dict[int, list[Note]] = defaultdict(list)
    for slot_id, title, content, local_id in transaction.connection.execute(
        select(note.slot_id, note.title, note.content, note.local_id)
        .where(among(transaction.connection, note.slot_id, ids))
        .order_by(note.id)
    ):
        found[slot_id].append(Note(title=title, content=content, local_id=local_id))
    return found


def _media(transaction: Transaction, ids: Sequence[int]) -> Mapping[int, list[Media]]:
    media = tables.media.c
    found: dict[int, list[Media]] = defaultdict(list)
    columns = [media[name] for name in _MEDIA_COLUMNS]
    for row in transaction.connection.execute(
        select(media.slot_id, *columns)
        .where(among(transaction.connection, media.slot_id, ids))
        .order_by(media.position, media.id)
    ):
        found[row.slot_id].append(
            Media(
                public_id=row.public_id,
                media_type=MediaType(row.media_type),
                position=row.position,
                duration=row.duration,
                title=row.title,
                local_id=row.local_id,
                thumbnail=row.thumbnail,
            )
        )
    return found


def _alerts(transaction: Transaction, ids: Sequence[int], owner_id: int) -> dict[int, str]:
    alerts = tables.slot_alerts.c
    rows = transaction.connection.execute(
        select(alerts.slot_id, alerts.alerts).where(
            among(transaction.connection, alerts.slot_id, ids), alerts.account_id == owner_id
        )
    )
    return {slot_id: text for slot_id, text in rows}  # noqa: C416  # rows are not pairs to the type checker


def _groups(transaction: Transaction, ids: Sequence[int], owner_id: int) -> Mapping[int, list[GroupRef]]:
    held, group = tables.slot_group.c, tables.group.c
    found: dict[int, list[GroupRef]] = defaultdict(list)
    for slot_id, uuid, name, image, public, description in transaction.connection.execute(
        select(held.slot_id, group.uuid, group.name, group.image, group.public, group.description)
        .join(tables.group, group.id == held.group_id)
        .where(among(transaction.connection, held.slot_id, ids), group.owner_id == owner_id, group.deleted_at.is_(None))
        .order_by(group.name, group.id)
    ):
        found[slot_id].append(GroupRef(uuid=uuid, name=name, image=image, public=public, description=description))
    return found


class OwnGroup(Struct, frozen=True, gc=False):
    """What an import or export asks of a group."""

    id: int
    uuid: str
    name: str
    public: bool


_GROUP = tables.group.c
_OWN_GROUP = [_GROUP.id, _GROUP.uuid, _GROUP.name, _GROUP.public]


def find_own_group(transaction: Transaction, owner_id: int, uuid: UUID) -> OwnGroup | None:
    """The account's own live group with the uuid."""
    row = transaction.connection.execute(
        select(*_OWN_GROUP).where(_GROUP.uuid == str(uuid), _GROUP.owner_id == owner_id, _GROUP.deleted_at.is_(None))
    ).one_or_none()
    return None if row is None else OwnGroup(*row)


def own_groups(transaction: Transaction, owner_id: int, uuids: Sequence[str], names: Sequence[str]) -> list[OwnGroup]:
    """The account's own live groups with one of the uuids or names, oldest first."""
    rows = transaction.connection.execute(
        select(*_OWN_GROUP)
        .where(_GROUP.owner_id == owner_id, _GROUP.deleted_at.is_(None))
        .where(among(transaction.connection, _GROUP.uuid, uuids) | among(transaction.connection, _GROUP.name, names))
        .order_by(_GROUP.id)
    )
    return [OwnGroup(*row) for row in rows]


def taken_uuids(transaction: Transaction, uuids: Sequence[str]) -> set[str]:
    """Those of the uuids that some group has, of whoever, deleted ones included."""
    return set(
        transaction.connection.scalars(select(_GROUP.uuid).where(among(transaction.connection, _GROUP.uuid, uuids)))
    )


def change_of(transaction: Transaction, account_id: int) -> int:
    """The number of the last commit that changed a slot or group of the account."""
    statement = select(tables.account.c.change).where(tables.account.c.id == account_id)
    return int(transaction.connection.execute(statement).scalar_one())
