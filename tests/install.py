"""Installs what the tests need beside Python packages: run by `make test`, does nothing the second time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: Debian's packages of the programs that test archives, by program
ARCHIVERS = {"unzip": "unzip", "zip": "zip", "7z": "p7zip-full", "bsdtar": "libarchive-tools", "tar": "tar"}
CLUSTERS = Path("/etc/postgresql-common/createcluster.conf")


def main() -> None:
    """Install PostgreSQL where possible, and the programs that give tests a second opinion."""
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        try:
            _postgresql()
        except subprocess.CalledProcessError as error:  # apt-get has said why
            print(f"PostgreSQL is not installed: {error}; its tests will be skipped", file=sys.stderr)
    if missing := [package for program, package in ARCHIVERS.items() if shutil.which(program) is None]:
        try:
            _debian(missing)
        except subprocess.CalledProcessError as error:
            print(f"{', '.join(missing)} not installed: {error}; their tests will be skipped", file=sys.stderr)
    done = subprocess.run([sys.executable, "-m", "tests.oracles.install"], check=False)
    if done.returncode:
        print("the programs for a second opinion are not installed; their tests will be skipped", file=sys.stderr)


def _debian(packages: list[str]) -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"{', '.join(packages)} not installed: their tests will be skipped", file=sys.stderr)
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    subprocess.run([*apt, "update"], env=environment, check=True, stdout=subprocess.DEVNULL)
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    subprocess.run(install, env=environment, check=True, stdout=subprocess.DEVNULL)


def _postgresql() -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print("PostgreSQL is not installed: its tests will be skipped", file=sys.stderr)
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    subprocess.run([*apt, "update"], env=environment, check=True, stdout=subprocess.DEVNULL)
    install = [*apt, "install", "-y", "--no-install-recommends"]
    subprocess.run([*install, "postgresql-common"], env=environment, check=True, stdout=subprocess.DEVNULL)
    # the tests start clusters of their own: none is to be made and started with the package
    text = CLUSTERS.read_text() if CLUSTERS.exists() else ""
    if "\ncreate_main_cluster = false" not in text:
        CLUSTERS.write_text(f"{text}\ncreate_main_cluster = false\n")
    subprocess.run([*install, "postgresql"], env=environment, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
