"""The schema's versions, from an empty database on; on both databases."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text

from slotport.storage import schema, tables, tables_exports, tables_sign_in  # noqa: F401 - all tables
from slotport.storage.schema import WrongSchema
from slotport.storage.store import Store

NEXT = """import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{before}", None, None


def upgrade() -> None:
    with op.batch_alter_table("account", recreate="auto") as table:
        table.add_column(sa.Column("added", sa.Text(), nullable=False, server_default=""))
"""


@pytest.fixture
def blank(blank_url: str) -> Iterator[Store]:
    store = Store.open(blank_url)
    yield store
    store.close()


def set_revision(store: Store, revision: str) -> None:
    with store.write() as transaction:
        transaction.connection.execute(text("UPDATE alembic_version SET version_num = :name"), {"name": revision})


def test_an_empty_database_gets_every_table_and_the_counter(blank: Store) -> None:
    migrated = schema.migrate(blank.engine)

    assert migrated == (None, schema.wanted())
    assert set(inspect(blank.engine).get_table_names()) == {"alembic_version", *tables.metadata.tables}
    with blank.read() as transaction:
        assert [tuple(row) for row in transaction.connection.execute(select(tables.counter))] == [(1, 0, 0)]


def test_the_wanted_schema_passes_and_is_left_alone(store: Store) -> None:
    schema.check(store.engine)

    assert schema.migrate(store.engine) == (schema.wanted(), schema.wanted())


def test_an_empty_database_is_told_to_migrate(blank: Store) -> None:
    with pytest.raises(WrongSchema, match="run `slotport migrate`"):
        schema.check(blank.engine)


def test_tables_of_another_program_are_left_alone(blank: Store) -> None:
    with blank.write() as transaction:
        transaction.connection.execute(text("CREATE TABLE account (id INTEGER)"))

    with pytest.raises(WrongSchema, match="another program keeps its table account"):
        schema.migrate(blank.engine)

    assert inspect(blank.engine).get_table_names() == ["account"]


def test_a_newer_schema_is_refused(store: Store) -> None:
    set_revision(store, "9999")

    for verb in (schema.check, schema.migrate):
        with pytest.raises(WrongSchema) as refused:
            verb(store.engine)
        assert str(refused.value) == (
            "a newer Slotport made this database (schema 9999): install that version, or restore a backup"
        )


def test_the_migrations_make_what_tables_say(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        differences = compare_metadata(context, tables.metadata)

    assert differences == []


def test_a_migration_that_fails_changes_nothing(blank: Store) -> None:
    with blank.write() as transaction:  # stands where the last of the tables should be
        transaction.connection.execute(text("CREATE TABLE scheduled (id INTEGER)"))

    with pytest.raises(Exception, match=r"(?i)scheduled"):
        schema.migrate(blank.engine)

    assert inspect(blank.engine).get_table_names() == ["scheduled"]


@pytest.fixture
def before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A Slotport with one migration more; the version that is the newest without it."""
    newest = schema.wanted()
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder)
    (folder / "versions" / "9999_next.py").write_text(NEXT.format(before=newest))
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    return newest


def test_an_older_schema_is_told_to_migrate_and_keeps_its_rows(store: Store, before: str) -> None:
    with store.write() as transaction:
        transaction.connection.execute(tables.account.insert().values(guid="a", created_at=0, updated_at=0))

    with pytest.raises(WrongSchema, match="run `slotport migrate`"):
        schema.check(store.engine)
    migrated = schema.migrate(store.engine)

    schema.check(store.engine)
    assert migrated == (before, "9999")
    with store.read() as transaction:
        assert transaction.connection.execute(text("SELECT guid, added FROM account")).all() == [("a", "")]


def test_an_older_file_is_copied_before_it_is_changed(sqlite_url: str, before: str) -> None:
    store = Store.open(sqlite_url)
    with store.write() as transaction:
        transaction.connection.execute(tables.account.insert().values(guid="a", created_at=0, updated_at=0))

    schema.migrate(store.engine)

    copy = Path(sqlite_url.removeprefix("sqlite:///") + f".before-{before}")
    with closing(sqlite3.connect(copy)) as opened:
        assert opened.execute("SELECT guid FROM account").fetchall() == [("a",)]
        assert opened.execute("SELECT version_num FROM alembic_version").fetchall() == [(before,)]
    store.close()


def test_foreign_keys_hold_again_after_a_migration(blank: Store) -> None:
    schema.migrate(blank.engine)

    with pytest.raises(Exception, match=r"(?i)foreign key"), blank.write() as transaction:
        transaction.connection.execute(
            tables_sign_in.reset.insert().values(secret_hash=b"", account_id=1, created_at=0, expires_at=0)
        )
