"""Zips that are made while they are sent."""

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from slotport.packers.entries import CHUNK_BYTES, Entry, Unreadable
from slotport.packers.zip_stream import Way, stream, written
from tests.packers import reader
from tests.packers.programs import ZIP_EXTRACTS, ZIP_TESTS, opened, run
from tests.packers.trees import SAMPLE, TREES, Stop, Tree, entries_of, many, noise, nothing, on_disk, text

MIB = 1024 * 1024
WAYS = {
    "stream": Way(always_zip64=True, reads_twice=False, check=nothing),
    "file": Way(always_zip64=False, reads_twice=True, check=nothing),
}
EACH_WAY = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The sample, streamed."""
    made = tmp_path / "streamed.zip"
    made.write_bytes(b"".join(stream(entries_of(SAMPLE, tmp_path))))
    return made


@pytest.mark.parametrize("program", ZIP_TESTS)
def test_other_programs_find_it_whole(archive: Path, program: str) -> None:
    ZIP_TESTS[program](archive)


@pytest.mark.parametrize("program", ZIP_EXTRACTS)
def test_other_programs_extract_the_same_files(archive: Path, program: str, tmp_path: Path) -> None:
    target = tmp_path / "extracted"
    target.mkdir()
    ZIP_EXTRACTS[program](archive, target)

    assert on_disk(target) == dict(sorted(SAMPLE.items()))


def test_no_entries_are_a_zip_that_other_programs_open(tmp_path: Path) -> None:
    archive = tmp_path / "empty.zip"
    archive.write_bytes(b"".join(stream([])))

    assert (reader.read(stream([])), opened(archive)) == ([], {})
    run("7z", "t", archive)
    run("bsdtar", "-tf", archive)
    run("unzip", "-tqq", archive, expected=1)  # its word for: nothing is in it


@EACH_WAY
@settings(max_examples=60, deadline=None)
@given(tree=TREES)
def test_its_records_agree_with_its_bytes(way: Way, tree: Tree) -> None:
    with TemporaryDirectory() as sources:
        found = reader.read(written(entries_of(tree, Path(sources)), way))

    assert [(one.name, one.size, one.method) for one in found] == [
        (name, len(content), 0 if name.startswith("media/") else 8) for name, content in tree.items()
    ]


@EACH_WAY
def test_records_of_files_at_each_edge_agree(way: Way, tmp_path: Path) -> None:
    found = reader.read(written(entries_of(SAMPLE, tmp_path), way))

    always = way.always_zip64
    large = {"objects.json": True, "media/slot-31/31-9-original.jpg": always, "media/slot-31/beyond.png": always}
    assert {one.name for one in found if one.has_descriptor} == {name for name, has in large.items() if has}
    assert {one.is_zip64 for one in found} == {always}


def test_it_is_always_zip64(tmp_path: Path) -> None:
    content = b"".join(stream(entries_of({"a.csv": b"a"}, tmp_path)))

    assert content.count(b"PK\x06\x06") == content.count(b"PK\x06\x07") == 1
    assert content.count(b"\x01\x00\x10\x00") == content.count(b"\x01\x00\x18\x00") == 1  # heads of the extra fields


def test_the_same_entries_give_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    assert b"".join(stream(entries_of(SAMPLE, tmp_path))) == archive.read_bytes()


@pytest.mark.parametrize("name", ["media/a.bin", "a.csv"])
def test_the_first_piece_comes_before_the_first_file_is_read_through(name: str, tmp_path: Path) -> None:
    asked: list[str] = []

    def entries() -> Iterator[Entry]:
        for one in entries_of({name: noise(8 * MIB), "b.csv": b"b"}, tmp_path):
            asked.append(one.name)
            yield one

    pieces = stream(entries())
    first = next(pieces)
    pieces.close()

    assert (first[:4], len(first) < 200, asked) == (b"PK\x03\x04", True, [name])


def test_pieces_are_neither_tiny_nor_huge(tmp_path: Path) -> None:
    tree = {"media/a.bin": noise(3 * MIB), "b.csv": text(20 * MIB)}
    sizes = [len(piece) for piece in stream(entries_of(tree, tmp_path))] + [
        len(piece) for piece in stream(many(20_000, tmp_path))
    ]

    assert min(sizes) > 0
    assert max(sizes) <= 2 * CHUNK_BYTES
    assert sum(sizes) / len(sizes) > CHUNK_BYTES / 4


@pytest.mark.parametrize("name", ["media/b.png", "b.csv"])
@pytest.mark.parametrize("size", [0, 1, 900_000])
@pytest.mark.parametrize("by", [-1, 1])
def test_a_file_of_another_size_breaks_it(name: str, size: int, by: int, tmp_path: Path) -> None:
    if size + by < 0:
        return
    entries = entries_of({"a.csv": b"a", name: text(size), "c.csv": b"c"}, tmp_path)
    entries[1].source.write_bytes(text(size + by))

    broken_stream(entries, name, tmp_path)


@pytest.mark.parametrize("name", ["media/b.png", "b.csv"])
@pytest.mark.parametrize("size", [1, 900_000])
def test_a_file_that_is_gone_breaks_it_before_its_header(name: str, size: int, tmp_path: Path) -> None:
    entries = entries_of({"a.csv": b"a", name: text(size), "c.csv": b"c"}, tmp_path)
    entries[1].source.unlink()

    assert name.encode() not in broken_stream(entries, name, tmp_path)


@pytest.mark.parametrize("name", ["media/b.png", "b.csv"])
def test_a_file_that_is_cut_while_it_is_read_breaks_it(name: str, tmp_path: Path) -> None:
    entries = entries_of({name: noise(3 * MIB)}, tmp_path)
    pieces = stream(entries)
    got = [next(pieces), next(pieces)]
    with entries[0].source.open("r+b") as source:
        source.truncate(MIB)

    with pytest.raises(Unreadable):
        got.extend(pieces)
    assert_no_zip(b"".join(got), tmp_path)


def broken_stream(entries: list[Entry], name: str, folder: Path) -> bytes:
    """What was streamed until the file of that name was found to be wrong."""
    got: list[bytes] = []
    with pytest.raises(Unreadable) as caught:
        got.extend(stream(entries))
    assert caught.value.name == name
    content = b"".join(got)
    assert_no_zip(content, folder)
    return content


def assert_no_zip(content: bytes, folder: Path) -> None:
    assert b"PK\x05\x06" not in content
    broken = folder / "broken.zip"
    broken.write_bytes(content)
    with pytest.raises((AssertionError, EOFError)):
        reader.read(iter([content]))
    run("unzip", "-tqq", broken, expected=9)


def test_an_unsafe_name_breaks_it(tmp_path: Path) -> None:
    pieces = stream(entries_of({"a.csv": b"a", "../b.csv": b"b"}, tmp_path))

    with pytest.raises(ValueError, match="leads elsewhere"):
        list(pieces)


def test_entries_that_end_in_an_error_break_it(tmp_path: Path) -> None:
    def entries() -> Iterator[Entry]:
        yield from entries_of({"a.csv": b"a"}, tmp_path)
        raise Stop

    with pytest.raises(Stop):
        list(stream(entries()))


@pytest.mark.parametrize("count", [0, 1, 5])
def test_leaving_it_in_the_middle_closes_all_files(count: int, tmp_path: Path, open_files: Callable[[], int]) -> None:
    before = open_files()
    pieces = stream(entries_of({"media/a.bin": noise(5 * MIB), "b.csv": text(5 * MIB)}, tmp_path))
    for _ in range(count):
        next(pieces)
    pieces.close()

    assert open_files() == before


@pytest.fixture
def open_files() -> Callable[[], int]:
    """How many files this process has open."""
    place = Path("/proc/self/fd")
    if not place.exists():
        pytest.skip("PEER-MISSING(/proc)")
    return lambda: sum(1 for _ in place.iterdir())


def test_memory_does_not_grow_with_the_number_of_files(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        size = sum(len(piece) for piece in stream(many(70_000, tmp_path)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert (size > 10_000_000, peak < 8 * MIB) == (True, True)
