"""FTP and FTPS beside what all transports do: TLS, data connections, and the ways of servers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme
from msgspec import structs

from slotport.core.export import Receipt
from slotport.transports import TRANSPORTS, TransportError, TransportRefused
from slotport.transports.ftp import Ftp
from slotport.transports.outside import Outside
from tests.transports import ftp_servers
from tests.transports.ftp_servers import answering, talking, without
from tests.transports.parcels import Ledger, folder_parcel, placed
from tests.transports.peer import UUID, Site, site, transport_of
from tests.transports.peers_ftp import PASSWORD, FtpPeer, pyftpd
from tests.transports.proxy import proxy_to
from tests.transports.test_all import Halt, Lines, deliver, go_on

FILES = {"plan.txt": b"BEGIN " * 900, "media/ümlaut 1.bin": bytes(range(256)) * 8}


@pytest.fixture
def place(authority: trustme.CA) -> Iterator[Site]:
    """Where a server of one test lies."""
    with site(authority) as found:
        yield found


@pytest.fixture
def served(place: Site) -> Iterator[Callable[..., FtpPeer]]:
    """A function that starts a server with attributes of its handler, in clear if nothing else is said."""
    with ExitStack() as running:

        def serve(mode: Any = "clear", **attributes: Any) -> FtpPeer:
            return running.enter_context(pyftpd(mode, place, **attributes))()

        yield serve


def failure(peer: FtpPeer, tmp_path: Path) -> TransportError:
    """How a delivery to the server fails."""
    with pytest.raises(TransportError) as failed:
        deliver(peer.carrier(), folder_parcel(tmp_path, FILES))
    return failed.value


# What the options mean


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        ("ftp", {"server": "files.example"}, ("files.example", 21, "clear")),
        ("ftp", {"server": "ftp://files.example:2121"}, ("files.example", 2121, "clear")),
        ("ftp", {"server": "ftps://files.example"}, ("files.example", 21, "explicit")),
        ("ftps", {"server": "files.example"}, ("files.example", 21, "explicit")),
        ("ftps", {"server": "FTPS://Files.Example"}, ("files.example", 21, "explicit")),
        ("ftps", {"server": "files.example", "implicit_tls": True}, ("files.example", 990, "implicit")),
        ("ftps", {"server": "[2001:db8::1]:991", "implicit_tls": True}, ("2001:db8::1", 991, "implicit")),
        ("ftps", {"server": "files.example", "implicit_tls": False}, ("files.example", 21, "explicit")),
    ],
)
def test_the_scheme_and_the_type_say_what_is_encrypted(
    kind: str, options: dict[str, Any], expected: tuple[str, int, str]
) -> None:
    carrier = Ftp.of(transport_of(kind, options, {}), {}, Outside())

    assert (carrier.host, carrier.port, carrier.mode) == expected


def test_a_transport_of_type_ftp_may_speak_sftp() -> None:
    options = {"server": "sftp://files.example", "login": "mira"}
    one, other = (
        TRANSPORTS[kind](transport_of(kind, options, {}), {"password": PASSWORD}, Outside()) for kind in ("ftp", "sftp")
    )

    assert type(one) is type(other)


def test_without_a_login_it_is_anonymous(served: Callable[..., FtpPeer]) -> None:
    commands: list[str] = []
    peer = served(pre_process_command=noting(commands))

    error = failure_of(lambda: peer.carrier(secrets={}, login=None).try_out(UUID, Lines()))

    assert isinstance(error, TransportRefused)  # this server knows no such user
    assert commands == ["USER anonymous", "PASS anonymous@"]


def failure_of(act: Callable[[], object]) -> TransportError:
    """How something fails."""
    with pytest.raises(TransportError) as failed:
        act()
    return failed.value


# TLS


@pytest.mark.parametrize("mode", ["explicit", "implicit"])
def test_a_certificate_of_an_unknown_authority_is_refused(
    served: Callable[..., FtpPeer], tmp_path: Path, mode: str
) -> None:
    peer = served(mode)
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)

    carrier = peer.carrier(outside=structs.replace(peer.outside, authorities=other))
    error = failure_of(lambda: deliver(carrier, folder_parcel(tmp_path, FILES)))

    assert isinstance(error, TransportRefused)
    assert "certificate" in str(error)
    assert peer.files() == {}


@pytest.mark.parametrize("mode", ["explicit", "implicit"])
def test_a_certificate_for_another_name_is_refused(served: Callable[..., FtpPeer], tmp_path: Path, mode: str) -> None:
    peer = served(mode, certificate=("other.example",))

    error = failure(peer, tmp_path)

    assert isinstance(error, TransportRefused)
    assert "certificate" in str(error)


def test_the_name_of_the_server_is_what_the_certificate_must_be_for(
    served: Callable[..., FtpPeer], tmp_path: Path
) -> None:
    peer = served("explicit", certificate=("files.example",))
    outside = structs.replace(peer.outside, resolve=lambda host, _: [{"files.example": "127.0.0.1"}.get(host, host)])

    deliver(peer.carrier(outside=outside, server=f"files.example:{peer.address[1]}"), folder_parcel(tmp_path, FILES))

    assert peer.files() == placed(FILES)


def test_a_server_without_tls_gets_no_password(served: Callable[..., FtpPeer], tmp_path: Path) -> None:
    commands: list[str] = []
    peer = served(pre_process_command=noting(commands))
    transport = transport_of("ftps", peer.transport().options, {})

    error = failure_of(lambda: Ftp.of(transport, peer.secrets, peer.outside).try_out(UUID, Lines()))

    assert isinstance(error, TransportRefused)
    assert commands == ["AUTH TLS"]


def noting(commands: list[str]) -> Callable[..., None]:
    """A method of handlers that notes each line that comes, and answers it as ever."""

    def pre_process_command(self: Any, line: str, command: str, argument: str) -> None:
        commands.append(line)
        ftp_servers.FTPHandler.pre_process_command(self, line, command, argument)

    return pre_process_command


def test_a_server_that_leaves_files_unencrypted_is_refused(served: Callable[..., FtpPeer], tmp_path: Path) -> None:
    peer = served("explicit", tls_data_required=False, **answering("PROT", "534 Policy requires clear data."))

    error = failure(peer, tmp_path)

    assert isinstance(error, TransportRefused)
    assert "534 Policy requires clear data." in str(error)
    assert peer.files() == {}


def test_words_put_between_the_server_and_tls_are_refused(served: Callable[..., FtpPeer], tmp_path: Path) -> None:
    assert isinstance(failure(served("explicit", base=ftp_servers.Injecting), tmp_path), TransportRefused)


# Data connections


def test_the_address_that_the_server_names_is_ignored(served: Callable[..., FtpPeer], tmp_path: Path) -> None:
    peer = served(base=ftp_servers.Elsewhere)

    deliver(peer.carrier(), folder_parcel(tmp_path, FILES))

    assert peer.files() == placed(FILES)


@pytest.mark.parametrize(
    "said",
    [
        answering("EPSV", "229 Entering extended passive mode (|||22|)."),
        {**without("EPSV"), **answering("PASV", "227 Entering passive mode (127,0,0,1,0,25).")},
        {**without("EPSV"), **answering("PASV", "227 Entering passive mode (127,0,0,1,999,25).")},
        {**without("EPSV"), **answering("PASV", "227 Entering passive mode, somewhere.")},
    ],
    ids=["EPSV 22", "PASV 25", "PASV 255769", "no port"],
)
def test_files_go_to_no_port_of_another_service(
    served: Callable[..., FtpPeer], tmp_path: Path, said: dict[str, Any]
) -> None:
    peer = served(**said)

    error = failure(peer, tmp_path)

    assert not isinstance(error, TransportRefused)
    assert peer.files() == {}


def test_a_list_of_allowed_ports_need_not_name_those_of_data(served: Callable[..., FtpPeer], tmp_path: Path) -> None:
    peer = served("explicit")
    outside = structs.replace(peer.outside, ports=frozenset({peer.address[1]}))

    deliver(peer.carrier(outside=outside), folder_parcel(tmp_path, FILES))

    assert peer.files() == placed(FILES)


@pytest.mark.parametrize(
    "handler",
    [ftp_servers.Shortening, ftp_servers.Damaging, ftp_servers.ShortReading, ftp_servers.Cutting],
    ids=lambda handler: handler.__name__,
)
def test_what_is_not_read_back_as_it_was_sent_is_not_delivered(
    served: Callable[..., FtpPeer], tmp_path: Path, handler: type
) -> None:
    peer = served(base=handler)
    peer.put("Spring camp/plan.txt", b"old")

    error = failure(peer, tmp_path)

    assert not isinstance(error, TransportRefused)
    assert peer.files()["Spring camp/plan.txt"] == b"old"


def test_a_hanging_transfer_stops_when_it_is_to(served: Callable[..., FtpPeer], tmp_path: Path) -> None:
    peer = served()
    with proxy_to(peer) as proxy:
        proxy.break_after(3_000_000, "stall")

        def check() -> None:
            if proxy.is_broken:
                raise Halt

        through = peer.at(proxy.host, proxy.port)
        carrier = through.carrier(outside=structs.replace(peer.outside, timeout_seconds=3600.0))
        with pytest.raises(Halt):
            carrier.deliver(folder_parcel(tmp_path, {"large.bin": bytes(30_000_000)}), Lines(), check)


# What servers say


def test_a_server_of_the_nineties_takes_files(served: Callable[..., FtpPeer], tmp_path: Path) -> None:
    peer = served(**without("EPSV", "FEAT", "OPTS", "SIZE", "MLSD", "MLST", "MDTM"))

    receipt = deliver(peer.carrier(), folder_parcel(tmp_path, FILES))

    assert peer.files() == placed(FILES)
    assert receipt.verified == "hash"


@pytest.mark.parametrize(
    ("answer", "is_final"),
    [
        ("421 Too many users.", False),
        ("452 Insufficient storage space.", False),
        ("550 No space left on device.", False),
        ("550 Permission denied.", True),
        ("552 Quota exceeded.", False),
        ("553 File name not allowed.", True),
        ("502 STOR is switched off.", True),
    ],
)
def test_the_server_says_whether_another_try_makes_sense(
    served: Callable[..., FtpPeer], tmp_path: Path, answer: str, is_final: bool
) -> None:
    error = failure(served(**answering("STOR", answer)), tmp_path)

    assert (str(error), isinstance(error, TransportRefused)) == (answer, is_final)


def test_the_reason_of_a_transfer_that_broke_is_told(served: Callable[..., FtpPeer], tmp_path: Path) -> None:
    def full(self: Any, _path: str) -> None:
        self.respond("150 go on")
        self._shutdown_connecting_dtp()
        if self.data_channel is not None:
            self.data_channel.close()
        self.respond("452 The disk is full.")

    peer = served(ftp_STOR=full)

    error = failure_of(lambda: deliver(peer.carrier(), folder_parcel(tmp_path, {"large.bin": bytes(9_000_000)})))

    assert (str(error), isinstance(error, TransportRefused)) == ("452 The disk is full.", False)


def test_answers_in_latin_1_are_told(served: Callable[..., FtpPeer], tmp_path: Path) -> None:
    error = failure(served(base=ftp_servers.Latin, rights="elr"), tmp_path)

    assert (str(error), isinstance(error, TransportRefused)) == ("550 Zugriff nicht möglich: access.", True)


def test_a_password_that_the_server_repeats_is_not_told(served: Callable[..., FtpPeer]) -> None:
    peer = served(**answering("PASS", f"530 No such password: {PASSWORD}\r\n"))
    lines = Lines()

    error = failure_of(lambda: peer.carrier().try_out(UUID, lines))

    assert str(error) == "the login is refused: 530 No such password: ***"
    assert PASSWORD not in str(lines.lines)


def test_signs_that_would_end_a_command_are_refused(served: Callable[..., FtpPeer]) -> None:
    peer = served()

    error = failure_of(lambda: peer.carrier(secrets={"password": "x\r\nDELE y"}).try_out(UUID, Lines()))

    assert isinstance(error, TransportRefused)


@pytest.mark.parametrize(
    ("pieces", "endless"),
    [
        ((), b"220-more\r\n"),
        ((), b"220 a line without an end"),
        ((b"HTTP/1.1 400 Bad Request\r\n",), b""),
        ((b"421 Come back later.\r\n",), b""),
        ((b"220 hello\r\n", b"\x00\xff\xfe\r\n"), b""),
    ],
    ids=["lines", "line", "http", "busy", "noise"],
)
def test_a_server_that_speaks_something_else_fails_the_delivery(
    place: Site, tmp_path: Path, pieces: tuple[bytes, ...], endless: bytes
) -> None:
    with talking(*pieces, endless=endless) as port:
        carrier = Ftp(host="127.0.0.1", port=port, mode="clear", outside=place.outside(timeout_seconds=1.0))

        error = failure_of(lambda: deliver(carrier, folder_parcel(tmp_path, FILES)))

    assert not isinstance(error, TransportRefused)


# Reading back, replacing


def test_a_drop_box_is_verified_by_size(served: Callable[..., FtpPeer], tmp_path: Path) -> None:
    peer = served(rights="eladfmw")
    lines = Lines()

    receipt = deliver(peer.carrier(), folder_parcel(tmp_path, FILES))
    peer.carrier().try_out(UUID, lines)

    assert peer.files() == placed(FILES)
    assert receipt.verified == "size"
    assert [level for level, _ in lines.lines] == ["info", "warning", "info"]


def test_a_drop_box_that_tells_no_sizes_is_not_verified(served: Callable[..., FtpPeer], tmp_path: Path) -> None:
    receipt = deliver(served(rights="eladfmw", **without("SIZE")).carrier(), folder_parcel(tmp_path, FILES))

    assert receipt == Receipt(files=2, bytes=7448, finished=receipt.finished, verified="none")


def test_a_server_that_renames_over_nothing_gets_the_new_file_all_the_same(
    served: Callable[..., FtpPeer], tmp_path: Path
) -> None:
    peer = served(base=ftp_servers.NeverReplaces)
    for name in placed(FILES):
        peer.put(name, b"old")
    peer.put(f"Spring camp/.plan.txt.{UUID[:8]}.part.2", b"left by a try that broke")

    deliver(peer.carrier(), folder_parcel(tmp_path, FILES))

    assert peer.files() == placed(FILES)


def test_a_server_that_renames_nothing_keeps_the_old_file(served: Callable[..., FtpPeer], tmp_path: Path) -> None:
    peer = served(base=ftp_servers.NeverRenames)
    peer.put("Spring camp/plan.txt", b"old")

    error = failure(peer, tmp_path)

    assert str(error) == "550 Rename failed."
    assert peer.files()["Spring camp/plan.txt"] == b"old"


def test_a_file_that_may_not_be_deleted_fails_the_delivery(served: Callable[..., FtpPeer], tmp_path: Path) -> None:
    ledger = Ledger()
    peer = served()
    deliver(peer.carrier(), folder_parcel(tmp_path, FILES, ledger=ledger))
    stubborn = served(rights="elrafmw")
    for name in placed(FILES):
        stubborn.put(name, b"old")

    error = failure_of(
        lambda: deliver(stubborn.carrier(), folder_parcel(tmp_path, {"new.txt": b""}, run="run2", ledger=ledger))
    )

    assert isinstance(error, TransportRefused)
    assert stubborn.files() == {**dict.fromkeys(placed(FILES), b"old"), "Spring camp/new.txt": b""}


def test_a_directory_from_the_root_is_made_and_written_to(served: Callable[..., FtpPeer], tmp_path: Path) -> None:
    peer = served()

    peer.carrier(directory="/deep/er/still").deliver(folder_parcel(tmp_path, FILES), Lines(), go_on)

    home = peer.folder.parent
    assert {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()} == {
        f"deep/er/still/{name}" for name in placed(FILES)
    }


@pytest.mark.parametrize("directory", ["", "/"])
def test_without_a_directory_files_go_where_the_login_begins(
    served: Callable[..., FtpPeer], tmp_path: Path, directory: str
) -> None:
    peer = served()

    peer.carrier(directory=directory).deliver(folder_parcel(tmp_path, FILES), Lines(), go_on)

    assert (peer.folder.parent / "Spring camp" / "plan.txt").read_bytes() == FILES["plan.txt"]
