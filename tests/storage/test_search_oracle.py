"""What a search finds, on both databases, against a plain filter in Python over all that somebody may see."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from slotport.core.export_fields import FIELDS, OWN_FIELDS, ObjectType
from slotport.core.object_ids import object_uuid
from slotport.core.search_input import search
from slotport.core.text_match import SEPARATORS
from slotport.storage.search import Hit, count, select
from slotport.storage.search_conditions import FEW
from slotport.storage.store import Store, Transaction
from slotport.storage.tables import metadata
from tests.strategies_search import ME, Row, World, searches, worlds

INSTANCE = "hárbour"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FEWER = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


class Thing:
    """An object that the account may see: each field's values, those that are empty left out."""

    def __init__(self, world: World, kind: ObjectType, row: Row, fields: dict[str, Any]) -> None:
        self.kind, self.id, self.version = kind, row["id"], row["version"]
        self.uuid: str = str(object_uuid(kind, self.id, row["created_at"], row.get("uuid") or row.get("guid")))
        self.created, self.updated = row["created_at"], row["updated_at"]
        self.owner: int | None = row.get("owner_id")
        self.links: dict[str, list[int]] = {}
        self.files = files_of(world, kind, row)
        system = {
            "_objecttype": str(kind),
            "_system_object_id": self.id,
            "_global_object_id": f"{self.id}@{INSTANCE}",
            "_uuid": self.uuid,
            "_version": self.version,
            "_last_modified": self.updated,
            "_changelog.date_created": self.created,
            "_changelog.date_last_updated": self.updated,
            "_owner.user._id": self.owner,
            "_linked._asset.class": [file["asset_class"] for file in self.files],
            "_linked._asset.extension": [file["extension"] for file in self.files],
            "_linked._asset.filesize": [file["size"] for file in self.files],
        }
        fields = {f"{kind}.{name}": value for name, value in fields.items()}
        self.fields = {name: filled(value) for name, value in (system | fields).items()}


def filled(value: Any) -> list[Any]:
    return [one for one in (value if isinstance(value, list) else [value]) if one is not None and one != ""]


def files_of(world: World, kind: ObjectType, row: Row) -> list[Row]:
    ids = {ObjectType.GROUP: [row.get("image")]}.get(kind, [])
    if kind is ObjectType.SLOT:
        ids = [item["public_id"] for item in world["media"] if item["slot_id"] == row["id"]]
    return [
        file
        for public_id in ids
        for file in world["asset"]
        if (file["public_id"], file["owner_id"]) == (public_id, row["owner_id"])
    ]


# What somebody may see


def visible(world: World) -> Iterator[Thing]:
    joined = {row["group_id"] for row in world["membership"] if row["state"] == "active"}
    managed = {row["convention_id"] for row in world["convention_manager"] if row["account_id"] == ME}
    there = {row["id"] for row in world["convention"] if row["deleted_at"] is None}
    for row in world["slot"]:
        if row["owner_id"] == ME and row["deleted_at"] is None:
            yield slot(world, row, joined)
    for row in world["calendar_group"]:
        if row["deleted_at"] is None and (row["owner_id"] == ME or row["id"] in joined):
            named = {name: row[name] for name in ("uuid", "name", "description", "public", "image")}
            yield Thing(world, ObjectType.GROUP, row, {"_id": row["id"], **named})
    for row in world["time_slot"]:
        status = next(event for event in world["event"] if event["id"] == row["event_id"])
        is_shown = status["deleted_at"] is None and status["status"] in (4, 5)
        if (
            row["deleted_at"] is None
            and row["convention_id"] in there
            and (is_shown or row["convention_id"] in managed)
        ):
            yield time_slot(world, row)
    for row in world["event"]:
        is_mine = row["owner_id"] == ME or row["convention_id"] in managed
        is_live = row["deleted_at"] is None and row["convention_id"] in there
        if is_live and row["status"] != 6 and (is_mine or row["status"] == 5):
            yield event(world, row, sees_all=row["convention_id"] in managed)
    for row in world["location"]:
        if row["deleted_at"] is None and row["convention_id"] in there:
            named = {name: row[name] for name in ("title", "slug", "area", "max_attendees")}
            found = Thing(
                world, ObjectType.LOCATION, row, {"_id": row["id"], **named, "convention": row["convention_id"]}
            )
            found.links = {"convention": [row["convention_id"]]}
            yield found
    for row in world["convention"]:
        if row["deleted_at"] is None:
            names = ("title", "slug", "series", "website", "location", "start_date", "end_date")
            yield Thing(world, ObjectType.CONVENTION, row, {"_id": row["id"], **{name: row[name] for name in names}})


