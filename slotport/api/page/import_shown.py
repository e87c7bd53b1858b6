"""What the pages of an import show: values as people read them, and the choice that a form says."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from slotport.actions.files import Progress
from slotport.actions.import_listings import CHOSEN, KINDS, UNLISTED, Choice, ListedRecord, Listing
from slotport.actions.import_uploads import Previewed
from slotport.api.page.rendering import Page
from slotport.api.page.texts import Texts
from slotport.core.slot import Slot
from slotport.errors import BadText, FormatError, Invalid, NotFound, SlotportError, TooLarge, UnknownFormat

PAGE = 50  #: records shown at a time
PROBLEMS = 100  #: records of one kind in a report
UNFINISHED = ("no_title", "no_start")  #: what a person can put right of records that are left out
LISTS = tuple(kind for kind in KINDS if kind != UNLISTED)
_NUMBER = re.compile(r"[0-9]{1,9}")
#: of slots/new
REPAIRABLE = ("start", "end", "all_day", "description")


class ChoiceForm(Struct, kw_only=True):
    """What the form of a preview says."""

    go: str = ""  #: import, find, all, none; or ``<kind>:<page>`` to look at
    at: str = ""  #: what is looked at: ``<kind>:<page>``
    find: str = ""
    on: str = ""  #: kinds that are chosen as a whole
    exceptions: str = ""  #: numbers of records that are not shown
    shown: str = ""  #: of those that are
    pick: list[str] | None = None  #: of those of them that are chosen


class Shown(Struct, frozen=True, kw_only=True):
    """What is looked at, and chosen."""

    kind: str
    page: int
    find: str
    choice: Choice


class Row(Struct, frozen=True, kw_only=True):
    """A record as it is shown."""

    record: ListedRecord
    when: str
    is_chosen: bool
    changes: list[tuple[str, list[str], list[str]]]  #: what it is called, the lines of now and then
    repair: str | None  #: query of the form for a new slot; None if there is nothing to repair


class View(Struct, frozen=True, kw_only=True):
    """One page of a preview."""

    shown: Shown
    counts: dict[str, int]
    chosen: dict[str, int]  #: by kind
    total: int  #: chosen
    rows: list[Row]
    found: int  #: records of the kind that are listed and hold the text
    unlisted: int  #: more of the kind
    pages: int
    can_choose: bool
    on: str
    exceptions: str


def first(listing: Listing, choice: Choice | None = None) -> Shown:
    """The first records that are worth a look."""
    kind = next((kind for kind in LISTS if listing.counts[kind]), "created")
    return Shown(kind=kind, page=0, find="", choice=choice or Choice())


def said(listing: Listing, form: ChoiceForm) -> Shown:
    """What a form says; what makes no sense in it means nothing."""
    choice = _choice(listing, form)
    kind, page = _place(form.at)
    find = form.find.strip()[:200]
    match form.go:
        case "all" | "none" if kind in CHOSEN:
            choice = choice.all_of(listing, kind, chosen=form.go == "all")
        case "find":
            page = 0
        case place if ":" in place:
            other, page = _place(place)
            find = find if other == kind else ""
            kind = other
    return Shown(kind=kind, page=page, find=find, choice=choice)


def _choice(listing: Listing, form: ChoiceForm) -> Choice:
    kinds = frozenset(form.on.split(",")) & set(CHOSEN)
    known = {record.index for kind in CHOSEN for record in listing.records[kind]}
    shown = _numbers(form.shown.split(",")) & known
    picked = _numbers(form.pick or [])
    exceptions = (_numbers(form.exceptions.split(",")) & known) - shown
    exceptions |= {index for index in shown if (index in picked) != (listing.kind_of(index) in kinds)}
    return Choice(kinds=kinds, exceptions=frozenset(exceptions))


def _numbers(texts: Iterable[str]) -> set[int]:
    return {int(text) for text in texts if _NUMBER.fullmatch(text)}


def _place(text: str) -> tuple[str, int]:
    kind, _, page = text.partition(":")
    return (kind if kind in LISTS else "created"), int(page) if _NUMBER.fullmatch(page) else 0


def view(page: Page, previewed: Previewed, shown: Shown) -> View:
    """One page of a preview."""
    listing = previewed.listing
    wanted = shown.find.casefold()
    listed = listing.records[shown.kind]
    found = [one for one in listed if wanted in (one.title or "").casefold()] if wanted else listed
    pages = max(1, -(-len(found) // PAGE))
    number = min(shown.page, pages - 1)
    counts = listing.counts
    return View(
        shown=Shown(kind=shown.kind, page=number, find=shown.find, choice=shown.choice),
        counts=counts,
        chosen={kind: shown.choice.count(listing, kind) for kind in CHOSEN},
        total=shown.choice.total(listing),
        rows=rows(
            page,
            found[number * PAGE : (number + 1) * PAGE],
            lambda index: shown.choice.holds(listing, index),
            group=previewed.reading.group,
        ),
        found=len(found),
        unlisted=counts[shown.kind] - len(listed),
        pages=pages,
        can_choose=shown.kind in CHOSEN,
        on=",".join(sorted(shown.choice.kinds)),
        exceptions=",".join(map(str, sorted(shown.choice.exceptions))),
    )


def rows(
    page: Page,
    records: Sequence[ListedRecord],
    is_chosen: Callable[[int], bool] = lambda _: False,
    *,
    group: str | None,
) -> list[Row]:
    """The records as they are shown; ``group``: of slots that are made by hand."""
    return [
        Row(
            record=one,
            when=_when(page, one.start, one.end),
            is_chosen=is_chosen(one.index),
            changes=[
                (page.t(f"import-field-{name.replace('_', '-')}"), _lines(page, name, old), _lines(page, name, new))
                for name, (old, new) in one.changes.items()
            ],
            repair=_repair(page, one, group) if one.kind == "rejected" or one.code in UNFINISHED else None,
        )
        for one in records
    ]


def samples(page: Page, slots: Iterable[Slot]) -> list[tuple[str, str]]:
    """Title and day of some slots: the days are those of the file, in any zone."""
    return [(slot.title, page.t.day(slot.start, "full")) for slot in slots]


def progress(t: Texts, size_bytes: int, now: Progress) -> dict[str, Any]:
    """How far an import is, in words and from 0 to 1."""
    if now.records_done:
        text = t("import-storing", done=now.records_done, records=now.records_read)
        return {"text": text, "value": now.records_done / max(1, now.records_read)}
    return {"text": t("import-reading", records=now.records_read), "value": min(1, now.bytes_read / max(1, size_bytes))}


def problem(t: Texts, error: SlotportError, *, most_records: int) -> Invalid:
    """The error of a file as a sentence beside the field that it is about. Raises what is about no field."""
    match error:
        case Invalid():
            known = {"file": "import-empty", "encoding": "import-no-encoding"}
            return Invalid({name: [t(known[name])] if name in known else error.fields[name] for name in error.fields})
        case BadText():
            return Invalid.of("file", t("import-bad-text", offset=error.offset, encoding=error.encoding))
        case UnknownFormat():
            return Invalid.of("file", t("import-unknown"))
        case FormatError():
            return Invalid.of("file", t("import-broken", reason=t.said(str(error))))
        case TooLarge():
            return Invalid.of("file", t("import-many", most=most_records, reason=t.said(str(error))))
        case NotFound():
            return Invalid.of("group", t("import-no-group"))
    raise error


# Values


def _when(page: Page, start: str | None, end: str | None) -> str:
    if start is None:
        return ""
    if "T" not in start:
        first_day = date.fromisoformat(start)
        last = date.fromisoformat(end) - timedelta(days=1) if end else first_day
        text = page.t.day(first_day)
        return text if last <= first_day else f"{text} – {page.t.day(last)}"
    begin = page.local(datetime.fromisoformat(start))
    text = page.t.moment(begin, "short")
    if end is None:
        return f"{text} –"
    until = page.local(datetime.fromisoformat(end))
    same_day = until.date() == begin.date()
    return f"{text} – {page.t.time(until) if same_day else page.t.moment(until, 'short')}"


def _lines(page: Page, name: str, value: Any) -> list[str]:
    """A field's value as lines of text; none if it is empty."""
    t = page.t
    match value:
        case None | "" | []:
            return []
        case bool():
            return [t(f"import-{name}-{'yes' if value else 'no'}") if t.has(f"import-{name}-yes") else str(value)]
        case str() if name in ("start", "end", "modified"):
            return [_moment(page, value)]
        case str() if name == "alerts":
            return [t("import-alerts", count=value.count("1"))]
        case str() if name == "visibility":
            return [t(f"import-visibility-{value}")]
        case list():
            return [line for item in value for line in _lines(page, name, item)]
        case dict() if name == "notes":
            return [f"{value.get('title', '')}: {value.get('content', '')}"]
        case dict() if name == "media":
            return [str(value.get("title") or value.get("public_id", ""))]
        case dict():
            return [", ".join(str(item) for item in value.values() if not isinstance(item, bool))]
    return str(value).splitlines()


def _moment(page: Page, text: str) -> str:
    if "T" not in text:
        return page.t.day(date.fromisoformat(text))
    return page.t.moment(page.local(datetime.fromisoformat(text)))


def _repair(page: Page, record: ListedRecord, group: str | None) -> str:
    """The query of the form for a new slot; its times are those of the viewer's zone."""
    values = {} if record.excerpt is None else record.excerpt.values
    said = {"title": record.title or "", **{name: values.get(name, "") for name in REPAIRABLE}, "group": group or ""}
    for name in ("start", "end"):
        if said[name].endswith("Z"):
            moment = page.local(datetime.fromisoformat(said[name]))
            said[name] = moment.replace(tzinfo=None).isoformat(timespec="minutes")
    return urlencode({name: text for name, text in said.items() if text})
