"""How the export interface is asked and answers, whatever it is asked for (docs/api/export.md)."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from slotport.settings import Settings
from tests.api.export.serving import Caller, export_server, refusal
from tests.servers import HttpServer

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ROUTES = [
    ("GET", "/export"),
    ("PUT", "/export"),
    ("GET", "/export/1"),
    ("POST", "/export/1"),
    ("DELETE", "/export/1"),
    ("POST", "/export/1/start"),
    ("POST", "/export/1/stop"),
    ("POST", "/export/1/transport/a/retry"),
    ("POST", "/export/1/transport/a/test"),
    ("POST", "/export/1/passkey"),
    ("POST", "/export/1/preview"),
]
FETCHED = ["/export/1/file/a.csv", "/export/1/zip", "/export/1/zip/a"]
INVALID: tuple[int, str, dict[str, str]] = (400, "api.invalid_content", {})


# Routes


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/nothing", "/api/v1/export/1/2/3", "/api/v1/v1/session"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_an_unknown_route_is_400(web: httpx.Client, method: str, path: str) -> None:
    assert refusal(web.request(method, path)) == (400, "api.invalid_api", {})


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/api/v1/export", "GET, HEAD, OPTIONS, PUT"),
        ("PUT", "/api/v1/export/1", "DELETE, GET, HEAD, OPTIONS, POST"),
        ("GET", "/api/v1/export/1/start", "OPTIONS, POST"),
        ("DELETE", "/api/v1/v1/export/1/file/a?disposition=inline", "GET, HEAD, OPTIONS"),
        ("DELETE", "/api/v1/session", "GET, HEAD, OPTIONS"),
        ("POST", "/api/v1/event/poll", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_wrong_method_is_400_and_told_the_right_ones(web: httpx.Client, method: str, path: str, allow: str) -> None:
    answer = web.request(method, path)

    assert refusal(answer) == (400, "api.invalid_request_method", {})
    assert answer.headers["allow"] == allow


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/api/v1/export", "GET, HEAD, OPTIONS, PUT"),
        ("/api/v1/export/", "GET, HEAD, OPTIONS, PUT"),
        ("/api/v1/v1/export", "GET, HEAD, OPTIONS, PUT"),
        ("/api/v1/export/1", "DELETE, GET, HEAD, OPTIONS, POST"),
        ("/api/v1/v1/export/1/start", "OPTIONS, POST"),
        ("/api/v1/export/1/file/a/b", "GET, HEAD, OPTIONS"),
        ("/api/v1/export/1/download/key/a.zip", "GET, HEAD, OPTIONS"),
        ("/api/v1/session", "GET, HEAD, OPTIONS"),
        ("/api/v1/session/authenticate", "OPTIONS, POST"),
        ("/api/v1/event/poll/1", "GET, HEAD, OPTIONS"),
        ("/api/v1/eas/put", "OPTIONS, POST"),
    ],
)
def test_options_tells_the_methods_of_a_path(web: httpx.Client, path: str, allow: str) -> None:
    answer = web.options(path)

    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, allow, b"")


@pytest.mark.parametrize("prefix", ["/api/v1", "/api/v1/v1"])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nothing_goes_without_a_session(web: httpx.Client, prefix: str, method: str, path: str) -> None:
    assert refusal(web.request(method, prefix + path)) == (403, "user.not_authenticated", {"reason": "missing"})


@pytest.mark.parametrize("prefix", ["/api/v1", "/api/v1/v1"])
@pytest.mark.parametrize("path", FETCHED)
def test_what_browsers_fetch_says_it_in_its_own_way(web: httpx.Client, prefix: str, path: str) -> None:
    plain, led = web.get(prefix + path), web.get(f"{prefix}{path}?disposition=attachment")

    assert refusal(plain) == (400, "user.not_authenticated", {"reason": "missing"})
    assert (led.status_code, led.headers["location"]) == (302, "/#server_error:error.user.not_authenticated")


@pytest.mark.parametrize("path", ["/api/v1/export/", "//api//v1///export", "/api/v1/v1/export/"])
def test_slashes_matter_little(caller: Caller, path: str) -> None:
    assert caller.client.get(str(caller.client.base_url) + path).json() == {
        "limit": None,
        "offset": 0,
        "count": 0,
        "objects": [],
    }


@pytest.mark.parametrize("number", ["0", "-1", "a", "1.5", "%31%2F2", "١"])
def test_an_id_is_a_positive_number(caller: Caller, number: str) -> None:
    answer = caller.client.get(f"/api/v1/export/{number}")

    assert refusal(answer) == (400, "api.invalid_value", {"attribute": "id"})


@pytest.mark.parametrize("number", ["123456", "9223372036854775808", "9" * 30, "9" * 400, "00" + "9" * 30])
@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("DELETE", ""), ("POST", "/start"), ("POST", "/stop")])
def test_an_id_that_nobody_has_is_404(caller: Caller, number: str, method: str, rest: str) -> None:
    answer = caller.client.request(method, f"/api/v1/export/{number}{rest}")

    assert refusal(answer) == (404, "user.export_not_found", {"id": number.lstrip("0")[:255]})


@pytest.mark.parametrize("rest", ["file/a", "zip", "zip/a"])
def test_an_id_that_nobody_has_has_no_files(caller: Caller, rest: str) -> None:
    answer = caller.client.get(f"/api/v1/export/{'9' * 30}/{rest}")

    assert refusal(answer) == (400, "user.export_not_found", {"id": "9" * 30})


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if "/1" in route[1]])
def test_anothers_export_is_404_on_every_route(
    caller: Caller, signed_in: Callable[..., Caller], method: str, path: str
) -> None:
    foreign = str(signed_in().create())
    body: dict[str, Any] = {"json": {"export": {}}} if path.endswith("/1") and method == "POST" else {}

    answer = caller.client.request(method, f"/api/v1{path.replace('/1', f'/{foreign}')}", **body)

    assert refusal(answer) == (404, "user.export_not_found", {"id": foreign})


@pytest.mark.parametrize("rest", ["file/a.csv", "zip", "zip/a"])
def test_anothers_files_are_unknown(caller: Caller, signed_in: Callable[..., Caller], rest: str) -> None:
    foreign = str(signed_in().create())

    answer = caller.client.get(f"/api/v1/export/{foreign}/{rest}")

    assert refusal(answer) == (400, "user.export_not_found", {"id": foreign})


# Bodies


@pytest.mark.parametrize(
    "headers", [{}, {"Content-Type": "application/json"}, {"Content-Type": "application/JSON; charset=UTF-8"}]
)
def test_json_needs_no_type(caller: Caller, headers: dict[str, str]) -> None:
    answer = caller.client.put("/api/v1/export", content=b'\xef\xbb\xbf{"export":{}}', headers=headers)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
        "application/json; charset=latin-1",
    ],
)
def test_other_types_are_not_taken(caller: Caller, content_type: str) -> None:
    answer = caller.client.put("/api/v1/export", content=b'{"export":{}}', headers={"Content-Type": content_type})

    assert refusal(answer) == INVALID


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \r\n",
        b"{",
        b"{'export':{}}",
        b'{"export":{}}}',
        b'{"export":{},"export":{}}',
        b'{"export":{"csv":{"quote":"a","quote":"b"}}}',
        b'{"export":{"name":"\xff"}}',
        b'{"export":{"name":"\\ud800"}}',
        b'{"export":NaN}',
        b'{"export":1e999}',
        b'{"export":' + b"1" * 5000 + b"}",
        b"[" * 100_000,
        b'{"export":' * 100 + b"1" + b"}" * 100,
        b'{"export":{"name":"' + b"a" * 1024 * 1024 + b'"}}',
    ],
    ids=lambda content: content[:30].decode("latin-1"),
)
def test_a_body_that_cannot_be_read_is_400(caller: Caller, content: bytes) -> None:
    assert refusal(caller.client.put("/api/v1/export", content=content)) == INVALID


@pytest.mark.parametrize("content", [b"[]", b"null", b"1", b'"a"', b"true"])
def test_a_body_that_is_no_object_is_another_type(caller: Caller, content: bytes) -> None:
    assert refusal(caller.client.put("/api/v1/export", content=content)) == (400, "api.type_mismatch", {})


@pytest.mark.parametrize("verb", ["start", "stop"])
@pytest.mark.parametrize("sent", [{}, {"json": {}}, {"content": b""}, {"data": {"a": "1"}}])
def test_what_takes_no_body_takes_an_empty_one(caller: Caller, verb: str, sent: dict[str, Any]) -> None:
    number = caller.create()
    if verb == "stop":
        caller.client.post(f"/api/v1/export/{number}/start")

    assert caller.client.post(f"/api/v1/export/{number}/{verb}", **sent).status_code == 200


def test_what_takes_no_body_takes_no_other(caller: Caller) -> None:
    answer = caller.client.post(f"/api/v1/export/{caller.create()}/start", json={"full": True})

    assert refusal(answer) == (400, "api.attribute_not_accepted", {"attribute": "full"})


# Headers


def test_every_answer_carries_the_headers(caller: Caller, web: httpx.Client) -> None:
    wanted = {
        "x-slotport-api-version": "1",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-cache",
    }
    answers = [
        caller.client.get("/api/v1/export"),
        web.get("/api/v1/session"),
        web.get("/api/v1/nothing"),
        web.get("/api/v1/export"),
        web.get("/api/v1/export/1/zip?disposition=inline"),
        web.options("/api/v1/export"),
    ]

    assert [{name: answer.headers.get(name) for name in wanted} for answer in answers] == [wanted] * len(answers)


@pytest.mark.parametrize(("seconds", "kept"), [("0", "no-cache"), ("60", "private, max-age=60")])
def test_a_client_may_keep_an_answer(caller: Caller, seconds: str, kept: str) -> None:
    number = caller.create()
    for path in ("export", f"export/{number}", "event/poll/0", "session"):
        answer = caller.client.get(f"/api/v1/{path}?cache_seconds={seconds}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, kept)


def test_head_is_get_without_the_body(caller: Caller) -> None:
    whole, head = caller.client.get("/api/v1/export"), caller.client.head("/api/v1/export")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))


def test_pages_of_other_sites_may_ask(web: httpx.Client) -> None:
    asked = {
        "Origin": "https://calendar.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "x-easydb-token, content-type",
    }

    answer = web.options("/api/v1/export", headers=asked)

    allowed = {name: text for name, text in answer.headers.items() if name.startswith("access-control")}
    assert (answer.status_code, answer.content) == (200, b"")
    assert allowed == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, PUT, POST, DELETE, OPTIONS",
        "access-control-allow-headers": "x-easydb-token, content-type",
        "access-control-max-age": "86400",
        "access-control-expose-headers": "Content-Disposition, ETag, Content-Range, Retry-After, X-Request-Id",
    }


def test_a_cookie_authenticates_nobody(caller: Caller, web: httpx.Client) -> None:
    answer = web.get("/api/v1/export", headers={"Cookie": f"token={caller.token}; X-Easydb-Token={caller.token}"})

    assert refusal(answer) == (403, "user.not_authenticated", {"reason": "missing"})


# Failures


def test_a_failure_has_a_uuid_that_the_log_has(
    exporting: HttpServer, caller: Caller, lines: Callable[[], list[Any]]
) -> None:
    number = caller.create()
    with exporting.store.write() as transaction:
        transaction.connection.exec_driver_sql(f"UPDATE export SET definition = '{{' WHERE id = {number}")

    answer = caller.client.get(f"/api/v1/export/{number}")

    found = [line for line in lines() if line.get("uuid") == answer.json()["uuid"]]
    assert refusal(answer) == (500, "server.generic", {})
    assert re.fullmatch(UUID, answer.json()["uuid"])
    assert [line["event"] for line in found] == ["unexpected failure", "request"]


@pytest.mark.only("sqlite")
def test_a_lost_database_is_503(tmp_path: Path) -> None:
    with export_server(Settings(data=tmp_path, port=0)) as running:
        running.store.engine.dispose()
        for file in tmp_path.iterdir():
            file.unlink()
        (tmp_path / "slotport.db").mkdir()
        answer = httpx.get(f"{running.url}/api/v1/session?token=a", trust_env=False)
        led = httpx.get(f"{running.url}/api/v1/export/1/zip?token=a&disposition=inline", trust_env=False)

    assert refusal(answer)[:2] == (503, "server.unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert (led.status_code, led.headers["location"]) == (302, "/#server_error:error.server.unavailable")


def test_no_secret_is_logged(
    exporting: HttpServer, caller: Caller, lines: Callable[[], list[Any]], web: httpx.Client
) -> None:
    number = caller.create(transports=[{"type": "download"}])
    web.get(f"/api/v1/export?token={caller.token}")
    web.get(f"/api/v1/session/authenticate?token={caller.token}&login=a&password=s3cr3t")
    web.post("/api/v1/session/authenticate", data={"token": caller.token, "login": "a", "password": "s3cr3t"})
    web.get(f"/api/v1/v1/export/{number}/download/s3cr3t/a.zip")

    found = lines()
    assert f"/api/v1/v1/export/{number}/download/***/a.zip" in [line.get("path") for line in found]
    assert caller.token not in json.dumps(found)
    assert "s3cr3t" not in json.dumps(found)
