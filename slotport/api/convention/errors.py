"""The error shape of the convention interface: ``{"status": false, "error": text}`` (docs/api/convention.md)."""

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException

from slotport.errors import (
    Clash,
    Conflict,
    Forbidden,
    FormatError,
    Invalid,
    NotFound,
    NotSupported,
    SlotportError,
    TooLarge,
    TooManyTries,
    Unauthorized,
    Unavailable,
)

MEDIA_TYPE = "application/json; charset=utf-8"
STATUS: dict[type[Exception], int] = {
    Invalid: 400,
    FormatError: 400,
    NotSupported: 400,
    Clash: 400,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    TooManyTries: 429,
    Unavailable: 503,
    SlotportError: 500,
}
UNEXPECTED = "something went wrong here; nothing was changed"
STOPPED = b'{"status":false,"error":"the server stops, and the request was cut"}'


class Refusal(msgspec.Struct, frozen=True):
    """What every refusal says; `status` is always false, `details` is there where a program may want to know more."""

    status: bool
    error: str
    details: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


def status_of(error: Exception) -> int:
    """The status of an error on this surface; 500 of one that nobody foresaw."""
    if isinstance(error, HTTPException):
        return error.status_code
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def refuse(_request: Request[Any, Any, Any], error: Exception) -> Response[Refusal]:
    """Answer an error in this surface's shape."""
    headers: dict[str, str] = {"Cache-Control": "no-store"}
    if isinstance(error, TooManyTries | Unavailable):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, MethodNotAllowedException):
        headers["Allow"] = allowed(error)
    details = getattr(error, "details", None)
    refusal = Refusal(status=False, error=_text(error), details=msgspec.UNSET if details is None else dict(details))
    return Response(refusal, status_code=status_of(error), headers=headers, media_type=MEDIA_TYPE)


def allowed(error: MethodNotAllowedException) -> str:
    """The methods of the route, those that every route has included."""
    headers = {name.lower(): text for name, text in (error.headers or {}).items()}
    known = {method.strip() for method in headers.get("allow", "").split(",") if method.strip()}
    return ", ".join(sorted(known | {"OPTIONS"} | ({"HEAD"} if "GET" in known else set())))


def _text(error: Exception) -> str:
    if isinstance(error, NotFoundException):
        return "there is nothing here"
    if isinstance(error, MethodNotAllowedException):
        return "this method is not for this address"
    if isinstance(error, HTTPException):
        return error.detail
    return str(error) if status_of(error) != 500 else UNEXPECTED
