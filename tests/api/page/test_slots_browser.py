"""The form of a slot in a browser: by keyboard alone, in the dialog, with a lost network, on a phone."""

from collections.abc import Iterator
from io import BytesIO

import httpx
import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import func, select

from slotport.storage import tables
from tests.api.page.people import signed_up
from tests.browsers import Window, inspect
from tests.servers import HttpServer

SLOT = {
    "title": "Harbour walk",
    "start_day": "2031-05-06",
    "start_time": "17:00",
    "end_day": "2031-05-06",
    "end_time": "19:00",
    "zone": "Europe/Berlin",
}


@pytest.fixture
def ada(server: HttpServer, shown: Window) -> Iterator[httpx.Client]:
    """Somebody who is signed in at the window, and the same without scripts."""
    with signed_up(server) as (browser, _):
        shown.sign_in(browser.cookies["slotport_session"])
        yield browser


def made(server: HttpServer) -> int:
    """The id of the slot that was made last."""
    with server.store.read() as transaction:
        return transaction.connection.scalar(select(func.max(tables.slot.c.id))) or 0


def test_a_slot_is_made_by_keyboard_alone(shown: Window, ada: httpx.Client) -> None:
    page = shown.go("/app/slots/new?start=2031-05-06T17:00&end=2031-05-06T18:30&back=/app/share")
    inspect(page, "slot-new")
    page.get_by_label("Title", exact=True).focus()
    page.keyboard.type("Walk")
    page.get_by_label("How often").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("group", name="On")).to_be_visible()
    page.get_by_label("Tuesday").press("Space")
    page.get_by_text("Notes").first.press("Enter")
    page.get_by_label("Title of the note").press("B")
    page.get_by_label("Text", exact=True).press("T")
    page.get_by_role("button", name="One more note").press("Enter")
    expect(page.get_by_label("Title of the note")).to_have_count(2)
    page.get_by_role("button", name="Save").press("Enter")

    expect(page.get_by_text("Saved.")).to_be_visible()
    assert page.url.endswith("/app/share?said=slots-saved")


def test_what_was_refused_or_not_sent_is_still_there(shown: Window, ada: httpx.Client) -> None:
    page = shown.go("/app/slots/new?start=2031-05-06T17:00&end=2031-05-06T18:30&back=/app/share")
    page.get_by_label("Title", exact=True).fill("Walk")
    page.get_by_label("Description").fill("A long text")
    page.get_by_label("To", exact=True).fill("2031-05-05")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#end_day-problem")).to_be_visible()
    inspect(page, "slot-refused")
    expect(page.get_by_label("Description")).to_have_value("A long text")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#banner")).to_contain_text("cannot be reached")
    page.context.set_offline(False)
    page.context.clear_cookies()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#banner")).to_contain_text("Your session has ended")
    shown.faults.clear()  # htmx says in the console, too, what it could not send

    expect(page.get_by_label("Description")).to_have_value("A long text")


def test_a_picture_is_shown_as_soon_as_it_is_chosen(shown: Window, ada: httpx.Client) -> None:
    file = BytesIO()
    Image.new("RGB", (320, 200), "teal").save(file, "PNG")
    page = shown.go("/app/slots/new?start=2031-05-06T17:00&back=/app/share")
    page.get_by_text("Pictures").first.click()
    page.get_by_label("Add a picture").set_input_files(
        files=[{"name": "notes.txt", "mimeType": "text/plain", "buffer": b"x"}]
    )
    expect(page.get_by_text("is not a picture")).to_be_visible()
    page.get_by_label("Add a picture").set_input_files(
        files=[{"name": "pier.png", "mimeType": "image/png", "buffer": file.getvalue()}]
    )
    expect(page.get_by_alt_text("New picture")).to_be_visible()
    page.get_by_label("Title", exact=True).fill("Pier")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Saved.")).to_be_visible()


def test_an_existing_slot_with_everything_open_is_readable(
    shown: Window, server: HttpServer, ada: httpx.Client
) -> None:
    ada.post("/app/slots/new", data={**SLOT, "note_id": "", "note_title": "Bring", "note_content": "Tea"})
    number = made(server)
    page = shown.go(f"/app/slots/{number}?back=/app/share")
    for part in ("Address and coordinates", "Pictures", "Alerts"):
        page.get_by_text(part, exact=True).click()
    inspect(page, "slot-change")
    page.get_by_role("link", name="Delete").press("Enter")
    expect(page.get_by_role("heading", name="Delete “Harbour walk”?")).to_be_visible()
    inspect(page, "slot-delete")
    page.get_by_role("button", name="Delete").press("Enter")

    expect(page.get_by_text("Deleted.")).to_be_visible()
