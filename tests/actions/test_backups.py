"""Backups: whole, of one moment, proven, and restored into either database."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update

from slotport.actions import assets, backup_restore, backups, exports
from slotport.actions.backup_archive import Damaged, FileCounts, is_whole
from slotport.actions.backup_restore import Checked, Finding
from slotport.actions.run_folder import Output, RunFolder
from slotport.core.account import Account
from slotport.core.export import Archive, Export, Outcome, State, TransportState
from slotport.depot import Depot
from slotport.errors import Conflict, SlotportError
from slotport.images import Images
from slotport.settings import Settings
from slotport.storage import export_events, run_work, tables_exports
from slotport.storage.instants import milliseconds
from slotport.storage.store import Store
from tests.calendars import NOW, add_group, add_person, add_slot
from tests.exports import begin, create
from tests.storage.filled import lines_of

RESULT = b"title\r\nHarbour walk\r\n"
PICTURE = b"not really a picture " * 1000


def quiet(*_: object) -> None:
    """Nobody asks how far it is."""


class World:
    """A store with somebody's slots, media, and an export with a result."""

    def __init__(self, url: str, folder: Path) -> None:
        self.settings = Settings(database=url, data=folder, files=str(folder / "files"))
        self.files = folder / "files"
        self.archive = folder / "backup.tar"
        with closing(Store.open(url)) as store:
            self.owner: Account = add_person(store)
            add_slot(store, self.owner, add_group(store, self.owner))
            self.asset_id = self._upload(store)
            self.export = create(
                store, self.owner, {"export": {"json": True}, "_transports": [{"type": "download", "packer": "zip"}]}
            )
            self.run_id = self.publish(store, self.export)

    def _upload(self, store: Store) -> int:
        incoming = assets.new_incoming(self.files)
        (incoming / "original").write_bytes(PICTURE)
        with Images(max_pixels=1000, workers=1) as images:
            return assets.add(
                store, self.owner, incoming, "notes.txt", depot=Depot(self.files), images=images, now=NOW
            ).asset.id

    def publish(self, store: Store, export: Export) -> str:
        """Let a run of the export end well; its id."""
        run, _ = begin(store, export)
        run_work.begin(store, run.id, now=NOW)
        folder = RunFolder(Depot(self.files), export.id, run.id)
        folder.make()
        output = Output(folder, "csv", NOW, check=quiet, limit=10_000)
        files = [output.write("walks/été.csv", [RESULT], "text/csv"), output.write("empty", [], "text/plain")]
        output.close()
        (folder.archives / "walks.zip").write_bytes(b"zip")
        archive = Archive(
            packer="zip",
            part=None,
            file_name="walks.zip",
            size=3,
            sha256=sha256(b"zip").hexdigest(),
            media_type="application/zip",
            unpacked_size=None,
            unpacked_sha256=None,
        )
        run_work.store_files(store, run.id, files, [archive])
        folder.publish()
        totals = run_work.Totals(files=2)
        run_work.publish(store, run.id, totals=totals, protocol="", retention_days=1, deliver=lambda *_: None, now=NOW)
        return run.id

    @property
    def result(self) -> Path:
        """Where the result lies."""
        return RunFolder(Depot(self.files), self.export.id, self.run_id).published

    @property
    def picture(self) -> Path:
        """Where the upload lies."""
        return assets.folder_of(self.files, self.asset_id) / "original.txt"

    def change(self, *statements: Any) -> None:
        """Change rows."""
        with closing(Store.open(self.settings.database)) as store, store.write() as transaction:
            for statement in statements:
                transaction.connection.execute(statement)

    def write(self, tell: Callable[..., None] = quiet) -> backups.Written:
        """Make a backup."""
        return backups.write(self.settings, self.archive, now=NOW, tell=tell)

    def verify(self) -> Checked:
        """Check it."""
        return backup_restore.verify(self.archive, tell=quiet)

    def findings(self) -> list[tuple[str, str]]:
        """What is wrong with the backup."""
        return [(one.where, one.text) for one in self.verify().findings]

    def restore(self, url: str, folder: Path) -> Checked:
        """Restore it elsewhere."""
        settings = Settings(database=url, data=folder, files=str(folder / "files"))
        return backup_restore.restore(settings, self.archive, now=NOW + timedelta(days=1), tell=quiet)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return World(database_url, tmp_path / "old")


