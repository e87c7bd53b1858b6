"""Importing a file: choose it, say how it is read if that is not plain, look at what it would do, import, undo.

The file waits in the depot meanwhile (actions/import_uploads.py; docs/design/page.md says why).
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from msgspec import Struct, structs

from slotport.actions import groups, import_archives, import_listings, import_uploads, imports
from slotport.actions.files import ImportOptions, Rejected
from slotport.actions.import_archives import Archived
from slotport.actions.import_listings import Choice
from slotport.actions.import_uploads import Chunks, Done, Previewed, Reading, Uploaded
from slotport.api.body import Upload, body_of
from slotport.api.callers import AnyRequest
from slotport.api.metrics import Metrics
from slotport.api.page import import_shown, working
from slotport.api.page.import_shown import ChoiceForm, Shown
from slotport.api.page.rendering import Page
from slotport.api.timeslot.entries import number_in_path
from slotport.core.account import Account
from slotport.core.group import GroupView, parsed_uuid
from slotport.depot import Depot, depot_of
from slotport.errors import Conflict, Invalid, NotFound, SlotportError, TooLarge
from slotport.settings import Settings
from slotport.storage.store import Store

ENCODINGS = ("utf-8", "windows-1252", "iso-8859-1", "iso-8859-2", "iso-8859-15", "utf-16", "shift_jis", "gb18030")
ORDERS = ("dmy", "mdy")


class ReadForm(Struct, kw_only=True):
    """How a file is to be read."""

    encoding: str = ""
    date_order: str = ""
    group: str = ""
    strict: bool = False


class UploadForm(ReadForm, kw_only=True):
    """A file, and how it is to be read."""

    file: Upload | str | None = None
    is_too_large: bool = False


@get("/import", sync_to_thread=True)
def show_import(
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The form, and the imports of the last 30 days."""
    return _form(page, caller, store, UploadForm(), now=now)


_READ_UPLOAD = body_of(UploadForm, files=True)


async def _read_upload(request: AnyRequest) -> UploadForm:
    """The form, even if its file is larger than is taken: the page says so beside the field."""
    try:
        form: UploadForm = await _READ_UPLOAD.dependency(request)
    except TooLarge:
        return UploadForm(is_too_large=True)
    return form


