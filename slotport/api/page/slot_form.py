"""The form of a slot: what stands in it, and what it says (docs/page.md)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from msgspec import structs

from slotport.actions.slot_saving import Saving
from slotport.api.page import slot_times
from slotport.api.page.rendering import Page
from slotport.api.page.slot_times import FLOATING, SlotForm
from slotport.api.timeslot.places import LocationForm, place_of
from slotport.core import simple_rule
from slotport.core.entry import Entry, MediaEdit, NoteEdit, NoteEntry, SettingsEdit, SlotEdit, Times
from slotport.core.group import NO_ALERTS
from slotport.core.rrule import WEEKDAYS
from slotport.core.simple_rule import Every, SimpleRule
from slotport.core.slot import Place, names_no_place
from slotport.core.when import moved
from slotport.errors import Invalid

KEPT = "kept"  #: a rule that the form cannot say stays as it is
PLACE = [name for name in Place.__struct_fields__ if name not in ("private_location", "place_id")]
MOST_NOTES = 200
MOST_PICTURES = 50
_FIELDS = {"start_date": "start_day", "end_date": "end_day", "settings": "alerts", "location": "place"}


def new_form(page: Page, start: str, end: str, *, all_day: bool) -> SlotForm:
    """An empty form for ``start`` to ``end``: texts such as 2031-05-06T09:00 of the viewer's clocks; "": soon."""
    now = page.now().replace(tzinfo=None, minute=0, second=0, microsecond=0)
    begins = slot_times.typed(start) or now + timedelta(hours=1)
    ends = slot_times.typed(end) or moved(begins, timedelta(hours=0 if all_day else 1))
    if all_day and end and ends > begins:
        ends = moved(ends, timedelta(days=-1))  # the day after the last was said
    form = SlotForm(all_day=all_day, zone=page.zone.key)
    slot_times.walls(form, begins, ends)
    return form


def form_of(entry: Entry, page: Page, times: Times | None = None) -> SlotForm:
    """What stands in the form of a slot; ``times``: of the occurrence that is meant."""
    shown = times or entry.times
    name = zone_of(entry.times, page)
    start, end = (
        slot_times.wall(shown.start, name),
        slot_times.wall(shown.end or moved(shown.start, timedelta(hours=1)), name),
    )
    if shown.all_day:
        end = max(start, moved(end, timedelta(days=-1)))
    alerts = entry.alerts or NO_ALERTS
    form = SlotForm(
        title=_line(entry.title),
        all_day=shown.all_day,
        open_end=shown.end is None,
        zone=name,
        description=_lines(entry.description),
        visibility=entry.visibility,
        groups=[str(uuid) for uuid in entry.group_uuids],
        place={name: _shown(getattr(entry.place or Place(), name)) for name in PLACE},
        alerts=[str(number) for number, sign in enumerate(alerts) if sign == "1"],
        note_id=[str(note.id) for note in entry.notes],
        note_title=[_line(note.title) for note in entry.notes],
        note_content=[_lines(note.content) for note in entry.notes],
    )
    slot_times.walls(form, start, end)
    _fill_rule(form, simple_rule.read(entry.rrule, entry.times))
    return form


def zone_of(times: Times, page: Page) -> str:
    """The zone whose clocks the form shows: the slot's own, else the viewer's."""
    if times.floating:
        return FLOATING
    return times.zone or page.zone.key


def saving_of(form: SlotForm, entry: Entry | None, shown: Times | None = None) -> Saving:
    """What the form says, without what it leaves as it is. ``shown``: the times that stood in it, if not the slot's.

    Raises Invalid, naming the form's fields.
    """
    problems: dict[str, list[str]] = {}
    before = shown or (None if entry is None else entry.times)
    times = slot_times.read(form, before, problems)
    said: dict[str, Any] = _texts(form, entry)
    try:
        place = place_of(_place(form, entry))
        if place != (None if entry is None or names_no_place(entry.place) else entry.place):
            said["place"] = place
    except Invalid as problem:
        problems["place"] = problem.fields["location"]
    if times is not None:
        said |= slot_times.said_of(times, before)
        rule = _rule(form, entry, times, problems)
        if rule is not None and rule != ("" if entry is None else entry.rrule):
            said["rrule"] = rule
    alerts = "".join("1" if str(number) in form.alerts else "0" for number in range(len(NO_ALERTS)))
    if alerts != ((entry.alerts if entry else "") or NO_ALERTS):
        said["settings"] = SettingsEdit(alerts=alerts)
    said["notes"] = _notes(form, entry, problems)
    if len(form.added) > MOST_PICTURES:
        problems["image"] = [f"are more than {MOST_PICTURES} at once"]
    said["media"] = [MediaEdit(media_type="image", public_id=public_id) for public_id in dict.fromkeys(form.added)]
    if problems:
        raise Invalid(problems)
    return Saving(
        edit=SlotEdit(**said),
        visibility=form.visibility,
        groups=form.groups,
        removed_notes=_gone(form.note_gone, [] if entry is None else [note.id for note in entry.notes]),
        removed_media=_gone(form.media_gone, [] if entry is None else [item.id for item in entry.media]),
    )


