"""The pages of exports in a real browser: by keyboard alone, with progress that is seen, on a desk and on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.page.exporting import PASSWORD, export_pages, signed_in
from tests.browsers import Window, inspect, window


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that runs exports."""
    with export_pages(tmp_path_factory.mktemp("pages")) as found:
        yield found


@pytest.fixture
def opened(chrome: Browser, url: str) -> Iterator[Window]:
    """A window in which somebody new is signed in, who has 40 slots."""
    with signed_in(url) as somebody, window(chrome, url) as shown:
        somebody.add_slots(40)
        page = shown.go("/app/sign-in")
        page.get_by_label("E-mail address").fill(somebody.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        yield shown


def first(shown: Window) -> Page:
    """The page of the first export, which is done."""
    page = shown.go("/app/exports")
    page.get_by_role("button", name="Make my first export").press("Enter")
    expect(page.get_by_role("heading", name="All my slots")).to_be_visible()
    expect(page.locator(".badge.good").first).to_have_text("Done")
    return page


def test_the_first_export_is_made_and_its_end_is_seen(opened: Window) -> None:
    inspect(opened.go("/app/exports"), "exports-empty")
    page = first(opened)
    expect(page.get_by_role("link", name="All files as ZIP")).to_be_visible()
    inspect(page, "exports-one")
    inspect(opened.go("/app/exports"), "exports-list")


def test_a_file_is_looked_at_and_downloaded(opened: Window) -> None:
    page = first(opened)
    page.get_by_role("link", name="calendar.ics", exact=True).press("Enter")
    expect(page.locator("pre")).to_contain_text("BEGIN:VCALENDAR")
    inspect(page, "exports-view")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").press("Enter")

    assert download.value.suggested_filename == "calendar.ics"


def test_the_log_is_read_and_the_export_deleted(opened: Window) -> None:
    page = first(opened)
    page.get_by_role("link", name="The whole log and all runs").press("Enter")
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    inspect(page, "exports-log")
    page.go_back()
    page.get_by_role("link", name="Delete").press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Delete this export job?")
    inspect(page, "exports-delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").press("Enter")
    expect(page.get_by_text("The export job is deleted.")).to_be_visible()
