"""The calendar of ``slotport demo``: three groups with what fills the weeks around now, as iCalendar (RFC 5545)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from slotport.actions import groups
from slotport.actions.files import ImportOptions, import_file
from slotport.core.account import Account
from slotport.core.colours import COLOURS
from slotport.core.group import GroupEdit
from slotport.storage.store import Store

ZONE = "Europe/Berlin"
WEEKS_BEFORE = 2  #: that series began before this one
#: group -> title, day after this week's Monday, local hour and minute, minutes (0: a whole day), RRULE, place
SLOTS: dict[str, tuple[tuple[str, int, tuple[int, int], int, str, str], ...]] = {
    "Work": (
        ("Stand-up", 0, (9, 15), 15, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Room 2"),
        ("Planning", 0, (10, 0), 90, "FREQ=WEEKLY;INTERVAL=2", "Room 2"),
        ("Review of the harbour plan", 2, (13, 30), 60, "", "Town hall"),
        ("Lunch with Mira", 3, (12, 0), 60, "", "The Galley"),
        ("Deadline: spring programme", 4, (0, 0), 0, "", ""),
        ("Visit to the shipyard", 8, (9, 0), 180, "", "Dock 3"),
        ("Budget", 10, (14, 0), 120, "", "Room 1"),
    ),
    "Family": (
        ("Swimming with Jonah", 1, (17, 0), 60, "FREQ=WEEKLY", "Public baths"),
        ("Supper at Grandma's", 6, (18, 30), 150, "FREQ=MONTHLY;BYDAY=1SU", ""),
        ("Dentist", 3, (16, 15), 30, "", "Quay 4"),
        ("School holidays", 7, (0, 0), 0, "", ""),
        ("Train to Bergen", 11, (8, 5), 415, "", "Central station"),
    ),
    "Choir": (
        ("Choir practice", 2, (19, 30), 120, "FREQ=WEEKLY", "St. Nicholas"),
        ("Dress rehearsal", 12, (15, 0), 180, "", "St. Nicholas"),
        ("Concert", 13, (20, 0), 120, "", "Concert hall"),
    ),
}


def demo_calendar(store: Store, account: Account, *, now: datetime) -> int:
    """Make the groups and their slots; how many slots there are."""
    count = 0
    monday = now.astimezone(UTC).date() - timedelta(days=now.astimezone(UTC).weekday())
    for name, colour in zip(SLOTS, (1, 5, 3), strict=True):
        group = groups.create(store, account, GroupEdit(name=name, default_color=COLOURS[colour]), now=now)
        groups.show_in_schedule(store, account, group.group.uuid, shown=True, now=now)
        text = "".join(f"{line}\r\n" for line in _calendar(name, monday))
        count += import_file(store, account, [text.encode()], ImportOptions(group=group.group.uuid), now=now).created
    return count


def _calendar(name: str, monday: date) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Slotport//Demo//EN")
    for number, (title, day, (hour, minute), minutes, rule, place) in enumerate(SLOTS[name]):
        first = monday + timedelta(days=day) - (timedelta(weeks=WEEKS_BEFORE) if rule else timedelta())
        yield from ("BEGIN:VEVENT", f"UID:{name.lower()}-{number}@demo.slotport.example", f"SUMMARY:{title}")
        if minutes:
            begin = datetime(first.year, first.month, first.day, hour, minute)  # noqa: DTZ001  # wall time of ZONE
            yield f"DTSTART;TZID={ZONE}:{begin:%Y%m%dT%H%M%S}"
            yield f"DTEND;TZID={ZONE}:{begin + timedelta(minutes=minutes):%Y%m%dT%H%M%S}"
        else:
            yield f"DTSTART;VALUE=DATE:{first:%Y%m%d}"
        if rule:
            yield f"RRULE:{rule}"
        if place:
            yield f"LOCATION:{place.replace(',', chr(92) + ',')}"
        yield "END:VEVENT"
    yield "END:VCALENDAR"
