"""``slotport verify``: whether a backup can be restored."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from slotport.cli.backup import counted, progress
from slotport.cli.common import FAILED, complain, printable

if TYPE_CHECKING:
    from slotport.actions.backup_restore import Checked


def verify(file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]) -> None:
    """Restore a backup into a scratch store, and compare every count and hash.

    The scratch store lies in the folder for temporary files (TMPDIR) and needs room for the rows, not for the files.

    Exit status: 0 the backup is whole; 1 it is not, and what differs is listed, or it cannot be read, and the reason
    stands on standard error; 2 the command line is wrong.
    """
    # the database's libraries take half a second that a help text need not wait for
    from slotport.actions import backup_restore

    with progress() as tell:
        checked = backup_restore.verify(file, tell=tell)
    if checked.finding_count:
        show_findings(checked)
        complain(f"{file} is not whole")
        raise typer.Exit(FAILED)
    typer.echo(f"{printable(str(file))}: {checked.rows} rows, {counted(checked.files)}{origin(checked)}: all is whole")


def origin(checked: "Checked") -> str:
    """Where a backup comes from, in words."""
    if (head := checked.head) is None:
        return ""
    return f"; made {head.made_at:%Y-%m-%dT%H:%M:%SZ} from {head.database} by Slotport {printable(head.slotport)}"


def show_findings(checked: "Checked") -> None:
    """Print what is not as it should be."""
    console = Console(highlight=False, soft_wrap=True)
    table = Table("where", "what", box=None, pad_edge=False)
    for finding in checked.findings:
        table.add_row(Text(printable(finding.where)), Text(printable(finding.text)))
    console.print(table)
    if checked.finding_count > len(checked.findings):
        console.print(f"… and {checked.finding_count - len(checked.findings)} more")
