"""What iCalendar export writes, and that reading it gives the same slots back."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slotport.core.slot import Note, Place, Slot, Visibility
from slotport.formats import icalendar
from slotport.formats.content_line import unfolded
from slotport.formats.options import ReadOptions, WriteOptions
from tests.strategies import slots

NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Slotport//Slotport//EN\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n"


def written(*given_slots: Slot) -> bytes:
    return b"".join(icalendar.write(given_slots, WriteOptions(now=NOW)))


def event(slot: Slot) -> list[str]:
    text = unfolded(written(slot)).decode()
    return text[text.index("BEGIN:VEVENT") :].split("\r\n")[1:-3]


def read(data: bytes) -> list[Slot]:
    found = list(icalendar.read([data], ReadOptions()))
    assert all(isinstance(record, Slot) for record in found), found
    return found


def kept(slot: Slot) -> dict[str, object]:
    """The fields that the format keeps; what a slot does not say comes back as what iCalendar always says."""
    fields = {name: getattr(slot, name) for name in icalendar.KEEPS}
    place = slot.place
    return fields | {
        "description": slot.description or "",
        "rrule": slot.rrule or "",
        "icalendar": slot.icalendar or (),
        "place": None if place is None or not place.name else Place(name=place.name),
    }


def test_a_calendar_without_slots() -> None:
    assert written() == (HEAD + "END:VCALENDAR\r\n").encode()


def test_a_slot_with_everything() -> None:
    slot = Slot(
        title="Lunch, with; all\\", start=START, end=START + timedelta(hours=1), uid="u-1", visibility=Visibility.FOAF,
        description="one\ntwo", rrule="FREQ=DAILY", place=Place(name="Café"), icalendar=("STATUS:CONFIRMED",),
        sequence=3, modified=START,
    )  # fmt: skip

    assert event(slot) == [
        "DTSTAMP:20260506T070809Z",
        "UID:u-1",
        "DTSTART:20260102T030405Z",
        "DTEND:20260102T040405Z",
        "CLASS:PRIVATE",
        "DESCRIPTION:one\\ntwo",
        "LOCATION:Café",
        "SUMMARY:Lunch\\, with\\; all\\\\",
        "X-SLOTPORT-VISIBILITY:foaf",
        "RRULE:FREQ=DAILY",
        "SEQUENCE:3",
        "LAST-MODIFIED:20260102T030405Z",
        "STATUS:CONFIRMED",
    ]


def test_a_slot_with_nothing() -> None:
    assert event(Slot(title="x", start=START)) == [
        "DTSTAMP:20260506T070809Z", "DTSTART:20260102T030405Z", "DESCRIPTION:", "SUMMARY:x",
    ]  # fmt: skip


def test_days_floating_and_zoned_times() -> None:
    days = Slot(title="x", start=date(2026, 1, 2), end=date(2026, 1, 3))
    floating = Slot(title="x", start=START, floating=True)
    zoned = Slot(title="x", start=START, zone="Europe/Berlin", recurrence_id="20260102T030405Z")

    assert event(days)[1:3] == ["DTSTART;VALUE=DATE:20260102", "DTEND;VALUE=DATE:20260103"]
    assert event(floating)[1] == "DTSTART:20260102T030405"
    assert event(zoned)[1] == "DTSTART;TZID=Europe/Berlin:20260102T040405"
    assert event(zoned)[-1] == "RECURRENCE-ID;TZID=Europe/Berlin:20260102T040405"


def test_each_zone_stands_once_before_its_first_event() -> None:
    berlin = Slot(title="x", start=START, zone="Europe/Berlin")
    paris = Slot(title="x", start=START, icalendar=("EXDATE;TZID=Europe/Paris:20260102T030405",))

    text = written(berlin, berlin, paris, paris).decode()

    parts = [line for line in text.split("\r\n") if line in {"BEGIN:VTIMEZONE", "BEGIN:VEVENT"} or line[:5] == "TZID:"]
    zone, one = "BEGIN:VTIMEZONE", "BEGIN:VEVENT"
    assert parts == [zone, "TZID:Europe/Berlin", one, one, zone, "TZID:Europe/Paris", one, one]


def test_the_second_of_two_equal_wall_times_keeps_its_instant_and_zone() -> None:
    slot = Slot(title="x", start=datetime(2026, 10, 25, 1, 30, tzinfo=UTC), zone="Europe/Berlin")

    assert event(slot)[1] == "DTSTART;X-SLOTPORT-ZONE=Europe/Berlin:20261025T013000Z"
    assert kept(read(written(slot))[0]) == kept(slot)


def test_an_edit_of_the_slot_wins_over_the_kept_line() -> None:
    lines = (
        'DTSTART;TZID=Europe/Berlin;X-SLOTPORT-TZID="W. Europe Standard Time":20260102T040405',
        "SUMMARY;LANGUAGE=de:Hallo",
    )
    slot = Slot(title="Hallo", start=START, zone="Europe/Berlin", icalendar=lines)
    edited = msgspec.structs.replace(slot, title="Tag", start=START + timedelta(hours=1))

    assert [line for line in event(slot) if line in lines] == list(lines)
    assert "SUMMARY:Tag" in event(edited)
    assert "DTSTART;TZID=Europe/Berlin:20260102T050405" in event(edited)


@pytest.mark.parametrize("kept_line", [(), ("DESCRIPTION;LANGUAGE=en:" + "long " * 150,)])
def test_a_description_that_became_a_note_comes_back(kept_line: tuple[str, ...]) -> None:
    text = "long " * 150
    note = Note(title="Description", content=text)
    slot = Slot(title="x", start=START, description="", notes=(note,), icalendar=kept_line)

    assert (kept_line or (f"DESCRIPTION:{text}",))[0] in event(slot)


def test_a_blank_description_gives_way_to_the_note_in_a_slot_of_short_plain_texts() -> None:
    note = Note(title="Description", content="long " * 150)
    slot = Slot(title="x", start=START, uid="u-1", description=" ", place=Place(name="Hall"), notes=(note,))

    assert f"DESCRIPTION:{note.content}" in event(slot)


@pytest.mark.parametrize("length", [-1, 0, 1])
def test_each_text_is_folded_from_the_76th_octet_on(length: int) -> None:
    texts = {name: "x" * (75 + length - len(name) - 1) for name in ("UID", "DESCRIPTION", "LOCATION", "SUMMARY")}
    slot = Slot(
        title=texts["SUMMARY"], start=START, uid=texts["UID"], description=texts["DESCRIPTION"],
        place=Place(name=texts["LOCATION"]),
    )  # fmt: skip

    assert written(slot).count(b"\r\n ") == (4 if length > 0 else 0)
    assert all(f"{name}:{text}" in event(slot) for name, text in texts.items())


def test_only_a_kept_class_that_still_holds_stands() -> None:
    slot = Slot(title="x", start=START, visibility=Visibility.PRIVATE, icalendar=("CLASS:CONFIDENTIAL",))
    edited = msgspec.structs.replace(slot, visibility=Visibility.PUBLIC)

    assert [line for line in event(slot) if line[:5] == "CLASS"] == ["CLASS:CONFIDENTIAL"]
    assert [line for line in event(edited) if line[:5] == "CLASS"] == ["CLASS:PUBLIC"]


def test_a_component_around_an_event_is_left_out() -> None:
    outer = ("BEGIN:X-A", "BEGIN:VEVENT", "END:VEVENT", "END:X-A")
    named_alike = ("BEGIN:X-VEVENT", "X-B:VEVENT", "END:X-VEVENT")

    slot = Slot(title="x", start=START, icalendar=outer + named_alike)

    assert event(slot)[4:] == list(named_alike)


def test_lines_that_would_break_the_file_are_left_out() -> None:
    lines = (
        "X-A:1\r\nEND:VEVENT",
        "END:VEVENT",
        "BEGIN:VALARM",
        "X-B:1",
        "UID:other",
        "EXDATE;TZID=Nowhere:20260101T000000",
    )

    slot = Slot(title="x", start=START, rrule="A\r\nEND:VEVENT", icalendar=lines)

    assert event(slot)[1:] == ["DTSTART:20260102T030405Z", "DESCRIPTION:", "SUMMARY:x", "RRULE:AEND:VEVENT"]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(slots(), max_size=5))
def test_what_was_written_reads_back_the_same(given_slots: list[Slot]) -> None:
    data = written(*given_slots)

    again = read(data)

    assert [kept(slot) for slot in again] == [kept(slot) for slot in given_slots]
    rewritten = written(*again)
    assert written(*read(rewritten)) == rewritten


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(slots())
def test_no_line_is_longer_than_75_octets_and_none_is_cut_in_a_character_or_escape(slot: Slot) -> None:
    for line in written(slot).split(b"\r\n"):
        assert len(line) <= 75
        assert (len(line) - len(line.rstrip(b"\\"))) % 2 == 0
        line.decode()
