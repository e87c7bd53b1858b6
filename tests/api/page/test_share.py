"""Sharing a calendar: an address that is shown once, public unless told otherwise."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.api.page.people import signed_up
from tests.browsers import Window, inspect
from tests.servers import HttpServer

PRIVATE = "Dentist, do not tell"
ADDRESS = re.compile(r'value="(http://[^"]+/v1/feeds/[\w-]{43}\.ics)"')


def add_private_slot(server: HttpServer, email: str) -> None:
    """A slot of the account, made over the interface for programs."""
    sent = {"email": email, "password": "harbour"}
    token = httpx.post(f"{server.url}/v1/users/signin", json=sent, trust_env=False).json()["authToken"]
    slot = {"title": PRIVATE, "startDate": "2031-05-06T17:00:00.000Z", "endDate": "2031-05-06T19:00:00.000Z"}
    headers = {"Authorization": f"Token token={token}"}
    assert httpx.post(f"{server.url}/v1/slots", json=slot, headers=headers, trust_env=False).status_code == 201


@pytest.mark.parametrize(("form", "told"), [({}, False), ({"show": "public"}, False), ({"show": "all"}, True)])
def test_an_address_tells_what_is_public_unless_told_otherwise(
    server: HttpServer, form: dict[str, str], told: bool
) -> None:
    with signed_up(server) as (browser, email):
        add_private_slot(server, email)
        answer = browser.post("/app/share", data=form)
        [url] = ADDRESS.findall(answer.text)
        feed = httpx.get(url, trust_env=False)

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert feed.status_code == 200
    assert (PRIVATE.replace(",", "\\,") in feed.text, "SUMMARY:Busy" in feed.text) == (told, not told)


def test_the_address_is_shown_once(server: HttpServer) -> None:
    with signed_up(server) as (browser, _):
        first = browser.post("/app/share", data={"show": "all"}).text
        second = browser.get("/app/share").text

    assert len(ADDRESS.findall(first)) == 1
    assert f"webcal://{server.url.removeprefix('http://')}/v1/feeds/" in first
    assert "/v1/feeds/" not in second
    assert "Everything" in second


def test_an_address_that_was_ended_is_gone(server: HttpServer) -> None:
    with signed_up(server) as (browser, _):
        text = browser.post("/app/share", data={}).text
        [url] = ADDRESS.findall(text)
        [number] = set(re.findall(r"/app/share/(\d+)/remove", text))
        asked = browser.get(f"/app/share/{number}/remove")
        ended = browser.post(f"/app/share/{number}/remove")
        again = browser.post(f"/app/share/{number}/remove")

    assert "All my slots" in asked.text
    assert (ended.status_code, ended.headers["location"]) == (303, "/app/share?said=share-removed")
    assert again.status_code == 404
    assert httpx.get(url, trust_env=False).status_code == 404


def test_nobody_sees_or_ends_the_address_of_another(server: HttpServer) -> None:
    with signed_up(server) as (mine, _), signed_up(server) as (theirs, _):
        text = theirs.post("/app/share", data={}).text
        [url] = ADDRESS.findall(text)
        [number] = set(re.findall(r"/app/share/(\d+)/remove", text))
        answers = [
            mine.get(f"/app/share/{number}/remove").status_code,
            mine.post(f"/app/share/{number}/remove").status_code,
        ]

        assert answers == [404, 404]
        assert "You share nothing yet." in mine.get("/app/share").text
        assert httpx.get(url, trust_env=False).status_code == 200


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"show": "busy"}, 'id="show-problem"'),
        ({"group": "everything"}, 'id="group-problem"'),
        ({"group": "00000000-0000-4000-8000-000000000000"}, "there is no such group"),
    ],
)
def test_what_is_wrong_is_said(server: HttpServer, form: dict[str, str], problem: str) -> None:
    with signed_up(server) as (browser, _):
        answer = browser.post("/app/share", data=form)

    assert answer.status_code == 422
    assert problem in answer.text
    assert ADDRESS.findall(answer.text) == []


def test_sharing_by_keyboard_alone(shown: Window, server: HttpServer) -> None:
    with signed_up(server) as (browser, _):
        shown.sign_in(browser.cookies["slotport_session"])
    page = shown.go("/app/share")
    inspect(page, "share-empty")
    page.get_by_role("combobox", name="Calendar").focus()
    for key in ("Tab", "ArrowDown", "Tab", "Enter"):
        page.keyboard.press(key)

    expect(page.get_by_role("heading", name="Your address is ready")).to_be_visible()
    address = page.get_by_role("textbox", name="Address").input_value()
    assert httpx.get(address, trust_env=False).text.startswith("BEGIN:VCALENDAR")
    expect(page.get_by_role("img", name="QR code of the address")).to_be_visible()
    inspect(page, "share-made")
    page.get_by_role("button", name="Copy").press("Enter")
    expect(page.locator("#status")).to_have_text("Copied")
    page.get_by_role("link", name="End", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="End the address of “All my slots”?")).to_be_visible()
    inspect(page, "share-end")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("link", name="End", exact=True).press("Enter")
    page.get_by_role("button", name="End", exact=True).press("Enter")
    expect(page.get_by_text("That address has ended.")).to_be_visible()
    expect(page.get_by_text("You share nothing yet.")).to_be_visible()
