"""A command line of its own for each test."""

from pathlib import Path

import pytest

from tests.cli.commands import Command
from tests.homes import copy_folder

EMAIL = "ann@example.org"


@pytest.fixture(autouse=True, scope="session")
def _on_each_kind(database: str) -> None:
    """Commands work on either kind of database."""


@pytest.fixture
def slotport(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture(scope="session")
def _with_ann(database: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ann")
    assert Command(folder)("account", "add", EMAIL, typed="correct horse\n").status == 0
    return folder


@pytest.fixture
def peopled(slotport: Command, _with_ann: Path) -> Command:
    """With an account of ann@example.org."""
    copy_folder(_with_ann, slotport.folder)
    return slotport
