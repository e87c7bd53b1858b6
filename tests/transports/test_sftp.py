"""SFTP beside what all transports do: host keys, keys and questions, and the ways of servers."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import trustme
from asyncssh.asn1 import ObjectIdentifier, der_encode
from asyncssh.packet import String, UInt32
from msgspec import structs

from slotport.core.export import Receipt
from slotport.transports import TRANSPORTS, TransportError, TransportRefused
from slotport.transports.outside import Outside
from slotport.transports.sftp import Sftp
from slotport.transports.ssh_key import read_private_key
from tests.transports.ftp_servers import talking
from tests.transports.parcels import FINISHED, Ledger, folder_parcel, placed
from tests.transports.peer import UUID, Site, site, transport_of
from tests.transports.peers_sftp import PASSWORD, Accounts, SftpPeer, Sshd, asyncssh_server, key_text, sshd
from tests.transports.test_all import Lines, deliver, go_on

FILES = {"plan.txt": b"BEGIN " * 900, "media/ümlaut 1.bin": bytes(range(256)) * 2000}
FAMILIES = ("ssh-ed25519", "ecdsa-sha2-nistp384", "ssh-rsa")
OTHER_KEY = "SHA256:5vLQ1EGyGw2Y7Ewo2/DgTPKo9VgQ4OmssFQ9uyJvJ1c"


@pytest.fixture
def place(authority: trustme.CA) -> Iterator[Site]:
    """Where a server of one test lies."""
    with site(authority) as found:
        yield found


@pytest.fixture
def served(place: Site) -> Iterator[Callable[..., SftpPeer]]:
    """A function that starts a server on a thread: see ``asyncssh_server``."""
    with ExitStack() as running:

        def serve(**options: Any) -> SftpPeer:
            return running.enter_context(asyncssh_server(place, **options))()

        yield serve


def peer_of(running: Sshd, place: Site, **secrets: str) -> SftpPeer:
    """A folder on OpenSSH's server."""
    return SftpPeer(
        folder=place.folder / "box",
        directory=str(place.folder / "box"),
        login=running.user,
        host_key=running.host_keys[0].get_fingerprint(),
        outside=place.outside(),
        address=("127.0.0.1", running.port),
        secrets=secrets or running.secrets,
    )


def failure(peer: SftpPeer, tmp_path: Path, **options: Any) -> TransportError:
    """How a delivery to the server fails."""
    with pytest.raises(TransportError) as failed:
        deliver(peer.carrier(**options), folder_parcel(tmp_path, FILES))
    return failed.value


# What the options mean


@pytest.mark.parametrize(
    ("kind", "server", "expected"),
    [
        ("sftp", "files.example", ("files.example", 22)),
        ("sftp", "sftp://Files.Example:2222", ("files.example", 2222)),
        ("ftp", "sftp://[2001:db8::1]", ("2001:db8::1", 22)),
    ],
)
def test_the_server_says_where_it_connects_to(kind: str, server: str, expected: tuple[str, int]) -> None:
    carrier = TRANSPORTS[kind](transport_of(kind, {"server": server, "login": "crew"}, {}), {}, Outside())

    assert isinstance(carrier, Sftp)
    assert (carrier.login.host, carrier.login.port) == expected


# Host keys


def test_a_server_whose_key_is_not_known_is_refused_with_its_fingerprint(
    served: Callable[..., SftpPeer], tmp_path: Path
) -> None:
    peer, lines = served(), Lines()

    with pytest.raises(TransportRefused) as refused:
        peer.carrier(host_key=None).deliver(folder_parcel(tmp_path, FILES), lines, go_on)

    assert str(refused.value) == (
        f"the host key of 127.0.0.1 is not known: it shows {peer.host_key}. If that is the right one, enter it as"
        " host_key"
    )
    assert lines.lines == [("warning", f"127.0.0.1 shows the host key {peer.host_key}")]
    assert peer.files() == {}


def test_a_server_with_another_key_is_refused_and_told_nothing(served: Callable[..., SftpPeer], tmp_path: Path) -> None:
    signed_in: list[str] = []

    class Noting(Accounts):
        def begin_auth(self, username: str) -> bool:
            signed_in.append(username)
            return True

    peer = served(accounts=Noting)

    error = failure(peer, tmp_path, host_key=OTHER_KEY)

    assert isinstance(error, TransportRefused)
    assert str(error) == f"the host key of 127.0.0.1 is {peer.host_key} and not {OTHER_KEY}: nothing was sent"
    assert signed_in == []


