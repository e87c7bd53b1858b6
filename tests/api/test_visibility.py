"""Who may read a slot, and what decides it: the matrices of the specification over the running server."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.conftest import Person

SignUp = Callable[..., Person]
WALK = {"title": "Harbour walk", "startDate": "2031-05-06T13:44:02Z", "endDate": "2031-05-06T15:05:00Z"}


@pytest.fixture
def ada(person: SignUp) -> Person:
    return person()


@pytest.fixture
def bob(person: SignUp) -> Person:
    return person()


def group(who: Person, **fields: Any) -> str:
    answer = who.client.post("/v1/groups", json={"name": "Walks", **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def slot(who: Person, **fields: Any) -> dict[str, Any]:
    answer = who.client.post("/v1/slots", json={**WALK, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def shown(who: Person, found: dict[str, Any]) -> dict[str, Any]:
    return dict(who.client.get(f"/v1/slots/{found['id']}").json())


@pytest.mark.parametrize(
    ("asked", "listed", "visibility", "presets"),
    [
        (None, None, "private", {"Private"}),
        ("private", None, "private", {"Private"}),
        ("friends", None, "friends", {"Private"}),
        ("foaf", None, "foaf", {"Private"}),
        ("public", None, "public", {"Public"}),
        (None, "private", "private", set()),
        ("private", "private", "private", set()),
        ("friends", "private", "friends", set()),
        ("public", "private", "public", {"Public"}),
        (None, "public", "public", set()),
        ("private", "public", "public", {"Private"}),
        ("friends", "public", "public", {"Private"}),
        ("public", "public", "public", set()),
        (None, "friends", "friends", {"Private"}),
        ("private", "friends", "friends", {"Private"}),
        ("foaf", "friends", "foaf", {"Private"}),
        ("public", "friends", "public", {"Public"}),
        (None, "unknown", "private", {"Private"}),
        ("public", "unknown", "public", {"Public"}),
        (None, "schedule", "private", {"Private"}),
    ],
)
def test_the_widest_of_visibility_and_groups_wins(
    ada: Person, bob: Person, asked: str | None, listed: str | None, visibility: str, presets: set[str]
) -> None:
    uuids = {
        "private": lambda: group(ada),
        "public": lambda: group(ada, public=True),
        "friends": lambda: ada.user["myFriendSlotsUuid"],
        "schedule": lambda: ada.user["myCalendarUuid"],
        "unknown": lambda: group(bob, public=True),
    }
    fields: dict[str, Any] = {} if asked is None else {"visibility": asked}
    given = [] if listed is None else [uuids[listed]()]

    made = slot(ada, **fields, slotGroups=given)

    own = {"Private": ada.user["myPrivateSlotsUuid"], "Public": ada.user["myPublicSlotsUuid"]}
    held = set(made["slotGroupUuids"])
    assert made["visibility"] == visibility
    assert {name for name, uuid in own.items() if uuid in held} == presets
    assert held - set(own.values()) == (set(given) if listed in {"private", "public"} else set())


@pytest.mark.parametrize("visibility", ["private", "friends", "foaf", "public"])
@pytest.mark.parametrize("reader", ["creator", "member", "left", "kicked", "refused", "other", "visitor", "bad token"])
def test_who_reads_what(ada: Person, bob: Person, api: httpx.Client, visibility: str, reader: str) -> None:
    uuid = group(ada, invitees=[bob.user["id"]] if reader in {"member", "left", "kicked"} else [])
    path = f"/v1/slots/{slot(ada, visibility=visibility, slotGroups=[uuid])['id']}"
    if reader == "left":
        assert bob.client.delete(f"/v1/groups/{uuid}/members").status_code == 200
    if reader == "kicked":
        assert ada.client.delete(f"/v1/groups/{uuid}/members/{bob.user['id']}").status_code == 200
    if reader == "bad token":
        api.headers["Authorization"] = "Token token=nonsense"
    client = {"creator": ada.client, "visitor": api, "bad token": api}.get(reader, bob.client)

    status = client.get(path).status_code
    listed = client.get(f"/v1/users/{ada.user['id']}/slots").json()

    may = visibility == "public" or reader in {"creator", "member"}
    assert (status, len(listed)) == ((200, 1) if may else (404, 0))


def test_a_slot_that_may_not_be_read_answers_as_one_that_is_not_there(ada: Person, bob: Person) -> None:
    private = slot(ada)["id"]

    answers = [bob.client.get(f"/v1/slots/{number}") for number in (private, 10**12)]

    assert [(answer.status_code, answer.content) for answer in answers] == [
        (404, b'{"error":"there is no such slot"}')
    ] * 2


def test_nobody_but_the_creator_writes(ada: Person, bob: Person) -> None:
    uuid = group(ada, invitees=[bob.user["id"]])
    path = f"/v1/slots/{slot(ada, slotGroups=[uuid], visibility='public')['id']}"

    answers = [
        bob.client.patch(path, json={"title": "Mine"}),
        bob.client.delete(path),
        bob.client.request("DELETE", f"{path}/notes", json={"notes": []}),
        bob.client.request("DELETE", f"{path}/media", json={"media": []}),
        bob.client.post(f"{path}/slotgroups", json={"slotGroups": [uuid]}),
        bob.client.request("DELETE", f"{path}/slotgroups", json={"slotGroups": [uuid]}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6


def test_the_first_group_is_the_earliest_that_the_reader_may_see(ada: Person, bob: Person, api: httpx.Client) -> None:
    secret, club = group(ada, name="Secret"), group(ada, name="Club", public=True)
    found = slot(ada, slotGroups=[secret])
    ada.client.post(f"/v1/slots/{found['id']}/slotgroups", json={"slotGroups": [club]})

    seen = [client.get(f"/v1/slots/{found['id']}").json() for client in (ada.client, bob.client, api)]

    assert [answer["firstGroup"]["name"] for answer in seen] == ["Secret", "Club", "Club"]
    assert [answer["slotGroupUuids"] for answer in seen] == [[secret, club], [club], [club]]


def test_visible_count_counts_people_once(ada: Person, bob: Person, person: SignUp) -> None:
    eve = person()
    both = [group(ada, invitees=[bob.user["id"]]), group(ada, invitees=[bob.user["id"], eve.user["id"]])]
    found = slot(ada, slotGroups=both)

    assert shown(ada, found)["visibleCount"] == "3"
    eve.client.delete(f"/v1/groups/{both[1]}/members")
    assert shown(ada, found)["visibleCount"] == "2"


def test_a_public_group_makes_a_slot_public_until_it_leaves_the_last_one(ada: Person) -> None:
    clubs = [group(ada, public=True), group(ada, public=True)]
    secret = group(ada)
    found = slot(ada, slotGroups=[secret])
    path = f"/v1/slots/{found['id']}/slotgroups"

    answer = ada.client.post(path, json={"slotGroups": clubs})
    assert (answer.status_code, answer.json()) == (200, {"unauthorizedSlotgroups": []})
    assert shown(ada, found)["visibility"] == "public"
    ada.client.request("DELETE", path, json={"slotGroups": clubs[:1]})
    assert shown(ada, found)["visibility"] == "public"
    ada.client.request("DELETE", path, json={"slotGroups": clubs})
    assert (shown(ada, found)["visibility"], shown(ada, found)["slotGroupUuids"]) == ("private", [secret])
    ada.client.post(path, json={"slotGroups": clubs[:1]})
    assert shown(ada, found)["slotGroupUuids"] == [secret, clubs[0]]


@pytest.mark.parametrize("way", ["asked", "listed", "added"])
def test_what_was_shared_with_friends_is_so_again_after_the_last_public_group(ada: Person, way: str) -> None:
    club, friends = group(ada, public=True), ada.user["myFriendSlotsUuid"]
    fields: dict[str, Any] = {
        "asked": {"visibility": "friends", "slotGroups": [club]},
        "listed": {"slotGroups": [club, friends]},
        "added": {"slotGroups": [club]},
    }[way]
    found = slot(ada, **fields)
    path = f"/v1/slots/{found['id']}/slotgroups"
    if way == "added":
        ada.client.post(path, json={"slotGroups": [friends]})

    assert found["visibility"] == "public"
    ada.client.request("DELETE", path, json={"slotGroups": [club]})
    assert shown(ada, found)["visibility"] == "friends"
    ada.client.request("DELETE", path, json={"slotGroups": [friends]})
    assert shown(ada, found)["visibility"] == "private"


def test_slot_sets_name_the_callers_groups_schedule_and_friends(ada: Person, bob: Person) -> None:
    club = group(ada, invitees=[bob.user["id"]])
    own = [club, ada.user["myCalendarUuid"], ada.user["myFriendSlotsUuid"]]
    path = f"/v1/slots/{slot(ada, slotGroups=own)['id']}"

    mine, theirs = (who.client.get(f"{path}/slotsets").json()["slotSets"] for who in (ada, bob))

    keys = {"id", "name", "image", "createdAt", "updatedAt", "deletedAt", "owner"}
    assert [set(found) for found in theirs["slotGroups"]] == [keys]
    assert theirs == {"slotGroups": [found for found in mine["slotGroups"] if found["id"] == club]}
    assert (mine["myCalendar"], mine["myFriendSlots"]) == (own[1], own[2])
    assert mine["slotGroups"][-1]["owner"] == {"id": ada.user["id"]}
    ada.client.request("DELETE", f"{path}/slotgroups", json={"slotGroups": own[1:]})
    assert set(ada.client.get(f"{path}/slotsets").json()["slotSets"]) == {"slotGroups"}


def test_groups_of_a_slot_that_cannot_be_written_are_named(ada: Person, bob: Person) -> None:
    reading = group(bob, membersCanPost=False, invitees=[ada.user["id"]])
    writing = group(bob, invitees=[ada.user["id"]])
    path = f"/v1/slots/{slot(ada)['id']}/slotgroups"

    for method in ("POST", "POST", "DELETE", "DELETE"):
        answer = ada.client.request(method, path, json={"slotGroups": [reading, writing]})
        assert (answer.status_code, answer.json()) == (200, {"unauthorizedSlotgroups": [reading]})
    wrong = ada.client.post(path, json={"slotGroups": ["x"]})
    assert (wrong.status_code, set(wrong.json()["error"])) == (422, {"slot_groups"})
    assert ada.client.post(path, json={}).status_code == 422


def test_turning_a_group_public_opens_none_of_its_slots(ada: Person, bob: Person) -> None:
    uuid = group(ada)
    found = slot(ada, slotGroups=[uuid])

    assert ada.client.patch(f"/v1/groups/{uuid}", json={"public": True}).status_code == 200

    assert shown(ada, found)["visibility"] == "private"
    assert bob.client.get(f"/v1/slots/{found['id']}").status_code == 404
    seen = bob.client.get(f"/v1/groups/{uuid}/slots").json()
    assert seen == {"id": uuid, "slotCount": 0, "upcomingCount": 0, "slots": []}
    assert bob.client.get(f"/v1/groups/{uuid}").json()["slotCount"] == 0
    assert bob.client.get(f"/v1/groups/{uuid}/dates").json() == {"result": []}


def test_nothing_of_a_deleted_account_is_seen(ada: Person, bob: Person, api: httpx.Client) -> None:
    club = group(ada, public=True, membersCanPost=True, invitees=[bob.user["id"]])
    theirs, mine = slot(ada, slotGroups=[club]), slot(bob, slotGroups=[club])

    assert ada.client.delete("/v1/me").status_code == 200

    assert [client.get(f"/v1/slots/{theirs['id']}").status_code for client in (bob.client, api)] == [404, 404]
    assert bob.client.get(f"/v1/users/{ada.user['id']}/slots").status_code == 404
    assert bob.client.get(f"/v1/groups/{club}").status_code == 404
    assert [found["id"] for found in bob.client.get("/v1/me/library").json()] == [mine["id"]]
    assert bob.client.get(f"/v1/slots/{mine['id']}").json()["slotGroupUuids"] == []
