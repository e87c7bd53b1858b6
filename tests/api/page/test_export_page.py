"""Exporting by the pages: what each format cannot carry of these slots, then the file."""

import json
import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from tests.api.page.importing import calendar, choose, event, signed_up, upload
from tests.servers import HttpServer

RICH = {
    "uid": "rich",
    "title": "Voyage",
    "visibility": "public",
    "start": "2031-05-06T13:44:02.500Z",
    "end": "2031-05-06T15:00:00.000Z",
    "media": [{"public_id": "ab/cd", "media_type": "image", "position": 0}],
    "notes": [{"title": "Maps", "content": "Bring them"}],
    "settings": [{"alerts": "0000010000"}],
    "groups": [{"name": "Crew"}],
    "location": {"name": "Harbour", "city": "Kiel"},
    "rrule": "FREQ=DAILY",
    "timezone": "Europe/Berlin",
}
LINES = "SEQUENCE:2\r\nX-MORE:more"


@pytest.fixture
def browser(server: HttpServer) -> Iterator[httpx.Client]:
    """Somebody who is signed in."""
    with signed_up(server) as client:
        yield client


def bring(browser: httpx.Client, content: bytes) -> None:
    assert "The file was imported" in choose(browser, upload(browser, content), go="import").text


def losses(page: httpx.Response) -> dict[str, list[str]]:
    """By format, what the page says that it loses."""
    return {
        card.partition("<")[0].partition(" ")[0]: re.findall(r"<li>([^<]+)</li>", unescape(card))
        for card in page.text.split("<h2>")[1:]
    }


def test_what_each_format_loses_is_counted(browser: httpx.Client) -> None:
    bring(browser, json.dumps([RICH]).encode())
    bring(browser, calendar(event("lines", "Tea", more=LINES)))
    found = losses(browser.get("/app/export"))

    assert found == {
        "iCalendar": [
            "notes, which one slot has",
            "pictures and other media, which one slot has",
            "alerts, which one slot has",
            "groups, which 2 slots are in",
            "more of a place than its name, which one slot has",
            "fractions of a second, which one slot has",
        ],
        "Timeslot": ["the number of a slot's version, which one slot has"],
        "Outlook": [
            "notes, which one slot has",
            "pictures and other media, which one slot has",
            "alerts, which one slot has",
            "groups, which 2 slots are in",
            "more of a place than its name, which one slot has",
            "who may see a slot: one slot is for others too",
            "repetition: one slot repeats, and is written once",
            "the time zone a slot was made in, which one slot has",
            "further lines of iCalendar files, which one slot has",
            "the number of a slot's version, which one slot has",
        ],
    }


@pytest.mark.parametrize("word", ["ical", "timeslot", "outlook"])
def test_where_nothing_is_lost_an_import_elsewhere_has_everything(
    browser: httpx.Client, server: HttpServer, word: str
) -> None:
    """What the page says is lost, and nothing else, differs after the way there and back."""
    bring(browser, json.dumps([RICH]).encode())
    bring(browser, calendar(event("lines", "Tea", more=LINES)))
    file = browser.get(f"/app/export/{word}").content
    whole = browser.get("/app/export/timeslot").json()
    with signed_up(server) as other:
        bring(other, file)
        again = other.get("/app/export/timeslot").json()
    lost = {name for one, two in zip(whole, again, strict=True) for name in one if one[name] != two[name]}
    lost -= {"uuid"}
    allowed = {
        "ical": {"notes", "media", "settings", "groups", "location", "start"},
        "timeslot": {"groups"},  # groups of another person are others, with the same names
        "outlook": {"notes", "media", "settings", "groups", "location", "visibility", "rrule", "timezone", "icalendar"},
    }

    assert lost <= allowed[word]


def test_a_group_is_exported_alone_under_its_name(browser: httpx.Client) -> None:
    bring(browser, json.dumps([RICH, {**RICH, "uid": "b", "title": "Tea", "groups": [{"name": 'Ä/"b'}]}]).encode())
    page = browser.get("/app/export")
    group = re.search(r'value="([0-9a-f-]{36})">Ä', page.text)
    assert group is not None
    file = browser.get("/app/export/ical", params={"group": group[1]})

    assert "One slot<" in re.sub(r"\s+<", "<", browser.get("/app/export", params={"group": group[1]}).text)
    assert file.headers["content-disposition"] == ("attachment; filename=\"___b.ics\"; filename*=UTF-8''%C3%84__b.ics")
    assert re.findall(r"SUMMARY:(\w+)", file.text) == ["Tea"]


@pytest.mark.parametrize(
    ("word", "name", "media_type"),
    [
        ("ical", "calendar.ics", "text/calendar; charset=utf-8"),
        ("timeslot", "calendar.json", "application/json"),
        ("outlook", "calendar.csv", "text/csv; charset=utf-8"),
    ],
)
def test_a_file_has_the_right_name_and_kind(browser: httpx.Client, word: str, name: str, media_type: str) -> None:
    answer = browser.get(f"/app/export/{word}")

    assert answer.headers["content-type"] == media_type
    assert f'filename="{name}"' in answer.headers["content-disposition"]


def test_times_of_a_csv_are_those_of_the_viewer(browser: httpx.Client) -> None:
    bring(browser, calendar(event("a", "Dinner")))
    browser.cookies.set("slotport_zone", "Europe/Berlin")

    assert "Dinner,2031-05-06,12:00,2031-05-06,13:00" in browser.get("/app/export/outlook").text


def test_nobody_elses_group_is_exported(browser: httpx.Client, server: HttpServer) -> None:
    uuid = re.search(r'value="([0-9a-f-]{36})"', browser.get("/app/export").text)
    assert uuid is not None
    with signed_up(server) as other:
        statuses = [
            other.get(path, params={"group": group}).status_code
            for path in ("/app/export", "/app/export/ical")
            for group in (uuid[1], "x", "0" * 36)
        ]

    assert statuses == [404] * 6


def test_without_slots_there_is_a_way_to_some(browser: httpx.Client) -> None:
    assert "There is nothing here to export yet." in browser.get("/app/export").text
    assert browser.get("/app/export/nothing").status_code == 404
