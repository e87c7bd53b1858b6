"""What data files say about media files: the addresses and facts that ``eas_fields.<f>.data`` asks for.

See docs/api/export-definition.md; what the addresses give is in docs/api/export-assets.md.
"""

from collections.abc import Iterator, Mapping

from slotport.core.export import AssetClass, AssetLink, Definition
from slotport.core.exported import Asset, Exported
from slotport.storage.assets import AssetVersion, StoredAsset

#: an address, or ``url``, ``class``, ``extension``, ``size``, ``sha256``, and of an image ``width`` and ``height``
Link = str | dict[str, str | int]


def wants_versions(definition: Definition) -> bool:
    """Whether ``links`` needs to know the versions of assets."""
    return any(link.type == "version" for field in (definition.eas_fields or {}).values() for link in field.data)


def links(
    definition: Definition,
    exported: Exported,
    field: str,
    *,
    base_url: str,
    stored: Mapping[int, StoredAsset],
) -> tuple[tuple[Link, ...], ...]:
    """What is said of each media item of the object, in its order, each link in the order of the definition.

    ``field`` is slot.media or group.image; ``stored`` has the assets whose versions are asked for, by id. Nothing is
    said of an item that means no asset, and of a version that there is not.
    """
    chosen = (definition.eas_fields or {}).get(field)
    if chosen is None or not chosen.data:
        return tuple(() for _ in exported.media)
    return tuple(
        () if item.asset is None else tuple(_links(item.asset, chosen.data, base_url, stored.get(item.asset.id)))
        for item in exported.media
    )


def _links(asset: Asset, wanted: tuple[AssetLink, ...], base_url: str, stored: StoredAsset | None) -> Iterator[Link]:
    known = {} if stored is None else {one.name: one for one in stored.versions}
    for link in wanted:
        if link.type != "version":
            yield _link(asset, asset, link.type, link, base_url)
            continue
        asset_class, _, name = (link.version or "").partition(".")
        if asset_class == asset.asset_class and name in known:
            yield _link(asset, known[name], name, link, base_url)


def _link(asset: Asset, one: Asset | AssetVersion, name: str, link: AssetLink, base_url: str) -> Link:
    url = f"{base_url}/api/v1/eas/download/{asset.id}/{name}"
    if link.format == "short":
        return url
    facts: dict[str, str | int] = {
        "url": url,
        "class": asset.asset_class.value,
        "extension": one.extension,
        "size": one.size,
        "sha256": one.sha256,
    }
    if asset.asset_class is AssetClass.IMAGE and one.width and one.height:
        facts |= {"width": one.width, "height": one.height}
    return facts
