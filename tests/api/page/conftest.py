"""A browser for the tests of pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browsers import Window, chromium, window
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
