"""The error shape of ``/v1``: ``{"error": text}`` or ``{"error": {"<field>": [text, …]}}`` (docs/api/timeslot.md)."""

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException

from slotport.actions.files import Rejected, Report
from slotport.errors import (
    BadText,
    Forbidden,
    FormatError,
    Invalid,
    NotFound,
    SlotportError,
    TooLarge,
    TooManyTries,
    Unauthorized,
    Unavailable,
)

STATUS: dict[type[Exception], int] = {
    NotFound: 404,
    Unauthorized: 401,
    Forbidden: 403,
    Invalid: 422,
    BadText: 403,
    FormatError: 422,
    TooLarge: 413,
    TooManyTries: 429,
    Unavailable: 503,
    SlotportError: 500,
}
UNEXPECTED = "something went wrong here; nothing was changed"


class ProblemBody(msgspec.Struct, frozen=True):
    """What is wrong with a record of an imported file, or worth knowing about it."""

    index: int | None
    line: int | None
    uid: str | None
    title: str | None
    code: str
    message: str


class ReportBody(msgspec.Struct, frozen=True):
    """What became of the records of an imported file; the five counts add up to their number."""

    created: int
    updated: int
    unchanged: int
    skipped: int
    rejected: int
    problems: list[ProblemBody]


def problem_bodies(report: Report) -> list[ProblemBody]:
    """The report's problems, in the order of the file as far as they were found while it was read."""
    return [
        ProblemBody(problem.index, problem.line, problem.uid, problem.title, problem.code, problem.message)
        for problem in report.problems
    ]


def report_body(report: Report) -> ReportBody:
    """The report as its wire shape."""
    return ReportBody(
        report.created,
        report.updated,
        report.unchanged,
        report.skipped,
        report.rejected,
        problem_bodies(report),
    )


def import_counts(report: Report) -> dict[str, str]:
    """The headers that count what became of the records."""
    counted = ("created", "updated", "unchanged", "skipped", "rejected")
    return {f"X-Import-{name.title()}": str(getattr(report, name)) for name in counted}


class ErrorBody(msgspec.Struct, frozen=True):
    """What every refusal says."""

    error: str | dict[str, list[Any]]


def status_of(error: Exception) -> int:
    """The status of an error on this surface; 500 of one that nobody foresaw."""
    if isinstance(error, HTTPException):
        return error.status_code
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def refuse(_request: Request[Any, Any, Any], error: Exception) -> Response[ErrorBody]:
    """Answer an error in this surface's shape."""
    headers: dict[str, str] = {}
    if isinstance(error, TooManyTries | Unavailable):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = 'Token realm="Slotport"'  # RFC 9110 asks for it
    if isinstance(error, Rejected):
        headers |= import_counts(error.report)
    if isinstance(error, MethodNotAllowedException) and error.headers:
        headers["Allow"] = _allowed(error.headers.get("Allow") or error.headers.get("allow", ""))
    return Response(ErrorBody(_text(error)), status_code=status_of(error), headers=headers)


def _allowed(methods: str) -> str:
    known = {method.strip() for method in methods.split(",")}
    return ", ".join(sorted(known | ({"HEAD"} if "GET" in known else set())))


def _text(error: Exception) -> str | dict[str, list[Any]]:
    if isinstance(error, Invalid):
        return {name: list(texts) for name, texts in error.fields.items()}
    if isinstance(error, Rejected):
        return {"file": list(problem_bodies(error.report))}
    if isinstance(error, FormatError) and not isinstance(error, BadText):
        return {"file": [str(error)]}
    if isinstance(error, NotFoundException):
        return "there is nothing here"
    if isinstance(error, MethodNotAllowedException):
        return "this method is not for this route"
    if isinstance(error, HTTPException):
        return error.detail
    return str(error) if status_of(error) != 500 else UNEXPECTED
