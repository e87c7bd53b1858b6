"""My calendar in a real browser: what is drawn where, moves by mouse and by keyboard, and what goes wrong."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.api.page.people import signed_up
from tests.api.page.test_calendar import JSON, add_slots
from tests.browsers import PHONE, Window, inspect
from tests.servers import HttpServer

WEEK = "/app/calendar?view=week&date=2031-05-06"


@pytest.fixture
def person(shown: Window, server: HttpServer) -> Iterator[tuple[httpx.Client, str]]:
    """Somebody signed in, in the window too, who looks at times of Berlin from New York."""
    with signed_up(server) as (browser, email):
        shown.sign_in(browser.cookies["slotport_session"])
        for jar in (shown.page.context,):
            jar.add_cookies([{"name": "slotport_zone", "value": "Europe%2FBerlin", "url": shown.url}])
        browser.cookies.set("slotport_zone", "Europe%2FBerlin")
        yield browser, email


def starts(browser: httpx.Client) -> list[str]:
    """When the slots of that week begin, as stored."""
    found: list[dict[str, Any]] = browser.get(
        "/app/calendar/events?start=2031-05-05&end=2031-05-12", headers=JSON
    ).json()["events"]
    return [event["start"] for event in found]


def button(page: Page, title: str) -> Any:
    return page.locator("button.event", has_text=title).first


def test_a_slot_stands_where_the_viewers_clock_has_it(
    shown: Window, server: HttpServer, person: tuple[httpx.Client, str]
) -> None:
    add_slots(server, person[1], {"title": "Supper at the quay"}, {"title": "Fair", "allday": True})
    page = shown.go(WEEK)

    expect(button(page, "Supper")).to_contain_text("19:00")
    expect(page.locator("#calendar-list")).to_be_hidden()
    inspect(page, "calendar-week")
    page.get_by_role("link", name="Month", exact=True).click()
    expect(button(page, "Supper")).to_be_visible()
    inspect(page, "calendar-month")
    page.get_by_role("link", name="Day", exact=True).click()
    expect(button(page, "Supper")).to_be_visible()
    inspect(page, "calendar-day")
    page.get_by_role("link", name="List", exact=True).click()
    expect(page.get_by_role("link", name="Supper at the quay")).to_be_visible()
    inspect(page, "calendar-list")


def test_a_slot_is_moved_and_made_longer_by_keyboard(
    shown: Window, server: HttpServer, person: tuple[httpx.Client, str]
) -> None:
    browser, email = person
    add_slots(server, email, {"title": "Supper"})
    page = shown.go(WEEK)
    button(page, "Supper").focus()
    for key in ("Alt+ArrowDown", "Alt+ArrowRight", "Alt+Shift+ArrowDown"):
        with page.expect_response("**/app/calendar/events*"):
            page.keyboard.press(key)
        expect(button(page, "Supper")).to_be_focused()

    expect(page.locator("#status")).to_have_text("Moved.")
    assert starts(browser) == ["2031-05-07T19:15:00"]
    expect(button(page, "Supper")).to_contain_text("19:15–21:30")


def test_a_slot_is_dragged_to_another_day(shown: Window, server: HttpServer, person: tuple[httpx.Client, str]) -> None:
    browser, email = person
    add_slots(server, email, {"title": "Supper"})
    page = shown.go(WEEK)
    button(page, "Supper").scroll_into_view_if_needed()
    box = button(page, "Supper").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 12, steps=4)
    page.mouse.move(box["x"] + 20 + box["width"] * 1.03, box["y"] + 10, steps=6)
    with page.expect_response("**/app/calendar/move"):
        page.mouse.up()
    page.wait_for_load_state("networkidle")

    assert starts(browser) == ["2031-05-07T19:00:00"]


@pytest.mark.parametrize(("answer", "moved"), [("Only this one", 1), ("All of them", 3), ("Cancel", 0)])
def test_of_a_series_one_date_or_all_are_moved(
    shown: Window, server: HttpServer, person: tuple[httpx.Client, str], answer: str, moved: int
) -> None:
    browser, email = person
    add_slots(server, email, {"title": "Supper", "rrule": "FREQ=DAILY;COUNT=3"})
    page = shown.go(WEEK)
    button(page, "Supper").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("dialog")).to_be_visible()
    with page.expect_response("**/app/calendar/move") if moved else nullcontext():
        page.get_by_role("button", name=answer).press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("button.event", has_text="Supper").filter(has_text="19:15")).to_have_count(moved)

    assert sum(datetime.fromisoformat(start).minute == 15 for start in starts(browser)) == moved


@pytest.mark.parametrize("answer", ["Only this one", "All of them"])
def test_a_move_is_taken_back(shown: Window, server: HttpServer, person: tuple[httpx.Client, str], answer: str) -> None:
    browser, email = person
    add_slots(server, email, {"title": "Supper", "rrule": "FREQ=DAILY;COUNT=3"})
    before = starts(browser)
    page = shown.go(WEEK)
    button(page, "Supper").focus()
    page.keyboard.press("Alt+ArrowDown")
    page.get_by_role("button", name=answer).press("Enter")
    expect(button(page, "Supper")).to_contain_text("19:15")
    page.get_by_role("button", name="Undo").press("Enter")

    expect(page.locator("#status")).to_have_text("Moved back.")
    expect(button(page, "Supper")).to_contain_text("19:00")
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    assert starts(browser) == before


def test_a_move_that_is_refused_says_why_and_goes_back(
    shown: Window, server: HttpServer, person: tuple[httpx.Client, str]
) -> None:
    skipped = {"startDate": "2031-03-29T01:30:00.000Z", "endDate": "2031-03-29T02:00:00.000Z"}
    add_slots(server, person[1], {"title": "Night shift", **skipped})
    page = shown.go("/app/calendar?view=week&date=2031-03-29")
    button(page, "Night shift").focus()
    page.keyboard.press("Alt+ArrowRight")

    expect(page.locator("#calendar-problem")).to_have_text("Not moved: clocks skip 02:30 on that day.")
    expect(button(page, "Night shift")).to_contain_text("02:30")


def test_offline_the_move_goes_back_and_the_banner_says_so(
    shown: Window, server: HttpServer, person: tuple[httpx.Client, str]
) -> None:
    browser, email = person
    add_slots(server, email, {"title": "Supper"})
    page = shown.go(WEEK)
    button(page, "Supper").focus()
    page.context.set_offline(True)
    page.keyboard.press("Alt+ArrowDown")

    expect(page.locator("#banner")).to_contain_text("Slotport cannot be reached")
    page.context.set_offline(False)
    assert starts(browser) == ["2031-05-06T19:00:00"]


def test_a_crowded_day_of_a_month_leads_to_the_day(
    shown: Window, server: HttpServer, person: tuple[httpx.Client, str]
) -> None:
    add_slots(server, person[1], *({"title": f"Walk {n:02}"} for n in range(12)))
    page = shown.go("/app/calendar?view=month&date=2031-05-06")
    page.set_viewport_size({"width": 1280, "height": 1600})
    more = page.locator("button.event", has_text="4 more")
    fold = page.locator(".ec-day-foot button, .ec-day-foot a")
    expect(more.or_(fold).first).to_be_visible()
    if not more.is_visible():
        fold.first.click()
    more.first.click()
    page.wait_for_url("**view=day&date=2031-05-06*")
    expect(button(page, "Walk 11")).to_be_visible()


def test_a_phone_shows_the_week_as_a_list(shown: Window, server: HttpServer, person: tuple[httpx.Client, str]) -> None:
    add_slots(server, person[1], {"title": "Supper"})
    shown.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page = shown.go(WEEK)

    expect(page.get_by_role("link", name="Supper")).to_be_visible()
    expect(page.locator("#grid")).to_be_hidden()


def test_an_empty_calendar_says_what_to_do(shown: Window, person: tuple[httpx.Client, str]) -> None:
    page = shown.go("/app/calendar?view=list&date=2031-05-06")

    expect(page.get_by_text("There is nothing here yet.")).to_be_visible()
    inspect(page, "calendar-empty")
