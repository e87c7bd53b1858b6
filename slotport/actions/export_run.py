"""A run of an export, from its start to the moment its files are published (docs/design/exports.md).

Steps: prepare, collect, media, a step each data format, manifest, a step each packer, publish. What was finished
before a crash is not done again; each step, done twice, leaves the same bytes.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from msgspec import structs

from slotport.actions import run_known
from slotport.actions.parcels import archive_name
from slotport.actions.run_collect import collect
from slotport.actions.run_files import FORMATS, MEDIA_FILES, RunFiles
from slotport.actions.run_folder import RunFolder, listed
from slotport.actions.run_handle import RunHandle, Stopped, Superseded
from slotport.core.export import Archive, Export, Progress
from slotport.depot import depot_of
from slotport.errors import SlotportError, disk_is_full
from slotport.images import Images
from slotport.packers import PACKERS, Entry
from slotport.settings import Settings
from slotport.storage import exports as stored
from slotport.storage import run_work, runs
from slotport.storage.run_work import Task, Totals
from slotport.storage.store import Transaction

log = structlog.get_logger("slotport.runs")
Deliver = Callable[[Transaction, int], None]


def execute(handle: RunHandle, settings: Settings, images: Images, base_url: str, deliver: Deliver) -> None:
    """Run to the end. ``deliver`` sets the export's transports going, as a part of the transaction that publishes."""
    task = handle.patiently(lambda: run_work.begin(handle.store, handle.id, now=handle.clock()))
    if task is None:
        return
    handle.begun = task.begun
    folder = RunFolder(depot_of(settings), task.export_id, task.run_id)
    handle.deadline = task.started_at + timedelta(seconds=settings.export_run_seconds)
    work = _Work(handle, task, folder, settings, images, base_url)
    try:
        if not task.owner_is_live:
            fail(handle, "error.user.login_disabled", "the owner's account is disabled", work.totals)
        else:
            work.run(deliver)
    except Superseded:
        log.warning("another process goes on with a run", run=task.run_id)
        return
    except Stopped:
        log.info("a run was stopped", run=task.run_id)
    except (SlotportError, OSError) as error:
        text = _said(error)
        log.warning("a run failed", run=task.run_id, reason=text)
        with suppress(Stopped):
            fail(handle, "error.user.export_failed", text, work.totals, work.protocol())
    folder.remove_staging()


def end_badly(handle: RunHandle, number: str) -> None:
    """Fail a run whose code failed; ``number`` finds the reason in the server's log."""
    with suppress(Stopped):
        fail(handle, "error.server.generic", "something went wrong here", Totals(), uuid=number)


def _said(error: SlotportError | OSError) -> str:
    """The error in words that give no folder of the server away."""
    if isinstance(error, SlotportError):
        return str(error)
    return str(disk_is_full(error) or f"a file could not be written: {error.strerror}")


def fail(
    handle: RunHandle, code: str, text: str, totals: Totals, protocol: str = "", *, uuid: str | None = None
) -> None:
    """End the run with an error, in the shape that the interface answers errors in."""
    exception: dict[str, Any] = {"realm": code.split(".")[1], "code": code, "description": text}
    if uuid is not None:
        exception["uuid"] = uuid
    handle.patiently(
        lambda: run_work.fail(
            handle.store,
            handle.id,
            exception=exception,
            protocol=protocol,
            totals=totals,
            now=handle.clock(),
            begun=handle.begun,
        )
    )


