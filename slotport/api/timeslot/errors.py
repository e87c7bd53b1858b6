"""The error shape of ``/v1``: ``{"error": text}`` or ``{"error": {"<field>": [text, …]}}`` (docs/api/timeslot.md)."""

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException

from slotport.actions.files import Rejected
from slotport.api.timeslot.reports import import_counts, problem_bodies
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
        return {"file": problem_bodies(error.report.problems)}
    if isinstance(error, FormatError) and not isinstance(error, BadText):
        return {"file": [str(error)]}
    if isinstance(error, NotFoundException):
        return "there is nothing here"
    if isinstance(error, MethodNotAllowedException):
        return "this method is not for this route"
    if isinstance(error, HTTPException):
        return error.detail
    return str(error) if status_of(error) != 500 else UNEXPECTED
