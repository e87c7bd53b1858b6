"""Time slots: which there are, who may see them, what occupies a location, and every change (docs/design/storage.md).

``time_slot_location`` and ``time_slot_host`` carry copies of the time slot's times, and ``occupies``: whether the
public sees the time slot, so that it takes up its locations and hosts. Who changes times or an event's status changes
the copies in the same transaction.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct
from sqlalchemy import BindParameter, Row, bindparam, case, delete, func, insert, select, tuple_, update

from slotport.core.clashes import Booking
from slotport.core.convention import PUBLIC_STATUSES, Event, EventStatus, Host, TimeSlot
from slotport.errors import Invalid
from slotport.storage import departures, events, locations, people, tables
from slotport.storage.instants import at, milliseconds
from slotport.storage.readers import id_list
from slotport.storage.store import Transaction

_T = tables.time_slot.c
_L = tables.time_slot_location.c
_H = tables.time_slot_host.c
_MINUTE_MS = 60_000
#: of the last instant that a time slot may end at: a day of room for any zone
LATEST_MS = milliseconds(datetime.fromisoformat("9999-12-30T00:00:00+00:00"))
EARLIEST_MS = milliseconds(datetime.fromisoformat("0001-01-03T00:00:00+00:00"))
PUBLIC = f"event.status IN ({id_list(sorted(PUBLIC_STATUSES))})"
_FROM = "FROM time_slot AS slot JOIN event ON event.id = slot.event_id"
_COLUMNS = (
    "id, guid, event_id, start_at, duration_minutes, min_attendees, max_attendees, notes_to_attendees,"
    " deleted_at, version, created_at, updated_at"
)


class Filters(Struct, frozen=True, kw_only=True):
    """Which time slots are wanted; all that is given must hold, None is not given."""

    event_id: int | None = None
    event_status: EventStatus | None = None
    requires_registration: bool | None = None
    host_id: int | None = None
    location_id: int | None = None
    tags: tuple[tuple[str, str], ...] = ()  #: (title of the tag type, value), each exact


class Stamp(NamedTuple):
    """What tells whether a time slot changed, or its event."""

    slot_id: int
    version: int
    event_version: int


# What there is


def catalog(
    transaction: Transaction, convention_id: int, filters: Filters | None = None, *, sees_all: bool = False
) -> list[TimeSlot]:
    """The convention's time slots by start and id, with all that belongs to them, in a constant number of statements.

    Without ``sees_all`` it is the public view; cancelled ones are in neither.
    """
    condition = _seen(transaction, convention_id, filters or Filters(), sees_all=sees_all)
    return [] if condition is None else where(transaction, condition, convention_id)


def stamps(transaction: Transaction, convention_id: int, filters: Filters, *, sees_all: bool) -> list[Stamp]:
    """What tells whether the time slots of that catalog changed, in its order."""
    condition = _seen(transaction, convention_id, filters, sees_all=sees_all)
    if condition is None:
        return []
    rows = transaction.connection.exec_driver_sql(
        f"SELECT slot.id, slot.version, event.version {_FROM} WHERE {condition} ORDER BY slot.start_at, slot.id"
    )
    return [Stamp(*row) for row in rows.all()]


def _seen(transaction: Transaction, convention_id: int, filters: Filters, *, sees_all: bool) -> str | None:
    conditions = conditions_of(transaction, convention_id, filters, sees_all=sees_all)
    if conditions is None:
        return None
    return " AND ".join([*conditions, "slot.deleted_at IS NULL", *([] if sees_all else [PUBLIC])])


def find(transaction: Transaction, convention_id: int, slot_id: int) -> TimeSlot | None:
    """The convention's time slot with that id, also a cancelled or hidden one."""
    if not 0 < slot_id < 2**63:
        return None
    condition = f"slot.convention_id = {convention_id:d} AND slot.id = {slot_id:d}"
    found = where(transaction, condition, convention_id)
    return found[0] if found else None


def load(transaction: Transaction, convention_id: int, slot_ids: Collection[int]) -> list[TimeSlot]:
    """The convention's time slots with those ids, also cancelled and hidden ones, by start and id."""
    if not slot_ids:
        return []
    ids = id_list(sorted(slot_ids))
    return where(transaction, f"slot.convention_id = {convention_id:d} AND slot.id IN ({ids})", convention_id)


