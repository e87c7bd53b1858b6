"""Slots one by one, and the few of a page: what a reader sees of them, and every change but a file's."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from msgspec import UNSET, Struct, structs
from sqlalchemy import ColumnElement, case, delete, func, insert, literal, select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from slotport.core.entry import Checked, Entry, MediaEntry, NewMedia, NoteEdit, NoteEntry, Times
from slotport.core.group import GroupView, State
from slotport.core.slot import MediaType, Place, Slot, Visibility, end_of_day
from slotport.storage import accounts, departures, groups, tables, transfer
from slotport.storage.instants import at, milliseconds
from slotport.storage.readers import readable
from slotport.storage.store import Transaction

_S = tables.slot.c
_P = tables.slot_place.c
_PLACE_NAMES = Place.__struct_fields__
_SLOT_NAMES = (
    "id uid owner_id title description rrule visibility start_at end_at open_end all_day"
    " zone floating recurrence_id created_at updated_at deleted_at version"
).split()
_MEDIA_NAMES = ("public_id", "media_type", "position", "duration", "title", "local_id", "thumbnail")


# What a reader sees


def may_read(transaction: Transaction, slot_id: int, reader_id: int | None) -> bool:
    """Whether the slot exists and the reader may see it; of a deleted one that is its creator alone."""
    live = f"slot.deleted_at IS NULL AND {readable('slot', reader_id)}"
    own = "" if reader_id is None else f" OR slot.owner_id = {reader_id:d}"
    return bool(transaction.connection.scalar(select(_S.id).where(_S.id == slot_id, text(f"({live}{own})"))))


class Own(Struct, frozen=True):
    """What a change asks of the caller's own slot first."""

    times: Times
    visibility: Visibility
    shared_with_friends: bool


def find_own(transaction: Transaction, slot_id: int, owner_id: int) -> Own | None:
    """The slot if it is live and that account created it."""
    row = transaction.connection.execute(
        select(tables.slot).where(_S.id == slot_id, _S.owner_id == owner_id, _S.deleted_at.is_(None))
    ).one_or_none()
    return None if row is None else Own(_times(row), Visibility(row.visibility), row.shared_with_friends)


def entries(transaction: Transaction, slot_ids: Sequence[int], reader_id: int | None) -> list[Entry]:
    """The slots in that order as the reader sees them; whether the reader may, was asked before.

    The number of statements does not depend on that of the slots.
    """
    if not slot_ids:
        return []
    rows = transaction.connection.execute(
        select(*(_S[name] for name in _SLOT_NAMES), _P.uuid.label("place_uuid"), *_place_columns())
        .select_from(tables.slot.outerjoin(tables.slot_place, _P.slot_id == _S.id))
        .where(_S.id.in_(slot_ids))
    ).all()
    creators = accounts.find_many(transaction, {row.owner_id for row in rows})
    notes, media = notes_of(transaction, slot_ids), media_of(transaction, slot_ids)
    alerts = _alerts(transaction, slot_ids, reader_id)
    seen, firsts = _groups(transaction, slot_ids, reader_id)
    found = {
        row.id: Entry(
            id=row.id,
            uid=row.uid,
            owner_id=row.owner_id,
            title=row.title,
            description=row.description,
            times=_times(row),
            rrule=row.rrule,
            visibility=Visibility(row.visibility),
            created_at=at(row.created_at),
            updated_at=at(row.updated_at),
            deleted_at=None if row.deleted_at is None else at(row.deleted_at),
            version=row.version,
            place=_place(row),
            place_uuid=None if row.place_uuid is None else UUID(row.place_uuid),
            creator=creators[row.owner_id],
            notes=tuple(notes.get(row.id, ())),
            media=tuple(media.get(row.id, ())),
            alerts=alerts.get(row.id, ""),
            first_group=firsts.get(row.id),
            group_uuids=tuple(seen.get(row.id, ())),
            recurrence_id=row.recurrence_id,
        )
        for row in rows
    }
    return [found[slot_id] for slot_id in slot_ids if slot_id in found]


def readers_of(transaction: Transaction, slot_id: int) -> int | None:
    """How many people may read the slot; None: everyone."""
    held, part = tables.slot_group.c, tables.membership.c
    if transaction.connection.scalar(select(_S.visibility).where(_S.id == slot_id)) == Visibility.PUBLIC:
        return None
    creator = select(_S.owner_id.label("id")).where(_S.id == slot_id)
    members = (
        select(part.account_id)
        .join(tables.slot_group, held.group_id == part.group_id)
        .where(held.slot_id == slot_id, part.state == State.ACTIVE.value)
    )
    people = creator.union(members).subquery()
    return transaction.connection.scalar(select(func.count()).select_from(people)) or 0


