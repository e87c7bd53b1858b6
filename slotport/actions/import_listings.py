"""A preview to choose from, page by page: what each record of a file is, and of each kind the first ones."""

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct, structs

from slotport.actions import files, import_excerpts
from slotport.actions.files import ImportOptions, Progress, Rejected
from slotport.actions.import_excerpts import Excerpt
from slotport.actions.previews import CHANGES_BYTES, Changes, Preview
from slotport.actions.report import Report
from slotport.actions.spool import Record
from slotport.core.account import Account
from slotport.core.slot import Outcome, Problem
from slotport.core.when import iso
from slotport.storage import transfer
from slotport.storage.store import Store

#: what a record can be; "alike" would be a second slot of the same title, start and end
KINDS = ("created", "alike", "updated", "skipped", "rejected", "unchanged")
CHOSEN = ("created", "alike", "updated")  #: kinds of which records can be chosen
UNLISTED = "unchanged"
LISTED = 5_000  #: records of one kind
NOTES = 100  #: remarks about the file
EXCERPTS = 200  #: rejected records that are shown as they stand in the file


class ListedRecord(Struct, kw_only=True):
    """A record that somebody may look at. Values are JSON's: instants in ISO 8601 with ``Z``, days without a time."""

    index: int
    kind: str
    line: int | None = None
    uid: str | None = None
    title: str | None = None
    start: str | None = None
    end: str | None = None
    changes: dict[str, tuple[Any, Any]] = {}  #: by a field of core.slot.Slot, "groups" or "deleted": old and new
    match: int | None = None  #: id of an own slot with the same title, start and end
    code: str = ""  #: why it is skipped or rejected, and a sentence about it
    message: str = ""
    excerpt: Excerpt | None = None  #: of a rejected one


class Listing(Struct, kw_only=True):
    """What an import would do at a moment."""

    kinds: bytes  #: by record, the place of its kind in KINDS
    records: dict[str, list[ListedRecord]]  #: by kind, in the order of the file
    notes: list[Problem]  #: remarks about the file
    since: int  #: number of the last commit that had changed something of the caller's
    made_at: datetime

    @property
    def counts(self) -> dict[str, int]:
        """How many records there are of each kind."""
        return {kind: self.kinds.count(number) for number, kind in enumerate(KINDS)}

    def kind_of(self, index: int) -> str:
        """The kind of the record with that number."""
        return KINDS[self.kinds[index]]


def listing_of(
    store: Store,
    caller: Account,
    chunks: Iterable[bytes],
    options: ImportOptions,
    *,
    now: datetime,
    told: Callable[[Progress], None] | None = None,
) -> Listing:
    """Preview a file's import, ``strict`` or not. Raises as ``preview_file``, but not for rejected records."""
    with store.read() as transaction:
        since = transfer.change_of(transaction, caller.id)
    collected = _Collected(problems=[])
    with suppress(Rejected):  # every record is
        files.preview_file(
            store, caller, chunks, structs.replace(options, strict=False), now=now, told=told, into=collected
        )
    for listed in collected.listed.values():
        listed.sort(key=lambda record: record.index)
    _excerpt(collected.listed["rejected"], chunks, options)
    return Listing(
        kinds=bytes(collected.kinds),
        records=collected.listed,
        notes=[problem for problem in collected.problems if problem.outcome is Outcome.NOTE],
        since=since,
        made_at=now,
    )


class _Collected(Preview, kw_only=True):
    """A preview that remembers every record's kind."""

    kinds: bytearray = msgspec.field(default_factory=bytearray)
    listed: dict[str, list[ListedRecord]] = msgspec.field(
        default_factory=lambda: {kind: [] for kind in KINDS if kind != UNLISTED}
    )

    def tell(self, problem: Problem) -> None:
        """Count the problem's record, and list it."""
        if problem.outcome is Outcome.NOTE:
            if len(self.problems) < NOTES:
                self.problems.append(problem)
            return
        self.count(problem.outcome)
        kind = problem.outcome.value
        if problem.index is not None and self._marked(problem.index, kind):
            self.listed[kind].append(
                ListedRecord(
                    index=problem.index,
                    kind=kind,
                    line=problem.line,
                    uid=problem.uid,
                    title=problem.title,
                    code=problem.code,
                    message=problem.message,
                )
            )

    def show(self, record: Record, outcome: Outcome, changes: Changes, match: int | None) -> None:
        """List the record, unless it changes nothing."""
        kind = "alike" if outcome is Outcome.CREATED and match is not None else outcome.value
        if not self._marked(record.index, kind):
            return
        plain = {name: (_plain(old), _plain(new)) for name, (old, new) in changes.items()}
        self.size_bytes += len(msgspec.json.encode(plain)) if plain else 0
        slot = record.slot
        self.listed[kind].append(
            ListedRecord(
                index=record.index,
                kind=kind,
                line=slot.line or None,
                uid=None if record.derived else slot.uid,
                title=slot.title,
                start=_plain(slot.start),
                end=_plain(slot.end),
                changes=plain,
                match=match,
            )
        )

    def _marked(self, index: int, kind: str) -> bool:
        """Remember the kind; whether the record is listed."""
        missing = index + 1 - len(self.kinds)
        if missing > 0:
            self.kinds.extend(bytes([KINDS.index(UNLISTED)]) * missing)
        self.kinds[index] = KINDS.index(kind)
        return kind != UNLISTED and len(self.listed[kind]) < LISTED and self.size_bytes <= CHANGES_BYTES


