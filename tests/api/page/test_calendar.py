"""My calendar over HTTP: views, windows, filters, moves, and who may."""

from typing import Any

import httpx
import pytest

from tests.api.page.people import PASSWORD, signed_up
from tests.servers import HttpServer

JSON = {"Accept": "application/json"}


def authorization(server: HttpServer, email: str) -> dict[str, str]:
    """What the interface for programs knows the account by."""
    sent = {"email": email, "password": PASSWORD}
    token = httpx.post(f"{server.url}/v1/users/signin", json=sent, trust_env=False).json()["authToken"]
    return {"Authorization": f"Token token={token}"}


def add_slots(server: HttpServer, email: str, *slots: dict[str, Any]) -> list[int]:
    """Slots of the account, made over the interface for programs; their ids."""
    headers = authorization(server, email)
    made = []
    for slot in slots:
        whole = {"startDate": "2031-05-06T17:00:00.000Z", "endDate": "2031-05-06T19:00:00.000Z", **slot}
        answer = httpx.post(f"{server.url}/v1/slots", json=whole, headers=headers, trust_env=False)
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["id"])
    return made


@pytest.mark.parametrize(
    ("query", "title", "before", "after"),
    [
        ("view=week&date=2031-05-06", "5\u2009–\u200911 May 2031", "2031-04-29", "2031-05-13"),
        ("view=day&date=2031-05-06", "Tuesday, 6 May 2031", "2031-05-05", "2031-05-07"),
        ("view=month&date=2031-05-31", "May 2031", "2031-04-01", "2031-06-01"),
        ("view=list&date=2031-01-31", "January 2031", "2030-12-01", "2031-02-01"),
        ("view=week&date=9999-12-31", "30 Dec 2199\u2009–\u20095 Jan 2200", "2199-12-25", "2200-01-01"),
    ],
)
def test_each_view_leads_to_the_one_before_and_the_next(
    server: HttpServer, query: str, title: str, before: str, after: str
) -> None:
    with signed_up(server) as (browser, _):
        text = browser.get(f"/app/calendar?{query}").text

    assert f'<h1 id="calendar-title">{title}</h1>' in text
    view = query.partition("&")[0]
    assert f'href="/app/calendar?{view}&amp;date={before}"' in text
    assert f'href="/app/calendar?{view}&amp;date={after}"' in text


def test_without_a_script_the_slots_are_a_list(server: HttpServer) -> None:
    with signed_up(server) as (browser, email):
        [number] = add_slots(server, email, {"title": "Supper <b>", "rrule": "FREQ=DAILY;COUNT=2"})
        browser.cookies.set("slotport_zone", "Europe%2FBerlin")
        text = browser.get("/app/calendar?view=week&date=2031-05-06").text

    assert text.count("Supper &lt;b&gt;</a>") == 2
    assert "19:00–21:00" in text
    assert f"/app/slots/{number}?occurrence=20310507T170000Z&amp;back=" in text


def test_groups_can_be_left_out(server: HttpServer) -> None:
    with signed_up(server) as (browser, email):
        add_slots(server, email, {"title": "Private supper", "visibility": "private"})
        page = "/app/calendar?view=week&date=2031-05-06"
        before = browser.get(page).text
        chosen = browser.get("/app/calendar/filter?view=week&date=2031-05-06")
        after = browser.get(chosen.headers["location"]).text

    assert "Private supper" in before
    assert "Private supper" not in after


def test_a_full_week_is_sent_compressed(server: HttpServer) -> None:
    with signed_up(server) as (browser, email):
        add_slots(server, email, *({"title": f"Walk {n:02}"} for n in range(40)))
        with browser.stream("GET", "/app/calendar?view=week&date=2031-05-06") as answer:
            sent = b"".join(answer.iter_raw())
        text = browser.get("/app/calendar?view=week&date=2031-05-06").text

    assert "Walk 39" in text
    assert len(sent) < len(text.encode()) / 3


