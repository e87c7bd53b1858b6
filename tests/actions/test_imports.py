"""Undoing imports, previews and selections on both databases."""

import json
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, func, select

from slotport.actions import accounts, feeds, files, groups, imports, slots
from slotport.actions.files import ImportOptions, Preview, Progress
from slotport.actions.imports import FileChunks, Recognised
from slotport.core.account import Account
from slotport.core.entry import SlotEdit
from slotport.core.import_log import LoggedImport, Undone
from slotport.core.slot import Note
from slotport.errors import BadText, FormatError, Invalid, NotFound, UnknownFormat
from slotport.storage import imports as stored_imports
from slotport.storage import tables
from slotport.storage.store import Store
from slotport.storage.tables_imports import import_before, import_log
from tests.actions.test_files import (
    CSV,
    NOW,
    SAMPLE,
    calendar,
    counts,
    exported,
    forget,
    imported,
    new_account,
    vevent,
)
from tests.actions.test_files import slots as slots_of

LATER = NOW + timedelta(minutes=5)
FULL = {
    "uid": "a",
    "title": "Walk",
    "visibility": "friends",
    "start": "2031-06-01T15:00:00.123Z",
    "end": "2031-06-01T16:00:00Z",
    "media": [{"public_id": "pier", "media_type": "image", "position": 3, "duration": 1.5, "title": "Pier"}],
    "notes": [{"title": "Bring", "content": "Shoes \U0001f97e"}, {"title": "Leave", "content": "Phone"}],
    "settings": [{"alerts": "0000010000"}],
    "location": {"name": "Quay", "latitude": 60.397},
    "description": "By the sea",
    "icalendar": ["X-A;B=c:d", "CATEGORIES:one,two"],
}


@pytest.fixture
def ada(store: Store) -> Account:
    """Somebody with an empty calendar."""
    return new_account(store)


def undone(store: Store, account: Account, import_id: int | None, now: datetime = LATER) -> Undone:
    """What the undo of an import did."""
    assert import_id is not None
    return imports.undo(store, account, import_id, now=now)


def told(result: Undone) -> tuple[int, int, int, list[tuple[str, str | None]]]:
    """Removed, restored, left, and code and uid of each problem."""
    problems = [(problem.code, problem.uid) for problem in result.problems]
    return result.removed, result.restored, result.left, problems


def recent(store: Store, account: Account) -> list[LoggedImport]:
    return imports.recent(store, account, now=LATER)


def group_names(store: Store, account: Account) -> list[str]:
    return [view.group.name for view in groups.calendars(store, account)]


def changes(store: Store) -> dict[str, tuple[int, int, bool]]:
    """Version, change and whether it is deleted, of each slot by uid."""
    slot = tables.slot.c
    with store.read() as transaction:
        rows = transaction.connection.execute(select(slot.uid, slot.version, slot.change, slot.deleted_at)).all()
    return {row.uid: (row.version, row.change, row.deleted_at is not None) for row in rows}


def edit(store: Store, account: Account, uid: str, **said: Any) -> None:
    """Change a slot as its owner does."""
    with store.read() as transaction:
        slot_id = transaction.connection.scalar(select(tables.slot.c.id).where(tables.slot.c.uid == uid))
    assert slot_id is not None
    slots.change(store, account, slot_id, SlotEdit(**said), now=NOW)


# Undo


def test_new_slots_and_their_group_are_removed(store: Store, ada: Account) -> None:
    before = group_names(store, ada)
    report = imported(store, ada, calendar(vevent("a"), vevent("b")))

    result = undone(store, ada, report.import_id)

    assert told(result) == (2, 0, 0, [])
    assert (slots_of(store, ada), group_names(store, ada)) == ([], before)
    assert [(version, deleted) for version, _, deleted in changes(store).values()] == [(2, True)] * 2


