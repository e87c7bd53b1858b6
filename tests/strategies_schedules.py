"""Made-up conventions and time slots for hypothesis."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from slotport.core.convention import (
    Convention,
    Event,
    EventStatus,
    Host,
    Location,
    Person,
    Requirement,
    Tags,
    TimeSlot,
)

MADE_AT = datetime(2031, 5, 6, 13, 44, 2, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "Pacific/Apia")

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
words = st.sampled_from(["Lantern Making", 'Größe <b>&</b> "Maß"', "灯籠"])
titles = st.one_of(texts.map(str.strip), words).filter(bool)
slugs = st.sampled_from(["con", "ab", "harbour-con", "höfen", "灯籠-31", "x" * 200])
instants = st.one_of(
    st.datetimes(datetime(2031, 6, 1), datetime(2031, 6, 5), timezones=st.just(UTC)),  # noqa: DTZ001
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(UTC)),  # noqa: DTZ001
).map(lambda instant: instant.replace(microsecond=0))


def conventions() -> st.SearchStrategy[Convention]:
    """Conventions, with and without dates."""
    return st.builds(
        Convention,
        id=st.integers(1, 2**40),
        slug=slugs,
        title=titles,
        start_date=st.none() | st.dates(date(2031, 6, 1), date(2031, 6, 9)),
        end_date=st.none() | st.just(date(2031, 6, 10)),
        settings=st.sampled_from(ZONES).map(lambda zone: {"timezone": zone}),
        public_key=st.just("key"),
        secret_key=st.just("secret"),
        created_at=st.just(MADE_AT),
        updated_at=st.just(MADE_AT),
        change=st.integers(1, 10**6),
        changed_at=st.just(MADE_AT),
        series=st.none(),
        website=st.none(),
        location=st.none(),
    )


def _tags() -> st.SearchStrategy[Tags]:
    return st.builds(
        Tags,
        title=st.sampled_from(["Type", "track", "Era"]),
        requirement=st.just(Requirement.ANY),
        public=st.booleans(),
        values=st.lists(titles, min_size=1, max_size=2).map(tuple),
    )


@st.composite
def schedules(draw: st.DrawFn) -> list[TimeSlot]:
    """A convention's time slots by start and id, in a few locations, of a few events, with a few hosts."""
    number = iter(range(1, 1000))
    people = [
        Person(
            id=next(number),
            guid=UUID(int=draw(st.integers(0, 2**60)) * 1000 + next(number), version=4),
            name=draw(titles),
            email=f"p{index}@secret.example",
        )
        for index in range(3)
    ]
    named = draw(st.lists(titles, min_size=1, max_size=4, unique=True))
    places = [
        Location(
            id=next(number),
            guid=UUID(int=draw(st.integers(0, 2**60)) * 1000 + next(number), version=4),
            title=title,
            slug=f"place-{index}",
        )
        for index, title in enumerate(named)
    ]
    events = [
        Event(
            id=next(number),
            convention_id=1,
            owner=people[0],
            title=draw(titles),
            teaser=draw(texts),
            description=draw(st.none() | texts),
            duration_minutes=60,
            status=EventStatus.APPROVED,
            tags=tuple(draw(st.lists(_tags(), max_size=2, unique_by=lambda tags: tags.title))),
            created_at=MADE_AT,
            updated_at=MADE_AT,
        )
        for _ in range(3)
    ]
    slots = [
        TimeSlot(
            id=next(number),
            guid=UUID(int=draw(st.integers(0, 2**60)) * 1000 + next(number), version=4),
            event=draw(st.sampled_from(events)),
            start=draw(instants),
            duration_minutes=draw(st.one_of(st.integers(1, 600), st.sampled_from([5999, 6000, 9000]))),
            locations=tuple(
                sorted(
                    draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique_by=lambda place: place.id)),
                    key=lambda place: place.title,
                )
            ),
            hosts=tuple(
                Host(person=person, name=draw(st.none() | titles))
                for person in draw(st.lists(st.sampled_from(people), max_size=2, unique_by=lambda person: person.id))
            ),
            created_at=MADE_AT,
            updated_at=MADE_AT + timedelta(minutes=draw(st.integers(0, 100))),
        )
        for _ in range(draw(st.integers(0, 6)))
    ]
    return sorted(slots, key=lambda slot: (slot.start, slot.id))
