"""Exports, runs, their files and events, on both databases."""

from typing import Any
from uuid import uuid4

import pytest
from msgspec import structs
from sqlalchemy import func, select

from slotport.core.account import Account
from slotport.core.export import (
    Archive,
    AssetClass,
    CsvOptions,
    Definition,
    Export,
    ExportType,
    File,
    LoggedEvent,
    LogLine,
    Mail,
    Outcome,
    Progress,
    Recipient,
    Run,
    Schedule,
    State,
    Transport,
    TransportState,
    Trigger,
)
from slotport.core.export_filter import read as read_filter
from slotport.errors import NotFound
from slotport.storage import export_events, export_transports, exports, run_work, runs, tables_exports
from slotport.storage.store import Store
from tests.calendars import DAY, HOUR, NOW, add_person, counted_statements

HUGE = 10**30
FULL = Definition(name="Weekly", type=ExportType.INCREMENTAL, csv=CsvOptions(delimiter=";"))
SCHEDULES = (Schedule(weekdays=("friday",), hours=(18,)), Schedule(missed="all"))


def transport(**fields: Any) -> Transport:
    return Transport(**{"uuid": str(uuid4()), "type": "download", **fields})


def add(store: Store, owner: Account, definition: Definition = FULL, **fields: Any) -> Export:
    """A new export of the owner's."""
    with store.write() as transaction:
        export_id = exports.add(
            transaction,
            owner.id,
            definition,
            fields.get("schedules", ()),
            fields.get("transports", ()),
            passkey=fields.get("passkey", "secret"),
            next_run_at=fields.get("next_run_at"),
            now=NOW,
        )
        return exports.get(transaction, export_id)


def add_run(store: Store, export: Export, number: int = 1, **fields: Any) -> Run:
    """A new run of the export, which is pending."""
    run = Run(id=str(uuid4()), export_id=export.id, number=number, trigger=Trigger.MANUAL, queued_at=NOW, **fields)
    with store.write() as transaction:
        runs.add(transaction, run)
        exports.move(transaction, export.id, State, State.PENDING, run_id=run.id)
    return run


def publish(store: Store, run: Run, files: list[File], archives: list[Archive]) -> None:
    """Make the run the export's result."""
    run_work.begin(store, run.id, now=NOW)
    run_work.store_files(store, run.id, files, archives)
    run_work.publish(
        store,
        run.id,
        totals=run_work.Totals(objects=3, files=len(files), bytes=7),
        protocol="",
        retention_days=7,
        deliver=None,
        now=NOW + HOUR,
    )


def file(path: str, **fields: Any) -> File:
    return File(**{"path": path, "size": 1, "sha256": "a" * 64, "media_type": "text/csv", "modified": NOW, **fields})


def archive(packer: str = "zip", part: int | None = None) -> Archive:
    return Archive(
        packer=packer, part=part, file_name=f"a.{part}.zip", size=9, sha256="b" * 64, media_type="application/zip"
    )


def event(store: Store, export: Export, type_: str, **fields: Any) -> int:
    with store.write() as transaction:
        return export_events.add(
            transaction,
            export_id=export.id,
            owner_id=export.owner_id,
            version=export.version,
            type=type_,
            **{"info": {}, "now": NOW, **fields},
        )


# Exports


def test_an_export_reads_back(store: Store) -> None:
    owner = add_person(store)
    mailed = Mail(recipients=(Recipient(user_id=owner.id), Recipient(email="crew@example.net")), message="Hi")
    one, two = transport(packer="zip_10mb"), transport(type="email", email=mailed, options={"a": [1, None]})

    told = add(store, owner, schedules=SCHEDULES, transports=(one, two), next_run_at=NOW + DAY)

    ids = [each.id for each in told.transports]
    assert len(set(ids)) == 2
    assert told == Export(
        id=told.id,
        owner_id=owner.id,
        version=1,
        state=State.NEW,
        definition=FULL,
        schedules=SCHEDULES,
        transports=(structs.replace(one, id=ids[0]), structs.replace(two, id=ids[1])),
        passkey="secret",
        created_at=NOW,
        updated_at=NOW,
        next_run_at=NOW + DAY,
    )
    with store.read() as transaction:
        assert exports.transport_ids(transaction, told.id) == ids
        assert exports.of_owner(transaction, owner.id) == [told.id]


