"""What is to be done with exports by itself: starts that are due, results that expire, schedules that are late."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, func, or_, select, update

from slotport.core.export import Outcome, Schedule, State, TransportState
from slotport.storage import export_events, tables, tables_exports
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Transaction

_export = tables_exports.export
_run = tables_exports.export_run
_transport = tables_exports.export_transport
MOST = 200  #: in one look
MOST_LATE = 1000  #: that are looked at for whether they are late


class Scheduled(Struct, frozen=True, kw_only=True):
    """An export that starts by itself."""

    id: int
    owner_id: int
    version: int
    schedules: tuple[Schedule, ...]
    checked_at: datetime
    updated_at: datetime
    late_at: datetime | None
    email: str | None


def may_start() -> tuple[ColumnElement[bool], ...]:
    """That the account, which is joined, may sign in."""
    return tables.account.c.disabled_at.is_(None), tables.account.c.deleted_at.is_(None)


def due(transaction: Transaction, now: datetime) -> list[int]:
    """The exports, of accounts that may sign in, whose next start is due; longest overdue first."""
    rows = transaction.connection.execute(
        select(_export.c.id)
        .join(tables.account, tables.account.c.id == _export.c.owner_id)
        .where(_export.c.next_run_at <= milliseconds(now), *may_start())
        .order_by(_export.c.next_run_at)
        .limit(MOST)
    )
    return [row.id for row in rows]


def scheduled(
    transaction: Transaction, *, export_id: int | None = None, due_by: datetime | None = None
) -> list[Scheduled]:
    """The exports that have schedules, by id; only that one, or only those, 1000 at the most, whose start was due then.

    Those of accounts that may not sign in start nothing, and are left out.
    """
    query = (
        select(
            _export.c.id,
            _export.c.owner_id,
            _export.c.version,
            _export.c.schedules,
            _export.c.checked_at,
            _export.c.updated_at,
            _export.c.late_at,
            tables.account.c.email,
        )
        .join(tables.account, tables.account.c.id == _export.c.owner_id)
        .where(_export.c.next_run_at.is_not(None), *may_start())
        .order_by(_export.c.id)
    )
    if export_id is not None:
        query = query.where(_export.c.id == export_id)
    if due_by is not None:
        query = query.where(_export.c.next_run_at <= milliseconds(due_by)).limit(MOST_LATE)
    return [
        Scheduled(
            id=row.id,
            owner_id=row.owner_id,
            version=row.version,
            schedules=msgspec.json.decode(row.schedules, type=tuple[Schedule, ...]),
            checked_at=at(row.updated_at if row.checked_at is None else row.checked_at),
            updated_at=at(row.updated_at),
            late_at=None if row.late_at is None else at(row.late_at),
            email=row.email,
        )
        for row in transaction.connection.execute(query)
    ]


def set_checked(
    transaction: Transaction, export_id: int, *, checked_at: datetime, next_run_at: datetime | None
) -> None:
    """Note up to when due starts were dealt with, and when the next is."""
    transaction.connection.execute(
        update(_export)
        .where(_export.c.id == export_id)
        .values(
            checked_at=milliseconds(checked_at),
            next_run_at=None if next_run_at is None else milliseconds(next_run_at),
        )
    )


def tell(transaction: Transaction, export: Scheduled, type_: str, info: dict[str, Any], now: datetime) -> None:
    """Store an event about the export."""
    export_events.add(
        transaction,
        export_id=export.id,
        owner_id=export.owner_id,
        version=export.version,
        type=type_,
        info=info,
        now=now,
    )


def successes(transaction: Transaction, export_ids: Sequence[int]) -> dict[int, datetime]:
    """When each export last ended well, its deliveries included; one that never did is left out."""
    failed = (
        select(_transport.c.id)
        .where(_transport.c.export_id == _run.c.export_id, _transport.c.state == TransportState.FAILED)
        .exists()
    )
    newest = select(_export.c.result_run_id).where(_export.c.id == _run.c.export_id).scalar_subquery()
    rows = transaction.connection.execute(
        select(_run.c.export_id, func.max(_run.c.finished_at).label("finished_at"))
        .where(
            _run.c.export_id.in_(export_ids),
            _run.c.outcome == Outcome.DONE,
            or_(~failed, _run.c.id != newest),
        )
        .group_by(_run.c.export_id)
    )
    return {row.export_id: at(row.finished_at) for row in rows if row.finished_at is not None}


def set_late(transaction: Transaction, export_id: int, late_at: datetime | None) -> None:
    """Note since when the export is late, or that it no longer is."""
    transaction.connection.execute(
        update(_export)
        .where(_export.c.id == export_id)
        .values(late_at=None if late_at is None else milliseconds(late_at))
    )


def expire(transaction: Transaction, now: datetime) -> list[tuple[int, str]]:
    """End results whose time is over; (export id, run id) of those whose files are to go.

    One that is being delivered is left until that is over.
    """
    busy = (
        select(_transport.c.id)
        .where(_transport.c.export_id == _export.c.id, _transport.c.state == TransportState.PROCESSING)
        .exists()
    )
    rows = transaction.connection.execute(
        select(_export.c.id, _export.c.owner_id, _export.c.version, _export.c.state, _export.c.result_run_id)
        .where(_export.c.expires_at <= milliseconds(now), ~busy)
        .limit(MOST)
        .with_for_update(of=_export)
    ).all()
    for row in rows:
        state = State.EXPIRED if row.state == State.DONE else row.state
        transaction.connection.execute(
            update(_export)
            .where(_export.c.id == row.id)
            .values(state=state, result_run_id=None, result_is_current=False, expires_at=None)
        )
        export_events.add(
            transaction,
            export_id=row.id,
            owner_id=row.owner_id,
            version=row.version,
            type="EXPORT_EXPIRED",
            info={},
            now=now,
        )
    return [(row.id, row.result_run_id) for row in rows if row.result_run_id is not None]


def running(transaction: Transaction) -> list[str]:
    """The ids of all runs that are to go on."""
    return list(transaction.connection.scalars(select(_run.c.id).where(_run.c.outcome == Outcome.RUNNING)))


def has_expired(transaction: Transaction, now: datetime) -> bool:
    """Whether the time of any result is over."""
    query = select(_export.c.id).where(_export.c.expires_at <= milliseconds(now)).limit(1)
    return transaction.connection.execute(query).first() is not None