def slot(world: World, row: Row, joined: set[int]) -> Thing:
    def own(table: str, column: str) -> list[Any]:
        return [part[column] for part in world[table] if part["slot_id"] == row["id"]]

    held = [
        group
        for group in world["calendar_group"]
        if group["id"] in own("slot_group", "group_id") and (group["owner_id"] == ME or group["id"] in joined)
    ]
    alerts = [
        part["alerts"] for part in world["slot_alerts"] if (part["slot_id"], part["account_id"]) == (row["id"], ME)
    ]
    fields = {
        "_id": row["id"],
        **{name: row[name] for name in ("uid", "title", "rrule", "description", "visibility", "open_end")},
        "start": row["start_at"],
        "end": None if row["open_end"] else row["end_at"],
        "allday": row["all_day"],
        "location.name": own("slot_place", "name"),
        "location.city": own("slot_place", "locality"),
        "notes.title": own("note", "title"),
        "notes.content": own("note", "content"),
        "settings.alerts": alerts,
        "groups.uuid": [group["uuid"] for group in held],
        "groups.name": [group["name"] for group in held],
        "media": own("media", "public_id"),
    }
    found = Thing(world, ObjectType.SLOT, row, fields)
    found.links = {"group": [group["id"] for group in held]}
    return found


def time_slot(world: World, row: Row) -> Thing:
    accounts = {account["id"]: account["username"] for account in world["account"]}
    hosts = [part for part in world["time_slot_host"] if part["time_slot_id"] == row["id"]]
    places = [part["location_id"] for part in world["time_slot_location"] if part["time_slot_id"] == row["id"]]
    fields = {
        "_id": row["id"],
        "start": row["start_at"],
        "duration": row["duration_minutes"],
        **{name: row[name] for name in ("min_attendees", "max_attendees", "notes_to_attendees")},
        "event": row["event_id"],
        "location": places,
        "hosts.name": [host["name"] or accounts[host["account_id"]] for host in hosts],
        "convention": row["convention_id"],
    }
    owner = next(event["owner_id"] for event in world["event"] if event["id"] == row["event_id"])
    found = Thing(world, ObjectType.TIMESLOT, row | {"owner_id": owner}, fields)
    found.links = {"event": [row["event_id"]], "location": places, "convention": [row["convention_id"]]}
    return found


def event(world: World, row: Row, *, sees_all: bool) -> Thing:
    names = "title teaser description requires_registration min_attendees max_attendees notes_to_attendees status"
    hidden = ("notes_to_staff", "logistical_requirements", "scheduling_constraints") if sees_all else ()
    held = [part["tag_value_id"] for part in world["event_tag"] if part["event_id"] == row["id"]]
    kinds = {kind["id"] for kind in world["tag_type"] if kind["public"] or sees_all}
    fields = {
        "_id": row["id"],
        **{name: row[name] for name in (*names.split(), *hidden)},
        "duration": row["duration_minutes"],
        "tags": [tag["value"] for tag in world["tag_value"] if tag["id"] in held and tag["tag_type_id"] in kinds],
        "convention": row["convention_id"],
    }
    found = Thing(world, ObjectType.EVENT, row, fields)
    found.links = {"convention": [row["convention_id"]]}
    return found


# What matches


def folded(text: str) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return re.sub("[\xad\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]", "", plain).casefold()


def words_of(text: str, *, but: str = "") -> list[str]:
    spaced = [
        " " if letter not in but and any(first <= letter <= last for first, last in SEPARATORS) else letter
        for letter in folded(text)
    ]
    return [word for word in "".join(spaced).split(" ") if word]


def holds(thing: Thing, elements: Sequence[Row]) -> bool:
    by_clause: dict[str, list[bool]] = {"must": [], "must_not": [], "should": []}
    for element in elements:
        by_clause[element.get("bool", "must")].append(CHECKS[element["type"]](thing, element))
    should = by_clause["should"]
    return all(by_clause["must"]) and not any(by_clause["must_not"]) and (any(should) or not should)


def check_match(thing: Thing, element: Row) -> bool:
    mode = element["mode"]
    own = [field.name for field in OWN_FIELDS[thing.kind] if field.kind == "text"]
    names = [name for name in element.get("fields", own) if name in thing.fields or is_hidden(thing, name)]
    values = [words_of(value) for name in names for value in thing.fields.get(name, [])]
    if "_global_object_id" in names:
        values.append(words_of(f"{thing.id}@local"))
    wanted = words_of(element["string"], but="*?" if mode == "wildcard" else "")

    def is_at(there: list[str]) -> bool:
        checks = {"fulltext": str.startswith, "token": str.__eq__, "wildcard": fnmatchcase}
        return len(there) == len(wanted) and all(map(checks[mode], there, wanted))

    if element.get("phrase"):
        size = len(wanted)
        return bool(names) and (not wanted or any(is_at(v[i : i + size]) for v in values for i in range(len(v))))
    everywhere = [word for value in values for word in value]
    queries, wanted = wanted, []
    for query in queries:
        wanted = [query]
        if not any(is_at([word]) for word in everywhere):
            return False
    return bool(names)


