"""The schedule board in a real browser: by mouse, by keyboard alone, on a phone."""

import re
from collections.abc import Iterator
from itertools import count

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.api.page.boards import DAY, Planned, plan, shown_day
from tests.api.page.people import signed_up
from tests.browsers import PHONE, SCREENSHOTS, Window, inspect, settled, window
from tests.servers import HttpServer

NUMBERS = count(1)


@pytest.fixture
def manager(server: HttpServer) -> Iterator[tuple[httpx.Client, Planned]]:
    """The manager's session, and a convention."""
    with signed_up(server) as (client, email):
        yield client, plan(server, email, f"Boards {next(NUMBERS)}")


@pytest.fixture
def shown_board(shown: Window, manager: tuple[httpx.Client, Planned]) -> Page:
    """The board on the first day."""
    client, planned = manager
    return opened(shown, client, f"{planned.path}?day={DAY}")


def opened(shown: Window, client: httpx.Client, path: str) -> Page:
    """A board in the manager's session."""
    cookie = {"name": "slotport_session", "value": client.cookies["slotport_session"], "url": shown.url}
    shown.page.context.add_cookies([cookie])  # type: ignore[list-item]
    page = shown.go(path)
    page.wait_for_selector("[data-loaded]")
    return page


def slot(page: Page, title: str) -> Locator:
    return page.locator(".ec-event:not(.ec-ghost, .ec-preview) [data-event]", has_text=title).first


def drag(page: Page, source: Locator, x: float, y: float, *, drop: bool = True) -> None:
    """Take it with the mouse, and lead it by so many pixels."""
    source.scroll_into_view_if_needed()
    box = source.bounding_box()
    assert box is not None
    at_x, at_y = box["x"] + box["width"] / 2, box["y"] + min(10, box["height"] / 2)
    page.mouse.move(at_x, at_y)
    page.mouse.down()
    page.mouse.move(at_x + x / 2, at_y + y / 2, steps=3)
    page.mouse.move(at_x + x, at_y + y, steps=3)
    if drop:
        page.mouse.up()


def middle(locator: Locator) -> tuple[float, float]:
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag_to(page: Page, source: Locator, target: Locator, *, drop: bool = True) -> None:
    source.scroll_into_view_if_needed()
    (x, y), (to_x, to_y) = middle(source), middle(target)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to_x) / 2, (y + to_y) / 2, steps=3)
    page.mouse.move(to_x, to_y, steps=3)
    if drop:
        page.mouse.up()


def test_a_time_slot_is_dragged_to_another_time(shown_board: Page, manager: tuple[httpx.Client, Planned]) -> None:
    client, planned = manager
    drag(shown_board, slot(shown_board, "Knots"), 0, 48)

    expect(shown_board.locator("[data-said]")).to_contain_text("“Knots” is now in Attic, 13:00 to 14:00.")
    assert shown_day(client, planned.path)["Knots"]["start"] == f"{DAY}T13:00:00"
    shown_board.get_by_role("button", name="Undo: “Knots” moved").click()
    expect(shown_board.locator("[data-said]")).to_contain_text("Undone.")
    assert shown_day(client, planned.path)["Knots"]["start"] == f"{DAY}T12:00:00"
    expect(slot(shown_board, "Knots")).to_contain_text("12:00–13:00")


