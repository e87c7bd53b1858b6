"""What every answer carries, and what happens to a request before routing, over the running server."""

import re
import socket
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Request, get
from litestar.datastructures import State

from slotport.settings import Settings
from tests.servers import HttpServer, http_server

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
CARRIED = {
    "x-frame-options": "SAMEORIGIN",
    "x-xss-protection": "1; mode=block",
    "x-content-type-options": "nosniff",
    "vary": "Accept-Encoding, Origin",
}
EXPOSED = (
    "Content-Disposition, ETag, Retry-After, X-Request-Id, X-Import-Id, X-Import-Created, X-Import-Updated,"
    " X-Import-Unchanged, X-Import-Skipped, X-Import-Rejected"
)


def raw(server: HttpServer, request: bytes) -> bytes:
    """The whole answer to the bytes of one request."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/healthz"),
        ("GET", "/"),
        ("GET", "/v1/nothing"),
        ("POST", "/healthz"),
        ("POST", "/v1/users"),
        ("OPTIONS", "/v1"),
    ],
)
def test_every_answer_carries_the_headers(api: httpx.Client, method: str, path: str) -> None:
    headers = api.request(method, path).headers

    assert {name: headers[name] for name in CARRIED} == CARRIED
    assert re.fullmatch(UUID, headers["x-request-id"])
    assert re.fullmatch(r"\d+\.\d{6}", headers["x-runtime"])


def test_a_well_formed_request_id_is_kept(api: httpx.Client) -> None:
    sent = str(uuid4()).upper()

    assert api.get("/healthz", headers={"X-Request-Id": sent}).headers["x-request-id"] == sent


@pytest.mark.parametrize("sent", ["1", "x" * 36, "{5e1f6c0a-7b1d-4c52-9a37-0d4b8f2e6a11}", ""])
def test_any_other_request_id_is_not(api: httpx.Client, sent: str) -> None:
    assert re.fullmatch(UUID, api.get("/healthz", headers={"X-Request-Id": sent}).headers["x-request-id"])


def test_head_is_get_without_the_body(api: httpx.Client) -> None:
    whole, head = api.get("/docs"), api.head("/docs")

    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 1000
    assert [head.headers[name] == whole.headers[name] for name in ("content-length", "content-type")] == [True, True]


@pytest.mark.parametrize("path", ["/healthz/", "//healthz", "///healthz//", "/%68ealthz", "/healthz/?a=b"])
def test_slashes_collapse_without_a_redirect(server: HttpServer, path: str) -> None:
    answer = raw(server, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b'\r\n\r\n{"status":"ok"}')


@pytest.mark.parametrize("path", ["/%2Fhealthz", "/healthz%2F", "/healthz/..", "/./healthz", "/health%00z", "/%ff"])
def test_an_escaped_slash_separates_nothing(server: HttpServer, path: str) -> None:
    answer = raw(server, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 404 ")


def test_http_1_0_gets_a_length(server: HttpServer) -> None:
    head, _, body = raw(server, b"GET /docs HTTP/1.0\r\n\r\n").partition(b"\r\n\r\n")

    assert f"content-length: {len(body)}".encode() in head.lower()
    assert b"transfer-encoding" not in head.lower()


def test_http_1_0_may_ask_for_the_head(server: HttpServer) -> None:
    head, _, body = raw(server, b"HEAD /healthz HTTP/1.0\r\n\r\n").partition(b"\r\n\r\n")

    assert b"content-length: 15" in head.lower()
    assert body == b""


def test_a_preflight_is_answered_before_routing(api: httpx.Client) -> None:
    asked = {
        "Origin": "https://calendar.example.org",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, x-own",
    }

    answer = api.options("/v1/slots/1", headers=asked)

    allowed = {name: text for name, text in answer.headers.items() if name.startswith("access-control")}
    assert (answer.status_code, answer.content) == (200, b"")
    assert allowed == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, POST, PATCH, DELETE, OPTIONS",
        "access-control-allow-headers": "authorization, x-own",
        "access-control-max-age": "86400",
        "access-control-expose-headers": EXPOSED,
    }


@pytest.mark.parametrize("path", ["/v1/me", "/v1/nothing", "/"])
def test_pages_of_other_sites_may_read_the_answer(api: httpx.Client, path: str) -> None:
    headers = api.get(path, headers={"Origin": "https://calendar.example.org"}).headers

    assert headers["access-control-allow-origin"] == "*"
    assert headers["access-control-expose-headers"] == EXPOSED
    assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/docs", "/openapi.json", "/elsewhere"])
def test_operations_are_for_no_other_site(api: httpx.Client, path: str) -> None:
    headers = api.get(path, headers={"Origin": "https://calendar.example.org"}).headers

    assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize("host", ["a/b", "a b", ""])
def test_an_odd_host_is_no_failure(server: HttpServer, host: str) -> None:
    answer = raw(server, f"GET /v1/me HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())

    assert answer[:12] in {b"HTTP/1.1 400", b"HTTP/1.1 401"}


@get("/v1/from", sync_to_thread=False)
def told_from(request: Request[Any, Any, State]) -> dict[str, Any]:
    return {"address": request.client.host if request.client else None, "scheme": request.url.scheme}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "192.0.2.9", "127.0.0.1"),
        (1, "192.0.2.9", "192.0.2.9"),
        (1, "203.0.113.1, 192.0.2.9", "192.0.2.9"),
        (2, "203.0.113.1, 198.51.100.7, 192.0.2.9", "198.51.100.7"),
        (2, "192.0.2.9", "192.0.2.9"),
        (1, "", "127.0.0.1"),
    ],
)
def test_as_many_proxies_are_believed_as_are_set(tmp_path: Path, proxies: int, forwarded: str, address: str) -> None:
    sent = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"} if forwarded else {}

    with http_server(Settings(data=tmp_path, port=0, trusted_proxy_count=proxies), further=[told_from]) as running:
        answer = httpx.get(f"{running.url}/v1/from", headers=sent, trust_env=False)

    assert answer.json() == {"address": address, "scheme": "https" if proxies and forwarded else "http"}