@pytest.fixture
def small(sqlite_url: str, tmp_path: Path) -> World:
    """The same on SQLite alone, where the database does not matter."""
    return World(sqlite_url, tmp_path / "old")


@pytest.fixture
def elsewhere(tmp_path: Path) -> tuple[str, Path]:
    """Where nothing is yet: a database and a data folder."""
    return f"sqlite:///{tmp_path / 'new' / 'slotport.db'}", tmp_path / "new"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_backup_is_whole_and_only_its_owner_can_read_it(world: World) -> None:
    written = world.write()

    checked = world.verify()

    size = len(PICTURE) + len(RESULT) + 3
    assert written == backups.Written(
        rows=checked.rows, files=FileCounts(count=4, bytes=size), size=world.archive.stat().st_size
    )
    assert (checked.files, checked.findings) == (written.files, [])
    assert world.archive.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in world.archive.parent.iterdir()) == ["backup.tar", "files"]


def test_a_restored_store_is_the_one_that_was(world: World, blank_url: str, tmp_path: Path) -> None:
    world.write()

    restored = world.restore(blank_url, tmp_path / "new")

    assert (restored.findings, restored.failed_runs, restored.deliveries) == ([], 0, 0)
    assert lines_of(blank_url) == lines_of(world.settings.database)
    assert contents(tmp_path / "new" / "files") == contents(world.files)


def test_two_backups_of_one_moment_are_the_same_bytes(small: World) -> None:
    small.write()
    first = small.archive.read_bytes()
    small.write()

    assert small.archive.read_bytes() == first


def test_what_is_removed_meanwhile_is_noted(world: World) -> None:
    def expire(what: str, *_: object) -> None:
        if what == "table export_file" and world.result.exists():
            world.change(update(tables_exports.export).values(result_run_id=None, state=State.EXPIRED))
            rmtree(world.result)

    written = world.write(expire)

    assert written.is_complete
    assert written.files == FileCounts(count=1, bytes=len(PICTURE), removed=3)
    assert (world.verify().files, world.findings()) == (written.files, [])


def test_what_is_lost_or_damaged_is_told(world: World) -> None:
    world.picture.unlink()
    (world.result / "files" / "walks" / "été.csv").write_bytes(RESULT.upper())
    (world.result / "archives" / "walks.zip").write_bytes(b"zipped")
    place = f"exports/{world.export.id}/{world.run_id}"

    written = world.write()

    assert written.files == FileCounts(count=3, bytes=len(RESULT) + 6, missing=1, differing=2)
    wrong, right = sha256(RESULT.upper()).hexdigest(), sha256(RESULT).hexdigest()
    assert world.findings() == [
        (str(world.picture.relative_to(world.files)), "was not there when the backup was made"),
        (f"{place}/files/walks/été.csv", f"has the SHA-256 {wrong}, {right} is expected"),
        (f"{place}/archives/walks.zip", "has 6 bytes, 3 are expected"),
    ]


def test_what_was_lost_is_told_when_the_rest_is_restored(small: World, elsewhere: tuple[str, Path]) -> None:
    small.picture.unlink()
    small.write()

    restored = small.restore(*elsewhere)

    path = str(small.picture.relative_to(small.files))
    assert restored.findings == [Finding(where=path, text="was not there when the backup was made")]
    assert contents(elsewhere[1] / "files") == contents(small.files)


def test_every_changed_byte_is_found(small: World) -> None:
    small.write()
    good = small.archive.read_bytes()
    positions = [*range(0, len(good), 997), *range(len(good) - 2048, len(good), 61), len(good) - 1]

    unseen = []
    for position in positions:
        small.archive.write_bytes(good[:position] + bytes([good[position] ^ 4]) + good[position + 1 :])
        if is_whole(small.archive, quiet):
            unseen.append(position)
    small.archive.write_bytes(good)

    assert (unseen, is_whole(small.archive, quiet)) == ([], True)


CHANGED = ("archive", "is cut, or some of its bytes are not those that were written")


