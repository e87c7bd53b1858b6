"""/entities/tagtypes over the running server: the tag types of item 25 of the checklist."""

from typing import Any

import httpx
import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention
from tests.calendars import add_person
from tests.conventions import add_convention, client_of
from tests.servers import HttpServer

KIND = {"title": "Kind", "requirement": "+", "public": True, "values": ["talk", "workshop"]}


@pytest.fixture
def kind(manager: httpx.Client) -> dict[str, Any]:
    answer = manager.post("/entities/tagtypes", json=KIND)
    assert answer.json() == {"status": True, **KIND}
    return KIND


def tagged(manager: httpx.Client, **tags: Any) -> str:
    sent = {"title": "Kites", "teaser": "Wind", "duration": "60", "tags": tags}
    answer = manager.post("/entities/events", json=sent)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def event(manager: httpx.Client, number: str) -> Any:
    return manager.get(f"/entities/events/{number}").json()


def put(manager: httpx.Client, title: str, /, **fields: Any) -> Any:
    answer = manager.put(f"/entities/tagtypes/{title}", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: httpx.Response, status: int) -> Any:
    body = answer.json()
    assert (answer.status_code, body["status"], type(body["error"])) == (status, False, str), answer.text
    return body.get("details")


def test_a_tag_type_has_defaults(manager: httpx.Client) -> None:
    made = {"title": "Age", "requirement": "1", "public": True, "values": []}

    assert manager.post("/entities/tagtypes", json={"title": " Age "}).json() == {"status": True, **made}
    assert manager.get("/entities/tagtypes/Age").json() == made
    assert manager.get("/entities/tagtypes/").json() == [made]


def test_the_list_is_one_also_without_private_types(
    manager: httpx.Client, public: httpx.Client, system: httpx.Client, kind: Any
) -> None:
    hidden = {"title": "Inner", "requirement": "*", "public": False, "values": ["hard"]}
    manager.post("/entities/tagtypes", json={**hidden, "public": "0"})

    assert manager.get("/entities/tagtypes").json() == [hidden, kind]
    assert manager.get("/entities/tagtypes/Inner").json() == hidden
    for who in (public, system):
        assert who.get("/entities/tagtypes").json() == [kind]
        answer = who.get("/entities/tagtypes/Inner")
        assert (answer.status_code, answer.text) == (200, "false")


@pytest.mark.parametrize("title", ["Unknown", "kind", "%D7%A1%D7%92%D7%A0%D7%95%D7%9F", "a%2Fb", "a%00b", "%FF"])
def test_an_unknown_tag_type_is_false(manager: httpx.Client, kind: Any, title: str) -> None:
    answer = manager.get(f"/entities/tagtypes/{title}")

    assert (answer.status_code, answer.json()) == (200, False)
    refused(manager.put(f"/entities/tagtypes/{title}", json={"values": ["a"]}), 400)
    assert manager.delete(f"/entities/tagtypes/{title}").json() == {"status": True}
    assert manager.get("/entities/tagtypes").json() == [kind]


def test_a_title_may_hold_anything_in_its_address(manager: httpx.Client) -> None:
    made = {"title": "סגנון a/b@c.d", "requirement": "*", "public": True, "values": ["חי"]}
    manager.post("/entities/tagtypes", json=made)
    address = "/entities/tagtypes/%D7%A1%D7%92%D7%A0%D7%95%D7%9F%20a%2Fb@c.d"

    assert manager.get(address).json() == made
    assert manager.put(address, json={"values": ["מת"]}).json() == {"status": True, **made, "values": ["חי", "מת"]}
    assert manager.delete(address).json() == {"status": True}
    assert manager.get("/entities/tagtypes").json() == []


def test_a_title_that_is_there_keeps_its_requirement_and_gets_the_values(manager: httpx.Client, kind: Any) -> None:
    sent = {"title": "Kind", "requirement": "1", "values": ["Talk", "party", "", "PARTY"]}

    answer = manager.post("/entities/tagtypes", json=sent)

    assert answer.json() == {"status": True, **kind, "values": ["talk", "workshop", "party"]}


@pytest.mark.parametrize(
    "fields",
    [
        {"title": None}, {"title": " "}, {"title": 7}, {"title": "x" * 256}, {"title": "a\0b"}, {"requirement": "2"},
        {"requirement": 0}, {"requirement": True}, {"requirement": ["1"]}, {"requirement": 10**30}, {"public": "maybe"},
        {"public": []}, {"values": "talk"}, {"values": [7]}, {"values": {"a": "b"}}, {"values": ["x" * 256]},
        {"values": ["\0"]}, {"values": ["x"] * 1001},
    ],
    ids=lambda fields: str(fields)[:30],
)  # fmt: skip
def test_a_tag_type_with_a_wrong_field_is_refused(manager: httpx.Client, kind: Any, fields: dict[str, Any]) -> None:
    refused(manager.post("/entities/tagtypes", json={"title": "Age", **fields}), 400)
    if fields.get("title") not in (None, " "):
        refused(manager.put("/entities/tagtypes/Kind", json={"values": ["new"], **fields}), 400)

    assert manager.get("/entities/tagtypes").json() == [kind]


def test_only_managers_change_tag_types(
    server: HttpServer, convention: Convention, public: httpx.Client, system: httpx.Client, kind: Any
) -> None:
    with client_of(server, convention, add_person(server.store)) as user:
        for who in (public, system, user):
            refused(who.post("/entities/tagtypes", json={"title": "Age"}), 403)
            refused(who.put("/entities/tagtypes/Kind", json={"values": ["a"]}), 403)
            refused(who.delete("/entities/tagtypes/Kind"), 403)
    assert public.get("/entities/tagtypes").json() == [kind]


