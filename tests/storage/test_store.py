"""Transactions: what they see, what they number, and what a lost database looks like; on both databases."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from slotport.errors import Unavailable
from slotport.storage import tables
from slotport.storage.engine import insert_many
from slotport.storage.store import Store
from tests.databases import Cluster

WRITERS = 8


def count_accounts(store: Store) -> int:
    with store.read() as transaction:
        return transaction.connection.execute(select(func.count()).select_from(tables.account)).scalar_one()


def add_account(store: Store, guid: str) -> None:
    with store.write() as transaction:
        transaction.connection.execute(tables.account.insert().values(guid=guid, created_at=0, updated_at=0))


def test_a_write_is_there_after_its_block(store: Store) -> None:
    add_account(store, "a")

    assert count_accounts(store) == 1


def test_an_error_in_the_block_rolls_everything_back(store: Store) -> None:
    numbers: list[int] = []

    def failing() -> None:
        with store.write() as transaction:
            transaction.connection.execute(tables.account.insert().values(guid="a", created_at=0, updated_at=0))
            numbers.append(transaction.change)
            raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            failing()

    assert numbers == [1, 1]
    assert count_accounts(store) == 0


def test_what_was_rolled_back_on_purpose_is_gone(store: Store) -> None:
    with store.write() as transaction:
        transaction.connection.execute(tables.account.insert().values(guid="a", created_at=0, updated_at=0))
        transaction.roll_back()

    assert count_accounts(store) == 0


def test_a_read_sees_one_snapshot_however_much_is_written(store: Store) -> None:
    count = select(func.count()).select_from(tables.account)
    with store.read() as transaction:
        before = transaction.connection.execute(count).scalar_one()
        add_account(store, "a")
        during = transaction.connection.execute(count).scalar_one()

    assert (before, during, count_accounts(store)) == (0, 0, 1)


def test_a_commit_has_one_number_and_ids_of_its_own(store: Store) -> None:
    with store.write() as transaction:
        first = (transaction.object_ids(3), transaction.change, transaction.object_ids(2), transaction.change)
    with store.write() as transaction:
        second = (transaction.change, transaction.object_ids(1), transaction.change)

    assert first == (range(1, 4), 1, range(4, 6), 1)
    assert second == (2, range(6, 7), 2)


def test_changes_are_unique_and_grow_in_the_order_of_commits(store: Store) -> None:
    seen: list[int] = []
    numbers: list[int] = []
    ids: list[int] = []

    def work(number: int) -> None:
        for turn in range(20):
            with store.write() as transaction:
                ids.extend(transaction.object_ids(2))
                numbers.append(transaction.change)
                transaction.connection.execute(
                    tables.account.insert().values(
                        guid=f"{number}-{turn}", created_at=0, updated_at=0, change=transaction.change
                    )
                )
            with store.read() as transaction:  # no later commit ever brings a smaller number
                seen.append(
                    transaction.connection.execute(
                        select(func.max(tables.account.c.change) - func.count()).select_from(tables.account)
                    ).scalar_one()
                )

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(work, range(WRITERS)))

    assert sorted(numbers) == list(range(1, WRITERS * 20 + 1))
    assert sorted(ids) == list(range(1, WRITERS * 40 + 1))
    assert set(seen) == {0}


def test_writers_that_read_first_never_find_the_store_locked(store: Store) -> None:
    waits: list[float] = []
    add_account(store, "a")

    def work(_: int) -> None:
        for _turn in range(40):
            began = time.monotonic()
            with store.write() as transaction:
                value = transaction.connection.execute(select(tables.account.c.change).with_for_update()).scalar_one()
                transaction.connection.execute(update(tables.account).values(change=value + 1))
            waits.append(time.monotonic() - began)

    with ThreadPoolExecutor(WRITERS + 1) as threads:
        reading = threads.submit(lambda: [count_accounts(store) for _ in range(200)])
        list(threads.map(work, range(WRITERS)))

    with store.read() as transaction:
        assert transaction.connection.execute(select(tables.account.c.change)).scalar_one() == WRITERS * 40
    assert reading.result() == [1] * 200
    assert max(waits) < 20


def test_two_processes_stores_on_one_file_wait_for_one_another(sqlite_url: str) -> None:
    stores = [Store.open(sqlite_url) for _ in range(3)]  # each has a lock of its own, as processes have

    def work(number: int) -> None:
        for turn in range(20):
            add_account(stores[number], f"{number}-{turn}")

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(work, range(3)))

    assert count_accounts(stores[0]) == 60
    for store in stores:
        store.close()


def test_a_reader_is_not_held_up_by_a_long_write(store: Store) -> None:
    with store.write() as transaction:
        transaction.connection.execute(tables.account.insert().values(guid="a", created_at=0, updated_at=0))
        began = time.monotonic()
        with ThreadPoolExecutor(1) as threads:
            seen = threads.submit(count_accounts, store).result()

    assert seen == 0
    assert time.monotonic() - began < 5


def test_a_reading_transaction_does_not_write(postgresql_url: str) -> None:
    store = Store.open(postgresql_url)

    with pytest.raises(Exception, match="read-only"), store.read() as transaction:
        transaction.connection.execute(tables.account.insert().values(guid="a", created_at=0, updated_at=0))

    store.close()


def test_connections_beyond_the_bound_are_refused(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slotport.storage.engine.BUSY_TIMEOUT_SECONDS", 0.2)
    store = Store.open(database_url, connections=2)

    with store.read(), store.read(), pytest.raises(Unavailable, match="too much to do"), store.read():
        pass

    assert count_accounts(store) == 0
    store.close()


def test_a_writer_that_waits_too_long_is_told_so(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slotport.storage.engine.BUSY_TIMEOUT_SECONDS", 0.2)
    first, other = Store.open(database_url), Store.open(database_url)

    def refused(store: Store) -> str:
        with pytest.raises(Unavailable) as error, store.write() as transaction:
            assert transaction.change == 0
        return str(error.value)

    with first.write() as transaction, ThreadPoolExecutor(1) as threads:
        assert transaction.change == 1
        answers = [threads.submit(refused, store).result() for store in (first, other)]

    assert answers == ["the store is busy with a long change; try again"] * 2
    first.close()
    other.close()


def test_a_lost_connection_is_unavailable_and_the_next_one_works(postgresql: Cluster, postgresql_url: str) -> None:
    store = Store.open(postgresql_url)

    def losing() -> None:
        with store.write() as transaction:
            own = transaction.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            transaction.connection.execute(tables.account.insert().values(guid="a", created_at=0, updated_at=0))
            postgresql.admin(f"SELECT pg_terminate_backend({own})")
            transaction.connection.execute(text("SELECT 1"))

    with pytest.raises(Unavailable):
        losing()

    add_account(store, "b")
    assert count_accounts(store) == 1
    store.close()


def test_a_stopped_server_is_unavailable_until_it_is_back(postgresql: Cluster, postgresql_url: str) -> None:
    store = Store.open(postgresql_url)
    add_account(store, "a")

    postgresql.stop()
    try:
        with pytest.raises(Unavailable):
            store.ping()
        with pytest.raises(Unavailable):
            add_account(store, "b")
    finally:
        postgresql.start()

    add_account(store, "c")
    assert count_accounts(store) == 2
    store.close()


def test_a_server_that_does_not_answer_is_unavailable(postgresql: Cluster, postgresql_url: str) -> None:
    store = Store.open(postgresql_url)
    add_account(store, "a")

    with postgresql.frozen():
        for _ in range(2):  # of a connection that lay idle, and of a new one
            with pytest.raises(Unavailable):
                store.ping()

    add_account(store, "b")
    assert count_accounts(store) == 2
    store.close()


def test_a_writer_that_fell_asleep_holds_nobody_up(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slotport.storage.store.IDLE_SECONDS", 0.2)
    store = Store.open(postgresql_url)

    def asleep() -> None:
        with store.write() as transaction:
            assert transaction.change == 1
            with store.write() as other:
                assert other.change == 1
            add_account(store, "b")
            transaction.connection.execute(tables.account.insert().values(guid="a", created_at=0, updated_at=0))

    with pytest.raises(Unavailable, match="went away"):
        asleep()

    assert count_accounts(store) == 1
    store.close()


def test_a_bulk_insert_that_was_cut_is_unavailable(postgresql: Cluster, postgresql_url: str) -> None:
    store = Store.open(postgresql_url)

    def rows(own: int) -> Iterator[tuple[str, int, int]]:
        yield ("0", 0, 0)
        postgresql.admin(f"SELECT pg_terminate_backend({own})")
        yield from ((f"{number}" * 100, 0, 0) for number in range(1, 50_000))

    def cut() -> None:
        with store.write() as transaction:
            own = transaction.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            insert_many(transaction.connection, tables.account, ("guid", "created_at", "updated_at"), rows(own))

    with pytest.raises(Unavailable, match="went away"):
        cut()

    assert count_accounts(store) == 0
    store.close()


def test_a_missing_file_system_is_unavailable(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/slotport.db")
    (tmp_path / "slotport.db").mkdir()  # no file can be opened there

    with pytest.raises(Unavailable):
        store.ping()

    store.close()


@pytest.fixture
def small_store(sqlite_url: str) -> Iterator[Callable[[int], Store]]:
    opened: list[Store] = []

    def small(pages: int) -> Store:
        store = Store.open(sqlite_url, connections=1)
        opened.append(store)
        with store.read() as transaction:
            transaction.connection.execute(text(f"PRAGMA max_page_count={pages}"))
        return store

    yield small
    for store in opened:
        store.close()


def test_a_full_disk_is_unavailable_and_changes_nothing(small_store: Callable[[int], Store]) -> None:
    store = small_store(1)  # SQLite takes no fewer pages than there are: the file cannot grow
    add_account(store, "a")
    rows = [{"guid": f"{n}", "username": "x" * 500, "created_at": 0, "updated_at": 0} for n in range(20_000)]

    with pytest.raises(Unavailable, match="full") as refused, store.write() as transaction:
        transaction.connection.execute(tables.account.insert(), rows)

    assert refused.value.retry_after_seconds == 60
    assert count_accounts(store) == 1


def test_closing_leaves_no_thread_and_no_log_behind(sqlite_url: str) -> None:
    before = set(threading.enumerate())
    store = Store.open(sqlite_url)
    add_account(store, "a")

    store.close()

    assert not Path(sqlite_url.removeprefix("sqlite:///") + "-wal").exists()
    assert set(threading.enumerate()) <= before
