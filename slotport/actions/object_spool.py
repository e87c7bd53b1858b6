"""Objects wait here, in search order, between the snapshot they were read from and the files they are written to.

A file of them is blocks: the length of the block in bytes, the number of its objects, and those.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from msgspec import Struct

from slotport.actions.run_folder import anew
from slotport.core import exported_record
from slotport.core.exported import Exported

BLOCK = 100  #: objects that are encoded together, which is cheaper than one by one
_BUFFER_BYTES = 1024 * 1024
_HEAD = struct.Struct("<QL")


class Span(Struct, frozen=True):
    """Some of the objects of a file: from a block on without so many objects at its beginning, so many or all."""

    offset: int = 0
    skipped: int = 0
    count: int | None = None


ALL = Span()


def write(path: Path, objects: Iterable[Exported]) -> int:
    """Write the objects to a file; how many there were."""
    count = 0
    rest = iter(objects)
    with anew(path, buffer_bytes=_BUFFER_BYTES) as stream:
        while block := list(islice(rest, BLOCK)):
            body = exported_record.encode_block(block)
            stream.write(_HEAD.pack(len(body), len(block)))
            stream.write(body)
            count += len(block)
    return count


def read(path: Path, span: Span = ALL) -> Iterator[Exported]:
    """The objects of a file in order; only a few are in memory at a time."""
    return chain.from_iterable(blocks(path, span))


def blocks(path: Path, span: Span = ALL) -> Iterator[Sequence[Exported]]:
    """The same, as many at a time as were written together."""
    skipped, left = span.skipped, span.count
    with path.open("rb", buffering=_BUFFER_BYTES) as stream:
        stream.seek(span.offset)
        while left != 0 and (head := stream.read(_HEAD.size)):
            block = exported_record.block(stream.read(_HEAD.unpack(head)[0]))[skipped:]
            if left is not None:
                block = block[:left]
                left -= len(block)
            skipped = 0
            yield block


def batches(path: Path, size: int) -> list[Span]:
    """Where the objects of each batch of ``size`` are (0: one of all); at least one."""
    if not size:
        return [ALL]
    found: list[Span] = []
    at = number = 0  # of the block: where it stands, and how many objects stand before it
    with path.open("rb", buffering=_BUFFER_BYTES) as stream:
        while head := stream.read(_HEAD.size):
            length, count = _HEAD.unpack(head)
            first = -number % size  # of the block's objects, to begin a batch
            found += [Span(at, skipped, size) for skipped in range(first, count, size)]
            stream.seek(length, 1)
            at += _HEAD.size + length
            number += count
    return found or [ALL]
