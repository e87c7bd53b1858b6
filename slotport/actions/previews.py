"""What an import would do to each record's slot, before it is done (docs/api/timeslot-import.md)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct, field, structs

from slotport.actions.report import Report
from slotport.actions.spool import Record
from slotport.core.slot import Outcome, Problem, Slot
from slotport.storage import imports
from slotport.storage.store import Transaction
from slotport.storage.transfer import Known

RECORDS_SHOWN = 10_000  #: the first of a file
CHANGES_BYTES = 16 * 1024 * 1024  #: beyond that much of old and new values no more records are shown
TEXT_SHOWN = 500  #: characters of a value
ITEMS_SHOWN = 20  #: notes, media or lines of a value

#: a slot's fields that a person may see change
_FIELDS = [name for name in Slot.__struct_fields__ if name not in {"uid", "recurrence_id", "groups", "line", "stamped"}]

Changes = Mapping[str, tuple[Any, Any]]  #: by a field of core.slot.Slot, "groups" (names) or "deleted": old and new


class PreviewRecord(Struct, kw_only=True, frozen=True):
    """What would become of a record."""

    index: int
    line: int | None
    uid: str | None
    title: str | None
    outcome: Outcome
    start: datetime | date | None = None
    end: datetime | date | None = None
    changes: Changes = {}  #: of an updated slot; long values are cut
    match: int | None = None  #: an own slot with the same title, start and end, where no uid matched


class Preview(Report, kw_only=True):
    """A report that also says what would become of each record, as far as they are shown."""

    records: list[PreviewRecord] = field(default_factory=list)
    size_bytes: int = 0  #: of all changes

    def tell(self, problem: Problem) -> None:
        """As a report does; the problem's record is shown."""
        super().tell(problem)
        if problem.index is not None and problem.outcome is not Outcome.NOTE:
            self._show(
                PreviewRecord(
                    index=problem.index,
                    line=problem.line,
                    uid=problem.uid,
                    title=problem.title,
                    outcome=problem.outcome,
                )
            )

    def show(self, record: Record, outcome: Outcome, changes: Changes, match: int | None) -> None:
        """Show what would become of a record."""
        slot = record.slot
        self._show(
            PreviewRecord(
                index=record.index,
                line=slot.line or None,
                uid=None if record.derived else slot.uid,
                title=slot.title,
                outcome=outcome,
                start=slot.start,
                end=slot.end,
                changes=changes,
                match=match,
            )
        )

    def _show(self, record: PreviewRecord) -> None:
        if record.index >= RECORDS_SHOWN or self.size_bytes > CHANGES_BYTES:
            return
        if record.changes:
            self.size_bytes += len(msgspec.json.encode(record.changes))
        self.records.append(record)

    @property
    def omitted(self) -> int:
        """How many records are not shown."""
        return sum(self.counts().values()) - len(self.records)


class Watcher:
    """Looks over a Writer's shoulder, a batch at a time."""

    def __init__(self, preview: Preview, transaction: Transaction, owner_id: int) -> None:
        self._preview = preview
        self._transaction = transaction
        self._owner_id = owner_id
        self._names: dict[int, str] = {}

    def created(self, records: Sequence[Record]) -> None:
        """These records make new slots."""
        matches = self._alike(records)
        for record in records:
            self._preview.show(record, Outcome.CREATED, {}, matches.get(record.index))

    def found(
        self,
        found: Sequence[tuple[Record, Known]],
        slots: Mapping[int, tuple[Slot, Slot]],
        groups: Mapping[int, tuple[Collection[int], Collection[int]]],
    ) -> None:
        """These records met slots; of those that change, by id, the slot before and after, and its groups."""
        joined = {slot_id: {*held, *joins} for slot_id, (held, joins) in groups.items()}
        if unknown := {group_id for ids in joined.values() for group_id in ids} - self._names.keys():
            self._names |= imports.group_names(self._transaction, sorted(unknown))
        matches = self._alike([record for record, match in found if match.uid != record.slot.uid])
        for record, match in found:
            changes: dict[str, tuple[Any, Any]] = {}
            if (slot := slots.get(match.id)) is not None:
                changes |= _differences(*slot)
            if len(after := joined.get(match.id, ())) > len(before := groups.get(match.id, ((), ()))[0]):
                changes["groups"] = (self._named(before), self._named(after))
            if match.deleted:
                changes["deleted"] = (True, False)
            outcome = Outcome.UPDATED if changes else Outcome.UNCHANGED
            self._preview.show(record, outcome, changes, matches.get(record.index))

    def _named(self, group_ids: Collection[int]) -> tuple[str, ...]:
        return tuple(sorted(self._names[group_id] for group_id in group_ids))[:ITEMS_SHOWN]

    def _alike(self, records: Sequence[Record]) -> dict[int, int]:
        """By the record's index, the id of a slot with the same title, start and end."""
        if not records:
            return {}
        slots = [record.slot for record in records]
        known = imports.alike(self._transaction, self._owner_id, slots, before_change=self._transaction.change)
        found = {record.index: known.get(imports.likeness(record.slot)) for record in records}
        return {index: slot_id for index, slot_id in found.items() if slot_id is not None}


def _differences(before: Slot, after: Slot) -> dict[str, tuple[Any, Any]]:
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in _FIELDS}
    return {name: (_cut(old), _cut(new)) for name, (old, new) in pairs.items() if old != new}


def _cut(value: Any) -> Any:
    """The value, its texts and lists not longer than is shown."""
    if isinstance(value, str) and len(value) > TEXT_SHOWN:
        return f"{value[: TEXT_SHOWN - 1]}…"
    if isinstance(value, tuple):
        return tuple(_cut(item) for item in value[:ITEMS_SHOWN])
    if isinstance(value, Struct):
        return structs.replace(value, **{name: _cut(item) for name, item in structs.asdict(value).items()})
    return value
