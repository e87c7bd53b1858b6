"""POST /v1/export/… over the running server: the documents' requests and answers, scope, order, headers."""

import json
import re
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.conftest import Person
from tests.samples.documents import EVENTS, EXPORT_HEADERS, EXPORTED, RECORDS

SignUp = Callable[..., Person]
UNKNOWN = "6f1ad4e4-6d4e-4a27-9d8e-5b1c6b8f7a10"
WORDS = ["timeslot", "google", "ical", "outlook"]
SUFFIX = {"timeslot": ".json", "google": ".ical", "ical": ".ical", "outlook": ".csv"}
MEDIA_TYPE = {
    "timeslot": "application/json",
    "google": "application/octet-stream",
    "ical": "application/octet-stream",
    "outlook": "text/csv",
}
CSV_HEADER = (
    "Subject,Start_Date,Start_Time,End_Date,End_Time,All_Day_Event,Categories,Show_Time,Location,Description,"
    "uid,recurrence_id,timezone\n"
)
EMPTY = {
    "timeslot": b"[]",
    "outlook": CSV_HEADER.encode(),
}


@pytest.fixture
def ada(person: SignUp) -> Person:
    """Somebody with the export document's five slots, in three of four own groups."""
    ada = person()
    answer = ada.client.post("/v1/import/", json={"file": EXPORTED})
    assert answer.status_code == 200, answer.text
    ada.client.post("/v1/groups", json={"name": "Testgroup 94"})
    return ada


def groups(ada: Person) -> dict[str, str]:
    """Uuids of the person's calendars by name."""
    return {group["name"]: group["id"] for group in ada.client.get("/v1/me/calendars").json()["result"]}


def test_the_timeslot_document_comes_out_as_it_went_in(ada: Person) -> None:
    answer = ada.client.post(
        "/v1/export/timeslot",
        content=b"",
        headers={"Content-Type": "application/json", "Accept": "application/json", "Cookie": ""},
    )

    told = answer.json()
    uuids = {group["name"]: group["uuid"] for slot in told for group in slot["groups"]}
    expected = json.loads(EXPORTED)
    for slot in expected:
        for group in slot["groups"]:
            group["uuid"] = uuids[group["name"]]  # taken by whoever imported the document first
    for slot in (told[0], told[4]):
        assert [group["name"] for group in slot.pop("groups")] == ["Imports"]
    assert told == [
        {key: value for key, value in slot.items() if key != "groups" or number not in {0, 4}}
        for number, slot in enumerate(expected)
    ]
    assert answer.text == json.dumps(answer.json(), separators=(",", ":"), ensure_ascii=False)
    assert [list(slot) for slot in answer.json()] == [list(RECORDS[0])] * 5


@pytest.mark.parametrize("word", WORDS)
def test_headers_are_the_documents(ada: Person, word: str) -> None:
    answer = ada.client.post(f"/v1/export/{word}", headers={"Accept": "text/plain"})

    assert answer.status_code == 200
    assert {name: answer.headers[name] for name in EXPORT_HEADERS} == EXPORT_HEADERS
    assert answer.headers["Content-Type"] == MEDIA_TYPE[word]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="Timeslot-Export{SUFFIX[word]}"'
    assert re.fullmatch(r'W/"[0-9a-f]{32}"', answer.headers["ETag"])
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.headers["X-Request-Id"])
    assert re.fullmatch(r"\d+\.\d{6}", answer.headers["X-Runtime"])


@pytest.mark.parametrize("word", ["ical", "google"])
def test_icalendar_looks_as_documented(ada: Person, word: str) -> None:
    lines = ada.client.post(f"/v1/export/{word}").content.decode().split("\r\n")

    assert [lines[0], lines[1], *lines[3:6]] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
    ]
    assert lines[2].startswith("PRODID:")
    assert lines[-2:] == ["END:VCALENDAR", ""]
    event = lines[5 : lines.index("END:VEVENT")]
    assert re.fullmatch(r"DTSTAMP:\d{8}T\d{6}Z", event[1])
    assert event[2:] == [
        f"UID:{RECORDS[0]['uid']}",
        "DTSTART:20190911T174402Z",
        "DTEND:20191011T174402Z",
        "CLASS:PUBLIC",
        "DESCRIPTION:",
        "LOCATION:Acapulco",
        "SUMMARY:Slot title 64",
    ]
    assert [line for line in lines if line.startswith("SUMMARY")] == [
        f"SUMMARY:Slot title {number}" for number in range(64, 69)
    ]


def test_google_and_ical_are_the_same_bytes(ada: Person) -> None:
    files = [ada.client.post(f"/v1/export/{word}").text for word in ("google", "ical")]

    assert re.sub(r"DTSTAMP:\w+", "", files[0]) == re.sub(r"DTSTAMP:\w+", "", files[1])


def test_outlook_looks_as_documented(ada: Person) -> None:
    lines = ada.client.post("/v1/export/outlook").content.decode().split("\n")

    assert lines[0] + "\n" == CSV_HEADER
    assert lines[1] == (
        f"Slot title 64,2019-09-11,17:44:02,2019-10-11,17:44:02,FALSE,Timeslot,,Acapulco,,{RECORDS[0]['uid']},,"
    )
    assert [line.split(",")[0] for line in lines[1:6]] == [f"Slot title {number}" for number in range(64, 69)]
    assert lines[6:] == [""]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("place", ["json", "form", "query"])
