"""``slotport restore``: a backup becomes a store."""

from pathlib import Path
from typing import Annotated

import typer

from slotport.cli.backup import counted, progress
from slotport.cli.common import PARTLY, Config, Data, Database, complain, now, printable, read_settings
from slotport.cli.verify import origin, show_findings


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    database: Database = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Restore a backup into an empty store: another database, of either kind, and an empty files folder.

    Exit status: 0 done; 1 refused or failed, the reason stands on standard error, and nothing was restored; 2 the
    command line or a setting is wrong; 3 restored, without files that the backup lacks or that are damaged in it.
    """
    # the database's libraries take half a second that a help text need not wait for
    from slotport.actions import backup_restore

    settings = read_settings(config, database=database, data=data)
    with progress() as tell:
        restored = backup_restore.restore(settings, file, now=now(), tell=tell)
    typer.echo(f"restored {printable(str(file))}: {restored.rows} rows, {counted(restored.files)}{origin(restored)}")
    if restored.failed_runs or restored.deliveries:
        typer.echo(
            f"{restored.failed_runs} runs were under way and have failed; {restored.deliveries} deliveries begin"
        )
    if restored.finding_count:
        show_findings(restored)
        complain(f"{restored.finding_count} files are missing or damaged")
        raise typer.Exit(PARTLY)
