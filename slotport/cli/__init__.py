"""The command ``slotport`` (docs/cli.md): one module a command, each help naming its exit statuses."""

import sys
from typing import Annotated

import typer

from slotport import __version__
from slotport.cli import (
    account,
    backup,
    config,
    convention,
    demo,
    export,
    exports,
    import_,
    migrate,
    restore,
    serve,
    verify,
    worker,
)
from slotport.cli.common import FAILED, WRONG_USE, complain
from slotport.errors import SlotportError
from slotport.settings import BadSettings

app = typer.Typer(
    name="slotport",
    help="Slotport: a self-hosted server for time slots.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("migrate")(migrate.migrate)
app.command("backup")(backup.backup)
app.command("verify")(verify.verify)
app.command("restore")(restore.restore)
app.command("import")(import_.import_)
app.command("export")(export.export)
app.add_typer(account.app, name="account")
app.add_typer(convention.app, name="convention")
app.add_typer(exports.app, name="exports")
app.command("config")(config.config)
app.command("demo")(demo.demo)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"slotport {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Slotport: a self-hosted server for time slots."""


def main() -> None:
    """Run the command line; ends the process with the command's exit status."""
    try:
        app()
    except BadSettings as error:
        complain(str(error))
        sys.exit(WRONG_USE)
    except SlotportError as error:
        complain(str(error))
        sys.exit(FAILED)
