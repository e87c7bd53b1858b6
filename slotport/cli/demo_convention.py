"""The convention of ``slotport demo``: eight events, three locations, eight time slots and their hosts."""

from datetime import UTC, datetime, timedelta

from slotport.actions import conventions, events, locations, people, timeslots
from slotport.core.account import Account
from slotport.core.convention import Access, Convention
from slotport.storage.store import Store

TITLE = "Harbour Con"
ZONE = "Europe/Berlin"
FRIDAY = 4
SOON = timedelta(days=14)

LOCATIONS = (("Pier Room", 20, "Quay"), ("Lighthouse", 60, "Quay"), ("Boat Shed", 12, "Old harbour"))
HOSTS = (("Mira Quint", "mira@example.org"), ("Jonah Reed", "jonah@example.org"), ("Ines Falk", "ines@example.org"))
#: title, teaser, minutes, type
EVENTS = (
    ("Opening at the quay", "Badges, tea and the plan of the weekend.", 60, "talk"),
    ("Lantern making", "Build a paper lantern and take it home.", 90, "workshop"),
    ("Knots that hold", "Five knots, and when to trust each.", 60, "workshop"),
    ("Maps of places that never were", "How to draw a coast nobody has seen.", 60, "talk"),
    ("The drowned bell", "A mystery for six players.", 240, "game"),
    ("Shanty evening", "Sing along, or listen from the pier.", 120, "music"),
    # not on the schedule yet
    ("Night tour of the docks", "With lanterns, in any weather.", 60, "talk"),
    ("Sailmaker's corner", "Bring what is torn.", 90, "workshop"),
)
#: index of the event, day, local hour, location's slug, indices of the hosts
TIME_SLOTS = (
    (0, 0, 17, "lighthouse", (0, 1)),
    (5, 0, 20, "pier-room", (2,)),
    (1, 1, 10, "boat-shed", (0,)),
    (3, 1, 10, "lighthouse", (1,)),
    (4, 1, 13, "pier-room", (2,)),
    (2, 1, 14, "boat-shed", (0,)),
    (1, 2, 10, "boat-shed", (0, 2)),
    (4, 2, 11, "pier-room", (1,)),
)


def demo_convention(store: Store, account: Account, *, now: datetime) -> Convention:
    """The account's convention, made on the first Friday that is two weeks away unless it is there already."""
    for convention in conventions.listed(store, managed_by=account):
        if convention.title == TITLE:
            return convention
    first = (now.astimezone(UTC) + SOON).date()
    first += timedelta(days=(FRIDAY - first.weekday()) % 7)
    days = {"start_date": str(first), "end_date": str(first + timedelta(days=2))}
    founded = conventions.found(store, account, {"title": TITLE, "series": TITLE, "location": "The quay"}, now=now)
    access = Access(convention=founded, account=account, is_manager=True)
    changed = conventions.change(store, access, {**days, "settings": {"timezone": ZONE}}, now=now)
    access = Access(convention=changed, account=account, is_manager=True)
    for title, max_attendees, area in LOCATIONS:
        locations.create(store, access, {"title": title, "max_attendees": max_attendees, "area": area}, now=now)
    for name, email in HOSTS:
        people.add(store, access, {"name": name, "email": email}, now=now)
    made = [
        events.create(
            store, access, {"title": title, "teaser": teaser, "duration": minutes, "tags": {"type": kind}}, now=now
        )
        for title, teaser, minutes, kind in EVENTS
    ]
    for event, day, hour, slug, hosts in TIME_SLOTS:
        start = f"{first + timedelta(days=day)}T{hour:02}:00"
        named = [{"email": HOSTS[index][1]} for index in hosts]
        sent = {"event": made[event], "start": start, "locations": [slug], "hosts": named}
        timeslots.schedule(store, access, sent, now=now)
    return changed
