"""Reading schedule files back: into the same convention, into an empty one, and files that are wrong."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from slotport.actions.report import Report
from slotport.actions.schedule_import import Refused, import_schedule
from slotport.core.convention import Access, Convention, Host, TimeSlot
from slotport.errors import Forbidden
from slotport.formats import schedule_json, schedule_xml
from slotport.formats.schedule import Head
from slotport.storage import conventions, events, tags, timeslots
from slotport.storage.store import Store
from tests.calendars import NOW, add_person
from tests.conventions import add_convention
from tests.schedules import NINE, add_event, add_location, add_time_slot, managing, person_of

WRITERS: dict[str, Callable[[Head, Iterable[TimeSlot]], Iterator[bytes]]] = {
    "xml": schedule_xml.write,
    "json": schedule_json.write,
}


@pytest.fixture
def other_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """Another server's store, empty."""
    file = tmp_path / "other.db"
    shutil.copyfile(sqlite_template, file)
    store = Store.open(f"sqlite:///{file}")
    yield store
    store.close()


def written(store: Store, convention: Convention, word: str) -> bytes:
    with store.read() as transaction:
        slots = timeslots.catalog(transaction, convention.id)
    base_url = f"https://slots.example/entities/conventions/{convention.slug}/"
    return b"".join(WRITERS[word](Head(convention=convention, base_url=base_url, generator_version="1"), slots))


def taken(store: Store, access: Access, file: bytes, *, dry_run: bool = False) -> Report:
    return import_schedule(store, access, [file], dry_run=dry_run, now=NOW + timedelta(hours=1))


def counts(report: Report) -> tuple[int, ...]:
    return report.created, report.updated, report.unchanged, report.skipped, report.rejected


def full(store: Store) -> Access:
    """A convention with all that a schedule file writes."""
    boss, other = add_person(store, username="Mira"), add_person(store, username="Bo & <Co>")
    access = managing(store, boss, settings={"timezone": "Europe/Berlin"})
    convention = access.convention
    pier, quay = add_location(store, convention, "Pier"), add_location(store, convention, 'Quay "2"')
    lantern = add_event(store, convention, boss, title="Lantern  Making", teaser="Paper\n& glue", description="Long")
    boats = add_event(store, convention, boss, title="Boats", teaser="", duration_minutes=45)
    with store.write() as transaction:
        _ = transaction.change
        tags.put(transaction, convention.id, {lantern.id: {"Type": ["Workshop"], "track": ["Craft"], "Era": ["Now"]}})
    hosts = (Host(person=person_of(store, boss), name="Captain Mira"), Host(person=person_of(store, other)))
    add_time_slot(store, convention, lantern, pier, quay, hosts=hosts)
    add_time_slot(store, convention, lantern, quay, start=NINE + timedelta(hours=3), minutes=20)
    add_time_slot(store, convention, boats, pier, start=NINE + timedelta(days=1, hours=15))
    return access


def facts(store: Store, convention: Convention) -> list[Any]:
    """All that section 3 of the formats says of the public view, ids left out."""
    with store.read() as transaction:
        slots = timeslots.catalog(transaction, convention.id)
    return [
        (
            str(slot.guid),
            slot.start,
            slot.duration_minutes,
            slot.event.title,
            slot.event.teaser,
            slot.event.description,
            sorted(
                (each.title.casefold(), each.values)
                for each in slot.event.tags
                if each.title.casefold() in ("type", "track")
            ),
            [place.title for place in slot.locations],
            [host.shown_name for host in slot.hosts],
        )
        for slot in slots
    ]


@pytest.mark.parametrize("word", WRITERS)
def test_its_own_file_changes_nothing(store: Store, word: str) -> None:
    access = full(store)
    file = written(store, access.convention, word)
    with store.read() as transaction:
        before = conventions.find(transaction, access.convention.id)

    report = taken(store, access, file)

    assert (counts(report), report.problems) == ((0, 0, 3, 0, 0), [])
    with store.read() as transaction:
        assert conventions.find(transaction, access.convention.id) == before
    assert written(store, access.convention, word) == file


@pytest.mark.parametrize("word", WRITERS)
def test_into_an_empty_convention_it_gives_all_that_was_written(store: Store, other_store: Store, word: str) -> None:
    access = full(store)
    file = written(store, access.convention, word)
    there = managing(other_store, add_person(other_store, username="Zoe"))

    first, second = taken(other_store, there, file), taken(other_store, there, file)

    assert (counts(first), first.problems) == ((3, 0, 0, 0, 0), [])
    assert facts(other_store, there.convention) == facts(store, access.convention)
    assert (counts(second), second.problems) == ((0, 0, 3, 0, 0), [])
    with other_store.read() as transaction:
        found = events.listed(transaction, there)
    assert [event.title for event in found] == ["Lantern  Making", "Boats"]


