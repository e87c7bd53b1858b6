"""Packers: files -> archives in a folder, one line a packer (docs/formats/archives.md).

A new packer is a module with a ``Packer``, its line in PACKERS, and its section of the page; the suite in
``tests/packers/test_all.py`` then covers it. ``zip_stream`` makes a zip while it is sent, ``tar.unpacked`` gives the
tar inside of an archive.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from slotport.packers.entries import Entry, Packed, Unreadable, safe_name
from slotport.packers.folder import Folder
from slotport.packers.tar import tar_bz2, tar_gz
from slotport.packers.zip import Zip

__all__ = ["PACKERS", "Entry", "Packed", "Packer", "Unreadable", "safe_name"]


class Packer(Protocol):
    """Makes archives of files."""

    def pack(self, entries: Iterable[Entry], folder: Path, base_name: str, check: Callable[[], None]) -> list[Packed]:
        """Write the files, in their order, into archives called ``base_name`` in an existing folder.

        The same entries give the same bytes. ``check`` is called for each file and for every 256 KiB that is read, and
        may raise. Whatever is raised leaves none of the archives behind: Unreadable if a file cannot be read or has
        another size than it should have, ValueError for an unsafe name, OSError if the folder takes no more.
        """


#: by the name that a transport's ``packer`` has
PACKERS: Mapping[str, Packer] = {
    "zip": Zip(),
    "zip_10mb": Zip(limit_bytes=10_485_760),
    "zip_2gb": Zip(limit_bytes=2_147_483_647),
    "tar_bz2": tar_bz2(),
    "tar.gz": tar_gz(),
    "folder": Folder(),
}