def notes_of(transaction: Transaction, slot_ids: Sequence[int]) -> dict[int, list[NoteEntry]]:
    """Each slot's notes, oldest first."""
    note = tables.note.c
    found: dict[int, list[NoteEntry]] = defaultdict(list)
    for row in transaction.connection.execute(
        select(tables.note).where(note.slot_id.in_(slot_ids)).order_by(note.slot_id, note.id)
    ):
        found[row.slot_id].append(
            NoteEntry(
                id=row.id, title=row.title, content=row.content, local_id=row.local_id, created_at=at(row.created_at)
            )
        )
    return found


def media_of(transaction: Transaction, slot_ids: Sequence[int]) -> dict[int, list[MediaEntry]]:
    """Each slot's media by position."""
    media = tables.media.c
    found: dict[int, list[MediaEntry]] = defaultdict(list)
    for row in transaction.connection.execute(
        select(tables.media).where(media.slot_id.in_(slot_ids)).order_by(media.slot_id, media.position, media.id)
    ):
        values = {name: getattr(row, name) for name in _MEDIA_NAMES} | {"media_type": MediaType(row.media_type)}
        found[row.slot_id].append(MediaEntry(id=row.id, created_at=at(row.created_at), **values))
    return found


def group_memberships(transaction: Transaction, slot_id: int, account_id: int) -> list[groups.Seen]:
    """The groups that hold the slot and the account's part in each, in the order in which they got it."""
    held = tables.slot_group.c
    ids = list(
        transaction.connection.scalars(
            select(held.group_id).where(held.slot_id == slot_id).order_by(held.added_at, held.group_id)
        )
    )
    seen = {found[0].id: found for found in groups.find_by_ids(transaction, ids, account_id)}
    return [seen[group_id] for group_id in ids if group_id in seen]


def is_scheduled(transaction: Transaction, slot_id: int, account_id: int) -> bool:
    """Whether the slot is in the account's schedule, by itself or with a calendar that is shown."""
    own, held, part = tables.scheduled.c, tables.slot_group.c, tables.membership.c
    by_itself = select(own.slot_id).where(own.slot_id == slot_id, own.account_id == account_id)
    by_group = (
        select(held.slot_id)
        .join(tables.membership, part.group_id == held.group_id)
        .where(held.slot_id == slot_id, part.account_id == account_id, part.show_in_schedule)
        .where(part.state == State.ACTIVE.value)
    )
    return transaction.connection.execute(by_itself.union_all(by_group).limit(1)).first() is not None


def kinds_among(transaction: Transaction, slot_ids: Sequence[int]) -> tuple[set[int], set[int]]:
    """Those of the slots that are whole days, and those that have an open end."""
    rows = transaction.connection.execute(
        select(_S.id, _S.all_day, _S.open_end).where(_S.id.in_(slot_ids), _S.all_day | _S.open_end)
    ).all()
    return {row.id for row in rows if row.all_day}, {row.id for row in rows if row.open_end}


def _place_columns() -> Iterable[Any]:
    return [_P[name].label(f"place_{name}") for name in _PLACE_NAMES]


def _place(row: Any) -> Place | None:
    if row.place_uuid is None:
        return None
    return Place(**{name: getattr(row, f"place_{name}") for name in _PLACE_NAMES})


def _times(row: Any) -> Times:
    return Times(
        start=at(row.start_at),
        end=None if row.open_end else at(row.end_at),
        all_day=row.all_day,
        zone=row.zone,
        floating=row.floating,
    )


def _alerts(transaction: Transaction, slot_ids: Sequence[int], reader_id: int | None) -> dict[int, str]:
    if reader_id is None:
        return {}
    alerts = tables.slot_alerts.c
    rows = transaction.connection.execute(
        select(alerts.slot_id, alerts.alerts).where(alerts.slot_id.in_(slot_ids), alerts.account_id == reader_id)
    )
    return {row.slot_id: row.alerts for row in rows}


def _groups(
    transaction: Transaction, slot_ids: Sequence[int], reader_id: int | None
) -> tuple[Mapping[int, list[UUID]], Mapping[int, GroupView]]:
    """Of each slot the groups that the reader may see, and the first of them as the reader sees it."""
    held, group = tables.slot_group.c, tables.group.c
    mine = -1 if reader_id is None else reader_id
    part = (tables.membership.c.group_id == held.group_id) & (tables.membership.c.account_id == mine)
    rows = transaction.connection.execute(
        select(held.slot_id, *groups.COLUMNS)
        .select_from(tables.slot_group.join(tables.group, group.id == held.group_id))
        .outerjoin(tables.membership, part)
        .where(held.slot_id.in_(slot_ids))
        .where(group.public | (group.owner_id == mine) | (tables.membership.c.state == State.ACTIVE.value))
        .order_by(held.slot_id, held.added_at, held.group_id)
    )
    uuids: dict[int, list[UUID]] = defaultdict(list)
    firsts: dict[int, int] = {}
    known: dict[int, groups.Seen] = {}
    for row in rows:
        uuids[row.slot_id].append(UUID(row.uuid))
        if firsts.setdefault(row.slot_id, row.id) == row.id and row.id not in known:
            known[row.id] = groups.seen_of(row)
    views = {view.group.id: view for view in groups.views(transaction, list(known.values()), reader_id)}
    return uuids, {slot_id: views[group_id] for slot_id, group_id in firsts.items()}


