"""What every packer passes: the suite behind the registry."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from slotport.packers import PACKERS, Entry, Packed, Packer, Unreadable
from tests.packers.programs import opened
from tests.packers.trees import SAMPLE, TREES, Stop, Tree, entries_of, entry, nothing, stop_at, text

PAGE = Path(__file__).parents[2] / "docs" / "formats" / "archives.md"
EACH = pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS.keys())
ARCHIVERS = {name: packer for name, packer in PACKERS.items() if name != "folder"}
EACH_ARCHIVER = pytest.mark.parametrize("packer", ARCHIVERS.values(), ids=ARCHIVERS.keys())


def packed(packer: Packer, entries: list[Entry] | Iterator[Entry], folder: Path) -> list[Packed]:
    return packer.pack(entries, folder, "Summer_slots", nothing)


@EACH_ARCHIVER
@settings(max_examples=40, deadline=None)
@given(tree=TREES)
def test_what_was_packed_is_in_the_archive(packer: Packer, tree: Tree) -> None:
    with TemporaryDirectory() as sources, TemporaryDirectory() as folder:
        (archive,) = packed(packer, entries_of(tree, Path(sources)), Path(folder))

        assert list(opened(Path(folder, archive.file_name)).items()) == list(tree.items())


@EACH_ARCHIVER
def test_what_is_hard_to_pack_is_in_the_archive(packer: Packer, tmp_path: Path, folder: Path) -> None:
    (archive,) = packed(packer, entries_of(SAMPLE, tmp_path), folder)

    assert opened(folder / archive.file_name) == SAMPLE


@EACH
def test_it_says_what_it_wrote(packer: Packer, tmp_path: Path, folder: Path) -> None:
    written = packed(packer, entries_of(SAMPLE, tmp_path), folder)

    contents = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {one.file_name: (one.size, one.sha256) for one in written} == {
        name: (len(content), sha256(content).hexdigest()) for name, content in contents.items()
    }


def test_archives_have_names_parts_and_media_types(tmp_path: Path, folder: Path) -> None:
    written = {name: packed(packer, entries_of(SAMPLE, tmp_path), folder) for name, packer in PACKERS.items()}

    assert {name: [(one.file_name, one.part, one.media_type) for one in ones] for name, ones in written.items()} == {
        "zip": [("Summer_slots.zip", None, "application/zip")],
        "zip_10mb": [("Summer_slots.1.zip", 1, "application/zip")],
        "zip_2gb": [("Summer_slots.1.zip", 1, "application/zip")],
        "tar_bz2": [("Summer_slots.tar.bz2", None, "application/x-bzip2")],
        "tar.gz": [("Summer_slots.tar.gz", None, "application/gzip")],
        "folder": [],
    }


@EACH
def test_the_same_entries_give_the_same_bytes(packer: Packer, tmp_path: Path) -> None:
    for number in (1, 2):
        sources, folder = tmp_path / f"sources{number}", tmp_path / f"archives{number}"
        sources.mkdir()
        folder.mkdir()
        entries = entries_of(SAMPLE, sources)
        for one in entries:
            one.source.chmod(0o600 + 0o044 * (number - 1))
            os.utime(one.source, (number, number))
        packed(packer, entries, folder)

    first, second = ({path.name: path.read_bytes() for path in tmp_path.glob(f"archives{n}/*")} for n in (1, 2))
    assert first == second


@EACH_ARCHIVER
def test_no_entries_are_an_empty_archive(packer: Packer, folder: Path) -> None:
    (archive,) = packed(packer, [], folder)

    assert opened(folder / archive.file_name) == {}


@EACH_ARCHIVER
def test_an_archive_replaces_an_earlier_one(packer: Packer, tmp_path: Path, folder: Path) -> None:
    packed(packer, entries_of(SAMPLE, tmp_path), folder)
    (archive,) = packed(packer, [entry("a.csv", b"a", tmp_path / "a")], folder)

    assert opened(folder / archive.file_name) == {"a.csv": b"a"}


@EACH
def test_what_check_raises_leaves_nothing_behind(packer: Packer, tmp_path: Path, folder: Path) -> None:
    entries = entries_of({f"{number}.bin": bytes(700_000) for number in range(20)}, tmp_path)

    for call in (0, 1, 19):
        with pytest.raises(Stop):
            packer.pack(entries, folder, "a", stop_at(call))
        assert list(folder.iterdir()) == []


@dataclass
class Counted:
    """Counts the calls of a check."""

    calls: int = 0
    most: list[int] = field(default_factory=list)

    def __call__(self) -> None:
        self.calls += 1


@EACH_ARCHIVER
@pytest.mark.parametrize("name", ["media/a.bin", "a.txt"])
def test_check_is_called_all_the_time(packer: Packer, name: str, tmp_path: Path, folder: Path) -> None:
    check = Counted()
    packer.pack([entry(name, bytes(9 * 1024 * 1024), tmp_path / "a")], folder, "a", check)

    assert check.calls >= 9 * 4


def _missing(source: Path) -> None:
    source.unlink()


def _longer(source: Path) -> None:
    source.write_bytes(source.read_bytes() + b"!")


def _shorter(source: Path) -> None:
    source.write_bytes(source.read_bytes()[:-1])


def _folder(source: Path) -> None:
    source.unlink()
    source.mkdir()


@EACH_ARCHIVER
@pytest.mark.parametrize("change", [_missing, _longer, _shorter, _folder])
@pytest.mark.parametrize("name", ["media/b.png", "b.csv"])
@pytest.mark.parametrize("size", [1, 900_000])
def test_a_file_that_is_not_as_it_should_be_leaves_nothing_behind(
    packer: Packer, change: Callable[[Path], None], name: str, size: int, tmp_path: Path, folder: Path
) -> None:
    entries = entries_of({"media/a.bin": bytes(10_500_000), name: text(size), "c.csv": b"c"}, tmp_path)
    change(entries[1].source)

    with pytest.raises(Unreadable) as caught:
        packed(packer, entries, folder)

    assert (caught.value.name, list(folder.iterdir())) == (name, [])


@EACH
@pytest.mark.parametrize("name", ["../a", "/a", "a/../b", "C:/a", "a\\b", "", "a\0"])
def test_an_unsafe_name_leaves_nothing_behind(packer: Packer, name: str, tmp_path: Path, folder: Path) -> None:
    entries = entries_of({"a.csv": b"a", name: b"b"}, tmp_path)

    with pytest.raises(ValueError, match=r"."):
        packed(packer, entries, folder)

    assert list(folder.iterdir()) == []


@EACH
def test_entries_that_end_in_an_error_leave_nothing_behind(packer: Packer, tmp_path: Path, folder: Path) -> None:
    def entries() -> Iterator[Entry]:
        yield from entries_of({f"{number}.bin": bytes(10_500_000) for number in range(2)}, tmp_path)
        raise Stop

    with pytest.raises(Stop):
        packed(packer, entries(), folder)

    assert list(folder.iterdir()) == []


@EACH_ARCHIVER
def test_an_archive_has_a_name_of_its_own(packer: Packer, tmp_path: Path, folder: Path) -> None:
    with pytest.raises(ValueError, match="leads elsewhere"):
        packer.pack(entries_of(SAMPLE, tmp_path), folder, "../a", nothing)
    with pytest.raises(ValueError, match="no name"):
        packer.pack(entries_of(SAMPLE, tmp_path), folder, "a/b", nothing)
    longest = "ä" * ((255 - len(".1.tar.bz2")) // 2)
    (archive,) = packer.pack(entries_of(SAMPLE, tmp_path), folder, longest, nothing)

    assert [path.name for path in folder.iterdir()] == [archive.file_name]


@pytest.mark.parametrize("name", PACKERS)
def test_each_packer_is_documented(name: str) -> None:
    assert f"| `{name}` |" in PAGE.read_text(encoding="utf-8")
