"""Answers that stay the same as long as the server runs: compressed once, with an ``ETag``."""

import gzip
from collections.abc import Mapping
from hashlib import sha256

from litestar import Response
from msgspec import Struct

from slotport.api.callers import AnyRequest
from slotport.api.conditions import knows


class Fixed(Struct, frozen=True):
    """Content that does not change."""

    content: bytes
    compressed: bytes  #: by gzip
    media_type: str
    etag: str  #: of the content

    @classmethod
    def of(cls, content: bytes, media_type: str) -> "Fixed":
        """The content, compressed as well as can be."""
        return cls(content, gzip.compress(content, 9, mtime=0), media_type, sha256(content).hexdigest()[:32])


def answer(request: AnyRequest, fixed: Fixed, further: Mapping[str, str]) -> Response[bytes]:
    """The content, compressed if that is understood and shorter; 304 to whoever has it."""
    is_understood = "gzip" in request.headers.get("accept-encoding", "").lower()
    is_compressed = is_understood and len(fixed.compressed) < len(fixed.content)
    content = fixed.compressed if is_compressed else fixed.content
    etag = f"{fixed.etag}-gzip" if is_compressed else fixed.etag
    headers = {**further, "ETag": f'"{etag}"', "Vary": "Accept-Encoding"}
    if is_compressed:
        headers["Content-Encoding"] = "gzip"
    if knows(request.headers, etag):
        return Response(b"", status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=fixed.media_type)
