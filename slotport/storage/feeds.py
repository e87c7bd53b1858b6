"""Feeds: who has which, and the slots that one tells of."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, select, text, update

from slotport.core.account import Account
from slotport.core.feed import Feed, Kept, Show
from slotport.storage import accounts, lists, tables, transfer
from slotport.storage.departures import KEPT
from slotport.storage.instants import at, milliseconds
from slotport.storage.lists import Source
from slotport.storage.readers import readable
from slotport.storage.store import Store, Transaction

USED_EVERY = timedelta(hours=1)  #: how exactly the last use is known
FIELDS = frozenset({"description", "place"})  #: of slots, besides those that every row has

_F = tables.feed.c
_S = tables.slot.c
_G = tables.group.c
_LEFT = tables.slot_left.c


def add(
    transaction: Transaction, account_id: int, secret_hash: bytes, *, group_id: int | None, show: Show, now: datetime
) -> int:
    """Store a new feed; its id."""
    statement = (
        insert(tables.feed)
        .values(
            secret_hash=secret_hash,
            account_id=account_id,
            group_id=group_id,
            show=show.value,
            created_at=milliseconds(now),
        )
        .returning(_F.id)
    )
    return int(transaction.connection.execute(statement).scalar_one())


def of_account(transaction: Transaction, account_id: int) -> list[Feed]:
    """The account's feeds, oldest first."""
    return _feeds(transaction, _F.account_id == account_id)


def find(transaction: Transaction, secret_hash: bytes) -> Feed | None:
    """The feed of that secret, if its account may still sign in."""
    account = tables.account.c
    found = _feeds(
        transaction, (_F.secret_hash == secret_hash) & account.deleted_at.is_(None) & account.disabled_at.is_(None)
    )
    return found[0] if found else None


def remove(transaction: Transaction, account_id: int, named: int | bytes) -> bool:
    """Delete the account's feed of that id, or that hash of a secret; whether there was one."""
    condition = _F.secret_hash == named if isinstance(named, bytes) else _F.id == named
    done = transaction.connection.execute(delete(tables.feed).where(_F.account_id == account_id, condition))
    return bool(done.rowcount)


def note_use(store: Store, feed: Feed, now: datetime) -> None:
    """Remember, to the hour, that the feed was read; not if somebody else is writing just then."""
    if feed.last_used_at is None or now - feed.last_used_at >= USED_EVERY:
        hour = now.replace(minute=0, second=0, microsecond=0)
        used = update(tables.feed).where(_F.id == feed.id).values(last_used_at=milliseconds(hour))

        def note(transaction: Transaction) -> None:
            transaction.connection.execute(used)

        store.write_if_free(note)


def own_state(transaction: Transaction, account_id: int, now: datetime) -> list[tuple[int, ...]]:
    """What changes with everything that ``own`` tells, and is known without loading it."""
    forgotten = select(func.coalesce(func.max(_S.deleted_at), 0)).where(
        _S.owner_id == account_id, _S.deleted_at <= milliseconds(now - KEPT)
    )
    return [(transfer.change_of(transaction, account_id), transaction.connection.execute(forgotten).scalar_one())]


def own(transaction: Transaction, account_id: int, now: datetime) -> Iterator[Kept]:
    """The slots that the account made, by start, end and id, then those that it deleted lately."""
    for positions in lists.every(transaction, lists.created(account_id)):
        yield from _kept(transaction, [position.id for position in positions], account_id)
    gone = select(_S.id).where(_S.owner_id == account_id, _S.deleted_at > milliseconds(now - KEPT))
    yield from _gone(transaction, gone, account_id)


