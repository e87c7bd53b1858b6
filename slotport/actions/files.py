"""Import and export of calendar files (docs/api/timeslot-import.md, docs/api/timeslot-export.md)."""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from datetime import datetime
from hashlib import blake2b, sha256
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from slotport import __version__
from slotport.actions import identities
from slotport.actions.placing import Writer, target_of
from slotport.actions.previews import Preview, Watcher
from slotport.actions.report import Rejected, Report, not_selected
from slotport.actions.spool import Record, Spool
from slotport.actions.texts import Utf8, beginning
from slotport.core import merge
from slotport.core.account import Account
from slotport.core.slot import UID_LENGTH, Outcome, Problem, Rendering, Slot
from slotport.errors import BadText, Conflict, Invalid, NotFound, TooLarge, UnknownFormat
from slotport.formats import FORMATS, HEAD_BYTES, Format, ReadOptions, WriteOptions, recognised
from slotport.storage import imports, renderings, transfer
from slotport.storage.store import Store

PROBLEMS_REMEMBERED = 1_000  #: a file with more is read again each time
RECORD_LIMIT = 1_000_000
KEPT_AT_ONCE = 2_000

__all__ = [
    "Export",
    "ImportOptions",
    "Preview",
    "Progress",
    "Rejected",
    "Report",
    "export_file",
    "import_file",
    "preview_file",
]


class ImportOptions(Struct, frozen=True, kw_only=True):
    """How a file is to be imported."""

    group: UUID | None = None  #: every slot goes to this group; None: where the file says, else to "Imports"
    encoding: str | None = None
    date_order: str | None = None
    strict: bool = False  #: one rejected record refuses the file
    dry_run: bool = False  #: report only
    select: Collection[int] | None = None  #: indexes of the only records to be imported; None: all
    unless_since: int | None = None  #: nothing is stored if the caller's slots or groups changed after that commit
    record_limit: int = RECORD_LIMIT


class Progress(Struct, frozen=True, kw_only=True):
    """How far an import is: first its file is read, then its records are stored."""

    bytes_read: int
    records_read: int
    records_done: int = 0  #: of those read; 0 until all are read


# --- in


def import_file(
    store: Store,
    caller: Account,
    chunks: Iterable[bytes],
    options: ImportOptions,
    *,
    now: datetime,
    told: Callable[[Progress], None] | None = None,
) -> Report:
    """Store the file's slots as the caller's, in one transaction, and say what became of each record.

    ``chunks`` may be walked more than once. ``told`` hears of each chunk read and of each 500 records stored; an error
    that it raises ends the import, and nothing is stored. Raises NotFound for a group that is not the caller's, BadText
    and FormatError for a file that cannot be read, Rejected, TooLarge, Invalid, and Conflict for what was changed since
    ``unless_since``; then nothing is stored.
    """
    digest = _digest(chunks, options) if options.select is None and options.unless_since is None else None
    with store.read() as transaction:
        target_of(transaction, caller, options.group)
        if digest is not None and (before := imports.find(transaction, caller.id, digest)) is not None:
            return msgspec.json.decode(before, type=Report)
    report = Report(problems=[])
    _import(store, caller, chunks, options, report, digest, now, told)
    return report


def preview_file(
    store: Store,
    caller: Account,
    chunks: Iterable[bytes],
    options: ImportOptions,
    *,
    now: datetime,
    told: Callable[[Progress], None] | None = None,
    into: Preview | None = None,
) -> Preview:
    """Say what ``import_file`` would do to each record's slot, and store nothing. Raises as it does.

    ``into``: an empty preview that takes it, and has what was found until an error.
    """
    with store.read() as transaction:
        target_of(transaction, caller, options.group)
    preview = Preview(problems=[]) if into is None else into
    _import(store, caller, chunks, structs.replace(options, dry_run=True), preview, None, now, told)
    preview.records.sort(key=lambda record: record.index)
    return preview


def _import(
    store: Store,
    caller: Account,
    chunks: Iterable[bytes],
    options: ImportOptions,
    report: Report,
    digest: bytes | None,
    now: datetime,
    told: Callable[[Progress], None] | None,
) -> None:
    with Spool() as spool:
        counted = _Counted(chunks, spool, told)
        text = Utf8(counted, options.encoding)
        head = beginning(text, HEAD_BYTES)
        if not head.strip():
            raise Invalid.of("file", "is empty")
        try:
            format_ = _recognised(head, text)
            _read(spool, report, format_, text, options)
            if options.strict and report.rejected:
                raise Rejected(report)
            _store(store, caller, spool, report, format_, options, digest, now, counted.tell)
        except BadText as error:
            raise text.moved(error) from error


class _Counted:
    """The chunks; tells how far they are read, each time that they are walked, and how far records are stored."""

    def __init__(self, chunks: Iterable[bytes], spool: Spool, told: Callable[[Progress], None] | None) -> None:
        self._chunks = chunks
        self._spool = spool
        self._told = told
        self._bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks) if self._told is None else self._telling()

    def _telling(self) -> Iterator[bytes]:
        self._bytes = 0
        for chunk in self._chunks:
            yield chunk
            self._bytes += len(chunk)
            self.tell(0)

    def tell(self, records_done: int) -> None:
        """Tell how far it is."""
        if self._told is not None:
            self._told(Progress(bytes_read=self._bytes, records_read=len(self._spool), records_done=records_done))


def _recognised(head: bytes, text: Utf8) -> Format:
    """The file's format. Raises BadText rather than UnknownFormat for what is no text at all."""
    try:
        return recognised(head)
    except UnknownFormat:
        text.check()
        raise


