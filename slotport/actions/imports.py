"""What surrounds an import: what a file seems to be, which imports there were, and undoing one.

Importing and previewing itself is in ``files`` (docs/api/timeslot-import.md).
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import islice
from pathlib import Path

from msgspec import Struct

from slotport.actions.report import PROBLEMS_KEPT
from slotport.actions.texts import Utf8, beginning
from slotport.core.account import Account
from slotport.core.import_log import LoggedImport, Undone
from slotport.core.slot import Outcome, Problem, Slot
from slotport.errors import BadText, Invalid, NotFound, SlotportError, Unauthorized, UnknownFormat
from slotport.formats import HEAD_BYTES, ReadOptions, recognised
from slotport.formats.options import DateOrder
from slotport.storage import accounts, groups, imports
from slotport.storage.store import Store, Transaction

CHUNK_BYTES = 256 * 1024
SAMPLES = 3
#: charsets to try on what is not UTF-8; the last one takes anything
GUESSES = ("windows-1252", "iso-8859-1")


class FileChunks:
    """The bytes of a file on disk, from the start each time they are asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk


class Recognised(Struct, frozen=True, kw_only=True):
    """What a file seems to be."""

    format: str  #: of formats.FORMATS
    encoding: str
    is_encoding_guessed: bool  #: it is not UTF-8 and does not say what it is: to be said when it is imported
    date_order: DateOrder | None  #: of slash dates; None where the format has none
    is_date_order_ambiguous: bool  #: every slash date fits both orders: somebody should be asked


def recognise(chunks: Iterable[bytes], encoding: str | None = None) -> Recognised:
    """Look at a file that is to be imported; ``chunks`` may be walked more than once, and are walked to their end.

    Raises Invalid for an empty file and for an encoding that is none, BadText, UnknownFormat; FormatError where the
    file cannot be read on.
    """
    text = Utf8(chunks, encoding)
    if not beginning(text, HEAD_BYTES).strip():
        raise Invalid.of("file", "is empty")
    guessed = None
    try:
        text.check()
    except BadText:
        guessed = _guessed(chunks) if encoding is None and text.encoding == "utf-8" else None
        if guessed is None:
            raise
        text = Utf8(chunks, guessed)
    format_ = recognised(beginning(text, HEAD_BYTES))
    order = None if format_.date_order is None else format_.date_order(text)
    return Recognised(
        format=format_.name,
        encoding=encoding or guessed or text.encoding,
        is_encoding_guessed=guessed is not None,
        date_order=None if order is None else order[0],
        is_date_order_ambiguous=order is not None and order[1],
    )


def dates_as(chunks: Iterable[bytes], encoding: str | None, order: DateOrder) -> list[Slot]:
    """The first slots of a file as they are if its slash dates have that order: so people can tell which it is."""
    text = Utf8(chunks, encoding)
    slots: list[Slot] = []
    with suppress(SlotportError):  # the file is broken further down
        found = recognised(beginning(text, HEAD_BYTES)).read(text, ReadOptions(date_order=order))
        slots.extend(islice((slot for slot in found if isinstance(slot, Slot)), SAMPLES))
    return slots


def _guessed(chunks: Iterable[bytes]) -> str | None:
    """The charset in which the bytes are text; None if they are of no known format in it."""
    name = next(name for name in GUESSES if Utf8(chunks, name).is_text())
    try:
        recognised(beginning(Utf8(chunks, name), HEAD_BYTES))
    except UnknownFormat:
        return None
    return name


def recent(store: Store, caller: Account, *, now: datetime) -> list[LoggedImport]:
    """The caller's imports of the last 30 days that stored something, newest first; at most 1,000."""
    with store.read() as transaction:
        return imports.recent(transaction, caller.id, now)


def undo(store: Store, caller: Account, import_id: int, *, now: datetime) -> Undone:
    """Give back what the import changed, in one transaction; a slot that was changed since is left alone.

    Raises NotFound for an import that is unknown, not the caller's or older than 30 days; Invalid if it was undone.
    """
    with store.write() as transaction:
        _ = transaction.change  # the first lock: of two at once, the second finds it undone
        if not accounts.is_live(transaction, caller.id):
            raise Unauthorized("the account was deleted")
        done = imports.find_import(transaction, caller.id, import_id, now)
        if done is None:
            raise NotFound("there is no such import of the last 30 days")
        if done.undone:
            raise Invalid.of("import", "was undone already")
        undone = Undone(problems=[])
        _restore(transaction, caller, done, undone, now)
        _remove(transaction, caller, done, undone, now)
        groups.remove(transaction, imports.new_empty_groups(transaction, done, caller.id), now)
        imports.mark_undone(transaction, import_id, now)
        accounts.mark_changed(transaction, [caller.id])
    return undone


def _restore(transaction: Transaction, caller: Account, done: imports.Imported, undone: Undone, now: datetime) -> None:
    """Make the slots that the import changed what they were."""
    for batch in imports.changed_slots(transaction, done):
        intact = [changed for changed in batch if changed.left is None]
        left = [changed.left for changed in batch if changed.left is not None]
        _leave(undone, left, len(left))
        if intact:
            imports.give_back(transaction, caller.id, intact, now)
            imports.mark_restored(transaction, done.id, [changed.before.slot_id for changed in intact])
            undone.restored += len(intact)


def _remove(transaction: Transaction, caller: Account, done: imports.Imported, undone: Undone, now: datetime) -> None:
    """Delete the slots that the import created."""
    left = imports.changed_new_slots(transaction, done, caller.id, PROBLEMS_KEPT)
    _leave(undone, left, imports.count_changed_new_slots(transaction, done, caller.id))
    undone.removed += imports.remove_new_slots(transaction, done, caller.id, now)


def _leave(undone: Undone, left: list[imports.Left], count: int) -> None:
    undone.left += count
    undone.problems += [
        Problem(
            code="changed_since",
            message="The slot was changed after the import, and is left as it is.",
            outcome=Outcome.SKIPPED,
            uid=slot.uid,
            title=slot.title,
        )
        for slot in left[: PROBLEMS_KEPT - len(undone.problems)]
    ]
