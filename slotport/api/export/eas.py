"""``/api/v1/eas``: media files are uploaded, looked at and fetched (docs/api/export-assets.md)."""

import json
from datetime import datetime
from math import gcd
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from slotport import images
from slotport.actions import assets
from slotport.api.addresses import own_address
from slotport.api.export.query import ID_DIGITS, Said, cache_control, id_of
from slotport.api.export.sending import Sent, naming_of, send
from slotport.api.export.uploads import Received
from slotport.api.export.uploads import provided as uploads_provided
from slotport.api.pieces import Pieces
from slotport.core.account import Account
from slotport.core.export import AssetClass
from slotport.core.json_input import array_of, number
from slotport.depot import depot_of
from slotport.errors import attribute_expected, invalid_value
from slotport.settings import Settings
from slotport.storage.assets import StoredAsset
from slotport.storage.store import Store

AnyRequest = Request[Any, Any, State]
Json = dict[str, Any]

MOST_IDS = 1000  #: in one request
FORMATS = ("status", "short", "long")
_IDS = array_of(number(1, 10**ID_DIGITS), most=MOST_IDS)


@post("/eas/put", status_code=200, sync_to_thread=True, dependencies=uploads_provided(), opt={"takes": ("token",)})
def upload_asset(
    request: AnyRequest,
    caller: NamedDependency[Account],
    upload: NamedDependency[Received],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Store the one file of a multipart body.

    The name of its field means nothing; its file name, without folders, is kept.
    """
    stored = assets.add(
        store,
        caller,
        upload.folder,
        upload.file_name,
        depot=depot_of(settings),
        images=images.shared(settings.max_pixels),
        now=now,
    )
    return _answer([_long(stored, _base(request))])


@get("/eas", sync_to_thread=True, opt={"takes": ("token", "ids", "format", "cache_seconds")})
def show_assets(
    request: AnyRequest,
    flags: NamedDependency[Said],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[bytes]:
    """Show media files by their ids, `ids=[4,9]`.

    `format` is `long`, unless it is said to be `short` or `status`.
    """
    ids, shape = _ids_of(flags), flags.text("format") or "long"
    if shape not in FORMATS:
        raise invalid_value("format", f"must be one of {', '.join(FORMATS)}")
    found = assets.get_many(store, caller, ids)
    make = {"status": _status, "short": _short, "long": _long}[shape]
    base = _base(request)
    return _answer({str(one): make(found[one], base) for one in dict.fromkeys(ids)}, cache_control(flags))


@get(
    "/eas/download/{asset_id:str}/{version:str}",
    sync_to_thread=True,
    opt={"takes": ("token", "disposition", "filename"), "produces": ["application/octet-stream"]},
)
def fetch_asset(
    request: AnyRequest,
    asset_id: FromPath[str],
    version: FromPath[str],
    flags: NamedDependency[Said],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Pieces:
    """Give a media file that one uploaded, or that a slot or group one may see holds.

    `version` is `original` or the name of a rendition, such as `preview`.
    """
    naming = naming_of(flags)
    found = assets.find_version(store, caller, id_of(asset_id, "id"), version, depot=depot_of(settings))
    sent = Sent(
        place=found.place,
        size=found.size,
        etag=found.sha256,
        modified=found.modified,
        media_type=found.media_type,
        open=depot_of(settings).open,
    )
    return send(request, sent, naming.headers(found.name, f".{found.extension}"), _unnoted)


def _unnoted(_count: int) -> None:
    """Nobody is told who looked at a media file."""


def _ids_of(flags: Said) -> list[int]:
    text = flags.text("ids")
    if text is None:
        raise attribute_expected("ids")
    try:
        value = json.loads(text) if len(text) <= 25 * MOST_IDS else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list):
        raise invalid_value("ids", f"must be an array of at most {MOST_IDS} ids, such as [4,9]")
    return list(_IDS(value, "ids"))


# Shapes


def _status(stored: StoredAsset, _base: str) -> Json:
    names = ("original", *(one.name for one in stored.versions))
    return {"_id": stored.asset.id, "status": "done", "versions": {name: {"status": "done"} for name in names}}


def _short(stored: StoredAsset, base: str) -> Json:
    asset = stored.asset
    return {
        "_id": asset.id,
        "class": asset.asset_class,
        "extension": asset.extension,
        "class_extension": f"{asset.asset_class}.{asset.extension}",
        "original_filename": asset.original_filename,
        "filesize": asset.size,
        "versions": _versions(stored, base),
    }


def _long(stored: StoredAsset, base: str) -> Json:
    asset = stored.asset
    uploaded = f"{asset.uploaded_at:%Y-%m-%dT%H:%M:%SZ}"
    return {
        **_short(stored, base),
        "compiled": _compiled(stored),
        "upload_date": uploaded,
        "insert_date": uploaded,
        "technical_metadata": _technical(stored),
        "sha256": asset.sha256,
        "public_id": asset.public_id,
    }


def _versions(stored: StoredAsset, base: str) -> dict[str, Json]:
    asset = stored.asset
    found = {"original": _version(stored, base, "original", asset)}
    return found | {one.name: _version(stored, base, one.name, one) for one in stored.versions}


def _version(stored: StoredAsset, base: str, name: str, one: Any) -> Json:
    made: AssetClass = stored.asset.asset_class  # of an image every version is one
    return {
        "status": "done",
        "class": made,
        "extension": one.extension,
        "filesize": one.size,
        **({} if one.width is None else {"width": one.width, "height": one.height}),
        "url": f"{base}/api/v1/eas/download/{stored.asset.id}/{name}",
    }


def _technical(stored: StoredAsset) -> Json:
    asset = stored.asset
    found: Json = {"format": asset.extension}
    if asset.width and asset.height:
        divisor = gcd(asset.width, asset.height)
        found |= {
            "width": asset.width,
            "height": asset.height,
            "max_dimension": max(asset.width, asset.height),
            "aspect_ratio": f"{asset.width // divisor}:{asset.height // divisor}",
        }
    return found if asset.duration is None else {**found, "duration": asset.duration}


def _compiled(stored: StoredAsset) -> str:
    """A line for people: ``JPG image, 1200 x 800, 340 KiB``."""
    asset = stored.asset
    kind = "file" if asset.asset_class is AssetClass.OTHER else str(asset.asset_class)
    size = f", {asset.width} x {asset.height}" if asset.width else ""
    return f"{asset.extension.upper()} {kind}{size}, {_bytes(asset.size)}"


def _bytes(size: int) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size} {unit}"
        size = (size + 512) // 1024
    return f"{size} GiB"


def _base(request: AnyRequest) -> str:
    settings: Settings = request.app.state.settings
    return settings.base_url or own_address(request)


def _answer(value: Any, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(msgspec.json.encode(value), headers=headers, media_type=MediaType.JSON)


HANDLERS: list[Any] = [upload_asset, show_assets, fetch_asset]
