"""What an event's change does to its time slots, over the running server: items 20 and 22 of the checklist."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention, Event, EventStatus, Location
from tests.schedules import NINE, add_event, add_location, add_time_slot
from tests.servers import HttpServer

Clients = Callable[..., httpx.Client]
HOUR = timedelta(hours=1)


@pytest.fixture
def event(server: HttpServer, convention: Convention, boss: Account) -> Event:
    return add_event(server.store, convention, boss, notes_to_attendees="Bring scissors")


@pytest.fixture
def pier(server: HttpServer, convention: Convention) -> Location:
    return add_location(server.store, convention, "Pier Room")


def put(who: httpx.Client, event: Event, **fields: Any) -> Any:
    answer = who.put(f"/entities/events/{event.id}", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def slot_ids(who: httpx.Client) -> list[int]:
    return [int(slot["id"]) for slot in who.get("/entities/timeslots").json()]


@pytest.mark.parametrize("status", [0, 1, 2, 3, 6])
def test_a_lower_status_hides_time_slots_from_the_public_alone(
    server: HttpServer,
    convention: Convention,
    event: Event,
    pier: Location,
    public: httpx.Client,
    manager: httpx.Client,
    system: httpx.Client,
    status: int,
) -> None:
    number = add_time_slot(server.store, convention, event, pier)
    assert slot_ids(public) == [number]

    put(manager, event, status=status)

    assert [slot_ids(who) for who in (public, manager, system)] == [[], [number], [number]]
    assert public.get(f"/entities/timeslots/{number}").json() is None
    assert manager.get(f"/entities/timeslots/{number}").json()["event"]["status"] == str(status)
    put(manager, event, status="approved")
    assert slot_ids(public) == [number]


def test_a_cancelled_event_frees_its_locations(
    server: HttpServer, convention: Convention, boss: Account, event: Event, pier: Location, manager: httpx.Client
) -> None:
    add_time_slot(server.store, convention, event, pier)
    other = add_event(server.store, convention, boss)
    wanted = {"event": other.id, "start": NINE.isoformat(), "locations": [pier.slug]}
    assert manager.post("/entities/timeslots", json=wanted).status_code == 400

    assert manager.delete(f"/entities/events/{event.id}").json() == {"status": True}
    assert manager.delete(f"/entities/events/{event.id}").json() == {"status": True}

    assert manager.get(f"/entities/events/{event.id}").json()["status-text"] == "cancelled"
    assert manager.post("/entities/timeslots", json=wanted).status_code == 200


def test_new_values_reach_the_time_slots_that_had_the_old_ones(
    server: HttpServer, convention: Convention, event: Event, pier: Location, manager: httpx.Client
) -> None:
    inherits = {
        "min_attendees": event.min_attendees,
        "max_attendees": event.max_attendees,
        "notes_to_attendees": event.notes_to_attendees,
    }
    overrides = {"min_attendees": 1, "max_attendees": 5, "notes_to_attendees": "Come early"}
    ids = [
        add_time_slot(server.store, convention, event, pier, start=NINE, **inherits),
        add_time_slot(server.store, convention, event, pier, start=NINE + 6 * HOUR, minutes=30, **overrides),
        add_time_slot(server.store, convention, event, pier, start=NINE + 12 * HOUR, minutes=30, **inherits),
    ]

    put(manager, event, duration="120", **{"min-attendees": 4, "max-attendees": "", "notes-to-attendees": ""})

    names = ("duration", "min-attendees", "max-attendees", "notes-to-attendees", "end")
    found = [manager.get(f"/entities/timeslots/{number}").json() for number in ids]
    assert [tuple(slot[name] for name in names) for slot in found] == [
        ("120", "4", None, None, "2031-06-07T11:00:00+00:00"),
        ("30", "1", "5", "Come early", "2031-06-07T15:30:00+00:00"),
        ("30", "4", None, None, "2031-06-07T21:30:00+00:00"),
    ]


def test_a_longer_event_takes_no_time_that_another_has(
    server: HttpServer, convention: Convention, boss: Account, event: Event, pier: Location, manager: httpx.Client
) -> None:
    own = add_time_slot(server.store, convention, event, pier)
    other = add_time_slot(
        server.store, convention, add_event(server.store, convention, boss), pier, start=NINE + 2 * HOUR
    )
    before = manager.get(f"/entities/events/{event.id}").json()

    answer = manager.put(f"/entities/events/{event.id}", json={"title": "Long", "duration": 121, "tags": {"a": "b"}})

    assert (answer.status_code, answer.json()["status"]) == (400, False)
    assert [slot["id"] for slot in answer.json()["details"]["timeslots"]] == [str(other)]
    assert "Pier Room" in answer.json()["error"]
    assert manager.get(f"/entities/events/{event.id}").json() == before
    assert manager.get(f"/entities/timeslots/{own}").json()["duration"] == "90"
    put(manager, event, duration=120)  # back to back
    put(manager, event, **{"duration": 121, "allow-conflicts": True})
    put(manager, event, title="Still allowed")
    put(manager, event, duration=120)


def test_an_event_does_not_come_back_where_another_is(
    server: HttpServer, convention: Convention, boss: Account, event: Event, pier: Location, manager: httpx.Client
) -> None:
    add_time_slot(server.store, convention, event, pier)
    put(manager, event, status=EventStatus.CONTENT_APPROVED)
    other = add_time_slot(server.store, convention, add_event(server.store, convention, boss), pier)

    answer = manager.put(f"/entities/events/{event.id}", json={"status": 5})

    assert answer.status_code == 400
    assert [slot["id"] for slot in answer.json()["details"]["timeslots"]] == [str(other)]
    assert manager.get(f"/entities/events/{event.id}").json()["status"] == "2"
    assert put(manager, event, status=5, allow_conflicts="on")["status"] == "5"


def test_scheduling_raises_a_new_event_and_shows_it_to_nobody_as_event(
    server: HttpServer,
    convention: Convention,
    boss: Account,
    pier: Location,
    manager: httpx.Client,
    public: httpx.Client,
) -> None:
    event = add_event(server.store, convention, boss, status=EventStatus.SUBMITTED)

    manager.post("/entities/timeslots", json={"event": event.id, "start": NINE.isoformat(), "locations": [pier.slug]})

    assert manager.get(f"/entities/events/{event.id}").json()["status"] == "4"
    assert public.get("/entities/timeslots").json()[0]["event"]["id"] == str(event.id)
    assert public.get("/entities/events").json() == []  # approved ones only