def test_another_persons_export_is_not_found(store: Store) -> None:
    owner, other = add_person(store), add_person(store)
    told = add(store, owner)

    with store.write() as transaction:
        assert exports.find(transaction, told.id, owner.id) == told
        assert exports.locked(transaction, told.id, owner.id) == told
        assert exports.find(transaction, told.id, None) == told
        for export_id, owner_id in ((told.id, other.id), (told.id + 1, owner.id), (0, None), (-1, None), (HUGE, None)):
            assert exports.find(transaction, export_id, owner_id) is None
            assert exports.locked(transaction, export_id, owner_id) is None
        with pytest.raises(NotFound):
            exports.get(transaction, HUGE)


def test_a_list_is_filtered_and_paged_by_id(store: Store) -> None:
    owner, other = add_person(store), add_person(store)
    kinds = [ExportType.EXPORT, ExportType.DOWNLOAD, ExportType.INCREMENTAL, ExportType.EXPORT]
    told = [add(store, owner, Definition(type=kind)) for kind in kinds]
    add(store, other)
    with store.write() as transaction:
        exports.move(transaction, told[3].id, [State.NEW], State.FAILED)

    def found(text: str, limit: int = 1000, offset: int = 0) -> tuple[int, list[int]]:
        which = read_filter(text)
        with store.read() as transaction:
            page = exports.listed(transaction, owner.id, which, limit=limit, offset=offset)
            return exports.count(transaction, owner.id, which), [told.index(one) for one in page if one in told]

    assert found("type:export|download+status:new,type:export_incremental") == (3, [0, 1, 2])
    assert found("type:export+type:download") == (0, [])
    assert found("status:new", 2) == (3, [0, 1])
    assert found("status:new", 2, 2) == (3, [2])
    assert found("", 2, 4) == (4, [])
    assert found("", 2, HUGE) == (4, [])
    assert found("status:failed") == (1, [])  # its state is another than when it was made
    assert found("") == (4, [0, 1, 2])


def test_a_list_takes_as_many_statements_for_a_thousand_as_for_one(store: Store) -> None:
    owner = add_person(store)
    with store.write() as transaction:
        for _ in range(1000):
            exports.add(transaction, owner.id, FULL, (), [transport()], passkey="secret", next_run_at=None, now=NOW)

    def statements(limit: int) -> int:
        with counted_statements(store) as found, store.read() as transaction:
            page = exports.listed(transaction, owner.id, (), limit=limit, offset=0)
        assert [len(one.transports) for one in page] == [1] * limit
        return len(found)

    assert statements(1000) == statements(1)


def test_a_change_begins_anew_and_keeps_known_transports(store: Store) -> None:
    kept, gone, new = transport(), transport(), transport(type="email", email=Mail(recipients=(Recipient(user_id=1),)))
    before = add(store, add_person(store), schedules=SCHEDULES, transports=(kept, gone), next_run_at=NOW + DAY)
    publish(store, add_run(store, before), [file("slot.csv")], [])
    line = LogLine(timestamp=NOW, level="error", message="stopped")
    with store.write() as transaction:
        before = exports.get(transaction, before.id)
        export_transports.fail(transaction, before.transports[0], line, 200)
        known = exports.get(transaction, before.id).transports[0]
        assert known.state is TransportState.FAILED
        exports.change(
            transaction,
            before,
            Definition(name="Other"),
            (),
            (new, structs.replace(known, packer="zip")),
            next_run_at=None,
            drop_baseline=True,
            now=NOW + HOUR,
        )
        after = exports.get(transaction, before.id)

    assert after == structs.replace(
        before,
        version=2,
        state=State.NEW,
        definition=Definition(name="Other"),
        schedules=(),
        transports=(
            structs.replace(new, id=after.transports[0].id),
            structs.replace(kept, id=known.id, packer="zip", log=(line,)),
        ),
        updated_at=NOW + HOUR,
        next_run_at=None,
        expires_at=None,
        result=None,
        result_is_current=False,
    )


def test_a_state_moves_only_from_where_it_is(store: Store) -> None:
    told = add(store, add_person(store))

    with store.write() as transaction:
        assert exports.move(transaction, told.id, [State.NEW, State.DONE], State.PENDING)
        assert not exports.move(transaction, told.id, [State.NEW, State.DONE], State.PENDING)
        assert not exports.move(transaction, told.id, [], State.NEW)
        assert exports.get(transaction, told.id) == structs.replace(told, state=State.PENDING)


