"""``slotport serve``: the HTTP server."""

import os
import shutil
import tempfile
from typing import Annotated

import typer

from slotport.cli.common import FAILED, WRONG_USE, Config, Data, Database, complain, read_settings
from slotport.cli.processes import run as run_processes


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (SLOTPORT_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one (SLOTPORT_PORT).")] = None,
    database: Database = None,
    processes: Annotated[
        int, typer.Option(min=1, max=256, help="Processes that answer requests; more than one need PostgreSQL.")
    ] = 1,
    data: Data = None,
    config: Config = None,
) -> None:
    """Serve until SIGTERM or SIGINT.

    An SQLite file is made, or brought up to date after a copy of it was laid beside it. A PostgreSQL database of
    another schema is refused: run `slotport migrate`.

    Exit status: 0 stopped by a signal; 1 the address is taken or the database cannot be used, the reason stands on
    standard error; 2 the command line or a setting is wrong.
    """
    settings = read_settings(config, host=host, port=port, database=database, data=data)
    if processes > 1 and settings.database_url.startswith("sqlite"):
        complain("an SQLite file has one process: leave --processes out, or set a PostgreSQL database")
        raise typer.Exit(WRONG_USE)
    if processes > 1:
        # where the processes count together; to be known before what counts is imported
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="slotport-metrics-"))
    # the server's libraries take half a second that a help text need not wait for
    from prometheus_client.multiprocess import mark_process_dead

    from slotport import jobs
    from slotport.api import logs
    from slotport.api.serving import listening, settle
    from slotport.api.serving import serve as run

    logs.configure(settings)
    try:
        listener = listening(settings)
    except OSError as error:
        complain(f"cannot listen on {settings.host}, port {settings.port}: {error.strerror or error}")
        raise typer.Exit(FAILED) from error
    with listener:
        if processes == 1:
            run(settings, listener, jobs.worker)
            return
        settle()  # the processes share what is here now
        try:
            status = run_processes(
                processes,
                lambda: run(settings, listener, jobs.worker),
                shutdown_seconds=settings.shutdown_seconds,
                ended=mark_process_dead,
            )
        finally:
            shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
    raise typer.Exit(status)
