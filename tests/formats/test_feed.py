"""Calendars to subscribe to: what stands where, and that nothing depends on the time of asking."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from slotport.core.convention import Convention, TimeSlot
from slotport.core.feed import Kept, Listed
from slotport.core.slot import Place, Slot, Visibility
from slotport.formats import feed, icalendar
from slotport.formats.options import ReadOptions
from tests.strategies_schedules import MADE_AT, conventions, schedules

SERVER = "https://slots.example"
READER = UUID("5c6e6e3e-6a0c-4a57-9a0e-1df7d1d0b0a1")
START = datetime(2031, 6, 7, 9, tzinfo=UTC)


def text_of(slots: list[Slot], zone: str | None = None) -> str:
    return b"".join(feed.write("Harbour, Con", slots, zone=zone)).decode()


def kept(**fields: Any) -> Kept:
    slot = Slot(
        uid="hush-uid",
        title="Hush",
        start=START,
        end=START + timedelta(hours=1),
        description="Hush hush",
        place=Place(name="Hush room"),
        visibility=Visibility.PRIVATE,
        rrule="FREQ=DAILY",
        icalendar=("EXDATE;X-HUSH=hush:20310608T090000Z", "RDATE:hush", "X-HUSH:hush", "STATUS:TENTATIVE"),
    )
    return structs.replace(Kept(slot=slot, owner_id=1, version=3, changed_at=MADE_AT), **fields)


@settings(max_examples=25)
@given(convention=conventions(), slots=schedules())
def test_time_slots_of_a_calendar_read_back(convention: Convention, slots: list[TimeSlot]) -> None:
    listed = [Listed(slot=slot, convention=convention, changed_at=MADE_AT) for slot in slots]

    text = text_of([feed.time_slot_event(each, SERVER) for each in listed], convention.zone_name)
    found = [item for item in icalendar.read([text.encode()], ReadOptions()) if isinstance(item, Slot)]

    assert [(item.uid, item.start, item.end) for item in found] == [
        (str(slot.guid), slot.start, slot.end) for slot in slots
    ]
    assert text.count("STATUS:CONFIRMED") == len(slots)
    assert text.count(f"DTSTAMP:{MADE_AT:%Y%m%dT%H%M%SZ}") == len(slots)
    assert "secret.example" not in text.replace("\r\n ", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


@given(title=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_name_is_one_line(title: str) -> None:
    text = b"".join(feed.write(title, [])).decode()

    assert [line.partition(":")[0] for line in text.replace("\r\n ", "").split("\r\n")[5:-2]] == [
        "X-WR-CALNAME",
        "NAME",
        "REFRESH-INTERVAL;VALUE=DURATION",
        "X-PUBLISHED-TTL",
    ]


def test_what_is_not_public_is_busy_and_nothing_else() -> None:
    text = text_of([feed.slot_event(kept(), READER, public_only=True)])

    event = text.partition("BEGIN:VEVENT\r\n")[2].partition("END:VEVENT")[0]
    uid = next(line for line in event.split("\r\n") if line.startswith("UID:"))
    assert "hush" not in text.lower()
    assert event.split("\r\n") == [
        "DTSTAMP:20310506T134402Z",
        uid,
        "DTSTART:20310607T090000Z",
        "DTEND:20310607T100000Z",
        "SUMMARY:Busy",
        "RRULE:FREQ=DAILY",
        "SEQUENCE:3",
        "LAST-MODIFIED:20310506T134402Z",
        "EXDATE:20310608T090000Z",
        "",
    ]


def test_what_everybody_may_read_is_whole() -> None:
    open_to_all = structs.replace(kept().slot, visibility=Visibility.PUBLIC)

    shown = feed.slot_event(kept(slot=open_to_all), READER, public_only=True)
    own = feed.slot_event(kept(), READER, public_only=False)

    assert (shown.title, shown.description, shown.icalendar) == ("Hush", "Hush hush", open_to_all.icalendar)
    assert (own.title, own.uid, own.sequence) == ("Hush", "hush-uid", 3)
    assert shown.uid != own.uid


def test_what_is_gone_is_cancelled_with_a_higher_sequence() -> None:
    before = feed.slot_event(kept(), READER, public_only=False)
    after = feed.slot_event(kept(is_gone=True), READER, public_only=False)
    foreign = feed.slot_event(kept(is_gone=True, is_own=False, is_readable=False), READER, public_only=False)

    assert (after.uid, after.title, after.description) == (before.uid, "Hush", None)
    assert after.sequence > before.sequence
    assert (after.icalendar or ())[0] == "STATUS:CANCELLED"
    assert foreign.title == "Busy"
    assert "hush" not in text_of([foreign]).lower()


def test_a_zone_is_defined_before_it_is_used() -> None:
    text = text_of([structs.replace(kept().slot, uid=str(uuid4()), zone="Europe/Berlin", stamped=MADE_AT)])

    assert text.index("BEGIN:VTIMEZONE") < text.index("DTSTART;TZID=Europe/Berlin:20310607T110000")