def _plain(value: Any) -> Any:
    """The value as JSON has it; of a place or a note only what is set."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Struct):
        return {name: _plain(item) for name, item in structs.asdict(value).items() if item is not None}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _excerpt(rejected: list[ListedRecord], chunks: Iterable[bytes], options: ImportOptions) -> None:
    lines = [record.line for record in rejected[:EXCERPTS] if record.line is not None]
    found = import_excerpts.read(chunks, options.encoding, lines) if lines else {}
    for record in rejected[:EXCERPTS]:
        record.excerpt = found.get(record.line or 0)


# Choosing


class Choice(Struct, frozen=True, kw_only=True):
    """Which records are to be imported: whole kinds, and records that are an exception to what holds for their kind."""

    kinds: frozenset[str] = frozenset({"created", "updated"})
    exceptions: frozenset[int] = frozenset()

    def holds(self, listing: Listing, index: int) -> bool:
        """Whether the record is chosen."""
        return (listing.kind_of(index) in self.kinds) != (index in self.exceptions)

    def all_of(self, listing: Listing, kind: str, *, chosen: bool) -> "Choice":
        """The choice with all records of a kind, or none of them."""
        kinds = self.kinds | {kind} if chosen else self.kinds - {kind}
        others = frozenset(index for index in self.exceptions if listing.kind_of(index) != kind)
        return Choice(kinds=kinds, exceptions=others)

    def count(self, listing: Listing, kind: str) -> int:
        """How many records of a kind are chosen."""
        exceptions = sum(listing.kind_of(index) == kind for index in self.exceptions)
        return listing.counts[kind] - exceptions if kind in self.kinds else exceptions

    def total(self, listing: Listing) -> int:
        """How many records are chosen."""
        return sum(self.count(listing, kind) for kind in CHOSEN)

    def again(self, before: Listing, after: Listing) -> "Choice":
        """The same choice of the same file's records after another preview of it: what was looked at stays so."""
        seen = [record.index for kind in CHOSEN for record in before.records[kind]]
        seen += self.exceptions
        moved = frozenset(
            index
            for index in seen
            if after.kind_of(index) in CHOSEN and self.holds(before, index) != (after.kind_of(index) in self.kinds)
        )
        return Choice(kinds=self.kinds, exceptions=moved)

    def select(self, listing: Listing) -> "Chosen | None":
        """What to tell an import; None: everything. Records that nobody can choose are in it, to be reported."""
        if all(self.count(listing, kind) == listing.counts[kind] for kind in CHOSEN):
            return None
        left_out = bytearray(kind in CHOSEN and kind not in self.kinds for kind in KINDS)
        chosen = bytearray(not left_out[number] for number in listing.kinds)
        for index in self.exceptions:
            chosen[index] = not chosen[index]
        return Chosen(chosen)


class Chosen(Collection[int]):
    """Numbers of records, in the space of a byte a record."""

    def __init__(self, marks: bytearray) -> None:
        self._marks = marks

    def __contains__(self, index: object) -> bool:
        return isinstance(index, int) and 0 <= index < len(self._marks) and bool(self._marks[index])

    def __iter__(self) -> Iterator[int]:
        return iter(array("l", (index for index, mark in enumerate(self._marks) if mark)))

    def __len__(self) -> int:
        return self._marks.count(1)


def import_chosen(
    store: Store,
    caller: Account,
    chunks: Iterable[bytes],
    options: ImportOptions,
    listing: Listing,
    choice: Choice,
    *,
    now: datetime,
    told: Callable[[Progress], None] | None = None,
) -> tuple[Report, int]:
    """Import the records that were chosen from a listing of the file; the report, and how many were left out.

    Raises as ``import_file``, and Conflict if something of the caller's changed after the listing was made: what was
    previewed is what is imported.
    """
    chosen = structs.replace(options, select=choice.select(listing), unless_since=listing.since)
    report = files.import_file(store, caller, chunks, chosen, now=now, told=told)
    left_out = sum(listing.counts[kind] for kind in CHOSEN) - choice.total(listing)
    report.skipped -= left_out
    report.problems = [problem for problem in report.problems if problem.code != "not_selected"]
    return report, left_out
