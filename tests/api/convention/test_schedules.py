"""A convention's public files over HTTP: what is in them, who sees what, conditional requests."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention, EventStatus
from slotport.settings import Settings
from slotport.storage import conventions, tags, timeslots
from tests.calendars import add_person, counted_statements
from tests.conventions import add_convention
from tests.schedules import NINE, add_event, add_location, add_time_slot
from tests.servers import HttpServer, http_server

WORDS = ("xml", "json", "ics")
TYPES = {
    "xml": "application/vnd.c3voc.schedule+xml",
    "json": "application/json",
    "ics": "text/calendar; charset=utf-8",
}


def address(convention: Convention, word: str) -> str:
    return f"/entities/conventions/{convention.slug}/schedule.{word}"


@pytest.fixture
def slot_id(server: HttpServer, convention: Convention, boss: Account) -> int:
    """A time slot that everybody sees."""
    event = add_event(server.store, convention, boss, title="Lantern Making")
    return add_time_slot(server.store, convention, event, add_location(server.store, convention, "Pier Room"))


@pytest.mark.parametrize("word", WORDS)
def test_everybody_gets_the_schedule_without_a_key(
    api: httpx.Client, convention: Convention, slot_id: int, word: str
) -> None:
    by_slug = api.get(address(convention, word), headers={"Origin": "https://elsewhere.example"})
    by_id = api.get(f"/entities/conventions/{convention.id}/schedule.{word}")

    assert (by_slug.status_code, by_slug.headers["Content-Type"]) == (200, TYPES[word])
    assert "Lantern Making" in by_slug.text
    assert by_slug.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in by_slug.headers
    assert by_id.content == by_slug.content


@pytest.mark.parametrize("word", WORDS)
def test_self_is_the_convention_of_the_key(api: httpx.Client, convention: Convention, slot_id: int, word: str) -> None:
    path = f"/entities/conventions/self/schedule.{word}"

    assert api.get(path, headers={"Convention": convention.public_key}).status_code == 200
    assert api.get(path).status_code == 403


@pytest.mark.parametrize("word", WORDS)
def test_an_unknown_convention_and_other_methods_are_refused_in_the_conventions_shape(
    api: httpx.Client, convention: Convention, word: str
) -> None:
    unknown = api.get(f"/entities/conventions/nowhere/schedule.{word}")
    posted = api.post(address(convention, word))

    assert (unknown.status_code, unknown.json()["status"]) == (404, False)
    assert (posted.status_code, posted.json()["status"]) == (405, False)
    assert "GET" in posted.headers["Allow"]
    assert api.get(f"/entities/conventions/{convention.slug}/schedule.pdf").status_code == 404


@pytest.mark.parametrize("word", WORDS)
def test_a_conditional_request_ends_in_304_without_loading_anything(
    server: HttpServer, api: httpx.Client, convention: Convention, slot_id: int, word: str
) -> None:
    first = api.get(address(convention, word))
    tag, modified = first.headers["ETag"], first.headers["Last-Modified"]

    with counted_statements(server.store) as statements:
        by_tag = api.get(address(convention, word), headers={"If-None-Match": tag})
    by_date = api.get(address(convention, word), headers={"If-Modified-Since": modified})

    assert tag.startswith('"')
    assert (by_tag.status_code, by_tag.content, by_tag.headers["ETag"]) == (304, b"", tag)
    assert by_date.status_code == 304
    assert [text for text in statements if "FROM event" in text or "time_slot_location" in text] == []
    assert api.get(address(convention, word), headers={"If-None-Match": '"other"'}).content == first.content


@pytest.mark.parametrize("word", WORDS)
def test_a_change_gives_another_tag_and_nothing_else_does(
    server: HttpServer, api: httpx.Client, convention: Convention, slot_id: int, word: str, manager: httpx.Client
) -> None:
    first, again = (api.get(address(convention, word)) for _ in range(2))
    changed = manager.put(f"/entities/timeslots/{slot_id}", json={"duration": 20})
    after = api.get(address(convention, word), headers={"If-None-Match": first.headers["ETag"]})

    assert changed.status_code == 200
    assert (again.content, again.headers["ETag"]) == (first.content, first.headers["ETag"])
    assert after.status_code == 200
    assert after.content != first.content


@pytest.mark.parametrize("status", [EventStatus.SUBMITTED, EventStatus.CONTENT_APPROVED])
@pytest.mark.parametrize("word", WORDS)
def test_not_even_a_manager_is_shown_what_is_not_public(
    server: HttpServer,
    convention: Convention,
    boss: Account,
    manager: httpx.Client,
    word: str,
    status: EventStatus,
) -> None:
    event = add_event(server.store, convention, boss, title="Hidden", status=status)
    add_time_slot(server.store, convention, event, add_location(server.store, convention, "Vault"))

    answer = manager.get(address(convention, word))

    assert answer.status_code == 200
    assert "Hidden" not in answer.text
    assert "Vault" not in answer.text


@pytest.mark.parametrize("word", WORDS)
def test_no_address_of_anybody_is_in_a_file(
    server: HttpServer, api: httpx.Client, convention: Convention, slot_id: int, word: str, boss: Account
) -> None:
    text = api.get(address(convention, word)).text

    assert "Mira" in text
    assert str(boss.email) not in text


def events_of(text: str) -> list[str]:
    """The titles of a calendar's events."""
    return [line.removeprefix("SUMMARY:") for line in text.split("\r\n") if line.startswith("SUMMARY:")]


