"""Groups in a browser: by keyboard alone, in the dialog, on a phone."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.api.page.people import signed_up
from tests.browsers import Window, inspect
from tests.servers import HttpServer

LONG = "Harbour walks of the society for wind, water and everything in between"


@pytest.fixture
def ada(server: HttpServer, shown: Window) -> Iterator[httpx.Client]:
    """Somebody who is signed in at the window, and the same without scripts."""
    with signed_up(server) as (browser, _):
        shown.sign_in(browser.cookies["slotport_session"])
        yield browser


def tab_to(page: Page, name: str, role: str) -> None:
    """Press Tab until what has that role and name has the focus."""
    wanted = page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
    expect(wanted).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {name}")


def test_a_group_is_made_coloured_shared_and_deleted_by_keyboard_alone(shown: Window, ada: httpx.Client) -> None:
    page = shown.go("/app/groups")
    tab_to(page, "New group", "link")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="New group")).to_be_visible()
    inspect(page, "group-new")
    tab_to(page, "Name", "textbox")
    page.keyboard.type("Crew")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The group is there.")).to_be_visible()
    page.locator("input[name=colour]:checked").focus()
    page.keyboard.press("ArrowDown")
    chosen = page.locator("input[name=colour]:checked").get_attribute("value")
    tab_to(page, "Save colour and schedule", "button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator(f"h1 .dot.colour-{chosen}")).to_be_visible()
    tab_to(page, "E-mail address of who is to join", "textbox")
    page.keyboard.type("nobody@page.example")
    page.keyboard.press("Enter")
    expect(page.get_by_text("If somebody has an account with that address")).to_be_in_viewport()
    inspect(page, "group")
    tab_to(page, "Delete group", "link")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Delete “Crew”?")).to_be_visible()
    inspect(page, "group-delete")
    tab_to(page, "Delete group", "button")
    page.keyboard.press("Enter")

    expect(page.get_by_text("The group was deleted.")).to_be_visible()
    expect(page.get_by_role("link", name="Crew")).to_have_count(0)


def test_an_invitation_is_accepted_the_group_read_and_left(
    shown: Window, server: HttpServer, ada: httpx.Client
) -> None:
    with signed_up(server, "Bob") as (bob, email):
        ada.post("/app/groups/new", data={"name": "Own", "description": "Mine alone."})
        form = {"name": LONG, "description": "Every Tuesday.\nBring a coat."}
        path = ada.post("/app/groups/new", data=form).headers["location"].partition("?")[0]
        ada.post(f"{path}/members", data={"email": email})
        page = shown.page
        shown.sign_in(bob.cookies["slotport_session"])
        shown.go("/app/groups")
        inspect(page, "groups-invited")
        page.get_by_role("button", name=f"Accept the invitation to “{LONG}”").press("Enter")
        expect(page.get_by_text("You are a member now.")).to_be_visible()
        inspect(page, "group-of-another")
        page.get_by_role("link", name="All groups").press("Enter")
        expect(page.get_by_role("heading", name=LONG)).to_be_visible()
        inspect(page, "groups")
        page.get_by_role("link", name=LONG).press("Enter")
        page.get_by_role("link", name="Leave group").press("Enter")
        expect(page.get_by_role("heading", name=f"Leave “{LONG}”?")).to_be_visible()
        inspect(page, "group-leave")
        page.get_by_role("button", name="Leave group").press("Enter")

        expect(page.get_by_text("You have left the group.")).to_be_visible()


def test_a_member_is_removed_in_the_dialog(shown: Window, server: HttpServer, ada: httpx.Client) -> None:
    with signed_up(server, "Bob") as (bob, _):
        path = ada.post("/app/groups/new", data={"name": "Club", "public": "true"}).headers["location"]
        path = path.partition("?")[0]
        bob.post(f"{path}/join")
        page = shown.go(path)
        page.get_by_role("link", name="Remove Bob").press("Enter")
        expect(page.get_by_role("heading", name="Remove Bob from “Club”?")).to_be_visible()
        inspect(page, "group-kick")
        page.get_by_role("dialog").get_by_role("button", name="Remove").press("Enter")

        expect(page.get_by_text("Removed.")).to_be_visible()
        expect(page.get_by_role("link", name="Remove Bob")).to_have_count(0)


def test_what_was_refused_is_still_there(shown: Window, ada: httpx.Client) -> None:
    page = shown.go("/app/groups/new")
    page.get_by_label("Name", exact=True).fill(" ")
    page.get_by_label("Description").fill("A long text")
    page.get_by_label("Members may invite others").check()
    page.get_by_role("button", name="Make the group").click()
    expect(page.locator("#name-problem")).to_be_visible()
    inspect(page, "group-refused")

    expect(page.get_by_label("Description")).to_have_value("A long text")
    expect(page.get_by_label("Members may invite others")).to_be_checked()
