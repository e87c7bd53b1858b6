"""What a run writes about itself while it works: states, steps, progress, and the one moment when it is published.

Every change asks first whether the run is still the export's own and still under way: a run that was stopped, an
export that was changed or deleted meanwhile change nothing. Nor does a process that was only asleep while another took
its run over: each beginning has a number, and who names an older one is not heard (docs/design/exports.md).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Row, and_, case, delete, insert, select, update

from slotport.core.export import Archive, File, Outcome, Progress, State, TransportState, Trigger
from slotport.storage import export_events, exports, tables, tables_exports
from slotport.storage.engine import insert_many
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Store, Transaction

_run = tables_exports.export_run
_export = tables_exports.export
_OWN = and_(_run.c.outcome == Outcome.RUNNING, _export.c.run_id == _run.c.id)
FILE_ROWS = 2000
_FILE_COLUMNS = "run_id path position size sha256 media_type modified_at eas_id eas_version eas_fileclass".split()


class Task(Struct, frozen=True, kw_only=True):
    """A run that is under way, and what it needs to know of itself."""

    run_id: str
    begun: int  #: how often the run was begun, this time included
    export_id: int
    owner_id: int
    version: int  #: of the export
    trigger: Trigger
    is_full: bool
    started_at: datetime
    owner_is_live: bool
    baseline_change: int | None


class Totals(Struct, frozen=True, kw_only=True):
    """What a run counts."""

    objects: int = 0
    deletions: int = 0
    skipped: int = 0
    warnings: int = 0
    files: int = 0
    bytes: int = 0


def is_active(store: Store, run_id: str, begun: int | None = None) -> bool:
    """Whether the run is still to go on, where it was begun for that time (None: anywhere)."""
    with store.read() as transaction:
        return _active(transaction, run_id, begun) is not None


def begin(store: Store, run_id: str, *, now: datetime) -> Task | None:
    """Take the run from pending to processing, and say so once; None if it is not to go on.

    Whoever began it before is not heard any more.
    """
    with store.write() as transaction:
        row = _active(transaction, run_id)
        if row is None:
            return None
        started_at = row.started_at
        if started_at is None:
            started_at = milliseconds(now)
            _set_run(transaction, run_id, started_at=started_at)
            _set_export(transaction, row.export_id, state=State.PROCESSING)
            _tell_start(transaction, row, now, logged=True, pollable=not _is_delta(row))
        begun = row.begun + 1
        _set_run(transaction, run_id, begun=begun)
    return Task(
        run_id=run_id,
        begun=begun,
        export_id=row.export_id,
        owner_id=row.owner_id,
        version=row.version,
        trigger=Trigger(row.trigger),
        is_full=row.is_full,
        started_at=at(started_at),
        owner_is_live=row.disabled_at is None and row.deleted_at is None,
        baseline_change=row.baseline_change,
    )


def step_begun(store: Store, run_id: str, step: str) -> int:
    """Note that the step begins; how often it began before without coming to its end."""
    with store.write() as transaction:
        row = transaction.connection.execute(
            update(_run)
            .where(_run.c.id == run_id)
            .values(step=step, deaths=case((_run.c.step == step, _run.c.deaths + 1), else_=0))
            .returning(_run.c.deaths)
        ).one_or_none()
    return row.deaths if row is not None else 0


def step_left(store: Store, run_id: str) -> None:
    """Note that the step is left on purpose, and that this is no death."""
    with store.write() as transaction:
        _set_run(transaction, run_id, step="")


def tell_progress(store: Store, run_id: str, progress: Progress, *, now: datetime, begun: int | None = None) -> None:
    """Store how far the run is, the per cent never less than before, and tell those who listen."""
    with store.write() as transaction:
        row = _active(transaction, run_id, begun)
        if row is None:
            return
        before = msgspec.json.decode(row.progress, type=Progress)
        progress = msgspec.structs.replace(progress, percent=max(progress.percent, before.percent))
        _set_run(transaction, run_id, progress=msgspec.json.encode(progress).decode())
        if _is_delta(row) and row.change is None:
            return  # whether there is anything to tell is not known yet
        info = {"phase": progress.phase, "percent": progress.percent}
        _event(transaction, row, "EXPORT_PROGRESS", info, now)


def note_snapshot(store: Store, run_id: str, change: int, *, now: datetime, is_news: bool = True) -> None:
    """Store the number of the change counter in the snapshot that the run read.

    Those who listen hear of the start of a delta only now, and only if it has news.
    """
    with store.write() as transaction:
        row = _active(transaction, run_id)
        if row is not None and is_news and row.change is None and _is_delta(row):
            _tell_start(transaction, row, now, logged=False, pollable=True)
        _set_run(transaction, run_id, change=change)


def store_files(
    store: Store, run_id: str, files: Iterable[File], archives: Sequence[Archive], *, begun: int | None = None
) -> None:
    """Store the lists of the run's files and archives, in the place of those it had.

    Raises LookupError if the run is not to go on.
    """
    with store.write() as transaction:
        if _active(transaction, run_id, begun) is None:
            raise LookupError(run_id)
        for table in (tables_exports.export_file, tables_exports.export_archive):
            transaction.connection.execute(delete(table).where(table.c.run_id == run_id))
        _add_files(transaction, run_id, files)
        _add_archives(transaction, run_id, archives)


def publish(
    store: Store,
    run_id: str,
    *,
    totals: Totals,
    protocol: str,
    retention_days: int,
    deliver: Callable[[Transaction, int], None] | None,
    now: datetime,
    begun: int | None = None,
) -> str | None:
    """Make the run's files the export's result, in one transaction; the id of the run whose files they replace.

    ``deliver`` sets the export's transports going, in the same transaction; None leaves them as they are, and tells
    nothing to those who listen (an incremental export without news). Raises LookupError if the run is not to go on.
    Done already, it changes nothing.
    """
    with store.write() as transaction:
        row = _active(transaction, run_id, begun)
        if row is None:
            if _is_published(transaction, run_id):
                return None
            raise LookupError(run_id)
        _set_run(
            transaction,
            run_id,
            outcome=Outcome.DONE,
            finished_at=milliseconds(now),
            progress=msgspec.json.encode(Progress(phase="transport", percent=100)).decode(),
            **msgspec.structs.asdict(totals),
        )
        expires = milliseconds(now + timedelta(days=retention_days)) if retention_days else None
        _set_export(
            transaction,
            row.export_id,
            state=State.DONE,
            result_run_id=run_id,
            result_is_current=True,
            expires_at=expires,
        )
        if deliver is not None:
            transaction.connection.execute(
                update(tables_exports.export_transport)
                .where(tables_exports.export_transport.c.export_id == row.export_id)
                .values(state=TransportState.PENDING, attempts=0, next_attempt_at=None, receipt=None, job_id=None)
            )
            deliver(transaction, row.export_id)
        info = {"run": run_id, "state": State.DONE, "exception": None, "protocol": protocol}
        _event(transaction, row, "EXPORT_FINISH", info, now, logged=True, pollable=deliver is not None)
        before: str | None = row.result_run_id
    return before if before != run_id else None


def fail(
    store: Store,
    run_id: str,
    *,
    exception: Mapping[str, Any],
    protocol: str,
    totals: Totals,
    now: datetime,
    begun: int | None = None,
) -> None:
    """End the run with a reason, if it is still under way."""
    with store.write() as transaction:
        row = _active(transaction, run_id, begun)
        if row is None:
            return
        _set_run(
            transaction,
            run_id,
            outcome=Outcome.FAILED,
            finished_at=milliseconds(now),
            **msgspec.structs.asdict(totals),
        )
        _set_export(transaction, row.export_id, state=State.FAILED)
        info = {"run": run_id, "state": State.FAILED, "exception": dict(exception), "protocol": protocol}
        _event(transaction, row, "EXPORT_FAILED", info, now, logged=True)


def replace_known(
    store: Store, export_id: int, run_id: str, known: Iterable[Sequence[tuple[int, str, str, int]]]
) -> None:
    """Make what the run knew the baseline of the export: blocks of (object id, type, uuid, version)."""
    table = tables_exports.export_known
    with store.write() as transaction:
        change = transaction.connection.scalar(select(_run.c.change).where(_run.c.id == run_id))
        newest = transaction.connection.scalar(select(_export.c.result_run_id).where(_export.c.id == export_id))
        if change is None or newest != run_id:
            return
        transaction.connection.execute(delete(table).where(table.c.export_id == export_id))
        columns = ["export_id", "object_id", "type", "uuid", "version"]
        for block in known:
            insert_many(transaction.connection, table, columns, [(export_id, *row) for row in block])
        _set_export(transaction, export_id, baseline_change=change)


def known_versions(transaction: Transaction, export_id: int, object_ids: Sequence[int]) -> dict[int, int]:
    """The versions of objects in the baseline; what it does not know is left out."""
    table = tables_exports.export_known.c
    rows = transaction.connection.execute(
        select(table.object_id, table.version).where(table.export_id == export_id, table.object_id.in_(object_ids))
    )
    return {row.object_id: row.version for row in rows}


def known_objects(transaction: Transaction, export_id: int) -> Iterator[Row[*tuple[Any, ...]]]:
    """All of the baseline by object id: rows of object_id, type, uuid, version; streamed."""
    table = tables_exports.export_known.c
    query = (
        select(table.object_id, table.type, table.uuid, table.version)
        .where(table.export_id == export_id)
        .order_by(table.object_id)
    )
    with transaction.connection.execution_options(yield_per=FILE_ROWS).execute(query) as result:
        yield from result


def _active(transaction: Transaction, run_id: str, begun: int | None = None) -> Row[*tuple[Any, ...]] | None:
    """The run with its export and owner, if it is still to go on; of a writer, nobody changes it meanwhile."""
    if transaction.connection.get_execution_options().get("write"):
        exports.lock(
            transaction, transaction.connection.scalar(select(_run.c.export_id).where(_run.c.id == run_id)) or 0
        )
    query = (
        select(
            _run.c.id.label("run_id"),
            _run.c.trigger,
            _run.c.started_at,
            _run.c.is_full,
            _run.c.progress,
            _run.c.begun,
            _run.c.change,
            _export.c.id.label("export_id"),
            _export.c.owner_id,
            _export.c.version,
            _export.c.result_run_id,
            _export.c.baseline_change,
            tables.account.c.disabled_at,
            tables.account.c.deleted_at,
        )
        .join_from(_run, _export, _run.c.export_id == _export.c.id)
        .join(tables.account, tables.account.c.id == _export.c.owner_id)
        .where(_run.c.id == run_id, _OWN)
    )
    if begun is not None:
        query = query.where(_run.c.begun == begun)
    return transaction.connection.execute(query).one_or_none()


def _is_delta(row: Row[*tuple[Any, ...]]) -> bool:
    """Whether the run is of an incremental export that has a baseline, and keeps to it."""
    return row.baseline_change is not None and not row.is_full


def _tell_start(
    transaction: Transaction, row: Row[*tuple[Any, ...]], now: datetime, *, logged: bool, pollable: bool
) -> None:
    info = {"run": row.run_id, "trigger": row.trigger}
    _event(transaction, row, "EXPORT_START", info, now, logged=logged, pollable=pollable)


def _is_published(transaction: Transaction, run_id: str) -> bool:
    outcome = transaction.connection.scalar(select(_run.c.outcome).where(_run.c.id == run_id))
    return outcome == Outcome.DONE


def _set_run(transaction: Transaction, run_id: str, **values: Any) -> None:
    transaction.connection.execute(update(_run).where(_run.c.id == run_id).values(**values))


def _set_export(transaction: Transaction, export_id: int, **values: Any) -> None:
    transaction.connection.execute(update(_export).where(_export.c.id == export_id).values(**values))


def _event(
    transaction: Transaction,
    row: Row[*tuple[Any, ...]],
    type_: str,
    info: Mapping[str, Any],
    now: datetime,
    *,
    logged: bool = False,
    pollable: bool = True,
) -> None:
    export_events.add(
        transaction,
        export_id=row.export_id,
        owner_id=row.owner_id,
        version=row.version,
        type=type_,
        info=info,
        run_id=row.run_id,
        now=now,
        logged=logged,
        pollable=pollable,
    )


def _add_files(transaction: Transaction, run_id: str, files: Iterable[File]) -> None:
    rows: list[tuple[Any, ...]] = []
    for position, file in enumerate(files):
        rows.append(
            (
                run_id,
                file.path,
                position,
                file.size,
                file.sha256,
                file.media_type,
                milliseconds(file.modified),
                file.eas_id,
                file.eas_version,
                file.eas_fileclass,
            )
        )
        if len(rows) == FILE_ROWS:
            insert_many(transaction.connection, tables_exports.export_file, _FILE_COLUMNS, rows)
            rows = []
    insert_many(transaction.connection, tables_exports.export_file, _FILE_COLUMNS, rows)


def _add_archives(transaction: Transaction, run_id: str, archives: Sequence[Archive]) -> None:
    if not archives:
        return
    rows = [{**msgspec.structs.asdict(archive), "run_id": run_id, "part": archive.part or 0} for archive in archives]
    transaction.connection.execute(insert(tables_exports.export_archive), rows)
