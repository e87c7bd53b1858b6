"""The pages of exports in a real browser: by keyboard alone, with progress that is seen, on a desk and on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

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


def test_news_take_away_neither_what_is_chosen_nor_what_is_pressed(opened: Window) -> None:
    page = first(opened)
    part = page.locator("[data-live]").inner_html()
    stream = "retry: 100\nevent: html\n" + "".join(f"data: {line}\n" for line in part.splitlines()) + "\n"
    asked: list[int] = []

    def answer(route: Route) -> None:
        asked.append(1)
        route.fulfill(content_type="text/event-stream", body=stream)

    page.route("**/live", answer)
    page.route("**/start", lambda route: route.fulfill(status=204))
    page.reload()
    page.get_by_label("New links work").select_option("week")
    page.get_by_role("button", name="Start").hover()
    page.mouse.down()
    before = len(asked)
    while len(asked) < before + 3:
        page.wait_for_timeout(100)
    with page.expect_request("**/start"):
        page.mouse.up()
    expect(page.get_by_label("New links work")).to_have_value("week")


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
    address = page.url.removesuffix("/log")
    page.goto(f"{address}/files?path=")
    expect(page.get_by_role("link", name="calendar.ics", exact=True)).to_be_visible()
    inspect(page, "exports-folder")
    page.goto(f"{address}/edit")
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    inspect(page, "exports-edit")
    page.goto(address)
    page.get_by_role("link", name="Delete").press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Delete this export job?")
    inspect(page, "exports-delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").press("Enter")
    expect(page.get_by_text("The export job is deleted.")).to_be_visible()


def test_an_export_is_put_together_by_keyboard_alone(opened: Window) -> None:
    page = opened.go("/app/exports/new")
    expect(page.locator("#hits")).to_have_text("Finds 40 objects")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("<img src=x onerror=alert(1)> & sea")
    page.get_by_role("button", name="Add a condition").press("Enter")
    condition = page.get_by_role("group", name="Condition 1")
    expect(condition.get_by_label("Field")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("11")
    expect(page.locator("#hits")).to_have_text("Finds one object")
    page.get_by_role("button", name="Add a schedule").press("Enter")
    expect(page.get_by_label("Monday")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#dates li")).to_have_count(5)
    expect(page.locator("#dates li").first).to_contain_text("06:00")
    inspect(page, "exports-new")
    page.get_by_role("button", name="Save and start").press("Enter")
    expect(page.get_by_role("heading", name="<img src=x onerror=alert(1)> & sea")).to_be_visible()
    expect(page.locator(".badge.good").first).to_have_text("Done")
    expect(page.get_by_text("1 objects in 2 files")).to_be_visible()


def test_a_delivery_is_added_and_what_is_wrong_with_it_is_said(opened: Window) -> None:
    page = opened.go("/app/exports/new")
    page.get_by_label("Way of delivery").select_option("sftp")
    page.get_by_role("button", name="Add a delivery").press("Enter")
    page.get_by_label("Server", exact=True).fill("10.1.2.3")
    page.get_by_label("Login").fill("crew")
    page.get_by_label("Password").fill("typed")
    page.get_by_role("button", name="Test delivery 2").press("Enter")
    expect(page.get_by_text("The test failed")).to_be_visible()
    inspect(page, "exports-refused")

    assert page.get_by_label("Password").input_value() == "typed"
