"""Archives on disk: a name shows a whole archive or none."""

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from slotport.packers.entries import safe_name


def save(pieces: Iterable[bytes], folder: Path, file_name: str) -> tuple[int, str]:
    """Write an archive into a folder, over any file of that name; give its size in bytes and its SHA-256 in hex.

    Whatever is raised meanwhile leaves nothing behind. Raises ValueError for a name that leads elsewhere.
    """
    if "/" in safe_name(file_name):
        raise ValueError(f"{file_name!r} is no name of a file")
    # not the name itself with an ending: that may be as long as names can be
    draft = folder / f".{sha256(file_name.encode()).hexdigest()[:32]}.part"
    digest, size = sha256(), 0
    try:
        # a process that seems dead may still write to the file of that name: it gets none of this one
        draft.unlink(missing_ok=True)
        with draft.open("wb") as stream:
            for piece in pieces:
                stream.write(piece)
                digest.update(piece)
                size += len(piece)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(folder / file_name)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return size, digest.hexdigest()
