"""Slots as a run writes them (storage/objects.py): whole, with the groups that hold them and the files of their media.

A slot says here the same as where storage/transfer.py reads it for a plain export. That reads by owner and order; a
run has ids, and wants the facts of the row too, of a million slots.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from slotport.core.export_fields import ObjectType
from slotport.core.exported import Exported, MediaItem
from slotport.core.object_ids import object_uuid
from slotport.core.slot import Media, MediaType, Note, Place, Slot, Visibility
from slotport.storage import objects_assets
from slotport.storage.instants import DAY_MS, EPOCH, EPOCH_DAY, at
from slotport.storage.objects_groups import Holding, holding
from slotport.storage.readers import near
from slotport.storage.store import Transaction

_COLUMNS = (
    "id, uid, recurrence_id, title, description, visibility, start_at, end_at, open_end, all_day, zone, floating,"
    " rrule, icalendar, sequence, modified_at, stamped_at, version, change, created_at, updated_at"
)
_PLACE_FIELDS = Place.__struct_fields__
_MEDIA_FIELDS = ("public_id", "media_type", "position", "duration", "title", "local_id", "thumbnail")
_VISIBILITIES = {visibility.value: visibility for visibility in Visibility}
_MEDIA_TYPES = {media_type.value: media_type for media_type in MediaType}
_NO_HOLDING = Holding((), ())
_at = lru_cache(maxsize=1000)(at)  # slots that came with one file were made at the same moment


def load_slots(transaction: Transaction, owner_id: int, ids: Collection[int]) -> dict[int, Exported]:
    """The account's own live slots among those ids, and perhaps others of them."""
    wanted = near(sorted(ids))
    # the sums keep SQLite from walking all of the owner's slots by their index, instead of looking up each id
    rows = transaction.connection.exec_driver_sql(
        f"SELECT {_COLUMNS} FROM slot WHERE id {wanted} AND owner_id + 0 = {owner_id:d} AND deleted_at + 0 IS NULL"
    ).all()
    if not rows:
        return {}
    places, notes = _places(transaction, wanted), _notes(transaction, wanted)
    media, alerts = _media(transaction, wanted), _alerts(transaction, wanted, owner_id)
    held = holding(transaction, owner_id, wanted)
    own = {row[0] for row in rows}
    assets = objects_assets.of_slots(transaction, [number for number in media if number in own], owner_id)
    found = {}
    for row in rows:
        number = row[0]
        version, change, created, updated = row[17:]
        groups, items = held.get(number, _NO_HOLDING), media.get(number, ())
        slot = _slot(row, places.get(number), notes.get(number, ()), items, alerts.get(number, ""), groups)
        found[number] = Exported(
            type=ObjectType.SLOT,
            id=number,
            uuid=object_uuid(ObjectType.SLOT, number, created),
            version=version,
            change=change,
            created_at=_at(created),
            updated_at=_at(updated),
            owner_id=owner_id,
            media=_media_items(items, owner_id, assets) if items else (),
            slot=slot,
            groups=groups.groups,
        )
    return found


def _slot(
    row: Sequence[Any],
    place: Place | None,
    notes: Sequence[Note],
    media: Sequence[Media],
    alerts: str,
    groups: Holding,
) -> Slot:
    uid, recurrence_id, title, description, visibility, start, end, open_end, all_day, zone = row[1:11]
    floating, rrule, icalendar, sequence, modified, stamped = row[11:17]
    return Slot(
        uid=uid,
        recurrence_id=recurrence_id,
        title=title,
        description=description,
        visibility=_VISIBILITIES[visibility],
        start=_moment(start, all_day),
        end=None if open_end else _moment(end, all_day),
        zone=zone,
        floating=bool(floating),
        rrule=rrule,
        icalendar=tuple(icalendar.split("\n")) if icalendar else (),
        sequence=sequence,
        modified=None if modified is None else at(modified),
        stamped=None if stamped is None else at(stamped),
        place=place,
        notes=tuple(notes),
        media=tuple(media),
        alerts=alerts,
        groups=groups.refs,
    )


def _moment(number: int, all_day: Any) -> datetime | date:
    if all_day:
        return date.fromordinal(number // DAY_MS + EPOCH_DAY)
    return EPOCH + timedelta(milliseconds=number)


def _places(transaction: Transaction, wanted: str) -> dict[int, Place]:
    rows = transaction.connection.exec_driver_sql(
        f"SELECT slot_id, {', '.join(_PLACE_FIELDS)} FROM slot_place WHERE slot_id {wanted}"
    ).all()
    found = {}
    for slot_id, name, *rest in rows:
        if rest.count(None) == len(rest):  # as of most
            found[slot_id] = Place(name=name)
            continue
        *values, is_private = rest
        said = dict(zip(_PLACE_FIELDS, (name, *values), strict=False))
        found[slot_id] = Place(**said, private_location=None if is_private is None else bool(is_private))
    return found


def _notes(transaction: Transaction, wanted: str) -> Mapping[int, list[Note]]:
    found: dict[int, list[Note]] = defaultdict(list)
    for slot_id, title, content, local_id in transaction.connection.exec_driver_sql(
        f"SELECT slot_id, title, content, local_id FROM note WHERE slot_id {wanted} ORDER BY id"
    ).all():
        found[slot_id].append(Note(title=title, content=content, local_id=local_id))
    return found


def _media(transaction: Transaction, wanted: str) -> Mapping[int, list[Media]]:
    found: dict[int, list[Media]] = defaultdict(list)
    for slot_id, public_id, media_type, *values in transaction.connection.exec_driver_sql(
        f"SELECT slot_id, {', '.join(_MEDIA_FIELDS)} FROM media WHERE slot_id {wanted} ORDER BY position, id"
    ).all():
        said = dict(zip(_MEDIA_FIELDS[2:], values, strict=True))
        found[slot_id].append(Media(public_id=public_id, media_type=_MEDIA_TYPES[media_type], **said))
    return found


def _alerts(transaction: Transaction, wanted: str, account_id: int) -> dict[int, str]:
    rows = transaction.connection.exec_driver_sql(
        f"SELECT slot_id, alerts FROM slot_alerts WHERE slot_id {wanted} AND account_id = {account_id:d}"
    ).all()
    return {slot_id: text for slot_id, text in rows}  # noqa: C416  # rows are not pairs to the type checker


def _media_items(media: Sequence[Media], owner_id: int, assets: objects_assets.Assets) -> tuple[MediaItem, ...]:
    return tuple([
        MediaItem(public_id=item.public_id, title=item.title, asset=assets.get((item.public_id, owner_id)))
        for item in media
    ])  # fmt: skip
