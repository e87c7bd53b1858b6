"""Several servers and workers on one PostgreSQL database: what one of them leaves undone the others do, once."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from slotport.storage.store import Store
from tests import chaos
from tests.crew import PROGRAM, Crew, crew
from tests.databases import Cluster
from tests.export_client import EVERYTHING, Exporter, exporter, timeless, types


@contextmanager
def working(folder: Path, database: str) -> Iterator[tuple[Crew, Exporter, int, dict[str, bytes]]]:
    """A server, and ``worker0`` in the midst of an export: somebody, the export's number, and what it will contain."""
    with crew(folder, database, ["server"], SLOTPORT_EXPORT_WORKERS="0") as town:
        town.server()
        town.settings = {**town.settings, "SLOTPORT_EXPORT_WORKERS": "1"}
        town.begin("worker0")
        person = exporter(town.server())
        person.import_slots(2000)
        number = person.define({**EVERYTHING, "manifest": False}, _transports=[{"type": "download", "packer": "zip"}])
        assert person.run(number)["_state"] == "done"
        wanted = timeless(person.contents(number))
        person.start(number)
        end = time.monotonic() + 30
        while not person.get(number)["_progress"] or person.get(number)["_state"] == "pending":
            assert time.monotonic() < end
            time.sleep(0.02)
        yield town, person, number, wanted


def test_a_run_of_a_killed_worker_goes_on_with_another(tmp_path: Path, postgresql_url: str) -> None:
    with working(tmp_path, postgresql_url) as (town, person, number, wanted):
        town.kill("worker0")
        town.begin("worker1")
        export = person.ended(number)

        assert export["_state"] == "done"
        assert timeless(person.contents(number)) == wanted
        assert types(export)[-2:] == ["EXPORT_START", "EXPORT_FINISH"]
        assert not list((tmp_path / "files").rglob("*.staging"))


def test_a_frozen_worker_leaves_alone_what_was_taken_over(tmp_path: Path, postgresql_url: str) -> None:
    with working(tmp_path, postgresql_url) as (town, person, number, wanted):
        town.freeze("worker0")
        town.begin("worker1")
        export = person.ended(number)
        before = export["_last_run"], timeless(person.contents(number))
        town.wake("worker0")
        time.sleep(3)

        assert export["_state"] == "done"
        assert "a job is taken over" in town.log("worker1")
        assert (person.get(number)["_last_run"], timeless(person.contents(number))) == before
        assert before[1] == wanted
        assert types(person.get(number)).count("EXPORT_FINISH") == 2
        assert person.run(number)["_state"] == "done"


def test_a_worker_that_is_asked_to_end_hands_its_run_over(tmp_path: Path, postgresql_url: str) -> None:
    with working(tmp_path, postgresql_url) as (town, person, number, wanted):
        town.begin("worker1")
        status = town.end("worker0")
        export = person.ended(number)

        assert (status, export["_state"]) == (0, "done")
        assert timeless(person.contents(number)) == wanted


def test_a_start_that_is_due_happens_once_with_several_servers(tmp_path: Path, postgresql_url: str) -> None:
    with crew(tmp_path, postgresql_url, ["server", "server1", "worker0"]) as town:
        person = exporter(town.server())
        town.server("server1")
        numbers = [person.define({"name": f"due {number}", "json": True}) for number in range(4)]
        for number in numbers:
            minutes = list(range(60))
            answer = person.call(
                "POST", f"export/{number}", json={"_schedules": [{"hours": list(range(24)), "minutes": minutes}]}
            )
            assert answer.status_code == 200, answer.text
        end = time.monotonic() + 130
        while any(len([t for t in types(person.get(number)) if t == "EXPORT_START"]) < 1 for number in numbers):
            assert time.monotonic() < end
            time.sleep(0.5)
        time.sleep(3)
        starts = [
            [
                entry["event"]["info"]["run"]
                for entry in person.get(number)["_log"]
                if entry["event"]["type"] == "EXPORT_START"
            ]
            for number in numbers
        ]

    assert [len(found) for found in starts] == [1] * 4