def in_locations(
    transaction: Transaction, convention_id: int, location_ids: Collection[int], *, sees_all: bool = False
) -> dict[int, list[TimeSlot]]:
    """By location: the time slots that take place there and are in the caller's view, by start and id."""
    place = f"SELECT time_slot_id FROM time_slot_location WHERE location_id IN ({id_list(sorted(location_ids))})"
    conditions = [f"slot.convention_id = {convention_id:d}", "slot.deleted_at IS NULL", f"slot.id IN ({place})"]
    found: dict[int, list[TimeSlot]] = {number: [] for number in location_ids}
    for slot in where(transaction, " AND ".join([*conditions, *([] if sees_all else [PUBLIC])]), convention_id):
        for location in slot.locations:
            if location.id in found:
                found[location.id].append(slot)
    return found


def using(transaction: Transaction, location_id: int) -> list[int]:
    """Ids of the time slots at the location that are not cancelled."""
    statement = (
        select(_T.id)
        .join(tables.time_slot_location, _L.time_slot_id == _T.id)
        .where(_L.location_id == location_id, _T.deleted_at.is_(None))
        .order_by(_T.id)
    )
    return list(transaction.connection.scalars(statement))


def of_event(transaction: Transaction, event_id: int) -> list[int]:
    """Ids of the event's time slots that are not cancelled."""
    statement = select(_T.id).where(_T.event_id == event_id, _T.deleted_at.is_(None)).order_by(_T.id)
    return list(transaction.connection.scalars(statement))


def conditions_of(
    transaction: Transaction, convention_id: int, filters: Filters, *, sees_all: bool
) -> list[str] | None:
    """The conditions, for ``where``, that the convention's time slots pass the filters; None if none does."""
    wanted = _tag_values(transaction, convention_id, filters.tags, sees_all=sees_all)
    if wanted is None:
        return None
    return [f"slot.convention_id = {convention_id:d}", *_conditions(filters, wanted)]


def _conditions(filters: Filters, tag_value_ids: Collection[int]) -> Iterable[str]:
    if filters.event_id is not None:
        yield f"slot.event_id = {filters.event_id:d}"
    if filters.event_status is not None:
        yield f"event.status = {filters.event_status:d}"
    if filters.requires_registration is not None:
        yield "event.requires_registration" if filters.requires_registration else "NOT event.requires_registration"
    if filters.host_id is not None:
        yield f"slot.id IN (SELECT time_slot_id FROM time_slot_host WHERE account_id = {filters.host_id:d})"
    if filters.location_id is not None:
        yield f"slot.id IN (SELECT time_slot_id FROM time_slot_location WHERE location_id = {filters.location_id:d})"
    if tag_value_ids:
        ids = id_list(sorted(tag_value_ids))
        yield (
            f"slot.event_id IN (SELECT event_id FROM event_tag WHERE tag_value_id IN ({ids})"
            f" GROUP BY event_id HAVING count(*) = {len(tag_value_ids):d})"
        )


def _tag_values(
    transaction: Transaction, convention_id: int, tags: Iterable[tuple[str, str]], *, sees_all: bool
) -> set[int] | None:
    """The ids of the tag values; None if there is not every one of them, so that no event has them all."""
    pairs = set(tags)
    if not pairs:
        return set()
    kind, value = tables.tag_type.c, tables.tag_value.c
    statement = (
        select(value.id)
        .join(tables.tag_type, kind.id == value.tag_type_id)
        .where(kind.convention_id == convention_id, tuple_(kind.title, value.value).in_(sorted(pairs)))
    )
    found = set(transaction.connection.scalars(statement if sees_all else statement.where(kind.public)))
    return found if len(found) == len(pairs) else None


