"""``slotport backup``, ``verify`` and ``restore``, also while a server is written to."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import httpx
import pytest

from tests.cli.commands import Command
from tests.processes import LIMITED, Client, calendar, served, signed_up

SIZE = 40  #: slots of one import
NOTHING = "files of 0 bytes"


def exported(command: Command, email: str = "ann@example.org", **variables: str) -> list[str]:
    told = command("export", "timeslot", "--user", email, **variables)
    assert told.status == 0, told.err
    return sorted(slot["title"] for slot in json.loads(told.out))


def archive(command: Command) -> Path:
    """A backup of the store."""
    file = command.folder / "all.tar"
    assert command("backup", str(file)).status == 0
    return file


@pytest.mark.only("sqlite")
def test_a_backup_is_made_verified_and_restored(peopled: Command, tmp_path: Path) -> None:
    peopled("import", "-", "--user", "ann@example.org", typed=calendar(3))
    file = tmp_path / "all.tar"

    made = peopled("backup", str(file))
    verified = peopled("verify", str(file))
    restored = peopled("restore", str(file), "--data", str(tmp_path / "new"))

    size = file.stat().st_size
    rows = made.out.split()[1]
    assert (made.status, made.out) == (0, f"{file}: {rows} rows, 0 files of 0 bytes; {size} bytes in all\n")
    assert (verified.status, verified.err) == (0, "")
    pattern = (
        rf"{re.escape(str(file))}: {rows} rows, 0 {NOTHING}; made \S+Z from sqlite by Slotport \S+: all is whole\n"
    )
    assert re.fullmatch(pattern, verified.out)
    assert (restored.status, restored.err) == (0, "")
    assert re.fullmatch(rf"restored \S+ {rows} rows, 0 {NOTHING}; made \S+ from sqlite by Slotport \S+\n", restored.out)
    assert exported(peopled, SLOTPORT_DATA=str(tmp_path / "new")) == ["event 0", "event 1", "event 2"]


def test_a_backup_in_a_folder_is_named_by_its_time(peopled: Command, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()

    told = peopled("backup", str(folder))

    name = next(folder.iterdir()).name
    assert (told.status, len(list(folder.iterdir()))) == (0, 1)
    assert re.fullmatch(r"slotport-\d{8}T\d{6}Z\.tar", name)
    assert told.out.startswith(f"{folder / name}: ")


class Writing:
    """Somebody who imports one file after the other while the block runs."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.first = threading.Event()
        self.statuses: list[int] = []

    def _run(self) -> None:
        while not self._stop.is_set():
            file = calendar(SIZE, f"file {len(self.statuses)}")
            self.statuses.append(self._client.post("/v1/import/", files={"file": file}).status_code)
            self.first.set()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self.first.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def test_a_backup_while_others_write_is_of_one_moment(database_url: str, tmp_path: Path) -> None:
    slotport = Command(tmp_path / "data")
    where = {"SLOTPORT_DATABASE": database_url}
    file, new = tmp_path / "all.tar", {"SLOTPORT_DATA": str(tmp_path / "new")}

    with served(tmp_path / "data", settings=where) as server, Writing(signed_up(server)) as writing:
        made = [slotport("backup", str(file), **where).status for _ in range(3)]
        before = len(writing.statuses)
    verified, restored = slotport("verify", str(file)), slotport("restore", str(file), **new)

    titles = exported(slotport, "ada@example.org", **new)
    assert (made, verified.status, restored.status) == ([0, 0, 0], 0, 0), verified.out + restored.err
    assert set(writing.statuses) == {200}
    assert len(titles) % SIZE == 0
    assert SIZE <= len(titles) <= SIZE * (before + 1)


def test_a_server_goes_on_with_a_restored_store(
    sqlite_url: str, postgresql_url: str, tmp_path: Path, blank_url: str
) -> None:
    file = tmp_path / "all.tar"
    slotport = Command(tmp_path / "data")
    with served(tmp_path / "data", settings={"SLOTPORT_DATABASE": sqlite_url}) as server:
        client = signed_up(server)
        assert client.post("/v1/import/", files={"file": calendar(5)}).status_code == 200
    slotport("backup", str(file), SLOTPORT_DATABASE=sqlite_url)
    new = {"SLOTPORT_DATABASE": blank_url, "SLOTPORT_DATA": str(tmp_path / "new")}

    told = slotport("restore", str(file), **new)
    with served(tmp_path / "new", settings={"SLOTPORT_DATABASE": blank_url}) as server:
        again = client.at(server).post("/v1/import/", files={"file": calendar(7)})
        other = signed_up(server, "bob").post("/v1/import/", files={"file": calendar(2)})

    assert told.status == 0, told.err
    assert (again.status_code, other.status_code) == (200, 200)
    assert len(exported(slotport, "ada@example.org", **new)) == 7


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-3000])


