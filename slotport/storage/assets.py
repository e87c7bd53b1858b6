"""Uploaded media files and the versions that were made of them; their bytes are elsewhere (actions/assets.py)."""

from collections.abc import Collection, Sequence
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import Row, delete, insert, select

from slotport.core.export import AssetClass
from slotport.core.exported import Asset
from slotport.storage import tables_exports
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Transaction

_A = tables_exports.asset.c
_V = tables_exports.asset_version.c
_PLAIN = tuple(name for name in Asset.__struct_fields__ if name not in {"asset_class", "uploaded_at", "versions"})


class AssetVersion(Struct, frozen=True, kw_only=True):
    """A version that was made of an asset when it was uploaded."""

    name: str
    extension: str
    size: int
    sha256: str
    media_type: str
    width: int | None = None
    height: int | None = None


class StoredAsset(Struct, frozen=True, kw_only=True):
    """An asset and what was made of it."""

    asset: Asset
    versions: tuple[AssetVersion, ...] = ()  #: by name


def add(transaction: Transaction, asset: Asset, versions: Sequence[AssetVersion]) -> StoredAsset:
    """Store a new asset under the id that it gets."""
    row = {name: getattr(asset, name) for name in _PLAIN if name != "id"}
    row |= {"asset_class": asset.asset_class.value, "uploaded_at": milliseconds(asset.uploaded_at)}
    number = transaction.connection.execute(
        insert(tables_exports.asset).values(row).returning(tables_exports.asset.c.id)
    ).scalar_one()
    if versions:
        transaction.connection.execute(
            insert(tables_exports.asset_version), [{"asset_id": number, **structs.asdict(one)} for one in versions]
        )
    ordered = tuple(sorted(versions, key=lambda one: one.name))
    stored = structs.replace(asset, id=number, versions=tuple(one.name for one in ordered))
    return StoredAsset(asset=stored, versions=ordered)


def find_many(transaction: Transaction, ids: Collection[int]) -> dict[int, StoredAsset]:
    """The assets among those ids, whosoever they are, in the order of their ids."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    ask = transaction.connection.execute
    versions: dict[int, list[AssetVersion]] = {}
    for row in ask(select(tables_exports.asset_version).where(_V.asset_id.in_(wanted)).order_by(_V.asset_id, _V.name)):
        versions.setdefault(row.asset_id, []).append(_version(row))
    rows = ask(select(tables_exports.asset).where(_A.id.in_(wanted)).order_by(_A.id))
    return {row.id: _stored(row, versions.get(row.id, [])) for row in rows}


def find_public(transaction: Transaction, owner_id: int, public_id: str) -> StoredAsset | None:
    """The asset of that public id, if the account uploaded it."""
    condition = (_A.public_id == public_id) & (_A.owner_id == owner_id)
    number = transaction.connection.scalar(select(_A.id).where(condition))
    return None if number is None else find_many(transaction, [number])[number]


def known(transaction: Transaction, ids: Collection[int]) -> set[int]:
    """Those of the ids that are an asset's."""
    return set(transaction.connection.scalars(select(_A.id).where(_A.id.in_(sorted(ids)))))


def remove_of(transaction: Transaction, owner_id: int) -> None:
    """Forget everything that the account uploaded; the bytes go when folders are tidied up next."""
    own = select(_A.id).where(_A.owner_id == owner_id)
    transaction.connection.execute(delete(tables_exports.asset_version).where(_V.asset_id.in_(own)))
    transaction.connection.execute(delete(tables_exports.asset).where(_A.owner_id == owner_id))


def _stored(row: Row[Any], versions: Sequence[AssetVersion]) -> StoredAsset:
    asset = Asset(
        **{name: getattr(row, name) for name in _PLAIN},
        asset_class=AssetClass(row.asset_class),
        uploaded_at=at(row.uploaded_at),
        versions=tuple(one.name for one in versions),
    )
    return StoredAsset(asset=asset, versions=tuple(versions))


def _version(row: Row[Any]) -> AssetVersion:
    return AssetVersion(**{name: getattr(row, name) for name in AssetVersion.__struct_fields__})
