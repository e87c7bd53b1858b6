"""POST /v1/import/ over the running server: the document's request, forms of the file, statuses and reports."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Person
from tests.samples.documents import EVENTS, EXPORTED, IMPORT_HEADERS

SignUp = Callable[..., Person]
UNKNOWN = "6f1ad4e4-6d4e-4a27-9d8e-5b1c6b8f7a10"
COUNTS = ("created", "updated", "unchanged", "skipped", "rejected")


def titles(person: Person) -> list[str]:
    """Titles of the person's slots by start."""
    return [slot["title"] for slot in person.client.post("/v1/export/timeslot").json()]


def counted(answer: httpx.Response) -> tuple[int, ...]:
    """The five counts in an answer's headers."""
    return tuple(int(answer.headers[f"X-Import-{name.title()}"]) for name in COUNTS)


def groups(person: Person) -> dict[str, Any]:
    """The person's calendars by name."""
    return {group["name"]: group for group in person.client.get("/v1/me/calendars").json()["result"]}


def test_the_documents_request_gets_the_documents_answer(person: SignUp) -> None:
    ada = person()

    answer = ada.client.post(
        f"{str(ada.client.base_url).rstrip('/')}//v1/import/",
        content=json.dumps({"file": EVENTS}),
        headers={"Content-Type": "application/json", "Accept": "text/plain", "Cookie": ""},
    )

    assert (answer.status_code, answer.content) == (200, b"")
    assert {name: answer.headers[name] for name in IMPORT_HEADERS} == IMPORT_HEADERS
    assert titles(ada) == [f"Slot title {number}" for number in range(20, 25)]


@pytest.mark.parametrize("path", ["/v1/import", "/v1/import/", "//v1/import/", "/v1//import"])
def test_every_spelling_of_the_path_works(person: SignUp, path: str) -> None:
    client = person().client

    answer = client.post(f"{str(client.base_url).rstrip('/')}{path}", json={"file": "".join(EVENTS)})

    assert (answer.status_code, counted(answer)) == (200, (5, 0, 0, 0, 0))


@pytest.mark.parametrize("form", ["lines", "string", "upload", "text field"])
def test_every_form_of_the_file_is_the_same(person: SignUp, form: str) -> None:
    whole = "".join(EVENTS)
    sent: dict[str, Any] = {
        "lines": {"json": {"file": EVENTS}},
        "string": {"json": {"file": whole}},
        "upload": {"files": {"file": ("any.name", whole.encode(), "image/png")}},
        "text field": {"files": {"file": (None, whole)}},
    }[form]

    answer = person().client.post("/v1/import/", **sent)

    assert (answer.status_code, counted(answer)) == (200, (5, 0, 0, 0, 0))


@pytest.mark.parametrize("place", ["json", "query", "multipart"])
def test_the_group_may_stand_anywhere(person: SignUp, place: str) -> None:
    ada = person()
    group = ada.client.post("/v1/groups", json={"name": "Mine"}).json()["id"]
    sent: dict[str, Any] = {
        "json": {"json": {"file": EVENTS, "group": group}},
        "query": {"json": {"file": EVENTS}, "params": {"group": group}},
        "multipart": {"files": {"file": "".join(EVENTS)}, "data": {"group": group}},
    }[place]

    answer = ada.client.post("/v1/import/", **sent)

    assert (answer.status_code, groups(ada)["Mine"]["slotCount"], "Imports" in groups(ada)) == (200, 5, False)


@pytest.mark.parametrize(
    ("group", "status"), [(UNKNOWN, 404), ("not a uuid", 422), (7, 422), ("{" + UNKNOWN + "}", 422)]
)
def test_a_wrong_group_imports_nothing(person: SignUp, group: object, status: int) -> None:
    ada = person()

    answer = ada.client.post("/v1/import/", json={"file": EVENTS, "group": group})

    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert titles(ada) == []


