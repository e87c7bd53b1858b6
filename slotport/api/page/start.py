"""``/``, and the files that all pages load."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from slotport.api.conditions import knows
from slotport.api.export.messages import MESSAGES
from slotport.api.page.built import Built, File
from slotport.api.page.errors import wants_page
from slotport.api.page.export_words import text_key
from slotport.api.page.rendering import Page
from slotport.errors import NotFound

OWN = {"icon.svg": "image/svg+xml"}  #: files that are served as they are
_FILES = {name: (Path(__file__).parent / name).read_bytes() for name in OWN}
FOREVER = "public, max-age=31536000, immutable"


@get("/", sync_to_thread=True, include_in_schema=False)
def home(request: Request[Any, Any, State], page: NamedDependency[Page]) -> Response[Any]:
    """Greet a browser; to all others 401 without a body, as the Timeslot API does."""
    if wants_page(request):
        messages = {code: page.t(text_key(code)) for code in MESSAGES}
        return page.show("welcome.html", messages={**messages, "": page.t("server-error-other")})
    return Response(b"", status_code=401, media_type=MediaType.TEXT)


@get("/app", sync_to_thread=False, include_in_schema=False)
def first(page: NamedDependency[Page]) -> Response[Any]:
    """Where signed-in people begin."""
    return page.go("/app/calendar")


@get("/static/{name:str}", sync_to_thread=False, include_in_schema=False)
def static(request: Request[Any, Any, State], name: FromPath[str]) -> Response[bytes]:
    """Give a file that our pages load. Those that were built have another name once they change."""
    built: Built = request.app.state.built
    if (content := _FILES.get(name)) is not None:
        return _sent(request, File(content, content, OWN[name]), "public, no-cache", compress=False)
    if (file := built.files.get(name)) is None:
        raise NotFound("there is nothing here")
    is_hashed = name in built.entries.values() or name.endswith(".js")
    return _sent(request, file, FOREVER if is_hashed else "public, no-cache", compress=True)


def _sent(request: Request[Any, Any, State], file: File, cached: str, *, compress: bool) -> Response[bytes]:
    is_compressed = compress and "gzip" in request.headers.get("accept-encoding", "").lower()
    content = file.compressed if is_compressed else file.content
    etag = sha256(content).hexdigest()[:32]
    headers = {"Cache-Control": cached, "ETag": f'"{etag}"'}
    if is_compressed:
        headers["Content-Encoding"] = "gzip"
    if knows(request.headers, etag):
        return Response(b"", status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=file.media_type)
