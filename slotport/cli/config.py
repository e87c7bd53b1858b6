"""``slotport config``: the effective settings."""

from typing import Annotated

import typer

from slotport.cli.common import Config, Data, Database, read_settings


def config(
    check: Annotated[bool, typer.Option("--check", help="Print nothing but whether the settings are good.")] = False,  # noqa: FBT002
    database: Database = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Print the effective settings as TOML, secrets masked.

    Exit status: 0 the settings are good; 2 one is not, or the command line is wrong; standard error names it.
    """
    settings = read_settings(config, database=database, data=data)
    if check:
        typer.echo("the settings are good")
        return
    for name, value in settings.shown():
        typer.echo(f"{name} = {value}")
