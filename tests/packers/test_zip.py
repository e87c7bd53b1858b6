"""Zip archives on disk: other programs open them, parts, and zip64 only where it is needed."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.packers import PACKERS, Entry, Packed
from slotport.packers.zip import Zip, parts
from tests.packers.programs import ZIP_EXTRACTS, ZIP_TESTS, opened, run
from tests.packers.trees import MODIFIED, SAMPLE, entries_of, entry, many, nothing, on_disk, text

MIB = 1024 * 1024
ZIP64_RECORDS = (b"PK\x06\x06", b"PK\x06\x07")


def packed(name: str, entries: Iterable[Entry], folder: Path) -> list[Packed]:
    return PACKERS[name].pack(entries, folder, "a", nothing)


@pytest.fixture
def archive(tmp_path: Path, folder: Path) -> Path:
    """The sample, zipped."""
    packed("zip", entries_of(SAMPLE, tmp_path), folder)
    return folder / "a.zip"


@pytest.mark.parametrize("program", ZIP_TESTS)
def test_other_programs_find_it_whole(archive: Path, program: str) -> None:
    ZIP_TESTS[program](archive)


@pytest.mark.parametrize("program", ZIP_EXTRACTS)
def test_other_programs_extract_the_same_files(archive: Path, program: str, tmp_path: Path) -> None:
    target = tmp_path / "extracted"
    target.mkdir()
    ZIP_EXTRACTS[program](archive, target)

    assert on_disk(target) == dict(sorted(SAMPLE.items()))


def test_an_empty_one_is_opened_by_other_programs(folder: Path) -> None:
    packed("zip", [], folder)

    assert (folder / "a.zip").read_bytes() == b"PK\x05\x06" + bytes(18)
    run("7z", "t", folder / "a.zip")
    run("bsdtar", "-tf", folder / "a.zip")
    run("unzip", "-tqq", folder / "a.zip", expected=1)  # its word for: nothing is in it


def test_media_is_stored_and_all_else_deflated(archive: Path) -> None:
    with ZipFile(archive) as opened_archive:
        found = {info.filename: info.compress_type for info in opened_archive.infolist()}

    assert found == {name: ZIP_STORED if name.startswith("media/") else ZIP_DEFLATED for name in SAMPLE}


def test_members_are_plain_files_of_nobody_and_have_their_time(archive: Path, tmp_path: Path) -> None:
    with ZipFile(archive) as opened_archive:
        found = {(info.external_attr >> 16, info.create_system, info.date_time) for info in opened_archive.infolist()}
    run("unzip", "-qq", archive, "slot.csv", "-d", tmp_path)

    assert found == {(0o100644, 3, (2031, 5, 6, 13, 44, 58))}
    assert (tmp_path / "slot.csv").stat().st_mtime == int(MODIFIED.timestamp())


@pytest.mark.parametrize(
    ("modified", "kept"),
    [
        (datetime(1969, 1, 1, tzinfo=UTC), (1980, 1, 1, 0, 0, 0)),
        (datetime(1979, 12, 31, 23, 59, 59, tzinfo=UTC), (1980, 1, 1, 0, 0, 0)),
        (datetime(2031, 5, 6, 13, 44, 59, 999999, UTC), (2031, 5, 6, 13, 44, 58)),
        (datetime(2040, 1, 2, 3, 4, 6, tzinfo=UTC), (2040, 1, 2, 3, 4, 6)),
        (datetime(9999, 12, 31, tzinfo=UTC), (2107, 12, 31, 23, 59, 58)),
    ],
)
def test_any_time_is_kept_as_well_as_a_zip_can(
    modified: datetime, kept: tuple[int, ...], tmp_path: Path, folder: Path
) -> None:
    packed("zip", [entry("a.csv", b"a", tmp_path / "a", modified)], folder)

    with ZipFile(folder / "a.zip") as archive:
        assert archive.infolist()[0].date_time == kept


def test_headers_of_stored_files_say_all_about_them(archive: Path) -> None:
    with ZipFile(archive) as opened_archive:
        flags = {info.filename: info.flag_bits & 8 for info in opened_archive.infolist()}

    assert [name for name, has_descriptor in flags.items() if has_descriptor] == ["objects.json"]


def test_zip64_is_not_used_without_need(archive: Path, tmp_path: Path, folder: Path) -> None:
    packed("zip_10mb", many(65_535, tmp_path), folder)

    for path in (archive, folder / "a.1.zip"):
        content = path.read_bytes()
        assert [record for record in ZIP64_RECORDS if record in content] == []
        with ZipFile(path) as opened_archive:
            assert {info.extra[:2] for info in opened_archive.infolist()} == {b"UT"}


def test_one_archive_holds_any_number_of_files(tmp_path: Path, folder: Path) -> None:
    packed("zip", many(65_536, tmp_path), folder)

    for test in ZIP_TESTS.values():
        test(folder / "a.zip")
    with ZipFile(folder / "a.zip") as archive:
        assert len(archive.namelist()) == 65_536
    assert b"PK\x06\x06" in (folder / "a.zip").read_bytes()


# Parts


def test_a_part_closes_at_65535_files(tmp_path: Path, folder: Path) -> None:
    written = packed("zip_10mb", many(65_536, tmp_path), folder)

    assert [one.part for one in written] == [1, 2]
    assert [len(opened(folder / one.file_name)) for one in written] == [65_535, 1]
    for test in ZIP_TESTS.values():
        test(folder / "a.1.zip")


def test_parts_stay_within_the_limit_and_a_larger_file_is_alone(tmp_path: Path, folder: Path) -> None:
    sizes = [4 * MIB, 6 * MIB, 1, 11 * MIB, 0, 10 * MIB - 1, 1, 0, 10 * MIB, 2]
    tree = {f"media/{number}.bin": bytes(size) for number, size in enumerate(sizes)}
    written = packed("zip_10mb", entries_of(tree, tmp_path), folder)

    found = [[len(content) for content in opened(folder / one.file_name).values()] for one in written]
    assert found == [[4 * MIB, 6 * MIB], [1], [11 * MIB], [0, 10 * MIB - 1, 1, 0], [10 * MIB], [2]]
    assert [(one.part, one.file_name) for one in written] == [(n, f"a.{n}.zip") for n in range(1, 7)]
    for one in written:
        run("unzip", "-tqq", folder / one.file_name)


@given(sizes=st.lists(st.integers(0, 12), max_size=30), limit=st.integers(1, 10))
def test_files_are_dealt_out_in_order(sizes: list[int], limit: int) -> None:
    entries = [
        Entry(name=str(number), source=Path(), size=size, modified=MODIFIED, is_media=True)
        for number, size in enumerate(sizes)
    ]
    dealt = [list(part) for part in parts(entries, limit)]

    assert [one for part in dealt for one in part] == entries
    assert all(dealt) or dealt == [[]]
    assert all(len(part) == 1 or sum(one.size for one in part) <= limit for part in dealt)
    for part, later in pairwise(dealt):
        assert sum(one.size for one in [*part, later[0]]) > limit


def test_limits_are_of_what_goes_in() -> None:
    assert {name: packer.limit_bytes for name, packer in PACKERS.items() if isinstance(packer, Zip)} == {
        "zip": None,
        "zip_10mb": 10 * MIB,
        "zip_2gb": 2**31 - 1,
    }


def test_text_counts_as_large_as_it_is(tmp_path: Path, folder: Path) -> None:
    tree = {f"{number}.csv": text(4 * MIB) for number in range(3)}

    assert [len(opened(folder / one.file_name)) for one in packed("zip_10mb", entries_of(tree, tmp_path), folder)] == [
        2,
        1,
    ]
