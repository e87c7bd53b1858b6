"""What the server logs: a line a request, each failure once, and no secret."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import get
from litestar.datastructures import State

from slotport.api import logs
from slotport.settings import Settings
from tests.conftest import Person
from tests.servers import HttpServer, http_server, wait

SECRET = "s3cr3t-t0k3n-0f-s0me0ne"


class Lines:
    """What was logged since the test began."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture
        self._text = ""

    def so_far(self) -> list[Any]:
        self._text += self._capture.readouterr().err
        return [json.loads(line) for line in self._text.splitlines()]

    def of(self, event: str, count: int = 1) -> list[Any]:
        """A request's line is written when its answer is already on the way."""
        wait(lambda: sum(line["event"] == event for line in self.so_far()) >= count)
        return [line for line in self.so_far() if line["event"] == event]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    logs.configure(Settings())
    capsys.readouterr()
    yield Lines(capsys)
    logs.configure(Settings(log_level="warning"))


@get("/v1/crash", sync_to_thread=True)
def crash(state: State) -> None:
    raise RuntimeError(f"a failure that holds password={SECRET}")


def test_a_request_is_one_line(api: httpx.Client, lines: Lines) -> None:
    sent = api.get("/v1/nothing?token=" + SECRET)

    (line,) = lines.of("request")
    assert {name: line[name] for name in ("event", "method", "path", "status", "request_id", "level")} == {
        "event": "request",
        "method": "GET",
        "path": "/v1/nothing",
        "status": 404,
        "request_id": sent.headers["x-request-id"],
        "level": "info",
    }
    assert 0 < line["seconds"] < 10


def test_probes_are_not_logged(api: httpx.Client, lines: Lines) -> None:
    api.get("/healthz")
    api.get("/v1/nothing")

    assert [line["path"] for line in lines.of("request")] == ["/v1/nothing"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/v1/users/reset/{SECRET}", "/v1/users/reset/***"),
        (f"//v1//users/%72eset/{SECRET}/", "/v1/users/reset/***"),
        (f"/v1/feeds/{SECRET}.ics", "/v1/feeds/***"),
        (f"/app/new-password/{SECRET}", "/app/new-password/***"),
    ],
)
def test_secret_links_are_masked(server: HttpServer, lines: Lines, path: str, shown: str) -> None:
    httpx.get(server.url + path, trust_env=False)

    assert [line["path"] for line in lines.of("request")] == [shown]


def test_a_failure_is_logged_once_with_its_traceback(tmp_path: Path, lines: Lines) -> None:
    with http_server(Settings(data=tmp_path, port=0), further=[crash]) as running:
        answer = httpx.get(f"{running.url}/v1/crash", trust_env=False)

    failures = [line for line in lines.so_far() if line["level"] == "error"]
    assert answer.json() == {"error": "something went wrong here; nothing was changed"}
    assert [line["event"] for line in failures] == ["unexpected failure"]
    assert failures[0]["request_id"] == answer.headers["x-request-id"]
    assert "RuntimeError: a failure that holds password=***" in failures[0]["exception"]


def test_libraries_log_the_same_way(lines: Lines) -> None:
    logging.getLogger("uvicorn.error").error("something about token=%s", SECRET)

    (line,) = lines.so_far()
    assert (line["event"], line["level"], line["logger"]) == ("something about token=***", "error", "uvicorn.error")


@pytest.mark.parametrize(
    "text",
    [
        f"passphrase={SECRET}",
        f'{{"secret_key": "{SECRET}"}}',
        f"{{'password': '{SECRET}', 'private_key': '{SECRET}'}}",
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{SECRET}\n-----END OPENSSH PRIVATE KEY-----",
    ],
)
def test_secrets_of_transports_are_masked_whoever_logs_them(lines: Lines, text: str) -> None:
    logging.getLogger("uvicorn.error").error("%s", text)

    (line,) = lines.so_far()
    assert line["event"].count("***") == text.count(SECRET)
    assert SECRET not in line["event"]


def test_no_secret_is_ever_logged(person: Callable[..., Person], lines: Lines) -> None:
    someone = person(password=SECRET)
    someone.client.post("/v1/users/signin", json={"email": someone.email, "password": SECRET})
    someone.client.post("/v1/users/signin", json={"email": someone.email, "password": SECRET + "x"})
    someone.client.patch("/v1/me", json={"oldPassword": SECRET, "password": SECRET + "y"})
    someone.client.post("/v1/import", json={"file": SECRET})
    someone.client.get(f"/v1/users/reset/{SECRET}")

    logged = json.dumps(lines.of("request", 6) and lines.so_far())
    assert SECRET not in logged
    assert someone.token not in logged


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_format="text", log_level="warning"))

    logging.getLogger("slotport").info("unseen")
    logging.getLogger("slotport").warning("seen with password=%s", SECRET)

    assert "seen with password=***" in capsys.readouterr().err
