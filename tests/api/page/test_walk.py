"""A newcomer's first hour: a file is imported, a feed shared, a convention planned, a result fetched on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.api.page.exporting import export_pages
from tests.browsers import PHONE, Window, window

CORPUS = Path(__file__).parents[3].parent / "shared" / "corpus" / "ics" / "icalendar-py"
REAL = CORPUS / "created_calendar_with_unicode_fields.ics"
#: the same kind of file, for where there is no corpus: its last event has no title and no time
OWN = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Slotport//Tests//EN
BEGIN:VEVENT
UID:1
SUMMARY:Non-ASCII Test: ÄÖÜ äöü €
DTSTART:20101010T100000Z
DTEND:20101010T120000Z
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:åäö
DTSTART:20101010T000000Z
END:VEVENT
BEGIN:VEVENT
UID:3
DESCRIPTION:äöüßÄÖÜ
END:VEVENT
END:VCALENDAR
"""
DAY = "2031-06-07"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that runs exports."""
    with export_pages(tmp_path_factory.mktemp("walk")) as found:
        yield found


@pytest.fixture
def shown(chrome: Browser, url: str) -> Iterator[Window]:
    """A fresh window at it, on a desk."""
    with window(chrome, url, viewport={"width": 1280, "height": 900}, accept_downloads=True) as opened:
        yield opened


def test_a_newcomers_first_hour(shown: Window, tmp_path: Path) -> None:
    page = shown.go("/")
    sign_up(page)
    import_file(page, tmp_path)
    repair_what_was_rejected(page)
    address = share(page)
    plan_a_convention(page)
    run_an_export(page)
    file = fetch_it_on_a_phone(page)

    feed = httpx.get(address, trust_env=False).text
    assert ("SUMMARY:Busy" in feed, "Repaired" in feed) == (True, False)
    text = file.read_text(encoding="utf-8")
    assert text.startswith("BEGIN:VCALENDAR")
    assert "SUMMARY:Repaired" in text
    assert "SUMMARY:Non-ASCII Test: ÄÖÜ äöü €" in text


def sign_up(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="Sign up").click()
    page.get_by_label("Name").fill("Nora New")
    page.get_by_label("E-mail address").fill("nora@walk.example")
    page.get_by_label("Password").fill("harbour walk")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("link", name="New slot").first).to_be_visible()


def import_file(page: Page, folder: Path) -> None:
    page.get_by_role("navigation", name="Calendar").get_by_role("link", name="Import").click()
    file = folder / "calendar.ics"
    file.write_bytes(REAL.read_bytes() if REAL.is_file() else OWN.encode())
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    page.get_by_role("button", name="Import what is selected").click()
    expect(page.get_by_role("heading", name="The file was imported")).to_be_visible()


def repair_what_was_rejected(page: Page) -> None:
    page.locator("#kind-rejected, a", has_text="Enter by hand").first.click()
    page.get_by_label("Title", exact=True).fill("Repaired")
    page.get_by_label("From", exact=True).fill("2031-05-06")
    page.get_by_label("To", exact=True).fill("2031-05-06")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def share(page: Page) -> str:
    page.get_by_role("link", name="Calendar", exact=True).first.click()
    page.get_by_role("link", name="Share", exact=True).click()
    page.get_by_role("button", name="Make an address").click()
    return page.get_by_role("textbox", name="Address").input_value()


def plan_a_convention(page: Page) -> None:
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Conventions").click()
    page.get_by_role("link", name="New convention").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Harbour days")
    dialog.get_by_label("First day").fill(DAY)
    dialog.get_by_label("Last day").fill(DAY)
    dialog.get_by_role("button", name="Create convention").click()
    expect(page.get_by_role("heading", name="Harbour days")).to_be_visible()
    part(page, "Locations").click()
    for name in ("Attic", "Barn"):
        page.get_by_role("link", name="New location").first.click()
        dialog.get_by_label("Title").fill(name)
        dialog.get_by_role("button", name="Save").click()
        expect(page.get_by_role("link", name=name)).to_be_visible()
    part(page, "Events").click()
    for name in ("Lanterns", "Knots", "Maps"):
        page.get_by_role("link", name="New event").first.click()
        dialog.get_by_label("Title").fill(name)
        dialog.get_by_label("Teaser").fill("To be seen.")
        dialog.get_by_label("Minutes").fill("60")
        dialog.get_by_role("button", name="Save").click()
        expect(page.get_by_role("link", name=name)).to_be_visible()
    part(page, "Board").click()
    schedule(page, "Lanterns", "10:00", "Attic")
    schedule(page, "Knots", "11:00", "Barn")
    schedule(page, "Maps", "10:30", "Attic")
    expect(dialog).to_contain_text("Attic is taken by “Lanterns” from 10:00 to 11:00.")
    dialog.get_by_label("Time", exact=True).fill("12:00")
    dialog.get_by_role("button", name="Schedule", exact=True).click()
    expect(page.locator("[data-said]")).to_contain_text("“Maps” is scheduled in Attic, 12:00 to 13:00.")
    expect(page.locator("button.event")).to_have_count(3)


def part(page: Page, name: str) -> Locator:
    """The link to a part of the convention's pages."""
    return page.locator("nav.sub").get_by_role("link", name=name, exact=True)


def schedule(page: Page, title: str, time: str, place: str) -> None:
    page.get_by_role("link", name=re.compile(f"Schedule….*{title}")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Time", exact=True).fill(time)
    dialog.get_by_label(place, exact=True).check()
    dialog.get_by_role("button", name="Schedule", exact=True).click()


def run_an_export(page: Page) -> None:
    page.get_by_role("link", name="Export jobs", exact=True).click()
    page.get_by_role("button", name="Make my first export").click()
    expect(page.locator(".badge.good").first).to_have_text("Done")


def fetch_it_on_a_phone(page: Page) -> Path:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.get_by_role("link", name="calendar.ics", exact=True).click()
    expect(page.locator("pre")).to_contain_text("BEGIN:VCALENDAR")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    return Path(download.value.path())