def test_a_conflict_is_told_before_and_after_the_drop(shown_board: Page, manager: tuple[httpx.Client, Planned]) -> None:
    client, planned = manager
    drag(shown_board, slot(shown_board, "Knots"), 0, -72, drop=False)
    expect(shown_board.locator(".board-verdict.bad")).to_contain_text(
        "Attic is taken by “Lanterns” from 10:00 to 11:00."
    )
    expect(slot(shown_board, "Lanterns")).to_have_class("event colour-0 in-the-way")
    shown_board.mouse.up()

    dialog = shown_board.get_by_role("dialog")
    expect(dialog).to_contain_text("Attic is taken by “Lanterns” from 10:00 to 11:00.")
    inspect(shown_board, "board-refused")
    dialog.get_by_role("button", name="Put it back").click()
    expect(slot(shown_board, "Knots")).to_contain_text("12:00–13:00")
    assert shown_day(client, planned.path)["Knots"]["start"] == f"{DAY}T12:00:00"

    drag(shown_board, slot(shown_board, "Knots"), 0, -72)
    dialog.get_by_role("button", name="Schedule anyway").click()
    expect(slot(shown_board, "Knots")).to_contain_text("10:30–11:30")
    expect(shown_board.locator(".event.clash")).to_have_count(2)
    expect(shown_board.locator("[data-conflicts]")).to_contain_text("1 conflict")
    shown_board.locator("[data-conflicts] summary").click()
    inspect(shown_board, "board-conflict")
    shown_board.locator("[data-conflicts] a").click()
    expect(slot(shown_board, "Knots")).to_be_focused()


def test_an_event_is_dragged_from_the_tray(shown_board: Page, manager: tuple[httpx.Client, Planned]) -> None:
    client, planned = manager
    offer = shown_board.locator("[data-offer]", has_text="Maps")
    drag_to(shown_board, offer, slot(shown_board, "Lanterns"), drop=False)
    expect(shown_board.locator(".board-verdict.bad")).to_contain_text("Mira hosts “Lanterns” from 10:00 to 11:00.")
    inspect(shown_board, "board-held")
    shown_board.mouse.up()
    expect(shown_board.get_by_role("dialog")).to_contain_text("Attic is taken")
    shown_board.get_by_role("button", name="Put it back").click()

    offer.scroll_into_view_if_needed()
    x, y = middle(slot(shown_board, "Lanterns"))
    width = (shown_board.locator(".ec-col-head").first.bounding_box() or {"width": 0})["width"]
    drag_free(shown_board, middle(offer), (x + width, y + 48))
    expect(shown_board.locator("[data-said]")).to_contain_text("“Maps” is scheduled in Cellar")
    expect(offer).to_have_count(0)
    assert shown_day(client, planned.path)["Maps"]["places"] == [planned.places["Cellar"]]
    shown_board.get_by_role("button", name="Undo: “Maps” scheduled").click()
    expect(offer).to_have_count(1)
    assert "Maps" not in shown_day(client, planned.path)


@pytest.mark.parametrize("size", [PHONE, {"width": 820, "height": 1180}], ids=["phone", "tablet"])
def test_a_finger_takes_an_event_from_the_tray_by_its_handle(
    chrome: Browser, server: HttpServer, manager: tuple[httpx.Client, Planned], size: dict[str, int]
) -> None:
    client, planned = manager
    with window(chrome, server.url, viewport=size, has_touch=True, is_mobile=True) as shown:
        page = opened(shown, client, f"{planned.path}?day={DAY}")
        offer = page.locator("[data-offer]", has_text="Maps")
        finger = page.context.new_cdp_session(page)

        def touch(kind: str, *points: tuple[float, float]) -> None:
            finger.send(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
            )

        offer.scroll_into_view_if_needed()
        begin, end = middle(offer.locator(".board-handle")), middle(slot(page, "Lanterns"))
        touch("touchStart", begin)
        for part in (0.3, 0.7, 1.0):
            touch("touchMove", (begin[0] + (end[0] - begin[0]) * part, begin[1] + (end[1] - begin[1]) * part))
        expect(page.locator(".board-verdict.bad")).to_contain_text("Mira hosts “Lanterns” from 10:00 to 11:00.")
        page.screenshot(path=SCREENSHOTS / f"board-finger-{size['width']}.png", caret="initial")
        touch("touchEnd")
        expect(page.get_by_role("dialog")).to_contain_text("Attic is taken")
        page.get_by_role("button", name="Schedule anyway").tap()
        expect(page.locator("[data-said]")).to_contain_text("“Maps” is scheduled in Attic")

    assert shown_day(client, planned.path)["Maps"]["places"] == [planned.places["Attic"]]


