"""Store: the database, one transaction at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from sqlalchemy import Connection, Engine, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from slotport.errors import SlotportError, Unavailable
from slotport.storage import tables
from slotport.storage.engine import IDLE_SECONDS, Checkpoints, WriteLock, impatient, open_engine, unavailable
from slotport.storage.guard import Guard, OtherSchema
from slotport.storage.reach import AWAY, Door


class Transaction:
    """One transaction. A reading one sees one snapshot and never writes."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._change: int | None = None
        self._ids: range = range(0)

    @property
    def change(self) -> int:
        """The number of this commit. The first look takes it, and makes every other writer of objects wait."""
        if self._change is None:
            self._change = self._take(0)
        return self._change

    def object_ids(self, count: int) -> range:
        """``count`` ids for new slots, groups and all else that shares their sequence."""
        last = self._take(count)
        taken = range(last - count + 1, last + 1)
        self._ids = range(self._ids.start if self._ids else taken.start, taken.stop)
        return taken

    @property
    def ids_taken(self) -> range:
        """All ids that this transaction took, and no other one did: the counter's row is its own until it ends."""
        return self._ids

    def roll_back(self) -> None:
        """Give up all changes so far; nothing more may be done in this transaction."""
        if (open_one := self.connection.get_transaction()) is not None:
            open_one.rollback()

    def _take(self, ids: int) -> int:
        """Take ``ids`` object ids, and the commit's change number if it has none; the last id or that number."""
        step = 0 if self._change is not None else 1
        row = self.connection.execute(
            update(tables.counter)
            .values(change=tables.counter.c.change + step, object_id=tables.counter.c.object_id + ids)
            .returning(tables.counter.c.change, tables.counter.c.object_id)
        ).one()
        if self._change is None:
            self._change = int(row.change)
        return int(row.object_id) if ids else self._change


class Store:
    """The database behind every surface; safe to use from any thread."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._door = Door(engine)
        self._write_lock = WriteLock(engine)
        self._checkpoints = Checkpoints(engine) if engine.dialect.name == "sqlite" else None
        self._guard: Guard | None = None

    @classmethod
    def open(cls, url: str, *, connections: int = 24) -> Self:
        """The store at an SQLAlchemy URL. Its schema is not looked at: see migrations."""
        return cls(open_engine(url, connections=connections))

    @property
    def is_shared(self) -> bool:
        """Whether several processes may work on the database: it is PostgreSQL."""
        return self.engine.dialect.name == "postgresql"

    def require(self, revision: str, told: Callable[[str], None]) -> None:
        """Refuse all transactions from now on (OtherSchema) whenever the schema's revision is another one.

        ``told`` gets that one when it is first seen.
        """
        self._guard = Guard(revision, told)

    def close(self) -> None:
        """Close all connections that are not in use."""
        if self._checkpoints is not None:
            self._checkpoints.stop()
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that sees one snapshot. Raises Unavailable if the database is away."""
        with self._translated(), self._door.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                if self._guard is not None:
                    self._guard.before_reading(connection)
                yield Transaction(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction that is committed at the end of the block, and rolled back on an error.

        Raises Unavailable if the database is away, full, or held by another writer for too long.
        """
        with self._translated(), self._write_lock.held(), self._door.connect() as connection:
            connection = connection.execution_options(write=True)
            with connection.begin():
                if self.is_shared:
                    connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
                if self._guard is not None:
                    self._guard.before_writing(connection)
                yield Transaction(connection)

    def write_if_free(self, change: Callable[[Transaction], None]) -> bool:
        """Make a change that may as well not be made: only if no other writer is at work, and no matter if it fails."""
        with self._write_lock.held_if_free() as is_held:
            if not is_held:
                return False
            try:
                with (
                    self._door.connect().execution_options(write=True) as connection,
                    impatient(connection),
                    connection.begin(),
                ):
                    if self._guard is not None:
                        self._guard.before_writing(connection)
                    change(Transaction(connection))
            except (DBAPIError, PoolTimeout, Unavailable):
                return False
        return True

    def ping(self) -> None:
        """Return if the database answers; raises Unavailable."""
        with self.read() as transaction:
            transaction.connection.execute(text("SELECT 1"))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeout as cause:
            raise Unavailable("the server has too much to do; try again") from cause
        except DBAPIError as cause:
            if error := unavailable(cause) or self._upgrade(cause):
                raise error from cause
            raise
        except self.engine.dialect.loaded_dbapi.OperationalError as cause:
            # the connection broke while SQLAlchemy set its kind of transaction, which it does not look after
            raise Unavailable(AWAY) from cause

    def _upgrade(self, error: DBAPIError) -> Unavailable | None:
        """What the error says if it comes from a schema that another version made."""
        if self._guard is None or not self._guard.is_suspect(error):
            return None
        try:
            self.ping()
        except OtherSchema as cause:
            return cause
        except SlotportError:
            return None
        return None
