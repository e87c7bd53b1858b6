"""How many of a person's slots have what some formats do not carry: one statement, whatever their number."""

from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, case, exists, func, or_, select

from slotport.core.merge import DESCRIPTION_NOTE
from slotport.core.slot import DESCRIPTION_LENGTH, Place, Visibility
from slotport.storage import tables
from slotport.storage.store import Transaction

_S = tables.slot.c


class Carried(Struct, frozen=True, kw_only=True):
    """How many slots there are, and how many of them have each."""

    slots: int
    notes: int  #: but for the note that takes a description too long for its field: it is written as one
    media: int
    alerts: int
    groups: int
    place: int  #: more of a place than its name
    visibility: int  #: seen by others
    rrule: int
    zone: int
    floating: int
    icalendar: int
    sequence: int  #: a number or a time of their last version, as calendar programs count them
    fraction: int  #: fractions of a second


def count(transaction: Transaction, owner_id: int, group_id: int | None) -> Carried:
    """Of the account's own live slots, all or those in one group."""
    having = _having(owner_id)
    columns = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in having.values()]
    source: Any = tables.slot
    if group_id is not None:
        held = tables.slot_group.c
        source = source.join(tables.slot_group, (held.slot_id == _S.id) & (held.group_id == group_id))
    statement = select(func.count(), *columns).select_from(source)
    row = transaction.connection.execute(statement.where(_S.owner_id == owner_id, _S.deleted_at.is_(None))).one()
    slots, *counts = map(int, row)
    return Carried(slots=slots, **dict(zip(having, counts, strict=True)))


def _having(owner_id: int) -> dict[str, ColumnElement[bool]]:
    note, media, alerts = tables.note.c, tables.media.c, tables.slot_alerts.c
    held, place = tables.slot_group.alias("holding").c, tables.slot_place.c
    is_description = (note.title == DESCRIPTION_NOTE) & (func.length(note.content) > DESCRIPTION_LENGTH)
    details = [place[name] for name in Place.__struct_fields__ if name != "name"]
    return {
        "notes": exists().where(note.slot_id == _S.id, ~is_description),
        "media": exists().where(media.slot_id == _S.id),
        "alerts": exists().where(
            alerts.slot_id == _S.id, alerts.account_id == owner_id, alerts.alerts.contains("1", autoescape=True)
        ),
        "groups": exists().where(held.slot_id == _S.id),
        "place": exists().where(place.slot_id == _S.id, or_(*(detail.is_not(None) for detail in details))),
        "visibility": _S.visibility != Visibility.PRIVATE.value,
        "rrule": _S.rrule != "",
        "zone": _S.zone.is_not(None),
        "floating": _S.floating,
        "icalendar": _S.icalendar.is_not(None),
        "sequence": (_S.sequence > 0) | _S.modified_at.is_not(None),
        "fraction": ~_S.all_day & ((_S.start_at % 1000 != 0) | (~_S.open_end & (_S.end_at % 1000 != 0))),
    }
