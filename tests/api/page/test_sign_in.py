"""Pages for people who sign up, in and out: the session's cookie, and changes that no other site can ask for."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.conftest import Person
from tests.servers import HttpServer

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
NAMES = iter(range(1_000_000))


@pytest.fixture
def browser(server: HttpServer) -> Iterator[httpx.Client]:
    """A browser without a cookie that sends what our own pages have it send."""
    with httpx.Client(base_url=server.url, headers=OURS, trust_env=False) as client:
        yield client


def sign_up(browser: httpx.Client, **changed: str) -> tuple[dict[str, str], httpx.Response]:
    """Fill in the form; what was sent, and the answer."""
    form = {"username": "Ada", "email": f"page{next(NAMES)}@example.org", "password": "harbour", **changed}
    return form, browser.post("/app/sign-up", data=form)


def test_who_signs_up_is_signed_in(browser: httpx.Client) -> None:
    _, answer = sign_up(browser)

    assert (answer.status_code, answer.headers["location"]) == (303, "/app/")
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(r"slotport_session=[\w-]{43}; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax", cookie), cookie
    assert "Ada" in browser.get("/").text
    assert "Ada" not in httpx.get(browser.base_url, headers=OURS, trust_env=False).text


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(browser: httpx.Client) -> None:
    form, answer = sign_up(browser, password="1234", username="A <b>")

    assert answer.status_code == 422
    assert 'id="password-problem"' in answer.text
    assert 'value="A &lt;b&gt;"' in answer.text
    assert f'value="{form["email"]}"' in answer.text
    assert "1234" not in answer.text


def test_a_wrong_password_is_refused_in_the_language_of_the_reader(browser: httpx.Client) -> None:
    form, _ = sign_up(browser)
    wrong = {"login": form["email"], "password": "another"}
    browser.cookies.clear()
    english = browser.post("/app/sign-in", data=wrong)
    german = browser.post("/app/sign-in", data=wrong, headers={"Accept-Language": "fr, de-CH;q=0.8, en;q=0.5"})

    assert (english.status_code, german.status_code) == (422, 422)
    assert "There is no account with this name and password." in english.text
    assert "Es gibt kein Konto mit diesem Namen und Passwort." in german.text
    assert '<html lang="de"' in german.text


@pytest.mark.parametrize(
    ("wanted", "then"),
    [
        ("/app/account?x=1", "/app/account?x=1"),
        ("https://elsewhere.example/", "/app/"),
        ("//elsewhere.example/app/", "/app/"),
        ("/app//elsewhere.example", "/app/"),
        ("/app/\\elsewhere.example", "/app/"),
        ('/app/\r\nSet-Cookie: a=b"☃', "/app/%0D%0ASet-Cookie:%20a=b%22%E2%98%83"),
    ],
)
def test_signing_in_leads_on_but_never_to_another_site(browser: httpx.Client, wanted: str, then: str) -> None:
    form, _ = sign_up(browser)
    browser.cookies.clear()
    answer = browser.post("/app/sign-in", data={"login": form["email"], "password": form["password"], "next": wanted})

    assert (answer.status_code, answer.headers["location"]) == (303, then)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({}, 403),
    ],
)
def test_no_other_site_can_ask_for_a_change(server: HttpServer, headers: dict[str, str], status: int) -> None:
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        answer = client.post("/app/sign-out", headers=headers)

    assert answer.status_code == status


@pytest.mark.parametrize(
    "path", ["/", "/app", "/app/account", "/app/calendar", "/app/calendar/events", "/app/slots/0", "/static/icon.svg"]
)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_every_answer_has_the_policy(browser: httpx.Client, path: str, accept: str) -> None:
    sign_up(browser)
    answer = browser.get(path, headers={"Accept": accept})

    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")


def test_an_older_browser_names_its_origin(server: HttpServer) -> None:
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        answer = client.post("/app/sign-out", headers={"Origin": server.url})

    assert answer.status_code == 303


def test_signing_out_ends_the_session(browser: httpx.Client) -> None:
    sign_up(browser)
    token = browser.cookies["slotport_session"]
    answer = browser.post("/app/sign-out")
    again = browser.get("/", headers={"Cookie": f"slotport_session={token}"})

    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert "Ada" not in again.text


def test_the_cookie_works_on_no_other_surface_nor_their_tokens_here(
    browser: httpx.Client, api: httpx.Client, person: Callable[[], Person]
) -> None:
    sign_up(browser)
    token = browser.cookies["slotport_session"]
    there = api.get("/v1/me", headers={"Authorization": f"Token token={token}"})
    browser.cookies.clear()
    somebody = person()
    here = browser.get("/", headers={"Cookie": f"slotport_session={somebody.token}"})

    assert there.status_code == 401
    assert somebody.user["username"] not in here.text


def test_language_colours_and_zone_stay_in_the_browser(browser: httpx.Client) -> None:
    chosen = {"language": "de", "theme": "dark", "zone": "Pacific/Auckland", "back": "/app/sign-in"}
    answer = browser.post("/app/preferences", data=chosen)
    page = browser.get("/app/sign-in").text

    assert (answer.status_code, answer.headers["location"]) == (303, "/app/sign-in")
    assert '<html lang="de" data-theme="dark" data-root="" data-zone="Pacific/Auckland">' in page


def test_what_nobody_offers_is_not_chosen(browser: httpx.Client) -> None:
    browser.post("/app/preferences", data={"language": "xx", "theme": "<b>", "zone": "../etc/passwd"})

    assert dict(browser.cookies) == {}


def test_no_script_but_our_own_can_run_and_nobody_can_frame_a_page(browser: httpx.Client) -> None:
    answer = browser.get("/app/sign-in")
    policy = answer.headers["content-security-policy"]

    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script>" not in answer.text
    assert "style=" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_what_pages_load_may_be_kept_and_comes_compressed(browser: httpx.Client) -> None:
    page = browser.get("/app/sign-in").text
    names = re.findall(r'(?:src|href)="(/static/[\w.-]+\.(?:js|css))"', page)
    answers = [browser.get(name, headers={"Accept-Encoding": "gzip"}) for name in names]
    again = browser.get(names[0], headers={"If-None-Match": answers[0].headers["etag"], "Accept-Encoding": "gzip"})

    assert {name.partition("-")[0] for name in names} >= {"/static/style", "/static/page"}
    assert {answer.headers["cache-control"] for answer in answers} == {"public, max-age=31536000, immutable"}
    assert {answer.headers["content-encoding"] for answer in answers} == {"gzip"}
    assert again.status_code == 304
