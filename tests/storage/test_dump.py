"""Rows as lines and back: the same on both databases, and nothing half done."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, text

from slotport.errors import Conflict, NotFound
from slotport.storage import dump, schema, tables_sign_in
from slotport.storage.dump import Shape
from slotport.storage.dump_load import Rejected, filling
from slotport.storage.engine import open_engine
from slotport.storage.schema import WrongSchema
from slotport.storage.store import Store
from slotport.storage.tables_exports import metadata
from tests.calendars import add_person
from tests.memory import peak
from tests.storage.filled import fill, lines_of

SHAPES = dump.shapes()


@contextmanager
def opened(url: str) -> Iterator[Store]:
    with closing(Store.open(url)) as store:
        yield store


def moved(from_url: str, to_url: str) -> None:
    """Fill an empty store with the rows of another one."""
    with dump.source(from_url) as source, source.snapshot() as transaction:
        sequences = dump.sequences(transaction)
    found = lines_of(from_url)
    with filling(to_url, schema.wanted(), SHAPES) as target:
        for shape in SHAPES:
            target.put(shape, found[shape.name])
        target.migrate()
        assert target.broken_links() == []
        target.set_sequences(sequences)


def export_id(url: str, owner_id: int) -> int:
    """The id that the database gives to a new export."""
    values = {"state": "new", "type": "export", "passkey": "x", "created_at": 1, "updated_at": 1, "version": 1}
    with opened(url) as store, store.write() as transaction:
        statement = insert(metadata.tables["export"]).values(owner_id=owner_id, **values)
        return int(transaction.connection.execute(statement.returning(metadata.tables["export"].c.id)).scalar_one())


def test_equal_rows_give_equal_lines_on_both_databases(sqlite_url: str, postgresql_url: str) -> None:
    for url in (sqlite_url, postgresql_url):
        with opened(url) as store:
            fill(store)

    assert lines_of(sqlite_url) == lines_of(postgresql_url)
    assert [name for name, lines in lines_of(sqlite_url).items() if not lines] == []


def test_rows_move_to_the_other_database_and_back(sqlite_url: str, postgresql_url: str, tmp_path: Path) -> None:
    with opened(sqlite_url) as store:
        fill(store)
    back = f"sqlite:///{tmp_path / 'back.db'}"

    moved(sqlite_url, postgresql_url)
    moved(postgresql_url, back)

    assert lines_of(postgresql_url) == lines_of(sqlite_url)
    assert lines_of(back) == lines_of(sqlite_url)


def test_the_number_of_a_deleted_export_is_not_given_again(database_url: str, blank_url: str) -> None:
    with opened(database_url) as store:
        owner = add_person(store)
    last = [export_id(database_url, owner.id) for _ in range(3)][-1]
    with opened(database_url) as store, store.write() as transaction:
        transaction.connection.execute(text(f"DELETE FROM export WHERE id >= {last - 1}"))

    moved(database_url, blank_url)

    assert export_id(blank_url, owner.id) == last + 1


def test_new_people_get_ids_after_those_that_came(database_url: str, blank_url: str) -> None:
    with opened(database_url) as store:
        last = [add_person(store).id for _ in range(3)][-1]

    moved(database_url, blank_url)

    with opened(blank_url) as store:
        assert add_person(store).id == last + 1


def test_a_snapshot_is_of_one_moment(database_url: str) -> None:
    people = next(shape for shape in SHAPES if shape.name == "account")
    with opened(database_url) as store, dump.source(database_url) as source:
        add_person(store)
        with source.snapshot() as transaction:
            before = dump.counted(transaction, people)
            add_person(store)
            during = dump.counted(transaction, people)
        with source.snapshot() as transaction:
            after = dump.counted(transaction, people)

    assert (before.rows, during, after.rows) == (1, before, 2)


def test_no_store_is_made_where_none_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none' / 'slotport.db'}"

    with pytest.raises(NotFound, match="there is no store"), dump.source(url):
        pass

    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_in_use_is_not_filled(database_url: str) -> None:
    with opened(database_url) as store:
        add_person(store)
    before = lines_of(database_url)

    with pytest.raises(Conflict, match="not empty"), filling(database_url, schema.wanted(), SHAPES):
        pass

    assert lines_of(database_url) == before


def test_a_store_of_another_program_is_not_filled(blank_url: str) -> None:
    with closing(Store.open(blank_url)) as store, store.write() as transaction:
        transaction.connection.execute(text("CREATE TABLE account (id integer)"))

    with pytest.raises(Conflict, match="keeps its table account"), filling(blank_url, schema.wanted(), SHAPES):
        pass


def test_a_newer_schema_is_refused(blank_url: str) -> None:
    with pytest.raises(WrongSchema, match="newer Slotport"), filling(blank_url, "9999", SHAPES):
        pass


def test_rows_of_an_older_schema_are_migrated(blank_url: str, sqlite_url: str) -> None:
    with opened(sqlite_url) as store:
        person = add_person(store)
    shapes = [shape for shape in SHAPES if shape.name in ("account", "counter")]
    found = lines_of(sqlite_url)

    with filling(blank_url, "0002", shapes) as target:
        for shape in shapes:
            target.put(shape, found[shape.name])
        target.migrate()
        target.set_sequences({})

    assert lines_of(blank_url)["account"] == found["account"]
    with opened(blank_url) as store:
        schema.check(store.engine)
        assert add_person(store).id != person.id


ACCOUNT = Shape(name="account", columns=(("id", "integer"), ("guid", "text")), key=("id",))


@pytest.mark.parametrize("lines", [b"[1]\n", b'["x", "y"]\n', b"[1, \xff]\n", b"[", b'[1, "x"]\n[1, "y"]\n'])
def test_what_does_not_fit_is_rejected_and_nothing_stays(blank_url: str, lines: bytes) -> None:
    with pytest.raises(Rejected, match="account"), filling(blank_url, schema.wanted(), [ACCOUNT]) as target:
        target.put(ACCOUNT, lines)

    engine = open_engine(blank_url)
    assert set(inspect(engine).get_table_names()) & set(metadata.tables) == set()
    engine.dispose()


def test_a_row_without_the_one_it_refers_to_is_seen(tmp_path: Path) -> None:
    place = Shape(name="session", columns=(("token_hash", "bytes"), ("account_id", "integer")), key=("token_hash",))
    full = next(shape for shape in SHAPES if shape.name == place.name)
    with filling(f"sqlite:///{tmp_path / 'new.db'}", schema.wanted(), [full]) as target:
        target.put(full, b'["AAAA",99,"v1",null,1,1,1]\n')
        found = target.broken_links()
        target.connection.execute(tables_sign_in.session.delete())

    assert found == ["session"]


def test_memory_does_not_grow_with_the_rows(sqlite_url: str) -> None:
    with opened(sqlite_url) as store, store.write() as transaction:
        rows = [{"name": f"{number}{'x' * 1000}", "count": 1, "expires_at": number} for number in range(20_000)]
        transaction.connection.execute(insert(metadata.tables["tries"]), rows)
    shape = Shape(name="tries", columns=(("name", "text"), ("count", "integer")), key=("name",))

    def count() -> None:
        with dump.source(sqlite_url) as source, source.snapshot() as transaction:
            assert dump.counted(transaction, shape).rows == 20_000

    assert peak(count) < 4 * 1024 * 1024
