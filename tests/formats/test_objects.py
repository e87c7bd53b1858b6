"""Data files of exports: csv, xml, json; calendars, Outlook CSV and Timeslot JSON of a run."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.core.export import (
    AssetClass,
    AssetLink,
    CsvOptions,
    DisplayName,
    File,
    IcalOptions,
    OutlookOptions,
    TimeslotOptions,
)
from slotport.core.export_fields import ObjectType
from slotport.core.exported import Asset, Exported, Group, MediaItem
from slotport.core.slot import Note, Place, Slot, Visibility
from slotport.formats import FORMATS, ReadOptions, manifest, objects_csv, objects_json, objects_xml, run_calendar
from slotport.formats.objects import Media, Shape

T = datetime(2031, 4, 9, 5, 15, tzinfo=UTC)
NAMESPACE = "{urn:slotport:export:1}"
HEAD = objects_json.Head(export_id=31, export_version=4, export_name="X", generated=T)
CALENDAR = run_calendar.Head(name="X", server="http://harbour.example", now=T)
SEA = Asset(
    id=4,
    owner_id=6,
    public_id="p4",
    asset_class=AssetClass.IMAGE,
    extension="png",
    original_filename="sea.png",
    size=10,
    sha256="ab",
    media_type="image/png",
    width=3,
    height=2,
    uploaded_at=T,
)


def exported(slot: Slot, number: int = 7, **fields: object) -> Exported:
    values: dict[str, object] = {
        "type": ObjectType.SLOT,
        "id": number,
        "uuid": UUID(int=number),
        "version": 2,
        "change": 3,
        "created_at": T,
        "updated_at": T,
        "owner_id": 6,
        "slot": slot,
        **fields,
    }
    return Exported(**values)  # type: ignore[arg-type]


WALK = exported(
    Slot(
        title='=Walk "home"',
        start=T,
        end=T + timedelta(hours=1),
        uid="u1",
        visibility=Visibility.PRIVATE,
        description="a\nb",
        notes=(Note(title="n", content="c"), Note(title="m", content="d")),
        place=Place(name="Pier", locality="Kiel"),
    ),
    groups=(Group(id=3, uuid=UUID(int=3), name="Sea", description=None, public=False, image=""),),
    media=(MediaItem(public_id="p4", asset=SEA), MediaItem(public_id="elsewhere")),
)
DAY = exported(Slot(title="Day", start=date(2031, 4, 9), end=date(2031, 4, 10), uid="u2"), 8)


def shape(*fields: str, folder: str = "") -> Shape:
    media = Media(
        paths=lambda one: {4: ["media/slot-7/a.png"]} if one.id == 7 else {},
        links={"slot.media": (AssetLink(type="original"),)},
    )
    named = {name: DisplayName() for name in fields} or None
    return Shape(instance_name="harbour", fields=named, media=media, folder=folder)


def in_csv(objects: Sequence[Exported], how: Shape, **options: object) -> bytes:
    chosen = CsvOptions(**options)  # type: ignore[arg-type]
    return b"".join(objects_csv.write(lambda: objects, ObjectType.SLOT, chosen, how))


def test_csv_quotes_everything_guards_formulas_and_leaves_empty_columns_out() -> None:
    how = shape("slot.title", "slot.start", "slot.rrule", "slot.notes.title", "slot.media")

    assert in_csv([WALK, DAY], how) == (
        b'"slot.title","slot.start","slot.notes.title","slot.media","slot.media.original.url"\r\n'
        b'"\'=Walk ""home""","2031-04-09T05:15:00Z","n\nm","media/slot-7/a.png\nelsewhere",'
        b'"/api/v1/eas/download/4/original"\r\n'
        b'"Day","2031-04-09","","",""\r\n'
    )


def test_csv_takes_its_signs_from_the_options() -> None:
    options = {"delimiter": ";", "quote": "'", "escape": "\\", "use_bom": True, "formula_guard": False}
    how = Shape(instance_name="harbour", fields={"slot.title": DisplayName(display_name="What's on")})

    assert in_csv([WALK], how, **options) == b"\xef\xbb\xbf'What\\'s on'\r\n'=Walk \"home\"'\r\n"


def test_csv_keeps_empty_columns_if_it_is_told_to() -> None:
    assert in_csv([DAY], shape("slot.title", "slot.rrule"), empty_columns=True) == (
        b'"slot.title","slot.rrule"\r\n"Day",""\r\n'
    )


def test_paths_are_relative_to_the_file_that_holds_them() -> None:
    path = "../media/slot-7/a.png"

    assert path in in_csv([WALK], shape("slot.media", folder="batch-0001")).decode()


