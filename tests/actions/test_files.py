"""Import and export on both databases: what becomes of each record, and what a second import does."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select, update

from slotport.actions import accounts, files
from slotport.actions.account_fields import Fields
from slotport.actions.files import ImportOptions, Rejected, Report
from slotport.core.account import Account
from slotport.errors import BadText, FormatError, Invalid, NotFound, TooLarge
from slotport.formats import WriteOptions
from slotport.storage import accounts as accounts_storage
from slotport.storage import tables, tables_imports
from slotport.storage.store import Store

NOW = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)


def new_account(store: Store, name: str = "Ada") -> Account:
    """An account that signs in with <name>@example.org."""
    return accounts.add(store, Fields(username=name, email=f"{name}@example.org", password="a good one"), now=NOW)


@pytest.fixture
def ada(store: Store) -> Account:
    """Somebody with an empty calendar."""
    return new_account(store)


def imported(store: Store, account: Account, file: str | bytes | Iterable[bytes], **options: Any) -> Report:
    """The report of an import."""
    chunks = [file.encode()] if isinstance(file, str) else [file] if isinstance(file, bytes) else file
    return files.import_file(store, account, chunks, ImportOptions(**options), now=NOW)


def again(store: Store, account: Account, file: str | bytes, **options: Any) -> Report:
    """The report of one more import of a file, which is the same whether or not the file is remembered."""
    remembered = imported(store, account, file, **options)
    forget(store)
    read = imported(store, account, file, **options)
    assert remembered == read
    return read


def forget(store: Store) -> None:
    """Make the store read files again that were imported before."""
    with store.write() as transaction:
        transaction.connection.execute(tables_imports.imported_file.delete())


def counts(report: Report) -> tuple[int, int, int, int, int]:
    """Created, updated, unchanged, skipped, rejected."""
    return report.created, report.updated, report.unchanged, report.skipped, report.rejected


def exported(store: Store, account: Account, word: str = "timeslot", group: UUID | None = None) -> bytes:
    """The file of an export."""
    export = files.export_file(store, account, word, group=group, options=WriteOptions(now=NOW))
    return b"".join(export.pieces)


def slots(store: Store, account: Account) -> list[dict[str, Any]]:
    """The account's slots as Timeslot JSON tells them."""
    found: list[dict[str, Any]] = json.loads(exported(store, account))
    return found


def calendar(*events: str) -> str:
    """A calendar with events, each given as its lines between BEGIN and END."""
    inner = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inner}END:VCALENDAR\r\n"


def vevent(uid: str = "a@example.org", summary: str = "Supper", start: str = "20310601T180000Z", *more: str) -> str:
    """The lines of an event."""
    return "\r\n".join([f"UID:{uid}", f"DTSTART:{start}", f"SUMMARY:{summary}", *more])


def test_an_import_creates_slots_in_the_group_imports(store: Store, ada: Account) -> None:
    report = imported(store, ada, calendar(vevent("a"), vevent("b", "Walk")))

    assert counts(report) == (2, 0, 0, 0, 0)
    assert [(slot["uid"], slot["title"], slot["visibility"], slot["end"]) for slot in slots(store, ada)] == [
        ("a", "Supper", "private", ""),
        ("b", "Walk", "private", ""),
    ]
    assert [[group["name"] for group in slot["groups"]] for slot in slots(store, ada)] == [["Imports"], ["Imports"]]


def test_a_second_import_changes_nothing(store: Store, ada: Account) -> None:
    file = calendar(vevent("a"), vevent("b", "Walk", "20310601T180000Z", "DESCRIPTION:By the sea"))
    imported(store, ada, file)
    before = versions(store)

    report = again(store, ada, file)

    assert counts(report) == (0, 0, 2, 0, 0)
    assert versions(store) == before


def versions(store: Store) -> list[tuple[Any, ...]]:
    """Id, version and commit number of every slot, and the commit number of every account."""
    with store.read() as transaction:
        slot = tables.slot.c
        rows = transaction.connection.execute(select(slot.id, slot.version, slot.change).order_by(slot.id)).all()
        marks = transaction.connection.execute(select(tables.account.c.change).order_by(tables.account.c.id)).all()
    return [tuple(row) for row in [*rows, *marks]]


