"""Makes the calendar that everything in ``bench`` reads (docs/benchmarks.md): the same seed gives the same bytes.

``python -m bench.make_events COUNT [FILE]`` writes it to FILE or the standard output.
"""

import argparse
import hashlib
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

SEED = 42
ZONE = "Europe/Berlin"
FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 2922  #: the events begin within eight years
LINE_OCTETS = 75
CHUNK_EVENTS = 512

HEAD = f"""\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Slotport//bench//EN
CALSCALE:GREGORIAN
BEGIN:VTIMEZONE
TZID:{ZONE}
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
FOOT = "END:VCALENDAR\r\n"

WORDS = (
    "planning review harbour session budget workshop garden train supper choir design library market "
    "rehearsal lecture release quarterly morning evening open closed north south table record teacher"
).split()
FOREIGN = (
    "Frühstück", "Bücherei", "Größe", "Straßenfest", "会議", "東京駅", "図書館", "встреча", "библиотека",
    "концерт", "🎉", "🚲🌧️", "👩‍👩‍👧", "café", "naïve",
)  # fmt: skip
ESCAPED = (r"bring\, if you can\, a chair", r"first line\nsecond line", r"rooms 1\; 2\; 3", r"C:\\share\\plan")
ROOMS = ("Hall 1", "Hall 2", "Room 3.14", "Main stage", "Library", "Town square", "Pier 7")
CLASSES = ("PUBLIC", "PRIVATE", "PRIVATE", "CONFIDENTIAL")
RULES = (
    "FREQ=WEEKLY;COUNT=10",
    "FREQ=DAILY;INTERVAL=2;COUNT=30",
    "FREQ=MONTHLY;BYMONTHDAY=15;COUNT=12",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20331231T225959Z",
)


def folded(line: str) -> str:
    """The content line in pieces of at most 75 octets, none cut inside a character (RFC 5545, section 3.1)."""
    if len(line.encode()) <= LINE_OCTETS:
        return line
    pieces: list[str] = []
    piece, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > LINE_OCTETS:
            pieces.append(piece)
            piece, octets = " ", 1
        piece += character
        octets += size
    pieces.append(piece)
    return "\r\n".join(pieces)


def _phrase(random: Random, count: int, pool: tuple[str, ...] | list[str]) -> str:
    return " ".join(random.choices(pool, k=count))


def _texts(random: Random, *, difficult: bool) -> tuple[str, str]:
    """Title and description; the difficult ones are long, escaped and not ASCII."""
    if not difficult:
        return _phrase(random, 4, WORDS).capitalize(), _phrase(random, 10, WORDS)[:63].rstrip()
    title = f"{_phrase(random, 4, WORDS)} {_phrase(random, 2, FOREIGN)}"
    parts = [
        _phrase(random, 12, WORDS),
        _phrase(random, 6, FOREIGN),
        random.choice(ESCAPED),
        _phrase(random, 16, WORDS),
    ]
    random.shuffle(parts)
    return title, r"\, ".join(parts)


def _event(random: Random, number: int, seed: int) -> str:
    """One VEVENT: of 100, 20 have difficult texts, 10 an alarm and 10 a rule with a zone."""
    title, description = _texts(random, difficult=random.random() < 0.2)
    start = FIRST_DAY + timedelta(days=random.randrange(DAYS), hours=7, minutes=15 * random.randrange(48))
    end = start + timedelta(minutes=15 * random.randrange(1, 17))
    stamp = FIRST_DAY + timedelta(seconds=number)
    suffix = f"{random.getrandbits(128):032x}"
    repeats = random.random() < 0.1
    zone, z = (f";TZID={ZONE}", "") if repeats else ("", "Z")
    lines = [
        "BEGIN:VEVENT",
        f"UID:{seed}-{number:07d}-{suffix}@bench.example",
        f"DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}",
        f"DTSTART{zone}:{start:%Y%m%dT%H%M%S}{z}",
        f"DTEND{zone}:{end:%Y%m%dT%H%M%S}{z}",
    ]
    if repeats:
        lines.append(f"RRULE:{random.choice(RULES)}")
    lines += [
        f"CLASS:{random.choice(CLASSES)}",
        folded(f"SUMMARY:{title}"),
        folded(f"DESCRIPTION:{description}"),
        f"LOCATION:{random.choice(ROOMS)} {_phrase(random, 2, WORDS)}",
    ]
    if random.random() < 0.1:
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Reminder", "TRIGGER:-PT15M", "END:VALARM"]
    lines.append("END:VEVENT\r\n")
    return "\r\n".join(lines)


def calendar(count: int, seed: int = SEED) -> Iterator[bytes]:
    """Yield a calendar of ``count`` events in pieces; a shorter one is the beginning of a longer one."""
    random = Random(seed)
    yield HEAD.replace("\n", "\r\n").encode()
    for first in range(0, count, CHUNK_EVENTS):
        numbers = range(first, min(first + CHUNK_EVENTS, count))
        yield "".join(_event(random, number, seed) for number in numbers).encode()
    yield FOOT.encode()


def calendar_file(folder: Path, count: int, seed: int = SEED) -> Path:
    """The file with that calendar below ``folder``, made unless it is there from an earlier run."""
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    path = folder / f"events-{count}-{seed}-{version}.ics"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as file:
            file.writelines(calendar(count, seed))
        part.rename(path)
    return path


def main() -> None:
    """Write the calendar where the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.make_events", description="Writes the calendar of the bench."
    )
    parser.add_argument("count", type=int, help="number of events")
    parser.add_argument("file", type=Path, nargs="?", help="default: the standard output")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    if options.file is None:
        sys.stdout.buffer.writelines(calendar(options.count, options.seed))
        return
    with options.file.open("wb") as file:
        file.writelines(calendar(options.count, options.seed))


if __name__ == "__main__":
    main()
