"""What S3 alone does: signatures, checksums, objects in parts, and servers that say no."""

import base64
from collections.abc import Callable
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from slotport.core.export import Receipt, Transport
from slotport.transports import TransportError, TransportRefused
from slotport.transports.s3 import S3
from tests.transports.answers import OUTSIDE, Answers, Asked, Said, answering
from tests.transports.parcels import Ledger, folder_parcel, placed
from tests.transports.peer import Peer, transport_of
from tests.transports.peers_s3 import READ_ONLY_KEY, S3Peer
from tests.transports.proxy import proxy_to
from tests.transports.test_all import Halt, Lines, go_on

KEYS = {"secret_key": "a secret that is long enough"}
LARGE = {"large.bin": bytes(range(256)) * 4096 * 20}  #: 20 MiB: three parts
MISSING = "<Error><Code>{}</Code><Message>It is &lt;so&gt;</Message></Error>"


@pytest.fixture
def bucket(fresh: Callable[[str], Peer]) -> S3Peer:
    """A prefix in a bucket of SeaweedFS."""
    found = fresh("seaweedfs")
    assert isinstance(found, S3Peer)
    return found


def deliver(transport: Transport, tmp_path: Path, files: dict[str, bytes], **said: Any) -> Receipt:
    carrier = S3.of(transport, said.pop("secrets", KEYS), said.pop("outside", OUTSIDE))
    return carrier.deliver(folder_parcel(tmp_path, files), Lines(), go_on)


def at(running: Answers, **options: Any) -> Transport:
    """A transport to a server of ``answering``."""
    said = {"endpoint": running.url, "bucket": "crew", "access_key": "AKID", "prefix": "/in/ü 1/"}
    return transport_of("s3", said, options)


def storing(asked: Asked) -> Said:
    """What a server says that keeps nothing and gives out what was sent last."""
    return Said({"GET": 200, "PUT": 200, "DELETE": 204, "HEAD": 404}[asked.method])


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ({}, "https://crew.s3.us-east-1.amazonaws.com"),
        ({"region": "eu-central-1"}, "https://crew.s3.eu-central-1.amazonaws.com"),
        ({"path_style": True}, "https://s3.us-east-1.amazonaws.com/crew"),
        ({"bucket": "crew.example.org"}, "https://s3.us-east-1.amazonaws.com/crew.example.org"),
        ({"endpoint": "https://s3.example.org/"}, "https://s3.example.org/crew"),
        ({"endpoint": "http://[2001:db8::1]:9000", "path_style": None}, "http://[2001:db8::1]:9000/crew"),
        ({"endpoint": "https://s3.example.org:9000", "path_style": False}, "https://crew.s3.example.org:9000"),
    ],
)
def test_a_bucket_has_an_address(options: dict[str, Any], address: str) -> None:
    transport = transport_of("s3", {"bucket": "crew", "access_key": "AKID"}, options)

    assert S3.of(transport, KEYS, OUTSIDE).address == address


def test_a_bucket_may_stand_in_the_name_of_the_host(bucket: S3Peer, tmp_path: Path) -> None:
    named = structs.replace(
        bucket.outside, resolve=lambda host, _: ["127.0.0.1"] * (host == "crew.storage.example.org")
    )
    endpoint = f"http://storage.example.org:{bucket.address[1]}"
    transport = bucket.transport(endpoint=endpoint, path_style=False)

    deliver(transport, tmp_path, {"a b.txt": b"1"}, outside=named, secrets=bucket.secrets)

    assert bucket.files() == placed({"a b.txt": b"1"})


@pytest.mark.parametrize(
    ("options", "secrets", "code"),
    [
        ({}, {"secret_key": "another secret, as long"}, "SignatureDoesNotMatch"),
        ({"access_key": "AKIDNOBODY0000000001"}, None, "InvalidAccessKeyId"),
        ({"access_key": READ_ONLY_KEY}, None, "AccessDenied"),
        ({"bucket": "nobodys"}, None, "AccessDenied"),
        ({"access_key": None}, None, "access_key and secret_key are needed"),
        ({}, {}, "access_key and secret_key are needed"),
    ],
)
@pytest.mark.parametrize("files", [{"small.txt": b"small"}, LARGE], ids=["small", "large"])
def test_what_the_server_does_not_let_pass_is_refused(
    bucket: S3Peer,
    tmp_path: Path,
    files: dict[str, bytes],
    options: dict[str, Any],
    secrets: dict[str, str] | None,
    code: str,
) -> None:
    with pytest.raises(TransportRefused, match=code):
        deliver(
            bucket.transport(**options),
            tmp_path,
            files,
            outside=bucket.outside,
            secrets=bucket.secrets if secrets is None else secrets,
        )

    assert bucket.files() == {}


