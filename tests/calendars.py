"""People, groups and slots put straight into a store, and a count of the statements that something takes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import event

from slotport.core.account import Account
from slotport.core.group import Group, State
from slotport.core.slot import Slot, Visibility
from slotport.storage import accounts, groups, transfer
from slotport.storage.instants import milliseconds
from slotport.storage.store import Store

NOW = datetime(2031, 5, 6, 13, 44, 2, 123000, UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_numbers = count(1)


def add_person(store: Store, **fields: Any) -> Account:
    """Somebody new."""
    number = next(_numbers)
    values = {"username": f"Person {number}", "email": f"p{number}-{uuid4().hex[:8]}@example.org", **fields}
    with store.write() as transaction:
        account = Account(id=0, guid=uuid4(), created_at=NOW, updated_at=NOW, **values)
        return accounts.add(transaction, account, None)


def add_group(store: Store, owner: Account, *members: Account, shown: bool = False, **fields: Any) -> Group:
    """A new group of the owner's with active members; shown: in everybody's schedule."""
    with store.write() as transaction:
        group = groups.add(transaction, owner.id, **{"name": "Walks", **fields}, show_in_schedule=shown, now=NOW)
        ids = [member.id for member in members]
        groups.set_state(transaction, group, ids, State.ACTIVE, NOW, show_in_schedule=shown)
    return group


def add_slot(
    store: Store,
    owner: Account,
    *held_by: Group,
    start: datetime = NOW,
    end: datetime | None = NOW + HOUR,
    visibility: Visibility = Visibility.PRIVATE,
    title: str = "Harbour walk",
) -> int:
    """A new slot in those groups; its id."""
    slot = Slot(title=title, start=start, end=end, uid=str(uuid4()), visibility=visibility)
    return add_slots(store, owner, [slot], *held_by)[0]


def add_slots(store: Store, owner: Account, slots: Sequence[Slot], *held_by: Group) -> list[int]:
    """New slots in those groups; their ids."""
    group_ids = tuple(group.id for group in held_by)
    with store.write() as transaction:
        ids = list(transaction.object_ids(len(slots)))
        added = [
            transfer.Addition(id=slot_id, slot=slot, content_hash=None, group_ids=group_ids)
            for slot_id, slot in zip(ids, slots, strict=True)
        ]
        transfer.add_slots(transaction, owner.id, added, now=milliseconds(NOW))
    return ids


@contextmanager
def counted_statements(store: Store) -> Iterator[list[str]]:
    """The statements that the store runs in the block."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
