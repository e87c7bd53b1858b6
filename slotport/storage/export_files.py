"""The files of a run, page by page: for whoever takes hours to fetch them (docs/api/export-files.md)."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct
from sqlalchemy import ColumnElement, func, select

from slotport.storage import tables_exports
from slotport.storage.instants import at
from slotport.storage.store import Transaction

_file = tables_exports.export_file


class Member(Struct, frozen=True):
    """A file of a run, as an archive takes it in."""

    position: int
    path: str
    size: int
    sha256: str
    modified: datetime
    is_media: bool


def count(transaction: Transaction, run_id: str, *, below: str = "") -> int:
    """How many files the run has, or has below a folder."""
    query = select(func.count()).select_from(_file).where(*_of(run_id, below))
    return transaction.connection.scalar(query) or 0


def page(transaction: Transaction, run_id: str, *, below: str = "", after: int, limit: int) -> list[Member]:
    """The next files of the run, or of its folder, after that position, in the order in which the run made them."""
    table = _file.c
    rows = transaction.connection.execute(
        select(table.position, table.path, table.size, table.sha256, table.modified_at, table.eas_id)
        .where(*_of(run_id, below), table.position > after)
        .order_by(table.position)
        .limit(limit)
    )
    return [
        Member(row.position, row.path, row.size, row.sha256, at(row.modified_at), row.eas_id is not None)
        for row in rows
    ]


def _of(run_id: str, folder: str) -> Iterable[ColumnElement[bool]]:
    yield _file.c.run_id == run_id
    if folder:  # "/" and the character after it in order enclose what lies below
        yield _file.c.path > f"{folder}/"
        yield _file.c.path < f"{folder}0"
