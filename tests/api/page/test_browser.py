"""Pages in a real browser: what their script does, and what it must not lose."""

import pytest
from playwright.sync_api import Page, expect

from slotport.api.export.messages import MESSAGES, OTHER
from tests.browsers import Window, inspect


def visible_messages(page: Page) -> list[str]:
    return [item.inner_text() for item in page.locator("#server-error li").all() if item.is_visible()]


@pytest.mark.parametrize(
    ("hash_", "told"),
    [
        ("", []),
        ("#elsewhere", []),
        ("#server_error:export.invalid.passkey", [MESSAGES["export.invalid.passkey"]]),
        ("#server_error:error.user.export_not_done", [MESSAGES["error.user.export_not_done"]]),
        ("#server_error:error.user.unknown", [OTHER]),
        ("#server_error:<img src=x onerror=alert(1)>", []),
        ("#m:login_failed#l:mira", [MESSAGES["error.user.login_failed"]]),
        ("#m:session_missing#l:", [MESSAGES["error.user.session_missing"]]),
    ],
)
def test_the_address_says_which_message_is_shown(shown: Window, hash_: str, told: list[str]) -> None:
    assert visible_messages(shown.go(f"/{hash_}")) == told


def test_another_key_shows_another_message(shown: Window) -> None:
    page = shown.go("/#server_error:export.invalid.passkey")
    page.evaluate("location.hash = '#server_error:error.user.login_blocked'")

    expect(page.locator("#server-error li:visible")).to_have_text(MESSAGES["error.user.login_blocked"])


def test_signing_up_by_keyboard_alone(shown: Window) -> None:
    page = shown.go("/app/sign-up")
    for text in ("Grace", "grace@browser.example", "harbour"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("banner").get_by_text("Grace")).to_be_visible()
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def test_what_was_typed_survives_a_lost_network(shown: Window) -> None:
    page = shown.go("/app/sign-up")
    page.get_by_label("Name").fill("Ada")
    page.context.set_offline(True)
    page.get_by_label("E-mail address").fill("lost@browser.example")
    page.get_by_label("Password").fill("harbour")
    page.get_by_role("button", name="Sign up").click()

    expect(page.locator("#banner")).to_contain_text("Slotport cannot be reached")
    assert page.get_by_label("E-mail address").input_value() == "lost@browser.example"
    shown.faults.clear()  # htmx says in the console, too, that it could not send
    page.context.set_offline(False)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("banner").get_by_text("Ada")).to_be_visible()


def test_what_was_refused_is_said_beside_the_field(shown: Window) -> None:
    page = shown.go("/app/sign-up")
    page.get_by_label("Name").fill("<b>A</b>")
    page.get_by_label("E-mail address").fill("taken@browser.example")
    page.get_by_label("Password").fill("harbour")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("button", name="Sign out").click()
    page = shown.go("/app/sign-up")
    page.get_by_label("Name").fill("Somebody else")
    page.get_by_label("E-mail address").fill("taken@browser.example")
    page.get_by_label("Password").fill("harbour")
    page.get_by_role("button", name="Sign up").click()

    expect(page.locator("#email-problem")).to_be_visible()
    assert page.get_by_label("Name").input_value() == "Somebody else"
    assert page.get_by_label("E-mail address").get_attribute("aria-invalid") == "true"


def test_language_and_colours_are_chosen_without_a_button(shown: Window) -> None:
    page = shown.go("/app/sign-in")
    page.get_by_label("Language").select_option("de")
    expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()
    page.get_by_label("Farben").select_option("dark")
    page.wait_for_selector("html[data-theme=dark]")

    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(20, 23, 27)"


def test_what_is_printed_is_light(shown: Window) -> None:
    cookie = {"name": "slotport_theme", "value": "dark", "url": shown.url}
    shown.page.context.add_cookies([cookie])  # type: ignore[list-item]
    page = shown.go("/app/sign-in")
    page.emulate_media(media="print")

    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"


def test_the_viewers_zone_is_remembered(shown: Window) -> None:
    shown.go("/app/sign-in")

    assert shown.go("/app/sign-in").locator("html").get_attribute("data-zone") == "America/New_York"


@pytest.mark.parametrize("path", ["/", "/app/sign-in", "/app/sign-up", "/app/forgotten", "/app/nothing"])
def test_pages_are_for_everybody_and_fit_a_phone(shown: Window, path: str) -> None:
    inspect(shown.go(path), path.strip("/").replace("/", "-") or "start")


def test_the_first_page_loads_less_than_150_kilobytes(shown: Window) -> None:
    page = shown.go("/")
    sizes = page.evaluate("performance.getEntries().filter((one) => one.transferSize).map((one) => one.transferSize)")

    assert 10_000 < sum(sizes) < 150_000