def test_a_changed_record_updates_its_slot_and_keeps_its_id(store: Store, ada: Account) -> None:
    imported(store, ada, calendar(vevent("a"), vevent("b")))
    before = versions(store)

    report = imported(store, ada, calendar(vevent("a", "Breakfast"), vevent("b")))

    assert counts(report) == (0, 1, 1, 0, 0)
    assert [slot["title"] for slot in slots(store, ada)] == ["Breakfast", "Supper"]
    assert [(row[0], row[1]) for row in versions(store)[:2]] == [(before[0][0], 2), (before[1][0], 1)]


def test_the_higher_sequence_then_the_later_stamp_counts(store: Store, ada: Account) -> None:
    newest = vevent("a", "Third", "20310601T180000Z", "SEQUENCE:2", "DTSTAMP:20310101T000000Z")
    older = vevent("a", "Second", "20310601T180000Z", "SEQUENCE:1", "DTSTAMP:20310301T000000Z")
    stamped = vevent("a", "First", "20310601T180000Z", "SEQUENCE:2", "DTSTAMP:20301231T000000Z")
    imported(store, ada, calendar(newest))

    reports = [imported(store, ada, calendar(event)) for event in (older, stamped, newest)]

    assert [counts(report) for report in reports] == [(0, 0, 0, 1, 0), (0, 0, 0, 1, 0), (0, 0, 1, 0, 0)]
    assert [problem.code for report in reports for problem in report.problems] == ["stale", "stale"]
    assert [slot["title"] for slot in slots(store, ada)] == ["Third"]


def test_of_several_records_of_one_identity_the_newest_is_stored(store: Store, ada: Account) -> None:
    file = calendar(
        vevent("a", "New", "20310601T180000Z", "SEQUENCE:3"),
        vevent("a", "Old", "20310601T180000Z", "SEQUENCE:1"),
        vevent("b", "One"),
        vevent("b", "Two"),
    )

    first, second = imported(store, ada, file), again(store, ada, file)

    assert (counts(first), counts(second)) == ((2, 0, 0, 2, 0), (0, 0, 2, 2, 0))
    assert [slot["title"] for slot in slots(store, ada)] == ["New", "Two"]


def test_an_override_never_overwrites_its_master(store: Store, ada: Account) -> None:
    file = calendar(
        vevent("a", "Moved", "20310608T190000Z", "RECURRENCE-ID:20310608T180000Z"),
        vevent("a", "Weekly", "20310601T180000Z", "RRULE:FREQ=WEEKLY"),
    )

    reports = [imported(store, ada, file), again(store, ada, file)]

    assert [counts(report) for report in reports] == [(2, 0, 0, 0, 0), (0, 0, 2, 0, 0)]
    assert [(slot["title"], slot.get("rrule"), slot.get("recurrence_id")) for slot in slots(store, ada)] == [
        ("Weekly", "FREQ=WEEKLY", None),
        ("Moved", None, "20310608T180000Z"),
    ]


CSV = "Subject,Start_Date,Start_Time,End_Date,End_Time,Location\n"


def test_equal_records_without_uid_are_as_many_slots_and_are_found_again(store: Store, ada: Account) -> None:
    file = CSV + "Tea,2031-06-01,15:00,2031-06-01,16:00,\n" * 3

    reports = [imported(store, ada, file), again(store, ada, file)]

    assert [counts(report) for report in reports] == [(3, 0, 0, 0, 0), (0, 0, 3, 0, 0)]


def test_a_record_without_uid_meets_the_slot_of_its_title_and_start(store: Store, ada: Account) -> None:
    imported(store, ada, calendar(vevent("a", "Tea  time", "20310601T150000Z")))
    file = CSV + "Tea time,2031-06-01,15:00,2031-06-01,16:00,Kiosk\nTea time,2031-06-01,15:00,2031-06-01,17:00,\n"

    reports = [imported(store, ada, file), again(store, ada, file), again(store, ada, file)]

    assert [counts(report) for report in reports] == [(1, 1, 0, 0, 0), (0, 0, 2, 0, 0), (0, 0, 2, 0, 0)]
    assert sorted((slot["uid"] == "a", slot["end"]) for slot in slots(store, ada)) == [
        (False, "2031-06-01T17:00:00.000Z"),
        (True, "2031-06-01T16:00:00.000Z"),
    ]


def test_a_uid_made_up_to_look_derived_breaks_nothing(store: Store, ada: Account) -> None:
    imported(store, ada, CSV + "Tea,2031-06-01,15:00,,,\n")
    uid = slots(store, ada)[0]["uid"]
    other = new_account(store, "Bob")
    twins = [{"title": "Tea", "start": "2031-06-01T15:00:00Z"}] * 2
    named = [{**twins[0], "uid": text} for text in (uid, f"{uid}-1", uid)]

    report = imported(store, other, json.dumps([*named, *twins, *named]))

    assert sum(counts(report)) == 8
    assert report.rejected == 0


