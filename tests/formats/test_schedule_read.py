"""Reading schedule.xml and schedule.json: what was written comes back, and anything else ends in problems."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotport.core.convention import Convention, TimeSlot
from slotport.core.imported import ImportedSlot
from slotport.core.slot import Problem
from slotport.errors import FormatError
from slotport.formats import schedule_json, schedule_xml
from slotport.formats.schedule import Head, fits, public_value
from slotport.formats.schedule_xml import sayable
from tests.strategies_schedules import conventions, schedules

Read = Callable[[Iterable[bytes]], Iterator[ImportedSlot | Problem]]
FORMATS = {"xml": schedule_xml, "json": schedule_json}
BASE_URL = "https://slots.example/entities/conventions/con/"


@settings(max_examples=25)
@given(convention=conventions(), slots=schedules(), size=st.integers(1, 400))
@pytest.mark.parametrize("word", FORMATS)
def test_what_was_written_is_read(word: str, convention: Convention, slots: list[TimeSlot], size: int) -> None:
    head = Head(convention=convention, base_url=BASE_URL, generator_version="1")
    file = b"".join(FORMATS[word].write(head, slots))
    said = sayable if word == "xml" else str

    found = list(FORMATS[word].read([file[at : at + size] for at in range(0, len(file), size)]))

    items = {item.guid: item for item in found if isinstance(item, ImportedSlot)}
    for slot in filter(fits, slots):
        names = [said(each) for each in (slot.event.title, *(place.title for place in slot.locations))]
        if slot.guid not in items:  # nothing remains of a name of control characters
            assert not all(name.strip() for name in names)
            continue
        item = items[slot.guid]
        assert (item.start, item.duration_minutes) == (slot.start, slot.duration_minutes)
        assert (item.title, item.teaser) == (said(slot.event.title), said(slot.event.teaser))
        assert item.description == (said(slot.event.description or "") or None)
        assert item.track == (said(public_value(slot.event, "track")).strip() or None)
        assert [place.title for place in item.places][:1] == [said(slot.locations[0].title)]
        assert [host.guid for host in item.hosts] == [host.person.guid for host in slot.hosts]
        assert item.url == f"{BASE_URL}schedule.ics?event={slot.event.id}"


@given(file=st.binary(max_size=300))
@pytest.mark.parametrize("read", [schedule_xml.read, schedule_json.read])
def test_any_bytes_end_in_entries_problems_or_a_format_error(read: Read, file: bytes) -> None:
    with suppress(FormatError):
        assert all(isinstance(item, ImportedSlot | Problem) for item in read([file]))


XML = '<schedule><day><room name="Pier"><event guid="x"><title>{}</title></event></room></day></schedule>'


@pytest.mark.parametrize(
    "file",
    [
        "<!DOCTYPE schedule><schedule/>",
        '<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + XML.format("&b;"),
        '<!DOCTYPE s [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]><schedule/>',
        XML.format("&unknown;"),
        "<a>" * 40,
        "<schedule>" + "<a>" * 40,
    ],
)
def test_what_does_harm_is_refused(file: str) -> None:
    with pytest.raises(FormatError):
        list(schedule_xml.read([file.encode()]))


def test_a_problem_names_its_line() -> None:
    (problem,) = schedule_xml.read([XML.replace("<event", "\n\n<event").format("Lantern").encode()])

    assert isinstance(problem, Problem)
    assert (problem.line, problem.index, problem.code, problem.title) == (3, 0, "bad_guid", "Lantern")
