"""Exports and their transports.

Who changes an export, its runs or its transports locks the export's row first (``lock``) and reads then: no two of
them wait for each other in a circle, and each move of the state is one from the state that is really there.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Select, and_, delete, func, insert, or_, select, true, update

from slotport.core.export import (
    LINKED,
    Definition,
    Export,
    Schedule,
    State,
    Transport,
)
from slotport.core.export_filter import Filter
from slotport.errors import NotFound
from slotport.storage import export_transports, runs, tables, tables_exports
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Transaction

LARGEST_ID = 2**63 - 1
BATCH = 1000  #: ids in one statement

_export = tables_exports.export
_newest = tables_exports.export_run.alias("newest")
_result = tables_exports.export_run.alias("result")
_PLAIN = ("id", "owner_id", "version", "passkey", "result_is_current")
_INSTANTS = ("created_at", "updated_at", "expires_at", "next_run_at")


class Secret(Struct, frozen=True, kw_only=True):
    """What opens an export's archives."""

    passkey: str
    expires_at: datetime | None


def count(transaction: Transaction, owner_id: int, which: Filter = ()) -> int:
    """How many exports of the person the filter lets through."""
    query = select(func.count()).select_from(_export).where(*_chosen(owner_id, which))
    return transaction.connection.scalar(query) or 0


def listed(transaction: Transaction, owner_id: int, which: Filter, *, limit: int, offset: int) -> list[Export]:
    """A page of the person's exports by id, their transports without options and logs; in two statements."""
    query = _selection().where(*_chosen(owner_id, which)).order_by(_export.c.id)
    rows = list(transaction.connection.execute(query.limit(limit).offset(min(offset, LARGEST_ID))))
    if not rows:
        return []
    found = export_transports.briefly(transaction, owner_id, rows[0].id, rows[-1].id)
    return [_export_of(row, found.get(row.id, ())) for row in rows]


def find(transaction: Transaction, export_id: int, owner_id: int | None) -> Export | None:
    """The export of that id if it is the person's; ``owner_id`` None asks for nobody's right."""
    if not 0 < export_id <= LARGEST_ID:
        return None
    query = _selection().where(_export.c.id == export_id, _owned_by(owner_id))
    row = transaction.connection.execute(query).one_or_none()
    if row is None:
        return None
    return _export_of(row, export_transports.of(transaction, export_id))


def get(transaction: Transaction, export_id: int) -> Export:
    """The export of that id, whoever's it is; raises NotFound."""
    if (export := find(transaction, export_id, None)) is None:
        raise NotFound("there is no such export")
    return export


def lock(transaction: Transaction, export_id: int, owner_id: int | None = None) -> bool:
    """Let no other transaction change the export until this one ends; whether there is such an export."""
    if not 0 < export_id <= LARGEST_ID:
        return False
    query = select(_export.c.id).where(_export.c.id == export_id, _owned_by(owner_id))
    return transaction.connection.scalar(query.with_for_update(key_share=True)) is not None


def locked(transaction: Transaction, export_id: int, owner_id: int | None) -> Export | None:
    """The export as it stays until this transaction ends, unless that changes it."""
    # two statements: what a row that was waited for is joined with would be of the time before
    return find(transaction, export_id, owner_id) if lock(transaction, export_id, owner_id) else None


def secret_of(transaction: Transaction, export_id: int) -> Secret | None:
    """The passkey of an export that has archives to fetch, and whose owner has an account."""
    if not 0 < export_id <= LARGEST_ID:
        export_id = 0
    transport = tables_exports.export_transport.c
    fetched = select(transport.id).where(transport.export_id == _export.c.id, transport.type.in_(sorted(LINKED)))
    row = transaction.connection.execute(
        select(_export.c.passkey, _export.c.passkey_expires_at)
        .join_from(_export, tables.account, tables.account.c.id == _export.c.owner_id)
        .where(_export.c.id == export_id, tables.account.c.deleted_at.is_(None), fetched.exists())
    ).one_or_none()
    if row is None:
        return None
    return Secret(passkey=row.passkey, expires_at=_moment(row.passkey_expires_at))


def add(
    transaction: Transaction,
    owner_id: int,
    definition: Definition,
    schedules: Sequence[Schedule],
    transports: Sequence[Transport],
    *,
    passkey: str,
    next_run_at: datetime | None,
    now: datetime,
) -> int:
    """Store a new export; its id."""
    moment = milliseconds(now)
    export_id = int(
        transaction.connection.execute(
            insert(_export)
            .values(
                owner_id=owner_id,
                state=State.NEW,
                passkey=passkey,
                created_at=moment,
                updated_at=moment,
                checked_at=moment if schedules else None,
                next_run_at=_number(next_run_at),
                **_defined(definition, schedules),
            )
            .returning(_export.c.id)
        ).scalar_one()
    )
    export_transports.put(transaction, export_id, transports, ())
    return export_id


