"""Feeds over HTTP: making, listing and deleting them, and what a calendar program reads there."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from msgspec import structs

from slotport.core.convention import Host
from slotport.storage import accounts, conventions, people, timeslots
from tests.calendars import counted_statements
from tests.conftest import Person
from tests.conventions import add_convention
from tests.schedules import add_event, add_location, add_time_slot
from tests.servers import HttpServer

Events = list[dict[str, str]]


def feed_of(person: Person, **fields: Any) -> str:
    """The path of a new feed."""
    made = person.client.post("/v1/feeds", json=fields)
    assert made.status_code == 201, made.text
    return str(httpx.URL(made.json()["url"]).path)


def events_of(answer: httpx.Response) -> Events:
    """Each event's properties, parameters left out."""
    assert answer.status_code == 200, answer.text
    found: Events = []
    for line in answer.text.replace("\r\n ", "").split("\r\n"):
        head, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and head:
            found[-1].setdefault(head.partition(";")[0], value)
    return found


def summaries(answer: httpx.Response) -> list[str]:
    return [event["SUMMARY"] for event in events_of(answer)]


def add(person: Person, title: str, **fields: Any) -> Any:
    made = person.client.post("/v1/slots", json={"title": title, "startDate": "2031-06-07T09:00:00Z", **fields})
    assert made.status_code == 201, made.text
    return made.json()


def hosting(server: HttpServer, person: Person, **fields: Any) -> tuple[Any, int]:
    """A new convention, and the id of a time slot that the person hosts there."""
    store = server.store
    with store.read() as transaction:
        account = accounts.get(transaction, person.user["id"])
    convention = add_convention(store, account, **fields)
    event = add_event(store, convention, account, title="Lantern Making")
    return convention, add_time_slot(store, convention, event, add_location(store, convention, "Pier Room"))


def test_a_feed_is_made_listed_and_deleted(person: Callable[..., Person], api: httpx.Client) -> None:
    ada = person()
    made = ada.client.post("/v1/feeds")
    body = made.json()
    path = httpx.URL(body["url"]).path
    read = api.get(path)
    listed = ada.client.get("/v1/feeds").json()
    deleted = ada.client.delete(f"/v1/feeds/{body['id']}")

    assert made.status_code == 201
    assert list(body) == ["id", "url", "group", "show", "createdAt"]
    assert (body["group"], body["show"]) == (None, "all")
    assert re.fullmatch(r"/v1/feeds/[\w-]{43}\.ics", path)
    assert (read.status_code, read.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert [list(feed) for feed in listed] == [["id", "group", "show", "createdAt", "lastUsedAt"]]
    assert listed[0]["lastUsedAt"] is not None
    assert (deleted.status_code, deleted.content) == (200, b"")
    assert api.get(path).status_code == 404
    assert ada.client.get("/v1/feeds").json() == []


def test_a_feed_is_deleted_by_its_secret_and_by_nobody_else(person: Callable[..., Person], api: httpx.Client) -> None:
    ada, eve = person(), person()
    made = ada.client.post("/v1/feeds").json()
    secret = made["url"].rpartition("/")[2].removesuffix(".ics")

    assert eve.client.delete(f"/v1/feeds/{made['id']}").status_code == 404
    assert eve.client.delete(f"/v1/feeds/{secret}").status_code == 404
    assert api.delete(f"/v1/feeds/{secret}").status_code == 401
    assert ada.client.delete(f"/v1/feeds/{secret}").status_code == 200
    assert ada.client.delete(f"/v1/feeds/{secret}").status_code == 404
    assert ada.client.delete(f"/v1/feeds/{'9' * 30}").status_code == 404


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"group": "kittens"}, 422),
        ({"group": 7}, 422),
        ({"show": "some"}, 422),
        ({"show": ["all"]}, 422),
        ({"group": str(uuid4())}, 404),
        ([], 422),
    ],
)
def test_bad_wishes_are_refused(person: Callable[..., Person], sent: Any, status: int) -> None:
    ada = person()

    answer = ada.client.post("/v1/feeds", json=sent)

    assert (answer.status_code, "error" in answer.json()) == (status, True)
    assert ada.client.get("/v1/feeds").json() == []


@pytest.mark.parametrize("name", ["unknown.ics", "7.ics", "7", "%20.ics", "x" * 5000 + ".ics", ".ics", "%00.ics"])
def test_an_unknown_secret_is_404(api: httpx.Client, name: str) -> None:
    assert api.get(f"/v1/feeds/{name}").status_code == 404


