"""The states of an export and who moves them: start, stop (docs/api/export-definition.md).

Each function is a part of a transaction and holds the export's row first. Nothing here runs an export or touches a
file; what a run itself changes is in storage/run_work.py.
"""

from datetime import datetime
from typing import Any
from uuid import uuid4

from slotport.core.account import Account
from slotport.core.export import RUNNING, Export, LogLine, Outcome, Run, State, TransportState, Trigger
from slotport.core.export_input_schedules import limit_exceeded
from slotport.errors import WireError
from slotport.settings import Settings
from slotport.storage import accounts, export_events, export_transports, runs
from slotport.storage import exports as stored
from slotport.storage.store import Store, Transaction

LOG_LINES = 200  #: of a transport
_UNDER_WAY = (TransportState.PENDING, TransportState.PROCESSING)


def found(transaction: Transaction, owner: Account, export_id: int) -> Export:
    """The own export of that id; in a writing transaction nobody else changes it until that ends.

    Raises WireError: export_not_found.
    """
    return found_of(transaction, export_id, owner.id)


def found_of(transaction: Transaction, export_id: int, owner_id: int | None) -> Export:
    """The export of that id, as ``found`` gives it; ``owner_id`` None asks for nobody's right."""
    is_writing = transaction.connection.get_execution_options().get("write")
    find = stored.locked if is_writing else stored.find
    if (export := find(transaction, export_id, owner_id)) is None:
        raise WireError(
            "error.user.export_not_found",
            "There is no such export.",
            # Python refuses to write out numbers of thousands of digits
            parameters={"id": str(export_id) if export_id.bit_length() < 10_000 else "?"},
        )
    return export


def tell(
    transaction: Transaction,
    export: Export,
    type_: str,
    info: dict[str, Any],
    now: datetime,
    session_hash: bytes | None,
    *,
    logged: bool = False,
) -> None:
    """Store an event about the export and, if it has one, its newest run."""
    run_id = None if export.run is None or type_ in {"EXPORT_INSERT", "EXPORT_UPDATE"} else export.run.id
    export_events.add(
        transaction,
        export_id=export.id,
        owner_id=export.owner_id,
        version=export.version,
        type=type_,
        info={"run": run_id, **info} if run_id else info,
        run_id=run_id,
        now=now,
        logged=logged,
        session_hash=session_hash,
    )


def begin_run(
    transaction: Transaction,
    export_id: int,
    owner_id: int | None,
    *,
    trigger: Trigger,
    full: bool,
    due_at: datetime | None,
    now: datetime,
    settings: Settings,
) -> tuple[Run, int]:
    """Make the export pending; its new run, and how many runs of its owner are under way with it.

    Deliveries of the last result that wait for their next attempt are dropped. ``owner_id`` None asks for nobody's
    right. Raises WireError: export_not_found, export_already_running, and export_limit_exceeded if a person starts
    more runs than one may have (a schedule is not held up).
    """
    if owner_id is not None:
        accounts.locked(transaction, owner_id)
    export = found_of(transaction, export_id, owner_id)
    if export.is_running:
        raise WireError(
            "error.user.export_already_running",
            f"Export {export_id} is running.",
            parameters={"id": str(export_id), "state": export.state},
        )
    waiting = runs.under_way(transaction, export.owner_id)
    if trigger is Trigger.MANUAL and waiting >= settings.max_runs:
        raise limit_exceeded(
            f"{settings.max_runs} of your exports are running, which is all that may.", settings.max_runs
        )
    last = runs.newest(transaction, export_id)
    run = Run(
        id=str(uuid4()),
        export_id=export_id,
        number=last.number + 1 if last else 1,
        trigger=trigger,
        queued_at=now,
        is_full=full,
    )
    runs.add(transaction, run, due_at=due_at)
    stored.move(transaction, export_id, set(State) - RUNNING, State.PENDING, run_id=run.id, result_is_current=False)
    export_transports.reset(transaction, export_id)
    runs.prune(transaction, export_id)
    return run, waiting + 1


def stop(store: Store, owner: Account, export_id: int, *, now: datetime, session_hash: bytes | None = None) -> Export:
    """Stop the export's run, after which it is new, or else the deliveries of its result, which then have failed.

    Raises WireError: export_not_found, export_not_running.
    """
    with store.write() as transaction:
        return stop_in(transaction, owner, export_id, now=now, session_hash=session_hash)


def stop_in(
    transaction: Transaction, owner: Account, export_id: int, *, now: datetime, session_hash: bytes | None = None
) -> Export:
    """Stop the export as a part of the transaction; see ``stop``."""
    export = found(transaction, owner, export_id)
    if not export.is_running:
        raise WireError(
            "error.user.export_not_running",
            f"Export {export_id} is not running.",
            parameters={"id": str(export_id), "state": export.state},
        )
    state = export.state
    if state in RUNNING:
        end_run(transaction, export, Outcome.STOPPED, now)
        stored.move(transaction, export_id, RUNNING, State.NEW)
        state = State.NEW
    else:
        _end_deliveries(transaction, export, now, session_hash)
    info = {"state": state, "protocol": "", "reason": "user"}
    tell(transaction, export, "EXPORT_STOPPED", info, now, session_hash, logged=True)
    return found(transaction, owner, export_id)


def end_run(transaction: Transaction, export: Export, outcome: Outcome, now: datetime) -> None:
    """End the export's run, if one is under way."""
    if export.state in RUNNING and export.run is not None:
        runs.finish(transaction, export.run.id, outcome, now)


def _end_deliveries(transaction: Transaction, export: Export, now: datetime, session_hash: bytes | None) -> None:
    """Fail what is being delivered, and what waits for its turn."""
    line = LogLine(timestamp=now, level="error", message="stopped")
    ended = [one for one in export.transports if one.state in _UNDER_WAY]
    for one in ended:
        export_transports.fail(transaction, one, line, LOG_LINES)
        info = {"_transport_id": one.id, "attempt": one.attempts, "error": "stopped"}
        tell(transaction, export, "EXPORT_TRANSPORT_FAILED", info, now, session_hash)
    if export.result is not None:
        runs.warn(transaction, export.result.id, len(ended))