def test_any_key_that_a_server_has_may_be_entered(place: Site, tmp_path: Path) -> None:
    with sshd(place, families=FAMILIES) as running:
        peer = peer_of(running, place)
        for key in running.host_keys:
            peer.carrier(host_key=key.get_fingerprint()).try_out(UUID, Lines())

        error = failure(peer, tmp_path, host_key=OTHER_KEY)

    shown = running.host_keys[0].get_fingerprint()
    assert isinstance(error, TransportRefused)
    assert str(error) == f"the host key of 127.0.0.1 is {shown} and not {OTHER_KEY}: nothing was sent"


# Signing in


@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem", "pkcs1-pem"])
@pytest.mark.parametrize("passphrase", [None, "open sesame"])
def test_a_key_signs_in_in_each_form_that_ssh_keygen_writes(place: Site, form: str, passphrase: str | None) -> None:
    key = asyncssh.generate_private_key("ssh-rsa")
    with sshd(place) as running:
        key.append_public_key(str(place.folder / f"sshd{running.port}" / "authorized"))
        secrets = {"private_key": key_text(key, passphrase, form)}

        peer_of(running, place, **secrets, **({"passphrase": passphrase} if passphrase else {})).carrier().try_out(
            UUID, Lines()
        )


@pytest.mark.parametrize(
    ("passphrase", "expected"),
    [
        ("wrong", "the private key cannot be read: is the passphrase right?"),
        ("", "the private key cannot be read: it needs a passphrase"),
    ],
)
@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem", "pkcs1-pem"])
def test_a_key_that_cannot_be_decrypted_is_refused(form: str, passphrase: str, expected: str) -> None:
    text = key_text(asyncssh.generate_private_key("ssh-rsa"), "open sesame", form)

    with pytest.raises(TransportRefused) as refused:
        read_private_key(text, passphrase)

    assert str(refused.value) == expected


def slow_key() -> str:
    """A key that openssl encrypted with as many iterations as there can be, or what looks like it."""
    derivation = (ObjectIdentifier("1.2.840.113549.1.5.12"), (b"saltsalt", 2_147_483_647))
    cipher = (ObjectIdentifier("2.16.840.1.101.3.4.1.42"), bytes(16))
    content = der_encode(((ObjectIdentifier("1.2.840.113549.1.5.13"), (derivation, cipher)), bytes(64)))
    return (
        f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{b64encode(content).decode()}\n-----END ENCRYPTED PRIVATE KEY-----\n"
    )


def patient_key() -> str:
    """A key that ssh-keygen encrypted with as many rounds as there can be, or what looks like it."""
    derivation = String(b"saltsaltsaltsalt") + UInt32(2**32 - 1)
    content = b"openssh-key-v1\0" + String("aes256-ctr") + String("bcrypt") + String(derivation) + bytes(100)
    return f"-----BEGIN OPENSSH PRIVATE KEY-----\n{b64encode(content).decode()}\n-----END OPENSSH PRIVATE KEY-----\n"


def test_a_key_that_would_take_hours_is_refused() -> None:
    errors = []

    for text in (patient_key(), slow_key(), f"-----BEGIN RSA PRIVATE KEY-----\n{'A' * 20_000}\n"):
        with pytest.raises(TransportRefused) as refused:
            read_private_key(text, "x")
        errors.append(str(refused.value))

    slow = "the private key is encrypted in a way that takes too long; encrypt it with fewer rounds"
    assert errors == [slow, slow, "the private key is too long"]


@pytest.mark.parametrize("questions", [(("Password: ", False),), (("Einmal noch, bitte: ", False),)])
def test_a_question_is_answered_with_the_password(
    served: Callable[..., SftpPeer], questions: tuple[tuple[str, bool], ...]
) -> None:
    peer = served(accounts=type("Asking", (Accounts,), {"questions": questions, "password": False}))

    peer.carrier().try_out(UUID, Lines())


