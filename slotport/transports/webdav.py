"""WebDAV (RFC 4918; docs/transports/webdav.md): a file is PUT under a name of its own, read back, and MOVEd."""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Self
from unicodedata import normalize
from urllib.parse import quote

import httpx

from slotport.core.export import Receipt, Transport
from slotport.transports.outside import Outside
from slotport.transports.parcel import Log, Parcel, TransportError, TransportRefused
from slotport.transports.pinned_http import PIECE_BYTES, Answer, Http, answer_of, pieces, redirected, within
from slotport.transports.remote import NotReadable, place, try_out

SMALL_BYTES = 64 * 1024  #: what is sent as a whole, and so can be sent again after a challenge
TRY_OUT_SECONDS = 25.0
_TRICKY = frozenset("%?#;")  #: signs that some servers take for something else in the name that a file is to get
_REFUSED = {
    401: "the server refuses the login",
    403: "the server forbids it",
    405: "the server does not do WebDAV here",
    413: "the server takes no file of that size",
    501: "the server does not do WebDAV here",
}


@dataclass(frozen=True, kw_only=True)
class WebDav:
    """Stores files in a collection of a WebDAV server, which is made if it is missing."""

    server: str  #: ``http[s]://host[:port][/path]``, as it is written in a browser
    directory: str = ""  #: below that; plain text, ``/``-separated
    login: str | None = None
    password: str = field(default="", repr=False)
    outside: Outside = field(repr=False)

    @classmethod
    def of(cls, transport: Transport, secrets: Mapping[str, str], outside: Outside) -> Self:
        """The carrier of the transport."""
        options = transport.options
        return cls(
            server=options["server"],
            directory=options.get("directory") or "",
            login=options.get("login") or None,
            password=secrets.get("password", ""),
            outside=outside,
        )

    def deliver(self, parcel: Parcel, log: Log, check: Callable[[], None]) -> Receipt:
        """Store all files of the parcel."""
        with self._connected(log, check) as collection:
            return place(parcel, collection, log, check)

    def try_out(self, uuid: str, log: Log) -> None:
        """Store a small file and remove it."""
        with self._connected(log, within(TRY_OUT_SECONDS)) as collection:
            try_out(collection, uuid, log)

    @contextmanager
    def _connected(self, log: Log, check: Callable[[], None]) -> Iterator["_Collection"]:
        with Http(self.outside, check) as http:
            collection = _Collection(http, self, log)
            if self.login is not None:
                collection.log_in()
            yield collection


