"""The engine of durable jobs (DBOS) behind a few verbs; nothing else imports it (docs/design/exports.md).

The export's row is what people see; the engine runs it, and goes on after a crash with the first step that was not
finished. Starting writes the row and the engine's job in one transaction, so that neither exists without the other.
Of all processes on one database one has the engine: a lock that ends with its process says which. The others start
and stop runs as well, but work on none.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import structlog
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer

from slotport import images
from slotport.actions import deliveries, due_exports, export_preview, export_run, exports
from slotport.actions.run_handle import RunHandle
from slotport.core.account import Account
from slotport.core.export import Export, Run, Trigger
from slotport.errors import SlotportError, Unavailable
from slotport.settings import Settings
from slotport.storage import deliveries as delivery_rows
from slotport.storage import run_work
from slotport.storage.job_engine import EngineLock, open_job_engine
from slotport.storage.store import Store, Transaction

EXPORTS, DELIVERIES = "exports", "deliveries"  #: queues, and the workflows on them
VERSION = "exports-1"  #: of the steps of a run: another one would strand the runs that are under way
EXECUTOR = "embedded"
DELIVERERS = 4  #: deliveries at a time
QUEUE_SECONDS = 0.5
TICK_SECONDS = 1.0
CLOSING_SECONDS = 3.0

log = structlog.get_logger("slotport.jobs")


class Taken(SlotportError):
    """Another process runs the exports of this database."""


class Queue:
    """Starts runs and deliveries, from any process; the one with the engine works on them."""

    def __init__(self, settings: Settings, store: Store, *, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        logging.getLogger("dbos").setLevel(logging.CRITICAL)  # what fails is logged here, once
        DBOS.migrate(settings.database_url)
        self._database = open_job_engine(settings.database_url)
        self._client = DBOSClient(
            system_database_engine=self._database, serializer=DBOSPortableJSONSerializer(), lazy=True
        )

    def close(self) -> None:
        """Close its connections."""
        self._client.destroy()
        self._database.dispose()

    def start(self, owner: Account, export_id: int, *, full: bool, session_hash: bytes | None = None) -> Export:
        """Start a run of an own export; the export, which is pending.

        Raises WireError: export_not_found, export_already_running, export_limit_exceeded.
        """
        with self.store.write() as transaction:
            self.start_in(transaction, export_id, owner_id=owner.id, full=full)
        return exports.get(self.store, owner, export_id)

    def create(self, owner: Account, body: Any, *, session_hash: bytes | None = None) -> Export:
        """Store a new export and start its first run, both or neither; the export, which is pending."""
        with self.store.write() as transaction:
            export = exports.create_in(
                transaction, owner, body, settings=self.settings, now=self.clock(), session_hash=session_hash
            )
            self.start_in(transaction, export.id, owner_id=owner.id)
        return exports.get(self.store, owner, export.id)

    def preview(self, owner: Account, export_id: int, body: dict[str, Any]) -> dict[str, Any]:
        """What a run would export, of the definition with the body laid over: {count, counts, files, bytes}."""
        return export_preview.preview(self.store, owner, export_id, body, settings=self.settings)

    def test(self, owner: Account, export_id: int, transport_uuid: str) -> tuple[bool, list[dict[str, Any]]]:
        """Whether a transport could deliver now, and a log of trying."""
        return deliveries.test(self.store, owner, export_id, transport_uuid, settings=self.settings, now=self.clock())

    def start_in(
        self,
        transaction: Transaction,
        export_id: int,
        *,
        owner_id: int | None,
        trigger: Trigger = Trigger.MANUAL,
        full: bool = False,
        due_at: datetime | None = None,
    ) -> Run:
        """Start a run as a part of the transaction; ``owner_id`` None asks for nobody's right."""
        run, waiting = exports.begin_run(
            transaction,
            export_id,
            owner_id,
            trigger=trigger,
            full=full,
            due_at=due_at,
            now=self.clock(),
            settings=self.settings,
        )
        # the more runs a person has waiting, the later the next: nobody's hundred runs hold up another's one
        self._enqueue(transaction, EXPORTS, run.id, priority=waiting)
        return run

    def deliver_in(self, transaction: Transaction, export_id: int, transport_ids: list[int] | None = None) -> None:
        """Set the export's transports going (all, or some) as a part of the transaction."""
        for job_id in deliveries.queue(transaction, export_id, transport_ids):
            self._enqueue(transaction, DELIVERIES, job_id, priority=1)

    def retry(self, owner: Account, export_id: int, transport_uuid: str) -> Export:
        """Deliver the current result again through one transport.

        Raises WireError: export_not_found, transport_not_found, export_not_done.
        """
        with self.store.write() as transaction:
            transport_id = deliveries.again(transaction, owner, export_id, transport_uuid)
            self.deliver_in(transaction, export_id, [transport_id])
        return exports.get(self.store, owner, export_id)

    def _enqueue(self, transaction: Transaction, name: str, job_id: str, *, priority: int) -> None:
        self._client.enqueue_in_transaction(
            transaction.connection,
            {
                "workflow_name": name,
                "queue_name": name,
                "workflow_id": job_id,
                "app_version": VERSION,
                "priority": max(1, priority),
            },
            job_id,
        )


