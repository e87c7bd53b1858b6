"""The schema's version: what a database has, what this program wants, and the way from one to the other."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError

from slotport.errors import SlotportError
from slotport.storage.engine import unavailable
from slotport.storage.guard import LOCK_KEY
from slotport.storage.tables_exports import metadata

MIGRATIONS = Path(__file__).parent / "migrations"


class WrongSchema(SlotportError):
    """The database's schema is not the one that this program works with; the text says what to do."""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def wanted() -> str:
    """The revision that this program works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise WrongSchema("this installation of Slotport is damaged: it has no migrations; install it again")
    return head


def found(engine: Engine) -> str | None:
    """The revision that the database has; None if it is empty. Raises Unavailable if the database is away."""
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as cause:
        if error := unavailable(cause):
            raise error from cause
        raise


def _is_known(revision: str) -> bool:
    return any(script.revision == revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def migrate(engine: Engine) -> tuple[str | None, str]:
    """Bring the schema to the wanted revision; the one found before, and the wanted one.

    An SQLite file that holds an older schema is first copied beside itself (``.before-<revision>``). All of the
    migration is one transaction. Of several programs that do it at once one does, the others wait and find it done.
    Raises WrongSchema if a newer program made the database.
    """
    target = wanted()
    if found(engine) == target:
        return target, target
    with (
        engine.connect().execution_options(write=True) as connection,
        _no_foreign_keys(connection),
        connection.begin(),
    ):
        if connection.dialect.name == "postgresql":  # until all writers are done; SQLite has one anyway
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_KEY})")
        before = MigrationContext.configure(connection).get_current_revision()
        if before != target:
            _refuse_foreign(connection, before)
            if before is not None and engine.dialect.name == "sqlite" and engine.url.database:
                _copy(Path(engine.url.database), before)
            command.upgrade(_config(connection), "head")
    return before, target


def _refuse_foreign(connection: Connection, before: str | None) -> None:
    """Raise WrongSchema if the database is another program's, or a newer Slotport's."""
    if before is None and (taken := sorted(set(inspect(connection).get_table_names()) & set(metadata.tables))):
        raise WrongSchema(f"another program keeps its table {taken[0]} in this database: give Slotport one of its own")
    if before is not None and not _is_known(before):
        raise WrongSchema(_newer(before))


def check(engine: Engine) -> None:
    """Return if the database has the wanted schema; raises WrongSchema, whose text says what to do."""
    revision = found(engine)
    if revision == wanted():
        return
    if revision is None or _is_known(revision):
        raise WrongSchema("the database needs its schema brought up to date: run `slotport migrate`")
    raise WrongSchema(_newer(revision))


def _newer(revision: str) -> str:
    return f"a newer Slotport made this database (schema {revision}): install that version, or restore a backup"


@contextmanager
def _no_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite rebuilds a table to change it, which must not cascade; only outside a transaction can that be said."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection
    if raw is None:
        raise WrongSchema("the database connection was lost")
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _copy(file: Path, revision: str) -> None:
    target = file.with_name(f"{file.name}.before-{revision}")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
