"""Records wait here while their file is read, so that no transaction is open that long; memory stays small."""

import pickle
import tempfile
from array import array
from collections.abc import Iterator
from itertools import pairwise
from types import TracebackType
from typing import IO, Self

from msgspec import Struct

from slotport.core.slot import Slot

BATCH = 500
HELD_BATCHES = 24  #: more than these go to a temporary file


class Record(Struct, frozen=True, gc=False):
    """A record of the file that can be stored."""

    index: int  #: 0-based, among all records of the file
    slot: Slot
    digest: bytes  #: core.merge.content_hash
    derived: bool  #: the uid was made from the content

    @property
    def mark(self) -> int:
        """Equal for records of one identity (and, once in 2**64, for others)."""
        return hash((self.slot.uid, self.slot.recurrence_id))


class Spool:
    """Records in file order, to be walked more than once."""

    def __init__(self) -> None:
        self._open: list[Record] = []
        self._held: list[list[Record]] = []
        self._file: IO[bytes] | None = None
        self._marks = array("q")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    def __len__(self) -> int:
        return len(self._marks)

    def add(self, record: Record) -> None:
        """Take one more record."""
        self._marks.append(record.mark)
        self._open.append(record)
        if len(self._open) == BATCH:
            self._put(self._open)
            self._open = []

    def _put(self, batch: list[Record]) -> None:
        if len(self._held) < HELD_BATCHES:
            self._held.append(batch)
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="slotport-import-")  # noqa: SIM115  # closed in __exit__
        pickle.dump(batch, self._file, protocol=5)

    def batches(self) -> Iterator[list[Record]]:
        """Up to 500 records at a time, in file order; nothing may be added after the first call."""
        yield from self._held
        if self._file is not None:
            end = self._file.tell()
            self._file.seek(0)
            while self._file.tell() < end:
                yield pickle.load(self._file)  # noqa: S301  # our own, unnamed file
            self._file.seek(end)
        if self._open:
            yield self._open

    def repeated(self) -> set[int]:
        """The marks that more than one record has."""
        ordered = sorted(self._marks)
        return {one for one, other in pairwise(ordered) if one == other}