class Engine(Queue):
    """Works on runs and deliveries, starts what is due, and clears away what is over; one a process."""

    def __init__(self, settings: Settings, store: Store, *, clock: Callable[[], datetime], base_url: str) -> None:
        super().__init__(settings, store, clock=clock)
        self._base_url = base_url.rstrip("/")
        self._images = images.shared(settings.max_pixels)
        self._lock = EngineLock(store.engine)
        self._closing = threading.Event()
        self._stop = threading.Event()
        self._working = 0
        self._working_lock = threading.Lock()
        self._is_launched = False
        self._thread = threading.Thread(target=self._run, name="exports", daemon=True)

    def open(self) -> None:
        """Begin to work: at once on SQLite, else as soon as no other process does.

        Raises Taken if the database is an SQLite file that another process serves.
        """
        if self._lock.take():
            self._launch()
        elif self.store.engine.dialect.name == "sqlite":
            raise Taken(
                "another slotport serves this database: an SQLite file has one server; stop the other one, or give"
                " this one a database of its own"
            )
        else:
            log.info("another process runs the exports; this one takes over when that ends")
        self._thread.start()

    def shut(self) -> bool:
        """Stop working; whether threads are left that wait for the end of the process."""
        self._stop.set()
        self._closing.set()
        waiter = threading.Event()
        for _ in range(int(CLOSING_SECONDS * 10)):
            if not self._working:
                break
            waiter.wait(0.1)
        self._thread.join(timeout=CLOSING_SECONDS)
        busy = self._working > 0
        if not busy and self._is_launched:
            DBOS.destroy()
        if not busy:
            self.close()
        self._lock.release()
        return busy

    def _launch(self) -> None:
        DBOS(
            config={
                "name": "slotport",
                "system_database_engine": self._database,
                "application_version": VERSION,
                "executor_id": EXECUTOR,
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
        DBOS.register_queue(
            EXPORTS, worker_concurrency=self.settings.export_workers, polling_interval_sec=QUEUE_SECONDS
        )
        DBOS.register_queue(DELIVERIES, worker_concurrency=DELIVERERS, polling_interval_sec=QUEUE_SECONDS)
        self._is_launched = True
        log.info("exports are worked on here", workers=self.settings.export_workers)

    def _work_on_export(self, run_id: str) -> None:
        """Run an export. Only what nobody foresaw is caught here."""
        handle = self._handle(run_id, run_work.is_active)
        with self._counted():
            try:
                export_run.execute(handle, self.settings, self._images, self._base_url, self.deliver_in)
            except Exception as error:
                number = str(uuid4())
                log.error("a run failed unexpectedly", run=run_id, uuid=number, exc_info=error)
                export_run.end_badly(handle, number)

    def _work_on_delivery(self, job_id: str) -> None:
        """Deliver a result."""
        handle = self._handle(job_id, delivery_rows.is_active)
        with self._counted():
            try:
                deliveries.execute(handle, self.settings, self._base_url)
            except Exception as error:
                log.error("a delivery failed unexpectedly", job=job_id, exc_info=error)
                deliveries.end_badly(handle)

    def _handle(self, job_id: str, is_active: Callable[[Store, str, int | None], bool]) -> RunHandle:
        return RunHandle(
            self.store,
            job_id,
            clock=self.clock,
            do_once=lambda name, work: DBOS.run_step({"name": name}, work),
            closing=self._closing,
            is_active=is_active,
        )

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count a thread that is at work."""
        with self._working_lock:
            self._working += 1
        try:
            yield
        finally:
            with self._working_lock:
                self._working -= 1

    def _run(self) -> None:
        """Look every second for what is due, until the end."""
        chores = due_exports.Chores(self.store, self.settings, self.start_in, self.deliver_in, self._lost)
        while not self._stop.wait(TICK_SECONDS):
            try:
                if not self._lock.take():
                    if self._is_launched:
                        log.error("another process took the exports over; this one stops working on them")
                        self._closing.set()
                        return
                    continue
                if not self._is_launched:
                    self._launch()
                chores.do(self.clock())
            except Unavailable as error:
                log.warning("nothing can be started: the database is away", reason=str(error))
            except Exception as error:
                log.error("looking for due exports failed", exc_info=error)

    def _lost(self, job_ids: list[str]) -> list[str]:
        """Those of the jobs that the engine does not know, or holds for ended."""
        known = {status.workflow_id: status.status for status in DBOS.list_workflows(workflow_ids=job_ids)}
        return [job_id for job_id in job_ids if known.get(job_id) not in {"ENQUEUED", "PENDING", "DELAYED"}]


def worker(settings: Settings, store: Store, base_url: str) -> Engine:
    """The engine of a server; ``base_url``: what links in mails and files begin with."""
    return Engine(settings, store, clock=lambda: datetime.now(UTC), base_url=base_url)
