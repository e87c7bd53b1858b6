"""A program keeps off a database that another version migrated while it ran."""

import threading
import time
from contextlib import closing

import pytest

from slotport.storage import guard, schema
from slotport.storage.guard import OTHER_SCHEMA, OtherSchema
from slotport.storage.store import Store


def set_revision(database_url: str, revision: str) -> None:
    with closing(Store.open(database_url, connections=1)) as other, other.write() as transaction:
        transaction.connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")


@pytest.fixture
def told(store: Store) -> list[str]:
    """The store watches its schema; which others it has told of."""
    found: list[str] = []
    store.require(schema.wanted(), found.append)
    return found


def written(store: Store) -> str:
    """What a writer is told."""
    try:
        with store.write() as transaction:
            transaction.connection.exec_driver_sql("SELECT count(*) FROM account")
    except OtherSchema as error:
        return str(error)
    return "done"


def read(store: Store) -> str:
    """What a reader is told."""
    try:
        store.ping()
    except OtherSchema as error:
        return str(error)
    return "done"


def test_the_schema_that_is_wanted_is_worked_with(store: Store, told: list[str]) -> None:
    assert (written(store), read(store), store.write_if_free(lambda _: None), told) == ("done", "done", True, [])


def test_another_schema_is_neither_read_nor_written(store: Store, told: list[str], database_url: str) -> None:
    set_revision(database_url, "9999")

    assert (written(store), read(store)) == (OTHER_SCHEMA, OTHER_SCHEMA)
    assert not store.write_if_free(lambda _: pytest.fail("the transaction began"))
    assert told == ["9999"]


def test_readers_look_once_in_a_while(store: Store, told: list[str], database_url: str) -> None:
    set_revision(database_url, "9999")
    end = time.monotonic() + guard.LOOK_SECONDS + 20
    while read(store) == "done":
        assert time.monotonic() < end
        time.sleep(0.1)

    assert told == ["9999"]


def test_work_goes_on_when_the_schema_is_back(store: Store, told: list[str], database_url: str) -> None:
    set_revision(database_url, "9999")
    refused = written(store)
    set_revision(database_url, schema.wanted())

    assert (refused, read(store), written(store), told) == (OTHER_SCHEMA, "done", "done", ["9999"])


@pytest.mark.only("postgresql")
def test_a_column_that_is_gone_is_an_upgrade(store: Store, told: list[str], database_url: str) -> None:
    with closing(Store.open(database_url, connections=1)) as other, other.write() as transaction:
        transaction.connection.exec_driver_sql("ALTER TABLE account RENAME COLUMN username TO called")
        transaction.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(OtherSchema), store.read() as transaction:
        transaction.connection.exec_driver_sql("SELECT username FROM account")

    assert told == ["9999"]


@pytest.mark.only("postgresql")
def test_a_migration_waits_for_writers_and_they_for_it(store: Store, told: list[str], database_url: str) -> None:
    order = []
    begun, has_lock, may_end = threading.Event(), threading.Event(), threading.Event()

    def migrate() -> None:
        with closing(Store.open(database_url, connections=1)) as other, other.write() as transaction:
            begun.set()
            transaction.connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({guard.LOCK_KEY})")
            order.append("migration")
            has_lock.set()
            transaction.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
            may_end.wait(30)

    migration = threading.Thread(target=migrate)
    late = threading.Thread(target=lambda: order.append(written(store)))
    with store.write():
        migration.start()
        begun.wait(30)
        time.sleep(0.2)
        order.append("writer")
    has_lock.wait(30)
    late.start()
    time.sleep(0.2)
    may_end.set()
    late.join(30)
    migration.join(30)

    assert order == ["writer", "migration", OTHER_SCHEMA]
