"""Runs of exports on the real server, from definition to download."""

import csv
import io
import json
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.export_client import EVERYTHING, Exporter, exporter, exporting, timeless, types
from tests.processes import served


def titles(client: Exporter, export_id: int) -> list[str]:
    found = json.loads(client.contents(export_id)["objects.json"])
    return sorted(one["slot"]["title"] for one in found["objects"])


def number_of(client: Exporter, title: str) -> int:
    """The id of the slot with that title."""
    search = {"objecttypes": ["slot"], "search": [{"type": "in", "fields": ["slot.title"], "in": [title]}]}
    found = client.define({"json": True, "search": search})
    client.run(found)
    return int(json.loads(client.contents(found)["objects.json"])["objects"][0]["slot"]["_id"])


def remove(client: Exporter, slot_id: int) -> None:
    headers = {"Authorization": f"Token token={client.calendar.token}"}
    answer = httpx.delete(f"{client.url}/v1/slots/{slot_id}", headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text


def test_a_run_writes_every_format_and_its_archive(tmp_path: Path) -> None:
    with exporting(tmp_path / "data") as (_, client):
        client.import_slots(20)
        number = client.define(
            {"name": "All of it", **EVERYTHING, "search": {"objecttypes": ["slot"]}},
            _transports=[{"type": "download", "packer": "zip"}],
        )
        export = client.run(number)
        contents = client.contents(number)
        archive = httpx.get(f"{client.url}{export['_downloads'][0]['href']}", trust_env=False)

    assert (export["_state"], export["_transports"][0]["_state"]) == ("done", "done")
    assert types(export) == ["EXPORT_INSERT", "EXPORT_START", "EXPORT_FINISH"]
    assert list(contents) == [
        "slot.csv",
        "objects.xml",
        "objects.json",
        "calendar.ics",
        "outlook.csv",
        "timeslot.json",
        "manifest.json",
        "SHA256SUMS",
    ]
    rows = list(csv.DictReader(io.StringIO(contents["slot.csv"].decode(), newline="")))
    assert sorted(row["slot.title"] for row in rows) == sorted(f"event {index}" for index in range(20))
    assert contents["calendar.ics"].count(b"BEGIN:VEVENT") == 20
    with zipfile.ZipFile(io.BytesIO(archive.content)) as found:
        assert {name: found.read(name) for name in found.namelist()} == contents


def test_two_runs_give_the_same_bytes_but_for_when_they_were_made(tmp_path: Path) -> None:
    with exporting(tmp_path / "data") as (_, client):
        client.import_slots(20)
        number = client.define({name: True for name in EVERYTHING if name != "manifest"})
        client.run(number)
        first = timeless(client.contents(number))
        client.run(number)

        assert timeless(client.contents(number)) == first


def test_nothing_chosen_and_nothing_found_end_well(tmp_path: Path) -> None:
    with exporting(tmp_path / "data") as (_, client):
        bare = client.run(client.define({}))
        empty = client.run(client.define({"ical": True, "search": {"objecttypes": ["timeslot"]}}))

    assert (bare["_state"], bare["_files"], bare["_last_run"]["warnings"]) == ("done", [], 1)
    assert (empty["_state"], [file["path"] for file in empty["_files"]]) == ("done", ["calendar.ics"])


def test_a_run_goes_on_when_its_session_has_ended(tmp_path: Path) -> None:
    with exporting(tmp_path / "data") as (server, client):
        client.import_slots(500)
        number = client.define({"json": True})
        client.start(number)
        client.call("POST", f"session/deauthenticate?token={client.token}")
        refused = client.call("GET", f"export/{number}")
        token = httpx.get(f"{server.url}/api/v1/session", trust_env=False).json()["token"]
        form = {"token": token, "login": "ada@example.org", "password": "correct horse"}
        httpx.post(f"{server.url}/api/v1/session/authenticate", data=form, trust_env=False)

        assert refused.status_code == 403
        assert Exporter(server.url, token, client.calendar).ended(number)["_state"] == "done"


def test_start_stop_and_their_refusals(tmp_path: Path) -> None:
    with exporting(tmp_path / "data") as (_, client):
        client.import_slots(3000)
        number = client.define({"json": True, "xml": True, "csv": True, "ical": True})
        client.start(number)
        twice = client.call("POST", f"export/{number}/start")
        stopped = client.call("POST", f"export/{number}/stop")
        again = client.call("POST", f"export/{number}/stop")
        done = client.run(number)

    assert (twice.status_code, twice.json()["code"]) == (400, "error.user.export_already_running")
    assert (stopped.status_code, stopped.json()["_state"]) == (200, "new")
    assert (again.status_code, again.json()["code"]) == (404, "error.user.export_not_running")
    assert done["_state"] == "done"


def test_a_change_during_a_run_purges_it(tmp_path: Path) -> None:
    with exporting(tmp_path / "data") as (_, client):
        client.import_slots(3000)
        number = client.define({"name": "before", "json": True, "xml": True})
        client.start(number)
        changed = client.call("POST", f"export/{number}", json={"export": {"name": "after"}}).json()

    assert (changed["_state"], changed["export"]["_version"], changed["_last_run"]["outcome"]) == ("new", 2, "purged")
    assert "EXPORT_STOPPED" in types(changed)


def test_a_deleted_export_leaves_no_file_behind(tmp_path: Path) -> None:
    with exporting(tmp_path / "data") as (_, client):
        number = client.define({"json": True}, _transports=[{"type": "download"}])
        export = client.run(number)
        removed = client.call("DELETE", f"export/{number}")
        gone = httpx.get(f"{client.url}{export['_downloads'][0]['href']}", trust_env=False)

    assert (removed.status_code, removed.json()) == (200, {})
    assert gone.headers["location"] == "/#server_error:export.invalid.passkey"
    assert [path for path in (tmp_path / "data" / "files").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("batch_size", [0, 7])
def test_packages_hold_as_many_objects_as_is_said(tmp_path: Path, batch_size: int) -> None:
    with exporting(tmp_path / "data") as (_, client):
        client.import_slots(20)
        search = {"objecttypes": ["slot"]}
        number = client.define({"json": True, "batch_size": batch_size, "search": search})
        paths = [file["path"] for file in client.run(number)["_files"]]

    expected = [f"batch-{index:04d}/objects.json" for index in (1, 2, 3)] if batch_size else ["objects.json"]
    assert paths == expected


def test_media_are_written_and_referred_to(tmp_path: Path) -> None:
    with exporting(tmp_path / "data") as (_, client):
        asset = client.call("POST", "eas/put", files={"file": ("sea.txt", b"waves")}).json()[0]
        item = {"publicId": asset["public_id"], "mediaType": "image", "position": 0}
        slot = {"title": "Sea", "startDate": "2031-06-01T10:00:00.000Z", "endDate": "2031-06-01T11:00:00.000Z"}
        answer = client.calendar.post("/v1/slots", json={**slot, "visibility": "private", "media": [item]})
        assert answer.status_code == 201, answer.text
        export = {"csv": True, "search": {"objecttypes": ["slot"]}, "eas_fields": {"slot.media": {"files": True}}}
        number = client.define(export)
        done = client.run(number)
        contents = client.contents(number)

    media = next(file for file in done["_files"] if file["path"].startswith("media/"))
    assert (media["eas_id"], media["eas_version"], contents[media["path"]]) == (asset["_id"], "original", b"waves")
    assert media["path"] in contents["slot.csv"].decode()


def test_a_delta_holds_what_changed_and_what_went(tmp_path: Path) -> None:
    with exporting(tmp_path / "data") as (_, client):
        client.import_slots(3, "first")
        search = {"objecttypes": ["slot"]}
        number = client.define({"type": "export_incremental", "json": True, "search": search})
        client.run(number)
        all_titles = titles(client, number)
        empty = client.run(number)
        client.import_slots(1, "second")
        remove(client, number_of(client, "first 0"))
        delta = client.run(number)
        new_titles = titles(client, number)
        deletions = json.loads(client.contents(number)["deletions.json"])
        full = client.run(number, "?full=1")
        full_titles = titles(client, number)

    assert all_titles == ["first 0", "first 1", "first 2"]
    assert (empty["_state"], empty["_files"]) == ("done", [])
    assert (delta["_last_run"]["deletions"], new_titles) == (1, ["second 0"])
    assert [(one["_objecttype"], one["reason"]) for one in deletions] == [("slot", "deleted")]
    assert (full["_state"], full_titles) == ("done", ["first 1", "first 2", "second 0"])


def test_a_delta_is_told_to_those_who_listen_only_if_it_has_news(tmp_path: Path) -> None:
    with exporting(tmp_path / "data") as (_, client):
        client.import_slots(2, "first")
        number = client.define({"type": "export_incremental", "json": True, "search": {"objecttypes": ["slot"]}})
        client.run(number)
        last = heard(client)[-1][0]
        empty = client.run(number)
        nothing = heard(client, last)
        client.import_slots(1, "second")
        client.run(number)
        news = [kind for _, kind in heard(client, last) if kind != "EXPORT_PROGRESS"]

    assert (empty["_state"], types(empty)[-2:], nothing) == ("done", ["EXPORT_START", "EXPORT_FINISH"], [])
    assert news == ["EXPORT_START", "EXPORT_FINISH"]


def heard(client: Exporter, after: int = 0) -> list[tuple[int, str]]:
    """Number and type of each event that can be polled, after one."""
    found = client.call("GET", f"event/poll/{after}?limit=0").json()
    return [(one["event"]["_id"], one["event"]["type"]) for one in found]


@pytest.mark.only("sqlite")
def test_a_second_server_on_the_same_file_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(data) as first:
        client = exporter(first)
        with pytest.raises(AssertionError, match="another slotport serves this database"), served(data):
            pass

        assert client.run(client.define({"json": True}))["_state"] == "done"


def test_exports_of_a_deleted_account_are_gone(tmp_path: Path) -> None:
    with exporting(tmp_path / "data") as (_, client):
        number = client.define({"json": True}, _transports=[{"type": "download"}])
        href = client.run(number)["_downloads"][0]["href"]
        headers = {"Authorization": f"Token token={client.calendar.token}"}
        removed = httpx.delete(f"{client.url}/v1/me", headers=headers, trust_env=False)
        after = client.call("GET", f"export/{number}")
        download = httpx.get(f"{client.url}{href}", trust_env=False)

    assert (removed.status_code, after.status_code) == (200, 403)
    assert download.headers["location"] == "/#server_error:export.invalid.passkey"
