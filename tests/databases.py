"""Real databases: an empty migrated store a test, in SQLite and in PostgreSQL.

A test that asks for a store, or runs a server or a command, runs on each kind that the option ``--database`` names.
Servers and commands have their database where tests/homes.py says: in the data folder, or in PostgreSQL.

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
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from zlib import crc32

import psycopg
import pytest

from slotport.storage import schema
from slotport.storage.store import Store
from tests import homes

KINDS = ("sqlite", "postgresql")
USUAL = "usual"
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

    def __init__(self, binaries: Path, *options: str) -> None:
        self.binaries = binaries
        self._options = (*OPTIONS, *options)
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
            arguments += ["-k", str(self.folder), *(word for option in self._options for word in ("-c", option))]
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

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Within the block it takes connections, and answers nothing."""
        assert self._process is not None
        pids = [self._process.pid, *(row[0] for row in self.admin("SELECT pid FROM pg_stat_activity"))]
        for pid in pids:
            with suppress(ProcessLookupError):  # the one that was asked last is gone
                os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def remove(self) -> None:
        """Stop it and delete its folder."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def add_database(self, template: str = "slotport_template") -> str:
        """Make a database with the schema and no rows, or a copy of another one; its name."""
        name = f"t{secrets.token_hex(8)}"
        self.admin(f"CREATE DATABASE {name} TEMPLATE {template} {self._strategy}")
        return name

    def remove_database(self, name: str) -> None:
        """Delete a database, whoever uses it."""
        self.admin(f"DROP DATABASE {name} WITH (FORCE)")

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
    postgresql.remove_database(name)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let people say which databases tests run on."""
    parser.addoption(
        "--database",
        default=USUAL,
        choices=(*KINDS, "both", USUAL),
        help="databases that tests run on; usual: those of stores on both, those of servers and commands on SQLite,"
        " and of these one function in sixteen on PostgreSQL as well",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make known what tests can be marked with."""
    config.addinivalue_line("markers", "only(kind): the test is about this kind of database")


def _kinds(config: pytest.Config) -> list[str]:
    asked = config.getoption("--database")
    return [asked] if asked in KINDS else list(KINDS)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a test run on each kind of database that it can, and that was asked for."""
    kinds = _kinds(metafunc.config)
    if "database" in metafunc.fixturenames:
        metafunc.parametrize("database", _possible(metafunc, kinds), indirect=True, scope="session")
    if "blank_url" in metafunc.fixturenames:
        metafunc.parametrize("blank_url", kinds, indirect=True)


def _possible(metafunc: pytest.Metafunc, kinds: list[str]) -> list[str]:
    if (mark := metafunc.definition.get_closest_marker("only")) is not None:
        return list(mark.args)
    asked = metafunc.fixturenames
    if named := [kind for kind in KINDS if f"{kind}_url" in asked]:
        return named[:1]
    # a database without tables that the test asked for is the only one it has, unless it asked for another, too
    if "blank_url" in asked and "database_url" not in asked:
        return kinds[:1]
    if metafunc.config.getoption("--database") == USUAL and "database_url" not in asked:
        # by its name, so that it is the same one whoever runs it
        return kinds if crc32(metafunc.definition.nodeid.encode()) % 16 == 0 else kinds[:1]
    return kinds


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of a kind of database that was not asked for."""
    kinds = set(_kinds(config))
    left_out = [item for item in items if not _needed(item) <= kinds]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _needed(item) <= kinds]


def _needed(item: pytest.Item) -> set[str]:
    mark = item.get_closest_marker("only")
    fixtures = getattr(item, "fixturenames", ())
    return {*(mark.args if mark else ()), *(kind for kind in KINDS if f"{kind}_url" in fixtures)}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Servers and commands of a test that does not ask for a kind of database are on SQLite."""
    homes.here.is_asked = "database" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The kind of database that the test runs on. Whatever keeps a server for several tests asks for it."""
    if request.param == "postgresql":
        homes.here.cluster = request.getfixturevalue("postgresql")
    homes.here.template = request.getfixturevalue("sqlite_template")
    yield request.param
    homes.remove_databases(Path("/"))
    homes.here.cluster = None


@pytest.fixture(autouse=True)
def _no_database_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test made in PostgreSQL goes with it."""
    yield
    if homes.here.names and (folder := getattr(request.node, "funcargs", {}).get("tmp_path")) is not None:
        homes.remove_databases(folder)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database: str) -> str:
    """A database with the schema and no rows: each test runs on both kinds."""
    return str(request.getfixturevalue(f"{database}_url"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store: each test runs on both databases."""
    store = Store.open(database_url)
    yield store
    store.close()


@pytest.fixture
def blank_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table: each test runs on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'blank.db'}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    name = f"t{secrets.token_hex(8)}"
    cluster.admin(f"CREATE DATABASE {name}")
    yield cluster.url(name)
    cluster.remove_database(name)
