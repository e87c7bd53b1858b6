"""A newer version migrates the database while servers and workers of this one run: they do no harm, and it goes on."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

import slotport
from slotport.storage import schema
from tests.crew import PROGRAM, Crew, crew
from tests.export_client import EVERYTHING, exporter, timeless, types

pytestmark = pytest.mark.only("postgresql")
MIGRATION = '''"""What the next version needs: it may be anything."""

from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.execute("CREATE TABLE later (id integer)")
'''


def newer_version(folder: Path) -> dict[str, str]:
    """A copy of the program with one more migration; the environment in which that one is run."""
    copy = folder / "newer"
    shutil.copytree(Path(slotport.__file__).parent, copy / "slotport", ignore=shutil.ignore_patterns("__pycache__"))
    versions = copy / "slotport" / "storage" / "migrations" / "versions"
    (versions / "9999_later.py").write_text(MIGRATION.format(head=schema.wanted()))
    return {"PYTHONPATH": str(copy), "PYTHONSAFEPATH": "1"}


def migrate(town: Crew, newer: dict[str, str]) -> str:
    done = subprocess.run(
        [*PROGRAM, "migrate", "--data", str(town.folder / "data" / "migrate")],
        env={**os.environ, **town.settings, **newer},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout + done.stderr


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_runs_of_the_older_version_go_on_with_the_newer_one(tmp_path: Path, postgresql_url: str) -> None:
    newer = newer_version(tmp_path)
    with crew(tmp_path, postgresql_url, ["server", "worker0"], SLOTPORT_EXPORT_WORKERS="1") as town:
        person = exporter(town.server())
        person.import_slots(2000)
        number = person.define({**EVERYTHING, "manifest": False}, _transports=[{"type": "download", "packer": "zip"}])
        person.run(number)
        wanted = timeless(person.contents(number))
        person.start(number)
        wait_for(lambda: bool(person.get(number)["_progress"]) and person.get(number)["_state"] == "processing")
        said = migrate(town, newer)
        url = person.url
        changed = person.call("POST", f"export/{number}", json={"export": {"name": "of the older version"}})
        wait_for(lambda: person.call("GET", f"export/{number}").status_code == 503)
        status = town.running.pop("worker0").wait(timeout=60)
        town.settings = {**town.settings, **newer}
        town.begin("worker1")
        town.begin("server1")
        later = person.at(town.server("server1"))
        export = later.ended(number)
        again = later.run(number)
        probes = [httpx.get(f"{url}/{path}", trust_env=False).status_code for path in ("healthz", "readyz", "metrics")]
        contents = timeless(later.contents(number))
        logs = {name: town.log(name) for name in ("server", "worker0", "worker1", "server1")}

    assert "9999" in said
    assert (changed.status_code, changed.json()["code"], status) == (503, "error.server.unavailable", 1)
    assert (export["_state"], again["_state"], contents) == ("done", "done", wanted)
    assert types(again).count("EXPORT_FINISH") == 3
    assert probes == [200, 503, 200]
    assert [name for name, log in logs.items() if "Traceback" in log] == []
    assert "this program reads and writes nothing more" in logs["server"]
    assert "no exports are worked on here any more" in logs["worker0"]
