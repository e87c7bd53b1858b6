"""The members of ``export`` that say which media files are written and how: eas_fields, classes, assets.

See docs/api/export-definition.md. Whether an asset exists is not known here.
"""

import re
from collections.abc import Mapping
from typing import Any

from slotport.core.export import (
    AssetClass,
    AssetField,
    AssetLink,
    AssetRule,
    Crop,
    CustomImage,
    VersionRule,
)
from slotport.core.export_fields import FIELDS
from slotport.core.json_input import (
    Reader,
    absent,
    an_array,
    an_object,
    array_of,
    choice,
    entry,
    flag,
    member,
    members,
    number,
    off,
    text,
)
from slotport.errors import WireError, attribute_expected, attribute_not_accepted, invalid_value, type_mismatch

#: names of the versions that are made of every asset of a class, for all to use
RENDITIONS: Mapping[AssetClass, frozenset[str]] = {AssetClass.IMAGE: frozenset({"preview", "small", "large"})}
MEDIA_FIELDS = tuple(name for name, field in FIELDS.items() if field.is_media)
MOST_VERSIONS = 20  #: of one asset
MOST_ASSETS = 1000  #: named in one export
MOST_STEPS = 20  #: of one transformation
PIXELS = 20_000  #: longest side of an image
_IDENTIFIER = re.compile(r"[1-9][0-9]{0,17}")

_CUSTOM: dict[str, Reader[Any]] = {
    "format": choice("keep", "jpeg", "tiff", "png", "bmp"),
    "jpeg_quality": choice("maximum", "medium", "small"),
    "colorspace": choice("keep", "rgb", "cmyk", "gray"),
    "size": choice("keep", "custom"),
    "custom_size": choice("dimension_max", "dimension_min", "width", "height"),
    "custom_size_pixel": number(1, PIXELS),
    "watermark": off,
}
_CROP: dict[str, Reader[Any]] = {
    "top": number(0),
    "left": number(0),
    "width": number(1),
    "height": number(1),
}
_TURNS = {"rotate-z": (90, 180, 270), "rotate-x": (180,), "rotate-y": (180,)}


def asset_not_found(asset_id: str) -> WireError:
    """The error of an asset that is not there, or not to be seen."""
    return WireError("error.user.asset_not_found", f"There is no asset {asset_id}.", parameters={"id": asset_id})


def eas_fields(value: Any, place: str) -> dict[str, AssetField] | None:
    """What happens to the files of each field; None, as ``{}`` and ``[]``: nothing.

    An array of names stands for ``{"files": true}`` each.
    """
    found: dict[str, AssetField] = {}
    if isinstance(value, list | tuple):
        for index, one in enumerate(an_array(value, place, most=100)):
            found[_media_field(text(one, entry(place, index)), entry(place, index))] = AssetField(files=True)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            below = member(place, name)
            found[_media_field(name, below)] = AssetField(**members(one, below, {"files": flag, "data": _links}))
    else:
        raise type_mismatch(place, "an object or an array")
    return {name: found[name] for name in MEDIA_FIELDS if name in found} or None


def _media_field(name: str, place: str) -> str:
    if name not in MEDIA_FIELDS:
        raise invalid_value(place, f"is no field with files; those are {', '.join(MEDIA_FIELDS)}")
    return name


def _link(value: Any, place: str) -> AssetLink:
    readers: dict[str, Reader[Any]] = {
        "type": choice("original", "current", "version"),
        "format": choice("long", "short"),
        "version": text,
    }
    said = members(value, place, readers)
    if "type" not in said:
        raise attribute_expected(member(place, "type"))
    if said["type"] != "version":
        _refuse_if_said(said, "version", place, "version")
    elif "version" not in said:
        raise attribute_expected(member(place, "version"))
    else:
        asset_class, _, name = said["version"].partition(".")
        if asset_class not in frozenset(AssetClass) or name not in RENDITIONS.get(AssetClass(asset_class), ()):
            raise invalid_value(member(place, "version"), "is no version that is made here, such as image.preview")
    return AssetLink(**said)


def _links(value: Any, place: str) -> tuple[AssetLink, ...]:
    return tuple(dict.fromkeys(array_of(_link, most=MOST_VERSIONS)(value, place)))


def classes(value: Any, place: str) -> dict[AssetClass, tuple[VersionRule, ...]] | None:
    """The versions that are written of each class of files; a class that is not there: the original."""
    readers = {one.value: _rules_of(one) for one in AssetClass}
    found = members(value, place, readers)
    return {one: found[one] for one in AssetClass if one in found} or None


def _rules_of(asset_class: AssetClass) -> Reader[tuple[VersionRule, ...]]:
    def read(value: Any, place: str) -> tuple[VersionRule, ...]:
        rules = _rules(value, place, of_an_asset=False)
        check_class(rules, asset_class, place)
        return rules

    return read


