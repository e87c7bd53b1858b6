"""Where servers and commands of the tests have their database: in their data folder, or in PostgreSQL.

The fixture ``database`` (tests/databases.py) says which of both.
"""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # pytest wants to be the first to import its fixtures' modules
    from tests.databases import Cluster


@dataclass
class Homes:
    """Where servers and commands have their databases."""

    cluster: "Cluster | None" = None  #: None: in SQLite files
    template: Path | None = None  #: an SQLite file with the schema
    is_asked: bool = False  #: whether the test says that it runs on either kind; else it is on SQLite
    names: dict[Path, str] = field(default_factory=dict)  #: of databases in PostgreSQL, by data folder


here = Homes()


def _cluster() -> "Cluster | None":
    return here.cluster if here.is_asked else None


def url_of(data: Path) -> str:
    """Where a data folder's database is, of the kind that the test runs on.

    It is made with the schema when it is asked for first.
    """
    if (cluster := _cluster()) is None:
        file = data.absolute() / "slotport.db"
        if here.template is not None and not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(here.template, file)
        return f"sqlite:///{file}"
    if data not in here.names:
        here.names[data] = cluster.add_database()
    return cluster.url(here.names[data])


def variables_of(data: Path) -> dict[str, str]:
    """The environment of a program with that data folder: nothing, or where in PostgreSQL its database is."""
    return {} if _cluster() is None else {"SLOTPORT_DATABASE": url_of(data)}


def copy_folder(source: Path, target: Path) -> None:
    """Give a data folder what another one has, its database included. Nobody uses the other one."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    if (cluster := _cluster()) is not None and source in here.names:
        here.names[target] = cluster.add_database(here.names[source])


def remove_databases(below: Path) -> None:
    """Delete the databases in PostgreSQL of all data folders in there."""
    for data in [data for data in here.names if data.is_relative_to(below)]:
        name = here.names.pop(data)
        if here.cluster is not None:
            here.cluster.remove_database(name)