def test_an_undone_file_is_imported_again_and_can_be_undone_again(store: Store, ada: Account) -> None:
    file = calendar(vevent("a"), vevent("b"))
    undone(store, ada, imported(store, ada, file).import_id)

    again = imported(store, ada, file)
    titles = [slot["uid"] for slot in slots_of(store, ada)]
    result = undone(store, ada, again.import_id)

    assert (counts(again), titles) == ((0, 2, 0, 0, 0), ["a", "b"])  # deleted slots came back
    assert (told(result), slots_of(store, ada)) == ((0, 2, 0, []), [])
    assert group_names(store, ada) == ["Private", "Public"]


@pytest.mark.parametrize("word", ["timeslot", "ical"])
def test_an_updated_slot_is_wholly_what_it_was(store: Store, ada: Account, word: str) -> None:
    imported(store, ada, json.dumps([FULL]))
    before = (exported(store, ada), exported(store, ada, "ical"))
    versions = changes(store)["a"]
    empty: dict[str, Any] = {"media": [], "notes": [], "settings": [], "location": None, "icalendar": []}
    other = {**FULL, **empty, "title": "Hike", "visibility": "private", "description": "x", "groups": [{"name": "New"}]}
    file = json.dumps([other]) if word == "timeslot" else calendar(vevent("a", "Hike", "20310601", "SEQUENCE:7"))
    report = imported(store, ada, file)

    result = undone(store, ada, report.import_id)

    assert (counts(report), told(result)) == ((0, 1, 0, 0, 0), (0, 1, 0, []))
    assert (exported(store, ada), exported(store, ada, "ical")) == before
    assert changes(store)["a"][0] > versions[0]
    assert changes(store)["a"][1] > versions[1] + 1
    forget(store)
    assert counts(imported(store, ada, json.dumps([FULL]))) == (0, 0, 1, 0, 0)
    assert group_names(store, ada) == ["Private", "Public", "Imports"]


def test_every_kind_of_time_comes_back(store: Store, ada: Account) -> None:
    imported(store, ada, SAMPLE)
    before = exported(store, ada, "ical")
    names = ("day", "open", "utc", "zone", "floating", "rule")
    report = imported(store, ada, calendar(*(vevent(uid, "x", "20320101T000000Z", "SEQUENCE:1") for uid in names)))

    result = undone(store, ada, report.import_id)

    assert (counts(report), told(result)) == ((0, 6, 0, 0, 0), (0, 6, 0, []))
    assert exported(store, ada, "ical") == before


def test_a_slot_that_only_joined_a_group_leaves_it(store: Store, ada: Account) -> None:
    imported(
        store, ada, json.dumps([{"title": "x", "start": "2031-06-01", "groups": [{"name": "Town", "public": True}]}])
    )
    group = UUID(slots_of(store, ada)[0]["groups"][0]["uuid"])
    imported(store, ada, calendar(vevent("a")))
    before = exported(store, ada)
    report = imported(store, ada, calendar(vevent("a")), group=group)
    joined = next(slot for slot in slots_of(store, ada) if slot["uid"] == "a")

    result = undone(store, ada, report.import_id)

    assert (counts(report), joined["visibility"], len(joined["groups"])) == ((0, 1, 0, 0, 0), "public", 2)
    assert (told(result), exported(store, ada)) == ((0, 1, 0, []), before)
    assert json.loads(exported(store, ada, group=group))[0]["title"] == "x"


def test_what_was_changed_since_is_left_and_named(store: Store, ada: Account) -> None:
    imported(store, ada, calendar(vevent("old"), vevent("kept")))
    file = calendar(*(vevent(uid, "Other") for uid in ("old", "kept", "new", "edited")))
    report = imported(store, ada, file)
    for uid in ("old", "edited"):
        edit(store, ada, uid, description="mine")

    result = undone(store, ada, report.import_id)

    assert told(result) == (1, 1, 2, [("changed_since", "old"), ("changed_since", "edited")])
    assert {slot["uid"]: slot["title"] for slot in slots_of(store, ada)} == {
        "old": "Other",
        "kept": "Supper",
        "edited": "Other",
    }
    assert "Imports" in group_names(store, ada)


