"""``slotport convention``: conventions and who manages them."""

from pathlib import Path
from typing import Annotated

import typer

from slotport.cli.common import (
    FAILED,
    PARTLY,
    STATUSES,
    Config,
    Data,
    Database,
    complain,
    now,
    printable,
    read_settings,
    store_of,
)
from slotport.cli.import_ import show
from slotport.core.convention import Role

app = typer.Typer(help="Conventions and who manages them.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _conventions() -> None:
    """Conventions and who manages them."""


@app.command(epilog=STATUSES)
def manager(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="Slug or id of the convention.")],
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="E-mail address of the account.")],
    role: Annotated[Role, typer.Option(help="What the manager is called; all have the same rights.")] = Role.MANAGER,
    database: Database = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Make an account a manager of a convention, also of one that has none any more.

    Somebody who is a manager already stays as is.
    """
    # the database's libraries take half a second that a help text need not wait for
    from slotport.actions import conventions

    with store_of(read_settings(config, database=database, data=data)) as store:
        convention, account, is_new = conventions.appoint(store, slug, email, role=role, now=now())
    state = "is now" if is_new else "was already"
    typer.echo(f"account {account.id} {state} a manager of {printable(convention.title)}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A schedule.xml or schedule.json.")],
    user: Annotated[str, typer.Option(metavar="EMAIL", help="Who imports: a manager of the convention.")],
    convention: Annotated[str, typer.Option(metavar="SLUG", help="Slug or id of the convention.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report only, store nothing.")] = False,  # noqa: FBT002
    database: Database = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Read a schedule.xml or schedule.json into a convention, in one transaction.

    Events, locations, hosts and time slots are made or changed; what the file lacks stays.

    Exit status: 0 every time slot is stored, or was already; 1 nothing was stored, the reason stands on standard
    error; 2 the command line or a setting is wrong; 3 some time slots were rejected, all others are stored.
    """
    # the database's libraries take half a second that a help text need not wait for
    from slotport.actions import accounts, conventions
    from slotport.actions.schedule_import import Refused, import_schedule

    try:
        content = file.read_bytes()
    except OSError as error:
        complain(f"{file} cannot be read: {error.strerror}")
        raise typer.Exit(FAILED) from error
    with store_of(read_settings(config, database=database, data=data)) as store:
        access = conventions.access_of(store, convention, accounts.get(store, user))
        try:
            report = import_schedule(store, access, [content], dry_run=dry_run, now=now())
        except Refused as error:
            show(error.report, dry_run=dry_run)
            complain(str(error))
            raise typer.Exit(FAILED) from error
    show(report, dry_run=dry_run)
    if report.rejected:
        raise typer.Exit(PARTLY)
