"""The engine of durable jobs (DBOS) behind a few verbs; nothing else imports it (docs/design/exports.md).

The export's row is what people see; the engine runs it, and goes on after a crash with the first step that was not
finished. Starting writes the row and the engine's job in one transaction, so that neither exists without the other.
An SQLite file has one process with the engine. On PostgreSQL any number of processes have it, each beats for as long
as it lives, and the others take over the runs of one that does not.
"""

from slotport.jobs.engine import Engine, Taken, worker
from slotport.jobs.queue import Queue

__all__ = ["Engine", "Queue", "Taken", "worker"]
