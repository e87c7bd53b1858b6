"""Groups and memberships."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from msgspec import structs
from sqlalchemy import Row, delete, exists, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from slotport.core.group import Group, GroupView, Membership, Preset, State, default_rights, is_active
from slotport.storage import accounts, tables
from slotport.storage.counts import counted, slots_in_groups
from slotport.storage.instants import at, milliseconds
from slotport.storage.readers import id_list, readable
from slotport.storage.store import Transaction

BATCH = 1000  #: ids in one statement

Seen = tuple[Group, Membership | None]  #: a group, and how the asking person stands to it

_G = tables.group.c
_M = tables.membership.c
_GROUP = [_G[name] for name in Group.__struct_fields__]
_PLAIN = [name for name in Group.__struct_fields__ if name not in {"uuid", "preset", "created_at"}]
_MEMBERSHIP = [_M[name].label(f"own_{name}") for name in Membership.__struct_fields__]
COLUMNS = [*_GROUP, *_MEMBERSHIP]  #: what seen_of needs


def add(
    transaction: Transaction,
    owner_id: int,
    name: str,
    *,
    now: datetime,
    uuid: UUID | None = None,
    image: str = "",
    description: str | None = None,
    default_color: str = "000000",
    public: bool = False,
    members_can_post: bool | None = None,
    members_can_invite: bool | None = None,
    show_in_schedule: bool = False,
) -> Group:
    """Store a new group, with its owner as active member; None as a right: what is usual for such a group."""
    posts, invites = default_rights(public=public)
    group = Group(
        id=transaction.object_ids(1)[0],
        uuid=uuid or uuid4(),
        owner_id=owner_id,
        name=name,
        image=image,
        description=description,
        default_color=default_color,
        public=public,
        members_can_post=posts if members_can_post is None else members_can_post,
        members_can_invite=invites if members_can_invite is None else members_can_invite,
        created_at=now,
        updated_at=now,
    )
    row = structs.asdict(group) | {
        "uuid": str(group.uuid),
        "preset": group.preset.value,
        "created_at": milliseconds(now),
        "updated_at": milliseconds(now),
        "change": transaction.change,
    }
    transaction.connection.execute(insert(tables.group).values(row))
    set_state(transaction, group, [owner_id], State.ACTIVE, now, show_in_schedule=show_in_schedule)
    return group


def find_many(transaction: Transaction, uuids: Iterable[UUID], account_id: int | None) -> dict[UUID, Seen]:
    """The groups with these uuids, deleted ones too, and how the account stands to each."""
    return {seen[0].uuid: seen for seen in _seen(transaction, _G.uuid.in_([str(uuid) for uuid in uuids]), account_id)}


def find(transaction: Transaction, uuid: UUID, account_id: int | None) -> Seen | None:
    """The group with this uuid, a deleted one too, and how the account stands to it."""
    return find_many(transaction, [uuid], account_id).get(uuid)


def find_by_ids(transaction: Transaction, ids: Sequence[int], account_id: int | None) -> list[Seen]:
    """The groups with these ids, deleted ones too, and how the account stands to each."""
    return _seen(transaction, _G.id.in_(ids), account_id)


def active_of(transaction: Transaction, account_id: int) -> list[Seen]:
    """The live groups in which the account is active, oldest first."""
    return _seen(transaction, (_M.state == State.ACTIVE.value) & _G.deleted_at.is_(None), account_id)


def concerning(transaction: Transaction, account_id: int) -> list[Seen]:
    """The live groups that the account owns, is active in or invited to, oldest first."""
    states = [State.ACTIVE.value, State.INVITED.value]
    condition = ((_G.owner_id == account_id) | _M.state.in_(states)) & _G.deleted_at.is_(None)
    return _seen(transaction, condition, account_id)


def presets_of(transaction: Transaction, owner_id: int) -> dict[Preset, Group]:
    """The account's two default calendars."""
    rows = transaction.connection.execute(
        select(*_GROUP).where(_G.owner_id == owner_id, _G.preset != "", _G.deleted_at.is_(None))
    )
    return {group.preset: group for group in map(group_of, rows)}


def change(transaction: Transaction, group: Group, now: datetime) -> None:
    """Store the group's changeable fields under its next version."""
    row = {name: getattr(group, name) for name in _PLAIN if name not in {"id", "owner_id", "version"}}
    row["deleted_at"] = None if group.deleted_at is None else milliseconds(group.deleted_at)
    row["updated_at"] = milliseconds(now)
    transaction.connection.execute(
        update(tables.group)
        .where(_G.id == group.id)
        .values(row | {"version": _G.version + 1, "change": transaction.change})
    )
    accounts.mark_changed(transaction, [group.owner_id])


