"""The transports of exports: where a result goes. What a delivery writes about itself is in storage/deliveries.py."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, delete, insert, select, update

from slotport.core.export import LogLine, Mail, Receipt, Transport, TransportState
from slotport.storage import tables_exports
from slotport.storage.instants import at
from slotport.storage.store import Transaction

_export = tables_exports.export
_transport = tables_exports.export_transport
#: of a transport of which a delivery has not begun
_UNTOUCHED: dict[str, Any] = {
    "state": TransportState.NEW,
    "attempts": 0,
    "next_attempt_at": None,
    "receipt": None,
    "job_id": None,
}
_STATUS = ("id", "export_id", "uuid", "type", "state", "attempts")


def ids(transaction: Transaction, export_id: int) -> list[int]:
    """The ids of the export's transports, in their order."""
    return list(
        transaction.connection.scalars(
            select(_transport.c.id).where(_transport.c.export_id == export_id).order_by(_transport.c.position)
        )
    )


def reset(transaction: Transaction, export_id: int) -> None:
    """Forget deliveries that go on or wait; the transports are as new, but keep their logs."""
    transaction.connection.execute(update(_transport).where(_transport.c.export_id == export_id).values(_UNTOUCHED))


def fail(transaction: Transaction, transport: Transport, line: LogLine, most_lines: int) -> None:
    """End a transport's delivery with that line in its log."""
    log = msgspec.json.encode((*transport.log, line)[-most_lines:]).decode()
    transaction.connection.execute(
        update(_transport)
        .where(_transport.c.id == transport.id)
        .values(state=TransportState.FAILED, log=log, job_id=None, next_attempt_at=None)
    )


def put(transaction: Transaction, export_id: int, wanted: Sequence[Transport], before: Sequence[Transport]) -> None:
    """Make the export's transports those: known ones are kept by id, others go."""
    kept = {one.id for one in wanted if one.id}
    if gone := [one.id for one in before if one.id not in kept]:
        transaction.connection.execute(delete(_transport).where(_transport.c.id.in_(gone)))
    new: list[dict[str, Any]] = []
    for position, one in enumerate(wanted):
        values = {
            "uuid": one.uuid,
            "position": position,
            "type": one.type,
            "packer": one.packer,
            "email": None if one.email is None else msgspec.json.encode(one.email).decode(),
            "options": msgspec.json.encode(one.options).decode(),
            "secrets": msgspec.json.encode(one.secrets).decode() if one.secrets else None,
            **_UNTOUCHED,
        }
        if one.id:
            transaction.connection.execute(update(_transport).where(_transport.c.id == one.id).values(values))
        else:
            new.append({"export_id": export_id, **values})
    if new:
        transaction.connection.execute(insert(_transport), new)


def of(transaction: Transaction, export_id: int) -> list[Transport]:
    """The export's transports in their order."""
    query = select(_transport).where(_transport.c.export_id == export_id).order_by(_transport.c.position)
    return [_transport_of(row) for row in transaction.connection.execute(query)]


def briefly(transaction: Transaction, owner_id: int, first_id: int, last_id: int) -> dict[int, list[Transport]]:
    """By export, the states of the transports of the person's exports from one id to another, in their order."""
    query = (
        select(*(_transport.c[name] for name in _STATUS))
        .join_from(_transport, _export, _transport.c.export_id == _export.c.id)
        .where(_export.c.owner_id == owner_id, _export.c.id.between(first_id, last_id))
        .order_by(_transport.c.export_id, _transport.c.position)
    )
    found: dict[int, list[Transport]] = {}
    for row in transaction.connection.execute(query):
        found.setdefault(row.export_id, []).append(_brief_of(row))
    return found


def _brief_of(row: Row[Any]) -> Transport:
    return Transport(id=row.id, uuid=row.uuid, type=row.type, state=TransportState(row.state), attempts=row.attempts)


def _transport_of(row: Row[Any]) -> Transport:
    return Transport(
        id=row.id,
        uuid=row.uuid,
        type=row.type,
        packer=row.packer,
        email=None if row.email is None else msgspec.json.decode(row.email, type=Mail),
        options=msgspec.json.decode(row.options),
        secrets={} if row.secrets is None else msgspec.json.decode(row.secrets, type=dict[str, str]),
        state=TransportState(row.state),
        log=msgspec.json.decode(row.log, type=tuple[LogLine, ...]),
        attempts=row.attempts,
        next_attempt=None if row.next_attempt_at is None else at(row.next_attempt_at),
        receipt=None if row.receipt is None else msgspec.json.decode(row.receipt, type=Receipt),
    )