def test_a_secret_opens_exports_with_archives_only(store: Store) -> None:
    owner = add_person(store)
    told, without = add(store, owner, transports=(transport(),)), add(store, owner)

    with store.write() as transaction:
        exports.set_passkey(transaction, told.id, "other", NOW + HOUR)
        found = [exports.secret_of(transaction, number) for number in (told.id, without.id, 0, HUGE)]

    assert found == [exports.Secret(passkey="other", expires_at=NOW + HOUR), None, None, None]


def test_a_removed_export_leaves_nothing(store: Store) -> None:
    told = add(store, add_person(store), transports=(transport(),))
    publish(store, add_run(store, told), [file("slot.csv")], [archive()])
    with store.write() as transaction:
        exports.remove(transaction, told.id)

    names = "export export_run export_file export_archive export_transport export_event".split()
    tables = [tables_exports.metadata.tables[name] for name in names]
    with store.read() as transaction:
        left = [transaction.connection.scalar(select(func.count()).select_from(table)) for table in tables]
    assert left == [0] * len(tables)


# Runs


def test_a_run_reads_back_with_its_export(store: Store) -> None:
    told = add(store, add_person(store))
    run = add_run(store, told, is_full=True)

    with store.read() as transaction:
        assert runs.find(transaction, run.id) == run
        assert runs.newest(transaction, told.id) == run
        assert runs.under_way(transaction, told.owner_id) == 1
        assert exports.get(transaction, told.id) == structs.replace(told, state=State.PENDING, run=run)
        assert runs.find(transaction, "none") is None
        assert runs.newest(transaction, told.id + 1) is None


def test_a_run_ends_once(store: Store) -> None:
    run = add_run(store, add(store, add_person(store)))

    with store.write() as transaction:
        assert runs.finish(transaction, run.id, Outcome.STOPPED, NOW + HOUR)
        assert not runs.finish(transaction, run.id, Outcome.PURGED, NOW + DAY)
        runs.warn(transaction, run.id, 2)
        assert runs.find(transaction, run.id) == structs.replace(
            run, outcome=Outcome.STOPPED, finished_at=NOW + HOUR, warnings=2
        )


def test_the_newest_and_the_last_successful_run_are_told_apart(store: Store) -> None:
    told = add(store, add_person(store))
    good = add_run(store, told)
    publish(store, good, [file("slot.csv")], [])
    bad = add_run(store, told, 2)

    with store.read() as transaction:
        found = exports.get(transaction, told.id)
        needed = runs.needed(transaction, [good.id, bad.id, "none"])

    assert found.run == bad
    assert found.result == structs.replace(
        good,
        outcome=Outcome.DONE,
        started_at=NOW,
        finished_at=NOW + HOUR,
        objects=3,
        files=1,
        bytes=7,
        progress=Progress(phase="transport", percent=100),
    )
    assert needed == {good.id, bad.id}


def test_old_runs_are_forgotten_but_the_result_and_the_last_good_one(store: Store) -> None:
    told = add(store, add_person(store))
    result = add_run(store, told)
    publish(store, result, [file("slot.csv")], [])
    for number in range(2, runs.KEPT_RUNS + 5):
        last = add_run(store, told, number)
        event(store, told, "EXPORT_START", run_id=last.id, logged=True)
        with store.write() as transaction:
            runs.finish(transaction, last.id, Outcome.FAILED, NOW)

    with store.write() as transaction:
        runs.prune(transaction, told.id)
        table = tables_exports.export_run.c
        numbers = list(transaction.connection.scalars(select(table.number).order_by(table.number)))
        events = tables_exports.export_event.c
        starts = transaction.connection.scalar(select(func.count()).where(events.type == "EXPORT_START"))

    assert numbers == [1, *range(5, runs.KEPT_RUNS + 5)]
    assert starts == runs.KEPT_RUNS + 1


# Files