def test_a_new_slot_that_is_deleted_already_counts_as_nothing(store: Store, ada: Account) -> None:
    report = imported(store, ada, calendar(vevent("a"), vevent("b")))
    with store.read() as transaction:
        slot_id = transaction.connection.scalar(select(tables.slot.c.id).where(tables.slot.c.uid == "a"))
    assert slot_id is not None
    slots.remove(store, ada, slot_id, now=NOW)

    assert told(undone(store, ada, report.import_id)) == (1, 0, 0, [])


def test_two_records_may_have_met_one_slot(store: Store, ada: Account) -> None:
    record = {"uid": "a", "title": "Tea", "start": "2031-06-01T15:00:00Z"}
    imported(store, ada, json.dumps([record]))
    before = exported(store, ada)
    report = imported(
        store, ada, json.dumps([{**record, "description": "x"}, {**record, "uid": "", "description": "y"}])
    )

    result = undone(store, ada, report.import_id)

    assert (result.left, exported(store, ada)) == (0, before)


def test_imports_are_undone_one_after_the_other(store: Store, ada: Account) -> None:
    reports, states = [], [exported(store, ada)]
    for number, title in enumerate(("One", "Two", "Three")):
        events = [vevent("a", title), vevent("b", title), vevent(f"new{number}", title)]
        reports.append(imported(store, ada, calendar(*events)))
        states.append(exported(store, ada))

    for report, state in zip(reversed(reports), reversed(states[:-1]), strict=True):
        result = undone(store, ada, report.import_id)
        assert (result.left, exported(store, ada)) == (0, state)
    assert [one.undone_at for one in recent(store, ada)] == [LATER] * 3


def test_undoing_an_older_import_leaves_what_a_newer_one_changed(store: Store, ada: Account) -> None:
    first = imported(store, ada, calendar(vevent("a", "One"), vevent("b", "One")))
    imported(store, ada, calendar(vevent("a", "Two")))

    assert told(undone(store, ada, first.import_id)) == (1, 0, 1, [("changed_since", "a")])
    assert [slot["title"] for slot in slots_of(store, ada)] == ["Two"]


def test_an_edit_after_an_undo_is_a_change_to_the_older_import(store: Store, ada: Account) -> None:
    first = imported(store, ada, calendar(vevent("a", "One")))
    undone(store, ada, imported(store, ada, calendar(vevent("a", "Two"))).import_id)
    edit(store, ada, "a", description="mine")

    assert told(undone(store, ada, first.import_id)) == (0, 0, 1, [("changed_since", "a")])


def test_made_groups_go_only_if_they_are_empty(store: Store, ada: Account) -> None:
    record = {"uid": "a", "title": "Walk", "start": "2031-06-01T15:00:00Z"}
    names = [{"name": "One"}, {"name": "Two"}]
    report = imported(store, ada, json.dumps([{**record, "groups": names}]))
    imported(store, ada, json.dumps([{**record, "uid": "b", "groups": names[:1]}]))

    undone(store, ada, report.import_id)

    assert group_names(store, ada) == ["Private", "Public", "One"]


def test_who_follows_a_group_sees_that_its_slots_left(store: Store, ada: Account) -> None:
    bob = new_account(store, "Bob")
    imported(
        store, ada, json.dumps([{"title": "x", "start": "2031-06-01", "groups": [{"name": "Town", "public": True}]}])
    )
    group = UUID(slots_of(store, ada)[0]["groups"][0]["uuid"])
    groups.subscribe(store, bob, group, now=NOW)
    secret = feeds.make(store, bob, group=str(group), show=None, now=NOW).secret
    report = imported(store, ada, calendar(vevent("a")), group=group)
    etag = feeds.read(store, secret, lambda _: False, server="http://x", now=NOW).etag

    undone(store, ada, report.import_id)
    feed = feeds.read(store, secret, lambda known: known == etag, server="http://x", now=LATER)

    assert feed.body is not None
    assert feed.body.count(b"STATUS:CANCELLED") == 1