# Changes


def add(
    transaction: Transaction,
    owner_id: int,
    asked: Checked,
    visibility: Visibility,
    group_ids: Sequence[int],
    *,
    with_friends: bool,
    now: datetime,
) -> int:
    """Store a new slot without media, in those groups; its id."""
    if asked.times is None:
        raise ValueError("a new slot has times")
    slot_id = transaction.object_ids(1)[0]
    start, end, all_day = asked.times.start, asked.times.end, asked.times.all_day
    slot = Slot(
        title=asked.title or "",
        start=start.date() if all_day else start,
        end=end.date() if all_day and end else end,
        zone=asked.times.zone,
        floating=asked.times.floating,
        uid=str(uuid4()),
        visibility=visibility,
        description=asked.description or "",
        rrule=asked.rrule or "",
        place=None if asked.place is UNSET else asked.place,
        alerts=asked.alerts or "",
    )
    addition = transfer.Addition(id=slot_id, slot=slot, content_hash=None, group_ids=tuple(group_ids))
    transfer.add_slots(transaction, owner_id, [addition], now=milliseconds(now))
    if with_friends:
        transaction.connection.execute(update(tables.slot).where(_S.id == slot_id).values(shared_with_friends=True))
    accounts.mark_changed(transaction, [owner_id])
    return slot_id


def change(transaction: Transaction, slot_id: int, owner_id: int, asked: Checked, now: datetime) -> None:
    """Store what the edit says of the slot's own fields, place and the creator's alerts, under the next version."""
    said = {"title": asked.title, "rrule": asked.rrule, "description": asked.description}
    values: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    if asked.times is not None:
        values |= _times_row(asked.times)
    touch(transaction, slot_id, owner_id, now, **values)
    if asked.times is not None:
        copies = {name: values[name] for name in ("start_at", "end_at")}
        for table in (tables.slot_group, tables.scheduled):
            transaction.connection.execute(update(table).where(table.c.slot_id == slot_id).values(copies))
    if asked.place is not UNSET:
        transaction.connection.execute(delete(tables.slot_place).where(_P.slot_id == slot_id))
        if asked.place is not None:
            row = structs.asdict(asked.place) | {"slot_id": slot_id, "uuid": str(uuid4())}
            transaction.connection.execute(insert(tables.slot_place).values(row))
    if asked.alerts is not None:
        _set_alerts(transaction, slot_id, owner_id, asked.alerts)


def touch(transaction: Transaction, slot_id: int, owner_id: int, now: datetime, **values: Any) -> None:
    """Give the slot its next version, with those columns changed; it is no longer what a file said."""
    _touch(transaction, _S.id == slot_id, owner_id, now, values)


def _touch(
    transaction: Transaction, condition: ColumnElement[bool], owner_id: int, now: datetime, values: Mapping[str, Any]
) -> int:
    moment = milliseconds(now)
    done = transaction.connection.execute(
        update(tables.slot)
        .where(condition)
        .values(
            {
                **values,
                "version": _S.version + 1,
                "change": transaction.change,
                "updated_at": moment,
                "content_hash": None,
                "modified_at": case((_S.modified_at.is_not(None), moment)),
            }
        )
    )
    accounts.mark_changed(transaction, [owner_id])
    return done.rowcount


def remove(transaction: Transaction, slot_id: int, owner_id: int, now: datetime) -> None:
    """Delete the slot softly; it leaves every group and schedule, and its notes and media go."""
    remove_where(transaction, _S.id == slot_id, owner_id, now)


def remove_where(transaction: Transaction, condition: ColumnElement[bool], owner_id: int, now: datetime) -> int:
    """Delete all slots on those rows as ``remove`` does, which are the owner's; how many they were."""
    leaving = select(_S.id).where(condition)
    departures.from_groups(transaction, tables.slot_group.c.slot_id.in_(leaving), now)
    for table in (tables.slot_group, tables.scheduled, tables.note, tables.media):
        transaction.connection.execute(delete(table).where(table.c.slot_id.in_(leaving)))
    return _touch(transaction, condition, owner_id, now, {"deleted_at": milliseconds(now)})


