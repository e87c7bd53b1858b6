"""Pictures of slots: uploaded on the page, and looked at by those who may see the slot (docs/api/export-assets.md)."""

import shutil
from collections.abc import Iterable
from datetime import datetime

from slotport.actions import assets
from slotport.actions.assets import Found
from slotport.core.account import Account
from slotport.core.asset_kinds import HEAD_BYTES, kind_of
from slotport.core.export import AssetClass
from slotport.depot import Depot
from slotport.errors import Invalid, NotFound
from slotport.images import ImageFailed, Images
from slotport.storage import assets as stored
from slotport.storage import slots
from slotport.storage.store import Store

SIZES = ("small", "large")  #: renditions that are given out
_NONE = "there is no such picture"


def upload(
    store: Store,
    caller: Account,
    file_name: str,
    chunks: Iterable[bytes],
    *,
    depot: Depot,
    images: Images,
    most_bytes: int,
    now: datetime,
) -> str:
    """Store a picture of the caller's that no slot holds yet; its public id.

    Raises Invalid, naming ``image``, for what is too large, is no picture, or cannot be read as one.
    """
    incoming = assets.new_incoming(depot.root)
    original = incoming / assets.ORIGINAL
    try:
        with original.open("wb") as stream:
            size = 0
            for chunk in chunks:
                size += len(chunk)
                if size > most_bytes:
                    raise Invalid.of("image", f"has more than the {most_bytes} bytes that are allowed")
                stream.write(chunk)
        with original.open("rb") as stream:
            kind = kind_of(file_name, stream.read(HEAD_BYTES))
        if kind.asset_class is not AssetClass.IMAGE:
            raise Invalid.of("image", "is not a picture that Slotport can show; JPEG, PNG, GIF and WebP are")
        try:
            images.info(original)
        except ImageFailed as cause:
            raise Invalid.of("image", f"cannot be read as a picture: {cause}") from cause
        name = f"{file_name.rpartition('.')[0] or 'image'}.{kind.extension}"
        return assets.add(store, caller, incoming, name, depot=depot, images=images, now=now).asset.public_id
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def check_own(store: Store, caller: Account, public_ids: Iterable[str]) -> None:
    """Raise Invalid, naming ``image``, unless all are pictures that the caller uploaded."""
    with store.read() as transaction:
        for public_id in public_ids:
            found = stored.find_public(transaction, caller.id, public_id)
            if found is None or found.asset.asset_class is not AssetClass.IMAGE:
                raise Invalid.of("image", "is none of yours; choose it again")


def own_picture(store: Store, caller: Account, public_id: str, size: str, *, depot: Depot) -> Found:
    """A picture that the caller uploaded, in one of SIZES. Raises NotFound."""
    return _picture(store, caller.id, public_id, size, depot)


def picture(store: Store, reader: Account, slot_id: int, media_id: int, size: str, *, depot: Depot) -> Found:
    """A picture of a slot that the reader may see, in one of SIZES. Raises NotFound.

    It is one only if the slot's creator uploaded it: any other reference is to something outside.
    """
    with store.read() as transaction:
        if not slots.may_read(transaction, slot_id, reader.id):
            raise NotFound(_NONE)
        entry = slots.entries(transaction, [slot_id], reader.id)[0]
    item = next((one for one in entry.media if one.id == media_id), None)
    if item is None:
        raise NotFound(_NONE)
    return _picture(store, entry.owner_id, item.public_id, size, depot)


def _picture(store: Store, owner_id: int, public_id: str, size: str, depot: Depot) -> Found:
    with store.read() as transaction:
        asset = stored.find_public(transaction, owner_id, public_id)
    found = None if asset is None or size not in SIZES else assets.version_of(asset, size, depot)
    if found is None:
        raise NotFound(_NONE)
    return found
