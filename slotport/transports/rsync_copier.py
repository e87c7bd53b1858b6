"""What rsync is run for: storing what is listed, comparing it, and removing what is there no more (rsync(1))."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from math import ceil
from pathlib import Path, PurePosixPath
from typing import Any

from slotport.core.export import Receipt
from slotport.transports.parcel import Log, Outgoing, Parcel, TransportError
from slotport.transports.rsync_link import Reached
from slotport.transports.rsync_process import FORMAT, Item, run
from slotport.transports.rsync_relay import Relay

BYTES_A_SECOND = 20_000_000  #: that each side reads at least, when it compares a file and says nothing meanwhile
REMOVED_AT_ONCE = 10_000
_READABLE = ("--no-perms", "--chmod=ugo=rwX")  #: the rights that new files have there


@dataclass(frozen=True)
class Copier:
    """rsync, with all that it needs to reach its destination."""

    program: str
    place: Path  #: a folder of its own
    reached: Reached
    options: Mapping[str, Any]  #: of the transport
    timeout_seconds: float
    check: Callable[[], None]

    def store(self, parcel: Parcel) -> tuple[Receipt, int]:
        """Store the parcel's files until they are there what they are here; how many were excluded.

        The journal knows each file as soon as it may be there.
        """
        base, count, largest = self._listed(parcel)
        found = size = 0

        def note(item: Item) -> None:
            parcel.journal.note(item.name)

        def compared(item: Item) -> None:
            nonlocal found, size
            found, size = found + 1, size + item.size
            if item.is_same:
                parcel.journal.note(item.name, "hash")

        options = self._chosen()
        self._copy(base, options, largest, note)
        if (different := self._differing(base, largest, compared)) and "--checksum" not in options:
            found = size = 0
            self._copy(base, [*options, "--checksum"], largest, note)  # of the same size and time, but not the same
            different = self._differing(base, largest, compared)
        parcel.journal.flush()
        if different:
            raise TransportError(f"{different} is not there what it is here")
        if found > count or (found < count and not self.options.get("exclude")):
            raise TransportError(f"rsync compared {found} of {count} files")
        return Receipt(files=found, bytes=size, finished=parcel.finished_at, verified="hash"), count - found

    def try_out(self, name: str, log: Log) -> None:
        """Store a small file, compare it and remove it."""
        base = self._folder("from")
        (base / name).write_bytes(b"This file can be removed.\n")
        self._write_list([name])
        try:
            self._copy(base, ["--times", *_READABLE], 0)
            log("info", "a small file was stored")
            if self._differing(base, 0):
                raise TransportError("what was stored is not what was sent")
            log("info", "the file was compared")
        finally:
            self._remove([name])
        log("info", "the file was removed")

    def mirror(self, parcel: Parcel) -> int:
        """Remove what is in the export's folder there and not in the parcel, unless it is excluded; how much that was.

        The parcel was stored before.
        """
        base = self._folder("from")
        tops = [entry.name for entry in base.iterdir() if entry.is_symlink()]
        if not tops:
            return 0
        self._write_list([f"{top}/" for top in tops])
        count = 0

        def removed(_: str) -> None:
            nonlocal count
            count += 1

        options = ["--recursive", "--delete", "--existing", "--ignore-existing", *self._excluded()]
        self._run(base, options, 0, removed=removed)
        return count

    def remove_old(self, parcel: Parcel) -> int:
        """Remove what only earlier runs stored; how many files that was."""
        count = 0
        stale = parcel.journal.stale()
        while names := list(islice(stale, REMOVED_AT_ONCE)):
            self._remove(names)
            for name in names:
                parcel.journal.forget(name)
            count += len(names)
        parcel.journal.flush()
        return count

    # The runs

    def _copy(
        self, base: Path, options: Sequence[str], largest: int, item: Callable[[Item], None] = lambda _: None
    ) -> None:
        self._run(base, options, largest, item)

    def _differing(self, base: Path, largest: int, item: Callable[[Item], None] = lambda _: None) -> str:
        """The name of a file that is not the same there; empty if all are."""
        different = ""

        def look(found: Item) -> None:
            nonlocal different
            item(found)
            if not found.is_same:
                different = different or found.name

        self._run(base, ["--checksum", "--dry-run", *self._excluded()], largest, look)
        return different

    def _remove(self, names: Sequence[str]) -> None:
        """Remove files, as far as they are there."""
        if self.reached.local is not None:
            for name in names:
                self.check()
                _unlink(self.reached.local, PurePosixPath(name))
            return
        base = self._folder("empty")
        for folder in {str(PurePosixPath(name).parent) for name in names}:
            (base / folder).mkdir(parents=True, exist_ok=True)  # or else rsync calls them vanished
        self._write_list(names)
        self._run(base, ["--delete-missing-args", "--existing"], 0)

    def _run(
        self,
        base: Path,
        options: Sequence[str],
        largest: int,
        item: Callable[[Item], None] = lambda _: None,
        removed: Callable[[str], None] = lambda _: None,
    ) -> None:
        longest = self.timeout_seconds + largest / BYTES_A_SECOND
        command = [self.program, *options, "--from0", f"--files-from={self.place / 'list'}", "--omit-dir-times"]
        command += ["-ii", FORMAT, "--8-bit-output", f"--timeout={ceil(longest)}"]
        if limit := self.options.get("bwlimit"):
            command.append(f"--bwlimit={limit}")
        if self.options.get("compress"):
            command.append("--compress")
        with self._relay() as relay:
            port = str(relay.port) if relay else "{port}"
            command += [one.replace("{port}", port) for one in self.reached.options]
            command += ["--", f"{base}/", self.reached.where.replace("{port}", port)]
            environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": str(self.place)}
            run(
                command,
                {**environment, **self.reached.environment},
                check=self.check,
                is_silent=lambda: relay is not None and relay.silent_seconds() >= longest,
                hidden=(f"{base}/", f"{self.place}/", *self.reached.hidden),
                item=item,
                removed=removed,
            )

    @contextmanager
    def _relay(self) -> Iterator[Relay | None]:
        if self.reached.connect is None:
            yield None
            return
        with Relay(self.reached.connect()) as relay:
            yield relay

    def _chosen(self) -> list[str]:
        """What the transport's options stand for when files are stored."""
        found = ["--archive"] if self.options.get("archive") else ["--times", *_READABLE]
        if self.options.get("checksum"):
            found.append("--checksum")
        return found + self._excluded()

    def _excluded(self) -> list[str]:
        return [f"--exclude={pattern}" for pattern in self.options.get("exclude", ())]

    # What they are about

    def _listed(self, parcel: Parcel) -> tuple[Path, int, int]:
        """Lists the parcel's files: below which folder they are, how many, and the size of the largest."""
        base = parcel.archives_folder if parcel.archives else self._folder("from")
        count = largest = 0

        def names() -> Iterator[str]:
            nonlocal count, largest
            for item in parcel.outgoing():
                self.check()
                count, largest = count + 1, max(largest, item.size)
                if not parcel.archives:
                    self._link(base, item, parcel.files_folder)
                yield item.name

        self._write_list(names())
        return base, count, largest

    def _link(self, base: Path, item: Outgoing, files: Path) -> None:
        """Make the folder of the export's files appear under the name that it is to have there."""
        top = item.name.partition("/")[0]
        if not (base / top).is_symlink():
            (base / top).symlink_to(files.absolute())

    def _write_list(self, names: Iterable[str]) -> None:
        with (self.place / "list").open("wb") as stream:
            for name in names:
                # what begins with # or ; is a comment to rsync
                stream.write(os.fsencode(f"./{name}" if name[0] in "#;" else name) + b"\0")

    def _folder(self, name: str) -> Path:
        path = self.place / name
        path.mkdir(exist_ok=True)
        path.chmod(0o755)  # what is there may get the same rights
        return path


def _unlink(folder: Path, name: PurePosixPath) -> None:
    """Remove a file below a folder of this machine, wherever symbolic links there point to."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    with suppress(FileNotFoundError, NotADirectoryError):
        here = os.open(folder, flags)
        try:
            for part in name.parts[:-1]:
                inner = os.open(part, flags, dir_fd=here)
                os.close(here)
                here = inner
            os.unlink(name.name, dir_fd=here)
        except OSError as cause:
            if isinstance(cause, FileNotFoundError | NotADirectoryError):
                raise
            raise TransportError(f"removing {name}: {(cause.strerror or 'failed').lower()}") from cause
        finally:
            os.close(here)
