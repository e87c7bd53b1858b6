"""Pages of exports while runs go on, of many files and many exports, and with names that would be scripts."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from slotport.actions import exports
from slotport.api.app import utc_now
from slotport.core.account import Account
from slotport.core.export import Progress, Trigger
from slotport.settings import Settings
from slotport.storage import run_work
from slotport.storage.run_work import Totals
from tests.api.export.serving import PASSWORD, add_account, export_server, publish
from tests.browsers import Window, window
from tests.servers import HttpServer

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
SCRIPT = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture(scope="module")
def running(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    """A server whose runs are made by the tests."""
    settings = Settings(data=tmp_path_factory.mktemp("exports"), port=0, sign_in_attempts=1000, shutdown_seconds=2)
    with export_server(settings) as found:
        yield found


@pytest.fixture
def ada(running: HttpServer) -> Account:
    """Somebody new."""
    return add_account(running.store)


@pytest.fixture
def client(running: HttpServer, ada: Account) -> Iterator[httpx.Client]:
    """Her browser, without a window."""
    with httpx.Client(base_url=running.url, headers=OURS, trust_env=False, timeout=30) as found:
        assert found.post("/app/sign-in", data={"login": ada.email, "password": PASSWORD}).status_code == 303
        yield found


@pytest.fixture
def opened(chrome: Browser, running: HttpServer, ada: Account) -> Iterator[Window]:
    """Her browser."""
    with window(chrome, running.url) as shown:
        page = shown.go("/app/sign-in")
        page.get_by_label("E-mail address").fill(ada.email or "")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        yield shown


def define(running: HttpServer, owner: Account, name: str = "Summer") -> int:
    """The number of a new export."""
    body = {"export": {"name": name, "json": True}}
    return exports.create(running.store, owner, body, settings=running.settings, now=utc_now()).id


def begin(running: HttpServer, owner: Account, export_id: int) -> str:
    """A run that is under way."""
    with running.store.write() as transaction:
        run, _ = exports.begin_run(
            transaction,
            export_id,
            owner.id,
            trigger=Trigger.MANUAL,
            full=False,
            due_at=None,
            now=utc_now(),
            settings=running.settings,
        )
    assert run_work.begin(running.store, run.id, now=utc_now()) is not None
    return run.id


def test_progress_is_seen_as_it_is_made_and_the_run_is_stopped(
    opened: Window, running: HttpServer, ada: Account
) -> None:
    number = define(running, ada)
    page = opened.go(f"/app/exports/{number}")
    expect(page.locator(".badge").first).to_have_text("Ready")
    page.get_by_role("button", name="Start").press("Enter")
    expect(page.locator(".badge").first).to_have_text("Waiting for its turn")
    run_id = exports.get(running.store, ada, number).run.id  # type: ignore[union-attr]
    run_work.begin(running.store, run_id, now=utc_now())
    for percent in (17, 42):
        run_work.tell_progress(running.store, run_id, Progress(phase="collect", percent=percent), now=utc_now())
        expect(page.get_by_text(f"Collecting · {percent} %")).to_be_visible()
    page.get_by_role("button", name="Stop").press("Enter")
    expect(page.locator(".badge").first).to_have_text("Ready")
    expect(page.get_by_text("The run was stopped.")).to_be_visible()


def test_the_list_shows_progress_too_and_the_focus_stays(opened: Window, running: HttpServer, ada: Account) -> None:
    number = define(running, ada)
    run_id = begin(running, ada, number)
    page = opened.go("/app/exports")
    stop = page.get_by_role("button", name="Stop")
    stop.focus()
    run_work.tell_progress(running.store, run_id, Progress(phase="write", percent=63), now=utc_now())
    expect(page.get_by_text("Writing files · 63 %")).to_be_visible()

    expect(stop).to_be_focused()


def test_names_that_would_be_scripts_are_text(opened: Window, running: HttpServer, ada: Account) -> None:
    number = define(running, ada, SCRIPT)
    publish(running, number, {f"{SCRIPT[:28]}/x.html": SCRIPT.encode(), "<b>.json": b'{"a": "<script>"}'})
    page = opened.go("/app/exports")
    expect(page.get_by_role("link", name=SCRIPT)).to_be_visible()
    page = opened.go(f"/app/exports/{number}")
    expect(page.get_by_role("heading", name=SCRIPT)).to_be_visible()
    page.get_by_role("link", name=f"{SCRIPT[:28]}/ (folder)").click()
    page.get_by_role("link", name="x.html", exact=True).click()
    expect(page.locator("pre")).to_have_text(SCRIPT)
    run_id = begin(running, ada, number)
    refused = {"realm": "user", "code": "error.user.export_failed", "description": SCRIPT}
    run_work.fail(running.store, run_id, exception=refused, protocol=SCRIPT, totals=Totals(), now=utc_now())
    page = opened.go(f"/app/exports/{number}/log")
    expect(page.locator(".export-log pre").first).to_have_text(SCRIPT)

    assert is_harmless(page)


def is_harmless(page: Page) -> bool:
    """Whether nothing of what was stored became an element."""
    return page.locator("main img, main script").count() == 0


def test_thousands_of_files_are_seen_a_hundred_at_a_time(
    client: httpx.Client, running: HttpServer, ada: Account
) -> None:
    number = define(running, ada)
    publish(running, number, {f"many/{place:04}.txt": b"x" for place in range(230)})
    root = client.get(f"/app/exports/{number}").text
    first = client.get(f"/app/exports/{number}/files?path=many").text
    second = client.get(f"/app/exports/{number}/files?path=many&after=0099.txt").text
    last = client.get(f"/app/exports/{number}/files?path=many&after=0199.txt").text

    assert ("0001.txt" in root, "files?path=many" in root) == (False, True)
    assert [page.count("/view?path=many%2F") + page.count("/view?path=many/") for page in (first, second, last)] == [
        100,
        100,
        30,
    ]
    assert "after=0099.txt" in first
    assert "after=" not in last


def test_many_exports_are_listed_page_by_page_the_newest_first(
    client: httpx.Client, running: HttpServer, ada: Account
) -> None:
    for place in range(30):
        define(running, ada, f"Export {place:02}")
    first = client.get("/app/exports").text
    second = client.get("/app/exports?page=2").text
    beyond = client.get("/app/exports?page=99999999999").text

    assert ("Export 29" in first, "Export 04" in first) == (True, False)
    assert ("Export 04" in second, "Export 05" in second) == (True, False)
    assert "Page 2 of 2" in beyond
