"""What SQLite and PostgreSQL need differently, and nothing else does (docs/design/storage.md)."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import chain, islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Engine,
    Table,
    any_,
    create_engine,
    event,
    literal,
    make_url,
)
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from slotport.errors import Invalid, Unavailable
from slotport.storage.reach import AWAY, postgresql_options, prepare_postgresql
from slotport.storage.search_text import add_functions

BUSY_TIMEOUT_SECONDS = 60
CHECKPOINT_SECONDS = 1.0
CHECKPOINT_BYTES = 4 * 1024 * 1024  #: size of the log beyond which it is written back
TRUNCATE_BYTES = 64 * 1024 * 1024  #: … and beyond which writers wait for that
INSERT_ROWS = 2000  #: rows looked at together
PARAMETERS = 999  #: of one statement of SQLite, whichever version
IDLE_SECONDS = 20  #: a writer that does nothing for so long is frozen, or its machine gone: others need its locks
BUSY = "the store is busy with a long change; try again"
FULL = "the store's disk is full or failing; nothing was changed"


def open_engine(url: str, *, connections: int = 24) -> Engine:
    """An engine for the database at an SQLAlchemy URL; ``connections`` bounds how many are open at once."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as cause:  # the cause may hold the password: it is not shown
        raise Invalid.of(
            "database", "is not an address such as postgresql+psycopg://user:password@host/name"
        ) from cause
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            parsed,
            poolclass=QueuePool,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=BUSY_TIMEOUT_SECONDS,
            connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        )
        event.listen(engine, "connect", prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=BUSY_TIMEOUT_SECONDS,
            connect_args=postgresql_options(parsed, "slotport"),
        )
        prepare_postgresql(engine, lock_seconds=BUSY_TIMEOUT_SECONDS)
        return engine
    raise ValueError(f"Slotport stores in sqlite or postgresql, not in {parsed.get_backend_name()}")


def prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Set a new connection to how Slotport uses SQLite."""
    # transactions are ours alone (_begin_sqlite): Python's sqlite3 would open them late
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
        "journal_size_limit=67108864",
        "wal_autocheckpoint=0",  # only Checkpoints does that
        "cache_size=-8192",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")
    add_functions(connection)


def _begin_sqlite(connection: Connection) -> None:
    # a deferred transaction that turns into a writer fails at once, whatever the timeout
    write = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


class WriteLock:
    """Lets one writer of this process at SQLite's door at a time: its own waiting sleeps, and is unfair."""

    def __init__(self, engine: Engine) -> None:
        self._lock = threading.Lock() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock; raises Unavailable when it does not come free."""
        if self._lock is None:
            yield
            return
        if not self._lock.acquire(timeout=BUSY_TIMEOUT_SECONDS):
            raise Unavailable(BUSY)
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def held_if_free(self) -> Iterator[bool]:
        """Hold the lock if nobody else does; whether it is held."""
        is_held = self._lock is None or self._lock.acquire(blocking=False)
        try:
            yield is_held
        finally:
            if is_held and self._lock is not None:
                self._lock.release()


@contextmanager
def impatient(connection: Connection) -> Iterator[None]:
    """Transactions of the connection do not wait for others, but fail."""
    if connection.dialect.name == "sqlite":
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute("PRAGMA busy_timeout=0")
            try:
                yield
            finally:
                cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")
        return
    event.listen(connection, "begin", lambda begun: begun.exec_driver_sql("SET LOCAL lock_timeout = '50ms'"))
    yield


class Checkpoints:
    """The one thread that writes SQLite's log back into its file.

    SQLite before 3.51.3 can, very rarely, damage a file when two connections do that at once while one commits
    (sqlite.org/wal.html, "The WAL-Reset Bug").
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._log = Path(f"{engine.url.database}-wal")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(CHECKPOINT_SECONDS):
            try:
                size = self._log.stat().st_size
            except OSError:
                continue
            if size > CHECKPOINT_BYTES:
                self._write_back("TRUNCATE" if size > TRUNCATE_BYTES else "PASSIVE")

    def _write_back(self, mode: str) -> None:
        # when the disk is full or a reader holds on, the next round tries again
        with (
            suppress(sqlite3.Error, DBAPIError, PoolTimeout),
            closing(self._engine.raw_connection()) as connection,
        ):
            cursor = connection.cursor()
            cursor.execute("PRAGMA busy_timeout=1000")
            try:
                cursor.execute(f"PRAGMA wal_checkpoint({mode})")
            finally:
                cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")

    def stop(self) -> None:
        """End the thread; SQLite itself writes the log back when the last connection closes."""
        self._stop.set()
        self._thread.join(timeout=5)


