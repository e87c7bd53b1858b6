"""What ``slotport demo`` prepares; the server is that of ``serve``."""

from datetime import timedelta

from slotport.actions import lists, locations, timeslots
from slotport.cli.demo import EMAIL, prepared
from slotport.cli.demo_calendar import demo_calendar
from slotport.cli.demo_convention import demo_convention
from slotport.core.convention import Access
from slotport.settings import Settings
from slotport.storage.store import Store
from slotport.storage.timeslots import Filters
from tests.calendars import NOW, add_person
from tests.cli.commands import Command
from tests.homes import url_of


def test_the_convention_has_a_public_schedule_and_is_made_once(store: Store) -> None:
    account = add_person(store)

    convention = demo_convention(store, account, now=NOW)
    again = demo_convention(store, account, now=NOW + timedelta(days=90))

    anybody = Access(convention=convention)
    slots = timeslots.catalog(store, anybody, Filters())
    assert again.id == convention.id
    assert (len(slots), len({slot.event.id for slot in slots}), len(locations.listed(store, anybody))) == (8, 6, 3)
    assert all(slot.hosts and slot.start > NOW for slot in slots)
    assert (convention.start_date or NOW.date()).weekday() == 4


def test_the_greeting_names_the_schedules_addresses(slotport: Command) -> None:
    settings = Settings(data=slotport.folder, database=url_of(slotport.folder))

    first, again = (prepared(settings, "http://127.0.0.1:8080") for _ in range(2))

    for text in (first, again):
        assert EMAIL in text
        for end in ("json", "xml", "ics"):
            assert f"\n  http://127.0.0.1:8080/entities/conventions/harbour-con/schedule.{end}\n" in text


def test_the_calendar_is_filled_around_today(store: Store) -> None:
    account = add_person(store)

    count = demo_calendar(store, account, now=NOW)

    listed = [entry for entries in lists.every(store, lists.whole_schedule(account), account) for entry in entries]
    single = [entry.times.start for entry in listed if not entry.rrule]
    assert count == len(listed) == 15
    assert len(single) == 10
    assert all(abs(start - NOW) < timedelta(days=15) for start in single)
