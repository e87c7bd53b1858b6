"""Keeps a program off a database that another version of Slotport migrated meanwhile (docs/operations.md, "Upgrading").

A writer looks at the schema's revision in its own transaction, on PostgreSQL below a lock that a migration has alone:
nothing is written into a schema that the program does not know. Readers look every few seconds, and when a statement
fails because a table or column is another one: they change nothing.
"""

import threading
import time
from collections.abc import Callable

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from slotport.errors import Unavailable
from slotport.storage.engine import as_ours

LOCK_KEY = 0x510752  #: of PostgreSQL's advisory lock: a migration has it alone, writers share it
LOOK_SECONDS = 3.0  #: between two looks of readers
REVISION = "SELECT version_num FROM alembic_version"
OTHER_SCHEMA = "Slotport is being upgraded; try again"
RETRY_SECONDS = 10
_BAD_NAMES = ("42P01", "42703")  #: PostgreSQL's: there is no such table, or no such column


class OtherSchema(Unavailable):
    """Another version of Slotport migrated the database meanwhile; nothing was changed."""


class Guard:
    """Refuses transactions as long as the schema is another one. ``told`` gets its revision when that is first seen."""

    def __init__(self, revision: str, told: Callable[[str], None]) -> None:
        self._revision = revision
        self._told = told
        self._looked_at = time.monotonic()
        self._lock = threading.Lock()
        self._is_refusing = False

    def before_writing(self, connection: Connection) -> None:
        """Return if the transaction, which just began, may write; no migration begins before it is over.

        Raises OtherSchema.
        """
        self._look(connection, lock=connection.dialect.name == "postgresql")

    def before_reading(self, connection: Connection) -> None:
        """Return if the transaction may read. Raises OtherSchema."""
        if self._is_refusing or time.monotonic() - self._looked_at > LOOK_SECONDS:
            self._look(connection)

    def is_suspect(self, error: DBAPIError) -> bool:
        """Whether the error may come from another schema: readers look at once then."""
        if getattr(error.orig, "sqlstate", None) not in _BAD_NAMES:
            return False
        self._looked_at = -LOOK_SECONDS
        return True

    def _look(self, connection: Connection, *, lock: bool = False) -> None:
        statement = f"SELECT pg_advisory_xact_lock_shared({LOCK_KEY}); {REVISION}" if lock else REVISION
        with as_ours(connection, statement) as cursor:
            # in one message, and each statement sees what was committed before it
            cursor.execute(statement, **({"prepare": False} if lock else {}))
            while lock and cursor.nextset():
                pass
            row = cursor.fetchone()
        found = row[0] if row else ""
        self._looked_at = time.monotonic()
        with self._lock:
            is_new = found != self._revision and not self._is_refusing
            self._is_refusing = found != self._revision
        if is_new:
            self._told(found)
        if found != self._revision:
            raise OtherSchema(OTHER_SCHEMA, retry_after_seconds=RETRY_SECONDS)
