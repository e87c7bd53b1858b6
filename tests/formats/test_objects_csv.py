"""Objects as csv: what is written, byte for byte, and what a reader makes of it (docs/formats/objects.md)."""

import csv
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from slotport.core.export import AssetLink, CsvOptions, DisplayName
from slotport.core.export_fields import ObjectType, fields_of
from slotport.core.exported import Exported
from slotport.formats import objects_csv
from slotport.formats.objects import Media, Rendition, Shape, text_of, values
from tests.exported import (
    ALL,
    CONVENTION,
    DAYS,
    EVENT,
    LOCATION,
    SHAPE,
    SLOT,
    TIME_SLOT,
    WALK,
    exported_slots,
    many_slots,
)
from tests.memory import peak

SAMPLES = Path(__file__).parents[1] / "samples" / "objects"
EVERY_COLUMN = CsvOptions(empty_columns=True)


def written(objects: Iterable[Exported], options: CsvOptions = EVERY_COLUMN, shape: Shape = SHAPE) -> bytes:
    held = list(objects)
    return b"".join(objects_csv.write(lambda: held, held[0].type if held else ObjectType.SLOT, options, shape))


def records(data: bytes, options: CsvOptions = EVERY_COLUMN) -> list[list[str]]:
    doubled = options.escape == options.quote
    reader = csv.reader(
        StringIO(data.decode("utf-8-sig"), newline=""),
        delimiter=options.delimiter,
        quotechar=options.quote,
        doublequote=doubled,
        escapechar=None if doubled else options.escape,
        strict=True,
    )
    return list(reader)


def only(*fields: str, **shape: Any) -> Shape:
    return structs.replace(SHAPE, fields={name: DisplayName() for name in fields}, **shape)


@pytest.mark.parametrize("kind", ObjectType)
def test_each_kind_is_written_as_the_sample(kind: ObjectType) -> None:
    found = written([one for one in ALL if one.type is kind], CsvOptions())

    assert found == (SAMPLES / f"{kind}.csv").read_bytes()


def test_without_objects_there_is_the_whole_header() -> None:
    assert records(written([], CsvOptions())) == [[field.name for field in fields_of(ObjectType.SLOT)]]


def test_a_column_without_a_value_in_any_object_is_left_out() -> None:
    shape = only("slot._id", "slot.rrule", "slot.location.name")

    assert records(written([SLOT, DAYS], CsvOptions(), shape)) == [
        ["slot._id", "slot.rrule", "slot.location.name"],
        ["10", "", "Quay 4"],
        ["11", "FREQ=YEARLY", ""],
    ]
    assert records(written([SLOT], CsvOptions(), shape)) == [["slot._id", "slot.location.name"], ["10", "Quay 4"]]


def test_only_the_fields_asked_for_are_written_in_their_own_order_and_under_their_display_names() -> None:
    fields = {"slot.title": DisplayName(display_name="=Titel"), "_uuid": DisplayName(), "group.name": DisplayName()}

    found = records(written([DAYS], shape=structs.replace(SHAPE, fields=fields)))

    assert found == [["_uuid", "'=Titel"], [str(DAYS.uuid), "Fair"]]


def test_a_text_that_a_spreadsheet_would_run_is_guarded_unless_the_export_says_otherwise() -> None:
    shape = only("slot.title")

    assert records(written([SLOT], shape=shape))[1] == ["'=Harbour walk"]
    assert records(written([SLOT], CsvOptions(formula_guard=False), shape))[1] == ["=Harbour walk"]


def test_signs_are_those_that_were_chosen_and_quotes_are_escaped() -> None:
    options = CsvOptions(delimiter=";", quote="'", escape="\\", use_bom=True, formula_guard=False)
    walk = structs.replace(SLOT, slot=structs.replace(WALK, title="a'b\\c;d"))

    found = written([walk], options, only("slot.title", "slot.uid"))

    assert found == b"\xef\xbb\xbf'slot.uid';'slot.title'\r\n'5e1f6c0a@slots.example';'a\\'b\\\\c;d'\r\n"
    assert records(found, options)[1] == ["5e1f6c0a@slots.example", "a'b\\c;d"]


def test_media_are_the_paths_of_their_files_seen_from_the_csv_or_else_their_public_ids() -> None:
    media = Media(paths=lambda one: {4: [f"batch-0001/media/slot-{one.id}/a.jpg", "batch-0001/media/b.jpg"]})

    found = records(written([SLOT], shape=only("slot.media", media=media, folder="batch-0001")))

    assert found == [["slot.media"], ["media/slot-10/a.jpg\nmedia/b.jpg\nelsewhere"]]