def where(transaction: Transaction, condition: str, convention_id: int | None = None) -> list[TimeSlot]:
    """The time slots for which the SQL condition on ``slot`` and ``event`` holds, by start and id.

    ``convention_id`` is that of all of them, or None: then ``is_open`` of people is not known.
    """
    ask = transaction.connection.exec_driver_sql
    columns = ", ".join(f"slot.{name.strip()}" for name in _COLUMNS.split(","))
    rows = ask(f"SELECT {columns} {_FROM} WHERE {condition} ORDER BY slot.start_at, slot.id").all()
    if not rows:
        return []
    chosen = f"slot.id = {rows[0][0]:d}" if len(rows) == 1 else condition
    places = ask(
        f"SELECT held.time_slot_id, held.location_id {_FROM}"
        f" JOIN time_slot_location AS held ON held.time_slot_id = slot.id WHERE {chosen}"
    ).all()
    hosting = ask(
        f"SELECT held.time_slot_id, held.account_id, held.name {_FROM}"
        f" JOIN time_slot_host AS held ON held.time_slot_id = slot.id WHERE {chosen}"
        " ORDER BY held.time_slot_id, held.position"
    ).all()
    of_event = events.load(transaction, {row[2] for row in rows})
    location_of = locations.load(transaction, {location_id for _, location_id in places})
    person_of = people.load(transaction, {account_id for _, account_id, _ in hosting}, convention_id)
    held = defaultdict(list)
    for slot_id, location_id in places:
        held[slot_id].append(location_of[location_id])
    hosts = defaultdict(list)
    for slot_id, account_id, name in hosting:
        hosts[slot_id].append(Host(person=person_of[account_id], name=name))
    return [_slot(row, of_event[row[2]], held[row[0]], hosts[row[0]]) for row in rows]


def _slot(row: Row[Any], event: Event, places: list[Any], hosts: list[Host]) -> TimeSlot:
    number, guid, _, start, minutes, least, most, notes, deleted, version, created, updated = tuple(row)
    return TimeSlot(
        id=number,
        guid=UUID(guid),
        event=event,
        start=at(start),
        duration_minutes=minutes,
        min_attendees=least,
        max_attendees=most,
        notes_to_attendees=notes,
        locations=tuple(sorted(places, key=lambda place: (place.title, place.id)) if len(places) > 1 else places),
        hosts=tuple(hosts),
        is_cancelled=deleted is not None,
        version=version,
        created_at=at(created),
        updated_at=at(updated),
    )


# What stands in the way


def occupying(
    transaction: Transaction, location_ids: Collection[int], start: datetime, end: datetime, *, but: int = 0
) -> list[int]:
    """Ids of the time slots, but for that one, that occupy one of the locations at some instant of [start, end)."""
    rows = transaction.connection.exec_driver_sql(
        _overlapping("time_slot_location", "location_id", location_ids, start, end, but)
    )
    return sorted({slot_id for slot_id, _ in rows})


def bookings(
    transaction: Transaction,
    convention_id: int,
    account_ids: Collection[int],
    start: datetime,
    end: datetime,
    *,
    but: int = 0,
) -> list[Booking]:
    """What else those hosts have at some instant of [start, end), at any convention."""
    busy = _overlapping("time_slot_host", "account_id", account_ids, start, end, but)
    rows = transaction.connection.exec_driver_sql(
        "SELECT DISTINCT busy.holder_id, busy.slot_id, slot.convention_id"
        f" FROM ({busy}) AS busy JOIN time_slot AS slot ON slot.id = busy.slot_id ORDER BY busy.slot_id, busy.holder_id"
    )
    return [
        Booking(account_id=account_id, time_slot_id=slot_id if there == convention_id else None)
        for account_id, slot_id, there in rows
    ]


def _overlapping(table: str, holder: str, holder_ids: Collection[int], start: datetime, end: datetime, but: int) -> str:
    """A SELECT of (slot_id, holder_id): two ranges of an index a holder, however many time slots there are.

    Only long time slots, which have a small index of their own, can have begun more than LONG_MS before.
    """
    begin, finish = milliseconds(start), milliseconds(end)
    earliest = begin - tables.LONG_MS
    common = (
        f"SELECT held.time_slot_id AS slot_id, held.{holder} AS holder_id FROM {table} AS held"
        f" WHERE held.{holder} IN ({id_list(sorted(holder_ids))}) AND held.start_at < {finish:d}"
        f" AND held.end_at > {begin:d} AND held.occupies AND held.time_slot_id <> {but:d}"
    )
    long = f"held.end_at - held.start_at > {tables.LONG_MS}"
    return f"{common} AND held.start_at >= {earliest:d} UNION ALL {common} AND held.start_at < {earliest:d} AND {long}"


