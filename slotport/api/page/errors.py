"""How a page refuses: the frame of every page with what is the matter, or the way to sign in."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send
from structlog.contextvars import get_contextvars

from slotport.api.page import visitors
from slotport.api.page.export_words import sentence
from slotport.api.page.rendering import Page, again, with_policy
from slotport.api.page.texts import Texts
from slotport.api.timeslot import errors as plain
from slotport.errors import Conflict, NotFound, SlotportError, TooManyTries, Unavailable, WireError

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
KNOWN = (401, 403, 404, 405, 409, 413, 429, 500, 503)  #: statuses with words of their own


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether the client is a browser: its Accept names ``text/html``."""
    return "text/html" in request.headers.get("accept", "").lower() or "hx-request" in request.headers


def refuse(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A page that says what is the matter; to scripts, ``{"error"}``."""
    page = Page(request)
    status = _status_of(error)
    answer: Response[plain.ErrorBody] = plain.refuse(request, error)
    raised = answer.content.error
    headers = {name: text for name, text in answer.headers.items() if name.lower() in ("retry-after", "allow")}
    if not wants_page(request):
        said = sentence(page, error) if isinstance(error, WireError) else _said(page.t, raised)
        return with_policy(Response(plain.ErrorBody(said), status_code=status, headers=headers))
    if status == 401 and request.method == "GET" and not page.is_partial and not page.is_dialog:
        return with_policy(page.go("/app/sign-in?" + urlencode({"next": _address(request)})))
    text = raised if isinstance(raised, str) else str(error)
    return _Refusal(request, error, status, text, headers)


class _Refusal(Response[None]):
    """The page, made once it is known who asks: at an unknown address nobody has found that out."""

    def __init__(
        self,
        request: Request[Any, Any, Any],
        error: Exception,
        status: int,
        text: str,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(None, status_code=status)
        self._request, self._error, self._status, self._text = request, error, status, text
        self._headers = headers

    def to_asgi_response(self, *_args: Any, **_named: Any) -> ASGIResponse:
        """What sends the page."""
        return _Sending(self)

    async def send(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who asks, and send the page."""
        if not isinstance(self._error, Unavailable):
            with suppress(SlotportError):
                await visitors.recognise(self._request)
        # no worker is needed for a page without the store, and there may be none
        shown = self._page()
        await shown.to_asgi_response(app=None, request=self._request)(scope, receive, send)

    def _page(self) -> Response[bytes]:
        page, status, error = Page(self._request), self._status, self._error
        said = sentence(page, error) if isinstance(error, WireError) else page.t.said(self._text)
        wait = error.retry_after_seconds if isinstance(error, TooManyTries | Unavailable) else None
        shown = page.show(
            "refused.html",
            status_code=status,
            status=status,
            words=status if status in KNOWN else 500 if status >= 500 else 400,
            detail=_sentence(said) if _says_more(error, self._text) else "",
            is_english=said == self._text,
            again="" if wait is None else again(page.t, wait),
            number=str(get_contextvars().get("request_id", "")),
            here=_address(self._request),
            is_asked=self._request.method == "GET",
            unknown=page.account is None and visitors.COOKIE in self._request.cookies and status >= 500,
        )
        shown.headers.update(self._headers)
        return shown


class _Sending(ASGIResponse):
    """Sends a refusal."""

    def __init__(self, refusal: _Refusal) -> None:
        super().__init__(status_code=refusal.status_code)
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await self._refusal.send(scope, receive, send)


def _address(request: Request[Any, Any, Any]) -> str:
    """Path and query that were asked for, without the root."""
    query = str(request.scope["query_string"], "latin-1")
    return str(request.scope["path"]) + (f"?{query}" if query else "")


def _says_more(error: Exception, text: str) -> bool:
    """Whether an error says anything beyond its status."""
    if not isinstance(error, SlotportError) or isinstance(error, TooManyTries) or plain.status_of(error) in (401, 500):
        return isinstance(error, WireError | Conflict)
    return not isinstance(error, NotFound) or text != "there is nothing here"


def _said(t: Texts, raised: str | Mapping[str, list[Any]]) -> str | dict[str, list[Any]]:
    """What was raised, its sentences in the language of the page."""
    if isinstance(raised, str):
        return t.said(raised)
    return {name: [t.said(one) if isinstance(one, str) else one for one in each] for name, each in raised.items()}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _status_of(error: Exception) -> int:
    if isinstance(error, WireError):
        return 404 if error.code in NOTHING else 422
    return 409 if isinstance(error, Conflict) else plain.status_of(error)
