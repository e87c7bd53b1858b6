"""Pages of slots, on both databases, against a plain list in memory."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slotport.core.account import Account
from slotport.core.group import Membership, State
from slotport.core.paging import Bounds, Mode, Paging, Position, Query, Scan
from slotport.core.slot import Slot, Visibility
from slotport.storage import groups, lists, slots
from slotport.storage.instants import milliseconds
from slotport.storage.lists import Source
from slotport.storage.store import Store, Transaction
from tests.calendars import DAY, HOUR, NOW, add_group, add_person, add_slot, add_slots, counted_statements

ON_ONE_STORE = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
#: few instants, so that ties are common; lengths on both sides of what counts as long
TIMES = st.tuples(st.integers(-20, 20), st.sampled_from([0, 1, 2, 5, 24 * 7, 24 * 7 + 1, 24 * 30]))
SPREAD = st.lists(st.tuples(TIMES, st.sets(st.sampled_from([0, 1]))), max_size=24)
MODES = st.sampled_from(Mode)
OFFSETS = st.integers(-22, 22)


def filled(store: Store, spread: list[tuple[tuple[int, int], set[int]]]) -> tuple[Account, list[Position]]:
    """Somebody with slots at hours from now, each in some of two own groups; and the slots in order."""
    owner = add_person(store)
    own = [add_group(store, owner), add_group(store, owner)]
    found = []
    for (hours, length), held in spread:
        start = NOW + hours * HOUR
        end = start + length * HOUR
        slot_id = add_slot(store, owner, *(own[number] for number in held), start=start, end=end)
        found.append(Position(milliseconds(start), milliseconds(end), slot_id))
    return owner, sorted(found)


def chosen(query: Query, all_slots: list[Position]) -> list[int]:
    """The ids that the page should have, the plain way."""
    pool = [slot for slot in all_slots if query.pool.hold(slot)]
    moment = milliseconds(query.moment or NOW)
    past = [slot for slot in pool if slot.start < moment]
    upcoming = [slot for slot in pool if slot.start >= moment]
    ongoing = [slot for slot in pool if slot.start <= moment <= slot.end]
    finished = [slot for slot in pool if slot.end <= moment]
    limit = query.limit
    half = limit // 2
    if query.after is not None:
        return [slot.id for slot in pool if slot > query.after][:limit]
    if query.before is not None:
        return [slot.id for slot in pool if slot < query.before][-limit:]
    pages = {
        Mode.PAST: past[-limit:],
        Mode.FINISHED: finished[-limit:],
        Mode.UPCOMING: upcoming[:limit],
        Mode.ONGOING: ongoing[:limit],
        Mode.NOW: sorted({*ongoing, *upcoming})[:limit],
        Mode.AROUND: (past[-half:] if half else []) + upcoming[: limit - half],
        Mode.ALL: pool[:limit],
    }
    return [slot.id for slot in pages[query.mode or Mode.ALL]]


def followed(
    transaction: Transaction, sources: list[Source], query: Query, *, forward: bool
) -> Iterator[tuple[list[int], Paging]]:
    """The page and those that its cursors lead to, one way."""
    while True:
        ids, paging = lists.page(transaction, sources, query)
        yield ids, paging
        next_one = paging.after if forward else paging.before
        if next_one is None:
            return
        filtered = {"earliest": query.earliest, "latest": query.latest}
        cursors = {"after": next_one} if forward else {"before": next_one}
        query = Query(limit=query.limit, mode=None, moment=None, **filtered, **cursors)


@ON_ONE_STORE
@given(SPREAD, MODES, OFFSETS, st.integers(1, 9), st.none() | st.tuples(OFFSETS, st.integers(0, 20)))
def test_a_page_has_the_slots_of_its_mode_in_order(
    store: Store,
    spread: list[tuple[tuple[int, int], set[int]]],
    mode: Mode,
    offset: int,
    limit: int,
    between: tuple[int, int] | None,
) -> None:
    owner, in_order = filled(store, spread)
    query = Query(limit=limit, mode=mode, moment=NOW + offset * HOUR)
    if between is not None:
        earliest = NOW + between[0] * HOUR
        query = Query(
            limit=limit, mode=mode, moment=query.moment, earliest=earliest, latest=earliest + between[1] * HOUR
        )

    with store.read() as transaction:
        ids, paging = lists.page(transaction, lists.library(transaction, owner.id), query)

    assert ids == chosen(query, in_order)
    assert paging.pool_size == sum(query.pool.hold(slot) for slot in in_order)


@ON_ONE_STORE
@given(SPREAD, MODES, OFFSETS, st.integers(1, 5), st.booleans())
def test_following_cursors_visits_every_slot_once_and_ends(
    store: Store,
    spread: list[tuple[tuple[int, int], set[int]]],
    mode: Mode,
    offset: int,
    limit: int,
    forward: bool,
) -> None:
    owner, in_order = filled(store, spread)
    query = Query(limit=limit, mode=mode, moment=NOW + offset * HOUR)

    with store.read() as transaction:
        sources = lists.library(transaction, owner.id)
        first, *others = [ids for ids, _ in followed(transaction, sources, query, forward=forward)]

    followers = [slot_id for page in (others if forward else reversed(others)) for slot_id in page]
    ids = [slot.id for slot in in_order]
    if first:
        at = ids.index(first[-1]) + 1 if forward else ids.index(first[0])
        assert followers == (ids[at:] if forward else ids[:at])
    assert all(page for page in others)


@ON_ONE_STORE
@given(SPREAD, MODES, OFFSETS)
def test_from_an_empty_page_cursors_lead_to_all_there_is(
    store: Store, spread: list[tuple[tuple[int, int], set[int]]], mode: Mode, offset: int
) -> None:
    owner, in_order = filled(store, spread)
    query = Query(limit=5, mode=mode, moment=NOW + offset * HOUR)

    with store.read() as transaction:
        sources = lists.library(transaction, owner.id)
        ids, _ = lists.page(transaction, sources, query)
        older = [page for page, _ in followed(transaction, sources, query, forward=False)][1:]
        newer = [page for page, _ in followed(transaction, sources, query, forward=True)][1:]

    if not ids:
        found = [slot_id for page in [*reversed(older), *newer] for slot_id in page]
        assert found == [slot.id for slot in in_order]


def test_an_empty_page_behind_a_cursor_leads_back(store: Store) -> None:
    owner, in_order = filled(store, [((0, 1), set()), ((1, 1), set())])
    last, first = in_order[-1], in_order[0]

    with store.read() as transaction:
        sources = lists.library(transaction, owner.id)
        ids, paging = lists.page(transaction, sources, Query(limit=5, mode=None, moment=None, after=last))
        assert (ids, paging.after) == ([], None)
        ids, _ = lists.page(transaction, sources, Query(limit=5, mode=None, moment=None, before=paging.before))
        assert ids == [slot.id for slot in in_order]
        ids, paging = lists.page(transaction, sources, Query(limit=5, mode=None, moment=None, before=first))
        assert (ids, paging.before) == ([], None)
        ids, _ = lists.page(transaction, sources, Query(limit=5, mode=None, moment=None, after=paging.after))
        assert ids == [slot.id for slot in in_order]


def test_a_list_without_slots_has_no_cursors(store: Store) -> None:
    owner = add_person(store)
    query = Query(limit=5, mode=Mode.UPCOMING, moment=NOW)

    with store.read() as transaction:
        found = lists.page(transaction, lists.library(transaction, owner.id), query)
        assert found == ([], Paging(query=query, before=None, after=None, pool_size=0))
        assert lists.page(transaction, [], query) == found
        assert list(lists.every(transaction, [])) == []


def test_the_whole_list_comes_in_batches_each_slot_once(store: Store) -> None:
    owner, in_order = filled(store, [((hour % 3, 1), {0, 1}) for hour in range(10)])

    with store.read() as transaction:
        batches = list(lists.every(transaction, lists.library(transaction, owner.id), batch=5))

    assert batches == [in_order[:5], in_order[5:]]


def test_a_page_takes_as_many_statements_of_many_slots_as_of_few(store: Store) -> None:
    owner = add_person(store)
    one, other = add_group(store, owner), add_group(store, owner, public=True)
    numbers = []
    for count in (2, 60):
        fresh = [Slot(title="a", start=NOW + n * HOUR, end=NOW + n * HOUR, uid=f"{count}-{n}") for n in range(count)]
        add_slots(store, owner, fresh, one, other)
        with counted_statements(store) as statements, store.read() as transaction:
            sources = lists.library(transaction, owner.id)
            ids, _ = lists.page(transaction, sources, Query(limit=count, mode=Mode.ALL, moment=NOW))
            assert len(slots.entries(transaction, ids, owner.id)) == count
        numbers.append(len(statements))

    assert numbers[0] == numbers[1] <= 20


def test_more_groups_than_one_statement_takes_are_one_list(store: Store) -> None:
    owner = add_person(store)
    own = [add_group(store, owner) for _ in range(lists.RANGES + 5)]
    ids = [add_slot(store, owner, group, start=NOW + n * HOUR) for n, group in enumerate(own)]

    with store.read() as transaction:
        sources = lists.own_groups(transaction, owner.id)
        found = [position.id for batch in lists.every(transaction, sources, batch=50) for position in batch]
        last = lists.walk(transaction, sources, Scan(bounds=Bounds(), limit=3, backward=True))

    assert found == ids
    assert [position.id for position in last] == ids[-3:]


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize(
    ("source", "index", "long"),
    [
        (lists.created(1)[0], "ix_slot_owner_id_start_at_end_at_id", "ix_slot_long"),
        (lists.public(1), "ix_slot_public", "ix_slot_long"),
        (Source("slot_group", 1), "ix_slot_group_group_id_start_at_end_at_slot_id", "ix_slot_group_long"),
        (Source("scheduled", 1), "ix_scheduled_account_id_start_at_end_at_slot_id", "ix_scheduled_long"),
    ],
)
def test_a_page_is_read_from_an_index_alone(
    sqlite_url: str, source: Source, index: str, long: str, backward: bool
) -> None:
    store = Store.open(sqlite_url)
    bounds = Bounds(end_min=1_000_000_000_000, start_max=2_000_000_000_000)
    down = " DESC" if backward else ""

    with store.read() as transaction:
        plans = [
            [
                str(row[3])
                for row in transaction.connection.exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {part} ORDER BY start_at{down}, end_at{down}, id{down} LIMIT 5"
                )
            ]
            for part in lists.ranges(source, Scan(bounds=bounds, limit=5, backward=backward))
        ]
    store.close()

    assert [[line.partition(" (")[0] for line in plan] for plan in plans] == [
        [f"SEARCH held USING COVERING INDEX {name}"] for name in (index, long)
    ]


def test_what_goes_on_is_found_however_long_ago_it_began(store: Store) -> None:
    owner = add_person(store)
    ancient = datetime(1, 1, 1, tzinfo=UTC)
    endless = add_slot(store, owner, start=ancient, end=datetime(9999, 12, 31, tzinfo=UTC))
    week = add_slot(store, owner, start=NOW - 7 * DAY, end=NOW)
    more = add_slot(store, owner, start=NOW - 7 * DAY - timedelta(milliseconds=1), end=NOW)
    add_slot(store, owner, start=ancient, end=NOW - DAY)

    with store.read() as transaction:
        ids, _ = lists.page(transaction, lists.created(owner.id), Query(limit=9, mode=Mode.ONGOING, moment=NOW))

    assert ids == [endless, more, week]


def test_a_kept_count_is_forgotten_with_every_change(store: Store) -> None:
    owner = add_person(store)
    group = add_group(store, owner)

    def size() -> int:
        with store.read() as transaction:
            return lists.count(transaction, lists.own_groups(transaction, owner.id), Bounds())

    add_slot(store, owner, group)
    assert [size(), size()] == [1, 1]
    slot_id = add_slot(store, owner, group)
    assert size() == 2
    with store.write() as transaction:
        slots.remove(transaction, slot_id, owner.id, NOW)
        assert lists.count(transaction, lists.own_groups(transaction, owner.id), Bounds()) == 1
    assert size() == 1


def test_a_kept_count_costs_no_second_counting(store: Store) -> None:
    owner = add_person(store)
    add_slot(store, owner)
    seen = []
    for _ in range(2):
        with counted_statements(store) as statements, store.read() as transaction:
            lists.count(transaction, lists.created(owner.id), Bounds())
        seen.append(any("count(*)" in statement for statement in statements))

    assert seen == [True, False]


def test_lists_hold_what_their_reader_may_read(store: Store) -> None:
    ada, bob = add_person(store), add_person(store)
    secret, club = add_group(store, ada), add_group(store, ada, bob)
    private = add_slot(store, ada, secret)
    shared = add_slot(store, ada, club, start=NOW + HOUR)
    public = add_slot(store, ada, secret, start=NOW + 2 * HOUR, visibility=Visibility.PUBLIC)

    def read(reader: int | None) -> list[list[int]]:
        with store.read() as transaction:
            membership = groups.find(transaction, secret.uuid, reader)
            assert membership is not None
            return [
                [position.id for batch in lists.every(transaction, sources) for position in batch]
                for sources in (
                    lists.created_for(transaction, ada.id, reader),
                    lists.in_group(secret, membership[1], reader),
                    lists.in_group(club, None, reader),
                )
            ]

    assert read(ada.id) == [[private, shared, public], [private, public], [shared]]
    assert read(bob.id) == [[shared, public], [public], [shared]]
    assert read(None) == [[public], [public], []]


def test_schedule_shows_calendars_and_single_slots_that_may_be_read(store: Store) -> None:
    ada, bob = add_person(store), add_person(store)
    shown, hidden = add_group(store, ada, bob, shown=True), add_group(store, ada, bob)
    in_shown = add_slot(store, ada, shown)
    in_hidden = add_slot(store, ada, hidden, start=NOW + HOUR)
    in_both = add_slot(store, ada, shown, hidden, start=NOW + 2 * HOUR)
    unreadable = add_slot(store, ada, start=NOW + 3 * HOUR)
    with store.write() as transaction:
        for slot_id in (in_shown, in_hidden, unreadable):
            slots.put_into_schedule(transaction, slot_id, bob.id)
            slots.put_into_schedule(transaction, slot_id, bob.id)

    with store.read() as transaction:
        listed = [
            [position.id for batch in lists.every(transaction, sources) for position in batch]
            for sources in (lists.schedule(transaction, bob.id), lists.library(transaction, bob.id))
        ]

    assert listed == [[in_shown, in_hidden, in_both], [in_shown, in_hidden, in_both]]


def test_who_left_reads_nothing_of_the_group(store: Store) -> None:
    ada, bob = add_person(store), add_person(store)
    club = add_group(store, ada, bob)
    slot_id = add_slot(store, ada, club)
    with store.write() as transaction:
        groups.set_state(transaction, club, [bob.id], State.LEFT, NOW)

    with store.read() as transaction:
        left = Membership(group_id=club.id, account_id=bob.id, state=State.LEFT)
        assert not list(lists.every(transaction, lists.own_groups(transaction, bob.id)))
        assert not list(lists.every(transaction, lists.in_group(club, left, bob.id)))
        assert not slots.may_read(transaction, slot_id, bob.id)