def test_links_say_where_a_file_is_fetched_and_long_ones_what_it_is() -> None:
    links = [
        AssetLink(type="original"),
        AssetLink(type="version", version="image.preview", format="long"),
        AssetLink(type="version", version="image.large"),
    ]
    media = Media(
        url="https://slots.example/eas/{}/{}".format,
        rendition=lambda number, name: Rendition(extension="png", size=number, sha256=name, width=480, height=320),
        links={"slot.media": links},
    )

    header, cells = records(written([SLOT], shape=only("slot.media", media=media)))

    assert dict(zip(header, cells, strict=True)) == {
        "slot.media": "pier-07\nelsewhere",
        "slot.media.original.url": "https://slots.example/eas/4/original",
        "slot.media.image.preview.url": "https://slots.example/eas/4/preview",
        "slot.media.image.preview.class": "image",
        "slot.media.image.preview.extension": "png",
        "slot.media.image.preview.size": "4",
        "slot.media.image.preview.sha256": "preview",
        "slot.media.image.preview.width": "480",
        "slot.media.image.preview.height": "320",
        "slot.media.image.large.url": "",
    }


@pytest.mark.parametrize(
    ("hierarchy", "location", "time_slot"),
    [
        (None, {"location.title": "Pier Room"}, {"timeslot.location": "44\n43"}),
        (
            ">",
            {"location.title": "Harbour Con > Quay > Pier Room"},
            {"timeslot.location": "Harbour Con > Deck\nHarbour Con > Quay > Pier Room"},
        ),
        (
            "column",
            {"location.title#0": "Harbour Con", "location.title#1": "Quay", "location.title#2": "Pier Room"},
            {
                "timeslot.location#0": "Harbour Con\nHarbour Con",
                "timeslot.location#1": "\nQuay",
                "timeslot.location#2": "Deck\nPier Room",
            },
        ),
    ],
)
def test_places_stand_in_their_hierarchy(hierarchy: Any, location: dict[str, str], time_slot: dict[str, str]) -> None:
    options = CsvOptions(hierarchy=hierarchy)

    for one, field, wanted in ((LOCATION, "location.title", location), (TIME_SLOT, "timeslot.location", time_slot)):
        header, cells = records(written([one], options, only(field)))
        assert dict(zip(header, cells, strict=True)) == wanted


def test_what_only_managers_see_is_written_for_managers_only() -> None:
    shape = only("event.tags", "event.notes_to_staff")

    assert records(written([EVENT], shape=shape))[1] == ["Workshop", ""]
    assert records(written([structs.replace(EVENT, sees_all=True)], shape=shape))[1] == ["Workshop\n10", "Glue!"]


signs = st.sampled_from([("\t", '"', '"'), (",", '"', '"'), (";", "'", "\\"), ("|", "ä", "ä"), (" ", "*", "/")])


@settings(max_examples=150, deadline=None)
@given(objects=st.lists(exported_slots(), min_size=1, max_size=3), signs=signs, empty=st.booleans())
def test_a_reader_finds_the_values_again(objects: list[Exported], signs: tuple[str, str, str], empty: bool) -> None:
    delimiter, quote, escape = signs
    options = CsvOptions(
        delimiter=delimiter, quote=quote, escape=escape, empty_columns=empty, formula_guard=False, use_bom=empty
    )

    header, *rows = records(written(objects, options), options)

    assert [dict(zip(header, row, strict=True)) for row in rows] == [
        {name: text for name, text in texts_of(one).items() if name in header} for one in objects
    ]
    missing = {field.name for field in fields_of(ObjectType.SLOT)}.difference(header)
    assert not any(texts_of(one)[name] for one in objects for name in missing)


def texts_of(one: Exported) -> dict[str, str]:
    names = [field.name for field in fields_of(one.type)]
    found = {}
    for name, value in zip(names, values(one, SHAPE.instance_name), strict=True):
        several = tuple(dict.fromkeys(value)) if name == "slot.media" and isinstance(value, tuple) else value
        found[name] = "\n".join(map(text_of, several)) if isinstance(several, tuple) else text_of(several)
    return found


def test_memory_does_not_grow_with_the_number_of_objects() -> None:
    def walk(count: int) -> Callable[[], object]:
        def objects() -> Iterator[Exported]:
            return (one for _ in range(count // 100) for one in HUNDRED)

        return lambda: [None for _ in objects_csv.write(objects, ObjectType.SLOT, CsvOptions(), SHAPE)]

    assert peak(walk(10_000)) < peak(walk(1000)) + 1024 * 1024


HUNDRED = many_slots(100)


def test_a_convention_without_dates_has_empty_cells() -> None:
    assert records(written([CONVENTION], shape=only("convention.end_date")))[1] == [""]
