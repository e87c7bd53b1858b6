"""One slot: looked at, made, changed, deleted; of a series one date or all (docs/page.md)."""

from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urlencode, urlsplit

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct, structs

from slotport.actions import calendar, series, slot_media, slot_saving, slots
from slotport.api.body import body_of, query_of
from slotport.api.page import slot_form, slot_pictures, slot_words
from slotport.api.page.rendering import Page
from slotport.api.page.slot_times import FLOATING, SlotForm
from slotport.api.timeslot.entries import number_in_path
from slotport.core.account import Account
from slotport.core.entry import Entry, Times
from slotport.core.recurrence import Occurrence
from slotport.errors import Invalid, NotFound, SlotportError
from slotport.settings import Settings
from slotport.storage.store import Store


class NewQuery(Struct, kw_only=True):
    """What the form of a new slot begins with; times are those of the viewer's clocks."""

    title: str = ""
    description: str = ""
    start: str = ""
    end: str = ""
    all_day: bool = False
    group: str = ""
    back: str = ""


class SlotQuery(Struct, kw_only=True):
    """Which date of a series is meant, and where to go back to."""

    occurrence: str = ""
    back: str = ""


class DeleteForm(Struct, kw_only=True):
    """What is to be deleted: one date of a series, or all."""

    occurrence: str = ""
    scope: str = "all"
    back: str = ""


