"""Exporting one's own slots as a file: what each format cannot carry of them comes first."""

from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import export_losses, files, groups
from slotport.api.body import query_of
from slotport.api.metrics import Metrics
from slotport.api.page.rendering import Page
from slotport.api.pieces import Pieces
from slotport.core.account import Account
from slotport.core.file_names import clean_name
from slotport.core.group import parsed_uuid
from slotport.errors import NotFound
from slotport.formats import WriteOptions
from slotport.storage.store import Store

#: word of the format: ending of the file's name, media type
FILES = {
    "ical": (".ics", "text/calendar; charset=utf-8"),
    "timeslot": (".json", "application/json"),
    "outlook": (".csv", "text/csv; charset=utf-8"),
}


class ExportQuery(Struct, kw_only=True):
    """Which slots: those of an own group, or all."""

    group: str = ""


@get("/export", sync_to_thread=True, dependencies={"asked": query_of(ExportQuery)})
def show_export(
    asked: NamedDependency[ExportQuery],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
) -> Response[Any]:
    """The formats, each with what it cannot carry of these slots."""
    found = export_losses.losses(store, caller, _group(asked.group))
    own = [one.group for one in groups.calendars(store, caller) if one.group.owner_id == caller.id]
    return page.show(
        "export.html",
        asked=asked,
        found=found,
        formats=list(FILES),
        group_options=[("", page.t("export-everything")), *((str(group.uuid), group.name) for group in own)],
    )


@get("/export/{word:str}", sync_to_thread=True, dependencies={"asked": query_of(ExportQuery)})
def download(
    word: FromPath[str],
    asked: NamedDependency[ExportQuery],
    caller: NamedDependency[Account],
    page: NamedDependency[Page],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
    metrics: NamedDependency[Metrics],
) -> Pieces:
    """The file, as a stream; times of a CSV are those of the viewer's zone."""
    if word not in FILES:
        raise NotFound("there is no such export")
    group = _group(asked.group)
    options = WriteOptions(now=now, zone=page.zone.key, extended=True)
    export = files.export_file(store, caller, word, group=group, options=options)
    name = "calendar" if group is None else groups.read(store, caller, group).group.name
    metrics.exported.labels(word).inc()
    suffix, media_type = FILES[word]
    return Pieces(
        export.pieces,
        headers={
            "Content-Type": media_type,
            "Content-Disposition": _attachment(clean_name(name, fallback="calendar") + suffix),
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


HANDLERS: list[Any] = [show_export, download]


def _group(text: str) -> UUID | None:
    if not text:
        return None
    if (uuid := parsed_uuid(text)) is None:
        raise NotFound("no such group")
    return uuid


def _attachment(name: str) -> str:
    """Content-Disposition (RFC 6266) with a name in any script."""
    plain = "".join(sign if sign.isascii() and sign.isprintable() and sign not in '"\\%' else "_" for sign in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