def test_a_guid_of_another_convention_is_refused(store: Store) -> None:
    access = full(store)
    file = written(store, access.convention, "xml")
    there = managing(store, add_person(store))

    with pytest.raises(Refused) as refused:
        taken(store, there, file)

    assert {problem.code for problem in refused.value.report.problems} == {"foreign_guid"}
    assert facts(store, there.convention) == []


def test_a_dry_run_stores_nothing(store: Store, other_store: Store) -> None:
    file = written(store, full(store).convention, "json")
    there = managing(other_store, add_person(other_store))

    report = taken(other_store, there, file, dry_run=True)

    assert counts(report) == (3, 0, 0, 0, 0)
    assert facts(other_store, there.convention) == []


def test_only_a_manager_may(store: Store) -> None:
    access = full(store)
    stranger = Access(convention=access.convention, account=add_person(store), is_manager=True)

    with pytest.raises(Forbidden):
        taken(store, stranger, written(store, access.convention, "xml"))


def test_what_is_new_in_the_file_is_taken(store: Store) -> None:
    access = full(store)
    told = json.loads(written(store, access.convention, "json"))
    days = told["schedule"]["conference"]["days"]
    entry = days[1]["rooms"]["Pier"][0]
    entry |= {"title": "Ships", "abstract": "Big ones", "duration": "0:50", "track": "Water"}
    entry["persons"] = [{"id": 5, "name": "Nia"}]

    report = taken(store, access, json.dumps(told).encode())

    assert counts(report) == (0, 1, 2, 0, 0)
    found = facts(store, access.convention)[2]
    assert found[2:5] == (50, "Ships", "Big ones")
    assert found[6:] == ([("track", ("Water",))], ["Pier"], ["Nia"])


def test_clashes_are_stored_and_told(store: Store, other_store: Store) -> None:
    access = full(store)
    told = json.loads(written(store, access.convention, "json"))
    entries = [
        entry for day in told["schedule"]["conference"]["days"] for room in day["rooms"].values() for entry in room
    ]
    for entry in entries:
        entry["date"] = entries[0]["date"]
    there = managing(other_store, add_person(other_store))

    report = taken(other_store, there, json.dumps(told).encode())

    assert counts(report) == (3, 0, 0, 0, 0)
    assert {problem.code for problem in report.problems} == {"conflict"}


ENTITY = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "b">]><schedule><version>&a;</version></schedule>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE schedule SYSTEM "file:///etc/hostname"><schedule/>'


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"hello",
        b"{",
        b"{}",
        b"[]",
        b'{"schedule": 7}',
        b'{"schedule": {"conference": {"days": 7}}}',
        b"\xff\xfe<",
        b"<schedule>",
        b"<other/>",
        b"<schedule><day></schedule>",
        b"<schedule>" * 500,
        b'{"schedule":' * 5000,
        b'<?xml version="1.0" encoding="klingon"?><schedule/>',
        ENTITY,
        OUTSIDE,
    ],
)
def test_a_file_that_is_none_is_refused_whole(store: Store, file: bytes) -> None:
    access = managing(store, add_person(store))

    with pytest.raises(Refused) as refused:
        taken(store, access, file)

    assert len(refused.value.report.problems) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"guid": None}, "bad_guid"),
        ({"guid": "7"}, "bad_guid"),
        ({"guid": {}}, "bad_guid"),
        ({"title": ""}, "no_title"),
        ({"title": 7}, "bad_text"),
        ({"title": "x" * 1001}, "too_long"),
        ({"title": "a\0b"}, "bad_text"),
        ({"date": None}, "no_start"),
        ({"date": "soon"}, "bad_date"),
        ({"date": 7}, "bad_date"),
        ({"date": "2031-06-07T09:00:00"}, "bad_date"),
        ({"date": "0001-01-01T00:00:00+14:00"}, "bad_date"),
        ({"date": "9999-12-31T23:00:00+00:00"}, "bad_date"),
        ({"duration": "0:00"}, "bad_duration"),
        ({"duration": 90}, "bad_duration"),
        ({"abstract": ["x"]}, "bad_text"),
        ({"persons": [{"guid": 7, "name": 9}]}, "bad_text"),
    ],
)
def test_one_bad_entry_does_not_refuse_the_others(
    store: Store, other_store: Store, changed: dict[str, Any], code: str
) -> None:
    told = json.loads(written(store, full(store).convention, "json"))
    told["schedule"]["conference"]["days"][0]["rooms"]["Pier"][0] |= changed
    there = managing(other_store, add_person(other_store))

    report = taken(other_store, there, json.dumps(told).encode())

    assert report.created == 2
    assert [problem.code for problem in report.problems] == [code]


