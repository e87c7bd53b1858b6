"""The error shape of the export interface: ``{realm, code, parameters, description, uuid}`` (docs/api/export.md).

On the routes that browsers follow (file, zip, download) an error is a redirect to the page that shows it, if the query
has a valid ``disposition``, and else 400.
"""

import re
from typing import Any
from urllib.parse import parse_qsl, quote
from uuid import uuid4

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException

from slotport.api.addresses import base_path
from slotport.api.export.methods import allowed
from slotport.errors import Invalid, SlotportError, TooLarge, TooManyTries, Unauthorized, Unavailable, WireError
from slotport.settings import Settings

AnyRequest = Request[Any, Any, Any]

DISPOSITIONS = ("inline", "attachment")
WRONG_PASSKEY = "export.invalid.passkey"  #: a key without "error." before it
STATUS = {
    "error.user.not_authenticated": 403,
    "error.user.export_not_found": 404,
    "error.user.export_not_running": 404,
    "error.user.transport_not_found": 404,
}
UNEXPECTED = "Something went wrong here; the server's log has this uuid."
STOPPED = (
    b'{"realm":"server","code":"error.server.unavailable","description":"The server stops, and the request was cut."}'
)
#: routes that a browser is sent to
_FOLLOWED = re.compile(r"/api/v1(/v1)?/export/[^/]+/(file|zip|download)(/.*)?")
_NAMES = 2000


class ErrorObject(msgspec.Struct, frozen=True, omit_defaults=True):
    """What every refusal says; `uuid` of server errors only: it stands in the server's log."""

    realm: str
    code: str
    description: str
    parameters: dict[str, str] = {}
    uuid: str | msgspec.UnsetType = msgspec.UNSET


class WrongPasskey(SlotportError):
    """There are no archives to fetch with this passkey: the answer is a redirect, whatever was asked."""


def refuse(request: AnyRequest, error: Exception) -> Response[Any]:
    """Answer an error in this surface's shape."""
    if isinstance(error, WrongPasskey):
        return _shown_by_page(request, WRONG_PASSKEY)
    status, code, parameters, text = _said(error)
    headers: dict[str, str] = {}
    if isinstance(error, TooManyTries | Unavailable):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, MethodNotAllowedException):
        headers["Allow"] = _allowed(error)
    elif _FOLLOWED.fullmatch(request.scope["path"]):
        if _disposition(request) in DISPOSITIONS and not _is_about_disposition(parameters):
            return _shown_by_page(request, code)
        status = 429 if isinstance(error, TooManyTries) else 400 if status in (403, 404) else status
    answer = ErrorObject(realm=code.split(".")[1], code=code, description=text, parameters=parameters)
    if status >= 500:
        number = str(uuid4())
        structlog.contextvars.bind_contextvars(uuid=number)  # every further line of the request has it
        answer = msgspec.structs.replace(answer, uuid=number)
    return Response(answer, status_code=status, headers=headers, media_type=MediaType.JSON)


def status_of(code: str) -> int:
    """The status of a code of this interface."""
    return STATUS.get(code, 400)


def _said(error: Exception) -> tuple[int, str, dict[str, str], str]:
    """Status, code, parameters and description."""
    match error:
        case WireError():
            return status_of(error.code), error.code, error.parameters, str(error)
        case Unavailable():
            return 503, "error.server.unavailable", {}, _sentence(error)
        case TooManyTries():
            seconds = {"seconds": str(error.retry_after_seconds)}
            return 400, "error.user.login_blocked", seconds, _sentence(error)
        case TooLarge():
            return 400, "error.api.invalid_content", {}, _sentence(error)
        case Invalid():
            return _invalid(error)
        case Unauthorized():
            return 403, "error.user.not_authenticated", {"reason": "unknown"}, _sentence(error)
        case SlotportError():
            return 400, "error.api.generic", {}, _sentence(error)
        case NotFoundException():
            return 400, "error.api.invalid_api", {}, "There is no such route."
        case MethodNotAllowedException():
            return 400, "error.api.invalid_request_method", {}, "This method is not for this route."
        case HTTPException() if error.status_code < 500:
            return 400, "error.api.generic", {}, error.detail
        case _:
            return 500, "error.server.generic", {}, UNEXPECTED


def _invalid(error: Invalid) -> tuple[int, str, dict[str, str], str]:
    field = next(iter(error.fields), "body")
    if field == "body":
        return 400, "error.api.invalid_content", {}, _sentence(error)
    return 400, "error.api.invalid_value", {"attribute": field}, _sentence(error)


def _sentence(error: Exception) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _allowed(error: MethodNotAllowedException) -> str:
    headers = {name.lower(): text for name, text in (error.headers or {}).items()}
    known = {method.strip() for method in headers.get("allow", "").split(",") if method.strip()}
    return allowed(known)


def _disposition(request: AnyRequest) -> str | None:
    """The one disposition that the query names."""
    try:
        pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), max_num_fields=_NAMES)
    except ValueError:
        return None
    found = {value for name, value in pairs if name == "disposition"}
    return found.pop() if len(found) == 1 else None


def _is_about_disposition(parameters: dict[str, str]) -> bool:
    return parameters.get("attribute") == "disposition"


def _shown_by_page(request: AnyRequest, key: str) -> Response[Any]:
    """A redirect to the page that tells a person what the key means."""
    settings: Settings = request.app.state.settings
    headers = {"Location": f"{base_path(settings)}/#server_error:{quote(key, safe='.')}"}
    return Response(b"", status_code=302, media_type=MediaType.TEXT, headers=headers)
