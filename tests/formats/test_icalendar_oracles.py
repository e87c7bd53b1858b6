"""Three other readers of iCalendar say the same as Slotport, of files as they came and as they are exported."""

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from slotport.core.slot import Slot
from slotport.errors import FormatError
from slotport.formats import icalendar
from slotport.formats.options import ReadOptions, WriteOptions
from tests.oracles import install
from tests.strategies import ZONES

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "ics"
FILES = sorted(CORPUS.rglob("*.ics"))
LIBRARIES = ("icalendar", "ical", "ical.js")
SAMPLE_ZONES = (
    *ZONES,
    "Europe/London",
    "Asia/Jerusalem",
    "America/Nuuk",
    "Africa/Cairo",
    "Antarctica/Troll",
    "Asia/Gaza",
)
STRICT = "refuses the whole file for a value that Slotport keeps as it came"
MIXED = "a floating start with an end in UTC: Slotport holds both as floating"
#: (file, library) of exports that the library does not read as the others do
EXPORT_DIFFERENCES = {
    ("google_dtstart_until_mismatch.ics", "ical"): STRICT,
    ("issue_1081_invalid_rrule_freq.ics", "ical"): STRICT,
    ("issue_1081_invalid_rrule_freq.ics", "ical.js"): STRICT,
    ("issue_165_missing_event.ics", "ical"): STRICT,
    ("issue_165_missing_event.ics", "ical.js"): STRICT,
    ("issue_218_bad_tzid.ics", "ical"): STRICT,
    ("rfc_7529.ics", "ical"): STRICT,
    ("rfc_7529.ics", "ical.js"): STRICT,
    ("non_dst_error.ics", "icalendar"): STRICT,
    ("non_dst_error.ics", "ical"): STRICT,
    ("badRRULE.ics", "ical"): STRICT,
    ("ms_timezones.ics", "ical"): STRICT,
    ("event_dt_mixed_awareness.ics", "icalendar"): MIXED,
    ("event_dt_mixed_awareness.ics", "ical"): MIXED,
    ("event_dt_mixed_awareness.ics", "ical.js"): MIXED,
}
BAD_ZONE = "the file's VTIMEZONE contradicts the IANA zone that its name means; the name counts"
NOT_UTF_8 = "a fold cuts a character, which this library does not put together again"
#: (file, library) of originals that the library does not read as Slotport does
ORIGINAL_DIFFERENCES = {
    ("office_365_invalid_timezone.ics", "icalendar"): "a zone that is defined nowhere: UTC for Slotport",
    ("broken_ical.ics", "icalendar"): "the library reads no start where a parameter is empty",
    ("bad_wrapping.ics", "icalendar"): NOT_UTF_8,
    ("bad_wrapping.ics", "ical.js"): NOT_UTF_8,
    ("event_dt_mixed_awareness.ics", "icalendar"): "a made-up zone name that the library takes for another",
    ("sabredav-school-holidays.ics", "icalendar"): "a DATE-TIME that says VALUE=DATE is a date for Slotport",
    ("cal_lots_of_timezones.ics", "ical.js"): BAD_ZONE,
    ("tz_windows_format.ics", "ical.js"): BAD_ZONE,
    ("tz_windows_format.ics", "icalendar"): BAD_ZONE,  # unless it read another zone of that name before
}
#: (zone, library): years of changes that the library gets wrong, alone among the three
ZONE_DIFFERENCES = {("Australia/Lord_Howe", "ical.js"): {1986}}


class Oracles:
    """Two processes that answer a JSON line with one."""

    def __init__(self) -> None:
        here = install.HERE
        commands = {
            "python": [str(install.PYTHON), str(here / "oracle.py")],
            "node": [*install.node(), str(here / "oracle.mjs"), str(install.TARGET)],
        }
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self._running = {
            name: subprocess.Popen(command, **pipes, text=True, encoding="utf-8") for name, command in commands.items()
        }

    def ask(self, library: str, text: str, **more: object) -> dict[str, list[list[object]]]:
        process = self._running["node" if library == "ical.js" else "python"]
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"library": library, "text": text, **more}) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    def stop(self) -> None:
        for process in self._running.values():
            process.communicate()


@pytest.fixture(scope="module")
def oracles() -> Iterator[Oracles]:
    if not install.is_installed():
        reason = "the other iCalendar readers are not installed: python -m tests.oracles.install"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    running = Oracles()
    yield running
    running.stop()


def slots_of(data: bytes) -> list[Slot]:
    return [record for record in icalendar.read([data], ReadOptions()) if isinstance(record, Slot)]


def exported(slots: list[Slot]) -> str:
    return b"".join(icalendar.write(slots, WriteOptions())).decode()


def seen(slot: Slot) -> list[object]:
    """The slot as an oracle shows it: uid, start, end."""
    return [slot.uid, _shown(slot, slot.start), None if slot.end is None else _shown(slot, slot.end)]


