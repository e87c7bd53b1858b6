"""Which media files a run writes, what they are called, and what becomes of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from slotport.actions import assets
from slotport.actions.export_media import MediaPlan, Planned, PlannedFile, Skipped, wants_json, write
from slotport.core.export import AssetClass, Definition, File
from slotport.core.export_fields import ObjectType
from slotport.core.exported import Asset, Exported, MediaItem
from slotport.depot import Depot
from slotport.images import Images
from tests.exports import defined
from tests.images.pictures import SECRET, quarters, saved

MADE = datetime(2031, 5, 6, 13, 44, tzinfo=UTC)
CHOSEN = {"slot.media": {"files": True}}


@pytest.fixture(scope="module")
def images() -> Iterator[Images]:
    with Images(max_pixels=1_000_000, workers=1) as pool:
        yield pool


def an_asset(number: int, **fields: Any) -> Asset:
    values = {
        "id": number,
        "owner_id": 6,
        "public_id": f"id-{number}",
        "asset_class": AssetClass.IMAGE,
        "extension": "jpg",
        "original_filename": "Pier 7.JPG",
        "size": 3,
        "sha256": sha256(b"abc").hexdigest(),
        "media_type": "image/jpeg",
        "width": 640,
        "height": 480,
        "uploaded_at": MADE,
        "versions": ("large", "preview", "small"),
        **fields,
    }
    return Asset(**values)


def an_object(*media: Asset | str, number: int = 12, kind: ObjectType = ObjectType.SLOT) -> Exported:
    items = [
        MediaItem(public_id=one) if isinstance(one, str) else MediaItem(public_id=one.public_id, asset=one)
        for one in media
    ]
    return Exported(
        type=kind,
        id=number,
        uuid=UUID(int=number),
        version=1,
        change=1,
        created_at=MADE,
        updated_at=MADE,
        media=tuple(items),
    )


def field_texts(exported: Exported) -> Mapping[str, str]:
    return {"slot.title": f"Walk / {exported.id}"}


def planner(definition: Definition, files: Path = Path("none")) -> MediaPlan:
    return MediaPlan(
        definition,
        export_name="Summer slots",
        instance_name="harbour",
        depot=Depot(files),
        remove_metadata=False,
        field_texts=field_texts,
    )


def planned(*media: Asset | str, **members: Any) -> Planned:
    return planner(defined(**{"eas_fields": CHOSEN, **members})).plan(an_object(*media))


def paths(plan: Planned) -> list[str]:
    return [one.path for one in plan.files]


def versions(plan: Planned) -> list[tuple[int, str, str]]:
    return [(one.asset.id, one.version, one.how) for one in plan.files]


SOUND = an_asset(5, asset_class=AssetClass.AUDIO, extension="mp3", media_type="audio/mpeg", versions=())
PICTURE = an_asset(4)


def test_a_file_is_planned_whole() -> None:
    assert planned(PICTURE) == Planned(
        files=(
            PlannedFile(
                path="media/slot-12/12-4-original.jpg",
                field="slot.media",
                object_type=ObjectType.SLOT,
                object_id=12,
                asset=PICTURE,
                version="original",
                how="copy",
                extension="jpg",
                media_type="image/jpeg",
            ),
        )
    )


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, [(4, "original", "copy"), (5, "original", "copy")]),
        ({"eas_fields": None}, []),
        ({"eas_fields": {"slot.media": {"files": False}}}, []),
        ({"eas_fields": ["group.image"]}, []),
        ({"classes": {"image": []}}, [(5, "original", "copy")]),
        ({"classes": {"audio": []}}, [(4, "original", "copy")]),
        (
            {"classes": {"image": [{"type": "version", "version": "preview"}, {"type": "current"}]}},
            [(4, "preview", "copy"), (4, "current", "copy"), (5, "original", "copy")],
        ),
        (
            {"classes": {"image": [{"type": "original"}, {"type": "current"}], "audio": []}},
            [(4, "original", "copy")],
        ),
        (
            {"classes": {"image": [{"type": "current", "metadata": "remove"}, {"type": "original"}], "audio": []}},
            [(4, "current", "without_metadata"), (4, "original", "copy")],
        ),
        (
            {"classes": {"image": [{"type": "custom", "custom": {"format": "png"}}], "audio": []}},
            [(4, "custom", "render")],
        ),
        ({"assets": {"4": False}}, [(5, "original", "copy")]),
        ({"assets": {"4": True}, "classes": {"image": []}}, [(5, "original", "copy")]),
        ({"assets": {"4": {"versions": []}}}, [(5, "original", "copy")]),
        (
            {"assets": {"4": {"versions": [{"type": "original"}]}}, "classes": {"image": [], "audio": []}},
            [(4, "original", "copy")],
        ),
        ({"assets": {"4": {"json": True}}, "classes": {"image": []}}, [(5, "original", "copy")]),
    ],
)
def test_rules_choose_versions(members: dict[str, Any], expected: list[tuple[int, str, str]]) -> None:
    assert versions(planned(PICTURE, SOUND, **members)) == expected


def test_the_instance_says_what_standard_means() -> None:
    plan = MediaPlan(
        defined(eas_fields=CHOSEN, classes={"image": [{"type": "original"}, {"type": "original", "metadata": "keep"}]}),
        export_name="",
        instance_name="",
        depot=Depot(Path("none")),
        remove_metadata=True,
        field_texts=field_texts,
    ).plan(an_object(PICTURE, SOUND))

    assert versions(plan) == [
        (4, "original", "without_metadata"),
        (4, "original", "copy"),
        (5, "original", "copy"),
    ]


def test_the_image_of_a_group_is_media_too() -> None:
    plan = planner(defined(eas_fields=["slot.media", "group.image"]))

    found = plan.plan(an_object(PICTURE, number=3, kind=ObjectType.GROUP))

    assert [(one.path, one.field) for one in found.files] == [("media/group-3/3-4-original.jpg", "group.image")]
    assert plan.plan(an_object(PICTURE, kind=ObjectType.EVENT)) == Planned()


def test_what_lies_elsewhere_is_skipped_with_a_warning() -> None:
    plan = planned("https://cdn.example/a.jpg\n", PICTURE, PICTURE)

    assert paths(plan) == ["media/slot-12/12-4-original.jpg"]
    assert plan.warnings == (
        "slot 12: the media https://cdn.example/a.jpg? is no uploaded file of its owner; only its id is exported",
    )


# Names

TWO = {"image": [{"type": "original"}, {"type": "version", "version": "preview"}]}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, ["12-4-original.jpg", "12-4-preview.jpg"]),
        ({"filename_original": True}, ["Pier 7.jpg", "Pier 7 (2).jpg"]),
        ({"filename_template": "%slot.title%-%_asset.version%"}, ["Walk _ 12-original.jpg", "Walk _ 12-preview.jpg"]),
        ({"filename_template": "%slot.description%"}, ["12-4-original.jpg", "12-4-preview.jpg"]),
        ({"filename_template": "100%%"}, ["100%.jpg", "100% (2).jpg"]),
        (
            {
                "filename_template": "%_asset.id% %_asset.class% %_asset.extension% %_asset.original_filename%"
                " %_asset.technical_metadata.width%x%_asset.technical_metadata.height%"
                " %_asset.technical_metadata.max_dimension% %_export.name% %_global_object_id%"
                " %_system_object_id% %_system.easydb.name% %_system.slotport.name% %_asset.version%"
            },
            [
                f"4 image jpg Pier 7 640x480 640 Summer slots 12@harbour 12 harbour harbour {version}.jpg"
                for version in ("original", "preview")
            ],
        ),
    ],
)
def test_names_are_made_as_the_export_says(members: dict[str, Any], expected: list[str]) -> None:
    plan = planned(PICTURE, classes=TWO, **members)

    assert paths(plan) == [f"media/slot-12/{name}" for name in expected]


def all_paths(objects: Sequence[tuple[Exported, int | None]], **members: Any) -> list[str]:
    plan = planner(defined(eas_fields=CHOSEN, **members))
    return [path for one, batch in objects for path in paths(plan.plan(one, batch=batch))]


def test_folders_hold_packages_and_objects() -> None:
    objects = [(an_object(PICTURE, number=number), batch) for number, batch in ((12, 1), (13, 1), (14, 10_000))]

    assert all_paths(objects, filename_original=True) == [
        "batch-0001/media/slot-12/Pier 7.jpg",
        "batch-0001/media/slot-13/Pier 7.jpg",
        "batch-10000/media/slot-14/Pier 7.jpg",
    ]


def test_a_flat_export_has_no_folders() -> None:
    objects = [an_object(PICTURE, number=number) for number in (12, 13, 14)]

    flat = all_paths([(one, None) for one in objects], filename_original=True, flat=True)
    packed = all_paths(list(zip(objects, (1, 1, 2), strict=True)), filename_original=True, flat=True)

    assert flat == ["Pier 7.jpg", "Pier 7 (2).jpg", "Pier 7 (3).jpg"]
    assert packed == ["0001-Pier 7.jpg", "0001-Pier 7 (2).jpg", "0002-Pier 7.jpg"]


@pytest.mark.parametrize(
    "name",
    ["slot.csv", "Slot-12.JSON", "objects.xml", "calendar.ics", "schedule-x.json", "manifest.json", "timeslot.json"],
)
def test_no_file_takes_the_name_of_data(name: str) -> None:
    stem, _, extension = name.rpartition(".")
    asset = an_asset(
        4, asset_class=AssetClass.OTHER, extension=extension, original_filename=name, media_type="x/y", versions=()
    )

    members = {"filename_original": True}

    assert all_paths([(an_object(asset), None)], **members, flat=True) == [f"{stem} (2).{extension}"]
    assert all_paths([(an_object(asset), 1)], **members, flat=True)[0] in (
        f"0001-{stem} (2).{extension}",
        f"0001-{name}",
    )
    assert all_paths([(an_object(asset), None)], **members) == [f"media/slot-12/{name}"]


def test_assets_may_want_their_object_as_json() -> None:
    rules = {"4": {"json": False}, "5": {"json": True}}

    wanted = [
        wants_json(defined(json=json, assets=rules), an_object(*media))
        for json in (False, True)
        for media in ((), (PICTURE,), (PICTURE, SOUND), ("elsewhere",))
    ]

    assert wanted == [False, False, True, False, True, False, True, True]


# Writing


def stored(files: Path, content: bytes, number: int = 4, **fields: Any) -> Asset:
    """An asset whose bytes are there."""
    asset = an_asset(number, size=len(content), sha256=sha256(content).hexdigest(), **fields)
    place = assets.place_of(files, asset)
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    return asset


def written(
    asset: Asset, rules: list[Any], files: Path, target: Path, images: Images
) -> list[tuple[File | Skipped, bytes | None]]:
    definition = defined(eas_fields=CHOSEN, assets={str(asset.id): {"versions": rules}})
    plan = planner(definition, files).plan(an_object(asset))
    found = write(plan.files, target, depot=Depot(files), images=images, modified=MADE, check=lambda: None)
    return [(one, (target / one.path).read_bytes() if (target / one.path).exists() else None) for one in found]


def test_originals_and_renditions_are_copied(images: Images, tmp_path: Path) -> None:
    files = tmp_path / "files"
    asset = stored(files, b"the original")
    (assets.folder_of(files, 4) / "preview.png").write_bytes(b"small")

    found = written(
        asset, [{"type": "original"}, {"type": "version", "version": "preview"}], files, tmp_path / "out", images
    )

    def file(version: str, extension: str, content: bytes, media_type: str) -> tuple[File, bytes]:
        return File(
            path=f"media/slot-12/12-4-{version}.{extension}",
            size=len(content),
            sha256=sha256(content).hexdigest(),
            media_type=media_type,
            modified=MADE,
            eas_id=4,
            eas_version=version,
            eas_fileclass=AssetClass.IMAGE,
            objects=(12,),
        ), content

    assert found == [
        file("original", "jpg", b"the original", "image/jpeg"),
        file("preview", "png", b"small", "image/png"),
    ]


def test_images_are_made_over(images: Images, tmp_path: Path) -> None:
    files = tmp_path / "files"
    content = saved(tmp_path / "a.jpg", quarters(), secret=SECRET).read_bytes()
    asset = stored(files, content)
    custom = {"format": "tiff", "size": "custom", "custom_size_pixel": 32, "transform": [{"rotate-z": 90}]}
    rules = [{"type": "original", "metadata": "remove"}, {"type": "custom", "custom": custom}]

    (bare, bare_bytes), (made, made_bytes) = written(asset, rules, files, tmp_path / "out", images)

    assert isinstance(bare, File)
    assert isinstance(made, File)
    assert [(one.path, one.eas_version, one.media_type) for one in (bare, made)] == [
        ("media/slot-12/12-4-original.jpg", "original", "image/jpeg"),
        ("media/slot-12/12-4-custom.tif", "custom", "image/tiff"),
    ]
    for one, data in ((bare, bare_bytes), (made, made_bytes)):
        assert data is not None
        assert (one.size, one.sha256) == (len(data), sha256(data).hexdigest())
    assert SECRET.encode() not in (bare_bytes or b"")
    with Image.open(tmp_path / "out" / made.path) as picture:
        assert picture.size == (24, 32)


@pytest.mark.parametrize(
    ("rule", "bytes_now", "reason"),
    [
        ({"type": "original"}, None, "its bytes are gone"),
        ({"type": "original"}, b"other bytes!", "its bytes are not those that were uploaded"),
        ({"type": "original"}, b"cut", "its bytes are not those that were uploaded"),
        ({"type": "version", "version": "preview"}, b"the original", "it has no version preview"),
        ({"type": "original", "metadata": "remove"}, None, "its bytes are gone"),
        ({"type": "original", "metadata": "remove"}, b"no image", "the file is no image that can be read"),
        ({"type": "custom", "custom": {}}, b"no image", "the file is no image that can be read"),
    ],
)
def test_what_cannot_be_written_is_skipped(
    images: Images, tmp_path: Path, rule: dict[str, Any], bytes_now: bytes | None, reason: str
) -> None:
    files = tmp_path / "files"
    asset = stored(files, b"the original")
    place = assets.place_of(files, asset)
    place.unlink() if bytes_now is None else place.write_bytes(bytes_now)

    ((skipped, content),) = written(asset, [rule], files, tmp_path / "out", images)

    version = rule.get("version", rule["type"])
    assert content is None
    assert skipped == Skipped(
        path=f"media/slot-12/12-4-{version}.jpg",
        warning=f"slot 12: the version {version} of the file Pier 7.JPG (asset 4) is left out: {reason}",
    )


class Stop(Exception):
    """What a run raises that is stopped."""


def test_a_stop_ends_the_work(images: Images, tmp_path: Path) -> None:
    files = tmp_path / "files"
    asset = stored(files, b"x" * 3_000_000)
    plan = planner(defined(eas_fields=CHOSEN), files).plan(an_object(asset))
    looks: list[int] = []

    def check() -> None:
        looks.append(1)
        if len(looks) == 3:
            raise Stop

    with pytest.raises(Stop):
        list(write(plan.files, tmp_path / "out", depot=Depot(files), images=images, modified=MADE, check=check))


def test_a_stop_ends_the_making_of_an_image(tmp_path: Path) -> None:
    files = tmp_path / "files"
    large = tmp_path / "large.png"
    Image.effect_noise((3000, 3000), 80).convert("RGB").save(large, compress_level=1)
    asset = stored(files, large.read_bytes(), extension="png", media_type="image/png")
    rules = {"4": {"versions": [{"type": "custom", "custom": {"format": "tiff"}}]}}
    plan = planner(defined(eas_fields=CHOSEN, assets=rules), files).plan(an_object(asset))
    looks: list[int] = []

    def check() -> None:
        looks.append(1)
        if len(looks) == 2:
            raise Stop

    with Images(max_pixels=10_000_000, workers=1) as images, pytest.raises(Stop):
        list(write(plan.files, tmp_path / "out", depot=Depot(files), images=images, modified=MADE, check=check))
