"""A real browser: Debian's Chromium, driven by Playwright. What it is refused by a page's policy, and what it asks of
other hosts, is a failure of the test.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.install import program_path

#: root needs the first; without the others Chromium asks other hosts by itself
OPTIONS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WAIT_MS = 30_000  #: a machine that runs other tests too may be slow
expect.set_options(timeout=WAIT_MS)


@dataclass
class Window:
    """A page in a browser, and what went wrong in it."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a path, and wait for the page's script."""
        self.page.goto(self.url + path)
        self.page.wait_for_selector("html[data-ready]")
        return self.page

    def note_console(self, message: ConsoleMessage) -> None:
        """Remember an error, but not that an answer had a status of errors."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    def note_request(self, request: Request) -> None:
        """Remember what is asked of others."""
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.faults.append(f"asked {request.url}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; without it the test is skipped, or fails where CI is set."""
    program = program_path("chromium")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("PEER-MISSING(chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def window(browser: Browser, url: str, **options: Any) -> Iterator[Window]:
    """A fresh window, without cookies, at a server's address; at the end nothing may have gone wrong in it."""
    context = browser.new_context(locale="en-GB", timezone_id="America/New_York", **options)
    context.set_default_timeout(WAIT_MS)
    try:
        opened = Window(context.new_page(), url)
        opened.page.on("console", opened.note_console)
        opened.page.on("pageerror", lambda error: opened.faults.append(str(error)))
        opened.page.on("request", opened.note_request)
        yield opened
        assert opened.faults == []
    finally:
        context.close()