def unavailable(error: DBAPIError) -> Unavailable | None:
    """What the error says of a store that cannot serve now; None if it is about the statement itself."""
    if error.connection_invalidated:
        return Unavailable("the database went away; try again")
    if (found := _STATES.get(getattr(error.orig, "sqlstate", None) or "")) is not None:
        return Unavailable(found[0], retry_after_seconds=found[1])
    text = str(error.orig).lower()
    if error.__class__.__name__ == "OperationalError":
        if "full" in text or "no space" in text or "disk i/o" in text:
            return Unavailable(FULL, retry_after_seconds=60)
        if "locked" in text or "busy" in text:
            return Unavailable(BUSY)
        return Unavailable(AWAY)
    if "not a database" in text or "malformed" in text:
        return Unavailable("the file is not an SQLite database, or it is damaged", retry_after_seconds=60)
    return None


#: PostgreSQL's codes, where the kind of error does not say enough: text, seconds to wait
_STATES = {
    "25006": ("the database is read-only now; try again", 5),  # it became, or is not yet, the standby of another
    "40001": (BUSY, 1),
    "40P01": (BUSY, 1),
    "53100": (FULL, 60),
    "53200": ("the database has no memory left; try again", 30),
    "53300": ("the database has no connection left; try again", 5),
    "55P03": (BUSY, 5),
    "57014": ("the database was told to stop looking; try again", 5),
    "58030": (FULL, 60),
    "XX001": ("the database is damaged", 60),
    "XX002": ("the database is damaged", 60),
}


def insert_many(connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert plain tuples, in the order of ``names``, as fast as the database takes them.

    The values go to the driver as they are: str, int, float, bool, bytes or None.
    """
    if isinstance(rows, list) and not rows:
        return
    columns = ", ".join(f'"{name}"' for name in names)
    into = f'"{table.name}" ({columns})'
    if connection.dialect.name == "sqlite":
        iterator = iter(rows)
        while chunk := list(islice(iterator, INSERT_ROWS)):
            _insert_sqlite(connection, f"INSERT INTO {into} VALUES ", chunk)
        return
    with as_ours(connection, "COPY") as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert_sqlite(connection: Connection, insert: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert many rows with each statement, and with what a column says in all rows in its text: half the time."""
    columns = list(zip(*rows, strict=True))
    literals = [None, *map(_literal, columns[1:])]  # one column at least is handed over
    handed = [column for column, literal in zip(columns, literals, strict=True) if literal is None]
    values = tuple(chain.from_iterable(zip(*handed, strict=True)))
    row = f"({', '.join(literal or '?' for literal in literals)})"
    size = PARAMETERS // len(handed) * len(handed)
    whole = len(values) // size * size
    if whole:
        blocks = [values[at : at + size] for at in range(0, whole, size)]
        connection.exec_driver_sql(insert + ", ".join([row] * (size // len(handed))), blocks)
    if rest := values[whole:]:
        connection.exec_driver_sql(insert + ", ".join([row] * (len(rest) // len(handed))), rest)


def _literal(column: Sequence[Any]) -> str | None:
    """A column that says one thing only as SQL, if that is a whole number, a truth value, None or no text."""
    first = column[0]
    if column.count(first) < len(column):
        return None
    if isinstance(first, int):
        return str(int(first))
    return {None: "NULL", "": "''"}.get(first)


def among(connection: Connection, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether the column has one of the values, which PostgreSQL gets as one parameter however many they are."""
    if connection.dialect.name == "sqlite":
        return column.in_(values)
    return column == any_(literal(list(values), ARRAY(column.type)))


def update_many(
    connection: Connection, table: Table, key: str, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Update columns of rows: plain tuples, each a row's ``key`` and then its new values in the order of ``names``."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        assigned = ", ".join(f'"{name}" = ?' for name in names)
        statement = f'UPDATE "{table.name}" SET {assigned} WHERE "{key}" = ?'
        connection.exec_driver_sql(statement, [(*row[1:], row[0]) for row in rows])
        return
    # one statement and one list a column: a temporary table would leave rows in PostgreSQL's own tables each time
    columns = [key, *names]
    types = [table.c[name].type.compile(connection.dialect).partition(" COLLATE")[0] for name in columns]
    lists = ", ".join(f"%s::{'bigint' if kind == 'BIGSERIAL' else kind}[]" for kind in types)
    listed = ", ".join(f'"{name}"' for name in columns)
    assigned = ", ".join(f'"{name}" = new."{name}"' for name in names)
    statement = (
        f'UPDATE "{table.name}" SET {assigned} FROM unnest({lists}) AS new ({listed})'
        f' WHERE "{table.name}"."{key}" = new."{key}"'
    )
    connection.exec_driver_sql(statement, tuple(list(values) for values in zip(*rows, strict=True)))


@contextmanager
def as_ours(connection: Connection, statement: str) -> Iterator[Any]:
    """A cursor of the driver's own, whose errors become SQLAlchemy's, as those of all other statements are."""
    raw, dialect = connection.connection, connection.dialect
    driver = dialect.loaded_dbapi
    cursor = raw.cursor()
    try:
        yield cursor
    except driver.Error as cause:
        is_gone = dialect.is_disconnect(cause, raw, cursor)
        if is_gone:
            connection.invalidate(cause)
        raise DBAPIError.instance(
            statement, None, cause, driver.Error, connection_invalidated=is_gone, dialect=dialect
        ) from cause
    finally:
        cursor.close()
