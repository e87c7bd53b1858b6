"""Import and export over HTTP (docs/api/timeslot-import.md, docs/api/timeslot-export.md)."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import files
from slotport.actions.files import ImportOptions
from slotport.api.body import Upload, body_of
from slotport.api.metrics import Metrics
from slotport.api.pieces import Pieces
from slotport.api.timeslot.reports import ReportBody, import_counts, report_body
from slotport.core.account import Account
from slotport.core.when import zone
from slotport.errors import Invalid, NotFound
from slotport.formats import WriteOptions
from slotport.formats.options import DateOrder
from slotport.settings import Settings
from slotport.storage.store import Store

#: word of the route: suffix of the file name, media type
FILES = {
    "timeslot": (".json", "application/json"),
    "google": (".ical", "application/octet-stream"),
    "ical": (".ical", "application/octet-stream"),
    "outlook": (".csv", "text/csv"),
}
_INDEX = re.compile(r"[0-9]{1,9}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class ImportForm(Struct, kw_only=True):
    """What an import is told."""

    file: Upload | list[str] | str | None = None
    group: str | None = None
    report: bool = False
    dry_run: bool = False
    preview: bool = False
    select: list[int] | str | None = None
    strict: bool = False
    encoding: str | None = None
    date_order: DateOrder | None = None


class ExportForm(Struct, kw_only=True):
    """What an export is told."""

    group: str | None = None
    timezone: str | None = None
    extended: bool = False


class _Texts:
    """An upload's bytes, from the start each time they are asked for."""

    def __init__(self, file: Upload | list[str]) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        if isinstance(self._file, Upload):
            return self._file.chunks()
        return (text.encode() for text in self._file)


@post(
    "/import",
    status_code=200,
    sync_to_thread=True,
    dependencies={"form": body_of(ImportForm, query=True, files=True)},
    opt={"errors": [404]},
)
def import_file(
    form: NamedDependency[ImportForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
    metrics: NamedDependency[Metrics],
) -> Response[ReportBody | bytes]:
    """Import a calendar file.

    Stores the slots of an iCalendar, Outlook CSV or Timeslot JSON file in one transaction. The answer's body is empty
    unless `report` is set; the headers `X-Import-…` count what became of the records, and `X-Import-Id` is the id by
    which the import can be undone. `preview` stores nothing and tells of each record what would become of it; `select`
    names the only records to be imported, as a list or as `0,2,5`.
    """
    if not form.file:
        raise Invalid.of("file", "is missing")
    options = ImportOptions(
        group=_group(form.group),
        encoding=form.encoding or None,
        date_order=form.date_order,
        strict=form.strict,
        dry_run=form.dry_run,
        select=_select(form.select),
        record_limit=settings.max_events_per_file,
    )
    file = [form.file] if isinstance(form.file, str) else form.file
    verb = files.preview_file if form.preview else files.import_file
    report = verb(store, caller, _Texts(file), options, now=now)
    only_told = form.dry_run or form.preview
    for outcome, count in () if only_told else report.counts().items():
        metrics.imported.labels(outcome).inc(count)
    wanted = form.report or only_told
    headers = {"Cache-Control": "no-cache", **import_counts(report)}
    if not wanted:
        return Response(b"", media_type="application/json", headers=headers)
    return Response(report_body(report), headers=headers)


@post(
    "/export/{word:str}",
    status_code=200,
    sync_to_thread=True,
    dependencies={"form": body_of(ExportForm, query=True)},
    opt={"produces": sorted({media_type for _, media_type in FILES.values()}), "words": {"word": list(FILES)}},
)
def export_file(
    word: FromPath[str],
    form: NamedDependency[ExportForm],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
    metrics: NamedDependency[Metrics],
) -> Pieces:
    """Export the caller's own slots.

    Writes all slots that the caller created, or those of them in an own group, as a stream.
    """
    if word not in FILES:
        raise NotFound("there is no such export; there are timeslot, google, ical and outlook")
    group = _group(form.group)
    options = WriteOptions(now=now, zone=_zone(form.timezone), extended=form.extended)
    export = files.export_file(store, caller, word, group=group, options=options)
    metrics.exported.labels(word).inc()
    suffix, media_type = FILES[word]
    return Pieces(
        export.pieces,
        headers={
            "Content-Type": media_type,
            "Content-Disposition": f'attachment; filename="{group or "Timeslot-Export"}{suffix}"',
            "Content-Transfer-Encoding": "binary",
            "Cache-Control": "private",
            "ETag": f'W/"{export.etag}"',
        },
    )


def _group(text: str | None) -> UUID | None:
    if not text:
        return None
    if not _UUID.fullmatch(text):
        raise Invalid.of("group", "is not a uuid")
    return UUID(text)


def _select(said: list[int] | str | None) -> frozenset[int] | None:
    """The indexes, from a list or a text such as ``0,2,5``; none in it: no record."""
    if said is None:
        return None
    texts = [text.strip() for text in said.split(",")] if isinstance(said, str) else said
    if texts == [""]:
        return frozenset()
    if isinstance(said, str) and not all(_INDEX.fullmatch(str(text)) for text in texts):
        raise Invalid.of("select", "is no list of record numbers such as 0,2,5")
    indexes = frozenset(map(int, texts))
    if min(indexes, default=0) < 0:
        raise Invalid.of("select", "has a number below 0: records are numbered from 0")
    return indexes


def _zone(name: str | None) -> str | None:
    if not name:
        return None
    try:
        return zone(name).key
    except ValueError as cause:
        raise Invalid.of("timezone", "is not the name of a time zone such as Europe/Berlin") from cause


HANDLERS: list[Any] = [import_file, export_file]
