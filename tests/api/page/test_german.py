"""German pages over HTTP: what actions and formats refuse in English is said in German, at every boundary of a page."""

import re
from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from tests.api.page.boards import DAY, plan
from tests.api.page.exporting import export_pages, signed_in
from tests.api.page.importing import calendar, choose, event, upload
from tests.api.page.people import PASSWORD, signed_up
from tests.servers import HttpServer

GERMAN = {"Accept-Language": "de"}
NUMBERS = count(1)


@pytest.fixture
def ada(server: HttpServer) -> Iterator[tuple[httpx.Client, str]]:
    """A browser whose pages are German, and the address of who is signed in there."""
    with signed_up(server) as (client, email):
        client.headers.update(GERMAN)
        yield client, email


def problems(answer: httpx.Response) -> dict[str, str]:
    """What is said beside the fields of a form."""
    found = re.findall(r'<p class="problem" id="([^"]*)-problem">([^<]*)</p>', answer.text)
    assert answer.status_code == 422, answer.text
    return dict(found)


def main_of(answer: httpx.Response) -> str:
    """The words of a page's main part."""
    match = re.search(r"<main.*?</main>", answer.text, re.DOTALL)
    assert match
    return " ".join(re.sub(r"<[^>]+>", " ", match[0]).split())


def test_an_account_is_refused_in_german(ada: tuple[httpx.Client, str]) -> None:
    client, email = ada
    client.cookies.clear()
    taken = client.post("/app/sign-up", data={"username": "", "email": email, "password": PASSWORD})
    short = client.post("/app/sign-up", data={"username": "Eve", "email": "eve", "password": "1234"})
    again = client.post("/app/sign-up", data={"username": "Eve", "email": email, "password": PASSWORD})

    assert problems(taken) == {"username": "darf nicht leer sein"}
    assert problems(short) == {"email": "muss aussehen wie x@y.z", "password": "muss 5 bis 72 Zeichen haben"}
    assert problems(again) == {"email": "hat schon ein Konto"}


def test_a_slot_that_ends_before_it_begins_is_refused_in_german(ada: tuple[httpx.Client, str]) -> None:
    client, _ = ada
    times = {"start_day": DAY, "start_time": "17:00", "end_day": DAY, "end_time": "16:00"}
    form = {**times, "title": "", "zone": "Europe/Berlin", "visibility": "private", "every": "never"}

    untitled = client.post("/app/slots/new", data={**form, "end_time": "18:00"})

    assert problems(client.post("/app/slots/new", data=form)) == {"end_day": "liegt vor dem Beginn"}
    assert problems(untitled) == {"title": "darf nicht leer sein"}


def test_a_rejected_record_says_why_in_german(ada: tuple[httpx.Client, str]) -> None:
    client, _ = ada
    bad = event("b", "Backwards", end="20310505T110000Z")
    preview = upload(client, calendar(event("a", "Dinner"), bad))
    broken = upload(client, b"[{]", "a.json")

    assert "Das Ereignis endet, bevor es beginnt." in choose(client, preview, go="rejected:0").text
    assert "timeslot, Zeile 1: die Datei ist vor dem Ende ihrer Liste zu Ende." in broken.text


def test_the_board_refuses_in_german(server: HttpServer, ada: tuple[httpx.Client, str]) -> None:
    client, email = ada
    planned = plan(server, email, f"Tafel {next(NUMBERS)}")
    knots = f"{planned.path}/slots/{planned.slots['Knots']}"
    clash = client.post(f"{knots}/move", json={"start": f"{DAY}T10:30:00"}).json()
    nowhere = client.post(f"{knots}/move", json={"remove": ["attic"]}).json()
    gone = client.post(f"{planned.path}/slots/9999999/move", json={"minutes": 5}).json()

    assert clash["reasons"] == ["Attic ist von 10:00 bis 11:00 durch „Lanterns“ belegt."]
    assert nowhere["reasons"] == ["Orte: ließe den Termin ohne Ort"]
    assert gone["reasons"] == ["Nummer: gehört zu keinem Termin, der hier im Programm steht"]


def test_a_page_of_a_refusal_is_german_as_a_whole(ada: tuple[httpx.Client, str]) -> None:
    client, _ = ada
    missing = client.get("/app/slots/9999999")
    told = client.post("/app/calendar/move", json={"slot": 9999999, "days": 1}, headers={"Accept": "*/*"})

    assert (missing.status_code, told.status_code) == (404, 404)
    assert "Diesen Termin gibt es nicht." in main_of(missing)
    assert "Auf Englisch" not in missing.text
    assert told.json() == {"error": "diesen Termin gibt es nicht"}


def test_an_export_is_refused_in_german(tmp_path_factory: pytest.TempPathFactory) -> None:
    with export_pages(tmp_path_factory.mktemp("pages")) as url, signed_in(url, **GERMAN) as exporter:
        form = {"do": "save", "name": "", "csv_delimiter": ";;", "formats": "csv"}
        refused = exporter.post("/app/exports/new", form)
        schedule = exporter.post("/app/exports/new", {**form, "csv_delimiter": ";", "schedules[0][hours]": "25"})
        number = exporter.first()
        missing = exporter.get("/app/exports/9999999")
        tried = {"transports[0][type]": "ftp", "transports[0][server]": "10.1.2.3", "do": "test-0", "name": "Tried"}
        trial = exporter.post(f"/app/exports/{number}/edit", tried)

    assert problems(refused) == {
        "csv_delimiter": "muss genau ein Zeichen sein, und weder Zeilenumbruch noch Bytereihenfolge-Markierung"
    }
    assert problems(schedule) == {"schedules[0][hours]": "muss von 0 bis 23 gehen"}
    assert "Diesen Exportauftrag gibt es nicht." in main_of(missing)
    assert "Auf Englisch" not in missing.text
    assert "Verbindungen zu 10.1.2.3 sind hier nicht erlaubt: Die Adresse gehört nicht zum" in main_of(trial)
