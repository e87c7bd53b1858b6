"""The own account: profile, password, sessions of all surfaces, tokens, deletion. Nobody sees or ends another's."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx
import pytest

from slotport.actions.sign_in import new_session
from slotport.settings import Settings
from slotport.storage import accounts
from tests.conftest import Person
from tests.servers import HttpServer, http_server

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PASSWORD = "harbour"
NUMBERS = count(1)


@pytest.fixture
def browsers(server: HttpServer) -> Iterator[Callable[..., httpx.Client]]:
    """A function that gives a browser; keywords are headers."""
    opened: list[httpx.Client] = []

    def browser(**headers: str) -> httpx.Client:
        sent = {**OURS, "User-Agent": FIREFOX, **{name.replace("_", "-"): text for name, text in headers.items()}}
        opened.append(httpx.Client(base_url=server.url, headers=sent, trust_env=False, timeout=30))
        return opened[-1]

    yield browser
    for client in opened:
        client.close()


@pytest.fixture
def ada(browsers: Callable[..., httpx.Client]) -> httpx.Client:
    """A browser that Ada is signed in with; ``ada.email`` is in the form that she signed up with."""
    return signed_up(browsers())


def signed_up(browser: httpx.Client) -> httpx.Client:
    email = f"account{next(NUMBERS)}@example.org"
    answer = browser.post("/app/sign-up", data={"username": "Ada", "email": email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return browser


def email_of(browser: httpx.Client) -> str:
    match = re.search(r'name="email" type="email" value="([^"]+)"', browser.get("/app/account").text)
    assert match
    return match[1]


def signed_in(browser: httpx.Client, email: str, password: str = PASSWORD) -> httpx.Client:
    answer = browser.post("/app/sign-in", data={"login": email, "password": password})
    assert answer.status_code == 303, answer.text
    return browser


def keys_of(browser: httpx.Client) -> list[str]:
    """The keys of the sessions that the page offers to end."""
    return re.findall(r'name="key" value="([0-9a-f]+)"', browser.get("/app/account/sessions").text)


PATHS = ["", "/password", "/sessions", "/tokens", "/delete"]


@pytest.mark.parametrize("path", PATHS)
def test_who_is_not_signed_in_signs_in_first(browsers: Callable[..., httpx.Client], path: str) -> None:
    answer = browsers().get(f"/app/account{path}")

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/app/sign-in?next=%2Fapp%2Faccount{path.replace('/', '%2F')}"


@pytest.mark.parametrize("path", ["", "/password", "/sessions/end", "/sessions/end-others", "/tokens", "/delete"])
def test_nothing_is_changed_without_a_session_or_by_another_site(ada: httpx.Client, path: str) -> None:
    foreign = ada.post(f"/app/account{path}", headers={"Sec-Fetch-Site": "cross-site"})
    ada.cookies.clear()
    unknown = ada.post(f"/app/account{path}")

    assert (foreign.status_code, unknown.status_code) == (403, 401)


def test_name_address_and_number_can_be_changed(ada: httpx.Client) -> None:
    new = {"username": "Countess", "email": f"new{next(NUMBERS)}@example.org", "phone": f"+44 {next(NUMBERS)}"}
    answer = ada.post("/app/account", data={**new, "password": PASSWORD})
    page = ada.get(answer.headers["location"]).text

    assert answer.headers["location"] == "/app/account?said=account-saved"
    assert "Saved." in page
    assert [f'value="{text}"' in page for text in new.values()] == [True, True, True]


def test_what_is_wrong_is_said_and_what_was_typed_stays(ada: httpx.Client) -> None:
    before = email_of(ada)
    answer = ada.post("/app/account", data={"username": "A", "email": "<b>", "phone": "1" * 40})

    assert answer.status_code == 422
    assert set(re.findall(r'id="(\w+)-problem"', answer.text)) == {"username", "email", "phone"}
    assert 'value="&lt;b&gt;"' in answer.text
    assert email_of(ada) == before


def test_the_address_of_another_account_is_not_taken(ada: httpx.Client, person: Callable[..., Person]) -> None:
    answer = ada.post("/app/account", data={"username": "Ada", "email": person().email, "password": PASSWORD})

    assert answer.status_code == 422
    assert 'id="email-problem">has an account already' in answer.text


@pytest.mark.parametrize(("password", "told"), [("", "can&#39;t be blank"), ("lantern", "That is not your password.")])
@pytest.mark.parametrize("email", ["thief@example.org", ""])
def test_another_address_needs_the_password(ada: httpx.Client, password: str, told: str, email: str) -> None:
    before = email_of(ada)
    sent = {"username": "Ada", "email": email, "phone": "+44 555", "password": password}
    answer = ada.post("/app/account", data=sent)

    assert answer.status_code == 422
    assert re.findall(r'id="(\w+)-problem"', answer.text) == ["password"]
    assert told in answer.text
    assert "lantern" not in answer.text
    assert f'name="email" type="email" value="{email}"' in answer.text
    assert email_of(ada) == before


def test_another_name_needs_no_password(ada: httpx.Client) -> None:
    answer = ada.post("/app/account", data={"username": "Countess", "email": email_of(ada).upper()})
    by_name_alone = ada.post("/app/account", data={"username": "Admiral"})

    assert (answer.status_code, by_name_alone.status_code) == (422, 303)
    assert "Admiral" in ada.get("/app/account").text


def test_a_new_password_ends_all_other_sessions(ada: httpx.Client, browsers: Callable[..., httpx.Client]) -> None:
    email = email_of(ada)
    other = signed_in(browsers(), email)
    answer = ada.post("/app/account/password", data={"old_password": PASSWORD, "password": "lighthouse"})

    assert answer.headers["location"] == "/app/account/password?said=account-password"
    assert ada.get("/app/account").status_code == 200
    assert other.get("/app/account").status_code == 303
    signed_in(browsers(), email, "lighthouse")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("wrong", "lighthouse", "old_password"), ("", "lighthouse", "old_password"), (PASSWORD, "1234", "password")],
)
def test_a_password_that_does_not_fit_is_not_changed(ada: httpx.Client, old: str, new: str, field: str) -> None:
    answer = ada.post("/app/account/password", data={"old_password": old, "password": new})

    assert answer.status_code == 422
    assert re.findall(r'id="(\w+)-problem"', answer.text) == [field]
    assert new not in answer.text


def test_sessions_of_all_surfaces_are_listed_in_words(ada: httpx.Client, api: httpx.Client) -> None:
    login = {"email": email_of(ada), "password": PASSWORD}
    api.post("/v1/users/signin", json={**login, "device": {"system": "<i>phone</i>", "version": "9"}})
    api.post("/auth/signin", json=login)
    token = api.get("/api/v1/session").json()["token"]
    api.post("/api/v1/session/authenticate", params={"token": token, "login": login["email"], "password": PASSWORD})
    page = ada.get("/app/account/sessions").text

    assert re.findall(r'<p class="device">(.*?) *(?:<span|</p>)', page) == [
        "Firefox on Linux",
        "Unnamed device",
        "Unnamed device",
        "&lt;i&gt;phone&lt;/i&gt; 9",
    ]
    assert page.count("This one") == 1
    for words in ("This page, in a browser", "(/v1)", "(/auth)", "(/api/v1)"):
        assert words in page


def test_the_newest_hundred_are_listed_and_the_others_counted(ada: httpx.Client, server: HttpServer) -> None:
    known = {"surface": "v1", "settings": server.settings, "device": None, "now": datetime.now(UTC)}
    with server.store.write() as transaction:
        found = accounts.find_by_email(transaction, email_of(ada))
        assert found is not None
        for _ in range(102):
            new_session(transaction, found.account.id, **known)  # type: ignore[arg-type]
    page = ada.get("/app/account/sessions").text

    assert page.count('name="key"') in (99, 100)
    assert "more sessions were used longer ago" in page


def test_one_session_is_ended(ada: httpx.Client, browsers: Callable[..., httpx.Client]) -> None:
    other = signed_in(browsers(User_Agent="curl/8"), email_of(ada))
    (key,) = keys_of(ada)
    answer = ada.post("/app/account/sessions/end", data={"key": key})

    assert answer.headers["location"] == "/app/account/sessions?said=account-session"
    assert other.get("/app/account").status_code == 303
    assert (ada.get("/app/account").status_code, keys_of(ada)) == (200, [])


def test_all_others_are_ended(ada: httpx.Client, browsers: Callable[..., httpx.Client], api: httpx.Client) -> None:
    email = email_of(ada)
    other = signed_in(browsers(), email)
    token = api.post("/v1/users/signin", json={"email": email, "password": PASSWORD}).json()["authToken"]
    ada.post("/app/account/sessions/end-others")

    assert other.get("/app/account").status_code == 303
    assert api.get("/v1/me", headers={"Authorization": f"Token token={token}"}).status_code == 401
    assert ada.get("/app/account").status_code == 200


@pytest.mark.parametrize("key", ["", "00" * 32, "no key", "é", "f" * 10_000])
def test_what_is_no_session_cannot_be_ended(ada: httpx.Client, key: str) -> None:
    assert ada.post("/app/account/sessions/end", data={"key": key}).status_code == 404


def test_nobody_sees_or_ends_the_session_of_another(ada: httpx.Client, browsers: Callable[..., httpx.Client]) -> None:
    signed_in(browsers(), email_of(ada))
    (key,) = keys_of(ada)
    stranger = signed_up(browsers())
    answer = stranger.post("/app/account/sessions/end", data={"key": key})

    assert (answer.status_code, keys_of(stranger), keys_of(ada)) == (404, [], [key])


def test_a_token_for_programs_is_made_shown_once_and_ended(ada: httpx.Client, api: httpx.Client) -> None:
    made = ada.post("/app/account/tokens", data={"name": "My <script>"})
    match = re.search(r'id="token" class="mono" readonly value="([\w-]{43})"', made.text)
    assert match
    header = {"Authorization": f"Token token={match[1]}"}
    me = api.get("/v1/me", headers=header)
    listed = ada.get("/app/account/sessions").text
    (key,) = keys_of(ada)
    ada.post("/app/account/sessions/end", data={"key": key})

    assert made.headers["cache-control"] == "no-store"
    assert me.json()["username"] == "Ada"
    assert "My &lt;script&gt;" in listed
    assert match[1] not in listed
    assert api.get("/v1/me", headers=header).status_code == 401


@pytest.mark.parametrize("name", ["", "  ", "n" * 101])
def test_a_token_needs_a_name(ada: httpx.Client, name: str) -> None:
    answer = ada.post("/app/account/tokens", data={"name": name})

    assert answer.status_code == 422
    assert 'id="name-problem"' in answer.text
    assert keys_of(ada) == []


def test_a_page_with_a_token_leads_to_the_list_when_it_is_loaded_again(ada: httpx.Client) -> None:
    assert ada.get("/app/account/tokens").headers["location"] == "/app/account/sessions"


def test_the_account_is_deleted_with_its_password(ada: httpx.Client, browsers: Callable[..., httpx.Client]) -> None:
    email = email_of(ada)
    wrong = ada.post("/app/account/delete", data={"password": "another"})
    none = ada.post("/app/account/delete")
    answer = ada.post("/app/account/delete", data={"password": PASSWORD})
    again = browsers().post("/app/sign-in", data={"login": email, "password": PASSWORD})

    assert (wrong.status_code, none.status_code) == (422, 422)
    assert "That is not your password." in wrong.text
    assert (answer.status_code, answer.headers["location"]) == (303, "/?said=account-deleted")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert again.status_code == 422
    signed_up_again = browsers().post("/app/sign-up", data={"username": "Eve", "email": email, "password": PASSWORD})
    assert signed_up_again.status_code == 303


def test_passwords_cannot_be_guessed_on_the_account_page(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, port=0, sign_in_attempts=3, shutdown_seconds=2)
    with http_server(settings) as running, httpx.Client(base_url=running.url, headers=OURS, trust_env=False) as browser:
        signed_up(browser)
        for _ in range(settings.sign_in_attempts):
            browser.post("/app/account/delete", data={"password": "another"})
        refused = browser.post("/app/account/delete", data={"password": PASSWORD})

    assert refused.status_code == 422
    assert "That was too often in a short time. Try again in" in refused.text
