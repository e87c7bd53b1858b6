"""``slotport serve``: the HTTP server."""

from typing import Annotated

import typer

from slotport.cli.common import FAILED, Config, Data, Database, complain, read_settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (SLOTPORT_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one (SLOTPORT_PORT).")] = None,
    database: Database = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Serve until SIGTERM or SIGINT.

    An SQLite file is made, or brought up to date after a copy of it was laid beside it. A PostgreSQL database of
    another schema is refused: run `slotport migrate`.

    Exit status: 0 stopped by a signal; 1 the address is taken or the database cannot be used, the reason stands on
    standard error; 2 the command line or a setting is wrong.
    """
    # the server's libraries take half a second that a help text need not wait for
    from slotport import jobs
    from slotport.api import logs
    from slotport.api.serving import listening
    from slotport.api.serving import serve as run

    settings = read_settings(config, host=host, port=port, database=database, data=data)
    logs.configure(settings)
    try:
        listener = listening(settings)
    except OSError as error:
        complain(f"cannot listen on {settings.host}, port {settings.port}: {error.strerror or error}")
        raise typer.Exit(FAILED) from error
    with listener:
        run(settings, listener, jobs.worker)
