"""After failures nobody signs in for a while, and after a while nobody is signed in any more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from slotport.core.account import Account
from slotport.settings import Settings
from tests.api.export.serving import PASSWORD, Clock, add_account, caller_of, export_server, refusal
from tests.servers import HttpServer

SIGN_IN = "/api/v1/session/authenticate"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def strict(tmp_path: Path, clock: Clock) -> Iterator[HttpServer]:
    """A server with the default limits, of which those of all surfaces together are the higher ones."""
    settings = Settings(
        data=tmp_path, port=0, sign_in_attempts=20, login_address_attempts=10, trusted_proxy_count=1, passkey_attempts=3
    )
    with export_server(settings, clock) as running:
        yield running


@pytest.fixture
def mira(strict: HttpServer) -> Account:
    return add_account(strict.store, username="Mira")


@pytest.fixture
def client(strict: HttpServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=strict.url, trust_env=False, timeout=30) as opened:
        yield opened


def sign_in(client: httpx.Client, login: str | None, password: str, address: str = "192.0.2.1", **more: Any) -> Any:
    headers = {"X-Forwarded-For": address}
    token = client.get("/api/v1/session", headers=headers).json()["token"]
    said = {"token": token, "login": login, "password": password, **more}
    return client.post(SIGN_IN, data=said, headers=headers)


def fail(client: httpx.Client, login: str | None, times: int, address: str = "192.0.2.1") -> None:
    for _ in range(times):
        assert refusal(sign_in(client, login, "wrong", address))[:2] == (400, "user.login_failed")


def is_blocked(answer: httpx.Response, seconds: int) -> bool:
    """Whether the answer says that it is, for about so long."""
    status, code, parameters = refusal(answer)
    waited = int(answer.headers["retry-after"])
    return (
        (status, code) == (400, "user.login_blocked")
        and parameters == {"seconds": str(waited)}
        and (0 <= seconds - waited < 30)
    )


def test_five_failures_block_login_and_address(client: httpx.Client, mira: Account, clock: Clock) -> None:
    fail(client, mira.email, 5)

    blocked = sign_in(client, mira.email, PASSWORD)
    elsewhere = sign_in(client, mira.email, PASSWORD, "198.51.100.7")
    clock.advance(minutes=14)
    still = sign_in(client, mira.email, PASSWORD)
    clock.advance(minutes=1, seconds=1)
    later = sign_in(client, mira.email, PASSWORD)

    assert (is_blocked(blocked, 900), elsewhere.status_code) == (True, 200)
    assert (is_blocked(still, 60), later.status_code) == (True, 200)


def test_the_block_begins_with_the_last_failure(client: httpx.Client, mira: Account, clock: Clock) -> None:
    fail(client, mira.email, 4)
    clock.advance(minutes=14)
    fail(client, mira.email, 1)

    assert is_blocked(sign_in(client, mira.email, PASSWORD), 900)


def test_a_name_and_an_address_are_one_login(client: httpx.Client, mira: Account) -> None:
    fail(client, mira.email, 3)
    fail(client, "Mira", 2)

    assert is_blocked(sign_in(client, mira.email, PASSWORD), 900)


def test_an_unknown_login_is_blocked_as_well(client: httpx.Client, strict: HttpServer) -> None:
    fail(client, "nobody", 5)

    assert is_blocked(sign_in(client, "Nobody", PASSWORD), 900)


def test_a_success_resets_the_pair(client: httpx.Client, mira: Account) -> None:
    fail(client, mira.email, 4)
    assert sign_in(client, mira.email, PASSWORD).status_code == 200
    fail(client, mira.email, 4)

    assert sign_in(client, mira.email, PASSWORD).status_code == 200


def test_many_failures_block_an_address(client: httpx.Client, mira: Account, clock: Clock) -> None:
    for number in range(10):
        fail(client, f"nobody{number}", 1)

    blocked, elsewhere = sign_in(client, mira.email, PASSWORD), sign_in(client, mira.email, PASSWORD, "2001:db8::1")
    clock.advance(hours=1)

    assert (is_blocked(blocked, 3600), elsewhere.status_code) == (True, 200)
    assert sign_in(client, mira.email, PASSWORD).status_code == 200


def test_a_browser_is_told_where_it_signs_in(client: httpx.Client, mira: Account) -> None:
    fail(client, mira.email, 5)

    answer = sign_in(client, mira.email, PASSWORD, error="/in")

    assert (answer.status_code, answer.headers["location"].partition("#l:")[0]) == (302, "/in#m:login_blocked")


def test_failures_count_together_with_those_of_other_surfaces(client: httpx.Client, mira: Account) -> None:
    sent = {"email": mira.email, "password": "wrong"}
    for number in range(20):
        client.post("/v1/users/signin", json=sent, headers={"X-Forwarded-For": f"203.0.113.{number}"})

    there = client.post("/v1/users/signin", json=sent, headers={"X-Forwarded-For": "203.0.113.99"})
    here = sign_in(client, mira.email, PASSWORD)

    assert (there.status_code, refusal(here)[:2]) == (429, (400, "user.login_blocked"))


def test_failures_here_count_elsewhere(client: httpx.Client, mira: Account) -> None:
    for number in range(20):
        fail(client, mira.email, 1, f"203.0.113.{number}")

    answer = client.post("/v1/users/signin", json={"email": mira.email, "password": PASSWORD})

    assert answer.status_code == 429


def test_wrong_passkeys_are_counted_by_address(strict: HttpServer, client: httpx.Client, clock: Clock) -> None:
    def ask(number: int, address: str, query: str = "") -> httpx.Response:
        headers = {"X-Forwarded-For": address}
        return client.get(f"/api/v1/export/{number}/download/wrong/a.zip{query}", headers=headers)

    answers = [ask(number, "192.0.2.1").status_code for number in (1, 2, 3)]
    blocked, led = ask(4, "192.0.2.1"), ask(4, "192.0.2.1", "?disposition=inline")
    elsewhere = ask(4, "192.0.2.2")
    clock.advance(minutes=1)
    later = ask(4, "192.0.2.1")

    assert (answers, refusal(blocked)[:2]) == ([302] * 3, (429, "user.login_blocked"))
    assert int(blocked.headers["retry-after"]) > 0
    assert led.headers["location"] == "/#server_error:error.user.login_blocked"
    assert [one.headers["location"] for one in (elsewhere, later)] == ["/#server_error:export.invalid.passkey"] * 2


# Lifetime


def test_a_session_ends_when_nobody_used_it_for_days(strict: HttpServer, clock: Clock) -> None:
    with caller_of(strict) as caller:
        for _ in range(3):
            clock.advance(days=6)
            assert caller.client.get("/api/v1/export").status_code == 200
        clock.advance(days=7, seconds=1)
        answer = caller.client.get("/api/v1/export")
        shown = caller.client.get("/api/v1/session")

    assert refusal(answer) == (403, "user.not_authenticated", {"reason": "expired"})
    assert refusal(shown)[:2] == (400, "user.session_not_found")


def test_polling_does_not_prolong_it(strict: HttpServer, clock: Clock) -> None:
    with caller_of(strict) as caller:
        for _ in range(3):
            clock.advance(days=2)
            assert caller.client.get("/api/v1/event/poll/0").json() == []
        clock.advance(days=1, seconds=1)
        answers = [caller.client.get(path) for path in ("/api/v1/event/poll/0", "/api/v1/export")]

    assert [refusal(answer)[2] for answer in answers] == [{"reason": "expired"}] * 2


def test_a_session_that_nobody_signs_in_to_ends_after_a_day(client: httpx.Client, mira: Account, clock: Clock) -> None:
    token = client.get("/api/v1/session").json()["token"]
    clock.advance(days=1, seconds=1)

    answer = client.post(SIGN_IN, data={"token": token, "login": mira.email, "password": PASSWORD})

    assert refusal(answer)[:2] == (400, "user.session_not_found")


def test_what_has_expired_is_forgotten(strict: HttpServer, client: httpx.Client, clock: Clock) -> None:
    for _ in range(3):
        client.get("/api/v1/session")
    clock.advance(days=3)
    client.get("/api/v1/session")

    with strict.store.read() as transaction:
        count = transaction.connection.exec_driver_sql("SELECT count(*) FROM export_session").scalar()
    assert count == 1
