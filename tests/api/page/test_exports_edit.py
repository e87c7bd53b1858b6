"""The form of exports over HTTP: it says what an export says, keeps what was typed, and tells what is wrong where."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from slotport.api.page import export_search
from slotport.core import search_input
from tests.api.page.exporting import Exporter, export_pages, number_of, signed_in
from tests.transports.peer import Site
from tests.transports.peers_ftp import PASSWORD, pyftpd

BASE: dict[str, Any] = {"name": "Summer", "objecttypes": "slot", "mode": "all", "formats": ["ical", "json"]}


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


def rows(part: str, *entries: dict[str, str]) -> dict[str, str]:
    """Rows of the form."""
    return {f"{part}[{place}][{name}]": text for place, row in enumerate(entries) for name, text in row.items()}


def ftp(port: int, **more: str) -> dict[str, str]:
    """The row of a delivery to an FTP server."""
    return {"type": "ftp", "server": f"127.0.0.1:{port}", "login": "crew", **more}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"objecttypes": ["slot", "event"], "sort": [{"field": "slot.start", "order": "DESC"}]},
        {"search": [{"type": "match", "string": "pier", "fields": ["slot.title"]}]},
        {"search": [{"type": "match", "string": "pier"}, {"type": "in", "fields": ["slot.allday"], "in": [True]}]},
        {"search": [{"type": "in", "fields": ["slot.title"], "in": [None], "bool": "must_not"}]},
        {"search": [{"type": "range", "field": "slot.start", "from": "2031", "to": "2032-05", "bool": "should"}]},
        {"search": [{"type": "range", "field": "event.duration", "to": 90}]},
        {
            "search": [
                {"type": "match", "string": "a", "bool": "should"},
                {
                    "type": "complex",
                    "bool": "should",
                    "search": [{"type": "match", "string": "b", "bool": "must_not"}],
                },
            ]
        },
    ],
)
def test_a_search_that_fields_can_show_is_shown_and_read_as_it_was(said: dict[str, Any]) -> None:
    search = search_input.search(said)
    builder = export_search.shown(search)

    assert builder is not None
    assert search_input.search(export_search.built(builder)) == search


@pytest.mark.parametrize(
    "said",
    [
        {"limit": 3},
        {"search": [{"type": "in", "fields": ["slot.title"], "in": ["a", "b"]}]},
        {"search": [{"type": "in", "objecttype": "group", "in": [3]}]},
        {"search": [{"type": "match", "string": "a", "phrase": True}]},
        {"search": [{"type": "changelog_range", "from": "2031"}]},
        {"search": [{"type": "complex", "search": []}]},
        {"search": [{"type": "match", "string": "a", "bool": "should"}, {"type": "match", "string": "b"}]},
    ],
)
def test_a_search_that_fields_cannot_show_is_for_experts(said: dict[str, Any]) -> None:
    assert export_search.shown(search_input.search(said)) is None


def test_what_was_typed_is_stored_and_comes_back(ada: Exporter) -> None:
    form = BASE | rows("conditions", {"field": "slot.title", "operator": "has", "value": "pier"})
    form |= rows("schedules", {"hours": "6, 18", "minutes": "30", "days": "1"}) | {"csv_delimiter": ";"}
    form |= {"formats": ["csv", "ical"], "do": "save"} | rows("transports", {"type": "download", "packer": "tar.gz"})
    number = number_of(ada.post("/app/exports/new", form))
    page = ada.get(f"/app/exports/{number}/edit").text

    for text in ('value="Summer"', 'value="pier"', 'value="6, 18"', 'value="30"', 'value=";"'):
        assert text in page
    assert '<option value="slot.title" data-kind="text" selected>' in page
    assert '<option value="tar.gz" selected>' in page


def test_hits_are_counted_while_the_search_is_made(ada: Exporter) -> None:
    ada.add_slots(12)
    all_of_them = ada.post("/app/exports/count", BASE).text
    few = ada.post("/app/exports/count", BASE | rows("conditions", {"value": "11"})).text
    wrong = ada.post("/app/exports/count", BASE | rows("conditions", {"field": "slot._id", "operator": "is"})).text
    button = ada.post("/app/exports/new", BASE | {"do": "count"}).text

    assert "Finds 12 objects" in all_of_them
    assert "Finds one object" in few
    assert "badge bad" in wrong
    assert "Finds 12 objects" in button


def test_the_next_five_runs_are_told_in_words_in_both_languages(ada: Exporter) -> None:
    form = rows("schedules", {"hours": "6", "minutes": "0", "weekdays][friday": "on"})
    english = ada.post("/app/exports/dates", form).text
    german = ada.client.post("/app/exports/dates", data=form, headers={"Accept-Language": "de"}).text

    assert len(re.findall(r"<li>Friday,? \d+ \w+ \d{4}, 06:00 <span", english)) == 5
    assert len(re.findall(r"<li>Freitag, \d+\. \w+ \d{4}, 06:00 <span", german)) == 5


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": "", "schedules[0][hours]": "6"}, "name"),
        ({"schedules[4][hours]": "25"}, "schedules[4][hours]"),
        ({"schedules[0][timezone]": "Mars/Base"}, "schedules[0][timezone]"),
        ({"conditions[2][field]": "slot.start", "conditions[2][operator]": "from"}, "conditions[2][value]"),
        ({"conditions[2][field]": "slot.start", "conditions[2][operator]": "has"}, "conditions[2][operator]"),
        ({"csv_delimiter": ";;", "formats": "csv"}, "csv_delimiter"),
        ({"expert": "true", "search": "{"}, "search"),
        ({"transports[3][type]": "ftp", "transports[3][server]": "a b"}, "transports[3][server]"),
        ({"transports[3][type]": "ftp", "transports[3][server]": "10.1.2.3"}, "transports[3][server]"),
        ({"transports[0][type]": "email", "transports[0][recipients]": "nobody"}, "transports[0][recipients]"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_all_that_was_typed_stays(
    ada: Exporter, changed: dict[str, str], field: str
) -> None:
    answer = ada.post("/app/exports/new", {"do": "save", "name": "Typed <b>", **changed})

    assert answer.status_code == 422
    assert f'id="{field}-problem"' in answer.text
    if "name" not in changed:
        assert 'value="Typed &lt;b&gt;"' in answer.text


@pytest.mark.parametrize(
    "form",
    [
        {"conditions": "x"},
        {"conditions[0]": "x"},
        {"conditions[a][field][b]": "x"},
        {"schedules[0]": "x"},
        {"schedules[0][weekdays]": "x", "schedules[0][hours][a]": "1"},
        {"transports[0][server][a]": "x", "transports[0][type]": "ftp"},
        {"transports[0][type]": "rsync", "transports[0][port]": "9" * 5000},
        {"transports[0][type]": "\U0001f600"},
        {"version": "x"},
        {"expert": "1", "search": "[" * 5000},
        {"expert": "1", "search": "9" * 5000},
        {"do": "remove-version-x"},
        {"do": "test-9"},
        {"do": "add-do"},
        {"schedules[0][hours]": "9" * 5000},
        {f"conditions[{number}][value]": "x" for number in range(60)},
    ],
)
@pytest.mark.parametrize("do", ["save", "count", "add-conditions", "add-schedules", "test-0"])
def test_nothing_that_is_sent_breaks_the_form(ada: Exporter, form: dict[str, str], do: str) -> None:
    answer = ada.post("/app/exports/new", {"do": do, **form})

    assert answer.status_code in (200, 303, 422)


def test_rows_are_added_and_removed_without_a_script(ada: Exporter) -> None:
    added = ada.post("/app/exports/new", BASE | {"do": "add-transports", "new_type": "sftp"}).text
    removed = ada.post(
        "/app/exports/new", BASE | {"do": "remove-transports-0"} | rows("transports", {"type": "sftp"})
    ).text

    assert 'name="transports[0][host_key]"' in added
    assert 'name="transports[0][type]"' not in removed


def test_a_delivery_is_tried_before_it_is_stored_and_its_secret_never_comes_back(ada: Exporter, tmp_path: Path) -> None:
    with pyftpd("clear", Site(tmp_path, trustme.CA())) as fresh:
        peer = fresh()
        good = ftp(peer.address[1], login=peer.login, password=PASSWORD)
        tried = ada.post("/app/exports/new", BASE | rows("transports", good) | {"do": "test-0"})
        wrong = ada.post("/app/exports/new", BASE | rows("transports", good | {"password": "no"}) | {"do": "test-0"})
        number = number_of(ada.post("/app/exports/new", BASE | rows("transports", good) | {"do": "save"}))
        page = ada.get(f"/app/exports/{number}/edit").text
        uuid = re.search(r'\[uuid\]" value="([0-9a-f-]+)"', page)
        assert uuid
        kept = rows("transports", good | {"uuid": uuid[1], "password": ""})
        tried_again = ada.post(f"/app/exports/{number}/edit", BASE | kept | {"do": "test-0"})
        elsewhere = kept | {"transports[0][server]": f"localhost:{peer.address[1]}"}
        asked = ada.post(f"/app/exports/{number}/edit", BASE | elsewhere | {"do": "test-0"})
        stored = ada.post(f"/app/exports/{number}/transports/{uuid[1]}/test").text
        left = peer.files()

    assert "The test went well" in tried.text
    assert "The test failed" in wrong.text
    assert PASSWORD not in page
    assert "The test went well" in tried_again.text
    assert "The test failed" in asked.text
    assert "The test went well" in stored
    assert left == {}


def test_what_the_form_cannot_show_stays_as_it_is(ada: Exporter, url: str) -> None:
    search = {"objecttypes": ["slot"], "limit": 3}
    form = {"name": "Few", "expert": "true", "search": json.dumps(search), "formats": "json", "do": "save"}
    number = number_of(ada.post("/app/exports/new", form))
    page = ada.get(f"/app/exports/{number}/edit").text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    first = ada.post(f"/app/exports/{number}/edit", form | {"version": version[1], "do": "save"})
    late = ada.post(f"/app/exports/{number}/edit", form | {"version": version[1], "do": "save"})

    assert '"limit": 3' in page.replace("&#34;", '"')
    assert first.status_code == 303
    assert late.status_code == 422
    with signed_in(url) as mallory:
        assert mallory.get(f"/app/exports/{number}/edit").status_code == 404
        assert mallory.post(f"/app/exports/{number}/edit", form).status_code == 404
