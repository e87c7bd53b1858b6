"""What backups are for: proving that one can be restored, and restoring it (docs/backup.md).

Both do the same: fill an empty store with the archive's rows, read them again, and compare counts and hashes; then
hold every file against what the rows say of it. A proof throws its store away.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from slotport.actions.backup_archive import (
    DIGEST,
    MANIFEST,
    TABLES,
    Damaged,
    FileCounts,
    Head,
    Manifest,
    Member,
    Tell,
    head_of,
    is_whole,
    manifest_of,
    opened,
)
from slotport.actions.backups import FILES, MISSING, REMOVED, path_of
from slotport.depot import Depot, depot_of
from slotport.errors import Conflict, SlotportError
from slotport.packers.entries import safe_name
from slotport.settings import Settings
from slotport.storage import dump, dump_files, run_work
from slotport.storage.dump import Counted
from slotport.storage.dump_files import NamedFile
from slotport.storage.dump_load import Rejected, Target, filling
from slotport.storage.run_work import Totals
from slotport.storage.schema import WrongSchema
from slotport.storage.store import Store

STAGED = ".restoring"  #: below the files folder, until all is there
MOST_FINDINGS = 1000  #: that are told one by one
INTERRUPTED = {
    "realm": "server",
    "code": "error.server.generic",
    "description": "the run was under way when the backup was made that this store was restored from; start it again",
}


class Finding(Struct, frozen=True, kw_only=True):
    """Something that is not as it should be."""

    where: str  #: the archive, a table or a file
    text: str


class Checked(Struct, frozen=True, kw_only=True):
    """What an archive was found to hold."""

    head: Head | None  #: None if that cannot be read
    rows: int
    files: FileCounts
    findings: list[Finding]  #: the first ones
    finding_count: int
    failed_runs: int = 0  #: that were under way when the backup was made
    deliveries: int = 0  #: that begin anew


class _Findings:
    def __init__(self) -> None:
        self.first: list[Finding] = []
        self.count = 0

    def add(self, where: str, text: str) -> None:
        self.count += 1
        if self.count <= MOST_FINDINGS:
            self.first.append(Finding(where=where, text=text))


def verify(archive: Path, *, tell: Tell) -> Checked:
    """Restore the archive into a scratch store, and say what is not as it should be.

    Raises SlotportError if the archive cannot be read at all, or a newer program made it.
    """
    findings = _Findings()
    head: Head | None = None
    loading: _Loading | None = None
    try:
        if not is_whole(archive, tell):
            findings.add("archive", "is cut, or some of its bytes are not those that were written")
        with tempfile.TemporaryDirectory(prefix="slotport-verify-") as folder, opened(archive) as members:
            head = head_of(members)
            with filling(f"sqlite:///{folder}/scratch.db", head.schema, head.tables) as target:
                loading = _Loading(members, head, target, findings, tell)
                loading.load(None)
    except (Damaged, Rejected) as error:
        findings.add("archive", str(error))
    except OSError as cause:
        raise SlotportError(f"{archive} cannot be read: {cause.strerror}") from cause
    except WrongSchema:
        if not findings.count:
            raise
    rows, files = (loading.rows, loading.files) if loading is not None else (0, FileCounts())
    return Checked(head=head, rows=rows, files=files, findings=findings.first, finding_count=findings.count)


def restore(settings: Settings, archive: Path, *, now: datetime, tell: Tell) -> Checked:
    """Make the archive the store that the settings name, which has to be empty; the rows are read again and compared.

    Runs that were under way have failed, and deliveries begin anew. Files that the archive lacks are among the
    findings. Raises Conflict if there is a store, Damaged if the archive is not whole; nothing is there then.
    """
    try:
        return _restore(settings, archive, now, tell)
    except Rejected as cause:
        raise SlotportError(f"the database does not take the rows: {cause}") from cause
    except OSError as cause:
        raise SlotportError(f"{cause.filename or archive}: {cause.strerror}; nothing was restored") from cause


def _restore(settings: Settings, archive: Path, now: datetime, tell: Tell) -> Checked:
    depot, findings = depot_of(settings), _Findings()
    files = depot.root
    if not is_whole(archive, tell):
        raise Damaged(f"{archive} is cut or was changed: nothing was restored; `slotport verify` says where")
    _refuse_files(depot)
    moved: list[Path] = []
    try:
        with opened(archive) as members:
            head = head_of(members)
            with filling(settings.database_url, head.schema, head.tables) as target:
                loading = _Loading(members, head, target, findings, tell)
                loading.load(files / STAGED)
                for finding in loading.rows_findings:
                    raise Damaged(f"{finding.where} {finding.text}; nothing was restored")
                deliveries = target.deliver_again(now)
                runs = target.runs_under_way()
                moved += _moved(files)
                for folder in moved:
                    depot.keep(folder)
    except BaseException:
        for folder in (*moved, files / STAGED):
            depot.drop(folder)
        raise
    with closing(Store.open(settings.database_url, connections=2)) as store:
        for run_id in runs:
            run_work.fail(store, run_id, exception=INTERRUPTED, protocol="", totals=Totals(), now=now)
    return Checked(
        head=head,
        rows=loading.rows,
        files=loading.files,
        findings=findings.first,
        finding_count=findings.count,
        failed_runs=len(runs),
        deliveries=deliveries,
    )


def _refuse_files(depot: Depot) -> None:
    shutil.rmtree(depot.root / STAGED, ignore_errors=True)  # of a restore that was killed
    if not depot.is_empty():
        raise Conflict(f"{depot} is not empty: a backup is restored into an empty store only")


def _moved(files: Path) -> list[Path]:
    """Give what was staged its place; the folders there."""
    staged = files / STAGED
    if not staged.is_dir():
        return []
    os.sync()
    places = [one.rename(files / one.name) for one in sorted(staged.iterdir())]
    staged.rmdir()
    return places


def _safe(path: str) -> str:
    try:
        return safe_name(path)
    except ValueError as cause:
        raise Damaged(f"a row names a file outside the files folder: {cause}") from cause


class _Loading:
    """Takes an archive's members in their order."""

    def __init__(self, members: Iterator[Member], head: Head, target: Target, findings: _Findings, tell: Tell) -> None:
        self._members, self._head, self._target = members, head, target
        self._findings, self._tell = findings, tell
        self._shapes = {shape.name: shape for shape in head.tables}
        self.rows = 0
        self.files = FileCounts()
        self.rows_findings: list[Finding] = []

    def load(self, files: Path | None) -> None:
        """Fill the target, and compare; ``files``: where files go, None: nowhere. Raises Damaged, Rejected."""
        member = self._load_rows()
        counted: dict[str, Counted] = {}
        for shape in self._head.tables:
            self._tell("comparing", len(counted), len(self._head.tables))
            counted[shape.name] = dump.counted(self._target.transaction, shape)
        broken = self._target.broken_links()
        self._target.migrate()
        member = self._load_files(member, files)
        if member.name != MANIFEST:
            raise Damaged(f"{member.name}: is not what should stand there")
        manifest = manifest_of(member)
        if next(self._members, None) is None:
            raise Damaged(f"the archive ends before {DIGEST}")
        self.rows_findings = list(_differences(manifest, counted, broken))
        for finding in self.rows_findings:
            self._findings.add(finding.where, finding.text)
        self._target.set_sequences(manifest.sequences)

    def _next(self) -> Member:
        member = next(self._members, None)
        if member is None:
            raise Damaged("the archive cannot be read to its end")
        return member

    def _load_rows(self) -> Member:
        """Take all rows; the first member after them."""
        while (member := self._next()).name.startswith(f"{TABLES}/"):
            shape = self._shapes.get(member.name.split("/")[1])
            if shape is None:
                raise Damaged(f"{member.name}: there is no such table")
            try:
                self.rows += self._target.put(shape, member.lines())
            except Rejected as cause:
                raise Damaged(f"{member.name}: {cause}") from cause
            self._tell(f"table {shape.name}", self.rows, None)
        return member

    def _load_files(self, member: Member, files: Path | None) -> Member:
        """Take the files that the rows name, which stand in the same order; the first member after them."""
        counts = dict.fromkeys(FileCounts.__struct_fields__, 0)
        total = dump_files.total(self._target.transaction)[1]
        for named in dump_files.listed(self._target.transaction):
            path = _safe(path_of(named))
            kind, _, name = member.name.partition("/")
            if name != path or kind not in (FILES, REMOVED, MISSING):
                raise Damaged(f"{path}: is not in the archive, where {member.name} stands")
            if kind == FILES:
                counts["count"] += 1
                counts["bytes"] += member.size
                counts["differing"] += not self._load_file(member, named, path, files)
            else:
                counts[kind] += 1
                if kind == MISSING:
                    self._findings.add(path, "was not there when the backup was made")
            self._tell("files", counts["bytes"], total)
            member = self._next()
        self.files = FileCounts(**counts)
        return member

    def _load_file(self, member: Member, named: NamedFile, path: str, files: Path | None) -> bool:
        """Take one file; whether it is what its row says."""
        digest = sha256()
        if files is None:
            for piece in member.pieces():
                digest.update(piece)
        else:
            place = files / path
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb") as stream:
                for piece in member.pieces():
                    digest.update(piece)
                    stream.write(piece)
            with suppress(OSError):
                os.utime(place, (member.modified, member.modified))
        if member.size != named.size:
            self._findings.add(path, f"has {member.size} bytes, {named.size} are expected")
            return False
        if digest.hexdigest() != named.sha256:
            self._findings.add(path, f"has the SHA-256 {digest.hexdigest()}, {named.sha256} is expected")
            return False
        return True


def _differences(manifest: Manifest, counted: dict[str, Counted], broken: list[str]) -> Iterator[Finding]:
    for name, wanted in manifest.tables.items():
        found = counted.get(name)
        rows = 0 if found is None else found.rows
        if rows != wanted.rows:
            yield Finding(where=f"table {name}", text=f"has {rows} rows, {wanted.rows} are expected")
        elif found != wanted:
            yield Finding(where=f"table {name}", text=f"has {rows} rows that are not those of the backup")
    for name in broken:
        yield Finding(where=f"table {name}", text="has rows that refer to rows which are not there")