def group_state(transaction: Transaction, group_id: int, account_id: int, now: datetime) -> list[tuple[int, ...]]:
    """What changes with everything that ``in_group`` tells, and is known without loading it."""
    held, since = tables.slot_group.c, milliseconds(now - KEPT)
    of_slots = (
        select(func.count(), func.coalesce(func.max(_S.change), 0))
        .join_from(tables.slot_group, tables.slot, _S.id == held.slot_id)
        .where(held.group_id == group_id)
    )
    left = select(func.count(), func.coalesce(func.max(_LEFT.left_at), 0)).where(
        _LEFT.group_id == group_id, _LEFT.left_at > since
    )
    group = select(_G.change).where(_G.id == group_id)
    own_change = transfer.change_of(transaction, account_id)
    return [(own_change,), *(tuple(transaction.connection.execute(one).one()) for one in (of_slots, left, group))]


def in_group(
    transaction: Transaction, group_id: int, sources: Sequence[Source], account_id: int, now: datetime
) -> Iterator[Kept]:
    """The slots of the sources, which are those of a group, by start, end and id; then those that left it lately."""
    for positions in lists.every(transaction, sources):
        yield from _kept(transaction, [position.id for position in positions], account_id)
    held = tables.slot_group.c
    still = select(held.slot_id).where(held.slot_id == _LEFT.slot_id, held.group_id == group_id).exists()
    gone = select(_LEFT.slot_id).where(_LEFT.group_id == group_id, _LEFT.left_at > milliseconds(now - KEPT), ~still)
    yield from _gone(transaction, gone, account_id, group_id)


def _gone(transaction: Transaction, ids: Any, account_id: int, group_id: int = 0) -> Iterator[Kept]:
    found = sorted(transaction.connection.scalars(ids))
    for start in range(0, len(found), transfer.BATCH):
        yield from _kept(transaction, found[start : start + transfer.BATCH], account_id, group_id=group_id, gone=True)


def _kept(
    transaction: Transaction, slot_ids: Sequence[int], account_id: int, *, group_id: int = 0, gone: bool = False
) -> list[Kept]:
    """The slots in that order, as the account may read them."""
    stored = transfer.load(transaction, slot_ids, account_id, FIELDS)
    allowed = text(f"(slot.owner_id = {account_id:d} OR (slot.deleted_at IS NULL AND {readable('slot', account_id)}))")
    left = select(_LEFT.left_at).where(_LEFT.slot_id == _S.id, _LEFT.group_id == group_id).scalar_subquery()
    rows = transaction.connection.execute(
        select(_S.id, _S.owner_id, _S.updated_at, left.label("left_at")).where(_S.id.in_(slot_ids))
    )
    facts = {row.id: row for row in rows}
    may_read = set(
        transaction.connection.scalars(select(_S.id).where(_S.id.in_(slot_ids), allowed)) if gone else slot_ids
    )
    return [
        Kept(
            slot=stored[number].slot,
            owner_id=facts[number].owner_id,
            version=stored[number].version,
            changed_at=at(max(facts[number].updated_at, facts[number].left_at or 0)),
            is_gone=gone,
            is_own=facts[number].owner_id == account_id,
            is_readable=number in may_read,
        )
        for number in slot_ids
    ]


def _feeds(transaction: Transaction, condition: ColumnElement[bool]) -> list[Feed]:
    rows = transaction.connection.execute(
        select(*tables.feed.c, _G.uuid.label("group_uuid"))
        .select_from(tables.feed.outerjoin(tables.group, _G.id == _F.group_id))
        .join(tables.account, tables.account.c.id == _F.account_id)
        .where(condition)
        .order_by(_F.id)
    ).all()
    makers = accounts.find_many(transaction, {row.account_id for row in rows})
    return [_feed(row, makers[row.account_id]) for row in rows]


def _feed(row: Any, account: Account) -> Feed:
    return Feed(
        id=row.id,
        account=account,
        group=None if row.group_uuid is None else UUID(row.group_uuid),
        show=Show(row.show),
        created_at=at(row.created_at),
        last_used_at=None if row.last_used_at is None else at(row.last_used_at),
    )
