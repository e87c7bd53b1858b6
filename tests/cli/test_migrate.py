"""The schema from the command line: several who migrate at once, and a server that finds another schema."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from slotport.storage import schema
from slotport.storage.store import Store
from tests.cli.commands import Command

TOGETHER = 4


def test_of_several_at_once_one_migrates(slotport: Command, blank_url: str) -> None:
    with ThreadPoolExecutor(TOGETHER) as pool:
        told = list(pool.map(lambda _: slotport("migrate", SLOTPORT_DATABASE=blank_url), range(TOGETHER)))

    done = f"schema {schema.wanted()}: "
    assert [(one.status, one.err) for one in told] == [(0, "")] * TOGETHER
    assert sorted(one.out for one in told) == [
        f"{done}before it was empty\n",
        *[f"{done}was up to date\n"] * (TOGETHER - 1),
    ]


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        (None, "the database needs its schema brought up to date: run `slotport migrate`"),
        ("0001", "the database needs its schema brought up to date: run `slotport migrate`"),
        ("9999", "a newer Slotport made this database (schema 9999): install that version, or restore a backup"),
    ],
)
def test_a_server_refuses_another_schema_on_postgresql(
    slotport: Command, postgresql_url: str, revision: str | None, said: str
) -> None:
    store = Store.open(postgresql_url, connections=1)
    with store.write() as transaction:
        said_so = "DROP TABLE alembic_version" if revision is None else "UPDATE alembic_version SET version_num = :name"
        transaction.connection.execute(text(said_so), {"name": revision})
    store.close()

    told = slotport("serve", "--port", "0", SLOTPORT_DATABASE=postgresql_url)

    assert (told.status, told.err.splitlines()[-1]) == (1, f"slotport: {said}")
