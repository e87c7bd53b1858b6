"""S3 and what speaks like it (docs/transports/s3.md): an object appears as a whole, so it needs no other name before.

Each request is signed, its body included (Signature Version 4, by AWS's own library), and each object and part carries
its SHA-256, which the server compares.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape, unescape
from typing import Any, BinaryIO, Self
from urllib.parse import quote, urlencode

import httpx
from awscrt.auth import (
    AwsCredentialsProvider,
    AwsSignatureType,
    AwsSignedBodyHeaderType,
    AwsSigningAlgorithm,
    AwsSigningConfig,
    aws_sign_request,
)
from awscrt.http import HttpHeaders, HttpRequest
from msgspec import structs

from slotport.core.export import Receipt, Transport
from slotport.transports.outside import Outside
from slotport.transports.parcel import Log, Parcel, TransportError, TransportRefused
from slotport.transports.pinned_http import PIECE_BYTES, Answer, Http, answer_of, pieces, redirected, within, words
from slotport.transports.remote import NotReadable, place, try_out

MIB = 1024 * 1024
PART_BYTES, MOST_PART_BYTES = 8 * MIB, 64 * MIB
MOST_PARTS = 10_000
TRY_OUT_SECONDS = 25.0
ABORT_SECONDS = 3.0  #: for telling the server to forget the parts of an object that is not stored after all
_SIGNED = ("host", "content-md5", "content-type")  #: and all that begin with x-amz-
#: what no later try can mend
_REFUSED = frozenset(
    "AccessDenied AccountProblem AllAccessDisabled AuthorizationHeaderMalformed EntityTooLarge InvalidAccessKeyId"
    " InvalidAccessPoint InvalidBucketName InvalidObjectState InvalidPayer InvalidSecurity InvalidToken KeyTooLongError"
    " MethodNotAllowed NoSuchBucket NotImplemented NotSignedUp PermanentRedirect SignatureDoesNotMatch"
    " TemporaryRedirect UnauthorizedAccess".split()
)


@dataclass(frozen=True, kw_only=True)
class S3:
    """Stores objects in a bucket."""

    bucket: str
    access_key: str
    secret_key: str = field(repr=False)
    endpoint: str | None = None  #: ``http[s]://host[:port]``; None: Amazon's in the region
    region: str = "us-east-1"
    prefix: str = ""  #: what all names begin with, as a folder
    path_style: bool | None = None  #: the bucket in the path, not in the host's name; None: as the endpoint likes it
    outside: Outside = field(repr=False)

    @classmethod
    def of(cls, transport: Transport, secrets: Mapping[str, str], outside: Outside) -> Self:
        """The carrier of the transport."""
        options = transport.options
        return cls(
            bucket=options["bucket"],
            access_key=options.get("access_key") or "",
            secret_key=secrets.get("secret_key", ""),
            endpoint=options.get("endpoint") or None,
            region=options.get("region") or "us-east-1",
            prefix=options.get("prefix") or "",
            path_style=options.get("path_style"),
            outside=outside,
        )

    @property
    def address(self) -> str:
        """Where the bucket is, without a slash at the end.

        Amazon wants the bucket before the host's name, others seldom have names for that; a bucket with dots in its
        name would not fit Amazon's certificate.
        """
        endpoint = (self.endpoint or f"https://s3.{self.region}.amazonaws.com").rstrip("/")
        in_path = self.path_style
        if in_path is None:
            in_path = self.endpoint is not None or "." in self.bucket
        bucket = quote(self.bucket, safe="")
        scheme, _, host = endpoint.partition("://")
        return f"{endpoint}/{bucket}" if in_path else f"{scheme}://{bucket}.{host}"

    def deliver(self, parcel: Parcel, log: Log, check: Callable[[], None]) -> Receipt:
        """Store all files of the parcel."""
        with self._connected(check) as bucket:
            return place(parcel, bucket, log, check)

    def try_out(self, uuid: str, log: Log) -> None:
        """Store a small object and remove it."""
        with self._connected(within(TRY_OUT_SECONDS)) as bucket:
            try_out(bucket, uuid, log)

    @contextmanager
    def _connected(self, check: Callable[[], None]) -> Iterator["_Bucket"]:
        if not self.access_key or not self.secret_key:
            raise TransportRefused("access_key and secret_key are needed")
        with Http(self.outside, check) as http:
            yield _Bucket(http, self)


class _Bucket:
    """The objects whose names begin with the transport's prefix (``remote.Remote``)."""

    is_atomic = True

    def __init__(self, http: Http, said: S3) -> None:
        self._http = http
        self._said = said
        self._prefix = "".join(f"{segment}/" for segment in said.prefix.split("/") if segment)
        self._signature = _Signature(said)

    def put(self, name: str, file: BinaryIO, size: int) -> None:
        """Store the object, in parts if it is large."""
        if size > PART_BYTES:
            self._put_parts(name, file, size)
            return
        body = b"".join(pieces(file, size))
        _expect(self._send("PUT", name, content=body, headers=_checksum(body)), f"storing {name}", 200)

    def size(self, name: str) -> int | None:
        """The size of the object."""
        answer = self._send("HEAD", name)
        if answer.status in (403, 404):
            return None
        _expect(answer, f"looking for {name}", 200)
        length = answer.headers.get("content-length", "")
        return int(length) if length.isascii() and length.isdigit() else None

    def read(self, name: str) -> Iterator[bytes]:
        """The object in pieces."""
        with self._http.stream("GET", self._url(name), auth=self._signature) as response:
            if response.status_code in (403, 405):
                raise NotReadable(f"this access_key may not read {name}")
            _expect(answer_of(response), f"reading {name}", 200)
            yield from response.iter_raw(PIECE_BYTES)

    def rename(self, old: str, new: str) -> None:
        """Never asked for: nothing is stored under another name."""
        raise TransportError(f"a bucket cannot rename {old} to {new}")

    def remove(self, name: str) -> None:
        """Remove the object."""
        answer = self._send("DELETE", name)
        if answer.status != 404 or _element(answer.body, "Code") == "NoSuchBucket":
            _expect(answer, f"removing {name}", 200, 204)

    def _put_parts(self, name: str, file: BinaryIO, size: int) -> None:
        length = max(PART_BYTES, -(-size // MOST_PARTS // MIB) * MIB)
        if length > MOST_PART_BYTES:
            raise TransportRefused(f"{name} is too large: {MOST_PARTS * MOST_PART_BYTES} bytes is the most")
        self._forget_parts(name)
        begun = self._send("POST", name, {"uploads": ""}, headers={"x-amz-checksum-algorithm": "SHA256"})
        _expect(begun, f"storing {name}", 200)
        upload = _element(begun.body, "UploadId")
        if not upload:
            raise TransportError(f"storing {name} failed: the server began no upload in parts")
        try:
            parts = [
                self._put_part(name, upload, number, b"".join(pieces(file, min(length, size - start))))
                for number, start in enumerate(range(0, size, length), start=1)
            ]
            body = f'<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{"".join(parts)}'
            body += "</CompleteMultipartUpload>"
            ended = self._send("POST", name, {"uploadId": upload}, content=body.encode())
            _expect(ended, f"storing {name}", 200)
        except BaseException:
            self._abort(name, upload)
            raise

    def _put_part(self, name: str, upload: str, number: int, body: bytes) -> str:
        """What the end of the upload has to say about the part."""
        query = {"partNumber": str(number), "uploadId": upload}
        checksum = _checksum(body)
        answer = self._send("PUT", name, query, content=body, headers=checksum)
        _expect(answer, f"storing part {number} of {name}", 200)
        tag = escape(answer.headers.get("etag", ""))
        return (
            f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag>"
            f"<ChecksumSHA256>{checksum['x-amz-checksum-sha256']}</ChecksumSHA256></Part>"
        )

    def _forget_parts(self, name: str) -> None:
        """Remove the parts that a try left which was killed; a server that lists none has none that we can remove."""
        key = self._prefix + name
        answer = self._send("GET", None, {"uploads": "", "prefix": key})
        if answer.status != 200:
            return
        for found in re.findall(rb"<Upload>.*?</Upload>", answer.body, re.DOTALL):
            if _element(found, "Key") == key and (upload := _element(found, "UploadId")):
                self._send("DELETE", name, {"uploadId": upload})

    def _abort(self, name: str, upload: str) -> None:
        """The same for this try, over a connection of its own, since the other may hang or be stopped."""
        outside = structs.replace(
            self._said.outside, timeout_seconds=min(ABORT_SECONDS, self._said.outside.timeout_seconds)
        )
        with suppress(TransportError), Http(outside, within(ABORT_SECONDS)) as http:
            http.send("DELETE", self._url(name, {"uploadId": upload}), auth=self._signature)

    def _send(
        self,
        method: str,
        name: str | None,
        query: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
    ) -> Answer:
        return self._http.send(method, self._url(name, query), headers=headers, content=content, auth=self._signature)

    def _url(self, name: str | None, query: Mapping[str, str] | None = None) -> str:
        """The address of an object, or without a name of the bucket."""
        key = "" if name is None else self._prefix + name
        if any(segment in (".", "..") for segment in key.split("/")):
            raise TransportRefused("no part of a prefix can be . or ..")
        found = f"{self._said.address}/{quote(key, safe='/')}"
        return f"{found}?{urlencode(query, quote_via=quote, safe='')}" if query else found


class _Signature(httpx.Auth):
    """Signs requests for the bucket; the body goes into the signature."""

    requires_request_body = True

    def __init__(self, said: S3) -> None:
        self._region = said.region
        self._keys = AwsCredentialsProvider.new_static(said.access_key, said.secret_key)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the headers of the signature."""
        config = AwsSigningConfig(
            algorithm=AwsSigningAlgorithm.V4,
            signature_type=AwsSignatureType.HTTP_REQUEST_HEADERS,
            credentials_provider=self._keys,
            region=self._region,
            service="s3",
            use_double_uri_encode=False,
            should_normalize_uri_path=False,
            signed_body_value=sha256(request.content).hexdigest(),
            signed_body_header_type=AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA_256,
        )
        signed = {
            name: value for name, value in request.headers.items() if name.startswith("x-amz-") or name in _SIGNED
        }
        unsigned = HttpRequest(request.method, request.url.raw_path.decode("ascii"), HttpHeaders([*signed.items()]))
        found: Any = aws_sign_request(unsigned, config).result()
        for name, value in found.headers:
            request.headers[name] = value
        yield request


def _checksum(body: bytes) -> dict[str, str]:
    return {"x-amz-checksum-sha256": b64encode(sha256(body).digest()).decode("ascii")}


def _element(body: bytes, name: str) -> str:
    """The text of the first element of that name in an answer; empty if there is none."""
    found = re.search(rf"<{name}>([^<]*)</{name}>", body.decode("utf-8", "replace"))
    return unescape(found[1]) if found else ""


def _expect(answer: Answer, what: str, *statuses: int) -> None:
    """Raise TransportError or TransportRefused unless the answer is good; one of 200 may hold an error too."""
    code = _element(answer.body, "Code") if b"<Error" in answer.body else ""
    if answer.status in statuses and not code:
        return
    message = words(_element(answer.body, "Message"))
    said = f"{code}: {message}" if code else answer.line
    if code in _REFUSED or (not code and answer.status in (401, 403, 405)):
        raise TransportRefused(f"{what} is refused: {said}")
    raise redirected(answer) or TransportError(f"{what} failed: {said}")
