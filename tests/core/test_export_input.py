"""What a client says of an export: identity, versions, names, and changes laid over what there was."""

from typing import Any

import pytest
from msgspec import structs

from slotport.core.export import CsvOptions, Definition, ExportType, IcalOptions, Schedule, Transport
from slotport.core.export_input import NAME_LENGTH, Said, laid_over
from tests.exports import MOST_SCHEDULES, an_export, changed, created, defined, numbered_uuids, refusal, refused_at

NOT_ACCEPTED, EXPECTED = "api.attribute_not_accepted", "api.attribute_expected"
INVALID, MISMATCH = "api.invalid_value", "api.type_mismatch"
FRIDAY = {"weekdays": ["friday"], "hours": [18]}


def test_an_empty_export_has_every_default() -> None:
    assert created({"export": {}}) == Said(definition=Definition(), schedules=(), transports=())


def test_a_template_full_of_neutral_values_is_accepted() -> None:
    template = {
        "_basetype": "export",
        "_schedules": None,
        "_transports": [],
        "export": {
            "_id": None,
            "_version": 1,
            "type": "export",
            "name": None,
            "search": {},
            "fields": {},
            "eas_fields": {},
            "classes": {},
            "assets": {},
            "csv": False,
            "xml": False,
            "json": None,
            "merge_linked_objects": "none",
            "mapping": "easydb",
            "all_languages": False,
            "xslt_xml_post_processing": {"_id": None},
            "produce_options": {"plugin": False, "other": None},
        },
    }

    assert created(template) == Said(definition=Definition(), schedules=(), transports=())


def test_the_worked_example_reads_as_it_says() -> None:
    export = {"name": "Summer slots", "json": True, "csv": {"delimiter": ";", "use_bom": True}, "ical": True}
    body = {
        "export": export,
        "_transports": [{"type": "download", "packer": "zip_2gb"}],
        "_schedules": [FRIDAY],
    }

    assert created(body) == Said(
        definition=Definition(
            name="Summer slots", json=True, csv=CsvOptions(delimiter=";", use_bom=True), ical=IcalOptions()
        ),
        schedules=(Schedule(weekdays=("friday",), hours=(18,)),),
        transports=(Transport(uuid=numbered_uuids()(), type="download", packer="zip_2gb"),),
    )


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ({}, EXPECTED, "export"),
        ({"export": None}, MISMATCH, "export"),
        ({"export": []}, MISMATCH, "export"),
        ({"export": {}, "_basetype": "event"}, INVALID, "_basetype"),
        ({"export": {}, "_basetype": 1}, MISMATCH, "_basetype"),
        ({"export": {}, "_owner": 6}, NOT_ACCEPTED, "_owner"),
        ({"export": {}, "name": "x"}, NOT_ACCEPTED, "name"),
        ({"export": {"_id": 31}}, INVALID, "export._id"),
        ({"export": {"_id": "31"}}, MISMATCH, "export._id"),
        ({"export": {"_version": "1"}}, MISMATCH, "export._version"),
        ({"export": {"_version": True}}, MISMATCH, "export._version"),
        ({"export": {"_state": "new"}}, NOT_ACCEPTED, "export._state"),
        ({"export": {}, "_schedules": {}}, MISMATCH, "_schedules"),
        ({"export": {}, "_transports": "download"}, MISMATCH, "_transports"),
    ],
)
def test_a_new_export_is_refused_by_place(body: Any, code: str, place: str) -> None:
    assert refused_at(lambda: created(body)) == (code, place)


@pytest.mark.parametrize("body", [None, [], "export", 3, True])
def test_a_body_that_is_no_object_is_refused(body: Any) -> None:
    assert refusal(lambda: created(body)) == (MISMATCH, {})
    assert refusal(lambda: changed(body)) == (MISMATCH, {})


@pytest.mark.parametrize("version", [0, 2, -1])
def test_a_new_export_has_version_one(version: int) -> None:
    expected = ("user.version_mismatch", {"provided": str(version), "expected": "1"})

    assert refusal(lambda: created({"export": {"_version": version}})) == expected


def test_what_the_server_says_itself_may_be_sent_back() -> None:
    names = "_state _log _files _downloads _date_updated _next_run _expires _progress _last_run _last_success"
    said = {name: ["anything", {"at": "all"}] for name in names.split()}

    assert created({"export": {}, "_date_created": "2020-01-01T00:00:00Z", **said}) == created({"export": {}})
    assert changed({"export": {"flat": True}, **said}) == changed({"export": {"flat": True}})


# Names


@pytest.mark.parametrize("name", ["Summer", "ü" * NAME_LENGTH, "a/b: c?", "  trimmed\n"])
def test_a_name_is_trimmed(name: str) -> None:
    assert defined(name=name).name == name.strip()


@pytest.mark.parametrize("name", ["", "   ", "a" * (NAME_LENGTH + 1), "a\tb", "a\x85b", "a\0b", "a\ud800b"])
def test_a_bad_name_is_refused(name: str) -> None:
    assert refused_at(lambda: defined(name=name)) == (INVALID, "export.name")


def test_a_schedule_needs_a_name() -> None:
    needed = ("user.export_name_required", {"id": "<new>"})

    assert refusal(lambda: created({"export": {}, "_schedules": [{}]})) == needed
    assert created({"export": {}, "_schedules": []}).schedules == ()


