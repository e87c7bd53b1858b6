"""What the engine of durable jobs needs of the database: its own connections, and a lock on a file."""

import fcntl
import sqlite3
from pathlib import Path
from typing import IO

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool

from slotport.storage.engine import BUSY_TIMEOUT_SECONDS, prepare_sqlite
from slotport.storage.reach import postgresql_options, prepare_postgresql

TIMEOUT_SECONDS = 3600  #: how long the tables of jobs wait for a long import


def open_job_engine(url: str, connections: int) -> Engine:
    """An engine for the tables of durable jobs, which lie in the same database, with so many connections to PostgreSQL.

    On SQLite each of its transactions is a writing one from its beginning, and waits as long as it takes.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(
            parsed,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=BUSY_TIMEOUT_SECONDS,
            connect_args=postgresql_options(parsed, "slotport-jobs"),
        )
        prepare_postgresql(engine, lock_seconds=BUSY_TIMEOUT_SECONDS)
        return engine
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


class FileLock:
    """Says which process serves an SQLite file: a lock on a file beside it, which ends with its process."""

    def __init__(self, engine: Engine) -> None:
        self._path = Path(f"{engine.url.database}.serving")
        self._file: IO[bytes] | None = None

    def take(self) -> bool:
        """Whether this process holds it now."""
        if self._file is not None:
            return True
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Let others have it."""
        if self._file is not None:
            self._file.close()
            self._file = None
