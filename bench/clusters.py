"""A throwaway PostgreSQL on a free local port, with the settings it comes with: every commit is on the disk."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.measure import Failed
from slotport.storage import schema
from slotport.storage.store import Store

BINARIES = "usr/lib/postgresql/*/bin/initdb"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
START_SECONDS, STOP_SECONDS = 30, 30
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "400",
    # what the machine would have it set to; durability stays as it is
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running PostgreSQL."""

    process: int  #: of which all its others come
    port: int

    def add_database(self) -> str:
        """Make a database with Slotport's schema and no rows; its URL."""
        name = f"bench_{secrets.token_hex(4)}"
        self.ask(f"CREATE DATABASE {name}")
        url = f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"
        store = Store.open(url, connections=1)
        schema.migrate(store.engine)
        store.close()
        return url

    def ask(self, statement: str, *, url: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as the administrator, in the database of a URL; its rows."""
        name = url.rpartition("/")[2]
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname=name, autocommit=True
        ) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


def is_installed() -> bool:
    """Whether PostgreSQL's programs are there."""
    return _binaries() is not None


def _binaries() -> Path | None:
    found = [path.parent for path in Path("/").glob(BINARIES)]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


@contextmanager
def cluster(**options: str) -> Iterator[Cluster]:
    """A new PostgreSQL with further options, removed at the end. Raises Failed if it does not start."""
    binaries = _binaries()
    if binaries is None:
        raise Failed("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="slotport-bench-pg-"))
    user: dict[str, Any] = {}
    if os.geteuid() == 0:  # as whom PostgreSQL refuses to run
        entry = pwd.getpwnam("postgres" if any(one.pw_name == "postgres" for one in pwd.getpwall()) else "nobody")
        user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    try:
        words = [f"{binaries}/initdb", "-D", f"{folder}/data", "-U", "postgres", "-A", "trust", "--locale=C.UTF-8"]
        made = subprocess.run(words, cwd="/", env=ENVIRONMENT, capture_output=True, text=True, check=False, **user)
        if made.returncode:
            raise Failed(f"initdb: {made.stderr.strip()[-300:]}")
        with _running(binaries, folder, OPTIONS | options, user) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(binaries: Path, folder: Path, options: dict[str, str], user: dict[str, Any]) -> Iterator[Cluster]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    words = [f"{binaries}/postgres", "-D", f"{folder}/data", "-p", str(port)]
    words += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(words, cwd="/", env=ENVIRONMENT, stdout=log, stderr=log, **user)
    try:
        running = Cluster(process=process.pid, port=port)
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                running.ask("SELECT 1")
                break
            except psycopg.OperationalError as cause:
                if process.poll() is not None or time.monotonic() > until:
                    raise Failed(f"PostgreSQL: {(folder / 'log').read_text(errors='replace')[-300:]}") from cause
                time.sleep(0.05)
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
