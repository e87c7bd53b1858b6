"""What tests of the running server share: the server, a client, and people with accounts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
import pytest

from slotport.api import logs
from slotport.settings import Settings
from tests.servers import HttpServer, http_server

pytest_plugins = ["tests.databases"]
_numbers = count(1)


@dataclass(frozen=True)
class Person:
    """Somebody with an account: a client that sends its token, and the account as sign-up gave it."""

    client: httpx.Client
    user: dict[str, Any]
    token: str
    password: str

    @property
    def email(self) -> str:
        """Where the person gets mail."""
        email: str = self.user["email"]
        return email


@pytest.fixture(scope="session")
def settings(database: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of the session's server; sign-ins are hardly limited, since all tests come from one address."""
    return Settings(
        data=tmp_path_factory.mktemp("data"),
        port=0,
        sign_in_attempts=1000,
        sign_up_attempts=0,
        reset_attempts=1000,
        max_upload_bytes=8 * 1024 * 1024,
        max_json_bytes=4 * 1024 * 1024,
        shutdown_seconds=2,
        cors_origins="https://manage.example http://localhost:8000",
        redirect_hosts="site.example other.example:8080",
    )


@pytest.fixture(scope="session", autouse=True)
def _logged() -> None:
    """Whatever runs in this process logs as the server does, but only what is out of order."""
    logs.configure(Settings(log_level="warning"))


@pytest.fixture(scope="session")
def server(settings: Settings) -> Iterator[HttpServer]:
    """The real application on a free port."""
    with http_server(settings) as running:
        yield running


@pytest.fixture
def api(server: HttpServer) -> Iterator[httpx.Client]:
    """A client without a token."""
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def person(server: HttpServer) -> Iterator[Callable[..., Person]]:
    """A function that signs a new person up over HTTP; keywords are further sign-up fields."""
    clients: list[httpx.Client] = []

    def sign_up(**fields: Any) -> Person:
        number = next(_numbers)
        sent = {
            "username": f"Person {number}",
            "email": f"person{number}@example.org",
            "password": "correct horse",
            **fields,
        }
        client = httpx.Client(base_url=server.url, trust_env=False, timeout=60)
        clients.append(client)
        answer = client.post("/v1/users", json=sent)
        assert answer.status_code == 201, answer.text
        user = answer.json()
        token = user.pop("authToken")
        client.headers["Authorization"] = f"Token token={token}"
        return Person(client, user, token, sent["password"])

    yield sign_up
    for client in clients:
        client.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make fuzz` say how long it may take."""
    parser.addoption("--fuzz-seconds", default="4", help="how long each reader is fed damaged files")
