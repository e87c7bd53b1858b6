"""Recorded requests about events and tag types of real clients: item 24 of the checklist, and section 5."""

from typing import Any

import httpx
import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention
from tests.conventions import signature, token_of
from tests.recorded import Answer, recorded, replay
from tests.servers import HttpServer

TYPE = "סוג אירוע"


@pytest.fixture
def words(server: HttpServer, convention: Convention, boss: Account) -> dict[str, Any]:
    """What the recordings leave open."""
    return {
        "key": convention.public_key,
        "token": token_of(server.store, boss),
        "user": boss.id,
        "email": boss.email,
        "signature": signature(convention).removeprefix("Convention "),
    }


def told(answer: Answer) -> Any:
    """The value of an answer as the clients take it: 200 and nothing else, not for keeping."""
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert "content-length" in answer.headers
    return answer.value


def test_the_console_makes_and_edits_an_event(server: HttpServer, words: dict[str, Any], boss: Account) -> None:
    calls = recorded("console-events.http")

    made = told(replay(calls["create"], server.port, **words))
    words["event"] = made["id"]
    changed = told(replay(calls["change"], server.port, **words))

    assert made == {"status": True, "id": made["id"]}
    form = {
        "id": str(made["id"]),
        "title": "עששיות",
        "teaser": "Paper, glue and light",
        "description": "Two evenings",
        "duration": "120",
        "min-attendees": "2",
        "max-attendees": "12",
        "requires-registration": True,
        "price": None,
        "status": "4",
        "status-text": "scheduled",
        "notes-to-staff": "needs a key",
        "notes-to-attendees": "Bring scissors",
        "scheduling-constraints": "after dark",
        "logitsical-requirements": "two tables",
        "logistical-requirements": "two tables",
        "staff-contact": None,
        "tags": {TYPE: "workshop", "age": "kids"},
    }
    assert {name: changed[name] for name in form} == form
    assert changed["user"]["name"] == boss.username
    assert told(replay(calls["show"], server.port, **words)) == changed
    assert told(replay(calls["list"], server.port, **words)) == [changed]

    again = told(replay(calls["change back"], server.port, **words))
    form |= {
        "description": None, "max-attendees": None, "status": "5", "status-text": "approved", "notes-to-staff": None,
        "notes-to-attendees": None, "scheduling-constraints": None, "tags": {TYPE: "class", "age": "kids"},
    }  # fmt: skip
    assert {name: again[name] for name in form} == form

    assert told(replay(calls["delete"], server.port, **words)) == {"status": True}
    assert told(replay(calls["show"], server.port, **words))["status"] == "6"


def test_the_console_edits_tag_types(server: HttpServer, words: dict[str, Any]) -> None:
    calls = recorded("console-tagtypes.http")
    assert told(replay(calls["list"], server.port, **words)) == []

    made = told(replay(calls["create"], server.port, **words))
    changed = told(replay(calls["change"], server.port, **words))

    assert made == {
        "status": True, "title": TYPE, "requirement": "1", "public": True, "values": ["workshop", "class"],
    }  # fmt: skip
    kind = {"title": TYPE, "requirement": "+", "public": False, "values": ["workshop", "course", "talk"]}
    assert changed == {"status": True, **kind}
    assert told(replay(calls["list"], server.port, **words)) == [kind]
    assert told(replay(calls["delete"], server.port, **words)) == {"status": True}
    assert told(replay(calls["list"], server.port, **words)) == []


def test_the_saved_requests_of_postman_work(server: HttpServer, words: dict[str, Any], boss: Account) -> None:
    calls = recorded("postman-events.http")

    words["event"] = told(replay(calls["create"], server.port, **words))["id"]
    before = told(replay(calls["show with a stale body"], server.port, **words))
    after = told(replay(calls["change"], server.port, **words))

    assert told(replay(calls["list with a stale body"], server.port, **words)) == [after]
    assert (before["min-attendees"], before["custom-data"]) == ("2", {"age": "6+"})
    assert before["tags"] == {"age": "kids", "style": ["paper", "light"]}
    assert after == before | {
        "max-attendees": "14",
        "notes-to-attendees": "Bring scissors",
        "staff-contact": before["user"],
        "status": "2",
        "status-text": "content approved",
        "price": "12.50",
        "tags": {"age": "kids", "style": ["light", "glue"]},
        "updated-time": after["updated-time"],
    }
    assert told(replay(calls["delete"], server.port, **words)) == {"status": True}


def test_the_plugin_reads_tag_types_over_http_1_0(
    server: HttpServer, words: dict[str, Any], manager: httpx.Client
) -> None:
    manager.post("/entities/tagtypes", json={"title": TYPE, "values": ["workshop"]})
    manager.post("/entities/tagtypes", json={"title": "inner", "public": False})

    kinds = told(replay(recorded("plugin-tagtypes.http")["list"], server.port, **words))

    assert kinds == [{"title": TYPE, "requirement": "1", "public": True, "values": ["workshop"]}]
