"""Objects as json (docs/formats/objects.md, "json"): one document of all, or one of each."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from slotport.core.export import AssetRule, Definition
from slotport.core.exported import Exported
from slotport.core.when import iso_seconds
from slotport.formats.objects import Shape
from slotport.formats.objects_tree import Trees
from slotport.formats.pieces import PIECE_LENGTH

MEDIA_TYPE = "application/json"
FORMAT = "slotport-export"
VERSION = 1  #: of the format


class Head(Struct, frozen=True, kw_only=True):
    """What a file says of the export that it comes from."""

    export_id: int
    export_version: int
    export_name: str
    generated: datetime


def write(objects: Iterable[Exported], head: Head, shape: Shape) -> Iterator[bytes]:
    """Yield the document in pieces, an object a line, in the order of the objects."""
    tree_of = Trees(shape).tree
    return array(root(head, "objects"), (tree_of(one) for one in objects), b"]}\n")


def array(head: bytes, records: Iterable[Any], foot: bytes) -> Iterator[bytes]:
    """Yield, in pieces, an array that begins and ends as is said, a record a line."""
    encode = msgspec.json.Encoder().encode_into
    held = bytearray(head)
    is_first = True
    for record in records:
        held += b"\n" if is_first else b",\n"
        is_first = False
        encode(record, held, -1)
        if len(held) > PIECE_LENGTH:
            yield bytes(held)
            held.clear()
    held += foot if is_first else b"\n" + foot
    yield bytes(held)


def root(head: Head, member: str) -> bytes:
    """The beginning of a document, up to the array of that name."""
    told: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "export": {"_id": head.export_id, "_version": head.export_version, "name": head.export_name},
        "generated": iso_seconds(head.generated),
        member: [],
    }
    return msgspec.json.encode(told)[:-2]


def takes(one: Exported, definition: Definition) -> bool:
    """Whether json files tell of the object: what is said of its media files goes before ``export.json``.

    If several files say so, one that says true is enough.
    """
    if not definition.assets or not one.media:
        return definition.json
    rules = [definition.assets.get(str(item.asset.id)) for item in one.media if item.asset is not None]
    said = [rule.json for rule in rules if isinstance(rule, AssetRule) and rule.json is not None]
    return any(said) if said else definition.json
