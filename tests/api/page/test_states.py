"""What is refused is said in words, in the frame of every page; and where one is, is marked."""

import asyncio
import re
from collections.abc import Iterator

import httpx
import pytest
from litestar import get
from litestar.params import FromPath

from slotport.errors import Forbidden, TooLarge, TooManyTries, Unavailable
from slotport.settings import Settings
from tests.api.page.people import OURS, signed_up
from tests.servers import HttpServer, http_server

SLOT = {
    "title": "Walk",
    "start_day": "2031-05-06",
    "start_time": "17:00",
    "end_day": "2031-05-06",
    "end_time": "19:00",
    "zone": "Europe/Berlin",
}
GERMAN = {"Accept-Language": "de"}
ERRORS = {
    "403": Forbidden("only its owner may do that"),
    "413": TooLarge("a file may have 8 MiB"),
    "429": TooManyTries("too many; try again in 130 seconds", retry_after_seconds=130),
    "500": RuntimeError("secret inside"),
    "503": Unavailable("the disk is full; nothing was changed", retry_after_seconds=60),
}
WORDS = {
    "403": ("That is not allowed", "Das ist nicht erlaubt", "Only its owner may do that."),
    "413": ("That is larger than Slotport takes", "Das ist größer, als Slotport annimmt", "A file may have 8 MiB."),
    "429": ("That was too often in a short time", "Das war zu oft in kurzer Zeit", ""),
    "500": ("Something went wrong in Slotport", "In Slotport ist etwas schiefgegangen", ""),
    "503": ("Slotport cannot do that at the moment", "Slotport kann das gerade nicht", "The disk is full;"),
}
IN_GERMAN = {"503": "<p>Der Datenträger ist voll; geändert wurde nichts.</p>"}  #: what the catalogue has


@get("/app/fails/{status:str}", sync_to_thread=False)
def fail(status: FromPath[str]) -> str:
    """Refuse as asked, before anybody is known."""
    raise ERRORS[status]


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    """A server with a page that fails as its address says."""
    settings = Settings(data=tmp_path_factory.mktemp("states"), port=0, sign_up_attempts=0, shutdown_seconds=2)
    with http_server(settings, further=[fail]) as running:
        yield running


def main_of(answer: httpx.Response) -> str:
    """The words of a page's main part."""
    match = re.search(r"<main.*?</main>", answer.text, re.DOTALL)
    assert match
    return " ".join(re.sub(r"<[^>]+>", " ", match[0]).split())


@pytest.mark.parametrize("status", list(ERRORS))
def test_what_is_refused_is_said_in_both_languages(failing: HttpServer, status: str) -> None:
    english, german, detail = WORDS[status]
    with httpx.Client(base_url=failing.url, headers=OURS, trust_env=False) as browser:
        answer = browser.get(f"/app/fails/{status}")
        translated = browser.get(f"/app/fails/{status}", headers=GERMAN)

    assert (answer.status_code, translated.status_code) == (int(status), int(status))
    assert f'<h1 tabindex="-1">{english}</h1>' in answer.text
    assert f'<h1 tabindex="-1">{german}</h1>' in translated.text
    assert detail in answer.text
    assert not detail or IN_GERMAN.get(status, f'Auf Englisch: <span lang="en">{detail}') in translated.text
    assert "secret inside" not in answer.text
    assert 'href="/"' in answer.text


@pytest.mark.parametrize(
    ("status", "header", "english", "german"),
    [
        ("429", "130", "Try again in 3 minutes.", "Versuche es in 3 Minuten noch einmal."),
        ("503", "60", "Try again in 60 seconds.", "Versuche es in 60 Sekunden noch einmal."),
    ],
)
def test_when_to_try_again_is_said_in_words(
    failing: HttpServer, status: str, header: str, english: str, german: str
) -> None:
    with httpx.Client(base_url=failing.url, headers=OURS, trust_env=False) as browser:
        answer = browser.get(f"/app/fails/{status}?x=1")
        translated = browser.get(f"/app/fails/{status}", headers=GERMAN)

    assert answer.headers["retry-after"] == header
    assert english in main_of(answer)
    assert german in main_of(translated)
    assert f'href="/app/fails/{status}?x=1">Try again</a>' in answer.text


def test_an_unexpected_failure_names_the_request(failing: HttpServer) -> None:
    answer = httpx.get(f"{failing.url}/app/fails/500", headers=OURS, trust_env=False)

    assert answer.headers["x-request-id"] in main_of(answer)


