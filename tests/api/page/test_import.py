"""Importing a file by the pages, without a script: look, choose, import, undo; and what is refused, where, and how."""

import io
import json
import re
import zipfile
from collections.abc import Iterator

import httpx
import pytest

from tests.api.page.importing import calendar, choose, counts, event, signed_up, told, upload
from tests.servers import HttpServer

FINE = event("a", "Dinner")
BAD = event("b", "Backwards", end="20310505T110000Z")
CSV = "Subject,Start Date,Start Time,End Date,End Time\n"


@pytest.fixture
def browser(server: HttpServer) -> Iterator[httpx.Client]:
    """Somebody who is signed in."""
    with signed_up(server) as client:
        yield client


def imported(browser: httpx.Client, content: bytes) -> httpx.Response:
    return choose(browser, upload(browser, content), go="import")


def test_a_file_is_seen_imported_reported_and_undone(browser: httpx.Client) -> None:
    preview = upload(browser, calendar(FINE, BAD))
    report = choose(browser, preview, go="import")
    undo = re.search(r"/app/imports/\d+/undo", report.text)
    assert undo is not None
    listed = browser.get("/app/import").text
    undone = browser.post(undo[0])

    assert counts(preview) == {"created": 1, "rejected": 1}
    assert told(report) == {"New": 1, "Not imported": 1}
    assert undo[0] in listed
    assert "New slots removed: 1" in undone.text
    assert undo[0] not in browser.get("/app/import").text
    assert browser.post(undo[0]).headers["location"] == "/app/import?said=import-undone-already"


def test_what_is_rejected_says_its_line_reason_and_how_to_repair_it(browser: httpx.Client) -> None:
    page = choose(browser, upload(browser, calendar(FINE, BAD)), go="rejected:0").text

    assert re.search(r'<td class="number">9</td>\s*<th scope="row">Backwards', page)
    assert "end_before_start" in page
    assert "DTEND:20310505T110000Z" in page
    assert "/app/slots/new?title=Backwards&amp;start=2031-05-06T10%3A00&amp;end=2031-05-05T11%3A00" in page


def test_a_change_shows_what_is_there_and_what_the_file_says(browser: httpx.Client) -> None:
    imported(browser, calendar(FINE, event("c", "Stays")))
    preview = upload(browser, calendar(event("a", "Supper", more="LOCATION:Harbour"), event("c", "Stays")))

    assert counts(preview) == {"updated": 1, "unchanged": 1}
    assert re.search(r'<th scope="row">Title</th><td>Dinner\s*</td><td>Supper\s*</td>', preview.text)
    assert re.search(r'<th scope="row">Place</th><td><span class="quiet">empty</span>\s*</td><td>Harbour', preview.text)


def test_what_may_be_there_already_is_only_imported_if_somebody_says_so(browser: httpx.Client) -> None:
    imported(browser, calendar(FINE))
    preview = upload(browser, calendar(event("other", "Dinner"), event("d", "Lunch")))
    alike = choose(browser, preview, go="alike:0")
    without = choose(browser, alike, go="import")
    again = choose(browser, upload(browser, calendar(event("other", "Dinner"))), go="all")

    assert counts(preview) == {"created": 1, "alike": 1}
    assert "Possible duplicate" in alike.text
    assert told(without) == {"New": 1, "Not selected": 1}
    assert told(choose(browser, again, go="import")) == {"New": 1}


def test_an_older_version_is_left_out(browser: httpx.Client) -> None:
    imported(browser, calendar(event("a", "Dinner", more="SEQUENCE:2")))
    preview = upload(browser, calendar(event("a", "Old", more="SEQUENCE:1")))

    assert counts(preview) == {"skipped": 1}
    assert "stale" in preview.text


def test_records_are_chosen_on_one_page_while_others_keep_their_choice(browser: httpx.Client) -> None:
    preview = upload(browser, calendar(*(event(f"n{number}", f"Slot {number}") for number in range(120))))
    shown = re.findall(r'name="pick" value="(\d+)"', preview.text)
    second = choose(browser, preview, go="created:1", pick=shown[3:])
    report = choose(browser, second, go="import", pick=[])

    assert (len(shown), told(report)) == (50, {"New": 67, "Not selected": 53})


def test_titles_are_filtered(browser: httpx.Client) -> None:
    preview = upload(browser, calendar(*(event(f"f{number}", f"Slot {number}") for number in range(30))))
    found = choose(browser, preview, go="find", find="SLOT 17")

    assert re.findall(r"<strong>(Slot \d+)</strong>", found.text) == ["Slot 17"]
    assert told(choose(browser, found, go="import")) == {"New": 30}


def test_nothing_selected_imports_nothing(browser: httpx.Client) -> None:
    none = choose(browser, upload(browser, calendar(FINE)), go="none")
    refused = choose(browser, none, go="import")

    assert (refused.status_code, "Nothing is selected." in refused.text) == (422, True)


