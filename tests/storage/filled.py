"""Rows in every table, whatever tables there are: what a backup must carry from one database to the other."""

from hashlib import sha256
from typing import Any

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, SmallInteger, String, insert, text
from sqlalchemy.types import BigInteger

from slotport.storage import dump
from slotport.storage.store import Store
from slotport.storage.tables_exports import metadata

LARGE = 2**53
ODD = "Käse\n\u2028\t\"'\\ 🙂 \ufeff"
STARTS = ("b", "B", "ä", "_", "~", "\U0001f642")  #: that languages and code points put into different orders
COUNTERS = ("counter", "event_counter")


def fill(store: Store, count: int = 6) -> None:
    """Put so many rows into every table that has none in a new store; they refer to each other."""
    with store.write() as transaction:
        for table in metadata.sorted_tables:
            if table.name not in COUNTERS:
                rows = [{column.name: _value(column, number) for column in table.columns} for number in range(count)]
                transaction.connection.execute(insert(table), rows)
        transaction.connection.execute(text(f"UPDATE counter SET change = 77, object_id = {LARGE}"))
        transaction.connection.execute(text("UPDATE event_counter SET last = 4711"))


def lines_of(url: str) -> dict[str, bytes]:
    """Every table's lines."""
    with dump.source(url) as source, source.snapshot() as transaction:
        return {shape.name: b"".join(part for _, part in dump.lines(transaction, shape)) for shape in dump.shapes()}


def _value(column: Column[Any], number: int) -> Any:
    for key in column.foreign_keys:
        return _value(key.column, number)
    if column.nullable and number % 2:
        return None
    kind = column.type
    if isinstance(kind, Boolean):
        return bool(number % 2)
    if isinstance(kind, Integer):
        return number + 1 if _is_small(column) else -LARGE - number
    if isinstance(kind, Float):
        return number / 3
    if isinstance(kind, LargeBinary):
        return sha256(str(number).encode()).digest()[: kind.length or 32]
    start = f"{STARTS[number % len(STARTS)]}{number}"
    if isinstance(kind, String) and kind.length:
        return start[: kind.length]
    return start if column.primary_key else f"{start}{ODD * number}"


def _is_small(column: Column[Any]) -> bool:
    return column.primary_key or isinstance(column.type, SmallInteger) or not isinstance(column.type, BigInteger)