def test_a_strangers_private_group_cannot_be_fed(person: Callable[..., Person]) -> None:
    ada, eve = person(), person()
    group = ada.client.post("/v1/groups", json={"name": "Walks"}).json()["id"]

    assert eve.client.post("/v1/feeds", json={"group": group}).status_code == 404


def test_what_is_in_a_groups_feed_is_decided_at_each_request(person: Callable[..., Person], api: httpx.Client) -> None:
    ada, eve = person(), person()
    group = ada.client.post("/v1/groups", json={"name": "Walks", "invitees": [eve.user["id"]]}).json()["id"]
    add(ada, "Round the lake", slotGroups=[group])
    add(ada, "Not in it")
    path = feed_of(eve, group=group)
    first = api.get(path)
    ada.client.delete(f"/v1/groups/{group}/members/{eve.user['id']}")
    eve.client.delete(f"/v1/groups/{group}/members")
    after = api.get(path)

    assert summaries(first) == ["Round the lake"]
    assert "X-WR-CALNAME:Walks\r\nNAME:Walks\r\n" in first.text
    assert after.status_code == 404


def test_a_feed_tells_programs_how_often_to_come_back(person: Callable[..., Person], api: httpx.Client) -> None:
    ada = person(username="Ada, the first")

    lines = api.get(feed_of(ada)).text.split("\r\n")

    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert [line for line in lines if line.startswith(("METHOD", "X-", "NAME", "REFRESH"))] == [
        "METHOD:PUBLISH",
        r"X-WR-CALNAME:Ada\, the first",
        r"NAME:Ada\, the first",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]


def test_a_deleted_slot_stays_as_cancelled_with_a_higher_sequence(
    person: Callable[..., Person], api: httpx.Client
) -> None:
    ada = person()
    slot = add(ada, "Lunch", description="With Bo")
    path = feed_of(ada)
    before = api.get(path)
    again = api.get(path)
    ada.client.delete(f"/v1/slots/{slot['id']}")
    after = api.get(path, headers={"If-None-Match": before.headers["ETag"]})

    (event,), (gone,) = events_of(before), events_of(after)
    assert again.content == before.content
    assert (gone["STATUS"], gone["UID"], gone["SUMMARY"]) == ("CANCELLED", event["UID"], "Lunch")
    assert int(gone["SEQUENCE"]) > int(event["SEQUENCE"])
    assert "With Bo" not in after.text


def test_a_slot_that_left_a_group_stays_as_cancelled_in_its_feed(
    person: Callable[..., Person], api: httpx.Client
) -> None:
    ada, eve = person(), person()
    group = ada.client.post("/v1/groups", json={"name": "Walks", "invitees": [eve.user["id"]]}).json()["id"]
    kept, removed, taken = (add(ada, title, slotGroups=[group]) for title in ("Kept", "Removed", "Taken out"))
    path = feed_of(eve, group=group)
    before = {event["UID"]: event for event in events_of(api.get(path))}
    ada.client.delete(f"/v1/slots/{removed['id']}")
    answer = ada.client.request("DELETE", f"/v1/slots/{taken['id']}/slotgroups", json={"slotGroups": [group]})
    after = events_of(api.get(path))

    assert answer.status_code == 200
    assert kept
    assert sorted(event.get("STATUS", "") for event in after) == ["", "CANCELLED", "CANCELLED"]
    for event in after:
        assert event["UID"] in before
        if event.get("STATUS"):
            assert event["SUMMARY"] == "Busy"  # Eve may read it no longer
            assert int(event["SEQUENCE"]) > int(before[event["UID"]]["SEQUENCE"])


def test_show_public_tells_of_what_is_not_public_only_when_it_is(
    person: Callable[..., Person], api: httpx.Client
) -> None:
    ada = person()
    private = ada.user["myPrivateSlotsUuid"]
    ada.client.post("/v1/import", json={"file": SECRET_FILE})
    add(ada, "Open house", visibility="public", description="Come in")
    add(ada, "Doctor", visibility="private", location={"name": "Clinic"}, description="Knee", slotGroups=[private])

    answer = api.get(feed_of(ada, show="public"))

    found = {event["SUMMARY"]: set(event) for event in events_of(answer)}
    assert set(found) == {"Open house", "Busy"}
    times = {"DTSTAMP", "UID", "DTSTART", "SUMMARY", "SEQUENCE", "LAST-MODIFIED", "END"}
    assert found["Busy"] - {"DTEND", "RRULE", "EXDATE"} == times
    assert "RRULE:FREQ=DAILY;COUNT=3" in answer.text
    for secret in ("Doctor", "Clinic", "Knee", "Hush", "hush", "sotto", "bob@", "Nowhere"):
        assert secret not in answer.text