def remove(transaction: Transaction, group_ids: Sequence[int], now: datetime) -> None:
    """Delete the groups softly: their slots stay, and are in them no longer; nobody is a member."""
    for start in range(0, len(group_ids), BATCH):
        _remove(transaction, group_ids[start : start + BATCH], milliseconds(now))


def _remove(transaction: Transaction, group_ids: Sequence[int], moment: int) -> None:
    held = select(tables.slot_group.c.slot_id).where(tables.slot_group.c.group_id.in_(group_ids))
    transaction.connection.execute(
        update(tables.slot)
        .where(tables.slot.c.id.in_(held))
        .values(version=tables.slot.c.version + 1, change=transaction.change, updated_at=moment)
    )
    owners = select(tables.slot.c.owner_id).where(tables.slot.c.id.in_(held)).distinct()
    members = select(_M.account_id).where(_M.group_id.in_(group_ids), _M.state == State.ACTIVE.value)
    keepers = select(_G.owner_id).where(_G.id.in_(group_ids))
    touched = {one for statement in (owners, members, keepers) for one in transaction.connection.scalars(statement)}
    accounts.mark_changed(transaction, sorted(touched))
    transaction.connection.execute(delete(tables.slot_group).where(tables.slot_group.c.group_id.in_(group_ids)))
    transaction.connection.execute(
        update(tables.membership)
        .where(_M.group_id.in_(group_ids), _M.state.in_([State.ACTIVE.value, State.INVITED.value]))
        .values(state=State.DELETED.value, show_in_schedule=False, updated_at=moment, deleted_at=moment)
    )
    transaction.connection.execute(
        update(tables.group)
        .where(_G.id.in_(group_ids))
        .values(version=_G.version + 1, change=transaction.change, updated_at=moment, deleted_at=moment)
    )


def set_state(
    transaction: Transaction,
    group: Group,
    account_ids: Sequence[int],
    state: State,
    now: datetime,
    *,
    show_in_schedule: bool = False,
) -> None:
    """Make the accounts' memberships of that state; whoever has none gets one, in the group's colour.

    ``show_in_schedule`` is for those who become active; whoever ends shows nothing.
    """
    moment = milliseconds(now)
    ended = None if state in {State.ACTIVE, State.INVITED} else moment
    common = {"state": state.value, "show_in_schedule": show_in_schedule, "updated_at": moment, "deleted_at": ended}
    dialect = postgresql if transaction.connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(tables.membership)
    statement = statement.on_conflict_do_update(index_elements=["group_id", "account_id"], set_=common)
    rows = [
        common | {"group_id": group.id, "account_id": account_id, "color": group.default_color, "created_at": moment}
        for account_id in account_ids
    ]
    _ = transaction.change  # kept counts depend on memberships
    if rows:
        transaction.connection.execute(statement, rows)
        accounts.mark_changed(transaction, sorted({group.owner_id, *account_ids}))


def change_membership(transaction: Transaction, membership: Membership, now: datetime) -> None:
    """Store what a member may set: colour, notifications, alerts, whether the slots show in the schedule."""
    names = ("color", "notifications", "default_alerts", "show_in_schedule")
    row: dict[str, Any] = {name: getattr(membership, name) for name in names}
    transaction.connection.execute(
        update(tables.membership)
        .where(_M.group_id == membership.group_id, _M.account_id == membership.account_id)
        .values(row | {"updated_at": milliseconds(now)})
    )
    accounts.mark_changed(transaction, [membership.account_id])


def keep_in_schedule(transaction: Transaction, group_id: int, account_id: int) -> None:
    """Put the group's slots into the account's schedule one by one, as the group is about to leave it."""
    held, own = tables.slot_group.c, tables.scheduled.c
    there = exists().where(own.account_id == account_id, own.slot_id == held.slot_id)
    rows = select(literal(account_id), held.slot_id, held.start_at, held.end_at).where(
        held.group_id == group_id, ~there
    )
    transaction.connection.execute(
        insert(tables.scheduled).from_select(["account_id", "slot_id", "start_at", "end_at"], rows)
    )


