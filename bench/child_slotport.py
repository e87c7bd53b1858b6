"""Slotport's formats read or write a file (bench/child.py)."""

import time
from collections.abc import Iterator
from pathlib import Path

from bench import child
from slotport.core.slot import Slot
from slotport.errors import SlotportError
from slotport.formats import FORMATS, ReadOptions, WriteOptions

CHUNK_BYTES = 256 * 1024


class Chunks:
    """The pieces of a file, as often as they are asked for."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __iter__(self) -> Iterator[bytes]:
        with self.file.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk


def slots(file: Path) -> Iterator[Slot]:
    """The slots of an iCalendar file."""
    records = FORMATS["ical"].read(Chunks(file), ReadOptions())
    return (record for record in records if isinstance(record, Slot))


def count(file: Path) -> int:
    """How many slots the file holds."""
    return sum(1 for _ in slots(file))


def read(file: Path) -> tuple[int, float]:
    """Read the file, keeping no slot."""
    begin = time.process_time()
    events = count(file)
    return events, time.process_time() - begin


def write(file: Path) -> tuple[int, float]:
    """Write what was read, keeping no piece."""
    held = list(slots(file))
    begin = time.process_time()
    for _ in FORMATS["ical"].write(held, WriteOptions()):
        pass
    return len(held), time.process_time() - begin


def stream(file: Path) -> tuple[int, float]:
    """Write each slot as soon as it is read: nothing is held, so nothing may grow."""
    begin = time.process_time()
    written = sum(piece.count(b"BEGIN:VEVENT") for piece in FORMATS["ical"].write(slots(file), WriteOptions()))
    return written, time.process_time() - begin


def corpus(folder: Path) -> tuple[int, float]:
    """Read every file of a folder that can be read; the slots that came out."""
    events, seconds = 0, 0.0
    for file in sorted(folder.rglob("*.ics")):
        begin = time.process_time()
        try:
            for _ in slots(file):
                events += 1
        except SlotportError:
            pass  # the rest of the file cannot be read
        seconds += time.process_time() - begin
    return events, seconds


if __name__ == "__main__":
    child.run({"read": read, "write": write, "stream": stream, "corpus": corpus})
