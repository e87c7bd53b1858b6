"""Made-up contents of a store, as rows of its tables, and searches in it, as JSON values.

Both draw from the same few texts, numbers and times, so that searches find something. Account 1 is the one that
searches; 2 is somebody else, 3 a deleted one.
"""

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from slotport.core.export_fields import FIELDS, ObjectType

Row = dict[str, Any]
World = dict[str, list[Row]]  #: rows by table, in an order in which they can be inserted

ME, OTHER, GONE = 1, 2, 3
NOON = datetime(2031, 5, 6, 13, 44, 2, 123000, UTC)

WORDS = (
    "Straße", "STRASSE", "strasse", "ẞ", "İstanbul", "istanbul", "ıstanbul", "café", "cafe\u0301", "CAFÉ", "naïve",
    "会议", "会议室", "会", "a%b", "a_b", "%", "_", "O'Brien", '"quoted"', "ΣΊΣΥΦΟΣ", "σίσυφος", "ﬁne", "fine", "ŉ",
    "\u13a0", "\uab70", "\uabbf", "👩\u200d💻", "👩", "soft\u00adhyphen", "softhyphen", "a*b", "what?", "back\\slash",
    "\u0301", "e\u0301\u0323", "ẹ\u0301", "re-run", "rerun", "１２３", "123", "key:value", "x", "X", "xx", "Harbour",
    "harbor", "walk", "Walks", "ǅ", "ſ", "\u0939\u093f\u0928\u094d\u0926\u0940", "がき", "かき", "{}", "[a]", "(b)",
    "a.b", "^c$", "{manages}", ":p0", "%(p0)s", "public", "true", "null", "i\u0307",
)  # fmt: skip


def _is_old(letter: str) -> bool:
    """Whether every Python and every PostgreSQL knows the letter."""
    return unicodedata.ucd_3_2_0.category(letter) != "Cn"


letters = st.characters(exclude_categories=("Cs", "Cc", "Cn"), include_characters="\t\n").filter(_is_old)
_words = st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS), st.sampled_from(WORDS), st.text(letters, max_size=6))


@st.composite
def named(draw: st.DrawFn, strategy: Callable[[], st.SearchStrategy[Any]]) -> Any:
    """What the strategy gives; by a short name, since Hypothesis warns of long ones."""
    return draw(strategy())


words = named(lambda: _words)
_texts = st.one_of(
    st.just(""),
    words,
    st.lists(words, min_size=2, max_size=4).map(" ".join),
    st.tuples(words, st.sampled_from([", ", "-", "\n", "", "—", "/", " * "]), words).map("".join),
)
texts = named(lambda: _texts)
maybe_texts = st.none() | texts

_STEPS = [
    timedelta(0), timedelta(milliseconds=1), timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1),
    timedelta(hours=11), timedelta(days=1), timedelta(days=30), timedelta(days=365), timedelta(days=365 * 200),
]  # fmt: skip
_MIDNIGHTS = [datetime(2031, 5, 6, tzinfo=UTC), datetime(2031, 6, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC)]
MOMENTS = sorted({moment for step in _STEPS for moment in (NOON + step, NOON - step)}.union(_MIDNIGHTS))
moments = st.sampled_from(MOMENTS)
instants = moments.map(lambda moment: round(moment.timestamp() * 1000))
days = moments.map(lambda moment: moment.date().isoformat())
numbers = st.one_of(st.integers(0, 20), st.sampled_from([30, 60, 90, 2**31 - 1]))
small_texts = st.sampled_from(["image", "IMAGE", "audio", "png", "jpg", "Flyer é.png", "flyer e.PNG"])

# Rows


def _tracked(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {
            "created_at": instants,
            "updated_at": instants,
            "deleted_at": st.sampled_from([None] * 9 + [1]),
            "version": st.integers(1, 4),
            "change": st.just(1),
            **more,
        }
    )


