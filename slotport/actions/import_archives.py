"""Archives of calendars, as Google gives them: the iCalendar files in a ZIP, read as one file."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from slotport.errors import FormatError

BEGINNING = b"PK\x03\x04"
ENDINGS = (".ics", ".ical", ".icalendar", ".ifb")
MOST_FILES = 1_000
MOST_TIMES = 30  #: an archive holds no more bytes than so many times its own
SPARE_BYTES = 1024 * 1024  #: and these
CHUNK_BYTES = 256 * 1024


def is_archive(file: IO[bytes]) -> bool:
    """Whether the file is a ZIP."""
    file.seek(0)
    return file.read(len(BEGINNING)) == BEGINNING


class Archived:
    """The bytes of an archive's calendars, one after the other, from the start each time they are asked for.

    Raises FormatError for an archive that cannot be read, holds no calendar, or is far larger than it looks.
    """

    def __init__(self, file: IO[bytes], size_bytes: int) -> None:
        self._file = file
        self._most = size_bytes * MOST_TIMES + SPARE_BYTES

    def __iter__(self) -> Iterator[bytes]:
        done = 0
        with _translated(), ZipFile(self._file) as archive:
            for member in _calendars(archive):
                with archive.open(member) as calendar:
                    while chunk := calendar.read(CHUNK_BYTES):
                        done += len(chunk)
                        if done > self._most:
                            raise FormatError("zip", 1, "there is far more in it than an archive of that size holds")
                        yield chunk
                yield b"\r\n"


def _calendars(archive: ZipFile) -> list[ZipInfo]:
    found = [member for member in archive.infolist() if member.filename.lower().endswith(ENDINGS)]
    if not found:
        raise FormatError("zip", 1, "there is no iCalendar file (.ics) in it")
    if len(found) > MOST_FILES:
        raise FormatError("zip", 1, f"there are more than {MOST_FILES} calendars in it")
    return found


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, LookupError) as cause:
        raise FormatError("zip", 1, "the archive is damaged") from cause
    except (RuntimeError, NotImplementedError) as cause:
        raise FormatError("zip", 1, "the archive is encrypted, or packed in a way that is not known") from cause
