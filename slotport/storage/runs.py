"""Runs of exports as others than the run itself see them, and the files of what they made (docs/design/exports.md).

What a run writes about itself is in storage/run_work.py.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, FromClause, Row, and_, delete, func, insert, or_, select, update

from slotport.core.export import Archive, AssetClass, File, Outcome, Progress, Run, Trigger
from slotport.core.slot import is_storable
from slotport.storage import tables_exports
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Transaction

KEPT_RUNS = 50  #: newest runs of an export that are remembered
BATCH = 1000  #: ids in one statement

_run = tables_exports.export_run
_export = tables_exports.export
_event = tables_exports.export_event
_file = tables_exports.export_file
_archive = tables_exports.export_archive
_PLAIN = ("id", "export_id", "number", "objects", "deletions", "skipped", "warnings", "files", "bytes", "is_full")
_INSTANTS = ("queued_at", "started_at", "finished_at")
_NAMES = (*_PLAIN, *_INSTANTS, "trigger", "outcome", "progress")
_FILE_NAMES = ("path", "size", "sha256", "media_type", "eas_id", "eas_version")


def add(transaction: Transaction, run: Run, *, due_at: datetime | None = None) -> None:
    """Store a new run. ``due_at``: the time of the schedule that started it."""
    transaction.connection.execute(
        insert(_run).values(
            id=run.id,
            export_id=run.export_id,
            number=run.number,
            trigger=run.trigger,
            outcome=run.outcome,
            queued_at=milliseconds(run.queued_at),
            due_at=None if due_at is None else milliseconds(due_at),
            is_full=run.is_full,
            progress=msgspec.json.encode(run.progress).decode(),
        )
    )


def find(transaction: Transaction, run_id: str) -> Run | None:
    """The run of that id."""
    return _one(transaction, _run.c.id == run_id)


def newest(transaction: Transaction, export_id: int) -> Run | None:
    """The run of the export that was started last."""
    number = select(func.max(_run.c.number)).where(_run.c.export_id == export_id).scalar_subquery()
    return _one(transaction, and_(_run.c.export_id == export_id, _run.c.number == number))


def listed(transaction: Transaction, export_id: int) -> list[Run]:
    """The runs of the export that are remembered, the newest first."""
    query = select(*columns(_run, "")).where(_run.c.export_id == export_id).order_by(_run.c.number.desc())
    found = (run_of(row) for row in transaction.connection.execute(query.limit(2 * KEPT_RUNS)))
    return [run for run in found if run is not None]


def finish(transaction: Transaction, run_id: str, outcome: Outcome, now: datetime) -> bool:
    """End a run that is under way; whether it was. Its own code finds out and cleans up."""
    done = transaction.connection.execute(
        update(_run)
        .where(_run.c.id == run_id, _run.c.outcome == Outcome.RUNNING)
        .values(outcome=outcome, finished_at=milliseconds(now))
    )
    return done.rowcount > 0


def warn(transaction: Transaction, run_id: str, count: int) -> None:
    """Count warnings that came after the run's end."""
    transaction.connection.execute(update(_run).where(_run.c.id == run_id).values(warnings=_run.c.warnings + count))


def under_way(transaction: Transaction, owner_id: int) -> int:
    """How many of the person's runs wait or are worked on."""
    query = (
        select(func.count())
        .join_from(_run, _export, _run.c.export_id == _export.c.id)
        .where(_export.c.owner_id == owner_id, _run.c.outcome == Outcome.RUNNING)
    )
    return transaction.connection.scalar(query) or 0


def needed(transaction: Transaction, run_ids: Sequence[str]) -> set[str]:
    """Those of the runs whose folders are still of use: they are under way, or made an export's result."""
    found: set[str] = set()
    for start in range(0, len(run_ids), BATCH):
        part = run_ids[start : start + BATCH]
        query = (
            select(_run.c.id)
            .join_from(_run, _export, _run.c.export_id == _export.c.id)
            .where(_run.c.id.in_(part), or_(_run.c.outcome == Outcome.RUNNING, _export.c.result_run_id == _run.c.id))
        )
        found |= set(transaction.connection.scalars(query))
    return found


def forget_files(transaction: Transaction, run_id: str) -> None:
    """Remove the list of files and archives of a run whose folder is gone."""
    for table in (_file, _archive):
        transaction.connection.execute(delete(table).where(table.c.run_id == run_id))


