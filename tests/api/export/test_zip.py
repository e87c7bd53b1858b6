"""Files of a result as a zip that is made while it is sent (docs/api/export-files.md)."""

import random
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from slotport.settings import Settings
from tests.api.export.serving import Caller, caller_of, export_server, publish, refusal, unzipped
from tests.servers import HttpServer, wait

FILES = {
    "slot.csv": b"text " * 1000,
    "ü/ä b.csv": b"odd",
    "media/slot-1/a.png": bytes(range(256)),
    "media/slot-2/b.png": b"b",
}
Fetch = Callable[..., httpx.Response]


@pytest.fixture
def number(exporting: HttpServer, caller: Caller) -> int:
    """An export that is done."""
    made = caller.create("Summer / slots")
    publish(exporting, made, FILES)
    return made


@pytest.fixture
def fetch(caller: Caller, number: int) -> Fetch:
    """Ask for a zip, by what follows ``zip`` in the address."""
    return lambda rest="", prefix="/api/v1", **sent: caller.client.get(f"{prefix}/export/{number}/zip{rest}", **sent)


@pytest.mark.parametrize("rest", ["", "/", "//", "/%2F"])
@pytest.mark.parametrize("prefix", ["/api/v1", "/api/v1/v1"])
def test_without_a_path_all_is_zipped(fetch: Fetch, prefix: str, rest: str) -> None:
    answer = fetch(rest, prefix)

    assert (answer.status_code, unzipped(answer.content)) == (200, FILES)


def test_a_folder_keeps_its_last_name(fetch: Fetch) -> None:
    assert unzipped(fetch("/media").content) == {
        "media/slot-1/a.png": FILES["media/slot-1/a.png"],
        "media/slot-2/b.png": b"b",
    }
    assert unzipped(fetch("/media/slot-2/").content) == {"slot-2/b.png": b"b"}


@pytest.mark.parametrize("path", ["ü/ä b.csv", "%C3%BC%2F%C3%A4%20b.csv", "u%CC%88/a%CC%88%20b.csv"])
def test_a_file_is_zipped_alone(fetch: Fetch, path: str) -> None:
    assert unzipped(fetch(f"/{path}").content) == {"ä b.csv": b"odd"}


def test_its_length_is_not_known(fetch: Fetch) -> None:
    answer = fetch(headers={"Range": "bytes=0-1"})

    headers = {
        "content-type": "application/zip",
        "transfer-encoding": "chunked",
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "private, no-cache",
    }
    assert (answer.status_code, unzipped(answer.content)) == (200, FILES)
    assert {name: answer.headers[name] for name in headers} == headers
    assert not {"content-length", "accept-ranges", "etag", "content-disposition"} & set(answer.headers)


def test_head_begins_it(caller: Caller, number: int) -> None:
    answer = caller.client.head(f"/api/v1/export/{number}/zip")

    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"", "application/zip")


@pytest.mark.parametrize(
    ("rest", "name"),
    [
        ("?disposition=attachment", "Summer _ slots.zip"),
        ("/?disposition=attachment", "Summer _ slots.zip"),
        ("/media/slot-1?disposition=inline", "Summer _ slots-slot-1.zip"),
        ("/slot.csv?disposition=attachment", "Summer _ slots-slot.csv.zip"),
        ("?filename=All", "All.zip"),
        ("?filename=All.ZIP", "All.ZIP"),
        ("/media?filename=All.csv&disposition=attachment", "All.csv.zip"),
    ],
)
def test_a_zip_has_a_name(fetch: Fetch, rest: str, name: str) -> None:
    header = fetch(rest).headers["content-disposition"]

    assert f'filename="{name}"' in header
    assert header.startswith("inline" if "inline" in rest else "attachment")


def test_no_files_are_an_empty_zip(exporting: HttpServer, caller: Caller) -> None:
    number = caller.create()
    publish(exporting, number, {})

    answer = caller.client.get(f"/api/v1/export/{number}/zip")

    assert (answer.status_code, unzipped(answer.content)) == (200, {})


