"""What a run would export now; nothing is stored (docs/api/export.md, "Preview")."""

import time
from typing import Any

from slotport.actions import exports
from slotport.actions.export_media import MediaPlan
from slotport.core import search_input
from slotport.core.account import Account
from slotport.depot import depot_of
from slotport.formats import objects as values
from slotport.settings import Settings
from slotport.storage import objects, search
from slotport.storage.interrupts import interruptible
from slotport.storage.store import Store

MOST = 20_000  #: objects whose media are looked at


def counted(store: Store, owner: Account, said: Any, *, settings: Settings, within_seconds: float = 10.0) -> int:
    """How many objects a search finds now, as ``export.search`` says it.

    Raises WireError for what is no search, and Unavailable if it takes longer than that.
    """
    wanted = search_input.search(said)
    give_up_at = time.monotonic() + within_seconds
    with store.read() as transaction, interruptible(transaction, lambda: time.monotonic() < give_up_at):
        counts = search.count(transaction, owner.id, wanted, instance_name=settings.instance_name)
    return sum(counts.values())


def preview(
    store: Store, owner: Account, export_id: int, body: dict[str, Any], *, settings: Settings
) -> dict[str, Any]:
    """{count, counts by type, files, bytes}: the objects found, and the media files of the first 20,000 of them."""
    definition = exports.laid_over(store, owner, export_id, body, settings=settings)
    name = settings.instance_name
    files = size = seen = 0
    with store.read() as transaction:
        counts = search.count(transaction, owner.id, definition.search, instance_name=name)
        if any(rule.files for rule in (definition.eas_fields or {}).values()):
            plan = MediaPlan(
                definition,
                export_name=definition.name or "",
                instance_name=name,
                depot=depot_of(settings),
                remove_metadata=settings.image_metadata == "remove",
                field_texts=lambda one: values.texts(one, name),
            )
            for block in search.select(transaction, owner.id, definition.search, instance_name=name):
                for one in objects.load(transaction, owner.id, [(hit.type, hit.id) for hit in block]):
                    planned = plan.plan(one).files
                    files += len(planned)
                    size += sum(file.asset.size for file in planned)
                seen += len(block)
                if seen >= MOST:
                    break
    return {
        "count": sum(counts.values()),
        "counts": {str(kind): number for kind, number in counts.items()},
        "files": files,
        "bytes": size,
    }
