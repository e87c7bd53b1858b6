"""icalendar reads or writes a file (bench/child.py). Runs in the peer's own environment."""

import importlib
import time
from pathlib import Path

from bench import child

icalendar = importlib.import_module("icalendar")


def read(file: Path) -> tuple[int, float]:
    """Parse the file."""
    begin = time.process_time()
    calendar = icalendar.Calendar.from_ical(file.read_bytes())
    seconds = time.process_time() - begin
    return len(calendar.walk("VEVENT")), seconds


def write(file: Path) -> tuple[int, float]:
    """Write what was parsed."""
    calendar = icalendar.Calendar.from_ical(file.read_bytes())
    seconds = child.timed(calendar.to_ical)
    return len(calendar.walk("VEVENT")), seconds


def corpus(folder: Path) -> tuple[int, float]:
    """Parse every file of a folder that can be; the events that came out."""
    events, seconds = 0, 0.0
    for file in sorted(folder.rglob("*.ics")):
        content = file.read_bytes()
        begin = time.process_time()
        try:
            calendars = icalendar.Calendar.from_ical(content, multiple=True)
        except Exception:  # whatever it is, it refused the file
            calendars = []
        seconds += time.process_time() - begin
        events += sum(len(calendar.walk("VEVENT")) for calendar in calendars)
    return events, seconds


if __name__ == "__main__":
    child.run({"read": read, "write": write, "corpus": corpus})
