"""eas_fields, classes and assets: what they take, what they refuse and where."""

from typing import Any

import pytest

from slotport.core.export import (
    AssetClass,
    AssetField,
    AssetLink,
    AssetRule,
    Crop,
    CustomImage,
    Definition,
    VersionRule,
)
from slotport.core.export_input_media import MOST_ASSETS, MOST_VERSIONS
from tests.exports import defined, refused_at

NOT_ACCEPTED, EXPECTED = "api.attribute_not_accepted", "api.attribute_expected"
INVALID, MISMATCH = "api.invalid_value", "api.type_mismatch"
ORIGINAL = VersionRule(type="original")
CROP = {"top": 1, "left": 0, "width": 30, "height": 40}


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("eas_fields", {}, None),
        ("eas_fields", [], None),
        ("eas_fields", {"slot.media": {}}, {"slot.media": AssetField()}),
        ("eas_fields", {"slot.media": {"files": True}}, {"slot.media": AssetField(files=True)}),
        (
            "eas_fields",
            ["group.image", "slot.media", "slot.media"],
            {"slot.media": AssetField(files=True), "group.image": AssetField(files=True)},
        ),
        (
            "eas_fields",
            {"group.image": {"data": [{"type": "original"}, {"type": "current", "format": "long"}]}},
            {"group.image": AssetField(data=(AssetLink(type="original"), AssetLink(type="current", format="long")))},
        ),
        (
            "eas_fields",
            {"slot.media": {"data": [{"type": "version", "version": "image.preview"}]}},
            {"slot.media": AssetField(data=(AssetLink(type="version", version="image.preview"),))},
        ),
        ("classes", {}, None),
        ("classes", {"image": None}, None),
        ("classes", {"image": []}, {AssetClass.IMAGE: ()}),
        *(("classes", {kind.value: [{"type": "original"}]}, {kind: (ORIGINAL,)}) for kind in AssetClass),
        ("classes", {"audio": [{"type": "original"}] * 2}, {AssetClass.AUDIO: (ORIGINAL,)}),
        (
            "classes",
            {"image": [{"type": "current", "metadata": "remove"}, {"type": "version", "version": "preview"}]},
            {
                AssetClass.IMAGE: (
                    VersionRule(type="current", metadata="remove"),
                    VersionRule(type="version", version="preview"),
                )
            },
        ),
        (
            "classes",
            {"image": [{"type": "custom", "custom": {"format": "jpeg", "jpeg_quality": "small", "watermark": False}}]},
            {AssetClass.IMAGE: (VersionRule(type="custom", custom=CustomImage(format="jpeg", jpeg_quality="small")),)},
        ),
        (
            "classes",
            {
                "image": [
                    {
                        "type": "custom",
                        "custom": {"size": "custom", "custom_size": "width", "custom_size_pixel": 20000},
                    }
                ]
            },
            {
                AssetClass.IMAGE: (
                    VersionRule(
                        type="custom", custom=CustomImage(size="custom", custom_size="width", custom_size_pixel=20000)
                    ),
                )
            },
        ),
        ("assets", {}, None),
        ("assets", {"12": True, "4": False}, {"4": False, "12": True}),
        ("assets", {"4": {}}, {"4": AssetRule()}),
        ("assets", {"4": {"json": True, "eas_parent_id": None}}, {"4": AssetRule(json=True)}),
        ("assets", {"4": {"versions": [{"type": "original"}]}}, {"4": AssetRule(versions=(ORIGINAL,))}),
        (
            "assets",
            {"4": {"versions": [{"type": "custom", "custom": {"transform": [{"rotate-z": 270}, {"crop": CROP}]}}]}},
            {
                "4": AssetRule(
                    versions=(
                        VersionRule(
                            type="custom",
                            custom=CustomImage(
                                transform=({"rotate-z": 270}, {"crop": Crop(top=1, left=0, width=30, height=40)})
                            ),
                        ),
                    )
                )
            },
        ),
    ],
)
def test_a_good_value_is_stored(name: str, value: Any, stored: Any) -> None:
    told = defined(**{name: value})

    assert told == Definition(**{name: stored})
    assert list(getattr(told, name) or ()) == list(stored or ())


