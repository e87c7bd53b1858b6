"""What ``slotport demo`` opens on: a filled calendar, a board, an export that ran; the pictures of the README."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from slotport.cli.demo import EMAIL, PASSWORD
from tests.browsers import SCREENSHOTS, Window, window
from tests.processes import free_port


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo in a process of its own."""
    command = [sys.executable, "-m", "slotport", "demo", "--port", str(free_port())]
    folder = tmp_path_factory.mktemp("demo")
    with subprocess.Popen([*command, "--data", str(folder)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            told = next(found for line in process.stdout if (found := re.search(r"runs at (\S+)", line)))
            yield told[1]
        finally:
            process.terminate()


@pytest.fixture
def shown(chrome: Browser, demo: str) -> Iterator[Window]:
    """A window in which the demo's account is signed in."""
    with window(chrome, demo, viewport={"width": 1280, "height": 800}) as opened:
        opened.page.context.add_cookies([{"name": "slotport_zone", "value": "Europe%2FBerlin", "url": demo}])
        page = opened.go("/")
        page.get_by_role("main").get_by_role("link", name="Sign in").click()
        page.get_by_label("E-mail address").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        yield opened


def picture(page: Page, name: str) -> None:
    """Leave a picture for the README: docs/pictures/ has those of the last release."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"readme-{name}.png", caret="initial")


def test_the_demo_is_worth_a_look(shown: Window) -> None:
    page = shown.go("/app/calendar?view=week")
    page.wait_for_load_state("networkidle")
    assert page.locator("button.event").count() >= 8
    picture(page, "calendar")

    page = shown.go("/app/conventions")
    page.get_by_role("link", name="Harbour Con", exact=True).click()
    page.locator("nav.sub").get_by_role("link", name="Board").click()
    page.wait_for_selector("[data-loaded]")
    expect(page.locator("[data-offer]")).to_have_count(2)
    days = page.locator("nav", has=page.get_by_text("time slots")).get_by_role("link")
    days.nth(1).click()
    page.wait_for_load_state("networkidle")
    assert page.locator("button.event").count() >= 3
    picture(page, "board")

    page = shown.go("/app/exports")
    page.get_by_role("link", name="Everything", exact=True).click()
    expect(page.locator(".badge.good").first).to_have_text("Done")
    picture(page, "export")