@get("/slots/new", sync_to_thread=True, dependencies={"asked": query_of(NewQuery)})
def show_new(
    asked: NamedDependency[NewQuery],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The form of a new slot."""
    form = slot_form.new_form(page, asked.start, asked.end, all_day=asked.all_day)
    form.title, form.description = asked.title, asked.description
    form.back = _back(page, asked.back)
    group = next(
        (one.group for one in slot_saving.homes(store, caller, None) if str(one.group.uuid) == asked.group), None
    )
    if group is not None:
        form.groups, form.visibility = [asked.group], "public" if group.public else "private"
    return _form(page, store, caller, form, None)


@post("/slots/new", sync_to_thread=True, dependencies={"form": body_of(SlotForm, files=True)})
def make(
    form: NamedDependency[SlotForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Make a slot."""
    return _save(page, store, caller, settings, form, None, now)


@get("/slots/{slot_id:str}", sync_to_thread=True, dependencies={"asked": query_of(SlotQuery)})
def show_slot(
    slot_id: FromPath[str],
    asked: NamedDependency[SlotQuery],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """An own slot in its form; of another person what there is to read."""
    entry = _entry(store, caller, number_in_path(slot_id))
    if entry.owner_id != caller.id:
        return page.show(
            "slot_read.html", entry=entry, lines=slot_words.lines(page, entry), back=_back(page, asked.back)
        )
    times = None
    if asked.occurrence:
        entry, times = _of_series(store, caller, entry, asked.occurrence)
    form = slot_form.form_of(entry, page, times)
    form.back, form.occurrence = _back(page, asked.back), asked.occurrence
    return _form(page, store, caller, form, entry)


@post("/slots/{slot_id:str}", sync_to_thread=True, dependencies={"form": body_of(SlotForm, files=True)})
def change(
    slot_id: FromPath[str],
    form: NamedDependency[SlotForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Change an own slot, or one date of a series."""
    entry = _own(store, caller, number_in_path(slot_id))
    return _save(page, store, caller, settings, form, entry, now)


@get("/slots/{slot_id:str}/delete", sync_to_thread=True, dependencies={"asked": query_of(SlotQuery)})
def ask_to_delete(
    slot_id: FromPath[str],
    asked: NamedDependency[SlotQuery],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The question before a slot goes."""
    entry = _own(store, caller, number_in_path(slot_id))
    return page.show("slot_delete.html", entry=entry, occurrence=asked.occurrence, back=_back(page, asked.back))


@post("/slots/{slot_id:str}/delete", sync_to_thread=True, dependencies={"form": body_of(DeleteForm)})
def delete(
    slot_id: FromPath[str],
    form: NamedDependency[DeleteForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Delete an own slot, with all of its series or one date alone."""
    entry = _own(store, caller, number_in_path(slot_id))
    if form.occurrence and form.scope == "one":
        number, one = series.occurrence(store, caller, entry.id, form.occurrence)
        if one is None:
            series.remove(store, caller, number, now=now)
        else:
            series.exclude(store, caller, entry.id, form.occurrence, now=now)
    else:
        series.remove(store, caller, entry.id, now=now)
    return page.go(page.own_path(form.back, "/app/calendar"), said="slots-deleted")


HANDLERS: list[Any] = [show_new, make, show_slot, change, ask_to_delete, delete, *slot_pictures.HANDLERS]


def _save(
    page: Page, store: Store, caller: Account, settings: Settings, form: SlotForm, entry: Entry | None, now: datetime
) -> Response[Any]:
    """Store what the form says, and go on; what was refused is shown with all that was typed."""
    shown_entry, times = entry, None
    try:
        if entry is not None and form.occurrence:
            shown_entry, times = _of_series(store, caller, entry, form.occurrence)
        if form.image is not None and form.image.size_bytes:
            form.added = [*form.added, slot_pictures.stored(store, caller, settings, form.image, now)]
        slot_media.check_own(store, caller, form.added)
        saving = slot_form.saving_of(form, shown_entry, times)
        if entry is None:
            slot_saving.save(store, caller, None, saving, now=now)
        elif shown_entry is not None and shown_entry.id != entry.id:
            slot_saving.save(store, caller, shown_entry.id, saving, now=now)
        else:
            slot_saving.save(store, caller, entry.id, saving, occurrence=form.occurrence, now=now)
    except Invalid as problem:
        return _form(page, store, caller, form, shown_entry, slot_form.renamed(problem))
    return page.go(page.own_path(form.back, "/app/calendar"), said="slots-saved")


def _form(
    page: Page,
    store: Store,
    caller: Account,
    form: SlotForm,
    entry: Entry | None,
    problem: SlotportError | None = None,
) -> Response[Any]:
    homes = slot_saving.homes(store, caller, None if entry is None else entry.id)
    colours = {one.group.uuid: one.colour for one in calendar.calendars(store, caller)}
    is_series = not form.occurrence and (entry is None or not entry.recurrence_id)
    return page.show(
        "slot.html",
        status_code=200 if problem is None else 422,
        problem=problem,
        form=form,
        entry=entry,
        is_one=bool(form.occurrence) or bool(entry and entry.recurrence_id),
        may_repeat=is_series,
        homes=[(home.group, colours.get(home.group.uuid, 0)) for home in homes],
        zones=slot_form.zones_offered(form, page),
        floating=FLOATING,
        kept_rule="" if entry is None else slot_words.rule(page, entry.rrule),
        media={} if entry is None else slot_words.media(entry),
        options=slot_words.options(page, form),
        link=urlencode({"occurrence": form.occurrence, "back": form.back}),
    )


def _entry(store: Store, caller: Account, slot_id: int) -> Entry:
    """A live slot that the caller may see. Raises NotFound."""
    entry = slots.read(store, caller, slot_id).entry
    if entry.deleted_at is not None:
        raise NotFound("this slot was deleted")
    return entry


def _own(store: Store, caller: Account, slot_id: int) -> Entry:
    entry = _entry(store, caller, slot_id)
    if entry.owner_id != caller.id:
        raise NotFound("there is no such slot")
    return entry


def _of_series(store: Store, caller: Account, entry: Entry, recurrence_id: str) -> tuple[Entry, Times | None]:
    """The slot that stands for the date; else the series, and when that date is."""
    number, one = series.occurrence(store, caller, entry.id, recurrence_id)
    return (_entry(store, caller, number), None) if one is None else (entry, _times_of(entry, one))


def _times_of(entry: Entry, one: Occurrence) -> Times:
    end = None if one.end is None else _instant(one.end)
    return structs.replace(entry.times, start=_instant(one.start), end=end)


def _instant(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)


def _back(page: Page, asked: str) -> str:
    """The path to go to afterwards: of a dialog, the page below it."""
    try:
        address = urlsplit(page.request.headers.get("hx-current-url", "") if page.is_dialog else "")
    except ValueError:  # no address
        address = urlsplit("")
    query = "&".join(part for part in address.query.split("&") if part and not part.startswith("said="))
    below = address.path + (f"?{query}" if query else "")
    return page.own_path(asked or below, "/app/calendar")