def test_a_format_leaves_alone_what_it_cannot_carry(store: Store, ada: Account) -> None:
    record = {
        "uid": "a",
        "title": "Walk",
        "visibility": "friends",
        "start": "2031-06-01T15:00:00Z",
        "end": "2031-06-01T16:00:00Z",
        "notes": [{"title": "Bring", "content": "Shoes"}],
        "media": [{"public_id": "pier", "media_type": "image", "position": 0}],
        "settings": [{"alerts": "0000010000"}],
        "location": {"name": "Quay"},
    }
    imported(store, ada, json.dumps([record]))

    report = imported(store, ada, f"{CSV[:-1]},uid\nHike,2031-06-01,15:00,2031-06-01,17:00,,a\n")

    assert counts(report) == (0, 1, 0, 0, 0)
    (slot,) = slots(store, ada)
    assert {key: slot[key] for key in ("title", "visibility", "end", "notes", "settings")} == {
        "title": "Hike",
        "visibility": "friends",
        "end": "2031-06-01T17:00:00.000Z",
        "notes": [{"title": "Bring", "content": "Shoes"}],
        "settings": [{"alerts": "0000010000"}],
    }
    assert (slot["location"]["name"], len(slot["media"])) == ("Quay", 1)


@pytest.mark.parametrize("word", ["ical", "outlook"])
def test_a_format_that_knows_a_place_by_name_leaves_the_rest_of_it(store: Store, ada: Account, word: str) -> None:
    place = {"name": "Quay", "city": "Bergen", "latitude": 60.397, "longitude": 5.324}
    record = {"uid": "a", "title": "Walk", "start": "2031-06-01T15:00:00Z", "location": place}
    imported(store, ada, json.dumps([record]))

    same = imported(store, ada, exported(store, ada, word))
    (kept,) = slots(store, ada)
    imported(store, ada, exported(store, ada, word).replace(b"Quay", b"Pier"))
    (moved,) = slots(store, ada)

    assert (counts(same), {key: kept["location"][key] for key in place}) == ((0, 0, 1, 0, 0), place)
    assert (moved["location"]["name"], moved["location"]["latitude"]) == ("Pier", None)


def test_what_a_record_says_is_empty_is_emptied(store: Store, ada: Account) -> None:
    full = {"uid": "a", "title": "Walk", "start": "2031-06-01T15:00:00Z", "location": {"name": "Quay"}}
    full |= {"notes": [{"title": "Bring", "content": "Shoes"}], "settings": [{"alerts": "1000010000"}]}
    imported(store, ada, json.dumps([full]))

    report = imported(store, ada, json.dumps([{**full, "location": None, "notes": [], "settings": []}]))

    assert counts(report) == (0, 1, 0, 0, 0)
    (slot,) = slots(store, ada)
    assert (slot["location"], slot["notes"], slot["settings"]) == (None, [], [])


def test_groups_of_a_file_are_found_by_uuid_then_by_name_and_never_changed(store: Store, ada: Account) -> None:
    uuid = str(uuid4())
    group = {"uuid": uuid, "name": "Walks", "image": "", "public": False, "description": None}
    record = {"uid": "a", "title": "Walk", "start": "2031-06-01T15:00:00Z", "groups": [group]}
    imported(store, ada, json.dumps([record]))

    imported(store, ada, json.dumps([{**record, "uid": "b", "groups": [{**group, "name": "Other", "public": True}]}]))
    imported(store, ada, json.dumps([{**record, "uid": "c", "groups": [{**group, "uuid": str(uuid4())}]}]))

    assert [slot["groups"] for slot in slots(store, ada)] == [[group]] * 3


def test_the_groups_that_a_file_may_make_are_bounded(store: Store, ada: Account) -> None:
    record = {"uid": "a", "title": "Walk", "start": "2031-06-01T15:00:00Z"}
    records = [{**record, "uid": str(n), "groups": [{"name": f"{n}-{m}"} for m in range(501)]} for n in range(2)]

    with pytest.raises(TooLarge, match="at most 1000"):
        imported(store, ada, json.dumps(records))

    assert slots(store, ada) == []
    assert counts(imported(store, ada, json.dumps(records[:1]))) == (1, 0, 0, 0, 0)


