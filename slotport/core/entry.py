"""Entry: a slot as the Timeslot API shows and changes it, with the rules for what may be asked (section 3)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time
from math import isfinite
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType, structs

from slotport.core.account import Account
from slotport.core.group import GroupView, about_alerts, about_text, parsed_uuid
from slotport.core.slot import DESCRIPTION_LENGTH, TITLE_LENGTH, MediaType, Place, Visibility, collapsed, whole_days
from slotport.core.when import instant, shown, zone
from slotport.errors import Invalid, NotFound

PUBLIC_ID_LENGTH = 255
LOCAL_ID_LENGTH = 512
THUMBNAIL_LENGTH = 255
MEDIA_TITLE_LENGTH = 64
RRULE_LENGTH = 2000
LARGEST_POSITION = 32767


class NoteEntry(Struct, frozen=True, kw_only=True):
    """A note as stored."""

    id: int
    title: str
    content: str
    local_id: str | None
    created_at: datetime


class MediaEntry(Struct, frozen=True, kw_only=True):
    """A media reference as stored."""

    id: int
    public_id: str
    media_type: MediaType
    position: int
    duration: float | None
    title: str | None
    local_id: str | None
    thumbnail: str | None
    created_at: datetime


class Times(Struct, frozen=True, kw_only=True):
    """When a slot is. Of a whole day the instants are 00:00 UTC of the first day and of the day after the last."""

    start: datetime
    end: datetime | None  #: None: an open end
    all_day: bool = False
    zone: str | None = None  #: IANA name of the zone whose clocks the times follow; None: UTC
    floating: bool = False  #: the same time on every clock, held as if UTC


class TimeSlotOrigin(Struct, frozen=True, kw_only=True):
    """Of which convention and event a time slot is."""

    event_id: int
    convention_id: int
    convention_slug: str
    convention_title: str


class Entry(Struct, frozen=True, kw_only=True):
    """A slot as one reader sees it, or a convention's time slot that the reader hosts."""

    id: int
    uid: str
    owner_id: int
    title: str
    description: str
    times: Times
    rrule: str
    visibility: Visibility
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    version: int
    place: Place | None
    place_uuid: UUID | None
    creator: Account
    notes: tuple[NoteEntry, ...] = ()  #: oldest first
    media: tuple[MediaEntry, ...] = ()  #: by position
    alerts: str = ""  #: the reader's own; "": none are set
    first_group: GroupView | None = None  #: the earliest of those below
    group_uuids: tuple[UUID, ...] = ()  #: groups that the reader may see, in the order in which they got the slot
    time_slot: TimeSlotOrigin | None = None  #: a convention's time slot, which is for reading only
    recurrence_id: str = ""  #: of which occurrence of a series it stands in the place (core.slot.Slot)


class NoteEdit(Struct, frozen=True, kw_only=True):
    """A note to add, or with ``id`` one to change."""

    id: int | None = None
    title: str | None = None
    content: str | None = None
    local_id: str | None = None


class MediaEdit(Struct, frozen=True, kw_only=True):
    """A media reference to add, or with ``media_id`` one to move."""

    media_id: int | None = None
    media_type: str | None = None
    public_id: str | None = None
    position: int | str | None = None
    local_id: str | None = None
    duration: float | str | None = None
    title: str | None = None
    thumbnail: str | None = None


class SettingsEdit(Struct, frozen=True, kw_only=True):
    """What a person sets for oneself on a slot."""

    alerts: str | None = None


class SlotEdit(Struct, frozen=True, kw_only=True):
    """What a request says of a slot; UNSET is what it does not say."""

    title: str | UnsetType | None = UNSET
    start_date: str | UnsetType | None = UNSET
    end_date: str | UnsetType | None = UNSET
    allday: bool | UnsetType | None = UNSET
    zone: str | UnsetType | None = UNSET  #: not said together with new times: UTC
    floating: bool = False  #: counts if the zone is said
    rrule: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    place: Place | UnsetType | None = UNSET
    notes: Sequence[NoteEdit] = ()
    media: Sequence[MediaEdit] = ()
    settings: SettingsEdit | None = None
    visibility: str | UnsetType | None = UNSET  # on creation only, as the next
    slot_groups: Sequence[str] = ()


