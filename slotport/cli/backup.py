"""``slotport backup``: the whole store in one file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from slotport.cli.common import PARTLY, Config, Data, Database, complain, now, printable, read_settings

if TYPE_CHECKING:
    from slotport.actions.backup_archive import FileCounts, Tell


def backup(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The backup; in a folder it is named slotport-<time>.tar.")
    ],
    database: Database = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Write rows and files of the store into one archive, of one moment, also while the server runs.

    The archive is whole or does not appear; only its owner can read it.

    Exit status: 0 done; 1 refused or failed, the reason stands on standard error, and no file was written; 2 the
    command line or a setting is wrong; 3 written, but files that the store names are gone or damaged.
    """
    # the database's libraries take half a second that a help text need not wait for
    from slotport.actions import backups

    settings, moment = read_settings(config, database=database, data=data), now()
    target = file / f"slotport-{moment:%Y%m%dT%H%M%SZ}.tar" if file.is_dir() else file
    with progress() as tell:
        written = backups.write(settings, target, now=moment, tell=tell)
    typer.echo(f"{printable(str(target))}: {written.rows} rows, {counted(written.files)}; {written.size} bytes in all")
    if not written.is_complete:
        files = written.files
        complain(f"{files.missing} files are missing and {files.differing} are damaged; `slotport verify` names them")
        raise typer.Exit(PARTLY)


def counted(files: "FileCounts") -> str:
    """The files of a backup in words."""
    text = f"{files.count} files of {files.bytes} bytes"
    return f"{text} ({files.removed} more were removed meanwhile)" if files.removed else text


@contextmanager
def progress() -> "Iterator[Tell]":
    """A bar on standard error, if that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def tell(what: str, done: int, total: int | None) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield tell