def changed(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[content.index(b"tables/account/000001") + 600] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "where"),
    [(cut, "archive  manifest.json: the archive ends in it"), (changed, "archive  tables/account/000001.jsonl.gz: ")],
)
def test_what_differs_is_listed(peopled: Command, damage: Callable[[Path], None], where: str) -> None:
    file = archive(peopled)
    damage(file)

    told = peopled("verify", str(file))
    refused = peopled("restore", str(file), SLOTPORT_DATA=str(peopled.folder / "new"))

    lines = told.out.splitlines()
    assert (told.status, told.err) == (1, f"slotport: {file} is not whole\n")
    assert lines[0].split() == ["where", "what"]
    assert lines[1].rstrip() == "archive  is cut, or some of its bytes are not those that were written"
    assert lines[2].startswith(where)
    assert (refused.status, refused.out) == (1, "")
    assert "nothing was restored" in refused.err
    assert not (peopled.folder / "new" / "slotport.db").exists()


def test_a_lost_file_makes_a_backup_incomplete(peopled: Command, tmp_path: Path) -> None:
    with served(peopled.folder) as server:
        name, password = "ann@example.org", "correct horse"
        token = httpx.get(f"{server.url}/api/v1/session", trust_env=False).json()["token"]
        form = {"token": token, "login": name, "password": password}
        httpx.post(f"{server.url}/api/v1/session/authenticate", data=form, trust_env=False).raise_for_status()
        sent = {"files": {"file": ("notes.txt", b"hello")}, "headers": {"X-Easydb-Token": token}, "trust_env": False}
        answer = httpx.post(f"{server.url}/api/v1/eas/put", **sent)  # type: ignore[arg-type]
        answer.raise_for_status()
    file, new = tmp_path / "all.tar", str(tmp_path / "new")
    lost = next((peopled.folder / "files" / "assets").rglob("original.txt"))
    lost.unlink()

    made = peopled("backup", str(file))
    verified = peopled("verify", str(file))
    restored = peopled("restore", str(file), SLOTPORT_DATA=new)

    path = lost.relative_to(peopled.folder / "files")
    assert (made.status, verified.status, restored.status) == (3, 1, 3)
    assert made.err == "slotport: 1 files are missing and 0 are damaged; `slotport verify` names them\n"
    for told in (verified, restored):
        assert f"{path}  was not there when the backup was made" in told.out


def test_a_full_disk_leaves_nothing(peopled: Command, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    peopled("import", "-", "--user", "ann@example.org", typed=calendar(2000))
    command = [
        sys.executable,
        "-c",
        LIMITED,
        "50000",
        sys.executable,
        "-m",
        "slotport",
        "backup",
        str(folder / "b.tar"),
    ]

    done = subprocess.run(command, capture_output=True, env=peopled.environment(), timeout=60, check=False)

    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == f"slotport: {folder / 'b.tar'} cannot be written: File too large\n"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (("backup", "/nowhere/b.tar"), 1, "/nowhere/b.tar cannot be written: No such file or directory"),
        (
            ("backup", "b.tar", "--database", "sqlite:////nowhere.db"),
            1,
            "there is no store: /nowhere.db does not exist",
        ),
        (("verify", "/nowhere"), 1, "/nowhere cannot be read: No such file or directory"),
        (("restore", "/nowhere"), 1, "/nowhere: No such file or directory; nothing was restored"),
        (("backup",), 2, "FILE"),
        (("verify",), 2, "FILE"),
        (("restore",), 2, "FILE"),
    ],
)
def test_mistakes_are_told(peopled: Command, arguments: tuple[str, ...], status: int, text: str) -> None:
    told = peopled(*arguments)

    assert (told.status, told.out) == (status, "")
    assert text in told.err
    assert "Traceback" not in told.err


def test_a_store_that_is_in_use_is_not_overwritten(peopled: Command) -> None:
    file = archive(peopled)

    told = peopled("restore", str(file))

    assert (told.status, told.out) == (1, "")
    assert told.err == "slotport: the store is not empty: a backup is restored into an empty one only\n"
