"""Accounts over HTTP: sign-up, sign-in and -out, the own profile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from slotport.actions import accounts
from slotport.api.app import utc_now
from slotport.settings import Settings
from tests.conftest import Person
from tests.servers import HttpServer, http_server

OWN_USER = """
    id username firstName middleName lastName createdAt updatedAt deletedAt image location slotCount calendarCount
    friendsCount gender lang email emailVerified phone phoneVerified publicUrl push myCalendarUuid
    friendsCalendarUuid allMySlotsUuid myCreatedSlotsUuid myPrivateSlotsUuid myFriendSlotsUuid myPublicSlotsUuid
    friendships memberships friendshipState
""".split()
NEEDS_TOKEN = {"error": "this needs the header `Authorization: Token token=…` with a token that is valid"}
WRONG_PAIR = {"error": "there is no account with this name and password"}

SignUp = Callable[..., Person]


def error_of(answer: httpx.Response, status: int = 422) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()["error"]


def sign_in(client: httpx.Client, login: str, password: str = "correct horse") -> httpx.Response:
    return client.post("/v1/users/signin", json={"email": login, "password": password})


def is_good(client: httpx.Client, token: str) -> bool:
    return client.get("/v1/me", headers={"Authorization": f"Token token={token}"}).status_code == 200


# Sign-up


def test_sign_up_answers_the_own_user_with_a_token(api: httpx.Client) -> None:
    sent = {
        "username": "  Ada   Lovelace ",
        "password": "secret",
        "email": "Ada.Up@Example.org",
        "phone": "+44 20 7946 0001",
        "firstName": "Ada",
        "middle_name": "King",
        "lastName": "Lovelace",
        "gender": "female",
        "lang": "en",
        "device": {"deviceId": "d1", "system": "ios", "version": "9", "token": "push"},
    }

    answer = api.post("/v1/users", json=sent)

    user = answer.json()
    private, public = user["myPrivateSlotsUuid"], user["myPublicSlotsUuid"]
    assert answer.status_code == 201
    assert list(user) == [*OWN_USER, "authToken"]
    assert len(user["authToken"]) == 43
    varying = {"id", "createdAt", "updatedAt"} | {name for name in OWN_USER if name.endswith("Uuid")}
    assert {name: user[name] for name in OWN_USER if name not in varying} == {
        "username": "Ada Lovelace",
        "firstName": "Ada",
        "middleName": "King",
        "lastName": "Lovelace",
        "deletedAt": None,
        "image": "",
        "location": None,
        "slotCount": 0,
        "calendarCount": 2,
        "friendsCount": 0,
        "gender": "female",
        "lang": "en",
        "email": "Ada.Up@Example.org",
        "emailVerified": False,
        "phone": "+44 20 7946 0001",
        "phoneVerified": False,
        "publicUrl": None,
        "push": True,
        "friendships": [],
        "memberships": [
            {"groupId": private, "state": "active", "color": "000000", "notifications": True},
            {"groupId": public, "state": "active", "color": "000000", "notifications": True},
        ],
        "friendshipState": "myself",
    }
    assert len({UUID(user[name]) for name in OWN_USER if name.endswith("Uuid")}) == 7
    assert "secret" not in answer.text


def test_the_two_calendars_are_groups_of_the_new_user(person: SignUp) -> None:
    ada = person()

    uuids = [ada.user[name] for name in ("myPrivateSlotsUuid", "myPublicSlotsUuid")]
    groups = [ada.client.get(f"/v1/groups/{uuid}").json() for uuid in uuids]

    shown = ("name", "public", "membersCanPost", "membersCanInvite", "membershipState")
    assert [[group[name] for name in shown] for group in groups] == [
        ["Private", False, True, False, "active"],
        ["Public", True, False, True, "active"],
    ]
    assert [group["owner"]["id"] for group in groups] == [ada.user["id"]] * 2


@pytest.mark.parametrize("kind", ["data", "files"])
def test_sign_up_takes_forms_too(api: httpx.Client, kind: str) -> None:
    sent = {"username": "Form", "password": "12345", "email": f"{kind}@example.org", "device[system]": "web"}
    body = {name: (None, text) for name, text in sent.items()} if kind == "files" else sent

    answer = api.post("/v1/users", **{kind: body})  # type: ignore[arg-type]

    assert (answer.status_code, answer.json()["email"]) == (201, f"{kind}@example.org")


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_sign_up_names_every_field_it_lacks(api: httpx.Client, body: bytes) -> None:
    answer = api.post("/v1/users", content=body, headers={"Content-Type": "application/json"})

    assert error_of(answer) == {
        "username": ["can't be blank"],
        "email": ["or phone is needed"],
        "password": ["can't be blank"],
    }


BETWEEN_3_AND_50 = ["must have 3 to 50 characters"]
NO_EMAIL = ["must look like x@y.z"]
NO_GENDER = ["must be one of male, female, other"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"username": "ab"}, {"username": BETWEEN_3_AND_50}),
        ({"username": "a  b"}, None),
        ({"username": " ab "}, {"username": BETWEEN_3_AND_50}),
        ({"username": "x" * 50}, None),
        ({"username": "x" * 51}, {"username": BETWEEN_3_AND_50}),
        ({"username": " \t\n"}, {"username": ["can't be blank"]}),
        ({"username": "😀" * 50}, None),
        ({"username": 7}, {"username": ["must be text, not a whole number"]}),
        ({"username": "a\0bc"}, {"username": ["must not hold the character NUL"]}),
        ({"password": "1234"}, {"password": ["must have 5 to 72 characters"]}),
        ({"password": "x" * 72}, None),
        ({"password": "x" * 73}, {"password": ["must have 5 to 72 characters"]}),
        ({"password": ""}, {"password": ["can't be blank"]}),
        ({"email": None}, {"email": ["or phone is needed"]}),
        ({"email": "x"}, {"email": NO_EMAIL}),
        ({"email": "x@y"}, {"email": NO_EMAIL}),
        ({"email": "x @y.z"}, {"email": NO_EMAIL}),
        ({"email": "x@y.z\r\nBcc: a@b.c"}, {"email": NO_EMAIL}),
        ({"email": "a@b@c.d"}, {"email": NO_EMAIL}),
        ({"email": "x" * 246 + "@long.up"}, None),
        ({"email": "x" * 247 + "@long.up"}, {"email": ["must have at most 254 characters"]}),
        ({"email": None, "phone": "1" * 35}, None),
        ({"phone": "1" * 36}, {"phone": ["must have at most 35 characters"]}),
        ({"firstName": "A"}, {"first_name": ["must have 2 to 50 characters"]}),
        ({"middleName": "x" * 51}, {"middle_name": ["must have 2 to 50 characters"]}),
        ({"lastName": ""}, None),
        ({"lang": "eng"}, {"lang": ["must have exactly 2 characters"]}),
        ({"gender": "robot"}, {"gender": NO_GENDER}),
        ({"device": {"token": "x" * 256}}, {"device": ["must have texts of at most 255 characters"]}),
    ],
)
def test_the_limits_of_sign_up(person: SignUp, fields: dict[str, Any], error: Any, api: httpx.Client) -> None:
    if error is None:
        assert len(person(**fields).token) == 43
        return
    sent = {"username": "Limits", "password": "12345", "email": "limits@example.org", **fields}

    assert error_of(api.post("/v1/users", json=sent)) == error


def test_half_a_character_is_refused(api: httpx.Client) -> None:
    sent = rb'{"username":"Half \ud800","password":"12345","email":"half@example.org"}'

    answer = api.post("/v1/users", content=sent, headers={"Content-Type": "application/json"})

    assert list(error_of(answer)) == ["body"]


def test_an_address_is_taken_in_any_case(person: SignUp, api: httpx.Client) -> None:
    ada = person()

    sent = {"username": "Other", "password": "12345", "email": ada.email.upper()}

    assert error_of(api.post("/v1/users", json=sent)) == {"email": ["has an account already"]}


def test_of_two_sign_ups_at_once_one_is_refused(tmp_path: Path) -> None:
    with http_server(Settings(data=tmp_path, port=0)) as server:

        def sign_up(number: int) -> tuple[int, object]:
            sent = {"username": "Twins", "password": "12345", "email": f"{'Tt'[number % 2]}win@example.org"}
            answer = httpx.post(f"{server.url}/v1/users", json=sent, trust_env=False, timeout=60)
            return answer.status_code, answer.json().get("error")

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(sign_up, range(4)))

    assert sorted(answers, key=str) == [(201, None), *[(422, {"email": ["has an account already"]})] * 3]


# Sign-in and sign-out


def test_sign_in_ignores_the_case_of_the_address(person: SignUp, api: httpx.Client) -> None:
    ada = person()

    answer = sign_in(api, ada.email.upper())

    assert answer.status_code == 200
    user = answer.json()
    assert len(user.pop("authToken")) == 43
    assert user == ada.user
    assert list(user) == OWN_USER


def test_sign_in_works_by_phone(person: SignUp, api: httpx.Client) -> None:
    ada = person(email=None, phone="+49 30 555")

    answer = api.post("/v1/users/signin", json={"phone": "+49 30 555", "password": ada.password})

    assert (answer.status_code, answer.json()["id"]) == (200, ada.user["id"])


def test_a_wrong_pair_answers_alike_for_known_and_unknown(person: SignUp, api: httpx.Client) -> None:
    ada = person()

    answers = [sign_in(api, ada.email, "wrong"), sign_in(api, "nobody@example.org", "wrong")]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(401, WRONG_PAIR)] * 2


def test_sign_in_names_what_it_lacks(api: httpx.Client) -> None:
    assert error_of(api.post("/v1/users/signin", json={"password": "x"})) == {"email": ["or phone is needed"]}
    assert error_of(sign_in(api, "a@b.c", "")) == {"password": ["can't be blank"]}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_sign_out_ends_the_token_that_was_sent(person: SignUp, api: httpx.Client, method: str) -> None:
    ada = person()
    other = sign_in(api, ada.email).json()["authToken"]

    first, second = (ada.client.request(method, "/v1/me/signout") for _ in range(2))

    assert (first.status_code, first.content) == (200, b"")
    assert (second.status_code, second.json()) == (401, NEEDS_TOKEN)
    assert is_good(api, other)


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Token token={}", 200),
        ('Token token="{}"', 200),
        ("Token token={}x", 401),
        ("Bearer {}", 401),
        ("Token {}", 401),
        ("", 401),
    ],
)
def test_only_a_token_in_its_header_signs_in(person: SignUp, api: httpx.Client, header: str, status: int) -> None:
    token = person().token

    answer = api.get("/v1/me", headers={"Authorization": header.format(token), "Cookie": f"token={token}"})

    assert answer.status_code == status
    assert answer.json() == NEEDS_TOKEN or list(answer.json()) == OWN_USER


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_the_profile_needs_a_token_before_anything_else(api: httpx.Client, method: str) -> None:
    answer = api.request(method, "/v1/me", content=b"{broken")

    assert (answer.status_code, answer.json()) == (401, NEEDS_TOKEN)


def test_failed_sign_ins_are_limited(tmp_path: Path) -> None:
    limits = Settings(data=tmp_path, port=0, sign_in_attempts=2, sign_in_window_seconds=60)
    with http_server(limits) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        client.post("/v1/users", json={"username": "Ada", "email": "a@b.c", "password": "correct horse"})

        answers = [sign_in(client, "a@b.c", "wrong") for _ in range(2)] + [sign_in(client, "a@b.c")]

    last = answers[-1]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert 1 <= int(last.headers["Retry-After"]) <= 60
    assert last.json() == {"error": f"too many failed sign-ins; try again in {last.headers['Retry-After']} seconds"}


def test_a_disabled_accounts_tokens_and_sign_in_do_not_work(
    person: SignUp, api: httpx.Client, server: HttpServer
) -> None:
    ada = person()

    accounts.disable(server.store, ada.email, now=utc_now())

    assert ada.client.get("/v1/me").status_code == 401
    assert sign_in(api, ada.email).json() == WRONG_PAIR


def test_a_token_ends_when_it_was_not_used_for_its_days(tmp_path: Path) -> None:
    now = [utc_now()]
    with http_server(Settings(data=tmp_path, port=0, token_days=10), clock=lambda: now[0]) as server:
        client = httpx.Client(base_url=server.url, trust_env=False)
        sent = {"username": "Ada", "email": "a@b.c", "password": "correct horse"}
        token = client.post("/v1/users", json=sent).json()["authToken"]
        answers = []
        for days in (9, 9, 11):
            now[0] += timedelta(days=days)
            answers.append(is_good(client, token))
        client.close()

    assert answers == [True, True, False]


# The own profile


def test_me_shows_the_own_user(person: SignUp) -> None:
    ada = person()

    answer = ada.client.get("/v1/me")

    assert (answer.status_code, answer.json()) == (200, ada.user)


def test_a_patch_changes_only_what_it_sends(person: SignUp) -> None:
    ada = person(firstName="Ada", lang="en")
    sent = {"username": " Grace  H ", "image": "g.png", "publicUrl": "https://g.example", "push": False, "lang": None}

    answer = ada.client.patch("/v1/me", json=sent)

    changed = {**sent, "username": "Grace H", "updatedAt": answer.json()["updatedAt"]}
    assert (answer.status_code, answer.json()) == (200, {**ada.user, **changed})
    assert ada.client.get("/v1/me").json() == answer.json()
    assert ada.client.patch("/v1/me").json()["username"] == "Grace H"


def test_the_location_is_given_back_with_every_key_and_can_be_cleared(person: SignUp) -> None:
    ada = person()
    sent = {"name": "Home", "subLocality": "W1", "latitude": "51.5", "longitude": -0.1, "privateLocation": True}

    location = ada.client.patch("/v1/me", json={"location": sent}).json()["location"]
    cleared = ada.client.patch("/v1/me", json={"location": None}).json()["location"]

    assert str(UUID(location.pop("id")))
    assert len(location) == 16
    assert {name: value for name, value in location.items() if value is not None} == {
        "name": "Home",
        "subLocality": "W1",
        "latitude": 51.5,
        "longitude": -0.1,
    }
    assert cleared is None


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"username": ""}, {"username": ["can't be blank"]}),
        ({"username": "", "gender": "x"}, {"username": ["can't be blank"], "gender": NO_GENDER}),
        ({"email": None}, {"email": ["or phone is needed"]}),
        ({"push": None}, {"push": ["must be true or false"]}),
        ({"push": "yes"}, {"push": ["must be true or false, not text"]}),
        ({"image": "x" * 256}, {"image": ["must have at most 255 characters"]}),
        ({"password": None}, {"password": ["can't be blank"]}),
        ({"password": "1234", "oldPassword": "correct horse"}, {"password": ["must have 5 to 72 characters"]}),
        ({"password": "12345"}, {"old_password": ["can't be blank"]}),
        ({"location": {"name": "x" * 256}}, {"location": ["name must have at most 255 characters"]}),
        ({"location": {"latitude": "north"}}, {"location": ["latitude must be a number from -90 to 90"]}),
        ({"location": {"longitude": 181}}, {"location": ["longitude must be a number from -180 to 180"]}),
        ({"location": 7}, {"location": ["must be an object, not a whole number"]}),
    ],
)
def test_a_wrong_patch_changes_nothing(person: SignUp, sent: dict[str, Any], error: Any) -> None:
    ada = person()

    answer = ada.client.patch("/v1/me", json={"firstName": "Changed", **sent})

    assert error_of(answer) == error
    assert ada.client.get("/v1/me").json() == ada.user


def test_anothers_address_or_number_is_refused(person: SignUp) -> None:
    ada, bob = person(phone="+1 555 1"), person()

    answers = [bob.client.patch("/v1/me", json=sent) for sent in ({"email": ada.email.upper()}, {"phone": "+1 555 1"})]

    assert [error_of(answer) for answer in answers] == [
        {"email": ["has an account already"]},
        {"phone": ["has an account already"]},
    ]


def test_the_own_address_may_change_its_case(person: SignUp) -> None:
    ada = person()

    assert ada.client.patch("/v1/me", json={"email": ada.email.upper()}).json()["email"] == ada.email.upper()


def test_a_new_password_keeps_the_calling_token_only(person: SignUp, api: httpx.Client) -> None:
    ada = person()
    other = sign_in(api, ada.email).json()["authToken"]

    wrong = ada.client.patch("/v1/me", json={"password": "second one", "oldPassword": "wrong"})
    kept = is_good(api, other)
    right = ada.client.patch("/v1/me", json={"password": "second one", "old_password": ada.password})

    assert (wrong.status_code, wrong.json(), kept) == (401, {"error": "the old password is another one"}, True)
    assert right.status_code == 200
    assert [is_good(api, ada.token), is_good(api, other)] == [True, False]
    assert [sign_in(api, ada.email, word).status_code for word in (ada.password, "second one")] == [401, 200]


def test_a_deleted_account_is_gone_for_all(person: SignUp, api: httpx.Client) -> None:
    ada, bob = person(), person()
    slot = {"title": "Tea", "startDate": "2031-05-06T10:00Z", "endDate": "2031-05-06T11:00Z", "visibility": "public"}
    made = ada.client.post("/v1/slots", json=slot).json()
    seen = bob.client.get(f"/v1/slots/{made['id']}").status_code

    answer = ada.client.delete("/v1/me")

    user = answer.json()
    assert (answer.status_code, seen) == (200, 200)
    assert list(user) == OWN_USER
    assert user["deletedAt"] == user["updatedAt"] != None  # noqa: E711
    assert (user["slotCount"], user["calendarCount"], user["memberships"]) == (0, 0, [])
    assert bob.client.get(f"/v1/slots/{made['id']}").status_code == 404
    assert bob.client.get(f"/v1/groups/{ada.user['myPublicSlotsUuid']}").status_code == 404
    assert ada.client.get("/v1/me").json() == NEEDS_TOKEN
    assert sign_in(api, ada.email).json() == WRONG_PAIR
    assert person(email=ada.email).user["id"] != ada.user["id"]


def test_no_answer_ever_holds_a_password_or_a_hash(person: SignUp) -> None:
    ada = person(password="very secret indeed")

    answers = [ada.client.get("/v1/me"), ada.client.patch("/v1/me", json={"lang": "de"}), ada.client.delete("/v1/me")]

    for answer in answers:
        assert "very secret" not in answer.text
        assert "argon2" not in answer.text
        assert ada.token not in answer.text