class _Work:
    """The steps of one run, and what they have counted so far."""

    def __init__(
        self,
        handle: RunHandle,
        task: Task,
        folder: RunFolder,
        settings: Settings,
        images: Images,
        base_url: str,
    ) -> None:
        self._handle, self._task, self._folder, self._settings = handle, task, folder, settings
        self._images, self._base_url = images, base_url
        self._files: RunFiles | None = None
        self.totals = Totals()

    def protocol(self) -> str:
        """The remarks of the steps so far."""
        return self._files.protocol() if self._files is not None else ""

    def run(self, deliver: Deliver) -> None:
        """Do all steps."""
        handle, task = self._handle, self._task
        with handle.store.read() as transaction:
            export = stored.get(transaction, task.export_id)
        handle.step("prepare", self._folder.make)
        found = handle.step("collect", lambda: collect(handle, task, export, self._folder, self._settings))
        self.totals = Totals(objects=found["objects"], deletions=found["deletions"])
        if found["is_delta"] and not found["objects"] and not found["deletions"]:
            self._publish(export, None, [], [])
            return
        files = self._files = RunFiles(
            handle,
            export,
            self._folder,
            self._settings,
            images=self._images,
            base_url=self._base_url,
            owner_zone=self._settings.timezone,
            started_at=task.started_at,
            total=found["objects"],
        )
        self._write(export, files, found)
        packers = sorted({one.packing for one in export.transports} - {"folder"})
        packed = [self._step(f"pack-{packer}", self._packing(export, packer)) for packer in packers]
        archives = [Archive(**one) for part in packed for one in part["archives"]]
        self._publish(export, deliver, files.steps, archives)

    def _write(self, export: Export, files: RunFiles, found: dict[str, Any]) -> None:
        definition = export.definition
        wants_media = any(rule.files for rule in (definition.eas_fields or {}).values())
        if wants_media:
            planned = self._step("plan", files.plan_media)["planned"]
            for number, first in enumerate(range(0, planned, MEDIA_FILES), 1):
                self._file_step(files, f"media-{number:05d}", partial(files.write_media, first=first))
        wanted = [name for name in FORMATS if name != "json" and getattr(definition, name) is not False]
        if self._step("choose", lambda: {"json": int(files.wants_json())})["json"]:
            wanted.insert(min(2, len(wanted)), "json")
        if found["deletions"]:
            wanted.append("deletions")
        kinds: dict[str, int] = found["kinds"]
        for name in wanted:
            self._file_step(files, name, lambda step: files.write(step, kinds))
        if definition.manifest:
            self._file_step(files, "manifest", lambda _step: files.write_manifest())
        if wants_media and not files.steps:
            files.remark("media: there is no file, since none was found")
        elif not files.steps:
            self.totals = structs.replace(self.totals, warnings=self.totals.warnings + 1)
            files.remark("nothing was chosen to be written: no data format and no media")

    def _file_step(self, files: RunFiles, name: str, work: Callable[[str], dict[str, int]]) -> None:
        self._step(name, lambda: work(name))
        files.steps.append(name)

    def _step(self, name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = self._handle.step(name, work)
        before = self.totals
        self.totals = structs.replace(
            before,
            **{word: getattr(before, word) + result.get(word, 0) for word in ("skipped", "warnings", "files", "bytes")},
        )
        return result

    def _packing(self, export: Export, packer: str) -> Callable[[], dict[str, Any]]:
        def pack() -> dict[str, Any]:
            self._handle.progress(Progress(phase="pack", percent=85), at_once=True)
            steps = self._files.steps if self._files is not None else []
            entries = (
                Entry(
                    name=file.path,
                    source=self._folder.files / file.path,
                    size=file.size,
                    modified=file.modified,
                    is_media=file.eas_id is not None,
                )
                for file in listed(self._folder, steps)
            )
            done = PACKERS[packer].pack(entries, self._folder.archives, archive_name(export), self._handle.check)
            return {"archives": [{"packer": packer, **structs.asdict(one)} for one in done]}

        return pack

    def _publish(self, export: Export, deliver: Deliver | None, steps: list[str], archives: list[Archive]) -> None:
        handle, folder = self._handle, self._folder

        def publish() -> dict[str, Any]:
            protocol = self.protocol()
            try:
                if folder.work.exists():
                    files = list(listed(folder, steps))
                    run_work.store_files(handle.store, handle.id, files, archives, begun=handle.begun)
                folder.publish()
                before = run_work.publish(
                    handle.store,
                    handle.id,
                    totals=self.totals,
                    protocol=protocol,
                    retention_days=self._settings.export_retention_days,
                    deliver=deliver,
                    now=handle.clock(),
                    begun=handle.begun,
                )
            except LookupError:
                ending = handle.ending()
                if not isinstance(ending, Superseded):
                    folder.remove()
                raise ending from None
            return {"before": before}

        before = handle.step("publish", publish)["before"]
        if before is not None:
            RunFolder(depot_of(self._settings), export.id, before).remove()
            with handle.store.write() as transaction:
                runs.forget_files(transaction, before)
        if not export.transports:
            handle.patiently(lambda: run_known.take_over(handle.store, export.id, handle.id, folder))
