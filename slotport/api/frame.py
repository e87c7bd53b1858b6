"""What happens to every request before routing, and to every answer after it.

Paths are split before percent-decoding, so that ``%2F`` separates nothing; repeated slashes collapse and one at the
end is ignored. HEAD is GET without the body. An answer of unknown length gets one for HTTP/1.0, which has no chunks.
Cross-origin requests, the request's id and duration, and the headers that every answer carries are here too.
"""

import asyncio
import re
from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from time import perf_counter
from typing import Any
from urllib.parse import unquote_to_bytes
from uuid import uuid4

import structlog
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, HTTPScope, Message, Receive, Scope, Send

from slotport.api.logs import shown_path
from slotport.api.metrics import Metrics
from slotport.api.pieces import Stalled
from slotport.api.scope import ESCAPED_SLASH, HEAD, SPOOLS
from slotport.api.surfaces import Surface

log = structlog.get_logger("slotport.http")


SPOOL_BYTES = 1024 * 1024
CHUNK_BYTES = 256 * 1024

HEADERS = {
    "X-Frame-Options": "SAMEORIGIN",
    "X-XSS-Protection": "1; mode=block",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Encoding, Origin",
}
LISTED_METHODS = "POST, GET, PUT, DELETE, OPTIONS"
LISTED_HEADERS = "content-type, authorization, convention, cache-control"
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def routed_path(raw: bytes) -> str:
    """The path that routing sees: split first, then decoded; bytes that are no UTF-8 become U+FFFD."""
    segments = [unquote_to_bytes(part).decode("utf-8", "replace") for part in raw.split(b"/") if part]
    return "/" + "/".join(segment.replace("/", ESCAPED_SLASH) for segment in segments)


class Frame:
    """The outermost ASGI application."""

    def __init__(
        self,
        app: ASGIApp,
        surface_of: Callable[[str], Surface],
        metrics: Metrics,
        *,
        trusted_proxy_count: int,
        listed_origins: frozenset[str] = frozenset(),
    ) -> None:
        self.app = app
        self._surface_of = surface_of
        self._metrics = metrics
        self._trusted_proxy_count = trusted_proxy_count
        self._listed_origins = listed_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (or run the application's lifespan)."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        inner = _routed(scope, self._trusted_proxy_count)
        surface = self._surface_of(inner["path"])
        answer = _Answer(inner, surface, send, self._listed_origins)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=answer.request_id)
        try:
            if surface.any_origin and _is_preflight(inner):
                await answer.preflight()
            elif surface.listed_origins and inner["method"] == "OPTIONS":
                await answer.preflight_of_listed()
            else:
                await self.app(inner, receive, answer.send)
            await answer.finish()
        except asyncio.CancelledError:  # the server stops
            log.warning("the answer was cut: the server stops")
            await answer.stopped()
        except Exception as error:
            # after the headers only an early end can tell the client; before them Litestar has answered
            if _is_stalled(error):
                log.warning("the answer was cut: the client takes nothing of it")
            else:
                log.exception("the answer was cut")
        finally:
            for spool in inner.get(SPOOLS, ()):
                spool.close()
            self._note(scope["method"], inner["path"], surface, answer)

    def _note(self, method: str, path: str, surface: Surface, answer: "_Answer") -> None:
        seconds = perf_counter() - answer.began
        self._metrics.note(surface.name, method, answer.status, seconds)
        # probes come every few seconds, and say nothing as long as all is well
        quiet = surface.name == "operations" and answer.status < 400
        (log.debug if quiet else log.info)(
            "request",
            method=method,
            path=shown_path(path),
            status=answer.status,
            seconds=round(seconds, 6),
        )


def _routed(scope: HTTPScope, trusted_proxy_count: int) -> Any:
    """A copy of the scope as routing wants it."""
    raw = scope.get("raw_path") or scope["path"].encode()
    inner: dict[str, Any] = {**scope, "path": routed_path(raw)}
    if scope["method"] == "HEAD":
        inner |= {"method": "GET", HEAD: True}
    if trusted_proxy_count:
        forwarded = _forwarded(scope, b"x-forwarded-for", trusted_proxy_count)
        if forwarded is not None:
            inner["client"] = (forwarded, 0)
        if _forwarded(scope, b"x-forwarded-proto", trusted_proxy_count) == "https":
            inner["scheme"] = "https"
    return inner


def _forwarded(scope: HTTPScope, name: bytes, proxies: int) -> str | None:
    """What the outermost of the trusted proxies saw: the value that it appended."""
    values = [part.strip() for key, text in scope["headers"] if key == name for part in text.split(b",")]
    return values[-min(proxies, len(values))].decode("latin-1") if values else None


def _is_stalled(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, Stalled):
        error = error.__cause__
    return error is not None


