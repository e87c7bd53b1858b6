"""Files that were imported: what is known of them while nothing of the account has changed, and what imports changed.

New slots and groups of an import are told by their ids, which its transaction took in one piece; of each slot that it
changed ``import_before`` keeps what it was. A slot is as an import left it while its ``change`` is the import's id, or
while what came after was undone, which ``import_before.restored_change`` remembers.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct, structs
from sqlalchemy import ColumnElement, Row, delete, exists, func, insert, or_, select, update

from slotport.core.import_log import KEPT, LoggedImport
from slotport.core.slot import Slot
from slotport.storage import slots, tables
from slotport.storage.engine import among, insert_many
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Transaction
from slotport.storage.tables_imports import import_before, import_log, imported_file
from slotport.storage.transfer import CANDIDATES, Addition, Stored, change_slots, groups_of, times

LISTED = 1_000  #: imports, at most
BATCH = 500  #: slots looked at together

_FILE = imported_file.c
_LOG = import_log.c
_BEFORE = import_before.c
_S = tables.slot.c
_LOGGED = [_LOG[name] for name in LoggedImport.__struct_fields__]
_COUNTS = ("created", "updated", "unchanged", "skipped", "rejected")


def find(transaction: Transaction, account_id: int, digest: bytes) -> str | None:
    """The report of the import of that file, if no slot or group of the account changed since then."""
    return transaction.connection.scalar(
        select(_FILE.report)
        .join(tables.account, tables.account.c.id == _FILE.account_id)
        .where(_FILE.account_id == account_id, _FILE.digest == digest, _FILE.change == tables.account.c.change)
    )


def keep(transaction: Transaction, account_id: int, digest: bytes, change: int, report: str) -> None:
    """Remember the file as imported at that change of the account; files from before it are forgotten."""
    transaction.connection.execute(
        delete(imported_file).where(_FILE.account_id == account_id, (_FILE.change < change) | (_FILE.digest == digest))
    )
    transaction.connection.execute(
        insert(imported_file).values(account_id=account_id, digest=digest, change=change, report=report)
    )


# What an import changes


class Before(Struct, frozen=True, gc=False):
    """A slot as it was before an import changed it."""

    slot_id: int
    change: int
    slot: Slot
    content_hash: bytes | None
    group_ids: tuple[int, ...]
    deleted: bool


def before(stored: Stored, content_hash: bytes | None, group_ids: Sequence[int]) -> Before:
    """What is kept of a slot that is about to be changed."""
    return Before(stored.id, stored.change, stored.slot, content_hash, tuple(group_ids), stored.deleted)


def begin(transaction: Transaction, account_id: int, format_: str, now: int) -> int:
    """Note that this transaction is an import; its id."""
    row = {"id": transaction.change, "account_id": account_id, "format": format_, "created_at": now}
    counts = dict.fromkeys(_COUNTS, 0)
    transaction.connection.execute(insert(import_log).values(row | counts | {"first_id": 0, "last_id": 0}))
    return transaction.change


def complete(transaction: Transaction, **counts: int) -> None:
    """Note the five counts, and which ids the transaction took."""
    ids = transaction.ids_taken
    transaction.connection.execute(
        update(import_log)
        .where(_LOG.id == transaction.change)
        .values(counts | {"first_id": ids.start, "last_id": ids.stop - 1})
    )


def keep_before(transaction: Transaction, changed: Sequence[Before]) -> None:
    """Keep what slots were, once ``begin`` was called; not of those that this transaction itself changed before."""
    rows = [
        (transaction.change, one.slot_id, one.change, _encoded(one))
        for one in changed
        if one.change < transaction.change
    ]
    insert_many(transaction.connection, import_before, ("import_id", "slot_id", "change", "state"), rows)


_encode = msgspec.json.Encoder().encode


def _encoded(one: Before) -> str:
    return _encode((structs.replace(one.slot, groups=()), one.content_hash, one.group_ids, one.deleted)).decode()


_KINDS = {field.name: field.type for field in structs.fields(Slot)}


def _decoded(slot_id: int, change: int, state: str) -> Before:
    values, content_hash, group_ids, deleted = msgspec.json.decode(state)
    said = dict(zip(_KINDS, values, strict=True))
    moments = {name: _moment(said.pop(name)) for name in ("start", "end")}
    # one by one, since a date and an instant are not told apart by their kind
    slot = Slot(**moments, **{name: msgspec.convert(value, _KINDS[name]) for name, value in said.items()})
    return Before(slot_id, change, slot, msgspec.convert(content_hash, bytes | None), tuple(group_ids), deleted)


def _moment(text: str | None) -> Any:
    if text is None:
        return None
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


# What was imported


class Imported(Struct, frozen=True):
    """An import that may be undone."""

    id: int
    first_id: int
    last_id: int
    undone: bool


def recent(transaction: Transaction, account_id: int, now: datetime) -> list[LoggedImport]:
    """The account's imports of the last 30 days, newest first; at most 1,000."""
    rows = transaction.connection.execute(
        select(*_LOGGED)
        .where(_LOG.account_id == account_id, _LOG.created_at > milliseconds(now - KEPT))
        .order_by(_LOG.created_at.desc(), _LOG.id.desc())
        .limit(LISTED)
    )
    return [_logged(row) for row in rows]