def test_a_group_uuid_of_somebody_else_becomes_a_new_one(store: Store, ada: Account) -> None:
    bob = new_account(store, "Bob")
    record = {"uid": "a", "title": "Walk", "start": "2031-06-01T15:00:00Z"}
    record["groups"] = [{"uuid": str(uuid4()), "name": "Walks"}]
    imported(store, ada, json.dumps([record]))

    reports = [imported(store, bob, json.dumps([record])), again(store, bob, json.dumps([record]))]

    assert [counts(report) for report in reports] == [(1, 0, 0, 0, 0), (0, 0, 1, 0, 0)]
    assert slots(store, bob)[0]["groups"][0]["uuid"] != record["groups"][0]["uuid"]


def test_a_public_group_makes_its_slots_public_and_stays_so(store: Store, ada: Account) -> None:
    record = {"uid": "a", "title": "Walk", "start": "2031-06-01T15:00:00Z", "visibility": "private"}
    file = json.dumps([{**record, "groups": [{"name": "Town", "public": True}]}])

    reports = [imported(store, ada, file), again(store, ada, file)]
    changed = imported(store, ada, json.dumps([{**record, "title": "Stroll", "groups": [{"name": "Town"}]}]))

    assert [counts(report) for report in [*reports, changed]] == [(1, 0, 0, 0, 0), (0, 0, 1, 0, 0), (0, 1, 0, 0, 0)]
    assert [slot["visibility"] for slot in slots(store, ada)] == ["public"]


def test_with_a_group_every_slot_goes_there(store: Store, ada: Account) -> None:
    imported(store, ada, json.dumps([{"title": "x", "start": "2031-06-01", "groups": [{"name": "Mine"}]}]))
    group = UUID(slots(store, ada)[0]["groups"][0]["uuid"])
    file = calendar(vevent("a"))
    imported(store, ada, file)

    report = imported(store, ada, file, group=group)

    assert counts(report) == (0, 1, 0, 0, 0)
    assert [slot["title"] for slot in json.loads(exported(store, ada, group=group))] == ["x", "Supper"]


def test_a_group_that_is_not_the_callers_stores_and_writes_nothing(store: Store, ada: Account) -> None:
    imported(store, ada, calendar(vevent("a")))
    foreign = UUID(slots(store, ada)[0]["groups"][0]["uuid"])
    bob = new_account(store, "Bob")

    for uuid in (foreign, uuid4()):
        with pytest.raises(NotFound):
            imported(store, bob, b"\xff not even read", group=uuid)
        with pytest.raises(NotFound):
            exported(store, bob, group=uuid)
    assert slots(store, bob) == []


def test_a_deleted_slot_comes_back(store: Store, ada: Account) -> None:
    imported(store, ada, calendar(vevent("a")))
    with store.write() as transaction:
        accounts_storage.mark_changed(transaction, [ada.id])
        transaction.connection.execute(update(tables.slot).values(deleted_at=1, version=5))
        transaction.connection.execute(tables.slot_group.delete())
    gone = slots(store, ada)

    report = imported(store, ada, calendar(vevent("a")))

    assert (gone, counts(report)) == ([], (0, 1, 0, 0, 0))
    assert [(slot["uid"], len(slot["groups"])) for slot in slots(store, ada)] == [("a", 1)]


def test_another_users_export_leaves_their_slots_alone(store: Store, ada: Account) -> None:
    imported(store, ada, calendar(vevent("a")))
    bob = new_account(store, "Bob")
    file = exported(store, ada).replace(b"Supper", b"Stolen")

    report = imported(store, bob, file)

    assert counts(report) == (1, 0, 0, 0, 0)
    assert ([s["title"] for s in slots(store, ada)], [s["title"] for s in slots(store, bob)]) == (
        ["Supper"],
        ["Stolen"],
    )


def test_good_records_are_stored_beside_bad_ones(store: Store, ada: Account) -> None:
    events = [vevent(f"{number}@x") for number in range(1000)]
    events[417] = vevent("bad@x", "Broken", "20310601T180000Z", "DTEND:20310601T170000Z")

    report = imported(store, ada, calendar(*events))

    assert counts(report) == (999, 0, 0, 0, 1)
    (problem,) = report.problems
    assert (problem.index, problem.uid, problem.title, problem.code) == (417, "bad@x", "Broken", "end_before_start")
    assert problem.line is not None
    assert "SUMMARY:Broken" in calendar(*events).split("\r\n")[problem.line - 4 : problem.line + 6]


