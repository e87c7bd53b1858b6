"""Made-up slots as a file can hold them, and ways to cut and damage a file."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from slotport.core.slot import GroupRef, Media, MediaType, Note, Place, Slot, Visibility, collapsed, short_title

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.text(LETTERS, max_size=20)
FILLED = st.text(LETTERS, min_size=1, max_size=20).filter(lambda text: not text.isspace())
RISKY = st.sampled_from(
    ["=1+1", "'=1", "''", "'x", "+4", "-", "@a", "\tt", "\rr", 'a"b', "a,b;c", "a\nb", "a\r\nb", "a\rb", "'\r"]
)
TITLES = st.one_of(FILLED, RISKY).map(short_title).filter(bool)
MIDNIGHT = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS = st.one_of(
    st.integers(-1_000_000, 4_000_000).map(lambda minutes: MIDNIGHT + timedelta(minutes=15 * minutes)),
    st.integers(-(10**12), 10**13).map(lambda milliseconds: MIDNIGHT + timedelta(milliseconds=milliseconds)),
)
RECURRENCE_IDS = st.sampled_from(["", "20310506", "20310506T134400Z", "20310506T134400"])


@st.composite
def spans(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a start and an end: instants or whole days, the end sometimes open."""
    start = draw(INSTANTS)
    end = start + draw(
        st.sampled_from([timedelta(), timedelta(milliseconds=1), timedelta(minutes=45), timedelta(days=9)])
    )
    if draw(st.booleans()):
        return {"start": start, "end": draw(st.sampled_from([None, end]))}
    first = start.date()
    return {"start": first, "end": draw(st.sampled_from([None, max(end.date(), first + timedelta(days=1))]))}


PLACES = st.builds(
    Place,
    name=FILLED,
    thoroughfare=st.none() | FILLED,
    iso_country_code=st.none() | st.just("NO"),
    ocean=st.none() | FILLED,
    latitude=st.none() | st.floats(-90, 90),
    longitude=st.none() | st.floats(-180, 180),
    private_location=st.none() | st.booleans(),
)
MEDIA = st.lists(
    st.builds(
        Media,
        public_id=FILLED,
        media_type=st.sampled_from(MediaType),
        position=st.integers(0, 20),
        duration=st.none() | st.floats(0, 1e6),
        title=st.none() | TEXTS,
        local_id=st.none() | TEXTS,
        thumbnail=st.none() | TEXTS,
    ),
    max_size=4,
).map(lambda items: tuple(sorted(items, key=lambda item: item.position)))
NOTES = st.lists(st.builds(Note, title=FILLED, content=FILLED, local_id=st.none() | TEXTS), max_size=3).map(tuple)
GROUPS = st.lists(
    st.builds(
        GroupRef,
        uuid=st.none() | st.uuids().map(str),
        name=FILLED.map(collapsed),
        image=TEXTS,
        public=st.booleans(),
        description=st.none() | TEXTS,
    ),
    max_size=3,
).map(lambda groups: tuple(sorted(groups, key=lambda group: (group.name, group.uuid or ""))))


@st.composite
def slots(draw: st.DrawFn) -> Slot:
    """Draw a slot with every field as a stored one has it: nothing is left unsaid that a file would say."""
    return Slot(
        title=draw(TITLES),
        **draw(spans()),
        uid=draw(st.none() | FILLED),
        recurrence_id=draw(RECURRENCE_IDS),
        zone=draw(st.sampled_from([None, "Europe/Berlin", "America/St_Johns"])),
        floating=draw(st.booleans()),
        visibility=draw(st.sampled_from(Visibility)),
        description=draw(st.none() | FILLED | RISKY),
        rrule=draw(st.sampled_from([None, "FREQ=DAILY;COUNT=3"])),
        place=draw(PLACES),
        notes=draw(NOTES),
        media=draw(MEDIA),
        alerts=draw(st.sampled_from(["", "0000010000"])),
        groups=draw(GROUPS),
        icalendar=draw(st.none() | st.just(("X-A:1", "X-B:2"))),
    )


@st.composite
def cut(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """Draw the bytes in chunks, cut anywhere."""
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=6)))
    return [data[begin:end] for begin, end in zip([0, *places], [*places, len(data)], strict=True)]


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Draw the bytes with a few of them replaced, left out or doubled."""
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(data)))
        end = begin + draw(st.integers(0, 8))
        data = data[:begin] + draw(st.binary(max_size=4) | st.just(data[begin:end] * 2)) + data[end:]
    return data
