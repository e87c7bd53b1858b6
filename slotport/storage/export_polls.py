"""Events that are asked for or kept in bulk: for whom there are new ones, and downloads (docs/api/export-events.md)."""

from sqlalchemy import delete, select

from slotport.storage import tables_exports
from slotport.storage.store import Transaction

DOWNLOAD = "DOWNLOAD_EXPORT"

_event = tables_exports.export_event


def owners_since(transaction: Transaction, after_id: int) -> set[int]:
    """The ids of the people with events that can be polled and have a larger id."""
    return set(
        transaction.connection.scalars(
            select(_event.c.owner_id).where(_event.c.id > after_id, _event.c.pollable).distinct()
        )
    )


def forget_downloads(transaction: Transaction, export_id: int, *, but: int) -> None:
    """Forget all but so many of the newest downloads of the export."""
    told = (_event.c.export_id == export_id) & (_event.c.type == DOWNLOAD)
    last = transaction.connection.scalar(
        select(_event.c.id).where(told).order_by(_event.c.id.desc()).offset(but).limit(1)
    )
    if last is not None:
        transaction.connection.execute(delete(_event).where(told, _event.c.id <= last))
