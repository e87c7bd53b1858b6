"""A convention with a board: three locations, two hosts, a day with three time slots, and two events left over."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from slotport.actions import conventions, events, locations, people, timeslots
from slotport.core.convention import Access
from slotport.storage import accounts
from slotport.storage.store import Store
from tests.servers import HttpServer

NOW = datetime(2031, 5, 1, tzinfo=UTC)
DAY = "2031-06-07"


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What was planned, by name."""

    store: Store
    access: Access
    slots: dict[str, int]
    events: dict[str, int]
    places: dict[str, int]

    @property
    def path(self) -> str:
        """Of the board."""
        return f"/app/conventions/{self.access.convention.slug}/board"


def plan(server: HttpServer, email: str, title: str, *, prefix: str = "") -> Planned:
    """Make the convention, managed by the account with that address; ``prefix`` is put before every name."""
    store = server.store
    with store.read() as transaction:
        known = accounts.find_by_email(transaction, email)
    assert known is not None
    days = {"start_date": DAY, "end_date": "2031-06-08", "settings": {"timezone": "Europe/Berlin"}}
    founded = conventions.found(store, known.account, {"title": title, **days}, now=NOW)
    access = Access(convention=founded, account=known.account, is_manager=True)
    places = {
        name: locations.create(
            store, access, {"title": prefix + name, "slug": name.lower(), "max_attendees": most, "area": area}, now=NOW
        ).id
        for name, most, area in (("Attic", 10, "House"), ("Barn", 40, "Yard"), ("Cellar", 0, "House"))
    }
    hosts = {
        name: people.add(store, access, {"name": prefix + name, "email": f"{name}-{email}"}, now=NOW).id
        for name in ("Mira", "Jonah")
    }
    made: dict[str, int] = {}
    slots: dict[str, int] = {}
    for name, minutes, host, when, where in (
        ("Lanterns", 60, "Mira", "T10:00", "attic"),
        ("Knots", 60, "Jonah", "T12:00", "attic"),
        ("Songs", 90, "Jonah", "T23:30", "barn"),
        ("Maps", 60, "Mira", None, ""),
        ("Tides", 30, "Jonah", None, ""),
    ):
        fields: dict[str, Any] = {
            "title": prefix + name,
            "teaser": "x",
            "duration": minutes,
            "user": {"id": hosts[host]},
        }
        made[name] = events.create(store, access, {**fields, "tags": {"track": "sea"}}, now=NOW)
        if when:
            sent = {"event": made[name], "start": DAY + when, "locations": [where]}
            slots[name] = timeslots.schedule(store, access, sent, now=NOW).slot.id
    return Planned(store=store, access=access, slots=slots, events=made, places=places)


def shown_day(client: httpx.Client, path: str, day: str = DAY) -> dict[str, dict[str, Any]]:
    """The time slots that the board shows, by title."""
    answer = client.get(f"{path}/day", params={"day": day}, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    return {slot["title"]: slot for slot in answer.json()["slots"]}
