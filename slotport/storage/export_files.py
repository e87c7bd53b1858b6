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


class Child(Struct, frozen=True):
    """What lies right in a folder of a run: a file, or a folder with files."""

    name: str
    is_folder: bool
    size: int  #: of a file, as the next
    media_type: str


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


def children(transaction: Transaction, run_id: str, folder: str, *, after: str, limit: int) -> list[Child]:
    """What lies right in the folder ("" is the whole result), by name; a folder in it once, however much it holds.

    Goes on behind the entry ``after``, whose name ends with a slash if it is a folder; "" begins. Each folder costs a
    statement, as do the files up to the next one.
    """
    prefix = f"{folder}/" if folder else ""
    found: list[Child] = []
    while len(found) < limit:
        query = select(_file.c.path, _file.c.size, _file.c.media_type).where(*_of(run_id, folder))
        if after.endswith("/"):  # the character behind "/": all that lies below the folder is before it
            query = query.where(_file.c.path >= f"{prefix}{after[:-1]}0")
        elif after:
            query = query.where(_file.c.path > f"{prefix}{after}")
        rows = transaction.connection.execute(query.order_by(_file.c.path).limit(limit - len(found))).all()
        if not rows:
            break
        for row in rows:
            name, slash, _ = row.path[len(prefix) :].partition("/")
            found.append(Child(name, is_folder=bool(slash), size=row.size, media_type=row.media_type))
            after = name + slash
            if slash:
                break
    return found


def _of(run_id: str, folder: str) -> Iterable[ColumnElement[bool]]:
    yield _file.c.run_id == run_id
    if folder:  # "/" and the character after it in order enclose what lies below
        yield _file.c.path > f"{folder}/"
        yield _file.c.path < f"{folder}0"
