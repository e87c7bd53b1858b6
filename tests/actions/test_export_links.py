"""What data files say about media files."""

from slotport.actions.export_links import links, wants_versions
from slotport.storage.assets import AssetVersion, StoredAsset
from tests.actions.test_export_media import SOUND, an_asset, an_object
from tests.exports import defined

PICTURE = an_asset(4, size=9, sha256="a" * 64)
PREVIEW = AssetVersion(
    name="preview", extension="png", size=5, sha256="b" * 64, media_type="image/png", width=480, height=360
)
STORED = {4: StoredAsset(asset=PICTURE, versions=(PREVIEW,))}
BASE = "https://slots.example"
AT = f"{BASE}/api/v1/eas/download"


def test_links_are_as_long_as_is_wanted() -> None:
    data = [
        {"type": "original"},
        {"type": "current", "format": "long"},
        {"type": "version", "version": "image.preview", "format": "long"},
        {"type": "version", "version": "image.small"},
    ]
    definition = defined(eas_fields={"slot.media": {"data": data}})

    found = links(definition, an_object("elsewhere", SOUND, PICTURE), "slot.media", base_url=BASE, stored=STORED)

    sound = {"class": "audio", "extension": "mp3", "size": SOUND.size, "sha256": SOUND.sha256}
    assert found == (
        (),
        (f"{AT}/5/original", {"url": f"{AT}/5/current", **sound}),
        (
            f"{AT}/4/original",
            {
                "url": f"{AT}/4/current",
                "class": "image",
                "extension": "jpg",
                "size": 9,
                "sha256": "a" * 64,
                "width": 640,
                "height": 480,
            },
            {
                "url": f"{AT}/4/preview",
                "class": "image",
                "extension": "png",
                "size": 5,
                "sha256": "b" * 64,
                "width": 480,
                "height": 360,
            },
        ),
    )
    assert wants_versions(definition)


def test_nothing_is_said_where_nothing_is_asked_for() -> None:
    definition = defined(eas_fields={"slot.media": {"files": True}})

    assert links(definition, an_object(PICTURE), "slot.media", base_url=BASE, stored={}) == ((),)
    assert links(definition, an_object(PICTURE), "group.image", base_url=BASE, stored={}) == ((),)
    assert not wants_versions(definition)
