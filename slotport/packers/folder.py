"""No archive at all: the files as they are (docs/formats/archives.md)."""

from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct

from slotport.packers.entries import Entry, Packed, safe_name


class Folder(Struct, frozen=True, kw_only=True):
    """Packs nothing: transports send the tree itself."""

    def pack(self, entries: Iterable[Entry], folder: Path, base_name: str, check: Callable[[], None]) -> list[Packed]:
        """Write nothing and give no archive, but refuse the names that every packer refuses."""
        for entry in entries:
            check()
            safe_name(entry.name)
        return []