def test_wrong_types_anywhere_are_no_failure(store: Store) -> None:
    access = managing(store, add_person(store))
    entry = {"guid": "x", "persons": 7, "links": {"a": 1}}
    days = [7, {}, {"rooms": []}, {"rooms": {"a": 7, "b": [7, None, entry]}}]
    told = {"schedule": {"conference": {"days": days, "rooms": [7, {"name": 7}, {"name": "b"}]}}}

    report = taken(store, access, json.dumps(told).encode())

    assert (counts(report), len(report.problems)) == ((0, 0, 0, 3, 0), 3)


def test_persons_whom_nobody_knows_become_accounts_that_nobody_can_sign_in_to(store: Store, other_store: Store) -> None:
    file = written(store, full(store).convention, "xml")
    there = managing(other_store, add_person(other_store, username="Zoe"))

    taken(other_store, there, file)

    with other_store.read() as transaction:
        (slot, *_) = timeslots.catalog(transaction, there.convention.id)
    assert [(host.shown_name, host.person.email) for host in slot.hosts] == [
        ("Captain Mira", None),
        ("Bo & <Co>", None),
    ]


def test_somebody_known_at_another_convention_only_is_not_made_a_host_by_guid(store: Store) -> None:
    access = full(store)
    told = json.loads(written(store, access.convention, "json"))
    for day in told["schedule"]["conference"]["days"]:
        for room in day["rooms"].values():
            for entry in room:
                entry["guid"] = entry["guid"][:-4] + "0000"
    eve = add_person(store)
    there = managing(store, eve)

    taken(store, there, json.dumps(told).encode())

    with store.read() as transaction:
        found = timeslots.catalog(transaction, there.convention.id)
    assert found
    assert {host.person.email for slot in found for host in slot.hosts} == {None}
    assert add_convention(store)


@pytest.mark.parametrize("word", WRITERS)
def test_texts_that_xml_cannot_say_stay(store: Store, word: str) -> None:
    boss = add_person(store, username="Mi\x01ra")
    access = managing(store, boss)
    event = add_event(store, access.convention, boss, title=" a\x02b ", teaser="c\r\n\x03d", description="\x1f e\ufffe")
    place = add_location(store, access.convention, "Pi\x04er", slug="pier")
    add_time_slot(store, access.convention, event, place)
    file = written(store, access.convention, word)

    report = taken(store, access, file)

    assert (counts(report), report.problems) == ((0, 0, 1, 0, 0), [])
    assert written(store, access.convention, word) == file


def test_a_room_of_a_known_title_and_another_guid_is_that_location(store: Store) -> None:
    access = full(store)
    told = json.loads(written(store, access.convention, "json"))
    for room in told["schedule"]["conference"]["rooms"]:
        room["guid"] = "5c6e6e3e-6a0c-4a57-9a0e-1df7d1d0b0a1"

    assert counts(taken(store, access, json.dumps(told).encode())) == (0, 0, 3, 0, 0)


def test_a_room_that_was_renamed_in_the_file_is_renamed_here(store: Store) -> None:
    access = full(store)
    file = written(store, access.convention, "xml").replace(b"Pier", b"Jetty")

    first, second = taken(store, access, file), taken(store, access, file)

    assert (counts(first), counts(second)) == ((0, 2, 1, 0, 0), (0, 0, 3, 0, 0))
    assert {title for each in facts(store, access.convention) for title in each[7]} == {"Jetty", 'Quay "2"'}


def test_a_cancelled_time_slot_in_the_file_is_scheduled_again(store: Store) -> None:
    access = full(store)
    before, file = facts(store, access.convention), written(store, access.convention, "xml")
    with store.write() as transaction:
        _ = transaction.change
        (slot, *_rest) = timeslots.catalog(transaction, access.convention.id)
        timeslots.cancel(transaction, [slot.id], NOW)

    assert counts(taken(store, access, file)) == (0, 1, 2, 0, 0)
    assert facts(store, access.convention) == before