SECRET_FILE = """BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VEVENT\r
UID:hush-meeting-with-bob\r
DTSTAMP:20310601T000000Z\r
DTSTART;X-NOTE=sotto:20310607T090000Z\r
DTEND:20310607T100000Z\r
RRULE:FREQ=DAILY;COUNT=3\r
EXDATE;X-NOTE=sotto:20310608T090000Z\r
SUMMARY:Hush\r
DESCRIPTION:Hush hush\r
LOCATION:Nowhere\r
CLASS:CONFIDENTIAL\r
ATTENDEE;CN=hush:mailto:bob@example.org\r
X-HUSH:hush\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_a_feed_is_not_made_again_for_who_has_it(
    person: Callable[..., Person], api: httpx.Client, server: HttpServer
) -> None:
    ada = person()
    add(ada, "Lunch")
    hosting(server, ada)
    path = feed_of(ada)
    first = api.get(path)

    with counted_statements(server.store) as statements:
        second = api.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (second.status_code, second.content) == (304, b"")
    assert first.headers["ETag"].startswith('"')
    assert [text for text in statements if "slot.title" in text or "FROM event" in text] == []


def test_hosted_time_slots_are_in_the_own_feed_and_marked(
    person: Callable[..., Person], api: httpx.Client, server: HttpServer
) -> None:
    ada = person()
    add(ada, "Lunch")
    convention, slot_id = hosting(server, ada, settings={"timezone": "Europe/Berlin"})
    path = feed_of(ada)
    answer = api.get(path)

    lunch, lantern = events_of(answer)
    assert (lunch["SUMMARY"], lantern["SUMMARY"]) == ("Lunch", "Lantern Making")
    assert lantern["X-SLOTPORT-CONVENTION"] == convention.slug
    assert f"X-SLOTPORT-CONVENTION;X-TITLE={convention.title}:" in answer.text.replace("\r\n ", "")
    assert "DTSTART;TZID=Europe/Berlin:20310607T110000" in answer.text
    with server.store.write() as transaction:
        _ = transaction.change
        timeslots.cancel(transaction, [slot_id], datetime.now(UTC))
        conventions.mark_changed(transaction, convention.id, datetime.now(UTC))
    after = events_of(api.get(path, headers={"If-None-Match": answer.headers["ETag"]}))
    assert [event.get("STATUS") for event in after] == [None, "CANCELLED"]
    assert int(after[1]["SEQUENCE"]) > int(lantern["SEQUENCE"])


def test_who_hosts_no_longer_sees_the_time_slot_cancelled(
    person: Callable[..., Person], api: httpx.Client, server: HttpServer
) -> None:
    ada, bo = person(), person()
    convention, slot_id = hosting(server, ada)
    path = feed_of(ada)
    first = api.get(path)
    with server.store.write() as transaction:
        _ = transaction.change
        slot = timeslots.find(transaction, convention.id, slot_id)
        assert slot is not None
        other = people.load(transaction, [bo.user["id"]])[bo.user["id"]]
        changed = structs.replace(slot, hosts=(Host(person=other),), version=slot.version + 1)
        timeslots.change(transaction, [changed], datetime.now(UTC))
        conventions.mark_changed(transaction, convention.id, datetime.now(UTC))

    (before,), (after,) = events_of(first), events_of(api.get(path, headers={"If-None-Match": first.headers["ETag"]}))

    assert (before["STATUS"], after["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert summaries(api.get(feed_of(bo))) == ["Lantern Making"]


def test_an_export_has_no_hosted_time_slots(person: Callable[..., Person], server: HttpServer) -> None:
    ada = person()
    hosting(server, ada)

    for word in ("ical", "google", "outlook", "timeslot"):
        assert "Lantern" not in ada.client.post(f"/v1/export/{word}").text


def test_a_deleted_account_is_fed_no_longer(person: Callable[..., Person], api: httpx.Client) -> None:
    ada = person()
    path = feed_of(ada)
    ada.client.delete("/v1/me")

    assert api.get(path).status_code == 404
