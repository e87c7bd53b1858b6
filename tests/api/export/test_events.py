"""What happened to exports, for programs that ask again and again (docs/api/export-events.md)."""

import threading
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import httpx
import pytest

from slotport.storage import export_events
from tests.api.export.serving import Caller, publish, refusal
from tests.calendars import NOW, counted_statements
from tests.servers import HttpServer

POLL = "/api/v1/event/poll"


def types(answer: httpx.Response) -> list[str]:
    return [one["event"]["type"] for one in answer.json()]


def add_events(server: HttpServer, caller: Caller, number: int, count: int) -> None:
    """So many events that can be polled."""
    with server.store.write() as transaction:
        for _ in range(count):
            export_events.add(
                transaction,
                export_id=number,
                owner_id=caller.account.id,
                version=1,
                type="EXPORT_SKIPPED",
                info={"reason": "running"},
                now=NOW,
            )


def test_events_of_own_exports_are_told(exporting: HttpServer, signed_in: Callable[..., Caller]) -> None:
    caller, other = signed_in(first_name="Mira", last_name="Holt"), signed_in()
    other.create()
    start = caller.client.get("/api/v1/session").json()["current_max_event_id"]
    number = caller.create()
    publish(exporting, number, {})
    caller.client.post(f"/api/v1/export/{number}", json={"export": {"flat": True}})

    answer = caller.client.get(f"{POLL}/{start}")

    numbers = [one["event"].pop("_id") for one in answer.json()]
    found = answer.json()
    assert types(answer) == ["EXPORT_INSERT", "EXPORT_START", "EXPORT_UPDATE"]
    assert numbers == sorted(numbers)
    assert numbers[0] > start
    assert found[0]["_user"] == {"_id": caller.account.id, "_generated_displayname": "Mira Holt"}
    assert [one["event"]["session_self"] for one in found] == [True, False, True]
    assert {
        name: found[2]["event"][name] for name in ("schema", "basetype", "object_id", "object_version", "info")
    } == {
        "schema": "BASE",
        "basetype": "export",
        "object_id": number,
        "object_version": 2,
        "info": {},
    }


def test_nothing_new_is_an_empty_list(caller: Caller) -> None:
    number = caller.create()
    last = caller.shown(number)["_log"][-1]["event"]["_id"]

    assert caller.client.get(POLL).json() == []
    assert caller.client.get(f"{POLL}/{last}").json() == []
    assert caller.client.get(f"{POLL}/{'9' * 40}").json() == []


@pytest.mark.parametrize(("query", "count"), [("", 25), ("limit=1", 1), ("limit=0", 1000), ("limit=1000", 1000)])
def test_a_poll_has_a_limit(exporting: HttpServer, caller: Caller, query: str, count: int) -> None:
    number = caller.create()
    add_events(exporting, caller, number, 1005)

    answer = caller.client.get(f"{POLL}/0?{query}")

    assert len(answer.json()) == count


@pytest.mark.parametrize(
    ("query", "name"),
    [("limit=1001", "limit"), ("limit=-1", "limit"), ("limit=a", "limit"), ("wait=31", "wait"), ("wait=-1", "wait")],
)
def test_limits_are_whole_numbers(caller: Caller, query: str, name: str) -> None:
    assert refusal(caller.client.get(f"{POLL}/0?{query}")) == (400, "api.invalid_value", {"attribute": name})


@pytest.mark.parametrize("last", ["-1", "a", "1.5", "%00"])
def test_the_last_id_is_a_number(caller: Caller, last: str) -> None:
    answer = caller.client.get(f"{POLL}/{last}")

    assert refusal(answer) == (400, "api.invalid_value", {"attribute": "last_max_id"})


def test_who_is_not_signed_in_hears_nothing(web: httpx.Client, caller: Caller) -> None:
    caller.create()
    token = web.get("/api/v1/session").json()["token"]
    began = monotonic()

    answer = web.get(f"{POLL}/0?token={token}&wait=30")

    assert (answer.status_code, answer.json(), monotonic() - began < 10) == (200, [], True)
    assert refusal(web.get(POLL)) == (403, "user.not_authenticated", {"reason": "missing"})


# Waiting


def test_a_poll_waits_for_an_event(exporting: HttpServer, caller: Caller) -> None:
    number = caller.create()
    threading.Timer(0.5, add_events, [exporting, caller, number, 1]).start()
    began = monotonic()

    answer = caller.client.get(f"{POLL}?wait=30")

    assert (types(answer), monotonic() - began < 10) == (["EXPORT_SKIPPED"], True)


def test_a_poll_waits_no_longer_than_it_should(caller: Caller) -> None:
    began = monotonic()

    answer = caller.client.get(f"{POLL}?wait=1")

    assert (answer.json(), 0.9 < monotonic() - began < 10) == ([], True)


def test_what_is_there_is_told_at_once(caller: Caller) -> None:
    caller.create()
    began = monotonic()

    answer = caller.client.get(f"{POLL}/0?wait=30")

    assert (types(answer), monotonic() - began < 10) == (["EXPORT_INSERT"], True)


def test_a_wait_is_ended_by_own_events_only(exporting: HttpServer, signed_in: Callable[..., Caller]) -> None:
    caller, other = signed_in(), signed_in()
    threading.Timer(0.3, other.create).start()
    began = monotonic()

    answer = caller.client.get(f"{POLL}?wait=2")

    assert (answer.json(), monotonic() - began > 1.9) == ([], True)


def test_many_wait_without_asking_the_store_each(exporting: HttpServer, caller: Caller) -> None:
    number = caller.create()
    answers: list[Any] = []

    def ask() -> None:
        url = f"{exporting.url}{POLL}?wait=20&token={caller.token}"
        answers.append(httpx.get(url, trust_env=False, timeout=30).json())

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    sleep(2)
    with counted_statements(exporting.store) as statements:
        sleep(1)
    listed = caller.client.get("/api/v1/export")
    add_events(exporting, caller, number, 1)
    for thread in threads:
        thread.join(timeout=30)

    assert (listed.status_code, [len(one) for one in answers]) == (200, [1] * 40)
    assert len([one for one in statements if one.startswith("SELECT")]) <= 8


def test_nobody_waits_nobody_looks(exporting: HttpServer, caller: Caller) -> None:
    caller.client.get(f"{POLL}?wait=1")
    sleep(0.5)

    with counted_statements(exporting.store) as statements:
        sleep(0.6)

    assert statements == []


# One


def test_an_event_is_shown(caller: Caller) -> None:
    number = caller.create()
    entry = caller.shown(number)["_log"][0]

    assert caller.client.get(f"/api/v1/event/{entry['event']['_id']}").json() == entry


def test_anothers_event_is_not_found(caller: Caller, signed_in: Callable[..., Caller]) -> None:
    other = signed_in()
    foreign = other.shown(other.create())["_log"][0]["event"]["_id"]

    numbers = (foreign, 99_999_999, 2**63, 10**29)
    answers = [caller.client.get(f"/api/v1/event/{one}") for one in numbers]

    assert [refusal(answer) for answer in answers] == [
        (400, "user.event_not_found", {"id": str(one)}) for one in numbers
    ]


@pytest.mark.parametrize("number", ["a", "0", "-1", "1.5"])
def test_an_event_has_a_number(caller: Caller, number: str) -> None:
    answer = caller.client.get(f"/api/v1/event/{number}")

    assert refusal(answer) == (400, "api.invalid_value", {"attribute": "id"})