def test_the_calendar_filters_by_location_host_event_and_tag(
    server: HttpServer, api: httpx.Client, convention: Convention, boss: Account
) -> None:
    store, other = server.store, add_person(server.store)
    pier, quay = add_location(store, convention, "Pier"), add_location(store, convention, "Quay")
    one, two = add_event(store, convention, boss, title="One"), add_event(store, convention, other, title="Two")
    with store.write() as transaction:
        tags.put(transaction, convention.id, {one.id: {"Größe": ["klein"]}})
    add_time_slot(store, convention, one, pier)
    add_time_slot(store, convention, two, quay, start=NINE + timedelta(hours=4))
    asked: dict[str, dict[str, str]] = {
        "all": {},
        "empty": {"location": "", "host": ""},
        "location": {"location": "pier"},
        "host": {"host": str(other.id)},
        "event": {"event": str(two.id)},
        "tag": {"tag:Größe": "klein"},
        "both": {"location": "pier", "event": str(two.id)},
        "nowhere": {"location": "nowhere"},
        "no such tag": {"tag:Größe": "KLEIN"},
    }

    found = {name: events_of(api.get(address(convention, "ics"), params=query).text) for name, query in asked.items()}

    assert found == {
        "all": ["One", "Two"],
        "empty": ["One", "Two"],
        "location": ["One"],
        "host": ["Two"],
        "event": ["Two"],
        "tag": ["One"],
        "both": [],
        "nowhere": [],
        "no such tag": [],
    }
    assert api.get(address(convention, "ics"), params={"host": "me"}).status_code == 400


def test_a_slug_of_any_script_is_in_addresses_percent_encoded(server: HttpServer, api: httpx.Client) -> None:
    convention = add_convention(server.store, slug="höfen-1", title="Höfen 1")
    event = add_event(server.store, convention, add_person(server.store), title="Boote")
    add_time_slot(server.store, convention, event, add_location(server.store, convention))

    answer = api.get(f"/entities/conventions/{convention.slug}/schedule.ics")
    line = next(line for line in answer.text.replace("\r\n ", "").split("\r\n") if line.startswith("URL:"))

    assert line == f"URL:{server.url}/entities/conventions/h%C3%B6fen-1/schedule.ics?event={event.id}"
    assert events_of(api.get(line.removeprefix("URL:")).text) == ["Boote"]


