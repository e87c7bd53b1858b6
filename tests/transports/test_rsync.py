"""rsync beside what all transports do: what may be written to, its options, and how it fails."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from msgspec import structs

from slotport.core.export import Receipt
from slotport.transports import TransportError, TransportRefused
from slotport.transports.outside import NotAllowed, Outside
from slotport.transports.rsync import Rsync
from tests.transports.parcels import FINISHED, Ledger, archive_parcel, folder_parcel, placed
from tests.transports.peer import LOOPBACK, UUID, Site, found, site, transport_of
from tests.transports.peers_rsync import LOGIN, PASSWORD, RsyncPeer, daemon, local, shell_peer
from tests.transports.peers_sftp import key_text, sshd
from tests.transports.test_all import Halt, Lines, deliver, go_on
from tests.transports.test_sftp import OTHER_KEY

FILES = {"plan.txt": b"BEGIN " * 900, "media/ümlaut 1.bin": bytes(range(256)) * 8}


@pytest.fixture
def place(authority: trustme.CA) -> Iterator[Site]:
    """Where a server of one test lies."""
    with site(authority) as found:
        yield found


@pytest.fixture
def peer(place: Site) -> Iterator[RsyncPeer]:
    """A folder of this machine."""
    with local(place) as fresh:
        yield fresh()


def failure(peer: RsyncPeer, tmp_path: Path, **options: Any) -> TransportError:
    """How a delivery there fails."""
    with pytest.raises(TransportError) as failed:
        deliver(peer.carrier(**options), folder_parcel(tmp_path, FILES))
    return failed.value


# What may be written to


@pytest.mark.parametrize(
    ("destination", "port", "is_allowed"),
    [
        ("rsync://backup.example/slots/", None, True),
        ("rsync://backup.example/slots", None, True),
        ("rsync://backup.example/slots/crew/a", None, True),
        ("rsync://backup.example/slots/crew/a", 873, True),
        ("rsync://backup.example/slots/crew/a", 8873, False),
        ("rsync://backup.example:8873/slots/crew/a", None, False),
        ("rsync://other.example/slots/", 8873, True),
        ("rsync://other.example:8873/slots/", None, True),
        ("rsync://other.example/slots/", None, False),
        ("rsync://backup.example/slotsother/", None, False),
        ("rsync://backup.example/", None, False),
        ("rsync://backup.example/slots/../other", None, False),
        ("rsync://crew@backup.example/slots/", None, False),
        ("rsync://backup.example.attacker.example/slots/", None, False),
        ("crew@backup.example:slots/a", None, True),
        ("crew@backup.example:slots/a", 2222, True),
        ("crew@backup.example:/slots/a", None, False),
        ("crew@backup.example:slots2/a", None, False),
        ("backup.example:slots/a", None, False),
    ],
)
def test_only_destinations_that_are_listed_are_written_to(
    destination: str, port: int | None, is_allowed: bool, tmp_path: Path
) -> None:
    found("rsync", "rsync")
    listed = ("rsync://backup.example/slots/", "rsync://other.example:8873/slots", "crew@backup.example:slots")
    outside = Outside(rsync_destinations=listed, networks=(LOOPBACK,), resolve=lambda *_: [])
    options = {"destination": destination, "options": {"port": port} if port else {}}

    with pytest.raises(TransportError) as failed:
        deliver(Rsync.of(transport_of("rsync", options, {}), {}, outside), folder_parcel(tmp_path, FILES))

    expected = "backup.example has no address" if is_allowed else f"rsync to {destination} is not allowed here"
    assert str(failed.value).replace("other.example has", "backup.example has") == expected
    assert isinstance(failed.value, NotAllowed) is not is_allowed


def test_folders_of_this_machine_are_written_to_below_the_roots_only(place: Site, tmp_path: Path) -> None:
    found("rsync", "rsync")
    root, elsewhere = place.folder / "root", place.folder / "elsewhere"
    (root / "crew").mkdir(parents=True)
    elsewhere.mkdir()
    (root / "link").symlink_to(elsewhere)
    outside = place.outside(rsync_roots=(root,))
    refused = [str(elsewhere), f"{root}/link", f"{root}/link/deeper", f"{root}/crew/../../elsewhere", f"{root}2", "/"]

    for destination in refused:
        with pytest.raises(NotAllowed):
            deliver(
                Rsync.of(transport_of("rsync", {"destination": destination}, {}), {}, outside),
                folder_parcel(tmp_path, FILES),
            )

    assert list(elsewhere.iterdir()) == []


def test_links_below_a_folder_of_this_machine_lead_nowhere(peer: RsyncPeer, place: Site, tmp_path: Path) -> None:
    elsewhere = place.folder / "elsewhere"
    (elsewhere / "media").mkdir(parents=True)
    (elsewhere / "gone.txt").write_bytes(b"precious")
    peer.folder.mkdir(parents=True)
    (peer.folder / "Spring camp").symlink_to(elsewhere)
    (peer.folder / "old").symlink_to(elsewhere)
    ledger = Ledger({"old/gone.txt": ("run0", "hash"), "Spring camp/gone.txt": ("run0", "hash")})

    deliver(peer.carrier(), folder_parcel(tmp_path, FILES, ledger=ledger))

    assert {name: content for name, content in peer.files().items() if name in placed(FILES)} == placed(FILES)
    assert sorted(path.name for path in elsewhere.rglob("*")) == ["gone.txt", "media"]


# Options


def test_delete_removes_all_else_in_the_folder_of_the_export_but_what_is_excluded(
    peer: RsyncPeer, tmp_path: Path
) -> None:
    others = {
        "Spring camp/notes.txt": b"n",
        "Spring camp/deep/x.bin": b"x",
        "Spring camp/a.keep": b"k",
        "other.txt": b"o",
    }
    for name, content in others.items():
        peer.put(name, content)
    lines = Lines()

    peer.carrier(options={"delete": True, "exclude": ["*.keep"]}).deliver(folder_parcel(tmp_path, FILES), lines, go_on)

    assert peer.files() == {**placed(FILES), "Spring camp/a.keep": b"k", "other.txt": b"o"}
    assert ("info", "3 files removed that are not of this export") in lines.lines


@pytest.mark.parametrize("keeps_old", [True, False])
def test_delete_removes_nothing_from_incremental_exports_nor_beside_archives(
    peer: RsyncPeer, tmp_path: Path, keeps_old: bool
) -> None:
    peer.put("Spring camp/notes.txt", b"n")
    make = folder_parcel if keeps_old else archive_parcel

    deliver(peer.carrier(options={"delete": True}), make(tmp_path, {"a.zip": b"PK"}, keeps_old=keeps_old))

    assert peer.files() == {"Spring camp/notes.txt": b"n", "Spring camp/a.zip" if keeps_old else "a.zip": b"PK"}


def test_excluded_files_are_not_sent_and_not_counted(peer: RsyncPeer, tmp_path: Path) -> None:
    peer.put("Spring camp/a.tmp", b"somebody's")
    ledger, files = Ledger(), {**FILES, "a.tmp": b"tmp", "media/b.tmp": b"tmp"}

    receipt = deliver(peer.carrier(options={"exclude": ["*.tmp"]}), folder_parcel(tmp_path, files, ledger=ledger))

    size = sum(map(len, FILES.values()))
    assert receipt == Receipt(files=2, bytes=size, finished=FINISHED, verified="hash")
    assert peer.files() == {**placed(FILES), "Spring camp/a.tmp": b"somebody's"}
    assert ledger.names() == sorted(placed(FILES))


def test_new_files_are_readable_by_whoever_the_destination_lets_read(peer: RsyncPeer, tmp_path: Path) -> None:
    parcel = folder_parcel(tmp_path, FILES)
    (tmp_path / "run1" / "files" / "plan.txt").chmod(0o600)
    before = os.umask(0o022)

    try:
        deliver(peer.carrier(), parcel)
    finally:
        os.umask(before)

    assert oct((peer.folder / "Spring camp" / "plan.txt").stat().st_mode)[-3:] == "644"


def test_archive_keeps_rights_and_times(peer: RsyncPeer, tmp_path: Path) -> None:
    parcel = folder_parcel(tmp_path, FILES)
    source = tmp_path / "run1" / "files" / "plan.txt"
    source.chmod(0o640)
    os.utime(source, (1_900_000_000, 1_900_000_000))

    deliver(peer.carrier(options={"archive": True, "compress": True, "bwlimit": 100_000}), parcel)

    status = (peer.folder / "Spring camp" / "plan.txt").stat()
    assert (oct(status.st_mode)[-3:], status.st_mtime) == ("640", 1_900_000_000)


@pytest.mark.parametrize("options", [{}, {"checksum": True}])
def test_a_file_that_differs_in_its_content_only_is_sent(
    peer: RsyncPeer, tmp_path: Path, options: dict[str, Any]
) -> None:
    parcel = folder_parcel(tmp_path, FILES)
    peer.put("Spring camp/plan.txt", b"x" * len(FILES["plan.txt"]))
    for path in (peer.folder / "Spring camp" / "plan.txt", tmp_path / "run1" / "files" / "plan.txt"):
        os.utime(path, (1_900_000_000, 1_900_000_000))

    deliver(peer.carrier(options=options), parcel)

    assert peer.files() == placed(FILES)


@pytest.mark.parametrize("name", ["#1.zip", ";1.zip", "- 1.zip", "+ 1.zip", "--delete.zip", "a\\#043.zip"])
def test_names_mean_nothing_to_rsync(place: Site, tmp_path: Path, name: str) -> None:
    ledger = Ledger()
    with daemon(place) as fresh:
        peer = fresh()
        deliver(peer.carrier(), archive_parcel(tmp_path, {name: b"PK", "other.zip": b"PK2"}, ledger=ledger))
        stored, known = peer.files(), ledger.names()
        deliver(peer.carrier(), archive_parcel(tmp_path, {"other.zip": b"PK2"}, run="run2", ledger=ledger))

    assert (stored, known) == ({name: b"PK", "other.zip": b"PK2"}, sorted([name, "other.zip"]))
    assert peer.files() == {"other.zip": b"PK2"}


# How it fails


@pytest.mark.parametrize(
    ("settings", "destination", "kind", "text"),
    [
        (("read only = yes",), "crew/a", TransportRefused, "module is read only"),
        ((), "nothing/a", TransportRefused, "@ERROR: Unknown module 'nothing'"),
        ((), "crew/not/there/yet", TransportError, "No such file or directory"),
        (("max connections = -1",), "crew/a", TransportError, "@ERROR: "),
    ],
)
def test_what_a_daemon_says_is_told(
    place: Site, tmp_path: Path, settings: tuple[str, ...], destination: str, kind: type[TransportError], text: str
) -> None:
    with daemon(place, *settings) as fresh:
        peer = fresh()
        host = f"rsync://{LOGIN}@127.0.0.1:{peer.address[1]}"
        allowed = structs.replace(peer.outside, rsync_destinations=(f"{host}/",))

        error = failure(replace(peer, outside=allowed), tmp_path, destination=f"{host}/{destination}")

    assert type(error) is kind
    assert text in str(error)
    assert "/tmp/slotport-rsync" not in str(error)
    assert PASSWORD not in str(error)


def test_through_ssh_a_server_with_another_key_is_refused_with_both_fingerprints(place: Site, tmp_path: Path) -> None:
    with sshd(place) as running:
        peer = shell_peer(place, running)

        error = failure(peer, tmp_path, host_key=OTHER_KEY)

    assert isinstance(error, TransportRefused)
    assert str(error) == f"the host key of 127.0.0.1 is {peer.host_key} and not {OTHER_KEY}: nothing was sent"
    assert peer.files() == {}


def test_through_ssh_a_server_that_this_machine_does_not_know_is_refused_with_its_fingerprint(
    place: Site, tmp_path: Path
) -> None:
    with sshd(place) as running:
        peer = shell_peer(place, running)

        error = failure(replace(peer, host_key=None), tmp_path)

    assert isinstance(error, TransportRefused)
    assert str(error) == (
        f"the host key of 127.0.0.1 is not known: it shows {peer.host_key}. If that is the right one, enter it as"
        " host_key, or add the key to known_hosts of this machine"
    )


def test_through_ssh_an_encrypted_key_signs_in(place: Site) -> None:
    with sshd(place, families=("ssh-rsa",)) as running:
        peer, lines = shell_peer(place, running), Lines()
        secrets = {"private_key": key_text(running.key, "open sesame"), "passphrase": "open sesame"}

        peer.carrier(secrets=secrets).try_out(UUID, lines)

    assert peer.files() == {}
    assert [level for level, _ in lines.lines] == ["info", "info", "info"]


def test_a_machine_without_rsync_says_so(peer: RsyncPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    error = failure(peer, tmp_path)

    assert (type(error), str(error)) == (TransportRefused, "rsync is not installed on this machine")


def test_a_delivery_that_is_to_stop_leaves_no_process(place: Site, tmp_path: Path) -> None:
    began = time.monotonic()

    def halt() -> None:
        if time.monotonic() - began > 1:
            raise Halt

    with daemon(place) as fresh:
        carrier = fresh().carrier(options={"bwlimit": 1000})
        with pytest.raises(Halt):
            carrier.deliver(folder_parcel(tmp_path, {"large.bin": os.urandom(20_000_000)}), Lines(), halt)

    assert running_with(str(place.folder), "slotport-rsync-") == []


def running_with(*words: str) -> list[str]:
    """The commands of processes that were started by this one and have a word in them."""
    commands = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if parent == str(os.getpid()) and any(word in command for word in words):
            commands.append(command)
    return commands
