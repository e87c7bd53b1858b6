"""``/app/exports/new`` and ``…/<id>/edit``: an export is put together, tried and stored (docs/page.md).

One form holds all. Buttons that only look (``count``, ``dates``, ``test-…``) or add and remove rows send all of it and
get it back, so that nothing depends on a script; with one, hits and dates come by themselves.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from slotport.actions import deliveries, export_preview, export_results, exports
from slotport.api.body import body_of
from slotport.api.callers import AnyRequest
from slotport.api.export.engine import engine_of
from slotport.api.page import export_form, export_search
from slotport.api.page.export_form import ExportForm
from slotport.api.page.export_page import path_of
from slotport.api.page.export_search import ALL_OPERATORS, OPERATORS, Condition
from slotport.api.page.export_words import Words, sentence
from slotport.api.page.rendering import Page
from slotport.core.account import Account
from slotport.core.due import due_between
from slotport.core.export import Export, Schedule
from slotport.core.export_fields import OWN_FIELDS, SYSTEM_FIELDS, ObjectType
from slotport.core.export_input_schedules import schedules
from slotport.errors import Unavailable, WireError
from slotport.settings import Settings
from slotport.storage.store import Store

DATES = 5  #: next runs that are shown
FAR = timedelta(days=8 * 366)
FORM = {"form": body_of(ExportForm)}


@get("/exports/new", sync_to_thread=True)
def show_new(
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """An empty form, with what most people want already chosen."""
    return _Edit(page, caller, store, settings, now, None).show(export_form.new_form())


@get("/exports/{export_id:int}/edit", sync_to_thread=True)
def show_edit(
    export_id: FromPath[int],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The form of an export."""
    export = exports.get(store, caller, export_id)
    return _Edit(page, caller, store, settings, now, export).show(export_form.form_of(export))


