"""What goes wrong while an export runs: the server is killed, a limit is hit, a media file vanishes, people race."""

import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.export_client import EVERYTHING, Exporter, exporting, timeless, types
from tests.processes import served

KILLS = 3
SLOTS = 2000
MEDIA = 40


def with_media(client: Exporter, count: int, content: bytes = b"sea " * 500) -> None:
    """Add slots, each with a file of its own."""
    for number in range(count):
        asset = client.call("POST", "eas/put", files={"file": (f"{number}.txt", content)}).json()[0]
        slot = {"title": f"Sea {number}", "startDate": "2031-06-01T10:00:00Z", "endDate": "2031-06-01T11:00:00Z"}
        item = {"publicId": asset["public_id"], "mediaType": "image"}
        answer = client.calendar.post("/v1/slots", json={**slot, "visibility": "private", "media": [item]})
        assert answer.status_code == 201, answer.text


def test_a_killed_server_ends_its_run_after_it_started_again(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    data = tmp_path / "data"
    wanted = {**EVERYTHING, "manifest": False, "eas_fields": {"slot.media": {"files": True}}}
    with exporting(data) as (server, client):
        client.import_slots(SLOTS)
        with_media(client, MEDIA)
        number = client.define(wanted, _transports=[{"type": "download", "packer": "zip"}])
        begun = time.monotonic()
        client.run(number)
        usual_seconds = time.monotonic() - begun
        undisturbed = timeless(client.contents(number))
    for _ in range(KILLS):
        with served(data) as server:
            client = client.at(server)
            client.ended(number)
            client.start(number)
            time.sleep(chance.uniform(0, 1.2 * usual_seconds))
            server.kill()
        with served(data) as server:
            client = client.at(server)
            export = client.ended(number)
            finished = [entry["event"]["info"]["run"] for entry in export["_log"] if "FINISH" in entry["event"]["type"]]

            assert export["_state"] == "done"
            assert timeless(client.contents(number)) == undisturbed
            assert len(finished) == len(set(finished))
            assert finished[-1] == export["_last_run"]["run"]
            assert not list((data / "files").rglob("*.staging"))


def test_a_result_over_the_limit_fails_the_run_and_leaves_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with exporting(data) as (_, client):
        client.import_slots(SLOTS)
        number = client.define({"xml": True, "search": {"objecttypes": ["slot"]}})
    with served(data, settings={"SLOTPORT_MAX_EXPORT_BYTES": "100000"}) as server:
        client = client.at(server)
        export = client.run(number)

        assert (export["_state"], types(export)[-1]) == ("failed", "EXPORT_FAILED")
        assert "max_export_bytes" in json.dumps(export["_log"][-1])
        assert not list((data / "files").rglob("*.staging"))


def test_a_full_disk_fails_the_run_and_leaves_the_last_result(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with exporting(data) as (_, client):
        wanted = {"json": True, "search": {"objecttypes": ["slot"]}, "eas_fields": {"slot.media": {"files": True}}}
        number = client.define(wanted, _transports=[{"type": "download", "packer": "zip"}])
        client.import_slots(3)
        client.run(number)
        with_media(client, 3, random.Random(1).randbytes(2_000_000))  # which no packer makes smaller
    with served(data, file_bytes=5_000_000) as server:
        client = client.at(server)
        export = client.run(number)
        last = client.call("GET", f"export/{number}/file/objects.json?result=last")

    assert (export["_state"], types(export)[-1]) == ("failed", "EXPORT_FAILED")
    assert "the disk is full" in json.dumps(export["_log"][-1])
    assert len(last.json()["objects"]) == 3
    assert not list((data / "files").rglob("*.staging"))


def test_a_media_file_that_vanished_is_skipped_with_a_warning(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with exporting(data) as (_, client):
        with_media(client, 3)
        number = client.define({"csv": True, "eas_fields": {"slot.media": {"files": True}}})
        next(path for path in (data / "files" / "assets").rglob("*.txt")).unlink()
        export = client.run(number)

    assert export["_state"] == "done"
    assert (export["_last_run"]["skipped"], export["_last_run"]["warnings"]) == (1, 1)
    assert sum(file["path"].startswith("media/") for file in export["_files"]) == 2


def test_ten_clients_that_start_stop_and_change_at_once_do_no_harm(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with exporting(data) as (_, client):
        client.import_slots(500)
        number = client.define({"name": "busy", "json": True, "xml": True})
        verbs = ["start", "stop", "change"]

        def act(who: int) -> list[int]:
            chance = random.Random(who)
            statuses = []
            for _ in range(12):
                verb = chance.choice(verbs)
                if verb == "change":
                    answer = client.call("POST", f"export/{number}", json={"export": {"name": f"busy {who}"}})
                else:
                    answer = client.call("POST", f"export/{number}/{verb}")
                statuses.append(answer.status_code)
            return statuses

        with ThreadPoolExecutor(10) as pool:
            statuses = {status for found in pool.map(act, range(10)) for status in found}
        client.ended(number)
        export = client.run(number)

        assert statuses <= {200, 400, 404}
        assert export["_state"] == "done"
        assert not list((data / "files").rglob("*.staging"))


def test_two_starts_at_once_start_one_run(tmp_path: Path) -> None:
    with exporting(tmp_path / "data") as (_, client):
        client.import_slots(500)
        number = client.define({"json": True})
        barrier = threading.Barrier(6)

        def start(_: int) -> int:
            barrier.wait()
            return client.call("POST", f"export/{number}/start").status_code

        with ThreadPoolExecutor(6) as pool:
            statuses = sorted(pool.map(start, range(6)))
        export = client.ended(number)

    assert statuses == [200, 400, 400, 400, 400, 400]
    assert types(export).count("EXPORT_FINISH") == 1
