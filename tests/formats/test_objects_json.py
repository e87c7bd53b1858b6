"""Objects as json: what is written, byte for byte, and what the values are (docs/formats/objects.md)."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from slotport.core.export import AssetLink, AssetRule, Definition, DisplayName
from slotport.core.export_fields import ObjectType
from slotport.core.exported import Exported
from slotport.formats import objects_json
from slotport.formats.objects import Media, Shape, texts
from tests.exported import ALL, GROUP, HEAD, SHAPE, SLOT, TIME_SLOT, exported_slots, many_slots
from tests.memory import peak

SAMPLES = Path(__file__).parents[1] / "samples" / "objects"


def written(objects: Iterable[Exported], shape: Shape = SHAPE) -> bytes:
    return b"".join(objects_json.write(objects, HEAD, shape))


def told(objects: Iterable[Exported], shape: Shape = SHAPE) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(written(objects, shape))["objects"]
    return found


def test_a_document_is_written_as_the_sample() -> None:
    assert written(ALL) == (SAMPLES / "objects.json").read_bytes()


def test_a_document_without_objects_is_one_too() -> None:
    assert json.loads(written([])) == {
        "format": "slotport-export",
        "version": 1,
        "export": {"_id": 31, "_version": 4, "name": "Summer & <slots>"},
        "generated": "2031-05-01T04:00:07Z",
        "objects": [],
    }


def test_a_document_of_one_object_has_it_as_the_document_of_all_has_it() -> None:
    assert [one for each in ALL for one in told([each])] == told(ALL)


def test_of_other_fields_than_those_asked_for_only_the_identity_is_told() -> None:
    fields = {name: DisplayName(display_name="ignored") for name in ("slot.notes.content", "slot.title", "_uuid")}

    assert told([SLOT], structs.replace(SHAPE, fields=fields)) == [
        {
            "_objecttype": "slot",
            "_system_object_id": 10,
            "_uuid": str(SLOT.uuid),
            "slot": {
                "_id": 10,
                "_version": 3,
                "title": "=Harbour walk",
                "notes": [{"content": "Binoculars"}, {"content": "Bus 3\nor walk"}],
            },
        }
    ]


def test_media_have_their_files_and_links() -> None:
    media = Media(
        paths=lambda one: {4: [f"media/group-{one.id}/12-4-original.jpg"]},
        links={
            "group.image": [AssetLink(type="original", format="long"), AssetLink(type="version", version="image.x")]
        },
    )

    found = told([GROUP], structs.replace(SHAPE, media=media, folder="group"))

    assert found[0]["group"]["image"] == [
        {
            "public_id": "pier-07",
            "title": None,
            "asset": 4,
            "files": ["../media/group-12/12-4-original.jpg"],
            "links": [
                {
                    "version": "original",
                    "url": "/api/v1/eas/download/4/original",
                    "class": "image",
                    "extension": "jpg",
                    "size": 1234,
                    "sha256": "ab" * 32,
                    "width": 1200,
                    "height": 800,
                }
            ],
        }
    ]


@settings(max_examples=100, deadline=None)
@given(objects=st.lists(exported_slots(), max_size=3))
def test_a_reader_finds_every_text_again(objects: list[Exported]) -> None:
    found = told(objects)

    assert [one["slot"]["title"] for one in found] == [one.slot.title for one in objects if one.slot]
    assert [[note["content"] for note in one["slot"]["notes"]] for one in found] == [
        [note.content for note in one.slot.notes or ()] for one in objects if one.slot
    ]


@pytest.mark.parametrize(
    ("rules", "json_flag", "wanted"),
    [
        (None, True, True),
        (None, False, False),
        ({"4": True}, False, False),
        ({"4": AssetRule(json=True)}, False, True),
        ({"4": AssetRule(json=False)}, True, False),
        ({"5": AssetRule(json=False)}, True, True),
    ],
)
def test_what_is_said_of_a_file_decides_whether_its_object_is_in_json(rules: Any, json_flag: Any, wanted: bool) -> None:
    assert objects_json.takes(SLOT, Definition(json=json_flag, assets=rules)) is wanted


def test_the_texts_of_fields_are_those_of_templates() -> None:
    found = texts(TIME_SLOT, "harbour")

    assert {name: found[name] for name in ("timeslot.location", "timeslot.min_attendees", "_global_object_id")} == {
        "timeslot.location": "44, 43",
        "timeslot.min_attendees": "",
        "_global_object_id": "42@harbour",
    }


def test_memory_does_not_grow_with_the_number_of_objects() -> None:
    def walk(count: int) -> Callable[[], object]:
        def objects() -> Iterator[Exported]:
            return (one for _ in range(count // 100) for one in HUNDRED)

        return lambda: [None for _ in objects_json.write(objects(), HEAD, SHAPE)]

    assert peak(walk(10_000)) < peak(walk(1000)) + 1024 * 1024


HUNDRED = many_slots(100)


def test_every_kind_has_a_member_of_its_name() -> None:
    assert [(one["_objecttype"], one[one["_objecttype"]]["_id"]) for one in told(ALL)] == [
        (ObjectType(one.type), one.id) for one in ALL
    ]