@pytest.mark.parametrize("questions", [(("Your name: ", True),), (("Password: ", False), ("Code: ", False))])
def test_other_questions_are_not_answered(
    served: Callable[..., SftpPeer], tmp_path: Path, questions: tuple[tuple[str, bool], ...]
) -> None:
    peer = served(accounts=type("Asking", (Accounts,), {"questions": questions, "password": False}))

    error = failure(peer, tmp_path)

    assert (type(error), str(error)) == (TransportRefused, f"127.0.0.1 refuses the login {peer.login}")


def test_keys_of_the_machine_sign_nobody_in(place: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home" / ".ssh"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home.parent))
    with sshd(place) as running:
        running.key.write_private_key(str(home / "id_ed25519"))
        (home / "config").write_text(f"Host *\n  IdentityFile {home / 'id_ed25519'}\n")

        error = failure(peer_of(running, place, password="wrong horse"), tmp_path)

    assert isinstance(error, TransportRefused)


# The ways of servers


def test_a_server_that_does_not_rename_over_files_gets_the_old_one_removed(place: Site, tmp_path: Path) -> None:
    ledger = Ledger()
    with sshd(place, subsystem="internal-sftp -P posix-rename") as running:
        peer = peer_of(running, place)
        deliver(peer.carrier(), folder_parcel(tmp_path, {"plan.txt": b"old"}, ledger=ledger))

        receipt = deliver(peer.carrier(), folder_parcel(tmp_path, FILES, run="run2", ledger=ledger))

    assert peer.files() == placed(FILES)
    assert receipt.verified == "hash"


def test_what_cannot_be_read_back_is_verified_by_its_size(place: Site, tmp_path: Path) -> None:
    with sshd(place, subsystem="internal-sftp -P read") as running:
        peer, lines = peer_of(running, place), Lines()

        receipt = deliver(peer.carrier(), folder_parcel(tmp_path, FILES))
        peer.carrier().try_out(UUID, lines)

    size = sum(map(len, FILES.values()))
    assert receipt == Receipt(files=2, bytes=size, finished=FINISHED, verified="size")
    assert peer.files() == placed(FILES)
    assert "warning" in {level for level, _ in lines.lines}


class Denying(asyncssh.SFTPServer):
    """Lets nobody write."""

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        raise asyncssh.SFTPPermissionDenied("read only")


class Full(asyncssh.SFTPServer):
    """Has no room left."""

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        raise asyncssh.SFTPFailure(f"No space left for {PASSWORD}")


class Damaging(asyncssh.SFTPServer):
    """Changes what it stores."""

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        super().write(file_obj, offset, b"!" + data[1:])
        return len(data)


@pytest.mark.parametrize(
    ("files", "kind", "text"),
    [
        (Denying, TransportRefused, "making the folder in box: read only"),
        (Full, TransportError, "storing Spring camp/.plan.txt.6f1d2b0c.part: No space left for ***"),
        (
            Damaging,
            TransportError,
            "Spring camp/plan.txt is not there what it is here: 5400 of 5400 bytes were read back",
        ),
    ],
)
def test_what_a_server_says_is_told(
    served: Callable[..., SftpPeer], tmp_path: Path, files: Any, kind: type[TransportError], text: str
) -> None:
    peer = served(files=files)

    error = failure(peer, tmp_path)

    assert (type(error), str(error)) == (kind, text)
    assert "Spring camp/plan.txt" not in peer.files()


def test_a_server_without_sftp_is_refused(served: Callable[..., SftpPeer], tmp_path: Path) -> None:
    error = failure(served(files=None), tmp_path)

    assert isinstance(error, TransportRefused)
    assert "has no SFTP" in str(error)


@pytest.mark.parametrize(
    "pieces", [(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 100,), (b"SSH-1.5-old\r\n",), (b"SSH-2.0-x\r\n", b"\xff" * 5000)]
)
def test_what_does_not_speak_ssh_is_no_server(place: Site, tmp_path: Path, pieces: tuple[bytes, ...]) -> None:
    with talking(*pieces) as port:
        carrier = Sftp.of(
            transport_of("sftp", {"server": f"127.0.0.1:{port}", "login": "crew"}, {}),
            {"password": PASSWORD},
            structs.replace(place.outside(), timeout_seconds=2.0),
        )

        with pytest.raises(TransportError):
            deliver(carrier, folder_parcel(tmp_path, FILES))