_owners = st.sampled_from([ME, ME, OTHER])
_groups = _tracked(
    owner_id=_owners,
    name=texts,
    image=st.sampled_from(["", "m0", "m1", "m2", "elsewhere"]),
    description=maybe_texts,
    public=st.booleans(),
)
_slots = _tracked(
    owner_id=_owners,
    uid=words,
    title=texts,
    description=texts,
    visibility=st.sampled_from(["private", "public", "friends"]),
    start_at=instants,
    end_at=instants,
    open_end=st.booleans(),
    all_day=st.booleans(),
    rrule=st.sampled_from(["", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO"]),
)
_conventions = _tracked(
    slug=words,
    title=texts,
    series=maybe_texts,
    website=maybe_texts,
    location=maybe_texts,
    start_date=st.none() | days,
    end_date=st.none() | days,
)
_events = _tracked(
    owner_id=_owners,
    title=texts,
    teaser=texts,
    description=maybe_texts,
    notes_to_attendees=maybe_texts,
    duration_minutes=numbers,
    min_attendees=numbers,
    max_attendees=st.none() | numbers,
    requires_registration=st.booleans(),
    status=st.sampled_from([0, 2, 4, 4, 5, 5, 5, 6]),
    notes_to_staff=maybe_texts,
    scheduling_constraints=maybe_texts,
    logistical_requirements=maybe_texts,
)
_locations = _tracked(title=texts, slug=words, max_attendees=numbers, area=maybe_texts)
_time_slots = _tracked(
    start_at=instants,
    end_at=instants,
    duration_minutes=numbers,
    min_attendees=st.none() | numbers,
    max_attendees=st.none() | numbers,
    notes_to_attendees=maybe_texts,
)
_assets = st.fixed_dictionaries(
    {
        "owner_id": _owners,
        "asset_class": st.sampled_from(["image", "audio"]),
        "extension": st.sampled_from(["png", "jpg"]),
        "original_filename": small_texts,
        "size": numbers,
    }
)
_public_ids = st.lists(st.sampled_from(["m0", "m1", "m2", "Elsewhere é", ""]), max_size=2)
_some = st.sets(st.integers(0, 3), max_size=2).map(sorted)


@st.composite
def worlds(draw: st.DrawFn, *, least: int = 0) -> World:
    """A small store: everything there can be, in every state; at least so many of each kind."""
    world: World = {name: [] for name in TABLES}
    world["account"] = [_account(number) for number in (ME, OTHER, GONE)]
    for number, row in enumerate(draw(st.lists(_assets, min_size=least, max_size=3))):
        world["asset"].append(
            row | {"id": number + 1, "public_id": f"m{number}", "sha256": "", "media_type": "", "uploaded_at": 1}
        )
    world["calendar_group"] = draw(st.lists(_groups, min_size=least, max_size=3))
    world["slot"] = draw(st.lists(_slots, min_size=least, max_size=6))
    world["convention"] = draw(st.lists(_conventions, min_size=least, max_size=2))
    if world["convention"]:
        world["event"] = draw(st.lists(_events, min_size=least, max_size=4))
        world["location"] = draw(st.lists(_locations, min_size=least, max_size=3))
        world["time_slot"] = draw(st.lists(_time_slots, min_size=least, max_size=4)) if world["event"] else []
    objects = [row for table in OBJECT_TABLES for row in world[table]]
    for row, number in zip(objects, draw(st.permutations(range(1, len(objects) + 1))), strict=True):
        row["id"] = number
    _add_to_groups(draw, world)
    _add_to_slots(draw, world)
    _add_to_conventions(draw, world)
    _add_to_time_slots(draw, world)
    return world


OBJECT_TABLES = ("slot", "calendar_group", "time_slot", "event", "location", "convention")
TABLES = (
    "account", "asset", "calendar_group", "membership", "slot", "slot_place", "note", "media", "slot_alerts",
    "slot_group", "convention", "convention_manager", "tag_type", "tag_value", "event", "event_tag", "location",
    "time_slot", "time_slot_location", "time_slot_host",
)  # fmt: skip


def _account(number: int) -> Row:
    names = {ME: "Ágnes", OTHER: "Öther Person", GONE: "gone"}
    deleted_at = 1 if number == GONE else None
    row = {"id": number, "guid": f"guid-{number}", "username": names[number], "deleted_at": deleted_at}
    return row | {"created_at": 1, "updated_at": 1}


def _add_to_groups(draw: st.DrawFn, world: World) -> None:
    for row in world["calendar_group"]:
        row["uuid"] = str(UUID(int=row["id"] << 64))
        state = draw(st.sampled_from([None, "active", "invited", "left"]))
        if state is not None:
            common = {"group_id": row["id"], "account_id": ME, "state": state, "color": "000000"}
            world["membership"].append(common | {"created_at": 1, "updated_at": 1})


def _add_to_slots(draw: st.DrawFn, world: World) -> None:
    live_groups = [row for row in world["calendar_group"] if row["deleted_at"] is None]
    for row in world["slot"]:
        number = row["id"]
        row["uid"] = f"{row['uid']} {number}"
        of_slot = {"slot_id": number}
        if draw(st.booleans()):
            place = {"uuid": f"place-{number}", "name": draw(maybe_texts), "locality": draw(maybe_texts)}
            world["slot_place"].append(of_slot | place)
        for title in draw(st.lists(texts, max_size=2)):
            world["note"].append(of_slot | {"title": title, "content": draw(texts), "created_at": 1})
        for position, public_id in enumerate(draw(_public_ids)):
            common = {"public_id": public_id, "media_type": "image", "position": position, "created_at": 1}
            world["media"].append(of_slot | common)
        for account in draw(st.sets(st.sampled_from([ME, OTHER]))):
            alerts = draw(st.sampled_from(["0000000000", "0100000000"]))
            world["slot_alerts"].append(of_slot | {"account_id": account, "alerts": alerts})
        for index in draw(_some):
            if index < len(live_groups):
                held = {"group_id": live_groups[index]["id"], "start_at": 1, "end_at": 1, "added_at": 1}
                world["slot_group"].append(of_slot | held)


def _add_to_conventions(draw: st.DrawFn, world: World) -> None:
    conventions = world["convention"]
    for row in conventions:
        number = row["id"]
        row |= {"slug": f"{row['slug']} {number}", "title": f"{row['title']} {number}", "changed_at": 1}
        row |= {"public_key": f"key-{number}", "secret_key": ""}
        managers = draw(st.sets(st.sampled_from([ME, OTHER])))
        world["convention_manager"] += [
            {"convention_id": number, "account_id": account, "role": "manager", "created_at": 1} for account in managers
        ]
        for public in (True, False):
            kind = len(world["tag_type"]) + 1
            title = f"Kind {public}"
            world["tag_type"].append(
                {"id": kind, "convention_id": number, "title": title, "requirement": "*", "public": public}
            )
            value = draw(words)
            world["tag_value"].append({"id": kind, "tag_type_id": kind, "value": value, "value_key": value.casefold()})
    for row in world["event"]:
        row["convention_id"] = conventions[draw(st.integers(0, len(conventions) - 1))]["id"]
        types = [kind["id"] for kind in world["tag_type"] if kind["convention_id"] == row["convention_id"]]
        for kind in draw(st.sets(st.sampled_from(types))):
            world["event_tag"].append({"event_id": row["id"], "tag_value_id": kind})
    for row in world["location"]:
        number = row["id"]
        row["convention_id"] = conventions[draw(st.integers(0, len(conventions) - 1))]["id"]
        row |= {"title": f"{row['title']} {number}", "slug": f"{row['slug']} {number}"}
        row["guid"] = str(UUID(int=number << 96))


def _add_to_time_slots(draw: st.DrawFn, world: World) -> None:
    for row in world["time_slot"]:
        event = world["event"][draw(st.integers(0, len(world["event"]) - 1))]
        row |= {"event_id": event["id"], "convention_id": event["convention_id"], "guid": str(UUID(int=row["id"]))}
        common = {"time_slot_id": row["id"], "start_at": row["start_at"], "end_at": row["end_at"]}
        for index in draw(_some):
            if index < len(world["location"]):
                world["time_slot_location"].append(common | {"location_id": world["location"][index]["id"]})
        for position, account in enumerate(sorted(draw(st.sets(st.sampled_from([ME, OTHER, GONE]), max_size=2)))):
            host = {"account_id": account, "name": draw(maybe_texts), "position": position}
            world["time_slot_host"].append(common | host)


# Searches

TEXT_FIELDS = [name for name, field in FIELDS.items() if field.kind == "text"]
NUMBER_FIELDS = [name for name, field in FIELDS.items() if field.kind == "number"]
BOOLEAN_FIELDS = [name for name, field in FIELDS.items() if field.kind == "boolean"]
TIME_FIELDS = [name for name, field in FIELDS.items() if field.kind in ("instant", "date")]

_clauses = st.fixed_dictionaries({}, optional={"bool": st.sampled_from(["must", "must_not", "should", "should"])})
_queries_drawn = st.one_of(words, words, st.lists(words, min_size=1, max_size=3).map(" ".join), texts).map(
    lambda q: q[:256]
)
_globs_drawn = st.one_of(
    st.tuples(words, st.integers(0, 4), st.sampled_from("*?")).map(lambda t: t[0][: t[1]] + t[2] + t[0][t[1] + 1 :]),
    words.map(lambda word: f"*{word[1:3]}*"),
    words.map(lambda word: f"{word[:1]}*{word[-1:]}"),
    st.text(st.sampled_from("*?aesx会 "), max_size=8),
)
_values_drawn = st.one_of(
    texts,
    words,
    small_texts,
    st.sampled_from(["slot", "Event", "private", "m0", "0100000000", "freq=daily", "1@local", "2@LOCAL"]),
    st.integers(1, 20).map(lambda number: f"{number}@hárbour"),
    st.integers(1, 20).map(lambda number: str(UUID(int=number << 64))),
)
_amounts_drawn = st.one_of(numbers, numbers, st.integers(-3, 3), st.floats(-2, 30, allow_nan=False), st.just(2**63 - 1))

_values = named(lambda: _values_drawn)
_queries = named(lambda: _queries_drawn)
_globs = named(lambda: _globs_drawn)
_amounts = named(lambda: _amounts_drawn)


@st.composite
def time_texts(draw: st.DrawFn) -> str:
    """A time near those of the rows, or the beginning of one."""
    moment = draw(moments)
    text = moment.isoformat(timespec="milliseconds").removesuffix("+00:00")
    text = text[: draw(st.sampled_from([4, 7, 10, 13, 16, 19, 21, 23]))]
    return text + draw(st.sampled_from(["", "Z", "+02:00", "-0530"])) if len(text) > 10 else text


def _ends(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    both = st.fixed_dictionaries({"from": values, "to": values})
    return st.one_of(both, st.fixed_dictionaries({"from": values}), st.fixed_dictionaries({"to": values}))


def _merged(*parts: st.SearchStrategy[Row]) -> st.SearchStrategy[Row]:
    return st.tuples(_clauses, *parts).map(lambda found: {name: one for part in found for name, one in part.items()})


def _match(queries: st.SearchStrategy[str], *modes: str) -> st.SearchStrategy[Row]:
    fields = st.lists(st.sampled_from(TEXT_FIELDS), min_size=1, max_size=8)
    return st.fixed_dictionaries(
        {"type": st.just("match"), "string": queries, "mode": st.sampled_from(modes)},
        optional={"fields": fields, "phrase": st.booleans()},
    )


def _in(fields: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    named = st.lists(st.sampled_from(fields), min_size=1, max_size=4)
    return st.fixed_dictionaries({"type": st.just("in"), "fields": named, "in": _some_of(values)})


def _some_of(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.one_of(values, values, values, st.none()), max_size=5)


def _range(fields: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    named = st.fixed_dictionaries({"type": st.just("range"), "field": st.sampled_from(fields)})
    return _merged(named, _ends(values))


_links = st.fixed_dictionaries(
    {
        "type": st.just("in"),
        "objecttype": st.sampled_from(["group", "event", "location", "convention"]),
        "in": _some_of(st.integers(1, 20)),
    }
)
_files = st.one_of(
    st.fixed_dictionaries({"type": st.just("in"), "eas_field": st.just("filesize"), "in": _some_of(numbers)}),
    st.fixed_dictionaries(
        {
            "type": st.just("in"),
            "eas_field": st.sampled_from(["class", "extension", "original_filename"]),
            "in": _some_of(small_texts),
        }
    ),
)
_changes = st.fixed_dictionaries(
    {"type": st.just("changelog_range")},
    optional={"user": st.sampled_from([ME, OTHER]), "operation": st.sampled_from(["insert", "update", None])},
)
_leaves = st.one_of(
    _merged(_match(_queries, "fulltext", "token")),
    _merged(_match(_globs, "wildcard")),
    _merged(_in(TEXT_FIELDS, _values)),
    _merged(_in(NUMBER_FIELDS, _amounts)),
    _merged(_in(BOOLEAN_FIELDS, st.booleans())),
    _range(TEXT_FIELDS, _values),
    _range(NUMBER_FIELDS, _amounts),
    _range(TIME_FIELDS, time_texts()),
    _merged(_links),
    _merged(_files),
    _merged(_changes, _ends(time_texts())),
)
_elements = st.recursive(
    named(lambda: _leaves),
    lambda inner: _merged(st.fixed_dictionaries({"type": st.just("complex"), "search": st.lists(inner, max_size=3)})),
    max_leaves=4,
)
#: searches of every kind
_searches = st.fixed_dictionaries(
    {},
    optional={
        "objecttypes": st.lists(st.sampled_from([str(kind) for kind in ObjectType]), min_size=1, max_size=6),
        "search": st.lists(_elements, max_size=3),
        "sort": st.lists(
            st.fixed_dictionaries(
                {"field": st.sampled_from(sorted(FIELDS))}, optional={"order": st.sampled_from(["ASC", "DESC"])}
            ),
            max_size=3,
        ),
        "limit": st.none() | st.integers(0, 12),
        "offset": st.none() | st.integers(0, 5),
    },
)
searches = named(lambda: _searches)
