"""Processes that work on runs, each with the time of its last beat by PostgreSQL's clock (docs/design/exports.md)."""

from sqlalchemy import BigInteger, Select, cast, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from slotport.storage import tables_exports
from slotport.storage.store import Transaction

_worker = tables_exports.worker
_NOW = cast(func.extract("epoch", func.clock_timestamp()) * 1000, BigInteger)
TAKEOVER_KEY = 0x510751  #: of an advisory lock


def beat(transaction: Transaction, worker_id: str, *, host: str, version: str) -> None:
    """Note that the process lives."""
    statement = insert(_worker).values(id=worker_id, host=host, version=version, started_at=_NOW, beat_at=_NOW)
    transaction.connection.execute(
        statement.on_conflict_do_update(index_elements=[_worker.c.id], set_={"beat_at": _NOW})
    )


def living(transaction: Transaction, lease_seconds: int) -> list[str]:
    """The processes that beat not longer ago than that, the one that began first before all others."""
    return list(transaction.connection.scalars(_living(lease_seconds)))


def eldest(transaction: Transaction, lease_seconds: int) -> str | None:
    """The first of ``living``; None if there is none."""
    return transaction.connection.scalar(_living(lease_seconds).limit(1))


def _living(lease_seconds: int) -> Select[str]:
    return (
        select(_worker.c.id)
        .where(_worker.c.beat_at > _NOW - lease_seconds * 1000)
        .order_by(_worker.c.started_at, _worker.c.id)
    )


def seconds_since_beat(transaction: Transaction) -> float | None:
    """How long ago any process beat; None if none ever did, or all ended in order."""
    beat_at = transaction.connection.scalar(select(func.max(_worker.c.beat_at)))
    return None if beat_at is None else float(transaction.connection.scalar(select(_NOW - beat_at)) or 0) / 1000


def of_host(transaction: Transaction, host: str) -> list[str]:
    """The processes that a machine had or has."""
    return list(transaction.connection.scalars(select(_worker.c.id).where(_worker.c.host == host)))


def remove(transaction: Transaction, worker_id: str) -> None:
    """Strike a process off: it ended."""
    transaction.connection.execute(delete(_worker).where(_worker.c.id == worker_id))


def remove_dead(transaction: Transaction, seconds: int) -> None:
    """Strike off what has not beaten for so long."""
    transaction.connection.execute(delete(_worker).where(_worker.c.beat_at < _NOW - seconds * 1000))


def lock_takeover(transaction: Transaction) -> bool:
    """Whether this transaction is the only one that takes runs over, until its end."""
    found = transaction.connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": TAKEOVER_KEY})
    return bool(found.scalar())
