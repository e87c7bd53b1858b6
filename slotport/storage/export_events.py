"""What happened to exports: the events that clients poll, and those that an export's log shows.

An event takes the next id in the transaction of what it tells, and every other one waits for that: whoever has seen
an id has seen, or will never see, all smaller ones.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, delete, insert, or_, select, update

from slotport.core.export import LoggedEvent
from slotport.storage import tables_exports
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Transaction

LOGGED_RUNS = 20  #: the newest runs, of which an export's log tells
PROGRESS_KEPT = 100  #: newest events of progress of an export; older ones are of no use to anybody
LARGEST_ID = 2**63 - 1
PROGRESS = "EXPORT_PROGRESS"

_event = tables_exports.export_event
_run = tables_exports.export_run
_counter = tables_exports.event_counter


def add(
    transaction: Transaction,
    *,
    export_id: int,
    owner_id: int,
    version: int,
    type: str,  # noqa: A002 - the wire's name
    info: Mapping[str, Any],
    now: datetime,
    run_id: str | None = None,
    logged: bool = False,
    pollable: bool = True,
    session_hash: bytes | None = None,
) -> int:
    """Store an event; its id. ``logged``: it stands in the export's log too."""
    event_id = int(
        transaction.connection.execute(
            update(_counter).values(last=_counter.c.last + 1).returning(_counter.c.last)
        ).scalar_one()
    )
    transaction.connection.execute(
        insert(_event).values(
            id=event_id,
            export_id=export_id,
            owner_id=owner_id,
            run_id=run_id,
            type=type,
            pollable=pollable,
            logged=logged,
            export_version=version,
            timestamp=milliseconds(now),
            info=msgspec.json.encode(info).decode(),
            session_hash=session_hash,
        )
    )
    if type == PROGRESS:
        _thin_out(transaction, export_id)
    return event_id


def poll(transaction: Transaction, owner_id: int, after_id: int, limit: int) -> list[LoggedEvent]:
    """The events of the person's exports that can be polled and have a larger id; ascending."""
    table = _event.c
    query = select(_event).where(
        table.owner_id == owner_id, table.id > max(0, min(after_id, LARGEST_ID)), table.pollable
    )
    return [_event_of(row) for row in transaction.connection.execute(query.order_by(table.id).limit(limit))]


def find(transaction: Transaction, owner_id: int, event_id: int) -> LoggedEvent | None:
    """The event of that id, if it is about one of the person's exports."""
    if not 0 < event_id <= LARGEST_ID:
        return None
    row = transaction.connection.execute(
        select(_event).where(_event.c.id == event_id, _event.c.owner_id == owner_id)
    ).one_or_none()
    return None if row is None else _event_of(row)


def log_of(transaction: Transaction, export_id: int) -> list[LoggedEvent]:
    """What the export's log shows: that it was made, and its newest runs; ascending."""
    table = _event.c
    runs = select(_run.c.id).where(_run.c.export_id == export_id).order_by(_run.c.number.desc()).limit(LOGGED_RUNS)
    query = select(_event).where(
        table.export_id == export_id, table.logged, or_(table.type == "EXPORT_INSERT", table.run_id.in_(runs))
    )
    return [_event_of(row) for row in transaction.connection.execute(query.order_by(table.id))]


def log_page(transaction: Transaction, export_id: int, *, before_id: int, limit: int) -> list[LoggedEvent]:
    """The logged events of the export with smaller ids, descending: of all runs that are remembered."""
    table = _event.c
    query = select(_event).where(table.export_id == export_id, table.logged, table.id < min(before_id, LARGEST_ID))
    return [_event_of(row) for row in transaction.connection.execute(query.order_by(table.id.desc()).limit(limit))]


def newest_id(transaction: Transaction) -> int:
    """The id of the newest event of all; 0 before the first."""
    return int(transaction.connection.execute(select(_counter.c.last)).scalar_one())


def _thin_out(transaction: Transaction, export_id: int) -> None:
    """Forget all but the newest events of progress of the export."""
    told = (_event.c.export_id == export_id) & (_event.c.type == PROGRESS)
    last = transaction.connection.scalar(
        select(_event.c.id).where(told).order_by(_event.c.id.desc()).offset(PROGRESS_KEPT).limit(1)
    )
    if last is not None:
        transaction.connection.execute(delete(_event).where(told, _event.c.id <= last))


def _event_of(row: Row[Any]) -> LoggedEvent:
    return LoggedEvent(
        id=row.id,
        type=row.type,
        export_id=row.export_id,
        export_version=row.export_version,
        timestamp=at(row.timestamp),
        info=msgspec.json.decode(row.info),
        session_hash=row.session_hash,
    )
