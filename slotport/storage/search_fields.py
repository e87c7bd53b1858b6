"""Where each field of an export's objects stands in the tables, and which objects an account's exports take.

The one table of both. ``o`` is the row of the object. Who may see what is decided here and nowhere else: slots are
the account's own, groups those that it owns or is active in; of conventions it sees what everybody does and its own
events, and all of those that it manages (docs/api/export-search.md, "What is searched").
"""

from functools import lru_cache

from msgspec import Struct

from slotport.core.convention import PUBLIC_STATUSES, EventStatus
from slotport.core.export_fields import OWN_FIELDS, SYSTEM_FIELDS, FieldClass, ObjectType
from slotport.core.group import State
from slotport.core.object_ids import CREATED_MASK, KIND_NUMBERS
from slotport.storage.readers import id_list
from slotport.storage.search_text import Dialect


class Column(Struct, frozen=True):
    """A field in SQL."""

    kind: FieldClass
    value: str  #: an expression on ``o``, or on the rows
    rows: str = ""  #: of a list: ``FROM … WHERE …``, one row a value
    shown: str = ""  #: the condition on ``o`` that the account may read it; "" always


class Source(Struct, frozen=True):
    """Objects of one kind: those that the account may read."""

    kind: ObjectType
    table: str
    scope: str  #: the condition on ``o``
    columns: dict[str, Column]  #: by the field's name
    links: dict[str, Column]  #: ids of linked objects by their kind
    owner: str | None  #: the account that an object belongs to


_TABLES = {
    ObjectType.SLOT: "slot",
    ObjectType.GROUP: "calendar_group",
    ObjectType.TIMESLOT: "time_slot",
    ObjectType.EVENT: "event",
    ObjectType.LOCATION: "location",
    ObjectType.CONVENTION: "convention",
}
_OWNERS = {
    ObjectType.SLOT: "o.owner_id",
    ObjectType.GROUP: "o.owner_id",
    ObjectType.TIMESLOT: "(SELECT e.owner_id FROM event AS e WHERE e.id = o.event_id)",
    ObjectType.EVENT: "o.owner_id",
}
_UUIDS = {ObjectType.GROUP: "o.uuid", ObjectType.TIMESLOT: "o.guid", ObjectType.LOCATION: "o.guid"}

# What stands in braces: ``owner`` the account's id, ``manages`` whether it manages the convention before it,
# ``unindexed`` and ``code`` as in Dialect
_MANAGES = "IN (SELECT m.convention_id FROM convention_manager AS m WHERE m.account_id = {owner})"
_ACTIVE = f"b.account_id = {{owner}} AND b.state = '{State.ACTIVE.value}'"
_OF_LIVE_CONVENTION = (
    "o.deleted_at IS NULL"
    " AND {unindexed}o.convention_id IN (SELECT c.id FROM convention AS c WHERE c.deleted_at IS NULL)"
)
_PUBLIC = id_list(sorted(PUBLIC_STATUSES))
_SCOPES = {
    ObjectType.SLOT: "{by_id}o.owner_id = {owner} AND o.deleted_at IS NULL",
    ObjectType.GROUP: (
        "o.deleted_at IS NULL AND (o.owner_id = {owner}"
        f" OR o.id IN (SELECT b.group_id FROM membership AS b WHERE {_ACTIVE}))"
    ),
    ObjectType.TIMESLOT: (
        f"{_OF_LIVE_CONVENTION} AND (o.convention_id {{manages}} OR EXISTS (SELECT 1 FROM event AS e"
        f" WHERE e.id = o.event_id AND e.deleted_at IS NULL AND e.status IN ({_PUBLIC})))"
    ),
    ObjectType.EVENT: (
        f"{_OF_LIVE_CONVENTION} AND o.status <> {EventStatus.CANCELLED:d} AND (o.status = {EventStatus.APPROVED:d}"
        " OR o.owner_id = {owner} OR o.convention_id {manages})"
    ),
    ObjectType.LOCATION: _OF_LIVE_CONVENTION,
    ObjectType.CONVENTION: "o.deleted_at IS NULL",
}

#: columns of which a test is never null, so that it may stand where an index can help
NEVER_NULL = frozenset(
    f"o.{name}" for name in "id version created_at updated_at start_at convention_id event_id".split()
)

_ASSETS = {
    ObjectType.SLOT: (
        "FROM media AS f JOIN asset AS a ON a.public_id = f.public_id{code} AND a.owner_id = o.owner_id"
        " WHERE f.slot_id = o.id"
    ),
    ObjectType.GROUP: "FROM asset AS a WHERE a.public_id = o.image{code} AND a.owner_id = o.owner_id",
}
_NO_ASSETS = "FROM asset AS a WHERE 1 = 0"
_ASSET_VALUES = {
    "class": "a.asset_class",
    "extension": "a.extension",
    "filesize": "a.size",
    "original_filename": "a.original_filename",
}

_NOTES = "FROM note AS n WHERE n.slot_id = o.id"
_GROUPS = (
    "FROM slot_group AS h JOIN calendar_group AS g ON g.id = h.group_id WHERE h.slot_id = o.id AND g.deleted_at IS NULL"
    f" AND (g.owner_id = {{owner}} OR EXISTS (SELECT 1 FROM membership AS b WHERE b.group_id = g.id AND {_ACTIVE}))"
)
_TAGS = (
    "FROM event_tag AS h JOIN tag_value AS v ON v.id = h.tag_value_id JOIN tag_type AS t ON t.id = v.tag_type_id"
    " WHERE h.event_id = o.id AND (t.public OR o.convention_id {manages})"
)
_LOCATIONS = "FROM time_slot_location AS h WHERE h.time_slot_id = o.id"
_HOSTS = "FROM time_slot_host AS h JOIN account AS a ON a.id = h.account_id WHERE h.time_slot_id = o.id"

