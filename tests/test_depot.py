"""Files in a folder and in a real bucket: written, found again by another machine, read from the middle, removed."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

from slotport.depot import Depot, depot_of
from slotport.errors import Unavailable
from slotport.settings import Settings
from tests.transports.peer import Peer, site
from tests.transports.peers_s3 import BUCKET, seaweedfs

NAMES = ("plain.txt", "with blank ä/ü#?.txt", "50%/%41.txt", "x" * 150 + ".bin", "empty")


@pytest.fixture(scope="module")
def storage() -> Iterator[Callable[[], Peer]]:
    """A real S3 server."""
    with ExitStack() as running:
        yield running.enter_context(seaweedfs(running.enter_context(site(trustme.CA()))))


@pytest.fixture(params=["folder", "bucket"])
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> list[Depot]:
    """The files as two machines see them."""
    if request.param == "folder":
        shared = str(tmp_path / "shared")
        return [depot_of(Settings(data=tmp_path / name, files=shared)) for name in "ab"]
    return buckets(request.getfixturevalue("storage")(), tmp_path)


def buckets(peer: Peer, folder: Path, **changed: str) -> list[Depot]:
    """A prefix of the bucket as two machines see it."""
    host, port = peer.address
    said = {
        "files": f"s3://{BUCKET}/depot {folder.name}",
        "files_endpoint": f"http://{host}:{port}",
        "files_access_key": peer.transport().options["access_key"],
        "files_secret_key": peer.secrets["secret_key"],
        **changed,
    }
    return [depot_of(Settings(data=folder / name, **said)) for name in "ab"]


def written(depot: Depot, folder: str, files: dict[str, bytes]) -> Path:
    """A folder whose files are kept."""
    place = depot.root / folder
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    depot.keep(place)
    return place


def test_what_one_machine_keeps_another_finds(machines: list[Depot]) -> None:
    files = {name: name.encode() * 3 for name in NAMES} | {"empty": b""}
    written(machines[0], "exports/7/run", files)

    there = machines[1].root / "exports/7/run"

    assert {name: machines[1].present(there / name).read_bytes() for name in files} == files


def test_a_file_is_read_from_the_middle(machines: list[Depot]) -> None:
    content = bytes(range(256)) * 40_000
    written(machines[0], "exports/1/run", {"large": content})

    with machines[1].open(machines[1].root / "exports/1/run/large") as stream:
        stream.seek(9_000_001)
        tail = stream.read()
        stream.seek(5)
        head = stream.read(10)

    assert (tail, head) == (content[9_000_001:], content[5:15])


def test_what_is_nowhere_is_not_found(machines: list[Depot]) -> None:
    for ask in (machines[0].present, machines[0].open):
        with pytest.raises(FileNotFoundError):
            ask(machines[0].root / "exports/1/run/none")


def test_a_folder_is_removed_for_all(machines: list[Depot]) -> None:
    one = written(machines[0], "exports/1/run", {"a": b"a", "b/c": b"c"})
    other = written(machines[0], "exports/1/run2", {"a": b"a"})
    machines[0].drop(one)

    for machine in machines:
        with pytest.raises(FileNotFoundError):
            machine.present(machine.root / "exports/1/run/b/c")
        assert machine.present(machine.root / other.relative_to(machines[0].root) / "a").read_bytes() == b"a"


def test_folders_are_listed_wherever_they_are(machines: list[Depot]) -> None:
    written(machines[0], "exports/1/run", {"a": b"a"})
    written(machines[1], "exports/22/run", {"a": b"a"})
    (machines[1].root / "exports/3/run.staging").mkdir(parents=True)

    root = machines[1].root
    found = [place.relative_to(root).as_posix() for place in machines[1].folders(root / "exports")]

    assert found == ["exports/1", "exports/22", "exports/3"]


def test_unused_copies_go_and_come_back(storage: Callable[[], Peer], tmp_path: Path) -> None:
    one, _ = buckets(storage(), tmp_path)
    place = written(one, "exports/1/run", dict.fromkeys("abc", b"x" * 1000))
    for age, name in enumerate("abc"):
        os.utime(place / name, (1000 + age, 1000 + age))

    assert one.trim(1500) == 2
    assert sorted(path.name for path in place.iterdir()) == ["c"]
    assert one.present(place / "a").read_bytes() == b"x" * 1000


def test_a_bucket_that_refuses_is_unavailable(storage: Callable[[], Peer], tmp_path: Path) -> None:
    one, _ = buckets(storage(), tmp_path, files_secret_key="another key")
    for ask in (one.present, one.open):
        with pytest.raises(Unavailable, match="cannot be reached"):
            ask(one.root / "exports/1/run/none")