def test_an_import_is_undone_once(store: Store, ada: Account) -> None:
    report = imported(store, ada, calendar(vevent("a")))
    undone(store, ada, report.import_id)
    before = changes(store)

    with pytest.raises(Invalid, match="was undone already"):
        undone(store, ada, report.import_id)

    assert changes(store) == before


def test_of_many_undos_at_once_one_does_it(store: Store, ada: Account) -> None:
    report = imported(store, ada, calendar(vevent("a"), vevent("b")))
    results: list[object] = []

    def undo() -> None:
        try:
            results.append(told(undone(store, ada, report.import_id)))
        except Invalid as error:
            results.append(str(error))

    threads = [threading.Thread(target=undo) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results, key=str) == [(2, 0, 0, []), *["import was undone already"] * 3]
    assert {version for version, _, _ in changes(store).values()} == {2}


def test_an_import_of_somebody_else_or_of_long_ago_is_not_found(store: Store, ada: Account) -> None:
    bob = new_account(store, "Bob")
    report = imported(store, ada, calendar(vevent("a")))
    month = timedelta(days=30)

    for account, now in ((bob, LATER), (ada, NOW + month)):
        with pytest.raises(NotFound):
            undone(store, account, report.import_id, now)
    with pytest.raises(NotFound):
        undone(store, ada, 2**63 - 1)

    assert imports.recent(store, ada, now=NOW + month) == recent(store, bob) == []
    assert len(slots_of(store, ada)) == 1


def test_old_imports_are_forgotten_with_what_they_kept(store: Store, ada: Account) -> None:
    for title in ("One", "Two"):
        imported(store, ada, calendar(vevent("a", title)))

    for days in (29, 30):
        with store.write() as transaction:
            stored_imports.forget_old(transaction, NOW + timedelta(days=days))
            kept = [
                transaction.connection.scalar(select(func.count()).select_from(table))
                for table in (import_log, import_before)
            ]
        assert kept == ([2, 1] if days == 29 else [0, 0])


def test_imports_are_listed_newest_first(store: Store, ada: Account) -> None:
    first = imported(store, ada, calendar(vevent("a"), "UID:bad"))
    imported(store, ada, calendar(vevent("a")))  # changes nothing: it is no import to undo
    second = imported(store, ada, f"{CSV[:-1]},uid\nTea,2031-06-01,15:00,,,,a\n")

    shown = [(one.id, one.format, one.created, one.updated, one.skipped) for one in recent(store, ada)]

    assert shown == [(second.import_id, "outlook", 0, 1, 0), (first.import_id, "ical", 1, 0, 1)]


@pytest.mark.parametrize("options", [{"dry_run": True}, {}])
def test_what_stores_nothing_is_no_import(store: Store, ada: Account, options: dict[str, bool]) -> None:
    report = imported(store, ada, calendar(vevent("a")) if options else calendar(), **options)

    assert (report.import_id, recent(store, ada)) == (None, [])


def test_a_deleted_account_takes_its_imports_along(store: Store, ada: Account) -> None:
    imported(store, ada, calendar(vevent("a")))

    accounts.remove(store, ada, now=LATER)

    with store.read() as transaction:
        assert transaction.connection.scalar(select(func.count()).select_from(import_log)) == 0


def test_an_undo_needs_a_fixed_number_of_statements(store: Store, ada: Account) -> None:
    def statements(count: int) -> int:
        events = [vevent(f"{count}-{number}") for number in range(count)]
        imported(store, ada, calendar(*events))
        new = [vevent(f"{count}-{number}", "Other") for number in range(2 * count)]
        report = imported(store, ada, calendar(*new))
        seen: list[str] = []
        event.listen(store.engine, "before_cursor_execute", lambda *found: seen.append(found[2]))
        assert told(undone(store, ada, report.import_id)) == (count, count, 0, [])
        return len(seen)

    assert statements(400) <= statements(3) + 5


