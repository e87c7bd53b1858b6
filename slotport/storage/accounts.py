"""Accounts and the two calendars that each begins with; sessions and reset links are in storage/sessions.py."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from msgspec import Struct, structs
from sqlalchemy import ColumnElement, Row, Select, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from slotport.core.account import Account
from slotport.core.group import Preset, State, default_rights
from slotport.core.slot import Place, names_no_place
from slotport.errors import Invalid, NotFound
from slotport.storage import departures, tables, tables_sign_in
from slotport.storage.counts import counted
from slotport.storage.instants import at, milliseconds
from slotport.storage.store import Transaction
from slotport.storage.tables_imports import import_log, imported_file

BATCH = 1000  #: ids in one statement
_PRESETS = ((Preset.PRIVATE, "Private", False), (Preset.PUBLIC, "Public", True))  # which, name, whether it is public

_PLACE_NAMES = Place.__struct_fields__
_PLACE = [tables.account_place.c[name].label(f"place_{name}") for name in _PLACE_NAMES]
_INSTANTS = ("disabled_at", "created_at", "updated_at", "deleted_at")
_PLAIN = [
    name
    for name in Account.__struct_fields__
    if name not in {"guid", "place", "place_uuid", *_INSTANTS} and name in tables.account.c
]
_COLUMNS = [
    tables.account.c.guid,
    tables.account.c.password_hash,
    *(tables.account.c[name] for name in (*_PLAIN, *_INSTANTS)),
    tables.account_place.c.uuid.label("place_uuid"),
    *_PLACE,
]
_WITH_PLACE = tables.account.outerjoin(tables.account_place)
#: unique columns, and the parameter whose fault a second row is
_UNIQUE = {"email_key": "email", "phone": "phone"}
TAKEN = "has an account already"  #: what is then said of it


class OwnMembership(Struct, frozen=True, kw_only=True):
    """An account's part in a calendar."""

    group: UUID
    state: str
    color: str
    notifications: bool


class Profile(Struct, frozen=True, kw_only=True):
    """An account with what is counted and listed of it."""

    account: Account
    slot_count: int  #: live slots that the account created
    calendar_count: int  #: live calendars in which it is active
    private_calendar: UUID | None
    public_calendar: UUID | None
    memberships: tuple[OwnMembership, ...]  #: of live calendars, whatever the state; oldest calendar first


class Known(Struct, frozen=True, kw_only=True):
    """An account and its password's hash; None: nobody can sign in."""

    account: Account
    password_hash: str | None


def email_key(email: str) -> str:
    """The form in which two spellings of one address are equal."""
    return email.lower()


def add(transaction: Transaction, account: Account, password_hash: str | None) -> Account:
    """Store a new account with its two calendars; the account with its id.

    Raises Invalid, naming ``email`` or ``phone``, if another account has it.
    """
    made_at = milliseconds(account.created_at)
    row = _row(account) | {"guid": str(account.guid), "password_hash": password_hash, "created_at": made_at}
    statement = insert(tables.account).values(row).returning(tables.account.c.id)
    account_id = int(_unique(transaction, statement).scalar_one())
    _set_place(transaction, structs.replace(account, id=account_id))
    _add_calendars(transaction, account_id, made_at)
    mark_changed(transaction, [account_id])
    return get(transaction, account_id)


def change(transaction: Transaction, account: Account) -> None:
    """Store every field of the account but its guid and dates of creation and change of slots.

    Raises Invalid, naming ``email`` or ``phone``, if another account has it.
    """
    statement = update(tables.account).where(tables.account.c.id == account.id).values(_row(account))
    _unique(transaction, statement)
    _set_place(transaction, account)


def set_password(transaction: Transaction, account_id: int, password_hash: str) -> None:
    """Store a password's hash."""
    transaction.connection.execute(
        update(tables.account).where(tables.account.c.id == account_id).values(password_hash=password_hash)
    )


def get(transaction: Transaction, account_id: int) -> Account:
    """The account of that id, deleted ones too; raises NotFound."""
    found = find(transaction, account_id)
    if found is None:
        raise NotFound("there is no such account")
    return found.account