def test_what_was_previewed_is_what_is_imported(browser: httpx.Client) -> None:
    preview = upload(browser, calendar(FINE, event("e", "Lunch"), event("f", "Tea")))
    imported(browser, calendar(FINE))
    again = choose(browser, preview, go="import", pick=["0", "1"])

    assert (again.status_code, counts(again)) == (422, {"created": 2, "unchanged": 1})
    assert "Your calendar was changed after you saw this" in again.text
    action = re.search(r'action="([^"]+)" id="choice"', again.text)
    assert action is not None
    again.request.url = again.url.copy_with(path=action[1])
    assert told(choose(browser, again, go="import")) == {"New": 1, "Unchanged": 1, "Not selected": 1}


def test_a_second_click_shows_what_the_first_one_did(browser: httpx.Client) -> None:
    preview = upload(browser, calendar(FINE))
    first = choose(browser, preview, go="import")
    second = choose(browser, preview, go="import")

    assert told(second) == told(first) == {"New": 1}
    assert browser.get(preview.url.path).headers["location"] == first.url.path


def test_all_or_nothing(browser: httpx.Client) -> None:
    preview = upload(browser, calendar(FINE, BAD), strict="true")

    assert "you asked for all or nothing" in preview.text
    assert "Import what is selected" not in preview.text
    assert choose(browser, preview, go="import").status_code == 422


def test_a_file_of_rejected_records_alone_can_be_looked_at(browser: httpx.Client) -> None:
    preview = upload(browser, calendar(BAD))

    assert (preview.status_code, counts(preview)) == (200, {"rejected": 1})


def test_dates_that_fit_both_orders_are_asked_for(browser: httpx.Client) -> None:
    asked = upload(browser, f"{CSV}Dinner,03/04/2031,18:00,03/04/2031,20:00\n".encode(), "dates.csv")
    preview = browser.post(asked.url.path, data={"date_order": "dmy"})

    assert "How are the dates of this file meant?" in asked.text
    assert re.search(r"“Dinner” is on Thursday,? 3 April 2031", asked.text)
    assert re.search(r"“Dinner” is on Tuesday,? 4 March 2031", asked.text)
    assert "03/04/2031, 18:00" in browser.get(preview.headers["location"]).text


def test_dates_that_tell_their_order_are_not_asked_for(browser: httpx.Client) -> None:
    preview = upload(browser, f"{CSV}Dinner,13/04/2031,18:00,13/04/2031,20:00\n".encode(), "dates.csv")

    assert counts(preview) == {"created": 1}
    assert "Day before month" in preview.text


def test_an_encoding_is_guessed_said_and_can_be_changed(browser: httpx.Client) -> None:
    preview = upload(browser, calendar(event("g", "Dîner")).decode().encode("windows-1252"))
    other = browser.post("/".join(preview.url.path.split("/")[:4]), data={"encoding": "iso-8859-2"})

    assert "Dîner" in preview.text
    assert "windows-1252 (guessed" in preview.text
    assert "iso-8859-2" in browser.get(other.headers["location"]).text


def test_all_goes_to_the_group_that_was_chosen(browser: httpx.Client) -> None:
    group = re.search(r'<option value="([0-9a-f-]{36})">([^<]+)<', browser.get("/app/import").text)
    assert group is not None
    preview = upload(browser, calendar(FINE), group=group[1])

    assert f"<dt>Group</dt><dd>{group[2]}</dd>" in preview.text
    assert told(choose(browser, preview, go="import")) == {"New": 1}


@pytest.mark.parametrize(
    ("content", "status", "sentence"),
    [
        (b"", 422, "The file is empty."),
        (b" \r\n \n", 422, "The file is empty."),
        (b"Hello, world", 422, "This is no calendar that Slotport can read"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", 422, "This is no text in the encoding utf-8"),
        (b'[{"uid": "a", "title": "Dinner", ', 422, "The file is broken"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n" + b" " * (8 * 1024 * 1024), 413, "The file has more than 8 MB."),
    ],
    ids=["empty", "blank", "unknown", "binary", "broken", "large"],
)
def test_what_is_wrong_with_a_file_is_said_beside_its_field(
    browser: httpx.Client, content: bytes, status: int, sentence: str
) -> None:
    answer = upload(browser, content)
    problem = re.search(r'<p class="problem" id="file-problem">([^<]+)</p>', answer.text)

    assert (answer.status_code, problem is not None) == (status, True)
    assert problem is not None
    assert problem[1].startswith(sentence)


def archive(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name.replace("_", "."), content)
    return packed.getvalue()


def test_the_calendars_of_an_archive_are_imported_together(browser: httpx.Client) -> None:
    packed = archive(work_ics=calendar(FINE), home_ICS=calendar(event("h", "Tea")), read_txt=b"\xff")
    preview = upload(browser, packed, "takeout.zip")

    assert counts(preview) == {"created": 2}
    assert told(choose(browser, preview, go="import")) == {"New": 2}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (archive(a_txt=b"x"), "no iCalendar file"),
        (archive(a_ics=b"BEGIN:VCALENDAR\r\n" + b" " * 4_000_000), "far more in it"),
        (archive(a_ics=calendar(FINE))[:-30], "damaged"),
        (archive(a_ics=b"BEGIN:VCALENDAR" * 99).replace(b"BEGIN", b"BEGUN", 1)[:20] + b"x" * 200, "damaged"),
    ],
    ids=["no calendar", "bomb", "cut", "nonsense"],
)
def test_what_is_wrong_with_an_archive_is_said(browser: httpx.Client, content: bytes, reason: str) -> None:
    answer = upload(browser, content, "takeout.zip")

    assert (answer.status_code, reason in answer.text) == (422, True)


