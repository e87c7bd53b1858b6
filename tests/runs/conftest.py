"""All of these tests run on each kind of database."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def _on_each_kind(database: str) -> None:
    """Runs read from either kind of database."""