def find(transaction: Transaction, account_id: int) -> Known | None:
    """The account of that id, deleted ones too."""
    return _one(transaction, select(*_COLUMNS).where(tables.account.c.id == account_id))


def locked(transaction: Transaction, account_id: int) -> Known:
    """The account of that id, which no other writer changes until this transaction ends; raises NotFound."""
    statement = select(*_COLUMNS).where(tables.account.c.id == account_id)
    found = _one(transaction, statement, lock=True)
    if found is None:
        raise NotFound("there is no such account")
    return found


def find_by_email(transaction: Transaction, email: str) -> Known | None:
    """The live account with that address, whatever its case."""
    return _one(transaction, select(*_COLUMNS).where(tables.account.c.email_key == email_key(email)))


def find_by_phone(transaction: Transaction, phone: str) -> Known | None:
    """The live account with that telephone number."""
    return _one(transaction, select(*_COLUMNS).where(tables.account.c.phone == phone))


def find_many(transaction: Transaction, account_ids: Iterable[int]) -> dict[int, Account]:
    """The accounts of those ids, deleted ones too, by id; in one statement."""
    condition = tables.account.c.id.in_(set(account_ids))
    return {account.id: account for account in _many(transaction, condition)}


def list_all(transaction: Transaction) -> list[Account]:
    """Every account that is not deleted, in order of id."""
    return _many(transaction, tables.account.c.deleted_at.is_(None))


def profile(transaction: Transaction, account_id: int) -> Profile:
    """The account with its counters and memberships; raises NotFound. The number of statements is constant."""
    account = get(transaction, account_id)
    group, membership = tables.group.c, tables.membership.c
    rows = transaction.connection.execute(
        select(group.uuid, group.owner_id, group.preset, membership.state, membership.color, membership.notifications)
        .join_from(tables.membership, tables.group)
        .where(membership.account_id == account_id, group.deleted_at.is_(None))
        .order_by(group.id)
    ).all()
    own = {row.preset: UUID(row.uuid) for row in rows if row.owner_id == account_id and row.preset}
    return Profile(
        account=account,
        slot_count=slot_count(transaction, account_id),
        calendar_count=sum(row.state == State.ACTIVE.value for row in rows),
        private_calendar=own.get(Preset.PRIVATE.value),
        public_calendar=own.get(Preset.PUBLIC.value),
        memberships=tuple(
            OwnMembership(group=UUID(row.uuid), state=row.state, color=row.color, notifications=row.notifications)
            for row in rows
        ),
    )


def slot_count(transaction: Transaction, account_id: int) -> int:
    """How many live slots the account created."""
    statement = f"SELECT count(*) FROM slot WHERE owner_id = {account_id:d} AND deleted_at IS NULL"
    return int(counted(transaction, statement)[0][0])


def calendar_count(transaction: Transaction, account_id: int) -> int:
    """In how many live calendars the account is active."""
    statement = (
        "SELECT count(*) FROM membership JOIN calendar_group ON calendar_group.id = membership.group_id"
        f" WHERE membership.account_id = {account_id:d} AND membership.state = 'active'"
        " AND calendar_group.deleted_at IS NULL"
    )
    return int(counted(transaction, statement)[0][0])


