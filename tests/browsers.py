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

from tests.install import CACHE, program_path

#: root needs the first; without the others Chromium asks other hosts by itself
OPTIONS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WAIT_MS = 30_000  #: a machine that runs other tests too may be slow
AXE = CACHE / "oracles" / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = CACHE / "screenshots"
EXPECTED = ("Failed to load resource", "htmx:sendAbort", "htmx:afterRequest")  #: errors in the console that are none
PHONE = {"width": 360, "height": 740}
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

    def sign_in(self, token: str) -> None:
        """Be signed in with the session of that cookie."""
        self.page.context.add_cookies([{"name": "slotport_session", "value": token, "url": self.url}])

    def note_console(self, message: ConsoleMessage) -> None:
        """Remember an error, but not that an answer had a status of errors, or came after the page was left."""
        if message.type == "error" and not message.text.startswith(EXPECTED):
            self.faults.append(message.text)

    def note_request(self, request: Request) -> None:
        """Remember what is asked of others."""
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.faults.append(f"asked {request.url}")


def inspect(page: Page, name: str) -> None:
    """Whatever is shown now: axe finds nothing, dark on a desk and light on a phone, and a phone's width is enough.

    Leaves screenshots of this window in light and dark, and of a phone.
    """
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    settled(page)
    wide = page.viewport_size
    assert wide is not None
    for size, suffix, schemes in ((wide, "", ("light", "dark")), (PHONE, "-phone", ("light",))):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            # a hidden caret is a style at the fields, which htmx would copy, which the policy forbids
            page.screenshot(path=SCREENSHOTS / f"{name}{suffix}-{scheme}.png", caret="initial")
            if size is PHONE or scheme == "dark":
                found = violations(page)
                assert not found, f"{name}{suffix}, {scheme}: {found}"
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], f"{name}{suffix} is too wide"
    page.set_viewport_size(wide)


def settled(page: Page) -> None:
    """Return once htmx has put all in its place: until then it may move the focus."""
    expect(page.locator(".htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)


def violations(page: Page) -> list[str]:
    """What axe-core (WCAG 2.2 and its good practices) finds in the page as it is shown now."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    # axe leaves empty ones behind, which no policy lets htmx copy
    page.evaluate("document.querySelectorAll('[style=\"\"]').forEach((one) => one.removeAttribute('style'))")
    return [f"{one['id']}: {node['html'][:200]} {node['failureSummary']}" for one in found for node in one["nodes"]]


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
        assert opened.faults == [], opened.faults
    finally:
        context.close()
