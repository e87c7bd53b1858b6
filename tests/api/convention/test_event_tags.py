"""Tags of events over the running server: what 1, + and * require, and types that come by themselves."""

from typing import Any

import httpx
import pytest

NEW = {"title": "Lantern Making", "teaser": "Paper, glue and light", "duration": 90}


@pytest.fixture
def types(manager: httpx.Client) -> None:
    for title, requirement in (("one", "1"), ("some", "+"), ("any", "*")):
        sent = {"title": title, "requirement": requirement, "values": ["x", "y", "z"]}
        assert manager.post("/entities/tagtypes", json=sent).status_code == 200


def created(who: httpx.Client, tags: Any) -> str:
    answer = who.post("/entities/events", json={**NEW, "tags": tags})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def tags_of(who: httpx.Client, number: str) -> Any:
    return who.get(f"/entities/events/{number}").json()["tags"]


def put(who: httpx.Client, number: str, /, **fields: Any) -> Any:
    answer = who.put(f"/entities/events/{number}", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["tags"]


def values_of(who: httpx.Client) -> dict[str, Any]:
    return {kind["title"]: (kind["requirement"], kind["values"]) for kind in who.get("/entities/tagtypes").json()}


def test_unknown_types_and_values_are_made(manager: httpx.Client) -> None:
    number = created(manager, {"Kind": "workshop", "For whom": ["kids", "adults"], "סגנון": "חי", "none": [], "no": ""})

    assert tags_of(manager, number) == {"Kind": "workshop", "For whom": ["kids", "adults"], "סגנון": "חי"}
    assert values_of(manager) == {
        "For whom": ("+", ["kids", "adults"]), "Kind": ("1", ["workshop"]), "סגנון": ("1", ["חי"]),
    }  # fmt: skip


def test_keys_of_tags_are_not_respelt(manager: httpx.Client) -> None:
    number = created(manager, {"age-group": "a", "age_group": "b"})

    assert tags_of(manager, number) == {"age-group": "a", "age_group": "b"}
    assert put(manager, number, **{"remove-tags": {}, "tags": {"age_group": "c"}}) == {
        "age-group": "a",
        "age_group": "c",
    }


@pytest.mark.parametrize("empty", [None, [], {}, ""])
def test_an_event_without_tags_shows_an_object(manager: httpx.Client, empty: Any) -> None:
    assert tags_of(manager, created(manager, empty)) == {}


def test_tags_are_added_and_the_one_value_replaced(manager: httpx.Client, types: None) -> None:
    number = created(manager, {"one": "x", "some": "x", "any": ["x"]})

    assert put(manager, number, tags={"one": "Y", "some": ["Y", "new", "NEW"], "any": "z"}) == {
        "any": ["x", "z"],
        "one": "y",
        "some": ["x", "y", "new"],
    }
    assert values_of(manager)["some"] == ("+", ["x", "y", "z", "new"])


def test_several_values_of_a_type_that_has_one_are_refused(manager: httpx.Client, types: None) -> None:
    number = created(manager, {"one": "x"})
    before = values_of(manager)

    for sent in (["x"], ["y", "z"]):
        assert manager.put(f"/entities/events/{number}", json={"tags": {"new": "a", "one": sent}}).status_code == 400
        assert manager.post("/entities/events", json={**NEW, "tags": {"one": sent}}).status_code == 400

    assert tags_of(manager, number) == {"one": "x"}
    assert values_of(manager) == before


@pytest.mark.parametrize("name", ["remove-tags", "remove_tags"])
def test_tags_are_removed_after_others_were_added(manager: httpx.Client, types: None, name: str) -> None:
    number = created(manager, {"one": "x", "some": ["x", "y"], "any": ["x", "y"]})

    assert put(
        manager,
        number,
        tags={"one": "y", "some": "z", "any": "z"},
        **{name: {"one": "x", "some": ["X", "z", "w", ""], "any": ["x", "y", "z"], "unknown": "a"}},
    ) == {"one": "y", "some": ["y"]}


@pytest.mark.parametrize("removed", [{"one": "x"}, {"one": ["X"]}, {"some": ["x", "y"]}, {"any": "x", "one": "x"}])
def test_what_a_type_requires_stays(manager: httpx.Client, types: None, removed: Any) -> None:
    number = created(manager, {"one": "x", "some": ["x", "y"], "any": "x"})
    before = tags_of(manager, number)

    answer = manager.put(f"/entities/events/{number}", json={"title": "New", "remove-tags": removed})

    assert answer.status_code == 400
    assert (tags_of(manager, number), manager.get(f"/entities/events/{number}").json()["title"]) == (
        before,
        NEW["title"],
    )
    assert put(manager, number, **{"remove-tags": {"any": "X", "one": "y", "some": "x"}}) == {"one": "x", "some": ["y"]}


def test_slots_are_found_by_the_tags_of_their_event(manager: httpx.Client, public: httpx.Client) -> None:
    number = created(manager, {"סגנון": "חי", "Kind": "workshop"})
    manager.post("/entities/locations", json={"title": "Pier Room", "max-attendees": "20"})
    sent = {"event": number, "start": 1938499200, "locations": ["pier-room"]}
    assert manager.post("/entities/timeslots", json=sent).status_code == 200

    for query, count in (({"by_tag:סגנון": "חי"}, 1), ({"by_tag:סגנון": "מת"}, 0), ({"by_tag:Kind": ""}, 1)):
        assert len(public.get("/entities/timeslots", params=query).json()) == count