def prune(transaction: Transaction, export_id: int) -> None:
    """Forget the export's old runs and what was told of them.

    Not the newest ones, the one that made the result, one that is under way, nor the last that ended well.
    """
    table = _run.c
    of_export = table.export_id == export_id
    newest_number, last_done = transaction.connection.execute(
        select(
            func.max(table.number),
            func.max(table.number).filter(table.outcome == Outcome.DONE),
        ).where(of_export)
    ).one()
    if newest_number is None or newest_number <= KEPT_RUNS:
        return
    result = select(_export.c.result_run_id).where(_export.c.id == export_id).scalar_subquery()
    old = list(
        transaction.connection.scalars(
            select(table.id).where(
                of_export,
                table.number <= newest_number - KEPT_RUNS,
                table.number != (last_done or 0),
                table.outcome != Outcome.RUNNING,
                or_(result.is_(None), table.id != result),
            )
        )
    )
    for start in range(0, len(old), BATCH):
        part = old[start : start + BATCH]
        transaction.connection.execute(delete(_event).where(_event.c.export_id == export_id, _event.c.run_id.in_(part)))
        transaction.connection.execute(delete(_run).where(table.id.in_(part)))


# Files


def files(transaction: Transaction, run_id: str) -> list[File]:
    """The files of a run, in the order in which it made them."""
    query = select(_file).where(_file.c.run_id == run_id).order_by(_file.c.position)
    return [_file_of(row) for row in transaction.connection.execute(query)]


def file_at(transaction: Transaction, run_id: str, path: str) -> File | None:
    """The file of that path."""
    if not is_storable(path):
        return None
    row = transaction.connection.execute(
        select(_file).where(_file.c.run_id == run_id, _file.c.path == path)
    ).one_or_none()
    return None if row is None else _file_of(row)


def is_folder(transaction: Transaction, run_id: str, path: str) -> bool:
    """Whether files lie below that path."""
    if not is_storable(path):
        return False
    name = path.rstrip("/")
    query = select(_file.c.path).where(
        # "/" and the character after it in order enclose what lies below
        _file.c.run_id == run_id,
        _file.c.path > f"{name}/",
        _file.c.path < f"{name}0",
    )
    return transaction.connection.execute(query.limit(1)).first() is not None


def archives(transaction: Transaction, run_id: str) -> list[Archive]:
    """The archives of a run, by packer and part."""
    rows = transaction.connection.execute(
        select(_archive).where(_archive.c.run_id == run_id).order_by(_archive.c.packer, _archive.c.part)
    )
    return [_archive_of(row) for row in rows]


# Rows


def columns(table: FromClause, prefix: str) -> list[ColumnElement[Any]]:
    """What ``run_of`` needs of a table of runs, under names that begin with the prefix."""
    return [table.c[name].label(f"{prefix}{name}") for name in _NAMES]


def run_of(row: Row[Any], prefix: str = "") -> Run | None:
    """The run in a row of such columns; None if there is none in it."""
    named = row._mapping  # noqa: SLF001 # SQLAlchemy's public name
    if named[f"{prefix}id"] is None:
        return None
    values: dict[str, Any] = {name: named[f"{prefix}{name}"] for name in _PLAIN}
    for name in _INSTANTS:
        moment = named[f"{prefix}{name}"]
        values[name] = None if moment is None else at(moment)
    return Run(
        trigger=Trigger(named[f"{prefix}trigger"]),
        outcome=Outcome(named[f"{prefix}outcome"]),
        progress=msgspec.json.decode(named[f"{prefix}progress"], type=Progress),
        **values,
    )


def _one(transaction: Transaction, condition: ColumnElement[bool]) -> Run | None:
    row = transaction.connection.execute(select(*columns(_run, "")).where(condition)).one_or_none()
    return None if row is None else run_of(row)


def _file_of(row: Row[Any]) -> File:
    return File(
        modified=at(row.modified_at),
        eas_fileclass=None if row.eas_fileclass is None else AssetClass(row.eas_fileclass),
        **{name: getattr(row, name) for name in _FILE_NAMES},
    )


def _archive_of(row: Row[Any]) -> Archive:
    values = {name: getattr(row, name) for name in Archive.__struct_fields__}
    return Archive(**values | {"part": row.part or None})
