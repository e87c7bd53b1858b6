"""The schedule board over HTTP: who may see it, what a day has, and what a change answers."""

import re
from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from slotport.actions import conventions
from tests.api.page.boards import DAY, NOW, Planned, plan, shown_day
from tests.api.page.people import signed_up
from tests.servers import HttpServer

NUMBERS = count(1)


@pytest.fixture
def board(server: HttpServer) -> Iterator[tuple[httpx.Client, Planned]]:
    """The manager's browser, and a convention."""
    with signed_up(server) as (client, email):
        yield client, plan(server, email, f"Board {next(NUMBERS)}")


def test_a_day_lasts_until_the_night_is_quiet(board: tuple[httpx.Client, Planned]) -> None:
    client, planned = board
    answer = client.get(f"{planned.path}/day", params={"day": DAY}).json()

    assert [slot["title"] for slot in answer["slots"]] == ["Lanterns", "Knots", "Songs"]
    assert (answer["turn"], answer["first_hour"], answer["last_hour"]) == (1, 9, 25)
    assert answer["slots"][2]["end"] == "2031-06-08T01:00:00"
    assert shown_day(client, planned.path, "2031-06-08") == {}


def test_only_managers_come_in(server: HttpServer, board: tuple[httpx.Client, Planned]) -> None:
    _, planned = board
    below = ["", "/day?day=2031-06-07", "/list", "/tray", "/conflicts", f"/slots/{planned.slots['Knots']}"]
    with signed_up(server, "Eve") as (eve, _):
        seen = [eve.get(planned.path + path).status_code for path in below]
        moved = eve.post(f"{planned.path}/slots/{planned.slots['Knots']}/move", json={"minutes": 5})

    assert seen == [403] * len(below)
    assert moved.status_code == 403
    assert httpx.get(f"{server.url}{planned.path}", headers={"Accept": "text/html"}, trust_env=False).status_code == 303


def test_the_time_slots_of_another_convention_are_not_there(
    server: HttpServer, board: tuple[httpx.Client, Planned]
) -> None:
    client, planned = board
    with signed_up(server, "Eve") as (_, email):
        other = plan(server, email, f"Board {next(NUMBERS)}")
    slot, event = other.slots["Knots"], other.events["Maps"]
    drop = {"event": event, "start": f"{DAY}T10:00", "places": ["attic"]}

    assert client.get(f"{planned.path}/slots/{slot}").status_code == 404
    assert client.get(f"{planned.path}/new?event={event}").status_code == 404
    assert client.post(f"{planned.path}/slots/{slot}/move", json={"minutes": 5}).status_code == 409
    assert client.post(f"{planned.path}/drop", json=drop).status_code == 409


def test_a_clash_says_what_is_in_the_way_and_can_be_made_anyway(board: tuple[httpx.Client, Planned]) -> None:
    client, planned = board
    path = f"{planned.path}/slots/{planned.slots['Knots']}/move"
    refused = client.post(path, json={"start": f"{DAY}T10:30:00"})
    kept = shown_day(client, planned.path)["Knots"]["start"]
    done = client.post(path, json={"start": f"{DAY}T10:30:00", "anyway": True})
    conflicts = client.get(f"{planned.path}/conflicts").text

    assert refused.status_code == 409
    assert refused.json() == {
        "reasons": ["Attic is taken by “Lanterns” from 10:00 to 11:00."],
        "anyway": True,
        "stale": False,
    }
    assert kept == f"{DAY}T12:00:00"
    assert done.json()["slot"]["start"] == f"{DAY}T10:30:00"
    assert "1 conflict" in conflicts
    assert "Lanterns – Knots" in conflicts


def test_a_host_in_two_places_is_odd_but_allowed(board: tuple[httpx.Client, Planned]) -> None:
    client, planned = board
    drop = {"event": planned.events["Maps"], "start": f"{DAY}T10:00", "places": ["barn"]}
    done = client.post(f"{planned.path}/drop", json=drop)

    assert done.json()["odd"] == ["host-booked-twice"]
    assert done.json()["slot"]["places"] == [planned.places["Barn"]]


