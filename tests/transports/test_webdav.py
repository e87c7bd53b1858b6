"""What WebDAV alone does: logins, certificates, redirects, and servers that say no."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from msgspec import structs

from slotport.core.export import Receipt, Transport
from slotport.transports import TransportError, TransportRefused
from slotport.transports.outside import NotAllowed
from slotport.transports.parcel import Outgoing
from slotport.transports.webdav import WebDav
from tests.transports.answers import OUTSIDE, Answers, Asked, Said, answering
from tests.transports.parcels import folder_parcel, placed
from tests.transports.peer import UUID, Site, site, transport_of
from tests.transports.peers_webdav import LOGIN, PASSWORD, Kind, apache, serving
from tests.transports.test_all import Halt, Lines, go_on

FILES = {"small.txt": b"small", "large.bin": bytes(300_000)}
SECRETS = {"password": PASSWORD}
OTHER_STATUSES = {"PUT": 201, "MOVE": 201, "MKCOL": 405, "PROPFIND": 207, "DELETE": 204, "HEAD": 404, "GET": 200}


@pytest.fixture
def place(authority: trustme.CA) -> Iterator[Site]:
    """Where a server of one test lives."""
    with site(authority) as made:
        yield made


def deliver(transport: Transport, tmp_path: Path, files: dict[str, bytes] = FILES, **said: Any) -> Receipt:
    carrier = WebDav.of(transport, said.pop("secrets", SECRETS), said.pop("outside", OUTSIDE))
    return carrier.deliver(folder_parcel(tmp_path, files), said.pop("log", Lines()), said.pop("check", go_on))


def at(running: Answers, **options: Any) -> Transport:
    """A transport to a server of ``answering``."""
    return transport_of("webdav", {"server": f"{running.url}/dav", "login": LOGIN, "directory": "in"}, options)


def usual(asked: Asked) -> Said:
    """What a server says that keeps nothing."""
    return Said(OTHER_STATUSES[asked.method])


@pytest.mark.parametrize("kind", ["none", "basic", "digest"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_wsgidav_takes_files_with_every_login(place: Site, tmp_path: Path, scheme: Any, kind: Kind) -> None:
    with serving(place, scheme, kind) as give:
        peer = give()
        lines = Lines()

        receipt = deliver(peer.transport(), tmp_path, outside=peer.outside, log=lines)

        assert (peer.files(), receipt.verified) == (placed(FILES), "hash")
        warnings = [message for level, message in lines.lines if level == "warning"]
        in_clear = (scheme, kind) == ("http", "basic")
        assert warnings == ["login and password go to the server without encryption"] * in_clear


@pytest.mark.parametrize("kind", ["none", "basic"])
def test_apache_takes_files_with_other_logins_too(place: Site, tmp_path: Path, kind: Kind) -> None:
    with apache(place, kind=kind) as give:
        peer = give()

        receipt = deliver(peer.transport(), tmp_path, outside=peer.outside)

        assert (peer.files(), receipt.verified) == (placed(FILES), "hash")


def test_a_digest_login_that_became_stale_is_renewed(place: Site, tmp_path: Path) -> None:
    files = {f"{number}.bin": bytes(200_000) for number in range(2)}
    parcel = folder_parcel(tmp_path, files)

    def slowly() -> Iterator[Outgoing]:
        for one in parcel.outgoing():
            yield one
            time.sleep(1.5)

    with apache(place, more="<Location /dav>\nAuthDigestNonceLifetime 1\n</Location>\n") as give:
        peer = give()

        peer.carrier().deliver(structs.replace(parcel, outgoing=slowly), Lines(), go_on)

        assert peer.files() == placed(files)


def test_a_public_server_that_wants_a_login_only_for_writing_gets_it(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Said:
        if asked.method == "PUT" and "authorization" not in asked.headers:
            return Said(401, {"WWW-Authenticate": 'Basic realm="crew"'})
        return Said(200, body=FILES["large.bin"]) if asked.method == "GET" else usual(asked)

    with answering(answer) as server:
        deliver(at(server), tmp_path, {"large.bin": FILES["large.bin"]})

        puts = [("authorization" in one.headers, len(one.body)) for one in server.asked if one.method == "PUT"]
        assert puts == [(False, 0), (True, 0), (True, 300_000)]


def test_the_name_is_verified_and_told_while_the_checked_address_is_connected_to(place: Site, tmp_path: Path) -> None:
    with serving(place, "https", "basic") as give:
        peer = give()
        named = structs.replace(peer.outside, resolve=lambda host, _: ["127.0.0.1"] * (host == "storage.example.org"))
        server = f"https://storage.example.org:{peer.address[1]}/dav"

        deliver(peer.transport(server=server), tmp_path, outside=named)

        assert peer.files() == placed(FILES)


def test_a_certificate_for_another_name_is_refused(place: Site, tmp_path: Path) -> None:
    with serving(place, "https", "basic") as give:
        peer = give()
        named = structs.replace(peer.outside, resolve=lambda *_: ["127.0.0.1"])
        server = f"https://other.example.org:{peer.address[1]}/dav"

        with pytest.raises(TransportRefused, match=r"certificate of other\.example\.org is not accepted"):
            deliver(peer.transport(server=server), tmp_path, outside=named)

        assert peer.files() == {}


def test_a_certificate_of_an_unknown_authority_is_refused(place: Site, tmp_path: Path) -> None:
    with serving(place, "https", "basic") as give:
        peer = give()

        with pytest.raises(TransportRefused, match=r"certificate of 127\.0\.0\.1 is not accepted"):
            deliver(peer.transport(), tmp_path, outside=structs.replace(peer.outside, authorities=None))


def test_an_address_is_checked_for_every_connection(tmp_path: Path) -> None:
    addresses = iter([["127.0.0.1"], ["169.254.169.254"]])

    def answer(asked: Asked) -> Said:
        return Said(OTHER_STATUSES[asked.method], {"Connection": "close"})

    with answering(answer) as server, pytest.raises(NotAllowed):
        deliver(
            at(server, server=server.url.replace("127.0.0.1", "storage.example.org")),
            tmp_path,
            outside=structs.replace(OUTSIDE, resolve=lambda *_: next(addresses)),
        )


def test_a_redirect_is_not_followed_but_told(tmp_path: Path) -> None:
    with answering(usual) as other:

        def answer(_: Asked) -> Said:
            return Said(307, {"Location": f"{other.url}/dav/"})

        with answering(answer) as server, pytest.raises(TransportRefused) as refused:
            deliver(at(server), tmp_path)

        assert str(refused.value) == (
            f"the server redirects to {other.url}/dav/, which is not followed (307 Temporary Redirect)"
        )
        assert other.lines() == []
        assert ["authorization" in one.headers for one in server.asked] == [False]


@pytest.mark.parametrize(
    ("method", "status", "is_final"),
    [
        ("PROPFIND", 401, True),
        ("MKCOL", 403, True),
        ("MKCOL", 423, False),
        ("PUT", 403, True),
        ("PUT", 405, True),
        ("PUT", 409, False),
        ("PUT", 413, True),
        ("PUT", 423, False),
        ("PUT", 429, False),
        ("PUT", 500, False),
        ("PUT", 507, False),
        ("GET", 404, False),
        ("GET", 503, False),
        ("MOVE", 403, True),
        ("MOVE", 412, False),
        ("MOVE", 502, False),
    ],
)
def test_a_status_is_final_or_another_try_is_made(tmp_path: Path, method: str, status: int, is_final: bool) -> None:
    def answer(asked: Asked) -> Said:
        if asked.method == method:
            return Said(status, {"WWW-Authenticate": "Basic"} if status == 401 else {})
        return Said(200, body=b"small") if asked.method == "GET" else usual(asked)

    with answering(answer) as server, pytest.raises(TransportError, match=str(status)) as failed:
        deliver(at(server), tmp_path, {"small.txt": b"small"})

    assert isinstance(failed.value, TransportRefused) == is_final
    assert PASSWORD not in str(failed.value)


def test_a_file_that_nobody_may_read_is_verified_by_its_size(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Said:
        if asked.method == "HEAD":
            return Said(200, body=b"small")
        return Said(403) if asked.method == "GET" else usual(asked)

    with answering(answer) as server:
        receipt = deliver(at(server), tmp_path, {"small.txt": b"small"})

    assert receipt.verified == "size"


def test_a_server_behind_a_proxy_that_takes_no_whole_destination_gets_a_path(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Said:
        if asked.method == "MOVE":
            return Said(502 if asked.headers["destination"].startswith("http") else 201)
        return Said(200, body=b"small") if asked.method == "GET" else usual(asked)

    with answering(answer) as server:
        deliver(at(server), tmp_path, {"small.txt": b"small"})

        found = [one.headers["destination"] for one in server.asked if one.method == "MOVE"]
        assert found == [f"{server.url}/dav/in/Spring%20camp/small.txt", "/dav/in/Spring%20camp/small.txt"]


def test_a_server_that_renames_to_another_name_is_found_out(place: Site, tmp_path: Path) -> None:
    with serving(place, "http", "none", is_mended=False) as give:
        peer = give()

        with pytest.raises(TransportRefused, match="renamed to another name"):
            deliver(peer.transport(), tmp_path, {"what?.txt": b"1"}, outside=peer.outside)


def test_names_go_as_composed_signs_whatever_they_were(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Said:
        return Said(200, body=b"1") if asked.method == "GET" else usual(asked)

    with answering(answer) as server:
        deliver(at(server, directory="//u\u0308 +&/", login=None), tmp_path, {"o\u0308.txt": b"1"})

        assert server.lines() == [
            "MKCOL /dav/%C3%BC%20%2B%26/Spring%20camp/",
            f"PUT /dav/%C3%BC%20%2B%26/Spring%20camp/.%C3%B6.txt.{UUID[:8]}.part",
            f"GET /dav/%C3%BC%20%2B%26/Spring%20camp/.%C3%B6.txt.{UUID[:8]}.part",
            f"MOVE /dav/%C3%BC%20%2B%26/Spring%20camp/.%C3%B6.txt.{UUID[:8]}.part",
        ]


def test_a_directory_cannot_lead_out(tmp_path: Path) -> None:
    with answering(usual) as server, pytest.raises(TransportRefused):
        deliver(at(server, directory="../x", login=None), tmp_path)


@pytest.mark.parametrize(
    "challenge",
    [
        'Digest realm="crew", nonce="1", algorithm=ROT13',
        'Digest realm="crew", nonce="1", qop="auth-int"',
        'Digest nonce="1"',
        "Digest ,,,",
        "Negotiate",
        "",
    ],
)
def test_a_login_of_a_kind_that_is_not_known_is_an_error(tmp_path: Path, challenge: str) -> None:
    with answering(lambda _: Said(401, {"WWW-Authenticate": challenge})) as server, pytest.raises(TransportError):
        deliver(at(server), tmp_path)


@pytest.mark.parametrize("status", [401, 500])
def test_an_answer_without_end_is_not_read_to_its_end(tmp_path: Path, status: int) -> None:
    endless = Said(status, {"WWW-Authenticate": 'Digest realm="crew", nonce="1"'}, bytes(8192), endless=True)

    with answering(lambda _: endless) as server, pytest.raises(TransportError):
        deliver(at(server), tmp_path)


def test_a_stop_ends_the_wait_for_a_server_that_says_nothing(tmp_path: Path) -> None:
    stop, hang = threading.Event(), threading.Event()

    def answer(_: Asked) -> Said:
        stop.set()
        hang.wait(30)
        return Said(500)

    def check() -> None:
        if stop.is_set():
            raise Halt

    with answering(answer) as server:
        with pytest.raises(Halt):
            deliver(at(server), tmp_path, check=check)
        hang.set()


def test_what_is_no_address_is_refused(tmp_path: Path) -> None:
    for server in ["ftp://127.0.0.1/", "https://", "http://[::1", "nowhere", "http://a:b"]:
        with pytest.raises(TransportRefused):
            deliver(transport_of("webdav", {"server": server}, {}), tmp_path)
