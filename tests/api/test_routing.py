"""Which surface answers for a path, and in which shape it refuses (one row a prefix)."""

from typing import Any

import httpx
import pytest

from slotport.api.surfaces import surface_of

NOTHING = {"error": "there is nothing here"}
WRONG_METHOD = {"error": "this method is not for this route"}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "page"),
        ("/v1", "v1"),
        ("/v1/me", "v1"),
        ("/v12", "none"),
        ("/healthz", "operations"),
        ("/healthz/more", "none"),
        ("/docs", "operations"),
        ("/auth/verify", "convention"),
        ("/entities/timeslots", "convention"),
        ("/entities/conventions/a/schedule.json", "schedule"),
        ("/entities/conventions/a/b/schedule.json", "convention"),
        ("/checkout", "convention"),
        ("/authority", "none"),
    ],
)
def test_a_prefix_belongs_to_a_surface(path: str, name: str) -> None:
    assert surface_of(path).name == name


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/v1", "/v1/nothing", "/v1/slots/1/2/3", "/nothing", "/authority", "/api"])
def test_an_unknown_route_is_404(api: httpx.Client, method: str, path: str) -> None:
    answer = api.request(method, path)

    assert (answer.status_code, answer.json()) == (404, NOTHING)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/healthz", "GET, HEAD, OPTIONS"),
        ("DELETE", "/docs", "GET, HEAD, OPTIONS"),
        ("PATCH", "/", "GET, HEAD, OPTIONS"),
        ("GET", "/v1/import/", "OPTIONS, POST"),
        ("HEAD", "/v1/import", "OPTIONS, POST"),
        ("PUT", "/v1/me", "DELETE, GET, HEAD, OPTIONS, PATCH"),
    ],
)
def test_a_wrong_method_is_405_and_told_the_right_ones(api: httpx.Client, method: str, path: str, allow: str) -> None:
    answer = api.request(method, path)

    assert (answer.status_code, answer.headers["allow"]) == (405, allow)
    assert method == "HEAD" or answer.json() == WRONG_METHOD


def test_the_root_tells_programs_nothing(api: httpx.Client) -> None:
    answer = api.get("/")

    assert (answer.status_code, answer.content) == (401, b"")


def test_the_root_greets_a_browser(api: httpx.Client) -> None:
    answer = api.get("/", headers={"Accept": "text/html,*/*;q=0.8"})

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert 'href="/docs"' in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_browser_gets_a_page_for_what_nobody_knows(api: httpx.Client) -> None:
    answer = api.get("/nothing", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing here" in answer.text


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Token",
        "Token token=",
        "Token token=unknown",
        'Token token=""',
        "Bearer x",
        "token=x",
        'Token token="a\x80"',
    ],
)
def test_without_a_valid_token_the_answer_is_401(api: httpx.Client, header: str) -> None:
    headers: Any = {"Authorization": header.encode("latin-1")} if header else {}

    answer = api.get("/v1/me", headers=headers)

    assert (answer.status_code, list(answer.json())) == (401, ["error"])
    assert answer.headers["www-authenticate"] == 'Token realm="Slotport"'


def test_a_token_may_be_quoted(person: Any) -> None:
    someone = person()

    plain = someone.client.get("/v1/me")
    quoted = someone.client.get("/v1/me", headers={"Authorization": f'Token token="{someone.token}"'})

    assert (plain.status_code, quoted.status_code) == (200, 200)
    assert plain.json() == quoted.json()


def test_nothing_of_the_body_is_read_without_a_token(api: httpx.Client) -> None:
    sent = iter([b"{", b"x" * 1000])

    answer = api.post("/v1/import", content=sent, headers={"Content-Type": "application/json"})

    assert answer.status_code == 401