def test_an_import_of_new_slots_keeps_nothing_of_each(store: Store, ada: Account) -> None:
    imported(store, ada, calendar(*(vevent(str(number)) for number in range(600))))

    with store.read() as transaction:
        rows = transaction.connection.execute(select(import_log.c.last_id - import_log.c.first_id)).scalars().all()
        kept = transaction.connection.scalar(select(func.count()).select_from(import_before))
    assert (rows, kept) == ([600], 0)  # 600 slots and the group


# Preview


def previewed(store: Store, account: Account, file: str, **options: Any) -> Preview:
    return files.preview_file(store, account, [file.encode()], ImportOptions(**options), now=NOW)


def test_a_preview_tells_what_would_become_of_each_record(store: Store, ada: Account) -> None:
    imported(store, ada, calendar(vevent("a"), vevent("b", "Walk", "20310601T180000Z", "SEQUENCE:2"), vevent("c")))
    before = (changes(store), exported(store, ada))
    bad = vevent("bad", "Bad", "20310601T180000Z", "DTEND:20310601T170000Z")
    file = calendar(vevent("a", "Breakfast"), vevent("b", "Walk"), bad, vevent("new"), vevent("c"), "UID:empty")

    preview = previewed(store, ada, file)

    assert [(one.index, one.uid, one.outcome.value, dict(one.changes)) for one in preview.records] == [
        (0, "a", "updated", {"title": ("Supper", "Breakfast")}),
        (1, "b", "skipped", {}),
        (2, "bad", "rejected", {}),
        (3, "new", "created", {}),
        (4, "c", "unchanged", {}),
        (5, "empty", "skipped", {}),
    ]
    assert all(one.line and file.split("\r\n")[one.line - 1] == "BEGIN:VEVENT" for one in preview.records)
    assert (counts(preview), preview.omitted, preview.import_id) == ((1, 1, 1, 2, 1), 0, None)
    assert (changes(store), exported(store, ada), len(recent(store, ada))) == (*before, 1)


def test_a_preview_shows_the_old_and_the_new_value_of_each_field(store: Store, ada: Account) -> None:
    imported(store, ada, json.dumps([FULL]))
    other = {**FULL, "end": "", "notes": [], "location": {"name": "Pier"}, "groups": [{"name": "New"}]}

    (record,) = previewed(store, ada, json.dumps([other])).records

    end, notes, place = (record.changes[name] for name in ("end", "notes", "place"))
    assert end == (datetime(2031, 6, 1, 16, tzinfo=UTC), None)
    assert (notes[0][0], notes[1]) == (Note(title="Leave", content="Phone"), ())
    assert [(one.name, one.latitude) for one in place] == [("Quay", 60.397), ("Pier", None)]
    assert record.changes["groups"] == (("Imports",), ("Imports", "New"))
    assert record.changes.keys() == {"end", "notes", "place", "groups"}


def test_a_preview_of_a_deleted_slot_says_that_it_comes_back(store: Store, ada: Account) -> None:
    file = calendar(vevent("a", "Fair", "20310601"))
    undone(store, ada, imported(store, ada, file).import_id)

    (record,) = previewed(store, ada, file).records

    assert (record.outcome.value, record.changes["deleted"], record.start) == (
        "updated",
        (True, False),
        date(2031, 6, 1),
    )


