"""A forgotten password: the mail, its link, and what the link does; by a real mail server."""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from slotport.actions import accounts
from slotport.settings import Settings
from tests.mail_servers import Clock, Mailbox, mail_server
from tests.servers import HttpServer, http_server

GONE = {"error": "this link was used, has expired or never was"}
EMAIL = "Ada@example.org"
PASSWORD = "correct horse"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp(mailbox: Mailbox) -> Iterator[int]:
    with mail_server(mailbox) as port:
        yield port


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def serve(smtp: int, tmp_path: Path, clock: Clock) -> Iterator[Callable[..., HttpServer]]:
    """A function that starts a server with a mail server and the account of Ada."""
    opened: list[Any] = []

    def start(**values: Any) -> HttpServer:
        mail = {"smtp_host": "127.0.0.1", "smtp_port": smtp, "smtp_security": "none", "mail_from": "slots@example.org"}
        block = http_server(Settings(data=tmp_path, port=0, **{**mail, **values}), clock=clock)
        server = block.__enter__()
        opened.append(block)
        fields = accounts.Fields(username="Ada", email=EMAIL, password=PASSWORD)
        accounts.add(server.store, fields, now=clock.now)
        return server

    yield start
    for block in opened:
        block.__exit__(None, None, None)


@pytest.fixture
def server(serve: Callable[..., HttpServer]) -> HttpServer:
    return serve()


@pytest.fixture
def client(server: HttpServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        yield client


def ask(client: httpx.Client, email: str = EMAIL) -> httpx.Response:
    return client.post("/v1/users/reset", json={"email": email})


def sign_in(client: httpx.Client, password: str) -> int:
    return client.post("/v1/users/signin", json={"email": EMAIL, "password": password}).status_code


def test_the_mailed_link_sets_a_password_once_and_ends_every_token(client: httpx.Client, mailbox: Mailbox) -> None:
    sent = {"email": EMAIL, "password": PASSWORD}
    token = client.post("/v1/users/signin", json=sent).json()["authToken"]

    asked = ask(client, EMAIL.lower())
    path = f"/v1/users/reset/{mailbox.secret()}"
    set_it = client.post(path, json={"password": "battery staple"})
    again = client.post(path, json={"password": "another one"})

    assert (asked.status_code, asked.content) == (200, b"")
    assert (set_it.status_code, set_it.content) == (200, b"")
    assert (again.status_code, again.json()) == (404, GONE)
    assert client.get("/v1/me", headers={"Authorization": f"Token token={token}"}).status_code == 401
    assert [sign_in(client, word) for word in (PASSWORD, "another one", "battery staple")] == [401, 401, 200]


def test_the_mail_says_what_it_is_for(server: HttpServer, client: httpx.Client, mailbox: Mailbox) -> None:
    ask(client)

    ((recipients, mail),) = mailbox.wait()
    assert recipients == [EMAIL]
    assert (mail["To"], mail["From"], mail["Subject"]) == (EMAIL, "slots@example.org", "A new password for Slotport")
    assert mail.get_content().replace("\r\n", "\n") == (
        "Somebody, most likely you, asked for a new password of the Slotport account of Ada@example.org.\n\n"
        "This address sets one. It works once, until 2031-05-07 13:44 UTC:\n\n"
        f"{server.url}/v1/users/reset/{mailbox.secret()}\n\n"
        "If it was not you, do nothing: your password stays as it is.\n"
    )
    assert len(mailbox.secret()) == 43


def test_the_link_leads_home_whatever_the_request_names_as_host(
    serve: Callable[..., HttpServer], mailbox: Mailbox
) -> None:
    server = serve(base_url="https://slots.example/below/")

    httpx.post(f"{server.url}/v1/users/reset", json={"email": EMAIL}, headers={"Host": "evil.example"}, trust_env=False)

    assert "https://slots.example/below/v1/users/reset/" in mailbox.wait()[0][1].get_content()


def test_a_foreign_host_header_is_in_no_mail(client: httpx.Client, mailbox: Mailbox) -> None:
    client.post("/v1/users/reset", json={"email": EMAIL}, headers={"Host": "evil.example"})

    assert "evil.example" not in mailbox.wait()[0][1].get_content()


def test_known_and_unknown_addresses_are_answered_alike(client: httpx.Client, mailbox: Mailbox) -> None:
    mailbox.open.clear()  # who is answered before a mail is sent does not wait for it
    answers = [ask(client, email) for email in (EMAIL, "nobody@example.org")]
    sent = len(mailbox.taken)
    mailbox.open.set()

    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"")] * 2
    assert (sent, len(mailbox.wait())) == (0, 1)


def test_an_address_is_needed(client: httpx.Client) -> None:
    for body in (b"", b"{}", b'{"email":" "}'):
        answer = client.post("/v1/users/reset", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()) == (422, {"error": {"email": ["can't be blank"]}})


