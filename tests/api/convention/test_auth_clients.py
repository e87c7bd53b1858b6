"""Recorded requests of real clients: signing in, and what Slotport does not keep (section 5 of what they call)."""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention
from tests.conventions import signature, token_of
from tests.recorded import Answer, recorded, replay
from tests.servers import HttpServer


@pytest.fixture
def words(server: HttpServer, convention: Convention, boss: Account) -> dict[str, Any]:
    """What the recordings leave open."""
    email = f"{uuid4().hex[:12]}@example.org"
    return {
        "key": convention.public_key,
        "token": token_of(server.store, boss),
        "signature": signature(convention).removeprefix("Convention "),
        "new": email,
        "form_email": quote(email, safe=""),
    }


def test_the_plugin_registers_people(server: HttpServer, words: dict[str, Any]) -> None:
    call = recorded("plugin-sign-in.http")["register"]

    first, second = replay(call, server.port, **words), replay(call, server.port, **words)

    assert (first.status, first.value) == (200, {"status": True})
    assert second.value == {"status": False, "error": "This email address is already registered"}


def test_the_plugin_asks_who_it_is_and_keeps_the_token_alive(
    server: HttpServer, words: dict[str, Any], boss: Account
) -> None:
    calls = recorded("plugin-sign-in.http")

    who, nobody, alive, out, after = (
        replay(calls[name], server.port, **words) for name in ("who", "who as nobody", "keep alive", "sign out", "who")
    )

    assert who.value == {"id": str(boss.id), "email": boss.email, "name": boss.username}
    assert (alive.value, out.value) == ({"status": True}, {"status": True})
    assert [answer.value["status"] for answer in (nobody, after)] == [False, False]
    assert "transfer-encoding" not in who.headers


def test_the_plugin_asks_for_a_new_password(server: HttpServer, words: dict[str, Any]) -> None:
    calls = recorded("plugin-sign-in.http")

    assert replay(calls["forgot"], server.port, **words).value == {"status": True}
    assert not replay(calls["change with nobody's token"], server.port, **words).value["status"]


def test_the_plugin_signs_people_in_by_browser(server: HttpServer, words: dict[str, Any]) -> None:
    calls = recorded("plugin-sign-in.http")
    replay(calls["register"], server.port, **words)

    page = replay(calls["link to the page"], server.port, **words)
    form = replay(calls["own form"], server.port, **words)
    fallback = replay(calls["fallback"], server.port, **words)

    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (form.status, fallback.status) == (302, 302)
    back = urlsplit(form.headers["location"])
    fields = parse_qs(back.query)
    assert (back.netloc, fields["page_id"], fields["status"]) == ("site.example", ["7"], ["1"])
    assert replay(calls["who"], server.port, **{**words, "token": fields["token"][0]}).value["email"] == words["new"]
    assert fallback.headers["location"].startswith("/auth/select?redirect-url=https%3A%2F%2Fsite.example%2F")


def test_the_plugin_goes_on_without_what_is_not_kept(server: HttpServer, words: dict[str, Any]) -> None:
    calls = recorded("plugin-sign-in.http")

    lists = [replay(calls[name], server.port, **words).value for name in ("own tickets", "passes")]
    reserve = replay(calls["reserve"], server.port, **words)

    assert lists == [[], []]
    assert (reserve.status, reserve.value["status"], bool(reserve.value["error"])) == (400, False, True)


def readable(answer: Answer) -> bool:
    """Whether a browser lets the console read the answer."""
    allowed = {name: value for name, value in answer.headers.items() if name.startswith("access-control-allow-")}
    wanted = {
        "access-control-allow-origin": "https://manage.example",
        "access-control-allow-credentials": "true",
    }
    return wanted.items() <= allowed.items()


def test_the_console_signs_in_and_out(server: HttpServer, words: dict[str, Any], boss: Account) -> None:
    calls = recorded("console-sign-in.http")

    answers = {name: replay(call, server.port, **words) for name, call in calls.items() if name != "sign out"}
    out = replay(calls["sign out"], server.port, **words)
    after = replay(calls["verify"], server.port, **words)

    assert [name for name, answer in answers.items() if not readable(answer)] == []
    assert [name for name, answer in answers.items() if answer.status != 200] == ["who as nobody"]
    assert answers["verify"].value == {"status": True}
    assert answers["verify as nobody"].value == {"status": False}
    assert answers["who"].value == {"id": str(boss.id), "email": boss.email, "name": boss.username}
    assert answers["who as nobody"].value["status"] is False
    assert [convention["public-key"] for convention in answers["conventions"].value] == [words["key"]]
    assert answers["passes"].value == []
    assert (out.value, after.value) == ({"status": True}, {"status": False})


def test_the_console_may_ask_for_all_that_it_sends(server: HttpServer, words: dict[str, Any]) -> None:
    for name in ("before", "before a change"):
        answer = replay(recorded("console-sign-in.http")[name], server.port, **words)

        assert (answer.status, answer.body) == (200, b"")
        allowed = answer.headers["access-control-allow-headers"].split(", ")
        assert {"authorization", "cache-control", "content-type", "convention"} <= set(allowed)
        assert "PUT" in answer.headers["access-control-allow-methods"]
