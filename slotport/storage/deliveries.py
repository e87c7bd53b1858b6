"""Deliveries: a transport's state while it brings a result somewhere (docs/design/exports.md).

A delivery is a job with an id of its own, which stands in the transport's row; whoever finds another id there, or
another state, is not asked any more. Each attempt has a number; who names an older one is not heard.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Row, and_, func, select, update

from slotport.core.export import Archive, LogLine, Receipt, TransportState
from slotport.storage import export_events, exports, tables_exports
from slotport.storage.instants import milliseconds
from slotport.storage.store import Store, Transaction

LOG_LINES = 200
_transport = tables_exports.export_transport
_export = tables_exports.export
_archive = tables_exports.export_archive
_UNDER_WAY = _transport.c.state.in_((TransportState.PENDING, TransportState.PROCESSING))


class Delivery(Struct, frozen=True, kw_only=True):
    """A delivery that is under way."""

    job_id: str
    transport_id: int
    export_id: int
    owner_id: int
    version: int
    run_id: str
    attempt: int  #: from 1


def queue(transaction: Transaction, export_id: int, job_ids: Iterable[tuple[int, str]]) -> None:
    """Give transports of the export the ids of the jobs that will deliver: their state becomes pending."""
    for transport_id, job_id in job_ids:
        transaction.connection.execute(
            update(_transport)
            .where(_transport.c.id == transport_id, _transport.c.export_id == export_id)
            .values(state=TransportState.PENDING, job_id=job_id, next_attempt_at=None)
        )


def begin(store: Store, job_id: str) -> Delivery | None:
    """Begin the delivery, which counts an attempt, also when a crash ended the last one; None if it is not to go on."""
    with store.write() as transaction:
        row = _active(transaction, job_id)
        if row is None:
            return None
        attempt = row.attempts + 1
        _set(transaction, row.id, state=TransportState.PROCESSING, attempts=attempt)
    return Delivery(
        job_id=job_id,
        transport_id=row.id,
        export_id=row.export_id,
        owner_id=row.owner_id,
        version=row.version,
        run_id=row.result_run_id,
        attempt=attempt,
    )


def is_active(store: Store, job_id: str, attempt: int | None = None) -> bool:
    """Whether the delivery is still to go on, in that attempt (None: in any)."""
    with store.read() as transaction:
        return _active(transaction, job_id, attempt) is not None


def archives(transaction: Transaction, run_id: str, packer: str) -> tuple[Archive, ...]:
    """What a packer made of the run, by part."""
    columns = [_archive.c[name] for name in Archive.__struct_fields__]
    rows = transaction.connection.execute(
        select(*columns).where(_archive.c.run_id == run_id, _archive.c.packer == packer).order_by(_archive.c.part)
    )
    return tuple(Archive(**{**row._asdict(), "part": row.part or None}) for row in rows)


def finish(store: Store, delivery: Delivery, *, receipt: Receipt, lines: Sequence[LogLine], now: datetime) -> bool:
    """The delivery ended well; whether it was the last of the export's, all of them well."""
    with store.write() as transaction:
        row = _active(transaction, delivery.job_id, delivery.attempt)
        if row is None:
            return False
        text = msgspec.json.encode(receipt).decode()
        log = _with(row.log, lines)
        _set(transaction, row.id, state=TransportState.DONE, receipt=text, log=log, job_id=None)
        info = {"_transport_id": row.id, "attempt": delivery.attempt, "run": delivery.run_id}
        _event(transaction, delivery, "EXPORT_TRANSPORT_FINISH", info, now)
        left = transaction.connection.scalar(
            select(func.count())
            .select_from(_transport)
            .where(_transport.c.export_id == row.export_id, _transport.c.state != TransportState.DONE)
        )
    return left == 0