@post(
    "/import",
    sync_to_thread=True,
    dependencies={"form": Provide(_read_upload)},
)
def upload(
    form: NamedDependency[UploadForm],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Keep a file, and go on to what it would do, or to the question how its dates are meant."""
    refused = partial(_form, page, caller, store, form, now=now)
    file = form.file
    if form.is_too_large:
        problem = Invalid.of("file", page.t("import-large", megabytes=_megabytes(settings)))
        return refused(problem=problem, status_code=413)
    if not isinstance(file, Upload) or not (file.name or file.size_bytes):
        return refused(problem=Invalid.of("file", page.t("import-missing")))
    depot = depot_of(settings)

    def work(told: working.Tell) -> Response[Any]:
        is_archive = import_archives.is_archive(file.spool)
        chunks = Archived(file.spool, file.size_bytes) if is_archive else Chunks(file.chunks)
        try:
            reading = _reading(form)
            seems = imports.recognise(chunks, reading.encoding)
            uploaded = import_uploads.add(depot, caller, chunks, name=file.name, seems=seems, reading=reading, now=now)
        except SlotportError as error:
            return refused(problem=_problem(page, error))
        if seems.is_date_order_ambiguous and reading.date_order is None:
            return page.go(f"/app/import/{uploaded.id}")
        try:
            return _preview(page, caller, store, depot, uploaded, reading, told, now)
        except SlotportError as error:
            import_uploads.drop(depot, caller, uploaded.id, now=now)
            return refused(problem=_problem(page, error))

    return working.answered(page, work, partial(import_shown.progress, page.t, file.size_bytes))


@get("/import/{file:str}", sync_to_thread=True)
def show_reading(
    file: FromPath[str],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """How the file is read, to be changed."""
    try:
        uploaded = import_uploads.get(depot_of(settings), caller, file, now=now)
    except NotFound:
        return _gone(page, caller, store, now)
    return _read_form(page, caller, store, settings, uploaded, _said(uploaded.reading), now=now)


@post("/import/{file:str}", sync_to_thread=True, dependencies={"form": body_of(ReadForm)})
def set_reading(
    file: FromPath[str],
    form: NamedDependency[ReadForm],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Preview the file, read like that."""
    depot = depot_of(settings)
    try:
        uploaded = import_uploads.get(depot, caller, file, now=now)
    except NotFound:
        return _gone(page, caller, store, now)

    def work(told: working.Tell) -> Response[Any]:
        try:
            return _preview(page, caller, store, depot, uploaded, _reading(form), told, now)
        except SlotportError as error:
            problem = _problem(page, error)
            return _read_form(page, caller, store, settings, uploaded, form, problem=problem, now=now)

    return working.answered(page, work, partial(import_shown.progress, page.t, uploaded.size_bytes))


@post("/import/{file:str}/drop", sync_to_thread=True)
def drop_file(
    file: FromPath[str],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Forget the file; nothing was imported."""
    import_uploads.drop(depot_of(settings), caller, file, now=now)
    return page.go("/app/import", said="import-dropped")


@get("/import/{file:str}/{preview:str}", sync_to_thread=True)
def show_preview(
    file: FromPath[str],
    preview: FromPath[str],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """What importing the file would do."""
    depot = depot_of(settings)
    try:
        uploaded = import_uploads.get(depot, caller, file, now=now)
        previewed = import_uploads.get_preview(depot, caller, file, preview, now=now)
    except NotFound:
        return _gone(page, caller, store, now)
    return _shown(page, store, caller, uploaded, previewed, import_shown.first(previewed.listing))


@post("/import/{file:str}/{preview:str}", sync_to_thread=True, dependencies={"form": body_of(ChoiceForm)})
def choose(
    file: FromPath[str],
    preview: FromPath[str],
    form: NamedDependency[ChoiceForm],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
    metrics: NamedDependency[Metrics],
) -> Response[Any]:
    """Look at other records of the preview, choose some or all of them, or import what is chosen."""
    depot = depot_of(settings)
    try:
        uploaded = import_uploads.get(depot, caller, file, now=now)
        previewed = import_uploads.get_preview(depot, caller, file, preview, now=now)
    except NotFound:
        return _gone(page, caller, store, now)
    shown = import_shown.said(previewed.listing, form)
    if form.go != "import":
        return _shown(page, store, caller, uploaded, previewed, shown)
    if not shown.choice.total(previewed.listing):
        problem = Invalid.of("choice", page.t("import-nothing-chosen"))
        return _shown(page, store, caller, uploaded, previewed, shown, problem=problem)

    def work(told: working.Tell) -> Response[Any]:
        chunks = import_uploads.chunks_of(depot, caller, uploaded, now=now)
        options = _options(previewed.reading, uploaded, settings)
        try:
            report, left_out = import_listings.import_chosen(
                store, caller, chunks, options, previewed.listing, shown.choice, now=now, told=told
            )
        except Conflict:
            return _again(page, caller, store, depot, uploaded, previewed, shown, told, now)
        except Rejected as error:
            problem = Invalid.of("choice", page.t("import-refused", count=error.report.rejected))
            return _shown(page, store, caller, uploaded, previewed, shown, problem=problem)
        for outcome, count in report.counts().items():
            metrics.imported.labels(outcome).inc(count)
        done = Done(name=uploaded.name, report=report, left_out=left_out)
        import_uploads.close(depot, caller, file, preview, done, now=now)
        return page.go(f"/app/import/{file}/{preview}/report")

    return working.answered(page, work, partial(import_shown.progress, page.t, uploaded.size_bytes))


@get("/import/{file:str}/{preview:str}/report", sync_to_thread=True)
def show_report(
    file: FromPath[str],
    preview: FromPath[str],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """What became of an import."""
    depot = depot_of(settings)
    try:
        done = import_uploads.get_done(depot, caller, file, preview, now=now)
        previewed = import_uploads.get_preview(depot, caller, file, preview, now=now)
    except NotFound:
        return _gone(page, caller, store, now)
    logged = next((one for one in imports.recent(store, caller, now=now) if one.id == done.report.import_id), None)
    rejected = import_shown.rows(page, previewed.listing.records["rejected"][: import_shown.PROBLEMS], Choice())
    return page.show("import_report.html", done=done, logged=logged, rejected=rejected)


@post("/imports/{import_id:str}/undo", sync_to_thread=True)
def undo(
    import_id: FromPath[str],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Give back what an import changed, and say what that was."""
    try:
        undone = imports.undo(store, caller, number_in_path(import_id), now=now)
    except Invalid:
        return page.go("/app/import", said="import-undone-already")
    return page.show("import_undone.html", undone=undone, most=import_shown.PROBLEMS)


HANDLERS: list[Any] = [
    show_import,
    upload,
    show_reading,
    set_reading,
    drop_file,
    show_preview,
    choose,
    show_report,
    undo,
]


# What the forms say


def _reading(form: ReadForm) -> Reading:
    if form.date_order and form.date_order not in ORDERS:
        raise Invalid.of("date_order", "is neither dmy nor mdy")
    if form.group and parsed_uuid(form.group) is None:
        raise NotFound("no such group")
    return Reading(
        encoding=form.encoding or None,
        date_order=form.date_order or None,
        group=form.group or None,
        strict=form.strict,
    )


def _said(reading: Reading) -> ReadForm:
    said = {name: value for name, value in structs.asdict(reading).items() if value is not None}
    return ReadForm(**said)


def _options(reading: Reading, uploaded: Uploaded, settings: Settings) -> ImportOptions:
    guessed = uploaded.seems.encoding if uploaded.seems.is_encoding_guessed else None
    return ImportOptions(
        group=None if reading.group is None else parsed_uuid(reading.group),
        encoding=reading.encoding or guessed,
        date_order=reading.date_order,
        strict=reading.strict,
        record_limit=settings.max_events_per_file,
    )


def _problem(page: Page, error: SlotportError) -> Invalid:
    """The error as a sentence beside the field that it is about. Raises what is about no field."""
    return import_shown.problem(page.t, error, most_records=page.settings.max_events_per_file)


# What is shown


def _preview(
    page: Page,
    caller: Account,
    store: Store,
    depot: Depot,
    uploaded: Uploaded,
    reading: Reading,
    told: working.Tell,
    now: datetime,
) -> Response[Any]:
    previewed = _previewed(page, caller, store, depot, uploaded, reading, told, now)
    return page.go(f"/app/import/{uploaded.id}/{previewed.id}")


def _previewed(
    page: Page,
    caller: Account,
    store: Store,
    depot: Depot,
    uploaded: Uploaded,
    reading: Reading,
    told: working.Tell,
    now: datetime,
) -> Previewed:
    chunks = import_uploads.chunks_of(depot, caller, uploaded, now=now)
    options = _options(reading, uploaded, page.settings)
    listing = import_listings.listing_of(store, caller, chunks, options, now=now, told=told)
    return import_uploads.add_preview(depot, caller, uploaded, reading, listing, now=now)


def _again(
    page: Page,
    caller: Account,
    store: Store,
    depot: Depot,
    uploaded: Uploaded,
    before: Previewed,
    shown: Shown,
    told: working.Tell,
    now: datetime,
) -> Response[Any]:
    """What was previewed is what is imported: after a change of the calendar there is a new preview to agree to."""
    after = _previewed(page, caller, store, depot, uploaded, before.reading, told, now)
    again = import_shown.first(after.listing, shown.choice.again(before.listing, after.listing))
    problem = Invalid.of("choice", page.t("import-changed-meanwhile"))
    return _shown(page, store, caller, uploaded, after, again, problem=problem)


def _form(
    page: Page,
    caller: Account,
    store: Store,
    form: UploadForm,
    *,
    now: datetime,
    problem: Invalid | None = None,
    status_code: int | None = None,
    gone: bool = False,
) -> Response[Any]:
    return page.show(
        "import.html",
        status_code=status_code or (200 if problem is None else 422),
        problem=problem,
        form=form,
        gone=gone,
        **_options_shown(page, store, caller),
        megabytes=_megabytes(page.settings),
        recent=imports.recent(store, caller, now=now),
    )


def _gone(page: Page, caller: Account, store: Store, now: datetime) -> Response[Any]:
    """The file is not there any more, or never was the caller's."""
    return _form(page, caller, store, UploadForm(), now=now, status_code=404, gone=True)


def _read_form(
    page: Page,
    caller: Account,
    store: Store,
    settings: Settings,
    uploaded: Uploaded,
    form: ReadForm,
    *,
    now: datetime,
    problem: Invalid | None = None,
) -> Response[Any]:
    asked: Mapping[str, Any] = {}
    if uploaded.seems.date_order is not None:
        chunks = import_uploads.chunks_of(depot_of(settings), caller, uploaded, now=now)
        encoding = uploaded.reading.encoding or uploaded.seems.encoding
        asked = {
            order: import_shown.samples(page, imports.dates_as(chunks, encoding, order)) for order in ("dmy", "mdy")
        }
    return page.show(
        "import_read.html",
        status_code=200 if problem is None else 422,
        problem=problem,
        uploaded=uploaded,
        form=form,
        asked=asked,
        **_options_shown(page, store, caller),
    )


def _shown(
    page: Page,
    store: Store,
    caller: Account,
    uploaded: Uploaded,
    previewed: Previewed,
    shown: Shown,
    *,
    problem: Invalid | None = None,
) -> Response[Any]:
    group = next((one for one in _groups(store, caller) if str(one.group.uuid) == previewed.reading.group), None)
    return page.show(
        "import_preview.html",
        status_code=200 if problem is None else 422,
        problem=problem,
        uploaded=uploaded,
        previewed=previewed,
        group=group,
        view=import_shown.view(page, previewed, shown),
    )


def _options_shown(page: Page, store: Store, caller: Account) -> dict[str, Any]:
    """What groups and encodings there are to choose from."""
    own = [(str(one.group.uuid), one.group.name) for one in _groups(store, caller)]
    return {
        "group_options": [("", page.t("import-group-file")), *own],
        "encoding_options": [("", page.t("import-encoding-itself")), *((name, name) for name in ENCODINGS)],
    }


def _groups(store: Store, caller: Account) -> list[GroupView]:
    """The caller's own groups, in the order of the calendar."""
    return [one for one in groups.calendars(store, caller) if one.group.owner_id == caller.id]


def _megabytes(settings: Settings) -> int:
    return settings.max_upload_bytes // (1024 * 1024)
