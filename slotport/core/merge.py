"""What an imported record makes of the slot that is stored: the rules of docs/api/timeslot-import.md."""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import structs

from slotport.core.slot import DESCRIPTION_LENGTH, Note, Place, Slot, names_no_place

DESCRIPTION_NOTE = "Description"  #: title of the note that takes a description too long for its field

_encode = msgspec.msgpack.Encoder().encode


def content_hash(record: Slot) -> bytes:
    """16 bytes that tell records apart by all that they say, except when they were written (DTSTAMP) and their line."""
    said = (
        record.title,
        record.start,
        record.end,
        record.zone,
        record.floating,
        record.visibility,
        record.description,
        record.rrule,
        record.icalendar,
        record.sequence,
        record.modified,
        record.place,
        record.notes,
        record.media,
        record.alerts,
        record.groups,
        # a tuple that is empty says "none", None says nothing
        record.notes is None,
        record.media is None,
    )
    return blake2b(_encode(said), digest_size=16).digest()


def derived_uid(digest: bytes, number: int) -> str:
    """The uid of a record that has none, from its content; ``number`` tells its equals in one file apart, from 0."""
    uid = f"slotport-{digest.hex()}"
    return uid if number == 0 else f"{uid}-{number}"


def is_older(record: Slot, sequence: int, modified: datetime | None, stamped: datetime | None) -> bool:
    """Whether the record is older than what has these marks: by SEQUENCE, LAST-MODIFIED, then DTSTAMP."""
    if record.sequence != sequence:
        return record.sequence < sequence
    if record.modified is not None and modified is not None and record.modified != modified:
        return record.modified < modified
    return record.stamped is not None and stamped is not None and record.stamped < stamped


def as_new(record: Slot) -> Slot:
    """The slot that a record makes where there was none; what it does not say is stored as empty or private."""
    description = record.description
    if description is not None and len(description) > DESCRIPTION_LENGTH:
        record = structs.replace(record, description="", notes=_with_description(record.notes or (), description))
    if record.place is not None and names_no_place(record.place):
        record = structs.replace(record, place=None)
    return record


def merged(stored: Slot, record: Slot, keeps: frozenset[str]) -> Slot:
    """The stored slot after an import of the record, in a format that carries the fields in ``keeps``.

    What the record does not say, and what its format cannot carry, stays.
    """
    description = stored.description if record.description is None else record.description
    notes = stored.notes or ()
    if record.notes is not None:
        notes = record.notes
    if description and len(description) > DESCRIPTION_LENGTH:
        notes = _with_description(notes, description)
        description = ""
    stamps = "sequence" in keeps
    if stamps:  # a format of whole seconds does not take the milliseconds away
        record = structs.replace(record, start=_finer(stored.start, record.start), end=_finer(stored.end, record.end))
    same_times = (record.start, record.end) == (stored.start, stored.end)
    return Slot(
        title=record.title,
        start=record.start,
        end=record.end,
        uid=stored.uid or record.uid,
        recurrence_id=stored.recurrence_id or record.recurrence_id,
        zone=stored.zone if same_times and (record.zone is None or "zone" not in keeps) and not stamps else record.zone,
        floating=stored.floating if same_times and "floating" not in keeps else record.floating,
        visibility=record.visibility or stored.visibility,
        description=description,
        rrule=stored.rrule if record.rrule is None else record.rrule,
        place=_place(stored.place, record.place, whole="place" in keeps),
        notes=notes,
        media=stored.media if record.media is None else record.media,
        alerts=stored.alerts if record.alerts is None else record.alerts,
        icalendar=stored.icalendar if record.icalendar is None else record.icalendar,
        sequence=record.sequence if stamps else stored.sequence,
        modified=record.modified if stamps else stored.modified,
        stamped=record.stamped if stamps else stored.stamped,
    )


def _finer(stored: datetime | date | None, said: datetime | date | None) -> Any:
    """What is stored, if it is the same to the second."""
    if isinstance(stored, datetime) and isinstance(said, datetime) and stored.replace(microsecond=0) == said:
        return stored
    return said


def _place(stored: Place | None, said: Place | None, *, whole: bool) -> Place | None:
    """The place after an import; a format that carries its name only does not take the rest away."""
    if said is None or (not whole and stored is not None and stored.name == said.name):
        return stored
    return None if names_no_place(said) else said


def _with_description(notes: Sequence[Note], text: str) -> tuple[Note, ...]:
    """The notes with the text in the one titled ``Description``, which comes last if there was none."""
    kept = [note for note in notes if note.title != DESCRIPTION_NOTE]
    return (*kept, Note(title=DESCRIPTION_NOTE, content=text))


def is_same(one: Slot, other: Slot) -> bool:
    """Whether nothing would change if the one took the other's place; when each was written does not count."""
    return structs.replace(one, groups=(), line=0, stamped=None) == structs.replace(
        other, groups=(), line=0, stamped=None
    )
