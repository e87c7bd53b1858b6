"""Sites of conventions whose people sign in at the provider of the settings (docs/api/convention-auth.md)."""

import base64
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.providers import Provider, provider, settings_for
from tests.servers import HttpServer, free_port, http_server

GOAL = "https://site.example/back?page=7#here"
SELECT = "/auth/select/oidc?" + urlencode({"redirect-url": GOAL})
PASSWORD = "correct horse"
OURS = {"oidc_label": "Harbour <ID>", "redirect_hosts": "site.example"}
_numbers = count(1)


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with provider() as told:
        yield told


@pytest.fixture(scope="module")
def home(running: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    """A server whose provider that is."""
    with http_server(settings_for(running.issuer, tmp_path_factory.mktemp("elsewhere"), **OURS)) as server:
        yield server


@pytest.fixture
def elsewhere(running: Provider) -> Provider:
    """The provider, honest, with somebody new signed in."""
    running.lies = {}
    number = next(_numbers)
    running.is_somebody(sub=f"person-{number}", email=f"else{number}@example.org", email_verified=True, name="Grace")
    return running


@pytest.fixture
def browser(home: HttpServer, elsewhere: Provider) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=home.url, trust_env=False, timeout=30) as client:
        yield client


def brought_back(browser: httpx.Client, address: str = SELECT) -> str:
    """The address of ours that the provider leads back to."""
    there = browser.get(address)
    assert there.is_redirect, there.text
    back = httpx.get(there.headers["location"], trust_env=False).headers["location"]
    assert back.startswith(f"{browser.base_url}/app/oidc/callback?"), back
    return back


def led(answer: httpx.Response) -> tuple[str, dict[str, list[str]]]:
    """Where a redirect leads, and the query fields there."""
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["location"])
    return parts._replace(query="").geturl(), parse_qs(parts.query)


def who(browser: httpx.Client, token: str) -> dict[str, str]:
    answer = browser.get("/auth/id", headers={"Authorization": token})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_site_gets_a_token_for_who_signed_in_there(browser: httpx.Client, elsewhere: Provider) -> None:
    answer = browser.get(brought_back(browser))
    where, fields = led(answer)
    token = fields["token"][0]
    second = led(browser.get("/auth/verify", params={"redirect-url": GOAL}))
    catalog = browser.get("/entities/conventions?keys=1", headers={"Authorization": token})

    assert where == "https://site.example/back#here"
    assert (fields["page"], fields["status"]) == (["7"], ["1"])
    assert who(browser, token)["email"] == elsewhere.person["email"]
    assert who(browser, token)["name"] == "Grace"
    assert second[1]["token"] == [token]
    assert catalog.status_code == 200
    assert "slotport_oidc" not in dict(browser.cookies)


def test_it_is_the_account_that_the_page_signs_in_to(browser: httpx.Client) -> None:
    first = led(browser.get(brought_back(browser)))[1]["token"][0]
    page = browser.get(brought_back(browser, "/app/oidc/start"))
    shown = browser.get("/app/account").text

    assert page.headers["location"] == "/app/"
    assert who(browser, first)["email"] in shown


def test_a_token_of_a_site_is_none_of_the_page(browser: httpx.Client) -> None:
    token = led(browser.get(brought_back(browser)))[1]["token"][0]
    browser.cookies.clear()
    browser.cookies.set("slotport_session", token)

    assert browser.get("/app/account", headers={"Accept": "text/html"}).status_code == 303


def test_the_ways_to_sign_in_name_the_provider(browser: httpx.Client) -> None:
    starts = [
        browser.get("/auth/start", params={"redirect-url": GOAL, **named}).json()
        for named in ({}, {"provider": "oidc"})
    ]
    page = browser.get("/auth/select", params={"redirect-url": GOAL}).text
    refused = [browser.get("/auth/start", params={"provider": name}).status_code for name in ("email-auth", "google")]

    assert browser.get("/auth/list").json() == ["oidc", "email-auth"]
    assert starts == [{"auth-url": f"{browser.base_url}{SELECT}"}] * 2
    assert f'<a href="{SELECT}">Sign in with Harbour &lt;ID&gt;</a>' in page
    assert browser.get("/auth/select/email-auth").status_code == 200
    assert browser.get("/auth/select/google").status_code == 404
    assert refused == [400, 400]