def _shown(slot: Slot, value: object) -> object:
    if not isinstance(value, datetime):
        return str(value)
    return value.replace(tzinfo=None).isoformat() if slot.floating else int(value.timestamp())


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_an_export_of_the_corpus_says_the_same_to_other_readers(oracles: Oracles, file: Path, library: str) -> None:
    try:
        slots = slots_of(file.read_bytes())
    except FormatError:
        pytest.skip("not readable")

    answer = oracles.ask(library, exported(slots))

    if (file.name, library) in EXPORT_DIFFERENCES:
        pytest.skip(EXPORT_DIFFERENCES[file.name, library])
    assert "error" not in answer
    if library == "ical":  # makes up an end, a uid and a description where there is none
        assert [event[1] for event in answer["events"]] == [seen(slot)[1] for slot in slots]
    else:
        assert [event[:3] for event in answer["events"]] == [seen(slot) for slot in slots]


@pytest.mark.parametrize("library", ["icalendar", "ical.js"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_the_corpus_says_the_same_before_and_after(oracles: Oracles, file: Path, library: str) -> None:
    data = file.read_bytes()
    try:
        slots = slots_of(data)
    except FormatError:
        pytest.skip("not readable")
    before = oracles.ask(library, data.decode(errors="replace"))
    if "error" in before:
        pytest.skip(f"{library} cannot read the original: {before['error']}"[:100])

    after = oracles.ask(library, exported(slots))

    if (file.name, library) in ORIGINAL_DIFFERENCES:
        pytest.skip(ORIGINAL_DIFFERENCES[file.name, library])
    assert [event for event in after["events"] if not any(_is_same(one, event) for one in before["events"])] == []


def _is_same(before: list[object], after: list[object]) -> bool:
    """Whether both are one event; what the reader took for floating may be placed in a zone after."""
    start = before[1]
    is_unplaced = isinstance(start, str) and "T" in start
    return before[0] == after[0] and _texts(before) == _texts(after) and (is_unplaced or start == after[1])


def _texts(event: list[object]) -> list[object]:
    """Summary, description and location; an absent one is as an empty one."""
    return [text or "" for text in event[3:6]]


def changes_of(zone: str, years: range) -> Iterator[datetime]:
    """The instants just before and after each change of the zone's clocks."""
    info = ZoneInfo(zone)
    at = datetime(years[0], 1, 1, tzinfo=UTC)
    while at.year < years[-1] + 1:
        following = at + timedelta(hours=12)
        if at.astimezone(info).utcoffset() != following.astimezone(info).utcoffset():
            low, high = at, following
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                is_before = middle.astimezone(info).utcoffset() == at.astimezone(info).utcoffset()
                low, high = (middle, high) if is_before else (low, middle)
            yield from (high - timedelta(hours=3), high - timedelta(seconds=1), high, high + timedelta(hours=3))
        at = following


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("zone", SAMPLE_ZONES)
def test_both_sides_of_every_change_are_the_same_instants(oracles: Oracles, zone: str, library: str) -> None:
    spans = (range(1986, 1988), range(2005, 2009), range(2024, 2027), range(2036, 2041))
    wrong = ZONE_DIFFERENCES.get((zone, library), set())
    instants = [at for years in spans for at in changes_of(zone, years) if at.year not in wrong]
    slots = [Slot(title="x", start=at, end=at + timedelta(hours=1), uid=str(at), zone=zone) for at in instants]

    answer = oracles.ask(library, exported(slots))

    assert [event[1] for event in answer["events"]] == [int(at.timestamp()) for at in instants]


SERIES = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:series
DTSTART;TZID=W. Europe Standard Time:20240105T090000
DTEND;TZID=W. Europe Standard Time:20240105T100000
RRULE:FREQ=WEEKLY;BYDAY=FR
EXDATE;TZID=W. Europe Standard Time:20240112T090000,20240329T090000
EXDATE:20240405T070000Z
SUMMARY:Series
END:VEVENT
BEGIN:VEVENT
UID:series
RECURRENCE-ID;TZID=W. Europe Standard Time:20240119T090000
DTSTART;TZID=W. Europe Standard Time:20240120T110000
DTEND;TZID=W. Europe Standard Time:20240120T120000
SUMMARY:Moved
END:VEVENT
BEGIN:VEVENT
UID:series
RECURRENCE-ID;TZID=W. Europe Standard Time:20241101T090000
DTSTART;TZID=W. Europe Standard Time:20241101T090000
DTEND;TZID=W. Europe Standard Time:20241101T100000
STATUS:CANCELLED
SUMMARY:Cancelled
END:VEVENT
BEGIN:VEVENT
UID:days
DTSTART;VALUE=DATE:20240131
RRULE:FREQ=MONTHLY;COUNT=40
EXDATE;VALUE=DATE:20240331
SUMMARY:Days
END:VEVENT
END:VCALENDAR
"""


def test_a_series_has_the_same_occurrences_in_five_years(oracles: Oracles) -> None:
    until = int(datetime(2029, 1, 1, tzinfo=UTC).timestamp())
    as_iana = SERIES.replace("W. Europe Standard Time", "Europe/Berlin")
    zone_lines = exported([Slot(title="x", start=datetime(2024, 1, 1, tzinfo=UTC), zone="Europe/Berlin")])
    zone_lines = zone_lines[zone_lines.index("BEGIN:VTIMEZONE") : zone_lines.index("BEGIN:VEVENT")]
    before = oracles.ask("ical.js", as_iana.replace("BEGIN:VEVENT", zone_lines + "BEGIN:VEVENT", 1), until=until)

    after = oracles.ask("ical.js", exported(slots_of(SERIES.encode())), until=until)

    assert len(before["occurrences"]) > 290
    assert after["occurrences"] == before["occurrences"]
