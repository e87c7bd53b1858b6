"""``slotport exports``: what a person's exports do, from the command line."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from slotport.cli.common import FAILED, STATUSES, Config, Data, Database, now, printable, read_settings, store_of
from slotport.core.export import Export, Outcome

if TYPE_CHECKING:
    from slotport.core.account import Account
    from slotport.jobs import Queue

LOOK_SECONDS = 0.25
app = typer.Typer(help="Exports: runs, states, progress.", no_args_is_help=True, rich_markup_mode=None)

User = Annotated[str, typer.Option(metavar="EMAIL", help="Whose exports.")]
Number = Annotated[int, typer.Argument(metavar="ID", help="Number of the export.")]


@app.callback()
def _exports() -> None:
    """Exports: runs, states, progress."""


@contextmanager
def _queue_of(user: str, config: Config, database: Database, data: Data) -> "Iterator[tuple[Queue, Account]]":
    # the database's libraries take half a second that a help text need not wait for
    from slotport.actions import accounts
    from slotport.jobs import Queue

    settings = read_settings(config, database=database, data=data)
    with store_of(settings) as store:
        queue = Queue(settings, store, clock=now)
        try:
            yield queue, accounts.get(store, user)
        finally:
            queue.close()


@app.command("list", epilog=STATUSES)
def list_(user: User, database: Database = None, data: Data = None, config: Config = None) -> None:
    """Print the exports, one a line: number, state, type, name, and when the next run starts, with tabs between."""
    from slotport.actions import exports

    with _queue_of(user, config, database, data) as (queue, owner):
        offset = 0
        while found := exports.listed(queue.store, owner, (), limit=500, offset=offset)[1]:
            for export in found:
                next_run = export.next_run_at.isoformat() if export.next_run_at else ""
                kind = export.definition.type
                typer.echo("\t".join([str(export.id), export.state, kind, printable(export.name), next_run]))
            offset += len(found)


@app.command(epilog=STATUSES)
def show(number: Number, user: User, database: Database = None, data: Data = None, config: Config = None) -> None:
    """Print an export: its state, its last run, its transports and its log."""
    from slotport.actions import exports
    from slotport.storage import export_events

    with _queue_of(user, config, database, data) as (queue, owner):
        export = exports.get(queue.store, owner, number)
        with queue.store.read() as transaction:
            log = export_events.log_of(transaction, number)
    table = Table(box=None, show_header=False)
    table.add_row("export", f"{export.id} {printable(export.name)}, version {export.version}")
    table.add_row("state", export.state)
    if export.run is not None:
        run = export.run
        table.add_row("last run", f"{run.outcome}, {run.objects} objects, {run.files} files of {run.bytes} bytes")
    for transport in export.transports:
        table.add_row("transport", f"{transport.type} {transport.state}, {transport.attempts} attempts")
    for entry in log:
        exception = entry.info.get("exception") or {}
        table.add_row(entry.timestamp.isoformat(timespec="seconds"), f"{entry.type} {exception.get('description', '')}")
    Console(soft_wrap=True).print(table)


@app.command(epilog=STATUSES)
def start(
    number: Number,
    user: User,
    full: Annotated[bool, typer.Option("--full", help="An incremental export takes everything once.")] = False,  # noqa: FBT002
    database: Database = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Start a run; the server on this database works on it."""
    with _queue_of(user, config, database, data) as (queue, owner):
        export = queue.start(owner, number, full=full)
    typer.echo(f"export {export.id} is {export.state}")


@app.command(epilog=STATUSES)
def stop(number: Number, user: User, database: Database = None, data: Data = None, config: Config = None) -> None:
    """Stop the run, or else the deliveries of its result."""
    from slotport.actions import exports

    with _queue_of(user, config, database, data) as (queue, owner):
        export = exports.stop(queue.store, owner, number, now=now())
    typer.echo(f"export {export.id} is {export.state}")


@app.command()
def watch(number: Number, user: User, database: Database = None, data: Data = None, config: Config = None) -> None:
    """Show how far a run is until it has ended.

    Exit status: 0 it ended well, or the export does nothing; 1 it failed or was stopped, or the export cannot be
    shown, the reason stands on standard error; 2 the command line or a setting is wrong.
    """
    from slotport.actions import exports

    with _queue_of(user, config, database, data) as (queue, owner):
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
        with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as shown:
            task = shown.add_task("", total=100)
            while True:
                export = exports.get(queue.store, owner, number)
                shown.update(task, description=_said(export), completed=_percent(export))
                if not export.is_running:
                    break
                time.sleep(LOOK_SECONDS)
    typer.echo(f"export {export.id} is {export.state}")
    if export.run is not None and export.run.outcome is not Outcome.DONE:
        raise typer.Exit(FAILED)


def _said(export: Export) -> str:
    if export.run is None or not export.is_running:
        return str(export.state)
    progress = export.run.progress
    counted = f" {progress.objects_done} of {progress.objects_total}" if progress.objects_total else ""
    return f"{export.state}: {progress.phase}{counted}"


def _percent(export: Export) -> int:
    return export.run.progress.percent if export.run is not None else 0