def test_a_move_from_an_old_board_is_noticed(board: tuple[httpx.Client, Planned]) -> None:
    client, planned = board
    path = f"{planned.path}/slots/{planned.slots['Knots']}/move"
    version = shown_day(client, planned.path)["Knots"]["version"]
    first = client.post(path, json={"version": version, "start": f"{DAY}T13:00:00"})
    second = client.post(path, json={"version": version, "start": f"{DAY}T14:00:00"})

    assert (first.status_code, second.status_code, second.json()["stale"]) == (200, 409, True)
    assert shown_day(client, planned.path)["Knots"]["start"] == f"{DAY}T13:00:00"


def test_what_was_taken_off_comes_back_as_it_was(board: tuple[httpx.Client, Planned]) -> None:
    client, planned = board
    before = shown_day(client, planned.path)["Knots"]
    path = f"{planned.path}/slots/{planned.slots['Knots']}"
    client.post(f"{path}/remove", json={})
    without = shown_day(client, planned.path)
    tray = client.get(f"{planned.path}/tray").text
    restored = client.post(f"{path}/restore", json={}).json()["slot"]

    assert "Knots" not in without
    assert "Knots" in tray
    assert {**restored, "version": 0} == {**before, "version": 0}


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"event": 0, "start": "x", "places": []},
        {"event": "x"},
        {"event": 10**30, "start": DAY, "places": ["attic"]},
        {"event": 1, "start": DAY, "places": ["\0"]},
        [],
        {"event": 1, "start": {"a": 1}, "places": [["attic"]]},
    ],
)
def test_nonsense_is_refused(board: tuple[httpx.Client, Planned], sent: object) -> None:
    client, planned = board
    json = {"Accept": "application/json"}

    assert client.post(f"{planned.path}/drop", json=sent, headers=json).status_code in (409, 422)
    for value in ("x", "0001-01-01", "9999-12-31", "2031-06-07\0"):
        assert client.get(f"{planned.path}/day", params={"day": value}, headers=json).status_code == 422
    assert client.post(f"{planned.path}/slots/{10**30}/move", json={"minutes": 5}).status_code == 409
    assert client.get(f"{planned.path}/slots/{10**30}").status_code == 404


def test_the_list_of_another_day_keeps_what_is_chosen(board: tuple[httpx.Client, Planned]) -> None:
    client, planned = board
    listed = client.get(f"{planned.path}/list", params={"day": DAY, "place": ["attic", "gone"], "tag": "7"}).text

    assert f'href="{planned.path}/list?day=2031-06-08&amp;place=attic&amp;tag=7"' in listed
    assert '<input type="hidden" name="place" value="attic"><input type="hidden" name="tag" value="7">' in listed


