"""What a person can ask of exports: define, change, list, start, stop, remove (docs/api/export-definition.md).

Nothing here runs an export or touches a file. Each verb that changes something has a form that is a part of a
transaction (``…_in``), and each of those holds the export's row first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from msgspec import Struct

from slotport.actions.export_passkeys import new_passkey
from slotport.actions.export_references import check_assets, check_recipients
from slotport.actions.export_states import begin_run, end_run, found, found_of, stop, stop_in, tell
from slotport.actions.export_targets import check_targets
from slotport.actions.sealing import sealed
from slotport.core import export_input, when
from slotport.core.account import Account
from slotport.core.due import next_due
from slotport.core.export import RUNNING, Definition, Export, Outcome, Schedule, State
from slotport.core.export_filter import Filter
from slotport.core.export_input_schedules import limit_exceeded
from slotport.core.export_input_transports import same
from slotport.settings import Settings
from slotport.storage import accounts
from slotport.storage import exports as stored
from slotport.storage.store import Store, Transaction

LIST_LENGTH = 1000  #: most exports in one answer


__all__ = [
    "Changed",
    "begin_run",
    "change",
    "change_in",
    "check",
    "create",
    "create_in",
    "found",
    "get",
    "laid_over",
    "listed",
    "remove",
    "remove_in",
    "stop",
    "stop_in",
]


class Changed(Struct, frozen=True, kw_only=True):
    """An export after a change, and the runs whose folders are of no use any more."""

    export: Export
    discarded: tuple[str, ...]


# Reading


def get(store: Store, owner: Account, export_id: int) -> Export:
    """The own export of that id. Raises WireError: export_not_found."""
    with store.read() as transaction:
        return found(transaction, owner, export_id)


def listed(
    store: Store, owner: Account, which: Filter = (), limit: int | None = None, offset: int = 0
) -> tuple[int, list[Export]]:
    """How many of the own exports the filter lets through, and a page of them by id.

    The page has at most a thousand; its transports are without options and logs. The number of statements is constant.
    """
    limit = LIST_LENGTH if limit is None else min(limit, LIST_LENGTH)
    with store.read() as transaction:
        count = stored.count(transaction, owner.id, which)
        if not limit or offset >= count:
            return count, []
        return count, stored.listed(transaction, owner.id, which, limit=limit, offset=offset)


def laid_over(store: Store, owner: Account, export_id: int, body: Any, *, settings: Settings) -> Definition:
    """The export's definition as a change would make it; nothing is stored. Raises WireError as ``change`` does."""
    with store.read() as transaction:
        before = found(transaction, owner, export_id)
        definition = export_input.laid_over(
            body,
            before,
            most_schedules=settings.max_schedules,
            new_uuid=_uuid,
            types=settings.transport_types,
        )
        check_assets(transaction, owner.id, definition)
    return definition


# Defining


def check(store: Store, owner: Account, body: Any, *, settings: Settings, export_id: int | None = None) -> None:
    """Raise what is wrong with where the transports of a body lead: transport_target_not_allowed.

    Of a body that names none, or is that of a new export, nothing is read. Names are looked up: not to be called within
    a transaction. Raises what ``create`` and ``change`` raise.
    """
    if not isinstance(body, Mapping) or not body.get("_transports"):
        return
    if export_id is None:
        said = _created(body, settings)
    else:
        with store.read() as transaction:
            before = found(transaction, owner, export_id)
        said = _changed(body, before, settings)
    check_targets(said.transports, settings)


def create(
    store: Store, owner: Account, body: Any, *, settings: Settings, now: datetime, session_hash: bytes | None = None
) -> Export:
    """Store a new export, which nothing starts.

    Raises WireError: export_limit_exceeded, transport_target_not_allowed, and all that input raises.
    """
    check(store, owner, body, settings=settings)
    with store.write() as transaction:
        return create_in(transaction, owner, body, settings=settings, now=now, session_hash=session_hash)