#: fields whose column of ``o`` has another name
_VALUES = {
    "slot.start": "o.start_at",
    "slot.end": "CASE WHEN NOT o.open_end THEN o.end_at END",
    "slot.allday": "o.all_day",
    "slot.location.name": "(SELECT p.name FROM slot_place AS p WHERE p.slot_id = o.id)",
    "slot.location.city": "(SELECT p.locality FROM slot_place AS p WHERE p.slot_id = o.id)",
    "slot.settings.alerts": (
        "(SELECT p.alerts FROM slot_alerts AS p WHERE p.slot_id = o.id AND p.account_id = o.owner_id)"
    ),
    "timeslot.start": "o.start_at",
    "timeslot.duration": "o.duration_minutes",
    "timeslot.event": "o.event_id",
    "timeslot.convention": "o.convention_id",
    "event.duration": "o.duration_minutes",
    "event.convention": "o.convention_id",
    "location.convention": "o.convention_id",
    "group.image": "o.image",
}
#: fields with values in other tables
_LISTS = {
    "slot.notes.title": ("n.title", _NOTES),
    "slot.notes.content": ("n.content", _NOTES),
    "slot.groups.uuid": ("g.uuid", _GROUPS),
    "slot.groups.name": ("g.name", _GROUPS),
    "slot.media": ("f.public_id", "FROM media AS f WHERE f.slot_id = o.id"),
    "timeslot.location": ("h.location_id", _LOCATIONS),
    "timeslot.hosts.name": ("COALESCE(NULLIF(h.name, ''), a.username)", _HOSTS),
    "event.tags": ("v.value", _TAGS),
}


def source(kind: ObjectType, dialect: Dialect, owner_id: int, instance_name: str, *, by_id: bool = False) -> Source:
    """The objects of a kind that the account may read.

    ``by_id``: SQLite reads the account's slots in the order of ids, instead of by its index of them.
    """
    tokens = {
        "{manages}": _MANAGES,
        "{owner}": f"{owner_id:d}",
        "{unindexed}": dialect.unindexed,
        "{by_id}": dialect.unindexed if by_id else "",
        "{code}": dialect.code,
    }

    def said(template: str) -> str:
        for token, meaning in tokens.items():
            template = template.replace(token, meaning)
        return template

    columns = _system_columns(kind, dialect, instance_name) | _own_columns(kind)
    columns = {name: Column(one.kind, one.value, said(one.rows), said(one.shown)) for name, one in columns.items()}
    links = {field.links_to.value: columns[field.name] for field in OWN_FIELDS[kind] if field.links_to is not None}
    if kind is ObjectType.SLOT:
        links["group"] = Column("number", "g.id", said(_GROUPS))
    return Source(
        kind=kind,
        table=_TABLES[kind],
        scope=said(_SCOPES[kind]),
        columns=columns,
        links=links,
        owner=_OWNERS.get(kind),
    )


def asset_column(source: Source, eas_field: str) -> Column:
    """A property of the object's files."""
    like = source.columns["_linked._asset.class"]
    return Column("number" if eas_field == "filesize" else "text", _ASSET_VALUES[eas_field], like.rows)


def _system_columns(kind: ObjectType, dialect: Dialect, instance_name: str) -> dict[str, Column]:
    assets = _ASSETS.get(kind, _NO_ASSETS)
    values = {
        "_objecttype": f"'{kind}'",
        "_system_object_id": "o.id",
        "_global_object_id": f"CAST(o.id AS text) || '@' || {dialect.text(instance_name)}",
        "_uuid": _UUIDS.get(kind) or _made_uuid(kind, dialect),
        "_version": "o.version",
        "_last_modified": "o.updated_at",
        "_changelog.date_created": "o.created_at",
        "_changelog.date_last_updated": "o.updated_at",
        "_owner.user._id": _OWNERS.get(kind, "CAST(NULL AS bigint)"),
    }
    return {
        field.name: Column(field.kind, values[field.name])
        if field.name in values
        else Column(field.kind, _ASSET_VALUES[field.name.rpartition(".")[2]], assets)
        for field in SYSTEM_FIELDS
    }


def _made_uuid(kind: ObjectType, dialect: Dialect) -> str:
    """What core.object_ids makes of an object that has no UUID of its own."""
    made = f"(o.created_at & {CREATED_MASK})"
    parts = [
        (f"({made} >> 16)", 8),
        (f"({made} & 65535)", 4),
        (f"{0x8000 | KIND_NUMBERS[kind]}", 4),
        ("((o.id >> 48 & 16383) | 32768)", 4),
        (f"(o.id & {(1 << 48) - 1})", 12),
    ]
    return dialect.hexadecimal(parts)


@lru_cache(maxsize=len(ObjectType))
def _own_columns(kind: ObjectType) -> dict[str, Column]:
    found = {}
    for field in OWN_FIELDS[kind]:
        plain = f"o.{field.name.partition('.')[2].removeprefix('_')}"
        value, rows = _LISTS.get(field.name, (_VALUES.get(field.name, plain), ""))
        shown = "o.convention_id {manages}" if field.managers_only else ""
        found[field.name] = Column(field.kind, value, rows, shown)
    return found
