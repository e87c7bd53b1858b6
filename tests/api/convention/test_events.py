"""/entities/events over the running server: item 23 of the acceptance checklist, and who sees what."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention, EventStatus
from slotport.storage import conventions, events
from tests.calendars import add_person
from tests.conventions import add_convention
from tests.schedules import add_event
from tests.servers import HttpServer

Clients = Callable[..., httpx.Client]
EVENT_KEYS = (
    "id title teaser description notes-to-attendees duration min-attendees max-attendees requires-registration price"
    " status status-text notes-to-staff scheduling-constraints logistical-requirements logitsical-requirements"
    " custom-data data user staff-contact tags created-time updated-time"
).split()
NEW = {"title": "Lantern Making", "teaser": "Paper, glue and light", "duration": 90}


@pytest.fixture
def owner(server: HttpServer) -> Account:
    return add_person(server.store, username="Ada", phone=None)


@pytest.fixture
def own(client: Clients, convention: Convention, owner: Account) -> httpx.Client:
    return client(convention, owner)


@pytest.fixture
def stranger(client: Clients, convention: Convention, server: HttpServer) -> httpx.Client:
    return client(convention, add_person(server.store))


def created(who: httpx.Client, **fields: Any) -> str:
    answer = who.post("/entities/events", json={**NEW, **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def shown(who: httpx.Client, event_id: object) -> Any:
    answer = who.get(f"/entities/events/{event_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def put(who: httpx.Client, event_id: object, /, **fields: Any) -> Any:
    answer = who.put(f"/entities/events/{event_id}", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: httpx.Response, status: int) -> str:
    body = answer.json()
    assert (answer.status_code, body["status"], type(body["error"])) == (status, False, str), answer.text
    return str(body["error"])


def test_a_new_event_answers_its_id_as_a_number(own: httpx.Client) -> None:
    answer = own.post("/entities/events", json=NEW)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json() == {"status": True, "id": answer.json()["id"]}
    assert type(answer.json()["id"]) is int


def test_a_new_event_has_defaults_and_belongs_to_the_caller(own: httpx.Client, owner: Account) -> None:
    event = shown(own, created(own))

    assert list(event) == EVENT_KEYS
    times = {event.pop("created-time"), event.pop("updated-time")}
    assert len(times) == 1
    assert times.pop().endswith("+00:00")
    assert event == {
        "id": event["id"],
        "title": "Lantern Making",
        "teaser": "Paper, glue and light",
        "description": None,
        "notes-to-attendees": None,
        "duration": "90",
        "min-attendees": "1",
        "max-attendees": None,
        "requires-registration": False,
        "price": None,
        "status": "0",
        "status-text": "submitted",
        "notes-to-staff": None,
        "scheduling-constraints": None,
        "logistical-requirements": None,
        "logitsical-requirements": None,
        "custom-data": None,
        "data": None,
        "user": {
            "id": str(owner.id), "name": "Ada", "email": owner.email, "phone": None, "date_of_birth": None,
        },
        "staff-contact": None,
        "tags": {},
    }  # fmt: skip


@pytest.mark.parametrize("spell", [str, lambda name: name.replace("_", "-")], ids=["snake", "kebab"])
def test_every_field_of_a_new_event_may_be_spelt_both_ways(manager: httpx.Client, spell: Callable[[str], str]) -> None:
    sent = {
        "description": "Two evenings",
        "notes_to_attendees": "Bring scissors",
        "min_attendees": "2",
        "max_attendees": 12,
        "requires_registration": "on",
        "notes_to_staff": "needs a key",
        "scheduling_constraints": "after dark",
        "logistical_requirements": "two tables",
        "custom_data": {"kind_of": ["paper", 1, None, {"a-b": 1.5}]},
        "created_time": "2027-05-14T10:30:00Z",
        "tags": {"Kind": "workshop", "for_whom": ["kids", "adults"]},
    }

    event = shown(manager, created(manager, **{spell(name): value for name, value in sent.items()}))

    assert {name: event[name] for name in EVENT_KEYS if name not in {"id", "user", "updated-time"}} == {
        "title": "Lantern Making",
        "teaser": "Paper, glue and light",
        "description": "Two evenings",
        "notes-to-attendees": "Bring scissors",
        "duration": "90",
        "min-attendees": "2",
        "max-attendees": "12",
        "requires-registration": True,
        "price": None,
        "status": "0",
        "status-text": "submitted",
        "notes-to-staff": "needs a key",
        "scheduling-constraints": "after dark",
        "logistical-requirements": "two tables",
        "logitsical-requirements": "two tables",
        "custom-data": sent["custom_data"],
        "data": sent["custom_data"],
        "staff-contact": None,
        "tags": {"Kind": "workshop", "for_whom": ["kids", "adults"]},
        "created-time": "2027-05-14T10:30:00+00:00",
    }


def test_status_and_price_of_a_new_event_are_nobodys_to_say(manager: httpx.Client, own: httpx.Client) -> None:
    for who in (manager, own):
        event = shown(who, created(who, status=5, price="12.50"))

        assert (event["status"], event["price"]) == ("0", None)


@pytest.mark.parametrize(
    "fields",
    [
        {"title": None}, {"title": " "}, {"title": 7}, {"title": ["a"]}, {"teaser": ""}, {"teaser": {}},
        {"duration": 0}, {"duration": None}, {"duration": "ninety"}, {"duration": 1.5}, {"duration": -1},
        {"duration": True}, {"duration": 10**30}, {"duration": "9" * 400}, {"description": 7}, {"min_attendees": "few"},
        {"max_attendees": []}, {"max_attendees": 2**31}, {"requires_registration": "maybe"}, {"notes_to_staff": False},
        {"tags": "kids"}, {"tags": {"": "a"}}, {"tags": {"a": 1}}, {"tags": {"a": [1]}}, {"tags": {"a": {}}},
        {"tags": {"a": "x" * 256}}, {"tags": {"y" * 256: "a"}}, {"title": "x" * 1001}, {"user": "Ada"}, {"user": 7},
        {"user": {"id": 10**18}}, {"user": {"id": 1, "email": "a@example.org"}}, {"user": {}},
        {"user": {"email": "nobody@example.org"}}, {"created_time": "soon"}, {"created_time": 1810290600000},
        {"data": "a\0b"}, {"title": "a\0b"}, {"tags": {"a\0b": "c"}},
    ],
    ids=str,
)  # fmt: skip
def test_a_new_event_with_a_wrong_field_is_refused(manager: httpx.Client, fields: dict[str, Any]) -> None:
    before = manager.get("/entities/events").json()

    refused(manager.post("/entities/events", json={**NEW, **fields}), 400)

    assert manager.get("/entities/events").json() == before
    assert manager.get("/entities/tagtypes").json() == []


def test_a_deep_value_is_refused_and_a_flat_one_kept(manager: httpx.Client) -> None:
    deep: Any = "x"
    for _ in range(70):
        deep = [deep]

    refused(manager.post("/entities/events", json={**NEW, "data": deep}), 400)

    assert shown(manager, created(manager, data=deep[0][0][0][0][0][0][0][0]))["data"] == deep[0][0][0][0][0][0][0][0]


def test_an_event_may_come_as_a_form(own: httpx.Client) -> None:
    answer = own.post("/entities/events", data={**NEW, "max-attendees": "4", "requires_registration": "on"})

    event = shown(own, answer.json()["id"])
    assert (event["duration"], event["max-attendees"], event["requires-registration"]) == ("90", "4", True)


def test_only_users_suggest_events(public: httpx.Client, system: httpx.Client) -> None:
    for who in (public, system):
        refused(who.post("/entities/events", json=NEW), 403)
    assert system.get("/entities/events").json() == []


def test_only_managers_name_another_owner_or_tags(
    own: httpx.Client, manager: httpx.Client, owner: Account, server: HttpServer
) -> None:
    other = add_person(server.store)

    refused(own.post("/entities/events", json={**NEW, "user": {"email": other.email}}), 403)
    refused(own.post("/entities/events", json={**NEW, "tags": {"a": "b"}}), 403)

    assert shown(own, created(own, user={"id": str(owner.id)}))["user"]["id"] == str(owner.id)
    assert shown(manager, created(manager, user={"email": other.email}))["user"]["id"] == str(other.id)
    # an id opens nobody whom the convention does not know
    refused(manager.post("/entities/events", json={**NEW, "user": {"id": add_person(server.store).id}}), 400)


def test_who_sees_which_events(
    server: HttpServer,
    convention: Convention,
    boss: Account,
    owner: Account,
    public: httpx.Client,
    own: httpx.Client,
    stranger: httpx.Client,
    manager: httpx.Client,
    system: httpx.Client,
) -> None:
    by_status = {status: str(add_event(server.store, convention, boss, status=status).id) for status in EventStatus}
    mine = str(add_event(server.store, convention, owner, status=EventStatus.CANCELLED).id)
    add_event(server.store, add_convention(server.store), owner)

    def seen(who: httpx.Client) -> list[str]:
        return [event["id"] for event in who.get("/entities/events/").json()]

    approved = by_status[EventStatus.APPROVED]
    everything = [*by_status.values(), mine]
    assert [seen(who) for who in (public, stranger, own, manager, system)] == [
        [approved], [approved], [approved, mine], everything, everything,
    ]  # fmt: skip
    for who, visible in ((public, [approved]), (own, [approved, mine]), (manager, everything), (system, everything)):
        assert [number for number in everything if shown(who, number) is not None] == visible


@pytest.mark.parametrize("event_id", ["999999999", "0", "-1", "1.5", "9" * 30, "א", "a%2Fb", "None"])
def test_an_unknown_event_is_not_found_by_whomever(public: httpx.Client, manager: httpx.Client, event_id: str) -> None:
    for who in (public, manager):
        refused(who.get(f"/entities/events/{event_id}"), 404)
    refused(manager.put(f"/entities/events/{event_id}", json={"title": "a"}), 400)
    assert manager.delete(f"/entities/events/{event_id}").json() == {"status": True}


def test_another_conventions_event_does_not_exist(
    server: HttpServer, client: Clients, convention: Convention, boss: Account, manager: httpx.Client
) -> None:
    other = add_convention(server.store)
    event = add_event(server.store, other, boss, status=EventStatus.APPROVED)

    refused(manager.get(f"/entities/events/{event.id}"), 404)
    refused(manager.put(f"/entities/events/{event.id}", json={"title": "a"}), 400)
    assert manager.delete(f"/entities/events/{event.id}").json() == {"status": True}

    assert shown(client(other), event.id)["status"] == "5"


def test_notes_are_for_the_owner_and_for_system_access(
    manager: httpx.Client, own: httpx.Client, stranger: httpx.Client, public: httpx.Client, system: httpx.Client
) -> None:
    notes = {"notes-to-staff": "key", "scheduling-constraints": "dark", "logistical-requirements": "tables"}
    number = created(own, data=[1], **notes)
    put(manager, number, status="approved", tags={"Kind": "workshop"}, price=12.5)
    manager.post("/entities/tagtypes", json={"title": "Inner", "public": False})
    put(manager, number, tags={"Inner": "hard"})

    for who in (manager, own, system):
        event = shown(who, number)
        assert {name: event[name] for name in notes} == notes
        assert event["logitsical-requirements"] == "tables"
    for who in (stranger, public):
        event = shown(who, number)
        assert {event[name] for name in (*notes, "logitsical-requirements")} == {None}
        assert (event["data"], event["price"]) == ([1], "12.50")
    # a private tag type is for system access alone
    tagged = [shown(who, number)["tags"] for who in (manager, system, own, stranger, public)]
    assert tagged == [{"Inner": "hard", "Kind": "workshop"}] * 2 + [{"Kind": "workshop"}] * 3


def test_an_owner_changes_an_event_while_it_is_submitted(own: httpx.Client, manager: httpx.Client) -> None:
    number = created(own)
    fields = {
        "title": "Kites", "teaser": "Wind", "description": "d", "duration": "60", "min-attendees": "3",
        "max-attendees": "", "notes-to-staff": "s", "notes-to-attendees": "a", "logistical-requirements": "l",
        "scheduling-constraints": "c", "data": {"x": 1},
    }  # fmt: skip

    event = put(own, number, **fields, status="", price="", tags={}, **{"remove-tags": {}})

    assert {name: event[name] for name in fields} == {**fields, "max-attendees": None}
    assert (event["status"], event["id"]) == ("0", number)
    put(manager, number, status=1)
    refused(own.put(f"/entities/events/{number}", json={"title": "Again"}), 403)
    assert shown(own, number)["title"] == "Kites"


@pytest.mark.parametrize(
    "fields",
    [
        {"status": 5}, {"status": "0"}, {"price": 1}, {"tags": {"a": "b"}}, {"remove_tags": {"a": "b"}},
        {"user": {"email": "x@example.org"}}, {"staff-contact": "x@example.org"}, {"requires-registration": True},
    ],
    ids=str,
)  # fmt: skip
def test_an_owner_changes_nothing_that_is_for_managers(own: httpx.Client, fields: dict[str, Any]) -> None:
    number = created(own)
    before = shown(own, number)

    refused(own.put(f"/entities/events/{number}", json={"title": "Mine", **fields}), 403)

    assert shown(own, number) == before


def test_others_change_no_event(
    own: httpx.Client, stranger: httpx.Client, public: httpx.Client, system: httpx.Client
) -> None:
    number = created(own)

    for who in (stranger, public, system):
        refused(who.put(f"/entities/events/{number}", json={"title": "Mine"}), 403)
        refused(who.delete(f"/entities/events/{number}"), 403)
    refused(own.delete(f"/entities/events/{number}"), 403)
    assert shown(own, number)["title"] == "Lantern Making"


@pytest.mark.parametrize("said", [*range(7), *map(str, range(7)), *(status.label.title() for status in EventStatus)])
def test_a_manager_sets_any_status(manager: httpx.Client, said: object) -> None:
    number = created(manager)
    labels = {status.label: status.value for status in EventStatus}
    wanted = str(labels.get(str(said).lower(), said))

    event = put(manager, number, status=said)

    assert (event["status"], event["status-text"]) == (wanted, EventStatus(int(wanted)).label)
    assert put(manager, number, status=None)["status"] == wanted
    assert put(manager, number, status=0)["status"] == "0"


@pytest.mark.parametrize(
    "fields",
    [
        {"status": 7}, {"status": -1}, {"status": "done"}, {"status": True}, {"status": [4]}, {"status": 10**40},
        {"status": 4.0}, {"price": "cheap"}, {"price": -1}, {"price": 1.005}, {"price": "1,50"}, {"price": True},
        {"price": 10**30}, {"price": []}, {"title": ""}, {"title": None}, {"teaser": " "}, {"duration": "0"},
        {"staff-contact": "nobody@example.org"}, {"staff-contact": 7}, {"staff-contact": {"id": 10**15}},
        {"staff-contact": {"id": 1, "email": "a@example.org"}}, {"user": {"id": 10**15}}, {"tags": ["a"]},
        {"remove-tags": "a"}, {"remove-tags": {"a": 4}}, {"min-attendees": "x"}, {"max-attendees": -4},
        {"requires-registration": 2}, {"allow-conflicts": "perhaps"},
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_field_changes_nothing(manager: httpx.Client, fields: dict[str, Any]) -> None:
    number = created(manager, tags={"Kind": "workshop"})
    before = shown(manager, number)

    refused(manager.put(f"/entities/events/{number}", json={"description": "new", "tags": {"b": "c"}, **fields}), 400)

    assert shown(manager, number) == before


@pytest.mark.parametrize(
    ("said", "price"),
    [("12.5", "12.50"), (12, "12.00"), (0.1, "0.10"), ("0", "0.00"), ("7.500", "7.50"), ("", None), (None, None)],
)
def test_a_price_has_two_decimals(manager: httpx.Client, said: object, price: str | None) -> None:
    number = created(manager)
    put(manager, number, price=99)

    assert put(manager, number, price=said)["price"] == price
    assert shown(manager, number)["price"] == price


def test_a_staff_contact_is_set_by_address_or_reference_and_cleared(
    manager: httpx.Client, server: HttpServer, public: httpx.Client
) -> None:
    person = add_person(server.store, username="Bob")
    shape = {"id": str(person.id), "name": "Bob", "email": person.email}
    number = created(manager)
    put(manager, number, status=5)

    assert put(manager, number, staff_contact=str(person.email).upper())["staff-contact"] == shape
    assert shown(public, number)["staff-contact"] == shape
    assert put(manager, number, title="Kites")["staff-contact"] == shape
    assert put(manager, number, **{"staff-contact": {"id": str(person.id)}})["staff-contact"] == shape
    assert put(manager, number, **{"staff-contact": ""})["staff-contact"] is None
    # an id opens nobody whom the convention knows no more
    refused(manager.put(f"/entities/events/{number}", json={"staff-contact": {"id": person.id}}), 400)


def test_a_manager_gives_an_event_to_somebody_else(
    manager: httpx.Client, own: httpx.Client, owner: Account, server: HttpServer
) -> None:
    other = add_person(server.store, username="Bob", phone="+4930123456")
    number = created(own)

    event = put(manager, number, user={"email": other.email})

    assert event["user"] == {
        "id": str(other.id), "name": "Bob", "email": other.email, "phone": "+4930123456", "date_of_birth": None,
    }  # fmt: skip
    assert own.get(f"/entities/events/{number}").json() is None
    refused(own.put(f"/entities/events/{number}", json={"title": "Mine"}), 403)


def test_both_spellings_of_logistics_are_read_and_the_right_one_wins(manager: httpx.Client) -> None:
    number = created(manager, **{"logitsical-requirements": "two tables"})
    names = ("logistical-requirements", "logitsical-requirements")

    def seen(**fields: Any) -> list[Any]:
        event = put(manager, number, **fields)
        return [event[name] for name in names]

    assert [shown(manager, number)[name] for name in names] == ["two tables"] * 2
    assert seen(logitsical_requirements="three") == ["three"] * 2
    assert seen(logitsical_requirements="five", **{"logistical-requirements": "four"}) == ["four"] * 2
    assert seen(title="Kites") == ["four"] * 2
    assert seen(logistical_requirements="") == [None] * 2


@pytest.mark.parametrize("value", [None, "text", 0, 1.5, True, [], {}, [{"a-b": {"c_d": [1, None]}}], {"א": "b"}])
@pytest.mark.parametrize("name", ["data", "custom-data", "custom_data"])
def test_data_is_any_json_value_and_public(manager: httpx.Client, public: httpx.Client, name: str, value: Any) -> None:
    number = created(manager, data="before")
    put(manager, number, status=5)

    event = put(manager, number, **{name: value})

    assert (event["data"], event["custom-data"]) == (value, value)
    assert shown(public, number) == {**shown(public, number), "data": value, "custom-data": value}


def test_a_change_is_dated_in_the_conventions_zone(server: HttpServer, boss: Account, client: Clients) -> None:
    there = client(add_convention(server.store, boss, settings={"timezone": "Asia/Kolkata"}), boss)
    number = created(there, created_time="2027-05-14T10:30:00")

    event = put(there, number, title="Kites")

    assert event["created-time"] == "2027-05-14T10:30:00+05:30"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:30", event["updated-time"])


def test_what_stays_the_same_is_no_change(manager: httpx.Client, server: HttpServer, convention: Convention) -> None:
    number = int(created(manager, tags={"Kind": "workshop", "For": ["kids"]}))

    def stored() -> tuple[Any, ...]:
        with server.store.read() as transaction:
            found = conventions.find(transaction, convention.id)
            event = events.find(transaction, convention.id, number)
        assert found is not None
        return found.change, event

    before = stored()
    put(manager, number, title="Lantern Making", tags={"Kind": "WORKSHOP", "For": "Kids", "No": ""}, status="submitted")
    put(manager, number)

    assert stored() == before
    put(manager, number, title="Kites")
    assert stored()[0] > before[0]
    assert stored()[1].version == before[1].version + 1
