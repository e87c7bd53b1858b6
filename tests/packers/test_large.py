"""Archives beyond what a zip of old can hold: a file and an offset above 4 GiB, and more than 65,535 files.

The files are holes, and so is the archive where it holds them: hardly anything is written to the disk.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

from slotport.packers import Entry
from slotport.packers.entries import CHUNK_BYTES
from slotport.packers.zip_stream import Way, stream, written
from tests.packers import reader
from tests.packers.programs import ZIP_TESTS
from tests.packers.trees import MODIFIED, many, nothing

HUGE = 2**32 + 1
ZEROS_CRC = 0x41D912FF
TINY_CRC = 0x50B897C9


def huge(folder: Path, *, is_media: bool) -> Entry:
    """A file of zeros."""
    source = folder / "huge"
    with source.open("wb") as stream:
        stream.truncate(HUGE)
    name = "media/slot-1/film.mp4" if is_media else "objects.json"
    return Entry(name=name, source=source, size=HUGE, modified=MODIFIED, is_media=is_media)


def kept(pieces: Iterable[bytes], archive: Path) -> Iterator[bytes]:
    """The pieces; the file is written with holes where they are zeros."""
    zeros = bytes(CHUNK_BYTES)
    with archive.open("wb") as stream:
        for piece in pieces:
            if piece == zeros:
                stream.seek(CHUNK_BYTES, 1)
            else:
                stream.write(piece)
            yield piece


def test_other_programs_find_a_stream_whole(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    found = reader.read(kept(stream(chain([huge(tmp_path, is_media=True)], many(70_000, tmp_path))), archive))

    assert (len(found), found[0].size, found[0].crc, found[-1].offset > 2**32) == (70_001, HUGE, ZEROS_CRC, True)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda test: test(archive), ZIP_TESTS.values()))


def test_other_programs_find_an_archive_whole(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    way = Way(always_zip64=False, reads_twice=True, check=nothing)
    entries = chain(many(1, tmp_path), [huge(tmp_path, is_media=True)], many(2, tmp_path))
    found = reader.read(kept(written(entries, way), archive))

    assert [(one.size, one.crc, one.is_zip64, one.has_descriptor) for one in found] == [
        (4, TINY_CRC, False, False),
        (HUGE, ZEROS_CRC, True, False),
        *[(4, TINY_CRC, False, False)] * 2,
    ]
    ZIP_TESTS["7z"](archive)


def test_a_large_text_shrinks(tmp_path: Path) -> None:
    text, tiny = reader.read(stream(chain([huge(tmp_path, is_media=False)], many(1, tmp_path))))

    assert (text.size, text.crc, text.is_zip64, text.has_descriptor) == (HUGE, ZEROS_CRC, True, True)
    assert text.packed_size < HUGE // 1000
    assert (tiny.size, tiny.crc) == (4, TINY_CRC)
