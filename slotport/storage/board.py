"""What the schedule board shows of a convention: time slots and events without what only their details show.

The number of statements is constant. Times are the tables' own milliseconds.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

from slotport.core.board import Offer, Placement, Taking
from slotport.core.convention import EventStatus
from slotport.storage.instants import at
from slotport.storage.readers import id_list
from slotport.storage.store import Transaction

_FROM = "FROM time_slot AS slot JOIN event ON event.id = slot.event_id"
_STATUSES = {status.value: status for status in EventStatus}


def times(transaction: Transaction, convention_id: int) -> list[tuple[int, int]]:
    """When each of the convention's time slots that are not cancelled begins and ends, in order."""
    rows = transaction.connection.exec_driver_sql(
        f"SELECT start_at, end_at FROM time_slot WHERE convention_id = {convention_id:d} AND deleted_at IS NULL"
        " ORDER BY start_at, id"
    )
    return [(start, end) for start, end in rows]


def between(transaction: Transaction, convention_id: int, begin: int, end: int) -> list[Placement]:
    """The time slots that go on at some instant of [begin, end), hidden ones too, by start and id."""
    return _placements(
        transaction,
        f"slot.convention_id = {convention_id:d} AND slot.deleted_at IS NULL"
        f" AND slot.start_at < {end:d} AND slot.end_at > {begin:d}",
    )


def of_ids(transaction: Transaction, convention_id: int, slot_ids: Collection[int]) -> list[Placement]:
    """The convention's time slots of those ids, but for cancelled ones, by start and id."""
    return _placements(
        transaction,
        f"slot.convention_id = {convention_id:d} AND slot.deleted_at IS NULL"
        f" AND slot.id IN ({id_list(sorted(slot_ids))})",
    )


def takings(transaction: Transaction, convention_id: int) -> tuple[list[Taking], list[Taking]]:
    """What the convention's time slots occupy: locations, and hosts."""
    found = []
    for table, holder in (("time_slot_location", "location_id"), ("time_slot_host", "account_id")):
        rows = transaction.connection.exec_driver_sql(
            f"SELECT held.{holder}, held.time_slot_id, held.start_at, held.end_at FROM {table} AS held"
            f" JOIN time_slot AS slot ON slot.id = held.time_slot_id"
            f" WHERE slot.convention_id = {convention_id:d} AND held.occupies"
        )
        found.append([Taking(*row) for row in rows])
    return found[0], found[1]


def offers(transaction: Transaction, convention_id: int) -> list[Offer]:
    """The events that are not cancelled, by title, with how often each is scheduled."""
    chosen = (
        f"event.convention_id = {convention_id:d} AND event.deleted_at IS NULL"
        f" AND event.status <> {EventStatus.CANCELLED.value:d}"
    )
    tagged = _tags(transaction, chosen)
    rows = transaction.connection.exec_driver_sql(
        "SELECT event.id, event.title, event.duration_minutes, event.max_attendees, account.id, account.username,"
        " (SELECT count(*) FROM time_slot AS slot WHERE slot.event_id = event.id AND slot.deleted_at IS NULL)"
        f" FROM event JOIN account ON account.id = event.owner_id WHERE {chosen} ORDER BY event.title, event.id"
    )
    return [
        Offer(
            id=number,
            title=title,
            duration_minutes=minutes,
            max_attendees=most,
            owner=(owner_id, name),
            scheduled=count,
            tag_value_ids=tuple(tagged.get(number, ())),
        )
        for number, title, minutes, most, owner_id, name, count in rows
    ]


def tag_values(transaction: Transaction, convention_id: int) -> list[tuple[str, list[tuple[int, str]]]]:
    """The convention's tag types by title, private ones too, each with its values and their ids."""
    rows = transaction.connection.exec_driver_sql(
        "SELECT kind.title, held.id, held.value FROM tag_type AS kind JOIN tag_value AS held"
        f" ON held.tag_type_id = kind.id WHERE kind.convention_id = {convention_id:d} ORDER BY kind.title, held.id"
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for title, number, value in rows:
        found.setdefault(title, []).append((number, value))
    return list(found.items())


def _placements(transaction: Transaction, condition: str) -> list[Placement]:
    ask = transaction.connection.exec_driver_sql
    rows = ask(
        "SELECT slot.id, slot.version, event.id, event.title, event.status, slot.start_at, slot.duration_minutes,"
        f" slot.min_attendees, slot.max_attendees {_FROM} WHERE {condition} ORDER BY slot.start_at, slot.id"
    ).all()
    if not rows:
        return []
    places = _grouped(
        ask(
            f"SELECT held.time_slot_id, held.location_id {_FROM} JOIN time_slot_location AS held"
            f" ON held.time_slot_id = slot.id WHERE {condition} ORDER BY held.time_slot_id, held.location_id"
        )
    )
    hosts = defaultdict(list)
    for slot_id, account_id, own, name in ask(
        f"SELECT held.time_slot_id, held.account_id, held.name, account.username {_FROM} JOIN time_slot_host AS held"
        " ON held.time_slot_id = slot.id JOIN account ON account.id = held.account_id"
        f" WHERE {condition} ORDER BY held.time_slot_id, held.position"
    ):
        hosts[slot_id].append((account_id, own or name))
    tagged = _tags(transaction, f"event.id IN (SELECT slot.event_id {_FROM} WHERE {condition})")
    return [
        Placement(
            id=number,
            version=version,
            event_id=event_id,
            title=title,
            status=_STATUSES[status],
            start=at(start),
            duration_minutes=minutes,
            min_attendees=least,
            max_attendees=most,
            location_ids=tuple(places.get(number, ())),
            hosts=tuple(hosts[number]),
            tag_value_ids=tuple(tagged.get(event_id, ())),
        )
        for number, version, event_id, title, status, start, minutes, least, most in rows
    ]


def _tags(transaction: Transaction, condition: str) -> dict[int, list[int]]:
    """Ids of tag values by event, of the events for which the condition on ``event`` holds."""
    return _grouped(
        transaction.connection.exec_driver_sql(
            "SELECT held.event_id, held.tag_value_id FROM event_tag AS held JOIN event ON event.id = held.event_id"
            f" WHERE {condition} ORDER BY held.event_id, held.tag_value_id"
        )
    )


def _grouped(pairs: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
