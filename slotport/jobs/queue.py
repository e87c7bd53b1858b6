"""Starting runs and deliveries, from any process, whether it works on them or not."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer

from slotport.actions import deliveries, export_preview, exports
from slotport.core.account import Account
from slotport.core.export import Export, Run, Trigger
from slotport.settings import Settings
from slotport.storage.job_engine import open_job_engine
from slotport.storage.store import Store, Transaction

EXPORTS, DELIVERIES = "exports", "deliveries"  #: queues, and the workflows on them
VERSION = "exports-1"  #: of the steps of a run: another one would strand the runs that are under way


class Queue:
    """Starts runs and deliveries; whoever has the engine works on them."""

    def __init__(self, settings: Settings, store: Store, *, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        logging.getLogger("dbos").setLevel(logging.CRITICAL)  # what fails is logged here, once
        self._database = open_job_engine(settings.database_url, settings.job_connections)
        DBOS.migrate(settings.database_url)  # one process at a time does it
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
        exports.check(self.store, owner, body, settings=self.settings)
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
