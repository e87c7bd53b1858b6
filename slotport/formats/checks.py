"""What the CSV and the JSON reader check alike, and how they say that a record is wrong."""

import re
from datetime import date
from functools import lru_cache

from slotport.core import when
from slotport.core.slot import Outcome
from slotport.errors import FormatError

MAX_PROBLEMS = 100_000  #: records with a problem; a file with more is not worth its time

_RECURRENCE_ID = re.compile(r"[0-9]{8}(?:T(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]Z?)?")
_UTC_NAMES = frozenset({"UTC", "Etc/UTC", "Z", "GMT", "Etc/GMT"})


class Wrong(Exception):
    """A record cannot be taken: the code and the sentence of its Problem."""

    def __init__(self, code: str, message: str, outcome: Outcome = Outcome.REJECTED) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.outcome = outcome


def no_title() -> Wrong:
    """A record without a title is no slot."""
    return Wrong("no_title", "The record has no title.", Outcome.SKIPPED)


def no_start() -> Wrong:
    """A record without a start is no slot."""
    return Wrong("no_start", "The record has no start.", Outcome.SKIPPED)


def check_count(format_name: str, line: int, problems: int) -> None:
    """Raise FormatError where a file has too many records with a problem."""
    if problems > MAX_PROBLEMS:
        raise FormatError(format_name, line, f"more than {MAX_PROBLEMS} records have a problem")


@lru_cache(maxsize=1024)
def zone_name(text: str) -> str | None:
    """Read the name of a zone as a Slot has it, None being UTC. Raises Wrong."""
    name = text.strip()
    if not name or name in _UTC_NAMES:
        return None
    try:
        return when.zone(name).key
    except ValueError as cause:
        raise Wrong("unknown_zone", f"The time zone {cause}.") from cause


@lru_cache(maxsize=1024)
def recurrence_id(text: str) -> str:
    """Read a RECURRENCE-ID in one of the three forms that a Slot has. Raises Wrong."""
    name = text.strip()
    if not name:
        return ""
    try:
        if _RECURRENCE_ID.fullmatch(name):
            date(int(name[:4]), int(name[4:6]), int(name[6:8]))
            return name
    except ValueError:
        pass  # a day that does not exist
    raise Wrong(
        "bad_recurrence_id",
        f"The recurrence_id {when.shown(text)} is not of the form YYYYMMDD, YYYYMMDDTHHMMSS or YYYYMMDDTHHMMSSZ.",
    )
