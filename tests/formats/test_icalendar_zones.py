"""Zone names of all kinds, a file's own zones, and the VTIMEZONEs that are written."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from slotport.core.slot import Outcome, Problem, Slot
from slotport.formats import icalendar
from slotport.formats.options import ReadOptions
from slotport.formats.vtimezone import read_vtimezone
from slotport.formats.windows_zones import WINDOWS_ZONES
from slotport.formats.zone_text import vtimezone
from slotport.formats.zones import guessed_zone, iana_names, known_zone, zone

OWN_RULES = """BEGIN:VTIMEZONE
TZID:Own
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:{summer}
TZOFFSETTO:{winter}
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:{winter}
TZOFFSETTO:{summer}
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
EUROPE = OWN_RULES.format(winter="+0100", summer="+0200")
NOWHERE = OWN_RULES.format(winter="+0017", summer="+0117")
EVENT = "BEGIN:VEVENT\nUID:1\nDTSTART;TZID={zone}:20260702T030405\nSUMMARY:x\nEND:VEVENT\n"


def read(*parts: str) -> list[Slot | Problem]:
    text = "BEGIN:VCALENDAR\n" + "".join(parts) + "END:VCALENDAR\n"
    return list(icalendar.read([text.encode()], ReadOptions()))


def times(record: Slot | Problem) -> tuple[object, ...]:
    assert isinstance(record, Slot)
    return record.start, record.zone, record.icalendar


@pytest.mark.parametrize("name", WINDOWS_ZONES)
def test_every_windows_name_is_known(name: str) -> None:
    expected = "UTC" if WINDOWS_ZONES[name] == "Etc/UTC" else WINDOWS_ZONES[name]

    assert known_zone(name) == expected
    assert known_zone(f'"{name} 1"') == expected
    record = read(EVENT.format(zone=f'"{name}"'))[0]
    wall = datetime(2026, 7, 2, 3, 4, 5, tzinfo=ZoneInfo(WINDOWS_ZONES[name]))
    assert isinstance(record, Slot)
    assert (record.start, record.zone) == (wall.astimezone(UTC), None if expected == "UTC" else expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/BERLIN", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ("Europe_Berlin", "Europe/Berlin"),
        ("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", "Europe/Berlin"),
        ("/mozilla.org/20070129_1/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("Mitteleuropäische Zeit", "Europe/Berlin"),
        ("Pacific Time", "America/Los_Angeles"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("Etc/UTC", "UTC"),
        ("Customized Time Zone", None),
        ("(UTC+01:00) Amsterdam, Berlin", None),
        ("", None),
    ],
)
def test_names_that_surely_mean_a_zone(name: str, expected: str | None) -> None:
    assert known_zone(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("(UTC+01:00) Amsterdam, Berlin, Bern", "Europe/Amsterdam"),
        ("(GMT+10:00) Canberra, Melbourne, Sydney", "Australia/Canberra"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(GMT+0100) Nowhere", "Etc/GMT-1"),
        ("GMT-3", "Etc/GMT+3"),
        ("(UTC) Dublin, Edinburgh", "Europe/Dublin"),
        ("(UTC+05:17) Nowhere", None),
        ("Nowhere", None),
    ],
)
def test_names_that_probably_mean_a_zone(name: str, expected: str | None) -> None:
    assert guessed_zone(name) == expected


def test_rules_of_the_file_that_are_those_of_a_zone() -> None:
    note, slot = read(EUROPE, EVENT.format(zone="Own"))

    assert isinstance(note, Problem)
    assert (note.code, note.outcome, note.line) == ("zone_from_file", Outcome.NOTE, 17)
    line = "DTSTART;TZID=Europe/Berlin;X-SLOTPORT-TZID=Own:20260702T030405"
    assert times(slot) == (datetime(2026, 7, 2, 1, 4, 5, tzinfo=UTC), "Europe/Berlin", (line,))


def test_rules_of_the_file_that_no_zone_has() -> None:
    note, slot = read(NOWHERE, EVENT.format(zone="Own"))

    assert isinstance(note, Problem)
    assert note.code == "zone_from_file"
    line = "DTSTART;X-SLOTPORT-TZID=Own:20260702T014705Z"
    assert times(slot) == (datetime(2026, 7, 2, 1, 47, 5, tzinfo=UTC), None, (line,))


def test_a_zone_that_stands_behind_its_events() -> None:
    other = "BEGIN:VEVENT\nDTSTART:20260101T000000Z\nSUMMARY:y\nEND:VEVENT\n"

    records = read(EVENT.format(zone="Own"), other, EUROPE, other)

    assert [r.code if isinstance(r, Problem) else r.title for r in records] == ["zone_from_file", "x", "y", "y"]
    assert times(records[1])[1] == "Europe/Berlin"


def test_a_zone_that_is_defined_nowhere_is_utc_and_said_once() -> None:
    records = read(EVENT.format(zone="Nowhere"), EVENT.format(zone="Nowhere"))

    assert [r.code for r in records if isinstance(r, Problem)] == ["unknown_zone"]
    expected = datetime(2026, 7, 2, 3, 4, 5, tzinfo=UTC), None, ("DTSTART;X-SLOTPORT-TZID=Nowhere:20260702T030405Z",)
    assert [times(record) for record in records[1:]] == [expected, expected]


def test_times_in_a_gap_and_in_an_overlap() -> None:
    gap, overlap = (
        read(EVENT.format(zone="Europe/Berlin").replace("20260702T030405", text))[0]
        for text in ("20260329T023000", "20261025T023000")
    )

    assert times(gap)[0] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert times(overlap)[0] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_dates_excluded_in_other_zones_get_iana_names_or_utc() -> None:
    lines = "EXDATE;TZID=Own:20260703T030405\nEXDATE;TZID=W. Europe Standard Time:20260703T030405\nEND:VEVENT"

    *_, slot = read(NOWHERE, EVENT.format(zone="Europe/Berlin").replace("END:VEVENT", lines))

    assert times(slot)[2] == (
        "EXDATE;X-SLOTPORT-TZID=Own:20260703T014705Z",
        "EXDATE;TZID=Europe/Berlin;X-SLOTPORT-TZID=W. Europe Standard Time:20260703T030405",
    )


@pytest.mark.parametrize("name", sorted(set(iana_names().values()))[::7])
def test_a_written_zone_has_the_offsets_of_the_zone(name: str) -> None:
    rules = read_vtimezone(vtimezone(name).replace("\r\n ", "").split("\r\n"))

    assert rules is not None
    walls = [datetime(1970, 1, 2) + timedelta(days=7 * week, hours=12) for week in range(52 * 75)]  # noqa: DTZ001
    info = zone(name).info
    assert [wall for wall in walls if rules.offset(wall) != info.utcoffset(wall)] == []
