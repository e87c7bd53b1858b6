"""Working on runs and deliveries: steps of the engine, what is due by itself, and ending in order."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import structlog
from dbos import DBOS, DBOSPortableJSONSerializer

from slotport import images
from slotport.actions import deliveries, due_exports, export_run
from slotport.actions.run_handle import RunHandle
from slotport.depot import depot_of
from slotport.errors import SlotportError, Unavailable
from slotport.jobs.crew import Alone, Crew
from slotport.jobs.queue import DELIVERIES, EXPORTS, VERSION, Queue
from slotport.settings import Settings
from slotport.storage import deliveries as delivery_rows
from slotport.storage import run_work, schema
from slotport.storage.guard import OtherSchema
from slotport.storage.schema import WrongSchema
from slotport.storage.store import Store

DELIVERERS = 4  #: deliveries at a time
QUEUE_SECONDS = 0.5
TICK_SECONDS = 1.0
SCHEMA_SECONDS = 5.0  #: between two looks at whether another version migrated the database
CLOSING_SECONDS = 3.0
FORGOTTEN = 1000  #: of them, at a time

log = structlog.get_logger("slotport.jobs")


class Taken(SlotportError):
    """Another process runs the exports of this database."""


class Engine(Queue):
    """Works on runs and deliveries, starts what is due, and clears away what is over; one a process."""

    def __init__(self, settings: Settings, store: Store, *, clock: Callable[[], datetime], base_url: str) -> None:
        super().__init__(settings, store, clock=clock)
        self._base_url = base_url.rstrip("/")
        self._depot = depot_of(settings)
        self._images = images.shared(settings.max_pixels)
        self._crew: Alone | Crew = Crew(Store(self._database)) if store.is_shared else Alone(store)
        self._closing = threading.Event()
        self._stop = threading.Event()
        self._at_work: set[str] = set()
        self._at_work_lock = threading.Lock()
        self._is_launched = False
        self.has_given_up = False  #: the database was migrated by another version meanwhile
        self._thread = threading.Thread(target=self._run, name="exports", daemon=True)

    def open(self) -> None:
        """Begin to work.

        Raises Taken if the database is an SQLite file that another process serves.
        """
        if self.settings.export_workers == 0 and self.store.is_shared:
            log.info("no exports are worked on here")
            return
        if not self._crew.join():
            raise Taken(
                "another slotport serves this database: an SQLite file has one server; stop the other one, or give"
                " this one a database of its own"
            )
        self._launch()
        self._thread.start()

    def shut(self) -> bool:
        """Stop working; whether threads are left that wait for the end of the process."""
        self._stop.set()
        self._closing.set()
        waiter = threading.Event()
        for _ in range(int(CLOSING_SECONDS * 10)):
            if not self._at_work:
                break
            waiter.wait(0.1)
        if self._thread.is_alive():
            self._thread.join(timeout=CLOSING_SECONDS)
        busy = bool(self._at_work)
        if not busy and self._is_launched:
            DBOS.destroy()
        self._crew.leave()
        if not busy:
            self.close()
        return busy

    def _launch(self) -> None:
        self._dbos = DBOS(
            config={
                "name": "slotport",
                "system_database_engine": self._database,
                "application_version": VERSION,
                "executor_id": self._crew.id,
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": "CRITICAL",
                "scheduler_polling_interval_sec": 3600.0,
            }
        )

        def run(run_id: str) -> None:
            self._work_on_export(run_id)

        def deliver(job_id: str) -> None:
            self._work_on_delivery(job_id)

        DBOS.workflow(name=EXPORTS, max_recovery_attempts=None)(run)
        DBOS.workflow(name=DELIVERIES, max_recovery_attempts=None)(deliver)
        DBOS.launch()
        workers = max(1, self.settings.export_workers)
        DBOS.register_queue(EXPORTS, worker_concurrency=workers, polling_interval_sec=QUEUE_SECONDS)
        DBOS.register_queue(DELIVERIES, worker_concurrency=DELIVERERS, polling_interval_sec=QUEUE_SECONDS)
        self._is_launched = True
        log.info("exports are worked on here", workers=workers, worker=self._crew.id)

    def _work_on_export(self, run_id: str) -> None:
        """Run an export. Only what nobody foresaw is caught here."""
        handle = self._handle(run_id, run_work.is_active)
        with self._noted(run_id), self._left_to_newer():
            try:
                export_run.execute(handle, self.settings, self._images, self._base_url, self.deliver_in)
            except OtherSchema:
                raise
            except Exception as error:
                if handle.is_superseded():
                    log.warning("another process goes on with a run", run=run_id, reason=str(error))
                    return
                number = str(uuid4())
                log.error("a run failed unexpectedly", run=run_id, uuid=number, exc_info=error)
                export_run.end_badly(handle, number)

    def _work_on_delivery(self, job_id: str) -> None:
        """Deliver a result."""
        handle = self._handle(job_id, delivery_rows.is_active)
        with self._noted(job_id), self._left_to_newer():
            try:
                deliveries.execute(handle, self.settings, self._base_url)
            except OtherSchema:
                raise
            except Exception as error:
                if handle.is_superseded():
                    log.warning("another process goes on with a delivery", job=job_id, reason=str(error))
                    return
                log.error("a delivery failed unexpectedly", job=job_id, exc_info=error)
                deliveries.end_badly(handle)

    def _handle(self, job_id: str, is_active: Callable[[Store, str, int | None], bool]) -> RunHandle:
        return RunHandle(
            self.store,
            job_id,
            clock=self.clock,
            do_once=self._do_once,
            closing=self._closing,
            is_active=is_active,
            begins_anew=self._depot.is_bucket,
        )

    def _do_once(self, name: str, work: Callable[[], Any]) -> Any:
        """What the work gives, or gave when it came to its end before.

        Where results lie in a bucket, what a run has written so far is on its own machine only: it begins anew.
        """
        return work() if self._depot.is_bucket else DBOS.run_step({"name": name}, work)

    @contextmanager
    def _noted(self, job_id: str) -> Iterator[None]:
        """Note that a thread is at work on the job."""
        with self._at_work_lock:
            self._at_work.add(job_id)
        try:
            yield
        finally:
            with self._at_work_lock:
                self._at_work.discard(job_id)

    @contextmanager
    def _left_to_newer(self) -> Iterator[None]:
        """A job that was under way when the database was migrated ends here in no way: newer processes take it over."""
        try:
            yield
        except OtherSchema:
            threading.Event().wait()

    def _give_up(self, reason: str) -> None:
        """Take no more jobs, and leave those that are under way to others."""
        log.error("no exports are worked on here any more", reason=reason)
        self._closing.set()
        # the engine has no verb that leaves alone what is under way
        for event in self._dbos.background_thread_stop_events:
            event.set()
        self._crew.leave()
        self.has_given_up = True

    def _run(self) -> None:
        """Look every second for what is due, until the end."""
        chores = due_exports.Chores(
            self.store, self.settings, self.start_in, self.deliver_in, self._lost, self._forget_old
        )
        checked_at = time.monotonic()
        while not self._stop.wait(TICK_SECONDS):
            try:
                if time.monotonic() - checked_at >= SCHEMA_SECONDS:
                    checked_at = time.monotonic()
                    schema.check(self.store.engine)
                self._crew.take_over(frozenset(self._at_work))
                if self._crew.leads():
                    chores.do(self.clock())
            except WrongSchema as error:
                self._give_up(str(error))
                return
            except OtherSchema:
                checked_at = -SCHEMA_SECONDS  # the next look says what is the matter
            except Unavailable as error:
                log.warning("nothing can be started: the database is away", reason=str(error))
            except Exception as error:
                log.error("looking for due exports failed", exc_info=error)

    def _lost(self, job_ids: list[str]) -> list[str]:
        """Those of the jobs that the engine does not know, or holds for ended."""
        known = {
            status.workflow_id: status.status
            for status in DBOS.list_workflows(workflow_ids=job_ids, load_input=False, load_output=False)
        }
        return [job_id for job_id in job_ids if known.get(job_id) not in {"ENQUEUED", "PENDING", "DELAYED"}]

    def _forget_old(self, before: datetime) -> None:
        """Remove the engine's notes about jobs that were over before that time."""
        found: list[Any] = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            end_time=before.isoformat(),
            load_input=False,
            load_output=False,
            limit=FORGOTTEN,
        )
        if found:
            DBOS.delete_workflows([one.workflow_id for one in found])


def worker(settings: Settings, store: Store, base_url: str) -> Engine:
    """The engine of a server; ``base_url``: what links in mails and files begin with."""
    return Engine(settings, store, clock=lambda: datetime.now(UTC), base_url=base_url)
