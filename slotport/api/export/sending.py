"""Answers that are files: their names, headers, ranges, and the bytes piece by piece (docs/api/export-files.md)."""

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from litestar import Request
from litestar.datastructures import State
from msgspec import Struct

from slotport.api.conditions import http_date, knows
from slotport.api.export.errors import DISPOSITIONS
from slotport.api.export.query import Said
from slotport.api.export.ranges import Slice, Unsatisfiable, is_another, wanted
from slotport.api.pieces import Pieces
from slotport.api.scope import HEAD
from slotport.core.file_names import clean_name
from slotport.errors import SlotportError, WireError, invalid_value

AnyRequest = Request[Any, Any, State]

CHUNK_BYTES = 256 * 1024
HEADERS = {
    # a file of a person's must not run in our origin
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-cache",
}
_NOT_PLAIN = re.compile(r"[^\x20-\x7e]|[\"\\%]")


class Naming(Struct, frozen=True):
    """How a client wants a file to be named, if at all."""

    disposition: str | None
    filename: str | None

    def headers(self, default: str, extension: str) -> dict[str, str]:
        """The header Content-Disposition; ``extension``, such as ``.zip``, is added to a name without it.

        Of a name that has it in capitals it stays so. A name of which nothing is left is the default.
        """
        if self.disposition is None and self.filename is None:
            return {}
        cleaned = _cleaned(self.filename or default, extension) or _cleaned(default, extension)
        cleaned = cleaned or f"download{extension}"
        plain = _NOT_PLAIN.sub("_", cleaned)
        encoded = quote(cleaned, safe="")
        kind = self.disposition or "attachment"
        return {"Content-Disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}"}


def _cleaned(name: str, extension: str) -> str:
    """The name as every system takes it, with its extension; empty if nothing but that is left."""
    base, ending = name[: len(name) - len(extension)], name[len(name) - len(extension) :]
    if not ending.isascii() or ending.lower() != extension.lower():
        base, ending = name, extension
    base = clean_name(base, fallback="")
    return base and base + ending


def naming_of(query: Said) -> Naming:
    """What the query says of disposition and filename; raises WireError for a disposition that is none."""
    disposition = query.text("disposition")
    if disposition is not None and disposition not in DISPOSITIONS:
        raise invalid_value("disposition", "must be inline or attachment")
    return Naming(disposition, query.text("filename") or None)


def wants_last(query: Said) -> bool:
    """Whether the newest successful run is meant, whatever came after it."""
    word = query.text("result")
    if word not in (None, "last"):
        raise invalid_value("result", "must be last")
    return word == "last"


class Sent(Struct, frozen=True, kw_only=True):
    """A file of known size that is to be sent."""

    place: Path
    size: int
    etag: str  #: SHA-256 of its bytes, in hex
    modified: datetime
    media_type: str
    open: Callable[[Path], BinaryIO]
    #: what is done to the file on the way; then what stands before a range has to be read as well
    unpack: Callable[[BinaryIO], BinaryIO] | None = None


def send(request: AnyRequest, sent: Sent, headers: Mapping[str, str], note: Callable[[int], None]) -> Pieces:
    """Answer with the file or the range that is asked for; ``note`` is told at the end how many bytes went out."""
    known = {"ETag": f'"{sent.etag}"', "Last-Modified": http_date(sent.modified), "Accept-Ranges": "bytes", **HEADERS}
    nothing = {**known, "Content-Length": "0"}
    if is_another(request.headers, sent.etag):
        return Pieces(_no_pieces(), status_code=412, headers=nothing)
    if knows(request.headers, sent.etag, sent.modified):
        return Pieces(_no_pieces(), status_code=304, headers=known)
    part = None
    if HEAD not in request.scope:  # a range of a HEAD means nothing
        try:
            part = wanted(request.headers, size=sent.size, etag=sent.etag, modified=sent.modified)
        except Unsatisfiable:
            refused = {**nothing, "Content-Range": f"bytes */{sent.size}"}
            return Pieces(_no_pieces(), status_code=416, headers=refused)
    whole = part or Slice(0, sent.size, sent.size)
    answer = {"Content-Type": sent.media_type, "Content-Length": str(whole.length), **known, **headers}
    if part is not None:
        answer["Content-Range"] = part.content_range
    return Pieces(counted(_read(sent, whole), note), status_code=200 if part is None else 206, headers=answer)


def _no_pieces() -> Generator[bytes, None, None]:
    yield from ()


def counted(pieces: Generator[bytes, None, None], note: Callable[[int], None]) -> Generator[bytes, None, None]:
    """The pieces; at the end ``note`` is told how many bytes of them were taken, if any."""
    taken = 0
    try:
        with closing(pieces):
            for piece in pieces:
                yield piece
                taken += len(piece)
    finally:
        if taken:
            note(taken)


def _read(sent: Sent, part: Slice) -> Generator[bytes, None, None]:
    """The bytes of the range, between empty pieces while it is looked for.

    Raises WireError if the file is gone, SlotportError if it is shorter than it should be.
    """
    try:
        stream = sent.open(sent.place)
    except FileNotFoundError as cause:
        raise WireError("error.user.export_file_not_found", "The file is gone.") from cause
    with stream:
        if sent.unpack is None:
            stream.seek(part.start)
            yield from _pieces(stream, part.length)
            return
        with sent.unpack(stream) as unpacked:  # closing that leaves the file below it open
            yield from (b"" for _ in _pieces(unpacked, part.start))
            yield from _pieces(unpacked, part.length)


def _pieces(stream: BinaryIO, left: int) -> Generator[bytes, None, None]:
    while left > 0:
        if not (piece := stream.read(min(CHUNK_BYTES, left))):
            raise SlotportError("the file is shorter than it should be")
        left -= len(piece)
        yield piece
