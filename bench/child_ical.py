"""ical reads or writes a file (bench/child.py). Runs in the peer's own environment."""

import importlib
import time
from pathlib import Path

from bench import child

stream = importlib.import_module("ical.calendar_stream").IcsCalendarStream


def read(file: Path) -> tuple[int, float]:
    """Parse the file."""
    begin = time.process_time()
    calendar = stream.calendar_from_ics(file.read_text(encoding="utf-8"))
    seconds = time.process_time() - begin
    return len(calendar.events), seconds


def write(file: Path) -> tuple[int, float]:
    """Write what was parsed."""
    calendar = stream.calendar_from_ics(file.read_text(encoding="utf-8"))
    seconds = child.timed(lambda: stream.calendar_to_ics(calendar))
    return len(calendar.events), seconds


if __name__ == "__main__":
    child.run({"read": read, "write": write})