@pytest.mark.parametrize("path", ["nothing", "media/slot-", "slot.csv/a", "..", "%2E%2E", "a%00", "%252F"])
def test_what_is_not_there_is_an_error(caller: Caller, number: int, path: str) -> None:
    base = str(caller.client.base_url).rstrip("/")

    plain = caller.client.get(f"{base}/api/v1/export/{number}/zip/{path.replace('..', '%2E%2E')}")
    led = caller.client.get(f"{base}/api/v1/export/{number}/zip/{path.replace('..', '%2E%2E')}?disposition=inline")

    assert refusal(plain)[:2] == (400, "user.export_file_not_found")
    assert led.headers["location"] == "/#server_error:error.user.export_file_not_found"


def test_more_files_than_are_looked_up_at_a_time(exporting: HttpServer, caller: Caller) -> None:
    files = {f"media/slot-{number // 7}/{number}.bin": str(number).encode() for number in range(1203)}
    made = caller.create()
    publish(exporting, made, files)

    assert unzipped(caller.client.get(f"/api/v1/export/{made}/zip").content) == files
    assert len(unzipped(caller.client.get(f"/api/v1/export/{made}/zip/media/slot-3").content)) == 7


def test_a_file_that_vanishes_cuts_the_connection(exporting: HttpServer, caller: Caller) -> None:
    made = caller.create()
    publish(exporting, made, {"a.bin": bytes(1_000_000), "b.bin": b"b"})
    (place,) = (exporting.settings.files_folder / "exports" / str(made)).rglob("b.bin")
    place.unlink()

    with pytest.raises(httpx.RemoteProtocolError):
        caller.client.get(f"/api/v1/export/{made}/zip")


def test_a_result_that_is_removed_meanwhile_cuts_the_connection(tmp_path: Path) -> None:
    files = {f"media/slot-{number}/a.bin": bytes(20_000) for number in range(1100)}
    with export_server(Settings(data=tmp_path, port=0)) as running, caller_of(running) as caller:
        made = caller.create()
        publish(running, made, files)
        with pytest.raises(httpx.RemoteProtocolError):
            read_slowly(running, caller, made)


def read_slowly(running: HttpServer, caller: Caller, number: int) -> None:
    with caller.client.stream("GET", f"/api/v1/export/{number}/zip") as answer:
        pieces = answer.iter_raw()
        next(pieces)
        httpx.delete(f"{running.url}/api/v1/export/{number}?token={caller.token}", trust_env=False, timeout=60)
        for _ in pieces:
            pass


def test_a_client_that_stalls_is_cut_and_noted(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, port=0, stall_seconds=1, streams=1)
    with export_server(settings) as running, caller_of(running) as caller:
        made = caller.create()
        publish(running, made, {"media/a.bin": bytes(30_000_000)})
        with socket.create_connection(("127.0.0.1", running.port)) as connection:
            connection.sendall(
                f"GET /api/v1/export/{made}/zip?token={caller.token} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
            )
            connection.recv(1000)
            busy = caller.client.get(f"/api/v1/export/{made}/zip")
            wait(lambda: caller.client.get(f"/api/v1/export/{made}/file/media/a.bin").status_code == 200)

        def loaded() -> list[int]:
            with running.store.read() as transaction:
                rows = transaction.connection.exec_driver_sql(
                    "SELECT info FROM export_event WHERE type = 'DOWNLOAD_EXPORT' ORDER BY id"
                ).scalars()
                return [int(text.partition('"bytes_loaded":')[2].partition(",")[0]) for text in rows]

        wait(lambda: len(loaded()) >= 2)
        noted = loaded()

    assert refusal(busy)[:2] == (503, "server.unavailable")
    assert 0 < noted[0] < 30_000_000
    assert noted[1] == 30_000_000


def test_other_requests_are_answered_meanwhile(exporting: HttpServer, caller: Caller) -> None:
    made = caller.create()
    publish(exporting, made, {"slot.csv": random.Random(1).randbytes(20_000_000)})
    with caller.client.stream("GET", f"/api/v1/export/{made}/zip") as answer:
        listed = httpx.get(f"{exporting.url}/api/v1/export?token={caller.token}", trust_env=False, timeout=30)
        got = answer.num_bytes_downloaded
        answer.read()

    assert (listed.status_code, got < 20_000_000 <= answer.num_bytes_downloaded) == (200, True)