def create_in(
    transaction: Transaction,
    owner: Account,
    body: Any,
    *,
    settings: Settings,
    now: datetime,
    session_hash: bytes | None = None,
) -> Export:
    """Store a new export, which was checked (``check``), as a part of the transaction; see ``create``."""
    said = _created(body, settings)
    accounts.locked(transaction, owner.id)  # two at a time would both be the last that is allowed
    if stored.count(transaction, owner.id) >= settings.max_exports:
        raise limit_exceeded(
            f"You have {settings.max_exports} exports, which is all one may have.", settings.max_exports
        )
    check_recipients(transaction, owner.id, said.transports)
    check_assets(transaction, owner.id, said.definition)
    export_id = stored.add(
        transaction,
        owner.id,
        said.definition,
        said.schedules,
        said.transports,
        passkey=new_passkey(),
        next_run_at=_next_run(said.schedules, settings, now),
        now=now,
    )
    if (definition := export_input.without_default_name(said.definition, export_id)) != said.definition:
        export_input.require_name(
            export_input.Said(definition=definition, schedules=said.schedules, transports=said.transports), "<new>"
        )
        stored.rename(transaction, export_id, definition)
    export = found_of(transaction, export_id, owner.id)
    tell(transaction, export, "EXPORT_INSERT", {}, now, session_hash, logged=True)
    return export


def change(
    store: Store,
    owner: Account,
    export_id: int,
    body: Any,
    *,
    settings: Settings,
    now: datetime,
    session_hash: bytes | None = None,
) -> Changed:
    """Change the export: its next version, new and without a result; a run that is under way is given up.

    Raises WireError: export_not_found, version_mismatch, export_name_required, transport_target_not_allowed, and all
    that input raises; then nothing is changed.
    """
    check(store, owner, body, settings=settings, export_id=export_id)
    with store.write() as transaction:
        return change_in(transaction, owner, export_id, body, settings=settings, now=now, session_hash=session_hash)


def change_in(
    transaction: Transaction,
    owner: Account,
    export_id: int,
    body: Any,
    *,
    settings: Settings,
    now: datetime,
    session_hash: bytes | None = None,
) -> Changed:
    """Change the export, which was checked (``check``), as a part of the transaction; see ``change``."""
    before = found(transaction, owner, export_id)
    said = _changed(body, before, settings)
    check_recipients(transaction, owner.id, said.transports)
    check_assets(transaction, owner.id, said.definition)
    if before.is_running:
        end_run(transaction, before, Outcome.PURGED, now)
        info = {"state": State.NEW, "protocol": "", "reason": "update"}
        tell(transaction, before, "EXPORT_STOPPED", info, now, session_hash, logged=True)
    stored.change(
        transaction,
        before,
        said.definition,
        said.schedules,
        said.transports,
        next_run_at=_next_run(said.schedules, settings, now),
        drop_baseline=_is_another(before, said),
        now=now,
    )
    after = found_of(transaction, export_id, owner.id)
    tell(transaction, after, "EXPORT_UPDATE", {}, now, session_hash)
    return Changed(export=after, discarded=_folders(before))


def remove(store: Store, owner: Account, export_id: int) -> tuple[str, ...]:
    """Remove the export and all that is known of it; the runs whose folders are of no use any more.

    Raises WireError: export_not_found.
    """
    with store.write() as transaction:
        return remove_in(transaction, owner, export_id)


def remove_in(transaction: Transaction, owner: Account, export_id: int) -> tuple[str, ...]:
    """Remove the export as a part of the transaction; see ``remove``."""
    export = found(transaction, owner, export_id)
    stored.remove(transaction, export_id)
    return _folders(export)


def _created(body: Any, settings: Settings) -> export_input.Said:
    return export_input.created(
        body,
        most_schedules=settings.max_schedules,
        new_uuid=_uuid,
        seal=partial(sealed, settings),
        types=settings.transport_types,
    )


def _changed(body: Any, before: Export, settings: Settings) -> export_input.Said:
    return export_input.changed(
        body,
        before,
        most_schedules=settings.max_schedules,
        new_uuid=_uuid,
        seal=partial(sealed, settings),
        types=settings.transport_types,
    )


def _is_another(before: Export, said: export_input.Said) -> bool:
    """Whether what an incremental export delivered before says nothing about what it is now."""
    nameless = [
        {name: getattr(one, name) for name in Definition.__struct_fields__ if name != "name"}
        for one in (before.definition, said.definition)
    ]
    return nameless[0] != nameless[1] or not same(before.transports, said.transports)


def _folders(export: Export) -> tuple[str, ...]:
    """The runs of the export that may have a folder."""
    found_runs = (export.run if export.state in RUNNING else None, export.result)
    return tuple(dict.fromkeys(run.id for run in found_runs if run is not None))


def _next_run(schedules: Sequence[Schedule], settings: Settings, now: datetime) -> datetime | None:
    if not schedules:
        return None
    return next_due(
        schedules,
        now,
        zone=when.zone(settings.timezone),
        hour=settings.standard_hour,
        minute=settings.standard_minute,
    )


def _uuid() -> str:
    return str(uuid4())
