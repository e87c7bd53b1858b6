"""``slotport import``: a calendar file into an account."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Annotated, BinaryIO, Literal
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from slotport.cli.common import (
    FAILED,
    PARTLY,
    Config,
    Data,
    Database,
    complain,
    now,
    printable,
    read_settings,
    store_of,
)

if TYPE_CHECKING:
    from slotport.actions.files import Report
    from slotport.core.slot import Problem
    from slotport.settings import Settings

CHUNK_BYTES = 256 * 1024
IN_MEMORY_BYTES = 1024 * 1024
PROBLEMS_SHOWN = 100


def import_(
    user: Annotated[str, typer.Option(metavar="EMAIL", help="Whose slots they become, or whose import it was.")],
    file: Annotated[str | None, typer.Argument(metavar="FILE", help="The file; `-` is standard input.")] = None,
    undo: Annotated[
        int | None,
        typer.Option(
            metavar="ID", min=1, max=2**63 - 1, help="Give back what that import changed, instead of importing."
        ),
    ] = None,
    group: Annotated[UUID | None, typer.Option(help="An own group that all of them go to.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report only, store nothing.")] = False,  # noqa: FBT002
    strict: Annotated[bool, typer.Option("--strict", help="Store nothing if one record is rejected.")] = False,  # noqa: FBT002
    encoding: Annotated[
        str | None, typer.Option(metavar="CHARSET", help="The file's charset if it is not UTF-8: windows-1252, …")
    ] = None,
    date_order: Annotated[
        Literal["dmy", "mdy"] | None, typer.Option(help="Order of day and month in a CSV file's slash dates.")
    ] = None,
    database: Database = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Import an iCalendar, Outlook CSV or Timeslot JSON file, in one transaction, or undo such an import.

    What cannot be imported is listed with its line or number, and the reason; so are the slots that an undo leaves,
    since they were changed after the import.

    Exit status: 0 every record is stored, or was already, or all was undone; 1 nothing was stored or undone, the reason
    stands on standard error; 2 the command line or a setting is wrong; 3 some records were rejected, all others are
    stored, or some slots were left by an undo.
    """
    if (file is None) == (undo is None):
        raise typer.BadParameter("give either FILE or --undo ID")
    if undo is not None and (group or dry_run or strict or encoding or date_order):
        raise typer.BadParameter("--undo goes with --user alone")
    settings = read_settings(config, database=database, data=data)
    if file is None:
        _undo(settings, user, undo or 0)
        return
    # the database's libraries take half a second that a help text need not wait for
    from slotport.actions import accounts
    from slotport.actions.files import ImportOptions, Rejected, import_file

    options = ImportOptions(
        group=group,
        encoding=encoding,
        date_order=date_order,
        strict=strict,
        dry_run=dry_run,
        record_limit=settings.max_events_per_file,
    )
    with store_of(settings) as store, _source(file) as (source, size_bytes), _progress(size_bytes) as tell:
        account = accounts.get(store, user)
        try:
            report = import_file(store, account, _Chunks(source, tell), options, now=now())
        except Rejected as error:
            show(error.report, dry_run=dry_run)
            complain(str(error))
            raise typer.Exit(FAILED) from error
    show(report, dry_run=dry_run)
    if report.rejected:
        raise typer.Exit(PARTLY)


def _undo(settings: "Settings", user: str, import_id: int) -> None:
    from slotport.actions import accounts, imports  # as above

    with store_of(settings) as store:
        undone = imports.undo(store, accounts.get(store, user), import_id, now=now())
    show_problems(undone.problems)
    _console().print(f"{undone.removed} removed, {undone.restored} restored, {undone.left} left")
    if undone.left:
        raise typer.Exit(PARTLY)


@contextmanager
def _source(name: str) -> Iterator[tuple[BinaryIO, int]]:
    """The file and its size; standard input is kept in a temporary file, since an import may walk it twice."""
    if name != "-":
        try:
            with Path(name).open("rb") as file:
                yield file, Path(name).stat().st_size
        except OSError as error:
            complain(f"{name} cannot be read: {error.strerror}")
            raise typer.Exit(FAILED) from error
        return
    with SpooledTemporaryFile[bytes](max_size=IN_MEMORY_BYTES) as spool:
        if sys.stdin is not None:  # a closed one brings nothing, as an empty file does
            copyfileobj(sys.stdin.buffer, spool)
        yield spool, spool.tell()  # type: ignore[misc]  # it has what is asked of a BinaryIO


class _Chunks:
    """The file's bytes, from the start each time they are asked for; tells how many were read."""

    def __init__(self, file: BinaryIO, tell: Callable[[int], None]) -> None:
        self._file = file
        self._tell = tell

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        while chunk := self._file.read(CHUNK_BYTES):
            self._tell(self._file.tell())
            yield chunk
        self._tell(self._file.tell())


@contextmanager
def _progress(size_bytes: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, if that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=size_bytes)

        def tell(done_bytes: int) -> None:
            storing = done_bytes >= size_bytes
            bar.update(task, completed=done_bytes, description="storing" if storing else "reading")

        yield tell


def show(report: "Report", *, dry_run: bool) -> None:
    """Print what became of a file's records."""
    show_problems(report.problems)
    counts = ", ".join(f"{count} {name}" for name, count in report.counts().items())
    if dry_run:
        counts += " (nothing was stored: a dry run)"
    elif report.import_id is not None:
        counts += f" (import {report.import_id})"
    _console().print(counts)


def show_problems(problems: "Sequence[Problem]") -> None:
    """Print a table of the first problems, if there are any."""
    if not problems:
        return
    console = _console()
    table = Table("where", "what", "code", "title", "why", box=None, pad_edge=False)
    for problem in problems[:PROBLEMS_SHOWN]:
        place = f"line {problem.line}" if problem.line else ""
        if not place and problem.index is not None:
            place = f"record {problem.index}"
        cells = (place, problem.outcome.value, problem.code, problem.title or problem.uid or "", problem.message)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    console.print(table)
    if len(problems) > PROBLEMS_SHOWN:
        console.print(f"… and {len(problems) - PROBLEMS_SHOWN} more")


def _console() -> Console:
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())
