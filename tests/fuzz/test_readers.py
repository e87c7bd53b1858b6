"""Damaged files: whatever their bytes, each reader ends in slots, problems or a format error, and says the same twice.

`make test` does so for a few seconds, `make fuzz` for as long as it is told; the seed is printed.
"""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slotport.core.slot import Problem, Slot
from slotport.errors import FormatError
from slotport.formats import FORMATS, Format, ReadOptions, WriteOptions

SAMPLES = Path(__file__).parents[1] / "samples"
CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
SUFFIXES = {"ical": ".ics", "outlook": ".csv", "timeslot": ".json"}
WORDS = [
    b"\r\n ", b"\n\t", b"\r", b"\0", b'"', b",", b";", b":", b"=", b"\xff", b"\xc3", b"\xe2\x80\xa8",
    b"\xef\xbb\xbf", b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"BEGIN:VALARM\n", b"END:VCALENDAR\n", b"TZID=",
    b"VALUE=DATE:", b"99999999", b"00000101T000000Z", b"-PT2H", b"P99999999999D", b"RRULE:FREQ=SECONDLY\n", b"^n",
    b"\\", b"\\n", b"[", b"]", b"{", b"}", b"null", b"1e999", b'"\\ud800"', b"[[[[[[[[", b"'=1+1", b'""',
    b"\xf0\x9f\x8e\x82",
]  # fmt: skip


def samples(suffix: str) -> list[bytes]:
    """Real files of the format, the shorter ones."""
    found = [path for folder in (SAMPLES, CORPUS) for path in sorted(folder.rglob(f"*{suffix}"))]
    return [data for path in found if len(data := path.read_bytes()) < 20_000]


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The file with a few bytes, words or parts of it changed, doubled or gone."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(out))
        kind = chance.randrange(6)
        if kind == 0:
            out[at:at] = chance.choice(WORDS)
        elif kind == 1:
            del out[at : at + chance.randint(1, 40)]
        elif kind == 2 and at < len(out):
            out[at] = chance.randrange(256)
        elif kind == 3:
            start = chance.randint(0, len(out))
            out[at:at] = out[start : start + chance.randint(1, 300)]
        elif kind == 4:
            out[at : at + 8] = chance.choice(WORDS)
        else:
            out[at:at] = chance.choice(WORDS) * chance.randint(2, 60)
    return bytes(out)


def outcome(format_: Format, chunks: list[bytes]) -> list[Slot | Problem] | str:
    """What reading ends in."""
    try:
        return list(format_.read(chunks, ReadOptions()))
    except FormatError as error:
        return str(error)


@pytest.mark.parametrize("name", SUFFIXES)
def test_damaged_files_end_cleanly(name: str, fuzz_seconds: float) -> None:
    format_ = FORMATS[name]
    files = samples(SUFFIXES[name])
    assert files
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    end = time.monotonic() + fuzz_seconds
    while time.monotonic() < end:
        data = damaged(chance.choice(files), chance)
        size = chance.choice([1, 7, 64, 4096])

        found = outcome(format_, [data])

        in_chunks = outcome(format_, [data[at : at + size] for at in range(0, len(data), size)])
        if isinstance(found, str):  # of two things wrong, which is told first may differ
            assert isinstance(in_chunks, str), data
        else:
            assert in_chunks == found, data
            slots = [item for item in found if isinstance(item, Slot)]
            again = outcome(format_, list(format_.write(slots, WriteOptions())))
            assert isinstance(again, list), data
            assert len([item for item in again if isinstance(item, Slot)]) == len(slots), data


MIB = 1024 * 1024
Bomb = Callable[[], Iterator[bytes]]


def repeated(head: bytes, part: bytes, foot: bytes = b"", size: int = MIB) -> bytes:
    """A file of about 1 MiB that says one thing over and over."""
    return head + part * ((size - len(head) - len(foot)) // len(part)) + foot


EVENT = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20310101T000000Z\r\nSUMMARY:x\r\n"
BOMBS = {
    "lines": ("ical", repeated(EVENT, b"X:\n")),
    "folds": ("ical", repeated(EVENT + b"X:", b"\n a")),
    "parameters": ("ical", repeated(EVENT + b"X", b";A=b")),
    "quotes": ("ical", repeated(EVENT + b"X;A=", b'"b",')),
    "components": ("ical", repeated(EVENT, b"BEGIN:VALARM\n")),
    "calendars": ("ical", repeated(b"", b"BEGIN:VCALENDAR\nEND:VCALENDAR\n")),
    "begins": ("ical", repeated(b"", b"BEGIN:VCALENDAR\n")),
    "events": ("ical", repeated(b"BEGIN:VCALENDAR\n", b"BEGIN:VEVENT\nEND:VEVENT\n")),
    "zones": ("ical", repeated(b"BEGIN:VCALENDAR\n", b"BEGIN:VTIMEZONE\nTZID:a\nEND:VTIMEZONE\n")),
    "unknown zones": (
        "ical",
        b"BEGIN:VCALENDAR\n"
        + b"".join(
            b"BEGIN:VEVENT\nSUMMARY:x\nDTSTART;TZID=z%d:20310101T000000\nEND:VEVENT\n" % n for n in range(13000)
        ),
    ),
    "zone rules": (
        "ical",
        repeated(
            b"BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:a\n",
            b"BEGIN:STANDARD\nDTSTART:19000101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n"
            b"RRULE:FREQ=SECONDLY\nEND:STANDARD\n",
            b"END:VTIMEZONE\nBEGIN:VEVENT\nSUMMARY:x\nDTSTART;TZID=a:99990101T000000\nEND:VEVENT\n",
        ),
    ),
    "zone dates": (
        "ical",
        repeated(
            b"BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:a\nBEGIN:STANDARD\nDTSTART:19000101T000000\nTZOFFSETFROM:+0100\n"
            b"TZOFFSETTO:+0200\nRDATE:19000101T000000",
            b",19000101T000000",
            b"\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nSUMMARY:x\nDTSTART;TZID=a:20310101T000000\nEND:VEVENT\n",
        ),
    ),
    "carriage returns": ("ical", repeated(EVENT, b"\r")),
    "zeros": ("ical", repeated(b"BEGIN:VCALENDAR\n", b"\0")),
    "columns": ("outlook", repeated(b"Subject,Start_Date,Start_Time,End_Date,End_Time", b",a")),
    "cells": ("outlook", repeated(b"Subject,Start_Date\n", b",")),
    "quoted": ("outlook", repeated(b'Subject,Start_Date\n"', b'""')),
    "rows": ("outlook", repeated(b"Subject,Start_Date\n", b"\n")),
    "slashes": ("outlook", repeated(b"Subject,Start_Date\n", b"x,1/1/2031\n")),
    "arrays": ("timeslot", repeated(b"", b"[")),
    "objects": ("timeslot", repeated(b"[", b'{"a":')),
    "strings": ("timeslot", repeated(b'["', b"\\\\")),
    "records": ("timeslot", repeated(b"[{}", b",{}", b"]")),
    "blanks": ("timeslot", repeated(b"[", b" ")),
    "notes": ("timeslot", repeated(b'[{"title":"x","start":"2031-01-01","notes":[{}', b",{}", b"]}]")),
    "digits": ("timeslot", repeated(b'[{"title":"x","start":', b"9", b"}]")),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_can_do_no_great_harm(name: str) -> None:
    format_name, data = BOMBS[name]
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    found = outcome(FORMATS[format_name], [data])

    assert isinstance(found, list | str)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024
