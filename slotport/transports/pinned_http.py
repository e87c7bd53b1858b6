"""HTTP to other machines: every connection goes to a checked address (spec 5.3), and no redirect is followed.

A wait for the other side is cut into slices, with ``check`` between them: a delivery that is to stop does so while the
link hangs, and a server that answers byte by byte wins no time.
"""

import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from selectors import EVENT_READ, DefaultSelector
from socket import IPPROTO_TCP, TCP_NODELAY, socket
from typing import Any, BinaryIO, Self, TypeVar, cast

import httpcore
import httpx
from msgspec import Struct

from slotport.transports.outside import Outside
from slotport.transports.parcel import TransportError, TransportRefused

SLICE_SECONDS = 0.25
WRITE_BYTES = 64 * 1024
PIECE_BYTES = 256 * 1024  #: of a body that is read or written
ANSWER_BYTES = 64 * 1024  #: that are read of an answer which is no file
IDLE_SECONDS = 4.0  #: after which a connection is not used again: servers close theirs after five and more
WORDS = 300  #: characters of a server's words that are told
_T = TypeVar("_T")


class Answer(Struct, frozen=True):
    """What a server answered; the body is cut after ``ANSWER_BYTES``."""

    status: int
    reason: str
    headers: httpx.Headers
    body: bytes = b""

    @property
    def line(self) -> str:
        """Status and reason, as the server says them."""
        return f"{self.status} {self.reason}".strip()


class Http:
    """Sends requests; to be closed. Used by one thread."""

    def __init__(self, outside: Outside, check: Callable[[], None]) -> None:
        self._client = httpx.Client(
            transport=_Pinned(outside, check),
            trust_env=False,
            follow_redirects=False,
            timeout=outside.timeout_seconds,
            headers={"Accept-Encoding": "identity", "User-Agent": "Slotport"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | Iterable[bytes] = b"",
        auth: httpx.Auth | None = None,
    ) -> Answer:
        """The answer to a request, whatever its status.

        A content of several pieces needs the header Content-Length, and is sent only once. Raises TransportError and
        TransportRefused, and what ``check`` or reading the content raises.
        """
        with self.stream(method, url, headers=headers, content=content, auth=auth) as response:
            body = bytearray()
            for piece in response.iter_raw():
                body += piece
                if len(body) >= ANSWER_BYTES:
                    break
            return answer_of(response, bytes(body[:ANSWER_BYTES]))

    @contextmanager
    def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | Iterable[bytes] = b"",
        auth: httpx.Auth | None = None,
    ) -> Iterator[httpx.Response]:
        """The answer to a request while its body comes in; ``iter_raw`` gives that as it was stored."""
        with (
            _told(url),
            self._client.stream(method, url, headers=headers, content=content or None, auth=auth) as response,
        ):
            yield response


def answer_of(response: httpx.Response, body: bytes = b"") -> Answer:
    """What the response says, without its body or with the one that was read."""
    return Answer(response.status_code, words(response.reason_phrase), response.headers, body)


def words(text: str) -> str:
    """What a server says, as far as it can be told."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()[:WORDS]


def pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The file's first ``size`` bytes; raises TransportError if there are fewer."""
    left = size
    while left:
        piece = file.read(min(PIECE_BYTES, left))
        if not piece:
            raise TransportError("the file is shorter than it was")
        left -= len(piece)
        yield piece


def redirected(answer: Answer) -> TransportRefused | None:
    """The error if the answer is a redirect: none is followed, since it may lead anywhere."""
    if not 300 <= answer.status < 400 or answer.status == 304:
        return None
    where = words(answer.headers.get("location", "elsewhere"))
    return TransportRefused(f"the server redirects to {where}, which is not followed ({answer.line})")


