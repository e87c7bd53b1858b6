"""Real and deliberately broken files of other programs, and any bytes at all."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slotport.core.slot import Outcome, Problem, Slot
from slotport.errors import FormatError
from slotport.formats import icalendar
from slotport.formats.calendar_parts import Parts
from slotport.formats.calendar_shapes import SEEN_BEFORE
from slotport.formats.icalendar import _Reading
from slotport.formats.options import ReadOptions, WriteOptions

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "ics"
FILES = sorted(CORPUS.rglob("*.ics"))
EVENT = re.compile(rb"BEGIN:VEVENT\r?\n.*?END:VEVENT\r?\n", re.DOTALL)
needs_corpus = pytest.mark.skipif(not FILES, reason="the corpus of other programs' files is not here")

SAMPLE = b"""BEGIN:VCALENDAR\r
X-WR-TIMEZONE:Europe/Berlin\r
BEGIN:VTIMEZONE\r
TZID:Own\r
BEGIN:STANDARD\r
DTSTART:19700101T000000\r
TZOFFSETFROM:+0100\r
TZOFFSETTO:+0130\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:1\r
DTSTART;TZID=Own:20260102T030405\r
DTEND:20260103T030405Z\r
SUMMARY;LANGUAGE="d:e":a\\, b\r
 \xc3\xa4\r
EXDATE;TZID=Own:20260103T030405\r
BEGIN:VALARM\r
TRIGGER:-PT5M\r
END:VALARM\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;TZID=Later:20260102T030405\r
DURATION:PT1H\r
SUMMARY:x\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART:20260102\r
RRULE:FREQ=DAILY\r
RECURRENCE-ID;RANGE=THISANDFUTURE:20260102\r
SUMMARY:y\r
DESCRIPTION:%s\r
END:VEVENT\r
BEGIN:VTIMEZONE\r
TZID:Later\r
BEGIN:STANDARD\r
DTSTART:19700101T000000\r
TZOFFSETFROM:+0100\r
TZOFFSETTO:+0200\r
END:STANDARD\r
END:VTIMEZONE\r
END:VCALENDAR\r
""" % (b"long " * 130)


def outcome(data: bytes, *, quick: bool = True, size: int = 0) -> list[Slot | Problem | str]:
    """All that comes of the bytes: slots and problems, then the error that ended it, if one did."""
    chunks = [data[at : at + size] for at in range(0, len(data), size)] if size else [data]
    found: list[Slot | Problem | str] = []
    try:
        found.extend(_Reading(Parts(chunks, quick=quick)).records())
    except FormatError as error:
        found.append(str(error))
    return found


def mutated(data: bytes, source: random.Random) -> bytes:
    """The file with a few bytes or lines changed, lost, doubled or moved."""
    pieces = [*b'\r\n \t\0\\":;=,TZ9\xff', *data[:20]]
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(data) + 1)
        match source.randrange(5):
            case 0:
                data = data[:at] + bytes([source.choice(pieces)]) + data[at:]
            case 1:
                data = data[:at] + data[at + source.randint(1, 40) :]
            case 2:
                data = data[:at] + bytes([source.choice(pieces)]) + data[at + 1 :]
            case 3:
                lines = data.split(b"\n")
                line = source.randrange(len(lines))
                lines.insert(source.randrange(len(lines)), lines[line])
                data = b"\n".join(lines)
            case _:
                data = data.replace(
                    *source.choice([(b"\r\n", b"\n"), (b"\n", b"\r"), (b"\n", b"\r\n"), (b"\n", b"\n\t")])
                )
    return data


@needs_corpus
def test_nearly_all_files_of_the_corpus_are_read() -> None:
    results = {file: outcome(file.read_bytes()) for file in FILES}

    readable = {file: records for file, records in results.items() if not any(isinstance(r, str) for r in records)}
    records = [record for found in readable.values() for record in found]
    events = [r for r in records if isinstance(r, Slot) or r.outcome is not Outcome.NOTE]
    assert len(readable) >= 133
    assert len(events) >= 858
    assert all(r.line and r.code and r.message for r in records if isinstance(r, Problem))


@needs_corpus
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_file_of_the_corpus_comes_out_as_it_went_in(file: Path) -> None:
    data = file.read_bytes()
    slots = [record for record in outcome(data) if isinstance(record, Slot)]

    text = b"".join(icalendar.write(slots, WriteOptions()))

    again = list(icalendar.read([text], ReadOptions()))
    assert [kept(slot) for slot in again] == [kept(slot) for slot in slots]
    assert b"".join(icalendar.write(again, WriteOptions())) == text
    assert outcome(data, quick=False) == outcome(data) == outcome(data, size=7)


def kept(slot: Slot | Problem) -> dict[str, object]:
    assert isinstance(slot, Slot), slot
    return {name: getattr(slot, name) for name in icalendar.KEEPS} | {"description": slot.description or ""}


def samples() -> Iterator[bytes]:
    yield SAMPLE
    for file in FILES:
        if file.stat().st_size < 20_000:
            yield file.read_bytes()


@pytest.mark.parametrize("seed", range(20))
def test_changed_files_end_in_slots_problems_or_a_format_error(seed: int) -> None:
    source = random.Random(seed)
    for sample in samples():
        data = mutated(sample, source)

        result = outcome(data)

        assert outcome(data, quick=False) == result
        assert outcome(data, size=source.randint(1, 60)) == result
        slots = [record for record in result if isinstance(record, Slot)]
        text = b"".join(icalendar.write(slots, WriteOptions()))
        assert [kept(slot) for slot in icalendar.read([text], ReadOptions())] == [kept(slot) for slot in slots], data


@pytest.mark.parametrize("seed", range(4))
def test_many_events_of_one_shape_come_out_as_line_by_line(seed: int) -> None:
    source = random.Random(seed)
    for sample in samples():
        line_end = b"\r\n" if b"\r\n" in sample else b"\n"
        events = EVENT.findall(sample) or [b""]
        event, other = source.choice(events), source.choice(events)
        changed = [mutated(source.choice([event, other]), source) for _ in range(3)]
        data = b"".join([b"BEGIN:VCALENDAR", line_end, *[event, other] * SEEN_BEFORE, *changed, event, other * 2])

        result = outcome(data)

        assert outcome(data, quick=False) == result


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.binary() | st.lists(st.sampled_from([*SAMPLE.splitlines(), *SAMPLE.splitlines(keepends=True)])).map(b"\n".join)
)
def test_any_bytes_end_in_slots_problems_or_a_format_error(data: bytes) -> None:
    result = outcome(data)

    assert outcome(data, quick=False) == result
    assert outcome(b"\xef\xbb\xbf" + data) == result or b"\xef" in data or any(isinstance(r, str) for r in result)
