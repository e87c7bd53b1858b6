"""The form of a slot: what it changes, what it leaves alone, what it refuses, and who sees what."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.api.page.people import PASSWORD, signed_up
from tests.servers import HttpServer

WALK = {
    "title": "Harbour walk",
    "start_day": "2031-05-06",
    "start_time": "17:00",
    "end_day": "2031-05-06",
    "end_time": "19:30",
    "zone": "Europe/Berlin",
    "visibility": "private",
    "every": "never",
}
SCRIPT = "<script>alert(1)</script>"


class Somebody:
    """A browser without scripts, and the same account over the interface for programs."""

    def __init__(self, page: httpx.Client, api: httpx.Client) -> None:
        self.page, self.api = page, api
        page.cookies.set("slotport_zone", "Europe%2FBerlin")

    def made(self, **fields: Any) -> dict[str, Any]:
        """The slot that a form makes."""
        answer = self.page.post("/app/slots/new", data={**WALK, **fields})
        assert answer.status_code == 303, re.findall(r'class="problem"[^>]*>([^<]+)', answer.text)
        return self.newest()

    def newest(self) -> dict[str, Any]:
        """The slot that was made last."""
        slots = self.api.get("/v1/me/slots").json()
        found: dict[str, Any] = max(slots, key=lambda slot: slot["id"])
        return found

    def form(self, number: int, **query: str) -> dict[str, Any]:
        """What stands in the form of a slot."""
        return fields_of(self.page.get(f"/app/slots/{number}", params=query).text)

    def imported(self, text: str) -> dict[str, Any]:
        """The slot of a calendar file."""
        lines = "\r\n".join(
            ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *text.strip().splitlines(), "END:VCALENDAR", ""]
        )
        assert self.api.post("/v1/import", files={"file": ("a.ics", lines)}).status_code == 200
        return self.newest()

    def exported(self) -> str:
        """All slots as a calendar file, but for when it was written."""
        return re.sub(r"DTSTAMP:\w+\r\n", "", self.api.post("/v1/export/ical").text)


def fields_of(text: str) -> dict[str, Any]:
    """What a browser would send of the form."""
    form = text[text.index('<form id="slot"') : text.index("</form>", text.index('<form id="slot"'))]
    found: dict[str, Any] = {}

    def add(name: str, value: str) -> None:
        found.setdefault(name, []).append(
            value.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#34;", '"')
            .replace("&#39;", "'")
            .replace("&amp;", "&")
        )

    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        is_ticked = 'type="checkbox"' not in tag or " checked" in tag
        if name and is_ticked and 'type="file"' not in tag:
            add(name[1], value[1] if value else "")
    for name, inner in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        add(name, (re.search(r'value="([^"]*)" selected', inner) or re.search(r'value="([^"]*)"', inner) or [0, ""])[1])
    for name, inner in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        add(name, inner)
    return found


@pytest.fixture
def ada(server: HttpServer) -> Iterator[Somebody]:
    """Somebody with an account."""
    with signed_up(server) as (page, email), httpx.Client(base_url=server.url, trust_env=False) as api:
        token = api.post("/v1/users/signin", json={"email": email, "password": PASSWORD}).json()["authToken"]
        api.headers["Authorization"] = f"Token token={token}"
        yield Somebody(page, api)


@pytest.fixture
def bob(server: HttpServer) -> Iterator[Somebody]:
    """Somebody else."""
    with signed_up(server, "Bob") as (page, email), httpx.Client(base_url=server.url, trust_env=False) as api:
        token = api.post("/v1/users/signin", json={"email": email, "password": PASSWORD}).json()["authToken"]
        api.headers["Authorization"] = f"Token token={token}"
        yield Somebody(page, api)


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(file, "JPEG")
    return file.getvalue()


def test_a_slot_is_made_with_all_its_fields(ada: Somebody) -> None:
    slot = ada.made(
        **{
            "place[name]": "Quay",
            "place[latitude]": "54.5",
            "description": "Wind\r\nand water",
            "note_id": ["", ""],
            "note_title": ["Bring", ""],
            "note_content": ["Binoculars", ""],
            "alerts": ["0", "9"],
            "every": "week",
            "interval": "2",
            "weekdays": ["TU", "SA"],
            "ends": "until",
            "until": "2031-08-01",
        }
    )

    assert (slot["startDate"], slot["endDate"]) == ("2031-05-06T15:00:00.000Z", "2031-05-06T17:30:00.000Z")
    assert slot["rrule"] == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA;UNTIL=20310801T215959Z"
    assert (slot["location"]["name"], slot["location"]["latitude"]) == ("Quay", 54.5)
    assert slot["description"] == "Wind\nand water"
    assert [(note["title"], note["content"]) for note in slot["notes"]] == [("Bring", "Binoculars")]
    assert slot["settings"] == {"alerts": "1000000001"}
    assert "DTSTART;TZID=Europe/Berlin:20310506T170000" in ada.exported()


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"every": "day"}, "FREQ=DAILY"),
        ({"every": "week"}, "FREQ=WEEKLY"),
        ({"every": "month-day", "ends": "count", "count": "4"}, "FREQ=MONTHLY;COUNT=4"),
        ({"every": "month-weekday"}, "FREQ=MONTHLY;BYDAY=1TU"),
        ({"every": "month-weekday", "start_day": "2031-05-29", "end_day": "2031-05-29"}, "FREQ=MONTHLY;BYDAY=-1TH"),
        ({"every": "year", "interval": "4"}, "FREQ=YEARLY;INTERVAL=4"),
        ({"every": "day", "all_day": "true", "ends": "until", "until": "2031-05-09"}, "FREQ=DAILY;UNTIL=20310509"),
    ],
)
def test_what_the_form_says_of_repetition_stands_in_it_again(ada: Somebody, fields: dict[str, str], rule: str) -> None:
    slot = ada.made(**fields)
    again = ada.form(slot["id"])
    saved = ada.page.post(f"/app/slots/{slot['id']}", data=again)

    assert slot["rrule"] == rule
    assert {name: again[name][0] for name in fields} == fields
    assert saved.status_code == 303
    assert ada.newest() == slot


def test_saving_without_a_change_changes_nothing(ada: Somebody) -> None:
    slot = ada.imported(
        f"""
