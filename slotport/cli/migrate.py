"""``slotport migrate``: the database's schema."""

import typer

from slotport.cli.common import Config, Data, Database, read_settings


def migrate(database: Database = None, data: Data = None, config: Config = None) -> None:
    """Bring the database's schema up to date.

    An SQLite file is copied beside itself before (`.before-<revision>`). All of it is one transaction.

    Exit status: 0 the schema is up to date; 1 it was made by a newer Slotport or the database failed, the reason
    stands on standard error; 2 the command line or a setting is wrong.
    """
    # the database's libraries take half a second that a help text need not wait for
    from slotport.storage import schema
    from slotport.storage.store import Store

    settings = read_settings(config, database=database, data=data)
    store = Store.open(settings.database_url)
    try:
        store.ping()
        before, after = schema.migrate(store.engine)
    finally:
        store.close()
    typer.echo(f"schema {after}: " + ("was up to date" if before == after else f"before it was {before or 'empty'}"))
