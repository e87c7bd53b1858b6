"""A convention's public files, and files that are read into one (docs/api/convention-schedules.md)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from slotport.actions import convention_access, schedules
from slotport.actions.report import Report
from slotport.actions.schedule_import import Refused, import_schedule
from slotport.actions.schedules import Asked
from slotport.api.addresses import own_address
from slotport.api.body import Upload
from slotport.api.conditions import http_date, knows
from slotport.api.convention.bodies import TAG, Fields, Pairs
from slotport.core.convention import Access
from slotport.core.convention_input import flag
from slotport.errors import Clash
from slotport.formats import feed, schedule_json, schedule_xml
from slotport.settings import Settings
from slotport.storage.store import Store

AnyRequest = Request[Any, Any, State]

MEDIA_TYPES = {"xml": schedule_xml.MEDIA_TYPE, "json": schedule_json.MEDIA_TYPE, "ics": feed.MEDIA_TYPE}
TAG_NAME = TAG.removeprefix("by_")
FILE = "/conventions/{convention_name:str}/schedule."


@get(f"{FILE}xml", sync_to_thread=True, opt={"produces": [schedule_xml.MEDIA_TYPE]})
def read_schedule_xml(
    convention_name: FromPath[str],
    request: AnyRequest,
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Give a convention's public schedule as schedule.xml, for conference apps."""
    return _file("xml", Asked(), request, access, store, settings, now)


@get(f"{FILE}json", sync_to_thread=True, opt={"produces": [schedule_json.MEDIA_TYPE]})
def read_schedule_json(
    convention_name: FromPath[str],
    request: AnyRequest,
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Give a convention's public schedule as schedule.json, for conference apps."""
    return _file("json", Asked(), request, access, store, settings, now)


@get(f"{FILE}ics", sync_to_thread=True, opt={"produces": ["text/calendar"]})
def read_schedule_ics(
    convention_name: FromPath[str],
    request: AnyRequest,
    access: NamedDependency[Access],
    pairs: NamedDependency[Pairs],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """Give a convention's public schedule as iCalendar, to subscribe to.

    Query: `location=<slug>`, `host=<user id>`, `event=<id>`, `tag:<title>=<value>`; all that are given must hold.
    """
    return _file("ics", _asked(pairs), request, access, store, settings, now)


class ProblemObject(msgspec.Struct, frozen=True):
    """What is wrong with an entry of a file, or worth knowing about it."""

    index: int | None
    line: int | None
    guid: str | None
    title: str | None
    code: str
    message: str


class ImportObject(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a file's time slots; the five counts add up to their number."""

    status: bool = True
    created: int
    updated: int
    unchanged: int
    skipped: int
    rejected: int
    problems: list[ProblemObject]


@post("/conventions/{convention_name:str}/import", status_code=200, sync_to_thread=True)
def import_file(
    convention_name: FromPath[str],
    access: NamedDependency[Access],
    flags: NamedDependency[Fields],
    upload: NamedDependency[Upload],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> ImportObject:
    """Read a schedule.xml or schedule.json into the convention, in one transaction. For managers.

    The body is the file, or has it as the part `file`. Query: `dry_run` reports only.
    """
    convention_access.manager(access)
    dry_run = flag(flags.get("dry_run"), "dry_run") or False
    with _problems_shown():
        report = import_schedule(store, access, upload.chunks(), dry_run=dry_run, now=now)
    return ImportObject(
        created=report.created,
        updated=report.updated,
        unchanged=report.unchanged,
        skipped=report.skipped,
        rejected=report.rejected,
        problems=_problems(report),
    )


@contextmanager
def _problems_shown() -> Iterator[None]:
    """Let the refusal of a whole file name the problems, as ``details.problems``."""
    try:
        yield
    except Refused as refused:
        raise Clash(str(refused), details={"problems": _problems(refused.report)}) from refused


def _problems(report: Report) -> list[ProblemObject]:
    return [
        ProblemObject(problem.index, problem.line, problem.uid, problem.title, problem.code, problem.message)
        for problem in report.problems
    ]


def _asked(pairs: Pairs) -> Asked:
    given = {name: value for name, value in pairs if value}
    return Asked(
        location=given.get("location", ""),
        host=given.get("host", ""),
        event=given.get("event", ""),
        tags=tuple(
            (name.removeprefix(TAG_NAME), value) for name, value in pairs if value and name.startswith(TAG_NAME)
        ),
    )


def _file(
    word: str,
    asked: Asked,
    request: AnyRequest,
    access: Access,
    store: Store,
    settings: Settings,
    now: datetime,
) -> Response[bytes]:
    server = settings.base_url or own_address(request)
    found = schedules.read(
        store,
        access.convention.id,
        word,
        asked,
        lambda etag, modified_at: knows(request.headers, etag, modified_at),
        server=server,
        now=now,
    )
    return Response(
        found.body or b"",
        status_code=304 if found.body is None else 200,
        media_type=MEDIA_TYPES[word],
        headers={
            "ETag": f'"{found.etag}"',
            "Last-Modified": http_date(found.modified_at),
            "Cache-Control": "public, no-cache",
        },
    )


TAG_NAME = TAG.removeprefix("by_")

HANDLERS: list[Any] = [read_schedule_xml, read_schedule_json, read_schedule_ics, import_file]