def test_each_object_and_each_part_has_its_checksum_and_a_signed_body(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Said:
        if asked.method == "POST":
            return Said(200, body=b"<R><UploadId>u&amp;1</UploadId></R>")
        return Said(200, {"ETag": '"e"'})

    with answering(answer) as server, pytest.raises(TransportError, match="not there what it is here"):
        deliver(at(server), tmp_path, LARGE)

    bodies = [one for one in server.asked if one.method == "PUT"]
    hashes = [sha256(one.body) for one in bodies]
    assert [one.path for one in bodies] == [
        f"/crew/in/%C3%BC%201/Spring%20camp/large.bin?partNumber={number}&uploadId=u%261" for number in (1, 2, 3)
    ]
    assert b"".join(one.body for one in bodies) == LARGE["large.bin"]
    told = [(one.headers["x-amz-checksum-sha256"], one.headers["x-amz-content-sha256"]) for one in bodies]
    assert told == [(base64.b64encode(one.digest()).decode(), one.hexdigest()) for one in hashes]
    parts = [f"<ETag>&quot;e&quot;</ETag><ChecksumSHA256>{checksum}</ChecksumSHA256>" for checksum, _ in told]
    *_, end = (one for one in server.asked if one.method == "POST")
    assert end.body.decode() == (
        '<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        + "".join(f"<Part><PartNumber>{number}</PartNumber>{part}</Part>" for number, part in enumerate(parts, 1))
        + "</CompleteMultipartUpload>"
    )


def test_a_delivery_that_stops_leaves_no_parts(bucket: S3Peer, tmp_path: Path) -> None:
    calls = count(1)
    seen: list[str] = []

    def check() -> None:
        if not seen and next(calls) % 50 == 0:
            seen.extend(bucket.uploads())
        if seen:
            raise Halt

    with pytest.raises(Halt):
        bucket.carrier().deliver(folder_parcel(tmp_path, LARGE), Lines(), check)

    assert (bucket.uploads(), bucket.files()) == ([], {})


def test_the_next_try_removes_the_parts_of_one_that_could_not(bucket: S3Peer, tmp_path: Path) -> None:
    parcel = folder_parcel(tmp_path, LARGE, ledger=Ledger())
    with proxy_to(bucket) as proxy:
        proxy.break_after(12_000_000, "reset")
        with pytest.raises(TransportError):
            bucket.at(proxy.host, proxy.port).carrier().deliver(parcel, Lines(), go_on)
    assert len(bucket.uploads()) >= 1

    bucket.carrier().deliver(parcel, Lines(), go_on)

    assert (bucket.uploads(), bucket.files()) == ([], placed(LARGE))


@pytest.mark.parametrize(
    ("status", "body", "is_final", "text"),
    [
        (403, MISSING.format("AccessDenied"), True, "AccessDenied: It is <so>"),
        (400, MISSING.format("AuthorizationHeaderMalformed"), True, "AuthorizationHeaderMalformed"),
        (301, MISSING.format("PermanentRedirect"), True, "PermanentRedirect"),
        (404, MISSING.format("NoSuchBucket"), True, "NoSuchBucket"),
        (403, MISSING.format("RequestTimeTooSkewed"), False, "RequestTimeTooSkewed"),
        (503, MISSING.format("SlowDown"), False, "SlowDown"),
        (500, MISSING.format("InternalError"), False, "InternalError"),
        (200, MISSING.format("InternalError"), False, "InternalError"),
        (502, "<html>", False, "502 Bad Gateway"),
        (403, "", True, "403 Forbidden"),
        (307, "", True, "redirects to elsewhere"),
    ],
)
def test_an_error_is_final_or_another_try_is_made(
    tmp_path: Path, status: int, body: str, is_final: bool, text: str
) -> None:
    with (
        answering(lambda _: Said(status, {}, body.encode())) as server,
        pytest.raises(TransportError, match=text) as failed,
    ):
        deliver(at(server), tmp_path, {"small.txt": b"small"})

    assert isinstance(failed.value, TransportRefused) == is_final
    assert KEYS["secret_key"] not in str(failed.value)


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    with answering(storing) as other, answering(lambda _: Said(307, {"Location": other.url})) as server:
        with pytest.raises(TransportRefused, match="redirects to http://127"):
            deliver(at(server), tmp_path, {"small.txt": b"small"})

        assert (other.lines(), len(server.lines())) == ([], 1)


def test_an_object_that_nobody_may_read_is_verified_by_its_size(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Said:
        if asked.method == "HEAD":
            return Said(200, body=b"small")
        return Said(403) if asked.method == "GET" else storing(asked)

    with answering(answer) as server:
        receipt = deliver(at(server), tmp_path, {"small.txt": b"small"})

    assert receipt.verified == "size"


def test_a_prefix_cannot_lead_out(tmp_path: Path) -> None:
    with answering(storing) as server, pytest.raises(TransportRefused):
        deliver(at(server, prefix="a/../../b"), tmp_path, {"small.txt": b"small"})
