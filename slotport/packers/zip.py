"""Zip archives in a folder, one or as many as a limit asks for (docs/formats/archives.md)."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from slotport.packers.entries import Entry, Packed
from slotport.packers.saving import save
from slotport.packers.zip_stream import Way, written

MEDIA_TYPE = "application/zip"
MOST_ENTRIES = 65_535  #: of a part


class Zip(Struct, frozen=True, kw_only=True):
    """Packs into ``<name>.zip``, or with a limit into ``<name>.1.zip`` and so on; zip64 only where needed."""

    limit_bytes: int | None = None  #: of the files in a part; a larger file has a part of its own

    def pack(self, entries: Iterable[Entry], folder: Path, base_name: str, check: Callable[[], None]) -> list[Packed]:
        """Write the archives; give them in the order of their parts. See ``packers.Packer``."""
        way = Way(always_zip64=False, reads_twice=True, check=check)
        if self.limit_bytes is None:
            return [_saved(written(entries, way), folder, f"{base_name}.zip", None)]
        packed: list[Packed] = []
        try:
            for part, members in enumerate(parts(entries, self.limit_bytes), start=1):
                packed.append(_saved(written(members, way), folder, f"{base_name}.{part}.zip", part))
        except BaseException:
            for one in packed:
                (folder / one.file_name).unlink(missing_ok=True)
            raise
        return packed


def _saved(pieces: Iterable[bytes], folder: Path, file_name: str, part: int | None) -> Packed:
    size, digest = save(pieces, folder, file_name)
    return Packed(file_name=file_name, part=part, size=size, sha256=digest, media_type=MEDIA_TYPE)


def parts(entries: Iterable[Entry], limit_bytes: int) -> Iterator[Iterator[Entry]]:
    """Yield each part's entries, in their order; one part without entries if there are none at all.

    A part's entries must have been taken before the next part is asked for.
    """
    rest = iter(entries)
    waiting = next(rest, None)

    def members() -> Iterator[Entry]:
        nonlocal waiting
        count = size = 0
        while waiting is not None and (not count or (count < MOST_ENTRIES and size + waiting.size <= limit_bytes)):
            count += 1
            size += waiting.size
            yield waiting
            waiting = next(rest, None)

    yield members()
    while waiting is not None:
        yield members()