class _Collection:
    """The transport's directory (``remote.Remote``)."""

    is_atomic = False

    def __init__(self, http: Http, said: WebDav, log: Log) -> None:
        self._http = http
        self._said = said
        self._log = log
        self._auth: httpx.Auth | None = None
        self._asked = False  #: whether a PUT was tried without a login
        self._base = _base(said.server)
        self._directory = _segments(said.directory)
        self._made: set[tuple[str, ...]] = set()

    def log_in(self) -> None:
        """Let the server ask for a login, if it does so, and see whether it takes this one."""
        answer = self._send("PROPFIND", self._url(()), headers={"Depth": "0"})
        if problem := redirected(answer):
            raise problem
        if answer.status == 401:
            raise _failure("the login", answer)

    def put(self, name: str, file: BinaryIO, size: int) -> None:
        """Store the file."""
        *folders, _ = path = self._path(name)
        self._make(tuple(folders))
        url = self._url(path)
        if size <= SMALL_BYTES:
            answer = self._send("PUT", url, content=b"".join(pieces(file, size)))
        else:
            self._await_challenge(url)
            answer = self._send("PUT", url, headers={"Content-Length": str(size)}, content=pieces(file, size))
        _expect(answer, f"storing {name}", 200, 201, 204)

    def size(self, name: str) -> int | None:
        """The size of the file."""
        answer = self._send("HEAD", self._url(self._path(name)))
        if answer.status in (403, 404, 405, 410):
            return None
        _expect(answer, f"looking for {name}", 200)
        length = answer.headers.get("content-length", "")
        return int(length) if length.isascii() and length.isdigit() else None

    def read(self, name: str) -> Iterator[bytes]:
        """The file in pieces."""
        with self._http.stream(
            "GET", self._url(self._path(name)), headers={"Cache-Control": "no-cache"}, auth=self._auth
        ) as response:
            if response.status_code in (403, 405):
                raise NotReadable(f"the server lets nobody read {name}")
            _expect(answer_of(response), f"reading {name}", 200)
            yield from response.iter_raw(PIECE_BYTES)

    def rename(self, old: str, new: str) -> None:
        """Give a file another name."""
        url, target = self._url(self._path(old)), self._url(self._path(new))
        answer = self._send("MOVE", url, headers={"Destination": target, "Overwrite": "T"})
        if answer.status in (400, 502):
            # a server behind a proxy that does TLS may take its own address for another server's; RFC 4918, 8.3
            path = target[len(self._origin) :]
            answer = self._send("MOVE", url, headers={"Destination": path, "Overwrite": "T"})
        _expect(answer, f"renaming to {new}", 201, 204)
        # some servers decode a Destination twice
        if not _TRICKY.isdisjoint(new) and self._send("HEAD", target).status == 404:
            raise TransportRefused(f"the server renamed to another name than {new}: it does not take all signs")

    def remove(self, name: str) -> None:
        """Remove the file."""
        answer = self._send("DELETE", self._url(self._path(name)))
        if answer.status not in (404, 410):
            _expect(answer, f"removing {name}", 200, 202, 204)

    def _path(self, name: str) -> tuple[str, ...]:
        return (*self._directory, *_segments(name))

    @property
    def _origin(self) -> str:
        scheme, _, rest = self._base.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}"

    def _url(self, path: Iterable[str]) -> str:
        return f"{self._base}/" + "/".join(quote(segment, safe="") for segment in path)

    def _make(self, folders: tuple[str, ...]) -> None:
        """Make the collection, and those above if they are missing."""
        if not folders or folders in self._made:
            return
        url = self._url(folders) + "/"
        answer = self._send("MKCOL", url)
        if answer.status in (404, 409) and len(folders) > 1:
            self._make(folders[:-1])
            answer = self._send("MKCOL", url)
        if answer.status != 405:  # it is there
            _expect(answer, f"making the folder {'/'.join(folders)}", 200, 201)
        self._made.add(folders)

    def _await_challenge(self, url: str) -> None:
        """What is sent in pieces cannot be sent again: whatever the server wants first, it gets to say before."""
        if isinstance(self._auth, _Digest):
            self.log_in()  # its nonce may have become stale
        elif self._said.login is not None and self._auth is None and not self._asked:
            self._asked = True
            self._send("PUT", url)

    def _send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | Iterable[bytes] = b"",
    ) -> Answer:
        """The answer; logs in when the server asks for it the first time, unless the content is in pieces."""
        answer = self._http.send(method, url, headers=headers, content=content, auth=self._auth)
        if answer.status != 401 or self._auth is not None or self._said.login is None:
            return answer
        self._auth = self._authentication(answer)
        if not isinstance(content, bytes):
            return answer
        return self._http.send(method, url, headers=headers, content=content, auth=self._auth)

    def _authentication(self, answer: Answer) -> httpx.Auth:
        asked = [line.lower() for line in answer.headers.get_list("www-authenticate")]
        login, password = self._said.login or "", self._said.password
        if any(line.startswith("digest ") for line in asked):
            if not {'"', "\\"}.isdisjoint(login):
                raise TransportRefused("a Digest login cannot have quotes or backslashes in its name")
            return _Digest(login, password)
        if any(line.startswith("basic") for line in asked):
            if self._base.startswith("http://"):
                self._log("warning", "login and password go to the server without encryption")
            return httpx.BasicAuth(login, password)
        kinds = ", ".join(re.sub(r"\W.*", "", line)[:20] for line in asked) or "none that it names"
        raise TransportRefused(f"the server wants a login of another kind than Basic and Digest: {kinds}")


class _Digest(httpx.DigestAuth):
    """As httpx does it, with a word about what it does not."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign the request, after a challenge if there was none before."""
        request.headers.encoding = "utf-8"  # RFC 7616, section 4; httpx takes ASCII where nothing is said
        try:
            yield from super().auth_flow(request)
        except (KeyError, ValueError, NotImplementedError) as cause:
            raise TransportRefused("the server wants a Digest login of a kind that is not known here") from cause


def _base(server: str) -> str:
    """The server's address without what does not belong to it, and without a slash at its end."""
    try:
        url = httpx.URL(server)
    except httpx.InvalidURL as cause:
        raise TransportRefused("the server's address is none") from cause
    if url.scheme not in ("http", "https") or not url.host:
        raise TransportRefused("the server's address begins neither with http:// nor with https://")
    path = url.raw_path.partition(b"?")[0].decode("ascii").rstrip("/")
    return f"{url.scheme}://{url.netloc.decode('ascii')}{path}"


def _segments(path: str) -> tuple[str, ...]:
    found = tuple(segment for segment in normalize("NFC", path).split("/") if segment)
    if any(segment in (".", "..") for segment in found):
        raise TransportRefused("a directory cannot be named . or ..")
    return found


def _expect(answer: Answer, what: str, *statuses: int) -> None:
    if answer.status not in statuses:
        raise redirected(answer) or _failure(what, answer)


def _failure(what: str, answer: Answer) -> TransportError:
    """The error that the answer is: refused if no later try can pass."""
    is_stale = "stale=true" in answer.headers.get("www-authenticate", "").lower()
    refused = _REFUSED.get(answer.status)
    if refused is not None and not is_stale:
        return TransportRefused(f"{refused}: {what}: {answer.line}")
    return TransportError(f"{what} failed: the server said {answer.line}")
