"""The timetable of a public schedule in a real browser."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from slotport.core.convention import Convention
from slotport.storage import tags
from tests.browsers import PHONE, SCREENSHOTS, Window, inspect, settled, window
from tests.calendars import add_person
from tests.conventions import add_convention
from tests.schedules import NINE, add_event, add_location, add_time_slots, time_slot
from tests.servers import HttpServer, wait

_numbers = count(1)


def fair(server: HttpServer) -> Convention:
    """A day of nine hours in eight locations, with what overlaps, what is in two of them, and what is in none."""
    boss = add_person(server.store, username="Mira")
    title = f"Timetable Fair {next(_numbers)}-{id(boss)}"
    convention = add_convention(server.store, boss, title=title, settings={"timezone": "Europe/Berlin"})
    titles = ("Attic", "Boathouse", "Cinema", "Deck", "Engine Room", "Foyer", "Garden Stage", "Harbour Hall")
    places = [add_location(server.store, convention, title) for title in titles]
    slots = []
    for number in range(30):
        event = add_event(server.store, convention, boss, title=f"Workshop {number}", description="All of it.")
        with server.store.write() as transaction:
            tags.put(transaction, convention.id, {event.id: {"Track": (("Sea", "Land", "Sky")[number % 3],)}})
        held = {0: places[:2], 1: [], 2: places[:1]}.get(number, [places[number % 8]])
        start = NINE + timedelta(minutes=15 if number == 2 else 120 * (number // 8))
        slots.append(time_slot(event, *held, start=start, minutes=(30, 45, 90)[number % 3]))
    add_time_slots(server.store, convention, slots)
    return convention


def shown_titles(page: Page) -> list[str]:
    return page.locator("table a.title:visible").all_inner_texts()


def test_the_timetable_is_for_everybody_and_prints(server: HttpServer, shown: Window) -> None:
    convention = fair(server)
    page = shown.go(f"/c/{convention.slug}")
    page.get_by_role("link", name="Timetable").click()
    expect(page.get_by_role("table").get_by_role("columnheader")).to_have_count(10)
    inspect(page, "public-grid")
    page.get_by_role("link", name="Workshop 9", exact=True).click()
    expect(page.get_by_role("dialog").get_by_text("All of it.")).to_be_visible()
    page.keyboard.press("Escape")
    inspect(shown.go(f"/c/{convention.slug}?view=grid&q=nothing"), "public-grid-nothing")
    shown.go(f"/c/{convention.slug}?view=grid")
    page.emulate_media(media="print", color_scheme="light")
    page.screenshot(path=SCREENSHOTS / "public-grid-print.png", full_page=True)

    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    expect(page.get_by_text("Workshop 29")).to_be_visible()
    expect(page.get_by_role("link", name="List")).to_be_hidden()


@pytest.mark.parametrize("size", [{"width": 1000, "height": 600}, PHONE], ids=["wide", "phone"])
def test_the_table_scrolls_by_keyboard_under_its_locations_and_beside_its_times(
    server: HttpServer, shown: Window, size: ViewportSize
) -> None:
    shown.page.set_viewport_size(size)
    page = shown.go(f"/c/{fair(server).slug}?view=grid")
    frame = page.get_by_role("region", name="Timetable, ")
    frame.focus()
    for key in ("ArrowRight", "ArrowDown") * 4:
        page.keyboard.press(key)
    wait(lambda: frame.evaluate("(frame) => frame.scrollTop > 0 && frame.scrollLeft > 0"))
    edges = frame.bounding_box()
    corner = page.get_by_role("columnheader", name="Time", exact=True).bounding_box()
    first = page.get_by_role("rowheader", name="11:00").bounding_box()

    assert edges is not None
    assert corner is not None
    assert first is not None
    assert (round(corner["x"] - edges["x"]), round(corner["y"] - edges["y"])) == (1, 1)
    assert round(first["x"] - edges["x"]) == 1
    assert first["y"] < corner["y"] + corner["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_what_the_keyboard_comes_to_is_not_behind_locations_or_times(server: HttpServer, shown: Window) -> None:
    page = shown.go(f"/c/{fair(server).slug}?view=grid")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    link = page.get_by_role("link", name="Workshop 13")
    is_seen = """(link) => {
      const { right, top } = link.getBoundingClientRect();
      return link.contains(document.elementFromPoint(right - 3, top + 5));
    }"""
    link.evaluate("""(link) => {
      const frame = link.closest(".timetable");
      frame.scrollIntoView();
      const [from, to] = [link, frame].map((one) => one.getBoundingClientRect());
      frame.scrollBy(from.right - to.left - 60, from.top - to.top - 5);
    }""")
    assert not link.evaluate(is_seen)
    link.focus()

    wait(lambda: link.evaluate(is_seen))


def test_only_what_is_starred_is_shown_and_the_table_keeps_its_shape(server: HttpServer, shown: Window) -> None:
    convention = fair(server)
    page = shown.go(f"/c/{convention.slug}?view=grid")
    cells = page.locator("table td, table th").count()
    page.get_by_role("button", name="Star: Workshop 0", exact=True).first.press("Enter")
    page.get_by_role("button", name="Star: Workshop 12", exact=True).press("Enter")
    page.get_by_role("button", name="Only starred").press("Enter")
    expect(page.locator("[data-star-count]")).to_have_text("2 of 2 starred are shown here")

    assert shown_titles(page) == ["Workshop 0", "Workshop 0", "Workshop 12"]
    assert page.locator("table td:visible, table th:visible").count() == cells
    inspect(page, "public-grid-starred")
    page.get_by_label("Tag").select_option("Land")
    expect(page.locator("[data-slot]")).to_have_count(10)
    settled(page)
    assert shown_titles(page) == []
    page.get_by_label("Tag").select_option("Sea")
    expect(page.locator("[data-slot]")).to_have_count(11)
    settled(page)
    assert shown_titles(page) == ["Workshop 0", "Workshop 0", "Workshop 12"]
    assert "view=grid" in page.url


def test_what_goes_on_and_what_is_over_is_marked(server: HttpServer, shown: Window) -> None:
    boss = add_person(server.store, username="Mira")
    convention = add_convention(server.store, boss)
    place = add_location(server.store, convention, "Deck")
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    slots = []
    for title, begin, minutes in (("Over", -3, 1), ("Running", -1, 60)):
        event = add_event(server.store, convention, boss, title=title)
        slots.append(time_slot(event, place, start=now + timedelta(minutes=begin), minutes=minutes))
    add_time_slots(server.store, convention, slots)
    page = shown.go(f"/c/{convention.slug}?view=grid")

    expect(page.locator("td > .running")).to_have_count(1)
    inspect(page, "public-grid-now")
    assert page.locator("td:has(> .running)").evaluate("(cell) => getComputedStyle(cell).outlineStyle") == "solid"
    assert page.locator("td:has(> .over)").evaluate("(cell) => getComputedStyle(cell).outlineStyle") == "none"


def test_the_timetable_is_read_without_scripts(server: HttpServer, chrome: Browser) -> None:
    convention = fair(server)
    with window(chrome, server.url, java_script_enabled=False) as opened:
        page = opened.page
        page.goto(f"{server.url}/c/{convention.slug}")
        page.get_by_role("link", name="Timetable").click()
        page.get_by_label("Search", exact=True).fill("shop 12")
        page.get_by_role("button", name="Search").click()

        assert shown_titles(page) == ["Workshop 12"]
        expect(page.get_by_role("columnheader")).to_have_text(["Time", "Engine Room"])