def is_hidden(thing: Thing, name: str) -> bool:
    """Whether the field is one of such objects that is not shown: a match in nothing holds if it has no words."""
    return FIELDS[name].of is thing.kind


def check_in(thing: Thing, element: Row) -> bool:
    wanted = element["in"]
    if "objecttype" in element:
        links = thing.links.get(element["objecttype"])
        return links is not None and has_one(links, wanted)
    if "eas_field" in element:
        name = {"class": "asset_class", "filesize": "size"}.get(element["eas_field"], element["eas_field"])
        return has_one([file[name] for file in thing.files], wanted)
    return any(
        has_one(thing.fields[name], global_ids(wanted) if name == "_global_object_id" else wanted)
        for name in element["fields"]
        if name in thing.fields
    )


def global_ids(wanted: list[Any]) -> list[Any]:
    return [one and re.sub("@local$", f"@{INSTANCE}", one) for one in wanted]


def has_one(values: list[Any], wanted: list[Any]) -> bool:
    if not values:
        return any(one is None or one == "" for one in wanted)
    keys = [folded(value) if isinstance(value, str) else value for value in values]
    return any(
        (folded(one) if isinstance(one, str) else one) in keys for one in wanted if one is not None and one != ""
    )


def check_range(thing: Thing, element: Row) -> bool:
    values = thing.fields.get(element["field"], [])
    low, high = element.get("from"), element.get("to")
    kind = FIELDS[element["field"]].kind
    if kind == "text":
        low, high = (one if one is None else folded(one) for one in (low, high))
        values = [folded(value) for value in values]
    elif kind != "number":
        values = [day_ms(value) if isinstance(value, str) else value for value in values]
        return any(is_within(value, low, high) for value in values)
    return any((low is None or low <= value) and (high is None or value <= high) for value in values)


def day_ms(text: str) -> int:
    return (date.fromisoformat(text) - EPOCH.date()).days * 86_400_000


def is_within(value: int, low: str | None, high: str | None) -> bool:
    return (low is None or beginning(low) <= value) and (high is None or value < after(high))


def parts_of(text: str) -> tuple[list[int], timedelta]:
    found = re.fullmatch(r"([0-9T:.-]*?)(Z|\+02:00|-0530)?", text if len(text) > 10 else text + "Z")
    assert found is not None
    ahead = {"+02:00": timedelta(hours=2), "-0530": -timedelta(hours=5, minutes=30)}.get(found[2] or "", timedelta())
    whole, _, fraction = found[1].partition(".")
    return [int(part) for part in re.split("[-T:]", whole)] + ([int(fraction.ljust(3, "0"))] if fraction else []), ahead


def beginning(text: str) -> int:
    parts, ahead = parts_of(text)
    parts += [1, 1, 0, 0, 0, 0][len(parts) - 1 :] if len(parts) < 7 else []
    moment = datetime(*parts[:6], parts[6] * 1000, tzinfo=UTC) - ahead
    return (moment - EPOCH) // timedelta(milliseconds=1)


def after(text: str) -> int:
    parts, _ = parts_of(text)
    if len(parts) == 1:
        return beginning(f"{parts[0] + 1}")
    if len(parts) == 2:
        year, month = parts
        return beginning(f"{year + month // 12:04}-{month % 12 + 1:02}")
    fraction = len(text.partition(".")[2].rstrip("Z").partition("+")[0].partition("-")[0])
    length = {3: 86_400_000, 4: 3_600_000, 5: 60_000, 6: 1000, 7: 10 ** (3 - fraction)}[len(parts)]
    return beginning(text) + length


def check_changelog(thing: Thing, element: Row) -> bool:
    times = {"insert": [thing.created], "update": [thing.updated], None: [thing.created, thing.updated]}
    is_in_time = any(
        is_within(time, element.get("from"), element.get("to")) for time in times[element.get("operation")]
    )
    return is_in_time and ("user" not in element or element["user"] == thing.owner)


CHECKS: dict[str, Any] = {
    "match": check_match,
    "in": check_in,
    "range": check_range,
    "changelog_range": check_changelog,
    "complex": lambda thing, element: holds(thing, element["search"]),
}


