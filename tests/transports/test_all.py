"""What every transport does, on every real server."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from slotport.core.export import Receipt
from slotport.transports import Carrier, TransportError, TransportRefused
from slotport.transports.outside import NotAllowed
from tests.transports.parcels import FINISHED, Ledger, archive_parcel, folder_parcel, placed
from tests.transports.peer import UUID, Peer
from tests.transports.proxy import Fault, Proxy, proxy_to

OLD = {"calendar.ics": b"BEGIN:VCALENDAR\r\n" * 40, "media/plan.bin": bytes(range(256)) * 900}
NEW = {"calendar.ics": b"END:VCALENDAR\r\n" * 70, "media/plan.bin": bytes(reversed(range(256))) * 1100}
FAULTS: list[Fault] = ["reset", "close"]


class Lines:
    """A log that a test reads."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __call__(self, level: str, message: str) -> None:
        self.lines.append((level, message))


class Halt(Exception):
    """What a check raises when the delivery is to stop."""


def go_on() -> None:
    """A check that lets everything happen."""


def halt_after(count: int) -> Callable[[], None]:
    """A check that stops at the call of that number."""
    left = iter(range(count))

    def check() -> None:
        if next(left, None) is None:
            raise Halt

    return check


def deliver(carrier: Carrier, parcel: Any) -> Receipt:
    return carrier.deliver(parcel, Lines(), go_on)


def whole(files: Mapping[str, bytes]) -> list[dict[str, bytes]]:
    """What each of the new files may be replaced by, file by file, while the others are old."""
    old, new = placed(OLD), placed(files)
    return [{**old, **dict(list(new.items())[:count])} for count in range(len(new) + 1)]


@pytest.fixture
def proxy(peer: Peer) -> Iterator[Proxy]:
    """A link to the peer that can break."""
    if not peer.connects:
        pytest.skip("there is no link that could break")
    with proxy_to(peer) as running:
        yield running


def test_files_of_a_folder_arrive_as_they_are(peer: Peer, tmp_path: Path) -> None:
    receipt = deliver(peer.carrier(), folder_parcel(tmp_path, OLD))

    assert peer.files() == placed(OLD)
    assert receipt == Receipt(files=2, bytes=sum(map(len, OLD.values())), finished=FINISHED, verified=peer.verified)


def test_archives_arrive_in_the_directory_itself(peer: Peer, tmp_path: Path) -> None:
    archives = {"Spring_camp.1.zip": b"PK\x05\x06" + bytes(18), "Spring_camp.2.zip": bytes(70_000)}

    receipt = deliver(peer.carrier(), archive_parcel(tmp_path, archives))

    assert peer.files() == archives
    assert receipt == Receipt(files=2, bytes=70_022, finished=FINISHED, verified=peer.verified)


def test_deep_folders_and_every_name_that_a_file_may_have_arrive(peer: Peer, tmp_path: Path) -> None:
    files = {
        "a/b/c/d/e/f/g/h/deep.txt": b"deep",
        "with  two blanks/ümläut ß 日本.txt": "é".encode(),
        "signs/50% #1 ?a=b&c;d'e\"f [x] {y} ~z $HOME `w` !v ^u,t+s=r@q.txt": b"signs",
        "percent/%2e%2e%2f%41.txt": b"percent",
        "-rf": b"looks like an option",
        f"{'long' * 37}.t": b"150 characters",
        "empty.txt": b"",
    }

    receipt = deliver(peer.carrier(), folder_parcel(tmp_path, files))

    assert peer.files() == placed(files)
    assert receipt.files == len(files)


def test_a_large_file_arrives_as_it_is(peer: Peer, tmp_path: Path) -> None:
    files = {"large.bin": random.Random(20).randbytes(20 * 1024 * 1024)}

    receipt = deliver(peer.carrier(), folder_parcel(tmp_path, files))

    assert peer.files() == placed(files)
    assert (receipt.bytes, receipt.verified) == (20 * 1024 * 1024, peer.verified)


