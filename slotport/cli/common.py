"""What all commands share: the options that choose the store, the exit statuses, and what is shown of texts."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slotport import settings as all_settings
from slotport.settings import Settings

if TYPE_CHECKING:
    from slotport.storage.store import Store

DONE = 0
FAILED = 1  #: nothing was done; the text on standard error says why
WRONG_USE = 2  #: the command line or a setting is wrong
PARTLY = 3  #: some was done

STATUSES = """Exit status: 0 done; 1 refused or failed, the reason stands on standard error; 2 the command line or a
setting is wrong."""

Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="TOML file with settings (SLOTPORT_CONFIG).")
]
Database = Annotated[
    str | None, typer.Option("--database", metavar="URL", help="Where slots are stored (SLOTPORT_DATABASE).")
]
Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Data folder (SLOTPORT_DATA).")]


def read_settings(config: Path | None, **given: Any) -> Settings:
    """The effective settings, options of the command line first; logs go where they say."""
    return all_settings.read(os.environ, config, **given)


@contextmanager
def store_of(settings: Settings) -> "Iterator[Store]":
    """The store, ready to use, until the end of the block; only warnings are logged."""
    # the database's libraries take half a second that a help text need not wait for
    from dataclasses import replace

    from slotport.api import logs
    from slotport.api.opening import opened

    quiet = "warning" if settings.log_level in ("debug", "info") else settings.log_level
    logs.configure(replace(settings, log_level=quiet, log_format="text"))
    with opened(settings) as store:
        yield store


def now() -> datetime:
    """The time, by this machine's clock."""
    return datetime.now(UTC)


def complain(text: str) -> None:
    """Say on standard error what went wrong."""
    sys.stderr.write(f"slotport: {printable(text)}\n")


def printable(text: str) -> str:
    """The text without characters that a terminal would act on."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
