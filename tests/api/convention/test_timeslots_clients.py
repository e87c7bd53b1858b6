"""Recorded requests about time slots of real clients: section 5 of the convention specification."""

from typing import Any

import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention
from slotport.storage import tags
from tests.conventions import signature, token_of
from tests.recorded import Answer, recorded, replay
from tests.schedules import Fair, add_fair, add_time_slot
from tests.servers import HttpServer

TYPE, VALUE = "סוג אירוע", "סדנה"


@pytest.fixture
def fair(server: HttpServer, convention: Convention) -> Fair:
    made = add_fair(server.store, convention)
    with server.store.write() as transaction:
        tags.put(transaction, convention.id, {made.event.id: {TYPE: [VALUE]}})
    return made


@pytest.fixture
def words(server: HttpServer, fair: Fair, boss: Account) -> dict[str, Any]:
    """What the recordings leave open."""
    return {
        "key": fair.convention.public_key,
        "token": token_of(server.store, boss),
        "user": boss.id,
        "email": boss.email,
        "host": fair.owner.id,
        "owner": fair.owner.email,
        "event": fair.event.id,
        "slot": 0,
        "signature": signature(fair.convention).removeprefix("Convention "),
    }


def told(answer: Answer) -> Any:
    """The value of an answer as the clients take it: 200 and nothing else, with its length."""
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert int(answer.headers["content-length"]) == len(answer.body)
    return answer.value


def test_the_console_writes_the_schedule(server: HttpServer, words: dict[str, Any]) -> None:
    calls = recorded("console-timeslots.http")

    def say(name: str) -> Any:
        return told(replay(calls[name], server.port, **words))

    first = say("create with hosts")
    words["slot"] = first["id"]
    second = say("create without hosts or duration")
    refused = replay(calls["create where another is"], server.port, **words)

    assert [host["name"] for host in first["hosts"]] == ["מירה", "Olga"]
    assert (first["duration"], first["end"]) == ("45", "2027-05-14T11:15:00+00:00")
    assert (second["duration"], second["start"]) == ("90", "2027-05-15T10:29:59+00:00")
    assert [host["name"] for host in second["hosts"]] == ["Olga"]
    assert (refused.status, refused.value["status"]) == (400, False)
    assert [slot["id"] for slot in refused.value["details"]["timeslots"]] == [first["id"]]
    assert [slot["id"] for slot in say("list")] == [first["id"], second["id"]]
    assert [place["slug"] for place in say("change locations")["locations"]] == ["deck"]
    assert [host["name"] for host in say("change hosts")["hosts"]] == ["Captain Olga"]
    shown = say("list of an event")[0]
    assert (shown["locations"][0]["title"], shown["event"]["title"]) == ("Deck", "Lantern Making")
    assert (shown["max-attendees"], shown["available_tickets"]) == ("12", 12)
    assert say("delete") == say("delete as older versions do") == {"status": True}
    assert [slot["id"] for slot in say("list")] == [second["id"]]


def test_the_console_finds_no_two_keys_that_become_one(server: HttpServer, words: dict[str, Any], fair: Fair) -> None:
    add_time_slot(server.store, fair.convention, fair.event, fair.pier)

    slot = told(replay(recorded("console-timeslots.http")["list"], server.port, **words))[0]

    for shown in (slot, slot["event"], slot["locations"][0], slot["hosts"][0]):
        assert len({name.replace("-", "_") for name in shown}) == len(shown)


def test_the_plugin_shows_its_pages_over_http_1_0(server: HttpServer, words: dict[str, Any], fair: Fair) -> None:
    words["slot"] = add_time_slot(server.store, fair.convention, fair.event, fair.pier, max_attendees=12)
    calls = recorded("plugin-timeslots.http")

    pages = [
        told(replay(calls[name], server.port, **words))
        for name in ("page by tag", "page by host", "page of no host", "page as nobody")
    ]
    one = told(replay(calls["one"], server.port, **words))
    nobody = replay(calls["page of a host nobody knows"], server.port, **words)

    assert pages == [pages[0]] * 4
    assert [(slot["id"], slot["start"], slot["end"], slot["available_tickets"]) for slot in pages[0]] == [
        (str(words["slot"]), "2031-06-07T09:00:00+00:00", "2031-06-07T10:30:00+00:00", 12)
    ]
    event = pages[0][0]["event"]
    assert (event["title"], event["tags"], event["requires-registration"]) == ("Lantern Making", {TYPE: [VALUE]}, False)
    assert one["id"] == str(words["slot"])
    assert told(replay(calls["one that is not there"], server.port, **words)) is None
    assert nobody.value["status"] is False


def test_the_saved_requests_of_postman_work(server: HttpServer, words: dict[str, Any]) -> None:
    calls = recorded("postman-timeslots.http")

    def say(name: str) -> Any:
        return told(replay(calls[name], server.port, **words))

    words["slot"] = say("create")["id"]
    changed = say("change")

    assert (changed["start"], changed["max-attendees"], changed["notes-to-attendees"]) == (
        "2027-05-14T17:00:00+00:00",
        "10",
        "Hooray!",
    )
    assert [place["slug"] for place in changed["locations"]] == ["deck"]
    assert [host["id"] for host in changed["hosts"]] == [str(words["host"])]
    listed = [say(name) for name in ("list with a stale body", "list by host", "list by tag")]
    assert listed == [[{**changed, "status": "scheduled"}]] * 3
    assert say("cancel") == {"status": True}
    assert say("list by host") == []
