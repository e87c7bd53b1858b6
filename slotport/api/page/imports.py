"""Importing a file: choose it, say how it is read if that is not plain, look at what it would do, import, undo.

The file waits in the depot meanwhile (actions/import_uploads.py; docs/design/page.md says why).
"""

from datetime import datetime
from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from slotport.actions import import_archives, import_listings, import_uploads, imports
from slotport.actions.files import Rejected
from slotport.actions.import_archives import Archived
from slotport.actions.import_uploads import Chunks, Done, Previewed, Uploaded
from slotport.api.body import Upload, body_of
from slotport.api.callers import AnyRequest
from slotport.api.metrics import Metrics
from slotport.api.page import import_shown, working
from slotport.api.page.import_desk import Desk, ReadForm, UploadForm
from slotport.api.page.import_shown import ChoiceForm, Shown
from slotport.api.page.rendering import Page
from slotport.api.timeslot.entries import number_in_path
from slotport.core.account import Account
from slotport.errors import Conflict, Invalid, NotFound, SlotportError, TooLarge
from slotport.storage.store import Store


@get("/import", sync_to_thread=True)
def show_import(
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The form, and the imports of the last 30 days."""
    return Desk(page, caller, store, now).form()


_READ_UPLOAD = body_of(UploadForm, files=True)


async def _read_upload(request: AnyRequest) -> UploadForm:
    """The form, even if its file is larger than is taken: the page says so beside the field."""
    try:
        form: UploadForm = await _READ_UPLOAD.dependency(request)
    except TooLarge:
        return UploadForm(is_too_large=True)
    return form


@post("/import", sync_to_thread=True, dependencies={"form": Provide(_read_upload)})
def upload(
    form: NamedDependency[UploadForm],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Keep a file, and go on to what it would do, or to the question how its dates are meant."""
    desk = Desk(page, caller, store, now)
    file = form.file
    if form.is_too_large:
        return desk.form(form, problem=desk.too_large(), status_code=413)
    if not isinstance(file, Upload) or not (file.name or file.size_bytes):
        return desk.form(form, problem=Invalid.of("file", page.t("import-missing")))

    def work(told: working.Tell) -> Response[Any]:
        try:
            uploaded = _kept(desk, form, file)
        except SlotportError as error:
            return desk.form(form, problem=desk.problem(error))
        if uploaded.seems.is_date_order_ambiguous and uploaded.reading.date_order is None:
            return page.go(f"/app/import/{uploaded.id}")
        try:
            return _go_to_preview(desk, uploaded, form, told)
        except SlotportError as error:
            import_uploads.drop(desk.depot, caller, uploaded.id, now=now)
            return desk.form(form, problem=desk.problem(error))

    return working.answered(page, work, partial(import_shown.progress, page.t, file.size_bytes))


@get("/import/{file:str}", sync_to_thread=True)
def show_reading(
    file: FromPath[str],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """How the file is read, to be changed."""
    desk = Desk(page, caller, store, now)
    try:
        return desk.read_form(desk.find(file))
    except NotFound:
        return desk.gone()


@post("/import/{file:str}", sync_to_thread=True, dependencies={"form": body_of(ReadForm)})
def set_reading(
    file: FromPath[str],
    form: NamedDependency[ReadForm],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Preview the file, read like that."""
    desk = Desk(page, caller, store, now)
    try:
        uploaded = desk.find(file)
    except NotFound:
        return desk.gone()

    def work(told: working.Tell) -> Response[Any]:
        try:
            return _go_to_preview(desk, uploaded, form, told)
        except SlotportError as error:
            return desk.read_form(uploaded, form, problem=desk.problem(error))

    return working.answered(page, work, partial(import_shown.progress, page.t, uploaded.size_bytes))


@post("/import/{file:str}/drop", sync_to_thread=True)
def drop_file(
    file: FromPath[str],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Forget the file; nothing was imported."""
    desk = Desk(page, caller, store, now)
    try:
        import_uploads.drop(desk.depot, caller, file, now=now)
    except NotFound:
        return desk.gone()
    return page.go("/app/import", said="import-dropped")


@get("/import/{file:str}/{preview:str}", sync_to_thread=True)
def show_preview(
    file: FromPath[str],
    preview: FromPath[str],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """What importing the file would do."""
    desk = Desk(page, caller, store, now)
    try:
        uploaded, previewed = desk.find(file), desk.find_preview(file, preview)
    except NotFound:
        return _done_or_gone(desk, file, preview)
    return desk.shown(uploaded, previewed, import_shown.first(previewed.listing))


@post("/import/{file:str}/{preview:str}", sync_to_thread=True, dependencies={"form": body_of(ChoiceForm)})
def choose(
    file: FromPath[str],
    preview: FromPath[str],
    form: NamedDependency[ChoiceForm],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
    metrics: NamedDependency[Metrics],
) -> Response[Any]:
    """Look at other records of the preview, choose some or all of them, or import what is chosen."""
    desk = Desk(page, caller, store, now)
    try:
        uploaded, previewed = desk.find(file), desk.find_preview(file, preview)
    except NotFound:
        return _done_or_gone(desk, file, preview)
    shown = import_shown.said(previewed.listing, form)
    if form.go != "import":
        return desk.shown(uploaded, previewed, shown)
    if not shown.choice.total(previewed.listing):
        problem = Invalid.of("choice", page.t("import-nothing-chosen"))
        return desk.shown(uploaded, previewed, shown, problem=problem)
    work = partial(_import, desk, uploaded, previewed, shown, metrics)
    return working.answered(page, work, partial(import_shown.progress, page.t, uploaded.size_bytes))


@get("/import/{file:str}/{preview:str}/report", sync_to_thread=True)
def show_report(
    file: FromPath[str],
    preview: FromPath[str],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """What became of an import."""
    desk = Desk(page, caller, store, now)
    try:
        done = import_uploads.get_done(desk.depot, caller, file, preview, now=now)
        previewed = desk.find_preview(file, preview)
    except NotFound:
        return desk.gone()
    logged = next((one for one in imports.recent(store, caller, now=now) if one.id == done.report.import_id), None)
    listed = previewed.listing.records
    broken = {
        "rejected": listed["rejected"],
        "skipped": [one for one in listed["skipped"] if one.code in import_shown.UNFINISHED],
    }
    shown = {
        kind: import_shown.rows(page, records[: import_shown.PROBLEMS], group=previewed.reading.group)
        for kind, records in broken.items()
    }
    unlisted = {kind: len(records) - len(shown[kind]) for kind, records in broken.items()}
    unlisted["rejected"] = done.report.rejected - len(shown["rejected"])
    return page.show("import_report.html", done=done, logged=logged, broken=shown, unlisted=unlisted)


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


def _kept(desk: Desk, form: UploadForm, file: Upload) -> Uploaded:
    """The file, kept for an hour. Raises what is the matter with it."""
    is_archive = import_archives.is_archive(file.spool)
    chunks = Archived(file.spool, file.size_bytes) if is_archive else Chunks(file.chunks)
    reading = form.reading()
    seems = imports.recognise(chunks, reading.encoding)
    return import_uploads.add(
        desk.depot, desk.caller, chunks, name=file.name, seems=seems, reading=reading, now=desk.now
    )


def _done_or_gone(desk: Desk, file: str, preview: str) -> Response[Any]:
    """The report of an import that was done already, by a second click or before the network was lost."""
    try:
        import_uploads.get_done(desk.depot, desk.caller, file, preview, now=desk.now)
    except NotFound:
        return desk.gone()
    return desk.page.go(f"/app/import/{file}/{preview}/report")


def _go_to_preview(desk: Desk, uploaded: Uploaded, form: ReadForm, told: working.Tell) -> Response[Any]:
    previewed = desk.preview(uploaded, form.reading(), told)
    return desk.page.go(f"/app/import/{uploaded.id}/{previewed.id}")


def _import(
    desk: Desk, uploaded: Uploaded, previewed: Previewed, shown: Shown, metrics: Metrics, told: working.Tell
) -> Response[Any]:
    """Import what is chosen; what changed since the preview is shown anew, to be agreed to."""
    page, listing = desk.page, previewed.listing
    chunks = import_uploads.chunks_of(desk.depot, desk.caller, uploaded, now=desk.now)
    options = desk.options(previewed.reading, uploaded)
    try:
        report, left_out = import_listings.import_chosen(
            desk.store, desk.caller, chunks, options, listing, shown.choice, now=desk.now, told=told
        )
    except Conflict:
        after = desk.preview(uploaded, previewed.reading, told)
        again = import_shown.first(after.listing, shown.choice.again(listing, after.listing))
        return desk.shown(uploaded, after, again, problem=Invalid.of("choice", page.t("import-changed-meanwhile")))
    except Rejected as error:
        problem = Invalid.of("choice", page.t("import-refused", count=error.report.rejected))
        return desk.shown(uploaded, previewed, shown, problem=problem)
    for outcome, count in report.counts().items():
        metrics.imported.labels(outcome).inc(count)
    done = Done(name=uploaded.name, report=report, left_out=left_out)
    import_uploads.close(desk.depot, desk.caller, uploaded.id, previewed.id, done, now=desk.now)
    return page.go(f"/app/import/{uploaded.id}/{previewed.id}/report")
