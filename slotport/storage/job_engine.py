"""What the engine of durable jobs needs of the database: its own connections, and a lock that one process has."""

import fcntl
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from slotport.errors import Unavailable
from slotport.storage.engine import prepare_sqlite

TIMEOUT_SECONDS = 3600  #: how long the tables of jobs wait for a long import
LOCK_KEY = 0x510750  #: of PostgreSQL's advisory lock


def open_job_engine(url: str) -> Engine:
    """An engine for the tables of durable jobs, which lie in the same database; its writers wait as long as it takes.

    On SQLite each of its transactions is a writing one from its beginning.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(
            parsed,
            pool_size=8,
            max_overflow=4,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "application_name": "slotport-jobs"},
        )
    engine = create_engine(
        parsed,
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=8,
        connect_args={"timeout": TIMEOUT_SECONDS, "check_same_thread": False},
    )

    def prepare(connection: sqlite3.Connection, record: object) -> None:
        prepare_sqlite(connection, record)
        connection.isolation_level = "IMMEDIATE"
        connection.execute(f"PRAGMA busy_timeout={TIMEOUT_SECONDS * 1000}")
        connection.execute("PRAGMA cache_size=-512")

    event.listen(engine, "connect", prepare)
    return engine


class EngineLock:
    """Says which of all processes on one database has the job engine; ends with the process that holds it.

    On SQLite a lock on a file beside the database's, on PostgreSQL one of a session.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._file: IO[bytes] | None = None
        self._session: Connection | None = None

    def take(self) -> bool:
        """Whether this process holds it now. Raises Unavailable if the database is away."""
        if self._engine.dialect.name == "sqlite":
            return self._file is not None or self._take_file()
        return self._take_session()

    def release(self) -> None:
        """Let others have it."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._session is not None:
            with suppress(DBAPIError):
                self._session.invalidate()
            self._session.close()
            self._session = None

    def _take_file(self) -> bool:
        file = Path(f"{self._engine.url.database}.serving").open("ab")  # noqa: SIM115 - open as long as the lock is held
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def _take_session(self) -> bool:
        try:
            if self._session is None:
                self._session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            held = self._session.exec_driver_sql(
                "SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %(key)s"
                " AND pid = pg_backend_pid() AND granted) THEN true ELSE pg_try_advisory_lock(%(key)s) END",
                {"key": LOCK_KEY},
            ).scalar()
        except (DBAPIError, PoolTimeout) as cause:
            self.release()
            raise Unavailable("the database is away") from cause
        return bool(held)
