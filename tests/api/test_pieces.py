"""Answers in pieces: whole or visibly cut, and closed in every case; over a real server."""

import socket
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from time import sleep

import httpx
import pytest
from litestar import get
from litestar.datastructures import State

from slotport.api.pieces import Pieces
from slotport.errors import Invalid
from slotport.settings import Settings
from tests.servers import HttpServer, http_server, wait

PIECE = b"0123456789abcdef" * 16384
_closed: list[str] = []
_entered: list[str] = []
_go_on = threading.Event()  #: what ends the slow requests


def many(name: str, count: int) -> Generator[bytes, None, None]:
    try:
        for _ in range(count):
            yield PIECE
    finally:
        _closed.append(name)


def failing(after: int) -> Generator[bytes, None, None]:
    try:
        for _ in range(after):
            yield PIECE
        raise Invalid.of("group", "is wrong") if after == 0 else RuntimeError("broken on purpose")
    finally:
        _closed.append("failing")


def crashing() -> Generator[bytes, None, None]:
    yield from ()
    raise RuntimeError("broken on purpose")


HEADERS = {"Content-Type": "text/plain", "ETag": 'W/"1"'}


@get("/v1/few", sync_to_thread=True)
def few() -> Pieces:
    return Pieces(many("few", 3), headers=HEADERS)


@get("/v1/none", sync_to_thread=True)
def none() -> Pieces:
    return Pieces(many("none", 0), headers=HEADERS)


@get("/v1/endless", sync_to_thread=True)
def endless() -> Pieces:
    return Pieces(many("endless", 10**9), headers=HEADERS)


@get("/v1/refused", sync_to_thread=True)
def refused() -> Pieces:
    return Pieces(failing(0), headers=HEADERS)


@get("/v1/crashed", sync_to_thread=True)
def crashed() -> Pieces:
    return Pieces(crashing(), headers=HEADERS)


@get("/v1/broken", sync_to_thread=True)
def broken() -> Pieces:
    return Pieces(failing(2), headers=HEADERS)


@get("/v1/slow", sync_to_thread=True)
def slow(state: State) -> str:
    _entered.append("slow")
    assert _go_on.wait(20)
    return "slow"


@pytest.fixture
def streaming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    settings = Settings(
        data=tmp_path_factory.mktemp("pieces"), port=0, stall_seconds=1, shutdown_seconds=1, streams=2, threads=12
    )
    _closed.clear()
    with http_server(settings, further=[few, none, endless, refused, crashed, broken, slow]) as running:
        yield running


def test_all_pieces_come_in_chunks(streaming: HttpServer) -> None:
    answer = httpx.get(f"{streaming.url}/v1/few", trust_env=False)

    assert (answer.status_code, answer.content) == (200, PIECE * 3)
    assert (answer.headers["transfer-encoding"], answer.headers["etag"]) == ("chunked", 'W/"1"')
    assert _closed == ["few"]


def test_an_empty_answer_is_one(streaming: HttpServer) -> None:
    answer = httpx.get(f"{streaming.url}/v1/none", trust_env=False)

    assert (answer.status_code, answer.content, _closed) == (200, b"", ["none"])


def test_head_begins_and_ends_it(streaming: HttpServer) -> None:
    answer = httpx.head(f"{streaming.url}/v1/endless", trust_env=False)

    assert (answer.status_code, answer.content, answer.headers["etag"]) == (200, b"", 'W/"1"')
    wait(lambda: _closed == ["endless"])


def test_http_1_0_gets_its_length(streaming: HttpServer) -> None:
    with asking(streaming, "/v1/few", version="1.0") as connection:
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"content-length: {len(PIECE) * 3}".encode() in head
    assert body == PIECE * 3


def test_an_error_before_the_first_piece_is_a_clean_refusal(streaming: HttpServer) -> None:
    answer = httpx.get(f"{streaming.url}/v1/refused", trust_env=False)

    assert (answer.status_code, answer.json()) == (422, {"error": {"group": ["is wrong"]}})
    assert _closed == ["failing"]


def test_a_failure_before_the_first_piece_is_a_clean_500(streaming: HttpServer) -> None:
    answer = httpx.get(f"{streaming.url}/v1/crashed", trust_env=False)

    assert (answer.status_code, answer.json()) == (
        500,
        {"error": "something went wrong here; nothing was changed"},
    )


def test_an_error_later_cuts_the_answer(streaming: HttpServer) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{streaming.url}/v1/broken", trust_env=False)

    assert _closed == ["failing"]


def test_a_client_that_leaves_ends_it(streaming: HttpServer) -> None:
    with asking(streaming, "/v1/endless") as connection:
        connection.recv(65536)

    wait(lambda: _closed == ["endless"])


def test_a_client_that_stalls_is_cut(streaming: HttpServer) -> None:
    with asking(streaming, "/v1/endless"):
        wait(lambda: _closed == ["endless"], 10)


def test_one_stream_too_many_is_503(streaming: HttpServer) -> None:
    with asking(streaming, "/v1/endless") as one, asking(streaming, "/v1/endless") as other:
        one.recv(100)
        other.recv(100)
        answer = httpx.get(f"{streaming.url}/v1/few", trust_env=False)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    wait(lambda: _closed.count("endless") == 2)
    assert httpx.get(f"{streaming.url}/v1/few", trust_env=False).status_code == 200


def test_slow_requests_hold_up_no_other(streaming: HttpServer) -> None:
    with httpx.Client(trust_env=False) as client:
        threads = [threading.Thread(target=client.get, args=[f"{streaming.url}/v1/slow"]) for _ in range(10)]
        for thread in threads:
            thread.start()
        wait(lambda: len(_entered) == 10)
        answer = client.get(f"{streaming.url}/readyz")
        waiting = [thread.is_alive() for thread in threads]
        _go_on.set()
        for thread in threads:
            thread.join()

    assert (answer.status_code, waiting) == (200, [True] * 10)


def test_the_server_stops_although_a_stream_is_open(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = Settings(data=tmp_path_factory.mktemp("stop"), port=0, shutdown_seconds=1)
    _closed.clear()
    with http_server(settings, further=[endless]) as running:
        reading = threading.Thread(target=read_on, args=[running])
        reading.start()
        wait(lambda: reading.is_alive())
        sleep(0.2)

    reading.join(timeout=5)
    assert _closed == ["endless"]


def asking(server: HttpServer, path: str, version: str = "1.1") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    connection.sendall(f"GET {path} HTTP/{version}\r\nHost: a\r\n\r\n".encode())
    return connection


def read_on(server: HttpServer) -> None:
    with suppress(httpx.HTTPError), httpx.stream("GET", f"{server.url}/v1/endless", trust_env=False) as answer:
        for _ in answer.iter_raw():
            sleep(0.01)
