"""What a result says of its own files and of objects that are gone (docs/formats/objects.md).

``manifest.json`` and ``SHA256SUMS`` let a copy be verified; ``deletions.json`` belongs to incremental exports.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from slotport.core.deletion import Deletion
from slotport.core.export import File
from slotport.core.when import iso_seconds
from slotport.formats.objects_json import Head, array, root
from slotport.formats.pieces import pieces

MANIFEST, SUMS, DELETIONS = "manifest.json", "SHA256SUMS", "deletions.json"
MEDIA_TYPES = {MANIFEST: "application/json", SUMS: "text/plain", DELETIONS: "application/json"}

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})


def _no_public_id(_asset_id: int) -> str | None:
    return None


def manifest(
    files: Iterable[File], head: Head, *, public_id: Callable[[int], str | None] = _no_public_id
) -> Iterator[bytes]:
    """Yield manifest.json in pieces, a file a line; ``public_id`` is that of an asset, by its id."""
    return array(root(head, "files"), (_told(file, public_id) for file in files), b"]}\n")


def _told(file: File, public_id: Callable[[int], str | None]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "path": file.path,
        "size": file.size,
        "sha256": file.sha256,
        "media_type": file.media_type,
        "modified": iso_seconds(file.modified),
        "objects": file.objects,
    }
    if file.eas_id is not None:
        told |= {
            "eas_id": file.eas_id,
            "eas_version": file.eas_version,
            "eas_fileclass": file.eas_fileclass,
            "public_id": public_id(file.eas_id),
        }
    return told


def sums(files: Iterable[File]) -> Iterator[bytes]:
    """Yield SHA256SUMS in pieces, as ``sha256sum`` writes and ``sha256sum -c`` reads it."""
    return pieces(_sum(file) for file in files)


def _sum(file: File) -> str:
    path = file.path.translate(_ESCAPES)
    return f"{'' if path == file.path else chr(92)}{file.sha256}  {path}\n"


def deletions(gone: Iterable[Deletion]) -> Iterator[bytes]:
    """Yield deletions.json in pieces: an array, an object a line."""
    return array(b"[", (_gone(one) for one in gone), b"]\n")


def _gone(one: Deletion) -> dict[str, Any]:
    return {
        "_objecttype": one.type,
        "_system_object_id": one.id,
        "_uuid": one.uuid,
        "_version": one.version,
        "reason": one.reason,
    }