def _is_preflight(scope: HTTPScope) -> bool:
    return scope["method"] == "OPTIONS" and any(key == b"access-control-request-method" for key, _ in scope["headers"])


class _Answer:
    """Adds what every answer carries, and remembers its status."""

    def __init__(self, scope: HTTPScope, surface: Surface, send: Send, listed_origins: frozenset[str]) -> None:
        self.began = perf_counter()
        self.status = 0  #: 0 until the headers went out
        headers = dict(scope["headers"])
        sent_id = headers.get(b"x-request-id", b"").decode("latin-1")
        self.request_id = sent_id if _UUID.fullmatch(sent_id) else str(uuid4())
        self._surface = surface
        self._cross_origin = surface.any_origin and b"origin" in headers
        origin = headers.get(b"origin", b"").decode("latin-1")
        self._listed_origin = origin if surface.listed_origins and origin in listed_origins else None
        self._wanted_headers = headers.get(b"access-control-request-headers", b"").decode("latin-1")
        self._send = send
        self._spool = _Spool(self._send_on) if scope["http_version"] == "1.0" else None

    async def send(self, message: Message) -> None:
        """Pass a message of the application on."""
        if self._spool is not None:
            await self._spool.take(message)
        else:
            await self._send_on(message)

    async def finish(self) -> None:
        """Send what is held back for HTTP/1.0."""
        if self._spool is not None:
            await self._spool.give()

    async def preflight(self) -> None:
        """Allow what a browser asks for before a cross-origin request."""
        headers = {
            "Access-Control-Allow-Methods": self._surface.cors_methods,
            "Access-Control-Allow-Headers": self._wanted_headers or "*",
            "Access-Control-Max-Age": "86400",
            "Content-Length": "0",
        }
        await self._send_empty(headers)

    async def preflight_of_listed(self) -> None:
        """Allow the pages of listed sites what their programs do; to all others say only what there is."""
        headers = {"Allow": LISTED_METHODS, "Content-Length": "0"}
        if self._listed_origin is not None:
            headers |= {
                "Access-Control-Allow-Methods": LISTED_METHODS,
                "Access-Control-Allow-Headers": LISTED_HEADERS,
                "Access-Control-Max-Age": "1728000",
            }
        await self._send_empty(headers)

    async def _send_empty(self, headers: dict[str, str]) -> None:
        encoded = [(name.lower().encode(), text.encode("latin-1")) for name, text in headers.items()]
        await self._send_on({"type": "http.response.start", "status": 200, "headers": encoded})
        await self._send_on({"type": "http.response.body", "body": b"", "more_body": False})

    async def stopped(self) -> None:
        """Tell a client that waits in vain why it does."""
        if self.status == 0:
            body = self._surface.stopped
            headers = [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"retry-after", b"5"),
                (b"connection", b"close"),
            ]
            await self._send_on({"type": "http.response.start", "status": 503, "headers": headers})
            await self._send_on({"type": "http.response.body", "body": body, "more_body": False})

    async def _send_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._complete(message)
        await self._send(message)

    def _complete(self, start: HTTPResponseStartEvent) -> None:
        self.status = start["status"]
        start["headers"] = list(start["headers"])
        headers = MutableScopeHeaders.from_message(start)
        for name, text in {**HEADERS, **self._surface.headers}.items():
            headers.setdefault(name, text)
        if self._cross_origin:
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Expose-Headers"] = self._surface.cors_exposed
        if self._surface.listed_origins:
            headers.setdefault("Cache-Control", "no-cache, private")
            if headers.get("content-type") == "application/json":
                headers["Content-Type"] = self._surface.media_type
        if self._listed_origin is not None:
            headers["Access-Control-Allow-Origin"] = self._listed_origin
            headers["Access-Control-Allow-Credentials"] = "true"
            headers["Access-Control-Expose-Headers"] = "Retry-After, X-Request-Id"
        headers["X-Request-Id"] = self.request_id
        headers["X-Runtime"] = f"{perf_counter() - self.began:.6f}"


class _Spool:
    """Holds an answer of unknown length back until its length is known."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: HTTPResponseStartEvent | None = None
        self._body = SpooledTemporaryFile[bytes](max_size=SPOOL_BYTES)

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            self._body.write(message["body"])

    async def give(self) -> None:
        if self._start is None:
            return
        with self._body as body:
            length = body.tell()
            headers = [pair for pair in self._start["headers"] if pair[0] != b"content-length"]
            known = dict(self._start["headers"]).get(b"content-length")
            headers.append((b"content-length", known or str(length).encode()))
            await self._send({**self._start, "headers": headers})
            body.seek(0)
            while chunk := body.read(CHUNK_BYTES):
                await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
