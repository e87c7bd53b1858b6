"""The store that the settings name, ready to use: a file's schema is brought up to date, a server's only looked at."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from slotport.errors import SlotportError, Unavailable
from slotport.settings import Settings
from slotport.storage import schema
from slotport.storage.store import Store

log = structlog.get_logger("slotport")

SOUND_SQLITE = (3, 51, 3)  #: older ones can, very rarely, damage a file (sqlite.org/wal.html, "The WAL-Reset Bug")


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """The store until the end of the block; an SQLite file is made or migrated first, an older one copied before.

    When another version migrates it meanwhile, all transactions are refused (OtherSchema). Raises WrongSchema, whose
    text says what to do, for a newer schema, and on PostgreSQL for any other; Unavailable if the database is away.
    """
    try:
        store = Store.open(settings.database_url, connections=settings.connections)
    except ModuleNotFoundError as cause:
        raise SlotportError("PostgreSQL needs more of Slotport: install slotport[postgresql]") from cause
    except OSError as cause:
        raise Unavailable(f"the folder of the database cannot be made: {cause}") from cause
    try:
        store.ping()
        if is_file(store):
            before, after = schema.migrate(store.engine)
            if before != after:
                log.info("the schema was brought up to date", before=before, after=after)
        else:
            schema.check(store.engine)
        store.require(schema.wanted(), _tell_of_upgrade)
        yield store
    finally:
        store.close()


def _tell_of_upgrade(revision: str) -> None:
    log.error("the database has another schema now: this program reads and writes nothing more", schema=revision)


def is_file(store: Store) -> bool:
    """Whether the store is an SQLite file."""
    return store.engine.dialect.name == "sqlite"


def warn_of_old_sqlite(store: Store) -> None:
    """Log a warning if this machine's SQLite has a known fault."""
    driver = store.engine.dialect.dbapi
    if is_file(store) and driver is not None and driver.sqlite_version_info < SOUND_SQLITE:
        log.warning(
            "this SQLite can, very rarely, damage its file when it is busy; 3.51.3 and later cannot",
            version=driver.sqlite_version,
        )
