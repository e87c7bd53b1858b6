"""``slotport serve``, ``migrate`` and ``config``."""

import json
import signal
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.cli.commands import Command


@contextmanager
def serving(command: Command, **variables: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The server's process and address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "slotport", "serve", "--port", "0"],
        stderr=subprocess.PIPE,
        env=command.environment(**variables),
    )
    try:
        yield process, address_in(process)
    finally:
        process.kill()
        process.communicate()


def address_in(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if (logged := json.loads(line))["event"] == "listening":
            return str(logged["address"])
    raise AssertionError("the server ended")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(slotport: Command, database: str, number: signal.Signals) -> None:
    with serving(slotport) as (process, address):
        answer = httpx.get(f"{address}/readyz", trust_env=False)
        process.send_signal(number)
        _, err = process.communicate(timeout=30)

    assert (answer.status_code, process.returncode) == (200, 0)
    assert json.loads(err.splitlines()[-1])["event"] == "stopped"
    left = ["slotport.db", "slotport.db.serving"] if database == "sqlite" else []
    assert sorted(path.name for path in slotport.folder.iterdir()) == left


def test_every_line_is_json(slotport: Command) -> None:
    with serving(slotport) as (process, address):
        httpx.get(f"{address}/v1/me", trust_env=False)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)

    lines: list[Any] = [json.loads(line) for line in err.splitlines()]
    assert [line["path"] for line in lines if line["event"] == "request"] == ["/v1/me"]


def test_a_request_that_takes_too_long_is_cut(peopled: Command) -> None:
    file = "Subject,Start_Date,Start_Time\n" + "Tea,2031-01-02,10:00\n" * 300_000
    with serving(peopled, SLOTPORT_SHUTDOWN_SECONDS="1") as (process, address), httpx.Client(trust_env=False) as client:
        signed_in = client.post(
            f"{address}/v1/users/signin", json={"email": "ann@example.org", "password": "correct horse"}
        ).json()
        stop = threading.Timer(2, process.terminate)
        stop.start()
        answer = client.post(
            f"{address}/v1/import",
            files={"file": file.encode()},
            headers={"Authorization": f"Token token={signed_in['authToken']}"},
            timeout=60,
        )
        process.communicate(timeout=30)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json() == {"error": "the server stops, and the request was cut"}
    assert process.returncode == 0
    assert peopled("export", "timeslot", "--user", "ann@example.org").out == "[]"


def test_an_address_in_use_is_told(slotport: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = slotport("serve", "--port", str(port))

    assert (told.status, told.out) == (1, "")
    assert told.err == f"slotport: cannot listen on 127.0.0.1, port {port}: Address already in use\n"


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_database_that_is_away_is_told(slotport: Command, command: str) -> None:
    more = ("--port", "0") if command == "serve" else ()

    told = slotport(command, *more, "--database", "postgresql+psycopg://nobody@127.0.0.1:1/none")

    assert told.status == 1
    assert told.err.splitlines()[-1] == "slotport: the database cannot be reached; try again"


def test_migrate_makes_the_schema_once(slotport: Command, blank_url: str) -> None:
    first, second = (slotport("migrate", SLOTPORT_DATABASE=blank_url) for _ in range(2))

    assert (first.status, second.status) == (0, 0)
    assert first.out.endswith(": before it was empty\n")
    assert second.out.endswith(": was up to date\n")


def test_config_prints_what_counts(slotport: Command) -> None:
    told = slotport("config", SLOTPORT_PORT="81", SLOTPORT_SMTP_PASSWORD="hidden")

    shown = tomllib.loads(told.out)
    assert told.status == 0
    assert (shown["port"], shown["data"], shown["smtp_password"]) == (81, str(slotport.folder), "********")


def test_config_checks(slotport: Command) -> None:
    good = slotport("config", "--check")
    bad = slotport("config", "--check", SLOTPORT_PORT="x")

    assert (good.status, good.out, good.err) == (0, "the settings are good\n", "")
    assert (bad.status, bad.out, bad.err) == (2, "", "slotport: SLOTPORT_PORT: must be a whole number, not 'x'\n")


def test_the_help_is_quick(slotport: Command) -> None:
    """Neither the web framework nor the database's libraries are loaded for it."""
    code = (
        "import sys, slotport.cli\n"
        "print(sorted({'litestar', 'sqlalchemy', 'uvicorn', 'alembic', 'argon2'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=slotport.environment())

    assert done.stdout == b"[]\n"
