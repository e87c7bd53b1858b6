"""Files for archives: made-up ones, ones that are hard to pack, and the entries that stand for them."""

import string
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import strategies as st

from slotport.packers import Entry

MODIFIED = datetime(2031, 5, 6, 13, 44, 58, 250000, UTC)
MEDIA = "media/"  #: what lies below it is media
Tree = Mapping[str, bytes]

_LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\:")
_PARTS = st.text(_LETTERS, min_size=1, max_size=12).filter(lambda part: part.strip(".") != "")
_NAMES = st.lists(_PARTS, min_size=1, max_size=3).map("/".join)
#: a name as part of another would be a file and a folder at once
TREES: st.SearchStrategy[dict[str, bytes]] = st.dictionaries(
    st.tuples(st.sampled_from(["", MEDIA]), st.integers(0, 9), _NAMES).map(
        lambda said: f"{said[0]}{said[1]}-{said[2]}"
    ),
    st.one_of(st.binary(max_size=400), st.binary(min_size=1, max_size=4).map(lambda text: text * 9000)),
    max_size=6,
)


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that do not shrink."""
    return Random(seed).randbytes(size)


def text(size: int) -> bytes:
    """Bytes that shrink, though not to nothing."""
    words = Random(2).choices(string.ascii_lowercase + "\n ", k=997)
    return ("".join(words).encode() * (size // 997 + 1))[:size]


#: what an export may hold, and what is at the edge of each way to pack it
SAMPLE: Tree = {
    "objects.json": text(300_000),
    "slot.csv": b'"_id","title"\n' * 40,
    "empty.txt": b"",
    "SHA256SUMS": text(256 * 1024),
    "schedule/grünes Haus – 会議 📅.xml": b"<schedule/>",
    "media/slot-31/31-9-original.jpg": noise(300_000),
    "media/slot-31/edge.png": noise(256 * 1024),
    "media/slot-31/beyond.png": noise(256 * 1024 + 1),
    "media/slot-32/empty.png": b"",
    f"media/{'long-' * 30}/{'name-' * 40}.bin": noise(1000),
    "media/ -rf*?'\"$(x).png": b"a name that a shell would misread",
}


def entries_of(tree: Tree, folder: Path, *, modified: datetime = MODIFIED) -> list[Entry]:
    """Write the files into a folder, under names of no meaning, and give their entries."""
    return [entry(name, content, folder / str(number), modified) for number, (name, content) in enumerate(tree.items())]


def entry(name: str, content: bytes, source: Path, modified: datetime = MODIFIED) -> Entry:
    """Write a file, and give its entry."""
    source.write_bytes(content)
    return Entry(name=name, source=source, size=len(content), modified=modified, is_media=name.startswith(MEDIA))


def many(count: int, folder: Path) -> Iterable[Entry]:
    """Many entries, made one by one, with the same few bytes."""
    source = folder / "tiny"
    source.write_bytes(b"tiny")
    for number in range(count):
        yield Entry(name=f"media/slot-{number}/{number}.png", source=source, size=4, modified=MODIFIED, is_media=True)


def on_disk(folder: Path) -> dict[str, bytes]:
    """The files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def nothing() -> None:
    """Check nothing."""


class Stop(Exception):
    """What a check raises."""


def stop_at(call: int) -> Callable[[], None]:
    """A check that raises at that call, counted from 0."""
    calls = iter(range(call))

    def check() -> None:
        if next(calls, None) is None:
            raise Stop

    return check


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where archives go."""
    made = tmp_path / "archives"
    made.mkdir()
    return made
