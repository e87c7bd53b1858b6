"""Made-up conventions, written straight into an empty store: what the rows on time slots are measured with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from msgspec import structs

from slotport.actions.sign_in import new_session
from slotport.core.account import Account
from slotport.core.convention import Convention, Event, EventStatus, Host, Location, Person, TimeSlot
from slotport.settings import Settings
from slotport.storage import accounts, conventions, events, locations, people, schema, tags, timeslots
from slotport.storage.store import Store, Transaction

SEED = 42
NOW = datetime(2031, 5, 1, tzinfo=UTC)
OPENING = datetime(2031, 6, 7, 8, tzinfo=UTC)
LOCATIONS, HOSTS = 20, 100
BATCH = 5_000
TRACKS = ("art", "games", "talks", "food", "music")
AGES = ("all", "12+", "18+")


@dataclass(frozen=True, kw_only=True)
class Fair:
    """How to speak to a convention, and what is in it."""

    key: str
    token: str  #: of its manager
    event: int  #: one of its events
    location: str  #: slug of a location where something is on at the opening
    time_slots: int


def add_fair(
    database: str, time_slots: int, *, places: int = LOCATIONS, hours_a_day: int = 24, surface: str = "auth"
) -> Fair:
    """Write a convention of so many time slots, two thirds as many events, into the empty database of that URL.

    Each location has one time slot an hour from the opening on, so many hours of each day; each of them one
    host or two. ``surface``: where the manager's token works.
    """
    store = Store.open(database)
    try:
        schema.migrate(store.engine)
        random = Random(SEED)
        with store.write() as transaction:
            crew = [_person(transaction, f"Host {number}") for number in range(HOSTS)]
            blank = Convention(
                id=0,
                slug="bench",
                title="Bench Con",
                settings={"timezone": "Europe/Berlin"},
                public_key="bench-key",
                secret_key="bench-secret",
                created_at=NOW,
                updated_at=NOW,
                change=0,
                changed_at=NOW,
            )
            convention = conventions.add(transaction, blank, crew[0].id)
            halls = [
                locations.add(
                    transaction, convention.id, title=f"Hall {number}", slug=f"hall-{number}", max_attendees=40, now=NOW
                )
                for number in range(places)
            ]
            known = list(people.load(transaction, [account.id for account in crew]).values())
            offered = _events(transaction, random, convention, known, max(1, time_slots * 2 // 3))
            for batch in _batches(random, offered, halls, known, time_slots, hours_a_day):
                ids = transaction.object_ids(len(batch))
                stored = [structs.replace(slot, id=number) for slot, number in zip(batch, ids, strict=True)]
                timeslots.add(transaction, convention.id, stored, NOW)
            conventions.mark_changed(transaction, convention.id, NOW)
            token = new_session(
                transaction, crew[0].id, surface=surface, settings=Settings(), device=None, now=datetime.now(UTC)
            )
        return Fair(
            key=blank.public_key,
            token=token,
            event=offered[0].id,
            location=halls[0].slug,
            time_slots=time_slots,
        )
    finally:
        store.close()


def _person(transaction: Transaction, name: str) -> Account:
    address = f"{name.lower().replace(' ', '.')}@bench.example"
    account = Account(id=0, guid=uuid4(), username=name, email=address, created_at=NOW, updated_at=NOW)
    return accounts.add(transaction, account, None)


def _events(
    transaction: Transaction, random: Random, convention: Convention, known: list[Person], count: int
) -> list[Event]:
    blank = [
        Event(
            id=0,
            convention_id=convention.id,
            owner=random.choice(known),
            title=f"Lantern Making for Beginners {number}",
            teaser="Paper, glue and light: build what glows in the evening parade.",
            description="What you need is there, what you make is yours. " * random.randrange(2, 8),
            notes_to_attendees="Bring glue",
            duration_minutes=60,
            max_attendees=30,
            status=EventStatus.APPROVED,
            created_at=NOW,
            updated_at=NOW,
        )
        for number in range(count)
    ]
    ids = events.add(transaction, blank, NOW)
    tagged = {
        number: {"age": [random.choice(AGES)], "track": sorted(random.sample(TRACKS, random.randrange(1, 3)))}
        for number in ids
    }
    tags.put(transaction, convention.id, tagged)
    found = events.load(transaction, ids)
    return [found[number] for number in ids]


def _batches(
    random: Random, offered: list[Event], places: list[Location], known: list[Person], count: int, hours_a_day: int
) -> Iterator[list[TimeSlot]]:
    for begin in range(0, count, BATCH):
        yield [
            TimeSlot(
                id=0,
                guid=UUID(int=random.getrandbits(128), version=4),
                event=offered[number % len(offered)],
                start=OPENING
                + timedelta(days=number // len(places) // hours_a_day, hours=number // len(places) % hours_a_day),
                duration_minutes=60,
                min_attendees=1,
                max_attendees=30,
                notes_to_attendees="Bring glue",
                locations=(places[number % len(places)],),
                hosts=tuple(Host(person=person) for person in random.sample(known, random.randrange(1, 3))),
            )
            for number in range(begin, min(begin + BATCH, count))
        ]
