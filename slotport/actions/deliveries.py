"""Deliveries: a transport brings a result somewhere, in up to three attempts (docs/transports/README.md).

What a transport cannot do does not change the export's state: its files stay where they are.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from datetime import datetime, timedelta
from functools import partial
from threading import BoundedSemaphore
from typing import Any, Literal
from uuid import uuid4

import structlog

from slotport import mail
from slotport.actions import exports, run_known
from slotport.actions.delivery_notices import notify
from slotport.actions.export_references import check_recipients
from slotport.actions.export_targets import check_targets
from slotport.actions.parcels import addresses_of, carrier, parcel_of
from slotport.actions.run_folder import RunFolder
from slotport.actions.run_handle import RunHandle, Stopped, TooLong
from slotport.actions.sealing import sealed
from slotport.core import export_input_transports
from slotport.core.account import Account
from slotport.core.export import Export, LogLine, State, Transport
from slotport.core.when import iso_seconds
from slotport.depot import depot_of
from slotport.errors import SlotportError, Unavailable, WireError
from slotport.settings import Settings
from slotport.storage import deliveries
from slotport.storage import exports as stored
from slotport.storage.deliveries import Delivery
from slotport.storage.store import Store, Transaction
from slotport.transports import TransportError, TransportRefused

ATTEMPTS = 3
PAUSES = (timedelta(minutes=1), timedelta(minutes=5))  #: between them
ATTEMPT_SECONDS = 3600  #: that one attempt may take
TRIAL_SECONDS = 30.0  #: that trying a transport out may take
TRIAL_SILENCE_SECONDS = 10.0  #: that a connection may be silent then
MOST_TRIALS = 4  #: at a time: each of them keeps a request waiting
_trials = ThreadPoolExecutor(max_workers=MOST_TRIALS, thread_name_prefix="trial")
_free_trials = BoundedSemaphore(MOST_TRIALS)

log = structlog.get_logger("slotport.runs")


def queue(transaction: Transaction, export_id: int, transport_ids: Sequence[int] | None = None) -> list[str]:
    """Make the export's transports (all, or some) pending; the ids of the jobs that are to deliver, one each."""
    if transport_ids is None:
        transport_ids = stored.transport_ids(transaction, export_id)
    jobs = [(transport_id, str(uuid4())) for transport_id in transport_ids]
    deliveries.queue(transaction, export_id, jobs)
    return [job_id for _, job_id in jobs]


def again(transaction: Transaction, owner: Account, export_id: int, transport_uuid: str) -> int:
    """The id of the transport through which the current result is delivered once more, its attempts counted anew.

    Raises WireError: export_not_found, transport_not_found, export_not_done, export_already_running.
    """
    export = exports.found(transaction, owner, export_id)
    transport = _transport(export, transport_uuid)
    parameters = {"id": str(export_id), "state": export.state}
    if export.state is not State.DONE:
        raise WireError("error.user.export_not_done", f"Export {export_id} is not done.", parameters=parameters)
    if not deliveries.reset(transaction, transport.id):
        raise WireError(
            "error.user.export_already_running",
            f"That transport of export {export_id} is at work.",
            parameters=parameters,
        )
    return transport.id


def execute(handle: RunHandle, settings: Settings, base_url: str) -> None:
    """Deliver once. ``base_url``: what links in mails begin with."""
    delivery = handle.patiently(lambda: deliveries.begin(handle.store, handle.id))
    if delivery is None:
        return
    handle.begun = delivery.attempt
    handle.deadline = handle.clock() + timedelta(seconds=ATTEMPT_SECONDS)
    lines: list[LogLine] = []

    def note(level: Literal["info", "warning", "error"], message: str) -> None:
        lines.append(deliveries.line(handle.clock(), level, message))

    try:
        note("info", f"attempt {delivery.attempt}")
        if delivery.attempt > ATTEMPTS + 2:
            raise TransportRefused("the server ended again and again while it delivered")
        with handle.store.read() as transaction:
            export = stored.find(transaction, delivery.export_id, None)
        transport = (
            next((one for one in export.transports if one.id == delivery.transport_id), None) if export else None
        )
        if export is None or transport is None:
            return  # removed in between
        parcel = parcel_of(handle, delivery, export, transport, settings, base_url)
        receipt = carrier(transport, settings).deliver(parcel, note, handle.check)
        notify(parcel, transport, note, handle.check)
    except Stopped:
        return
    except TooLong:
        error: TransportError = TransportRefused(f"the attempt took longer than {ATTEMPT_SECONDS} seconds")
        note("error", str(error))
        _fail(handle, delivery, error, lines)
        return
    except SlotportError as found:
        error = found if isinstance(found, TransportError) else TransportError(str(found))
        note("error", str(error))
        _fail(handle, delivery, error, lines)
        return
    now = handle.clock()
    note("info", "delivered")
    was_last = handle.patiently(
        lambda: deliveries.finish(handle.store, delivery, receipt=receipt, lines=lines, now=now)
    )
    if was_last:
        folder = RunFolder(depot_of(settings), delivery.export_id, delivery.run_id)
        handle.patiently(lambda: run_known.take_over(handle.store, delivery.export_id, delivery.run_id, folder))


