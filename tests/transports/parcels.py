"""Parcels as runs make them: of files below a folder, or of archives, with a journal that outlives a delivery."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

from slotport.core.export import Archive
from slotport.transports.parcel import Outgoing, Parcel
from tests.transports.peer import UUID

NAME = "Spring camp"  #: the export's
FINISHED = datetime(2031, 5, 6, 13, 44, 2, tzinfo=UTC)
Verified = Literal["hash", "size", "none"]


@dataclass
class Ledger:
    """What a transport placed, by name: the run that placed it last, and how far that was verified."""

    placed: dict[str, tuple[str, Verified]] = field(default_factory=dict)

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self.placed)


@dataclass(frozen=True)
class Journal:
    """The ledger as one run sees it (``transports.parcel.Journal``)."""

    ledger: Ledger
    run: str

    def has(self, name: str) -> bool:
        return name in self.ledger.placed and self.ledger.placed[name][0] == self.run

    def verified(self, name: str) -> Verified:
        return self.ledger.placed[name][1]

    def note(self, name: str, verified: Verified = "none", *, at_once: bool = False) -> None:
        self.ledger.placed[name] = (self.run, verified)

    def stale(self) -> Iterator[str]:
        return iter(sorted(name for name, (run, _) in self.ledger.placed.items() if run != self.run))

    def forget(self, name: str) -> None:
        self.ledger.placed.pop(name, None)

    def flush(self) -> None:
        pass


def folder_parcel(
    base: Path,
    files: Mapping[str, bytes],
    *,
    run: str = "run1",
    ledger: Ledger | None = None,
    keeps_old: bool = False,
    uuid: str = UUID,
) -> Parcel:
    """Files that go into a folder named for the export; ``base`` takes what is sent, below a folder for the run."""
    return _parcel(base, files, (), run, ledger, keeps_old=keeps_old, uuid=uuid)


def archive_parcel(
    base: Path,
    archives: Mapping[str, bytes],
    *,
    run: str = "run1",
    ledger: Ledger | None = None,
    keeps_old: bool = False,
    uuid: str = UUID,
) -> Parcel:
    """Archives, by their file names, that go into the transport's directory itself."""
    made = tuple(
        Archive(
            packer="zip_10mb",
            part=part,
            file_name=name,
            size=len(content),
            sha256=sha256(content).hexdigest(),
            media_type="application/zip",
        )
        for part, (name, content) in enumerate(archives.items(), start=1)
    )
    return _parcel(base, archives, made, run, ledger, keeps_old=keeps_old, uuid=uuid)


def placed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What a folder parcel of these files leaves in the transport's directory."""
    return {f"{NAME}/{name}": content for name, content in files.items()}


def _parcel(
    base: Path,
    contents: Mapping[str, bytes],
    archives: Sequence[Archive],
    run: str,
    ledger: Ledger | None,
    *,
    keeps_old: bool,
    uuid: str,
) -> Parcel:
    folder = base / run / ("archives" if archives else "files")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    above = "" if archives else f"{NAME}/"
    outgoing = [
        Outgoing(name=above + name, source=folder / name, size=len(content), sha256=sha256(content).hexdigest())
        for name, content in contents.items()
    ]
    return Parcel(
        run_id=run,
        transport_uuid=uuid,
        export_id=31,
        export_name=NAME,
        finished_at=FINISHED,
        archives=tuple(archives),
        archives_folder=base / run / "archives",
        files_folder=base / run / "files",
        outgoing=lambda: iter(outgoing),
        journal=Journal(Ledger() if ledger is None else ledger, run),
        keeps_old=keeps_old,
    )