def test_a_second_run_replaces_files_and_removes_only_what_the_first_placed(peer: Peer, tmp_path: Path) -> None:
    ledger = Ledger()
    deliver(peer.carrier(), folder_parcel(tmp_path, {**OLD, "media/gone.txt": b"gone"}, ledger=ledger))
    foreign = {"Spring camp/media/notes.txt": b"somebody's", "other.txt": b"other", ".hidden": b"hidden"}
    for name, content in foreign.items():
        peer.put(name, content)

    deliver(peer.carrier(), folder_parcel(tmp_path, NEW, run="run2", ledger=ledger))

    assert peer.files() == {**foreign, **placed(NEW)}
    assert ledger.names() == sorted(placed(NEW))


def test_an_incremental_export_leaves_what_earlier_runs_placed(peer: Peer, tmp_path: Path) -> None:
    ledger = Ledger()
    deliver(peer.carrier(), folder_parcel(tmp_path, {"first.txt": b"1"}, ledger=ledger))

    deliver(peer.carrier(), folder_parcel(tmp_path, {"second.txt": b"2"}, run="run2", ledger=ledger, keeps_old=True))

    assert peer.files() == placed({"first.txt": b"1", "second.txt": b"2"})


def test_the_same_delivery_again_gives_the_same_files_and_the_same_receipt(peer: Peer, tmp_path: Path) -> None:
    parcel = folder_parcel(tmp_path, OLD, ledger=Ledger())

    receipts = [deliver(peer.carrier(), parcel), deliver(peer.carrier(), parcel)]

    assert receipts[0] == receipts[1]
    assert peer.files() == placed(OLD)


def test_what_was_placed_before_a_crash_and_is_gone_is_placed_again(peer: Peer, tmp_path: Path) -> None:
    ledger = Ledger()
    for name in placed(OLD):
        ledger.placed[name] = ("run1", "hash")

    deliver(peer.carrier(), folder_parcel(tmp_path, OLD, ledger=ledger))

    assert peer.files() == placed(OLD)


def test_a_file_over_one_that_somebody_else_put_there_replaces_it(peer: Peer, tmp_path: Path) -> None:
    for name in placed(NEW):
        peer.put(name, b"old and of another size")

    deliver(peer.carrier(), folder_parcel(tmp_path, NEW))

    assert peer.files() == placed(NEW)


def test_a_wrong_secret_is_refused_and_not_told(peer: Peer, tmp_path: Path) -> None:
    if peer.wrong_secrets is None:
        pytest.skip("it asks for no secret")
    lines = Lines()

    with pytest.raises(TransportRefused) as refused:
        peer.carrier(secrets=peer.wrong_secrets).deliver(folder_parcel(tmp_path, OLD), lines, go_on)

    told = f"{refused.value}{lines.lines}"
    assert peer.files() == {}
    assert [secret for secret in peer.wrong_secrets.values() if secret and secret in told] == []


def test_secrets_are_in_no_representation(peer: Peer) -> None:
    told = repr(peer.carrier())

    assert [secret for secret in peer.secrets.values() if secret in told] == []


def test_an_address_that_is_not_allowed_is_refused(peer: Peer, tmp_path: Path) -> None:
    if not peer.connects:
        pytest.skip("it connects to nothing")
    closed = structs.replace(peer.outside, networks=())

    with pytest.raises(NotAllowed):
        deliver(peer.carrier(outside=closed), folder_parcel(tmp_path, OLD))
    with pytest.raises(NotAllowed):
        peer.carrier(outside=closed).try_out(UUID, Lines())

    assert peer.files() == {}


def test_a_port_that_is_not_allowed_is_refused(peer: Peer, tmp_path: Path) -> None:
    if not peer.connects:
        pytest.skip("it connects to nothing")

    with pytest.raises(NotAllowed):
        deliver(peer.carrier(outside=structs.replace(peer.outside, ports=frozenset({1}))), folder_parcel(tmp_path, OLD))

    assert peer.files() == {}


def test_trying_out_leaves_nothing(peer: Peer) -> None:
    peer.put("other.txt", b"other")
    lines = Lines()

    peer.carrier().try_out(UUID, lines)

    assert peer.files() == {"other.txt": b"other"}
    assert {level for level, _ in lines.lines} == {"info"}


