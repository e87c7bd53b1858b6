"""A token, and who is signed in to it (docs/api/export-session.md)."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from slotport.actions import accounts as account_actions
from slotport.actions import resets
from slotport.core.account import Account
from slotport.storage import accounts
from tests.api.export.serving import PASSWORD, Caller, add_account, refusal
from tests.calendars import NOW, add_person
from tests.servers import HttpServer

INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
SESSION = "/api/v1/session"
SIGN_IN = f"{SESSION}/authenticate"
SIGN_OUT = f"{SESSION}/deauthenticate"


@pytest.fixture
def someone(exporting: HttpServer) -> Account:
    """Somebody with an account, and a name that nobody else has."""
    account = add_account(exporting.store, first_name="Mira", last_name="Holt")
    with exporting.store.write() as transaction:
        values = {"username": f"mira-{account.id}", "phone": f"+49 30 {account.id:07d}"}
        accounts.change(transaction, replace(account, **values))
    return replace(account, **values)


def new_token(web: httpx.Client) -> str:
    token: str = web.get(SESSION).json()["token"]
    return token


def sign_in(web: httpx.Client, token: str, login: str | None, password: str = PASSWORD, **more: str) -> httpx.Response:
    return web.post(SIGN_IN, data={"token": token, "login": login, "password": password, **more})


# Sessions


def test_a_new_session_has_a_token_and_nobody(web: httpx.Client) -> None:
    answer = web.get(SESSION)

    body = answer.json()
    assert re.fullmatch(r"[\w-]{43}", body.pop("token"))
    assert (answer.status_code, body) == (
        200,
        {
            "instance": {
                "name": "harbour",
                "api": "1",
                "server_version": 1,
                "solution": "slotport",
                "user-schema": 1,
            },
            "frontend_language": "en-US",
            "authentication_methods": [{"method": "slotport"}],
            "config": {"base": {}, "defaults": {}, "extensions": {}},
        },
    )


def test_each_has_a_token_of_its_own(web: httpx.Client) -> None:
    assert len({new_token(web) for _ in range(5)}) == 5


def test_a_session_speaks_a_language(web: httpx.Client) -> None:
    body = web.get(SESSION, params={"language": "de-DE"}).json()

    changed = web.get(SESSION, params={"token": body["token"], "language": "fr"})
    again = web.get(SESSION, params={"token": body["token"]})

    languages = [answer["frontend_language"] for answer in (body, changed.json(), again.json())]
    assert languages == ["de-DE", "fr", "fr"]


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("language", ["x", "xx", "xx-US", "en-XX", "de_DE", "en-" + "a" * 40, "<b>"])
def test_a_language_has_a_name(web: httpx.Client, language: str, *, is_new: bool) -> None:
    token = {} if is_new else {"token": new_token(web)}

    answer = web.get(SESSION, params={"language": language, **token})

    assert refusal(answer) == (400, "user.language_not_found", {"id": language[:35]})


@pytest.mark.parametrize("header", [False, True])
def test_an_unknown_session_is_not_found(web: httpx.Client, *, header: bool) -> None:
    sent: Any = {"headers": {"X-Easydb-Token": "abc"}} if header else {"params": {"token": "abc"}}

    assert refusal(web.get(SESSION, **sent)) == (400, "user.session_not_found", {"id": "abc"})


# Signing in


def test_signing_in_keeps_the_token(web: httpx.Client, someone: Account) -> None:
    token = new_token(web)

    answer = sign_in(web, token, someone.email)

    body = answer.json()
    assert (answer.status_code, body["token"]) == (200, token)
    assert re.fullmatch(INSTANT, body["authenticated"].pop("timestamp"))
    assert isinstance(body["current_max_event_id"], int)
    assert {name: body[name] for name in list(body)[5:-2]} == {
        "authenticated": {"method": "slotport"},
        "user": {
            "_basetype": "user",
            "user": {"_id": someone.id, "_generated_displayname": "Mira Holt", "login": someone.username},
        },
        "groups": [],
        "system_rights": {},
        "pending_tasks": [],
    }
    assert body["current_max_message_id"] == body["current_max_event_id"]
    assert web.get(SESSION, params={"token": token}).json() == answer.json()


@pytest.mark.parametrize("field", ["email", "phone", "username"])
def test_a_login_is_an_address_a_number_or_a_name(web: httpx.Client, someone: Account, field: str) -> None:
    assert sign_in(web, new_token(web), f" {getattr(someone, field)} ").status_code == 200


def test_an_address_has_no_case(web: httpx.Client, someone: Account) -> None:
    assert sign_in(web, new_token(web), (someone.email or "").upper()).status_code == 200


def test_a_name_that_two_have_signs_nobody_in(exporting: HttpServer, web: httpx.Client, someone: Account) -> None:
    add_person(exporting.store, username=someone.username)

    assert refusal(sign_in(web, new_token(web), someone.username)) == (400, "user.login_failed", {})


@pytest.mark.parametrize("place", ["query", "form", "multipart", "header"])
def test_it_may_be_said_in_several_places(web: httpx.Client, someone: Account, place: str) -> None:
    said = {"token": new_token(web), "login": someone.email or "", "password": PASSWORD}
    token = said.pop("token") if place == "header" else ""
    ways: dict[str, dict[str, Any]] = {
        "query": {"params": said},
        "form": {"data": said},
        "multipart": {"files": {name: (None, text) for name, text in said.items()}},
        "header": {"data": said, "headers": {"X-Easydb-Token": token}},
    }

    assert web.post(SIGN_IN, **ways[place]).status_code == 200


def test_json_is_not_taken(web: httpx.Client, someone: Account) -> None:
    answer = web.post(SIGN_IN, json={"token": new_token(web), "login": someone.email, "password": PASSWORD})

    assert refusal(answer) == (400, "api.invalid_content", {})


@pytest.mark.parametrize("path", ["/api/v1/session", "/api/v1/export", "/api/v1/event/poll/0"])
def test_two_tokens_are_one_too_many(caller: Caller, path: str) -> None:
    same = caller.client.get(path, params={"token": caller.token})
    other = caller.client.get(path, params={"token": "another"})
    twice = caller.client.get(f"{path}?token=a&token=b")

    refused = (400, "api.invalid_value", {"attribute": "token"})
    assert (same.status_code, refusal(other), refusal(twice)) == (200, refused, refused)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"login": "a"},
        {"password": "a"},
        {"login": "", "password": "a"},
        {"login": " ", "password": "a"},
        {"login": "a", "password": ""},
    ],
)
def test_login_and_password_are_needed(web: httpx.Client, said: dict[str, str]) -> None:
    answer = web.post(SIGN_IN, data={"token": new_token(web), **said})

    assert refusal(answer) == (400, "user.username_or_password_empty", {})


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("nobody@example.org", PASSWORD),
        ("{email}", "wrong"),
        ("{email}", PASSWORD + " "),
        ("{email}", f"root/{PASSWORD}"),
        ("{email}", f"{PASSWORD}/{PASSWORD}"),
        ("a" * 5000, "a" * 5000),
        ("%", PASSWORD),
    ],
)
def test_what_does_not_belong_together_fails(web: httpx.Client, someone: Account, login: str, password: str) -> None:
    answer = sign_in(web, new_token(web), login.format(email=someone.email), password)

    assert refusal(answer) == (400, "user.login_failed", {})


def test_a_disabled_account_is_told_so_for_the_right_password_only(
    exporting: HttpServer, web: httpx.Client, someone: Account
) -> None:
    account_actions.disable(exporting.store, someone.email or "", now=NOW)

    right, wrong = sign_in(web, new_token(web), someone.email), sign_in(web, new_token(web), someone.email, "wrong")

    assert refusal(right) == (400, "user.login_disabled", {})
    assert refusal(wrong) == (400, "user.login_failed", {})


@pytest.mark.parametrize("token", ["", "unknown"])
def test_a_session_is_needed(web: httpx.Client, someone: Account, token: str) -> None:
    assert refusal(sign_in(web, token, someone.email)) == (400, "user.session_not_found", {"id": token})


@pytest.mark.parametrize("methods", ["slotport", "easydb", "slotport,easydb", "easydb, slotport"])
def test_the_way_to_sign_in_has_two_names(web: httpx.Client, someone: Account, methods: str) -> None:
    body = sign_in(web, new_token(web), someone.email, method=methods).json()

    assert body["authenticated"]["method"] == "slotport"


@pytest.mark.parametrize("method", ["anonymous", "email", "collection", "task", "easydb_cookie", "x", "Slotport"])
def test_there_is_no_other_way(web: httpx.Client, someone: Account, method: str) -> None:
    answer = sign_in(web, new_token(web), someone.email, method=f"slotport,{method}")

    assert refusal(answer) == (400, "user.authentication_method_not_allowed", {"method": method})


@pytest.mark.parametrize(
    ("name", "value"), [("response_type", "javascript"), ("remember_me", "1"), ("remember_me", "true")]
)
def test_what_slotport_does_not_offer_is_refused(web: httpx.Client, someone: Account, name: str, value: str) -> None:
    answer = sign_in(web, new_token(web), someone.email, **{name: value})

    assert refusal(answer) == (400, "api.attribute_not_accepted", {"attribute": name})


def test_neutral_values_are_taken(web: httpx.Client, someone: Account) -> None:
    more = {"response_type": "json", "remember_me": "0", "log_event": "0", "unknown": "a"}

    assert sign_in(web, new_token(web), someone.email, **more).status_code == 200


def test_another_person_may_take_a_session_over(exporting: HttpServer, web: httpx.Client, someone: Account) -> None:
    other, token = add_account(exporting.store), new_token(web)
    sign_in(web, token, other.email)

    body = sign_in(web, token, someone.email).json()

    assert body["user"]["user"]["_id"] == someone.id


# Browsers


def test_browsers_are_led_on(web: httpx.Client, someone: Account) -> None:
    answer = sign_in(web, new_token(web), someone.email, success="/start?a=b#c", error="/sign-in")

    assert (answer.status_code, answer.headers["location"]) == (302, "/start?a=b#c")


@pytest.mark.parametrize(
    ("token", "login", "password", "goal"),
    [
        ("", "a b&#@example.org", "x", "/in#m:session_missing#l:a%20b%26%23%40example.org"),
        ("{token}", "nobody", "x", "/in#m:login_failed#l:nobody"),
        ("{token}", "", "x", "/in#m:username_or_password_empty#l:"),
    ],
)
def test_errors_lead_elsewhere(web: httpx.Client, token: str, login: str, password: str, goal: str) -> None:
    answer = sign_in(web, token.format(token=new_token(web)), login, password, error="/in")

    assert (answer.status_code, answer.headers["location"]) == (302, goal)


@pytest.mark.parametrize("name", ["success", "error"])
@pytest.mark.parametrize(
    "goal",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "/\t/elsewhere.example",
        "/a\r\nSet-Cookie: a=b",
        "start",
        "javascript:alert(1)",
        "/" + "a" * 3000,
    ],
)
def test_nobody_is_led_to_another_site(web: httpx.Client, someone: Account, name: str, goal: str) -> None:
    answer = sign_in(web, new_token(web), someone.email, **{name: goal})

    assert refusal(answer) == (400, "api.invalid_value", {"attribute": name})


# Signing out


def test_signing_out_twice_is_fine(caller: Caller) -> None:
    first, second = caller.client.post(SIGN_OUT), caller.client.post(SIGN_OUT, data={"token": caller.token})

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert (first.json()["token"], "user" in first.json()) == (caller.token, False)
    assert refusal(caller.client.get("/api/v1/export")) == (
        403,
        "user.not_authenticated",
        {"reason": "unauthenticated"},
    )


def test_an_unknown_token_cannot_sign_out(web: httpx.Client) -> None:
    plain = web.post(SIGN_OUT, data={"token": "unknown"})
    led = web.post(SIGN_OUT, data={"token": "unknown", "error": "/in"})

    assert refusal(plain) == (400, "user.session_not_found", {"id": "unknown"})
    assert (led.status_code, led.headers["location"]) == (302, "/in#m:session_missing#l:")


# Who is not signed in


@pytest.mark.parametrize("token", ["", "unknown", "session"])
def test_without_anybody_signed_in_it_is_403(web: httpx.Client, token: str) -> None:
    sent = new_token(web) if token == "session" else token

    answers = [
        web.get("/api/v1/export", params={"token": sent}),
        web.get("/api/v1/export", headers={"X-Easydb-Token": sent}),
    ]

    reason = {"": "missing", "unknown": "unknown", "session": "unauthenticated"}[token]
    assert [refusal(answer) for answer in answers] == [(403, "user.not_authenticated", {"reason": reason})] * 2


def test_a_token_may_stand_in_a_form(caller: Caller, web: httpx.Client) -> None:
    number = caller.create()

    answer = web.post(f"/api/v1/export/{number}/start", data={"token": caller.token})

    assert (answer.status_code, answer.json()["_state"]) == (200, "pending")


@pytest.mark.parametrize("how", ["password", "disabled", "deleted"])
def test_what_ends_sessions_signs_out(exporting: HttpServer, caller: Caller, how: str) -> None:
    store, email = exporting.store, caller.account.email or ""
    if how == "password":
        resets.replace_password(store, lambda _: caller.account.id, "another horse", "", now=NOW)
    elif how == "disabled":
        account_actions.disable(store, email, now=NOW)
    else:
        account_actions.remove(store, caller.account, now=NOW)

    answer = caller.client.get("/api/v1/export")

    assert refusal(answer) == (403, "user.not_authenticated", {"reason": "unauthenticated"})
    assert "user" not in caller.client.get(SESSION).json()


def test_a_token_works_on_no_other_surface(caller: Caller, web: httpx.Client) -> None:
    v1 = web.get("/v1/me", headers={"Authorization": f"Token token={caller.token}"})
    entities = web.get("/entities/users", headers={"Authorization": caller.token})

    assert (v1.status_code, entities.status_code) == (401, 403)


def test_no_other_surface_gives_a_token_for_this_one(web: httpx.Client) -> None:
    sent = {"username": "Ada", "email": "ada-v1@example.org", "password": PASSWORD}
    token = web.post("/v1/users", json=sent).json()["authToken"]

    answer = web.get("/api/v1/export", params={"token": token})

    assert refusal(answer) == (403, "user.not_authenticated", {"reason": "unknown"})


def test_tokens_are_stored_hashed(exporting: HttpServer, caller: Caller) -> None:
    with exporting.store.read() as transaction:
        connection = transaction.connection
        stored = [connection.exec_driver_sql(f"SELECT * FROM {one}").all() for one in ("export_session", "session")]

    assert caller.token not in repr(stored)


def test_every_new_session_is_another(web: httpx.Client, signed_in: Callable[..., Caller]) -> None:
    one = signed_in()
    with httpx.Client(base_url=web.base_url, trust_env=False) as other:
        token = new_token(other)
        sign_in(other, token, one.account.email)
        other.post(SIGN_OUT, data={"token": token})

    assert one.client.get("/api/v1/export").status_code == 200
