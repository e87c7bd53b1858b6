"""Every member of ``export`` that is no media: what it takes, what it refuses and where."""

from typing import Any

import pytest

from slotport.core.export import (
    CsvOptions,
    Definition,
    DisplayName,
    ExportType,
    IcalOptions,
    OutlookOptions,
    ScheduleOptions,
    TimeslotOptions,
)
from tests.exports import defined, refused_at

NOT_ACCEPTED = "api.attribute_not_accepted"
INVALID, MISMATCH = "api.invalid_value", "api.type_mismatch"
FLAGS = "xml json xml_one_file_per_object json_one_file_per_object filename_original flat manifest".split()
MERGES = ("none", "not_in_main_search", "not_in_main_search_and_reverse", "all")


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_is_true_or_false_and_nothing_else(name: str) -> None:
    assert [getattr(defined(**{name: value}), name) for value in (True, False)] == [True, False]
    for value in (1, 0, "true", "", [], {}):
        assert refused_at(lambda: defined(**{name: value})) == (MISMATCH, f"export.{name}")  # noqa: B023


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        *(("type", kind.value, kind) for kind in ExportType),
        *(("merge_linked_objects", word, word) for word in MERGES),
        ("merge_max_depth", 1, 1),
        ("merge_max_depth", 9, 9),
        ("batch_size", 0, 0),
        ("batch_size", 500, 500),
        ("mapping", "slotport", "slotport"),
        ("mapping", "easydb", "slotport"),
        ("filename_template", "%_asset.id%-%slot.title%", "%_asset.id%-%slot.title%"),
        ("fields", {}, None),
        ("csv", True, CsvOptions()),
        ("csv", {}, CsvOptions()),
        ("csv", {"all_languages": False}, CsvOptions()),
        ("csv", {"all_languages": None, "quote": None}, CsvOptions()),
        ("csv", {"delimiter": "\t", "quote": "'", "escape": "\\"}, CsvOptions(delimiter="\t", quote="'", escape="\\")),
        ("csv", {"use_bom": True, "empty_columns": True}, CsvOptions(use_bom=True, empty_columns=True)),
        ("csv", {"hierarchy": "column", "formula_guard": False}, CsvOptions(hierarchy="column", formula_guard=False)),
        ("csv", {"hierarchy": "/"}, CsvOptions(hierarchy="/")),
        ("csv", {"hierarchy": ">"}, CsvOptions(hierarchy=">")),
        ("ical", True, IcalOptions()),
        ("ical", {"dialect": "google", "alarms": False}, IcalOptions(dialect="google", alarms=False)),
        ("ical", {"timezone": "Europe/Berlin", "attach": "uri"}, IcalOptions(timezone="Europe/Berlin", attach="uri")),
        ("ical", {"one_file_per_group": True}, IcalOptions(one_file_per_group=True)),
        ("outlook", {"timezone": "Asia/Tokyo"}, OutlookOptions(timezone="Asia/Tokyo")),
        ("outlook", {}, OutlookOptions()),
        ("timeslot", True, TimeslotOptions()),
        ("timeslot", {"extended": True}, TimeslotOptions(extended=True)),
        ("schedule_xml", True, ScheduleOptions()),
        ("schedule_json", {"day_start": "23:59"}, ScheduleOptions(day_start="23:59")),
    ],
)
def test_a_good_value_is_stored(name: str, value: Any, stored: Any) -> None:
    assert defined(**{name: value}) == Definition(**{name: stored})


def test_fields_are_kept_in_the_order_of_columns() -> None:
    told = defined(
        fields={"slot.title": {"display_name": "Title"}, "_objecttype": {}, "slot.uid": {"display_name": None}}
    )

    assert list((told.fields or {}).items()) == [
        ("_objecttype", DisplayName()),
        ("slot.uid", DisplayName()),
        ("slot.title", DisplayName(display_name="Title")),
    ]


