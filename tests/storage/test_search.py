"""Searches as streams: pieces, order, limits, sizes, and what never is in them (test_search_oracle.py has the rest)."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from slotport.core.export_fields import ObjectType
from slotport.core.group import State
from slotport.core.search_input import search
from slotport.core.slot import Media, MediaType, Slot, Visibility
from slotport.storage import groups, tables, tables_exports
from slotport.storage.engine import insert_many
from slotport.storage.search import BLOCK, SORTED_SLOTS, Hit, count, select
from slotport.storage.store import Store
from tests.calendars import HOUR, NOW, add_group, add_person, add_slot, add_slots, counted_statements

SLOTS = {"objecttypes": ["slot"]}


def blocks(store: Store, account_id: int, **said: Any) -> list[list[Hit]]:
    with store.read() as transaction:
        return list(select(transaction, account_id, search(said), instance_name="harbour"))


def ids(store: Store, account_id: int, **said: Any) -> list[int]:
    return [hit.id for block in blocks(store, account_id, **said) for hit in block]


def counts(store: Store, account_id: int, **said: Any) -> dict[ObjectType, int]:
    with store.read() as transaction:
        return count(transaction, account_id, search(said), instance_name="harbour")


def many(number: int) -> list[Slot]:
    return [Slot(title=f"Walk {n}", start=NOW, end=NOW + HOUR, uid=f"uid {n}") for n in range(number)]


def put_slots(store: Store, owner_id: int, numbers: Iterable[int]) -> None:
    names = ("id", "owner_id", "uid", "start_at", "end_at", "created_at", "updated_at", "change")
    with store.write() as transaction:
        rows: Iterator[tuple[Any, ...]] = ((n, owner_id, str(n), -n, n, 1, 1, 1) for n in numbers)
        insert_many(transaction.connection, tables.slot, names, rows)


def test_hits_come_in_blocks_in_order_of_their_ids(store: Store) -> None:
    owner = add_person(store)
    slots = sorted(add_slots(store, owner, many(2 * BLOCK + 7)))

    found = blocks(store, owner.id, **SLOTS)

    assert [len(block) for block in found] == [BLOCK, BLOCK, 7]
    assert [hit.id for block in found for hit in block] == slots


def test_the_number_of_statements_does_not_depend_on_the_search_or_its_hits(store: Store) -> None:
    owner, other = add_person(store), add_person(store)
    add_slots(store, owner, many(BLOCK + 1))
    large = {"search": [{"type": "match", "string": f"walk {n}", "bool": "should"} for n in range(50)]}

    seen = []
    for account, said in ((other, {}), (owner, {}), (owner, large)):
        with counted_statements(store) as statements:
            blocks(store, account.id, **said)
        seen.append(len([text for text in statements if text.startswith("SELECT")]))

    assert len(set(seen)) == 1


def test_a_stream_may_be_left_before_its_end(store: Store) -> None:
    owner = add_person(store)
    slots = add_slots(store, owner, many(2 * BLOCK))

    with store.read() as transaction:
        stream = select(transaction, owner.id, search(SLOTS), instance_name="harbour")
        first = next(stream)
        stream.close()  # type: ignore[attr-defined] # a generator
        number = count(transaction, owner.id, search(SLOTS), instance_name="harbour")

    assert [hit.id for hit in first] == sorted(slots)[:BLOCK]
    assert number == {ObjectType.SLOT: 2 * BLOCK}


def test_other_peoples_slots_and_groups_are_in_no_search(store: Store) -> None:
    me, other = add_person(store), add_person(store)
    shared = add_group(store, other, me, name="Shared")
    left = add_group(store, other, me, name="Left", public=True)
    with store.write() as transaction:
        groups.set_state(transaction, left, [me.id], State.LEFT, NOW)
    add_slot(store, other, shared, left, visibility=Visibility.PUBLIC)
    mine = add_slot(store, me, left)

    found = {hit.id for block in blocks(store, me.id) for hit in block}
    own_groups = set(ids(store, me.id, objecttypes=["group"]))

    assert found == own_groups | {mine}
    assert shared.id in own_groups
    assert left.id not in own_groups
    assert ids(store, me.id, search=[{"type": "match", "string": "Left"}]) == []
    assert ids(store, me.id, search=[{"type": "in", "objecttype": "group", "in": [left.id]}]) == []
    assert ids(store, me.id, search=[{"type": "in", "objecttype": "group", "in": [None]}]) == [mine]


def test_a_count_obeys_limit_and_offset(store: Store) -> None:
    owner = add_person(store)
    add_slots(store, owner, many(5))

    assert counts(store, owner.id, objecttypes=["event", "slot"]) == {ObjectType.SLOT: 5, ObjectType.EVENT: 0}
    assert counts(store, owner.id, **SLOTS, limit=3) == {ObjectType.SLOT: 3}
    assert counts(store, owner.id, **SLOTS, offset=4) == {ObjectType.SLOT: 1}
    assert counts(store, owner.id, **SLOTS, limit=2**63 - 1, offset=2**63 - 1) == {ObjectType.SLOT: 0}


def test_a_search_that_nothing_can_match_asks_no_table(store: Store) -> None:
    owner = add_person(store)
    add_slot(store, owner)
    never = {"search": [{"type": "in", "fields": ["event.title"], "in": ["x"]}], **SLOTS}

    assert blocks(store, owner.id, **never) == []
    assert counts(store, owner.id, **never) == {ObjectType.SLOT: 0}


def test_ten_thousand_values_are_compared(store: Store) -> None:
    owner = add_person(store)
    slots = sorted(add_slots(store, owner, many(3)))
    numbers = [*range(10**9, 10**9 + 9_998), *slots[:2]]
    texts = [*(f"none {n}" for n in range(9_998)), "UID 1", "'; DROP TABLE slot; --"]

    assert ids(store, owner.id, search=[{"type": "in", "fields": ["_system_object_id"], "in": numbers}]) == slots[:2]
    assert ids(store, owner.id, search=[{"type": "in", "fields": ["slot.uid"], "in": texts}]) == slots[1:2]


def test_the_largest_searches_run(store: Store) -> None:
    owner = add_person(store)
    slot = add_slot(store, owner, title="Straße am Hafen")
    element: dict[str, Any] = {"type": "match", "string": "a b c d e f", "mode": "wildcard"}
    for _ in range(10):
        element = {"type": "complex", "search": [element] * 1}
    wide = [{"type": "match", "string": f"x{n}", "bool": "must_not", "fields": ["slot.title"]} for n in range(488)]
    known = [{"type": "match", "string": "strasse", "fields": ["slot.title"]}]

    assert ids(store, owner.id, search=[element, *wide]) == []
    assert ids(store, owner.id, search=[*wide, *known]) == [slot]


def test_no_pattern_takes_long(store: Store) -> None:
    owner = add_person(store)
    slot = Slot(title="a", description="a" * 500, start=NOW, end=NOW + timedelta(hours=1), uid="a" * 600)
    add_slots(store, owner, [slot] * 1)

    for string in ("*a" * 120 + "b", "a?" * 120 + "*b", "*" + "a" * 200 + "*b", "a " * 120 + "b"):
        for phrase in (False, True):
            said = {"type": "match", "string": string, "mode": "wildcard", "phrase": phrase}
            assert ids(store, owner.id, search=[said]) == []


def test_sqlite_puts_many_slots_in_no_order_of_its_own(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    owner = add_person(store)
    put_slots(store, owner.id, range(10, SORTED_SLOTS + 12))

    with counted_statements(store) as statements:
        found = ids(store, owner.id, **SLOTS)
    with store.read() as transaction:
        plan = [row[3] for row in transaction.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statements[-1]}")]
    store.close()

    assert found == list(range(10, SORTED_SLOTS + 12))
    assert plan == ["SCAN o"]


@pytest.mark.parametrize("order", ["ASC", "DESC"])
def test_an_order_has_what_lacks_a_value_last(store: Store, order: str) -> None:
    owner = add_person(store)
    open_end = add_slot(store, owner, end=None)
    late, early = add_slot(store, owner, end=NOW + 2 * HOUR), add_slot(store, owner, end=NOW + HOUR)

    found = ids(store, owner.id, **SLOTS, sort=[{"field": "slot.end", "order": order}])

    assert found == [*([early, late] if order == "ASC" else [late, early]), open_end]


def test_a_public_id_means_no_file_of_somebody_else(store: Store) -> None:
    me, other = add_person(store), add_person(store)
    mine = add_slots(store, me, [Slot(title="a", start=NOW, end=NOW, uid="a", media=(picture("pier"),))])
    theirs = add_slots(store, me, [Slot(title="b", start=NOW, end=NOW, uid="b", media=(picture("deck"),))])
    with store.write() as transaction:
        for owner, public_id in ((me, "pier"), (other, "deck")):
            facts = {"asset_class": "image", "extension": "png", "size": 1, "sha256": "", "media_type": "image/png"}
            row = {"owner_id": owner.id, "public_id": public_id, "uploaded_at": 1, **facts}
            transaction.connection.execute(insert(tables_exports.asset).values(row))

    def having(value: str | None) -> list[int]:
        return ids(store, me.id, **SLOTS, search=[{"type": "in", "eas_field": "extension", "in": [value]}])

    assert (having("PNG"), having(None)) == (mine, theirs)


def picture(public_id: str) -> Media:
    return Media(public_id=public_id, media_type=MediaType.IMAGE)
