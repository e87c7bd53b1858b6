"""Importing a file in a browser: by keyboard alone, by dropping it, with news of how far it is; how it looks."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.page.importing import calendar, event
from tests.browsers import Window, inspect, window
from tests.servers import HttpServer

_NUMBERS = count()
DROP = """([name, text]) => {
  const held = new DataTransfer();
  held.items.add(new File([text], name));
  const main = document.querySelector("main");
  for (const kind of ["dragover", "drop"])
    main.dispatchEvent(new DragEvent(kind, {dataTransfer: held, bubbles: true, cancelable: true}));
}"""


def sign_up(page: Page, url: str) -> None:
    page.goto(url + "/app/sign-up")
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("E-mail address").fill(f"chooser{next(_NUMBERS)}@page.example")
    page.get_by_label("Password").fill("harbour")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("banner").get_by_text("Ada")).to_be_visible()


@pytest.fixture
def member(shown: Window) -> Window:
    """A window in which somebody is signed in."""
    sign_up(shown.page, shown.url)
    return shown


@pytest.fixture
def plain(chrome: Browser, server: HttpServer) -> Iterator[Page]:
    """The same without scripts."""
    with window(chrome, server.url, java_script_enabled=False) as opened:
        sign_up(opened.page, opened.url)
        yield opened.page


def saved(folder: Path, *events: str) -> Path:
    path = folder / "calendar.ics"
    path.write_bytes(calendar(*events))
    return path


def look(page: Page, file: Path) -> None:
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()


def import_all(page: Page) -> None:
    page.get_by_role("button", name="Import what is selected").click()
    expect(page.get_by_role("heading", name="The file was imported")).to_be_visible()


#: a file with a record of every kind, for somebody who has imported BEFORE
BEFORE = [
    event("a", "Dinner with Grace", more="LOCATION:Harbour\r\nDESCRIPTION:Bring the maps"),
    event("b", "Standup"),
    event("c", "Book club", start="20310507T180000Z", end="20310507T200000Z", more="SEQUENCE:3"),
    event("d", "Choir", start="20310508T180000Z", end="20310508T193000Z"),
]
AFTER = [
    event(
        "a",
        "Supper with Grace and Ada",
        end="20310506T123000Z",
        more="LOCATION:Lighthouse\r\nDESCRIPTION:Bring the maps",
    ),
    event("b", "Standup"),
    event("c", "Book club, as it was planned first", more="SEQUENCE:1"),
    event("elsewhere", "Choir", start="20310508T180000Z", end="20310508T193000Z"),
    event("e", "Dentist", start="20310509T080000Z", end="20310509T083000Z"),
    event("f", "Train to the coast", end="20310505T100000Z", more="DESCRIPTION:Platform 4"),
]


def test_by_keyboard_alone(member: Window, tmp_path: Path) -> None:
    page = member.go("/app/import")
    expect(page.locator("form[data-drop]")).to_have_attribute("data-taken", "")
    page.wait_for_load_state("networkidle")
    with page.expect_file_chooser() as chosen:
        page.locator("#file").press("Enter")
    chosen.value.set_files(saved(tmp_path, *AFTER))
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    page.locator("#pick-0").focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-chosen]")).to_have_text("4")
    page.locator("#do-import").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The file was imported")).to_be_visible()
    page.get_by_role("button", name="Undo this import").press("Enter")
    expect(page.get_by_text("New slots removed: 4.")).to_be_visible()


def test_a_file_can_be_dropped_anywhere(member: Window) -> None:
    page = member.go("/app/import")
    expect(page.locator("form[data-drop]")).to_have_attribute("data-taken", "")
    page.evaluate(DROP, ["calendar.ics", calendar(*AFTER).decode()])

    expect(page.get_by_role("heading", name="What would change")).to_be_visible()


def test_without_a_script(plain: Page, server: HttpServer, tmp_path: Path) -> None:
    plain.goto(f"{server.url}/app/import")
    look(plain, saved(tmp_path, *AFTER))
    plain.locator("#pick-0").uncheck()
    import_all(plain)
    expect(plain.locator("dt:has-text('Not selected') + dd")).to_have_text("1")
    plain.get_by_role("button", name="Undo this import").click()

    expect(plain.get_by_role("heading", name="The import was undone")).to_be_visible()


def test_every_kind_of_record_is_seen(member: Window, tmp_path: Path) -> None:
    page = member.go("/app/import")
    inspect(page, "import")
    look(page, saved(tmp_path, *BEFORE))
    import_all(page)
    page = member.go("/app/import")
    look(page, saved(tmp_path, *AFTER))
    for kind in ("created", "alike", "updated", "skipped", "rejected"):
        page.locator(f"#kind-{kind}").click()
        expect(page.locator(f"#kind-{kind}")).to_have_attribute("aria-current", "true")
        inspect(page, f"import-preview-{kind}")
    import_all(page)
    page.get_by_text("As it stands in the file").click()
    inspect(page, "import-report")
    page = member.go("/app/import")
    inspect(page, "import-recent")
    page.get_by_role("button", name="Undo this import").first.click()
    expect(page.get_by_role("heading", name="The import was undone")).to_be_visible()
    inspect(page, "import-undone")


def test_the_date_order_is_asked(member: Window, tmp_path: Path) -> None:
    file = tmp_path / "dates.csv"
    file.write_text("Subject,Start Date,Start Time\nDinner,03/04/2031,18:00\nTea,05/06/2031,16:00\n")
    page = member.go("/app/import")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_text("How are the dates of this file meant?")).to_be_visible()
    inspect(page, "import-dates")
    page.get_by_label("Day before month").check()
    page.get_by_role("button", name="See what would change").click()

    expect(page.locator(".records").get_by_text("03/04/2031")).to_be_visible()


def test_what_is_refused_is_said_beside_the_field(member: Window, tmp_path: Path) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    page = member.go("/app/import")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="See what would change").click()

    expect(page.locator("#file-problem")).to_contain_text("This is no text")
    expect(page.locator("#file")).to_be_focused()
    inspect(page, "import-refused")


def test_a_file_that_is_too_large_is_not_even_sent(member: Window, tmp_path: Path) -> None:
    file = tmp_path / "large.ics"
    file.write_bytes(b"BEGIN:VCALENDAR\r\n" + b" " * (9 * 1024 * 1024))
    page = member.go("/app/import")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="See what would change").click()

    expect(page.locator("#file-problem")).to_contain_text("more than 8 MB")


def test_a_lost_network_loses_no_choice(member: Window, tmp_path: Path) -> None:
    page = member.go("/app/import")
    look(page, saved(tmp_path, *AFTER))
    page.locator("#pick-0").uncheck()
    page.context.set_offline(True)
    page.locator("#do-import").click()
    expect(page.locator("#banner")).to_contain_text("Slotport cannot be reached")
    page.context.set_offline(False)
    expect(page.locator("#pick-0")).not_to_be_checked()
    import_all(page)

    expect(page.locator("dt:has-text('Not selected') + dd")).to_have_text("1")


def test_an_ended_session_loses_no_choice(member: Window, tmp_path: Path) -> None:
    page = member.go("/app/import")
    look(page, saved(tmp_path, *AFTER))
    page.locator("#pick-0").uncheck()
    cookies = page.context.cookies()
    page.context.clear_cookies(name="slotport_session")
    page.locator("#do-import").click()
    expect(page.locator("#banner")).to_contain_text("Your session has ended")
    page.context.add_cookies([one for one in cookies if one["name"] == "slotport_session"])  # type: ignore[list-item]
    import_all(page)

    expect(page.locator("dt:has-text('Not selected') + dd")).to_have_text("1")
