"""What a person can do with media files: upload, look at, fetch (docs/api/export-assets.md); and where they lie.

``<files>/assets/<id div 1000>/<id>/`` holds ``original.<ext>`` and ``<version>.<ext>``. An upload is written below
``incoming``, and moved there as a whole in the transaction that stores its row: a crash leaves a folder that no row
knows, and never a row without its bytes.
"""

import os
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from msgspec import Struct

from slotport.core.account import Account
from slotport.core.asset_kinds import HEAD_BYTES, REFUSED, class_of, extension_of, kind_of, original_name
from slotport.core.export import AssetClass
from slotport.core.export_input_media import asset_not_found
from slotport.core.exported import Asset
from slotport.core.json_input import LARGEST_ID
from slotport.depot import Depot, remove_here
from slotport.errors import WireError
from slotport.images import RENDITIONS, ImageFailed, Images
from slotport.storage import assets, export_references
from slotport.storage.assets import AssetVersion, StoredAsset
from slotport.storage.store import Store

ORIGINAL = "original"
ORIGINALS = (ORIGINAL, "current")  #: names of the file itself: nothing here edits it
RENDITION_EXTENSIONS = ("jpg", "png")
ORPHANED_AFTER = timedelta(days=1)
_CHUNK_BYTES = 1024 * 1024
_TIDIED_AT_A_TIME = 500


class Found(Struct, frozen=True, kw_only=True):
    """A version of an asset that can be sent."""

    place: Path
    name: str  #: what the file is called
    extension: str
    size: int
    sha256: str
    media_type: str
    modified: datetime


# Where they lie


