"""``/entities/locations`` over HTTP (docs/api/convention-places.md)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from slotport.core.convention import Convention
from tests.calendars import add_person, counted_statements
from tests.conventions import add_convention
from tests.servers import HttpServer

Client = Callable[..., httpx.Client]
URL = "/entities/locations"
PIER = {"title": "Pier Room", "max_attendees": "20", "area": "Quay"}
SHOWN = {"title": "Pier Room", "slug": "pier-room", "max-attendees": "20", "area": "Quay"}


def refused(answer: httpx.Response, status: int) -> Any:
    body = answer.json()
    assert (answer.status_code, body["status"], type(body["error"])) == (status, False, str), answer.text
    return body.get("details")


def schedule(manager: httpx.Client, *slugs: str, start: int = 1810290600) -> str:
    """A time slot of a new event there; its id."""
    sent = {"title": "Lantern Making", "teaser": "Make one", "duration": 90}
    event = manager.post("/entities/events", json=sent).json()["id"]
    answer = manager.post("/entities/timeslots", json={"event": event, "start": start, "locations": list(slugs)})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def test_a_location_is_made_and_read_with_a_slug_of_its_title(manager: httpx.Client, public: httpx.Client) -> None:
    answer = manager.post(URL, json=PIER)

    assert (answer.status_code, answer.json()) == (200, {"status": True, **SHOWN, "timeslots": []})
    assert public.get(URL).json() == [{**SHOWN, "timeslots": []}]
    assert public.get(f"{URL}/pier-room").json() == {**SHOWN, "timeslots": []}
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_both_spellings_and_forms_make_the_same(manager: httpx.Client) -> None:
    manager.post(URL, json={"title": "A", "max-attendees": 5})
    manager.post(URL, data={"title": "B", "max_attendees": "5", "area": ""})

    assert [[item["max-attendees"], item["area"]] for item in manager.get(f"{URL}/").json()] == [["5", None]] * 2


def test_an_unknown_slug_is_null(public: httpx.Client) -> None:
    for slug in ("none", "%00", "%FF", "a%2Fb", quote("חדר")):
        answer = public.get(f"{URL}/{slug}")
        assert (answer.status_code, answer.content) == (200, b"null")


def test_a_slug_may_be_of_any_script(manager: httpx.Client, public: httpx.Client) -> None:
    for title, given, slug in (("חדר 1", None, "חדר-1"), ("B", "a b/c@d.e", "a b/c@d.e")):
        made = manager.post(URL, json={"title": title, "max_attendees": 0, "slug": given}).json()
        assert made["slug"] == slug
        assert public.get(f"{URL}/{quote(slug, safe='')}").json()["title"] == title


def test_title_and_slug_are_unique_in_a_convention(server: HttpServer, client: Client, manager: httpx.Client) -> None:
    boss = add_person(server.store)
    other = client(add_convention(server.store, boss), boss)
    manager.post(URL, json=PIER)

    refused(manager.post(URL, json=PIER), 409)
    refused(manager.post(URL, json={**PIER, "slug": "other"}), 409)
    refused(manager.post(URL, json={**PIER, "title": "Other", "slug": "pier-room"}), 409)
    refused(manager.post(URL, json={**PIER, "title": "Pier; room"}), 409)
    assert len(manager.get(URL).json()) == 1
    assert other.post(URL, json=PIER).json()["slug"] == "pier-room"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"title": "X"},
        {"max_attendees": 5},
        {"title": "", "max_attendees": 5},
        {"title": "X", "max_attendees": ""},
        {"title": "X", "max_attendees": None},
        {"title": "X", "max_attendees": -1},
        {"title": "X", "max_attendees": "many"},
        {"title": "X", "max_attendees": 1.5},
        {"title": "X", "max_attendees": True},
        {"title": "X", "max_attendees": 2**31},
        {"title": "X", "max_attendees": [5]},
        {"title": 5, "max_attendees": 5},
        {"title": {"a": 1}, "max_attendees": 5},
        {"title": "x\0", "max_attendees": 5},
        {"title": "x" * 256, "max_attendees": 5},
        {"title": "X", "max_attendees": 5, "area": 5},
        {"title": "X", "max_attendees": 5, "slug": 5},
        {"title": "X", "max_attendees": 5, "slug": ".."},
        {"title": "X", "max_attendees": 5, "slug": "x" * 201},
    ],
    ids=lambda fields: repr(fields)[:60],
)
def test_wrong_fields_make_nothing(manager: httpx.Client, fields: dict[str, Any]) -> None:
    refused(manager.post(URL, json=fields), 400)

    assert manager.get(URL).json() == []


def test_a_location_is_changed_but_not_its_slug(manager: httpx.Client) -> None:
    manager.post(URL, json=PIER)

    answer = manager.put(f"{URL}/pier-room", json={"title": "Bridge", "max-attendees": "30", "slug": "bridge"})

    changed = {"status": True, "title": "Bridge", "slug": "pier-room", "max-attendees": "30", "area": "Quay"}
    assert answer.json() == {**changed, "timeslots": []}
    console = {"title": "Bridge", "area": "", "max-attendees": ""}
    assert manager.put(f"{URL}/pier-room", json=console).json() == {**changed, "area": None, "timeslots": []}


def test_a_wrong_change_is_refused_whole(manager: httpx.Client) -> None:
    manager.post(URL, json=PIER)
    manager.post(URL, json={"title": "Bridge", "max_attendees": 1})
    before = manager.get(URL).json()

    refused(manager.put(f"{URL}/none", json={"title": "X"}), 400)
    refused(manager.put(f"{URL}/pier-room", json={"area": "X", "title": "Bridge"}), 409)
    for fields in ({"title": ""}, {"title": 5}, {"title": "X", "max_attendees": "x"}, {"title": "X", "area": []}):
        refused(manager.put(f"{URL}/pier-room", json=fields), 400)
    assert manager.get(URL).json() == before


def test_a_location_in_use_is_not_deleted(manager: httpx.Client, public: httpx.Client) -> None:
    manager.post(URL, json=PIER)
    slot = schedule(manager, "pier-room")

    answer = manager.delete(f"{URL}/pier-room")

    assert refused(answer, 400) == {"timeslots": [slot]}
    assert slot in answer.json()["error"]
    assert public.get(f"{URL}/pier-room").json()["slug"] == "pier-room"
    manager.delete(f"/entities/timeslots/{slot}")
    assert manager.delete(f"{URL}/pier-room").json() == {"status": True}
    assert manager.delete(f"{URL}/pier-room").json() == {"status": True}
    assert public.get(URL).json() == []
    assert manager.post(URL, json=PIER).json()["slug"] == "pier-room"


def test_a_location_lists_the_time_slots_that_the_caller_sees(
    manager: httpx.Client, public: httpx.Client, system: httpx.Client
) -> None:
    for title in ("Pier Room", "Bridge"):
        manager.post(URL, json={"title": title, "max_attendees": 5})
    late = schedule(manager, "pier-room", start=1810390600)
    both = schedule(manager, "pier-room", "bridge")
    gone = schedule(manager, "bridge", start=1810490600)
    hidden = schedule(manager, "bridge", start=1810590600)
    manager.delete(f"/entities/timeslots/{gone}")
    event = manager.get(f"/entities/timeslots/{hidden}").json()["event"]["id"]
    manager.put(f"/entities/events/{event}", json={"status": 2})

    def listed(caller: httpx.Client) -> dict[str, list[str]]:
        return {item["slug"]: [slot["id"] for slot in item["timeslots"]] for item in caller.get(URL).json()}

    assert listed(public) == {"bridge": [both], "pier-room": [both, late]}
    assert listed(manager) == listed(system) == {"bridge": [both, hidden], "pier-room": [both, late]}
    shown = public.get(f"{URL}/bridge").json()["timeslots"]
    assert shown == [public.get(f"/entities/timeslots/{both}").json()]
    assert "timeslots" not in shown[0]["locations"][0]


def test_only_managers_change_locations(
    server: HttpServer,
    client: Client,
    public: httpx.Client,
    system: httpx.Client,
    manager: httpx.Client,
    convention: Convention,
) -> None:
    manager.post(URL, json=PIER)
    stranger = client(convention, add_person(server.store))
    before = manager.get(URL).json()

    for caller in (public, system, stranger):
        refused(caller.post(URL, json={"title": "X", "max_attendees": 1}), 403)
        refused(caller.put(f"{URL}/pier-room", json={"title": "X"}), 403)
        refused(caller.delete(f"{URL}/pier-room"), 403)
    assert manager.get(URL).json() == before


def test_another_conventions_locations_do_not_exist(server: HttpServer, client: Client, manager: httpx.Client) -> None:
    boss = add_person(server.store)
    convention = add_convention(server.store, boss)
    other = client(convention, boss)
    other.post(URL, json=PIER)

    assert manager.get(URL).json() == []
    assert manager.get(f"{URL}/pier-room").json() is None
    refused(manager.put(f"{URL}/pier-room", json={"title": "X"}), 400)
    assert manager.delete(f"{URL}/pier-room").json() == {"status": True}
    # with the other's key this one is nobody
    refused(manager.delete(f"{URL}/pier-room", headers={"Convention": convention.public_key}), 403)
    assert other.get(f"{URL}/pier-room").json()["title"] == "Pier Room"


def test_a_key_is_needed_and_a_useless_token_is_none(api: httpx.Client, convention: Convention) -> None:
    refused(api.get(URL), 403)
    refused(api.get(URL, headers={"Convention": "unknown"}), 403)
    headers = {"Authorization": "no-user-token"}
    assert api.get(URL, params={"convention": convention.public_key}, headers=headers).json() == []


def test_the_list_costs_a_constant_number_of_statements(server: HttpServer, manager: httpx.Client) -> None:
    counts = []
    for number in range(2):
        for each in range(3):
            manager.post(URL, json={"title": f"Room {number} {each}", "max_attendees": 5})
            schedule(manager, f"room-{number}-{each}", start=1810290600 + each)
        with counted_statements(server.store) as statements:
            manager.get(URL)
        counts.append(len(statements))

    assert counts[0] == counts[1]
