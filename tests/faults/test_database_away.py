"""PostgreSQL ends in order, crashes or freezes while `slotport serve` runs, and comes back; the server goes on."""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from slotport.storage.store import Store
from tests.calendars import add_person
from tests.conventions import add_convention, token_of
from tests.databases import Cluster, newest_binaries
from tests.export_client import EVERYTHING, Exporter, exporter, timeless, types
from tests.processes import Served, calendar, served, signed_up

pytestmark = pytest.mark.only("postgresql")
ENDS = [signal.SIGINT, signal.SIGQUIT]  #: in order, and as a crash
EVENTS = 4000
CLIENTS = 48  #: three times as many as the server has threads


@pytest.fixture(scope="module")
def cluster(postgresql: Cluster) -> Iterator[Cluster]:
    """A PostgreSQL that only the tests of this file use."""
    binaries = newest_binaries()
    assert binaries is not None
    own = Cluster(binaries, "synchronous_commit=on")  # what was answered is there after a crash
    yield own
    own.remove()


@pytest.fixture
def url(cluster: Cluster) -> str:
    return cluster.url(cluster.add_database())


@pytest.fixture
def server(url: str, tmp_path: Path) -> Iterator[Served]:
    """A server on a database of its own, which can go away."""
    with served(tmp_path / "data", settings={"SLOTPORT_DATABASE": url}) as running:
        yield running


class Away:
    """The cluster, stopped for the block."""

    def __init__(self, cluster: Cluster, how: signal.Signals) -> None:
        self._cluster, self._how = cluster, how

    def __enter__(self) -> None:
        self._cluster.stop(self._how)

    def __exit__(self, *_: object) -> None:
        self._cluster.start()


def answers(url: str, asked: Mapping[str, tuple[str, dict[str, str]]]) -> dict[str, httpx.Response]:
    """What is answered to requests, by their names: path and headers of each."""
    return {
        # streams of /v1 answer to POST
        name: httpx.request(
            "POST" if "stream" in name else "GET", f"{url}{path}", headers=headers, timeout=30, trust_env=False
        )
        for name, (path, headers) in asked.items()
    }


def requests_of_all_surfaces(url: str, client: Exporter) -> dict[str, tuple[str, dict[str, str]]]:
    """One request or more to each surface, of people who are signed in there; answers that are streamed among them."""
    store = Store.open(url, connections=2)
    manager = add_person(store)
    convention, token = add_convention(store, manager), token_of(store, manager)
    store.close()
    number = client.define({"json": True}, _transports=[{"type": "download"}])
    client.run(number)
    of_v1 = {"Authorization": f"Token token={client.calendar.token}"}
    of_conventions = {"Convention": convention.public_key, "Authorization": token}
    of_exports = {"X-Easydb-Token": client.token}
    return {
        "v1": ("/v1/me", of_v1),
        "v1 stream": ("/v1/export/ical", of_v1),
        "auth": ("/auth/id", of_conventions),
        "entities": ("/entities/timeslots", of_conventions),
        "schedule": (f"/entities/conventions/{convention.slug}/schedule.ics", {}),
        "export": (f"/api/v1/export/{number}", of_exports),
        "export file": (f"/api/v1/export/{number}/file/objects.json", of_exports),
        "export zip": (f"/api/v1/export/{number}/zip", of_exports),
        "export poll": ("/api/v1/event/poll/0?wait=0", of_exports),
        "ready": ("/readyz", {}),
    }


def shape(name: str, answer: httpx.Response) -> tuple[int, Any]:
    """Status of a refusal, and what in its body tells the surface."""
    body = answer.json()
    said = body["code"] if name.startswith("export") else body.get("status"), sorted(set(body) - {"uuid"})
    return answer.status_code, said


REFUSED: dict[str, Any] = {
    "v1": (None, ["error"]),
    "v1 stream": (None, ["error"]),
    "auth": (False, ["error", "status"]),
    "entities": (False, ["error", "status"]),
    "schedule": (False, ["error", "status"]),
    **dict.fromkeys(
        ["export", "export file", "export zip", "export poll"],
        ("error.server.unavailable", ["code", "description", "realm"]),
    ),
    "ready": (None, ["error"]),
}


def test_every_surface_says_so_and_works_again_at_once(server: Served, cluster: Cluster, url: str) -> None:
    client = exporter(server)
    client.import_slots(20)
    asked = requests_of_all_surfaces(url, client)
    before = answers(server.url, asked)
    assert {name: answer.status_code for name, answer in before.items()} == dict.fromkeys(asked, 200)

    for how in ENDS:
        with Away(cluster, how):
            refused = answers(server.url, asked)
            alive = answers(server.url, {name: (f"/{name}", {}) for name in ("healthz", "metrics")})
        again = answers(server.url, asked)

        assert {name: shape(name, answer) for name, answer in refused.items()} == {
            name: (503, said) for name, said in REFUSED.items()
        }
        assert [name for name, answer in refused.items() if int(answer.headers.get("Retry-After", 0)) <= 0] == []
        assert [answer.status_code for answer in alive.values()] == [200, 200]
        assert {name: answer.status_code for name, answer in again.items()} == dict.fromkeys(asked, 200)
    assert b"Traceback" not in server.log.read_bytes()