@pytest.mark.parametrize(
    ("name", "value", "code", "place"),
    [
        ("type", "import", INVALID, "type"),
        ("type", 1, MISMATCH, "type"),
        ("name", 1, MISMATCH, "name"),
        ("merge_linked_objects", "some", INVALID, "merge_linked_objects"),
        ("merge_linked_objects", False, MISMATCH, "merge_linked_objects"),
        ("merge_max_depth", 0, INVALID, "merge_max_depth"),
        ("merge_max_depth", 10, INVALID, "merge_max_depth"),
        ("merge_max_depth", "1", MISMATCH, "merge_max_depth"),
        ("merge_max_depth", 1.0, MISMATCH, "merge_max_depth"),
        ("merge_max_depth", True, MISMATCH, "merge_max_depth"),
        ("batch_size", -1, INVALID, "batch_size"),
        ("batch_size", 10**30, INVALID, "batch_size"),
        ("batch_size", "100", MISMATCH, "batch_size"),
        ("mapping", "easydb_flat", INVALID, "mapping"),
        ("mapping", 7, INVALID, "mapping"),
        ("mapping", {"_id": 7}, INVALID, "mapping"),
        ("mapping", True, MISMATCH, "mapping"),
        ("filename_template", 1, MISMATCH, "filename_template"),
        ("search", [], MISMATCH, "search"),
        ("fields", ["slot.title"], MISMATCH, "fields"),
        ("fields", {"slot.nothing": {}}, INVALID, "fields.slot.nothing"),
        ("fields", {"slot.title": None}, MISMATCH, "fields.slot.title"),
        ("fields", {"slot.title": "Title"}, MISMATCH, "fields.slot.title"),
        ("fields", {"slot.title": {"display_name": 1}}, MISMATCH, "fields.slot.title.display_name"),
        ("fields", {"slot.title": {"display_name": ""}}, INVALID, "fields.slot.title.display_name"),
        ("fields", {"slot.title": {"display_name": "a\nb"}}, INVALID, "fields.slot.title.display_name"),
        ("fields", {"slot.title": {"watermark": False}}, NOT_ACCEPTED, "fields.slot.title.watermark"),
        ("fields", {"x" * 500: {}}, INVALID, f"fields.{'x' * 80}..."),
        ("fields", {"\ud800\n": {}}, INVALID, "fields.??"),
        ("csv", "true", MISMATCH, "csv"),
        ("csv", 1, MISMATCH, "csv"),
        ("csv", {"separator": ";"}, NOT_ACCEPTED, "csv.separator"),
        ("csv", {"delimiter": ""}, INVALID, "csv.delimiter"),
        ("csv", {"delimiter": ";;"}, INVALID, "csv.delimiter"),
        ("csv", {"delimiter": "\n"}, INVALID, "csv.delimiter"),
        ("csv", {"quote": "\r"}, INVALID, "csv.quote"),
        ("csv", {"escape": "\0"}, INVALID, "csv.escape"),
        ("csv", {"quote": 1}, MISMATCH, "csv.quote"),
        ("csv", {"quote": ","}, INVALID, "csv.delimiter"),
        ("csv", {"quote": "'", "delimiter": "'", "escape": "'"}, INVALID, "csv.delimiter"),
        ("csv", {"escape": ","}, INVALID, "csv.escape"),
        ("csv", {"delimiter": "\\", "escape": "\\"}, INVALID, "csv.escape"),
        ("csv", {"quote": "\ufeff"}, INVALID, "csv.quote"),
        ("csv", {"use_bom": 1}, MISMATCH, "csv.use_bom"),
        ("csv", {"empty_columns": "no"}, MISMATCH, "csv.empty_columns"),
        ("csv", {"hierarchy": "-"}, INVALID, "csv.hierarchy"),
        ("csv", {"formula_guard": 0}, MISMATCH, "csv.formula_guard"),
        ("csv", {"all_languages": True}, NOT_ACCEPTED, "csv.all_languages"),
        ("ical", {"dialect": "apple"}, INVALID, "ical.dialect"),
        ("ical", {"one_file_per_group": 1}, MISMATCH, "ical.one_file_per_group"),
        ("ical", {"timezone": "Mars/Base"}, INVALID, "ical.timezone"),
        ("ical", {"timezone": "../etc/passwd"}, INVALID, "ical.timezone"),
        ("ical", {"timezone": 1}, MISMATCH, "ical.timezone"),
        ("ical", {"alarms": "yes"}, MISMATCH, "ical.alarms"),
        ("ical", {"attach": "inline"}, INVALID, "ical.attach"),
        ("ical", {"extended": True}, NOT_ACCEPTED, "ical.extended"),
        ("outlook", {"timezone": ""}, INVALID, "outlook.timezone"),
        ("outlook", {"dialect": "x"}, NOT_ACCEPTED, "outlook.dialect"),
        ("outlook", 0, MISMATCH, "outlook"),
        ("timeslot", {"extended": "x"}, MISMATCH, "timeslot.extended"),
        ("timeslot", {"timezone": "UTC"}, NOT_ACCEPTED, "timeslot.timezone"),
        ("schedule_xml", {"day_start": "24:00"}, INVALID, "schedule_xml.day_start"),
        ("schedule_xml", {"day_start": "4:00"}, INVALID, "schedule_xml.day_start"),
        ("schedule_json", {"day_start": "04:60"}, INVALID, "schedule_json.day_start"),
        ("schedule_json", {"day_start": 4}, MISMATCH, "schedule_json.day_start"),
        ("schedule_json", {"slug": "x"}, NOT_ACCEPTED, "schedule_json.slug"),
        ("all_languages", True, NOT_ACCEPTED, "all_languages"),
        ("all_languages", 0, NOT_ACCEPTED, "all_languages"),
        ("xslt_xml_post_processing", {"_id": 3}, NOT_ACCEPTED, "xslt_xml_post_processing._id"),
        ("xslt_xml_post_processing", {}, NOT_ACCEPTED, "xslt_xml_post_processing"),
        ("xslt_xml_post_processing", False, NOT_ACCEPTED, "xslt_xml_post_processing"),
        ("produce_options", {"plugin": True}, NOT_ACCEPTED, "produce_options.plugin"),
        ("produce_options", {"plugin": 0}, NOT_ACCEPTED, "produce_options.plugin"),
        ("produce_options", [], NOT_ACCEPTED, "produce_options"),
        ("unheard_of", None, NOT_ACCEPTED, "unheard_of"),
    ],
)
def test_a_bad_value_is_refused_by_place(name: str, value: Any, code: str, place: str) -> None:
    assert refused_at(lambda: defined(**{name: value})) == (code, f"export.{place}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("all_languages", None),
        ("all_languages", False),
        ("xslt_xml_post_processing", None),
        ("xslt_xml_post_processing", {"_id": None}),
        ("produce_options", None),
        ("produce_options", {}),
        ("produce_options", {"a": None, "b": False}),
    ],
)
def test_what_slotport_does_not_have_takes_its_neutral_value(name: str, value: Any) -> None:
    assert defined(**{name: value}) == Definition()
