"""Acceptance 15 of the convention specification, its section 2.8, and two managers at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slotport.core.account import Account
from slotport.core.convention import Convention, EventStatus, Host
from tests.calendars import add_person
from tests.conventions import add_convention, client_of
from tests.schedules import NINE, Fair, add_event, add_fair, add_location, add_time_slot, person_of
from tests.servers import HttpServer

PATH = "/entities/timeslots"
START = "2031-06-07T09:00:00+00:00"
HOUR = timedelta(hours=1)


@pytest.fixture
def fair(server: HttpServer, convention: Convention) -> Fair:
    return add_fair(server.store, convention)


@pytest.fixture
def slot_id(server: HttpServer, fair: Fair) -> int:
    """On the pier from 9:00 to 10:30."""
    return add_time_slot(server.store, fair.convention, fair.event, fair.pier)


@pytest.fixture
def new(fair: Fair) -> dict[str, Any]:
    return {"event": fair.event.id, "start": START, "locations": ["pier-room"]}


def taken(answer: httpx.Response) -> list[int]:
    """Ids of the time slots that the refusal names."""
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert body.keys() == {"status", "error", "details"}
    assert body["status"] is False
    return [int(slot["id"]) for slot in body["details"]["timeslots"]]


def codes(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body.get("warnings") != []
    return [warning["code"] for warning in body.get("warnings", [])]


def test_a_taken_location_is_refused_with_what_occupies_it(
    manager: httpx.Client, new: dict[str, Any], slot_id: int
) -> None:
    answer = manager.post(PATH, json=new)

    assert answer.json() == {
        "status": False,
        "error": "Pier Room is taken from 2031-06-07 09:00 to 2031-06-07 10:30 by “Lantern Making”",
        "details": {"timeslots": [manager.get(f"{PATH}/{slot_id}").json()]},
    }
    assert answer.status_code == 400
    assert len(manager.get(PATH).json()) == 1


def test_every_time_slot_in_the_way_is_named(
    server: HttpServer, manager: httpx.Client, fair: Fair, slot_id: int
) -> None:
    second = add_time_slot(server.store, fair.convention, fair.event, fair.deck, fair.pier, start=NINE + 2 * HOUR)
    third = add_time_slot(server.store, fair.convention, fair.event, fair.deck, start=NINE - HOUR)
    add_time_slot(server.store, fair.convention, fair.event, fair.deck, start=NINE + 9 * HOUR)

    sent = {"event": fair.event.id, "start": START, "duration": 240, "locations": ["deck", "pier-room"]}

    assert taken(manager.post(PATH, json=sent)) == [third, slot_id, second]


@pytest.mark.parametrize("start", ["2031-06-07T07:30:00Z", "2031-06-07T10:30:00Z"])
def test_back_to_back_is_free(manager: httpx.Client, new: dict[str, Any], slot_id: int, start: str) -> None:
    assert codes(manager.post(PATH, json={**new, "start": start})) == []


@pytest.mark.parametrize("start", ["2031-06-07T07:30:01Z", "2031-06-07T10:29:59Z"])
def test_a_second_too_much_is_not(manager: httpx.Client, new: dict[str, Any], slot_id: int, start: str) -> None:
    assert taken(manager.post(PATH, json={**new, "start": start})) == [slot_id]


def test_another_location_is_free(manager: httpx.Client, new: dict[str, Any], slot_id: int) -> None:
    assert codes(manager.post(PATH, json={**new, "locations": ["deck"]})) == ["host-booked-twice", "location-too-small"]


@pytest.mark.parametrize("status", [EventStatus.LOGISTICS_APPROVED, EventStatus.CANCELLED])
def test_what_the_public_does_not_see_occupies_nothing(
    manager: httpx.Client, server: HttpServer, fair: Fair, slot_id: int, status: EventStatus
) -> None:
    other = add_event(server.store, fair.convention, fair.owner)
    assert manager.put(f"/entities/events/{fair.event.id}", json={"status": int(status)}).status_code == 200

    assert codes(manager.post(PATH, json={"event": other.id, "start": START, "locations": ["pier-room"]})) == []


def test_a_cancelled_time_slot_occupies_nothing(manager: httpx.Client, new: dict[str, Any], slot_id: int) -> None:
    manager.delete(f"{PATH}/{slot_id}")

    assert codes(manager.post(PATH, json=new)) == []


@pytest.mark.parametrize("yes", [True, 1, "1", "true", "on"])
def test_conflicts_can_be_allowed(manager: httpx.Client, new: dict[str, Any], slot_id: int, yes: Any) -> None:
    assert codes(manager.post(PATH, json={**new, "allow-conflicts": yes})) == ["host-booked-twice"]
    assert len(taken(manager.post(PATH, json={**new, "allow_conflicts": False}))) == 2


def test_a_conflict_comes_before_what_is_wrong_with_hosts(
    manager: httpx.Client, new: dict[str, Any], slot_id: int
) -> None:
    assert taken(manager.post(PATH, json={**new, "hosts": []})) == [slot_id]


@pytest.mark.parametrize(
    "change",
    [{"start": START}, {"duration": 300}, {"locations": ["pier-room"]}],
    ids=["start", "duration", "locations"],
)
def test_a_change_is_checked_as_well(
    server: HttpServer, manager: httpx.Client, fair: Fair, slot_id: int, change: dict[str, Any]
) -> None:
    places = [fair.deck] if "locations" in change else [fair.pier]
    begin = NINE if "locations" in change else NINE - 3 * HOUR
    other = add_time_slot(server.store, fair.convention, fair.event, *places, start=begin)
    before = manager.get(f"{PATH}/{other}").json()

    assert taken(manager.put(f"{PATH}/{other}", json={**change, "max_attendees": 5})) == [slot_id]

    assert manager.get(f"{PATH}/{other}").json() == before
    assert "host-booked-twice" in codes(manager.put(f"{PATH}/{other}", json={**change, "allow-conflicts": True}))
    assert codes(manager.put(f"{PATH}/{other}", json={"notes-to-attendees": "x"})) == ["host-booked-twice"]


def test_a_time_slot_is_not_in_its_own_way(manager: httpx.Client, slot_id: int) -> None:
    sent = {"start": "2031-06-07T09:30:00Z", "duration": 95, "locations": ["pier-room"]}

    assert codes(manager.put(f"{PATH}/{slot_id}", json=sent)) == []


def test_two_time_slots_can_be_swapped(server: HttpServer, manager: httpx.Client, fair: Fair, slot_id: int) -> None:
    other = add_time_slot(server.store, fair.convention, fair.event, fair.pier, start=NINE + 2 * HOUR)
    swap = {slot_id: "2031-06-07T11:00:00Z", other: START}

    for number, start in swap.items():
        answer = manager.put(f"{PATH}/{number}", json={"start": start, "allow-conflicts": True})
        assert answer.status_code == 200

    assert [int(slot["id"]) for slot in manager.get(PATH).json()] == [other, slot_id]


def test_a_long_time_slot_is_met_weeks_after_it_began(
    server: HttpServer, manager: httpx.Client, fair: Fair, new: dict[str, Any]
) -> None:
    long = add_time_slot(
        server.store, fair.convention, fair.event, fair.pier, start=NINE - timedelta(days=30), minutes=60 * 24 * 40
    )

    assert taken(manager.post(PATH, json=new)) == [long]


def test_an_event_that_comes_back_meets_what_took_its_place(
    server: HttpServer, manager: httpx.Client, fair: Fair, slot_id: int
) -> None:
    other = add_event(server.store, fair.convention, fair.owner)
    event = f"/entities/events/{fair.event.id}"
    manager.delete(event)
    newer = int(manager.post(PATH, json={"event": other.id, "start": START, "locations": ["pier-room"]}).json()["id"])

    assert taken(manager.put(event, json={"status": 4})) == [newer]
    assert manager.get(event).json()["status"] == "6"


# Warnings


def test_what_is_odd_is_allowed_and_told(
    server: HttpServer, client: Callable[..., httpx.Client], boss: Account
) -> None:
    convention = add_convention(server.store, boss, start_date=date(2031, 6, 8), end_date=date(2031, 6, 9))
    fair, elsewhere = add_fair(server.store, convention), add_fair(server.store, add_convention(server.store))
    host = Host(person=person_of(server.store, fair.owner))
    other = add_time_slot(server.store, convention, fair.event, fair.pier)
    add_time_slot(server.store, elsewhere.convention, elsewhere.event, elsewhere.pier, hosts=[host])
    sent = {"event": fair.event.id, "start": START, "min_attendees": 40, "max_attendees": 30, "locations": ["deck"]}

    answer = client(convention, boss).post(PATH, json=sent)

    number = answer.json()["id"]
    assert answer.status_code == 200
    assert list(answer.json())[-1] == "warnings"
    assert answer.json()["warnings"] == [
        {
            "code": "host-booked-twice",
            "message": "Olga is also booked for 2 other time slots at that time, 1 of them at another convention",
            "ids": [str(other)],
        },
        {"code": "location-too-small", "message": "Deck holds 10 people, fewer than the 30 allowed", "ids": ["deck"]},
        {
            "code": "attendees-reversed",
            "message": "at least 40 attendees are wanted, but at most 30 allowed",
            "ids": [number],
        },
        {
            "code": "outside-convention",
            "message": "the time slot begins before the convention's first day",
            "ids": [number],
        },
    ]
    calm = {"start": "2031-06-08T00:00:00Z", "min_attendees": 1, "max_attendees": 9}
    assert codes(client(convention, boss).put(f"{PATH}/{number}", json=calm)) == []


# Two at once


def test_of_many_who_schedule_one_location_at_once_one_succeeds(server: HttpServer, fair: Fair, boss: Account) -> None:
    clerks = 6
    barrier = Barrier(clerks)
    sent = {"event": fair.event.id, "start": START, "locations": ["pier-room"]}

    def schedule(_: int) -> int:
        with client_of(server, fair.convention, boss) as client:
            client.get(PATH)
            barrier.wait(20)
            return client.post(PATH, json=sent).status_code

    with ThreadPoolExecutor(clerks) as pool:
        statuses = sorted(pool.map(schedule, range(clerks)))

    assert statuses == [200] + [400] * (clerks - 1)


# Whatever is scheduled


@pytest.fixture(scope="module")
def busy(server: HttpServer) -> Iterator[tuple[Fair, httpx.Client, httpx.Client]]:
    boss = add_person(server.store)
    fair = add_fair(server.store, add_convention(server.store, boss))
    add_location(server.store, fair.convention, "Attic")
    with client_of(server, fair.convention, boss) as manager, client_of(server, fair.convention) as public:
        yield fair, manager, public


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wanted=st.lists(
        st.tuples(
            st.integers(0, 12),
            st.integers(1, 50),
            st.sets(st.sampled_from(["attic", "deck", "pier-room"]), min_size=1),
            st.sampled_from(["schedule", "schedule", "move", "cancel"]),
        ),
        max_size=8,
    )
)
def test_no_accepted_time_slot_overlaps_another_and_every_refusal_names_all_that_do(
    busy: tuple[Fair, httpx.Client, httpx.Client], wanted: list[tuple[int, int, set[str], str]]
) -> None:
    fair, manager, public = busy
    for slot in manager.get(PATH).json():
        manager.delete(f"{PATH}/{slot['id']}")
    accepted: dict[int, tuple[int, int, set[str]]] = {}

    for quarter, minutes, places, what in wanted:
        begin, end = quarter * 15, quarter * 15 + minutes
        own = next(iter(accepted), None) if what != "schedule" else None
        if what == "cancel":
            manager.delete(f"{PATH}/{own or 0}")
            accepted.pop(own or 0, None)
            continue
        start = (NINE + timedelta(minutes=begin)).isoformat()
        sent: dict[str, Any] = {"start": start, "duration": minutes, "locations": sorted(places)}
        if own is None:
            answer = manager.post(PATH, json={**sent, "event": fair.event.id})
        else:
            answer = manager.put(f"{PATH}/{own}", json=sent)
            places = places | accepted[own][2]
        others = {number: held for number, held in accepted.items() if number != own}
        met = {number for number, (b, e, where) in others.items() if b < end and begin < e and where & places}
        if met:
            assert set(taken(answer)) == met
        else:
            assert answer.status_code == 200
            accepted[int(answer.json()["id"])] = (begin, end, places)

    assert {int(slot["id"]) for slot in public.get(PATH).json()} == accepted.keys()