def memberships(transaction: Transaction, group_id: int) -> list[Membership]:
    """All memberships of the group, in any state, by account id."""
    rows = transaction.connection.execute(select(*_MEMBERSHIP).where(_M.group_id == group_id).order_by(_M.account_id))
    return [found for row in rows if (found := _membership_of(row)) is not None]


def active_count(transaction: Transaction, account_id: int) -> int:
    """In how many live groups the account is active."""
    active = select(func.count()).where(_M.account_id == account_id, _M.state == State.ACTIVE.value)
    return transaction.connection.scalar(active) or 0


def live_accounts(transaction: Transaction, account_ids: Sequence[int]) -> set[int]:
    """Those of the ids that belong to an account that is not deleted."""
    account = tables.account.c
    found: set[int] = set()
    for start in range(0, len(account_ids), BATCH):
        part = account_ids[start : start + BATCH]
        found |= set(
            transaction.connection.scalars(select(account.id).where(account.id.in_(part), account.deleted_at.is_(None)))
        )
    return found


def views(transaction: Transaction, seen: Sequence[Seen], reader_id: int | None) -> list[GroupView]:
    """The groups as the reader sees them, in that order; the number of statements is constant."""
    ids = [group.id for group, _ in seen]
    if not ids:
        return []
    owners = accounts.find_many(transaction, {group.owner_id for group, _ in seen})
    members = members_of(transaction, ids)
    counts = _slot_counts(transaction, seen, reader_id)
    return [
        GroupView(
            group=group,
            owner=owners[group.owner_id],
            member_ids=tuple(members.get(group.id, ())),
            slot_count=counts.get(group.id, 0),
            membership=membership,
        )
        for group, membership in seen
    ]


def members_of(transaction: Transaction, group_ids: Sequence[int]) -> dict[int, list[int]]:
    """The ids of each group's active members, ascending."""
    rows = transaction.connection.execute(
        select(_M.group_id, _M.account_id)
        .where(_M.group_id.in_(group_ids), _M.state == State.ACTIVE.value)
        .order_by(_M.group_id, _M.account_id)
    )
    found: dict[int, list[int]] = {}
    for group_id, account_id in rows:
        found.setdefault(group_id, []).append(account_id)
    return found


def _slot_counts(transaction: Transaction, seen: Sequence[Seen], reader_id: int | None) -> dict[int, int]:
    inside = {group.id for group, membership in seen if is_active(membership)}
    outside = sorted({group.id for group, _ in seen}.difference(inside))
    found = slots_in_groups(transaction, inside)
    if outside:
        rows = counted(
            transaction,
            "SELECT held.group_id, count(*) FROM slot_group AS held JOIN slot ON slot.id = held.slot_id"
            f" WHERE held.group_id IN ({id_list(outside)}) AND {readable('slot', reader_id)} GROUP BY held.group_id",
        )
        found |= {row[0]: row[1] for row in rows}
    return found


def _seen(transaction: Transaction, condition: Any, account_id: int | None) -> list[Seen]:
    own = (_M.group_id == _G.id) & (_M.account_id == (0 if account_id is None else account_id))
    rows = transaction.connection.execute(
        select(*COLUMNS).select_from(tables.group.outerjoin(tables.membership, own)).where(condition).order_by(_G.id)
    )
    return [seen_of(row) for row in rows]


def seen_of(row: Row[Any]) -> Seen:
    """The group and the membership in a row of ``COLUMNS``."""
    return group_of(row), _membership_of(row)


def group_of(row: Row[Any]) -> Group:
    """The group in a row of its columns."""
    values = {name: getattr(row, name) for name in Group.__struct_fields__}
    values |= {name: at(values[name]) for name in ("created_at", "updated_at")}
    values["deleted_at"] = None if values["deleted_at"] is None else at(values["deleted_at"])
    return Group(**values | {"uuid": UUID(row.uuid), "preset": Preset(row.preset)})


def _membership_of(row: Row[Any]) -> Membership | None:
    if row.own_state is None:
        return None
    values = {name: getattr(row, f"own_{name}") for name in Membership.__struct_fields__}
    values["deleted_at"] = None if values["deleted_at"] is None else at(values["deleted_at"])
    return Membership(**values | {"state": State(row.own_state)})


def count_own(transaction: Transaction, owner_id: int) -> int:
    """How many live groups the account owns."""
    group = tables.group.c
    statement = select(func.count()).where(group.owner_id == owner_id, group.deleted_at.is_(None))
    return int(transaction.connection.execute(statement).scalar_one())