def drag_free(page: Page, begin: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*begin)
    page.mouse.down()
    page.mouse.move((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2, steps=3)
    page.mouse.move(*end, steps=3)
    page.mouse.up()


def test_everything_by_keyboard_alone(shown_board: Page, manager: tuple[httpx.Client, Planned]) -> None:
    client, planned = manager
    said = shown_board.locator("[data-said]")
    slot(shown_board, "Knots").focus()
    shown_board.keyboard.press("Alt+ArrowDown")
    expect(said).to_contain_text("12:15 to 13:15")
    expect(slot(shown_board, "Knots")).to_be_focused()
    shown_board.keyboard.press("Alt+ArrowRight")
    expect(said).to_contain_text("is now in Cellar")
    expect(slot(shown_board, "Knots")).to_be_focused()
    shown_board.keyboard.press("Alt+Shift+ArrowDown")
    expect(said).to_contain_text("12:15 to 13:30")
    shown_board.keyboard.press("Control+z")
    expect(said).to_contain_text("Undone.")
    expect(slot(shown_board, "Knots")).to_be_focused()
    assert shown_day(client, planned.path)["Knots"]["minutes"] == 60

    shown_board.keyboard.press("Delete")
    expect(shown_board.get_by_role("button", name="Take off the schedule")).to_be_focused()
    inspect(shown_board, "board-take-off")
    shown_board.keyboard.press("Enter")
    expect(said).to_contain_text("“Knots” is off the schedule.")
    expect(shown_board.locator("[data-offer]", has_text="Knots")).to_be_visible()
    shown_board.keyboard.press("Enter")  # the button that undoes it has the focus
    expect(slot(shown_board, "Knots")).to_contain_text("12:15–13:15")

    shown_board.get_by_role("link", name=re.compile("Schedule….*Maps")).press("Enter")
    shown_board.get_by_label("Time", exact=True).fill("14:30")
    shown_board.get_by_label("Barn", exact=True).last.press("Space")
    inspect(shown_board, "board-new")
    shown_board.get_by_label("Time", exact=True).press("Enter")
    expect(said).to_contain_text("“Maps” is scheduled in Barn, 14:30 to 15:30.")
    expect(slot(shown_board, "Maps")).to_be_focused()


def test_the_details_lead_to_changing_and_taking_off(shown_board: Page) -> None:
    slot(shown_board, "Songs").press("Enter")
    expect(shown_board.get_by_role("dialog")).to_contain_text("23:30–01:00")
    inspect(shown_board, "board-slot")
    shown_board.get_by_role("link", name="Edit").click()
    expect(shown_board.get_by_label("Minutes")).to_be_visible()
    settled(shown_board)
    shown_board.get_by_label("Minutes").fill("60")
    shown_board.get_by_role("button", name="Save").click()

    expect(slot(shown_board, "Songs")).to_contain_text("23:30–00:30")


def test_what_the_board_shows_is_remembered_in_the_address(shown_board: Page) -> None:
    shown_board.locator("[data-places-summary]").click()
    shown_board.locator("#area-1").uncheck()
    inspect(shown_board, "board-locations")
    expect(shown_board.locator(".ec-col-head")).to_have_text(["Barn"])
    shown_board.reload()
    shown_board.wait_for_selector("[data-loaded]")

    expect(shown_board.locator(".ec-col-head")).to_have_text(["Barn"])
    expect(shown_board.locator("[data-places-summary]")).to_have_text("Locations: 1 of 3")
    shown_board.locator("nav.board-days a").nth(1).click()
    shown_board.wait_for_selector("[data-loaded='2031-06-08']")
    expect(shown_board.locator(".ec-col-head")).to_have_text(["Barn"])
    shown_board.get_by_label("Go to").fill("2031-06-09")
    shown_board.wait_for_selector("[data-loaded='2031-06-09']")
    expect(shown_board.locator(".ec-col-head")).to_have_text(["Barn"])


def test_of_a_time_slot_in_two_locations_the_focused_one_changes(
    shown_board: Page, manager: tuple[httpx.Client, Planned]
) -> None:
    client, planned = manager
    client.post(f"{planned.path}/slots/{planned.slots['Knots']}/move", json={"add": ["cellar"]})
    shown_board.reload()
    knots = shown_board.locator(".ec-event [data-event]", has_text="Knots")
    expect(knots).to_have_count(2)
    knots.nth(1).press("Alt+ArrowRight")
    expect(shown_board.locator("[data-said]")).to_contain_text("Barn")
    assert set(shown_day(client, planned.path)["Knots"]["places"]) == {planned.places["Attic"], planned.places["Barn"]}

    expect(knots.nth(1)).to_be_focused()
    knots.nth(0).press("Alt+ArrowRight")
    expect(shown_board.locator("[data-said]")).to_contain_text("Cellar")
    knots.nth(0).press("Alt+ArrowRight")  # nothing is beyond what it has already
    assert set(shown_day(client, planned.path)["Knots"]["places"]) == {planned.places["Cellar"], planned.places["Barn"]}


def test_another_managers_change_is_noticed(shown_board: Page, manager: tuple[httpx.Client, Planned]) -> None:
    client, planned = manager
    client.post(f"{planned.path}/slots/{planned.slots['Knots']}/move", json={"start": f"{DAY}T15:00:00"})
    slot(shown_board, "Knots").focus()
    shown_board.keyboard.press("Alt+ArrowDown")

    expect(shown_board.locator("[data-said]")).to_contain_text("Somebody else changed “Knots” meanwhile.")
    expect(slot(shown_board, "Knots")).to_contain_text("15:00–16:00")


def test_board_and_list_fit(shown_board: Page, manager: tuple[httpx.Client, Planned]) -> None:
    inspect(shown_board, "board")
    shown_board.set_viewport_size(PHONE)  # type: ignore[arg-type]
    expect(shown_board.locator(".ec-col-head")).to_have_count(1)
    shown_board.locator("[data-one]").select_option(label="Barn")
    expect(slot(shown_board, "Songs")).to_be_visible()
    shown_board.goto(shown_board.url.replace("/board?", "/board/list?"))
    shown_board.wait_for_selector("html[data-ready]")
    inspect(shown_board, "board-list")


def test_nothing_that_was_named_runs(chrome: Browser, server: HttpServer) -> None:
    bad = '<img src=x onerror="document.title=1"></script><script>document.title=1</script>'
    with signed_up(server) as (client, email), window(chrome, server.url) as shown:
        planned = plan(server, email, f"Boards {next(NUMBERS)} {bad}", prefix=bad)
        page = opened(shown, client, f"{planned.path}?day={DAY}")
        drag(page, slot(page, "Knots"), 0, -72)
        expect(page.get_by_role("dialog")).to_contain_text("<img src=x")
        page.get_by_role("button", name="Schedule anyway").click()
        expect(page.locator("[data-conflicts]")).to_contain_text("1 conflict")

        assert page.locator("img").count() == 0
        assert "Schedule board" in page.title()


def test_long_names_without_blanks_fit_a_phone(chrome: Browser, server: HttpServer) -> None:
    with signed_up(server, "W" * 50) as (client, email), window(chrome, server.url, viewport=PHONE) as shown:
        planned = plan(server, email, f"Boards {next(NUMBERS)}", prefix="W" * 90)
        page = opened(shown, client, f"{planned.path}?day={DAY}")
        for path in (f"{planned.path}?day={DAY}", f"{planned.path}/list?day={DAY}", "/app/account"):
            shown.go(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
