"""The report of an import as ``/v1`` writes it (docs/api/timeslot-import.md)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from slotport.actions.files import Preview, Report
from slotport.actions.previews import PreviewRecord
from slotport.core.slot import Problem
from slotport.core.when import iso


class ProblemBody(msgspec.Struct, frozen=True):
    """What is wrong with a record of an imported file, or worth knowing about it."""

    index: int | None
    line: int | None
    uid: str | None
    title: str | None
    code: str
    message: str


class RecordBody(msgspec.Struct, frozen=True):
    """What would become of a record: of an updated slot the old and the new value of each field that changes.

    `match` is an own slot with the same title, start and end, where no uid matched.
    """

    index: int
    line: int | None
    uid: str | None
    title: str | None
    outcome: str
    changes: dict[str, tuple[Any, Any]]
    match: int | None


class ReportBody(msgspec.Struct, frozen=True):
    """What became of the records of an imported file; the five counts add up to their number.

    `import` is the id by which it can be undone, if anything was stored. `records` come with a preview, the first
    10,000; `recordsOmitted` says how many more there are.
    """

    created: int
    updated: int
    unchanged: int
    skipped: int
    rejected: int
    problems: list[ProblemBody]
    import_: int | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="import")
    records: list[RecordBody] | msgspec.UnsetType = msgspec.UNSET
    records_omitted: int | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="recordsOmitted")


def problem_bodies(problems: Iterable[Problem]) -> list[ProblemBody]:
    """The problems in their wire shape."""
    return [
        ProblemBody(problem.index, problem.line, problem.uid, problem.title, problem.code, problem.message)
        for problem in problems
    ]


def report_body(report: Report) -> ReportBody:
    """The report as its wire shape."""
    shown = report.records if isinstance(report, Preview) else None
    return ReportBody(
        **report.counts(),
        problems=problem_bodies(report.problems),
        import_=msgspec.UNSET if report.import_id is None else report.import_id,
        records=msgspec.UNSET if shown is None else [_record_body(record) for record in shown],
        records_omitted=report.omitted if isinstance(report, Preview) else msgspec.UNSET,
    )


def _record_body(record: PreviewRecord) -> RecordBody:
    return RecordBody(
        index=record.index,
        line=record.line,
        uid=record.uid,
        title=record.title,
        outcome=record.outcome.value,
        changes={_NAMES.get(name, name): (_shown(old), _shown(new)) for name, (old, new) in record.changes.items()},
        match=record.match,
    )


#: of fields that the slots of this surface call otherwise
_NAMES = {"place": "location", "zone": "timezone"}


def _shown(value: Any) -> Any:
    """A field's value as slots have it on this surface."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, msgspec.Struct):
        return {_camel(name): _shown(item) for name, item in msgspec.structs.asdict(value).items() if item is not None}
    if isinstance(value, tuple):
        return [_shown(item) for item in value]
    return value


def _camel(name: str) -> str:
    first, *more = name.split("_")
    return first + "".join(map(str.title, more))


def import_counts(report: Report) -> dict[str, str]:
    """The headers that count what became of the records, and name the import if anything was stored."""
    counts = {f"X-Import-{name.title()}": str(count) for name, count in report.counts().items()}
    return counts if report.import_id is None else {"X-Import-Id": str(report.import_id), **counts}
