"""/v1/slots over the running server: the acceptance checklist of slots, and its defects that stay away."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.conftest import Person

SignUp = Callable[..., Person]
START = "2031-05-06T13:44:02.000Z"
END = "2031-05-06T15:05:00.000Z"
WALK = {"title": "Harbour walk", "startDate": START, "endDate": END}
SLOT_KEYS = (
    "id title description startDate endDate rrule allday openEnd createdAt updatedAt deletedAt location creator notes"
    " media settings visibility likerIds likes commentsCounter firstGroup slotGroupUuids"
).split()
PLACE = {
    "name": "Quay 4",
    "thoroughfare": "Bryggen 4",
    "subThoroughfare": "b",
    "locality": "Bergen",
    "subLocality": "Vågen",
    "administrativeArea": "Vestland",
    "subAdministrativeArea": "Nord",
    "country": "Norway",
    "inLandWater": "Lille Lungegårdsvannet",
    "ocean": "North Sea",
    "areasOfInterest": "Fløyen",
    "postalCode": "5003",
    "isoCountryCode": "NO",
    "latitude": 60.397,
    "longitude": 5.324,
    "placeId": "p-7",
}


@pytest.fixture
def ada(person: SignUp) -> Person:
    return person()


def created(who: Person, **fields: Any) -> dict[str, Any]:
    answer = who.client.post("/v1/slots", json={**WALK, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def changed(who: Person, slot: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = who.client.patch(f"/v1/slots/{slot['id']}", json=fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def refused(answer: httpx.Response) -> tuple[int, set[str]]:
    error = answer.json()["error"]
    return answer.status_code, set(error) if isinstance(error, dict) else set()


def own_slots(who: Person) -> list[str]:
    return [slot["title"] for slot in who.client.get("/v1/me/library").json()]


def test_a_new_slot_has_all_keys_and_its_creator_in_full(ada: Person) -> None:
    slot = created(ada, location=PLACE, settings={"alerts": "0000010000"}, rrule="RRULE:FREQ=DAILY", description="By")

    assert list(slot) == [*SLOT_KEYS, "unauthorizedSlotgroups"]
    assert slot["creator"]["id"] == ada.user["id"]
    assert {"location", "slotCount", "calendarCount", "friendsCount"} <= set(slot["creator"])
    assert (slot["startDate"], slot["endDate"], slot["openEnd"], slot["allday"]) == (START, END, False, False)
    assert slot["settings"] == {"alerts": "0000010000"}
    assert (slot["rrule"], slot["description"], slot["deletedAt"]) == ("FREQ=DAILY", "By", None)
    assert {name: value for name, value in slot["location"].items() if name != "id"} == PLACE


def test_one_slot_answers_what_making_it_did_and_who_sees_it(ada: Person) -> None:
    slot = created(ada)

    shown = ada.client.get(f"/v1/slots/{slot['id']}").json()

    assert list(shown) == [*SLOT_KEYS, "visibleCount"]
    shared = set(SLOT_KEYS) - {"creator"}
    assert {name: shown[name] for name in shared} == {name: slot[name] for name in shared}
    assert shown["visibleCount"] == "1"
    assert shown["settings"] == {"alerts": "0000000000"}
    assert len(shown["creator"]) == 9


def test_snake_case_and_forms_are_the_same_request(ada: Person) -> None:
    snake = ada.client.post("/v1/slots", json={"title": "Walk", "start_date": START, "end_date": END})
    form = ada.client.post("/v1/slots", data={"title": "Walk", "startDate": START, "endDate": END, "allday": "false"})

    assert [answer.status_code for answer in (snake, form)] == [201, 201]
    assert [answer.json()["endDate"] for answer in (snake, form)] == [END, END]


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"title": ""}, {"title"}),
        ({"title": None}, {"title"}),
        ({"title": "x" * 61}, {"title"}),
        ({"title": 7}, {"title"}),
        ({"title": "a\0b"}, {"title"}),
        ({"startDate": ""}, {"start_date"}),
        ({"startDate": None}, {"start_date"}),
        ({"startDate": "garbage"}, {"start_date"}),
        ({"startDate": 5}, {"start_date"}),
        ({"startDate": "", "endDate": ""}, {"start_date"}),
        ({"endDate": "2031-05-06T13:44:01Z"}, {"end_date"}),
        ({"endDate": "0000-01-01"}, {"end_date"}),
        ({"allday": None}, {"allday"}),
        ({"allday": "maybe"}, {"allday"}),
        ({"visibility": ""}, {"visibility"}),
        ({"visibility": "!"}, {"visibility"}),
        ({"visibility": "1"}, {"visibility"}),
        ({"visibility": None}, {"visibility"}),
        ({"settings": {"alerts": "10101"}}, {"alerts"}),
        ({"settings": {"alerts": ""}}, {"alerts"}),
        ({"settings": {"alerts": "000001000x"}}, {"alerts"}),
        ({"settings": "no"}, {"settings"}),
        ({"slotGroups": ["abc"]}, {"slot_groups"}),
        ({"slotGroups": "abc"}, {"slot_groups"}),
        ({"description": "x" * 501}, {"description"}),
        ({"rrule": "FREQ=DAILY\r\nX-EVIL:1"}, {"rrule"}),
        ({"notes": [{"title": "", "content": "b"}]}, {"notes"}),
        ({"notes": [{"title": "a"}]}, {"notes"}),
        ({"notes": {"title": "a"}}, {"notes"}),
        ({"notes": [{"id": 1}]}, {"notes"}),
        ({"notes": [{"id": 2**70, "title": "a", "content": "b"}]}, {"notes"}),
        ({"media": [{"mediaType": "image"}]}, {"media"}),
        ({"media": [{"mediaType": "film", "publicId": "x"}]}, {"media"}),
        ({"media": [{"mediaType": "image", "publicId": "x" * 256}]}, {"media"}),
        ({"media": [{"mediaType": "image", "publicId": "x", "position": -1}]}, {"media"}),
        ({"media": [{"mediaType": "image", "publicId": "x", "position": 2**70}]}, {"media"}),
        ({"media": [{"mediaType": "audio", "publicId": "x", "duration": "NaN"}]}, {"media"}),
        ({"media": [{"mediaId": 4, "position": 0}]}, {"media"}),
        ({"location": {"latitude": 91}}, {"location"}),
        ({"location": {"postalCode": "x" * 33}}, {"location"}),
        ({"title": "", "startDate": "x", "visibility": "x"}, {"title", "start_date", "visibility"}),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_stored(ada: Person, fields: dict[str, Any], at_fault: set[str]) -> None:
    answer = ada.client.post("/v1/slots", json={**WALK, **fields})

    assert refused(answer) == (422, at_fault)
    assert own_slots(ada) == []


@pytest.mark.parametrize("missing", ["title", "startDate"])
def test_title_and_start_are_needed(ada: Person, missing: str) -> None:
    answer = ada.client.post("/v1/slots", json={name: value for name, value in WALK.items() if name != missing})

    assert refused(answer) == (422, {"title" if missing == "title" else "start_date"})


def test_half_a_character_is_422(ada: Person) -> None:
    answer = ada.client.post("/v1/slots", content=b'{"title":"\\ud800","startDate":"2031-05-06"}')

    assert answer.status_code == 422


def test_a_title_is_collapsed_before_it_is_measured(ada: Person) -> None:
    assert created(ada, title=f"  {'x' * 30} \n\t {'y' * 29}  ")["title"] == f"{'x' * 30} {'y' * 29}"


def test_an_instant_has_equal_start_and_end(ada: Person) -> None:
    assert created(ada, endDate=START)["endDate"] == START


@pytest.mark.parametrize("end", ["", None])
def test_an_empty_end_is_open_until_one_is_given(ada: Person, end: str | None) -> None:
    slot = created(ada, endDate=end)
    later = changed(ada, slot, endDate=END)

    assert ("endDate" in slot, slot["openEnd"]) == (False, True)
    assert (later["endDate"], later["openEnd"]) == (END, False)
    assert "endDate" not in changed(ada, slot, endDate="")


def test_an_all_day_slot_is_whole_utc_days(ada: Person) -> None:
    slot = created(ada, allday=True)

    assert (slot["allday"], slot["startDate"], slot["endDate"]) == (
        True,
        "2031-05-06T00:00:00.000Z",
        "2031-05-07T00:00:00.000Z",
    )
    assert created(ada, allday=True, endDate="2031-05-08T00:00:00Z")["endDate"] == "2031-05-08T00:00:00.000Z"
    assert created(ada, allday=True, endDate="2031-05-06T10:00:00Z")["openEnd"] is False


@pytest.mark.parametrize(
    ("fields", "after"),
    [
        ({"title": " New  title "}, {"title": "New title"}),
        ({"description": "Bring shoes"}, {"description": "Bring shoes"}),
        ({"startDate": "2031-05-06T14:00:00+01:00"}, {"startDate": "2031-05-06T13:00:00.000Z"}),
        ({"endDate": "2031-05-07"}, {"endDate": "2031-05-07T00:00:00.000Z"}),
        ({"allday": True}, {"allday": True, "startDate": "2031-05-06T00:00:00.000Z"}),
        ({"rrule": "FREQ=DAILY"}, {"rrule": "FREQ=DAILY"}),
        ({"rrule": "rrule:RRULE: FREQ=DAILY"}, {"rrule": "FREQ=DAILY"}),
        ({"settings": {"alerts": "1000000000"}}, {"settings": {"alerts": "1000000000"}}),
        ({"notes": [], "media": []}, {}),
        ({}, {}),
    ],
)
def test_each_field_changes_alone(ada: Person, fields: dict[str, Any], after: dict[str, Any]) -> None:
    slot = created(ada)

    answer = changed(ada, slot, **fields)

    kept = {name: value for name, value in slot.items() if name in SLOT_KEYS and name not in {"creator", "updatedAt"}}
    if "allday" in after:
        after = {**after, "endDate": "2031-05-07T00:00:00.000Z"}
    assert {name: answer[name] for name in kept} == {**kept, **after}


def test_a_change_with_one_wrong_field_changes_nothing(ada: Person) -> None:
    slot = created(ada)

    answer = ada.client.patch(
        f"/v1/slots/{slot['id']}",
        json={"title": "New", "notes": [{"title": "a", "content": "b"}], "endDate": "2031-05-06T00:00:00Z"},
    )

    assert refused(answer) == (422, {"end_date"})
    shown = ada.client.get(f"/v1/slots/{slot['id']}").json()
    assert (shown["title"], shown["notes"]) == ("Harbour walk", [])


def test_notes_are_added_changed_and_removed(ada: Person) -> None:
    slot = created(ada, notes=[{"title": "Bring", "content": "Binoculars", "localId": "n1"}])
    first = slot["notes"][0]

    both = changed(ada, slot, notes=[{"title": "Meet", "content": "At the pier"}])["notes"]
    assert [(note["title"], note["localId"]) for note in both] == [("Bring", "n1"), ("Meet", None)]
    edited = changed(ada, slot, notes=[{"id": first["id"], "content": "Nothing"}])["notes"]
    assert edited == [{**first, "content": "Nothing"}, both[1]]
    path = f"/v1/slots/{slot['id']}"
    unknown = ada.client.patch(path, json={"title": "X", "notes": [{"id": 10**18, "title": "a"}]})
    assert unknown.status_code == 404
    assert refused(ada.client.patch(path, json={"notes": [{"id": first["id"], "title": " "}]})) == (422, {"notes"})
    assert ada.client.request("DELETE", f"{path}/notes", json={"notes": [{"id": 2**70}]}).status_code in (404, 422)
    assert ada.client.request("DELETE", f"{path}/notes", json={}).status_code == 422
    gone = ada.client.request("DELETE", f"{path}/notes", json={"notes": [{"id": first["id"]}]})
    assert (gone.status_code, gone.content) == (200, b"")
    shown = ada.client.get(path).json()
    assert (shown["title"], shown["notes"]) == ("Harbour walk", [both[1]])


def media(slot: dict[str, Any]) -> dict[str, int]:
    return {item["publicId"]: item["position"] for item in slot["media"]}


def image(name: str, **fields: Any) -> dict[str, Any]:
    return {"mediaType": "image", "publicId": name, **fields}


def test_media_go_last_or_push_others_up(ada: Person) -> None:
    slot = created(ada, media=[image("a"), image("b")])
    assert media(slot) == {"a": 0, "b": 1}

    assert media(changed(ada, slot, media=[image("c")])) == {"a": 0, "b": 1, "c": 2}
    assert media(changed(ada, slot, media=[image("d", position="1")])) == {"a": 0, "d": 1, "b": 2, "c": 3}
    assert media(changed(ada, slot, media=[image("e", position=9)])) == {"a": 0, "d": 1, "b": 2, "c": 3, "e": 9}


def test_media_of_each_kind_say_what_belongs_to_it(ada: Person) -> None:
    slot = created(
        ada,
        media=[
            image("a", localId="l"),
            {"mediaType": "audio", "publicId": "b", "duration": 3.5, "title": "Song"},
            {"mediaType": "video", "publicId": "c", "duration": "7", "thumbnail": "t"},
        ],
    )

    common = {"mediaId", "publicId", "position", "localId", "mediaType", "createdAt"}
    assert [set(item) - common for item in slot["media"]] == [set(), {"duration", "title"}, {"duration", "thumbnail"}]
    assert [item.get("duration") for item in slot["media"]] == [None, 3.5, 7]


def test_media_are_reordered_by_position_or_by_their_list(ada: Person) -> None:
    slot = created(ada, media=[image("a"), image("b"), image("c")])
    ids = [item["mediaId"] for item in slot["media"]]

    moved = changed(ada, slot, media=[{"mediaId": key, "position": at} for key, at in zip(ids, (2, 0, 1), strict=True)])
    assert media(moved) == {"b": 0, "c": 1, "a": 2}
    assert media(changed(ada, slot, media=[{"mediaId": key} for key in ids])) == {"a": 0, "b": 1, "c": 2}
    path = f"/v1/slots/{slot['id']}"
    for positions in ((0, 0, 1), (1, 2, 3), (0, 1, None)):
        order = [{"mediaId": key, "position": at} for key, at in zip(ids, positions, strict=True)]
        assert refused(ada.client.patch(path, json={"media": order})) == (422, {"media"})
    assert ada.client.patch(path, json={"media": [{"mediaId": ids[0] + 10**9}]}).status_code == 404


def test_media_of_somebody_else_are_out_of_reach(ada: Person, person: SignUp) -> None:
    theirs = created(person(), media=[image("a"), image("b")], visibility="public")
    mine = created(ada, media=[image("c")])
    foreign = theirs["media"][0]["mediaId"]

    answer = ada.client.patch(f"/v1/slots/{mine['id']}", json={"media": [{"mediaId": foreign, "position": 0}]})

    assert answer.status_code == 404
    removal = ada.client.request("DELETE", f"/v1/slots/{mine['id']}/media", json={"media": [{"id": foreign}]})
    assert removal.status_code == 404
    assert media(ada.client.get(f"/v1/slots/{theirs['id']}").json()) == {"a": 0, "b": 1}


def test_another_image_follows_a_deleted_cover(ada: Person) -> None:
    slot = created(ada, media=[image("a"), image("b"), image("c"), {"mediaType": "audio", "publicId": "d"}])
    path = f"/v1/slots/{slot['id']}"

    cover = {"media": [{"id": slot["media"][0]["mediaId"]}]}
    answers = [ada.client.request("DELETE", f"{path}/media", json=cover) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 404]
    assert media(ada.client.get(path).json()) == {"c": 0, "b": 1, "d": 3}
    assert ada.client.request("DELETE", f"{path}/media", json={}).status_code == 422


def test_a_location_is_replaced_and_cleared(ada: Person) -> None:
    slot = created(ada)

    placed = changed(ada, slot, location={**PLACE, "latitude": "60.5", "privateLocation": True})["location"]
    assert {name: value for name, value in placed.items() if name != "id"} == {**PLACE, "latitude": 60.5}
    named = changed(ada, slot, location={"name": "My place"})["location"]
    assert {name for name, value in named.items() if value is not None} == {"id", "name"}
    assert changed(ada, slot, title="Other")["location"] == named
    spaced = changed(ada, slot, location={"name": "My place", "ocean": "", "country": " "})["location"]
    assert {name for name, value in spaced.items() if value is not None} == {"id", "name"}
    assert changed(ada, slot, location={"name": ""})["location"] is None
    assert changed(ada, slot, location=None)["location"] is None


def test_a_deleted_slot_is_seen_by_its_creator_alone_and_changed_by_nobody(ada: Person, person: SignUp) -> None:
    slot = created(ada, visibility="public", notes=[{"title": "a", "content": "b"}], media=[image("a")])
    path = f"/v1/slots/{slot['id']}"

    answer = ada.client.delete(path)

    gone = answer.json()
    assert (answer.status_code, list(gone)) == (200, [*SLOT_KEYS, "unauthorizedSlotgroups"])
    assert gone["deletedAt"] is not None
    assert (gone["notes"], gone["media"], gone["slotGroupUuids"], gone["unauthorizedSlotgroups"]) == ([], [], [], [])
    assert own_slots(ada) == []
    assert ada.client.get(path).json()["deletedAt"] == gone["deletedAt"]
    assert person().client.get(path).status_code == 404
    later = [
        ada.client.delete(path),
        ada.client.patch(path, json={"title": "x"}),
        ada.client.request("DELETE", f"{path}/notes", json={"notes": []}),
        ada.client.post(f"{path}/slotgroups", json={"slotGroups": []}),
    ]
    assert [answer.status_code for answer in later] == [404] * 4


@pytest.mark.parametrize("number", ["0", "abc", "-1", "1.0", "٣", "9" * 19, "9" * 40, "1%2F2", "%00"])
def test_what_is_no_known_number_is_404(ada: Person, number: str) -> None:
    calls = [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/slotsets")]
    answers = [ada.client.request(method, f"/v1/slots/{number}{path}") for method, path in calls]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert all(set(answer.json()) == {"error"} for answer in answers)


def test_only_reading_works_without_a_token(api: httpx.Client, ada: Person) -> None:
    slot = created(ada, visibility="public")
    path = f"/v1/slots/{slot['id']}"

    answers = [api.post("/v1/slots", json=WALK), api.patch(path, json={}), api.delete(path)]

    assert [answer.status_code for answer in answers] == [401] * 3
    shown = api.get(path, headers={"Authorization": "Token token=wrong"}).json()
    assert list(shown) == [name for name in [*SLOT_KEYS, "visibleCount"] if name != "settings"]
    assert shown["visibleCount"] == "all"


def test_the_alerts_of_one_reader_are_not_those_of_another(ada: Person, person: SignUp) -> None:
    slot = created(ada, visibility="public", settings={"alerts": "1111100000"})

    assert person().client.get(f"/v1/slots/{slot['id']}").json()["settings"] == {"alerts": "0000000000"}


def test_a_slot_with_a_foreign_uuid_among_its_groups_is_made_all_the_same(ada: Person, person: SignUp) -> None:
    group = ada.client.post("/v1/groups", json={"name": "Walks"}).json()["id"]
    second = ada.client.post("/v1/groups", json={"name": "Runs"}).json()["id"]
    deleted = ada.client.post("/v1/groups", json={"name": "Old"}).json()["id"]
    ada.client.delete(f"/v1/groups/{deleted}")
    foreign = person().client.post("/v1/groups", json={"name": "Theirs", "public": True}).json()["id"]
    unknown = str(uuid4())

    slot = created(
        ada, slotGroups=[group, foreign, second.upper(), deleted, unknown, ada.user["myCalendarUuid"], group]
    )

    assert slot["unauthorizedSlotgroups"] == [foreign, deleted, unknown]
    assert slot["slotGroupUuids"] == [group, second]
    assert slot["firstGroup"]["id"] == group
    assert slot["visibility"] == "private"
    assert [found["id"] for found in ada.client.get("/v1/me/schedule").json()] == [slot["id"]]


def test_many_requests_at_once_end_in_order(ada: Person) -> None:
    path = f"/v1/slots/{created(ada)['id']}"
    uuids = {"slotGroups": [ada.user["myPublicSlotsUuid"], ada.user["myCalendarUuid"]]}

    def ask(number: int) -> int:
        calls = (
            lambda: ada.client.patch(path, json={"notes": [{"title": "a", "content": "b"}], "location": PLACE}),
            lambda: ada.client.patch(path, json={"media": [image("x", position=0)], "settings": {"alerts": "1" * 10}}),
            lambda: ada.client.post(f"{path}/slotgroups", json=uuids),
            lambda: ada.client.request("DELETE", f"{path}/slotgroups", json=uuids),
            lambda: ada.client.get("/v1/me/library?limit=5"),
            lambda: ada.client.get(path),
        )
        return calls[number % len(calls)]().status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = set(threads.map(ask, range(48)))

    slot = ada.client.get(path).json()
    assert statuses == {200}
    assert (len(slot["notes"]), sorted(media_positions(slot))) == (8, list(range(8)))


def media_positions(slot: dict[str, Any]) -> list[int]:
    return [item["position"] for item in slot["media"]]