def remove(transaction: Transaction, account_id: int, now: datetime) -> None:
    """Delete the account softly, and all its slots and groups; memberships in them and of it end.

    Its address, number, place and password are forgotten: another account may have the first two.
    """
    moment = milliseconds(now)
    change_number = transaction.change  # first of all, as every other writer of slots takes it
    _mark_neighbours(transaction, account_id)
    own_slots = select(tables.slot.c.id).where(tables.slot.c.owner_id == account_id)
    own_groups = select(tables.group.c.id).where(tables.group.c.owner_id == account_id)
    held, shown, part = tables.slot_group, tables.scheduled, tables.membership
    ended = {"updated_at": moment, "deleted_at": moment}
    foreign = select(held.c.slot_id).where(held.c.group_id.in_(own_groups))
    departures.from_groups(transaction, held.c.slot_id.in_(own_slots), now)
    for statement in (
        # what others have in its groups stays, and is in them no longer
        update(tables.slot)
        .where(tables.slot.c.id.in_(foreign), tables.slot.c.owner_id != account_id)
        .values(change=change_number, version=tables.slot.c.version + 1, updated_at=moment),
        delete(held).where(or_(held.c.slot_id.in_(own_slots), held.c.group_id.in_(own_groups))),
        delete(shown).where(or_(shown.c.slot_id.in_(own_slots), shown.c.account_id == account_id)),
        update(part)
        .where(part.c.group_id.in_(own_groups), part.c.deleted_at.is_(None))
        .values(state=State.DELETED.value, show_in_schedule=False, **ended),
        update(part)
        .where(part.c.account_id == account_id, part.c.deleted_at.is_(None))
        .values(state=State.LEFT.value, show_in_schedule=False, **ended),
        *(
            update(table)
            .where(table.c.owner_id == account_id, table.c.deleted_at.is_(None))
            .values(change=change_number, version=table.c.version + 1, **ended)
            for table in (tables.slot, tables.group)
        ),
        *(
            delete(table).where(table.c.account_id == account_id)
            for table in (
                tables.account_place,
                imported_file,
                import_log,
                tables.slot_alerts,
                # conventions keep its name on what it hosted or owned, and know it no other way
                tables.convention_manager,
                tables.convention_user,
                tables.feed,
                tables_sign_in.identity,
            )
        ),
        update(tables.account)
        .where(tables.account.c.id == account_id)
        .values(
            email=None,
            email_key=None,
            email_verified=False,
            phone=None,
            phone_verified=False,
            password_hash=None,
            **ended,
        ),
    ):
        transaction.connection.execute(statement)


def is_live(transaction: Transaction, account_id: int) -> bool:
    """Whether the account is neither deleted nor disabled: asked again by who writes, in the transaction itself."""
    account = tables.account.c
    statement = select(account.id).where(
        account.id == account_id, account.deleted_at.is_(None), account.disabled_at.is_(None)
    )
    return transaction.connection.scalar(statement) is not None


def mark_changed(transaction: Transaction, account_ids: Iterable[int]) -> None:
    """Note on the accounts that this commit changed a slot or group of theirs (for ETags and feeds)."""
    ids = list(account_ids)
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        transaction.connection.execute(
            update(tables.account).where(tables.account.c.id.in_(part)).values(change=transaction.change)
        )


def _mark_neighbours(transaction: Transaction, account_id: int) -> None:
    """Note the change on the account, on who is in its groups, has slots there, or is in a group with its slots."""
    group, held, slot, part = tables.group.c, tables.slot_group.c, tables.slot.c, tables.membership.c
    groups = select(group.id).where(group.owner_id == account_id)
    holding = (
        select(held.group_id).join_from(tables.slot_group, tables.slot).where(slot.owner_id == account_id).distinct()
    )
    guests = (
        select(slot.owner_id)
        .join_from(tables.slot_group, tables.slot)
        .where(held.group_id.in_(groups), slot.owner_id != account_id)
    )
    members = select(part.account_id).where(
        part.state == State.ACTIVE.value, or_(part.group_id.in_(groups), part.group_id.in_(holding))
    )
    # in order of id, as two deletions at once may meet in the same accounts
    ask = transaction.connection.scalars
    found = sorted({account_id, *ask(members), *ask(guests.distinct())})
    mark_changed(transaction, found)