def fail(
    store: Store,
    delivery: Delivery,
    *,
    error: str,
    lines: Sequence[LogLine],
    again_at: datetime | None,
    now: datetime,
) -> None:
    """The attempt failed: the transport waits for ``again_at``, or has failed for good."""
    with store.write() as transaction:
        row = _active(transaction, delivery.job_id, delivery.attempt)
        if row is None:
            return
        log = _with(row.log, lines)
        if again_at is not None:
            _set(
                transaction,
                row.id,
                state=TransportState.PENDING,
                log=log,
                job_id=None,
                next_attempt_at=milliseconds(again_at),
            )
            return
        _set(transaction, row.id, state=TransportState.FAILED, log=log, job_id=None)
        run = tables_exports.export_run
        transaction.connection.execute(
            update(run).where(run.c.id == delivery.run_id).values(warnings=run.c.warnings + 1)
        )
        info = {"_transport_id": row.id, "attempt": delivery.attempt, "error": error, "run": delivery.run_id}
        _event(transaction, delivery, "EXPORT_TRANSPORT_FAILED", info, now)


def due(transaction: Transaction, now: datetime) -> list[tuple[int, int]]:
    """(export id, transport id) of the transports whose next attempt is due, longest overdue first."""
    table = _transport.c
    rows = transaction.connection.execute(
        select(table.export_id, table.id)
        .where(table.next_attempt_at <= milliseconds(now), table.state == TransportState.PENDING)
        .order_by(table.next_attempt_at)
        .limit(100)
    )
    return [(row.export_id, row.id) for row in rows]


def jobs(transaction: Transaction) -> list[str]:
    """The ids of all jobs that deliver or wait to."""
    rows = transaction.connection.execute(
        select(_transport.c.job_id).where(_transport.c.job_id.is_not(None), _UNDER_WAY)
    )
    return [row.job_id for row in rows]


def _active(transaction: Transaction, job_id: str, attempt: int | None = None) -> Row[*tuple[Any, ...]] | None:
    if transaction.connection.get_execution_options().get("write"):
        exports.lock(
            transaction,
            transaction.connection.scalar(select(_transport.c.export_id).where(_transport.c.job_id == job_id)) or 0,
        )
    query = (
        select(
            _transport.c.id,
            _transport.c.export_id,
            _transport.c.state,
            _transport.c.attempts,
            _transport.c.log,
            _export.c.owner_id,
            _export.c.version,
            _export.c.result_run_id,
        )
        .join_from(_transport, _export, _transport.c.export_id == _export.c.id)
        .where(
            _transport.c.job_id == job_id,
            _UNDER_WAY,
            and_(_export.c.result_is_current, _export.c.result_run_id.is_not(None)),
        )
    )
    if attempt is not None:
        query = query.where(_transport.c.attempts == attempt)
    row: Row[*tuple[Any, ...]] | None = transaction.connection.execute(query).one_or_none()
    return row


def _set(transaction: Transaction, transport_id: int, **values: Any) -> None:
    transaction.connection.execute(update(_transport).where(_transport.c.id == transport_id).values(**values))


def _with(log: str, lines: Sequence[LogLine]) -> str:
    before = msgspec.json.decode(log, type=tuple[LogLine, ...])
    return msgspec.json.encode((*before, *lines)[-LOG_LINES:]).decode()


def line(now: datetime, level: Literal["info", "warning", "error"], message: str) -> LogLine:
    """One line of a transport's log."""
    return LogLine(timestamp=now, level=level, message=message[:2000])


def _event(transaction: Transaction, delivery: Delivery, type_: str, info: dict[str, Any], now: datetime) -> None:
    export_events.add(
        transaction,
        export_id=delivery.export_id,
        owner_id=delivery.owner_id,
        version=delivery.version,
        type=type_,
        info=info,
        run_id=delivery.run_id,
        now=now,
    )


def reset(transaction: Transaction, transport_id: int) -> bool:
    """Count the transport's attempts anew, unless it is at work; whether it was not."""
    done = transaction.connection.execute(
        update(_transport)
        .where(_transport.c.id == transport_id, _transport.c.state != TransportState.PROCESSING)
        .values(attempts=0, next_attempt_at=None, receipt=None, job_id=None)
    )
    return done.rowcount > 0
