"""Conventions and their public schedule in a real browser."""

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from slotport.core.account import Account
from slotport.core.convention import Convention
from slotport.storage import tags
from tests.api.page.people import PASSWORD
from tests.browsers import SCREENSHOTS, Window, inspect, settled, window
from tests.calendars import add_person
from tests.conventions import add_convention
from tests.schedules import NINE, add_event, add_location, add_time_slot
from tests.servers import HttpServer

_numbers = count(1)
EVIL = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>"


def sign_up(shown: Window) -> Page:
    """Somebody new, signed in."""
    page = shown.go("/app/sign-up")
    page.get_by_label("Name").fill("Mira")
    page.get_by_label("E-mail address").fill(f"mira{next(_numbers)}-{id(shown)}@conventions.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("banner").get_by_text("Mira")).to_be_visible()
    return page


def found(shown: Window, title: str) -> Page:
    """A new convention; its overview is shown."""
    page = sign_up(shown)
    shown.go("/app/conventions/new")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_role("button", name="Create convention").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    return page


def fair(server: HttpServer) -> Convention:
    """A convention of three days, four locations and a dozen time slots, in the future."""
    boss = add_person(server.store, username="Mira")
    convention = add_convention(
        server.store, boss, title=f"Lantern Fair {next(_numbers)}-{id(boss)}", settings={"timezone": "Europe/Berlin"}
    )
    places = [add_location(server.store, convention, title) for title in ("Pier Room", "Deck", "Lighthouse", "Hall")]
    for number in range(12):
        event = add_event(server.store, convention, boss, title=f"Workshop {number}", description="All of it.\nReally.")
        with server.store.write() as transaction:
            track = ("Sea", "Land", "Sky")[number % 3]
            tags.put(transaction, convention.id, {event.id: {"Track": (track,)}})
        start = NINE + timedelta(days=number % 3, minutes=90 * (number // 6))
        add_time_slot(server.store, convention, event, places[number % 4], start=start)
    return convention


def test_a_convention_from_nothing_by_keyboard_alone(shown: Window) -> None:
    page = sign_up(shown)
    shown.go("/app/conventions")
    inspect(page, "conventions-empty")
    page.get_by_role("link", name="New convention").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Title")).to_be_focused()
    settled(page)
    inspect(page, "conventions-new")
    title = f"Keyboard Con {id(shown)}"
    page.keyboard.type(title)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    inspect(page, "convention-new")

    page.get_by_role("link", name="Locations", exact=True).press("Enter")
    page.get_by_role("main").get_by_role("link", name="New location").first.press("Enter")
    expect(dialog.get_by_label("Title")).to_be_focused()
    settled(page)
    page.keyboard.type("Deck")
    page.keyboard.press("Enter")
    expect(page.get_by_role("cell", name="Deck", exact=True)).to_be_visible()
    inspect(page, "convention-locations")

    page.get_by_role("link", name="Tags", exact=True).press("Enter")
    page.get_by_role("main").get_by_role("link", name="New tag").first.press("Enter")
    expect(dialog.get_by_label("Title")).to_be_focused()
    settled(page)
    page.keyboard.type("Track")
    dialog.get_by_label("Values").focus()
    page.keyboard.type("Sea\nLand")
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("heading", name="Track")).to_be_visible()
    inspect(page, "convention-tags")

    page.get_by_role("link", name="Events", exact=True).press("Enter")
    page.get_by_role("main").get_by_role("link", name="New event").first.press("Enter")
    expect(dialog.get_by_label("Title")).to_be_focused()
    settled(page)
    page.keyboard.type("Knots")
    page.keyboard.press("Tab")
    page.keyboard.type("Ropes for all")
    dialog.get_by_label("Minutes").fill("0")
    dialog.get_by_role("button", name="Save").press("Enter")
    dialog.get_by_label("Minutes").fill("45")
    dialog.get_by_label("Track").select_option("Sea")
    inspect(page, "convention-event-new")
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("The event is there.")).to_be_visible()
    inspect(page, "convention-events")
    page.get_by_role("link", name="Knots").press("Enter")
    expect(dialog.get_by_label("Track")).to_have_value("Sea")
    inspect(page, "convention-event")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("below", ["", "/settings", "/people", "/people/new", "/managers", "/import", "/tags/new"])
def test_pages_of_managers_are_for_everybody_and_fit_a_phone(shown: Window, below: str) -> None:
    page = found(shown, f"Fit Con {next(_numbers)}-{id(shown)}")
    path = page.url.partition("?")[0].removeprefix(shown.url)
    inspect(shown.go(path + below), "convention" + below.replace("/", "-"))


def test_what_was_typed_into_a_dialog_survives_a_lost_network(shown: Window) -> None:
    page = found(shown, f"Lost Con {id(shown)}")
    page.get_by_role("link", name="Locations", exact=True).click()
    page.get_by_role("main").get_by_role("link", name="New location").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Deck")
    page.context.set_offline(True)
    dialog.get_by_role("button", name="Save").click()

    expect(dialog.get_by_role("alert")).to_contain_text("Slotport cannot be reached")
    assert dialog.get_by_label("Title").input_value() == "Deck"
    shown.faults.clear()  # htmx says in the console, too, that it could not send
    page.context.set_offline(False)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="Deck", exact=True)).to_be_visible()