def test_another_conventions_tag_types_are_its_own(server: HttpServer, boss: Account, kind: Any) -> None:
    with client_of(server, add_convention(server.store, boss), boss) as elsewhere:
        assert elsewhere.get("/entities/tagtypes").json() == []
        assert elsewhere.get("/entities/tagtypes/Kind").json() is False
        refused(elsewhere.put("/entities/tagtypes/Kind", json={"values": ["a"]}), 400)
        assert elsewhere.delete("/entities/tagtypes/Kind?force=1").json() == {"status": True}
        assert elsewhere.post("/entities/tagtypes", json={"title": "Kind"}).json()["values"] == []


@pytest.mark.parametrize("spell", [str, lambda name: name.replace("_", "-")], ids=["snake", "kebab"])
def test_values_are_replaced_removed_and_added_in_this_order(manager: httpx.Client, kind: Any, spell: Any) -> None:
    one, both = tagged(manager, Kind=["talk"]), tagged(manager, Kind=["workshop", "talk"])
    none = tagged(manager)
    before = {number: event(manager, number) for number in (one, both, none)}
    sent = {
        "replace_values": {"TALK": "workshop", "unknown": "new", "workshop": "class"},
        "remove_values": ["Talk", "unknown"],
        "values": ["talk", "", "Class"],
        "title": "Form",
        "requirement": "*",
        "public": False,
    }

    answer = manager.put("/entities/tagtypes/Kind", json={spell(name): value for name, value in sent.items()})

    form = {"title": "Form", "requirement": "*", "public": False, "values": ["class", "talk"]}
    assert answer.json() == {"status": True, **form}
    assert manager.get("/entities/tagtypes").json() == [form]
    assert event(manager, one)["tags"] == event(manager, both)["tags"] == {"Form": ["class"]}
    assert event(manager, none) == before[none]


def test_values_can_change_places(manager: httpx.Client, kind: Any) -> None:
    numbers = [tagged(manager, Kind=values) for values in (["talk"], ["workshop"], ["talk", "workshop"])]
    pairs = {"talk": "other", "workshop": "talk", "other": "workshop"}

    assert put(manager, "Kind", replace_values=pairs) == {"status": True, **kind}

    assert [event(manager, number)["tags"]["Kind"] for number in numbers] == [
        ["workshop"],
        ["talk"],
        ["talk", "workshop"],
    ]


def test_a_value_in_use_is_not_removed(manager: httpx.Client, kind: Any) -> None:
    number = tagged(manager, Kind=["talk"])

    details = refused(manager.put("/entities/tagtypes/Kind", json={"values": ["new"], "remove-values": ["TALK"]}), 400)

    assert details == {"events": [number]}
    assert manager.get("/entities/tagtypes/Kind").json() == kind
    assert put(manager, "Kind", remove_values=["Workshop"])["values"] == ["talk"]


@pytest.mark.parametrize(
    "pairs",
    [{"talk": "talk"}, {"talk": "TALK"}, {"talk": ""}, {"talk": None}, {"talk": ["a"]}, {"a": 7}, "talk", ["talk"]],
)
def test_values_that_cannot_be_replaced_are_refused(manager: httpx.Client, kind: Any, pairs: Any) -> None:
    refused(manager.put("/entities/tagtypes/Kind", json={"values": ["new"], "replace-values": pairs}), 400)

    assert manager.get("/entities/tagtypes/Kind").json() == kind


def test_a_title_of_another_type_is_refused(manager: httpx.Client, kind: Any) -> None:
    manager.post("/entities/tagtypes", json={"title": "Age"})

    refused(manager.put("/entities/tagtypes/Kind", json={"title": "Age", "values": ["new"]}), 400)

    assert manager.get("/entities/tagtypes/Kind").json() == kind
    assert put(manager, "Kind", title="Kind", requirement="", public=None) == {"status": True, **kind}


def test_one_value_is_not_required_where_events_have_several(manager: httpx.Client, kind: Any) -> None:
    number = tagged(manager, Kind=["talk", "workshop"])

    assert refused(manager.put("/entities/tagtypes/Kind", json={"requirement": "1"}), 400) == {"events": [number]}
    manager.put(f"/entities/events/{number}", json={"remove-tags": {"Kind": "talk"}})

    assert put(manager, "Kind", requirement=1)["requirement"] == "1"
    assert event(manager, number)["tags"] == {"Kind": "workshop"}


@pytest.mark.parametrize("how", ["query", "body", "body text"])
def test_a_tag_type_in_use_is_deleted_by_force_only(manager: httpx.Client, kind: Any, how: str) -> None:
    number = tagged(manager, Kind="talk", Age="kids")

    assert refused(manager.delete("/entities/tagtypes/Kind?force="), 400) == {"events": [number]}
    assert event(manager, number)["tags"] == {"Age": "kids", "Kind": ["talk"]}
    if how == "query":
        answer = manager.delete("/entities/tagtypes/Kind", params={"force": "true"})
    else:
        force = True if how == "body" else "1"
        answer = manager.request("DELETE", "/entities/tagtypes/Kind", json={"force": force})

    assert (answer.status_code, answer.json()) == (200, {"status": True})
    assert event(manager, number)["tags"] == {"Age": "kids"}
    assert manager.delete("/entities/tagtypes/Kind").json() == {"status": True}


def test_a_wrong_method_or_missing_title_is_refused(manager: httpx.Client, kind: Any) -> None:
    refused(manager.put("/entities/tagtypes", json={}), 400)
    refused(manager.delete("/entities/tagtypes"), 400)
    answer = manager.post("/entities/tagtypes/Kind", json={})
    refused(answer, 405)
    assert {"GET", "PUT", "DELETE", "OPTIONS"} <= set(answer.headers["allow"].split(", "))