def change(
    transaction: Transaction,
    before: Export,
    definition: Definition,
    schedules: Sequence[Schedule],
    transports: Sequence[Transport],
    *,
    next_run_at: datetime | None,
    drop_baseline: bool,
    now: datetime,
) -> None:
    """Store what an export is to be, under its next version: new, and without a result."""
    values: dict[str, Any] = {
        "version": before.version + 1,
        "state": State.NEW,
        "updated_at": milliseconds(now),
        "result_run_id": None,
        "result_is_current": False,
        "expires_at": None,
        **_defined(definition, schedules),
    }
    if tuple(schedules) != before.schedules:
        values |= {"checked_at": milliseconds(now) if schedules else None, "late_at": None}
        values["next_run_at"] = _number(next_run_at)
    if drop_baseline:
        values["baseline_change"] = None
    transaction.connection.execute(update(_export).where(_export.c.id == before.id).values(values))
    export_transports.put(transaction, before.id, transports, before.transports)


def rename(transaction: Transaction, export_id: int, definition: Definition) -> None:
    """Store a definition that differs in nothing that counts as a change."""
    transaction.connection.execute(
        update(_export).where(_export.c.id == export_id).values(definition=msgspec.json.encode(definition).decode())
    )


def move(transaction: Transaction, export_id: int, from_states: Iterable[State], to: State, **values: Any) -> bool:
    """Change the state, and other columns with it, if it is one of those; whether it was."""
    done = transaction.connection.execute(
        update(_export)
        .where(_export.c.id == export_id, _export.c.state.in_(tuple(from_states)))
        .values(state=to, **values)
    )
    return done.rowcount > 0


def set_passkey(transaction: Transaction, export_id: int, passkey: str, expires_at: datetime | None) -> None:
    """Store another passkey; the one before opens nothing any more."""
    transaction.connection.execute(
        update(_export).where(_export.c.id == export_id).values(passkey=passkey, passkey_expires_at=_number(expires_at))
    )


def remove(transaction: Transaction, export_id: int) -> None:
    """Remove the export with its runs, transports and events."""
    transaction.connection.execute(delete(_export).where(_export.c.id == export_id))


def transport_ids(transaction: Transaction, export_id: int) -> list[int]:
    """The ids of the export's transports, in their order."""
    return export_transports.ids(transaction, export_id)


def of_owner(transaction: Transaction, owner_id: int) -> list[int]:
    """The ids of all the person's exports, ascending."""
    return list(
        transaction.connection.scalars(
            select(_export.c.id).where(_export.c.owner_id == owner_id).order_by(_export.c.id)
        )
    )


# Rows


def _owned_by(owner_id: int | None) -> ColumnElement[bool]:
    """The one place where exports are filtered by whose they are."""
    return true() if owner_id is None else _export.c.owner_id == owner_id


def _chosen(owner_id: int, which: Filter) -> Iterable[ColumnElement[bool]]:
    yield _owned_by(owner_id)
    if which:
        yield or_(
            *(
                and_(
                    true() if part.types is None else _export.c.type.in_(sorted(part.types)),
                    true() if part.states is None else _export.c.state.in_(sorted(part.states)),
                )
                for part in which
            )
        )


def _selection() -> Select[Any]:
    both = _export.outerjoin(_newest, _newest.c.id == _export.c.run_id).outerjoin(
        _result, _result.c.id == _export.c.result_run_id
    )
    return select(_export, *runs.columns(_newest, "newest_"), *runs.columns(_result, "result_")).select_from(both)


def _export_of(row: Row[Any], transports: Sequence[Transport]) -> Export:
    values: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    values |= {name: _moment(getattr(row, name)) for name in _INSTANTS}
    return Export(
        state=State(row.state),
        definition=msgspec.json.decode(row.definition, type=Definition),
        schedules=msgspec.json.decode(row.schedules, type=tuple[Schedule, ...]),
        transports=tuple(transports),
        run=runs.run_of(row, "newest_"),
        result=runs.run_of(row, "result_"),
        **values,
    )


def _defined(definition: Definition, schedules: Sequence[Schedule]) -> dict[str, Any]:
    return {
        "type": definition.type,
        "definition": msgspec.json.encode(definition).decode(),
        "schedules": msgspec.json.encode(schedules).decode(),
    }


def _moment(number: int | None) -> datetime | None:
    return None if number is None else at(number)


def _number(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)
