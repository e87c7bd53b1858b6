"""Timeslot JSON (docs/formats/timeslot.md): an array of records, compact, instants in UTC with milliseconds."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

import msgspec
from msgspec import UNSET

from slotport.core.slot import (
    NOWHERE,
    GroupRef,
    Media,
    Note,
    Place,
    Problem,
    Slot,
    collapsed,
    is_alerts,
    is_storable,
    short_title,
    whole_days,
)
from slotport.core.when import instant, shown
from slotport.errors import BadText, FormatError
from slotport.formats.checks import Wrong, check_count, no_start, no_title, recurrence_id, zone_name
from slotport.formats.json_records import elements
from slotport.formats.options import ReadOptions, WriteOptions
from slotport.formats.pieces import PIECE_LENGTH
from slotport.formats.timeslot_record import (
    GroupRecord,
    MediaRecord,
    NoteRecord,
    PlaceRecord,
    Record,
    coordinate,
    mended,
    texts,
)
from slotport.formats.timeslot_written import extended_record, written_record

MEDIA_TYPE = "application/json"
#: Slot fields that write, then read, gives back. A field that does not say is written as what it stands for:
#: private, no media, no notes, no place, no alerts.
KEEPS = frozenset(
    {
        "uid", "title", "visibility", "start", "end", "media", "notes", "alerts", "groups", "place", "description",
        "rrule", "recurrence_id", "zone", "floating",
    }
)  # fmt: skip


class _Named(msgspec.Struct):
    uid: msgspec.Raw = msgspec.Raw(b"null")
    title: msgspec.Raw = msgspec.Raw(b"null")


GROUP_TEXT_LENGTH = 255  #: characters of a group's name, image and description each

_named_of = msgspec.json.Decoder(_Named).decode
_record_of = msgspec.json.Decoder(Record).decode
_anything_of = msgspec.json.Decoder().decode
_ESCAPE = re.compile(
    rb"\\(?:u([dD][89abAB])[0-9a-fA-F]{2}(\\u[dD][c-fC-F][0-9a-fA-F]{2})?|u([dD][c-fC-F])|.)", re.DOTALL
)


def fits(head: bytes) -> bool:
    """Whether the file begins as a JSON array does."""
    return head.lstrip(b" \t\r\n").startswith(b"[")


def read(chunks: Iterable[bytes], options: ReadOptions) -> Iterator[Slot | Problem]:
    """Yield in file order each record's slot, or the Problem (index, uid, code, sentence) that it has.

    Raises FormatError, whose line is the record's number from 1, where nothing after it can be read, and BadText
    with the offset of what is not UTF-8, or of the record that has half of a surrogate pair.
    """
    problems = 0
    for index, (offset, element) in enumerate(elements(chunks, "timeslot")):
        record = None
        try:
            try:
                record = _record_of(element)
            except (msgspec.DecodeError, RecursionError):
                record = mended(_decoded(element, index, offset))
            if b"\\u0000" in element:
                _check_texts(element)
            yield _slot(record)
        except Wrong as wrong:
            problems += 1
            check_count("timeslot", index + 1, problems)
            yield _problem(wrong, index, element)


def write(slots: Iterable[Slot], options: WriteOptions) -> Iterator[bytes]:
    """Yield the array in pieces, without white space: a record a slot, in the order of the slots."""
    encode = msgspec.json.Encoder().encode_into
    record_of = extended_record if options.extended else written_record
    held = bytearray(b"[")
    for slot in slots:
        encode(record_of(slot), held, -1)
        held += b","
        if len(held) > PIECE_LENGTH:
            yield bytes(held[:-1])
            del held[:-1]
    if held.endswith(b","):
        del held[-1:]
    held += b"]"
    yield bytes(held)


def _decoded(element: bytes, index: int, offset: int) -> object:
    """Decode an element of any shape; raise for what is not JSON, or not text."""
    if b"\\u" in element and any((found[1] and not found[2]) or found[3] for found in _ESCAPE.finditer(element)):
        raise BadText(offset)
    try:
        return _anything_of(element)
    except msgspec.ValidationError as cause:
        raise Wrong("bad_number", "The record has a number that is out of range.") from cause
    except msgspec.DecodeError as cause:
        raise FormatError("timeslot", index + 1, f"the record is not JSON ({cause})") from cause
    except RecursionError as cause:
        raise FormatError("timeslot", index + 1, "the record is nested too deep") from cause


def _check_texts(element: bytes) -> None:
    if any(not is_storable(text) for text in texts(_anything_of(element))):
        raise Wrong("bad_character", "A text of the record has a NUL character.")


def _problem(wrong: Wrong, index: int, element: bytes) -> Problem:
    uid, title = _identity(element)
    return Problem(
        code=wrong.code, message=wrong.message, outcome=wrong.outcome, index=index, uid=uid or None, title=title or None
    )


def _identity(element: bytes) -> tuple[str | None, str | None]:
    """Find the uid and the title of a record that has something wrong."""
    try:
        found = _named_of(element)
    except (msgspec.DecodeError, RecursionError):
        return None, None  # not even an object
    title = _text_of(found.title)
    return _text_of(found.uid), title and short_title(title)


def _text_of(value: msgspec.Raw) -> str | None:
    try:
        return msgspec.json.decode(value, type=str)
    except msgspec.DecodeError:
        return None


def _slot(record: Record) -> Slot:
    title = short_title(record.title)
    if not title:
        raise no_title()
    start, end = _span(record)
    return Slot(
        title=title,
        start=start,
        end=end,
        uid=record.uid or None,
        recurrence_id=recurrence_id(record.recurrence_id) if record.recurrence_id else "",
        zone=zone_name(record.timezone) if record.timezone else None,
        floating=record.floating,
        visibility=record.visibility,
        description=record.description,
        rrule=_rule(record.rrule) if record.rrule else record.rrule,
        place=None if record.location is UNSET else _place(record.location),
        notes=_notes(record.notes) if record.notes else None if record.notes is None else (),
        media=_media(record.media) if record.media else None if record.media is None else (),
        alerts=None if record.settings is None else _alerts(record.settings[0].alerts) if record.settings else "",
        groups=tuple(map(_group, record.groups)) if record.groups else (),
        icalendar=tuple(record.icalendar) if record.icalendar else None,
    )


def _span(record: Record) -> tuple[datetime, datetime | None] | tuple[date, date | None]:
    if not record.start.strip():
        raise no_start()
    start = _moment("start", record.start)
    end = _moment("end", record.end) if record.end and not record.open_end and not record.end.isspace() else None
    if end is not None and end < start:
        raise Wrong("end_before_start", f"The end {shown(record.end)} is before the start {shown(record.start)}.")
    if not record.allday:
        return start, end
    try:
        first, after = whole_days(start, end)
    except OverflowError as cause:
        raise Wrong("bad_end", "The last day of the slot is the last one there is.") from cause
    return first, None if end is None else after


def _moment(key: str, text: str) -> datetime:
    try:
        return instant(text)
    except ValueError as cause:
        raise Wrong(f"bad_{key}", f"The {key} {cause}.") from cause


def _rule(text: str) -> str:
    return text[6:] if text[:6].upper() == "RRULE:" else text


def _alerts(text: str) -> str:
    if text and not is_alerts(text):
        raise Wrong("bad_alerts", f"The alerts {shown(text)} are not ten characters of 0 and 1.")
    return text


def _notes(records: list[NoteRecord]) -> tuple[Note, ...]:
    """Make the notes, oldest first: the file has the last one first."""
    notes = []
    for record in reversed(records):
        if not record.title.strip() or not record.content.strip():
            raise Wrong("bad_notes", "A note has no title or no content.")
        notes.append(Note(title=record.title, content=record.content, local_id=record.local_id))
    return tuple(notes)


def _media(records: list[MediaRecord]) -> tuple[Media, ...]:
    """Make the media, by position: the file has the last one first."""
    media = []
    for record in reversed(records):
        if record.public_id.isspace():
            raise Wrong("bad_media", "An item of the media has no public_id.")
        media.append(
            Media(
                public_id=record.public_id,
                media_type=record.media_type,
                position=record.position,
                duration=record.duration,
                title=record.title,
                local_id=record.local_id,
                thumbnail=record.thumbnail,
            )
        )
    if len(media) > 1:
        media.sort(key=_position)
    return tuple(media)


def _position(item: Media) -> int:
    return item.position


def _group(record: GroupRecord) -> GroupRef:
    uuid = _uuid(record.uuid) if record.uuid else None
    name = collapsed(record.name)
    if uuid is None and not name:
        raise Wrong("bad_groups", "A group has neither a name nor a well-formed uuid.")
    if max(len(name), len(record.image), len(record.description or "")) > GROUP_TEXT_LENGTH:
        raise Wrong("bad_groups", f"A text of a group has more than {GROUP_TEXT_LENGTH} characters.")
    return GroupRef(uuid=uuid, name=name, image=record.image, public=record.public, description=record.description)


@lru_cache(maxsize=1024)
def _uuid(text: str) -> str | None:
    try:
        return str(UUID(text)) if len(text) == 36 else None
    except ValueError:
        return None


def _place(record: PlaceRecord | None) -> Place:
    if record is None:
        return NOWHERE
    return Place(
        name=_text(record.name) if record.name else None,
        thoroughfare=_text(record.address) if record.address else None,
        sub_thoroughfare=_text(record.sub_thoroughfare) if record.sub_thoroughfare else None,
        locality=_text(record.city) if record.city else None,
        sub_locality=_text(record.sub_locality) if record.sub_locality else None,
        administrative_area=_text(record.administrative_area) if record.administrative_area else None,
        sub_administrative_area=_text(record.sub_administrative_area) if record.sub_administrative_area else None,
        postal_code=_text(record.postalcode) if record.postalcode else None,
        country=_text(record.country) if record.country else None,
        iso_country_code=_text(record.iso_country_code) if record.iso_country_code else None,
        in_land_water=_text(record.in_land_water) if record.in_land_water else None,
        ocean=_text(record.ocean) if record.ocean else None,
        areas_of_interest=_text(record.areas_of_interest) if record.areas_of_interest else None,
        latitude=coordinate(record.latitude, "latitude") if isinstance(record.latitude, str) else record.latitude,
        longitude=coordinate(record.longitude, "longitude") if isinstance(record.longitude, str) else record.longitude,
        place_id=_text(record.place_id) if record.place_id else None,
        private_location=record.private_location,
    )


def _text(text: str) -> str | None:
    return None if text.isspace() else text
