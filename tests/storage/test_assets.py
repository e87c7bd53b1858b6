"""Assets and their versions, on both databases."""

from msgspec import structs

from slotport.core.account import Account
from slotport.core.export import AssetClass
from slotport.core.exported import Asset
from slotport.storage import assets
from slotport.storage.assets import AssetVersion, StoredAsset
from slotport.storage.store import Store
from tests.calendars import NOW, add_person


def an_asset(owner: Account, public_id: str, **fields: object) -> Asset:
    values = {
        "id": 0,
        "owner_id": owner.id,
        "public_id": public_id,
        "asset_class": AssetClass.IMAGE,
        "extension": "jpg",
        "original_filename": "pier \U0001f6a2.JPG",
        "size": 5_000_000_000,
        "sha256": "a" * 64,
        "media_type": "image/jpeg",
        "width": 640,
        "height": 480,
        "uploaded_at": NOW,
        **fields,
    }
    return Asset(**values)  # type: ignore[arg-type]


def version(name: str) -> AssetVersion:
    return AssetVersion(name=name, extension="jpg", size=9, sha256="b" * 64, media_type="image/jpeg", width=4, height=3)


def add(store: Store, asset: Asset, *names: str) -> StoredAsset:
    with store.write() as transaction:
        return assets.add(transaction, asset, [version(name) for name in names])


def test_an_asset_reads_back_with_its_versions(store: Store) -> None:
    owner = add_person(store)
    bare = an_asset(owner, "one")

    told = add(store, bare, "small", "preview")
    other = add(store, an_asset(owner, "two", asset_class=AssetClass.AUDIO, width=None, height=None, duration=1.5))

    named = structs.replace(bare, id=told.asset.id, versions=("preview", "small"))
    assert told == StoredAsset(asset=named, versions=(version("preview"), version("small")))
    with store.read() as transaction:
        found = assets.find_many(transaction, [other.asset.id, told.asset.id, 2**60])
        assert found == {told.asset.id: told, other.asset.id: other}
        assert list(found) == sorted(found)
        assert assets.known(transaction, [told.asset.id, 2**60]) == {told.asset.id}
        assert assets.find_many(transaction, []) == {}


def test_all_that_one_uploaded_is_forgotten(store: Store) -> None:
    owner, other = add_person(store), add_person(store)
    gone = add(store, an_asset(owner, "one"), "small")
    kept = add(store, an_asset(other, "two"), "small")

    with store.write() as transaction:
        assets.remove_of(transaction, owner.id)

    with store.read() as transaction:
        assert assets.find_many(transaction, [gone.asset.id, kept.asset.id]) == {kept.asset.id: kept}