class Timed:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2031, 6, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_what_left_the_public_view_stays_cancelled_for_thirty_days(tmp_path_factory: pytest.TempPathFactory) -> None:
    timed = Timed()
    settings = Settings(data=tmp_path_factory.mktemp("clock"), port=0, shutdown_seconds=2)
    with http_server(settings, clock=timed) as server, httpx.Client(base_url=server.url, trust_env=False) as api:
        store, boss = server.store, add_person(server.store)
        convention = add_convention(store, boss)
        event = add_event(store, convention, boss, title="Lantern Making")
        slot_id = add_time_slot(store, convention, event, add_location(store, convention, "Pier"))
        add_time_slot(store, convention, event, add_location(store, convention, "Quay"))
        before = api.get(address(convention, "ics"))
        with store.write() as transaction:
            _ = transaction.change
            timeslots.cancel(transaction, [slot_id], timed.now)
            conventions.mark_changed(transaction, convention.id, timed.now)
        cancelled = api.get(address(convention, "ics"))
        timed.now += timedelta(days=29, hours=23)
        later = api.get(address(convention, "ics"), headers={"If-None-Match": cancelled.headers["ETag"]})
        timed.now += timedelta(hours=2)
        gone = api.get(address(convention, "ics"), headers={"If-None-Match": cancelled.headers["ETag"]})

    assert before.text.count("STATUS:CONFIRMED") == 2
    assert (cancelled.text.count("STATUS:CANCELLED"), cancelled.text.count("STATUS:CONFIRMED")) == (1, 1)
    assert "SEQUENCE:2" in cancelled.text
    assert later.status_code == 304
    assert (gone.status_code, gone.text.count("BEGIN:VEVENT")) == (200, 1)
    assert gone.headers["Last-Modified"] == "Tue, 01 Jul 2031 12:00:00 GMT"


def test_an_edit_after_an_event_was_hidden_is_not_to_be_read_from_its_cancelled_time_slots(
    server: HttpServer, api: httpx.Client, convention: Convention, slot_id: int, manager: httpx.Client
) -> None:
    event_id = manager.get(f"/entities/timeslots/{slot_id}").json()["event"]["id"]
    hidden = manager.put(f"/entities/events/{event_id}", json={"status": 2})
    first = api.get(address(convention, "ics")).text
    edited = manager.put(f"/entities/events/{event_id}", json={"title": "Secret", "teaser": "Secret too"})
    then = api.get(address(convention, "ics")).text

    assert (hidden.status_code, edited.status_code) == (200, 200)
    assert (events_of(first), events_of(then)) == (["Lantern Making"], ["Cancelled"])
    assert "Secret" not in then


def test_a_title_that_comes_with_the_hiding_is_not_to_be_read_from_the_cancelled_time_slots(
    server: HttpServer, api: httpx.Client, convention: Convention, slot_id: int, manager: httpx.Client
) -> None:
    event_id = manager.get(f"/entities/timeslots/{slot_id}").json()["event"]["id"]

    hidden = manager.put(f"/entities/events/{event_id}", json={"status": 2, "title": "Secret"})

    assert hidden.status_code == 200
    assert events_of(api.get(address(convention, "ics")).text) == ["Cancelled"]


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/entities/timeslots/{slot}", {"start": "2031-08-01T20:00"}),
        ("/entities/timeslots/{slot}", {"duration": 7}),
        ("/entities/events/{event}", {"duration": 7}),
        ("/entities/events/{event}", {"duration": 7, "status": 1}),
    ],
)
def test_no_calendar_tells_where_a_hidden_time_slot_moves(
    api: httpx.Client, convention: Convention, slot_id: int, manager: httpx.Client, path: str, change: dict[str, Any]
) -> None:
    event_id = manager.get(f"/entities/timeslots/{slot_id}").json()["event"]["id"]
    manager.put(f"/entities/events/{event_id}", json={"status": 2})
    before = events_of(api.get(address(convention, "ics")).text)

    moved = manager.put(path.format(slot=slot_id, event=event_id), json=change)
    then = events_of(api.get(address(convention, "ics")).text)
    manager.put(f"/entities/events/{event_id}", json={"status": 5})
    again = events_of(api.get(address(convention, "ics")).text)

    assert moved.status_code == 200
    assert (before, then, again) == (["Lantern Making"], [], ["Lantern Making"])


