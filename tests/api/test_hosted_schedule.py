"""Time slots of conventions in the schedule of who hosts them (Timeslot API, section 5)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from slotport.core.account import Account
from slotport.core.convention import PUBLIC_STATUSES, Convention, Event, EventStatus
from slotport.storage import accounts, conventions, timeslots
from tests.calendars import counted_statements
from tests.conftest import Person
from tests.conventions import add_convention
from tests.schedules import NINE, add_event, add_location, add_time_slot
from tests.servers import HttpServer


def account_of(server: HttpServer, person: Person) -> Account:
    with server.store.read() as transaction:
        return accounts.get(transaction, person.user["id"])


def fair(server: HttpServer, person: Person, **fields: Any) -> tuple[Convention, Event]:
    account = account_of(server, person)
    convention = add_convention(server.store, account)
    return convention, add_event(server.store, convention, account, title="Lantern Making", **fields)


def test_a_hosted_time_slot_is_in_the_schedule_alone(
    person: Callable[..., Person], server: HttpServer, api: httpx.Client
) -> None:
    ada = person()
    convention, event = fair(server, ada)
    pier, quay = (add_location(server.store, convention, title) for title in ("Pier", "Quay"))
    slot_id = add_time_slot(server.store, convention, event, pier, quay)

    (found,) = ada.client.get("/v1/me/schedule").json()

    assert found["id"] == slot_id
    assert (found["title"], found["description"]) == ("Lantern Making", "Paper, glue and light")
    assert (found["startDate"], found["endDate"]) == ("2031-06-07T09:00:00.000Z", "2031-06-07T10:30:00.000Z")
    assert (found["visibility"], found["location"]["name"]) == ("public", "Pier, Quay")
    assert found["creator"]["id"] == ada.user["id"]
    assert (found["notes"], found["media"], found["slotGroupUuids"]) == ([], [], [])
    assert found["timeSlot"] == {
        "event": event.id,
        "convention": {"id": convention.id, "slug": convention.slug, "title": convention.title},
    }
    for path in ("/v1/me/slots", "/v1/me/library", f"/v1/users/{ada.user['id']}/slots"):
        assert ada.client.get(path).json() == []
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/slotgroups")):
        assert ada.client.request(method, f"/v1/slots/{slot_id}{path}", json={"slotGroups": []}).status_code == 404
    assert person().client.get("/v1/me/schedule").json() == []


@pytest.mark.parametrize("status", sorted(set(EventStatus) - PUBLIC_STATUSES))
def test_a_time_slot_that_the_public_does_not_see_is_not_in_it(
    person: Callable[..., Person], server: HttpServer, status: EventStatus
) -> None:
    ada = person()
    convention, event = fair(server, ada, status=status)
    add_time_slot(server.store, convention, event, add_location(server.store, convention))

    assert ada.client.get("/v1/me/schedule").json() == []


def test_slots_and_time_slots_are_paged_in_one_order(person: Callable[..., Person], server: HttpServer) -> None:
    ada = person()
    convention, event = fair(server, ada)
    place = add_location(server.store, convention)
    expected = []
    for number in range(7):
        start = NINE + timedelta(hours=number)
        if number % 2:
            slot_id = add_time_slot(server.store, convention, event, place, start=start, minutes=10)
        else:
            sent = {"title": "Own", "startDate": start.isoformat(), "endDate": start.isoformat()}
            slot_id = ada.client.post("/v1/slots", json=sent).json()["id"]
        expected.append(slot_id)
    found: list[int] = []
    after: str | None = ""
    while after is not None:
        query = {"limit": "2", "mode": "all"} if not after else {"limit": "2", "after": after}
        page = ada.client.get("/v1/me/schedule", params=query).json()
        found += (slot["id"] for slot in page["data"])
        after = page["paging"]["after"]
        assert page["paging"]["poolSize"] == 7

    assert found == expected
    assert [slot["id"] for slot in ada.client.get("/v1/me/schedule").json()] == expected
    upcoming = ada.client.get("/v1/me/schedule", params={"moment": NINE.isoformat(), "mode": "ongoing"}).json()
    assert [slot["id"] for slot in upcoming["data"]] == expected[:1]


def test_a_cancelled_time_slot_leaves_the_schedule(person: Callable[..., Person], server: HttpServer) -> None:
    ada = person()
    convention, event = fair(server, ada)
    slot_id = add_time_slot(server.store, convention, event, add_location(server.store, convention))
    first = ada.client.get("/v1/me/schedule", params={"limit": 5}).json()
    with server.store.write() as transaction:
        _ = transaction.change
        timeslots.cancel(transaction, [slot_id], datetime.now(UTC))
        conventions.mark_changed(transaction, convention.id, datetime.now(UTC))
    after = ada.client.get("/v1/me/schedule", params={"limit": 5}).json()

    assert (first["paging"]["poolSize"], after["paging"]["poolSize"], after["data"]) == (1, 0, [])


def test_a_page_takes_as_many_statements_for_one_time_slot_as_for_many(
    person: Callable[..., Person], server: HttpServer
) -> None:
    ada = person()
    convention, event = fair(server, ada)
    counts = []
    for number in (1, 8):
        for index in range(number):
            place = add_location(server.store, convention)
            add_time_slot(server.store, convention, event, place, start=NINE + timedelta(hours=2 * index))
        with counted_statements(server.store) as statements:
            assert ada.client.get("/v1/me/schedule", params={"limit": 40}).status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1]