@pytest.mark.parametrize("options", [{}, {"strict": True}])
def test_a_file_is_refused_whole(store: Store, ada: Account, options: dict[str, bool]) -> None:
    bad = vevent("bad@x", "Broken", "20310601T180000Z", "DTEND:20310601T170000Z")
    file = calendar(bad, vevent("a")) if options else calendar(bad)

    with pytest.raises(Rejected) as refused:
        imported(store, ada, file, **options)

    assert [problem.uid for problem in refused.value.report.problems] == ["bad@x"]
    assert slots(store, ada) == []


def test_a_dry_run_reports_and_stores_nothing(store: Store, ada: Account) -> None:
    imported(store, ada, calendar(vevent("a")))
    before = (versions(store), exported(store, ada))

    report = imported(store, ada, calendar(vevent("a", "Changed"), vevent("b")), dry_run=True)

    assert counts(report) == (1, 1, 0, 0, 0)
    assert (versions(store), exported(store, ada)) == before


@pytest.mark.parametrize(
    ("file", "error"),
    [
        (b"", Invalid),
        (b" \n ", Invalid),
        (b"hello", FormatError),
        (b"{}", FormatError),
        (b'[{"title": "x"', FormatError),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:\xff\nEND:VEVENT\n", BadText),
    ],
)
def test_a_file_that_cannot_be_read_stores_nothing(
    store: Store, ada: Account, file: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        imported(store, ada, file)

    assert slots(store, ada) == []


def test_a_file_without_records_is_fine(store: Store, ada: Account) -> None:
    reports = [imported(store, ada, file) for file in ("[]", calendar(), CSV)]

    assert [counts(report) for report in reports] == [(0, 0, 0, 0, 0)] * 3


def test_more_records_than_allowed_are_refused(store: Store, ada: Account) -> None:
    with pytest.raises(TooLarge, match="more than 2 records"):
        imported(store, ada, calendar(*(vevent(str(number)) for number in range(3))), record_limit=2)

    assert slots(store, ada) == []


def test_a_charset_is_honoured_and_a_wrong_byte_is_named(store: Store, ada: Account) -> None:
    file = calendar(vevent("a", "Käse")).encode("windows-1252")

    with pytest.raises(BadText) as refused:
        imported(store, ada, file)
    imported(store, ada, file, encoding="windows-1252")
    imported(store, ada, calendar(vevent("b", "Käse")).encode("utf-16"))
    imported(store, ada, b"\xef\xbb\xbf" + calendar(vevent("c", "Käse")).encode())

    assert refused.value.offset == file.index(b"\xe4")
    assert [slot["title"] for slot in slots(store, ada)] == ["Käse"] * 3


@pytest.mark.parametrize("name", ["rot13", "base64", "zlib", "unicode_escape", "idna", "no-such", "\0"])
def test_what_is_no_charset_is_refused(store: Store, ada: Account, name: str) -> None:
    with pytest.raises(Invalid, match="encoding is not the name of a charset"):
        imported(store, ada, b"[]", encoding=name)


def test_a_long_description_becomes_a_note_and_goes_out_whole(store: Store, ada: Account) -> None:
    text = "sea " * 200
    file = calendar(vevent("a", "x" * 75, "20310601T180000Z", f"DESCRIPTION:{text}"))

    reports = [imported(store, ada, file), again(store, ada, file)]
    own = imported(store, ada, exported(store, ada, "ical"))

    assert [counts(report) for report in [*reports, own]] == [(1, 0, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 1, 0, 0)]
    (slot,) = slots(store, ada)
    assert (slot["title"], slot["notes"]) == ("x" * 60, [{"title": "Description", "content": text}])
    unfolded = exported(store, ada, "ical").replace(b"\r\n ", b"").decode()
    assert f"SUMMARY:{'x' * 75}\r\n" in unfolded
    assert f"DESCRIPTION:{text}\r\n" in unfolded


@pytest.mark.parametrize("word", ["timeslot", "ical", "outlook"])
def test_an_own_export_changes_nothing_here_and_builds_equal_slots_elsewhere(
    store: Store, ada: Account, word: str
) -> None:
    imported(store, ada, SAMPLE)
    bob = new_account(store, "Bob")
    file = exported(store, ada, word)

    here, there = imported(store, ada, file), imported(store, bob, file)

    total = len(slots(store, ada))
    assert (counts(here), counts(there)) == ((0, 0, total, 0, 0), (total, 0, 0, 0, 0))
    if word != "timeslot":  # its groups have uuids of their own
        assert exported(store, bob, word) == file
    assert [s["uid"] for s in slots(store, bob)] == [s["uid"] for s in slots(store, ada)]


SAMPLE = calendar(
    vevent("day", "Fair", "20310603"),
    vevent("open", "Open", "20310603T120000Z"),
    vevent("utc", "Call, then; talk", "20310603T120000Z", "DTEND:20310603T123000Z", "LOCATION:Room 1"),
    "UID:zone\r\nDTSTART;TZID=Europe/Berlin:20310603T090000\r\nDTEND;TZID=Europe/Berlin:20310603T100000\r\nSUMMARY:Zone",
    vevent("floating", "Float", "20310603T070000", "DTEND:20310603T080000"),
    vevent("rule", "Rule", "20310604T070000Z", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20310605T070000Z", "X-A;B=c:d"),
)


def test_a_batch_needs_a_fixed_number_of_statements(store: Store, ada: Account) -> None:
    def statements(count: int, start: int) -> int:
        seen: list[str] = []
        event.listen(store.engine, "before_cursor_execute", lambda *found: seen.append(found[2]))
        imported(store, ada, calendar(*(vevent(f"{start + number}", f"T{start}") for number in range(count))))
        return len(seen)

    few, many = statements(3, 0), statements(400, 1000)

    assert many <= few + 40  # never one for each record


def test_the_spool_keeps_order_beyond_memory(store: Store, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slotport.actions.spool.HELD_BATCHES", 1)
    file = calendar(*(vevent(f"{number % 1300:05}", f"Title {number}") for number in range(2600)))

    reports = [imported(store, ada, file), again(store, ada, file)]

    assert [counts(report) for report in reports] == [(1300, 0, 0, 1300, 0), (0, 0, 1300, 1300, 0)]
    assert [slot["title"] for slot in slots(store, ada)] == [f"Title {1300 + number}" for number in range(1300)]


def test_an_edited_slot_differs_from_its_record(store: Store, ada: Account) -> None:
    imported(store, ada, calendar(vevent("a")))
    with store.write() as transaction:
        accounts_storage.mark_changed(transaction, [ada.id])
        transaction.connection.execute(update(tables.slot).values(title="Edited", content_hash=None))

    report = imported(store, ada, calendar(vevent("a")))

    assert counts(report) == (0, 1, 0, 0, 0)
    assert [slot["title"] for slot in slots(store, ada)] == ["Supper"]


def test_changes_get_rising_numbers_and_the_owner_remembers_the_last(store: Store, ada: Account) -> None:
    etags = []
    for title in ("One", "Two", "Two"):
        imported(store, ada, calendar(vevent("a", title)))
        etags.append(files.export_file(store, ada, "ical", group=None, options=WriteOptions(now=NOW)).etag)

    assert etags[0] != etags[1] == etags[2]


def test_times_move_in_every_list(store: Store, ada: Account) -> None:
    imported(store, ada, calendar(vevent("a", "Supper", "20310601T180000Z")))

    imported(store, ada, calendar(vevent("a", "Supper", "20310701T180000Z")))

    with store.read() as transaction:
        slot, held = tables.slot.c, tables.slot_group.c
        rows = transaction.connection.execute(
            select(slot.start_at, held.start_at, slot.end_at, held.end_at).join(
                tables.slot_group, held.slot_id == slot.id
            )
        ).all()
    assert [row[0] == row[1] and row[2] == row[3] for row in rows] == [True]


def test_a_remembered_file_is_read_again_with_other_options(store: Store, ada: Account) -> None:
    file = CSV + "Tea,5/6/2031,15:00,,,\n"
    imported(store, ada, file)

    reports = [imported(store, ada, file, date_order="dmy"), imported(store, ada, file, dry_run=True)]

    assert [counts(report) for report in reports] == [(1, 0, 0, 0, 0), (0, 0, 1, 0, 0)]


def test_a_format_of_whole_seconds_leaves_milliseconds_alone(store: Store, ada: Account) -> None:
    times = {"start": "2031-06-01T15:00:00.123Z", "end": "2031-06-01T16:00:00.456Z"}
    imported(store, ada, json.dumps([{"uid": "a", "title": "Walk", **times}]))

    report = imported(store, ada, exported(store, ada, "ical"))

    assert counts(report) == (0, 0, 1, 0, 0)
    assert [(slot["start"], slot["end"]) for slot in slots(store, ada)] == [(times["start"], times["end"])]