def test_without_a_site_the_provider_signs_in_to_the_page(browser: httpx.Client) -> None:
    assert led(browser.get("/auth/select/oidc")) == ("/app/oidc/start", {})


def test_sites_that_are_not_known_are_refused_before_anybody_signs_in(browser: httpx.Client) -> None:
    answer = browser.get("/auth/select/oidc", params={"redirect-url": "https://evil.example/"})

    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


def test_a_cookie_that_names_another_site_leads_nowhere(browser: httpx.Client) -> None:
    back = brought_back(browser)
    value = browser.cookies["slotport_oidc"]
    whole = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    begun = json.loads(whole[32:]) | {"goal": "https://evil.example/"}
    forged = base64.urlsafe_b64encode(whole[:32] + json.dumps(begun).encode()).decode().rstrip("=")
    browser.cookies.set("slotport_oidc", forged)
    answer = browser.get(back)

    assert answer.status_code in (400, 422)
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("lies", "fields", "word", "sentence"),
    [
        ({}, {"error": "access_denied", "code": None}, "provider-declined", "The provider signed nobody in."),
        ({}, {"state": "another"}, "provider-state", "This sign-in was not begun in this browser"),
        ({"nonce": "another"}, {}, "provider-invalid", "What the provider answered is not valid."),
        ({"email_verified": False}, {}, "provider-unverified", "The provider has not verified an e-mail address"),
    ],
)
def test_who_is_not_signed_in_there_is_told_on_the_page_of_the_site(
    browser: httpx.Client,
    elsewhere: Provider,
    lies: dict[str, object],
    fields: dict[str, str | None],
    word: str,
    sentence: str,
) -> None:
    elsewhere.lies = lies
    parts = urlsplit(brought_back(browser))
    said = {name: values[0] for name, values in parse_qs(parts.query).items()} | fields
    kept = {name: value for name, value in said.items() if value is not None}
    answer = browser.get(f"{parts.path}?{urlencode(kept)}")
    where, query = led(answer)

    assert where == "/auth/select"
    assert query == {"redirect-url": [GOAL], "error": [word]}
    assert "slotport_auth" not in dict(browser.cookies)
    assert sentence in browser.get(answer.headers["location"]).text


def test_an_address_that_has_an_account_is_not_taken_over(browser: httpx.Client, elsewhere: Provider) -> None:
    form = {"email": elsewhere.person["email"], "password-register": PASSWORD}
    registered = browser.post("/auth/register", json=form).json()
    where, query = led(browser.get(brought_back(browser)))

    assert registered == {"status": True}
    assert (where, query["error"]) == ("/auth/select", ["provider-taken"])


def test_a_provider_that_is_away_is_told_on_the_page_of_the_site(tmp_path: Path) -> None:
    settings = settings_for(f"http://127.0.0.1:{free_port()}", tmp_path / "data", **OURS)
    with http_server(settings) as server, httpx.Client(base_url=server.url, trust_env=False, timeout=30) as browser:
        answer = browser.get(SELECT)
        where, query = led(answer)

        assert (where, query["error"]) == ("/auth/select", ["provider-away"])
        assert "The provider cannot be reached" in browser.get(answer.headers["location"]).text


def test_who_signs_in_elsewhere_alone_gets_no_password_here(browser: httpx.Client) -> None:
    token = led(browser.get(brought_back(browser)))[1]["token"][0]
    answer = browser.post("/auth/passwordchange", json={"password": PASSWORD}, headers={"Authorization": token})

    assert answer.status_code == 200
    assert answer.json() == {
        "status": False,
        "error": "this account has no password here: its person signs in elsewhere",
    }
    assert browser.get("/auth/verify", headers={"Authorization": token}).json() == {"status": True}
