"""Lines of rows (``dump``) become the rows of an empty store, in one transaction (docs/backup.md).

An archive of an older Slotport is filled into the schema that it was made with, and then migrated.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, Table, delete, func, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from slotport.core.export import Outcome, TransportState
from slotport.errors import Conflict, Unavailable
from slotport.storage import schema
from slotport.storage.dump import LEFT_OUT, Kind, Shape, engine_of, serial, sqlite_file
from slotport.storage.dump import shapes as all_shapes
from slotport.storage.engine import insert_many, unavailable
from slotport.storage.instants import milliseconds
from slotport.storage.store import Transaction
from slotport.storage.tables_exports import export_run, export_transport, metadata

#: tables with a row in every new store
_COUNTERS = frozenset({"counter", "event_counter"})
_TYPES: dict[Kind, type] = {"integer": int, "real": float, "text": str, "boolean": bool, "bytes": bytes}


class Rejected(Exception):
    """The database does not take the rows; the text says why."""


class Target:
    """An empty store that is being filled; nothing of it stays unless the block of ``filling`` comes to its end."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.connection = transaction.connection
        self._driver: Any = self.connection.dialect.loaded_dbapi

    def put(self, shape: Shape, lines: bytes) -> int:
        """Add rows; how many. Raises Rejected for lines that are none, and for what the database does not take."""
        # the values' kinds are known only now
        row: Any = tuple[tuple(_TYPES[kind] | None for _, kind in shape.columns)]  # type: ignore[misc]
        try:
            rows: Sequence[Sequence[Any]] = msgspec.json.Decoder(row).decode_lines(lines)
            names = [name for name, _ in shape.columns]
            insert_many(self.connection, Table(shape.name, MetaData()), names, rows)
        except (msgspec.MsgspecError, UnicodeDecodeError) as cause:
            raise Rejected(f"{shape.name}: {cause}") from cause
        except (DBAPIError, self._driver.Error) as cause:  # a COPY fails with the driver's own errors
            raise self._failure(shape.name, cause.orig if isinstance(cause, DBAPIError) else cause) from cause
        return len(rows)

    def _failure(self, name: str, cause: BaseException | None) -> Exception:
        text = str(cause).partition("\n")[0]  # what follows may show a row
        if isinstance(cause, self._driver.OperationalError | self._driver.InterfaceError):
            return Unavailable(f"the database failed: {text}")
        return Rejected(f"{name}: {text}")

    def broken_links(self) -> list[str]:
        """The tables with rows that refer to rows which are not there."""
        if self.connection.dialect.name != "sqlite":
            return []  # PostgreSQL did not take them
        return sorted({str(row[0]) for row in self.connection.exec_driver_sql("PRAGMA foreign_key_check")})

    def migrate(self) -> None:
        """Bring the filled tables to this program's schema."""
        command.upgrade(_config(self.connection), "head")

    def set_sequences(self, given: dict[str, int]) -> None:
        """Let the database go on with numbers after those that it gave, and those that the rows have."""
        if self.connection.dialect.name == "sqlite":
            self._set_sqlite_sequences(given)
            return
        for shape in all_shapes():
            if sequence := serial(self.transaction, shape):
                table = metadata.tables[shape.name]
                last = max(self.connection.scalar(select(func.max(table.c.id))) or 0, given.get(shape.name, 0))
                if last:
                    self.connection.execute(select(func.setval(sequence, last)))

    def _set_sqlite_sequences(self, given: dict[str, int]) -> None:
        counting = self.connection.scalars(
            text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
        ).all()
        for name in sorted(given.keys() & set(counting)):
            values = {"name": name, "last": given[name]}
            done = self.connection.execute(
                text("UPDATE sqlite_sequence SET seq = max(seq, :last) WHERE name = :name"), values
            )
            if not done.rowcount:
                self.connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)

    def deliver_again(self, now: datetime) -> int:
        """Let deliveries that were under way begin anew: the jobs that did them are not in the archive; how many."""
        table = export_transport
        done = self.connection.execute(
            update(table)
            .where(
                table.c.state.in_((TransportState.PENDING, TransportState.PROCESSING)),
                table.c.job_id.is_not(None),
            )
            .values(state=TransportState.PENDING, job_id=None, next_attempt_at=milliseconds(now))
        )
        return done.rowcount

    def runs_under_way(self) -> list[str]:
        """The ids of runs that nobody works on any more."""
        query = select(export_run.c.id).where(export_run.c.outcome == Outcome.RUNNING).order_by(export_run.c.id)
        return list(self.connection.scalars(query))


@contextmanager
def filling(url: str, revision: str, shapes: Sequence[Shape]) -> Iterator[Target]:
    """An empty store of that schema until the end of the block, which commits; an error leaves nothing of it.

    Raises Conflict if the store is not empty, WrongSchema if a newer program made the archive.
    """
    file = sqlite_file(url)
    engine = engine_of(url)
    is_new = file is not None and not file.exists()
    is_done = False
    try:
        _refuse_unless_empty(engine, revision)
        with engine.connect().execution_options(write=True) as connection, _unlinked(connection), connection.begin():
            command.upgrade(_config(connection), revision)
            for shape in shapes:
                connection.execute(delete(Table(shape.name, MetaData())))
            yield Target(Transaction(connection))
        is_done = True
    except DBAPIError as cause:
        if error := unavailable(cause):
            raise error from cause
        raise
    finally:
        engine.dispose()
        if file is not None and is_new and not is_done:
            for ending in ("", "-wal", "-shm"):
                file.with_name(f"{file.name}{ending}").unlink(missing_ok=True)


def _refuse_unless_empty(engine: Engine, revision: str) -> None:
    _refuse_newer(revision)
    found = schema.found(engine)
    there = set(inspect(engine).get_table_names())
    if found is None:
        if taken := sorted(there & set(metadata.tables)):
            raise Conflict(f"another program keeps its table {taken[0]} in this database: restore into an empty one")
        return
    if found != revision:
        raise Conflict(
            f"the database has the tables of schema {found} already, the backup those of {revision}:"
            " restore into a database without tables"
        )
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            if table.name in there - LEFT_OUT - _COUNTERS and connection.execute(select(1).select_from(table)).first():
                raise Conflict("the store is not empty: a backup is restored into an empty one only")


def _refuse_newer(revision: str) -> None:
    if all(script.revision != revision for script in ScriptDirectory.from_config(_config()).walk_revisions()):
        raise schema.WrongSchema(f"a newer Slotport made this backup (schema {revision}): install that version")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _unlinked(connection: Connection) -> Iterator[None]:
    """SQLite looks at references at the end only (``broken_links``), since migrations rebuild tables."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")