def folder_of(files: Path, asset_id: int) -> Path:
    """The folder of an asset."""
    return files / "assets" / str(asset_id // 1000) / str(asset_id)


def place_of(files: Path, asset: Asset) -> Path:
    """The file of an asset."""
    return folder_of(files, asset.id) / f"{ORIGINAL}.{asset.extension}"


def rendition_of(depot: Depot, asset: Asset, name: str) -> Path | None:
    """The file of an asset's rendition; None if there is none."""
    if name not in asset.versions:
        return None
    places = (folder_of(depot.root, asset.id) / f"{name}.{extension}" for extension in RENDITION_EXTENSIONS)
    return next((place for place in places if depot.has(place)), None)


def new_incoming(files: Path) -> Path:
    """A new folder for one upload; whoever receives it writes the bytes to ``original`` there."""
    folder = files / "assets" / "incoming" / str(uuid4())
    folder.mkdir(parents=True)
    return folder


# Uploading


def check_name(file_name: str) -> None:
    """Raise upload_type_not_allowed for a program."""
    if (extension := extension_of(file_name)) in REFUSED:
        raise WireError(
            "error.user.upload_type_not_allowed",
            f"Files of the type {extension} are not taken.",
            parameters={
                "filename": original_name(file_name),
                "class": class_of(file_name).value,
                "extension": extension,
            },
        )


def limit_exceeded(file_name: str, limit: int) -> WireError:
    """The error of a file that is larger than the limit in bytes."""
    return WireError(
        "error.user.upload_limit_exceeded",
        f"The file has more than the {limit} bytes that are allowed.",
        parameters={"filename": original_name(file_name), "class": class_of(file_name).value, "limit": str(limit)},
    )


def add(
    store: Store, owner: Account, incoming: Path, file_name: str, *, depot: Depot, images: Images, now: datetime
) -> StoredAsset:
    """Store the upload in the folder ``incoming``, which is moved away; of images the renditions are made now.

    An image that cannot be read, or is too large, is kept as it came, without renditions. Raises
    upload_type_not_allowed.
    """
    check_name(file_name)
    bare = incoming / ORIGINAL
    with bare.open("rb") as stream:
        kind = kind_of(file_name, stream.read(HEAD_BYTES))
    original = bare.rename(incoming / f"{ORIGINAL}.{kind.extension}")
    width = height = None
    versions: list[AssetVersion] = []
    if kind.asset_class is AssetClass.IMAGE:
        with suppress(ImageFailed):
            info = images.info(original)
            width, height = info.width, info.height
            for name in RENDITIONS:
                versions.append(_rendition(images, original, name))  # noqa: PERF401 - those before a failure stay
    asset = Asset(
        id=0,
        owner_id=owner.id,
        public_id=secrets.token_urlsafe(18),
        asset_class=kind.asset_class,
        extension=kind.extension,
        original_filename=original_name(file_name),
        size=original.stat().st_size,
        sha256=_digest(original),
        media_type=kind.media_type,
        width=width,
        height=height,
        uploaded_at=now,
    )
    _written_back(incoming)
    with store.write() as transaction:
        stored = assets.add(transaction, asset, versions)
        place = folder_of(depot.root, stored.asset.id)
        _moved(incoming, place)
        depot.keep(place)
    return stored


def _rendition(images: Images, original: Path, name: str) -> AssetVersion:
    part = original.with_name(f"{name}.part")
    made = images.rendition(original, part, name)
    place = part.rename(original.with_name(f"{name}.{made.extension}"))
    return AssetVersion(
        name=name,
        extension=made.extension,
        size=made.size,
        sha256=_digest(place),
        media_type=made.media_type,
        width=made.width,
        height=made.height,
    )


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        digest = sha256()
        while piece := stream.read(_CHUNK_BYTES):
            digest.update(piece)
        return digest.hexdigest()


def _written_back(folder: Path) -> None:
    for part in folder.glob("*.part"):  # of a rendition that failed
        part.unlink()
    for path in (*folder.iterdir(), folder):
        _sync(path)


def _moved(incoming: Path, folder: Path) -> None:
    """Move the upload to its place; what is there belongs to no row."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    remove_here(folder)
    incoming.rename(folder)
    _sync(folder.parent)
    _sync(folder.parent.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# Reading


def get_many(store: Store, reader: Account, ids: Collection[int]) -> dict[int, StoredAsset]:
    """The assets of those ids, ascending. Raises asset_not_found for one that the reader may not see."""
    with store.read() as transaction:
        seen = export_references.assets(transaction, reader.id, {number for number in ids if number <= LARGEST_ID})
        for number in ids:
            if number not in seen:
                raise asset_not_found(str(number))
        return assets.find_many(transaction, ids)


def find_version(store: Store, reader: Account, asset_id: int, version: str, *, depot: Depot) -> Found:
    """A version of an asset: ``original``, ``current``, or a rendition by its name, also with its class before it.

    Raises asset_not_found, also for a version that does not exist and for bytes that are gone.
    """
    stored = get_many(store, reader, [asset_id])[asset_id]
    found = version_of(stored, version, depot)
    if found is None:
        raise asset_not_found(str(asset_id))
    return found


def version_of(stored: StoredAsset, version: str, depot: Depot) -> Found | None:
    """That version of the asset, if it exists and its bytes are there."""
    found = next((one for one in _versions(stored, depot.root) if one[0] == version), None)
    return None if found is None or not depot.has(found[1].place) else found[1]


def _versions(stored: StoredAsset, files: Path) -> Iterator[tuple[str, Found]]:
    asset = stored.asset
    stem, _, _ = asset.original_filename.rpartition(".")
    stem = stem or asset.original_filename
    original = Found(
        place=place_of(files, asset),
        name=f"{stem}.{asset.extension}",
        extension=asset.extension,
        size=asset.size,
        sha256=asset.sha256,
        media_type=asset.media_type,
        modified=asset.uploaded_at,
    )
    for name in ORIGINALS:
        yield name, original
    for one in stored.versions:
        found = Found(
            place=folder_of(files, asset.id) / f"{one.name}.{one.extension}",
            name=f"{stem}-{one.name}.{one.extension}",
            extension=one.extension,
            size=one.size,
            sha256=one.sha256,
            media_type=one.media_type,
            modified=asset.uploaded_at,
        )
        yield one.name, found
        yield f"{asset.asset_class}.{one.name}", found


# Tidying up


def remove_orphans(store: Store, depot: Depot, now: datetime) -> int:
    """Remove folders that no asset has, and uploads that came to nothing, when they are a day old; how many."""
    before = (now - ORPHANED_AFTER).timestamp()
    count = 0
    candidates: list[tuple[int, Path]] = []
    for parent in depot.folders(depot.root / "assets"):
        for folder in depot.folders(parent):
            if parent.name == "incoming":
                count += _remove_abandoned(folder, before)
            elif folder.name.isdecimal():
                candidates.append((int(folder.name), folder))
            if len(candidates) >= _TIDIED_AT_A_TIME:
                count += _remove_unknown(store, depot, candidates, before)
                candidates = []
    return count + _remove_unknown(store, depot, candidates, before)


def _remove_abandoned(folder: Path, before: float) -> int:
    with suppress(OSError):
        if folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)
            return 1
    return 0


def _remove_unknown(store: Store, depot: Depot, candidates: list[tuple[int, Path]], before: float) -> int:
    with store.read() as transaction:
        known = assets.known(transaction, [number for number, _ in candidates])
    doubtful = [
        (number, folder) for number, folder in candidates if number not in known and depot.changed_at(folder) < before
    ]
    if not doubtful:
        return 0
    with store.write() as transaction:  # so that none of these ids is given to a new one meanwhile
        known = assets.known(transaction, [number for number, _ in doubtful])
        unknown = [folder for number, folder in doubtful if number not in known]
        for folder in unknown:
            depot.drop(folder)
    return len(unknown)