def test_no_file_is_asked_for(browser: httpx.Client) -> None:
    assert "Choose a file first." in browser.post("/app/import", data={"group": ""}).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("encoding", "klingon"),
        ("date_order", "ymd"),
        ("group", "nobody"),
        ("group", "0" * 8 + "-0000-0000-0000-" + "0" * 12),
    ],
)
def test_what_cannot_be_chosen_is_said_beside_its_field(browser: httpx.Client, field: str, value: str) -> None:
    answer = upload(browser, calendar(FINE), **{field: value})

    assert (answer.status_code, f'id="{field}-problem"' in answer.text) == (422, True)


def test_a_file_is_nobody_elses(browser: httpx.Client, server: HttpServer) -> None:
    preview = upload(browser, calendar(FINE)).url.path
    report = choose(browser, upload(browser, calendar(event("z", "Other"))), go="import")
    undo = re.search(r"/app/imports/\d+/undo", report.text)
    assert undo is not None
    with signed_up(server) as other:
        statuses = [
            other.get(preview).status_code,
            other.get(preview.rpartition("/")[0]).status_code,
            other.post(preview, data={"go": "import", "on": "created"}).status_code,
            other.post(preview.rpartition("/")[0], data={}).status_code,
            other.get(report.url.path).status_code,
            other.post(undo[0]).status_code,
        ]

    assert statuses == [404] * 6


@pytest.mark.parametrize("name", ["x", "..%2f..%2fetc", "6b091165-" + "a" * 32, "ffffffff-" + "a" * 32, "\u00e4"])
def test_a_file_that_is_not_there_is_said_to_be_gone(browser: httpx.Client, name: str) -> None:
    answers = [browser.get(f"/app/import/{name}"), browser.get(f"/app/import/{name}/{name}/report")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "files wait for an hour" in answers[0].text


@pytest.mark.parametrize(
    "form",
    [
        {"go": "created:999999999", "at": "nothing", "on": "x,y", "exceptions": "9,-1,a,99999999999", "shown": "7,8"},
        {"go": ":", "pick": ["a", "-4", "5"], "find": "\u0130" * 300},
        {"go": "import", "on": "unchanged,rejected"},
    ],
)
def test_a_form_that_makes_no_sense_changes_nothing(browser: httpx.Client, form: dict[str, str | list[str]]) -> None:
    preview = upload(browser, calendar(FINE))

    assert browser.post(preview.url.path, data=form).status_code in (200, 422)
    assert "There are none yet." in browser.get("/app/import").text


def test_old_and_new_years_are_shown(browser: httpx.Client) -> None:
    first = event("y1", "First", start="00010101T000000Z", end="00010101T010000Z")
    last = event("y2", "Last", start="99991231T230000Z", end="99991231T235900Z")
    browser.cookies.set("slotport_zone", "America/New_York")
    west = upload(browser, calendar(first, last))
    browser.cookies.set("slotport_zone", "Pacific/Kiritimati")

    assert counts(west) == counts(browser.get(west.url.path)) == {"created": 2}


def test_only_the_newest_five_files_wait(browser: httpx.Client) -> None:
    waiting = [upload(browser, calendar(event(f"w{number}", "Wait"))).url.path for number in range(6)]

    assert sum(browser.get(path).status_code == 200 for path in waiting) == 5


def test_a_script_is_told_how_far_it_is(browser: httpx.Client) -> None:
    content = calendar(*(event(f"s{number}", f"Slot {number}") for number in range(1200)))
    answer = browser.post(
        "/app/import",
        files={"file": ("x.ics", io.BytesIO(content))},
        headers={"Accept": "text/event-stream, text/html"},
    )
    events = re.findall(r"^event: (\w+)$", answer.text, re.MULTILINE)

    assert answer.headers["content-type"] == "text/event-stream"
    assert set(events) == {"progress", "go"}
    assert events[-1] == "go"


def test_a_script_is_shown_what_is_refused(browser: httpx.Client) -> None:
    answer = browser.post(
        "/app/import", files={"file": ("x.ics", b"nothing")}, headers={"Accept": "text/event-stream, text/html"}
    )

    [page] = re.findall(r"^event: page\ndata: (.*)$", answer.text, re.MULTILINE)
    assert json.loads(page).startswith("<!doctype html>\n")
    assert "This is no calendar that Slotport can read" in answer.text


def test_who_is_not_signed_in_imports_nothing(server: HttpServer) -> None:
    ours = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    with httpx.Client(base_url=server.url, headers=ours, trust_env=False) as nobody:
        assert nobody.get("/app/import").headers["location"] == "/app/sign-in?next=%2Fapp%2Fimport"
        assert upload(nobody, calendar(FINE)).status_code == 401
