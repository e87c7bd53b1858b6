"""Conditional requests (RFC 9110, section 13): whether who asks has the answer already."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime


def knows(headers: Mapping[str, str], etag: str, modified_at: datetime | None = None) -> bool:
    """Whether the request bears the tag, or else a date not before that one."""
    if (sent := headers.get("if-none-match")) is not None:
        tags = [tag.strip().removeprefix("W/") for tag in sent.split(",")]
        return "*" in tags or f'"{etag}"' in tags
    since = headers.get("if-modified-since")
    if modified_at is None or since is None:
        return False
    try:
        given = parsedate_to_datetime(since)
    except ValueError:
        return False
    if given.tzinfo is None:
        given = given.replace(tzinfo=UTC)
    return modified_at.replace(microsecond=0) <= given


def http_date(instant: datetime) -> str:
    """The instant as Last-Modified has it."""
    return format_datetime(instant.astimezone(UTC).replace(microsecond=0), usegmt=True)