def within(seconds: float) -> Callable[[], None]:
    """A check that lets things happen for so long, and raises TransportError then."""
    until = time.monotonic() + seconds

    def check() -> None:
        if time.monotonic() > until:
            raise TransportError(f"it was not done within {seconds:.0f} seconds")

    return check


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Failures of the connection as transports have them."""
    try:
        yield
    except (httpcore.TimeoutException, httpx.TimeoutException) as cause:
        raise TransportError(f"{_host(url)} did not answer in time") from cause
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError, httpx.StreamError) as cause:
        raise TransportError(f"the connection to {_host(url)} broke: {words(str(cause)) or 'it was closed'}") from cause
    except (httpx.InvalidURL, httpcore.UnsupportedProtocol) as cause:
        raise TransportRefused(f"this is no address of a server: {words(str(cause))}") from cause


def _host(url: str) -> str:
    with suppress(httpx.InvalidURL):
        return httpx.URL(url).host
    return "the server"


class _Pinned(httpx.BaseTransport):
    """Sends what an httpx client asks for over connections of ``Outside``."""

    def __init__(self, outside: Outside, check: Callable[[], None]) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=outside.tls(),
            max_connections=1,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=_Backend(outside, check),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it; the body of the answer is read later."""
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=cast("Iterable[bytes]", request.stream),
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=dict(answer.extensions)
        )

    def close(self) -> None:
        """End all connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """The body of an answer; one that is no file has an end, since httpx reads some of them as a whole."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        count = 0
        for piece in self._answer.iter_stream():
            count += len(piece)
            if self._answer.status >= 300 and count > ANSWER_BYTES:
                raise httpcore.ReadError("the answer is too long")
            yield piece

    def close(self) -> None:
        """Leave the rest."""
        self._answer.close()


class _Backend(httpcore.NetworkBackend):
    def __init__(self, outside: Outside, check: Callable[[], None]) -> None:
        self._outside = outside
        self._check = check

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        """A connection to the host's checked address."""
        self._check()
        link = self._outside.connect(host, port)
        link.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        return _Stream(link, self._check)


class _Stream(httpcore.NetworkStream):
    """A socket; ``timeout`` limits how long nothing happens."""

    def __init__(self, link: socket, check: Callable[[], None]) -> None:
        self._socket = link
        self._check = check
        link.settimeout(SLICE_SECONDS)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has arrived, once something has; nothing at the end."""
        try:
            return self._patiently(partial(self._socket.recv, max_bytes), timeout)
        except TimeoutError as cause:
            raise httpcore.ReadTimeout from cause
        except OSError as cause:
            raise httpcore.ReadError(_said(cause)) from cause

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        rest = memoryview(buffer)
        try:
            while rest:
                # what TLS could not send at once has to be given to it again as it was: the same piece
                sent = self._patiently(partial(self._socket.send, rest[:WRITE_BYTES]), timeout)
                rest = rest[sent:]
        except TimeoutError as cause:
            raise httpcore.WriteTimeout from cause
        except OSError as cause:
            raise httpcore.WriteError(_said(cause)) from cause

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection, encrypted, the certificate verified against the name."""
        link = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname, do_handshake_on_connect=False)
        try:
            self._patiently(link.do_handshake, timeout)
        except ssl.SSLCertVerificationError as cause:
            link.close()
            raise TransportRefused(
                f"the certificate of {server_hostname} is not accepted: {cause.verify_message}"
            ) from cause
        except TimeoutError as cause:
            link.close()
            raise httpcore.ConnectTimeout from cause
        except OSError as cause:
            link.close()
            raise httpcore.ConnectError(_said(cause)) from cause
        except BaseException:
            link.close()
            raise
        return _Stream(link, self._check)

    def get_extra_info(self, info: str) -> Any:
        """Of what the connection pool asks for, what there is."""
        if info != "is_readable":
            return None
        with DefaultSelector() as selector:
            selector.register(self._socket, EVENT_READ)
            return bool(selector.select(0))

    def _patiently(self, act: Callable[[], _T], timeout: float | None) -> _T:
        until = time.monotonic() + (timeout or float("inf"))
        while True:
            self._check()
            try:
                return act()
            except TimeoutError:
                if time.monotonic() >= until:
                    raise


def _said(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