def add_notes(transaction: Transaction, slot_id: int, added: Sequence[NoteEdit], now: datetime) -> None:
    """Store new notes in that order."""
    for edit in added:
        values = {"title": edit.title, "content": edit.content, "local_id": edit.local_id}
        transaction.connection.execute(
            insert(tables.note).values(slot_id=slot_id, created_at=milliseconds(now), **values)
        )


def change_note(transaction: Transaction, note: NoteEntry) -> None:
    """Store a note's texts."""
    values = {"title": note.title, "content": note.content, "local_id": note.local_id}
    transaction.connection.execute(update(tables.note).where(tables.note.c.id == note.id).values(values))


def remove_notes(transaction: Transaction, note_ids: Sequence[int]) -> None:
    """Delete notes."""
    transaction.connection.execute(delete(tables.note).where(tables.note.c.id.in_(note_ids)))


def add_media(
    transaction: Transaction, slot_id: int, added: Sequence[NewMedia], positions: Sequence[int], now: datetime
) -> None:
    """Store new media at those positions."""
    for item, position in zip(added, positions, strict=True):
        values = structs.asdict(item) | {"media_type": item.media_type.value, "position": position}
        transaction.connection.execute(
            insert(tables.media).values(slot_id=slot_id, created_at=milliseconds(now), **values)
        )


def move_media(transaction: Transaction, positions: Mapping[int, int]) -> None:
    """Store new positions by id."""
    for media_id, position in positions.items():
        statement = update(tables.media).where(tables.media.c.id == media_id).values(position=position)
        transaction.connection.execute(statement)


def remove_media(transaction: Transaction, media_ids: Sequence[int]) -> None:
    """Delete media."""
    transaction.connection.execute(delete(tables.media).where(tables.media.c.id.in_(media_ids)))


def group_ids_of(transaction: Transaction, slot_id: int) -> set[int]:
    """The groups that hold the slot."""
    held = tables.slot_group.c
    return set(transaction.connection.scalars(select(held.group_id).where(held.slot_id == slot_id)))


def put_into_groups(transaction: Transaction, slot_id: int, group_ids: Iterable[int], now: datetime) -> None:
    """Put the slot into the groups, as far as it is not there."""
    transfer.put_into_groups(transaction, [(slot_id, group_id) for group_id in group_ids], milliseconds(now))


def take_out_of_groups(transaction: Transaction, slot_id: int, group_ids: Iterable[int], now: datetime) -> None:
    """Take the slot out of the groups, as far as it is there."""
    take_many_out_of_groups(transaction, [(slot_id, group_id) for group_id in sorted(group_ids)], now)


def take_many_out_of_groups(transaction: Transaction, pairs: Sequence[tuple[int, int]], now: datetime) -> None:
    """Take slots out of groups: pairs of slot and group id."""
    held = tables.slot_group.c
    for start in range(0, len(pairs), transfer.BATCH):
        leaving = tuple_(held.slot_id, held.group_id).in_(pairs[start : start + transfer.BATCH])
        departures.from_groups(transaction, leaving, now)
        transaction.connection.execute(delete(tables.slot_group).where(leaving))


def put_into_schedule(transaction: Transaction, slot_id: int, account_id: int) -> None:
    """Put the slot into the account's schedule by itself, if it is not there."""
    row = select(literal(account_id), _S.id, _S.start_at, _S.end_at).where(_S.id == slot_id)
    statement = _dialect(transaction).insert(tables.scheduled)
    transaction.connection.execute(
        statement.from_select(["account_id", "slot_id", "start_at", "end_at"], row).on_conflict_do_nothing()
    )


def take_out_of_schedule(transaction: Transaction, slot_id: int, account_id: int) -> None:
    """Take the slot out of the account's schedule, as far as it is there by itself."""
    own = tables.scheduled.c
    transaction.connection.execute(delete(tables.scheduled).where(own.slot_id == slot_id, own.account_id == account_id))


def _set_alerts(transaction: Transaction, slot_id: int, account_id: int, alerts: str) -> None:
    statement = _dialect(transaction).insert(tables.slot_alerts)
    statement = statement.on_conflict_do_update(index_elements=["slot_id", "account_id"], set_={"alerts": alerts})
    transaction.connection.execute(statement, {"slot_id": slot_id, "account_id": account_id, "alerts": alerts})


def _dialect(transaction: Transaction) -> Any:
    return postgresql if transaction.connection.dialect.name == "postgresql" else sqlite


def _times_row(times: Times) -> dict[str, Any]:
    return {
        "start_at": milliseconds(times.start),
        "end_at": milliseconds(times.end or end_of_day(times.start)),
        "open_end": times.end is None,
        "all_day": times.all_day,
        "zone": times.zone,
        "floating": times.floating,
    }
