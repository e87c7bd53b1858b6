"""Written schedule.xml and schedule.json, rule by rule as docs/formats/schedule.md has them."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from hypothesis import given, settings

from slotport.core.convention import Convention, TimeSlot
from slotport.formats import schedule_json, schedule_xml
from slotport.formats.schedule import Head, fits
from tests.strategies_schedules import conventions, schedules

BASE_URL = "https://slots.example/entities/conventions/con/"
ACRONYM = re.compile(r"[a-z0-9_]{4,}")
SLUG = re.compile(r"[a-z0-9_]{4,}-[a-z0-9_-]{3,}[a-z0-9]")
DURATION = re.compile(r"[0-9]{1,2}:[0-5][0-9]")
WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
REQUIRED = {"room", "title", "type", "date", "start", "duration", "abstract", "track"}
OPTIONAL = {"subtitle", "slug", "persons", "language", "description", "recording", "links", "url"}
MAY_BE_EMPTY = {"abstract", "track", "subtitle", "language", "title"}
JSON_EVENT = set(
    "guid id date start duration room slug url title subtitle track type language abstract persons links".split()
)


def head(convention: Convention) -> Head:
    return Head(convention=convention, base_url=BASE_URL, generator_version="0.1")


def xml_of(convention: Convention, slots: list[TimeSlot]) -> Element:
    return ElementTree.fromstring(b"".join(schedule_xml.write(head(convention), slots)))  # our own


def json_of(convention: Convention, slots: list[TimeSlot]) -> Any:
    return json.loads(b"".join(schedule_json.write(head(convention), slots)))


def text_of(node: Element, name: str) -> str:
    found = node.find(name)
    assert found is not None, name
    return found.text or ""


def unique(values: list[Any]) -> bool:
    return len(values) == len(set(values))


@settings(max_examples=25)
@given(convention=conventions(), slots=schedules())
def test_schedule_xml_has_its_elements_in_order(convention: Convention, slots: list[TimeSlot]) -> None:
    root = xml_of(convention, slots)
    conference = root.find("conference")
    assert conference is not None

    assert [node.tag for node in root][:4] == ["generator", "url", "version", "conference"]
    assert {node.tag for node in root[4:]} == {"day"}
    assert root[0].attrib == {"name": "slotport", "version": "0.1"}
    assert text_of(root, "version") == str(convention.change)
    assert [node.tag for node in conference] == (
        "title acronym start end days timeslot_duration base_url url time_zone_name".split()
    )
    assert ACRONYM.fullmatch(text_of(conference, "acronym"))
    assert text_of(conference, "days") == str(len(root.findall("day")))
    assert text_of(conference, "timeslot_duration") == "00:05"
    assert text_of(conference, "base_url") == text_of(conference, "url") == BASE_URL
    assert text_of(conference, "time_zone_name") == convention.zone_name


@settings(max_examples=25)
@given(convention=conventions(), slots=schedules())
def test_schedule_xml_has_each_time_slot_once_with_all_that_clients_want(
    convention: Convention, slots: list[TimeSlot]
) -> None:
    root = xml_of(convention, slots)
    events = list(root.iter("event"))

    for event in events:
        names = [node.tag for node in event]
        assert set(names) >= REQUIRED
        assert set(names) <= REQUIRED | OPTIONAL
        assert unique(names)
        assert set(event.attrib) == {"guid", "id"}
        assert DURATION.fullmatch(text_of(event, "duration"))
        assert SLUG.fullmatch(text_of(event, "slug"))
        assert len(text_of(event, "slug")) <= 100
        assert WITH_OFFSET.fullmatch(text_of(event, "date"))
        assert text_of(event, "start") == text_of(event, "date")[11:16]
        assert {node.tag for node in event if not len(node) and not node.text} <= MAY_BE_EMPTY
    assert unique([event.get("guid") for event in events])
    assert unique([event.get("id") for event in events])
    assert unique([text_of(event, "slug") for event in events])
    assert sorted(int(event.get("id", "")) for event in events) == sorted(slot.id for slot in slots if fits(slot))


@settings(max_examples=25)
@given(convention=conventions(), slots=schedules())
def test_days_of_schedule_xml_are_whole_and_hold_what_begins_in_them(
    convention: Convention, slots: list[TimeSlot]
) -> None:
    root = xml_of(convention, slots)
    days = root.findall("day")

    assert [day.get("index") for day in days] == [str(index) for index in range(1, len(days) + 1)]
    for day in days:
        start, end = (datetime.fromisoformat(day.get(name, "")) for name in ("start", "end"))
        assert (start.hour, start.date()) == (4, date.fromisoformat(day.get("date", "")))
        assert end.replace(tzinfo=None) - start.replace(tzinfo=None) == timedelta(hours=24)
        assert unique([room.get("name") for room in day])
        for room in day:
            assert UUID(room.get("guid"))
            assert {text_of(event, "room") for event in room} == {room.get("name")}
            for event in room:
                assert start.date() == (datetime.fromisoformat(text_of(event, "date")) - timedelta(hours=4)).date()
    found = {int(event.get("id", "")): datetime.fromisoformat(text_of(event, "date")) for event in root.iter("event")}
    assert {number: at.astimezone(UTC) for number, at in found.items()} == {
        slot.id: slot.start for slot in slots if fits(slot)
    }


@settings(max_examples=25)
@given(convention=conventions(), slots=schedules())
def test_schedule_json_has_the_closed_sets_of_keys(convention: Convention, slots: list[TimeSlot]) -> None:
    told = json_of(convention, slots)
    conference = told["schedule"]["conference"]

    assert set(told) == {"$schema", "generator", "schedule"}
    assert set(told["schedule"]) == {"version", "base_url", "conference"}
    keys = set("title acronym start end daysCount timeslot_duration url rooms days time_zone_name".split())
    zone = {"America/Argentina/Buenos_Aires": set()}.get(convention.zone_name, {"time_zone_name"})
    assert set(conference) == keys - {"time_zone_name"} | zone
    assert ACRONYM.fullmatch(conference["acronym"])
    assert conference["daysCount"] == len(conference["days"]) >= 1
    assert [set(room) for room in conference["rooms"]] == [{"name", "guid"}] * len(conference["rooms"])
    assert [day["index"] for day in conference["days"]] == list(range(1, len(conference["days"]) + 1))
    for day in conference["days"]:
        assert set(day) == {"index", "date", "day_start", "day_end", "rooms"}
        for name, events in day["rooms"].items():
            assert name in {room["name"] for room in conference["rooms"]}
            for event in events:
                assert JSON_EVENT <= set(event) <= JSON_EVENT | {"description"}
                assert event["room"] == name
                assert WITH_OFFSET.fullmatch(event["date"])
                assert [set(person) for person in event["persons"]] == [{"id", "guid", "name"}] * len(event["persons"])


@settings(max_examples=25)
@given(convention=conventions(), slots=schedules())
def test_both_say_the_same(convention: Convention, slots: list[TimeSlot]) -> None:
    root, told = xml_of(convention, slots), json_of(convention, slots)
    in_json = {
        event["id"]: event
        for day in told["schedule"]["conference"]["days"]
        for events in day["rooms"].values()
        for event in events
    }

    for event in root.iter("event"):
        other = in_json.pop(int(event.get("id", "")))
        assert event.get("guid") == other["guid"]
        for name in ("date", "start", "duration", "slug", "url", "type"):
            assert re.sub(r"\s", " ", text_of(event, name)) == re.sub(r"\s", " ", printable(other[name]))
        assert [(person.get("id"), person.get("guid")) for person in event.iter("person")] == [
            (str(person["id"]), person["guid"]) for person in other["persons"]
        ]
        assert [link.get("href") for link in event.iter("link")] == [link["url"] for link in other["links"]]
    assert in_json == {}


def printable(text: str) -> str:
    """The text without what XML has no way to say."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)


@settings(max_examples=25)
@given(convention=conventions(), slots=schedules())
def test_no_address_of_anybody_is_written(convention: Convention, slots: list[TimeSlot]) -> None:
    for write in (schedule_xml.write, schedule_json.write):
        assert b"secret.example" not in b"".join(write(head(convention), slots))
