"""``slotport account``: people who may sign in."""

import sys
from typing import Annotated

import typer

from slotport.cli.common import STATUSES, Config, Data, Database, now, printable, read_settings, store_of

app = typer.Typer(help="People who may sign in.", no_args_is_help=True, rich_markup_mode=None)

Login = Annotated[str, typer.Argument(metavar="EMAIL", help="E-mail address, or the telephone number, of the account.")]


def _password() -> str:
    """Asked for twice at a terminal; else the first line of standard input."""
    if sys.stdin.isatty():
        text: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return text
    return sys.stdin.readline().rstrip("\r\n")


@app.command(epilog=STATUSES)
def add(
    login: Login,
    username: Annotated[str | None, typer.Option(help="Name to show; else what stands before the @.")] = None,
    database: Database = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Make an account; its password is asked for, or read from standard input.

    It gets the two calendars that a sign-up makes.
    """
    # the database's libraries take half a second that a help text need not wait for
    from slotport.actions import accounts
    from slotport.actions.account_fields import Fields

    password = _password()
    local = login.partition("@")[0]
    name = username or (local if len(local) > 2 else login)
    fields = (
        Fields(username=name, email=login, password=password)
        if "@" in login
        else Fields(username=name, phone=login, password=password)
    )
    with store_of(read_settings(config, database=database, data=data)) as store:
        account = accounts.add(store, fields, now=now())
    typer.echo(f"account {account.id} was made: {account.email or account.phone}")


@app.command("list", epilog=STATUSES)
def list_(database: Database = None, data: Data = None, config: Config = None) -> None:
    """Print the accounts, one a line: id, e-mail or phone, username, and whether it is disabled; tabs between."""
    from slotport.actions import accounts  # the database's libraries: see add

    with store_of(read_settings(config, database=database, data=data)) as store:
        for account in accounts.list_accounts(store):
            state = "disabled" if account.disabled_at else "active"
            cells = (str(account.id), account.email or account.phone or "", account.username, state)
            typer.echo("\t".join(printable(cell) for cell in cells))


@app.command(epilog=STATUSES)
def password(login: Login, database: Database = None, data: Data = None, config: Config = None) -> None:
    """Give an account a new password, which ends all its sign-ins.

    The password is asked for, or read from standard input.
    """
    from slotport.actions import accounts  # the database's libraries: see add

    text = _password()
    with store_of(read_settings(config, database=database, data=data)) as store:
        account = accounts.set_password(store, login, text, now=now())
    typer.echo(f"account {account.id} has a new password; it is signed out everywhere")


@app.command(epilog=STATUSES)
def disable(
    login: Login,
    undo: Annotated[bool, typer.Option("--undo", help="Let it sign in again.")] = False,  # noqa: FBT002
    database: Database = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """End an account's sign-ins and let it sign in no more; nothing of it is deleted."""
    from slotport.actions import accounts  # the database's libraries: see add

    with store_of(read_settings(config, database=database, data=data)) as store:
        change = accounts.enable if undo else accounts.disable
        account = change(store, login, now=now())
    typer.echo(f"account {account.id} is {'enabled' if undo else 'disabled'}")
