"""How a page refuses: the frame of every page with what is the matter, or the way to sign in."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response

from slotport.api.page.export_words import sentence
from slotport.api.page.rendering import Page
from slotport.api.timeslot import errors as plain
from slotport.errors import Conflict, WireError

#: codes of the export interface for what is not there, or not the caller's to see; every other one is a refusal
NOTHING = frozenset(
    {
        "error.user.asset_not_found",
        "error.user.event_not_found",
        "error.user.export_file_not_found",
        "error.user.export_not_done",
        "error.user.export_not_found",
        "error.user.export_path_not_a_file",
        "error.user.transport_not_found",
    }
)


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether the client is a browser: its Accept names ``text/html``."""
    return "text/html" in request.headers.get("accept", "").lower() or "hx-request" in request.headers


def refuse(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A page that says what is the matter; to scripts, ``{"error"}``."""
    page = Page(request)
    status = _status_of(error)
    answer: Response[plain.ErrorBody] = plain.refuse(request, error)
    if isinstance(error, WireError):
        answer.content = plain.ErrorBody(sentence(page, error))
    headers = {name: text for name, text in answer.headers.items() if name.lower() in ("retry-after", "allow")}
    if not wants_page(request):
        return Response(answer.content, status_code=status, headers=headers)
    if status == 401 and request.method == "GET" and not page.is_partial and not page.is_dialog:
        query = str(request.scope["query_string"], "latin-1")
        target = request.scope["path"] + (f"?{query}" if query else "")
        return page.go("/app/sign-in?" + urlencode({"next": target}))
    text = answer.content.error if isinstance(answer.content.error, str) else str(error)
    if status == 404 and not isinstance(error, WireError):
        text = page.t("refused-nothing-hint")
    shown = page.show("refused.html", status_code=status, status=status, text=text)
    shown.headers.update(headers)
    return shown


def _status_of(error: Exception) -> int:
    if isinstance(error, WireError):
        return 404 if error.code in NOTHING else 422
    return 409 if isinstance(error, Conflict) else plain.status_of(error)
