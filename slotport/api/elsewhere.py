"""Answers outside the surfaces: ``/``, ``/static`` and what nobody knows. HTML for a browser, else ``{"error"}``."""

from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.params import FromPath

from slotport.api.conditions import knows
from slotport.api.export.messages import MESSAGES, OTHER
from slotport.api.timeslot import errors
from slotport.errors import NotFound

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1>
{body}
</body></html>
"""
PAGE_POLICY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; frame-ancestors 'self'"
}

WELCOME = """<p>This is Slotport, a server for time slots: calendars come in as iCalendar, Outlook CSV or Timeslot JSON,
and go out again in any of them.</p>
<ul>
<li><a href="docs">What it can be asked</a>, and the same as <a href="openapi.json">OpenAPI</a></li>
<li><a href="readyz">Whether it is ready</a></li>
</ul>"""

#: what an address with ``#server_error:<key>`` makes visible; the script picks one
SERVER_ERROR = f"""<div id="server-error" role="alert" hidden><ul>
{"".join(f'<li data-key="{escape(key)}">{escape(text)}</li>' for key, text in (MESSAGES | {"": OTHER}).items())}
</ul></div>
<script src="static/page.js" defer></script>
"""
_STATIC = {"page.js": "text/javascript; charset=utf-8"}  #: files of the folder, and their media types
_FILES = {name: (Path(__file__).parent / "static" / name).read_bytes() for name in _STATIC}


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether the client is a browser: its Accept names ``text/html``."""
    return "text/html" in request.headers.get("accept", "").lower()


def page(title: str, body: str, status_code: int = 200) -> Response[str]:
    """A page of ours; ``body`` is HTML."""
    text = PAGE.format(title=escape(title), body=body)
    return Response(text, status_code=status_code, media_type=MediaType.HTML, headers=PAGE_POLICY)


@get("/", sync_to_thread=False, include_in_schema=False)
def home(request: Request[Any, Any, Any]) -> Response[Any]:
    """Greet a browser; to all others 401 without a body, as the Timeslot API does."""
    if wants_page(request):
        return page("Slotport", SERVER_ERROR + WELCOME)
    return Response(b"", status_code=401, media_type=MediaType.TEXT)


@get("/static/{name:str}", sync_to_thread=False, include_in_schema=False)
def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """Give a file that our pages load."""
    if name not in _FILES:
        raise NotFound("there is nothing here")
    etag = sha256(_FILES[name]).hexdigest()[:32]
    headers = {"Cache-Control": "public, no-cache", "ETag": f'"{etag}"', "Content-Type": _STATIC[name]}
    if knows(request.headers, etag):
        return Response(b"", status_code=304, headers=headers)
    return Response(_FILES[name], headers=headers, media_type=_STATIC[name])


def refuse(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer an error as a page or as ``{"error"}``."""
    answer = errors.refuse(request, error)
    if not wants_page(request):
        return answer
    text = answer.content.error
    html = page("Slotport", f"<p>{escape(str(text))}</p>", answer.status_code or 500)
    html.headers.update(answer.headers)
    return html


HANDLERS: list[Any] = [home, static]