def _logged(row: Row[Any]) -> LoggedImport:
    values = row._asdict()
    undone_at = values.pop("undone_at")
    created_at = at(values.pop("created_at"))
    return LoggedImport(**values, created_at=created_at, undone_at=None if undone_at is None else at(undone_at))


def find_import(transaction: Transaction, account_id: int, import_id: int, now: datetime) -> Imported | None:
    """The account's import of that id, if it is not older than 30 days."""
    row = transaction.connection.execute(
        select(_LOG.first_id, _LOG.last_id, _LOG.undone_at).where(
            _LOG.id == import_id, _LOG.account_id == account_id, _LOG.created_at > milliseconds(now - KEPT)
        )
    ).one_or_none()
    return None if row is None else Imported(import_id, row.first_id, row.last_id, row.undone_at is not None)


def mark_undone(transaction: Transaction, import_id: int, now: datetime) -> None:
    """Note that the import was undone."""
    transaction.connection.execute(update(import_log).where(_LOG.id == import_id).values(undone_at=milliseconds(now)))


def forget_old(transaction: Transaction, now: datetime) -> None:
    """Forget imports of more than 30 days ago, and what slots were before them."""
    transaction.connection.execute(delete(import_log).where(_LOG.created_at <= milliseconds(now - KEPT)))


Likeness = tuple[str, int, int, bool, bool]


def likeness(slot: Slot) -> Likeness:
    """What slots of the same title, start and end have in common."""
    return slot.title, *times(slot), slot.end is None, not isinstance(slot.start, datetime)


def alike(
    transaction: Transaction, owner_id: int, wanted: Sequence[Slot], *, before_change: int
) -> dict[Likeness, int]:
    """The account's live slots that begin when one of the wanted does and are older than the commit: the newest ids.

    Where more than 5,000 begin then, only so many are looked at.
    """
    starts = sorted({times(slot)[0] for slot in wanted})
    rows = transaction.connection.execute(
        select(_S.title, _S.start_at, _S.end_at, _S.open_end, _S.all_day, _S.id)
        .where(_S.owner_id == owner_id, among(transaction.connection, _S.start_at, starts), _S.deleted_at.is_(None))
        .where(_S.change < before_change)
        .limit(CANDIDATES)
    )
    found: dict[Likeness, int] = {}
    for title, start_at, end_at, open_end, all_day, slot_id in rows:
        key = (title, start_at, end_at, open_end, all_day)
        found[key] = max(slot_id, found.get(key, 0))
    return found


def group_names(transaction: Transaction, group_ids: Sequence[int]) -> dict[int, str]:
    """The groups' names by id."""
    group = tables.group.c
    rows = transaction.connection.execute(
        select(group.id, group.name).where(among(transaction.connection, group.id, group_ids))
    )
    return {row.id: row.name for row in rows}


# What is to be undone


def is_intact(import_id: int) -> ColumnElement[bool]:
    """Whether a row of ``slot`` is as that import left it."""
    later = import_before.alias("later").c
    given_back = exists().where(later.slot_id == _S.id, later.change == import_id, later.restored_change == _S.change)
    return or_(_S.change == import_id, given_back)


