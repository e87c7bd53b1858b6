"""The pages of exports over HTTP: the list, one export, its files, links and log, and whose they are."""

import io
import re
import zipfile
from collections.abc import Iterator

import httpx
import pytest

from slotport.api.export.messages import MESSAGES, OTHER
from slotport.api.page.export_words import text_key
from slotport.api.page.texts import texts
from tests.api.page.exporting import Exporter, export_pages, signed_in


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that runs exports."""
    with export_pages(tmp_path_factory.mktemp("pages")) as found:
        yield found


@pytest.fixture
def ada(url: str) -> Iterator[Exporter]:
    """Somebody new."""
    with signed_in(url) as somebody:
        yield somebody


def test_the_first_export_works_at_once(ada: Exporter) -> None:
    ada.add_slots(3)
    empty = ada.get("/app/exports").text
    number = ada.first()
    page = ada.ended(number)
    listed = ada.get("/app/exports").text

    assert 'action="/app/exports/first"' in empty
    assert "3 objects in 2 files" in page
    assert "All my slots" in listed
    assert '<span class="badge good">Done</span>' in listed


def test_files_are_looked_at_and_fetched(ada: Exporter) -> None:
    ada.add_slots(2)
    number = ada.first()
    ada.ended(number)
    tree = ada.get(f"/app/exports/{number}/files").text
    view = ada.get(f"/app/exports/{number}/view?path=calendar.ics").text
    file = ada.get(f"/app/exports/{number}/file?path=calendar.ics")
    whole = ada.get(f"/app/exports/{number}/zip")

    assert "calendar.ics" in tree
    assert "BEGIN:VCALENDAR" in view
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert zipfile.ZipFile(io.BytesIO(whole.content)).read("calendar.ics") == file.content


def test_another_ones_exports_are_not_there(url: str, ada: Exporter) -> None:
    number = ada.first()
    ada.ended(number)
    uuid = "00000000-0000-4000-8000-000000000001"
    with signed_in(url) as mallory:
        asked = ["", "/live", "/log", "/files", "/view?path=a", "/file?path=a", "/zip", "/delete"]
        sent = ["/start", "/stop", "/delete", "/passkey", f"/transports/{uuid}/test", f"/transports/{uuid}/retry"]
        answers = [mallory.get(f"/app/exports/{number}{path}") for path in asked if path != "/live"]
        answers += [mallory.post(f"/app/exports/{number}{path}") for path in sent]
        live = mallory.get(f"/app/exports/{number}/live").text

    assert {answer.status_code for answer in answers} == {404}
    assert live == "event: end\ndata: \n\n"
    assert "All my slots" in ada.get("/app/exports").text


@pytest.mark.parametrize("path", ["", "/live", "/log", "/files", "/zip", "/file?path=x", "/log/1"])
@pytest.mark.parametrize("number", ["0", "-1", "9" * 30])
def test_numbers_that_nobody_has_are_nothing(ada: Exporter, number: str, path: str) -> None:
    answer = ada.get(f"/app/exports/{number}{path}")

    assert answer.status_code == (200 if path == "/live" else 404)


@pytest.mark.parametrize("path", ["../secret", "calendar.ics/x", "a\\b", "%00", "x" * 3000, "/", "\ud7ff"])
def test_paths_that_are_none_are_refused(ada: Exporter, path: str) -> None:
    number = ada.first()
    ada.ended(number)
    answers = [ada.get(f"/app/exports/{number}/{verb}", params={"path": path}) for verb in ("view", "file")]

    assert all(answer.status_code in (404, 422) for answer in answers)


def test_the_stream_tells_of_a_run_until_it_is_done(ada: Exporter) -> None:
    number = ada.first()
    ada.ended(number)
    stream = ada.get(f"/app/exports/{number}/live").text

    assert stream.startswith("event: html\ndata: ")
    assert "All files as ZIP" in stream
    assert stream.endswith("event: end\ndata: \n\n")


def test_links_are_exchanged_and_the_old_ones_end(ada: Exporter) -> None:
    number = ada.first()
    old = link_in(ada.ended(number))
    answer = ada.post(f"/app/exports/{number}/passkey", {"expires": "week"})
    page = ada.get(f"/app/exports/{number}").text
    new = link_in(page)
    fetched = [httpx.get(one, trust_env=False).status_code for one in (old, new)]

    assert answer.status_code == 303
    assert fetched == [302, 200]
    assert "The links work until" in page


def test_what_cannot_be_done_now_is_said_on_the_page(ada: Exporter) -> None:
    number = ada.first()
    ada.ended(number)
    answer = ada.post(f"/app/exports/{number}/stop")

    assert answer.status_code == 422
    assert f"Export {number} is not running." in answer.text


def test_the_log_and_the_runs_are_in_words(ada: Exporter) -> None:
    number = ada.first()
    ada.ended(number)
    english = ada.get(f"/app/exports/{number}/log").text
    german = ada.get(f"/app/exports/{number}/log", headers={"Accept-Language": "de"}).text

    for text in ("The export job was made.", "A run was started by hand.", "The run is done."):
        assert text in english
    for text in ("Der Auftrag wurde angelegt.", "Der Lauf ist fertig.", "Läufe"):
        assert text in german


def test_an_export_is_deleted(ada: Exporter) -> None:
    number = ada.first()
    question = ada.get(f"/app/exports/{number}/delete").text
    answer = ada.post(f"/app/exports/{number}/delete")

    assert "Delete this export job?" in question
    assert answer.headers["location"] == "/app/exports?said=exports-deleted"
    assert ada.get(f"/app/exports/{number}").status_code == 404


def test_every_code_has_a_message_in_every_language() -> None:
    english, german = texts("en"), texts("de")

    assert {code: english(text_key(code)) for code in MESSAGES} == MESSAGES
    assert english("server-error-other") == OTHER
    assert {german(text_key(code)) for code in MESSAGES}.isdisjoint(MESSAGES.values())


def link_in(page: str) -> str:
    """The first download link of an export's page."""
    found = re.search(r'readonly value="(http[^"]+)"', page)
    assert found, page
    return found[1]