@post("/exports/new", sync_to_thread=True, dependencies=FORM)
def create(
    request: AnyRequest,
    form: NamedDependency[ExportForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Store a new export, or do what the button says."""
    edit = _Edit(page, caller, store, settings, now, None)
    if not form.do.startswith("save"):
        return edit.act(form)
    try:
        body = export_form.body_of_form(form, None)
        if form.do == "save-start":
            return page.go(path_of(engine_of(request).create(caller, body).id), said="exports-started")
        made = exports.create(store, caller, body, settings=settings, now=now)
    except WireError as problem:
        return edit.show(form, problem=problem)
    return page.go(path_of(made.id), said="exports-saved")


@post("/exports/{export_id:int}/edit", sync_to_thread=True, dependencies=FORM)
def change(
    request: AnyRequest,
    export_id: FromPath[int],
    form: NamedDependency[ExportForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Change the export, or do what the button says."""
    export = exports.get(store, caller, export_id)
    edit = _Edit(page, caller, store, settings, now, export)
    if not form.do.startswith("save"):
        return edit.act(form)
    try:
        body = export_form.body_of_form(form, export)
        changed = exports.change(store, caller, export_id, body, settings=settings, now=now)
        export_results.discard(settings, export_id, changed.discarded)
        if form.do == "save-start":
            engine_of(request).start(caller, export_id, full=False)
    except WireError as problem:
        return edit.show(form, problem=problem)
    return page.go(path_of(export_id), said="exports-started" if form.do == "save-start" else "exports-saved")


@post("/exports/count", status_code=200, sync_to_thread=True, dependencies=FORM)
def count(
    form: NamedDependency[ExportForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """How many objects the search of a form finds."""
    return page.show("export_hits.html", hits=_Edit(page, caller, store, settings, now, None).hits(form))


@post("/exports/dates", status_code=200, sync_to_thread=True, dependencies=FORM)
def dates(
    form: NamedDependency[ExportForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The next runs by the schedules of a form."""
    return page.show("export_dates.html", dates=_Edit(page, caller, store, settings, now, None).dates(form))


class _Edit:
    """One look at the form of an export, new (None) or stored."""

    def __init__(
        self, page: Page, caller: Account, store: Store, settings: Settings, now: datetime, export: Export | None
    ) -> None:
        self._page, self._caller, self._store = page, caller, store
        self._settings, self._now, self._export = settings, now, export

    def show(
        self,
        form: ExportForm,
        *,
        problem: WireError | None = None,
        trial: dict[str, Any] | None = None,
        fresh: str = "",
    ) -> Response[Any]:
        """The form. ``problem``: why it was refused; ``fresh``: the row that was added, which has the focus."""
        refused = {} if problem is None else export_form.placed(problem, form)
        return self._page.show(
            "export_edit.html",
            status_code=200 if problem is None else 422,
            form=form,
            export=self._export,
            problems={name: [self._page.t.said(text) for text in texts] for name, texts in refused.items()},
            refusal=None if problem is None else sentence(self._page, problem),
            trial=trial,
            fresh=fresh,
            hits=self.hits(form),
            dates=self.dates(form),
            options_of=export_form.options_of,
            types=[one for one in export_form.OPTIONS if one in self._settings.transport_types],
            objecttypes=list(ObjectType),
            fields={"": SYSTEM_FIELDS, **OWN_FIELDS},
            operators=ALL_OPERATORS,
            kinds={name: [kind for kind, known in OPERATORS.items() if name in known] for name in ALL_OPERATORS},
            choices=export_form,
            standard=(self._settings.standard_hour, self._settings.standard_minute, self._settings.timezone),
        )

    def act(self, form: ExportForm) -> Response[Any]:
        """Do what a button says that stores nothing."""
        verb, _, what = form.do.partition("-")
        part, _, key = what.partition("-")
        if verb == "test" and what in form.transports:
            return self._test(form, what)
        if verb == "remove" and part in ("conditions", "schedules", "transports"):
            getattr(form, part).pop(key, None)
            return self.show(form)
        if verb == "add" and part in ("conditions", "schedules", "transports"):
            rows = getattr(form, part)
            key = export_form.next_key(rows)
            if part == "conditions":
                if len(rows) < export_search.MOST_CONDITIONS:
                    rows[key] = Condition()
            elif len(rows) < self._settings.max_schedules or part == "transports":
                rows[key] = {"type": form.new_type} if part == "transports" else self._daily()
            return self.show(form, fresh=f"{part}-{key}")
        return self.show(form)

    def _daily(self) -> dict[str, Any]:
        """A schedule to begin with: at six where the viewer is."""
        return {"hours": "6", "minutes": "0", "timezone": self._page.zone.key}

    def hits(self, form: ExportForm) -> dict[str, str]:
        """What the search finds, in words, or why it cannot be asked."""
        try:
            said = export_form.search_of(form)
            number = export_preview.counted(self._store, self._caller, said, settings=self._settings)
        except Unavailable:
            return {"badge": "warn", "text": self._page.t("exports-hits-slow")}
        except WireError as problem:
            return {"badge": "bad", "text": sentence(self._page, problem)}
        words = Words(self._page, self._now)
        return {"badge": "", "text": self._page.t("exports-hits", count=words.number(number), number=number)}

    def dates(self, form: ExportForm) -> dict[str, Any]:
        """The next runs in words, or why there are none."""
        if not form.schedules:
            return {"problem": "", "moments": None}
        words, settings = Words(self._page, self._now), self._settings
        try:
            found: tuple[Schedule, ...] = schedules(
                export_form.schedules_of(form), "_schedules", most=settings.max_schedules
            )
        except WireError as problem:
            return {"problem": sentence(self._page, problem), "moments": None}
        due = due_between(
            found,
            self._now,
            min(self._now + FAR, self._now.replace(year=9998)),
            zone=settings.timezone,
            hour=settings.standard_hour,
            minute=settings.standard_minute,
            limit=DATES,
        )
        return {"problem": "", "moments": [(words.long_moment(one.at), words.distance(one.at)) for one in due]}

    def _test(self, form: ExportForm, key: str) -> Response[Any]:
        said = export_form.transport_body(form.transports[key])
        number = self._export.id if self._export else None
        try:
            is_ready, log = deliveries.test_said(
                self._store, self._caller, said, number, settings=self._settings, now=self._now
            )
        except Unavailable as problem:
            return self.show(form, trial={"key": key, "is_ready": False, "log": [{"message": str(problem)}]})
        except WireError as problem:
            alone = msgspec.structs.replace(form, transports={key: form.transports[key]})
            named = export_form.placed(problem, alone)
            words = self._page.t.said(next(iter(named.values()))[0]) if named else sentence(self._page, problem)
            where = next(iter(named), "").rpartition("[")[2].rstrip("]")
            label = f"exports-option-{where.replace('_', '-')}"
            where = self._page.t(label) if self._page.t.has(label) else where
            line = {"message": f"{where}: {words}" if where else words}
            return self.show(form, trial={"key": key, "is_ready": False, "log": [line]})
        return self.show(form, trial={"key": key, "is_ready": is_ready, "log": log})


HANDLERS: list[Any] = [show_new, show_edit, create, change, count, dates]
