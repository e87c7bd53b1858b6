"""Sign-ups from one address are counted together over all surfaces."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from slotport.settings import Settings
from tests.servers import HttpServer, http_server

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[HttpServer]:
    """A server that takes three sign-ups from an address."""
    settings = Settings(data=tmp_path, port=0, sign_up_attempts=3, trusted_proxy_count=1, shutdown_seconds=2)
    with http_server(settings) as running:
        yield running


def sign_ups(url: str, name: str, source: str) -> list[httpx.Response]:
    """The answers of the three surfaces to a sign-up each."""
    with httpx.Client(base_url=url, trust_env=False, headers={"X-Forwarded-For": source}) as client:
        page = {"username": name, "email": f"{name}-page@example.org", "password": "harbour"}
        auth = {"email": f"{name}-auth@example.org", "password-register": "harbour", "name": name}
        return [
            client.post("/v1/users", json={**page, "email": f"{name}-v1@example.org"}),
            client.post("/auth/register", json=auth),
            client.post("/app/sign-up", data=page, headers=OURS),
        ]


def test_all_surfaces_refuse_what_is_too_many(strict: HttpServer) -> None:
    first = [answer.status_code for answer in sign_ups(strict.url, "first", "192.0.2.1")]
    again = sign_ups(strict.url, "again", "192.0.2.1")
    elsewhere = [answer.status_code for answer in sign_ups(strict.url, "elsewhere", "192.0.2.2")]

    assert first == elsewhere == [201, 200, 303]
    assert [answer.status_code for answer in again] == [429, 429, 422]
    assert "too many sign-ups from here" in again[0].text
    assert 'role="alert"' in again[2].text
    assert 'value="again-page@example.org"' in again[2].text


def test_what_is_refused_for_its_fields_does_not_count(strict: HttpServer) -> None:
    with httpx.Client(base_url=strict.url, trust_env=False) as client:
        for _ in range(5):
            assert client.post("/v1/users", json={"username": "A"}).status_code == 422
    answers = sign_ups(strict.url, "later", "127.0.0.1")

    assert [answer.status_code for answer in answers] == [201, 200, 303]