def test_processes_of_an_older_version_work_on_nothing_after_a_migration(tmp_path: Path, postgresql_url: str) -> None:
    with crew(tmp_path, postgresql_url, ["server", "worker0"]) as town:
        server = town.server()
        person = exporter(server)
        number = person.define({"json": True})
        person.run(number)
        with closing(Store.open(postgresql_url)) as store, store.write() as transaction:
            transaction.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        status = town.running["worker0"].wait(timeout=60)
        ready = httpx.get(f"{server.url}/readyz", trust_env=False)
        alive = httpx.get(f"{server.url}/healthz", trust_env=False)
        town.begin("worker1")
        refused = town.running["worker1"].wait(timeout=60)

    assert (status, refused, ready.status_code, alive.status_code) == (1, 1, 503, 200)
    assert "no exports are worked on here any more" in town.log("worker0")
    assert "a newer Slotport made this database (schema 9999)" in town.log("worker1")
    assert "schema 9999" in ready.json()["error"]


def test_failed_sign_ins_count_over_all_servers(tmp_path: Path, postgresql_url: str) -> None:
    with crew(tmp_path, postgresql_url, ["server", "server1"], SLOTPORT_EXPORT_WORKERS="0") as town:
        exporter(town.server())
        urls = [town.server(name).url for name in ("server", "server1")]
        token = httpx.get(f"{urls[0]}/api/v1/session", trust_env=False).json()["token"]
        codes = []
        for attempt in range(8):
            form = {"token": token, "login": "ada@example.org", "password": "wrong"}
            answer = httpx.post(f"{urls[attempt % 2]}/api/v1/session/authenticate", data=form, trust_env=False)
            codes.append(answer.json()["code"].rpartition(".")[2])

    assert codes == ["login_failed"] * 5 + ["login_blocked"] * 3


def children(process: int) -> list[int]:
    """The processes that a process began."""
    return [int(number) for number in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_a_server_of_several_processes_replaces_one_that_ended(tmp_path: Path, postgresql_url: str) -> None:
    with crew(tmp_path, postgresql_url, []) as town:
        town.begin("server", "--processes", "2")
        url = town.server().url
        first = children(town.running["server"].pid)
        end = time.monotonic() + 60
        time.sleep(6)  # so long one has to live to be begun again
        os.kill(first[0], signal.SIGKILL)
        while len(second := children(town.running["server"].pid)) < 2 or second == first:
            assert time.monotonic() < end
            time.sleep(0.1)
        answers = {httpx.get(f"{url}/healthz", trust_env=False).status_code for _ in range(20)}
        counted = httpx.get(f"{url}/metrics", trust_env=False).text
        status = town.end("server")

    assert (len(first), answers, status) == (2, {200}, 0)
    assert "slotport_build_info" in counted
    assert not any(Path(f"/proc/{number}").exists() for number in second)


def test_several_processes_need_postgresql(tmp_path: Path) -> None:
    command = ["serve", "--processes", "2", "--data", str(tmp_path)]
    done = subprocess.run([*PROGRAM, *command], capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == "slotport: an SQLite file has one process: leave --processes out, or set a PostgreSQL database\n"
    )


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({}, "an SQLite file has its only worker in `slotport serve`: set a PostgreSQL database"),
        (
            {"SLOTPORT_DATABASE": "postgresql+psycopg://nobody@127.0.0.1:1/none"},
            "set SLOTPORT_BASE_URL, or give --base-url: links in mails and files begin with it",
        ),
    ],
)
def test_a_worker_says_what_it_lacks(tmp_path: Path, settings: dict[str, str], complaint: str) -> None:
    done = subprocess.run(
        [*PROGRAM, "worker", "--data", str(tmp_path)],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (2, f"slotport: {complaint}\n")


@pytest.mark.only("postgresql")
def test_exports_survive_kills_of_everything(tmp_path: Path, postgresql: Cluster) -> None:
    own = Cluster(postgresql.binaries, *chaos.DURABLE)
    try:
        plan = chaos.Plan(
            servers=1, workers=2, exports=12, slots=200, seconds=15, restarts=1, targets=("ftp", "wsgidav", "openssh")
        )
        outcome = chaos.run(plan, own, own.url(own.add_database()), tmp_path)
    finally:
        own.remove()

    print(outcome.table())
    assert outcome.wrong == []
    assert outcome.states == {"done": 12}
