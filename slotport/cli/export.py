"""``slotport export``: an account's slots as a file."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO
from uuid import UUID

import typer

from slotport.cli.common import FAILED, Config, Data, Database, complain, now, read_settings, store_of
from slotport.core.when import zone
from slotport.errors import Invalid


def export(
    format_: Annotated[str, typer.Argument(metavar="FORMAT", help="timeslot, google, ical or outlook.")],
    user: Annotated[str, typer.Option(metavar="EMAIL", help="Whose slots.")],
    group: Annotated[UUID | None, typer.Option(help="Only those in this own group.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The file; else standard output.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Zone of the times in a CSV file, such as Europe/Berlin.")
    ] = None,
    extended: Annotated[  # noqa: FBT002
        bool, typer.Option("--extended", help="Write Slotport's own keys always (Timeslot JSON).")
    ] = False,
    database: Database = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Export the slots that an account created.

    A file named by -o is complete or does not appear.

    Exit status: 0 done; 1 refused or failed, the reason stands on standard error; 2 the command line or a setting is
    wrong.
    """
    # the database's libraries take half a second that a help text need not wait for
    from slotport.actions import accounts
    from slotport.actions.files import export_file
    from slotport.formats import WriteOptions

    options = WriteOptions(now=now(), zone=_zone(timezone), extended=extended)
    with store_of(read_settings(config, database=database, data=data)) as store:
        made = export_file(store, accounts.get(store, user), format_, group=group, options=options)
        with closing(made.pieces) as pieces, _target(output) as target:
            for piece in pieces:
                target.write(piece)


def _zone(name: str | None) -> str | None:
    if name is None:
        return None
    try:
        return zone(name).key
    except ValueError as cause:
        raise Invalid.of("timezone", "is not the name of a time zone such as Europe/Berlin") from cause


@contextmanager
def _target(file: Path | None) -> Iterator[BinaryIO]:
    """Where the bytes go; a file gets its name when it is complete."""
    if file is None:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError:  # the reader has enough: typer ends quietly
            raise
        except OSError as error:
            sys.stdout = None  # what it still holds could not be written at the end either
            complain(f"standard output cannot be written: {error.strerror}")
            raise typer.Exit(FAILED) from error
        return
    part = file.with_name(f".{file.name}.part")
    try:
        try:
            with part.open("wb") as target:
                yield target
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        complain(f"{file} cannot be written: {error.strerror}")
        raise typer.Exit(FAILED) from error
