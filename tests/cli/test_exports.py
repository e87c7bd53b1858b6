"""``slotport exports`` beside a running server."""

import os
import subprocess
import sys
from pathlib import Path

from tests.export_client import exporting
from tests.homes import variables_of


def told(data: Path, *words: str) -> tuple[int, str]:
    """Exit status and standard output of a command."""
    command = [sys.executable, "-m", "slotport", "exports", *words, "--data", str(data)]
    environment = os.environ | variables_of(data)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + (done.stderr if done.returncode else "")


def test_an_export_is_listed_started_watched_and_shown(tmp_path: Path) -> None:
    data, user = tmp_path / "data", ("--user", "ada@example.org")
    with exporting(data) as (_, client):
        client.import_slots(10)
        number = str(client.define({"name": "nightly", "json": True}))
        listed = told(data, "list", *user)
        started = told(data, "start", number, *user)
        watched = told(data, "watch", number, *user)
        shown = told(data, "show", number, *user)
        stopped = told(data, "stop", number, *user)
        foreign = told(data, "show", "99", *user)

    assert listed == (0, f"{number}\tnew\texport\tnightly\t\n")
    assert started == (0, f"export {number} is pending\n")
    assert watched == (0, f"export {number} is done\n")
    assert shown[0] == 0
    assert "EXPORT_FINISH" in shown[1]
    assert (stopped[0], foreign[0]) == (1, 1)