BEGIN:VEVENT
UID:kept
DTSTAMP:20300101T080000Z
DTSTART;TZID=America/Toronto:20310506T091523
DTEND;TZID=America/Toronto:20310506T101523
RRULE:FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1;WKST=SU
EXDATE;TZID=America/Toronto:20310624T091523
X-KEPT:yes
SUMMARY:Board
DESCRIPTION:{"long " * 30}
LOCATION:Room 1
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-PT3H
END:VALARM
END:VEVENT"""
    )
    before = ada.exported()
    text = ada.page.get(f"/app/slots/{slot['id']}").text
    answer = ada.page.post(f"/app/slots/{slot['id']}", data=fields_of(text))

    assert answer.status_code == 303
    assert fields_of(text)["zone"] == ["America/Toronto"]
    assert "by the rule FREQ=MONTHLY" in text
    assert ada.newest() == slot
    assert ada.exported() == before


def test_another_title_leaves_the_milliseconds_and_the_kept_lines(ada: Somebody) -> None:
    ada.api.post(
        "/v1/slots", json={"title": "a", "startDate": "2031-05-06T17:00:00.123Z", "endDate": "2031-05-06T18:00:01.5Z"}
    )
    slot = ada.newest()
    ada.page.post(f"/app/slots/{slot['id']}", data=ada.form(slot["id"]) | {"title": "b"})
    changed = ada.newest()

    assert (changed["title"], changed["startDate"], changed["endDate"]) == ("b", slot["startDate"], slot["endDate"])


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"title": " "}, "title-problem"),
        ({"start_day": "soon"}, "start_day-problem"),
        ({"start_day": "9999-12-31", "end_day": "9999-12-31"}, "start_day-problem"),
        ({"start_time": "25:00"}, "start_time-problem"),
        ({"start_day": "2031-03-30", "start_time": "02:30"}, "start_time-problem"),
        ({"end_day": "2031-05-05"}, "end_day-problem"),
        ({"zone": "Mars/Base"}, "zone-problem"),
        ({"description": "x" * 501}, "description-problem"),
        ({"visibility": "all"}, "visibility-problem"),
        ({"every": "hour"}, "every-problem"),
        ({"every": "day", "interval": "0"}, "interval-problem"),
        ({"every": "day", "ends": "count", "count": "9" * 5000}, "count-problem"),
        ({"every": "day", "ends": "until", "until": ""}, "until-problem"),
        ({"place[latitude]": "north"}, "place-problem"),
        ({"note_id": "", "note_title": "a", "note_content": " "}, "notes-problem"),
        ({"groups": "00000000-0000-4000-8000-000000000000"}, "groups-problem"),
        ({"groups": "x"}, "slot_groups"),
        ({"added": "nobodys"}, "image-problem"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    ada: Somebody, fields: dict[str, str], problem: str
) -> None:
    form = {**WALK, "description": "Kept", "note_id": "", "note_title": SCRIPT, "note_content": "Kept too", **fields}
    answer = ada.page.post("/app/slots/new", data=form)
    again = fields_of(answer.text)

    assert answer.status_code == 422
    assert f'id="{problem}"' in answer.text or problem == "slot_groups"
    assert {name: again[name][0] for name in ("note_title", "note_content", "end_time")} == {
        name: form[name] for name in ("note_title", "note_content", "end_time")
    }
    assert ada.api.get("/v1/me/slots").json() == []


def test_scripts_in_every_field_show_as_text(ada: Somebody) -> None:
    group = ada.api.post("/v1/groups", json={"name": SCRIPT, "image": SCRIPT}).json()
    fields = {f"place[{name}]": SCRIPT for name in ("name", "thoroughfare", "country", "ocean")}
    slot = ada.made(
        title=SCRIPT,
        description=SCRIPT,
        note_id="",
        note_title=SCRIPT,
        note_content="</textarea>" + SCRIPT,
        groups=group["id"],
        **fields,
    )
    pages = [
        ada.page.get(f"/app/slots/{slot['id']}").text,
        ada.page.get(f"/app/slots/{slot['id']}/delete").text,
        ada.page.get("/app/slots/new", params={"start": SCRIPT, "back": f"/app/{SCRIPT}"}).text,
    ]

    assert [page.count("<script>") for page in pages] == [0, 0, 0]
    assert ada.form(slot["id"])["place[name]"] == [SCRIPT]


def test_one_date_of_a_series_is_changed_alone(ada: Somebody) -> None:
    slot = ada.made(every="day", ends="count", count="5", note_id="", note_title="Bring", note_content="Tea")
    form = ada.form(slot["id"], occurrence="20310508T150000Z")
    answer = ada.page.post(
        f"/app/slots/{slot['id']}", data=form | {"title": "Longer walk", "end_time": "21:00", "note_title": "Take"}
    )
    found = sorted(ada.api.get("/v1/me/slots").json(), key=lambda one: one["startDate"])

    assert (form["start_day"], "every" in form) == (["2031-05-08"], False)
    assert answer.status_code == 303
    assert [(one["title"], one["startDate"][:10], one["endDate"][11:16]) for one in found] == [
        ("Harbour walk", "2031-05-06", "17:30"),
        ("Longer walk", "2031-05-08", "19:00"),
    ]
    assert [one["notes"][0]["title"] for one in found] == ["Bring", "Take"]
    assert "RECURRENCE-ID" in ada.exported()


def test_a_refused_change_of_one_date_leaves_the_series_whole(ada: Somebody) -> None:
    slot = ada.made(every="day")
    form = ada.form(slot["id"], occurrence="20310508T150000Z")
    answer = ada.page.post(f"/app/slots/{slot['id']}", data=form | {"title": ""})
    nowhere = ada.page.get(f"/app/slots/{slot['id']}", params={"occurrence": "20310508T150001Z"})

    assert (answer.status_code, nowhere.status_code) == (422, 404)
    assert len(ada.api.get("/v1/me/slots").json()) == 1


@pytest.mark.parametrize(("scope", "left"), [("one", 1), ("all", 0)])
def test_one_date_or_all_of_a_series_are_deleted(ada: Somebody, scope: str, left: int) -> None:
    slot = ada.made(every="day")
    asked = ada.page.get(f"/app/slots/{slot['id']}/delete", params={"occurrence": "20310508T150000Z"})
    form = {"occurrence": "20310508T150000Z", "scope": scope}
    answer = ada.page.post(f"/app/slots/{slot['id']}/delete", data=form)

    assert "Only this date" in asked.text
    assert answer.headers["location"] == "/app/calendar?said=slots-deleted"
    assert len(ada.api.get("/v1/me/slots").json()) == left
    assert ("EXDATE" in ada.exported()) == (scope == "one")


def test_a_series_that_moves_takes_its_exceptions_along(ada: Somebody) -> None:
    slot = ada.made(every="day", ends="count", count="5")
    ada.page.post(f"/app/slots/{slot['id']}/delete", data={"occurrence": "20310508T150000Z", "scope": "one"})
    ada.page.post(f"/app/slots/{slot['id']}", data=ada.form(slot["id"]) | {"start_time": "18:00", "end_time": "20:00"})

    assert "EXDATE:20310508T160000Z" in ada.exported()


def test_a_picture_is_shown_to_those_who_may_see_the_slot(ada: Somebody, bob: Somebody) -> None:
    files = {"image": ("quay.png", picture(), "image/png")}
    answer = ada.page.post("/app/slots/new", data=WALK, files=files)
    slot = ada.newest()
    [media] = slot["media"]
    path = f"/app/slots/{slot['id']}/media/{media['mediaId']}/small"
    mine, theirs, nobodys = (
        ada.page.get(path),
        bob.page.get(path),
        httpx.get(str(ada.page.base_url) + path, trust_env=False),
    )
    removed = ada.page.post(f"/app/slots/{slot['id']}", data=ada.form(slot["id"]) | {"media_gone": media["mediaId"]})

    assert (answer.status_code, removed.status_code) == (303, 303)
    assert (mine.status_code, theirs.status_code, nobodys.status_code) == (200, 404, 401)
    assert (mine.headers["content-type"], mine.headers["x-content-type-options"]) == ("image/jpeg", "nosniff")
    assert mine.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert ada.newest()["media"] == []


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("a.png", b"<svg onload=alert(1)>", "is not a picture"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a picture"),
        ("a.html", b"<html>", "is not a picture"),
        ("a.jpg", b"\xff\xd8\xff\xe0 broken", "cannot be read"),
        ("a.jpg", b"", "is missing"),
    ],
)
def test_what_is_no_picture_is_refused(ada: Somebody, name: str, content: bytes, text: str) -> None:
    answer = ada.page.post("/app/slots/image", files={"image": (name, content, "image/png")})

    assert answer.status_code == 200
    assert text in answer.text
    assert "<img" not in answer.text


def test_a_picture_of_another_is_not_added(ada: Somebody, bob: Somebody) -> None:
    text = bob.page.post("/app/slots/image", files={"image": ("a.jpg", picture(), "image/jpeg")}).text
    [public_id] = re.findall(r'name="added" value="([^"]+)"', text)

    assert bob.page.get(f"/app/slots/added/{public_id}").status_code == 200
    assert ada.page.get(f"/app/slots/added/{public_id}").status_code == 404
    assert ada.page.post("/app/slots/new", data={**WALK, "added": public_id}).status_code == 422


def test_the_slot_of_another_is_not_there_unless_it_is_shared_and_then_for_reading(
    ada: Somebody, bob: Somebody
) -> None:
    group = ada.api.post("/v1/groups", json={"name": "Crew", "invitees": [bob.api.get("/v1/me").json()["id"]]}).json()
    secret, shared = ada.made(title="Secret"), ada.made(title="Shared", groups=group["id"], **{"place[name]": SCRIPT})
    paths = [f"/app/slots/{secret['id']}", f"/app/slots/{secret['id']}/delete"]
    read = bob.page.get(f"/app/slots/{shared['id']}")
    form = ada.form(shared["id"])

    assert [bob.page.get(path).status_code for path in paths] == [404, 404]
    assert [bob.page.post(path, data=form).status_code for path in paths] == [404, 404]
    assert [bob.page.post(f"/app/slots/{shared['id']}{end}", data=form).status_code for end in ("", "/delete")] == [
        404,
        404,
    ]
    assert (read.status_code, "<form id" in read.text, "<script>" in read.text) == (200, False, False)
    assert "You can read it" in read.text


def test_groups_and_readers_change_together(ada: Somebody) -> None:
    club = ada.api.post("/v1/groups", json={"name": "Club", "public": True}).json()["id"]
    crew = ada.api.post("/v1/groups", json={"name": "Crew"}).json()["id"]
    slot = ada.made(groups=crew)
    path = f"/app/slots/{slot['id']}"
    refused = ada.page.post(path, data=ada.form(slot["id"]) | {"groups": [crew, club]})
    ada.page.post(path, data=ada.form(slot["id"]) | {"groups": [crew, club], "visibility": "public"})
    public = ada.newest()
    ada.page.post(path, data=ada.form(slot["id"]) | {"groups": [], "visibility": "private"})
    private = ada.newest()
    names = {one["id"]: one["name"] for one in ada.api.get("/v1/me/calendars").json()["result"]}

    assert refused.status_code == 422
    assert "which everybody may read" in refused.text
    assert (public["visibility"], {*public["slotGroupUuids"]} >= {crew, club}) == ("public", True)
    assert (private["visibility"], [names[uuid] for uuid in private["slotGroupUuids"]]) == ("private", ["Private"])


@pytest.mark.parametrize("number", ["0", "x", "9" * 30, "-1", "%00"])
def test_a_number_that_is_no_slots_is_not_there(ada: Somebody, number: str) -> None:
    assert ada.page.get(f"/app/slots/{number}").status_code == 404


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("start=9999-12-31T23:59", {}),
        ("start=0001-01-01&end=0001-01-01T12:00&all_day=true", {}),
        ("", {"X-Dialog": "true", "HX-Current-URL": "http://["}),
    ],
)
def test_any_address_of_a_new_slot_ends_in_its_form(ada: Somebody, query: str, headers: dict[str, str]) -> None:
    answer = ada.page.get(f"/app/slots/new?{query}", headers=headers)

    assert (answer.status_code, '<form id="slot"' in answer.text) == (200, True)


def test_an_end_in_the_last_hour_of_all_can_be_changed(ada: Somebody) -> None:
    number = ada.api.post(
        "/v1/slots", json={"title": "Long", "startDate": "2031-05-06T17:00:00Z", "endDate": "9999-12-31T23:59:59Z"}
    ).json()["id"]
    form = fields_of(ada.page.get(f"/app/slots/{number}").text)
    typed = {"zone": "Pacific/Kiritimati", "end_day": "2031-05-08", "end_time": "12:00"}
    answer = ada.page.post(f"/app/slots/{number}", data={**form, **typed})

    assert answer.status_code == 303


def test_the_session_is_asked_for(server: HttpServer) -> None:
    with httpx.Client(base_url=server.url, headers={"Accept": "text/html"}, trust_env=False) as client:
        answer = client.get("/app/slots/new?start=2031-05-06")

    assert answer.headers["location"] == "/app/sign-in?next=%2Fapp%2Fslots%2Fnew%3Fstart%3D2031-05-06"
