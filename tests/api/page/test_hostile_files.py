"""Whatever an imported file says in whichever field is shown as text, and never runs (design: stored scripts)."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.page.test_import_browser import import_all, look, sign_up
from tests.browsers import Window

EVIL = """<img src=x onerror=alert(1)>"'><script>alert(2)</script>"""
ZONE = "<img src=x onerror=alert(3)><script>alert(4)</script>"
#: what a browser would have made of it
MADE = """() => [
  ...document.querySelectorAll("img[src=x], [onerror], main script:not([type]), main script[type=module]")
].map((one) => one.outerHTML)"""
#: the calendar, where the first slot is
VIEWS = tuple(f"/app/calendar?view={view}&date=2031-05-07" for view in ("list", "month", "week", "day"))
PAGES = ("/app/groups", "/app/share", "/app/export")


def ical(number: int) -> bytes:
    """Everything that can hold a text, of which number 1 differs from number 0."""
    evil = EVIL if number == 0 else f"{EVIL}{number}"
    name = "WR" if number == 0 else "WRX"
    texts = [
        "DESCRIPTION",
        "LOCATION",
        "CATEGORIES",
        "URL",
        "COMMENT",
        "CONTACT",
        "RESOURCES",
        "X-EVIL",
        "RRULE",
        "ATTACH",
    ]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{evil}",
        f"X-{name}-CALNAME:{evil}",
        "BEGIN:VEVENT",
        f"UID:{EVIL}",
        f"SUMMARY:{EVIL}",
        f"DTSTART;TZID={ZONE}:2031050{number + 6}T100000",
        *(f"{text}:{evil}" for text in texts),
        f"ORGANIZER;CN={ZONE}:mailto:{evil}",
        f"ATTENDEE;CN={ZONE};X-A={ZONE}:{evil}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{evil}",
        "TRIGGER:-PT5M",
        "END:VALARM",
        "END:VEVENT",
        "BEGIN:VEVENT",
        f"UID:alike{number}",
        f"SUMMARY:{EVIL}",
        "DTSTART:20320506T100000Z",
        "END:VEVENT",
        "BEGIN:VEVENT",
        f"UID:{EVIL}x",
        f"SUMMARY:{EVIL}",
        "DTSTART:20320506T100000Z",
        "DTEND:20310506T100000Z",
        f"DESCRIPTION:{evil}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(lines).encode()


def outlook(number: int) -> bytes:
    evil = EVIL if number == 0 else f"{EVIL}{number}"
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(
        "Subject Start_Date Start_Time End_Date End_Time All_Day_Event Categories Show_Time Location Description uid"
        " recurrence_id timezone".split()
    )
    day = f"2031-05-0{number + 6}"
    rows.writerow([EVIL, day, "10:00", day, "11:00", "FALSE", evil, evil, evil, evil, EVIL, "", ""])
    rows.writerow([EVIL, "2032-05-06", "10:00", "", "", "FALSE", evil, evil, evil, evil, f"alike{number}", "", ""])
    rows.writerow([EVIL, day, "10:00", day, "11:00", "FALSE", evil, evil, evil, evil, f"{EVIL}x", "", ZONE])
    rows.writerow([EVIL, ZONE, ZONE, day, "11:00", ZONE, evil, evil, evil, evil, f"{EVIL}y", EVIL, ""])
    return file.getvalue().encode()


def timeslot(number: int) -> bytes:
    evil = EVIL if number == 0 else f"{EVIL}{number}"
    record: dict[str, Any] = {
        "uid": EVIL,
        "title": EVIL,
        "visibility": "public",
        "start": f"2031-05-0{number + 6}T10:00:00.000Z",
        "end": "2031-05-09T11:00:00.000Z",
        "description": evil,
        "rrule": evil,
        "timezone": "Europe/Berlin",
        "icalendar": [f"X-EVIL:{evil}"],
        "media": [{"public_id": evil, "media_type": "image", "position": 0, "title": EVIL, "thumbnail": evil}],
        "notes": [{"title": evil, "content": evil, "local_id": evil}],
        "groups": [{"name": evil, "image": evil, "public": False, "description": evil}],
        "location": dict.fromkeys(
            "name country city address sub_thoroughfare sub_locality administrative_area sub_administrative_area"
            " in_land_water ocean areas_of_interest place_id".split(),
            evil,
        )
        | {"postalcode": evil[:32], "iso_country_code": evil[:8]},
    }
    alike = {**record, "uid": f"alike{number}", "start": "2032-05-06T10:00:00Z", "end": ""}
    wrong = [{**record, "uid": f"{EVIL}{name}", name: evil} for name in ("visibility", "start", "timezone", "location")]
    return json.dumps([record, alike, *wrong]).encode()


def is_harmless(page: Page, alarms: list[str]) -> None:
    assert page.evaluate(MADE) == []
    assert alarms == []


@pytest.mark.parametrize(("write", "suffix"), [(ical, "ics"), (outlook, "csv"), (timeslot, "json")])
def test_no_field_of_a_file_is_ever_more_than_text(shown: Window, tmp_path: Path, write: Any, suffix: str) -> None:
    alarms: list[str] = []
    page = shown.page
    page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
    sign_up(page, shown.url)
    for number in (0, 1):
        file = tmp_path / f"{number}{EVIL.replace('/', '_')}.{suffix}"
        file.write_bytes(write(number))
        look(shown.go("/app/import"), file)
        for kind in ("created", "alike", "updated", "skipped", "rejected"):
            if page.locator(f"#kind-{kind}").is_enabled():
                page.locator(f"#kind-{kind}").click()
                expect(page.locator(f"#kind-{kind}")).to_have_attribute("aria-current", "true")
                expect(page.locator("main").get_by_text(EVIL).filter(visible=True).first).to_be_visible()
                is_harmless(page, alarms)
        import_all(page)
        expect(page.locator("main").get_by_text(EVIL).filter(visible=True).first).to_be_visible()
        is_harmless(page, alarms)
    for path in VIEWS:
        page = shown.go(path)
        expect(page.locator("main").get_by_text("<img src=x").filter(visible=True).first).to_be_visible()
        is_harmless(page, alarms)
        page.wait_for_load_state("networkidle")  # or what it still loads fails as it is left
    for path in PAGES:
        is_harmless(shown.go(path), alarms)
    page = shown.go("/app/import")
    page.get_by_role("button", name="Undo this import").first.click()
    expect(page.get_by_role("heading", name="The import was undone")).to_be_visible()
    is_harmless(page, alarms)