def _add_calendars(transaction: Transaction, account_id: int, moment: int) -> None:
    groups = [
        {
            "id": group_id,
            "uuid": str(uuid4()),
            "owner_id": account_id,
            "name": name,
            "public": public,
            "members_can_post": default_rights(public=public)[0],
            "members_can_invite": default_rights(public=public)[1],
            "preset": preset.value,
            "created_at": moment,
            "updated_at": moment,
            "change": transaction.change,
        }
        for group_id, (preset, name, public) in zip(transaction.object_ids(len(_PRESETS)), _PRESETS, strict=True)
    ]
    memberships = [
        {
            "group_id": group["id"],
            "account_id": account_id,
            "state": State.ACTIVE.value,
            "color": "000000",
            "show_in_schedule": True,
            "created_at": moment,
            "updated_at": moment,
        }
        for group in groups
    ]
    transaction.connection.execute(insert(tables.group), groups)
    transaction.connection.execute(insert(tables.membership), memberships)


def _row(account: Account) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(account, name) for name in _PLAIN if name not in {"id", "change"}}
    row["email_key"] = None if account.email is None else email_key(account.email)
    row["updated_at"] = milliseconds(account.updated_at)
    row["disabled_at"] = None if account.disabled_at is None else milliseconds(account.disabled_at)
    return row


def _set_place(transaction: Transaction, account: Account) -> None:
    table = tables.account_place
    transaction.connection.execute(delete(table).where(table.c.account_id == account.id))
    if account.place is not None and not names_no_place(account.place):
        values = structs.asdict(account.place)
        uuid = str(account.place_uuid or uuid4())
        transaction.connection.execute(insert(table).values(account_id=account.id, uuid=uuid, **values))


def _unique(transaction: Transaction, statement: Any) -> Any:
    """Run the statement; two accounts with one address or number become Invalid, which ends the transaction."""
    try:
        return transaction.connection.execute(statement)
    except IntegrityError as cause:
        # SQLite names the column, PostgreSQL the constraint, whose name ends in it
        text = str(cause.orig)
        for column, field in _UNIQUE.items():
            if f"account.{column}" in text or f"uq_account_{column}" in text:
                raise Invalid.of(field, TAKEN) from cause
        raise


def _one(transaction: Transaction, statement: Select[Any], *, lock: bool = False) -> Known | None:
    statement = statement.select_from(_WITH_PLACE)
    if lock:
        statement = statement.with_for_update(of=tables.account, key_share=True)
    row = transaction.connection.execute(statement).one_or_none()
    return None if row is None else Known(account=account_of(row), password_hash=row.password_hash)


def _many(transaction: Transaction, condition: ColumnElement[bool]) -> list[Account]:
    statement = select(*_COLUMNS).select_from(_WITH_PLACE).where(condition).order_by(tables.account.c.id)
    return [account_of(row) for row in transaction.connection.execute(statement)]


def selection() -> Select[Any]:
    """Every column that account_of needs, from accounts and their places."""
    return select(*_COLUMNS).select_from(_WITH_PLACE)


def account_of(row: Row[Any]) -> Account:
    """The account in a row of such a selection."""
    columns = row._mapping  # noqa: SLF001 # SQLAlchemy's public name
    values: dict[str, Any] = {name: columns[name] for name in _PLAIN}
    values |= {name: None if columns[name] is None else at(columns[name]) for name in _INSTANTS}
    if row.place_uuid is not None:
        values["place_uuid"] = UUID(row.place_uuid)
        values["place"] = Place(**{name: columns[f"place_{name}"] for name in _PLACE_NAMES})
    return Account(guid=UUID(row.guid), **values)


def addresses(transaction: Transaction, *, user_ids: Sequence[int] = (), group_id: int | None = None) -> list[str]:
    """The e-mail addresses of live accounts by id: those of the ids, or of a group's owner and active members."""
    account, member, group = tables.account, tables.membership, tables.group
    query = select(account.c.email).where(
        account.c.email.is_not(None), account.c.deleted_at.is_(None), account.c.disabled_at.is_(None)
    )
    if group_id is None:
        query = query.where(account.c.id.in_(user_ids))
    else:
        members = select(member.c.account_id).where(member.c.group_id == group_id, member.c.state == "active")
        owner = select(group.c.owner_id).where(group.c.id == group_id, group.c.deleted_at.is_(None))
        query = query.where(account.c.id.in_(members.union(owner)))
    return list(transaction.connection.scalars(query.order_by(account.c.id)))
