"""Acceptance 1, 2, 4, 10 to 14, 16 to 20 and 22 of the convention specification: scheduling, changing, cancelling."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention, EventStatus, Host
from tests.calendars import add_person
from tests.conventions import add_convention
from tests.schedules import Fair, add_event, add_fair, add_location, add_time_slot, person_of
from tests.servers import HttpServer

PATH = "/entities/timeslots"
TEN = "2027-05-14T10:30:00+00:00"
Clients = Callable[..., httpx.Client]


@pytest.fixture
def fair(server: HttpServer, convention: Convention) -> Fair:
    return add_fair(server.store, convention)


@pytest.fixture
def new(fair: Fair) -> dict[str, Any]:
    """The least that schedules the event."""
    return {"event": fair.event.id, "start": TEN, "locations": ["pier-room"]}


@pytest.fixture
def slot_id(server: HttpServer, fair: Fair) -> int:
    """A time slot of the owner's event on the pier."""
    return add_time_slot(
        server.store,
        fair.convention,
        fair.event,
        fair.pier,
        min_attendees=2,
        max_attendees=12,
        notes_to_attendees="Bring glue",
    )


def done(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert body["status"] is True
    return body


def refused(answer: httpx.Response, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    assert answer.json().keys() <= {"status", "error", "details"}
    assert answer.json()["status"] is False
    error: str = answer.json()["error"]
    assert error
    return error


def shown(manager: httpx.Client, slot_id: int) -> dict[str, Any]:
    body: dict[str, Any] = manager.get(f"{PATH}/{slot_id}").json()
    return body


def places(body: dict[str, Any]) -> list[str]:
    return [place["slug"] for place in body["locations"]]


def hosts(body: dict[str, Any]) -> list[str]:
    return [host["name"] for host in body["hosts"]]


# Scheduling


def test_an_event_is_scheduled_with_its_own_values(
    server: HttpServer, manager: httpx.Client, convention: Convention
) -> None:
    fair = add_fair(server.store, convention, status=EventStatus.SUBMITTED)

    body = done(manager.post(PATH, json={"event": fair.event.id, "start": 1810290600, "locations": ["pier-room"]}))

    event = body.pop("event")
    assert body == {
        "status": True,
        "id": body["id"],
        "duration": "90",
        "min-attendees": "2",
        "max-attendees": "12",
        "notes-to-attendees": "Bring glue",
        "start": TEN,
        "locations": [{"title": "Pier Room", "slug": "pier-room", "max-attendees": "20", "area": "Quay"}],
        "hosts": [
            {
                "id": str(fair.owner.id),
                "name": "Olga",
                "email": fair.owner.email,
                "phone": None,
                "date_of_birth": None,
            }
        ],
        "end": "2027-05-14T12:00:00+00:00",
        "available_tickets": 12,
        "pass_requirement": None,
    }
    assert list(body)[:2] == ["status", "id"]
    assert (event["id"], event["status"], event["status-text"]) == (str(fair.event.id), "4", "scheduled")
    after = shown(manager, int(body["id"]))
    assert after == {**body, "event": event, "status": "scheduled"}
    assert list(after) == [
        *("id", "duration", "min-attendees", "max-attendees", "notes-to-attendees", "event", "start", "locations"),
        *("hosts", "end", "available_tickets", "pass_requirement", "status"),
    ]


def test_an_approved_event_stays_approved(server: HttpServer, manager: httpx.Client, convention: Convention) -> None:
    fair = add_fair(server.store, convention, status=EventStatus.APPROVED)

    body = done(manager.post(PATH, json={"event": fair.event.id, "start": TEN, "locations": ["deck"]}))

    assert body["event"]["status"] == "5"


def test_the_example_of_the_specification(server: HttpServer, manager: httpx.Client, fair: Fair) -> None:
    host = add_person(server.store, username="Mira Marsh", email=f"mira{fair.event.id}@harbourcon.example")
    sent = {
        "event": fair.event.id,
        "start": 1810290600,
        "max_attendees": 14,
        "notes_to_attendees": "Bring scissors",
        "locations": ["pier-room"],
        "hosts": [{"email": host.email, "name": "Captain Mira"}],
    }

    body = done(manager.post(PATH, json=sent))

    names = ("duration", "min-attendees", "max-attendees", "notes-to-attendees", "start", "end", "available_tickets")
    assert [body[name] for name in names] == ["90", "2", "14", "Bring scissors", TEN, "2027-05-14T12:00:00+00:00", 14]
    assert body["hosts"] == [{"id": str(host.id), "name": "Captain Mira", "email": host.email}]
    assert "warnings" not in body


def test_both_spellings_make_the_same_time_slot(manager: httpx.Client, new: dict[str, Any]) -> None:
    values = {"duration": "45", "min_attendees": 1, "max_attendees": "7", "notes_to_attendees": "No glue"}
    kebab = {name.replace("_", "-"): value for name, value in values.items()}

    one = done(manager.post(PATH, json={**new, **values}))
    other = done(manager.post(PATH, json={**new, **kebab, "start": TEN, "allow-conflicts": True}))
    third = done(manager.post(PATH, json={**new, **kebab, "max_attendees": "", "allow_conflicts": 1}))

    slots = [
        {name: item for name, item in body.items() if name not in ("id", "warnings")} for body in (one, other, third)
    ]
    assert slots[0] == slots[1]
    assert slots[0]["notes-to-attendees"] == "No glue"
    assert slots[2] == slots[0]  # of two spellings in one body an empty one counts for nothing


def test_the_snake_case_spelling_wins(manager: httpx.Client, new: dict[str, Any]) -> None:
    body = done(manager.post(PATH, json={"max-attendees": 5, **new, "max_attendees": 6}))

    assert body["max-attendees"] == "6"


@pytest.mark.parametrize("nothing", [None, "", 0, "0"])
def test_what_is_empty_is_taken_from_the_event(manager: httpx.Client, new: dict[str, Any], nothing: Any) -> None:
    notes = "" if nothing in (0, "0") else nothing
    values = {"duration": nothing, "min_attendees": nothing, "max_attendees": nothing, "notes_to_attendees": notes}

    body = done(manager.post(PATH, json={**new, **values, "hosts": None}))

    names = ("duration", "min-attendees", "max-attendees", "notes-to-attendees")
    assert [body[name] for name in names] == ["90", "2", "12", "Bring glue"]
    assert hosts(body) == ["Olga"]


@pytest.mark.parametrize(
    "start",
    [
        1810290600,
        "1810290600",
        1810290600.9,
        "1810290600.9",
        "2027-05-14T10:30:00Z",
        "2027-05-14T12:30:00+02:00",
        "2027-05-14 12:30+0200",
        "20270514T113000+01",
        "2027-05-14T10:30:00.7",
        "2027-05-14T10:30",
    ],
)
def test_every_form_of_one_instant_is_stored_as_that(manager: httpx.Client, new: dict[str, Any], start: Any) -> None:
    assert done(manager.post(PATH, json={**new, "start": start}))["start"] == TEN


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2027-05-14", "2027-05-14T00:00:00+02:00"),
        ("2027-05-14T10:30:07", "2027-05-14T10:30:07+02:00"),
        ("2027-03-28T02:30:00", "2027-03-28T03:30:00+02:00"),
        ("2027-10-31T02:30:00", "2027-10-31T02:30:00+02:00"),
        ("2027-10-31T02:30:00+01:00", "2027-10-31T02:30:00+01:00"),
    ],
)
def test_local_times_are_those_of_the_convention(
    server: HttpServer, client: Clients, boss: Account, start: str, expected: str
) -> None:
    convention = add_convention(server.store, boss, settings={"timezone": "Europe/Berlin"})
    fair = add_fair(server.store, convention)

    body = done(
        client(convention, boss).post(PATH, json={"event": fair.event.id, "start": start, "locations": ["deck"]})
    )

    assert body["start"] == expected