def test_no_text_of_a_schedule_file_runs_as_a_script(shown: Window, tmp_path: Path) -> None:
    page = found(shown, f"Evil Con {id(shown)}")
    path = page.url.partition("?")[0].removeprefix(shown.url)
    entry = {
        "guid": "6f3f6c2e-4a3e-4e39-9d3b-1b1f7a1f0a77",
        "date": "2031-06-07T10:00:00+02:00",
        "duration": "1:00",
        "title": f"Title{EVIL}",
        "abstract": f"Abstract{EVIL}",
        "description": f"Description{EVIL}",
        "type": f"Type{EVIL}",
        "track": f"Track{EVIL}",
        "url": "javascript:alert(3)",
        "persons": [{"name": f"Person{EVIL}"}],
        "links": [{"url": "javascript:alert(4)", "title": f"Link{EVIL}"}],
    }
    bad = {**entry, "guid": f"no{EVIL}"}
    days = [{"rooms": {f"Room{EVIL}": [entry, bad]}}]
    file = tmp_path / "schedule.json"
    file.write_text(json.dumps({"schedule": {"conference": {"days": days}}}), encoding="utf-8")
    page.on("dialog", lambda dialog: shown.faults.append(dialog.message))
    shown.go(f"{path}/import")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("The file was imported.")).to_be_visible()
    expect(page.get_by_role("cell", name="Title\"'><img")).to_be_visible()
    inspect(page, "convention-import-report")
    public = path.replace("/app/conventions/", "/c/")
    for below in ("/events", "/locations", "/tags", "/people", ""):
        shown.go(path + below)
        assert page.locator("main img, main script, main a[href^='javascript:']").count() == 0
    shown.go(f"{path}/events")
    page.get_by_role("link", name="Title").click()
    expect(page.get_by_role("dialog").get_by_role("heading", name=f"Title{EVIL}")).to_be_visible()
    shown.go(f"{public}?day=all")
    expect(page.get_by_text(f"Room{EVIL}").first).to_be_visible()
    page.locator("a.title").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(f"Description{EVIL}")).to_be_visible()
    expect(dialog.get_by_text(f"Person{EVIL}")).to_be_visible()
    assert page.locator("main img, main script, dialog img, dialog script, a[href^='javascript:']").count() == 0


