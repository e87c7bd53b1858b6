from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotport.core.clashes import Booking, Oddity, Remark, clash_sentence, clashing, overlap, remarks
from slotport.core.convention import Convention, Event, EventStatus, Host, Location, Person, TimeSlot

NOON = datetime(2031, 6, 7, 12, tzinfo=UTC)
GUID = UUID(int=1)
TIMES = {"created_at": NOON, "updated_at": NOON, "changed_at": NOON}
MIRA = Person(id=12, guid=GUID, name="Mira", email="mira@harbourcon.example")
PIER = Location(id=5, guid=GUID, title="Pier Room", slug="pier-room", max_attendees=20)
DECK = Location(id=6, guid=GUID, title="Deck", slug="deck")


def convention(**fields: object) -> Convention:
    values = {"id": 1, "slug": "harbour", "title": "Harbour Con", "settings": {}, "public_key": "k", "secret_key": "s"}
    return Convention(**{**values, **fields}, change=1, **TIMES)  # type: ignore[arg-type]


def event(status: EventStatus = EventStatus.SCHEDULED) -> Event:
    return Event(
        id=31,
        convention_id=1,
        owner=MIRA,
        title="Lantern Making",
        teaser="Light",
        duration_minutes=60,
        status=status,
        created_at=NOON,
        updated_at=NOON,
    )


def slot(number: int = 88, **fields: object) -> TimeSlot:
    values = {
        "event": event(),
        "start": NOON,
        "duration_minutes": 60,
        "locations": (PIER,),
        "hosts": (Host(person=MIRA),),
    }
    return TimeSlot(id=number, guid=GUID, **{**values, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minutes", "expected"), [(-61, False), (-60, False), (-59, True), (0, True), (59, True), (60, False)]
)
def test_two_time_slots_overlap_but_for_their_ends(minutes: int, expected: bool) -> None:
    other = slot(89, start=NOON + timedelta(minutes=minutes))

    assert overlap(slot(), other) is expected
    assert overlap(other, slot()) is expected


@pytest.mark.parametrize("status", EventStatus)
def test_only_scheduled_and_approved_events_occupy_a_location(status: EventStatus) -> None:
    other = slot(89, event=event(status))

    assert clashing(slot(), [other]) == ([other] if status in (4, 5) else [])


def test_nothing_clashes_with_itself_or_with_what_is_cancelled_or_elsewhere() -> None:
    assert clashing(slot(), [slot(), slot(89, is_cancelled=True), slot(90, locations=(DECK,))]) == []


@given(st.lists(st.tuples(st.integers(-90, 90), st.booleans()), max_size=8))
def test_clashes_come_by_start_and_id(others: list[tuple[int, bool]]) -> None:
    slots = [
        slot(100 + index, start=NOON + timedelta(minutes=minutes), locations=(PIER, DECK) if both else (PIER,))
        for index, (minutes, both) in enumerate(others)
    ]

    found = clashing(slot(), reversed(slots))

    assert found == sorted(
        (one for one in slots if abs(one.start - NOON).seconds < 3600), key=lambda one: (one.start, one.id)
    )


def test_the_sentence_names_location_and_time_by_the_convention_s_clocks() -> None:
    sentence = clash_sentence(slot(), [slot(89), slot(90)], convention(settings={"timezone": "Europe/Berlin"}))

    assert sentence == "Pier Room is taken from 2031-06-07 14:00 to 2031-06-07 15:00 by “Lantern Making”, and 1 more"


def test_an_ordinary_time_slot_needs_no_remark() -> None:
    days = convention(start_date=date(2031, 6, 7), end_date=date(2031, 6, 7))
    fitting = slot(min_attendees=1, max_attendees=20, start=NOON + timedelta(hours=11))

    assert remarks(fitting, days) == []


def test_all_that_is_odd_is_remarked_upon() -> None:
    odd = slot(min_attendees=30, max_attendees=25, locations=(DECK, PIER))
    days = convention(start_date=date(2031, 6, 8))
    bookings = [Booking(account_id=12, time_slot_id=90), Booking(account_id=12, time_slot_id=None)]

    assert remarks(odd, days, bookings) == [
        Remark(
            code=Oddity.HOST_BOOKED_TWICE,
            message="Mira is also booked for 2 other time slots at that time, 1 of them at another convention",
            ids=("90",),
        ),
        Remark(
            code=Oddity.LOCATION_TOO_SMALL,
            message="Pier Room holds 20 people, fewer than the 25 allowed",
            ids=("pier-room",),
        ),
        Remark(
            code=Oddity.ATTENDEES_REVERSED,
            message="at least 30 attendees are wanted, but at most 25 allowed",
            ids=("88",),
        ),
        Remark(
            code=Oddity.OUTSIDE_CONVENTION,
            message="the time slot begins before the convention's first day",
            ids=("88",),
        ),
    ]


@pytest.mark.parametrize(
    ("zone", "hour", "codes"),
    [("UTC", 23, []), ("UTC", 24, [Oddity.OUTSIDE_CONVENTION]), ("Europe/Berlin", 23, [Oddity.OUTSIDE_CONVENTION])],
)
def test_the_last_day_lasts_until_midnight_in_the_convention_s_zone(zone: str, hour: int, codes: list[Oddity]) -> None:
    days = convention(start_date=date(2031, 6, 1), end_date=date(2031, 6, 7), settings={"timezone": zone})
    late = slot(start=datetime(2031, 6, 7, tzinfo=UTC) + timedelta(hours=hour))

    assert [remark.code for remark in remarks(late, days)] == codes
