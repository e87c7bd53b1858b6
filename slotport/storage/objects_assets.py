"""The uploaded files that public ids of media mean (docs/formats/objects.md, "Media").

A public id means a file only where the owner of the slot or group uploaded it; anyone else's means nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from slotport.core.export import AssetClass
from slotport.core.exported import Asset
from slotport.storage.instants import at
from slotport.storage.readers import id_list
from slotport.storage.store import Transaction

Assets = Mapping[tuple[str, int], Asset]  #: by public id and owner

_COLUMNS = (
    "id, owner_id, public_id, asset_class, extension, original_filename, size, sha256, media_type, width, height,"
    " duration, uploaded_at"
)


def of_slots(transaction: Transaction, slot_ids: Sequence[int], owner_id: int) -> Assets:
    """The account's files that the media of its slots mean."""
    if not slot_ids:
        return {}
    return _load(
        transaction,
        "SELECT asset.id FROM media JOIN asset ON asset.public_id = media.public_id"
        f" WHERE media.slot_id IN ({id_list(list(slot_ids))}) AND asset.owner_id = {owner_id:d}",
    )


def of_groups(transaction: Transaction, group_ids: Sequence[int]) -> Assets:
    """The files that the images of groups mean, each its owner's."""
    if not group_ids:
        return {}
    return _load(
        transaction,
        "SELECT asset.id FROM calendar_group AS held JOIN asset"
        " ON asset.public_id = held.image AND asset.owner_id = held.owner_id"
        f" WHERE held.id IN ({id_list(list(group_ids))})",
    )


def _load(transaction: Transaction, ids: str) -> Assets:
    """The files whose ids the SELECT gives."""
    ask = transaction.connection.exec_driver_sql
    rows = ask(f"SELECT {_COLUMNS} FROM asset WHERE id IN ({ids})").all()
    if not rows:
        return {}
    names: dict[int, list[str]] = defaultdict(list)
    for asset_id, name in ask(f"SELECT asset_id, name FROM asset_version WHERE asset_id IN ({ids})"):
        names[asset_id].append(name)
    return {(row[2], row[1]): _asset(row, sorted(names.get(row[0], ()))) for row in rows}


def _asset(row: Sequence[Any], versions: list[str]) -> Asset:
    number, owner_id, public_id, kind, extension, file_name, size, digest, media_type, width, height, *rest = row
    duration, uploaded_at = rest
    return Asset(
        id=number,
        owner_id=owner_id,
        public_id=public_id,
        asset_class=AssetClass(kind),
        extension=extension,
        original_filename=file_name,
        size=size,
        sha256=digest,
        media_type=media_type,
        width=width,
        height=height,
        duration=duration,
        uploaded_at=at(uploaded_at),
        versions=tuple(versions),
    )