class NewMedia(Struct, frozen=True, kw_only=True):
    """A checked media reference; without a position it goes last."""

    public_id: str
    media_type: MediaType
    position: int | None
    duration: float | None
    title: str | None
    local_id: str | None
    thumbnail: str | None


class Checked(Struct, frozen=True, kw_only=True):
    """What a request says, found to be right; None is what it does not say."""

    title: str | None = None
    times: Times | None = None
    rrule: str | None = None
    description: str | None = None
    place: Place | UnsetType | None = UNSET
    notes: Sequence[NoteEdit] = ()  #: titles and contents that are said are not blank
    media: Sequence[NewMedia] = ()
    order: Sequence[MediaEdit] = ()  #: media are moved instead of added
    alerts: str | None = None
    visibility: Visibility | None = None
    group_uuids: Sequence[UUID] = ()  #: each once

    @property
    def says_nothing(self) -> bool:
        """Whether there is nothing to store."""
        return self == Checked(group_uuids=self.group_uuids, visibility=self.visibility)


class _Problems(dict[str, list[str]]):
    def add(self, field: str, text: str | None) -> None:
        if text is not None and text not in self.setdefault(field, []):
            self[field].append(text)

    def raised(self) -> None:
        if found := {field: texts for field, texts in self.items() if texts}:
            raise Invalid(found)


def checked(edit: SlotEdit, before: Times | None) -> Checked:
    """What the edit says of a slot with the times ``before``; None: of a new one.

    Raises Invalid, naming every field that is wrong.
    """
    problems = _Problems()
    is_new = before is None
    times = _times(edit, before, problems)
    media, order = _media(edit.media, problems)
    found = Checked(
        title=_title(edit.title, problems, needed=is_new),
        times=times,
        rrule=_rrule(edit.rrule, problems),
        description=_plain("description", edit.description, DESCRIPTION_LENGTH, problems),
        place=edit.place,
        notes=_notes(edit.notes, problems),
        media=media,
        order=order,
        alerts=_alerts(edit.settings, problems),
        visibility=_visibility(edit.visibility, problems) if is_new else None,
        group_uuids=_uuids(edit.slot_groups, problems) if is_new else (),
    )
    if is_new and order:
        problems.add("media", "media_id is not for a new slot")
    if is_new and any(edit.id is not None for edit in edit.notes):
        problems.add("notes", "id is not for a new slot")
    problems.raised()
    return found


def checked_uuids(texts: Iterable[str] | None) -> list[UUID]:
    """The uuids of groups, each once. Raises Invalid, naming ``slot_groups``."""
    problems = _Problems()
    if texts is None:
        problems.add("slot_groups", "is missing")
    found = _uuids(texts or (), problems)
    problems.raised()
    return found


def _title(text: str | UnsetType | None, problems: _Problems, *, needed: bool) -> str | None:
    if text is UNSET:
        problems.add("title", "is missing" if needed else None)
        return None
    title = collapsed(text or "")
    problems.add("title", about_text(title, TITLE_LENGTH) if title else "must not be blank")
    return title


def _plain(field: str, text: str | UnsetType | None, longest: int, problems: _Problems) -> str | None:
    if text is UNSET:
        return None
    problems.add(field, about_text(text or "", longest))
    return text or ""


def _rrule(text: str | UnsetType | None, problems: _Problems) -> str | None:
    rule = _plain("rrule", text, RRULE_LENGTH, problems)
    if rule is None:
        return None
    rule = rule.strip()
    while rule[:6].upper() == "RRULE:":
        rule = rule[6:].strip()
    if not all(letter.isprintable() for letter in rule):
        problems.add("rrule", "must be one line of text")
    return rule


def _alerts(settings: SettingsEdit | None, problems: _Problems) -> str | None:
    if settings is None or settings.alerts is None:
        return None
    if wrong := about_alerts(settings.alerts):
        problems.add("alerts", wrong)
    return settings.alerts


def _visibility(text: str | UnsetType | None, problems: _Problems) -> Visibility | None:
    if text is UNSET:
        return None
    try:
        return Visibility(text or "")
    except ValueError:
        problems.add("visibility", f"must be one of {', '.join(Visibility)}")
        return None


