"""Every error that Slotport raises on purpose. They carry fields, and know no status codes: each surface picks its own.

SlotportError
├── NotFound            the thing is not there, or not the caller's to see
├── Unauthorized        no token, a wrong one, or wrong credentials
├── Forbidden           the thing is the caller's to see, but a rule forbids the action
├── TooManyTries        rate limit; ``retry_after_seconds``
├── TooLarge            a body or a file over its limit; ``limit`` and its unit
├── Unavailable         the database is away or full; nothing was changed
├── Invalid             a parameter is missing or wrong; ``fields``: name -> sentences
├── WireError           an error that the export interface has a code for; ``code``, ``parameters``
└── FormatError         a file that cannot be read any further; ``line``
    ├── UnknownFormat   a file of no known format
    └── BadText         bytes that are not text in the stated encoding; ``offset``
"""

import errno
from collections.abc import Mapping, Sequence
from typing import Any

#: what writing fails with when there is no room, or no more is allowed
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class SlotportError(Exception):
    """Base of all: its text is one English sentence, written for the caller."""


class NotFound(SlotportError):
    """The thing does not exist, or the caller may not see it."""


class Unauthorized(SlotportError):
    """The caller did not say who it is, or could not prove it."""


class Forbidden(SlotportError):
    """A rule of a thing the caller may see forbids the action."""


class Conflict(SlotportError):
    """Another thing has already what must be its alone: a title, a slug, an address.

    ``details`` is what a program may want to know, as JSON values.
    """

    def __init__(self, text: str, *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(text)
        self.details = details


class Clash(Conflict):
    """What others use or occupy stands in the way: a location at that time, a value in use."""


class NotSupported(SlotportError):
    """Slotport knows the address, and does nothing there."""


class TooManyTries(SlotportError):
    """A rate limit was hit."""

    def __init__(self, text: str, *, retry_after_seconds: int) -> None:
        super().__init__(text)
        self.retry_after_seconds = retry_after_seconds


class TooLarge(SlotportError):
    """A body, file or list is over its limit, which the text names."""


class Unavailable(SlotportError):
    """The store cannot serve now (away, full, locked for too long); nothing was changed."""

    def __init__(self, text: str, *, retry_after_seconds: int = 5) -> None:
        super().__init__(text)
        self.retry_after_seconds = retry_after_seconds


def disk_is_full(error: Exception) -> Unavailable | None:
    """The system's error as ours if it says that a file could not be written for lack of room."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return Unavailable("the disk is full; nothing was changed", retry_after_seconds=60)
    return None


class Invalid(SlotportError):
    """One or more parameters are missing or wrong.

    ``fields`` maps a snake_case parameter name to sentences about it.
    """

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self.fields: dict[str, list[str]] = {name: list(texts) for name, texts in fields.items()}
        super().__init__("; ".join(f"{name} {text}" for name, texts in self.fields.items() for text in texts))

    @classmethod
    def of(cls, field: str, text: str) -> "Invalid":
        """One field, one sentence."""
        return cls({field: [text]})


class WireError(SlotportError):
    """An error with a code of its own in the export interface, such as ``error.user.export_not_found``.

    ``parameters`` say what the code is about, as texts; ``attribute`` is a JSON path such as ``export.csv.quote``.
    """

    def __init__(self, code: str, text: str, *, parameters: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.parameters: dict[str, str] = dict(parameters or {})


def attribute_not_accepted(path: str) -> WireError:
    """There is no such attribute, or nothing but its neutral value is taken."""
    return WireError(
        "error.api.attribute_not_accepted", f"{path} is not accepted here.", parameters={"attribute": path}
    )


def attribute_expected(path: str) -> WireError:
    """A mandatory attribute is missing."""
    return WireError("error.api.attribute_expected", f"{path} is missing.", parameters={"attribute": path})


def type_mismatch(path: str, wanted: str) -> WireError:
    """The value has another JSON type than ``wanted``: "an object", "a whole number"."""
    return WireError("error.api.type_mismatch", f"{path} must be {wanted}.", parameters={"attribute": path})


def invalid_value(path: str, text: str) -> WireError:
    """The type is right, the value is not: "must be at most 9"."""
    return WireError("error.api.invalid_value", f"{path} {text}.", parameters={"attribute": path})


class FormatError(SlotportError):
    """Nothing after ``line`` (1-based; the index + 1 for JSON) can be read."""

    def __init__(self, format_name: str, line: int, text: str) -> None:
        super().__init__(f"{format_name}, line {line}: {text}")
        self.format_name = format_name
        self.line = line


class UnknownFormat(FormatError):
    """The file is of no format that Slotport reads."""


class BadText(FormatError):
    """The byte at ``offset`` (0-based, in the upload) is not text in ``encoding``."""

    def __init__(self, offset: int, encoding: str = "utf-8") -> None:
        SlotportError.__init__(
            self,
            f"the file is not {encoding} text: the byte at offset {offset} does not belong there;"
            " name the file's charset with the parameter encoding (Outlook for Windows writes windows-1252)",
        )
        self.format_name = "text"
        self.line = 0
        self.offset = offset
        self.encoding = encoding
