"""What the pages load: scripts and styles that were built at install (web/build.mjs), or that are not there."""

import json
from pathlib import Path

from msgspec import Struct

from slotport.api.fixed import Fixed

FOLDER = Path(__file__).parent / "built"
MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".txt": "text/plain"}


class Built(Struct, frozen=True):
    """All that was built."""

    files: dict[str, Fixed]  #: by name, as below ``/static/``; it changes with the content
    entries: dict[str, str]  #: ``page.js``, ``style.css`` -> the name of the file
    needs: dict[str, list[str]]  #: ``page.js``, ``board.js`` -> the names of its file and of all that it imports

    @property
    def is_there(self) -> bool:
        """Whether the pages were built."""
        return bool(self.entries)

    def needed(self, *scripts: str) -> list[str]:
        """The names of the files that these scripts need, each once."""
        return list(dict.fromkeys(name for script in scripts for name in self.needs.get(script, ())))


def read(folder: Path = FOLDER) -> Built:
    """What is in the folder; nothing if it has no manifest: half a page is none."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return Built(files={}, entries={}, needs={})
    files = {}
    for path in sorted(folder.iterdir()):
        if media_type := MEDIA_TYPES.get(path.suffix):
            files[path.name] = Fixed.of(path.read_bytes(), media_type)
    return Built(files=files, **json.loads(manifest.read_text(encoding="utf-8")))
