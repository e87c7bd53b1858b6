"""``slotport convention import``: a schedule file into a convention."""

import json
from pathlib import Path
from typing import Any

from slotport.actions import accounts, conventions
from slotport.storage.store import Store
from tests.calendars import NOW
from tests.cli.commands import Command, Told
from tests.homes import url_of

GUID = "5c6e6e3e-6a0c-4a57-9a0e-1df7d1d0b0a1"


def file_of(folder: Path, **changed: Any) -> str:
    entry = {
        "guid": GUID,
        "title": "Lantern Making",
        "date": "2031-06-07T09:00:00+00:00",
        "duration": "1:30",
        **changed,
    }
    told = {"schedule": {"conference": {"days": [{"rooms": {"Pier": [entry]}}]}}}
    file = folder / "schedule.json"
    file.write_text(json.dumps(told))
    return str(file)


def founded(slotport: Command) -> None:
    store = Store.open(url_of(slotport.folder))
    conventions.found(store, accounts.get(store, "ann@example.org"), {"title": "Harbour"}, now=NOW)
    store.close()


OPTIONS = ("--user", "ann@example.org", "--convention", "harbour")


def test_a_schedule_is_read_into_a_convention(peopled: Command, tmp_path: Path) -> None:
    founded(peopled)
    file = file_of(tmp_path)

    tried = peopled("convention", "import", file, *OPTIONS, "--dry-run")
    first, second = (peopled("convention", "import", file, *OPTIONS) for _ in range(2))

    created = "1 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected"
    assert tried == Told(0, f"{created} (nothing was stored: a dry run)\n", "")
    assert first == Told(0, f"{created}\n", "")
    assert second == Told(0, "0 created, 0 updated, 1 unchanged, 0 skipped, 0 rejected\n", "")


def test_what_cannot_be_read_says_why(peopled: Command, tmp_path: Path) -> None:
    founded(peopled)
    bad = peopled("convention", "import", file_of(tmp_path, guid="7"), *OPTIONS)
    missing = peopled("convention", "import", str(tmp_path / "none"), *OPTIONS)
    nowhere = peopled("convention", "import", file_of(tmp_path), "--user", "ann@example.org", "--convention", "none")

    assert (bad.status, "bad_guid" in bad.out) == (1, True)
    assert (missing.status, "cannot be read" in missing.err) == (1, True)
    assert (nowhere.status, nowhere.err) == (1, "slotport: there is no convention none\n")
