"""What became of the records of an imported file."""

from msgspec import Struct, structs

from slotport.actions.spool import Record
from slotport.core.slot import Outcome, Problem, Slot
from slotport.errors import FormatError

PROBLEMS_KEPT = 10_000  #: a report names no more problems than these; its counts are of all


class Report(Struct, kw_only=True, gc=False):
    """What became of a file's records; the five counts add up to their number."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    rejected: int = 0
    problems: list[Problem] = []
    import_id: int | None = None  #: by which it can be undone; None if nothing was stored

    def count(self, outcome: Outcome, number: int = 1) -> None:
        """Count ``number`` records of the outcome."""
        setattr(self, outcome.value, getattr(self, outcome.value) + number)

    def counts(self) -> dict[str, int]:
        """The five counts by their names."""
        return {name: getattr(self, name) for name in ("created", "updated", "unchanged", "skipped", "rejected")}

    def tell(self, problem: Problem) -> None:
        """Keep the problem, and count its record unless it is a note."""
        if problem.outcome is not Outcome.NOTE:
            self.count(problem.outcome)
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(problem)

    def repeated(self) -> "Report":
        """What a second import of the file says while nothing else changed: it creates and updates nothing."""
        unchanged = self.created + self.updated + self.unchanged
        return structs.replace(self, created=0, updated=0, unchanged=unchanged, import_id=None)


class Rejected(FormatError):
    """The file as a whole is refused for its rejected records; nothing was stored. ``report`` names them."""

    def __init__(self, report: Report) -> None:
        super().__init__("file", 1, f"{report.rejected} of its records cannot be imported, and nothing was stored")
        self.report = report


def stale(record: Record, message: str) -> Problem:
    """The problem of a record that is older than what is there."""
    return Problem(
        code="stale",
        message=message,
        outcome=Outcome.SKIPPED,
        line=record.slot.line or None,
        index=record.index,
        uid=record.slot.uid,
        title=record.slot.title,
    )


def not_selected(index: int, record: Slot | Problem) -> Problem:
    """The problem of a record that the caller did not select."""
    return Problem(
        code="not_selected",
        message="The record was not selected.",
        outcome=Outcome.SKIPPED,
        line=record.line or None,
        index=index,
        uid=record.uid,
        title=record.title,
    )
