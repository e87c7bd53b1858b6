"""Installs what the tests need beside Python packages: run by `make test`, does nothing the second time.

Debian's packages are installed where this runs as root. An ordinary user gets the servers that transports are tested
with all the same: their packages are unpacked into .cache/peers, without installing anything. Nothing is ever started.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Debian's packages of the programs that test archives, by program
ARCHIVERS = {"unzip": "unzip", "zip": "zip", "7z": "p7zip-full", "bsdtar": "libarchive-tools", "tar": "tar"}
#: Debian's packages of the servers that transports are tested with, and of the browser, by program
SERVERS = {
    "vsftpd": "vsftpd",
    "sshd": "openssh-server",
    "ssh-keygen": "openssh-client",
    "rsync": "rsync",
    "apache2": "apache2",
    "nginx": "nginx-light",
    "chromium": "chromium",
}
CLUSTERS = Path("/etc/postgresql-common/createcluster.conf")
POLICY = Path("/usr/sbin/policy-rc.d")  #: asked by packages whether their service is to be started
CACHE = Path(__file__).parents[1] / ".cache"
UNPACKED = CACHE / "peers"
QUIET = ("-qq", "-o", "Dpkg::Use-Pty=0")
ENVIRONMENT = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


def main() -> None:
    """Install PostgreSQL where possible, servers, and the programs that give tests a second opinion."""
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        try:
            _postgresql()
        except subprocess.CalledProcessError as error:  # apt-get has said why
            print(f"PostgreSQL is not installed: {error}; its tests will be skipped", file=sys.stderr)
    wanted = {
        program: package for program, package in {**ARCHIVERS, **SERVERS}.items() if program_path(program) is None
    }
    if wanted:
        try:
            _debian(wanted)
        except subprocess.CalledProcessError as error:
            print(f"{', '.join(wanted.values())} not installed: {error}; their tests will be skipped", file=sys.stderr)
    done = subprocess.run([sys.executable, "-m", "tests.oracles.install"], check=False)
    if done.returncode:
        print("the programs for a second opinion are not installed; their tests will be skipped", file=sys.stderr)


def program_path(program: str) -> str | None:
    """Where a program is that is installed, or was unpacked here."""
    folders = ["/usr/sbin", "/sbin", *(str(UNPACKED / folder) for folder in ("usr/bin", "usr/sbin"))]
    return shutil.which(program, path=":".join([os.environ.get("PATH", "/usr/bin:/bin"), *folders]))


def _debian(wanted: dict[str, str]) -> None:
    """Install the packages, by program; as an ordinary user unpack those of servers."""
    if shutil.which("apt-get") is None:
        print(f"{', '.join(wanted.values())} not installed: their tests will be skipped", file=sys.stderr)
        return
    if os.geteuid() == 0:
        _apt("update")
        with _nothing_starts():
            _apt("install", "-y", "--no-install-recommends", *wanted.values())
        return
    if servers := [package for program, package in wanted.items() if program in SERVERS]:
        _unpack(servers)
    if others := [package for program, package in wanted.items() if program not in SERVERS]:
        print(f"{', '.join(others)} not installed: their tests will be skipped", file=sys.stderr)


def _unpack(packages: list[str]) -> None:
    """Put the files of packages, and of those that they need and that are not installed, below .cache/peers."""
    state = CACHE / "apt"
    for folder in ("lists/partial", "archives/partial", "downloaded"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    own = ["-o", f"Dir::State::Lists={state / 'lists'}", "-o", f"Dir::Cache={state}"]
    own += ["-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="]
    _apt(*own, "update")
    simulated = subprocess.run(
        ["apt-get", *own, "--simulate", "install", "--no-install-recommends", *packages],
        env=ENVIRONMENT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    names = [line.split()[1] for line in simulated.stdout.splitlines() if line.startswith("Inst ")]
    _apt(*own, "download", *names, folder=state / "downloaded")
    for archive in sorted((state / "downloaded").glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", archive, UNPACKED], check=True)
    shutil.rmtree(state)


def _postgresql() -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print("PostgreSQL is not installed: its tests will be skipped", file=sys.stderr)
        return
    _apt("update")
    _apt("install", "-y", "--no-install-recommends", "postgresql-common")
    # the tests start clusters of their own: none is to be made and started with the package
    text = CLUSTERS.read_text() if CLUSTERS.exists() else ""
    if "\ncreate_main_cluster = false" not in text:
        CLUSTERS.write_text(f"{text}\ncreate_main_cluster = false\n")
    _apt("install", "-y", "--no-install-recommends", "postgresql")


def _apt(*arguments: str, folder: Path | None = None) -> None:
    subprocess.run(["apt-get", *QUIET, *arguments], cwd=folder, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _nothing_starts() -> Iterator[None]:
    """Packages that are installed inside start no service, unless the machine has a rule of its own about that."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


if __name__ == "__main__":
    main()
