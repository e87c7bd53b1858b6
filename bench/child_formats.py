"""Reads and writes the same slots in each format of Slotport; ``python -m bench.child_formats FILE RUNS``.

Prints a line of JSON: for each format the CPU seconds of each run of ``read`` and of ``write``, taken in turn.
"""

import json
import sys
import time
from pathlib import Path

from bench.child_slotport import CHUNK_BYTES, slots
from slotport.core.slot import Slot
from slotport.formats import FORMATS, Format, ReadOptions, WriteOptions

NAMES = ("ical", "timeslot", "outlook")


def written(wire: Format, held: list[Slot]) -> tuple[bytes, float]:
    """The file, and the CPU seconds it took."""
    begin = time.process_time()
    file = b"".join(wire.write(held, WriteOptions()))
    return file, time.process_time() - begin


def read(wire: Format, file: bytes, events: int) -> float:
    """The CPU seconds of reading the file in pieces."""
    chunks = [file[at : at + CHUNK_BYTES] for at in range(0, len(file), CHUNK_BYTES)]
    begin = time.process_time()
    found = sum(1 for record in wire.read(chunks, ReadOptions()) if isinstance(record, Slot))
    seconds = time.process_time() - begin
    if found != events:
        raise SystemExit(f"{wire.name}: {found} slots were read of {events} that were written")
    return seconds


def main() -> None:
    """Measure as often as the command line says, after one run that does not count."""
    held = list(slots(Path(sys.argv[1])))
    runs = int(sys.argv[2])
    seconds: dict[str, dict[str, list[float]]] = {name: {"read": [], "write": []} for name in NAMES}
    for _ in range(runs + 1):
        for name in NAMES:
            file, write_seconds = written(FORMATS[name], held)
            seconds[name]["write"].append(write_seconds)
            seconds[name]["read"].append(read(FORMATS[name], file, len(held)))
    counted = {name: {verb: taken[1:] for verb, taken in verbs.items()} for name, verbs in seconds.items()}
    print(json.dumps({"events": len(held), "seconds": counted}))


if __name__ == "__main__":
    main()
