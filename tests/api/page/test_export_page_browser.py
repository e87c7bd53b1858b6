"""Exporting in a browser: the losses of a group are shown when it is chosen, and the file is downloaded."""

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.api.page.test_export_page import RICH
from tests.api.page.test_import_browser import import_all, look, sign_up
from tests.browsers import Window, inspect


def test_a_group_is_chosen_looked_at_and_downloaded(shown: Window, tmp_path: Path) -> None:
    sign_up(shown.page, shown.url)
    page = shown.go("/app/export")
    inspect(page, "export-empty")
    file = tmp_path / "slots.json"
    file.write_text(json.dumps([RICH, {**RICH, "uid": "b", "notes": [], "groups": [{"name": "Ship's crew"}]}]))
    page = shown.go("/app/import")
    look(page, file)
    import_all(page)
    page = shown.go("/app/export")
    expect(page.get_by_text("notes, which one slot has")).to_have_count(2)
    inspect(page, "export")
    page.get_by_label("Which slots").select_option("Ship's crew")
    expect(page.get_by_text("One slot", exact=True)).to_be_visible()
    expect(page.get_by_text("notes, which one slot has")).to_have_count(0)
    with page.expect_download() as begun:
        page.get_by_role("link", name="Download iCalendar").press("Enter")

    assert begun.value.suggested_filename == "Ship's crew.ics"
    assert b"SUMMARY:Voyage" in Path(begun.value.path()).read_bytes()
