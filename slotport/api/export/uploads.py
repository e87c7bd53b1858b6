"""A media file as it comes in: one file of a multipart body, written where it will stay (docs/api/export-assets.md)."""

import asyncio
import shutil
from pathlib import Path

from litestar.di import Provide
from msgspec import Struct
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from slotport.actions import assets
from slotport.api.body import BODY_BYTES, chunks, content_type_of
from slotport.api.callers import AnyRequest
from slotport.api.export.bodies import invalid_content
from slotport.api.scope import SPOOLS, own
from slotport.errors import TooLarge
from slotport.settings import Settings

_PARTS = 100
_WRITTEN_BYTES = 1024 * 1024  #: at a time, on a thread
_ANY = 2**62


class Received(Struct, frozen=True):
    """A file that was received whole; its folder is removed when the request is answered, unless it was moved."""

    folder: Path  #: holds the bytes as ``original``
    file_name: str  #: as the client calls it


class _Folder:
    """Closed with the request, as spools are."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def close(self) -> None:
        shutil.rmtree(self._path, ignore_errors=True)


async def upload_of(request: AnyRequest) -> Received:
    """The one file of the body; fields without a file name mean nothing.

    Raises WireError: upload_limit_exceeded and upload_type_not_allowed as soon as that is known, invalid_content.
    """
    settings: Settings = request.app.state.settings
    content_type, options = content_type_of(request.headers.get("content-type", ""))
    if content_type != "multipart/form-data" or not options.get("boundary"):
        raise invalid_content("must be multipart/form-data")
    announced = request.headers.get("content-length", "")
    too_much = announced.isdecimal() and int(announced) > settings.max_asset_bytes + BODY_BYTES
    folder = await asyncio.to_thread(assets.new_incoming, settings.files_folder)
    own(request.scope).setdefault(SPOOLS, []).append(_Folder(folder))
    parts = _Parts(folder / assets.ORIGINAL, settings.max_asset_bytes, too_much=too_much)
    try:
        parser = PushMultipartParser(options["boundary"], max_segment_count=_PARTS)
        async for chunk in chunks(request, _ANY):
            for event in parser.parse(chunk):
                parts.take(event)
            if len(parts.waiting) >= _WRITTEN_BYTES:
                await asyncio.to_thread(parts.write)
        parser.close()
    except (MultipartError, UnicodeError) as cause:
        raise invalid_content(f"is not multipart/form-data: {cause}") from cause
    if parts.file_name is None:
        raise invalid_content("has no file")
    await asyncio.to_thread(parts.write)
    return Received(folder, parts.file_name)


class _Parts:
    """Takes the parts of a body: the bytes of the file, and nothing of the others."""

    def __init__(self, place: Path, limit: int, *, too_much: bool) -> None:
        self.file_name: str | None = None
        self.waiting = bytearray()  #: bytes of the file that are to be written
        self._place = place
        self._limit = limit
        self._too_much = too_much
        self._size = 0
        self._other_bytes = 0
        self._is_file = False

    def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        """Take what the parser found."""
        if isinstance(event, MultipartSegment):
            self._begin(event.filename or "")
        elif event is not None and self._is_file:
            self.waiting += event
            self._size += len(event)
            if self._size > self._limit:
                raise assets.limit_exceeded(self.file_name or "", self._limit)
        elif event is not None:
            self._other_bytes += len(event)
            if self._other_bytes > BODY_BYTES:
                raise TooLarge(f"the body has more than {BODY_BYTES} bytes besides the file")

    def _begin(self, file_name: str) -> None:
        self._is_file = bool(file_name)
        if not self._is_file:
            return
        if self.file_name is not None:
            raise invalid_content("has more than one file")
        assets.check_name(file_name)
        if self._too_much:
            raise assets.limit_exceeded(file_name, self._limit)
        self.file_name = file_name

    def write(self) -> None:
        """Write what waits."""
        with self._place.open("ab") as stream:
            stream.write(self.waiting)
        self.waiting.clear()


def provided() -> dict[str, Provide]:
    """The dependency ``upload``."""
    return {"upload": Provide(upload_of)}
