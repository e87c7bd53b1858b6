"""The pictures in a slot's form: taken as soon as they are chosen, shown to those who may see the slot."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from slotport import images
from slotport.actions import slot_media
from slotport.actions.assets import Found
from slotport.api.body import Upload, body_of
from slotport.api.callers import AnyRequest
from slotport.api.export.sending import Sent, send
from slotport.api.page.rendering import Page
from slotport.api.pieces import Pieces
from slotport.api.timeslot.entries import number_in_path
from slotport.core.account import Account
from slotport.depot import depot_of
from slotport.errors import Invalid
from slotport.settings import Settings
from slotport.storage.store import Store


class ImageForm(Struct, kw_only=True):
    """A picture."""

    image: Upload | None = None


@post("/slots/image", status_code=200, sync_to_thread=True, dependencies={"form": body_of(ImageForm, files=True)})
def take(
    form: NamedDependency[ImageForm],
    page: NamedDependency[Page],
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take a picture that no slot holds yet: a part of the form."""
    problem, public_id = "", ""
    try:
        if form.image is None or not form.image.size_bytes:
            raise Invalid.of("image", "is missing")
        public_id = stored(store, caller, settings, form.image, now)
    except Invalid as refused:
        problem = "; ".join(map(page.t.said, refused.fields["image"]))
    return page.show("slot_picture.html", added=public_id, picture_problem=problem)


@get("/slots/note", sync_to_thread=True)
def further_note(
    page: NamedDependency[Page], caller: NamedDependency[Account], now: NamedDependency[datetime]
) -> Response[Any]:
    """An empty note: a part of the form."""
    return page.show("slot_note.html", note=f"{now.timestamp():.6f}".replace(".", ""))


@get("/slots/added/{public_id:str}", sync_to_thread=True)
def show_added(
    public_id: FromPath[str],
    request: AnyRequest,
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Pieces:
    """Show a picture that the caller just uploaded."""
    found = slot_media.own_picture(store, caller, public_id, "small", depot=depot_of(settings))
    return _sent(request, settings, found)


@get("/slots/{slot_id:str}/media/{media_id:str}/{size:str}", sync_to_thread=True)
def show_picture(
    slot_id: FromPath[str],
    media_id: FromPath[str],
    size: FromPath[str],
    request: AnyRequest,
    caller: NamedDependency[Account],
    store: NamedDependency[Store],
    settings: NamedDependency[Settings],
) -> Pieces:
    """Show a picture of a slot, small or large."""
    number, media = number_in_path(slot_id), number_in_path(media_id)
    found = slot_media.picture(store, caller, number, media, size, depot=depot_of(settings))
    return _sent(request, settings, found)


HANDLERS: list[Any] = [take, further_note, show_added, show_picture]


def stored(store: Store, caller: Account, settings: Settings, upload: Upload, now: datetime) -> str:
    """Store a picture; its public id. Raises Invalid, naming ``image``."""
    return slot_media.upload(
        store,
        caller,
        upload.name,
        upload.chunks(),
        depot=depot_of(settings),
        images=images.shared(settings.max_pixels),
        most_bytes=settings.max_asset_bytes,
        now=now,
    )


def _sent(request: AnyRequest, settings: Settings, found: Found) -> Pieces:
    sent = Sent(
        place=found.place,
        size=found.size,
        etag=found.sha256,
        modified=found.modified,
        media_type=found.media_type,
        open=depot_of(settings).open,
    )
    return send(request, sent, {}, lambda _: None)
