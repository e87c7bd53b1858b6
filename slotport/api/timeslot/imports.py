"""Imports that were made, and undoing one (docs/api/timeslot-import.md)."""

from datetime import datetime
from typing import Any

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import imports
from slotport.api.timeslot.entries import number_in_path
from slotport.api.timeslot.reports import ProblemBody, problem_bodies
from slotport.core.account import Account
from slotport.core.import_log import LoggedImport
from slotport.core.when import iso
from slotport.storage.store import Store


class ImportObject(Struct, kw_only=True, rename="camel"):
    """An import that stored something; `format` is `ical`, `outlook` or `timeslot`."""

    id: int
    created_at: str
    format: str
    created: int
    updated: int
    unchanged: int
    skipped: int
    rejected: int
    undone_at: str | None


class UndoneBody(Struct, kw_only=True):
    """What an undo did: slots removed, restored, and left since they were changed after the import."""

    removed: int
    restored: int
    left: int
    problems: list[ProblemBody]


@get("/imports", sync_to_thread=True)
def list_imports(
    caller: NamedDependency[Account], store: NamedDependency[Store], now: NamedDependency[datetime]
) -> list[ImportObject]:
    """List the caller's imports of the last 30 days that stored something, newest first; at most 1,000."""
    return [_shown(one) for one in imports.recent(store, caller, now=now)]


@post("/imports/{import_id:str}/undo", status_code=200, sync_to_thread=True)
def undo_import(
    import_id: FromPath[str],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> UndoneBody:
    """Give back what an import changed.

    Its new slots are deleted, its updates restored, groups that it made and that are now empty removed. A slot that was
    changed since then is left alone and named.
    """
    undone = imports.undo(store, caller, number_in_path(import_id), now=now)
    return UndoneBody(
        removed=undone.removed,
        restored=undone.restored,
        left=undone.left,
        problems=problem_bodies(undone.problems),
    )


def _shown(one: LoggedImport) -> ImportObject:
    return ImportObject(
        id=one.id,
        created_at=iso(one.created_at),
        format=one.format,
        created=one.created,
        updated=one.updated,
        unchanged=one.unchanged,
        skipped=one.skipped,
        rejected=one.rejected,
        undone_at=None if one.undone_at is None else iso(one.undone_at),
    )


HANDLERS: list[Any] = [list_imports, undo_import]