def test_the_form_shows_nothing_and_tells_nobody(client: httpx.Client, mailbox: Mailbox) -> None:
    ask(client)

    answer = client.get(f"/v1/users/reset/{mailbox.secret()}", headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert '<form method="post">' in answer.text
    assert mailbox.secret() not in answer.text


def test_the_form_sets_the_password(client: httpx.Client, mailbox: Mailbox) -> None:
    ask(client)
    path = f"/v1/users/reset/{mailbox.secret()}"

    looked = [client.get(path).status_code for _ in range(2)]  # looking uses nothing up
    answer = client.post(path, data={"password": "battery staple"})

    assert (looked, answer.status_code, answer.content) == ([200, 200], 200, b"")
    assert sign_in(client, "battery staple") == 200
    assert client.get(path).json() == GONE


@pytest.mark.parametrize(
    ("password", "text"),
    [("1234", "must have 5 to 72 characters"), ("x" * 73, "must have 5 to 72 characters"), (None, "can't be blank")],
)
def test_a_bad_password_leaves_the_link_good(
    client: httpx.Client, mailbox: Mailbox, password: str | None, text: str
) -> None:
    ask(client)
    path = f"/v1/users/reset/{mailbox.secret()}"

    answer = client.post(path, json={"password": password})

    assert (answer.status_code, answer.json()) == (422, {"error": {"password": [text]}})
    assert client.get(path).status_code == 200


def test_a_link_is_good_for_a_day(client: httpx.Client, mailbox: Mailbox, clock: Clock) -> None:
    ask(client)
    path = f"/v1/users/reset/{mailbox.secret()}"

    clock.now += timedelta(days=1, seconds=-1)
    before = client.get(path).status_code
    clock.now += timedelta(seconds=1)

    assert before == 200
    assert client.get(path).json() == GONE
    assert client.post(path, json={"password": "battery staple"}).json() == GONE


@pytest.mark.parametrize("secret", ["x", "x" * 43, "%2e%2e", "%00", "%ff"])
def test_an_unknown_link_is_not_found(client: httpx.Client, secret: str) -> None:
    assert client.get(f"/v1/users/reset/{secret}").status_code == 404
    assert client.post(f"/v1/users/reset/{secret}", json={"password": "battery staple"}).status_code == 404


def test_a_used_link_ends_the_other_ones(client: httpx.Client, mailbox: Mailbox) -> None:
    ask(client)
    first = mailbox.secret(1)
    ask(client)

    client.post(f"/v1/users/reset/{mailbox.secret(2)}", json={"password": "battery staple"})

    assert client.get(f"/v1/users/reset/{first}").json() == GONE


@pytest.mark.parametrize(
    "sent", [{"email": "other@example.org"}, {"password": "battery staple", "oldPassword": PASSWORD}]
)
def test_a_new_address_or_password_ends_the_links(client: httpx.Client, mailbox: Mailbox, sent: object) -> None:
    token = client.post("/v1/users/signin", json={"email": EMAIL, "password": PASSWORD}).json()["authToken"]
    ask(client)
    path = f"/v1/users/reset/{mailbox.secret()}"

    changed = client.patch("/v1/me", json=sent, headers={"Authorization": f"Token token={token}"})

    assert changed.status_code == 200
    assert client.get(path).json() == GONE


def test_a_disabled_account_gets_no_link(server: HttpServer, client: httpx.Client, mailbox: Mailbox) -> None:
    bob = accounts.Fields(username="Bob", email="bob@example.org", password=PASSWORD)
    accounts.add(server.store, bob, now=datetime.now(UTC))
    accounts.disable(server.store, EMAIL, now=datetime.now(UTC))

    answers = [ask(client, email) for email in (EMAIL, "bob@example.org")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [recipients for recipients, _ in mailbox.wait()] == [["bob@example.org"]]


def test_asking_is_limited(serve: Callable[..., HttpServer]) -> None:
    server = serve(reset_attempts=2)

    with httpx.Client(base_url=server.url, trust_env=False) as client:
        answers = [ask(client, f"{number}@example.org") for number in range(3)]

    last = answers[-1]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 3500 < int(last.headers["Retry-After"]) <= 3600
    assert last.json() == {
        "error": f"too many requests for a new password; try again in {last.headers['Retry-After']} seconds"
    }


def test_a_mail_server_that_is_away_shows_in_no_answer(
    serve: Callable[..., HttpServer], smtp: int, mailbox: Mailbox
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        server = serve(smtp_port=closed.getsockname()[1])

        answer = httpx.post(f"{server.url}/v1/users/reset", json={"email": EMAIL}, trust_env=False)

    assert (answer.status_code, answer.content) == (200, b"")
    assert mailbox.taken == []


def test_a_locked_out_person_gets_in_by_a_new_password(serve: Callable[..., HttpServer], mailbox: Mailbox) -> None:
    server = serve(sign_in_attempts=3)
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        tried = [sign_in(client, "wrong") for _ in range(4)]
        ask(client)

        client.post(f"/v1/users/reset/{mailbox.secret()}", json={"password": "battery staple"})
        with httpx.Client(
            base_url=server.url, trust_env=False, transport=httpx.HTTPTransport(local_address="127.0.0.2")
        ) as elsewhere:
            after = sign_in(elsewhere, "battery staple")

    assert (tried, after) == ([401, 401, 401, 429], 200)
