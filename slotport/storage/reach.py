"""The way to PostgreSQL: how its connections are opened and looked at, and what happens while it does not answer."""

import select
import threading
import time
from typing import Any

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from slotport.errors import Unavailable

CONNECT_SECONDS = 4  #: how long PostgreSQL may take to let us in
PING_SECONDS = 3  #: … and to answer on a connection that lay idle
SUSPECT_SECONDS = 1.0  #: a connection that fails later than this failed for want of an answer
EMPTY_QUERY = 0  #: libpq's status of an answer to nothing
AWAY = "the database cannot be reached; try again"


def postgresql_options(url: URL, name: str) -> dict[str, Any]:
    """How to connect to PostgreSQL, as far as the URL does not say it; ``name`` is shown in its list of sessions."""
    options = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": name,
        # a machine that is gone, or a network that is cut, is noticed in some seconds instead of hours
        "keepalives_idle": 20,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
    }
    return {option: value for option, value in options.items() if option not in url.query}


def prepare_postgresql(engine: Engine, *, lock_seconds: float) -> None:
    """Let the engine's connections be looked at before each use, and their sessions not outlive this machine for long.

    A connection that does not answer is thrown away with all that lie idle: after a restart of the database the next
    transaction works. Nobody waits longer than ``lock_seconds`` for a lock that another one holds.
    """

    def begin_session(connection: Any, record: Any) -> None:
        connection.autocommit = True
        connection.execute(
            f"SET lock_timeout = '{lock_seconds}s'; SET tcp_keepalives_idle = 20;"
            " SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"
        )
        connection.autocommit = False
        record.info["fresh"] = True

    event.listen(engine, "connect", begin_session)
    event.listen(engine, "checkout", _refuse_dead)


def _refuse_dead(connection: Any, record: Any, _proxy: object) -> None:
    if not record.info.pop("fresh", False) and not _answers(connection):
        raise InvalidatePoolError


def _answers(connection: Any) -> bool:
    """Whether the server answers; asked by libpq itself, since no statement of the driver has a time limit."""
    pgconn = connection.pgconn
    try:
        pgconn.send_query(b"")
        pgconn.flush()
        poll = select.poll()
        poll.register(pgconn.socket, select.POLLIN)
        until = time.monotonic() + PING_SECONDS
        while True:
            if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
                return False
            pgconn.consume_input()
            if not pgconn.is_busy():
                break
        result = pgconn.get_result()
        # a last message of a server that ended is an answer, too
        return result is not None and int(result.status) == EMPTY_QUERY and pgconn.get_result() is None
    except Exception:  # whatever libpq says, the connection is of no use
        return False


class Door:
    """The way to the database: when that does not answer, one at a time waits for it, and all others are told at once.

    Without it each request would hold a thread for some seconds, and the last of many would wait for minutes.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_remote = engine.dialect.name == "postgresql"
        self._is_suspect = False
        self._trying = threading.Lock()

    def connect(self) -> Connection:
        """A connection; raises Unavailable, or what the driver raises."""
        if not self._is_suspect:
            return self._connect()
        if not self._trying.acquire(blocking=False):
            raise Unavailable(AWAY)
        try:
            return self._connect()
        finally:
            self._trying.release()

    def _connect(self) -> Connection:
        began = time.monotonic()
        try:
            connection = self._engine.connect()
        except PoolTimeout:
            raise
        except Exception:
            self._is_suspect = self._is_remote and time.monotonic() - began > SUSPECT_SECONDS
            raise
        self._is_suspect = False
        return connection