def test_a_board_is_compressed_and_names_all_that_it_loads(board: tuple[httpx.Client, Planned]) -> None:
    client, planned = board
    packed = client.get(planned.path, params={"day": DAY}, headers={"Accept-Encoding": "gzip"})
    plain = client.get(planned.path, params={"day": DAY}, headers={"Accept-Encoding": "identity"})
    ahead = re.findall(r'<link rel="(?:modulepreload|preload)"[^>]* href="([^"]+)"', plain.text)

    assert (packed.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
    assert packed.text == plain.text
    assert f"{planned.path}/day?day={DAY}" in ahead
    assert len(ahead) == len(set(ahead)) > 3
    assert {client.get(path).status_code for path in ahead} == {200}


def test_scheduling_works_without_a_script(board: tuple[httpx.Client, Planned]) -> None:
    client, planned = board
    form = {"event": planned.events["Maps"], "day": DAY, "time": "10:30", "minutes": "45", "places": "attic"}
    refused = client.post(f"{planned.path}/new", data=form)
    done = client.post(f"{planned.path}/new", data={**form, "anyway": "true"})
    listed = client.get(f"{planned.path}/list", params={"day": DAY}).text

    assert refused.status_code == 422
    assert "Attic is taken by “Lanterns” from 10:00 to 11:00." in refused.text
    assert 'value="45"' in refused.text
    assert (done.status_code, done.headers["location"]) == (
        303,
        f"{planned.path}/list?day={DAY}&said=board-scheduled",
    )
    assert listed.count("badge bad") == 2
    assert shown_day(client, planned.path)["Maps"]["minutes"] == 45


def test_changing_and_taking_off_work_without_a_script(board: tuple[httpx.Client, Planned]) -> None:
    client, planned = board
    path = f"{planned.path}/slots/{planned.slots['Knots']}"
    page = client.get(f"{path}/edit").text
    form = {"version": "1", "day": DAY, "time": "12:00", "minutes": "50", "places": ["barn", "cellar"]}
    changed = client.post(f"{path}/edit", data=form)
    slot = shown_day(client, planned.path)["Knots"]
    stale = client.post(f"{path}/edit", data=form)
    client.post(f"{path}/cancel")

    assert 'value="12:00"' in page
    assert (changed.status_code, stale.status_code) == (303, 422)
    assert slot["places"] == [planned.places["Barn"], planned.places["Cellar"]]
    assert [name for _, name in slot["hosts"]] == ["Jonah"]  # who owns the event, since nobody was left
    assert "Knots" not in shown_day(client, planned.path)


@pytest.mark.parametrize(("field", "value"), [("day", ""), ("time", "25:99"), ("minutes", "x"), ("places", "nowhere")])
def test_what_is_wrong_is_said_beside_its_field(board: tuple[httpx.Client, Planned], field: str, value: str) -> None:
    client, planned = board
    form = {
        "event": planned.events["Maps"],
        "day": DAY,
        "time": "10:30",
        "minutes": "45",
        "places": "barn",
        field: value,
    }
    answer = client.post(f"{planned.path}/new", data=form)
    beside = "day" if field == "time" else field

    assert answer.status_code == 422
    assert f'id="{beside}-problem"' in answer.text


def test_the_tray_is_searched(board: tuple[httpx.Client, Planned]) -> None:
    client, planned = board
    tray = f"{planned.path}/tray"
    titles = {
        query: [title for title in planned.events if title in client.get(f"{tray}?{query}").text]
        for query in ("", "q=MAP", "q=jonah", "again=true&q=jonah", "tag=999999", "q=nothing")
    }

    assert titles == {
        "": ["Maps", "Tides"],
        "q=MAP": ["Maps"],
        "q=jonah": ["Tides"],
        "again=true&q=jonah": ["Knots", "Songs", "Tides"],
        "tag=999999": [],
        "q=nothing": [],
    }


def test_names_are_shown_as_text(server: HttpServer) -> None:
    bad = "<img src=x onerror=alert(1)></script>"
    with signed_up(server) as (client, email):
        planned = plan(server, email, f"Board {next(NUMBERS)} {bad}", prefix=bad)
        client.post(
            f"{planned.path}/slots/{planned.slots['Knots']}/move", json={"start": f"{DAY}T10:30", "anyway": True}
        )
        pages = [
            client.get(f"{planned.path}{below}").text
            for below in ("", f"/list?day={DAY}", "/tray", "/conflicts", f"/slots/{planned.slots['Knots']}")
        ]

    assert [page for page in pages if "<img" in page] == []
    assert all("&lt;img" in page for page in pages)


def test_a_convention_without_anything_says_what_to_do_first(board: tuple[httpx.Client, Planned]) -> None:
    client, planned = board
    founder = planned.access.account
    assert founder is not None
    empty = conventions.found(planned.store, founder, {"title": f"Empty {next(NUMBERS)}"}, now=NOW)

    assert "Add the first one" in client.get(f"/app/conventions/{empty.slug}/board").text
