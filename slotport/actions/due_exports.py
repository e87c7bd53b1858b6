"""What happens to exports by itself, looked for every second: due starts, next attempts, expiry, alerts, clean-up.

A start that was missed while the server was down is dealt with as its schedule says (``missed``); the moment up to
which starts were dealt with is stored with the export, in the transaction that starts the run. So nothing starts
twice, whatever the clock does.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from slotport import mail
from slotport.actions import assets, export_results, import_uploads
from slotport.actions.run_folder import RunFolder
from slotport.core.due import Due, due_between, is_late, next_due, shortest_period
from slotport.core.export import Run, Trigger
from slotport.depot import depot_of
from slotport.errors import SlotportError
from slotport.settings import Settings
from slotport.storage import deliveries, due_exports, imports, run_work, runs, tries
from slotport.storage import exports as stored
from slotport.storage.due_exports import Scheduled
from slotport.storage.instants import milliseconds
from slotport.storage.run_work import Totals
from slotport.storage.store import Store, Transaction

ON_TIME = timedelta(seconds=90)  #: a start that is dealt with so soon was not missed
MOST_STARTS = 20_000  #: that are dealt with at once: a week of every minute, and more
MOST_MISSED = 100  #: starts that ``all`` makes up for
KEPT = timedelta(days=7)  #: what the engine notes about jobs that are over
MINUTE_SECONDS, HOUR_SECONDS = 60.0, 3600.0
LATE_SUBJECT = "An export of yours does not run any more"
LATE_TEXT = """The export "{name}" (number {id}) on {instance} should run by itself, but had no success {since}.

