"""What is known of an import after it is done, so that it can be undone (docs/api/timeslot-import.md)."""

from datetime import datetime, timedelta

from msgspec import Struct

from slotport.core.slot import Problem

KEPT = timedelta(days=30)  #: so long an import is listed, and can be undone


class LoggedImport(Struct, frozen=True, kw_only=True):
    """An import that stored something; the five counts are those of its report."""

    id: int
    format: str  #: of formats.FORMATS
    created: int
    updated: int
    unchanged: int
    skipped: int
    rejected: int
    created_at: datetime
    undone_at: datetime | None


class Undone(Struct, kw_only=True):
    """What an undo did; ``problems`` names the slots that were left, but no more than some thousands."""

    removed: int = 0
    restored: int = 0
    left: int = 0
    problems: list[Problem] = []