def expected(seen: Sequence[Thing], wanted: Row) -> list[Hit]:
    kinds = wanted.get("objecttypes") or [str(kind) for kind in ObjectType]
    things = [thing for thing in seen if thing.kind in kinds and holds(thing, wanted.get("search", []))]
    things.sort(key=lambda thing: thing.id)
    for key in reversed(wanted.get("sort", [])):
        descending = key.get("order") == "DESC"
        pick = max if descending else min

        def value(thing: Thing, name: str = key["field"], pick: Any = pick) -> Any:
            values = thing.fields.get(name, [])
            return pick((folded(one) if isinstance(one, str) else one for one in values), default=None)

        known = sorted((thing for thing in things if value(thing) is not None), key=value, reverse=descending)
        things = known + [thing for thing in things if value(thing) is None]
    start = wanted.get("offset") or 0
    stop = None if wanted.get("limit") is None else start + wanted["limit"]
    return [Hit(thing.kind, thing.id, thing.version, thing.uuid) for thing in things[start:stop]]


# The tests


def put(transaction: Transaction, world: World) -> None:
    for table, rows in world.items():
        columns = sorted({name for row in rows for name in row})
        if rows:
            transaction.connection.execute(
                insert(metadata.tables[table]), [{name: row.get(name) for name in columns} for row in rows]
            )


def found(transaction: Transaction, wanted: Row) -> list[Hit]:
    read = search(wanted)
    return [hit for block in select(transaction, ME, read, instance_name=INSTANCE) for hit in block]


def check(store: Store, world: World, wanted: Sequence[Row]) -> None:
    with store.write() as transaction:
        put(transaction, world)
        answers = [found(transaction, one) for one in wanted]
        counts = [count(transaction, ME, search(one), instance_name=INSTANCE) for one in wanted]
        transaction.roll_back()
    seen = list(visible(world))
    plain = [expected(seen, one) for one in wanted]
    assert answers == plain
    assert [{kind: number for kind, number in one.items() if number} for one in counts] == [
        {kind: number for kind in ObjectType if (number := sum(hit.type is kind for hit in hits))} for hits in plain
    ]


@MANY
@given(world=worlds(), wanted=st.lists(searches, min_size=1, max_size=6))
def test_a_search_finds_what_a_plain_filter_finds(store: Store, world: World, wanted: list[Row]) -> None:
    check(store, world, wanted)


@MANY
@given(world=worlds(), wanted=st.lists(searches, min_size=1, max_size=6))
def test_so_does_a_large_search(store: Store, world: World, wanted: list[Row]) -> None:
    check(store, world, [one | {"search": [*one.get("search", []), *[ANYTHING] * FEW]} for one in wanted])


#: holds for every object
ANYTHING: Row = {"type": "match", "string": "", "mode": "token"}


def values_of(world: World, name: str) -> list[Any]:
    """Some of the values that objects have in the field, whoever may read them."""
    managed = [{"convention_id": row["id"], "account_id": ME} for row in world["convention"]]
    things = list(visible(world | {"convention_manager": managed}))
    return sorted({value for thing in things for value in thing.fields.get(name, [])})[:4]


def about(name: str, value: Any) -> Iterator[Row]:
    """Elements that an object with the value in the field is found by."""
    kind = FIELDS[name].kind
    if kind in ("text", "number", "boolean"):
        yield {"type": "in", "fields": [name], "in": [value]}
    if kind == "text":
        yield {"type": "range", "field": name, "from": value, "to": value}
        yield {"type": "match", "string": value[:256], "mode": "token", "fields": [name], "phrase": True}
    elif kind == "number":
        yield {"type": "range", "field": name, "from": value - 0.5, "to": value + 0.5}
        yield {"type": "range", "field": name, "from": value + 0.5}
    elif kind == "instant":
        text = (EPOCH + timedelta(milliseconds=value)).isoformat(timespec="milliseconds").removesuffix("+00:00")
        yield {"type": "range", "field": name, "from": text, "to": text}
        yield {"type": "range", "field": name, "to": text[:10]}
    elif kind == "date":
        yield {"type": "range", "field": name, "from": value, "to": value}
        yield {"type": "range", "field": name, "from": f"{value}T00:01"}


@FEWER
@given(world=worlds(least=2))
def test_each_field_is_found_by_its_values(store: Store, world: World) -> None:
    wanted: list[Row] = []
    for name, field in FIELDS.items():
        wanted += [{"sort": [{"field": name, "order": order}]} for order in ("ASC", "DESC")]
        wanted += [{"search": [element]} for value in values_of(world, name) for element in about(name, value)]
        if field.kind in ("text", "number", "boolean"):
            wanted.append({"search": [{"type": "in", "fields": [name], "in": [None]}]})
    check(store, world, wanted)