def new_slots(done: Imported, owner_id: int) -> ColumnElement[bool]:
    """The rows of ``slot`` that the import created and nobody deleted."""
    return _S.id.between(done.first_id, done.last_id) & (_S.owner_id == owner_id) & _S.deleted_at.is_(None)


class Left(Struct, frozen=True, gc=False):
    """A slot that an undo leaves alone."""

    uid: str
    title: str


def changed_new_slots(transaction: Transaction, done: Imported, owner_id: int, most: int) -> list[Left]:
    """Slots that the import created and that were changed since, by id; so many of them."""
    rows = transaction.connection.execute(
        select(_S.uid, _S.title).where(new_slots(done, owner_id), ~is_intact(done.id)).order_by(_S.id).limit(most)
    )
    return [Left(*row) for row in rows]


def count_changed_new_slots(transaction: Transaction, done: Imported, owner_id: int) -> int:
    """How many they are."""
    statement = select(func.count()).select_from(tables.slot).where(new_slots(done, owner_id), ~is_intact(done.id))
    return transaction.connection.scalar(statement) or 0


def remove_new_slots(transaction: Transaction, done: Imported, owner_id: int, now: datetime) -> int:
    """Delete the slots that the import created, but for those that were changed since; how many."""
    return slots.remove_where(transaction, new_slots(done, owner_id) & is_intact(done.id), owner_id, now)


class Changed(Struct, frozen=True, gc=False):
    """A slot that an import changed: what it was, and what it is now."""

    before: Before
    version: int
    left: Left | None  #: it was changed since


def changed_slots(transaction: Transaction, done: Imported) -> Iterator[list[Changed]]:
    """The slots that the import changed, by id, some at a time."""
    last = -1
    while True:
        rows = transaction.connection.execute(
            select(
                _S.id, _BEFORE.change, _BEFORE.state, _S.version, _S.uid, _S.title, is_intact(done.id).label("intact")
            )
            .join(import_before, _BEFORE.slot_id == _S.id)
            .where(_BEFORE.import_id == done.id, _BEFORE.slot_id > last)
            .order_by(_BEFORE.slot_id)
            .limit(BATCH)
        ).all()
        if not rows:
            return
        last = rows[-1].id
        yield [
            Changed(
                _decoded(row.id, row.change, row.state), row.version, None if row.intact else Left(row.uid, row.title)
            )
            for row in rows
        ]


def give_back(transaction: Transaction, owner_id: int, changed: Sequence[Changed], now: datetime) -> None:
    """Make the slots, some hundreds, what they were before the import, and take them out of groups that they came to.

    A slot that was deleted then is so again.
    """
    before = {one.before.slot_id: one.before for one in changed}
    held = groups_of(transaction, list(before))
    surplus = [
        (slot_id, group_id)
        for slot_id, one in before.items()
        for group_id in held.get(slot_id, {})
        if group_id not in one.group_ids
    ]
    slots.take_many_out_of_groups(transaction, surplus, now)
    additions = [
        Addition(slot_id, one.before.slot, one.before.content_hash, one.before.group_ids, one.version + 1)
        for slot_id, one in zip(before, changed, strict=True)
    ]
    change_slots(transaction, owner_id, additions, now=milliseconds(now))
    if deleted := [slot_id for slot_id, one in before.items() if one.deleted]:
        slots.remove_where(transaction, among(transaction.connection, _S.id, deleted), owner_id, now)


def mark_restored(transaction: Transaction, import_id: int, slot_ids: Sequence[int]) -> None:
    """Note that the slots are what they were before the import, so that what came before it can be undone too."""
    transaction.connection.execute(
        update(import_before)
        .where(_BEFORE.import_id == import_id, among(transaction.connection, _BEFORE.slot_id, slot_ids))
        .values(restored_change=transaction.change)
    )


def new_empty_groups(transaction: Transaction, done: Imported, owner_id: int) -> list[int]:
    """The ids of the live groups that the import made and that hold no slot."""
    group = tables.group.c
    held = exists().where(tables.slot_group.c.group_id == group.id)
    return list(
        transaction.connection.scalars(
            select(group.id).where(
                group.id.between(done.first_id, done.last_id),
                group.owner_id == owner_id,
                group.deleted_at.is_(None),
                ~held,
            )
        )
    )