def test_the_public_schedule_is_for_everybody_and_prints(server: HttpServer, shown: Window) -> None:
    convention = fair(server)
    page = shown.go(f"/c/{convention.slug}")
    inspect(page, "public")
    page.get_by_role("link", name="Workshop 0", exact=True).last.click()
    expect(page.get_by_role("dialog").get_by_text("Really.")).to_be_visible()
    inspect(page, "public-event")
    page.keyboard.press("Escape")
    inspect(shown.go(f"/c/{convention.slug}?day=all&q=nothing"), "public-nothing")
    shown.go(f"/c/{convention.slug}?day=all")
    page.emulate_media(media="print", color_scheme="light")
    page.screenshot(path=SCREENSHOTS / "public-print.png", full_page=True)

    for hidden in ("nav.days", ".filters", ".links", "header.bar", "footer"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.get_by_text("Workshop 11")).to_be_visible()


def test_stars_stay_in_the_browser(server: HttpServer, shown: Window) -> None:
    convention = fair(server)
    page = shown.go(f"/c/{convention.slug}?day=all")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method + (request.post_data or "")))
    star = page.get_by_role("button", name="Star: Workshop 4")
    star.press("Enter")
    expect(star).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Only starred").press("Enter")
    expect(page.locator("a.title:visible")).to_have_text(["Workshop 4"])
    inspect(page, "public-starred")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Starred as calendar file").click()
    held = saved.value.path().read_bytes().decode()
    shown.go(f"/c/{convention.slug}?day=all")
    expect(page.locator("a.title:visible")).to_have_text(["Workshop 4"])

    assert (held.count("BEGIN:VEVENT"), "SUMMARY:Workshop 4" in held, held.endswith("END:VCALENDAR\r\n")) == (
        1,
        True,
        True,
    )
    assert {one for one in asked if one != "GET"} == set()
    assert page.evaluate("document.cookie").count("star") == 0


def test_filters_work_as_one_types_and_can_be_shared(server: HttpServer, shown: Window) -> None:
    convention = fair(server)
    page = shown.go(f"/c/{convention.slug}")
    page.get_by_label("Search", exact=True).press_sequentially("shop 7")
    expect(page.locator("a.title")).to_have_text(["Workshop 7"])
    expect(page).to_have_url(re.compile(r"\?q=shop(\+|%20)7$"))
    page.get_by_label("Search", exact=True).fill("")
    page.get_by_label("Location").select_option("Deck")
    expect(page.locator("a.title")).to_have_text(["Workshop 9", "Workshop 1", "Workshop 5"])
    shared = page.url.removeprefix(shown.url)

    assert shared == f"/c/{convention.slug}?location=deck"
    shown.go(shared)
    expect(page.locator("a.title")).to_have_text(["Workshop 9", "Workshop 1", "Workshop 5"])
    page.get_by_role("navigation", name="Days").get_by_role("link", name="9").click()
    expect(page.locator("a.title")).to_have_text(["Workshop 5"])


def test_now_and_next_go_on_without_a_reload(server: HttpServer, shown: Window) -> None:
    boss: Account = add_person(server.store, username="Mira")
    convention = add_convention(server.store, boss)
    event = add_event(server.store, convention, boss, title="Fireworks")
    start = datetime.now(UTC) + timedelta(seconds=8)
    add_time_slot(server.store, convention, event, add_location(server.store, convention), start=start)
    page = shown.go(f"/c/{convention.slug}")
    expect(page.locator("#next-title")).to_be_visible()
    page.evaluate("window.same = true")

    expect(page.locator("#now-title")).to_be_visible()
    expect(page.locator(".entry.running")).to_have_count(1)
    assert page.evaluate("window.same") is True


def test_the_schedule_is_read_without_scripts(server: HttpServer, chrome: Browser) -> None:
    convention = fair(server)
    with window(chrome, server.url, java_script_enabled=False) as opened:
        page = opened.page
        page.goto(f"{server.url}/c/{convention.slug}")
        page.get_by_label("Search", exact=True).fill("shop 7")
        page.get_by_role("button", name="Search").click()
        expect(page.locator("a.title")).to_have_text(["Workshop 7"])
        page.locator("a.title").click()
        expect(page.get_by_role("heading", name="Workshop 7")).to_be_visible()
        expect(page.get_by_role("button", name="Only starred")).to_be_hidden()
