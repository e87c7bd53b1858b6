"""Searches as clients write them: what is taken, what it becomes, and how the rest is refused."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from slotport.core.export_fields import FIELDS
from slotport.core.search import ChangelogRange, Complex, In, Match, Range, Search, Sort
from slotport.core.search_dates import Period, day_from, day_to, period
from slotport.core.search_input import search
from slotport.errors import WireError

HERE = "export.search"
FIRST = "export.search.search[0]"


def refused(value: Any) -> tuple[str, dict[str, str]]:
    with pytest.raises(WireError) as caught:
        search(value)
    return caught.value.code, caught.value.parameters


def refused_element(**members: Any) -> tuple[str, dict[str, str]]:
    return refused({"search": [members]})


def one(**members: Any) -> Any:
    return search({"search": [members]}).search[0]


def about(code: str, path: str) -> tuple[str, dict[str, str]]:
    return f"error.api.{code}", {"attribute": path}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"type": "object", "objecttypes": None, "search": None, "sort": None, "limit": None, "offset": None},
        {"format": "long", "language": None, "search": [], "sort": []},
        {"format": None},
    ],
)
def test_nothing_said_is_everything(value: Any) -> None:
    assert search(value) == Search()


def test_every_member_arrives() -> None:
    said = {
        "objecttypes": ["slot", "event", "slot"],
        "sort": [{"field": "slot.start", "order": "DESC"}, {"field": "event.title"}],
        "limit": 0,
        "offset": 7,
        "search": [
            {
                "type": "match",
                "string": "pier",
                "mode": "token",
                "fields": ["slot.title", "slot.title"],
                "phrase": True,
            },
            {"type": "in", "bool": "should", "fields": ["slot.allday"], "in": [True, None], "boost": 1},
            {"type": "in", "objecttype": "group", "in": [3, None], "include_path": False},
            {"type": "in", "eas_field": "extension", "in": ["png"]},
            {"type": "range", "field": "slot.start", "from": "2031-05", "to": None, "boost": 1.0},
            {"type": "range", "field": "_version", "to": 2.5},
            {"type": "changelog_range", "user": 4, "operation": "insert", "from": "2031", "comment": None},
            {"type": "complex", "bool": "must_not", "search": [{"type": "match", "string": ""}]},
        ],
    }

    assert search(said) == Search(
        objecttypes=("slot", "event"),
        sort=(Sort(field="slot.start", order="DESC"), Sort(field="event.title")),
        limit=0,
        offset=7,
        search=(
            Match(string="pier", mode="token", fields=("slot.title",), phrase=True),
            In(clause="should", fields=("slot.allday",), values=(True, None)),
            In(objecttype="group", values=(3, None)),
            In(eas_field="extension", values=("png",)),
            Range(field="slot.start", from_="2031-05"),
            Range(field="_version", to=2.5),
            ChangelogRange(user=4, operation="insert", from_="2031"),
            Complex(clause="must_not", search=(Match(string=""),)),
        ),
    )


def test_what_is_shown_of_a_search_is_taken_again() -> None:
    said = search(
        {
            "search": [
                {"type": "range", "field": "slot.start", "from": "2031-05"},
                {"type": "in", "fields": ["slot.uid"], "in": ["a", None]},
                {"type": "complex", "search": [{"type": "match", "string": "a"}]},
                {"type": "changelog_range", "to": "2031"},
            ]
        }
    )

    assert search(msgspec.json.decode(msgspec.json.encode(said))) == said


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ([], about("type_mismatch", HERE)),
        ("*", about("type_mismatch", HERE)),
        ({"aggregations": {}}, about("attribute_not_accepted", f"{HERE}.aggregations")),
        ({"highlight": None}, about("attribute_not_accepted", f"{HERE}.highlight")),
        ({"generate_rights": False}, about("attribute_not_accepted", f"{HERE}.generate_rights")),
        ({"type": "acl"}, about("invalid_value", f"{HERE}.type")),
        ({"type": 1}, about("type_mismatch", f"{HERE}.type")),
        ({"format": "short"}, about("attribute_not_accepted", f"{HERE}.format")),
        ({"language": "de-DE"}, about("attribute_not_accepted", f"{HERE}.language")),
        ({"limit": "3"}, about("type_mismatch", f"{HERE}.limit")),
        ({"limit": True}, about("type_mismatch", f"{HERE}.limit")),
        ({"limit": 1.0}, about("type_mismatch", f"{HERE}.limit")),
        ({"limit": -1}, about("invalid_value", f"{HERE}.limit")),
        ({"offset": 2**63}, about("invalid_value", f"{HERE}.offset")),
        ({"objecttypes": "slot"}, about("type_mismatch", f"{HERE}.objecttypes")),
        ({"objecttypes": []}, about("invalid_value", f"{HERE}.objecttypes")),
        ({"objecttypes": ["slot", 4]}, about("type_mismatch", f"{HERE}.objecttypes[1]")),
        ({"objecttypes": ["slot", "boat"]}, ("error.user.objecttype_not_found", {"id": "boat"})),
        ({"search": {}}, about("type_mismatch", f"{HERE}.search")),
        ({"search": [None]}, about("type_mismatch", FIRST)),
        ({"search": [{}]}, about("attribute_expected", f"{FIRST}.type")),
        ({"search": [{"type": None}]}, about("attribute_expected", f"{FIRST}.type")),
        ({"search": [{"type": "nested"}]}, about("attribute_not_accepted", f"{FIRST}.type")),
        ({"search": [{"type": "fuzzy"}]}, about("invalid_value", f"{FIRST}.type")),
        ({"search": [{"type": 3}]}, about("type_mismatch", f"{FIRST}.type")),
        ({"sort": {"field": "slot.title"}}, about("type_mismatch", f"{HERE}.sort")),
        ({"sort": [{}]}, about("attribute_expected", f"{HERE}.sort[0].field")),
        ({"sort": [{"field": "slot.colour"}]}, about("invalid_value", f"{HERE}.sort[0].field")),
        ({"sort": [{"field": "slot.title", "order": "asc"}]}, about("invalid_value", f"{HERE}.sort[0].order")),
        ({"sort": [{"field": "slot.title", "_level": 1}]}, about("attribute_not_accepted", f"{HERE}.sort[0]._level")),
        ({"sort": [{"field": "slot.title"}] * 21}, about("invalid_value", f"{HERE}.sort")),
    ],
)
def test_what_is_wrong_around_the_elements_is_refused_with_its_place(value: Any, answer: Any) -> None:
    assert refused(value) == answer


@pytest.mark.parametrize(
    ("members", "code", "path"),
    [
        ({"type": "match"}, "attribute_expected", ".string"),
        ({"type": "match", "string": 3}, "type_mismatch", ".string"),
        ({"type": "match", "string": "a\0"}, "invalid_value", ".string"),
        ({"type": "match", "string": "\ud800"}, "invalid_value", ".string"),
        ({"type": "match", "string": "a", "mode": "regex"}, "invalid_value", ".mode"),
        ({"type": "match", "string": "a", "phrase": 1}, "type_mismatch", ".phrase"),
        ({"type": "match", "string": "a", "bool": "may"}, "invalid_value", ".bool"),
        ({"type": "match", "string": "a", "boost": 2}, "attribute_not_accepted", ".boost"),
        ({"type": "match", "string": "a", "boost": True}, "attribute_not_accepted", ".boost"),
        ({"type": "match", "string": "a", "fields": []}, "invalid_value", ".fields"),
        ({"type": "match", "string": "a", "fields": "slot.title"}, "type_mismatch", ".fields"),
        ({"type": "match", "string": "a", "fields": ["slot.title", "slot.start"]}, "invalid_value", ".fields[1]"),
        ({"type": "match", "string": "a", "fields": ["slot.title", "slot.x"]}, "invalid_value", ".fields[1]"),
        ({"type": "match", "string": "a", "field": "slot.title"}, "attribute_not_accepted", ".field"),
        ({"type": "in", "fields": ["slot.uid"]}, "attribute_expected", ".in"),
        ({"type": "in", "in": ["a"]}, "attribute_expected", ".fields"),
        ({"type": "in", "in": "a", "fields": ["slot.uid"]}, "type_mismatch", ".in"),
        ({"type": "in", "in": [[]], "fields": ["slot.uid"]}, "type_mismatch", ".in[0]"),
        ({"type": "in", "in": ["a", 1], "fields": ["slot.uid"]}, "type_mismatch", ".in[1]"),
        ({"type": "in", "in": ["1"], "fields": ["_version"]}, "type_mismatch", ".in[0]"),
        ({"type": "in", "in": [True], "fields": ["_version"]}, "type_mismatch", ".in[0]"),
        ({"type": "in", "in": [1], "fields": ["slot.allday"]}, "type_mismatch", ".in[0]"),
        ({"type": "in", "in": [2**63], "fields": ["_version"]}, "invalid_value", ".in[0]"),
        ({"type": "in", "in": [-(10**400)], "fields": ["_version"]}, "invalid_value", ".in[0]"),
        ({"type": "in", "in": [float("inf")], "fields": ["_version"]}, "invalid_value", ".in[0]"),
        ({"type": "in", "in": [float("nan")], "fields": ["_version"]}, "invalid_value", ".in[0]"),
        ({"type": "in", "in": ["a" * 1001], "fields": ["slot.uid"]}, "invalid_value", ".in[0]"),
        ({"type": "in", "in": [1] * 10_001, "fields": ["_version"]}, "invalid_value", ".in"),
        ({"type": "in", "in": ["2031"], "fields": ["slot.start"]}, "invalid_value", ".fields[0]"),
        ({"type": "in", "in": [1], "fields": ["_version", "slot.uid"]}, "invalid_value", ".fields[1]"),
        ({"type": "in", "in": [1], "fields": ["_version"], "objecttype": "group"}, "invalid_value", ".objecttype"),
        ({"type": "in", "in": [1], "objecttype": "slot"}, "invalid_value", ".objecttype"),
        ({"type": "in", "in": [1], "objecttype": "_pool"}, "attribute_not_accepted", ".objecttype"),
        ({"type": "in", "in": [1.5], "objecttype": "event"}, "type_mismatch", ".in[0]"),
        ({"type": "in", "in": ["1"], "objecttype": "event"}, "type_mismatch", ".in[0]"),
        (
            {"type": "in", "in": [1], "objecttype": "event", "include_path": True},
            "attribute_not_accepted",
            ".include_path",
        ),
        ({"type": "in", "in": [1], "eas_field": "width"}, "invalid_value", ".eas_field"),
        ({"type": "in", "in": ["big"], "eas_field": "filesize"}, "type_mismatch", ".in[0]"),
        ({"type": "range", "from": 1}, "attribute_expected", ".field"),
        ({"type": "range", "field": "_version"}, "attribute_expected", ".from"),
        ({"type": "range", "field": "_version", "from": None, "to": None}, "attribute_expected", ".from"),
        ({"type": "range", "field": "slot.allday", "from": True}, "invalid_value", ".field"),
        ({"type": "range", "field": "_version", "from": "1"}, "type_mismatch", ".from"),
        ({"type": "range", "field": "slot.title", "to": 1}, "type_mismatch", ".to"),
        ({"type": "range", "field": "slot.start", "from": 2031}, "type_mismatch", ".from"),
        ({"type": "range", "field": "slot.start", "to": "May"}, "invalid_value", ".to"),
        ({"type": "range", "field": "slot.start", "to": "2031-02-29"}, "invalid_value", ".to"),
        ({"type": "range", "field": "convention.start_date", "to": "2031-5"}, "invalid_value", ".to"),
        ({"type": "changelog_range"}, "attribute_expected", ".from"),
        ({"type": "changelog_range", "from": "2031", "operation": "delete"}, "invalid_value", ".operation"),
        ({"type": "changelog_range", "from": "2031", "user": "4"}, "type_mismatch", ".user"),
        ({"type": "changelog_range", "from": "2031", "user": 0}, "invalid_value", ".user"),
        ({"type": "changelog_range", "from": "2031", "comment": "x"}, "attribute_not_accepted", ".comment"),
        ({"type": "changelog_range", "from": 2031}, "type_mismatch", ".from"),
        ({"type": "complex"}, "attribute_expected", ".search"),
        ({"type": "complex", "search": {}}, "type_mismatch", ".search"),
        ({"type": "complex", "search": [{"type": "match", "string": "a"}, 3]}, "type_mismatch", ".search[1]"),
        ({"type": "complex", "search": [], "string": "a"}, "attribute_not_accepted", ".string"),
    ],
)
def test_what_is_wrong_in_an_element_is_refused_with_its_place(members: Any, code: str, path: str) -> None:
    assert refused_element(**members) == about(code, f"{FIRST}{path}")


def test_a_path_leads_into_nested_elements() -> None:
    wrong = {"type": "match", "string": "a", "fields": ["_version"]}
    inner = {"type": "complex", "search": [{"type": "match", "string": "b"}, wrong]}

    answer = refused({"search": [{"type": "match", "string": "c"}, inner]})

    assert answer == about("invalid_value", f"{HERE}.search[1].search[1].fields[0]")


def test_a_match_has_at_most_256_characters() -> None:
    assert one(type="match", string="é" * 256) == Match(string="é" * 256)
    assert refused_element(type="match", string="é" * 257) == (
        "error.user.search_query_too_long",
        {"length": "257", "limit": "256"},
    )


def nested(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "match", "string": "a"}
    for _ in range(depth):
        inner = {"type": "complex", "search": [inner]}
    return inner


def test_elements_stand_at_most_ten_deep() -> None:
    search({"search": [nested(10), nested(10)]})

    assert refused({"search": [nested(11)]}) == about("invalid_value", FIRST + ".search[0]" * 10)
    assert refused({"search": [nested(900)]}) == about("invalid_value", FIRST + ".search[0]" * 10)


def test_a_search_has_at_most_500_elements_at_all_depths() -> None:
    part = {"type": "complex", "search": [{"type": "match", "string": "a"}] * 249}

    search({"search": [part, part]})

    assert refused({"search": [part, part, part]}) == about("invalid_value", f"{HERE}.search[2]")
    assert refused({"search": [{"type": "match", "string": "a"}] * 501}) == about("invalid_value", f"{HERE}.search")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2031", 1924992000000, 1956527999999),
        ("2032", 1956528000000, 1988150399999),
        ("2031-02", 1927670400000, 1930089599999),
        ("2031-12", 1953849600000, 1956527999999),
        ("2031-05-06", 1935792000000, 1935878399999),
        ("2031-05-06T13", 1935838800000, 1935842399999),
        ("2031-05-06 13:44", 1935841440000, 1935841499999),
        ("2031-05-06T13:44:02", 1935841442000, 1935841442999),
        ("2031-05-06T13:44:02Z", 1935841442000, 1935841442999),
        ("2031-05-06T15:44:02+02:00", 1935841442000, 1935841442999),
        ("2031-05-06t08:14-0530", 1935841440000, 1935841499999),
        ("2031-05-06T13:44:02.1Z", 1935841442100, 1935841442199),
        ("2031-05-06T13:44:02,123", 1935841442123, 1935841442123),
        ("2031-05-06T13:44:02.123456789Z", 1935841442123, 1935841442123),
        ("0001", -62135596800000, -62104060800001),
        ("9999", 253370764800000, 253402300799999),
        ("9999-12-31", 253402214400000, 253402300799999),
    ],
)
def test_the_beginning_of_a_date_is_all_of_its_time(text: str, first: int, last: int) -> None:
    assert period(text) == Period(first, last)


@pytest.mark.parametrize(
    "text",
    [
        "", "31", "20310506", "2031-", "2031-5", "2031-13", "0000", "2031-02-29", "2031-05-06T", "2031-05-06T24",
        "2031-05-06T13:60", "2031-05-06T13:44:60", "2031-05-06T13:44:02.", "2031-05-06Z", "2031Z",
        "2031-05-06T13:44+25:00", "2031-05-06T13:44+02:60", " 2031", "2031\n", "٢٠٣١",
        "2031-W02", "now", "2031-05-06T13:44:02." + "1" * 400,
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a date|is no date"):
        period(text)


@pytest.mark.parametrize(
    ("instant", "after", "before"),
    [
        (1935792000000, "2031-05-06", "2031-05-06"),
        (1935792000001, "2031-05-07", "2031-05-06"),
        (1935791999999, "2031-05-06", "2031-05-05"),
        (-62135596800001, "0001-01-01", ""),
        (253402300799999, ":", "9999-12-31"),
    ],
)
def test_a_day_is_its_midnight(instant: int, after: str, before: str) -> None:
    assert (day_from(instant), day_to(instant)) == (after, before)


def test_each_field_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "api" / "export-search.md").read_text(encoding="utf-8")
    table = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| `")]
    named = {name for cell in table for name in re.findall(r"`([^`]+)`", cell)}

    assert set(FIELDS) - named == set()
