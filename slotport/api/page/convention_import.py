"""A schedule file becomes part of a convention: choose, check, read, and what became of it."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions.report import Report
from slotport.actions.schedule_import import Refused, import_schedule
from slotport.api.body import Upload, body_of
from slotport.api.page.convention_access import BELOW
from slotport.api.page.rendering import Page
from slotport.core.convention import Access
from slotport.errors import TooLarge
from slotport.storage.store import Store

PROBLEMS = 200  #: of a report that are shown


class ScheduleForm(Struct, kw_only=True):
    """A schedule file."""

    file: Upload | None = None
    check: bool = False  #: say what would become of it, and store nothing


@get(f"{BELOW}/import", sync_to_thread=True)
def show_schedule_import(
    convention_name: FromPath[str], page: NamedDependency[Page], access: NamedDependency[Access]
) -> Response[Any]:
    """The form that takes a file."""
    return _shown(page, access)


@post(f"{BELOW}/import", sync_to_thread=True, dependencies={"form": body_of(ScheduleForm, files=True)})
def read_schedule(
    convention_name: FromPath[str],
    form: NamedDependency[ScheduleForm],
    page: NamedDependency[Page],
    access: NamedDependency[Access],
    store: NamedDependency[Store],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Read the file, or look through it only; the report says what became of its entries."""
    if form.file is None or not form.file.size_bytes:
        return _shown(page, access, why=page.t("convention-import-none"), status_code=422)
    try:
        report = import_schedule(store, access, form.file.chunks(), dry_run=form.check, now=now)
    except Refused as refused:
        return _shown(page, access, report=refused.report, why=page.t.said(str(refused)), status_code=422)
    except TooLarge as error:
        return _shown(page, access, why=page.t.said(str(error)), status_code=422)
    return _shown(page, access, report=report, is_check=form.check)


HANDLERS: list[Any] = [show_schedule_import, read_schedule]


def _shown(
    page: Page,
    access: Access,
    *,
    report: Report | None = None,
    why: str = "",
    is_check: bool = False,
    status_code: int = 200,
) -> Response[Any]:
    problems = report.problems if report else []
    return page.show(
        "convention_import.html",
        status_code=status_code,
        convention=access.convention,
        report=report,
        why=why,
        is_check=is_check,
        shown=problems[:PROBLEMS],
        more=len(problems) - PROBLEMS,
    )
