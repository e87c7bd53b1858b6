"""Groups as a run writes them, and which of them hold slots (storage/objects.py).

The groups that an account sees are those that it owns, or is an active member of.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from slotport.core.export_fields import ObjectType
from slotport.core.exported import Exported, Group, MediaItem
from slotport.core.group import State
from slotport.core.object_ids import object_uuid
from slotport.core.slot import GroupRef
from slotport.storage import objects_assets
from slotport.storage.instants import at
from slotport.storage.readers import id_list
from slotport.storage.store import Transaction


class Holding(Struct, frozen=True, gc=False):
    """The groups that hold a slot, by name and id."""

    groups: tuple[Group, ...]  #: those that the account sees
    refs: tuple[GroupRef, ...]  #: its own, as files name them


def load_groups(transaction: Transaction, owner_id: int, ids: Collection[int]) -> dict[int, Exported]:
    """The live groups among those ids that the account sees."""
    rows = transaction.connection.exec_driver_sql(
        "SELECT id, uuid, owner_id, name, description, public, image, version, change, created_at, updated_at"
        f" FROM calendar_group AS held WHERE id IN ({id_list(sorted(ids))}) AND {_seen(owner_id)}"
    ).all()
    assets = objects_assets.of_groups(transaction, [row[0] for row in rows if row[6]])
    found = {}
    for number, uuid, owner, name, description, public, image, version, change, created, updated in rows:
        found[number] = Exported(
            type=ObjectType.GROUP,
            id=number,
            uuid=object_uuid(ObjectType.GROUP, number, created, uuid),
            version=version,
            change=change,
            created_at=at(created),
            updated_at=at(updated),
            owner_id=owner,
            media=(MediaItem(public_id=image, asset=assets.get((image, owner))),) if image else (),
            group=Group(
                id=number, uuid=UUID(uuid), name=name, description=description, public=bool(public), image=image
            ),
        )
    return found


def holding(transaction: Transaction, owner_id: int, wanted: str) -> Mapping[int, Holding]:
    """The groups that hold each of the account's slots; one in none is left out. ``wanted`` is ``near`` their ids."""
    ask = transaction.connection.exec_driver_sql
    held: dict[int, list[int]] = defaultdict(list)
    for slot_id, group_id in ask(f"SELECT slot_id, group_id FROM slot_group WHERE slot_id {wanted}").all():
        held[slot_id].append(group_id)
    if not held:
        return {}
    group_ids = id_list(sorted({number for numbers in held.values() for number in numbers}))
    rows = ask(
        "SELECT held.id, held.uuid, held.name, held.description, held.public, held.image, held.owner_id"
        f" FROM calendar_group AS held WHERE held.id IN ({group_ids}) AND {_seen(owner_id)}"
    )
    seen: dict[int, tuple[Group, GroupRef | None]] = {}
    for number, uuid, name, description, is_public, image, owner in rows:
        public = bool(is_public)
        group = Group(id=number, uuid=UUID(uuid), name=name, description=description, public=public, image=image)
        ref = GroupRef(uuid=uuid, name=name, description=description, public=public, image=image)
        seen[number] = group, ref if owner == owner_id else None
    return _shared(held, seen)


def _shared(held: Mapping[int, Sequence[int]], seen: Mapping[int, tuple[Group, GroupRef | None]]) -> dict[int, Holding]:
    """What each slot is in; slots in the same groups share it."""
    known: dict[tuple[int, ...], Holding] = {}
    found = {}
    for slot_id, numbers in held.items():
        key = tuple(numbers)
        if (one := known.get(key)) is None:
            pairs = sorted(
                [seen[number] for number in key if number in seen], key=lambda pair: (pair[0].name, pair[0].id)
            )
            groups = tuple([group for group, _ in pairs])
            one = known[key] = Holding(groups, tuple([ref for _, ref in pairs if ref is not None]))
        found[slot_id] = one
    return found


def _seen(reader_id: int) -> str:
    """The condition on the group ``held`` that it is live and that the account sees it."""
    return (
        f"held.deleted_at IS NULL AND (held.owner_id = {reader_id:d} OR EXISTS (SELECT 1 FROM membership AS part"
        f" WHERE part.group_id = held.id AND part.account_id = {reader_id:d} AND part.state = '{State.ACTIVE.value}'))"
    )
