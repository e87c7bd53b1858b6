"""In a browser: an ended session, a lost and a slow network, refusals; slots made, changed and deleted in the grid."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.api.page.people import PASSWORD, signed_up
from tests.api.page.test_calendar import JSON, add_slots
from tests.browsers import Window, inspect, window
from tests.servers import HttpServer

WEEK = "/app/calendar?view=week&date=2031-05-06"
PERSON = tuple[httpx.Client, str]


@pytest.fixture
def person(shown: Window, server: HttpServer) -> Iterator[PERSON]:
    """Somebody signed in, in the window too, who looks at times of Berlin, and the e-mail address."""
    with signed_up(server) as (browser, email):
        shown.sign_in(browser.cookies["slotport_session"])
        zone = "Europe%2FBerlin"
        shown.page.context.add_cookies([{"name": "slotport_zone", "value": zone, "url": shown.url}])
        browser.cookies.set("slotport_zone", zone)
        yield browser, email


def stored(browser: httpx.Client) -> list[tuple[str, str]]:
    """Title and start of what is in that week."""
    query = "start=2031-05-05&end=2031-05-12"
    found: list[dict[str, Any]] = browser.get(f"/app/calendar/events?{query}", headers=JSON).json()["events"]
    return [(event["title"], event["start"]) for event in found]


def event(page: Page, title: str) -> Locator:
    return page.locator("button.event", has_text=title)


def click_free(page: Page, day: int, hour: float) -> None:
    """Click where the grid has free time: a day of the week, from 0, and an hour."""
    expect(page.locator(".ec-day").first).to_be_visible()
    spot = page.evaluate(
        """([day, hour]) => {
            const days = [...document.querySelectorAll('.ec-body .ec-day, .ec-grid .ec-day')];
            const area = days.filter((one) => one.offsetHeight > 400)[day];
            area.scrollIntoView({block: 'start'});
            const scroller = document.querySelector('.ec-main') ?? document.querySelector('.ec-body');
            scroller.scrollTop = (hour - 2) * area.offsetHeight / 24;
            const box = area.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height * hour / 24];
        }""",
        [day, hour],
    )
    page.mouse.click(*spot)


def test_a_slot_is_made_changed_and_deleted_in_the_grid(shown: Window, person: PERSON) -> None:
    browser, _ = person
    page = shown.go(WEEK)
    click_free(page, 1, 10.1)
    dialog = page.locator("#dialog")
    expect(dialog.get_by_label("Title", exact=True)).to_be_focused()
    expect(dialog.get_by_label("From", exact=True)).to_have_value("2031-05-06")
    expect(dialog.locator("#start_time")).to_have_value("10:00")
    expect(dialog.locator("#end_time")).to_have_value("11:00")
    inspect(page, "calendar-new-slot")
    page.keyboard.type("Walk")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(dialog).to_be_hidden()
    expect(event(page, "Walk")).to_contain_text("10:00–11:00")
    assert stored(browser) == [("Walk", "2031-05-06T10:00:00")]
    assert "view=week&date=2031-05-06" in page.url

    event(page, "Walk").click()
    dialog.get_by_label("Title", exact=True).fill("Long walk")
    dialog.locator("#end_time").fill("12:30")
    dialog.get_by_role("button", name="Save").click()
    expect(event(page, "Long walk")).to_contain_text("10:00–12:30")
    assert "view=week&date=2031-05-06" in page.url

    event(page, "Long walk").press("Enter")
    dialog.get_by_role("link", name="Delete").click()
    expect(dialog.get_by_role("heading", name="Delete “Long walk”?")).to_be_focused()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted.")).to_be_visible()
    expect(event(page, "Long walk")).to_have_count(0)
    assert stored(browser) == []
    assert "view=week&date=2031-05-06" in page.url


def test_one_date_of_a_series_is_changed_and_another_deleted(shown: Window, server: HttpServer, person: PERSON) -> None:
    browser, email = person
    add_slots(server, email, {"title": "Choir", "rrule": "FREQ=DAILY;COUNT=3"})
    page = shown.go(WEEK)
    dialog = page.locator("#dialog")
    expect(event(page, "Choir")).to_have_count(3)
    event(page, "Choir").nth(1).click()
    expect(dialog.get_by_label("From", exact=True)).to_have_value("2031-05-07")
    dialog.get_by_label("Title", exact=True).fill("Concert")
    dialog.get_by_role("button", name="Save").click()
    expect(event(page, "Concert")).to_have_count(1)
    expect(event(page, "Choir")).to_have_count(2)
    event(page, "Choir").last.click()
    dialog.get_by_role("link", name="Delete").click()
    dialog.get_by_role("button", name="Only this date").click()
    expect(event(page, "Choir")).to_have_count(1)

    assert stored(browser) == [("Choir", "2031-05-06T19:00:00"), ("Concert", "2031-05-07T19:00:00")]


def test_a_form_in_the_dialog_outlives_its_session(shown: Window, person: PERSON) -> None:
    browser, email = person
    page = shown.go(WEEK)
    page.get_by_role("link", name="New slot").first.click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Title", exact=True).fill("Walk")
    dialog.get_by_label("Description").fill("A long text")
    page.context.clear_cookies(name="slotport_session")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Your session has ended")
    shown.faults.clear()  # htmx says in the console, too, that this was refused
    inspect(page, "state-session-ended")
    with page.expect_popup() as opened:
        dialog.get_by_role("link", name="Sign in").click()
    other = opened.value
    other.get_by_label("E-mail").fill(email)
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("button", name="Sign out")).to_be_visible()
    other.close()
    expect(dialog.get_by_label("Description")).to_have_value("A long text")
    dialog.get_by_role("button", name="Save").click()

    expect(event(page, "Walk")).to_be_visible()
    assert stored(browser) == [("Walk", "2031-05-06T09:00:00")]


def test_going_back_shows_the_page_that_was_there(shown: Window, person: PERSON) -> None:
    page = shown.go(WEEK)
    page.get_by_role("link", name="Conventions", exact=True).click()
    expect(page.get_by_role("heading", name="Conventions")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Times in")).to_have_value("Europe/Berlin")
    page.go_forward()
    expect(page.get_by_role("heading", name="Conventions")).to_be_visible()
    page.context.clear_cookies(name="slotport_session")
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_another_language_shows_what_was_shown(shown: Window, person: PERSON) -> None:
    page = shown.go("/app/calendar?view=month&date=2031-05-06&said=slots-saved")
    page.get_by_label("Language").select_option("de")
    expect(page.get_by_role("heading", name="Mai 2031")).to_be_visible()
    assert page.url == f"{shown.url}/app/calendar?view=month&date=2031-05-06"


def test_in_the_dialog_over_the_calendar_each_field_has_its_own_label(shown: Window, person: PERSON) -> None:
    page = shown.go(WEEK)
    page.get_by_role("link", name="New slot").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(ids) == len(set(ids)), ids


def test_a_slow_answer_is_waited_for_visibly_and_nothing_is_sent_twice(shown: Window, person: PERSON) -> None:
    browser, _ = person
    page = shown.go(f"/app/slots/new?start=2031-05-06T17:00&end=2031-05-06T18:00&back={WEEK.replace('&', '%26')}")
    held: list[Any] = []
    page.route("**/app/slots/new", lambda route: held.append(route))
    page.get_by_label("Title", exact=True).fill("Once")
    save = page.get_by_role("button", name="Save")
    save.click()
    expect(page.locator("html.is-waiting")).to_be_attached()
    expect(page.get_by_role("status").filter(has_text="One moment")).to_be_attached()
    expect(save).to_have_attribute("aria-disabled", "true")
    save.dispatch_event("click")
    page.get_by_label("Title", exact=True).press("Enter")
    inspect(page, "state-slow")
    for route in held:
        route.continue_()

    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator("html.is-waiting")).to_have_count(0)
    assert len(held) == 1
    assert stored(browser) == [("Once", "2031-05-06T17:00:00")]


def test_a_form_that_is_refused_as_a_whole_stays(shown: Window, person: PERSON) -> None:
    browser, _ = person
    page = shown.go(WEEK)
    page.get_by_role("link", name="New slot").first.click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Title", exact=True).fill("Walk")
    dialog.get_by_role("button", name="Save").click()
    event(page, "Walk").click()
    dialog.get_by_label("Description").fill("A long text")
    number = dialog.locator("#slot").get_attribute("action")
    assert browser.post(f"{number}/delete").status_code == 303
    dialog.get_by_role("button", name="Save").click()

    expect(dialog.get_by_role("alert")).to_contain_text("There is nothing here. This slot was deleted.")
    expect(dialog.get_by_label("Description")).to_have_value("A long text")
    expect(dialog.get_by_role("button", name="Save")).not_to_have_attribute("aria-disabled", "true")


def test_everything_works_without_a_script(chrome: Browser, server: HttpServer) -> None:
    with window(chrome, server.url, java_script_enabled=False, accept_downloads=True) as opened:
        page = opened.page
        page.goto(f"{server.url}/app/sign-up")
        page.get_by_label("Name").fill("Ada")
        page.get_by_label("E-mail address").fill("scriptless@browser.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign up").click()
        page.goto(server.url + WEEK)
        page.get_by_role("link", name="New slot").first.click()
        page.get_by_label("Title", exact=True).fill("Walk")
        dead_controls(page)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("link", name="Walk")).to_be_visible()
        dead_controls(page)

        page.get_by_role("link", name="Export", exact=True).click()
        dead_controls(page)
        with page.expect_download() as download:
            page.locator("a[download]").first.click()
        file = download.value.path()
        assert b"SUMMARY:Walk" in file.read_bytes()

        page.get_by_role("link", name="Import", exact=True).click()
        dead_controls(page)
        calendar = file.read_bytes().replace(b"Walk", b"Swim").replace(b"UID:", b"UID:other-")
        page.locator("input[type=file]").set_input_files(
            files=[{"name": "swim.ics", "mimeType": "text/calendar", "buffer": calendar}]
        )
        page.get_by_role("button", name="See what would change").click()
        dead_controls(page)
        page.get_by_role("button", name="Import what is selected").click()
        dead_controls(page)
        page.goto(server.url + WEEK)
        expect(page.get_by_role("link", name="Swim")).to_be_visible()

        page.get_by_role("link", name="Ada").click()
        dead_controls(page)
        page.get_by_label("Name").fill("Countess")
        page.get_by_role("button", name="Save").first.click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_text("You are signed out.")).to_be_visible()


def dead_controls(page: Page) -> None:
    """Fail if a button is shown that only a script listens to."""
    for button in page.locator("button:visible").all():
        assert button.get_attribute("type") in (None, "submit"), button.inner_text()