@pytest.mark.parametrize(("path", "status"), [("/app/nothing", 404), ("/nowhere", 404), ("/app/sign-out", 405)])
def test_whoever_is_signed_in_keeps_the_navigation_where_there_is_nothing(
    server: HttpServer, path: str, status: int
) -> None:
    with signed_up(server, "Countess") as (browser, _):
        known = browser.get(path)
        browser.cookies.clear()
        unknown = browser.get(path)

    assert (known.status_code, unknown.status_code) == (status, status)
    assert ("Countess" in known.text, "Countess" in unknown.text) == (True, False)
    assert 'href="/app/calendar">To your calendar</a>' in known.text
    assert 'href="/app/sign-in?next=' in unknown.text
    assert 'action="/app/sign-out"' not in unknown.text


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/app/groups/5f1d/members", "/app/groups/5f1d"),
        ("/app/imports/7/undo", "/app/import"),
        ("/app/exports/7/transports/5f1d/test", "/app/exports/7"),
        ("/app/conventions/7/locations/h%C3%B6hle/remove", "/app/conventions/7/locations"),
        ("/app/conventions/caf%C3%A9%3F/tags/7/remove", "/app/conventions/caf%C3%A9%3F/tags"),
        ("/app/oidc/link", "/app/account/password"),
    ],
)
def test_what_a_form_was_sent_to_leads_back_to_it_when_it_is_loaded_again(
    server: HttpServer, path: str, target: str
) -> None:
    answer = httpx.get(server.url + path, headers=OURS, trust_env=False)

    assert (answer.status_code, answer.headers.get("location")) == (303, target)


def test_without_a_store_nobody_is_told_to_sign_in(failing: HttpServer) -> None:
    with signed_up(failing) as (browser, _):
        answer = browser.get("/app/fails/503")

    assert "sign-in" not in re.sub(r'<div id="messages".*', "", answer.text, flags=re.DOTALL)


def test_a_form_that_is_sent_after_the_session_can_be_sent_again(server: HttpServer) -> None:
    with signed_up(server) as (browser, _):
        token = browser.cookies["slotport_session"]
        browser.cookies.clear()
        refused = browser.post("/app/slots/new", data=SLOT)
        browser.cookies.set("slotport_session", token)
        again = browser.post("/app/slots/new", data=SLOT)

    assert (refused.status_code, again.status_code) == (401, 303)
    assert "Then load this page again: what you typed is sent once more." in main_of(refused)
    assert 'href="/app/sign-in" target="_blank"' in refused.text


def test_programs_still_get_json(failing: HttpServer) -> None:
    answer = httpx.get(f"{failing.url}/app/fails/403", headers={"Accept": "application/json"}, trust_env=False)

    assert (answer.status_code, answer.json()) == (403, {"error": "only its owner may do that"})


def test_many_unknown_addresses_at_once_are_answered(server: HttpServer) -> None:
    async def ask() -> list[int]:
        limits = httpx.Limits(max_connections=40)
        async with httpx.AsyncClient(base_url=server.url, headers=OURS, trust_env=False, limits=limits) as client:
            client.cookies.set("slotport_session", token)
            answers = await asyncio.gather(*(client.get(f"/app/nothing/{number}") for number in range(120)))
        return [answer.status_code for answer in answers]

    with signed_up(server) as (browser, _):
        token = browser.cookies["slotport_session"]
        assert asyncio.run(ask()) == [404] * 120


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/app/calendar", {"/app/calendar": "page"}),
        ("/app/slots/new", {"/app/calendar": "true"}),
        ("/app/import", {"/app/calendar": "true", "/app/import": "page"}),
        ("/app/share", {"/app/calendar": "true", "/app/share": "page"}),
        ("/app/account", {"/app/account": "page"}),
        ("/app/account/password", {"/app/account": "true", "/app/account/password": "page"}),
        ("/app/account/delete", {"/app/account": "true"}),
        ("/app/exports", {"/app/exports": "page"}),
        ("/app/exports/new", {"/app/exports": "true"}),
    ],
)
def test_the_navigation_marks_where_one_is(server: HttpServer, path: str, marked: dict[str, str]) -> None:
    with signed_up(server) as (browser, _):
        answer = browser.get(path)

    assert answer.status_code == 200
    frame = answer.text.partition("<main")[0]
    links = re.findall(r'<a href="([^"]+)" aria-current="(\w+)"', frame)
    # the name at the top and the first page of an account lead to the same place
    assert dict(links) == marked


def test_the_navigation_of_a_convention_marks_its_part(server: HttpServer) -> None:
    with signed_up(server) as (browser, _):
        made = browser.post("/app/conventions", data={"title": "Fair", "slug": "fair-of-states"})
        assert made.status_code == 303, main_of(made)
        base = "/app/conventions/fair-of-states"
        frames = [browser.get(base + below).text.partition("<main")[0] for below in ("", "/tags", "/events/new")]

    marks = [re.findall(rf'<a href="{base}(/?\w*)" aria-current="(\w+)"', frame) for frame in frames]
    assert marks == [[("", "page")], [("/tags", "page")], [("/events", "true")]]
