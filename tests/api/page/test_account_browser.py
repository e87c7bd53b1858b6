"""The account's pages in a real browser."""

from playwright.sync_api import Page, expect

from tests.browsers import Window, inspect


def sign_up(shown: Window, email: str) -> Page:
    page = shown.go("/app/sign-up")
    page.get_by_label("Name").fill("Grace")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill("harbour")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("banner").get_by_text("Grace")).to_be_visible()
    return page


def test_a_token_is_made_copied_and_ended_by_keyboard_alone(shown: Window) -> None:
    page = sign_up(shown, "token@browser.example")
    page.get_by_role("banner").get_by_text("Grace").press("Enter")
    page.get_by_role("link", name="Sessions and tokens").press("Enter")
    page.get_by_label("What is it for?").press_sequentially("backup script")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your new token")).to_be_visible()
    token = page.get_by_label("backup script").input_value()
    page.get_by_role("button", name="Copy").press("Enter")
    expect(page.locator("#status")).to_have_text("Copied")
    inspect(page, "account-token")
    page.get_by_role("link", name="Done").press("Enter")
    expect(page.get_by_text("backup script", exact=True)).to_be_visible()
    inspect(page, "account-sessions")
    assert token not in page.content()
    page.get_by_role("button", name="End: backup script").press("Enter")

    expect(page.get_by_text("The session has ended.")).to_be_visible()
    expect(page.get_by_text("Nothing else is signed in.")).to_be_visible()


def test_the_profile_and_preferences_are_changed(shown: Window) -> None:
    page = sign_up(shown, "profile@browser.example")
    shown.go("/app/account")
    page.get_by_label("Name").fill("Admiral")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("banner").get_by_text("Admiral")).to_be_visible()
    inspect(page, "account")
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator("html[data-zone='Asia/Tokyo']")).to_be_attached()
    expect(page.get_by_text("Saved.")).to_be_visible()


def test_the_password_is_changed(shown: Window) -> None:
    page = sign_up(shown, "password@browser.example")
    shown.go("/app/account/password")
    page.get_by_label("Old password").fill("wrong")
    page.get_by_label("New password").fill("lighthouse")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("That is not your password.")).to_be_visible()
    inspect(page, "account-password")
    page.get_by_label("Old password").fill("harbour")
    page.get_by_label("New password").fill("lighthouse")
    page.get_by_role("button", name="Change password").click()

    expect(page.get_by_text("Your password was changed.")).to_be_visible()


def test_the_account_is_deleted(shown: Window) -> None:
    page = sign_up(shown, "delete@browser.example")
    shown.go("/app/account")
    page.get_by_role("link", name="Delete account").click()
    expect(page.get_by_role("heading", name="What goes")).to_be_visible()
    inspect(page, "account-delete")
    page.get_by_label("Your password").fill("harbour")
    page.get_by_role("button", name="Delete account").click()

    expect(page.get_by_text("Your account was deleted.")).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
