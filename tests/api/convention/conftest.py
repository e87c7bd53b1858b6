"""A convention, and clients that speak for somebody there."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention
from tests.calendars import add_person
from tests.conventions import add_convention, client_of, signature
from tests.servers import HttpServer


@pytest.fixture
def boss(server: HttpServer) -> Account:
    """Who manages the convention."""
    return add_person(server.store, username="Mira")


@pytest.fixture
def convention(server: HttpServer, boss: Account) -> Convention:
    """A convention of one manager, ``boss``, without events or locations."""
    return add_convention(server.store, boss)


@pytest.fixture
def client(server: HttpServer) -> Iterator[Callable[..., httpx.Client]]:
    """A function that gives a client of a convention (or None) and an account, if any."""
    with ExitStack() as opened:
        yield lambda convention, account=None: opened.enter_context(client_of(server, convention, account))


@pytest.fixture
def public(client: Callable[..., httpx.Client], convention: Convention) -> httpx.Client:
    """Sends the convention's key alone."""
    return client(convention)


@pytest.fixture
def manager(client: Callable[..., httpx.Client], convention: Convention, boss: Account) -> httpx.Client:
    """Sends the key and the token of ``boss``."""
    return client(convention, boss)


@pytest.fixture
def system(client: Callable[..., httpx.Client], convention: Convention) -> httpx.Client:
    """Signed by the convention."""
    opened = client(convention)
    opened.headers["Authorization"] = signature(convention)
    return opened
