"""A browser for the tests of pages, and a convention."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from slotport.core.account import Account
from slotport.core.convention import Convention
from tests.browsers import Window, chromium, window
from tests.calendars import add_person
from tests.conventions import add_convention
from tests.servers import HttpServer


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """Chromium, one a module: its loop of events must not run where other tests have theirs."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def shown(chrome: Browser, server: HttpServer) -> Iterator[Window]:
    """A fresh window at the server."""
    with window(chrome, server.url) as opened:
        yield opened


@pytest.fixture
def boss(server: HttpServer) -> Account:
    """Somebody who manages a convention."""
    return add_person(server.store, username="Mira")


@pytest.fixture
def convention(server: HttpServer, boss: Account) -> Convention:
    """A convention in Berlin, with nothing in it."""
    return add_convention(server.store, boss, settings={"timezone": "Europe/Berlin"})
