"""A statement whose result nobody wants any more."""

import pytest

from slotport.errors import Unavailable
from slotport.storage.interrupts import interruptible
from slotport.storage.store import Store

ENDLESS = {
    "sqlite": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c",
    "postgresql": "SELECT pg_sleep(600)",
}


def test_it_ends_early(store: Store) -> None:
    statement = ENDLESS[store.engine.dialect.name]

    with pytest.raises(Unavailable), store.read() as transaction, interruptible(transaction, lambda: False):
        transaction.connection.exec_driver_sql(statement)

    store.ping()


def test_one_that_is_wanted_is_let_alone(store: Store) -> None:
    with store.read() as transaction, interruptible(transaction, lambda: True):
        assert transaction.connection.exec_driver_sql("SELECT 7").scalar_one() == 7
