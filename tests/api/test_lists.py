"""Lists of slots over the running server: the acceptance checklist of lists, and paging."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from slotport.actions.lists import BATCH
from slotport.core.slot import Slot
from slotport.storage import accounts, groups
from tests.calendars import add_slots
from tests.conftest import Person
from tests.servers import HttpServer

SignUp = Callable[..., Person]
NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)


@pytest.fixture
def ada(person: SignUp) -> Person:
    return person()


@pytest.fixture
def bob(person: SignUp) -> Person:
    return person()


def group(who: Person, **fields: Any) -> str:
    return str(who.client.post("/v1/groups", json={"name": "Walks", **fields}).json()["id"])


def slot(who: Person, *uuids: str, hours: float = 1, length: float | None = 1, **fields: Any) -> int:
    start = NOW + hours * HOUR
    end = "" if length is None else (start + length * HOUR).isoformat()
    sent = {"title": "Walk", "startDate": start.isoformat(), "endDate": end, "slotGroups": list(uuids), **fields}
    answer = who.client.post("/v1/slots", json=sent)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def ids(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    found = answer.json()
    found = found if isinstance(found, list) else found["data"] if "data" in found else found["slots"]
    return [item["id"] for item in found]


def followed(who: Person, path: str, limit: int, way: str, **parameters: Any) -> list[list[int]]:
    """The pages that the cursors lead to, the first one included."""
    answer = who.client.get(path, params={"limit": limit, **parameters})
    pages = [ids(answer)]
    while (cursor := answer.json()["paging"][way]) is not None:
        answer = who.client.get(path, params={"limit": limit, way: cursor})
        paging = answer.json()["paging"]
        assert (paging["mode"], paging["moment"]) == (None, None)
        pages.append(ids(answer))
    return pages


def test_the_lists_differ_in_what_they_hold(ada: Person, bob: Person) -> None:
    club = group(bob, invitees=[ada.user["id"]])
    mine, theirs = slot(ada, hours=1), slot(bob, club, hours=2)
    alone = slot(ada, ada.user["myCalendarUuid"], hours=3)
    nowhere = slot(ada, hours=4)
    path = f"/v1/slots/{nowhere}/slotgroups"
    ada.client.request("DELETE", path, json={"slotGroups": [ada.user["myPrivateSlotsUuid"]]})
    ada.client.post(path, json={"slotGroups": [ada.user["myCalendarUuid"]]})

    lists = [ids(ada.client.get(f"/v1/me/{word}")) for word in ("slots", "schedule", "library")]

    assert lists == [[mine, theirs, alone], [mine, alone, nowhere], [mine, theirs, alone, nowhere]]
    assert ids(ada.client.get(f"/v1/users/{ada.user['id']}/slots")) == [mine, alone, nowhere]
    assert ids(ada.client.get(f"/v1/users/{bob.user['id']}/slots")) == [theirs]
    assert ids(bob.client.get(f"/v1/users/{ada.user['id']}/slots")) == []
    assert [ada.client.get(f"/v1/users/{user}/slots").status_code for user in (10**12, "x", "9" * 19)] == [404] * 3


def test_hiding_a_calendar_hides_what_no_other_shown_one_holds(ada: Person) -> None:
    one, other = group(ada), group(ada)
    in_one, in_both = slot(ada, one, hours=1), slot(ada, one, other, hours=2)
    path = "/v1/me/schedule/calendar"
    for uuid in (one, other, other):
        answer = ada.client.post(f"{path}/{uuid}")
        assert (answer.status_code, answer.content) == (200, b"")
    assert ids(ada.client.get("/v1/me/schedule")) == [in_one, in_both]

    for _ in range(2):
        assert ada.client.delete(f"{path}/{one}").status_code == 200

    assert ids(ada.client.get("/v1/me/schedule")) == [in_both]
    shown = {item["id"]: item["showInSchedule"] for item in ada.client.get("/v1/me/calendars").json()["result"]}
    assert shown == {
        ada.user["myPrivateSlotsUuid"]: True,
        ada.user["myPublicSlotsUuid"]: True,
        one: False,
        other: True,
    }


def test_a_calendar_of_others_is_not_shown(ada: Person, bob: Person) -> None:
    assert ada.client.post(f"/v1/me/schedule/calendar/{group(bob, public=True)}").status_code == 403


def test_slots_of_a_group_come_with_counts(ada: Person) -> None:
    uuid = group(ada)
    found = [slot(ada, uuid, hours=hours) for hours in (-5, -0.5, 3)]

    answer = ada.client.get(f"/v1/groups/{uuid}/slots")

    assert ids(answer) == found
    assert list(answer.json()) == ["id", "slotCount", "upcomingCount", "slots"]
    assert [answer.json()[name] for name in ("id", "slotCount", "upcomingCount")] == [uuid, 3, 1]
    assert ids(ada.client.get(f"/v1/groups/{uuid}/slots?limit=2")) == found[:2]


def test_pages_say_what_they_are(ada: Person) -> None:
    found = slot(ada)

    page = ada.client.get("/v1/me/slots?limit=1000&mode=upcoming&moment=2020-01-01").json()

    assert list(page) == ["paging", "data"]
    assert page["paging"] == {
        "limit": 100,
        "mode": "upcoming",
        "moment": "2020-01-01T00:00:00.000Z",
        "filter": "none",
        "earliest": None,
        "latest": None,
        "before": None,
        "after": None,
        "poolSize": 1,
    }
    assert list(page["paging"]) == "limit mode moment filter earliest latest before after poolSize".split()
    assert page["data"][0]["url"] == f"{str(ada.client.base_url).rstrip('/')}/v1/slots/{found}"


def test_cursors_lead_through_all_slots_in_order(ada: Person) -> None:
    uuid = group(ada)
    past = [slot(ada, uuid, hours=-9 + n) for n in range(5)]
    upcoming = [slot(ada, uuid, hours=2 + n // 3, length=n % 2) for n in range(9)]
    order = [slot_id for slot_id in ids(ada.client.get("/v1/me/slots")) if slot_id in upcoming]

    forward = followed(ada, "/v1/me/slots", 4, "after", mode="upcoming")
    backward = followed(ada, "/v1/me/slots", 4, "before", mode="upcoming")

    assert forward == [order[:4], order[4:8], order[8:]]
    assert backward == [order[:4], past[1:], past[:1]]
    assert followed(ada, f"/v1/groups/{uuid}/slots", 4, "before", mode="past") == [past[1:], past[:1]]
    ties = [item["id"] for item in ada.client.get("/v1/me/slots?mode=upcoming&limit=2").json()["data"]]
    assert ties == [upcoming[0], upcoming[2]]


def test_around_is_half_before_and_half_after(ada: Person) -> None:
    made = [slot(ada, hours=hours + 0.5) for hours in range(-8, 8)]

    answer = ada.client.get("/v1/me/slots?mode=around&limit=10")

    assert ids(answer) == made[3:13]
    assert answer.json()["paging"]["poolSize"] == 16


def test_modes_choose_by_what_is_going_on(ada: Person) -> None:
    over, going, open_end = slot(ada, hours=-9), slot(ada, hours=-1, length=2), slot(ada, hours=5)
    long = slot(ada, hours=-24 * 40, length=24 * 80)

    pages = {
        mode: ids(ada.client.get(f"/v1/me/slots?mode={mode}"))
        for mode in ("past", "upcoming", "ongoing", "finished", "now", "around", "all")
    }

    assert pages == {
        "past": [long, over, going],
        "upcoming": [open_end],
        "ongoing": [long, going],
        "finished": [over],
        "now": [long, going, open_end],
        "around": [long, over, going, open_end],
        "all": [long, over, going, open_end],
    }


def test_between_keeps_what_touches_the_span(ada: Person) -> None:
    made = [slot(ada, hours=hours, startDate=f"2031-05-06T1{hours}:00:00Z", endDate=f"2031-05-06T1{hours}:30:00Z")
            for hours in range(6)]  # fmt: skip
    span = {"filter": "between", "earliest": "2031-05-06T11:30:00Z", "latest": "2031-05-06T15:00:00.000Z"}

    answer = ada.client.get("/v1/me/slots", params={**span, "limit": 2})

    assert ids(answer) == made[2:4]
    paging = answer.json()["paging"]
    assert {name: paging[name] for name in ("mode", "moment", "filter", "earliest", "latest", "poolSize")} == {
        "mode": "now",
        "moment": "2031-05-06T11:30:00.000Z",
        "filter": "between",
        "earliest": "2031-05-06T11:30:00.000Z",
        "latest": "2031-05-06T15:00:00.000Z",
        "poolSize": 3,
    }
    rest = ada.client.get("/v1/me/slots", params={**span, "after": paging["after"]})
    assert (ids(rest), rest.json()["paging"]["after"]) == (made[4:5], None)


def test_an_empty_page_points_to_older_slots(ada: Person) -> None:
    assert ada.client.get("/v1/me/slots?mode=upcoming").json()["paging"]["before"] is None
    old = [slot(ada, hours=-5), slot(ada, hours=-4)]

    paging = ada.client.get("/v1/me/slots?mode=upcoming").json()["paging"]

    assert (paging["after"], paging["poolSize"]) == (None, 2)
    assert ids(ada.client.get("/v1/me/slots", params={"before": paging["before"]})) == old


@pytest.mark.parametrize(
    ("query", "at_fault"),
    [
        ("limit=0", {"limit"}),
        ("limit=-3", {"limit"}),
        ("limit=ten", {"limit"}),
        ("limit=", {"limit"}),
        ("mode=soon", {"mode"}),
        ("moment=never", {"moment"}),
        ("moment=%00", {"moment"}),
        ("filter=between", {"earliest", "latest"}),
        ("filter=among", {"filter"}),
        ("after=%21", {"after"}),
        ("before=bm90IGEgY3Vyc29y", {"before"}),
        ("before=OTk5OTk5OTk5OTk5OTk5OTkuMC4w", {"before"}),
    ],
)
def test_a_wrong_parameter_is_named(ada: Person, query: str, at_fault: set[str]) -> None:
    paths = ("/v1/me/slots", "/v1/me/schedule", "/v1/me/library", f"/v1/users/{ada.user['id']}/slots")

    answers = [ada.client.get(f"{path}?{query}") for path in paths]

    assert [(answer.status_code, set(answer.json()["error"])) for answer in answers] == [(422, at_fault)] * 4


def test_visitors_see_the_public_slots_of_anybody_alone(ada: Person, api: httpx.Client) -> None:
    slot(ada)
    public = slot(ada, visibility="public")
    path = f"/v1/users/{ada.user['id']}/slots"

    answers = [api.get(path), api.get(path, headers={"Authorization": "Token token=x"}), api.get(f"{path}?limit=5")]

    assert [ids(answer) for answer in answers] == [[public]] * 3
    assert "settings" not in answers[0].json()[0]
    assert [api.get(f"/v1/me/{word}").status_code for word in ("slots", "schedule", "library", "calendars")] == [
        401
    ] * 4


def test_a_long_list_is_streamed_whole_and_once(ada: Person, bob: Person, server: HttpServer) -> None:
    uuid = group(ada, invitees=[bob.user["id"]])
    with server.store.read() as transaction:
        account = accounts.get(transaction, ada.user["id"])
        held = next(found for found, _ in groups.active_of(transaction, account.id) if str(found.uuid) == uuid)
    fresh = [Slot(title=f"Slot {n}", start=NOW + n * HOUR, uid=str(n)) for n in range(2 * BATCH + 3)]
    made = add_slots(server.store, account, fresh, held)

    answers = [bob.client.get(path) for path in ("/v1/me/slots", f"/v1/groups/{uuid}/slots")]

    assert [ids(answer) for answer in answers] == [made, made]
    assert [answer.headers["content-type"] for answer in answers] == ["application/json"] * 2
    assert list(answers[1].json()) == ["id", "slotCount", "upcomingCount", "slots"]
    assert answers[0].json() == answers[1].json()["slots"]
    assert [len(page) for page in followed(bob, "/v1/me/slots", 100, "after")] == [100, 100, 100, 100, 3]


@pytest.mark.parametrize("count", [BATCH - 1, BATCH])
def test_a_list_at_the_edge_of_a_batch_is_whole(ada: Person, server: HttpServer, count: int) -> None:
    with server.store.read() as transaction:
        account = accounts.get(transaction, ada.user["id"])
    made = add_slots(server.store, account, [Slot(title="a", start=NOW, uid=str(n)) for n in range(count)])

    assert ids(ada.client.get("/v1/me/library")) == made


def test_dates_are_the_days_that_slots_touch(ada: Person) -> None:
    uuid = group(ada)
    for start, end, allday in (
        ("2031-05-06T23:30:00Z", "2031-05-07T00:00:00Z", False),
        ("2031-05-09T00:30:00Z", "2031-05-10T12:00:00Z", False),
        ("2031-05-09T12:00:00Z", "", False),
        ("2031-05-20T00:00:00Z", "2031-05-22T00:00:00Z", True),
    ):
        slot(ada, uuid, startDate=start, endDate=end, allday=allday)

    def dates(**parameters: str) -> list[str]:
        answer = ada.client.get(f"/v1/groups/{uuid}/dates", params=parameters)
        assert answer.status_code == 200, answer.text
        return [day.removeprefix("2031-05-") for day in answer.json()["result"]]

    assert dates() == ["06", "09", "10", "20", "21"]
    assert dates(timezone="+02:00") == ["07", "09", "10", "20", "21"]
    assert dates(timezone=" 02:00") == ["07", "09", "10", "20", "21"]
    assert dates(timezone="-01:00") == ["06", "08", "09", "10", "20", "21"]
    for wrong in ("2", "+2:00", "+24:00", "+02:60", "UTC'--", ""):
        answer = ada.client.get(f"/v1/groups/{uuid}/dates", params={"timezone": wrong})
        assert (answer.status_code, set(answer.json()["error"])) == (422, {"timezone"})


def test_dates_know_the_callers_own_views(ada: Person, bob: Person) -> None:
    slot(ada, ada.user["myFriendSlotsUuid"], startDate="2031-05-06", endDate="")
    slot(ada, ada.user["myCalendarUuid"], startDate="2031-05-07", endDate="")
    hidden = group(ada)
    slot(ada, hidden, startDate="2031-05-08", endDate="")
    views = "myFriendSlotsUuid myCalendarUuid myCreatedSlotsUuid allMySlotsUuid friendsCalendarUuid".split()

    found = [ada.client.get(f"/v1/groups/{ada.user[view]}/dates").json()["result"] for view in views]

    assert [[day[-2:] for day in days] for days in found] == [
        ["06"],
        ["06", "07"],
        ["06", "07", "08"],
        ["06", "07", "08"],
        [],
    ]
    assert bob.client.get(f"/v1/groups/{ada.user['allMySlotsUuid']}/dates").status_code == 404


def test_a_slot_through_all_times_lists_no_more_days_than_allowed(ada: Person) -> None:
    uuid = group(ada)
    slot(ada, uuid, startDate="0001-01-01", endDate="9999-12-31T23:59:59Z")

    days = ada.client.get(f"/v1/groups/{uuid}/dates?timezone=-23:59").json()["result"]

    assert (len(days), days[0]) == (100_000, "0001-01-01")