def test_a_change_that_leaves_a_schedule_without_a_name_is_refused() -> None:
    needed = ("user.export_name_required", {"id": "31"})
    named = an_export(definition=Definition(name="Weekly"), schedules=(Schedule(hours=(18,)),))

    assert refusal(lambda: changed({"_schedules": [{}]})) == needed
    assert refusal(lambda: changed({"export": {"name": None}}, named)) == needed
    assert refusal(lambda: changed({"export": {"name": "slotport-export-31"}}, named)) == needed
    assert changed({"export": {"name": None}, "_schedules": None}, named).definition.name is None


@pytest.mark.parametrize("kind", ExportType)
def test_its_own_default_name_is_none(kind: ExportType) -> None:
    assert changed({"export": {"name": f"slotport-{kind}-31"}}).definition.name is None
    assert changed({"export": {"name": f"slotport-{kind}-32"}}).definition.name == f"slotport-{kind}-32"


# Changes


def test_a_change_replaces_each_direct_member_that_is_there() -> None:
    before = an_export(
        definition=Definition(name="Weekly", xml=True, csv=CsvOptions(delimiter=";", use_bom=True)),
        schedules=(Schedule(hours=(18,)),),
        transports=(Transport(id=3, uuid="u", type="download"),),
    )

    after = changed({"export": {"csv": {"quote": "'"}, "json": True}}, before)

    assert after == Said(
        definition=structs.replace(before.definition, csv=CsvOptions(quote="'"), json=True),
        schedules=before.schedules,
        transports=before.transports,
    )


def test_null_resets_to_the_default() -> None:
    changes = {
        "type": "download",
        "name": "Weekly",
        "search": {"objecttypes": ["slot"]},
        "fields": {"slot.title": {}},
        "eas_fields": ["slot.media"],
        "classes": {"image": []},
        "assets": {"4": False},
        "csv": True,
        "xml": True,
        "json": True,
        "xml_one_file_per_object": True,
        "json_one_file_per_object": True,
        "merge_linked_objects": "all",
        "merge_max_depth": 3,
        "batch_size": 100,
        "filename_original": True,
        "flat": True,
        "mapping": "slotport",
        "ical": True,
        "outlook": True,
        "timeslot": True,
        "schedule_xml": True,
        "schedule_json": True,
        "manifest": True,
    }
    full = defined(**changes)
    same = {name for name in Definition.__struct_fields__ if getattr(full, name) == getattr(Definition(), name)}
    assert same == {"mapping", "filename_template"}

    after = changed({"export": dict.fromkeys([*changes, "filename_template"])}, an_export(definition=full))

    assert after.definition == Definition()


def test_schedules_and_transports_are_reset_by_null() -> None:
    before = an_export(
        definition=Definition(name="Weekly"),
        schedules=(Schedule(),),
        transports=(Transport(id=3, uuid="u", type="download"),),
    )

    after = changed({"_schedules": None, "_transports": None}, before)

    assert after == Said(definition=before.definition, schedules=(), transports=())


@pytest.mark.parametrize(
    "body",
    [{}, {"export": {}}, {"export": {"_version": 5}}, {"export": {"all_languages": False}}, {"_state": "new"}],
)
def test_a_change_of_nothing_is_refused(body: Any) -> None:
    assert refused_at(lambda: changed(body)) == (EXPECTED, "export")


def test_a_change_names_the_next_version_or_none() -> None:
    assert changed({"export": {"flat": True, "_version": 5}}).definition.flat
    assert changed({"export": {"flat": True, "_version": None}}).definition.flat
    for version in (1, 4, 6):
        expected = ("user.version_mismatch", {"provided": str(version), "expected": "5"})
        assert refusal(lambda: changed({"export": {"flat": True, "_version": version}})) == expected  # noqa: B023


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"_date_created": "2031-04-09T05:15:01Z"}, "_date_created"),
        ({"_date_created": "yesterday"}, "_date_created"),
        ({"export": {"_id": 32, "flat": True}}, "export._id"),
        ({"_basetype": "slot"}, "_basetype"),
    ],
)
def test_a_change_of_another_export_is_refused(body: Any, place: str) -> None:
    assert refused_at(lambda: changed({"_schedules": [], **body})) == (INVALID, place)


def test_a_change_may_say_which_export_it_is_of() -> None:
    body = {"_basetype": "export", "_date_created": "2031-04-09T05:15:00Z", "export": {"_id": 31, "flat": True}}

    assert changed(body).definition == Definition(flat=True)


def test_original_names_and_a_template_exclude_each_other_also_after_a_change() -> None:
    both = (INVALID, "export.filename_template")
    before = an_export(definition=Definition(filename_template="%_asset.id%"))

    assert refused_at(lambda: defined(filename_original=True, filename_template="%_asset.id%")) == both
    assert refused_at(lambda: changed({"export": {"filename_original": True}}, before)) == both
    after = changed({"export": {"filename_original": True, "filename_template": None}}, before)
    assert after.definition == Definition(filename_original=True)


def test_a_definition_has_a_largest_size() -> None:
    step = {"type": "custom", "custom": {"transform": [{"rotate-z": 90}] * 20}}
    assets = {str(number): {"versions": [step]} for number in range(1, 1001)}

    assert refused_at(lambda: defined(assets=assets)) == (INVALID, "export")


def test_a_preview_asks_for_no_version_and_no_change() -> None:
    before = an_export(definition=Definition(name="Weekly"))

    def over(body: Any) -> Definition:
        return laid_over(body, before, most_schedules=MOST_SCHEDULES, new_uuid=numbered_uuids())

    assert over({}) == before.definition
    assert over({"export": {"_version": 4, "flat": True}}) == Definition(name="Weekly", flat=True)
    assert refused_at(lambda: over({"export": {"csw": True}})) == (NOT_ACCEPTED, "export.csw")