def test_a_slot_of_the_same_title_and_times_is_offered_as_match(store: Store, ada: Account) -> None:
    tea = ("Tea", "20310601T150000Z", "DTEND:20310601T160000Z")
    imported(store, ada, calendar(vevent("a", *tea)))
    (slot_id,) = ids(store)
    events = [vevent("x", *tea), vevent("y", *tea[:2]), vevent("z", "Tee", *tea[1:]), vevent("a", *tea)]

    preview = previewed(store, ada, calendar(*events))
    without_uid = previewed(store, ada, CSV + "Tea,2031-06-01,15:00,2031-06-01,16:00,\n")
    foreign = previewed(store, new_account(store, "Bob"), calendar(*events))

    assert [one.match for one in preview.records] == [slot_id, None, None, None]
    assert [(one.outcome.value, one.uid, one.match) for one in without_uid.records] == [("unchanged", None, slot_id)]
    assert [one.match for one in foreign.records] == [None] * 4


def ids(store: Store) -> list[int]:
    with store.read() as transaction:
        return list(transaction.connection.scalars(select(tables.slot.c.id)))


def test_a_preview_is_bounded(store: Store, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slotport.actions.previews.RECORDS_SHOWN", 3)
    long = vevent("0", "Long", "20310601T180000Z", f"DESCRIPTION:{'x' * 5000}")
    imported(store, ada, calendar(vevent("0"), vevent("1")))

    preview = previewed(store, ada, calendar(long, *(vevent(str(number)) for number in range(1, 6))))

    assert ([one.index for one in preview.records], preview.omitted, counts(preview)) == ([0, 1, 2], 3, (4, 1, 1, 0, 0))
    ((note,),) = preview.records[0].changes["notes"][1:]
    assert (len(note.content), note.content[-2:]) == (500, "x…")
    monkeypatch.setattr("slotport.actions.previews.CHANGES_BYTES", 10)
    assert len(previewed(store, ada, calendar(long, vevent("1", "Other"))).records) == 1


def test_a_preview_needs_a_fixed_number_of_statements(store: Store, ada: Account) -> None:
    imported(store, ada, calendar(*(vevent(str(number)) for number in range(400))))

    def statements(count: int) -> int:
        seen: list[str] = []
        event.listen(store.engine, "before_cursor_execute", lambda *found: seen.append(found[2]))
        new = [vevent(f"new{number}") for number in range(count)]
        previewed(store, ada, calendar(*(vevent(str(number), "Other") for number in range(count)), *new))
        return len(seen)

    assert statements(400) <= statements(3) + 30


# Selections


def test_only_selected_records_are_imported(store: Store, ada: Account) -> None:
    file = calendar(*(vevent(uid) for uid in "abcd"), "UID:empty")

    report = imported(store, ada, file, select=frozenset({1, 3}))

    assert (counts(report), [slot["uid"] for slot in slots_of(store, ada)]) == ((2, 0, 0, 3, 0), ["b", "d"])
    assert [(one.index, one.code, one.uid) for one in report.problems] == [
        (0, "not_selected", "a"),
        (2, "not_selected", "c"),
        (4, "not_selected", "empty"),
    ]
    assert all(one.line for one in report.problems)


def test_the_rest_of_a_file_can_be_imported_afterwards(store: Store, ada: Account) -> None:
    file = calendar(*(vevent(uid) for uid in "abcd"))
    parts = [imported(store, ada, file, select=frozenset(part)) for part in ((0,), (0,), (), (1, 2))]

    whole, again = imported(store, ada, file), imported(store, ada, file)

    assert [counts(part)[:4] for part in parts] == [(1, 0, 0, 3), (0, 0, 1, 3), (0, 0, 0, 4), (2, 0, 0, 2)]
    assert (counts(whole), counts(again)) == ((1, 0, 3, 0, 0), (0, 0, 4, 0, 0))


def test_a_rejected_record_that_is_not_selected_is_no_reason_to_refuse(store: Store, ada: Account) -> None:
    bad = vevent("bad", "Bad", "20310601T180000Z", "DTEND:20310601T170000Z")

    report = imported(store, ada, calendar(bad, vevent("a")), select=frozenset({1}), strict=True)

    assert counts(report) == (1, 0, 0, 1, 0)


def test_a_record_that_the_file_has_not_cannot_be_selected(store: Store, ada: Account) -> None:
    with pytest.raises(Invalid, match="select names record 2; the file has 2, numbered from 0"):
        imported(store, ada, calendar(vevent("a"), vevent("b")), select=frozenset({0, 2}))

    assert slots_of(store, ada) == []


# Progress


def test_progress_is_told_while_a_file_on_disk_is_read_and_stored(store: Store, ada: Account, tmp_path: Path) -> None:
    file = tmp_path / "calendar.ics"
    file.write_text(calendar(*(vevent(str(number)) for number in range(6000))), newline="")
    steps: list[Progress] = []

    report = files.import_file(store, ada, FileChunks(file), ImportOptions(), now=NOW, told=steps.append)

    size = file.stat().st_size
    assert counts(report) == (6000, 0, 0, 0, 0)
    assert steps[-1] == Progress(bytes_read=size, records_read=6000, records_done=6000)
    assert [step.records_done for step in steps if step.records_done] == list(range(500, 6001, 500))
    assert any(0 < step.bytes_read < size and step.records_read > 0 for step in steps)


def test_who_is_told_can_end_the_import(store: Store, ada: Account) -> None:
    def stop(step: Progress) -> None:
        if step.records_done:
            raise Invalid.of("import", "was stopped")

    with pytest.raises(Invalid, match="was stopped"):
        files.import_file(store, ada, [calendar(vevent("a")).encode()], ImportOptions(), now=NOW, told=stop)

    assert (slots_of(store, ada), recent(store, ada)) == ([], [])


# What a file seems to be


@pytest.mark.parametrize(
    ("file", "seen"),
    [
        (calendar(vevent("a")).encode(), ("ical", "utf-8", False, None, False)),
        (b"[]", ("timeslot", "utf-8", False, None, False)),
        (calendar(vevent("a")).encode("utf-16"), ("ical", "utf-16", False, None, False)),
        (calendar(vevent("a", "Käse")).encode("windows-1252"), ("ical", "windows-1252", True, None, False)),
        (calendar(vevent("a", "\x81ä")).encode("latin-1"), ("ical", "iso-8859-1", True, None, False)),
        ((CSV + "Tea,2031-06-05,15:00,,,\n").encode(), ("outlook", "utf-8", False, "mdy", False)),
        ((CSV + "Tea,5/6/2031,15:00,,,\n").encode(), ("outlook", "utf-8", False, "mdy", True)),
        ((CSV + "Tea,5/6/2031,1:00,,,\nTea,13/6/2031,1:00,,,\n").encode(), ("outlook", "utf-8", False, "dmy", False)),
        ((CSV + "Käse,5/13/2031,1:00,,,\n").encode("latin-1"), ("outlook", "windows-1252", True, "mdy", False)),
    ],
)
def test_a_file_is_recognised(file: bytes, seen: tuple[str, str, bool, str | None, bool]) -> None:
    found = imports.recognise([file[:7], file[7:]])

    assert found == Recognised(
        format=seen[0],
        encoding=seen[1],
        is_encoding_guessed=seen[2],
        date_order=seen[3],  # type: ignore[arg-type]
        is_date_order_ambiguous=seen[4],
    )


@pytest.mark.parametrize(
    ("file", "error"),
    [
        (b" ", Invalid),
        (b"hello", UnknownFormat),
        (b"\x89PNG\r\n\x1a\n", BadText),
        ((CSV + '"Tea').encode(), FormatError),
    ],
)
def test_what_is_not_recognised_is_refused(file: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        imports.recognise([file])


def test_a_said_encoding_is_not_guessed() -> None:
    file = calendar(vevent("a", "Käse")).encode("windows-1252")

    assert imports.recognise([file], "windows-1252").is_encoding_guessed is False
    with pytest.raises(BadText):
        imports.recognise([file], "utf-8")
