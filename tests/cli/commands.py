"""Runs ``slotport`` as people do: its own process, a data folder of its own."""

import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.homes import variables_of


@dataclass(frozen=True)
class Told:
    """What a command left behind."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Command:
    """The command line on one data folder."""

    folder: Path

    def environment(self, **variables: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SLOTPORT_")}
        fixed = {"SLOTPORT_DATA": str(self.folder), "COLUMNS": "200", "PYTHONWARNINGS": "error"}
        if "SLOTPORT_DATABASE" not in variables:
            fixed |= variables_of(Path(variables.get("SLOTPORT_DATA", self.folder)))
        return inherited | fixed | variables

    def __call__(self, *arguments: str, typed: str | bytes = "", **variables: str) -> Told:
        return self._told([sys.executable, "-m", "slotport", *arguments], typed, variables)

    def in_shell(self, *arguments: str, redirection: str) -> Told:
        """What it leaves with its input or output elsewhere: ``redirection`` stands behind it in a shell's line."""
        line = shlex.join([sys.executable, "-m", "slotport", *arguments])
        return self._told(["/bin/sh", "-c", f"{line} {redirection}"], "", {})

    def _told(self, command: list[str], typed: str | bytes, variables: dict[str, str]) -> Told:
        done = subprocess.run(
            command,
            input=typed.encode() if isinstance(typed, str) else typed,
            capture_output=True,
            env=self.environment(**variables),
            timeout=120,
            check=False,
        )
        # an SQLite with a known fault is told of by `serve` alone
        return Told(done.returncode, done.stdout.decode(), done.stderr.decode())
