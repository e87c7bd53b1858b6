"""What is done for each database by itself: bulk inserts, pragmas, the write-back of SQLite's log."""

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from slotport.errors import Invalid, Unavailable
from slotport.storage import tables, tables_sign_in
from slotport.storage.engine import CHECKPOINT_BYTES, among, insert_many, open_engine, update_many
from slotport.storage.store import Store
from tests.calendars import counted_statements

NAMES = ("guid", "username", "email", "push", "created_at", "updated_at", "change")


def row(number: int) -> tuple[Any, ...]:
    odd = "tab\tback\\slash\nnewline \\N é 😀 'quote' \"double\" {brace}"
    return (str(number), f"{odd}{number}", None, number % 2 == 0, -(2**40) + number, number, number)


@pytest.mark.parametrize("count", [0, 1, 2001, 5000])
def test_many_rows_arrive_as_they_were_given(store: Store, count: int) -> None:
    with store.write() as transaction:
        insert_many(transaction.connection, tables.account, NAMES, (row(number) for number in range(count)))

    with store.read() as transaction:
        columns = [tables.account.c[name] for name in NAMES]
        rows = transaction.connection.execute(select(*columns).order_by(tables.account.c.id)).all()
    assert [tuple(found) for found in rows] == [row(number) for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 1001])
def test_what_all_rows_say_arrives_in_each(store: Store, count: int) -> None:
    said = ("", None, True, -(2**40), 0, 5)
    with store.write() as transaction:
        insert_many(transaction.connection, tables.account, NAMES, [(str(number), *said) for number in range(count)])

    with store.read() as transaction:
        columns = [tables.account.c[name] for name in NAMES]
        rows = transaction.connection.execute(select(*columns).order_by(tables.account.c.id)).all()
    assert [tuple(found) for found in rows] == [(str(number), *said) for number in range(count)]


def test_bytes_and_real_numbers_arrive_as_they_were_given(store: Store) -> None:
    with store.write() as transaction:
        insert_many(transaction.connection, tables.account, NAMES, [row(1)])
        account = transaction.connection.execute(select(tables.account.c.id)).scalar_one()
        insert_many(
            transaction.connection,
            tables_sign_in.session,
            ("token_hash", "account_id", "surface", "created_at", "used_at", "expires_at"),
            [(bytes(range(32)), account, "v1", 1, 2, 3)],
        )
        insert_many(
            transaction.connection,
            tables.account_place,
            ("account_id", "uuid", "latitude", "longitude", "private_location"),
            [(account, "u", 0.1 + 0.2, -1e-300, True)],
        )

    with store.read() as transaction:
        place = tables.account_place.c
        token = transaction.connection.execute(select(tables_sign_in.session.c.token_hash)).scalar_one()
        found = transaction.connection.execute(select(place.latitude, place.longitude, place.private_location)).one()
    assert bytes(token) == bytes(range(32))
    assert tuple(found) == (0.1 + 0.2, -1e-300, True)


def test_a_row_that_does_not_fit_takes_all_others_with_it(store: Store) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)unique"), store.write() as transaction:
        insert_many(transaction.connection, tables.account, NAMES, [row(1), row(2), row(1)])

    with store.read() as transaction:
        assert transaction.connection.execute(select(tables.account.c.id)).all() == []


def test_many_rows_change_in_one_statement(store: Store) -> None:
    with store.write() as transaction:
        insert_many(transaction.connection, tables.account, NAMES, [row(number) for number in range(1000)])
    changed = [(str(number), f"new {row(number)[1]}", None, True) for number in range(0, 1000, 2)]

    with counted_statements(store) as statements, store.write() as transaction:
        update_many(transaction.connection, tables.account, "guid", ("username", "email", "push"), changed)
        update_many(transaction.connection, tables.account, "guid", ("username",), [])

    with store.read() as transaction:
        account = tables.account.c
        columns = [account.guid, account.username, account.email, account.push]
        rows = transaction.connection.execute(select(*columns).order_by(account.id)).all()
    assert [tuple(found) for found in rows] == [
        changed[number // 2] if number % 2 == 0 else row(number)[:4] for number in range(1000)
    ]
    assert len([statement for statement in statements if statement.startswith("UPDATE")]) == 1


@pytest.mark.parametrize("wanted", [[], ["3"], ["1", "4", "nobody", "it's {a} \\ list"]])
def test_rows_among_many_are_found(store: Store, wanted: list[str]) -> None:
    with store.write() as transaction:
        insert_many(transaction.connection, tables.account, NAMES, [row(number) for number in range(10)])

    with store.read() as transaction:
        guid = tables.account.c.guid
        found = transaction.connection.scalars(select(guid).where(among(transaction.connection, guid, wanted))).all()

    assert sorted(found) == [text for text in wanted if text.isdigit()]


def test_texts_are_in_order_of_code_points_on_both(store: Store) -> None:
    phones = ["Z", "a", "B", "é", "😀", "_", "10", "9", "￼"]
    with store.write() as transaction:
        rows = [(str(number), 0, 0, phone) for number, phone in enumerate(phones)]
        insert_many(transaction.connection, tables.account, ("guid", "created_at", "updated_at", "phone"), rows)

    with store.read() as transaction:
        found = transaction.connection.execute(select(tables.account.c.phone).order_by(tables.account.c.phone))
        assert list(found.scalars()) == sorted(phones)


def test_sqlite_keeps_what_it_has_answered_and_checks_references(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)

    with store.read() as transaction:
        pragmas = {
            name: transaction.connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint")
        }

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "wal_autocheckpoint": 0}
    store.close()


def test_a_big_log_is_written_back(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    log, before = Path(f"{file}-wal"), file.stat().st_size
    with store.write() as transaction:
        rows = ((str(number), 0, 0, "x" * 1000) for number in range(6000))
        insert_many(transaction.connection, tables.account, ("guid", "created_at", "updated_at", "username"), rows)

    assert log.stat().st_size > CHECKPOINT_BYTES
    until = time.monotonic() + 20
    while file.stat().st_size < before + CHECKPOINT_BYTES and time.monotonic() < until:
        time.sleep(0.05)

    assert file.stat().st_size > before + CHECKPOINT_BYTES
    store.close()


def test_another_database_is_refused() -> None:
    with pytest.raises(ValueError, match="not in mysql"):
        open_engine("mysql+pymysql://localhost/slotport")


@pytest.mark.parametrize("url", ["postgresql+psycopg://:::", "postgresql+psycopg://host:port/name", "nothing"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match=r"^database is not an address"):
        open_engine(url)


def test_a_file_of_something_else_is_told(tmp_path: Path) -> None:
    file = tmp_path / "slotport.db"
    file.write_bytes(b"no database" * 500)
    store = Store.open(f"sqlite:///{file}")

    with pytest.raises(Unavailable, match="is not an SQLite database"):
        store.ping()

    store.close()


def test_the_folder_of_a_new_file_is_made(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/a/b/slotport.db")

    store.ping()

    assert (tmp_path / "a" / "b" / "slotport.db").exists()
    store.close()
