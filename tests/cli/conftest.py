"""A command line of its own for each test."""

from pathlib import Path
from shutil import copytree

import pytest

from tests.cli.commands import Command

EMAIL = "ann@example.org"


@pytest.fixture
def slotport(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture(scope="session")
def _with_ann(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ann")
    assert Command(folder)("account", "add", EMAIL, typed="correct horse\n").status == 0
    return folder


@pytest.fixture
def peopled(slotport: Command, _with_ann: Path) -> Command:
    """With an account of ann@example.org."""
    copytree(_with_ann, slotport.folder, dirs_exist_ok=True)
    return slotport
