"""/v1/groups and /v1/calendars over the running server: the acceptance checklist of groups, and their rights."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.conftest import Person

SignUp = Callable[..., Person]
GROUP_KEYS = (
    "id name image description defaultColor membersCanPost membersCanInvite public createdAt updatedAt deletedAt owner"
    " memberIds memberCount slotCount"
).split()
WALK = {"title": "Harbour walk", "startDate": "2031-05-06T13:44:02Z", "endDate": "2031-05-06T15:05:00Z"}


@pytest.fixture
def ada(person: SignUp) -> Person:
    return person()


@pytest.fixture
def bob(person: SignUp) -> Person:
    return person()


def created(who: Person, **fields: Any) -> dict[str, Any]:
    answer = who.client.post("/v1/groups", json={"name": "Walks", **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def states(answer: httpx.Response) -> dict[int, str]:
    assert answer.status_code in (200, 201), answer.text
    found = answer.json()
    assert found["size"] == len(found["related"])
    return {item["id"]: item["state"] for item in found["related"]}


def put(who: Person, *uuids: str) -> dict[str, Any]:
    answer = who.client.post("/v1/slots", json={**WALK, "slotGroups": list(uuids)})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_new_group_has_an_owner_and_active_invitees(ada: Person, bob: Person, person: SignUp) -> None:
    eve = person()

    group = created(
        ada, name="  Long \n walks ", image="i", description="d", defaultColor="2244AA",
        invitees=[eve.user["id"], bob.user["id"], ada.user["id"]],
    )  # fmt: skip

    assert list(group) == [*GROUP_KEYS, "membershipState", "color"]
    assert {name: group[name] for name in ("name", "image", "description", "defaultColor", "public")} == {
        "name": "Long walks",
        "image": "i",
        "description": "d",
        "defaultColor": "2244AA",
        "public": False,
    }
    assert group["memberIds"] == sorted(who.user["id"] for who in (ada, bob, eve))
    assert (group["memberCount"], group["slotCount"], group["deletedAt"]) == (3, 0, None)
    assert (group["membershipState"], group["color"]) == ("active", "2244AA")
    assert group["owner"]["id"] == ada.user["id"]
    assert bob.client.get(f"/v1/groups/{group['id']}").json() == group


@pytest.mark.parametrize(
    ("fields", "rights"),
    [
        ({}, (True, False)),
        ({"public": True}, (False, True)),
        ({"membersCanPost": False, "membersCanInvite": True}, (False, True)),
        ({"public": True, "membersCanPost": True, "membersCanInvite": False}, (True, False)),
    ],
)
def test_rights_are_those_asked_for_or_usual(ada: Person, fields: dict[str, Any], rights: tuple[bool, bool]) -> None:
    group = created(ada, **fields)

    assert (group["membersCanPost"], group["membersCanInvite"]) == rights


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"name": ""}, {"name"}),
        ({"name": None}, {"name"}),
        ({"name": "x" * 256}, {"name"}),
        ({"name": "a\0"}, {"name"}),
        ({"image": "x" * 256}, {"image"}),
        ({"description": "x" * 256}, {"description"}),
        ({"defaultColor": "12345"}, {"default_color"}),
        ({"defaultColor": "1234567"}, {"default_color"}),
        ({"public": None}, {"public"}),
        ({"public": "perhaps"}, {"public"}),
        ({"membersCanPost": "no"}, {"members_can_post"}),
        ({"invitees": ["x"]}, {"invitees"}),
        ({"invitees": [10**12]}, {"invitees"}),
        ({"invitees": [-1]}, {"invitees"}),
        ({"invitees": [2**63]}, {"invitees"}),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_stored(ada: Person, fields: dict[str, Any], at_fault: set[str]) -> None:
    answer = ada.client.post("/v1/groups", json={"name": "Walks", **fields})

    assert (answer.status_code, set(answer.json()["error"])) == (422, at_fault)
    assert len(ada.client.get("/v1/me/calendars").json()["result"]) == 2
    assert ada.client.post("/v1/groups", json={}).status_code == 422


def test_only_members_see_a_private_group_and_anybody_a_public_one(ada: Person, bob: Person, api: httpx.Client) -> None:
    secret, club = created(ada)["id"], created(ada, public=True)["id"]
    paths = ("", "/slots", "/dates", "/members")

    assert [bob.client.get(f"/v1/groups/{secret}{path}").status_code for path in paths] == [403] * 4
    assert [bob.client.get(f"/v1/groups/{club}{path}").status_code for path in paths] == [200] * 4
    assert [api.get(f"/v1/groups/{club}{path}").status_code for path in paths] == [401] * 4
    seen = bob.client.get(f"/v1/groups/{club}").json()
    assert (seen["membershipState"], "color" in seen) == ("undefined", False)


def test_only_the_owner_changes_a_group(ada: Person, bob: Person) -> None:
    group = created(ada, invitees=[bob.user["id"]])
    path = f"/v1/groups/{group['id']}"

    assert bob.client.patch(path, json={"name": "Mine"}).status_code == 403
    answer = ada.client.patch(path, json={"name": "Runs", "description": None, "membersCanInvite": True})
    changed = {**group, "name": "Runs", "membersCanInvite": True}
    assert {**answer.json(), "updatedAt": ""} == {**changed, "updatedAt": ""}
    assert ada.client.patch(path, json={}).json() == answer.json()
    wrong = ada.client.patch(path, json={"name": " ", "image": "new"})
    assert (wrong.status_code, set(wrong.json()["error"])) == (422, {"name"})
    assert ada.client.get(path).json() == answer.json()


def test_deleting_a_group_ends_memberships_and_keeps_slots(ada: Person, bob: Person) -> None:
    group = created(ada, invitees=[bob.user["id"]], public=True)
    path, slot = f"/v1/groups/{group['id']}", put(ada, group["id"])

    assert bob.client.delete(path).status_code == 403
    gone = ada.client.delete(path)
    assert (gone.status_code, gone.json()["memberIds"], gone.json()["slotCount"]) == (200, [], 0)
    assert gone.json()["deletedAt"] is not None
    assert gone.json()["membershipState"] == "deleted"
    assert ada.client.get(path).json() == gone.json()
    assert ada.client.get(f"/v1/slots/{slot['id']}").json()["slotGroupUuids"] == []
    assert bob.client.get(path).status_code == 404
    assert group["id"] not in {found["id"] for found in bob.client.get("/v1/me/calendars").json()["result"]}
    later = [
        ada.client.delete(path),
        ada.client.patch(path, json={"name": "x"}),
        ada.client.get(f"{path}/related"),
        ada.client.post(f"{path}/members", json={"invitees": []}),
        bob.client.post(f"/v1/calendars/{group['id']}/subscribe"),
        bob.client.delete(f"{path}/members"),
    ]
    assert [answer.status_code for answer in later] == [404] * 6


@pytest.mark.parametrize("which", ["myPrivateSlotsUuid", "myPublicSlotsUuid"])
def test_the_default_calendars_stay(ada: Person, which: str) -> None:
    path = f"/v1/groups/{ada.user[which]}"

    answers = [
        ada.client.delete(path),
        ada.client.delete(f"{path}/members"),
        ada.client.delete(f"{path}/members/{ada.user['id']}"),
        ada.client.patch(path, json={"public": which == "myPrivateSlotsUuid"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert ada.client.patch(path, json={"name": "Mine"}).json()["name"] == "Mine"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/groups/{}"),
        ("PATCH", "/v1/groups/{}"),
        ("DELETE", "/v1/groups/{}"),
        ("GET", "/v1/groups/{}/slots"),
        ("GET", "/v1/groups/{}/slots?limit=2"),
        ("GET", "/v1/groups/{}/dates"),
        ("GET", "/v1/groups/{}/members"),
        ("GET", "/v1/groups/{}/related"),
        ("POST", "/v1/groups/{}/accept"),
        ("POST", "/v1/groups/{}/refuse"),
        ("DELETE", "/v1/groups/{}/members"),
        ("DELETE", "/v1/groups/{}/members/1"),
        ("POST", "/v1/calendars/{}/subscribe"),
        ("POST", "/v1/me/schedule/calendar/{}"),
        ("DELETE", "/v1/me/schedule/calendar/{}"),
    ],
)
def test_an_unknown_or_malformed_uuid_is_404(ada: Person, method: str, path: str) -> None:
    uuids = (str(uuid4()), "x", "{" + str(uuid4()) + "}", uuid4().hex, "%00")

    assert [ada.client.request(method, path.format(uuid)).status_code for uuid in uuids] == [404] * 5


def test_members_are_listed_for_members_and_all_states_for_the_owner(ada: Person, bob: Person) -> None:
    path = f"/v1/groups/{created(ada, invitees=[bob.user['id']])['id']}"

    members = bob.client.get(f"{path}/members").json()
    assert (members["membersCounter"], [item["id"] for item in members["members"]]) == (
        2,
        [ada.user["id"], bob.user["id"]],
    )
    assert set(members["members"][0]) == {"id", "username", "createdAt", "updatedAt", "deletedAt", "image"}
    assert bob.client.delete(f"{path}/members").status_code == 200
    related = ada.client.get(f"{path}/related")
    assert states(related) == {ada.user["id"]: "active", bob.user["id"]: "left"}
    assert [set(item) for item in related.json()["related"]] == [{"id", "state", "deletedAt"}] * 2
    assert [item["deletedAt"] is None for item in related.json()["related"]] == [True, False]
    assert bob.client.get(f"{path}/related").status_code == 403


def test_leaving_twice_is_forbidden(ada: Person, bob: Person) -> None:
    path = f"/v1/groups/{created(ada, invitees=[bob.user['id']])['id']}/members"

    answers = [bob.client.delete(path) for _ in range(2)]

    assert [(answer.status_code, answer.content[:2]) for answer in answers] == [(200, b""), (403, b'{"')]


def test_inviting_takes_the_right_to_and_brings_back_who_left(ada: Person, bob: Person, person: SignUp) -> None:
    eve = person()
    group = created(ada, invitees=[bob.user["id"]])
    path = f"/v1/groups/{group['id']}"
    invitation = {"invitees": [eve.user["id"], bob.user["id"]]}

    assert bob.client.post(f"{path}/members", json=invitation).status_code == 403
    ada.client.patch(path, json={"membersCanInvite": True})
    answer = bob.client.post(f"{path}/members", json=invitation)
    assert (answer.status_code, set(states(answer).values())) == (201, {"active"})
    ada.client.delete(f"{path}/members/{eve.user['id']}")
    bob.client.delete(f"{path}/members")
    assert bob.client.post(f"{path}/members", json=invitation).status_code == 403
    assert states(ada.client.get(f"{path}/related")) == {
        ada.user["id"]: "active",
        bob.user["id"]: "left",
        eve.user["id"]: "kicked",
    }
    assert set(states(ada.client.post(f"{path}/members", json=invitation)).values()) == {"active"}
    assert ada.client.post(f"{path}/members", json={}).status_code == 422
    assert ada.client.post(f"{path}/members", json={"invitees": [10**12]}).status_code == 422


def test_the_owner_alone_kicks(ada: Person, bob: Person, person: SignUp) -> None:
    eve = person()
    path = f"/v1/groups/{created(ada, invitees=[bob.user['id']])['id']}/members"

    assert bob.client.delete(f"{path}/{ada.user['id']}").status_code == 403
    assert ada.client.delete(f"{path}/{bob.user['id']}").status_code == 200
    assert [ada.client.delete(f"{path}/{number}").status_code for number in (eve.user["id"], 10**12)] == [200, 200]
    assert [ada.client.delete(f"{path}/{number}").status_code for number in ("x", "9" * 19, "-1")] == [404] * 3
    assert bob.client.get(path).status_code == 403


def test_subscribing_is_for_public_calendars(ada: Person, bob: Person) -> None:
    club, secret = created(ada, public=True, defaultColor="AABBCC")["id"], created(ada)["id"]

    answers = [bob.client.post(f"/v1/calendars/{club}/subscribe") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert states(answers[0]) == {ada.user["id"]: "active", bob.user["id"]: "active"}
    assert bob.client.get(f"/v1/groups/{club}").json()["color"] == "AABBCC"
    assert bob.client.post(f"/v1/calendars/{secret}/subscribe").status_code == 403


def test_posting_takes_the_right_to(ada: Person, bob: Person) -> None:
    club = created(ada, public=True)["id"]
    bob.client.post(f"/v1/calendars/{club}/subscribe")

    assert put(bob, club)["unauthorizedSlotgroups"] == [club]
    ada.client.patch(f"/v1/groups/{club}", json={"membersCanPost": True})
    slot = put(bob, club)
    assert (slot["unauthorizedSlotgroups"], slot["visibility"]) == ([], "public")
    bob.client.delete(f"/v1/groups/{club}/members")
    assert put(bob, club)["unauthorizedSlotgroups"] == [club]


def test_there_is_nothing_to_accept_or_refuse_without_an_invitation(ada: Person, bob: Person) -> None:
    path = f"/v1/groups/{created(ada, invitees=[bob.user['id']])['id']}"

    assert [bob.client.post(f"{path}/{word}").status_code for word in ("accept", "refuse")] == [403, 403]


def test_a_member_sets_colour_notifications_and_alerts(ada: Person, bob: Person) -> None:
    group = created(ada, invitees=[bob.user["id"]])["id"]
    path = f"/v1/groups/{group}/members"

    answer = bob.client.patch(
        path, json={"settings": {"color": "2244AA", "notifications": False, "defaultAlerts": "0000010000"}}
    )

    assert (answer.status_code, answer.content) == (200, b"")
    assert bob.client.get(f"/v1/groups/{group}").json()["color"] == "2244AA"
    assert ada.client.get(f"/v1/groups/{group}").json()["color"] == "000000"
    memberships = bob.client.get("/v1/me").json()["memberships"]
    assert {"groupId": group, "state": "active", "color": "2244AA", "notifications": False} in memberships
    for wrong in ({"color": "12"}, {"defaultAlerts": "1"}, {"notifications": "maybe"}, {"color": 5}, "x"):
        assert bob.client.patch(path, json={"settings": wrong}).status_code == 422
    assert bob.client.patch(path, json={}).status_code == 422
    bob.client.delete(path)
    assert bob.client.patch(path, json={"settings": {"color": "111111"}}).status_code == 403


def test_an_owner_who_left_still_owns_and_reads_what_is_its_own(ada: Person, bob: Person) -> None:
    group = created(ada, invitees=[bob.user["id"]])["id"]
    path = f"/v1/groups/{group}"
    mine, theirs = put(ada, group)["id"], put(bob, group)["id"]

    assert ada.client.delete(f"{path}/members").status_code == 200

    assert [slot["id"] for slot in ada.client.get(f"{path}/slots").json()["slots"]] == [mine]
    assert ada.client.get(f"/v1/slots/{theirs}").status_code == 404
    assert ada.client.patch(path, json={"name": "Still mine"}).status_code == 200
    assert ada.client.post(f"{path}/members", json={"invitees": [ada.user["id"]]}).status_code == 201
    assert [slot["id"] for slot in ada.client.get(f"{path}/slots").json()["slots"]] == [mine, theirs]


@pytest.mark.parametrize(
    "keep", ["?keepSlotsInSchedule=1", "?keep_slots_in_schedule=true", "", "?keepSlotsInSchedule=0"]
)
@pytest.mark.parametrize("way", ["leave", "delete"])
def test_slots_stay_in_the_schedule_if_asked(ada: Person, bob: Person, keep: str, way: str) -> None:
    club = created(ada, public=True, invitees=[bob.user["id"]])["id"]
    slot = put(ada, club)["id"]
    who = bob if way == "leave" else ada
    who.client.post(f"/v1/me/schedule/calendar/{club}")
    assert [found["id"] for found in who.client.get("/v1/me/schedule").json()] == [slot]

    path = f"/v1/groups/{club}/members" if way == "leave" else f"/v1/groups/{club}"
    assert who.client.delete(f"{path}{keep}").status_code == 200

    kept = keep.endswith(("=1", "=true"))
    assert [found["id"] for found in who.client.get("/v1/me/schedule").json()] == ([slot] if kept else [])


def test_keeping_slots_may_be_asked_in_the_body(ada: Person) -> None:
    group = created(ada)["id"]
    ada.client.post(f"/v1/me/schedule/calendar/{group}")
    slot = put(ada, group)["id"]

    answer = ada.client.request("DELETE", f"/v1/groups/{group}", json={"keepSlotsInSchedule": True})

    assert answer.status_code == 200
    assert [found["id"] for found in ada.client.get("/v1/me/schedule").json()] == [slot]
