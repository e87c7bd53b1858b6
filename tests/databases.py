"""Real databases: an empty migrated store a test, in SQLite and in PostgreSQL.

PostgreSQL's binaries are started from here, one throwaway cluster a test process, never the machine's own service.
Without them these tests are skipped (``PEER-MISSING(postgresql)``), and fail where CI is set. fsync is off: what is
tested is a process that ends, not a power cut.
"""

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
from pathlib import Path
from typing import Any

import psycopg
import pytest

from slotport.storage import schema
from slotport.storage.store import Store

BINARIES = "/usr/lib/postgresql/*/bin/initdb"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
START_SECONDS = 30
OPTIONS = (
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=200",
)


class Cluster:
    """A PostgreSQL of our own in a folder of its own; it can be stopped and started again on the same port."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="slotport-pg-"))  # a short path: sockets lie in it
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._log = self.folder / "log"
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = pwd.getpwnam("postgres" if _has_user("postgres") else "nobody")
            self._user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        try:
            self._run(
                f"{binaries}/initdb -D {self.folder}/data -U postgres -A trust --no-sync -E UTF8 --locale=C.UTF-8"
            )
            self.start()
            self._make_template()
        except BaseException:
            self.remove()
            raise

    def start(self) -> None:
        """Start it, and return when it answers."""
        for _ in range(3):
            self.port = self.port or _free_port()
            arguments = [f"{self.binaries}/postgres", "-D", f"{self.folder}/data", "-p", str(self.port)]
            arguments += ["-k", str(self.folder), *(word for option in OPTIONS for word in ("-c", option))]
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    arguments, cwd="/", env=ENVIRONMENT, stdout=log, stderr=log, **self._user
                )
            if self._answers():
                return
            self.port = 0  # somebody else took it
        raise RuntimeError(self._log.read_text(errors="replace")[-2000:])

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it at once: SIGINT ends sessions in order, SIGQUIT is a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def remove(self) -> None:
        """Stop it and delete its folder."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def add_database(self) -> str:
        """Make a database with the schema and no rows; its name."""
        name = f"t{secrets.token_hex(8)}"
        self.admin(f"CREATE DATABASE {name} TEMPLATE slotport_template {self._strategy}")
        return name

    def url(self, name: str) -> str:
        """SQLAlchemy's URL of that database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def admin(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement as the cluster's administrator."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _make_template(self) -> None:
        version = int(self.admin("SHOW server_version_num")[0][0])
        self._strategy = "STRATEGY FILE_COPY" if version >= 150000 else ""
        self.admin("CREATE DATABASE slotport_template")
        store = Store.open(self.url("slotport_template"), connections=1)
        schema.migrate(store.engine)
        store.close()

    def _answers(self) -> bool:
        assert self._process is not None
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                self.admin("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        self.stop(signal.SIGQUIT)
        return False

    def _run(self, command: str) -> None:
        done = subprocess.run(command.split(), cwd="/", env=ENVIRONMENT, capture_output=True, check=False, **self._user)
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace"))


def _has_user(name: str) -> bool:
    return any(user.pw_name == name for user in pwd.getpwall())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def newest_binaries() -> Path | None:
    """The folder with the newest PostgreSQL's binaries, if there is one."""
    found = [path.parent for path in Path("/").glob(BINARIES.lstrip("/"))]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """The test process's PostgreSQL."""
    binaries = newest_binaries()
    if binaries is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("PEER-MISSING(postgresql)")
    cluster = Cluster(binaries)
    yield cluster
    cluster.remove()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema and no rows."""
    file = tmp_path_factory.mktemp("template") / "slotport.db"
    store = Store.open(f"sqlite:///{file}", connections=2)
    schema.migrate(store.engine)
    store.close()
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """An SQLite database with the schema and no rows."""
    file = tmp_path / "slotport.db"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgresql_url(postgresql: Cluster) -> Iterator[str]:
    """A PostgreSQL database with the schema and no rows."""
    name = postgresql.add_database()
    yield postgresql.url(name)
    postgresql.admin(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database with the schema and no rows: each test runs on both kinds."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store: each test runs on both databases."""
    store = Store.open(database_url)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def blank_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table: each test runs on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'blank.db'}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    name = f"t{secrets.token_hex(8)}"
    cluster.admin(f"CREATE DATABASE {name}")
    yield cluster.url(name)
    cluster.admin(f"DROP DATABASE {name} WITH (FORCE)")
