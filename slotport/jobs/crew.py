"""All processes that work on one database: who lives, who looks for what is due, and whose runs are to be taken over.

The engine gives the runs of a process that died to nobody. Here each process beats in a table, by the database's
clock, and each looks for runs of processes that do not: those go back to their queue. A process that was only frozen
finds, when it wakes, that its runs were begun anew elsewhere, and leaves them alone (storage/run_work.py).
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Set as AbstractSet

import structlog
from dbos import DBOS

from slotport import __version__
from slotport.errors import SlotportError, Unavailable
from slotport.jobs.queue import DELIVERIES, EXPORTS
from slotport.storage import workers
from slotport.storage.job_engine import FileLock
from slotport.storage.store import Store

BEAT_SECONDS = 3.0
LEASE_SECONDS = 15  #: without a beat, after which a process is held for dead
LOOK_SECONDS = 4.0  #: between two looks for runs without a process

log = structlog.get_logger("slotport.jobs")


class Alone:
    """The only process on an SQLite file."""

    def __init__(self, store: Store) -> None:
        self.id = "embedded"
        self._lock = FileLock(store.engine)

    def join(self) -> bool:
        """Begin; whether no other process serves the file."""
        return self._lock.take()

    def leave(self) -> None:
        """Let another process have the file."""
        self._lock.release()

    def leads(self) -> bool:
        """It looks for what is due."""
        return True

    def take_over(self, at_work: AbstractSet[str]) -> None:
        """Nobody else's runs are there; its own go on when it starts."""


class Crew:
    """One of any number of processes on a PostgreSQL database. ``store``: with connections of its own."""

    def __init__(self, store: Store) -> None:
        self.host = socket.gethostname()[:200]
        self.id = f"{self.host[:40]}:{os.getpid()}:{secrets.token_hex(6)}"
        self._store = store
        self._stop = threading.Event()
        self._looked_at = 0.0
        self._idle: set[str] = set()
        self._thread = threading.Thread(target=self._beat, name="beat", daemon=True)

    def join(self) -> bool:
        """Begin to beat. Processes of this machine that are gone are struck off at once."""
        with self._store.write() as transaction:
            for other in workers.of_host(transaction, self.host):
                if not _is_process(other):
                    workers.remove(transaction, other)
            workers.beat(transaction, self.id, host=self.host, version=__version__)
        self._thread.start()
        return True

    def leave(self) -> None:
        """Stop beating; the others take over what was under way here."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        try:
            with self._store.write() as transaction:
                workers.remove(transaction, self.id)
        except SlotportError as error:
            log.warning("others will notice only later that this process ended", reason=str(error))

    def leads(self) -> bool:
        """Whether this process looks for what is due: the one that has lived longest does."""
        with self._store.read() as transaction:
            return workers.eldest(transaction, LEASE_SECONDS) == self.id

    def take_over(self, at_work: AbstractSet[str]) -> None:
        """Give the jobs of processes that do not beat back to their queues; once in a while."""
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        with self._store.write() as transaction:
            if not workers.lock_takeover(transaction):
                return
            # asked only now, so that what another process just took over counts as that one's
            living = set(workers.living(transaction, LEASE_SECONDS))
            under_way = {
                job.workflow_id: job.executor_id
                for job in DBOS.list_workflows(
                    status="PENDING", queue_name=[EXPORTS, DELIVERIES], load_input=False, load_output=False
                )
            }
            for job_id, owner in under_way.items():
                if owner not in living:
                    log.warning("a job is taken over", job=job_id, worker=owner)
                    requeue(job_id)
            workers.remove_dead(transaction, LEASE_SECONDS * 20)
        # what stands as being worked on here, and is not, twice seen
        idle = {job_id for job_id, owner in under_way.items() if owner == self.id and job_id not in at_work}
        for job_id in idle & self._idle:
            log.warning("a job that nobody worked on begins anew", job=job_id)
            requeue(job_id)
        self._idle = idle

    def _beat(self) -> None:
        while not self._stop.wait(BEAT_SECONDS):
            try:
                with self._store.write() as transaction:
                    workers.beat(transaction, self.id, host=self.host, version=__version__)
            except Unavailable as error:
                log.warning("this process cannot say that it lives", reason=str(error))
            except Exception as error:
                log.error("this process cannot say that it lives", exc_info=error)


def requeue(job_id: str) -> None:
    """Give a job that was under way back to its queue: it goes on with the first step that was not finished."""
    status = DBOS.get_workflow_status(job_id)
    if status is not None and status.status == "PENDING":
        DBOS.resume_workflow(job_id, queue_name=status.queue_name)


def _is_process(worker_id: str) -> bool:
    """Whether the process of a worker of this machine lives. This process itself, newly begun, is not that one."""
    number = int(worker_id.split(":")[-2])
    if number == os.getpid():
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
