"""What a person may name in an export: people and groups that get mails, and assets (docs/api/export-definition.md)."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, exists, or_, select, text, union

from slotport.core.export import AssetClass
from slotport.core.group import State
from slotport.storage import tables, tables_exports
from slotport.storage.readers import readable
from slotport.storage.store import Transaction

_A = tables.account.c
_G = tables.group.c
_M = tables.membership.c
_asset = tables_exports.asset.c


def people(transaction: Transaction, owner_id: int, ids: Collection[int]) -> set[int]:
    """Those of the accounts that have not been deleted, and are the owner or share a group or convention with it."""
    if not ids:
        return set()
    other = tables.membership.alias("other")
    shares_group = exists(
        select(_M.group_id)
        .join_from(tables.membership, other, other.c.group_id == _M.group_id)
        .join(tables.group, _G.id == _M.group_id)
        .where(
            _M.account_id == owner_id,
            _M.state == State.ACTIVE.value,
            other.c.account_id == _A.id,
            other.c.state == State.ACTIVE.value,
            _G.deleted_at.is_(None),
        )
    )
    known = (tables.convention_manager.c, tables.convention_user.c)
    own = union(*(select(table.convention_id).where(table.account_id == owner_id) for table in known)).subquery()
    shares_convention = or_(
        *(
            exists().where(table.account_id == _A.id, table.convention_id.in_(select(own.c.convention_id)))
            for table in known
        )
    )
    query = select(_A.id).where(
        _A.id.in_(sorted(ids)), _A.deleted_at.is_(None), or_(_A.id == owner_id, shares_group, shares_convention)
    )
    return set(transaction.connection.scalars(query))


def groups(transaction: Transaction, owner_id: int, ids: Collection[int]) -> set[int]:
    """Those of the live groups that the person owns or is active in."""
    if not ids:
        return set()
    query = select(_G.id).where(_G.id.in_(sorted(ids)), _G.deleted_at.is_(None), _in_group(owner_id))
    return set(transaction.connection.scalars(query))


def assets(transaction: Transaction, reader_id: int, ids: Collection[int]) -> dict[int, AssetClass]:
    """Those of the assets, at most a thousand, that the person may see, with their classes.

    These are the own ones, and those that a slot or group of their uploader shows to the person.
    """
    if not ids:
        return {}
    rows = transaction.connection.execute(
        select(_asset.id, _asset.owner_id, _asset.public_id, _asset.asset_class).where(_asset.id.in_(sorted(ids)))
    ).all()
    foreign = {(row.owner_id, row.public_id) for row in rows if row.owner_id != reader_id}
    seen = _shown(transaction, reader_id, foreign) if foreign else set()
    return {
        row.id: AssetClass(row.asset_class)
        for row in rows
        if row.owner_id == reader_id or (row.owner_id, row.public_id) in seen
    }


def _shown(transaction: Transaction, reader_id: int, wanted: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of (uploader, public id) that stand in a slot or a group of the uploader that the person may see."""
    owners = sorted({owner for owner, _ in wanted})
    public_ids = sorted({public_id for _, public_id in wanted})
    slot, media = tables.slot.c, tables.media.c
    in_slots = (
        select(slot.owner_id, media.public_id)
        .join_from(tables.media, tables.slot, slot.id == media.slot_id)
        .where(
            media.public_id.in_(public_ids),
            slot.owner_id.in_(owners),
            slot.deleted_at.is_(None),
            text(readable("slot", reader_id)),
        )
    )
    in_groups = select(_G.owner_id, _G.image).where(
        _G.image.in_(public_ids),
        _G.owner_id.in_(owners),
        _G.deleted_at.is_(None),
        or_(_G.public, _in_group(reader_id)),
    )
    rows = transaction.connection.execute(union(in_slots, in_groups))
    return {(row[0], row[1]) for row in rows}


def _in_group(account_id: int) -> ColumnElement[bool]:
    """Whether the account owns the group of the row, or is active in it."""
    part = exists().where(_M.group_id == _G.id, _M.account_id == account_id, _M.state == State.ACTIVE.value)
    return or_(_G.owner_id == account_id, part)