def clashing_pairs(transaction: Transaction, slot_ids: Collection[int]) -> list[tuple[int, int]]:
    """(one of the time slots, another that occupies a location of it at the same time), as now stored."""
    if not slot_ids:
        return []
    ids = id_list(sorted(slot_ids))
    long = f"other.end_at - other.start_at > {tables.LONG_MS}"
    common = (
        "SELECT mine.time_slot_id, other.time_slot_id FROM time_slot_location AS mine JOIN time_slot_location AS other"
        " ON other.location_id = mine.location_id AND other.time_slot_id <> mine.time_slot_id"
        " AND other.start_at < mine.end_at AND other.end_at > mine.start_at"
        f" WHERE mine.time_slot_id IN ({ids}) AND mine.occupies AND other.occupies"
    )
    rows = transaction.connection.exec_driver_sql(
        f"{common} AND other.start_at >= mine.start_at - {tables.LONG_MS}"
        f" UNION {common} AND other.start_at < mine.start_at - {tables.LONG_MS} AND {long}"
    )
    return sorted((one, other) for one, other in rows)


# Changes


def add(transaction: Transaction, convention_id: int, slots: Sequence[TimeSlot], now: datetime) -> None:
    """Store new time slots under their ids and guids."""
    if not slots:
        return
    change_number, moment = transaction.change, milliseconds(now)
    rows = [
        _row(slot)
        | {
            "id": slot.id,
            "guid": str(slot.guid),
            "convention_id": convention_id,
            "event_id": slot.event.id,
            "created_at": moment,
            "updated_at": moment,
            "change": change_number,
            "was_public": slot.is_public,
        }
        for slot in slots
    ]
    transaction.connection.execute(insert(tables.time_slot), rows)
    _add_links(transaction, slots)


def change(transaction: Transaction, slots: Sequence[TimeSlot], now: datetime) -> None:
    """Store time slots anew, but for their event and guid; a cancelled one is scheduled again."""
    if not slots:
        return
    new: dict[str, BindParameter[Any]] = {name: bindparam(f"new_{name}") for name in _ROW}
    transaction.connection.execute(
        update(tables.time_slot)
        .where(_T.id == bindparam("slot_id"))
        .values(
            deleted_at=None,
            was_public=case(
                (bindparam("is_public"), True),
                # moved where the public does not see it: no calendar is to tell the new times
                (_T.hidden_at.is_not(None) & ((_T.start_at != new["start_at"]) | (_T.end_at != new["end_at"])), False),
                else_=_T.was_public,
            ),
            hidden_at=case(
                (bindparam("is_public"), None),
                (_T.was_public & _T.hidden_at.is_(None), milliseconds(now)),
                else_=_T.hidden_at,
            ),
            **_stamp(transaction, now),
            **new,
        ),
        [
            {f"new_{name}": value for name, value in _row(slot).items()}
            | {"slot_id": slot.id, "is_public": slot.event.status in PUBLIC_STATUSES}
            for slot in slots
        ],
    )
    ids = [slot.id for slot in slots]
    departures.of_hosts(transaction, {slot.id: [host.person.id for host in slot.hosts] for slot in slots}, now)
    for table, column in ((tables.time_slot_location, _L.time_slot_id), (tables.time_slot_host, _H.time_slot_id)):
        transaction.connection.execute(delete(table).where(column.in_(_listed(ids))))
    _add_links(transaction, slots)


def cancel(transaction: Transaction, slot_ids: Sequence[int], now: datetime) -> None:
    """Cancel live time slots: they stay, and occupy nothing."""
    moment = milliseconds(now)
    transaction.connection.execute(
        update(tables.time_slot)
        .where(_T.id.in_(_listed(slot_ids)), _T.deleted_at.is_(None))
        .values(
            deleted_at=moment,
            hidden_at=case((_T.was_public & _T.hidden_at.is_(None), moment), else_=_T.hidden_at),
            **_stamp(transaction, now),
        )
    )
    _set_occupies(transaction, select(_T.id).where(_T.id.in_(_listed(slot_ids))), occupies=False)