def renamed(problem: Invalid) -> Invalid:
    """What an action says of a slot's fields, by the names of the form's."""
    return Invalid({_FIELDS.get(name, name): list(texts) for name, texts in problem.fields.items()})


# Recurrence


def _fill_rule(form: SlotForm, rule: SimpleRule | None) -> None:
    if rule is None:
        form.every = KEPT
        return
    form.every, form.interval = rule.every, str(rule.interval)
    form.weekdays = [WEEKDAYS[day] for day in rule.weekdays]
    form.ends = "until" if rule.until else "count" if rule.count else "never"
    form.until = "" if rule.until is None else rule.until.isoformat()
    form.count = "" if rule.count is None else str(rule.count)


def _rule(form: SlotForm, entry: Entry | None, times: Times, problems: dict[str, list[str]]) -> str | None:
    """The rule as text; None if it stays as it is."""
    if form.every == KEPT or form.occurrence or (entry is not None and entry.recurrence_id):
        return None
    if form.every not in set(Every):
        problems["every"] = [f"must be one of {', '.join(Every)}"]
        return None
    until = count = None
    if form.every != Every.NEVER and form.ends == "until":
        until = slot_times.day(form.until, "until", problems)
    elif form.every != Every.NEVER and form.ends == "count":
        count = _number(form.count, "count", problems)
    rule = SimpleRule(
        every=Every(form.every),
        interval=1 if form.every == Every.NEVER else _number(form.interval, "interval", problems),
        weekdays=tuple(n for n, day in enumerate(WEEKDAYS) if day in form.weekdays) if form.every == "week" else (),
        until=until,
        count=count,
    )
    if problems:
        return None
    if entry is not None and entry.rrule and simple_rule.read(entry.rrule, entry.times) == rule:
        clock = simple_rule.clock_of(times)
        is_same_day = clock.wall(times.start).date() == simple_rule.clock_of(entry.times).wall(entry.times.start).date()
        if is_same_day and times.all_day == entry.times.all_day:
            return None
    return simple_rule.write(rule, times)


def _number(text: str, field: str, problems: dict[str, list[str]]) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= simple_rule.MOST:
        return int(text[:9])
    problems[field] = [f"must be a number from 1 to {simple_rule.MOST}"]
    return 1


# Texts


def _texts(form: SlotForm, entry: Entry | None) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if entry is None or form.title != _line(entry.title):
        said["title"] = form.title
    if _lines(form.description) != ("" if entry is None else _lines(entry.description)):
        said["description"] = _lines(form.description)
    return said


def _place(form: SlotForm, entry: Entry | None) -> LocationForm:
    before = (entry.place if entry is not None else None) or Place()
    values: dict[str, Any] = structs.asdict(before)
    for name in PLACE:
        typed = form.place.get(name, "")
        if typed != _shown(values[name]):
            values[name] = typed.strip() or None
    return LocationForm(**values)


def _notes(form: SlotForm, entry: Entry | None, problems: dict[str, list[str]]) -> Sequence[NoteEdit]:
    known: dict[str, NoteEntry] = {} if entry is None else {str(note.id): note for note in entry.notes}
    edits: list[NoteEdit] = []
    for number, title, typed in form.notes:
        content, before = _lines(typed), known.get(number)
        if number in form.note_gone or not (number or title.strip() or content.strip()):
            continue
        if before is None:
            if number:
                problems["notes"] = ["were changed elsewhere meanwhile; open the slot again"]
            edits.append(NoteEdit(title=title, content=content))
        elif (title, content) != (_line(before.title), _lines(before.content)):
            edits.append(NoteEdit(id=before.id, title=title, content=content))
    if len(edits) > MOST_NOTES:
        problems["notes"] = [f"are more than {MOST_NOTES} at once"]
    return edits


def _gone(texts: Sequence[str], known: Sequence[int]) -> list[int]:
    """Those of the ids that were ticked and are there still."""
    return [number for number in known if str(number) in texts]


def _line(text: str) -> str:
    """A text as a field of one line has it."""
    return "".join(text.splitlines()) if "\n" in text or "\r" in text else text


def _lines(text: str) -> str:
    """A text with the ends of lines that are stored, whatever a browser sends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _shown(value: str | float | None) -> str:
    if value is None:
        return ""
    return _line(value) if isinstance(value, str) else repr(value)


def zones_offered(form: SlotForm, page: Page) -> list[str]:
    """The zones that the form offers, the one that it has first."""
    return list(dict.fromkeys([form.zone or page.zone.key, page.zone.key, "UTC"]))
