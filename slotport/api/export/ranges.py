"""Which bytes a client wants (RFC 9110, section 14): one range, or all of them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from msgspec import Struct

_RANGE = re.compile(r"bytes\s*=\s*([0-9]{0,30})\s*-\s*([0-9]{0,30})", re.ASCII | re.IGNORECASE)


class Slice(Struct, frozen=True):
    """Bytes of a whole of ``size``."""

    start: int
    length: int
    size: int

    @property
    def content_range(self) -> str:
        """The header that says which they are."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.size}"


class Unsatisfiable(Exception):
    """The whole has none of the bytes that are wanted."""


def wanted(headers: Mapping[str, str], *, size: int, etag: str, modified: datetime) -> Slice | None:
    """The range that a GET asks for; None for all.

    Several ranges, a header that is none, and a range of something that ``If-Range`` says has changed are taken as
    asking for all. Raises Unsatisfiable.
    """
    match = _RANGE.fullmatch(headers.get("range", "").strip())
    if match is None or not any(match.groups()) or not _is_unchanged(headers.get("if-range"), etag, modified):
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        start = size - length
    else:
        start = int(first)
        end = min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return None  # no range at all
        length = end - start + 1
    if length <= 0 or start >= size:
        raise Unsatisfiable
    return Slice(start, length, size)


def is_another(headers: Mapping[str, str], etag: str) -> bool:
    """Whether ``If-Match`` names others than this."""
    sent = headers.get("if-match")
    return sent is not None and sent.strip() != "*" and f'"{etag}"' not in [tag.strip() for tag in sent.split(",")]


def _is_unchanged(condition: str | None, etag: str, modified: datetime) -> bool:
    if condition is None:
        return True
    condition = condition.strip()
    if condition.startswith(('"', "W/")):
        return condition == f'"{etag}"'  # a weak tag says nothing about bytes
    try:
        given = parsedate_to_datetime(condition)
    except ValueError:
        return False
    given = given if given.tzinfo is not None else given.replace(tzinfo=UTC)
    return given == modified.replace(microsecond=0)
