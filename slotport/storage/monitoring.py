"""What those who run Slotport want to see at a glance, asked of the store at each scrape (docs/api/operations.md)."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import func, select

from slotport.core.due import is_late
from slotport.core.export import Outcome, TransportState
from slotport.storage import due_exports, tables, tables_exports, workers
from slotport.storage.instants import milliseconds
from slotport.storage.store import Transaction

LEASE_SECONDS = 15  #: as jobs/crew.py has it
_run = tables_exports.export_run.c
_export = tables_exports.export.c
_transport = tables_exports.export_transport.c


class Figures(Struct, frozen=True, kw_only=True):
    """The state of exports, at one moment."""

    runs_waiting: int
    runs_working: int
    longest_wait_seconds: float  #: of a run that nobody works on yet; 0: none waits
    deliveries_waiting: int  #: those under way included
    deliveries_failed: int
    overdue_seconds: float  #: since a start of a schedule was due that nobody dealt with; 0: none is
    workers: int | None  #: processes that live and work on exports; None on SQLite, where there is one or none
    beat_seconds: float | None  #: since any of them said so
    late: tuple[int, ...]  #: the scheduled exports that had no success for two of their periods, by id


def figures(transaction: Transaction, now: datetime, *, hour: int, minute: int) -> Figures:
    """Count everything; the cost grows with exports, not with slots. ``hour``, ``minute``: as in ``late``."""
    ask = transaction.connection.execute
    moment = milliseconds(now)
    waiting = ask(
        select(func.count(), func.min(_run.queued_at)).where(_run.outcome == Outcome.RUNNING, _run.started_at.is_(None))
    ).one()
    working = ask(
        select(func.count()).where(_run.outcome == Outcome.RUNNING, _run.started_at.is_not(None))
    ).scalar_one()
    counted = ask(select(_transport.state, func.count().label("number")).group_by(_transport.state))
    states = {str(row.state): int(row.number) for row in counted}
    due_at = ask(
        select(func.min(_export.next_run_at))
        .join_from(tables_exports.export, tables.account, tables.account.c.id == _export.owner_id)
        .where(_export.next_run_at <= moment, *due_exports.may_start())
    ).scalar()
    is_shared = transaction.connection.dialect.name == "postgresql"
    return Figures(
        runs_waiting=waiting[0],
        runs_working=working,
        longest_wait_seconds=0 if waiting[1] is None else max(0, moment - waiting[1]) / 1000,
        deliveries_waiting=states.get(TransportState.PENDING, 0) + states.get(TransportState.PROCESSING, 0),
        deliveries_failed=states.get(TransportState.FAILED, 0),
        overdue_seconds=0 if due_at is None else max(0, moment - due_at) / 1000,
        workers=len(workers.living(transaction, LEASE_SECONDS)) if is_shared else None,
        beat_seconds=workers.seconds_since_beat(transaction) if is_shared else None,
        late=tuple(late(transaction, now, hour=hour, minute=minute)),
    )


def late(transaction: Transaction, now: datetime, *, hour: int, minute: int) -> list[int]:
    """The scheduled exports that had no success for two of their periods, by id.

    The scheduler notes them; if it is down, their next start is overdue, and they are looked at here. ``hour`` and
    ``minute`` are for schedules that name none.
    """
    noted = transaction.connection.scalars(
        select(_export.id)
        .join_from(tables_exports.export, tables.account, tables.account.c.id == _export.owner_id)
        .where(_export.late_at.is_not(None), *due_exports.may_start())
    )
    overdue = due_exports.scheduled(transaction, due_by=now)
    well = due_exports.successes(transaction, [export.id for export in overdue])
    found = [
        export.id
        for export in overdue
        if is_late(
            export.schedules,
            max(export.updated_at, well.get(export.id, export.updated_at)),
            now,
            hour=hour,
            minute=minute,
        )
    ]
    return sorted({*noted, *found})
