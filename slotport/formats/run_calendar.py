"""The calendar formats as a run wants them: of slots and of conventions' time slots (docs/formats/objects.md).

What a slot becomes here is what a plain export writes of it; the options of the run come on top.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, time

from msgspec import Struct, structs

from slotport.core.convention import Convention, EventStatus, TimeSlot
from slotport.core.deletion import Deletion
from slotport.core.export import IcalOptions, OutlookOptions, ScheduleOptions, TimeslotOptions
from slotport.core.export_fields import ObjectType
from slotport.core.exported import Exported, MediaItem
from slotport.core.feed import Listed
from slotport.core.file_names import clean_name
from slotport.core.slot import Place, Slot
from slotport.formats import feed, icalendar, outlook, schedule, schedule_json, schedule_xml, timeslot
from slotport.formats.calendar_parts import boundary
from slotport.formats.calendar_text import FOOT, EventWriter, head_text, texts
from slotport.formats.content_line import ContentLine, escaped, rendered
from slotport.formats.options import WriteOptions
from slotport.formats.pieces import pieces
from slotport.formats.zones import is_utc

#: the media type of each file, by the word in ``export``
MEDIA_TYPES = {
    "ical": icalendar.MEDIA_TYPE,
    "outlook": outlook.MEDIA_TYPE,
    "timeslot": timeslot.MEDIA_TYPE,
    "schedule_xml": schedule_xml.MEDIA_TYPE,
    "schedule_json": schedule_json.MEDIA_TYPE,
}
CALENDAR = "calendar.ics"
HELD_BYTES = 16 * 1024 * 1024  #: of the calendars of groups, before they are handed over

_REPEATING = ("RRULE", "RDATE", "EXRULE", "EXDATE")


class Head(Struct, frozen=True, kw_only=True):
    """What calendars need to know besides their objects."""

    name: str  #: of the export
    server: str  #: what addresses in the files begin with
    now: datetime  #: DTSTAMP
    owner_zone: str = "UTC"  #: IANA name
    asset_url: Callable[[int, str], str] = "/api/v1/eas/download/{}/{}".format  #: of an asset's version


# calendar.ics


def calendar(
    objects: Iterable[Exported], options: IcalOptions, head: Head, *, deleted: Iterable[Deletion] = ()
) -> Iterator[bytes]:
    """Yield one calendar in pieces: slots and time slots in their order, then what was deleted, as cancelled."""
    lines = _head_lines(options, head)
    return pieces(texts(_slots(objects, options, head, deleted), WriteOptions(now=head.now), head=lines))


def calendars_of_groups(
    objects: Iterable[Exported],
    options: IcalOptions,
    head: Head,
    *,
    flat: bool = False,
    deleted: Iterable[Deletion] = (),
) -> Iterator[tuple[str, bytes]]:
    """Yield pieces of one calendar a group, each with the path of its file: who calls appends it to that.

    A slot stands in the file of each of its groups; what is in no group, and what was deleted, in ``calendar.ics``,
    which is there in any case.
    """
    lines = head_text(_head_lines(options, head))
    open_files = {CALENDAR: _OpenFile(lines, head.now)}
    held = 0
    for one in objects:
        slot = event_of(one, options, head)
        if slot is None:
            continue
        for path in calendar_paths(one, flat=flat):
            if path not in open_files:
                open_files[path] = _OpenFile(lines, head.now)
            held += open_files[path].add(slot)
        if held > HELD_BYTES:
            held = 0
            yield from _taken(open_files)
    for gone in deleted:
        if (slot := cancelled(gone)) is not None:
            open_files[CALENDAR].add(slot)
    for file in open_files.values():
        file.end()
    yield from _taken(open_files)


def calendar_paths(one: Exported, *, flat: bool = False) -> Sequence[str]:
    """The files in which the object stands if there is one a group; none for what no calendar holds."""
    if one.time_slot is None and one.slot is None:
        return ()
    sign = "-" if flat else "/"
    return [f"calendar{sign}{group.uuid}.ics" for group in one.groups] or [CALENDAR]


class _OpenFile:
    """A calendar that is written in turns with others."""

    def __init__(self, head: str, now: datetime) -> None:
        self._held = [head.encode()]
        self._writer = EventWriter(WriteOptions(now=now))

    def add(self, slot: Slot) -> int:
        """Write an event; how many bytes it takes."""
        event = self._writer.event(slot).encode()
        self._held.append(event)
        return len(event)

    def end(self) -> None:
        self._held.append(FOOT.encode())

    def take(self) -> bytes:
        """What was written since it was last asked for."""
        found = b"".join(self._held)
        self._held.clear()
        return found


def _taken(files: dict[str, _OpenFile]) -> Iterator[tuple[str, bytes]]:
    for path, file in files.items():
        if piece := file.take():
            yield path, piece


def _head_lines(options: IcalOptions, head: Head) -> list[str]:
    if options.dialect != "google":
        return []
    return [f"X-WR-CALNAME:{escaped(head.name)}", f"X-WR-TIMEZONE:{head.owner_zone}"]


def _slots(
    objects: Iterable[Exported], options: IcalOptions, head: Head, deleted: Iterable[Deletion]
) -> Iterator[Slot]:
    is_plain = options.timezone is None and options.alarms and options.attach == "none"
    for one in objects:
        if is_plain and one.slot is not None:
            yield one.slot
        elif (slot := event_of(one, options, head)) is not None:
            yield slot
    for gone in deleted:
        if (slot := cancelled(gone)) is not None:
            yield slot


def event_of(one: Exported, options: IcalOptions, head: Head) -> Slot | None:
    """What a calendar says of the object; None for what is neither slot nor time slot."""
    if one.time_slot is not None:
        assert one.of_convention is not None  # noqa: S101 # a time slot is of one
        told = _time_slot_event(one.time_slot, one.of_convention, head.server)
        return told if options.timezone is None else _in_zone(told, options.timezone)
    slot = one.slot
    if slot is None:
        return None
    if not options.alarms and slot.icalendar:
        slot = _without_alarms(slot)
    if options.attach == "uri" and one.media:
        slot = _with_attachments(slot, one.media, head)
    if options.timezone is not None:
        slot = _in_zone(slot, options.timezone)
    return slot


def cancelled(gone: Deletion) -> Slot | None:
    """What a calendar says of something that was deleted; None where it says nothing."""
    if gone.slot is None or gone.reason != "deleted":
        return None
    return structs.replace(gone.slot, icalendar=("STATUS:CANCELLED",))


def _time_slot_event(slot: TimeSlot, convention: Convention, server: str) -> Slot:
    changed_at = max(slot.updated_at, slot.event.updated_at)
    is_off = slot.is_cancelled or slot.event.status is EventStatus.CANCELLED
    listed = Listed(slot=slot, convention=convention, changed_at=changed_at, hidden_at=changed_at if is_off else None)
    return feed.time_slot_event(listed, server)


def _without_alarms(slot: Slot) -> Slot:
    """The slot without the VALARM components that came with it."""
    kept: list[str] = []
    depth = 0  # of components within an alarm, itself too
    for line in slot.icalendar or ():
        word, name = boundary(line) or ("", "")
        if depth or (word == "BEGIN" and name == "VALARM"):
            depth += {"BEGIN": 1, "END": -1}.get(word, 0)
        else:
            kept.append(line)
    return slot if len(kept) == len(slot.icalendar or ()) else structs.replace(slot, icalendar=tuple(kept))


def _with_attachments(slot: Slot, media: Sequence[MediaItem], head: Head) -> Slot:
    """The slot with a link to each uploaded file, before all else that came with it; a link it has is not repeated."""
    known = frozenset(slot.icalendar or ())
    lines = []
    for item in media:
        if item.asset is not None:
            parameters = (("FMTTYPE", (item.asset.media_type,)), ("FILENAME", (item.asset.original_filename,)))
            lines.append(rendered(ContentLine("ATTACH", parameters, head.asset_url(item.asset.id, "original"))))
    new = [line for line in dict.fromkeys(lines) if line not in known]
    return structs.replace(slot, icalendar=(*new, *(slot.icalendar or ()))) if new else slot


def _in_zone(slot: Slot, zone: str) -> Slot:
    """The slot with its times on the zone's clock, if they would be written in UTC and it does not repeat.

    A series follows its own clock: in another zone its occurrences would be others.
    """
    is_in_utc = (slot.zone is None or is_utc(slot.zone)) and not slot.floating
    if not is_in_utc or not isinstance(slot.start, datetime):
        return slot
    if slot.rrule or slot.recurrence_id or any(line.upper().startswith(_REPEATING) for line in slot.icalendar or ()):
        return slot
    return structs.replace(slot, zone=zone)


# outlook.csv, timeslot.json


def outlook_csv(objects: Iterable[Exported], options: OutlookOptions) -> Iterator[bytes]:
    """Yield the file in pieces: slots and time slots in their order."""
    return outlook.write(_records(objects), WriteOptions(zone=options.timezone))


def _records(objects: Iterable[Exported]) -> Iterator[Slot]:
    for one in objects:
        if one.slot is not None:
            yield one.slot
        elif one.time_slot is not None:
            yield _time_slot_record(one.time_slot)


def _time_slot_record(slot: TimeSlot) -> Slot:
    places = ", ".join(place.title for place in slot.locations)
    return Slot(
        uid=str(slot.guid),
        title=slot.event.title,
        start=slot.start,
        end=slot.end,
        place=Place(name=places) if places else None,
        description=slot.event.teaser or None,
    )


def timeslot_json(objects: Iterable[Exported], options: TimeslotOptions) -> Iterator[bytes]:
    """Yield the file in pieces: the slots in their order."""
    slots = (one.slot for one in objects if one.slot is not None)
    return timeslot.write(slots, WriteOptions(extended=options.extended))


# schedule/<slug>.xml and .json


def schedule_conventions(objects: Iterable[Exported]) -> list[Convention]:
    """The conventions whose time slots are among the objects, by id: each has a schedule."""
    found = {
        one.of_convention.id: one.of_convention
        for one in objects
        if one.type is ObjectType.TIMESLOT and one.of_convention is not None
    }
    return [found[number] for number in sorted(found)]


def schedule_path(convention: Convention, word: str, *, flat: bool = False) -> str:
    """Where a convention's schedule stands; ``word`` is ``xml`` or ``json``.

    A slug that is no safe file name, or may be taken for another, is followed by ``~`` and the id.
    """
    name = clean_name(convention.slug, fallback="convention")
    if name != convention.slug or name != name.lower() or "~" in name:
        name = f"{name}~{convention.id}"
    return f"schedule{'-' if flat else '/'}{name}.{word}"


def schedule_file(
    objects: Iterable[Exported],
    convention: Convention,
    word: str,
    options: ScheduleOptions,
    head: Head,
    *,
    generator_version: str,
) -> Iterator[bytes]:
    """Yield a convention's schedule in pieces: of the objects those that are its time slots, by start and id.

    The time slots of the convention are held meanwhile. Those that ``has_no_entry`` are left out.
    """
    slots = [
        one.time_slot
        for one in objects
        if one.time_slot is not None and one.of_convention is not None and one.of_convention.id == convention.id
    ]
    slots.sort(key=lambda slot: (slot.start, slot.id))
    hours, _, minutes = options.day_start.partition(":")
    write = schedule_xml.write if word == "xml" else schedule_json.write
    return write(
        schedule.Head(
            convention=convention,
            base_url=feed.base_url_of(head.server, convention),
            generator_version=generator_version,
            day_start=time(int(hours), int(minutes)),
        ),
        slots,
    )


def has_no_entry(one: Exported) -> bool:
    """Whether it is a time slot that schedule files have no room for."""
    return one.time_slot is not None and not schedule.fits(one.time_slot)