def _read(spool: Spool, report: Report, format_: Format, text: Utf8, options: ImportOptions) -> None:
    order = options.date_order
    if order not in {None, "dmy", "mdy"}:
        raise Invalid.of("date_order", "is neither dmy nor mdy")
    select = options.select
    index = -1
    for item in format_.read(text, ReadOptions(date_order=order)):  # type: ignore[arg-type]  # checked above
        if isinstance(item, Problem) and item.outcome is Outcome.NOTE:
            report.tell(item)
            continue
        index += 1
        if index >= options.record_limit:
            raise TooLarge(f"the file has more than {options.record_limit} records")
        if select is not None and index not in select:
            report.tell(not_selected(index, item))
        elif isinstance(item, Problem):
            report.tell(structs.replace(item, index=index))
        elif len(item.uid or "") > UID_LENGTH:
            report.tell(_too_long(item, index))
        else:
            digest = merge.content_hash(item)
            derived = item.uid is None
            slot = structs.replace(item, uid=merge.derived_uid(digest, 0)) if derived else item
            spool.add(Record(index, slot, digest, derived))
    if select and max(select) > index:
        raise Invalid.of("select", f"names record {max(select)}; the file has {index + 1}, numbered from 0")


def _too_long(slot: Slot, index: int) -> Problem:
    return Problem(
        code="bad_uid",
        message=f"The uid has more than {UID_LENGTH} characters.",
        line=slot.line or None,
        index=index,
        uid=slot.uid,
        title=slot.title,
    )


def _store(
    store: Store,
    caller: Account,
    spool: Spool,
    report: Report,
    format_: Format,
    options: ImportOptions,
    digest: bytes | None,
    now: datetime,
    tell: Callable[[int], None],
) -> None:
    winners = identities.winners(spool, spool.repeated())
    with store.write() as transaction:
        watcher = Watcher(report, transaction, caller.id) if isinstance(report, Preview) else None
        writer = Writer(transaction, caller, report, format_, options.group, now, watcher)
        if options.unless_since not in {None, transfer.change_of(transaction, caller.id)}:
            raise Conflict("your slots were changed meanwhile")
        writer.is_first = not winners and not transfer.has_slots(transaction, caller.id)
        done = 0
        for batch in spool.batches():
            writer.put(identities.deciding(batch, winners, report) if winners else batch)
            done += len(batch)
            tell(done)
        if report.rejected and not writer.some_were_fine:
            raise Rejected(report)
        writer.finish()
        if options.dry_run:
            transaction.roll_back()
            report.import_id = None
        elif digest is not None and len(report.problems) <= PROBLEMS_REMEMBERED:
            again = msgspec.json.encode(report.repeated()).decode()
            imports.keep(transaction, caller.id, digest, transfer.change_of(transaction, caller.id), again)


def _digest(chunks: Iterable[bytes], options: ImportOptions) -> bytes:
    """What tells apart files, the ways to import them, and the programs that read them."""
    how = structs.replace(options, dry_run=False)
    digest = sha256(f"{__version__} {how}".encode())
    for chunk in chunks:
        digest.update(chunk)
    return digest.digest()


# --- out


class Export(Struct, frozen=True, kw_only=True):
    """A file that is about to be written."""

    format: Format
    etag: str  #: changes with the owner's slots and groups, the scope and the way of writing
    pieces: Generator[bytes, None, None]  #: read as the file is written; close it when it is not read to its end


def export_file(store: Store, caller: Account, word: str, *, group: UUID | None, options: WriteOptions) -> Export:
    """The caller's own slots, all or those in an own group, by start, end and uid, in the format with that word.

    Raises NotFound for a group that is not the caller's and for an unknown format, before anything is written.
    """
    format_ = FORMATS.get(word)
    if format_ is None:
        raise NotFound(f"no such format; there are {', '.join(FORMATS)}")
    with store.read() as transaction:
        target = target_of(transaction, caller, group)
        change = transfer.change_of(transaction, caller.id)
    scope = f"{format_.name}:{group or ''}:{options.zone or ''}:{options.extended}:{caller.id}:{change}"
    return Export(
        format=format_,
        etag=blake2b(scope.encode(), digest_size=16).hexdigest(),
        pieces=_written(store, caller, format_, None if target is None else target.id, options),
    )


def _written(
    store: Store, caller: Account, format_: Format, group_id: int | None, options: WriteOptions
) -> Generator[bytes, None, None]:
    with store.read() as transaction:
        if format_.write_keeping is None:
            yield from format_.write(transfer.own_slots(transaction, caller.id, group_id, format_.keeps), options)
            return
        keeper = _Keeper(store, renderings.own_slots(transaction, caller.id, group_id, format_.keeps))
        yield from format_.write_keeping(keeper.slots(), options, keeper.keep)
        keeper.store_all()


class _Keeper:
    """Hands slots to a writer, and stores what it says may stand for them the next time."""

    def __init__(self, store: Store, found: Iterable[Rendering | transfer.Stored]) -> None:
        self._store = store
        self._found = found
        self._current: transfer.Stored | None = None
        self._kept: list[tuple[int, int, Rendering]] = []

    def slots(self) -> Iterator[Slot | Rendering]:
        """What the writer writes."""
        for item in self._found:
            if isinstance(item, Rendering):
                yield item
            else:
                self._current = item
                yield item.slot

    def keep(self, rendering: Rendering) -> None:
        """Take what may stand for the slot that the writer asked for last."""
        if self._current is not None:
            self._kept.append((self._current.id, self._current.version, rendering))
            if len(self._kept) == KEPT_AT_ONCE:
                self.store_all()

    def store_all(self) -> None:
        """Store what was taken, unless somebody else is writing: it is needed the next time only."""
        kept, self._kept = self._kept, []
        if kept:
            self._store.write_if_free(lambda transaction: renderings.keep(transaction, kept))
