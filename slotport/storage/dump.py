"""A store's rows as lines of JSON that say the same whatever the database (docs/backup.md).

A line is an array of a row's values in the order of its table's ``Shape``; bytes are base64. The rows of a table come
by its key, texts by code point, so that equal tables give equal lines on SQLite and PostgreSQL.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Engine,
    LargeBinary,
    Text,
    column,
    func,
    inspect,
    make_url,
    select,
    table,
    text,
)
from sqlalchemy import Table as AnyTable
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.types import Float, Integer, String, TypeEngine

from slotport.errors import NotFound, SlotportError
from slotport.storage import schema
from slotport.storage.engine import open_engine, unavailable
from slotport.storage.store import Transaction
from slotport.storage.tables_exports import metadata

Kind = Literal["integer", "real", "text", "boolean", "bytes"]
#: what is worth nothing elsewhere: texts that the next export makes anew, processes, and tries that are soon forgotten
LEFT_OUT = frozenset({"rendering", "worker", "tries"})
BATCH = 250  #: rows in memory
_TYPES: dict[Kind, TypeEngine[Any]] = {
    "integer": BigInteger(),
    "real": Float(53),
    "text": Text(),
    "boolean": Boolean(),
    "bytes": LargeBinary(),
}
_SQL_TYPES: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (Boolean, "boolean"),
    (Integer, "integer"),
    (Float, "real"),
    (LargeBinary, "bytes"),
    (String, "text"),
)


class Shape(Struct, frozen=True, kw_only=True):
    """A table as an archive describes it: any later program can fill one of that schema again."""

    name: str
    columns: tuple[tuple[str, Kind], ...]
    key: tuple[str, ...]  #: names of columns; the rows come in its order


class Counted(Struct, frozen=True, kw_only=True):
    """What a table holds: how many rows, and the SHA-256 of their lines, in hex."""

    rows: int
    sha256: str


class Counting:
    """Counts lines as they pass."""

    def __init__(self) -> None:
        self.rows = 0
        self._digest = sha256()

    def add(self, rows: int, lines: bytes) -> None:
        """Count so many rows, and their lines."""
        self.rows += rows
        self._digest.update(lines)

    @property
    def counted(self) -> Counted:
        """What was counted."""
        return Counted(rows=self.rows, sha256=self._digest.hexdigest())


class Source:
    """A store that is only read, while others write."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.database = engine.dialect.name  #: its kind

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """A transaction that sees one moment of the store."""
        with self._engine.connect() as connection:
            if self.database == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield Transaction(connection)


def engine_of(url: str) -> Engine:
    """An engine of a few connections. Raises SlotportError if what PostgreSQL needs is not installed."""
    try:
        return open_engine(url, connections=2)
    except ModuleNotFoundError as cause:
        raise SlotportError("PostgreSQL needs more of Slotport: install slotport[postgresql]") from cause


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database; None of all else."""
    with suppress(ArgumentError, ValueError):  # whoever opens it says what is wrong
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            return Path(parsed.database)
    return None


@contextmanager
def source(url: str) -> Iterator[Source]:
    """The store at an SQLAlchemy URL, as it is.

    Raises NotFound if there is none, WrongSchema if it is of another version, here and in the block Unavailable if it
    is away.
    """
    # not a Store: that would write SQLite's log back, which is for the server alone (engine.Checkpoints)
    if (file := sqlite_file(url)) is not None and not file.is_file():
        raise NotFound(f"there is no store: {file} does not exist")
    engine = engine_of(url)
    try:
        schema.check(engine)
        yield Source(engine)
    except DBAPIError as cause:
        if error := unavailable(cause):
            raise error from cause
        raise
    finally:
        engine.dispose()


def shapes() -> tuple[Shape, ...]:
    """All tables that are kept, each after those that it refers to."""
    return tuple(_shape(one) for one in metadata.sorted_tables if one.name not in LEFT_OUT)


def _shape(one: AnyTable) -> Shape:
    return Shape(
        name=str(one.name),
        columns=tuple((str(column.name), _kind(column.type)) for column in one.columns),
        key=tuple(str(column.name) for column in one.primary_key),
    )


def _kind(type_: TypeEngine[Any]) -> Kind:
    return next(kind for sql_type, kind in _SQL_TYPES if isinstance(type_, sql_type))


def lines(transaction: Transaction, shape: Shape) -> Iterator[tuple[int, bytes]]:
    """The rows of a table as lines, some at a time: how many, and their bytes. Read as a stream."""
    connection = transaction.connection
    columns = {name: column(name, _TYPES[kind]) for name, kind in shape.columns}
    kinds = dict(shape.columns)
    order: list[ColumnElement[Any]] = []
    for name in shape.key:
        by_code_point = kinds[name] == "text" and connection.dialect.name == "postgresql"
        order.append(columns[name].collate("C") if by_code_point else columns[name])
    query = select(*columns.values()).select_from(table(shape.name, *columns.values())).order_by(*order)
    encoder = msgspec.json.Encoder()
    with connection.execute(query, execution_options={"yield_per": BATCH}) as result:
        for rows in result.partitions():
            yield len(rows), encoder.encode_lines([tuple(row) for row in rows])


def counted(transaction: Transaction, shape: Shape) -> Counted:
    """What the table holds."""
    counting = Counting()
    for rows, part in lines(transaction, shape):
        counting.add(rows, part)
    return counting.counted


def sequences(transaction: Transaction) -> dict[str, int]:
    """The last number that the database itself gave to a row, by table; where it remembers one."""
    connection = transaction.connection
    if connection.dialect.name == "sqlite":
        if not inspect(connection).has_table("sqlite_sequence"):
            return {}
        found = connection.execute(text("SELECT name, seq FROM sqlite_sequence ORDER BY name"))
        return {name: int(last) for name, last in found if name in metadata.tables and last}
    last_numbers: dict[str, int] = {}
    for shape in shapes():
        if sequence := serial(transaction, shape):
            last, is_used = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()
            if is_used:
                last_numbers[shape.name] = int(last)
    return last_numbers


def serial(transaction: Transaction, shape: Shape) -> str | None:
    """The sequence, quoted, that gives a table's rows their ids in PostgreSQL."""
    if shape.key != ("id",):
        return None
    found: str | None = transaction.connection.scalar(select(func.pg_get_serial_sequence(f'"{shape.name}"', "id")))
    return found
