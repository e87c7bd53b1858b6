"""``/``, and the files that all pages load."""

from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from slotport.api import fixed
from slotport.api.export.messages import MESSAGES
from slotport.api.fixed import Fixed
from slotport.api.page.built import Built
from slotport.api.page.errors import wants_page
from slotport.api.page.export_words import text_key
from slotport.api.page.rendering import Page
from slotport.errors import NotFound

OWN = {"icon.svg": "image/svg+xml"}  #: files that are served as they are
_FILES = {name: Fixed.of((Path(__file__).parent / name).read_bytes(), kind) for name, kind in OWN.items()}
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
    if (file := _FILES.get(name) or built.files.get(name)) is None:
        raise NotFound("there is nothing here")
    is_hashed = name in built.entries.values() or name.endswith(".js")
    return fixed.answer(request, file, {"Cache-Control": FOREVER if is_hashed else "public, no-cache"})
