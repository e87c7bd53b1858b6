"""Media files: stored with their bytes, found by who may see them, tidied up."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from slotport.actions import accounts, assets
from slotport.core.account import Account
from slotport.core.export import AssetClass
from slotport.core.exported import Asset
from slotport.core.slot import Media, MediaType, Slot, Visibility
from slotport.depot import Depot
from slotport.images import Images
from slotport.storage.assets import StoredAsset
from slotport.storage.store import Store
from tests.calendars import NOW, add_group, add_person, add_slots
from tests.exports import refusal
from tests.images.pictures import png_of, quarters, saved


@pytest.fixture(scope="module")
def images() -> Iterator[Images]:
    with Images(max_pixels=1_000_000, workers=1) as pool:
        yield pool


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return tmp_path / "files"


def upload(store: Store, owner: Account, images: Images, files: Path, name: str, content: bytes) -> StoredAsset:
    folder = assets.new_incoming(files)
    (folder / "original").write_bytes(content)
    return assets.add(store, owner, folder, name, depot=Depot(files), images=images, now=NOW)


def jpeg(folder: Path, width: int = 640, height: int = 320) -> bytes:
    folder.mkdir(parents=True, exist_ok=True)
    return saved(folder / "picture.jpg", quarters(width, height), turn=6).read_bytes()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_image_is_stored_with_its_renditions(store: Store, images: Images, files: Path, tmp_path: Path) -> None:
    owner, content = add_person(store), jpeg(tmp_path)

    told = upload(store, owner, images, files, "C:\\Pier.JPG", content)

    assert told.asset == Asset(
        id=told.asset.id,
        owner_id=owner.id,
        public_id=told.asset.public_id,
        asset_class=AssetClass.IMAGE,
        extension="jpg",
        original_filename="Pier.JPG",
        size=len(content),
        sha256=sha256(content).hexdigest(),
        media_type="image/jpeg",
        width=320,
        height=640,
        uploaded_at=NOW,
        versions=("large", "preview", "small"),
    )
    assert [(one.name, one.width, one.height) for one in told.versions] == [
        ("large", 320, 640),
        ("preview", 240, 480),
        ("small", 120, 240),
    ]
    folder = assets.folder_of(files, told.asset.id)
    assert names(folder) == ["large.jpg", "original.jpg", "preview.jpg", "small.jpg"]
    assert (folder / "original.jpg").read_bytes() == content
    assert names(files / "assets" / "incoming") == []
    assert len(told.asset.public_id) >= 22
    for one in told.versions:
        made = (folder / f"{one.name}.jpg").read_bytes()
        assert (one.size, one.sha256) == (len(made), sha256(made).hexdigest())


@pytest.mark.parametrize(
    ("name", "content", "asset_class"),
    [
        ("huge.png", png_of(50_000, 50_000), AssetClass.IMAGE),
        ("cut.png", png_of(100, 100), AssetClass.IMAGE),
        ("page.html", b"<script>alert(1)</script>", AssetClass.OTHER),
        ("empty.txt", b"", AssetClass.OTHER),
        ("tour.pdf", b"%PDF-1.7", AssetClass.OFFICE),
    ],
)
def test_what_no_versions_are_made_of_is_stored_as_it_came(
    store: Store, images: Images, files: Path, name: str, content: bytes, asset_class: AssetClass
) -> None:
    told = upload(store, add_person(store), images, files, name, content)

    asset = told.asset
    assert (asset.asset_class, asset.width, asset.height, told.versions) == (asset_class, None, None, ())
    assert assets.place_of(files, asset).read_bytes() == content


def test_programs_are_not_taken(store: Store, images: Images, files: Path) -> None:
    owner = add_person(store)

    assert refusal(lambda: upload(store, owner, images, files, "Setup.EXE", b"MZ")) == (
        "user.upload_type_not_allowed",
        {"filename": "Setup.EXE", "class": "other", "extension": "exe"},
    )


def test_a_folder_that_a_crash_left_is_no_hindrance(store: Store, images: Images, files: Path) -> None:
    owner = add_person(store)
    first = upload(store, owner, images, files, "a.txt", b"one")
    left = assets.folder_of(files, first.asset.id + 1)
    left.mkdir()
    (left / "original.jpg").write_bytes(b"half")

    second = upload(store, owner, images, files, "b.txt", b"two")

    assert assets.folder_of(files, second.asset.id) == left
    assert names(left) == ["original.txt"]


# Rights


def test_versions_are_found_by_name(store: Store, images: Images, files: Path, tmp_path: Path) -> None:
    owner = add_person(store)
    told = upload(store, owner, images, files, "Pier.JPG", jpeg(tmp_path))

    def found(version: str) -> tuple[str, str]:
        one = assets.find_version(store, owner, told.asset.id, version, depot=Depot(files))
        assert sha256(one.place.read_bytes()).hexdigest() == one.sha256
        return one.place.name, one.name

    assert [found(one) for one in ("original", "current", "preview", "image.preview")] == [
        ("original.jpg", "Pier.jpg"),
        ("original.jpg", "Pier.jpg"),
        ("preview.jpg", "Pier-preview.jpg"),
        ("preview.jpg", "Pier-preview.jpg"),
    ]
    for version in ("", "huge", "audio.preview", "../original"):
        assert refusal(lambda: found(version)) == ("user.asset_not_found", {"id": str(told.asset.id)})  # noqa: B023


def test_who_sees_a_slot_or_group_that_holds_it_sees_an_asset(store: Store, images: Images, files: Path) -> None:
    owner, friend, stranger = (add_person(store) for _ in range(3))
    in_slot, in_group, in_none = (upload(store, owner, images, files, f"{n}.txt", b"x") for n in "abc")
    add_group(store, owner, friend, image=in_group.asset.public_id)
    media = tuple(
        Media(public_id=one.asset.public_id, media_type=MediaType.IMAGE, position=number)
        for number, one in enumerate((in_slot,))
    )
    add_slots(store, owner, [Slot(title="Walk", start=NOW, uid="w", visibility=Visibility.PUBLIC, media=media)])
    # somebody else's slot makes nothing visible
    borrowed = (Media(public_id=in_none.asset.public_id, media_type=MediaType.IMAGE),)
    add_slots(store, stranger, [Slot(title="Mine", start=NOW, uid="m", media=borrowed)])

    def seen_by(reader: Account) -> list[bool]:
        return [_is_seen(store, reader, one.asset.id, files) for one in (in_slot, in_group, in_none)]

    assert (seen_by(owner), seen_by(friend), seen_by(stranger)) == (
        [True, True, True],
        [True, True, False],
        [True, False, False],
    )


def _is_seen(store: Store, reader: Account, asset_id: int, files: Path) -> bool:
    ids = (asset_id, asset_id)
    try:
        return list(assets.get_many(store, reader, ids)) == [asset_id] and bool(
            assets.find_version(store, reader, asset_id, "original", depot=Depot(files))
        )
    except assets.WireError:
        return False


def test_a_file_whose_bytes_are_gone_is_not_found(store: Store, images: Images, files: Path) -> None:
    owner = add_person(store)
    told = upload(store, owner, images, files, "a.txt", b"x")
    assets.place_of(files, told.asset).unlink()

    expected = ("user.asset_not_found", {"id": str(told.asset.id)})
    assert refusal(lambda: assets.find_version(store, owner, told.asset.id, "original", depot=Depot(files))) == expected


# Tidying up


def test_what_belongs_to_nothing_is_removed_when_it_is_old(store: Store, images: Images, files: Path) -> None:
    owner, leaver = add_person(store), add_person(store)
    kept, left = (upload(store, one, images, files, "a.txt", b"x") for one in (owner, leaver))
    orphan = assets.folder_of(files, 10**9)
    orphan.mkdir(parents=True)
    abandoned = assets.new_incoming(files)
    accounts.remove(store, leaver, now=NOW)
    folders = [assets.folder_of(files, one.asset.id) for one in (kept, left)] + [orphan, abandoned]

    def tidied(now: datetime) -> tuple[int, list[bool]]:
        return assets.remove_orphans(store, Depot(files), now), [folder.exists() for folder in folders]

    for folder in folders:
        os.utime(folder, (NOW.timestamp(), NOW.timestamp()))
    assert tidied(NOW + timedelta(hours=23)) == (0, [True] * 4)
    assert tidied(NOW + timedelta(hours=25)) == (3, [True, False, False, False])
    assert refusal(lambda: assets.get_many(store, owner, [left.asset.id])) == (
        "user.asset_not_found",
        {"id": str(left.asset.id)},
    )


def test_nothing_to_tidy_is_no_error(store: Store, files: Path) -> None:
    assert assets.remove_orphans(store, Depot(files), NOW) == 0