@pytest.mark.parametrize("word", WORDS)
def test_the_number_of_statements_does_not_depend_on_that_of_time_slots(
    server: HttpServer, api: httpx.Client, convention: Convention, boss: Account, word: str
) -> None:
    store = server.store
    counts = []
    for number in range(2):
        for extra in range(1 + 5 * number):
            event = add_event(store, convention, boss)
            place = add_location(store, convention)
            add_time_slot(store, convention, event, place, start=NINE + timedelta(hours=3 * (extra + 1)))
        with counted_statements(store) as statements:
            assert api.get(address(convention, word)).status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_schedule_xml_parses(api: httpx.Client, convention: Convention, slot_id: int) -> None:
    root = ElementTree.fromstring(api.get(address(convention, "xml")).content)

    assert [node.get("id") for node in root.iter("event")] == [str(slot_id)]


def imported(client: httpx.Client, convention: Convention, **sent: object) -> httpx.Response:
    return client.post(f"/entities/conventions/{convention.slug}/import", **sent)  # type: ignore[arg-type]


@pytest.mark.parametrize("word", ["xml", "json"])
def test_a_manager_reads_a_file_into_the_convention(
    server: HttpServer, api: httpx.Client, convention: Convention, slot_id: int, manager: httpx.Client, word: str
) -> None:
    file = api.get(address(convention, word))
    whole = imported(manager, convention, content=file.content, headers={"Content-Type": "text/plain"})
    part = imported(manager, convention, files={"file": ("schedule.xml", file.content)}, params={"dry-run": "true"})

    expected = {"status": True, "created": 0, "updated": 0, "unchanged": 1, "skipped": 0, "rejected": 0, "problems": []}
    assert (whole.status_code, whole.json()) == (200, expected)
    assert (part.status_code, part.json()) == (200, expected)
    assert api.get(address(convention, word)).content == file.content


def test_only_a_manager_reads_a_file_in(
    api: httpx.Client,
    convention: Convention,
    slot_id: int,
    public: httpx.Client,
    system: httpx.Client,
    client: Callable[..., httpx.Client],
    server: HttpServer,
) -> None:
    file = api.get(address(convention, "xml")).content
    for who in (api, public, system, client(convention, add_person(server.store))):
        answer = imported(who, convention, content=file)
        assert (answer.status_code, answer.json()["status"]) == (403, False)


def test_a_file_that_cannot_be_read_is_refused_with_its_problems(
    convention: Convention, manager: httpx.Client, api: httpx.Client, slot_id: int, server: HttpServer
) -> None:
    broken = imported(manager, convention, content=b"<schedule><day></schedule>")
    empty = imported(manager, convention)
    no_file = imported(manager, convention, files={"other": ("a", b"b")})
    other = add_convention(server.store, add_person(server.store))
    file = api.get(address(convention, "xml")).content
    with_key = imported(manager, convention, content=file.replace(b"guid=", b"gid="))

    assert (broken.status_code, broken.json()["details"]["problems"][0]["code"]) == (400, "unreadable")
    assert (empty.status_code, no_file.status_code) == (400, 400)
    assert with_key.status_code == 400
    assert {problem["code"] for problem in with_key.json()["details"]["problems"]} == {"bad_guid"}
    assert imported(manager, other, content=file).status_code == 403
    assert imported(manager, convention, content=file, params={"dry_run": "maybe"}).status_code == 400


@pytest.mark.parametrize("word", WORDS)
def test_head_says_the_same_without_a_body(api: httpx.Client, convention: Convention, slot_id: int, word: str) -> None:
    whole, head = api.get(address(convention, word)), api.head(address(convention, word))

    assert (head.status_code, head.content) == (200, b"")
    assert {name: head.headers[name] for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length")} == {
        name: whole.headers[name] for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length")
    }
