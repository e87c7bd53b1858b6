"""The first steps of a run: search and collect, within one snapshot of the database (docs/design/exports.md).

What was collected lies in the run's work folder: ``objects`` in search order, ``linked`` objects that xml tells of,
``deletions`` and, of incremental exports, ``known``. All later steps read those files, never the database.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from slotport.actions import object_spool, run_known
from slotport.actions.run_folder import RunFolder, anew
from slotport.actions.run_handle import RunHandle
from slotport.core import exported_record
from slotport.core.deletion import Known
from slotport.core.export import Export, ExportType, Progress
from slotport.core.export_fields import ObjectType
from slotport.core.exported import Exported
from slotport.formats.objects_xml import Merging
from slotport.settings import Settings
from slotport.storage import counts, objects, objects_deleted, objects_links, run_work, search
from slotport.storage.interrupts import interruptible
from slotport.storage.run_work import Task
from slotport.storage.search import Hit
from slotport.storage.store import Transaction

SHARE = 40  #: per cent of a run that collecting is


def collect(handle: RunHandle, task: Task, export: Export, folder: RunFolder, settings: Settings) -> dict[str, Any]:
    """Read everything: {objects, kinds, deletions, is_delta, change}, the last the number of the snapshot."""
    collector = _Collector(handle, task, export, folder, settings)
    with handle.store.read() as transaction, interruptible(transaction, handle.goes_on):
        result = collector.read(transaction)
    is_news = bool(result["objects"] or result["deletions"])
    handle.patiently(
        lambda: run_work.note_snapshot(handle.store, handle.id, result["change"], now=handle.clock(), is_news=is_news)
    )
    return result


class _Collector:
    """Reads what one run exports."""

    def __init__(self, handle: RunHandle, task: Task, export: Export, folder: RunFolder, settings: Settings) -> None:
        self._handle, self._task, self._export = handle, task, export
        self._folder, self._settings = folder, settings
        self._definition = export.definition
        self._is_incremental = self._definition.type is ExportType.INCREMENTAL
        self._is_delta = self._is_incremental and task.baseline_change is not None and not task.is_full
        self._found = array("q")
        self._total = 0
        self._done = 0

    def read(self, transaction: Transaction) -> dict[str, Any]:
        handle, name = self._handle, self._settings.instance_name
        change = counts.change_of(transaction)
        handle.progress(Progress(phase="search"), at_once=True)
        found = search.count(transaction, self._task.owner_id, self._definition.search, instance_name=name)
        self._total = sum(found.values())
        merging = Merging(mode=self._definition.merge_linked_objects, depth=self._definition.merge_max_depth)
        links_ahead = merging.links_ahead if self._definition.xml else 0
        linked_path = self._folder.work / "linked"
        kinds: Counter[str] = Counter()
        with anew(linked_path) as linked:
            known: dict[int, int] = {}

            def collected() -> Iterator[Exported]:
                for block in self._blocks(transaction):
                    loaded = objects.load(transaction, self._task.owner_id, [(hit.type, hit.id) for hit in block])
                    if links_ahead:
                        for one in objects_links.linked(
                            transaction,
                            self._task.owner_id,
                            loaded,
                            known,
                            depth=links_ahead,
                            with_reverse=merging.with_reverse,
                        ):
                            record = exported_record.encode(one)
                            linked.write(len(record).to_bytes(4, "little") + record)
                    kinds.update(one.type for one in loaded)
                    yield from loaded

            count = object_spool.write(self._folder.work / "objects", collected())
        deletions = self._deletions(transaction) if self._is_delta else 0
        return {
            "objects": count,
            "deletions": deletions,
            "is_delta": int(self._is_delta),
            "change": change,
            "kinds": dict(kinds),
        }

    def _blocks(self, transaction: Transaction) -> Iterator[list[Hit]]:
        name = self._settings.instance_name
        is_first = True
        found = search.select(
            transaction,
            self._task.owner_id,
            self._definition.search,
            instance_name=name,
            with_uuids=self._is_incremental,
        )
        for block in found:
            self._done += len(block)
            self._handle.progress(
                Progress(
                    phase="collect",
                    percent=SHARE * self._done // max(self._total, 1),
                    objects_done=self._done,
                    objects_total=self._total,
                )
            )
            if self._is_incremental:
                run_known.write(self._folder.staging / "known", block, is_first=is_first)
                is_first = False
            if self._is_delta:
                self._found.extend(hit.id for hit in block)
                before = run_work.known_versions(transaction, self._export.id, [hit.id for hit in block])
                block = [hit for hit in block if before.get(hit.id, -1) < hit.version]
            if block:
                yield block
        if self._is_incremental and is_first:
            run_known.write(self._folder.staging / "known", [], is_first=True)

    def _deletions(self, transaction: Transaction) -> int:
        """Store what the baseline knows and the search no longer finds; how much that is."""
        found = array("q", sorted(self._found))
        lost: list[Known] = []
        for row in run_work.known_objects(transaction, self._export.id):
            place = bisect_left(found, row.object_id)
            if place == len(found) or found[place] != row.object_id:
                lost.append(
                    Known(type=ObjectType(row.type), id=row.object_id, uuid=UUID(row.uuid), version=row.version)
                )
        with anew(self._folder.work / "deletions") as stream:
            for start in range(0, len(lost), objects.BLOCK):
                self._handle.check()
                part = lost[start : start + objects.BLOCK]
                for gone in objects_deleted.deletions(transaction, self._task.owner_id, part):
                    record = exported_record.encode(gone)
                    stream.write(len(record).to_bytes(4, "little") + record)
        return len(lost)