def at(archive: bytes, name: str) -> int:
    """Where the content of a member begins."""
    return archive.index(name.encode()) + 512


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("slotport.json", "slotport.json: "),
        ("tables/account/000001.jsonl.gz", "tables/account/000001.jsonl.gz: "),
        ("assets/0/1/original.txt", "has the SHA-256 "),
        ("manifest.json", "manifest.json: "),
    ],
)
def test_a_changed_byte_is_looked_for(small: World, name: str, text: str) -> None:
    small.write()
    good = small.archive.read_bytes()
    place = at(good, name)
    small.archive.write_bytes(good[:place] + b"\x00" + good[place + 1 :])

    findings = small.findings()

    assert (len(findings), findings[0]) == (2, CHANGED)
    assert text in findings[1][1]


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_a_cut_archive_is_told_and_not_restored(small: World, elsewhere: tuple[str, Path], share: float) -> None:
    small.write()
    good = small.archive.read_bytes()
    small.archive.write_bytes(good[: int(len(good) * share)])

    findings = small.findings()
    with pytest.raises(Damaged, match="nothing was restored"):
        small.restore(*elsewhere)

    assert findings[0] == CHANGED
    assert not elsewhere[1].exists() or contents(elsewhere[1]) == {}


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 4096, b"PK\x03\x04" * 3000])
def test_another_file_is_no_backup(small: World, content: bytes) -> None:
    small.archive.write_bytes(content)

    assert small.verify().head is None
    assert small.findings()[0] == CHANGED


def test_a_file_that_is_not_there_is_told(small: World) -> None:
    with pytest.raises(SlotportError, match="cannot be read: No such file"):
        small.verify()


def test_only_an_empty_store_is_restored_into(small: World, elsewhere: tuple[str, Path]) -> None:
    small.write()
    before = lines_of(small.settings.database)

    with pytest.raises(Conflict, match="is not empty"):
        backup_restore.restore(small.settings, small.archive, now=NOW, tell=quiet)
    with pytest.raises(Conflict, match="the store is not empty"):
        small.restore(small.settings.database, elsewhere[1])

    assert lines_of(small.settings.database) == before
    assert not (elsewhere[1] / "files").exists()


def test_rows_cannot_put_files_elsewhere(small: World, elsewhere: tuple[str, Path]) -> None:
    (small.files.parent / "passwd").write_bytes(RESULT)
    outside = "../../../../../passwd"
    small.change(
        update(tables_exports.export_file).where(tables_exports.export_file.c.path != "empty").values(path=outside)
    )
    small.write()

    with pytest.raises(Damaged, match="outside the files folder"):
        small.restore(*elsewhere)

    assert contents(elsewhere[1]) == {}


def test_what_was_under_way_is_ended_or_begun_again(world: World, blank_url: str, tmp_path: Path) -> None:
    transport = tables_exports.export_transport
    with closing(Store.open(world.settings.database)) as store:
        other = create(store, world.owner, json=True)
        run, _ = begin(store, other)
        run_work.begin(store, run.id, now=NOW)
    world.change(update(transport).values(state=TransportState.PROCESSING, job_id="j", attempts=1))
    world.write()

    restored = world.restore(blank_url, tmp_path / "new")

    with closing(Store.open(blank_url)) as store:
        ended = exports.get(store, world.owner, other.id)
        with store.read() as transaction:
            columns = (transport.c.state, transport.c.job_id, transport.c.next_attempt_at)
            delivered = tuple(transaction.connection.execute(select(*columns)).one())
            last = export_events.log_of(transaction, other.id)[-1]
    assert (restored.failed_runs, restored.deliveries) == (1, 1)
    assert (ended.state, ended.run and ended.run.outcome) == (State.FAILED, Outcome.FAILED)
    assert (last.type, last.info["exception"]) == ("EXPORT_FAILED", backup_restore.INTERRUPTED)
    assert delivered == (TransportState.PENDING, None, milliseconds(NOW + timedelta(days=1)))


def test_a_second_backup_to_the_same_file_waits_for_nobody(small: World) -> None:
    def again(what: str, *_: object) -> None:
        if what == "table account":
            with pytest.raises(Conflict, match="another backup is writing"):
                small.write()

    small.write(again)

    assert small.findings() == []


def test_a_failure_leaves_nothing_and_keeps_the_backup_before(small: World) -> None:
    small.write()
    before = small.archive.read_bytes()

    def fail(what: str, *_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small.write(fail)

    assert small.archive.read_bytes() == before
    assert sorted(path.name for path in small.archive.parent.iterdir()) == ["backup.tar", "files"]


def test_rows_of_other_tables_are_not_needed(small: World) -> None:
    small.change(delete(tables_exports.tries), text("INSERT INTO tries (name, count, expires_at) VALUES ('x', 1, 1)"))
    small.write()

    assert b"tables/tries" not in small.archive.read_bytes()