Look at its log: what went wrong last stands there.
"""

log = structlog.get_logger("slotport.jobs")


class Start(Protocol):
    """Starts a run as a part of a transaction."""

    def __call__(
        self,
        transaction: Transaction,
        export_id: int,
        *,
        owner_id: int | None,
        trigger: Trigger,
        due_at: datetime | None,
    ) -> Run:
        """The new run; raises WireError if the export is running."""


class Chores:
    """Does what is due; one instance a process."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        start: Start,
        deliver: Callable[[Transaction, int, list[int] | None], None],
        lost: Callable[[list[str]], list[str]],
        forget_old: Callable[[datetime], None],
    ) -> None:
        self._store, self._settings = store, settings
        self._start, self._deliver, self._lost, self._forget_old = start, deliver, lost, forget_old
        self._minute = self._hour = -HOUR_SECONDS
        self._suspects: set[str] = set()

    def do(self, now: datetime) -> None:
        """Do all that is due by the clock. Raises Unavailable if the database is away."""
        self._start_due(now)
        self._deliver_again(now)
        self._expire(now)
        if time.monotonic() - self._minute >= MINUTE_SECONDS:
            self._minute = time.monotonic()
            self._alert(now)
            self._end_lost(now)
        if time.monotonic() - self._hour >= HOUR_SECONDS:
            self._hour = time.monotonic()
            self._forget_old(now - KEPT)
            with self._store.write() as transaction:
                tries.forget_old(transaction, milliseconds(now))
                imports.forget_old(transaction, now)
            clear_away(self._store, self._settings)
            depot = depot_of(self._settings)
            assets.remove_orphans(self._store, depot, now)
            import_uploads.tidy(depot, now)
            depot.trim(self._settings.files_copies_bytes)

    # Starts

    def _start_due(self, now: datetime) -> None:
        with self._store.read() as transaction:
            found = due_exports.due(transaction, now)
        for export_id in found:
            with self._store.write() as transaction:
                if not stored.lock(transaction, export_id):
                    continue
                for export in due_exports.scheduled(transaction, export_id=export_id):
                    self._deal_with(transaction, export, now)

    def _deal_with(self, transaction: Transaction, export: Scheduled, now: datetime) -> None:
        """Start what is due of one export, or say why not; one run at the most."""
        settings = self._settings
        zone, hour, minute = settings.timezone, settings.standard_hour, settings.standard_minute
        starts = due_between(
            export.schedules, export.checked_at, now, zone=zone, hour=hour, minute=minute, limit=MOST_STARTS
        )
        is_running = stored.get(transaction, export.id).is_running
        checked_at = self._chosen(transaction, export, starts, is_running=is_running, now=now)
        due_exports.set_checked(
            transaction,
            export.id,
            checked_at=checked_at,
            next_run_at=next_due(export.schedules, checked_at, zone=zone, hour=hour, minute=minute),
        )

    def _chosen(
        self, transaction: Transaction, export: Scheduled, starts: Sequence[Due], *, is_running: bool, now: datetime
    ) -> datetime:
        """Start the first run that is to start, if the export does nothing; up to when starts are dealt with."""
        made_up = [one for one in starts if one.missed == "all" and now - one.at > ON_TIME][-MOST_MISSED:]
        missed_once = [one for one in starts if one.missed == "once" and now - one.at > ON_TIME]
        checked_at = export.checked_at
        for one in starts:
            is_late = now - one.at > ON_TIME
            if is_late and one.missed == "skip":
                self._skip(transaction, export, one, "missed", now)
            elif is_late and (
                (one.missed == "once" and one is not missed_once[-1]) or (one.missed == "all" and one not in made_up)
            ):
                pass  # a later one stands for it
            elif is_running and is_late and one.missed == "all":
                return checked_at  # its turn comes when the run is over
            elif is_running:
                self._skip(transaction, export, one, "running", now)
            else:
                self._start(transaction, export.id, owner_id=None, trigger=Trigger.SCHEDULE, due_at=one.at)
                return one.at
            checked_at = one.at
        return checked_at

    def _skip(self, transaction: Transaction, export: Scheduled, one: Due, reason: str, now: datetime) -> None:
        info = {"reason": reason, "due": one.at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        due_exports.tell(transaction, export, "EXPORT_SKIPPED", info, now)

    # Deliveries and results

    def _deliver_again(self, now: datetime) -> None:
        with self._store.read() as transaction:
            found = deliveries.due(transaction, now)
        for export_id, transport_id in found:
            with self._store.write() as transaction:
                # asked once more: it may have been started, stopped or removed meanwhile
                if stored.lock(transaction, export_id) and (export_id, transport_id) in deliveries.due(
                    transaction, now
                ):
                    self._deliver(transaction, export_id, [transport_id])

    def _expire(self, now: datetime) -> None:
        with self._store.read() as transaction:
            if not due_exports.has_expired(transaction, now):
                return
        with self._store.write() as transaction:
            gone = due_exports.expire(transaction, now)
            for _, run_id in gone:
                runs.forget_files(transaction, run_id)
        for export_id, run_id in gone:
            export_results.discard(self._settings, export_id, (run_id,))

    # Alerts

    def _alert(self, now: datetime) -> None:
        """Tell the owner, once, of an export that had no success for two of its periods (P17)."""
        with self._store.read() as transaction:
            found = due_exports.scheduled(transaction)
            well = due_exports.successes(transaction, [export.id for export in found])
        for export in found:
            hour, minute = self._settings.standard_hour, self._settings.standard_minute
            success = well.get(export.id)
            since = max(export.updated_at, success or export.updated_at)
            has_become_late = is_late(export.schedules, since, now, hour=hour, minute=minute)
            if has_become_late == (export.late_at is not None):
                continue
            with self._store.write() as transaction:
                due_exports.set_late(transaction, export.id, now if has_become_late else None)
                if not has_become_late:
                    continue
                _, place = shortest_period(export.schedules, hour=hour, minute=minute)
                said = None if success is None else success.strftime("%Y-%m-%dT%H:%M:%SZ")
                info = {"schedule": place, "last_success": said}
                due_exports.tell(transaction, export, "EXPORT_SCHEDULE_LATE", info, now)
                name = stored.get(transaction, export.id).name
            self._mail(export, name, said)

    def _mail(self, export: Scheduled, name: str, success: str | None) -> None:
        log.warning("a scheduled export is late", export=export.id, last_success=success)
        if export.email is None or not self._settings.smtp_host:
            return
        since = "so far" if success is None else f"since {success}"
        text = LATE_TEXT.format(name=name, id=export.id, instance=self._settings.instance_name, since=since)
        try:
            mail.send(self._settings, to=export.email, subject=LATE_SUBJECT, text=text)
        except SlotportError as error:
            log.warning("the owner was not told", export=export.id, reason=str(error))

    # Clean-up

    def _end_lost(self, now: datetime) -> None:
        """Fail runs that no engine knows of: twice seen, since one may just be starting (P13)."""
        with self._store.read() as transaction:
            found = due_exports.running(transaction)
        lost = set(self._lost(found)) if found else set()
        for run_id in lost & self._suspects:
            log.error("a run was lost", run=run_id)
            exception = {"realm": "server", "code": "error.server.generic", "description": "the run was lost"}
            run_work.fail(self._store, run_id, exception=exception, protocol="", totals=Totals(), now=now)
        self._suspects = lost


def clear_away(store: Store, settings: Settings) -> None:
    """Remove folders of runs that nobody needs any more: what a crash left, and what deleted exports had."""
    depot = depot_of(settings)
    folders = [place for parent in depot.folders(depot.root / "exports") for place in depot.folders(parent)]
    names = {place: place.name.partition(".")[0] for place in folders}
    with store.read() as transaction:
        needed = runs.needed(transaction, sorted(set(names.values())))
    for place, run_id in names.items():
        if run_id not in needed and place.parent.name.isdecimal():
            RunFolder(depot, int(place.parent.name), run_id).remove()
