"""Which of the objects that an incremental export lost were deleted (storage/objects.py).

Only what the account could learn in another way counts as deleted: its own things, a group that it was in until then,
what a convention shows to it. All else is out of scope, whatever became of it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from slotport.core.convention import PUBLIC_STATUSES, EventStatus
from slotport.core.deletion import Deletion, Known
from slotport.core.export_fields import ObjectType
from slotport.core.group import State
from slotport.core.slot import Slot
from slotport.storage import conventions
from slotport.storage.instants import DAY_MS, EPOCH, EPOCH_DAY, at
from slotport.storage.readers import id_list
from slotport.storage.store import Transaction

_MOST_SEQUENCE = 2**31 - 1

_Gone = Mapping[int, Slot | None]  #: by the id of what was deleted: what calendars tell of it


def deletions(transaction: Transaction, owner_id: int, lost: Sequence[Known]) -> list[Deletion]:
    """What became of each of the objects, in their order; some thousands at a time, in few statements."""
    ids: dict[ObjectType, list[int]] = defaultdict(list)
    for one in lost:
        ids[one.type].append(one.id)
    gone = {kind: _FINDERS[kind](transaction, owner_id, numbers) for kind, numbers in ids.items()}
    return [
        Deletion(
            type=one.type,
            id=one.id,
            uuid=one.uuid,
            version=one.version,
            reason="deleted" if one.id in gone[one.type] else "out_of_scope",
            slot=gone[one.type].get(one.id),
        )
        for one in lost
    ]


def _slots(transaction: Transaction, owner_id: int, ids: Collection[int]) -> _Gone:
    rows = transaction.connection.exec_driver_sql(
        "SELECT id, uid, recurrence_id, title, start_at, end_at, open_end, all_day, zone, floating, rrule, sequence"
        # the sums keep SQLite from walking all of the owner's deleted slots
        f" FROM slot WHERE id IN ({id_list(sorted(ids))}) AND owner_id + 0 = {owner_id:d}"
        " AND deleted_at + 0 IS NOT NULL"
    )
    return {row[0]: _slot(row) for row in rows}


def _slot(row: Sequence[Any]) -> Slot:
    _, uid, recurrence_id, title, start, end, open_end, all_day, zone, floating, rrule, sequence = row

    def moment(number: int) -> Any:
        return date.fromordinal(number // DAY_MS + EPOCH_DAY) if all_day else EPOCH + timedelta(milliseconds=number)

    return Slot(
        uid=uid,
        recurrence_id=recurrence_id,
        title=title,
        start=moment(start),
        end=None if open_end else moment(end),
        zone=zone,
        floating=bool(floating),
        rrule=rrule,
        sequence=min(sequence + 1, _MOST_SEQUENCE),
    )


def _time_slots(transaction: Transaction, owner_id: int, ids: Collection[int]) -> _Gone:
    rows = transaction.connection.exec_driver_sql(
        "SELECT gone.id, gone.guid, event.title, gone.start_at, gone.duration_minutes, gone.version, event.version,"
        " gone.convention_id FROM time_slot AS gone JOIN event ON event.id = gone.event_id"
        f" WHERE gone.id IN ({id_list(sorted(ids))}) AND gone.deleted_at IS NOT NULL"
        f" AND (event.status IN ({id_list(sorted(PUBLIC_STATUSES))}) OR {_managed('gone', owner_id)})"
    ).all()
    told = conventions.load(transaction, {row[-1] for row in rows})
    return {
        number: Slot(
            uid=guid,
            title=title,
            start=at(start),
            end=at(start) + timedelta(minutes=minutes),
            zone=told[convention_id].zone_name,
            sequence=min(version + event_version - 1, _MOST_SEQUENCE),
        )
        for number, guid, title, start, minutes, version, event_version, convention_id in rows
    }


def _groups(transaction: Transaction, owner_id: int, ids: Collection[int]) -> _Gone:
    return _without_times(
        transaction,
        f"SELECT id FROM calendar_group AS gone WHERE gone.id IN ({id_list(sorted(ids))})"
        f" AND gone.deleted_at IS NOT NULL AND (gone.owner_id = {owner_id:d}"
        " OR EXISTS (SELECT 1 FROM membership AS part"
        f" WHERE part.group_id = gone.id AND part.account_id = {owner_id:d} AND part.state = '{State.DELETED.value}'))",
    )


def _events(transaction: Transaction, owner_id: int, ids: Collection[int]) -> _Gone:
    return _without_times(
        transaction,
        f"SELECT id FROM event AS gone WHERE gone.id IN ({id_list(sorted(ids))})"
        f" AND (gone.status = {EventStatus.CANCELLED.value:d} OR gone.deleted_at IS NOT NULL)"
        f" AND (gone.owner_id + 0 = {owner_id:d} OR {_managed('gone', owner_id)})",
    )


def _locations(transaction: Transaction, _owner_id: int, ids: Collection[int]) -> _Gone:
    return _without_times(
        transaction, f"SELECT id FROM location WHERE id IN ({id_list(sorted(ids))}) AND deleted_at IS NOT NULL"
    )


def _conventions(transaction: Transaction, _owner_id: int, ids: Collection[int]) -> _Gone:
    return _without_times(
        transaction, f"SELECT id FROM convention WHERE id IN ({id_list(sorted(ids))}) AND deleted_at IS NOT NULL"
    )


def _without_times(transaction: Transaction, statement: str) -> _Gone:
    return dict.fromkeys([row[0] for row in transaction.connection.exec_driver_sql(statement)])


def _managed(row: str, account_id: int) -> str:
    return (
        f"{row}.convention_id + 0 IN (SELECT convention_id FROM convention_manager WHERE account_id = {account_id:d})"
    )


_FINDERS: Mapping[ObjectType, Callable[[Transaction, int, Collection[int]], _Gone]] = {
    ObjectType.SLOT: _slots,
    ObjectType.GROUP: _groups,
    ObjectType.TIMESLOT: _time_slots,
    ObjectType.EVENT: _events,
    ObjectType.LOCATION: _locations,
    ObjectType.CONVENTION: _conventions,
}