def test_the_grid_is_told_wall_times_and_what_is_left_out(server: HttpServer) -> None:
    with signed_up(server) as (browser, email):
        numbers = add_slots(server, email, *({"title": f"Walk {n:02}"} for n in range(10)))
        browser.cookies.set("slotport_zone", "Europe%2FBerlin")
        found = browser.get("/app/calendar/events?start=2031-05-01&end=2031-06-01&month=true", headers=JSON).json()

    assert found["more"] == {"2031-05-06": 2}
    assert found["events"][0] == {
        "id": str(numbers[0]),
        "slot": numbers[0],
        "occurrence": "",
        "title": "Walk 00",
        "place": "",
        "start": "2031-05-06T19:00:00",
        "end": "2031-05-06T21:00:00",
        "allDay": False,
        "openEnd": False,
        "className": "colour-0",
        "editable": True,
        "repeats": False,
        "convention": "",
    }


def test_a_slot_is_moved_and_nobody_else_moves_it(server: HttpServer) -> None:
    with signed_up(server) as (browser, email), signed_up(server) as (other, _):
        [number] = add_slots(server, email, {"title": "Supper"})
        move = {"slot": number, "days": 1, "seconds": -3600}
        refused = other.post("/app/calendar/move", json=move, headers=JSON)
        moved = browser.post("/app/calendar/move", json=move, headers=JSON)
        events = browser.get("/app/calendar/events?start=2031-05-05&end=2031-05-12", headers=JSON).json()["events"]

    assert (refused.status_code, refused.json()) == (404, {"error": "there is no such slot"})
    assert (moved.status_code, moved.json()) == (200, {"id": str(number)})
    assert [event["start"][:10] for event in events] == ["2031-05-07"]


@pytest.mark.parametrize(
    ("move", "status"),
    [
        ({}, 422),
        ({"slot": "x"}, 422),
        ({"slot": 1, "days": 10**30}, 422),
        ({"slot": 10**30}, 422),
        ({"slot": 1, "part": "middle"}, 422),
        ({"slot": 1, "occurrence": "x" * 10_000}, 404),
    ],
)
def test_any_move_ends_in_an_answer(server: HttpServer, move: dict[str, Any], status: int) -> None:
    with signed_up(server) as (browser, _):
        answer = browser.post("/app/calendar/move", json=move, headers=JSON)

    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize(
    "query", ["start=x", "start=0001-01-01&end=9999-12-31", "start=2031-05-06&end=2031-05-01", "without=x&month=true"]
)
def test_any_window_ends_in_an_answer(server: HttpServer, query: str) -> None:
    with signed_up(server) as (browser, email):
        add_slots(server, email, {"title": "Ever", "rrule": "FREQ=SECONDLY"})
        answer = browser.get(f"/app/calendar/events?{query}", headers=JSON)

    assert answer.status_code == 200
    assert set(answer.json()) == {"events", "more", "cut"}


FIRST_AND_LAST = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Example//EN\r
BEGIN:VEVENT\r
UID:ever\r
SUMMARY:Ever\r
DTSTART:00010101T000000Z\r
DTEND:99991231T235959Z\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:last\r
SUMMARY:Last\r
DTSTART:99991231T233000Z\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:whole\r
SUMMARY:Whole\r
DTSTART;VALUE=DATE:00010101\r
DTEND;VALUE=DATE:00010101\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.mark.parametrize("zone", ["Pacific/Pago_Pago", "Pacific/Kiritimati"])
def test_slots_of_the_first_and_the_last_day_of_all_are_shown(server: HttpServer, zone: str) -> None:
    with signed_up(server) as (browser, email):
        headers = authorization(server, email)
        files = {"file": ("all.ics", FIRST_AND_LAST)}
        httpx.post(f"{server.url}/v1/import", files=files, headers=headers, trust_env=False)
        slots = httpx.get(f"{server.url}/v1/me/slots", headers=headers, trust_env=False).json()
        browser.cookies.set("slotport_zone", zone)
        week = browser.get("/app/calendar?view=week&date=2031-05-06")
        pages = [browser.get(f"/app/slots/{slot['id']}") for slot in slots]

    assert (week.status_code, "Ever</a>" in week.text) == (200, True)
    assert [page.status_code for page in pages] == [200] * 3


def test_who_is_not_signed_in_signs_in_and_comes_back(server: HttpServer) -> None:
    headers = {"Accept": "text/html"}
    first = httpx.get(f"{server.url}/app/calendar?view=day&date=2031-05-06", headers=headers, trust_env=False)
    events = httpx.get(f"{server.url}/app/calendar/events", headers=JSON, trust_env=False)

    assert first.headers["location"] == "/app/sign-in?next=%2Fapp%2Fcalendar%3Fview%3Dday%26date%3D2031-05-06"
    assert events.status_code == 401