def end_badly(handle: RunHandle) -> None:
    """Fail a delivery whose code failed; the reason is in the server's log."""
    delivery = handle.patiently(lambda: deliveries.begin(handle.store, handle.id))
    if delivery is not None:
        error = TransportRefused("something went wrong here; the server's log says what")
        _fail(handle, delivery, error, [deliveries.line(handle.clock(), "error", str(error))])


def _transport(export: Export, transport_uuid: str) -> Transport:
    transport = next((one for one in export.transports if one.uuid == transport_uuid.lower()), None)
    if transport is None:
        raise WireError(
            "error.user.transport_not_found",
            f"Export {export.id} has no such transport.",
            parameters={"id": transport_uuid[:100]},
        )
    return transport


def _fail(handle: RunHandle, delivery: Delivery, error: TransportError, lines: Sequence[LogLine]) -> None:
    now = handle.clock()
    is_final = isinstance(error, TransportRefused) or delivery.attempt >= ATTEMPTS
    again_at = None if is_final else now + PAUSES[min(delivery.attempt, len(PAUSES)) - 1]
    handle.patiently(
        lambda: deliveries.fail(handle.store, delivery, error=str(error), lines=lines, again_at=again_at, now=now)
    )


def test(
    store: Store, owner: Account, export_id: int, transport_uuid: str, *, settings: Settings, now: datetime
) -> tuple[bool, list[dict[str, Any]]]:
    """Whether a transport could deliver now, and the lines {timestamp, level, message} of trying; in half a minute.

    A download needs nothing; for mails the mail server is asked. Raises WireError: export_not_found,
    transport_not_found; Unavailable if as many are being tried out as may be.
    """
    with store.read() as transaction:
        export = exports.found(transaction, owner, export_id)
        transport = _transport(export, transport_uuid)
        recipients = addresses_of(transaction, transport)
    return _tried(transport, recipients, settings=settings, now=now)


def test_said(
    store: Store, owner: Account, said: Any, export_id: int | None, *, settings: Settings, now: datetime
) -> tuple[bool, list[dict[str, Any]]]:
    """As ``test``, of a transport as ``_transports`` has it, before it is stored.

    One with the uuid of a transport of the export has that one's secrets, as far as it would keep them. Raises
    WireError: export_not_found, transport_target_not_allowed, and all that input raises, at ``_transports[0]``.
    """
    with store.read() as transaction:
        before = exports.found(transaction, owner, export_id).transports if export_id is not None else ()
    (transport,) = export_input_transports.transports(
        [said],
        "_transports",
        before,
        new_uuid=lambda: str(uuid4()),
        seal=partial(sealed, settings),
        types=settings.transport_types,
    )
    check_targets([transport], settings)
    with store.read() as transaction:
        check_recipients(transaction, owner.id, [transport])
        recipients = addresses_of(transaction, transport)
    return _tried(transport, recipients, settings=settings, now=now)


def _tried(
    transport: Transport, recipients: Sequence[str], *, settings: Settings, now: datetime
) -> tuple[bool, list[dict[str, Any]]]:
    lines: list[dict[str, Any]] = []

    def note(level: Literal["info", "warning", "error"], message: str) -> None:
        lines.append({"timestamp": iso_seconds(now), "level": level, "message": message[:2000]})

    def try_out() -> None:
        found = carrier(transport, settings, timeout_seconds=TRIAL_SILENCE_SECONDS)
        if transport.type == "email" and (problem := _mail_problem(settings, recipients)) is not None:
            raise TransportError(problem)
        found.try_out(transport.uuid, note)

    if not _free_trials.acquire(blocking=False):
        raise Unavailable("too many transports are being tried out; try again", retry_after_seconds=10)
    trial = _trials.submit(try_out)
    trial.add_done_callback(lambda _: _free_trials.release())
    try:
        error = trial.exception(timeout=TRIAL_SECONDS)
    except TooSlow:
        trial.cancel()
        error = TransportError(f"this did not end within {TRIAL_SECONDS:.0f} seconds")
    if error is not None and not isinstance(error, SlotportError):
        log.error("a transport could not be tried out", transport=transport.uuid, exc_info=error)
        error = TransportError("something went wrong here; the server's log says what")
    shown = list(lines)  # of a trial that goes on nothing more is shown
    last = ("info", "ready") if error is None else ("error", str(error))
    shown.append({"timestamp": iso_seconds(now), "level": last[0], "message": last[1][:2000]})
    return error is None, shown


def _mail_problem(settings: Settings, recipients: Sequence[str]) -> str | None:
    return mail.trouble(settings) if recipients else "no recipient has an e-mail address"