def inherit(transaction: Transaction, event_id: int, before: Event, after: Event, now: datetime) -> list[int]:
    """Copy what the event changed to those of its live time slots that had the event's former value.

    The ids of those whose end moved. Raises Invalid if one would end after the last year there is.
    """
    names = ("duration_minutes", "min_attendees", "max_attendees", "notes_to_attendees")
    changed = {name: (getattr(before, name), getattr(after, name)) for name in names}
    changed = {name: (old, new) for name, (old, new) in changed.items() if old != new}
    if not changed:
        return []
    live = (_T.event_id == event_id) & _T.deleted_at.is_(None)
    equal = {name: _T[name].is_not_distinct_from(old) for name, (old, _) in changed.items()}
    moved: list[int] = []
    values: dict[str, Any] = {
        name: case((equal[name], new), else_=_T[name]) for name, (_, new) in changed.items() if new is not None
    }
    values |= {name: case((~equal[name], _T[name]), else_=None) for name, (_, new) in changed.items() if new is None}
    if "duration_minutes" in changed:
        new = changed["duration_minutes"][1]
        moved = sorted(transaction.connection.scalars(select(_T.id).where(live, equal["duration_minutes"])))
        last = transaction.connection.scalar(select(func.max(_T.start_at)).where(live, equal["duration_minutes"]))
        if last is not None and last + new * _MINUTE_MS > LATEST_MS:
            raise Invalid.of("duration", "is so long that a time slot of the event would never end")
        values["end_at"] = case((equal["duration_minutes"], _T.start_at + new * _MINUTE_MS), else_=_T.end_at)
        unseen = equal["duration_minutes"] & _T.hidden_at.is_not(None)  # as in change
        values["was_public"] = case((unseen, False), else_=_T.was_public)
    condition = equal[next(iter(equal))]
    for more in equal.values():
        condition = condition | more
    transaction.connection.execute(
        update(tables.time_slot).where(live, condition).values(**values, **_stamp(transaction, now))
    )
    if moved:
        own = select(_T.id).where(live)
        for table, link in ((tables.time_slot_location, _L), (tables.time_slot_host, _H)):
            end = select(_T.end_at).where(_T.id == link.time_slot_id).scalar_subquery()
            transaction.connection.execute(update(table).where(link.time_slot_id.in_(own)).values(end_at=end))
    return moved


def event_status_changed(transaction: Transaction, event_id: int, status: EventStatus, now: datetime) -> list[int]:
    """Let the event's live time slots enter or leave the public view; the ids of those that now occupy anew."""
    is_public = status in PUBLIC_STATUSES
    live = (_T.event_id == event_id) & _T.deleted_at.is_(None)
    seen = _T.was_public & _T.hidden_at.is_(None)
    ids = sorted(transaction.connection.scalars(select(_T.id).where(live, ~seen if is_public else seen)))
    if not ids:
        return []
    shown = {"was_public": True, "hidden_at": None} if is_public else {"hidden_at": milliseconds(now)}
    transaction.connection.execute(
        update(tables.time_slot).where(live, ~seen if is_public else seen).values(**shown, **_stamp(transaction, now))
    )
    _set_occupies(transaction, select(_T.id).where(live), occupies=is_public)
    return ids if is_public else []


def _set_occupies(transaction: Transaction, slots: Any, *, occupies: bool) -> None:
    for table, link in ((tables.time_slot_location, _L), (tables.time_slot_host, _H)):
        transaction.connection.execute(update(table).where(link.time_slot_id.in_(slots)).values(occupies=occupies))


def _listed(ids: Collection[int]) -> BindParameter[Any]:
    """The ids for an IN, spelt out in the statement: databases bound how many parameters it has."""
    return bindparam("ids", sorted(ids), expanding=True, literal_execute=True)


def _stamp(transaction: Transaction, now: datetime) -> dict[str, Any]:
    return {"version": _T.version + 1, "change": transaction.change, "updated_at": milliseconds(now)}


_ROW = ("start_at", "end_at", "duration_minutes", "min_attendees", "max_attendees", "notes_to_attendees")


def _row(slot: TimeSlot) -> dict[str, Any]:
    start = milliseconds(slot.start)
    return {
        "start_at": start,
        "end_at": start + slot.duration_minutes * _MINUTE_MS,
        "duration_minutes": slot.duration_minutes,
        "min_attendees": slot.min_attendees,
        "max_attendees": slot.max_attendees,
        "notes_to_attendees": slot.notes_to_attendees,
    }


def _add_links(transaction: Transaction, slots: Iterable[TimeSlot]) -> None:
    places: list[Mapping[str, Any]] = []
    hosting: list[Mapping[str, Any]] = []
    for slot in slots:
        row = _row(slot)
        common = {
            "time_slot_id": slot.id,
            "start_at": row["start_at"],
            "end_at": row["end_at"],
            "occupies": slot.event.status in PUBLIC_STATUSES,
        }
        places += (common | {"location_id": location.id} for location in slot.locations)
        hosting += (
            common | {"account_id": host.person.id, "name": host.name, "position": position}
            for position, host in enumerate(slot.hosts)
        )
    if places:
        transaction.connection.execute(insert(tables.time_slot_location), places)
    if hosting:
        transaction.connection.execute(insert(tables.time_slot_host), hosting)