def test_locations_and_hosts_named_twice_count_once(
    server: HttpServer, manager: httpx.Client, fair: Fair, new: dict[str, Any]
) -> None:
    people = [
        {"email": fair.owner.email},
        {"id": fair.owner.id, "name": "Captain"},
        {"id": fair.owner.email},
        {"email": (fair.owner.email or "").upper(), "name": ""},
    ]

    body = done(manager.post(PATH, json={**new, "locations": ["deck", "pier-room", "deck"], "hosts": people}))

    assert (places(body), hosts(body)) == (["deck", "pier-room"], ["Captain"])


WRONG = {
    "no event": {"event": None},
    "unknown event": {"event": 999999999},
    "event is no id": {"event": "lantern"},
    "event is a list": {"event": [1]},
    "event is huge": {"event": 10**30},
    "event is a fraction": {"event": 7.5},
    "event is a truth": {"event": True},
    "no start": {"start": ""},
    "start is milliseconds": {"start": 1810290600000},
    "start is 0": {"start": 0},
    "start is negative": {"start": -5},
    "start is no date": {"start": "tomorrow"},
    "start is no such date": {"start": "2027-02-30T10:00:00"},
    "start is an object": {"start": {"date": TEN}},
    "start is a truth": {"start": True},
    "start is beyond all years": {"start": "9999-12-31T23:30:00Z"},
    "start is before all years": {"start": "0001-01-01T00:00:00Z"},
    "duration is negative": {"duration": -1},
    "duration is a fraction": {"duration": 1.5},
    "duration is a word": {"duration": "long"},
    "duration is too long": {"duration": 2**31},
    "duration never ends": {"start": "9990-01-01", "duration": 2**31 - 1},
    "min is a list": {"min_attendees": [2]},
    "max is a word": {"max_attendees": "many"},
    "notes are a number": {"notes_to_attendees": 7},
    "notes hold a NUL": {"notes_to_attendees": "a\0b"},
    "no locations": {"locations": None},
    "empty locations": {"locations": []},
    "locations are text": {"locations": "pier-room"},
    "locations are objects": {"locations": [{"slug": "pier-room"}]},
    "unknown slug": {"locations": ["pier-room", "attic"]},
    "slug of spaces": {"locations": [" "]},
    "slug with a NUL": {"locations": ["a\0"]},
    "empty hosts": {"hosts": []},
    "unknown host": {"hosts": [{"email": "nobody@nowhere.example"}]},
    "unknown host id": {"hosts": [{"id": 999999999}]},
    "host with id and email": {"hosts": [{"id": 1, "email": "nobody@nowhere.example"}]},
    "host with neither": {"hosts": [{"name": "Mira"}]},
    "host is text": {"hosts": ["mira@harbourcon.example"]},
    "host id is a list": {"hosts": [{"id": [1]}]},
    "host name is a number": {"hosts": [{"id": 1, "name": 7}]},
    "allow-conflicts is a word": {"allow-conflicts": "perhaps"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_refused_and_nothing_stored(
    server: HttpServer, manager: httpx.Client, convention: Convention, wrong: dict[str, Any]
) -> None:
    fair = add_fair(server.store, convention, status=EventStatus.SUBMITTED)
    new = {"event": fair.event.id, "start": TEN, "locations": ["pier-room"], **wrong}

    refused(manager.post(PATH, json=new))

    assert manager.get(PATH).json() == []
    assert manager.get(f"/entities/events/{fair.event.id}").json()["status"] == "0"


def test_a_cancelled_event_is_not_scheduled(server: HttpServer, manager: httpx.Client, convention: Convention) -> None:
    fair = add_fair(server.store, convention, status=EventStatus.CANCELLED)

    error = refused(manager.post(PATH, json={"event": fair.event.id, "start": TEN, "locations": ["deck"]}))

    assert error == "event was cancelled"


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[1]", 400), (b'"x"', 400), (b"[]", 400), (b"", 400), (b"\xff", 400)]
)
def test_a_body_that_is_no_property_list_is_refused(manager: httpx.Client, body: bytes, status: int) -> None:
    refused(manager.post(PATH, content=body, headers={"Content-Type": "application/json; charset=utf-8"}), status)


def test_a_stranger_cannot_be_named_by_id(server: HttpServer, manager: httpx.Client, new: dict[str, Any]) -> None:
    stranger = add_person(server.store, username="Stranger")

    refused(manager.post(PATH, json={**new, "hosts": [{"id": stranger.id}]}))

    assert hosts(done(manager.post(PATH, json={**new, "hosts": [{"email": stranger.email}]}))) == ["Stranger"]


# Who may


def test_only_managers_change_time_slots(
    server: HttpServer,
    fair: Fair,
    client: Clients,
    public: httpx.Client,
    system: httpx.Client,
    manager: httpx.Client,
    new: dict[str, Any],
    slot_id: int,
) -> None:
    their_boss = add_person(server.store)
    add_convention(server.store, their_boss)
    before = manager.get(PATH).json()
    nobody = client(fair.convention)
    nobody.headers["Authorization"] = "no-user-token"

    for asking in (public, system, nobody, client(fair.convention, fair.owner), client(fair.convention, their_boss)):
        refused(asking.post(PATH, json=new), 403)
        refused(asking.put(f"{PATH}/{slot_id}", json={"duration": 5}), 403)
        refused(asking.delete(f"{PATH}/{slot_id}"), 403)
    assert manager.get(PATH).json() == before


def test_another_convention_s_things_do_not_exist(
    server: HttpServer, fair: Fair, client: Clients, manager: httpx.Client, slot_id: int
) -> None:
    their_boss = add_person(server.store)
    theirs = add_fair(server.store, add_convention(server.store, their_boss))
    them = client(theirs.convention, their_boss)
    ours = {"event": fair.event.id, "start": TEN, "locations": ["pier-room"]}
    annex = add_location(server.store, fair.convention, "Annex")

    refused(them.post(PATH, json=ours))
    refused(them.post(PATH, json={**ours, "event": theirs.event.id, "locations": [annex.slug]}))
    refused(them.post(PATH, json={**ours, "event": theirs.event.id, "hosts": [{"id": fair.owner.id}]}))
    refused(them.put(f"{PATH}/{slot_id}", json={"duration": 5}))
    assert them.delete(f"{PATH}/{slot_id}").json() == {"status": True}
    assert them.get(PATH, params={"by_event": fair.event.id}).json() == []
    assert shown(manager, slot_id)["duration"] == "90"
    assert shown(manager, slot_id)["status"] == "scheduled"


def test_the_same_place_and_time_at_another_convention_is_free(
    server: HttpServer, client: Clients, slot_id: int
) -> None:
    boss = add_person(server.store)
    theirs = add_fair(server.store, add_convention(server.store, boss))
    new = {"event": theirs.event.id, "start": "2031-06-07T09:00:00Z", "locations": ["pier-room"]}

    done(client(theirs.convention, boss).post(PATH, json=new))


# Changing


def test_one_change_adds_and_removes_locations_and_hosts(
    server: HttpServer, manager: httpx.Client, fair: Fair, slot_id: int
) -> None:
    conan = add_person(server.store, username="Conan")
    sent = {
        "start": "2031-06-08T15:00:00-02:00",
        "max_attendees": 10,
        "locations": ["deck"],
        "remove-locations": ["pier-room"],
        "hosts": [{"email": conan.email}],
        "remove-hosts": [{"email": fair.owner.email}],
    }

    body = done(manager.put(f"{PATH}/{slot_id}", json=sent))

    assert (body["start"], body["end"]) == ("2031-06-08T17:00:00+00:00", "2031-06-08T18:30:00+00:00")
    assert (places(body), hosts(body), body["max-attendees"]) == (["deck"], ["Conan"], "10")
    assert shown(manager, slot_id) == {**body, "status": "scheduled"}


def test_both_spellings_change_alike(server: HttpServer, manager: httpx.Client, fair: Fair) -> None:
    conan = add_person(server.store, username="Conan")
    bodies = []
    for spelling in ("_", "-"):
        number = add_time_slot(server.store, fair.convention, fair.event, fair.pier)
        done(manager.put(f"{PATH}/{number}", json={"hosts": [{"email": conan.email}], "allow_conflicts": True}))
        sent = {
            "min_attendees": 0,
            "max_attendees": "5",
            "notes_to_attendees": "New",
            "locations": ["deck"],
            "remove_locations": ["pier-room"],
            "remove_hosts": [{"email": conan.email}],
            "allow_conflicts": "true",
        }
        answer = manager.put(
            f"{PATH}/{number}", json={name.replace("_", spelling): value for name, value in sent.items()}
        )
        bodies.append({name: value for name, value in done(answer).items() if name not in ("id", "warnings")})

    assert bodies[0] == bodies[1]
    assert (places(bodies[0]), hosts(bodies[0]), bodies[0]["min-attendees"]) == (["deck"], ["Olga"], "0")


def test_removing_the_last_location_changes_nothing(manager: httpx.Client, slot_id: int) -> None:
    before = shown(manager, slot_id)

    refused(manager.put(f"{PATH}/{slot_id}", json={"duration": 5, "remove-locations": ["pier-room"]}))
    refused(
        manager.put(
            f"{PATH}/{slot_id}",
            json={"max_attendees": 5, "locations": ["deck"], "remove-locations": ["pier-room", "deck"]},
        )
    )

    assert shown(manager, slot_id) == before


def test_removing_all_hosts_leaves_the_owner(server: HttpServer, manager: httpx.Client, fair: Fair) -> None:
    conan = add_person(server.store, username="Conan")
    guests = [Host(person=person_of(server.store, conan))]
    number = add_time_slot(server.store, fair.convention, fair.event, fair.pier, hosts=guests)

    body = done(manager.put(f"{PATH}/{number}", json={"remove-hosts": [{"id": str(conan.id)}]}))
    again = done(manager.put(f"{PATH}/{number}", json={"remove-hosts": [{"email": fair.owner.email}]}))

    assert hosts(body) == hosts(again) == ["Olga"]


def test_removing_who_is_no_host_and_what_is_not_attached_is_no_error(
    manager: httpx.Client, boss: Account, slot_id: int
) -> None:
    before = shown(manager, slot_id)

    sent = {"remove-hosts": [{"id": boss.id, "name": "x"}], "remove-locations": ["deck"], "hosts": [], "locations": []}
    body = done(manager.put(f"{PATH}/{slot_id}", json=sent))

    assert {**body, "status": "scheduled"} == before


def test_what_is_added_and_removed_ends_up_removed(manager: httpx.Client, boss: Account, slot_id: int) -> None:
    sent = {
        "hosts": [{"id": boss.id}],
        "remove_hosts": [{"email": boss.email}],
        "locations": ["deck"],
        "remove_locations": ["deck"],
    }

    body = done(manager.put(f"{PATH}/{slot_id}", json=sent))

    assert (places(body), hosts(body)) == (["pier-room"], ["Olga"])


def test_the_name_of_a_host_can_be_changed_and_cleared(manager: httpx.Client, fair: Fair, slot_id: int) -> None:
    def renamed(name: Any) -> list[str]:
        sent = {"hosts": [{"email": fair.owner.email, "name": name}]}
        return hosts(done(manager.put(f"{PATH}/{slot_id}", json=sent)))

    assert [renamed(name) for name in ("Captain", "", None, "Olga")] == [["Captain"]] * 3 + [["Olga"]]


def test_notes_are_cleared_by_null_and_kept_if_not_named(manager: httpx.Client, slot_id: int) -> None:
    def notes(sent: dict[str, Any]) -> Any:
        return done(manager.put(f"{PATH}/{slot_id}", json=sent))["notes-to-attendees"]

    assert notes({"duration": 80}) == "Bring glue"
    assert notes({"notes_to_attendees": None}) is None
    assert notes({"notes-to-attendees": "Back"}) == "Back"
    assert notes({"notes-to-attendees": ""}) is None


def test_a_longer_time_slot_ends_later(manager: httpx.Client, slot_id: int) -> None:
    body = done(manager.put(f"{PATH}/{slot_id}", json={"duration": "120"}))

    assert (body["start"], body["end"]) == ("2031-06-07T09:00:00+00:00", "2031-06-07T11:00:00+00:00")


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_is_empty_changes_nothing(manager: httpx.Client, slot_id: int, nothing: Any) -> None:
    before = shown(manager, slot_id)
    names = "start duration min-attendees max-attendees locations remove-locations hosts remove-hosts event".split()

    body = done(manager.put(f"{PATH}/{slot_id}", json=dict.fromkeys(names, nothing)))

    assert {**body, "status": "scheduled"} == before


def test_the_event_of_a_time_slot_does_not_change(
    server: HttpServer, manager: httpx.Client, fair: Fair, slot_id: int
) -> None:
    other = add_event(server.store, fair.convention, fair.owner)

    assert done(manager.put(f"{PATH}/{slot_id}", json={"event": other.id}))["event"]["id"] == str(fair.event.id)


WRONG_CHANGES = {
    name: fields for name, fields in WRONG.items() if not name.startswith(("no ", "empty ")) and "event" not in fields
} | {
    "duration 0": {"duration": 0},
    "hosts are text": {"hosts": "mira"},
    "hosts are an object": {"hosts": {"id": 1}},
    "remove-locations are text": {"remove-locations": "deck"},
    "remove unknown slug": {"remove-locations": ["attic"]},
    "remove-hosts are a number": {"remove_hosts": 7},
    "remove unknown host": {"remove-hosts": [{"email": "nobody@nowhere.example"}]},
    "remove host with id and email": {"remove-hosts": [{"id": 1, "email": "a@b.example"}]},
}


@pytest.mark.parametrize("wrong", WRONG_CHANGES.values(), ids=WRONG_CHANGES.keys())
def test_a_wrong_change_changes_nothing(manager: httpx.Client, slot_id: int, wrong: dict[str, Any]) -> None:
    before = shown(manager, slot_id)

    refused(manager.put(f"{PATH}/{slot_id}", json={"max_attendees": 99, "locations": ["deck"], **wrong}))

    assert shown(manager, slot_id) == before


@pytest.mark.parametrize("name", ["999999999", "abc", "0", "%F0%9F%8F%AE", "1.5"])
def test_an_unknown_time_slot_is_refused_on_change_and_no_matter_on_cancelling(
    manager: httpx.Client, name: str
) -> None:
    refused(manager.put(f"{PATH}/{name}", json={"duration": 5}))

    assert manager.delete(f"{PATH}/{name}").json() == {"status": True}


def test_the_collection_is_neither_changed_nor_cancelled(manager: httpx.Client, new: dict[str, Any]) -> None:
    refused(manager.put(PATH, json=new))
    refused(manager.delete(PATH))
    answer = manager.post(f"{PATH}/7", json=new)
    assert (answer.status_code, answer.json()["status"]) == (405, False)
    assert "PUT" in answer.headers["allow"]


# Cancelling, and what events do to their time slots


def test_a_cancelled_time_slot_is_gone_but_for_managers(
    manager: httpx.Client, public: httpx.Client, fair: Fair, slot_id: int
) -> None:
    before = shown(manager, slot_id)

    assert manager.delete(f"{PATH}/{slot_id}").json() == {"status": True}
    assert manager.request("DELETE", f"{PATH}/{slot_id}", json={}).json() == {"status": True}

    assert public.get(PATH).json() == manager.get(PATH).json() == []
    assert public.get(f"{PATH}/{slot_id}").text == "null"
    assert shown(manager, slot_id) == {**before, "status": "cancelled"}
    assert manager.get("/entities/locations/pier-room").json()["timeslots"] == []
    refused(manager.put(f"{PATH}/{slot_id}", json={"duration": 5}))
    assert before["event"] == manager.get(f"/entities/events/{fair.event.id}").json()


@pytest.mark.parametrize("status", [2, 6])
def test_an_event_no_longer_scheduled_hides_its_time_slots_from_the_public(
    manager: httpx.Client, public: httpx.Client, fair: Fair, slot_id: int, status: int
) -> None:
    assert manager.put(f"/entities/events/{fair.event.id}", json={"status": status}).status_code == 200

    assert public.get(PATH).json() == []
    assert public.get(f"{PATH}/{slot_id}").json() is None
    assert [slot["event"]["status"] for slot in manager.get(PATH).json()] == [str(status)]


def test_time_slots_follow_the_event_unless_they_have_their_own_value(
    server: HttpServer, manager: httpx.Client, fair: Fair, slot_id: int
) -> None:
    own = add_time_slot(server.store, fair.convention, fair.event, fair.deck, minutes=30)

    answer = manager.put(f"/entities/events/{fair.event.id}", json={"duration": 120, "title": "Lanterns"})

    assert answer.status_code == 200
    assert [shown(manager, number)["duration"] for number in (slot_id, own)] == ["120", "30"]
    assert shown(manager, slot_id)["end"] == "2031-06-07T11:00:00+00:00"