def test_a_server_that_is_not_there_is_tried_again(peer: Peer, tmp_path: Path) -> None:
    if not peer.connects:
        pytest.skip("it connects to nothing")
    with proxy_to(peer) as proxy:
        away = peer.at(proxy.host, proxy.port)

    with pytest.raises(TransportError) as failed:
        deliver(away.carrier(), folder_parcel(tmp_path, OLD))

    assert not isinstance(failed.value, TransportRefused)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_link_that_breaks_at_any_byte_leaves_whole_files_and_the_retry_cleans_up(
    peer: Peer, proxy: Proxy, tmp_path: Path, fault: Fault
) -> None:
    through = peer.at(proxy.host, proxy.port)
    ledger = Ledger()
    deliver(through.carrier(), folder_parcel(tmp_path, OLD, ledger=ledger))
    before = proxy.passed
    deliver(through.carrier(), folder_parcel(tmp_path, NEW, run="run0", ledger=ledger))
    total = proxy.passed - before
    numbers = random.Random(total)
    for number, position in enumerate([numbers.randrange(1, total) for _ in range(6)]):
        deliver(through.carrier(), folder_parcel(tmp_path, OLD, run=f"old{number}", ledger=ledger))
        parcel = folder_parcel(tmp_path, NEW, run=f"new{number}", ledger=ledger)
        proxy.break_after(position, fault)

        try:
            deliver(through.carrier(), parcel)
        except TransportError as error:
            assert not isinstance(error, TransportRefused), error  # noqa: PT017  # one cut after all was done is none

        seen = {name: content for name, content in peer.files().items() if not is_part(name)}
        assert seen in whole(NEW), f"cut after {position} of {total} bytes"
        proxy.mend()
        deliver(through.carrier(), parcel)
        assert peer.files() == placed(NEW), f"retry after a cut after {position} of {total} bytes"


def test_a_link_that_stalls_ends_by_the_time_limit(peer: Peer, proxy: Proxy, tmp_path: Path) -> None:
    through = peer.at(proxy.host, proxy.port)
    carrier = through.carrier(outside=structs.replace(peer.outside, timeout_seconds=1.0))
    parcel = folder_parcel(tmp_path, {"large.bin": bytes(9_000_000)})
    proxy.break_after(3_000_000, "stall")

    with pytest.raises(TransportError) as failed:
        deliver(carrier, parcel)

    assert not isinstance(failed.value, TransportRefused)
    assert [name for name in peer.files() if not is_part(name)] == []
    proxy.mend()
    deliver(carrier, parcel)
    assert peer.files() == placed({"large.bin": bytes(9_000_000)})


@pytest.mark.parametrize("count", [0, 1, 3, 12])
def test_a_delivery_that_is_to_stop_stops_and_the_next_one_ends_it(peer: Peer, tmp_path: Path, count: int) -> None:
    files = {"small.txt": b"small", "large.bin": bytes(6_000_000)}
    ledger = Ledger()

    # a later check may come too late to stop anything
    with pytest.raises(Halt) if count == 0 else suppress(Halt):
        peer.carrier().deliver(folder_parcel(tmp_path, files, ledger=ledger), Lines(), halt_after(count))

    assert {name for name in peer.files() if not is_part(name)} <= {"Spring camp/small.txt", "Spring camp/large.bin"}
    deliver(peer.carrier(), folder_parcel(tmp_path, files, ledger=ledger))
    assert peer.files() == placed(files)


def test_a_file_that_is_gone_here_fails_the_delivery(peer: Peer, tmp_path: Path) -> None:
    parcel = folder_parcel(tmp_path, OLD)
    (tmp_path / "run1" / "files" / "media" / "plan.bin").unlink()

    with pytest.raises(TransportError):
        deliver(peer.carrier(), parcel)

    assert "Spring camp/media/plan.bin" not in peer.files()


def is_part(name: str) -> bool:
    """Whether nobody takes a file of that name for one that was delivered."""
    last = name.rpartition("/")[2]
    return last.startswith(".") or ".part" in last or ".~tmp~" in name
