"""Previews, selections and undoing imports over the running server (docs/api/timeslot-import.md)."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.conftest import Person

SignUp = Callable[..., Person]
WALK = {"uid": "a", "title": "Walk", "start": "2031-06-01T15:00:00Z", "end": "2031-06-01T16:00:00Z"}
COUNTS = ("created", "updated", "unchanged", "skipped", "rejected")


def send(person: Person, *records: dict[str, Any], **fields: Any) -> httpx.Response:
    return person.client.post("/v1/import/", json={"file": json.dumps(records), **fields})


def titles(person: Person) -> list[str]:
    return [slot["title"] for slot in person.client.post("/v1/export/timeslot").json()]


def test_an_import_is_listed_and_undone(person: SignUp) -> None:
    ada = person()

    stored = send(ada, WALK, {**WALK, "uid": "b"}, report=True)
    (listed,) = ada.client.get("/v1/imports").json()
    undone = ada.client.post(f"/v1/imports/{listed['id']}/undo")
    again = ada.client.post(f"/v1/imports/{listed['id']}/undo/")

    assert int(stored.headers["X-Import-Id"]) == stored.json()["import"] == listed["id"]
    assert listed.pop("createdAt").endswith("Z")
    assert listed == {
        "id": listed["id"],
        "format": "timeslot",
        **dict(zip(COUNTS, (2, 0, 0, 0, 0), strict=True)),
        "undoneAt": None,
    }
    assert (undone.status_code, undone.json()) == (200, {"removed": 2, "restored": 0, "left": 0, "problems": []})
    assert (again.status_code, again.json()) == (422, {"error": {"import": ["was undone already"]}})
    assert ada.client.get("/v1/imports").json()[0]["undoneAt"].endswith("Z")
    assert titles(ada) == []


def test_an_undo_names_what_was_changed_since(person: SignUp) -> None:
    ada = person()
    number = send(ada, WALK).headers["X-Import-Id"]
    slot_id = ada.client.get("/v1/me/slots").json()[0]["id"]
    ada.client.patch(f"/v1/slots/{slot_id}", json={"title": "Hike"})

    undone = ada.client.post(f"/v1/imports/{number}/undo").json()

    (problem,) = undone.pop("problems")
    assert undone == {"removed": 0, "restored": 0, "left": 1}
    assert (problem["code"], problem["uid"], problem["title"]) == ("changed_since", "a", "Hike")
    assert problem["message"].endswith(".")
    assert titles(ada) == ["Hike"]


@pytest.mark.parametrize("number", ["0", "9223372036854775807", "99999999999999999999", "x", "-1"])
def test_an_unknown_import_is_404(person: SignUp, number: str) -> None:
    answer = person().client.post(f"/v1/imports/{number}/undo")

    assert (answer.status_code, list(answer.json())) == (404, ["error"])


def test_somebody_elses_import_is_404_and_not_listed(person: SignUp, api: httpx.Client) -> None:
    ada, bob = person(), person()
    path = f"/v1/imports/{send(ada, WALK).headers['X-Import-Id']}/undo"

    assert bob.client.post(path).status_code == 404
    assert bob.client.get("/v1/imports").json() == []
    assert [api.post(path).status_code, api.get("/v1/imports").status_code] == [401, 401]
    assert (ada.client.get(path).status_code, titles(ada)) == (405, ["Walk"])


def test_what_stores_nothing_has_no_id(person: SignUp) -> None:
    ada = person()

    answers = [send(ada, WALK, report=True, **{name: True}) for name in ("dryRun", "preview")]
    send(ada, WALK)
    answers.append(send(ada, WALK, report=True))

    assert [("X-Import-Id" in answer.headers, "import" in answer.json()) for answer in answers] == [(False, False)] * 3
    assert len(ada.client.get("/v1/imports").json()) == 1


def test_a_preview_tells_of_each_record_and_stores_nothing(person: SignUp) -> None:
    ada = person()
    send(ada, WALK)
    slot_id = ada.client.get("/v1/me/slots").json()[0]["id"]
    changed = {
        **WALK,
        "end": "",
        "location": {"name": "Quay", "postalcode": "1"},
        "notes": [{"title": "x", "content": "y"}],
    }
    bad = {**WALK, "uid": "c", "end": "2031-06-01T14:00:00Z"}

    answer = send(ada, changed, {**WALK, "uid": "b"}, bad, {"title": "No start"}, preview=True)

    body = answer.json()
    changes = body["records"][0]["changes"]
    assert [body[name] for name in COUNTS] == [1, 1, 0, 1, 1]
    assert body["recordsOmitted"] == 0
    assert [list(record) for record in body["records"]] == [
        ["index", "line", "uid", "title", "outcome", "changes", "match"]
    ] * 4
    assert [(one["index"], one["uid"], one["outcome"], one["match"]) for one in body["records"]] == [
        (0, "a", "updated", None),
        (1, "b", "created", slot_id),
        (2, "c", "rejected", None),
        (3, None, "skipped", None),
    ]
    assert changes == {
        "end": ["2031-06-01T16:00:00.000Z", None],
        "location": [None, {"name": "Quay", "postalCode": "1"}],
        "notes": [[], [{"title": "x", "content": "y"}]],
    }
    assert [one["changes"] for one in body["records"][1:]] == [{}] * 3
    assert (titles(ada), len(ada.client.get("/v1/imports").json())) == (["Walk"], 1)


@pytest.mark.parametrize("place", ["json list", "json text", "query", "query twice", "form"])
def test_a_selection_may_stand_anywhere(person: SignUp, place: str) -> None:
    ada = person()
    file = json.dumps([{**WALK, "uid": uid, "title": uid} for uid in "abcd"])
    sent: dict[str, Any] = {
        "json list": {"json": {"file": file, "select": [3, 1], "report": True}},
        "json text": {"json": {"file": file, "select": "1, 3", "report": True}},
        "query": {"json": {"file": file}, "params": {"select": "3,1", "report": True}},
        "query twice": {"json": {"file": file}, "params": {"select": ["1", "3"], "report": True}},
        "form": {"files": {"file": file}, "data": {"select": "1,3", "report": "true"}},
    }[place]

    answer = ada.client.post("/v1/import/", **sent)

    assert (answer.status_code, titles(ada)) == (200, ["b", "d"])
    assert [(one["index"], one["code"]) for one in answer.json()["problems"]] == [
        (0, "not_selected"),
        (2, "not_selected"),
    ]


@pytest.mark.parametrize(
    "select", ["x", "1,", "1;2", "-1", [-1], [0.5], ["0"], [[0]], 0, True, {"a": 1}, [7], "7", "1" * 20]
)
def test_a_wrong_selection_is_422_and_imports_nothing(person: SignUp, select: object) -> None:
    ada = person()

    answer = send(ada, WALK, select=select)

    assert (answer.status_code, list(answer.json()["error"])) == (422, ["select"])
    assert titles(ada) == []


@pytest.mark.parametrize(("select", "expected"), [([], 0), ("", 0), (None, 1)])
def test_an_empty_selection_selects_nothing(person: SignUp, select: object, expected: int) -> None:
    ada = person()

    answer = send(ada, WALK, select=select)

    assert (answer.status_code, len(titles(ada))) == (200, expected)