def test_a_group_holds_exactly_its_own_slots(ada: Person, word: str, place: str) -> None:
    uuid = groups(ada)["Testgroup 92"]
    sent: dict[str, Any] = {
        "json": {"json": {"group": uuid}},
        "form": {"data": {"group": uuid}},
        "query": {"params": {"group": uuid}},
    }[place]

    answer = ada.client.post(f"/v1/export/{word}", **sent)

    assert re.findall(r"Slot title \d+", answer.text) == ["Slot title 66"]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{uuid}{SUFFIX[word]}"'


@pytest.mark.parametrize("word", WORDS)
def test_an_empty_group_is_an_empty_document(ada: Person, word: str) -> None:
    answer = ada.client.post(f"/v1/export/{word}", json={"group": groups(ada)["Testgroup 94"]})

    assert answer.status_code == 200
    if word in EMPTY:
        assert answer.content == EMPTY[word]
    else:
        lines = answer.content.split(b"\r\n")
        assert (lines[0], lines[-2], len(lines)) == (b"BEGIN:VCALENDAR", b"END:VCALENDAR", 7)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("group", [None, ""])
def test_no_group_means_everything(ada: Person, word: str, group: str | None) -> None:
    answer = ada.client.post(f"/v1/export/{word}", json={"group": group})

    assert re.findall(r"Slot title (\d+)", answer.text) == ["64", "65", "66", "67", "68"]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(("group", "status"), [(UNKNOWN, 404), ("x", 422), (5, 422), (["a"], 422)])
def test_a_wrong_group_exports_nothing(ada: Person, word: str, group: object, status: int) -> None:
    answer = ada.client.post(f"/v1/export/{word}", json={"group": group})

    assert (answer.status_code, list(answer.json()), "Slot title" in answer.text) == (status, ["error"], False)


def test_groups_of_others_are_not_found(ada: Person, person: SignUp) -> None:
    foreign = person().client.post("/v1/groups", json={"name": "Theirs"}).json()["id"]

    assert ada.client.post("/v1/export/ical", json={"group": foreign}).status_code == 404


def test_slots_of_others_in_an_own_group_are_not_exported(ada: Person, person: SignUp) -> None:
    bob = person()
    uuid = groups(ada)["Testgroup 92"]
    ada.client.post(f"/v1/groups/{uuid}/members", json={"invitees": [bob.user["id"]]})
    created = bob.client.post(
        "/v1/slots", json={"title": "Bob's", "startDate": "2031-01-01T10:00:00Z", "slotGroups": [uuid]}
    )

    answer = ada.client.post("/v1/export/timeslot", json={"group": uuid})

    assert created.json()["unauthorizedSlotgroups"] == []
    assert [slot["title"] for slot in answer.json()] == ["Slot title 66"]


def test_a_deleted_slot_is_not_exported(ada: Person) -> None:
    slot = next(slot for slot in ada.client.get("/v1/me/slots").json() if slot["title"] == "Slot title 65")

    ada.client.delete(f"/v1/slots/{slot['id']}")

    assert "Slot title 65" not in ada.client.post("/v1/export/ical").text


def test_the_etag_changes_with_the_slots_only(ada: Person, person: SignUp) -> None:
    def etag(**sent: Any) -> str:
        return str(ada.client.post("/v1/export/ical", **sent).headers["ETag"])

    first = etag()
    person().client.post("/v1/import/", json={"file": EVENTS})
    same = etag()
    ada.client.post("/v1/import/", json={"file": EVENTS})
    later = etag()

    assert first == same != later != etag(json={"group": groups(ada)["Imports"]})


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_405(ada: Person, method: str) -> None:
    answer = ada.client.request(method, "/v1/export/ical")

    assert (answer.status_code, "POST" in answer.headers["Allow"], list(answer.json())) == (405, True, ["error"])


@pytest.mark.parametrize("path", ["/v1/export/xml", "/v1/export", "/v1/export/ical/more", "/v1/exports/ical"])
def test_other_words_are_404(ada: Person, path: str) -> None:
    answer = ada.client.post(path)

    assert (answer.status_code, list(answer.json())) == (404, ["error"])


def test_no_token_is_401(api: httpx.Client) -> None:
    answers = [api.post(f"/v1/export/{word}") for word in WORDS]

    assert [answer.status_code for answer in answers] == [401] * 4


@pytest.mark.parametrize("word", WORDS)
def test_http_1_0_gets_a_length(ada: Person, word: str) -> None:
    host, port = ada.client.base_url.host, ada.client.base_url.port
    with socket.create_connection((host, port or 80), timeout=10) as connection:
        request = f"POST /v1/export/{word} HTTP/1.0\r\nAuthorization: Token token={ada.token}\r\n\r\n"
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    head, _, body = answer.partition(b"\r\n\r\n")
    lengths = re.findall(rb"(?i)content-length: (\d+)", head)
    assert lengths == [str(len(body)).encode()]
    assert b"chunked" not in head


def test_timezone_and_extended_are_options(ada: Person) -> None:
    csv = ada.client.post("/v1/export/outlook", json={"timezone": "Europe/Berlin"})
    extended = ada.client.post("/v1/export/timeslot?extended=true")

    assert csv.text.split("\n")[1].startswith("Slot title 64,2019-09-11,19:44:02,")
    assert csv.text.split("\n")[1].endswith(",Europe/Berlin")
    assert {"allday", "open_end", "rrule", "icalendar"} <= set(extended.json()[0])


@pytest.mark.parametrize("zone", ["../../etc/passwd", "Mars/Base", "localtime", "posixrules", "posix/UTC", "Europe", 5])
def test_what_is_no_zone_is_422(ada: Person, zone: object) -> None:
    answer = ada.client.post("/v1/export/outlook", json={"timezone": zone})

    assert (answer.status_code, list(answer.json()["error"])) == (422, ["timezone"])
