"""Signing in at a provider in a real browser, whose policy on forms and cookies counts here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from slotport.settings import Settings
from tests.browsers import Window, inspect, window
from tests.providers import CLIENT, SECRET, Provider, provider
from tests.servers import HttpServer, http_server


@pytest.fixture
def elsewhere() -> Iterator[Provider]:
    """A provider with somebody signed in."""
    with provider() as told:
        told.is_somebody(sub="mary", email="mary@example.org", email_verified=True, name="Mary")
        yield told


@pytest.fixture
def home(elsewhere: Provider, tmp_path: Path) -> Iterator[HttpServer]:
    """A server with that provider."""
    settings = Settings(
        data=tmp_path,
        port=0,
        oidc_issuer=elsewhere.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_label="Harbour ID",
        shutdown_seconds=2,
    )
    with http_server(settings) as running:
        yield running


@pytest.fixture
def opened(chrome: Browser, home: HttpServer, elsewhere: Provider) -> Iterator[Window]:
    """A window that may ask the provider, and nobody else."""
    with window(chrome, home.url) as shown:
        yield shown
        shown.faults = [fault for fault in shown.faults if not fault.startswith(f"asked {elsewhere.issuer}/")]


def test_signing_up_and_in_by_the_provider(opened: Window) -> None:
    page = opened.go("/app/sign-in?next=/app/account")
    inspect(page, "oidc-sign-in")
    page.get_by_role("link", name="Sign in with Harbour ID").press("Enter")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(page.get_by_role("banner").get_by_text("Mary")).to_be_visible()
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.get_by_role("link", name="Sign in with Harbour ID").press("Enter")

    expect(page.get_by_role("banner").get_by_text("Mary")).to_be_visible()


def test_linking_and_unlinking(opened: Window, elsewhere: Provider) -> None:
    page = opened.go("/app/sign-up")
    page.get_by_label("Name").fill("Grace")
    page.get_by_label("E-mail address").fill("mary@example.org")
    page.get_by_label("Password").fill("harbour")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("banner").get_by_text("Grace")).to_be_visible()
    opened.go("/app/account/password")
    page.get_by_label("Your password").fill("harbour")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Linked.")).to_be_visible()
    expect(page.get_by_text("mary@example.org")).to_be_visible()
    inspect(page, "oidc-linked")
    page.get_by_role("button", name="Unlink: mary@example.org").press("Enter")
    expect(page.get_by_text("The link was removed.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.get_by_role("link", name="Sign in with Harbour ID").click()

    expect(page.get_by_text("There is an account with this e-mail address already.")).to_be_visible()
    inspect(page, "oidc-taken")


def test_a_provider_that_lies_is_told_in_plain_words(opened: Window, elsewhere: Provider) -> None:
    elsewhere.lies = {"nonce": "another"}
    page = opened.go("/app/sign-in")
    page.get_by_role("link", name="Sign in with Harbour ID").click()

    expect(page.get_by_text("What the provider answered is not valid.")).to_be_visible()
    inspect(page, "oidc-refused")
