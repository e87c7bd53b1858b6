"""The server of the tests of the export interface, and people who are signed in there."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from time import sleep
from typing import Any

import httpx
import pytest

from slotport.api import logs
from slotport.settings import Settings
from tests.api.export.serving import Caller, caller_of, export_server
from tests.servers import HttpServer


@pytest.fixture(scope="package")
def exporting(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    """A server with exports; sign-ins are hardly limited, since all tests come from one address."""
    settings = Settings(
        data=tmp_path_factory.mktemp("exports"),
        port=0,
        sign_in_attempts=1000,
        sign_up_attempts=0,
        login_pair_attempts=1000,
        login_address_attempts=1000,
        passkey_attempts=1000,
        shutdown_seconds=2,
        instance_name="harbour",
        max_exports=5,
    )
    with export_server(settings) as running:
        yield running


@pytest.fixture
def web(exporting: HttpServer) -> Iterator[httpx.Client]:
    """A client without a token."""
    with httpx.Client(base_url=exporting.url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def signed_in(exporting: HttpServer) -> Iterator[Callable[..., Caller]]:
    """A function that gives somebody new who is signed in."""
    with ExitStack() as opened:
        yield lambda **fields: opened.enter_context(caller_of(exporting, **fields))


@pytest.fixture
def caller(signed_in: Callable[..., Caller]) -> Caller:
    """Somebody new who is signed in."""
    return signed_in()


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[Any]]]:
    """A function that gives what was logged since the test began."""
    logs.configure(Settings())
    capsys.readouterr()
    texts: list[str] = []

    def so_far() -> list[Any]:
        sleep(0.1)  # a request's line is written when its answer is already on the way
        texts.append(capsys.readouterr().err)
        return [json.loads(line) for line in "".join(texts).splitlines()]

    yield so_far
    logs.configure(Settings(log_level="warning"))
