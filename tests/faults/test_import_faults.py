"""What goes wrong while a file is imported: the server is killed, the client leaves, the disk is full, others write."""

import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.processes import Client, calendar, served, signed_up

EVENTS = 3000
KILLS = 4


def stored(client: Client) -> int:
    """How many slots the client's account has."""
    return len(client.post("/v1/export/timeslot").json())


def test_a_killed_server_has_stored_all_of_a_file_or_nothing(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    data = tmp_path / "data"
    with served(data) as server:
        client = signed_up(server)
        begun = time.monotonic()
        assert client.post("/v1/import/", files={"file": calendar(EVENTS, "whole")}).status_code == 200
        usual_seconds = time.monotonic() - begun
    acknowledged, all_there = EVENTS, [EVENTS]
    for number in range(KILLS):
        with served(data) as server:
            client = client.at(server)
            assert stored(client) in all_there
            acknowledged = stored(client)
            timer = threading.Timer(chance.uniform(0, 1.1 * usual_seconds), server.kill)
            timer.start()
            try:
                answer = client.post("/v1/import/", files={"file": calendar(EVENTS, f"part{number}")})
                all_there = [acknowledged + EVENTS] if answer.status_code == 200 else [acknowledged]
            except httpx.TransportError:
                all_there = [acknowledged, acknowledged + EVENTS]
            timer.join()
    with served(data) as server:
        client = client.at(server)
        assert stored(client) in all_there
        assert client.post("/v1/import/", files={"file": calendar(EVENTS, "whole")}).headers["X-Import-Created"] == "0"


def test_a_client_that_leaves_half_way_stores_nothing(tmp_path: Path) -> None:
    with served(tmp_path / "data") as server:
        client = signed_up(server)
        file = calendar(EVENTS)
        head = (
            f"POST /v1/import/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token token={client.token}\r\n"
            f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {len(file) + 200}\r\n\r\n"
            '--x\r\nContent-Disposition: form-data; name="file"; filename="a.ics"\r\n\r\n'
        )
        for sent in (head[:80].encode(), head.encode(), head.encode() + file[: len(file) // 2]):
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
                connection.sendall(sent)

        assert stored(client) == 0
        assert client.post("/v1/import/", files={"file": file}).headers["X-Import-Created"] == str(EVENTS)


@pytest.mark.parametrize("same", [True, False])
def test_imports_at_the_same_time_are_one_after_the_other(tmp_path: Path, same: bool) -> None:
    with served(tmp_path / "data") as server:
        client = signed_up(server)

        def send(number: int) -> list[int]:
            file = calendar(700, "same" if same else f"file{number}")
            answer = client.post("/v1/import/", files={"file": file})
            assert answer.status_code == 200, answer.text
            return [int(answer.headers[f"X-Import-{name}"]) for name in ("Created", "Unchanged")]

        with ThreadPoolExecutor(6) as pool:
            counts = list(pool.map(send, range(6)))

        assert sorted(counts) == ([[0, 700]] * 5 + [[700, 0]] if same else [[700, 0]] * 6)
        assert stored(client) == (700 if same else 4200)


def test_a_full_disk_is_a_503_and_the_store_stays_whole(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(data) as server:
        client = signed_up(server)
        client.post("/v1/import/", files={"file": calendar(500, "before")})
    with served(data, file_bytes=3 * 1024 * 1024) as server:
        client = client.at(server)
        small, large = calendar(4000, "small"), calendar(40000, "large")
        answers = [client.post("/v1/import/", files={"file": file}) for file in (large, small)]
        kept = stored(client)
    with served(data) as server:
        client = client.at(server)
        again = client.post("/v1/import/", files={"file": calendar(500, "before")})

        assert answers[0].status_code == 503
        assert list(answers[0].json()) == ["error"]
        assert (kept, again.headers["X-Import-Unchanged"]) == (500 + 4000 * (answers[1].status_code == 200), "500")
        assert stored(client) == kept
