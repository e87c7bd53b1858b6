"""Objects wait here, in search order, between the snapshot they were read from and the files they are written to."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from slotport.actions.run_folder import anew
from slotport.core import exported_record
from slotport.core.exported import Exported

_BUFFER_BYTES = 1024 * 1024


def write(path: Path, objects: Iterable[Exported]) -> int:
    """Write the objects to a file; how many there were."""
    count = 0
    with anew(path, buffer_bytes=_BUFFER_BYTES) as stream:
        for one in objects:
            body = exported_record.encode(one)
            stream.write(len(body).to_bytes(4, "little"))
            stream.write(body)
            count += 1
    return count


def read(path: Path, start: int = 0, count: int | None = None) -> Iterator[Exported]:
    """The objects of a file in order, from an offset on, all or so many; only a few are in memory at a time."""
    decode = exported_record.exported
    with path.open("rb", buffering=_BUFFER_BYTES) as stream:
        stream.seek(start)
        while (count is None or count > 0) and (length := stream.read(4)):
            yield decode(stream.read(int.from_bytes(length, "little")))
            count = None if count is None else count - 1


def batches(path: Path, size: int) -> list[tuple[int, int]]:
    """Offset and number of objects of each batch of ``size`` (0: one of all); at least one."""
    found: list[tuple[int, int]] = []
    start = count = 0
    with path.open("rb", buffering=_BUFFER_BYTES) as stream:
        at = 0
        while length := stream.read(4):
            if size and count == size:
                found.append((start, count))
                start, count = at, 0
            body = int.from_bytes(length, "little")
            stream.seek(body, 1)
            at += 4 + body
            count += 1
    if count or not found:
        found.append((start, count))
    return found
