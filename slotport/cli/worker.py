"""``slotport worker``: works on exports, and answers nobody."""

import signal
import threading
from typing import Annotated

import typer

from slotport.cli.common import WRONG_USE, Config, Data, Database, complain, read_settings


def worker(
    base_url: Annotated[
        str | None, typer.Option(help="The address that people use, for links in mails and files (SLOTPORT_BASE_URL).")
    ] = None,
    database: Database = None,
    data: Data = None,
    config: Config = None,
) -> None:
    """Work on the exports of a PostgreSQL database until SIGTERM or SIGINT, beside any number of servers and workers.

    Servers, workers and whoever reads results need the same files (SLOTPORT_FILES) and the same SLOTPORT_SECRET_KEY.
    How many exports run at a time says SLOTPORT_EXPORT_WORKERS.

    Exit status: 0 stopped by a signal; 1 the database cannot be used, the reason stands on standard error; 2 the
    command line or a setting is wrong.
    """
    # the libraries take half a second that a help text need not wait for
    from slotport import jobs
    from slotport.api import logs
    from slotport.api.serving import work

    settings = read_settings(config, database=database, data=data, base_url=base_url)
    if settings.database_url.startswith("sqlite"):
        complain("an SQLite file has its only worker in `slotport serve`: set a PostgreSQL database")
        raise typer.Exit(WRONG_USE)
    if not settings.base_url:
        complain("set SLOTPORT_BASE_URL, or give --base-url: links in mails and files begin with it")
        raise typer.Exit(WRONG_USE)
    if settings.export_workers == 0:
        complain("SLOTPORT_EXPORT_WORKERS is 0: a worker would do nothing")
        raise typer.Exit(WRONG_USE)
    logs.configure(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work(settings, stop, jobs.worker)
