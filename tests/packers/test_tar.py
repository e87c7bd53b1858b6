"""Compressed tars: other programs open them, and the tar inside can be had."""

import gzip
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from slotport.packers import PACKERS, Packed, Unreadable
from slotport.packers.tar import unpacked
from tests.packers.programs import TAR_EXTRACTS, run
from tests.packers.trees import MODIFIED, SAMPLE, entries_of, many, nothing, on_disk

EACH = pytest.mark.parametrize("name", ["tar_bz2", "tar.gz"])


@pytest.fixture
def made(name: str, tmp_path: Path, folder: Path) -> Packed:
    """The sample, packed."""
    (archive,) = PACKERS[name].pack(entries_of(SAMPLE, tmp_path), folder, "a", nothing)
    return archive


@EACH
@pytest.mark.parametrize("program", TAR_EXTRACTS)
def test_other_programs_extract_the_same_files(made: Packed, program: str, tmp_path: Path, folder: Path) -> None:
    target = tmp_path / "extracted"
    target.mkdir()
    TAR_EXTRACTS[program](folder / made.file_name, target)

    assert on_disk(target) == dict(sorted(SAMPLE.items()))


@EACH
def test_gnu_tar_lists_plain_files_of_nobody(made: Packed, folder: Path) -> None:
    listed = run("tar", "--utc", "--numeric-owner", "--quoting-style=literal", "-tvf", folder / made.file_name).decode()
    lines = [line.split(maxsplit=5) for line in listed.splitlines()]

    assert [(*line[:5], line[5]) for line in lines] == [
        ("-rw-r--r--", "0/0", str(len(content)), "2031-05-06", "13:44", name) for name, content in SAMPLE.items()
    ]


@EACH
def test_the_tar_inside_is_as_it_says(made: Packed, folder: Path) -> None:
    plain = b"".join(unpacked(folder / made.file_name))

    assert (made.unpacked_size, made.unpacked_sha256) == (len(plain), sha256(plain).hexdigest())
    assert len(plain) % tarfile.RECORDSIZE == 0


@EACH
def test_the_tar_inside_is_one_that_gnu_tar_takes(made: Packed, tmp_path: Path, folder: Path) -> None:
    plain, target = tmp_path / "a.tar", tmp_path / "extracted"
    target.mkdir()
    plain.write_bytes(b"".join(unpacked(folder / made.file_name)))
    run("tar", "-xf", plain, "-C", target)

    assert on_disk(target) == dict(sorted(SAMPLE.items()))
    assert (target / "slot.csv").stat().st_mtime == int(MODIFIED.timestamp())


@EACH
@pytest.mark.parametrize("start", [0, 1, 512, 400_000])
def test_the_tar_inside_can_be_had_from_any_byte_on(made: Packed, start: int, folder: Path) -> None:
    plain = b"".join(unpacked(folder / made.file_name))

    assert b"".join(unpacked(folder / made.file_name, start=start)) == plain[start:]


def test_both_have_the_same_tar_inside(tmp_path: Path, folder: Path) -> None:
    made = [PACKERS[name].pack(entries_of(SAMPLE, tmp_path), folder, "a", nothing)[0] for name in ("tar_bz2", "tar.gz")]

    assert len({one.unpacked_sha256 for one in made}) == 1


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _damaged(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


def _nothing(_: bytes) -> bytes:
    return b"nothing of the kind"


@EACH
@pytest.mark.parametrize("change", [_cut, _damaged, _nothing])
def test_a_damaged_archive_never_ends_as_a_good_tar(
    made: Packed, change: Callable[[bytes], bytes], folder: Path
) -> None:
    archive = folder / made.file_name
    archive.write_bytes(change(archive.read_bytes()))

    with pytest.raises(Unreadable):
        list(unpacked(archive))


def test_an_archive_that_is_gone_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        list(unpacked(tmp_path / "a.tar.gz"))


def test_gzip_says_neither_name_nor_time(tmp_path: Path, folder: Path) -> None:
    PACKERS["tar.gz"].pack(entries_of(SAMPLE, tmp_path), folder, "a", nothing)

    assert (folder / "a.tar.gz").read_bytes()[:9] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00"


def test_any_number_of_files(tmp_path: Path, folder: Path) -> None:
    PACKERS["tar.gz"].pack(many(70_000, tmp_path), folder, "a", nothing)

    with gzip.open(folder / "a.tar.gz") as stream:
        assert len(stream.read()) % tarfile.RECORDSIZE == 0
    assert len(run("tar", "-tf", folder / "a.tar.gz").splitlines()) == 70_000