def image(**rule: Any) -> dict[str, Any]:
    return {"image": [rule]}


def custom(**members: Any) -> dict[str, Any]:
    return image(type="custom", custom=members)


def asset(**members: Any) -> dict[str, Any]:
    return {"4": {"versions": [{"type": "custom", "custom": members}]}}


CUSTOM = "classes.image[0].custom"
STEP = "assets.4.versions[0].custom.transform[0]"


@pytest.mark.parametrize(
    ("name", "value", "code", "place"),
    [
        ("eas_fields", "slot.media", MISMATCH, "eas_fields"),
        ("eas_fields", True, MISMATCH, "eas_fields"),
        ("eas_fields", ["slot.title"], INVALID, "eas_fields[0]"),
        ("eas_fields", [1], MISMATCH, "eas_fields[0]"),
        ("eas_fields", {"slot.title": {"files": True}}, INVALID, "eas_fields.slot.title"),
        ("eas_fields", {"slot.media": True}, MISMATCH, "eas_fields.slot.media"),
        ("eas_fields", {"slot.media": {"files": 1}}, MISMATCH, "eas_fields.slot.media.files"),
        ("eas_fields", {"slot.media": {"versions": []}}, NOT_ACCEPTED, "eas_fields.slot.media.versions"),
        ("eas_fields", {"slot.media": {"data": {}}}, MISMATCH, "eas_fields.slot.media.data"),
        ("eas_fields", {"slot.media": {"data": [{}]}}, EXPECTED, "eas_fields.slot.media.data[0].type"),
        ("eas_fields", {"slot.media": {"data": [{"type": "x"}]}}, INVALID, "eas_fields.slot.media.data[0].type"),
        (
            "eas_fields",
            {"slot.media": {"data": [{"type": "original", "format": "x"}]}},
            INVALID,
            "eas_fields.slot.media.data[0].format",
        ),
        (
            "eas_fields",
            {"slot.media": {"data": [{"type": "version"}]}},
            EXPECTED,
            "eas_fields.slot.media.data[0].version",
        ),
        (
            "eas_fields",
            {"slot.media": {"data": [{"type": "version", "version": "image.poster"}]}},
            INVALID,
            "eas_fields.slot.media.data[0].version",
        ),
        (
            "eas_fields",
            {"slot.media": {"data": [{"type": "original", "version": "image.preview"}]}},
            INVALID,
            "eas_fields.slot.media.data[0].version",
        ),
        ("classes", [], MISMATCH, "classes"),
        ("classes", {"vector": []}, NOT_ACCEPTED, "classes.vector"),
        ("classes", {"image": {"current+original": True}}, MISMATCH, "classes.image"),
        ("classes", {"image": ["original"]}, MISMATCH, "classes.image[0]"),
        ("classes", {"image": [{}]}, EXPECTED, "classes.image[0].type"),
        ("classes", image(type="preview"), INVALID, "classes.image[0].type"),
        ("classes", image(type="version"), EXPECTED, "classes.image[0].version"),
        ("classes", image(type="version", version="poster"), INVALID, "classes.image[0].version"),
        ("classes", image(type="original", version="preview"), INVALID, "classes.image[0].version"),
        ("classes", image(type="original", metadata="5"), INVALID, "classes.image[0].metadata"),
        ("classes", image(type="original", metadata=5), MISMATCH, "classes.image[0].metadata"),
        ("classes", image(type="original", custom={}), INVALID, "classes.image[0].custom"),
        ("classes", image(type="custom"), EXPECTED, "classes.image[0].custom"),
        ("classes", image(type="original", size="x"), NOT_ACCEPTED, "classes.image[0].size"),
        ("classes", {"video": [{"type": "custom", "custom": {}}]}, INVALID, "classes.video[0].type"),
        ("classes", {"audio": [{"type": "original", "metadata": "remove"}]}, INVALID, "classes.audio[0].metadata"),
        ("classes", {"image": [{"type": "original"}] * (MOST_VERSIONS + 1)}, INVALID, "classes.image"),
        ("classes", custom(format="gif"), INVALID, f"{CUSTOM}.format"),
        ("classes", custom(jpeg_quality=80), MISMATCH, f"{CUSTOM}.jpeg_quality"),
        ("classes", custom(colorspace="lab"), INVALID, f"{CUSTOM}.colorspace"),
        ("classes", custom(size="large"), INVALID, f"{CUSTOM}.size"),
        ("classes", custom(size="custom"), EXPECTED, f"{CUSTOM}.custom_size_pixel"),
        ("classes", custom(custom_size="depth"), INVALID, f"{CUSTOM}.custom_size"),
        ("classes", custom(custom_size_pixel=0), INVALID, f"{CUSTOM}.custom_size_pixel"),
        ("classes", custom(custom_size_pixel=20001), INVALID, f"{CUSTOM}.custom_size_pixel"),
        ("classes", custom(custom_size_pixel="1600"), MISMATCH, f"{CUSTOM}.custom_size_pixel"),
        ("classes", custom(watermark=True), NOT_ACCEPTED, f"{CUSTOM}.watermark"),
        ("classes", custom(transform=[{"rotate-z": 90}]), NOT_ACCEPTED, f"{CUSTOM}.transform"),
        ("classes", custom(dpi=300), NOT_ACCEPTED, f"{CUSTOM}.dpi"),
        ("assets", [], MISMATCH, "assets"),
        ("assets", {"four": True}, INVALID, "assets.four"),
        ("assets", {"04": True}, INVALID, "assets.04"),
        ("assets", {"4": None}, MISMATCH, "assets.4"),
        ("assets", {"4": 1}, MISMATCH, "assets.4"),
        ("assets", {"4": {"files": True}}, NOT_ACCEPTED, "assets.4.files"),
        ("assets", {"4": {"json": 1}}, MISMATCH, "assets.4.json"),
        ("assets", {"4": {"eas_parent_id": 3}}, NOT_ACCEPTED, "assets.4.eas_parent_id"),
        ("assets", {str(number): True for number in range(1, MOST_ASSETS + 2)}, INVALID, "assets"),
        ("assets", asset(transform={}), MISMATCH, STEP.removesuffix("[0]")),
        ("assets", asset(transform=[{}]), INVALID, STEP),
        ("assets", asset(transform=[{"rotate-z": 90, "rotate-x": 180}]), INVALID, STEP),
        ("assets", asset(transform=[{"rotate-z": 45}]), INVALID, f"{STEP}.rotate-z"),
        ("assets", asset(transform=[{"rotate-x": 90}]), INVALID, f"{STEP}.rotate-x"),
        ("assets", asset(transform=[{"rotate-y": "180"}]), MISMATCH, f"{STEP}.rotate-y"),
        ("assets", asset(transform=[{"flip": True}]), NOT_ACCEPTED, f"{STEP}.flip"),
        ("assets", asset(transform=[{"crop": {**CROP, "width": 0}}]), INVALID, f"{STEP}.crop.width"),
        ("assets", asset(transform=[{"crop": {**CROP, "top": -1}}]), INVALID, f"{STEP}.crop.top"),
        ("assets", asset(transform=[{"crop": {"top": 1, "left": 1, "width": 1}}]), EXPECTED, f"{STEP}.crop.height"),
    ],
)
def test_a_bad_value_is_refused_by_place(name: str, value: Any, code: str, place: str) -> None:
    assert refused_at(lambda: defined(**{name: value})) == (code, f"export.{place}")