def test_json_tells_of_each_object_with_its_system_fields() -> None:
    found = json.loads(b"".join(objects_json.write([WALK, DAY], HEAD, shape("slot.title", "slot.groups.name"))))

    assert {name: found[name] for name in found if name != "objects"} == {
        "format": "slotport-export",
        "version": 1,
        "export": {"_id": 31, "_version": 4, "name": "X"},
        "generated": "2031-04-09T05:15:00Z",
    }
    assert [one["slot"] for one in found["objects"]] == [
        {"_id": 7, "_version": 2, "title": '=Walk "home"', "groups": [{"name": "Sea"}]},
        {"_id": 8, "_version": 2, "title": "Day", "groups": []},
    ]


def test_xml_has_an_element_for_each_value() -> None:
    root = ElementTree.fromstring(b"".join(objects_xml.write([WALK, DAY], HEAD, shape())))

    assert root.tag == f"{NAMESPACE}objects"
    slots = root.findall(f"{NAMESPACE}object/{NAMESPACE}slot")
    assert [slot.findtext(f"{NAMESPACE}title") for slot in slots] == ['=Walk "home"', "Day"]
    assert [note.text for note in slots[0].findall(f"{NAMESPACE}notes/{NAMESPACE}content")] == ["c", "d"]
    assert slots[0].findtext(f"{NAMESPACE}groups/{NAMESPACE}_standard") == "Sea"


@given(title=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_text_is_read_back_by_other_programs(title: str) -> None:
    one = exported(Slot(title=title, start=T, end=T, uid="u"))
    how = shape("slot.title")

    as_json = json.loads(b"".join(objects_json.write([one], HEAD, how)))
    as_csv = in_csv([one], how, formula_guard=False, empty_columns=True).decode()
    rows = list(csv.reader(io.StringIO(as_csv, newline="")))
    ElementTree.fromstring(b"".join(objects_xml.write([one], HEAD, how)))

    assert as_json["objects"][0]["slot"]["title"] == title
    assert rows == [["slot.title"], [title]]


@pytest.mark.parametrize("word", ["ical", "outlook", "timeslot"])
def test_calendar_files_of_a_run_are_read_back_as_the_same_slots(word: str) -> None:
    pieces = {
        "ical": lambda: run_calendar.calendar([WALK, DAY], IcalOptions(), CALENDAR),
        "outlook": lambda: run_calendar.outlook_csv([WALK, DAY], OutlookOptions()),
        "timeslot": lambda: run_calendar.timeslot_json([WALK, DAY], TimeslotOptions(extended=True)),
    }[word]()

    again = list(FORMATS[word].read([b"".join(pieces)], ReadOptions()))

    assert [
        (one.uid, one.title, one.start, one.end, one.description or None) for one in again if isinstance(one, Slot)
    ] == [
        (one.slot.uid, one.slot.title, one.slot.start, one.slot.end, one.slot.description)
        for one in (WALK, DAY)
        if one.slot
    ]


def test_the_google_dialect_names_the_calendar_and_links_lead_to_files() -> None:
    options = IcalOptions(dialect="google", attach="uri")

    text = b"".join(run_calendar.calendar([WALK], options, CALENDAR)).decode().replace("\r\n ", "")

    assert "X-WR-CALNAME:X\r\n" in text
    assert "X-WR-TIMEZONE:UTC\r\n" in text
    assert "ATTACH" in text
    assert "/api/v1/eas/download/4/" in text


def test_a_calendar_a_group_holds_the_slots_of_the_group() -> None:
    files: dict[str, bytes] = {}
    for path, piece in run_calendar.calendars_of_groups([WALK, DAY], IcalOptions(one_file_per_group=True), CALENDAR):
        files[path] = files.get(path, b"") + piece

    assert {path: text.count(b"BEGIN:VEVENT") for path, text in files.items()} == {
        "calendar.ics": 1,
        f"calendar/{UUID(int=3)}.ics": 1,
    }
    assert all(text.endswith(b"END:VCALENDAR\r\n") for text in files.values())


def test_sums_are_what_sha256sum_reads() -> None:
    file = File(path="a b.csv", size=1, sha256="0" * 64, media_type="text/csv", modified=T)

    assert b"".join(manifest.sums([file])) == b"0" * 64 + b"  a b.csv\n"
    listed = json.loads(b"".join(manifest.manifest([file], HEAD)))
    assert [(one["path"], one["size"], one["sha256"]) for one in listed["files"]] == [("a b.csv", 1, "0" * 64)]