def _uuids(texts: Iterable[str], problems: _Problems) -> list[UUID]:
    found: dict[UUID, None] = {}
    for text in texts:
        if (uuid := parsed_uuid(text)) is None:
            problems.add("slot_groups", f"{shown(text)} is not a uuid")
        else:
            found[uuid] = None
    return list(found)


# Times


def _times(edit: SlotEdit, before: Times | None, problems: _Problems) -> Times | None:
    """The times after the edit; None if it leaves them as they are."""
    said = (edit.start_date, edit.end_date, edit.allday, edit.zone)
    if before is not None and all(value is UNSET for value in said):
        return None
    if edit.allday is None:
        problems.add("allday", "must be true or false")
    start = _instant("start_date", edit.start_date, problems) or (before.start if before else None)
    if before is None and edit.start_date is UNSET:
        problems.add("start_date", "is missing")
    elif edit.start_date is None or edit.start_date == "":
        problems.add("start_date", "must not be blank")
    end = before.end if before and edit.end_date is UNSET else None
    if edit.end_date:  # null and "" say an open end
        end = _instant("end_date", edit.end_date, problems)
    all_day = edit.allday if isinstance(edit.allday, bool) else bool(before and before.all_day)
    if start is None or problems:
        return None
    if end is not None and (end.date() < start.date() if all_day else end < start):
        problems.add("end_date", "must not be before start_date")
        return None
    if all_day:
        try:
            first, last = whole_days(start, end)
        except OverflowError:
            problems.add("end_date", "must be in the years 1 to 9999")
            return None
        start, end = _midnight(first), _midnight(last)
    if edit.zone is UNSET:
        times = Times(start=start, end=end, all_day=all_day)
        unchanged = before is not None and times == structs.replace(before, zone=None, floating=False)
        return None if unchanged else times
    name = None if all_day or edit.floating else _zone(edit.zone, problems)
    times = Times(start=start, end=end, all_day=all_day, zone=name, floating=edit.floating and not all_day)
    return None if times == before else times


def _zone(name: str | UnsetType | None, problems: _Problems) -> str | None:
    if name is UNSET or not name:
        return None
    try:
        zone(name)
    except ValueError as cause:
        problems.add("zone", str(cause))
    return name


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _instant(field: str, text: str | UnsetType | None, problems: _Problems) -> datetime | None:
    if text is UNSET or not text:
        return None
    try:
        return instant(text)
    except ValueError as cause:
        problems.add(field, str(cause))
        return None


# Notes


def _notes(edits: Sequence[NoteEdit], problems: _Problems) -> Sequence[NoteEdit]:
    for edit in edits:
        for name, text in (("title", edit.title), ("content", edit.content)):
            if text is None:
                problems.add("notes", f"{name} is missing" if edit.id is None else None)
            elif not text.strip():
                problems.add("notes", f"{name} must not be blank")
            elif wrong := about_text(text, len(text)):
                problems.add("notes", f"{name} {wrong}")
        if edit.local_id is not None and (wrong := about_text(edit.local_id, LOCAL_ID_LENGTH)):
            problems.add("notes", f"local_id {wrong}")
    return tuple(edits)


# Media


def _media(edits: Sequence[MediaEdit], problems: _Problems) -> tuple[Sequence[NewMedia], Sequence[MediaEdit]]:
    """The media to add, or those to move in their new order."""
    if edits and edits[0].media_id is not None:
        return (), _order(edits, problems)
    return tuple(found for edit in edits if (found := _new_media(edit, problems))), ()


def _order(edits: Sequence[MediaEdit], problems: _Problems) -> Sequence[MediaEdit]:
    if any(edit.media_id is None for edit in edits):
        problems.add("media", "media_id is missing")
        return ()
    if len({edit.media_id for edit in edits}) < len(edits):
        problems.add("media", "media_id must not be repeated")
    if all(edit.position is None for edit in edits):
        return edits
    positions = [_position(edit.position, problems) for edit in edits]
    if sorted(-1 if at is None else at for at in positions) != list(range(len(edits))):
        problems.add("media", "positions must be 0 and up, without a gap or a repetition")
        return ()
    return [edit for _, edit in sorted(zip(positions, edits, strict=True), key=lambda pair: pair[0] or 0)]