def test_files_and_archives_are_found_by_what_they_are_called(store: Store) -> None:
    told = add(store, add_person(store))
    media = {"eas_id": 7, "eas_version": "original", "eas_fileclass": AssetClass.IMAGE}
    files = [
        file("slot.csv"),
        file("media/slot-4/ü.jpg", **media),
        file("media/slot-4.txt"),
        file("media0.txt"),
        file("media-1.txt"),
        file("media/slot-5/b%_.jpg", **media),
    ]
    packed = [archive(), archive("zip_2gb", 1), archive("zip_2gb", 2)]
    run = add_run(store, told)

    publish(store, run, files, packed)

    with store.read() as transaction:
        assert runs.files(transaction, run.id) == files
        assert runs.file_at(transaction, run.id, "media/slot-4/ü.jpg") == files[1]
        for path in ("", "media", "Slot.csv", "../slot.csv", "a\0b", "\ud800"):
            assert runs.file_at(transaction, run.id, path) is None
        folders = {path: runs.is_folder(transaction, run.id, path) for path in ("media", "media/slot-5/", "med", "\0")}
        assert folders == {"media": True, "media/slot-5/": True, "med": False, "\0": False}
        assert runs.archives(transaction, run.id) == packed

    with store.write() as transaction:
        runs.forget_files(transaction, run.id)
        assert (runs.files(transaction, run.id), runs.archives(transaction, run.id)) == ([], [])


# Events


def test_an_event_reads_back_for_the_owner_only(store: Store) -> None:
    told = add(store, add_person(store))
    other = add_person(store)

    number = event(
        store, told, "EXPORT_START", info={"run": "r", "n": [1, None]}, session_hash=b"h" * 32, now=NOW + HOUR
    )

    said = LoggedEvent(
        id=number,
        type="EXPORT_START",
        export_id=told.id,
        export_version=1,
        timestamp=NOW + HOUR,
        info={"run": "r", "n": [1, None]},
        session_hash=b"h" * 32,
    )
    with store.read() as transaction:
        assert export_events.find(transaction, told.owner_id, number) == said
        assert export_events.poll(transaction, told.owner_id, number - 1, 25) == [said]
        assert export_events.newest_id(transaction) == number
        assert export_events.find(transaction, other.id, number) is None
        assert export_events.find(transaction, told.owner_id, HUGE) is None
        assert export_events.poll(transaction, other.id, 0, 25) == []
        assert export_events.poll(transaction, told.owner_id, HUGE, 25) == []


def test_polling_gives_what_can_be_polled_in_order(store: Store) -> None:
    told = add(store, add_person(store))
    numbers = [event(store, told, f"E{number}", pollable=number != 2) for number in range(5)]

    with store.read() as transaction:
        found = export_events.poll(transaction, told.owner_id, numbers[0], 2)

    assert [one.id for one in found] == [numbers[1], numbers[3]]


def test_a_log_has_the_insert_and_the_newest_runs(store: Store) -> None:
    told = add(store, add_person(store))
    first = event(store, told, "EXPORT_INSERT", logged=True)
    event(store, told, "EXPORT_UPDATE")
    numbers: list[int] = []
    for number in range(1, export_events.LOGGED_RUNS + 3):
        run = add_run(store, told, number)
        numbers.append(event(store, told, "EXPORT_START", run_id=run.id, logged=True))
        event(store, told, "EXPORT_PROGRESS", run_id=run.id)

    with store.read() as transaction:
        log = export_events.log_of(transaction, told.id)

    assert [one.id for one in log] == [first, *numbers[2:]]


def test_events_of_progress_do_not_pile_up(store: Store) -> None:
    told, other = add(store, add_person(store)), add(store, add_person(store))
    kept = event(store, told, "EXPORT_START")
    foreign = event(store, other, "EXPORT_PROGRESS")
    numbers = [event(store, told, "EXPORT_PROGRESS") for _ in range(export_events.PROGRESS_KEPT + 10)]

    with store.read() as transaction:
        found = [one.id for one in export_events.poll(transaction, told.owner_id, 0, 1000)]
        assert [one.id for one in export_events.poll(transaction, other.owner_id, 0, 1000)] == [foreign]

    assert found == [kept, *numbers[10:]]


def test_an_event_that_is_given_up_takes_no_number(store: Store) -> None:
    told = add(store, add_person(store))
    number = event(store, told, "EXPORT_START")
    with store.write() as transaction:
        export_events.add(transaction, export_id=told.id, owner_id=told.owner_id, version=1, type="E", info={}, now=NOW)
        transaction.roll_back()

    assert event(store, told, "EXPORT_FINISH") == number + 1