def assets(value: Any, place: str) -> dict[str, bool | AssetRule] | None:
    """What holds for single assets, by id."""
    said = an_object(value, place)
    if len(said) > MOST_ASSETS:
        raise invalid_value(place, f"must name at most {MOST_ASSETS} assets")
    found: dict[str, bool | AssetRule] = {}
    for name, one in said.items():
        below = member(place, name)
        if not _IDENTIFIER.fullmatch(name):
            raise invalid_value(below, "is not the id of an asset")
        if isinstance(one, bool):
            found[name] = one
        elif isinstance(one, Mapping):
            found[name] = AssetRule(**members(one, below, _ASSET))
        else:
            raise type_mismatch(below, "true, false or an object")
    return {name: found[name] for name in sorted(found, key=int)} or None


def _asset_rules(value: Any, place: str) -> tuple[VersionRule, ...]:
    return _rules(value, place, of_an_asset=True)


_ASSET: dict[str, Reader[Any]] = {"versions": _asset_rules, "json": flag, "eas_parent_id": absent}


def check_class(rules: tuple[VersionRule, ...], asset_class: AssetClass, place: str) -> None:
    """Raise invalid_value for the first rule that files of the class cannot follow."""
    for index, rule in enumerate(rules):
        below = entry(place, index)
        if rule.type == "custom" and asset_class is not AssetClass.IMAGE:
            raise invalid_value(member(below, "type"), "can be custom of images only")
        if rule.metadata == "remove" and asset_class is not AssetClass.IMAGE:
            raise invalid_value(member(below, "metadata"), "can be removed of images only")
        if rule.version is not None and rule.version not in RENDITIONS.get(asset_class, frozenset()):
            raise invalid_value(member(below, "version"), "is no version that is made here")


def _rules(value: Any, place: str, *, of_an_asset: bool) -> tuple[VersionRule, ...]:
    def read(one: Any, below: str) -> VersionRule:
        return _rule(one, below, of_an_asset=of_an_asset)

    found = array_of(read, most=MOST_VERSIONS)(value, place)
    # a transformation is no key of a dict
    return tuple(rule for index, rule in enumerate(found) if rule not in found[:index])


def _rule(value: Any, place: str, *, of_an_asset: bool) -> VersionRule:
    def custom(one: Any, below: str) -> CustomImage:
        return _custom(one, below, of_an_asset=of_an_asset)

    readers: dict[str, Reader[Any]] = {
        "type": choice("original", "current", "version", "custom"),
        "version": text,
        "metadata": choice("standard", "keep", "remove"),
        "custom": custom,
    }
    said = members(value, place, readers)
    if "type" not in said:
        raise attribute_expected(member(place, "type"))
    for name in ("version", "custom"):
        if said["type"] != name:
            _refuse_if_said(said, name, place, name)
        elif name not in said:
            raise attribute_expected(member(place, name))
    return VersionRule(**said)


def _custom(value: Any, place: str, *, of_an_asset: bool) -> CustomImage:
    said = members(value, place, {**_CUSTOM, "transform": _transform if of_an_asset else _no_transform})
    if said.get("size") == "custom" and "custom_size_pixel" not in said:
        raise attribute_expected(member(place, "custom_size_pixel"))
    return CustomImage(**said)


def _no_transform(value: Any, place: str) -> tuple[()]:
    if an_array(value, place, most=MOST_STEPS):
        raise attribute_not_accepted(place)
    return ()


def _transform(value: Any, place: str) -> tuple[dict[str, int | Crop], ...]:
    return array_of(_step, most=MOST_STEPS)(value, place)


def _step(value: Any, place: str) -> dict[str, int | Crop]:
    turns: dict[str, Reader[Any]] = {name: _turn(degrees) for name, degrees in _TURNS.items()}
    said = members(value, place, {**turns, "crop": _crop})
    if len(said) != 1 or len(value) != 1:
        raise invalid_value(place, "must have exactly one member")
    return said


def _turn(degrees: tuple[int, ...]) -> Reader[int]:
    def read(value: Any, place: str) -> int:
        turn = number(0, 360)(value, place)
        if turn not in degrees:
            raise invalid_value(place, f"must be one of {', '.join(map(str, degrees))}")
        return turn

    return read


def _crop(value: Any, place: str) -> Crop:
    said = members(value, place, _CROP)
    for name in _CROP:
        if name not in said:
            raise attribute_expected(member(place, name))
    return Crop(**said)


def _refuse_if_said(said: Mapping[str, Any], name: str, place: str, kind: str) -> None:
    if name in said:
        raise invalid_value(member(place, name), f"goes with the type {kind} only")
