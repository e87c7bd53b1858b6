"""Signing in at an OpenID Connect provider: whom it signs in, and what it must not be able to do."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from slotport.actions import accounts
from slotport.settings import BadSettings, read
from tests.providers import CLIENT, SECRET, Provider, provider, settings_for
from tests.servers import HttpServer, free_port, http_server, wait

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
PASSWORD = "harbour"
NUMBERS = count(1)


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """A provider."""
    with provider() as told:
        yield told


@pytest.fixture
def elsewhere(running: Provider) -> Provider:
    """The provider, honest, with somebody new signed in."""
    running.lies, running.further, running.userinfo = {}, {}, {}
    running.signing, running.algorithm = None, "RS256"
    number = next(NUMBERS)
    running.is_somebody(
        sub=f"person-{number}", email=f"oidc{number}@example.org", email_verified=True, name=f"Mary {number}"
    )
    return running


@pytest.fixture(scope="module")
def home(running: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    """A server whose provider that is."""
    with http_server(settings_for(running.issuer, tmp_path_factory.mktemp("oidc"))) as server:
        yield server


@pytest.fixture
def browser(home: HttpServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=home.url, headers=OURS, trust_env=False, timeout=30) as client:
        yield client


def begun(browser: httpx.Client, query: str = "") -> str:
    """Begin; the address of ours that the provider leads back to."""
    answer = browser.get(f"/app/oidc/start{query}")
    assert answer.status_code == 303, answer.text
    return came_back(browser, answer.headers["location"])


def came_back(browser: httpx.Client, address: str) -> str:
    back = httpx.get(address, trust_env=False).headers["location"]
    assert back.startswith(f"{browser.base_url}/app/oidc/callback?"), back
    return back


def signed_in(browser: httpx.Client) -> httpx.Response:
    """The answer at the end of a whole sign-in."""
    return browser.get(begun(browser))


def signed_up(browser: httpx.Client, email: str, name: str = "Local") -> None:
    answer = browser.post("/app/sign-up", data={"username": name, "email": email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text


def linked(browser: httpx.Client) -> httpx.Response:
    """The answer at the end of a whole link."""
    page = browser.post("/app/oidc/link", data={"link_password": PASSWORD})
    assert page.status_code == 200, page.text
    return browser.get(came_back(browser, page.headers["refresh"].removeprefix("0; url=")))


def name_of(browser: httpx.Client) -> str | None:
    match = re.search(r'href="/app/account"[^>]*>([^<]+)</a>', browser.get("/app/account").text)
    return match[1] if match else None


def test_who_comes_for_the_first_time_gets_an_account_and_the_same_one_again(
    browser: httpx.Client, elsewhere: Provider
) -> None:
    first = signed_in(browser)
    name = name_of(browser)
    browser.post("/app/sign-out")
    out = name_of(browser)
    again = begun(browser, "?next=/app/account/sessions")

    assert (first.status_code, first.headers["location"]) == (303, "/app/")
    assert (name, out) == (elsewhere.person["name"], None)
    assert browser.get(again).headers["location"] == "/app/account/sessions"
    assert name_of(browser) == elsewhere.person["name"]


def test_the_cookie_of_an_attempt_is_short_and_of_no_script(browser: httpx.Client, elsewhere: Provider) -> None:
    answer = browser.get("/app/oidc/start")
    query = parse_qs(urlsplit(answer.headers["location"]).query)

    assert re.fullmatch(
        r"slotport_oidc=[\w-]+; HttpOnly; Max-Age=600; Path=/; SameSite=lax", answer.headers["set-cookie"]
    )
    assert query["code_challenge_method"] == ["S256"]
    assert query["scope"] == ["openid email profile"]
    assert {"state", "nonce", "code_challenge", "redirect_uri", "client_id", "response_type"} <= set(query)


def test_nobody_is_led_to_another_site(browser: httpx.Client, elsewhere: Provider) -> None:
    assert browser.get(begun(browser, "?next=https://elsewhere.example/")).headers["location"] == "/app/"


LIES: list[dict[str, Any]] = [
    {"nonce": "another"},
    {"nonce": None},
    {"aud": "another"},
    {"aud": [CLIENT, "another"]},
    {"aud": [CLIENT], "azp": "another"},
    {"iss": "https://elsewhere.example"},
    {"exp": 1_000_000_000},
    {"exp": None},
    {"exp": "tomorrow"},
    {"iat": 99_999_999_999},
    {"nbf": 99_999_999_999},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"sub": "s" * 256},
    {"at_hash": "AAAA"},
    {"at_hash": 7},
]


@pytest.mark.parametrize("lies", LIES, ids=str)
def test_a_token_that_is_not_for_us_now_signs_nobody_in(
    browser: httpx.Client, elsewhere: Provider, lies: dict[str, Any]
) -> None:
    elsewhere.lies = lies
    answer = signed_in(browser)

    assert answer.status_code == 403
    assert "What the provider answered is not valid." in answer.text
    assert name_of(browser) is None


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256"])
def test_a_signature_of_somebody_else_signs_nobody_in(
    browser: httpx.Client, elsewhere: Provider, algorithm: str
) -> None:
    from joserfc.jwk import OctKey

    elsewhere.algorithm = algorithm
    shown = elsewhere.key.as_pem(private=False)
    elsewhere.signing = OctKey.import_key(SECRET * 2) if algorithm == "HS256" else RSAKey.generate_key(2048)  # type: ignore[assignment]
    answer = signed_in(browser)

    assert shown
    assert answer.status_code == 403
    assert name_of(browser) is None


def test_an_attempt_is_of_one_browser_and_works_once(
    browser: httpx.Client, home: HttpServer, elsewhere: Provider
) -> None:
    back = begun(browser)
    cookies = dict(browser.cookies)
    with httpx.Client(base_url=home.url, headers=OURS, trust_env=False) as other:
        stolen = other.get(back)
        begun(other)
        foreign_state = other.get(back)
    first = browser.get(back)
    browser.cookies.clear()
    without_cookie = browser.get(back)
    browser.cookies.update(cookies)
    replayed = browser.get(back)

    refused = (stolen, foreign_state, without_cookie, replayed)
    assert [answer.status_code for answer in refused] == [403, 403, 403, 403]
    assert first.status_code == 303
    assert "was not begun in this browser" in stolen.text


@pytest.mark.parametrize("query", ["", "?state=x", "?error=access_denied", "?code=a&state=%00", "?code=" + "c" * 5000])
@pytest.mark.parametrize("cookie", ["", "e30", "%00", "A" * 3000, "é"])
def test_whatever_comes_back_is_answered_by_a_page(home: HttpServer, query: str, cookie: str) -> None:
    headers = {**OURS, "Cookie": f"slotport_oidc={cookie}".encode()}
    answer = httpx.get(f"{home.url}/app/oidc/callback{query}", headers=headers, trust_env=False)  # type: ignore[arg-type]

    assert answer.status_code == 403
    assert "You were not signed in" in answer.text


def test_the_answer_of_another_issuer_is_refused(browser: httpx.Client, elsewhere: Provider) -> None:
    back = begun(browser).replace("127.0.0.1%3A", "127.0.0.2%3A")

    assert browser.get(back).status_code == 403


def test_who_declined_there_is_told(browser: httpx.Client, elsewhere: Provider) -> None:
    state = parse_qs(urlsplit(begun(browser)).query)["state"][0]
    answer = browser.get("/app/oidc/callback", params={"error": "access_denied", "state": state})

    assert answer.status_code == 403
    assert "The provider signed nobody in." in answer.text


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email_verified": "true"}, {"email": None}])
def test_an_address_that_is_not_verified_makes_no_account(
    browser: httpx.Client, elsewhere: Provider, claims: dict[str, Any]
) -> None:
    elsewhere.lies = claims
    answer = signed_in(browser)

    assert answer.status_code == 403
    assert "has not verified an e-mail address" in answer.text


def test_the_address_may_come_from_userinfo_of_the_same_person_only(browser: httpx.Client, elsewhere: Provider) -> None:
    person = elsewhere.person
    told = {"email": person["email"], "email_verified": True}
    elsewhere.lies = {"email": None, "email_verified": None}
    elsewhere.userinfo = {**told, "sub": "somebody else"}
    foreign = signed_in(browser)
    elsewhere.userinfo = {**told, "sub": person["sub"]}
    own = signed_in(browser)

    assert (foreign.status_code, own.status_code) == (403, 303)


def test_an_account_is_never_found_by_its_address(browser: httpx.Client, home: HttpServer, elsewhere: Provider) -> None:
    with httpx.Client(base_url=home.url, headers=OURS, trust_env=False) as local:
        signed_up(local, elsewhere.person["email"].upper())
    answer = signed_in(browser)

    assert answer.status_code == 403
    assert "There is an account with this e-mail address already." in answer.text
    assert name_of(browser) is None


def test_who_is_signed_in_links_signs_in_by_it_and_unlinks(browser: httpx.Client, elsewhere: Provider) -> None:
    signed_up(browser, f"link{next(NUMBERS)}@example.org", "Linker")
    link = linked(browser)
    listed = browser.get("/app/account/password").text
    browser.post("/app/sign-out")
    signed_in(browser)
    name = name_of(browser)
    data = {"issuer": elsewhere.issuer, "subject": elsewhere.person["sub"]}
    gone = browser.post("/app/oidc/unlink", data=data)
    again = browser.post("/app/oidc/unlink", data=data)

    assert link.headers["location"] == "/app/account/password?said=oidc-linked"
    assert elsewhere.person["email"] in listed
    assert name == "Linker"
    assert gone.headers["location"] == "/app/account/password?said=oidc-unlinked"
    assert again.status_code == 404


def test_linking_needs_the_password_and_a_page_of_ours(browser: httpx.Client, elsewhere: Provider) -> None:
    signed_up(browser, f"link{next(NUMBERS)}@example.org")
    wrong = browser.post("/app/oidc/link", data={"link_password": "another"})
    none = browser.post("/app/oidc/link")
    foreign = browser.post("/app/oidc/link", data={"link_password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"})

    assert [answer.status_code for answer in (wrong, none, foreign)] == [422, 422, 403]
    assert 'id="link_password-problem"' in wrong.text
    assert 'id="link_password-problem"' in none.text


def test_a_link_that_another_session_began_is_not_made(
    browser: httpx.Client, home: HttpServer, elsewhere: Provider
) -> None:
    signed_up(browser, f"link{next(NUMBERS)}@example.org")
    page = browser.post("/app/oidc/link", data={"link_password": PASSWORD})
    back = came_back(browser, page.headers["refresh"].removeprefix("0; url="))
    with httpx.Client(base_url=home.url, headers=OURS, trust_env=False) as victim:
        signed_up(victim, f"link{next(NUMBERS)}@example.org")
        victim.cookies.set("slotport_oidc", browser.cookies["slotport_oidc"])
        answer = victim.get(back)
        listed = victim.get("/app/account/password").text

    assert answer.status_code == 403
    assert "/app/oidc/unlink" not in listed


def test_a_person_is_linked_to_one_account_only(browser: httpx.Client, home: HttpServer, elsewhere: Provider) -> None:
    signed_in(browser)
    with httpx.Client(base_url=home.url, headers=OURS, trust_env=False) as other:
        signed_up(other, f"link{next(NUMBERS)}@example.org")
        answer = linked(other)

    assert answer.status_code == 409
    assert "Another account is linked to this sign-in already." in answer.text


def test_nobody_unlinks_for_another(browser: httpx.Client, home: HttpServer, elsewhere: Provider) -> None:
    signed_in(browser)
    with httpx.Client(base_url=home.url, headers=OURS, trust_env=False) as other:
        signed_up(other, f"link{next(NUMBERS)}@example.org")
        data = {"issuer": elsewhere.issuer, "subject": elsewhere.person["sub"]}

        assert other.post("/app/oidc/unlink", data=data).status_code == 404


def test_an_account_without_a_password_keeps_its_way_in_until_it_has_one(
    browser: httpx.Client, elsewhere: Provider
) -> None:
    signed_in(browser)
    data = {"issuer": elsewhere.issuer, "subject": elsewhere.person["sub"]}
    only = browser.post("/app/oidc/unlink", data=data)
    browser.post("/app/account/password", data={"password": "lighthouse"})
    then = browser.post("/app/oidc/unlink", data=data)
    browser.cookies.clear()
    by_password = browser.post("/app/sign-in", data={"login": elsewhere.person["email"], "password": "lighthouse"})

    assert (only.status_code, then.status_code, by_password.status_code) == (403, 303, 303)


def test_a_disabled_account_is_not_signed_in(browser: httpx.Client, home: HttpServer, elsewhere: Provider) -> None:
    signed_in(browser)
    accounts.disable(home.store, elsewhere.person["email"], now=datetime.now(UTC))
    answer = signed_in(browser)

    assert answer.status_code == 403
    assert "This account is disabled." in answer.text


def test_a_password_set_from_outside_ends_links_to_other_addresses(
    browser: httpx.Client, home: HttpServer, elsewhere: Provider
) -> None:
    email = f"link{next(NUMBERS)}@example.org"
    signed_up(browser, email)
    linked(browser)
    accounts.set_password(home.store, email, "lighthouse", now=datetime.now(UTC))
    browser.cookies.clear()
    browser.post("/app/sign-in", data={"login": email, "password": "lighthouse"})

    assert "/app/oidc/unlink" not in browser.get("/app/account/password").text


def test_a_deleted_account_leaves_the_person_free(browser: httpx.Client, elsewhere: Provider) -> None:
    signed_in(browser)
    deleted = browser.post("/app/account/delete")
    again = signed_in(browser)

    assert deleted.headers["location"] == "/?said=account-deleted"
    assert again.status_code == 303


def test_without_sign_up_only_linked_people_come_in(elsewhere: Provider, tmp_path: Path) -> None:
    settings = settings_for(elsewhere.issuer, tmp_path, oidc_sign_up="refuse")
    with http_server(settings) as home, httpx.Client(base_url=home.url, headers=OURS, trust_env=False) as browser:
        unknown = signed_in(browser)
        signed_up(browser, "local@example.org", "Local")
        linked(browser)
        browser.post("/app/sign-out")
        known = signed_in(browser)

    assert (unknown.status_code, known.status_code) == (403, 303)
    assert "No account is linked to this sign-in." in unknown.text


@pytest.mark.parametrize(
    "further",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"token_endpoint": 7},
        {"filling": "x" * 300_000},
    ],
)
def test_a_provider_that_describes_something_else_is_not_asked(
    elsewhere: Provider, tmp_path: Path, further: dict[str, Any]
) -> None:
    elsewhere.further = further
    with http_server(settings_for(elsewhere.issuer, tmp_path)) as home:
        answer = httpx.get(f"{home.url}/app/oidc/start", headers=OURS, trust_env=False)

    assert answer.status_code == 503
    assert "The provider cannot be reached at the moment." in answer.text


def test_a_provider_that_is_away_is_told_and_the_page_works_on(tmp_path: Path) -> None:
    settings = settings_for(f"http://127.0.0.1:{free_port()}", tmp_path)
    with http_server(settings) as home, httpx.Client(base_url=home.url, headers=OURS, trust_env=False) as browser:
        answers = [browser.get("/app/oidc/start").status_code for _ in range(3)]
        signed_up(browser, "local@example.org")

    assert answers == [503, 503, 503]


def test_without_a_provider_there_is_nothing(server: HttpServer) -> None:
    page = httpx.get(f"{server.url}/app/sign-in", headers=OURS, trust_env=False).text
    answer = httpx.get(f"{server.url}/app/oidc/start", headers=OURS, trust_env=False)

    assert answer.status_code == 404
    assert "oidc" not in page


@pytest.mark.parametrize("issuer", ["login.example.org", "http://login.example.org", "https://a?b", "https://a b"])
def test_an_issuer_that_is_not_safe_is_refused_at_the_start(issuer: str) -> None:
    with pytest.raises(BadSettings, match="OIDC_ISSUER"):
        read({"SLOTPORT_OIDC_ISSUER": issuer, "SLOTPORT_OIDC_CLIENT_ID": "x"})


def test_an_issuer_needs_a_client_id() -> None:
    with pytest.raises(BadSettings, match="oidc_client_id"):
        read({"SLOTPORT_OIDC_ISSUER": "https://login.example.org"})


def test_another_programs_provider_signs_in(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            issuer = f"http://localhost:{port}"
            wait(lambda: _answers(issuer))
            told = {"email": "flask@example.org", "email_verified": True, "name": "Flask"}
            httpx.put(f"{issuer}/users/flask", json=told, trust_env=False).raise_for_status()
            settings = replace(settings_for(issuer, tmp_path), oidc_client_secret="plain")
            with http_server(settings) as home, httpx.Client(base_url=home.url, headers=OURS, trust_env=False) as one:
                address = one.get("/app/oidc/start").headers["location"]
                back = httpx.post(address, data={"sub": "flask"}, trust_env=False).headers["location"]
                answer = one.get(back)
                name = name_of(one)
        finally:
            process.terminate()

    assert (answer.status_code, name) == (303, "Flask")


def _answers(issuer: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"{issuer}/.well-known/openid-configuration", trust_env=False).status_code == 200
    return False
