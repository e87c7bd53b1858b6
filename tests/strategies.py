"""Made-up values: slots of every kind that a person's calendar may hold."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from slotport.core.slot import GroupRef, Media, MediaType, Note, Place, Slot, Visibility, short_title

ZONES = (
    "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia",
    "Africa/Casablanca", "America/St_Johns", "Asia/Tehran", "Europe/Dublin", "America/Argentina/Buenos_Aires",
)  # fmt: skip

#: what a database holds and every format can say: no NUL, no half surrogate, one kind of line break
letters = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\n")
texts = st.text(letters, max_size=200)
awkward_texts = st.text(st.sampled_from('\\,;:"n\nN ^=\tä€🎉'), max_size=120)
words = st.one_of(st.sampled_from(["Lunch", "Team meeting", "Überprüfung", "会议", "a,b;c\\n"]), texts, awkward_texts)
titles = words.map(short_title).filter(bool)
lines = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=255).filter(str.strip)
uids = st.one_of(st.uuids().map(str), st.text(letters, min_size=1, max_size=80).filter(str.strip))

instants = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 28), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda instant: instant.replace(microsecond=0)
)
near_instants = st.datetimes(
    datetime(1960, 1, 1),  # noqa: DTZ001
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda instant: instant.replace(microsecond=0))
lengths = st.one_of(st.just(timedelta(0)), st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds)))
dates = st.dates(date(1, 1, 2), date(9999, 12, 1))

notes = st.lists(st.builds(Note, title=titles, content=words.filter(str.strip)), max_size=3).map(tuple)
media = st.lists(
    st.builds(
        Media,
        public_id=lines,
        media_type=st.sampled_from(MediaType),
        duration=st.none() | st.floats(0, 10**6, allow_nan=False),
        title=st.none() | titles,
    ),
    max_size=3,
).map(lambda found: tuple(Media(**{**_fields(item), "position": index}) for index, item in enumerate(found)))
places = st.none() | st.builds(
    Place,
    name=lines,
    thoroughfare=st.none() | lines,
    locality=st.none() | lines,
    country=st.none() | lines,
    latitude=st.none() | st.floats(-90, 90),
    longitude=st.none() | st.floats(-180, 180),
)
groups = st.lists(st.builds(GroupRef, uuid=st.uuids().map(str), name=titles, public=st.booleans()), max_size=2).map(
    tuple
)
rules = st.sampled_from(["", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10", "FREQ=YEARLY;UNTIL=20300101T000000Z"])
kept_lines = st.lists(
    st.sampled_from(
        [
            ("STATUS:CONFIRMED",),
            ('X-APPLE-TRAVEL;VALUE=URI;X-TITLE="a;b:c,d":geo:1,2',),
            ('ATTENDEE;CN="Ö, Ä";ROLE=CHAIR:mailto:a@example.org',),
            ("CATEGORIES:ONE,TWO\\, THREE",),
            ("EXDATE:20260102T100000Z",),
            ("EXDATE;TZID=Europe/Paris:20260102T100000,20260103T100000",),
            ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "DESCRIPTION:x", "END:VALARM"),
            ("BEGIN:X-PART", "BEGIN:X-INNER", "END:X-INNER", "SUMMARY:inner", "END:X-PART"),
        ]
    ),
    max_size=4,
).map(lambda groups_of_lines: tuple(line for group in groups_of_lines for line in group))


def _fields(item: Media) -> dict[str, object]:
    return {name: getattr(item, name) for name in item.__struct_fields__}


@st.composite
def spans(draw: st.DrawFn) -> dict[str, object]:
    """start, end, zone and floating of a slot."""
    kind = draw(st.sampled_from(["utc", "zoned", "floating", "days"]))
    if kind == "days":
        start = draw(dates)
        return {"start": start, "end": start + timedelta(days=draw(st.integers(1, 20)))}
    begin = draw(near_instants if kind == "zoned" else st.one_of(near_instants, instants))
    length = draw(st.none() | lengths)
    end = None if length is None else min(begin + min(length, datetime.max.replace(tzinfo=UTC) - begin), LATEST)
    zone = draw(st.sampled_from(ZONES)) if kind == "zoned" else None
    return {"start": begin, "end": end, "zone": zone, "floating": kind == "floating"}


LATEST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@st.composite
def slots(draw: st.DrawFn) -> Slot:
    """A slot of any kind, as a store would hand it out."""
    recurrence_ids = st.one_of(st.just(""), st.sampled_from(["20260102", "20260102T030405Z", "20260102T030405"]))
    return Slot(
        title=draw(titles),
        uid=draw(st.none() | uids),
        recurrence_id=draw(recurrence_ids),
        visibility=draw(st.sampled_from(Visibility)),
        description=draw(st.one_of(st.just(""), words)),
        rrule=draw(rules),
        place=draw(places),
        notes=draw(notes),
        media=draw(media),
        alerts=draw(st.sampled_from(["", "0000000000", "0100000001"])),
        groups=draw(groups),
        icalendar=draw(kept_lines),
        sequence=draw(st.integers(0, 2**31 - 1)),
        modified=draw(st.none() | instants),
        **draw(spans()),
    )