def test_groups_of_others_and_deleted_ones_are_not_found(person: SignUp) -> None:
    ada, bob = person(), person()
    foreign = bob.client.post("/v1/groups", json={"name": "Bob's"}).json()["id"]
    deleted = ada.client.post("/v1/groups", json={"name": "Gone"}).json()["id"]
    ada.client.delete(f"/v1/groups/{deleted}")

    answers = [ada.client.post("/v1/import/", json={"file": EVENTS, "group": group}) for group in (foreign, deleted)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert titles(ada) == []


@pytest.mark.parametrize("file", [None, "", [], ["", ""], " \r\n", 7, {"a": 1}, [1, 2], ["a", None], True])
def test_a_missing_file_is_422_and_named(person: SignUp, file: object) -> None:
    answer = person().client.post("/v1/import/", json={"file": file})

    assert (answer.status_code, list(answer.json()["error"])) == (422, ["file"])


@pytest.mark.parametrize(
    "file",
    ["hello", "{}", '{"uid": "start visibility location title"}', "[1", '[{"title": "x"]', "[] []", "null", "\ufeff7"],
)
def test_a_file_that_cannot_be_read_is_422(person: SignUp, file: str) -> None:
    ada = person()

    answer = ada.client.post("/v1/import/", json={"file": file})

    assert (answer.status_code, list(answer.json()["error"])) == (422, ["file"])
    assert titles(ada) == []


def test_bytes_that_are_no_text_are_403_with_their_offset(person: SignUp) -> None:
    ada = person()
    file = "".join(EVENTS).encode().replace(b"Slot title 22", b"K\xe4se")

    refused = ada.client.post("/v1/import/", files={"file": file})
    taken = ada.client.post("/v1/import/", files={"file": file}, data={"encoding": "windows-1252"})

    assert refused.status_code == 403
    assert f"offset {file.index(0xE4)} " in refused.json()["error"]
    assert "encoding" in refused.json()["error"]
    assert (taken.status_code, counted(taken), titles(ada)[2]) == (200, (5, 0, 0, 0, 0), "Käse")


@pytest.mark.parametrize(
    ("file", "encoding", "offset"),
    [(b"\x89PNG\r\n\x1a\n", "", 0), (b"Bet\xe4ff;Start", "", 3), (b"[]", "utf-16", 0), (b"\xff\xfe[\0\0\xd8", "", 5)],
)
def test_what_is_no_text_is_403_before_its_format_is_looked_for(
    person: SignUp, file: bytes, encoding: str, offset: int
) -> None:
    answer = person().client.post("/v1/import/", files={"file": file}, data={"encoding": encoding})

    assert (answer.status_code, f"offset {offset} " in answer.json()["error"]) == (403, True)


def test_half_a_surrogate_pair_is_403(person: SignUp) -> None:
    answer = person().client.post(
        "/v1/import/", content=b'{"file": "BEGIN:VCALENDAR\\ud800"}', headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, list(answer.json())) == (403, ["error"])


def test_the_report_names_every_problem(person: SignUp) -> None:
    lines = [
        *EVENTS[:7],
        "UID:bad\r\n",
        "DTSTART:20310601T180000Z\r\n",
        "DTEND:20310601T170000Z\r\n",
        "SUMMARY:Bad\r\n",
    ]
    lines += ["END:VEVENT\r\n", "BEGIN:VEVENT\r\n", "UID:empty\r\n", "END:VEVENT\r\n", *EVENTS[5:]]

    answer = person().client.post("/v1/import/?report=true", json={"file": lines})

    body = answer.json()
    assert [body[name] for name in COUNTS] == [*counted(answer)] == [5, 0, 0, 1, 1]
    assert [(problem["index"], problem["uid"], problem["title"], problem["code"]) for problem in body["problems"]] == [
        (0, "bad", "Bad", "end_before_start"),
        (1, "empty", None, "no_title"),
    ]
    assert all(problem["line"] and problem["message"].endswith(".") for problem in body["problems"])


@pytest.mark.parametrize("strict", [False, True])
def test_rejected_records_alone_or_with_strict_are_422_with_their_problems(person: SignUp, strict: bool) -> None:
    ada = person()
    bad = {"uid": "bad", "title": "Bad", "start": "2031-06-01T18:00:00Z", "end": "2031-06-01T17:00:00Z"}
    good = {"uid": "good", "title": "Good", "start": "2031-06-01T18:00:00Z"}

    answer = ada.client.post(
        "/v1/import/", json={"file": json.dumps([bad, good] if strict else [bad]), "strict": strict}
    )

    (problem,) = answer.json()["error"]["file"]
    assert (answer.status_code, problem["index"], problem["uid"], problem["code"]) == (
        422,
        0,
        "bad",
        "end_before_start",
    )
    assert counted(answer)[4] == 1
    assert titles(ada) == []


def test_a_dry_run_stores_nothing_and_reports(person: SignUp) -> None:
    ada = person()

    answer = ada.client.post("/v1/import/", json={"file": EVENTS, "dryRun": True})

    assert answer.json() == {"created": 5, "updated": 0, "unchanged": 0, "skipped": 0, "rejected": 0, "problems": []}
    assert (titles(ada), "Imports" in groups(ada)) == ([], False)


def test_ambiguous_dates_are_noted_and_date_order_decides(person: SignUp) -> None:
    ada = person()
    file = "Subject,Start Date,Start Time\nTea,5/6/2031,10:00\n"

    noted = ada.client.post("/v1/import/?report=true", json={"file": file})
    fixed = ada.client.post("/v1/import/?report=true&date_order=dmy", json={"file": file})
    wrong = ada.client.post("/v1/import/", json={"file": file, "date_order": "ymd"})

    assert [problem["code"] for problem in noted.json()["problems"]] == ["ambiguous_dates"]
    assert fixed.json()["problems"] == []
    assert [slot["start"] for slot in ada.client.post("/v1/export/timeslot").json()] == [
        "2031-05-06T10:00:00.000Z",
        "2031-06-05T10:00:00.000Z",
    ]
    assert (wrong.status_code, list(wrong.json()["error"])) == (422, ["date_order"])


def test_without_a_token_nothing_is_read(api: httpx.Client) -> None:
    answer = api.post("/v1/import/", json={"file": EVENTS})

    assert (answer.status_code, list(answer.json())) == (401, ["error"])


def test_other_methods_are_405(api: httpx.Client) -> None:
    answer = api.get("/v1/import/")

    assert (answer.status_code, answer.headers["Allow"], list(answer.json())) == (405, "OPTIONS, POST", ["error"])


def test_a_body_over_the_limit_is_413_and_names_it(person: SignUp) -> None:
    client = person().client
    large = b"x" * (8 * 1024 * 1024 + 1)

    upload = client.post("/v1/import/", files={"file": large})
    text = client.post(
        "/v1/import/", content=b'{"file":"' + large + b'"}', headers={"Content-Type": "application/json"}
    )
    chunked = client.post(
        "/v1/import/", content=iter([large[:1000]] * 9000), headers={"Content-Type": "application/json"}
    )

    assert [answer.status_code for answer in (upload, text, chunked)] == [413, 413, 413]
    assert [limit in answer.json()["error"] for answer, limit in ((upload, "8388608"), (text, "4194304"))] == [
        True,
        True,
    ]


def test_the_timeslot_export_builds_the_same_calendar_for_somebody_else(person: SignUp) -> None:
    bob = person()

    for _ in range(2):
        answer = bob.client.post("/v1/import/", json={"file": EXPORTED})

    assert (answer.status_code, counted(answer)) == (200, (0, 0, 5, 0, 0))
    slots = bob.client.post("/v1/export/timeslot").json()
    assert [(len(slot["media"]), len(slot["notes"])) for slot in slots] == [(6, 3)] * 5
    assert [slot["settings"] for slot in slots].count([{"alerts": "1010101010"}]) == 2
    assert [slot["location"] is None for slot in slots].count(False) == 1
    assert set(groups(bob)) == {"Private", "Public", "Testgroup 91", "Testgroup 92", "Testgroup 93", "Imports"}
    assert groups(bob)["Imports"]["slotCount"] == 2


def test_a_title_of_75_characters_keeps_its_first_60(person: SignUp) -> None:
    ada = person()
    ada.client.post("/v1/import/", json={"file": json.dumps([{"title": "x" * 75, "start": "2031-06-01T18:00:00Z"}])})

    assert titles(ada) == ["x" * 60]


def test_every_corpus_file_gets_a_clear_answer(person: SignUp) -> None:
    corpus = Path(__file__).parents[2].parent / "shared" / "corpus"
    if not corpus.is_dir():
        pytest.skip("no corpus beside the repository")
    ada = person()
    refused = {}

    for file in sorted(path for path in corpus.rglob("*") if path.suffix in {".ics", ".csv"}):
        answer = ada.client.post("/v1/import/?report=true", files={"file": file.read_bytes()})
        if answer.status_code != 200:
            refused[file.name] = answer
        else:
            problems = [problem for problem in answer.json()["problems"] if problem["index"] is not None]
            assert len(problems) == counted(answer)[3] + counted(answer)[4], file.name

    assert {answer.status_code for answer in refused.values()} <= {403, 422}
    assert len([name for name in refused if name.endswith(".ics")]) <= 8
