"""``/app/exports/<id>/files``: the folders of a result, its files to look at and to fetch (docs/page.md).

Nothing of a person's files ever runs in our origin: text is shown as text on a page of ours, pictures as pictures,
and everything else, and every file that is fetched, is handed out to be saved, in a sandbox.
"""

from functools import partial
from pathlib import PurePosixPath
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport.actions import export_results, export_views
from slotport.actions.export_results import Download
from slotport.api.body import query_of
from slotport.api.callers import AnyRequest
from slotport.api.export.sending import HEADERS as SANDBOX
from slotport.api.export.sending import Naming, Sent, counted, send
from slotport.api.page.export_words import Words
from slotport.api.page.rendering import Page
from slotport.api.pieces import Pieces
from slotport.core.account import Account
from slotport.depot import depot_of
from slotport.packers import zip_stream
from slotport.settings import Settings
from slotport.storage.store import Store

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})


class PathQuery(Struct, kw_only=True):
    """A path in the result; of a folder, behind which entry to go on; of a picture, whether it is to be shown."""

    path: str = ""
    after: str = ""
    shown: bool = False


ASKED = {"asked": query_of(PathQuery)}


@get("/exports/{export_id:int}/files", sync_to_thread=True, dependencies=ASKED)
def show_folder(
    export_id: FromPath[int],
    asked: NamedDependency[PathQuery],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
) -> Response[Any]:
    """What lies in a folder."""
    folder = export_views.folder(store, caller, export_id, asked.path, after=asked.after)
    words = Words(page, page.now())
    return page.show("export_files.html", export=folder.export, folder=folder, words=words, above=_above(folder.path))


@get("/exports/{export_id:int}/view", sync_to_thread=True, dependencies=ASKED)
def show_file(
    export_id: FromPath[int],
    asked: NamedDependency[PathQuery],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Response[Any]:
    """A file: the beginning of a text, a picture, or neither."""
    found = export_views.beginning(store, caller, export_id, asked.path, settings=settings)
    is_picture = found.file.media_type in PICTURES
    return page.show(
        "export_view.html",
        export_id=export_id,
        file=found.file,
        text=None if is_picture else found.text,
        is_cut=found.is_cut,
        is_picture=is_picture,
        words=Words(page, page.now()),
        above=_above(found.file.path)[:-1],
    )


@get("/exports/{export_id:int}/file", sync_to_thread=True, dependencies=ASKED)
def fetch_file(
    request: AnyRequest,
    export_id: FromPath[int],
    asked: NamedDependency[PathQuery],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Pieces:
    """A file to be saved; a picture may be shown."""
    found = export_results.find_file(store, caller, export_id, asked.path, last=True, settings=settings)
    file, name = found.file, PurePosixPath(found.file.path)
    is_inline = asked.shown and file.media_type in PICTURES
    sent = Sent(
        place=found.place,
        size=file.size,
        etag=file.sha256,
        modified=file.modified,
        media_type=file.media_type if is_inline else "application/octet-stream",
        open=depot_of(settings).open,
    )
    naming = Naming("inline" if is_inline else "attachment", None)
    # what is only looked at on our page was not fetched
    note = _ignore if is_inline else partial(_note, request, _download(export_id, found.export, file.path, file.size))
    return send(request, sent, naming.headers(name.name, name.suffix), note)


@get("/exports/{export_id:int}/zip", sync_to_thread=True, dependencies=ASKED)
def fetch_zip(
    request: AnyRequest,
    export_id: FromPath[int],
    asked: NamedDependency[PathQuery],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Pieces:
    """All files, or those of a folder, as a zip that is made while it is sent."""
    bundle = export_results.bundle(store, caller, export_id, asked.path, last=True, settings=settings)
    name = f"{bundle.export.name}-{bundle.leaf}" if bundle.leaf else bundle.export.name
    note = partial(_note, request, _download(export_id, bundle.export, "", None))
    headers = {
        "Content-Type": "application/zip",
        **SANDBOX,
        **Naming("attachment", None).headers(f"{name}.zip", ".zip"),
    }
    return Pieces(counted(zip_stream.stream(bundle.entries), note), headers=headers)


def _download(export_id: int, export: Any, path: str, size: int | None) -> Download:
    verb = f"file/{path}" if path else "zip"
    return Download(export=export, url=f"/app/exports/{export_id}/{verb}", bytes_total=size)


def _note(request: AnyRequest, download: Download, count: int) -> None:
    state = request.app.state
    export_results.note_download(state.store, download, count, state.clock())


def _ignore(_count: int) -> None:
    pass


def _above(path: str) -> list[tuple[str, str]]:
    """The path's folders and the path itself, outermost first: name and path."""
    parts = path.split("/") if path else []
    return [(name, "/".join(parts[: place + 1])) for place, name in enumerate(parts)]


HANDLERS: list[Any] = [show_folder, show_file, fetch_file, fetch_zip]