def test_a_browser_is_led_to_the_page_that_says_so(server: Served, cluster: Cluster) -> None:
    with Away(cluster, signal.SIGQUIT):
        answer = httpx.get(f"{server.url}/api/v1/export/1/zip?token=a&disposition=inline", trust_env=False)

    assert (answer.status_code, answer.headers["location"]) == (302, "/#server_error:error.server.unavailable")


@pytest.mark.parametrize("how", ENDS)
def test_an_import_that_was_cut_can_be_sent_again(server: Served, cluster: Cluster, how: signal.Signals) -> None:
    chance = random.Random(how)
    client = signed_up(server)
    begun = time.monotonic()
    assert client.post("/v1/import/", files={"file": calendar(EVENTS, "first")}).status_code == 200
    usual_seconds = time.monotonic() - begun
    stored = EVENTS
    for number in range(3):
        sent = {"file": calendar(EVENTS, f"part{number}")}
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(lambda sent=sent: client.post("/v1/import/", files=sent))
            time.sleep(chance.uniform(0.2, 1.0) * usual_seconds)
            with Away(cluster, how):
                status = answer.result().status_code
        found = len(client.post("/v1/export/timeslot").json())
        again = client.post("/v1/import/", files=sent)

        assert status in {200, 503}
        # of a commit whose answer was lost nobody knows, but it is whole
        assert found == stored + EVENTS if status == 200 else found in {stored, stored + EVENTS}
        assert again.status_code == 200, again.text
        stored += EVENTS
        assert len(client.post("/v1/export/timeslot").json()) == stored


@pytest.mark.parametrize("how", ENDS)
def test_runs_go_on(server: Served, cluster: Cluster, how: signal.Signals) -> None:
    chance = random.Random(how)
    client = exporter(server)
    client.import_slots(2000)
    number = client.define({**EVERYTHING, "manifest": False}, _transports=[{"type": "download", "packer": "zip"}])
    begun = time.monotonic()
    client.run(number)
    usual_seconds = time.monotonic() - begun
    undisturbed = timeless(client.contents(number))
    for runs in range(2, 5):
        client.start(number)
        time.sleep(chance.uniform(0, usual_seconds))
        with Away(cluster, how):
            time.sleep(chance.uniform(0, 2))
        export = client.ended(number)
        finished = [entry["event"]["info"]["run"] for entry in export["_log"] if "FINISH" in entry["event"]["type"]]

        assert (export["_state"], export["_transports"][0]["_state"]) == ("done", "done")
        assert timeless(client.contents(number)) == undisturbed
        assert len(set(finished)) == len(finished) == runs
        assert finished[-1] == export["_last_run"]["run"]


def test_schedules_tick_again(server: Served, cluster: Cluster, url: str) -> None:
    client = exporter(server)
    number = client.define(
        {"name": "nightly", "json": True}, _schedules=[{"hours": [4], "minutes": [0], "missed": "once"}]
    )
    for runs, how in enumerate(ENDS, start=1):
        with Away(cluster, how):
            time.sleep(1.5)  # in which the server looks for what is due
        missed(url, number)

        wait_for(lambda runs=runs: types(client.get(number)).count("EXPORT_FINISH") == runs)
        assert client.get(number)["_last_run"]["trigger"] == "schedule"


def missed(url: str, export_id: int) -> None:
    """Let a start of the export have been due yesterday."""
    day = 24 * 3600 * 1000
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "UPDATE export SET next_run_at = next_run_at - %(ms)s, checked_at = checked_at - %(ms)s WHERE id = %(id)s",
            {"ms": 2 * day, "id": export_id},
        )


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def test_a_database_that_does_not_answer_holds_nobody_up(server: Served, cluster: Cluster) -> None:
    client = exporter(server)
    client.import_slots(5)
    headers = {"Authorization": f"Token token={client.calendar.token}"}
    begun = threading.Barrier(CLIENTS)

    def ask(_: int) -> tuple[int, bool]:
        begun.wait()
        answer = httpx.get(f"{server.url}/v1/me", headers=headers, timeout=25, trust_env=False)
        return answer.status_code, "Retry-After" in answer.headers

    with cluster.frozen(), ThreadPoolExecutor(CLIENTS) as pool:
        told = list(pool.map(ask, range(CLIENTS)))
        alive = httpx.get(f"{server.url}/healthz", timeout=25, trust_env=False)
    wait_for(lambda: httpx.get(f"{server.url}/readyz", timeout=25, trust_env=False).status_code == 200)

    assert told == [(503, True)] * CLIENTS
    assert alive.status_code == 200
    assert client.run(client.define({"json": True}))["_state"] == "done"