def _new_media(edit: MediaEdit, problems: _Problems) -> NewMedia | None:
    if edit.media_id is not None:
        problems.add("media", "media_id must be given for all or none")
    texts = {
        "public_id": PUBLIC_ID_LENGTH,
        "local_id": LOCAL_ID_LENGTH,
        "title": MEDIA_TITLE_LENGTH,
        "thumbnail": THUMBNAIL_LENGTH,
    }
    for name, longest in texts.items():
        text = getattr(edit, name)
        if text is not None and (wrong := about_text(text, longest)):
            problems.add("media", f"{name} {wrong}")
    if not (edit.public_id or "").strip():
        problems.add("media", "public_id is missing")
    if edit.media_type not in set(MediaType):
        problems.add("media", f"media_type must be one of {', '.join(MediaType)}")
        return None
    return NewMedia(
        public_id=edit.public_id or "",
        media_type=MediaType(edit.media_type),
        position=_position(edit.position, problems),
        duration=_duration(edit.duration, problems),
        title=edit.title,
        local_id=edit.local_id,
        thumbnail=edit.thumbnail,
    )


def _position(value: int | str | None, problems: _Problems) -> int | None:
    if value is None or value == "":
        return None
    number = _number(int, value)
    if number is None or not 0 <= number <= LARGEST_POSITION:
        problems.add("media", f"position must be a whole number from 0 to {LARGEST_POSITION}")
        return None
    return int(number)


def _duration(value: float | str | None, problems: _Problems) -> float | None:
    if value is None or value == "":
        return None
    number = _number(float, value)
    if number is None or not isfinite(number) or number < 0:
        problems.add("media", "duration must be a number of seconds, 0 or more")
        return None
    return float(number)


def _number(kind: Callable[[str], float], value: float | str) -> float | None:
    try:
        return kind(str(value)[:40])
    except ValueError:
        return None


def with_added(media: Sequence[MediaEntry], added: Sequence[NewMedia]) -> tuple[dict[int, int], list[int]]:
    """Where everything is once the media are added one by one: new positions of old ids, positions of the new.

    Without a position a reference goes last; on an occupied one it pushes those from there on up by one.
    """
    positions: dict[int, int] = {item.id: item.position for item in media}
    for number, item in enumerate(added):
        at = max(positions.values(), default=-1) + 1 if item.position is None else item.position
        if at in positions.values():
            positions = {key: old + 1 if old >= at else old for key, old in positions.items()}
        positions[~number] = at  # keys of the new ones are negative
    before = {item.id: item.position for item in media}
    moved = {key: at for key, at in positions.items() if key >= 0 and before[key] != at}
    return moved, [positions[~number] for number in range(len(added))]


def reordered(media: Sequence[MediaEntry], order: Sequence[MediaEdit]) -> dict[int, int]:
    """New positions by id: the media of ``order`` come first, those that it leaves out keep their order after them.

    Raises NotFound for one that is not of the slot.
    """
    known = [item.id for item in media]
    ids = [edit.media_id for edit in order if edit.media_id is not None]
    if not set(ids) <= set(known):
        raise NotFound("the slot has no such media")
    return {key: at for at, key in enumerate([*ids, *(key for key in known if key not in set(ids))])}


def promoted(media: Sequence[MediaEntry], removed: Iterable[int]) -> int | None:
    """The image that becomes the cover (position 0) when the media are removed; None if none has to."""
    gone = set(removed)
    left = [item for item in media if item.id not in gone]
    cover_gone = any(item.position == 0 for item in media if item.id in gone)
    images = [item for item in left if item.media_type is MediaType.IMAGE]
    if not cover_gone or not images or any(item.position == 0 for item in left):
        return None
    return max(images, key=lambda item: (item.position, item.id)).id


def changed_note(note: NoteEntry, edit: NoteEdit) -> NoteEntry:
    """The note after the edit."""
    said = {name: text for name in ("title", "content", "local_id") if (text := getattr(edit, name)) is not None}
    return structs.replace(note, **said)
