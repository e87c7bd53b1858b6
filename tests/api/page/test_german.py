"""German pages over HTTP: what actions and formats refuse in English is said in German, at every boundary of a page."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest
import trustme

from tests.api.page.boards import DAY, plan
from tests.api.page.exporting import Exporter, export_pages, number_of, signed_in
from tests.api.page.importing import calendar, choose, event, upload
from tests.api.page.people import PASSWORD, signed_up
from tests.servers import HttpServer
from tests.transports.peer import Site
from tests.transports.peers_ftp import PASSWORD as FTP_PASSWORD
from tests.transports.peers_ftp import pyftpd

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


@pytest.fixture(scope="module")
def exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    """Somebody whose pages are German, at a server that runs exports."""
    with export_pages(tmp_path_factory.mktemp("pages")) as url, signed_in(url, **GERMAN) as somebody:
        yield somebody


def test_an_export_is_refused_in_german(exporter: Exporter) -> None:
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
    assert problems(schedule) == {"schedules[0][hours]": "muss zwischen 0 und 23 liegen"}
    assert "Diesen Exportauftrag gibt es nicht." in main_of(missing)
    assert "Auf Englisch" not in missing.text
    assert "Server: Verbindungen zu 10.1.2.3 sind hier nicht erlaubt: Die Adresse gehört nicht zum" in main_of(trial)


def test_a_delivery_and_a_run_say_in_german_what_became_of_them(exporter: Exporter, tmp_path: Path) -> None:
    with pyftpd("clear", Site(tmp_path, trustme.CA())) as fresh:
        peer = fresh()
        row = {"type": "ftp", "server": f"127.0.0.1:{peer.address[1]}", "login": peer.login, "password": FTP_PASSWORD}
        form = {"name": "Leer", "objecttypes": "slot", **{f"transports[0][{name}]": said for name, said in row.items()}}
        tried = exporter.post("/app/exports/new", {**form, "do": "test-0"})
        refused = exporter.post("/app/exports/new", {**form, "transports[0][password]": "no", "do": "test-0"})
        number = number_of(exporter.post("/app/exports/new", {**form, "do": "save-start"}))
        page = exporter.ended(number)
    log = exporter.get(f"/app/exports/{number}/log")

    assert "eine kleine Datei wurde gespeichert die Datei wurde zurückgelesen die Datei wurde entfernt" in main_of(
        tried
    )
    assert "die Anmeldung wird abgelehnt: 530 " in main_of(refused)
    assert "Versuch 1" in page
    assert "0 Dateien mit 0 Bytes gespeichert" in page
    assert "zum Schreiben war nichts ausgewählt: kein Datenformat und keine Medien" in main_of(log)
