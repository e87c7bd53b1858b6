"""What a person can ask of exports, on both databases."""

from datetime import datetime
from typing import Any

import pytest
from msgspec import structs

from slotport.actions import export_passkeys, exports
from slotport.core.account import Account
from slotport.core.export import (
    Definition,
    Export,
    LogLine,
    Outcome,
    Run,
    State,
    Transport,
    TransportState,
    Trigger,
)
from slotport.storage import deliveries, export_events, run_work
from slotport.storage import exports as stored
from slotport.storage.store import Store
from tests.calendars import DAY, HOUR, NOW, add_person
from tests.exports import DOWNLOAD, HASH, SETTINGS, begin, create, refusal


def change(store: Store, owner: Account, export: Export, body: Any, now: datetime = NOW + HOUR) -> exports.Changed:
    return exports.change(store, owner, export.id, body, settings=SETTINGS, now=now, session_hash=HASH)


def publish(store: Store, run: Run, *, deliver: bool = False) -> None:
    """Let the run end well, its transports about to begin if they are to."""

    def queue(transaction: Any, export_id: int) -> None:
        ids = stored.transport_ids(transaction, export_id)
        deliveries.queue(transaction, export_id, [(number, f"job-{number}") for number in ids])

    run_work.begin(store, run.id, now=NOW)
    run_work.publish(
        store,
        run.id,
        totals=run_work.Totals(),
        protocol="",
        retention_days=7,
        deliver=queue if deliver else None,
        now=NOW + HOUR,
    )


def log(store: Store, export: Export) -> list[tuple[str, dict[str, Any]]]:
    with store.read() as transaction:
        return [(one.type, dict(one.info)) for one in export_events.log_of(transaction, export.id)]


def polled(store: Store, owner: Account) -> list[tuple[str, int, bytes | None]]:
    with store.read() as transaction:
        events = export_events.poll(transaction, owner.id, 0, 100)
    return [(one.type, one.export_version, one.session_hash) for one in events]


# Defining


def test_a_new_export_is_new_and_nothing_runs(store: Store) -> None:
    owner = add_person(store)

    told = create(store, owner, {"export": {}, "_transports": DOWNLOAD})

    transport = told.transports[0]
    assert told == Export(
        id=told.id,
        owner_id=owner.id,
        version=1,
        state=State.NEW,
        definition=Definition(),
        transports=(Transport(id=transport.id, uuid=transport.uuid, type="download"),),
        passkey=told.passkey,
        created_at=NOW,
        updated_at=NOW,
    )
    assert len(told.passkey) == 43
    assert told.passkey != create(store, owner).passkey
    assert exports.get(store, owner, told.id) == told
    assert log(store, told) == [("EXPORT_INSERT", {})]
    assert polled(store, owner)[0] == ("EXPORT_INSERT", 1, HASH)


def test_a_schedule_says_when_an_export_runs_next(store: Store) -> None:
    owner = add_person(store)
    body = {"export": {"name": "Weekly"}, "_schedules": [{"hours": [18], "timezone": "UTC"}]}

    told = create(store, owner, body)
    moved = change(store, owner, told, {"_schedules": [{"hours": [19], "timezone": "UTC"}]}).export
    kept = change(store, owner, told, {"export": {"flat": True}}, NOW + DAY + DAY).export
    gone = change(store, owner, told, {"_schedules": []}).export

    evening = NOW.replace(hour=18, minute=0, second=0, microsecond=0)
    assert [one.next_run_at for one in (told, moved, kept, gone)] == [evening, evening + HOUR, evening + HOUR, None]


def test_a_refused_export_leaves_no_trace(store: Store) -> None:
    owner = add_person(store)

    assert refusal(lambda: create(store, owner, csw=True))[0] == "api.attribute_not_accepted"

    assert exports.listed(store, owner) == (0, [])
    assert polled(store, owner) == []


def test_exports_of_one_person_are_limited(store: Store) -> None:
    owner, other = add_person(store), add_person(store)
    told = [create(store, owner) for _ in range(SETTINGS.max_exports)]

    assert refusal(lambda: create(store, owner)) == ("user.export_limit_exceeded", {"limit": "3"})
    create(store, other)
    exports.remove(store, owner, told[0].id)
    create(store, owner)


def test_an_own_default_name_given_at_first_is_no_name(store: Store) -> None:
    owner = add_person(store)
    number = create(store, owner).id + 1
    body = {"export": {"name": f"slotport-export-{number}"}}

    code = refusal(lambda: create(store, owner, {**body, "_schedules": [{}]}))
    told = create(store, owner, body)

    # who gets no export gives its number back on SQLite only
    assert code == ("user.export_name_required", {"id": "<new>"})
    assert told.name == f"slotport-export-{number}"
    assert told.definition.name == (None if told.id == number else told.name)


def test_a_change_is_the_next_version_and_drops_the_result(store: Store) -> None:
    owner = add_person(store)
    told = create(store, owner, {"export": {"name": "A"}, "_transports": DOWNLOAD})
    run, _ = begin(store, told)
    publish(store, run)

    after = change(store, owner, told, {"export": {"flat": True}})

    assert after == exports.Changed(
        export=structs.replace(
            told,
            version=2,
            definition=Definition(name="A", flat=True),
            updated_at=NOW + HOUR,
            run=after.export.run,
        ),
        discarded=(run.id,),
    )
    assert after.export.run is not None
    assert after.export.run.outcome is Outcome.DONE
    assert [one for one, _ in log(store, told)] == ["EXPORT_INSERT", "EXPORT_START", "EXPORT_FINISH"]
    assert polled(store, owner)[-1] == ("EXPORT_UPDATE", 2, HASH)


@pytest.mark.parametrize("is_begun", [False, True])
def test_a_change_purges_a_run(store: Store, is_begun: bool) -> None:
    owner = add_person(store)
    told = create(store, owner)
    run, _ = begin(store, told)
    if is_begun:
        run_work.begin(store, run.id, now=NOW)

    assert refusal(lambda: change(store, owner, told, {"export": {"csw": 1}}))[0] == "api.attribute_not_accepted"
    assert run_work.is_active(store, run.id)
    after = change(store, owner, told, {"export": {"flat": True}})

    assert after.discarded == (run.id,)
    assert after.export.state is State.NEW
    assert after.export.run is not None
    assert (after.export.run.outcome, after.export.run.finished_at) == (Outcome.PURGED, NOW + HOUR)
    assert not run_work.is_active(store, run.id)
    stopped = {"run": run.id, "state": "new", "protocol": "", "reason": "update"}
    assert log(store, told)[-1] == ("EXPORT_STOPPED", stopped)
    assert exports.get(store, owner, told.id).passkey == told.passkey


@pytest.mark.parametrize(
    ("body", "drops"),
    [
        ({"export": {"name": "B"}}, False),
        ({"export": {"xml": False}}, False),
        ({"_schedules": []}, False),
        ({"export": {"xml": True}}, True),
        ({"export": {"search": {"objecttypes": ["slot"]}}}, True),
        ({"_transports": []}, True),
        ({"_transports": DOWNLOAD}, True),
    ],
)
def test_a_baseline_is_dropped_by_what_changes_the_files(store: Store, body: Any, drops: bool) -> None:
    owner = add_person(store)
    told = create(store, owner, {"export": {"type": "export_incremental", "name": "A"}, "_transports": DOWNLOAD})
    run, _ = begin(store, told)
    run_work.note_snapshot(store, run.id, 7, now=NOW)
    publish(store, run)
    run_work.replace_known(store, told.id, run.id, [[(1, "slot", "u", 1)]])

    change(store, owner, told, body)
    again, _ = begin(store, told)

    task = run_work.begin(store, again.id, now=NOW)
    assert task is not None
    assert task.baseline_change == (None if drops else 7)


def test_a_transport_sent_back_as_it_was_drops_nothing(store: Store) -> None:
    owner = add_person(store)
    told = create(store, owner, {"export": {"type": "export_incremental"}, "_transports": DOWNLOAD})
    run, _ = begin(store, told)
    run_work.note_snapshot(store, run.id, 7, now=NOW)
    publish(store, run)
    run_work.replace_known(store, told.id, run.id, [])

    change(store, owner, told, {"_transports": [{"type": "download", "uuid": told.transports[0].uuid}]})

    again, _ = begin(store, told)
    task = run_work.begin(store, again.id, now=NOW)
    assert task is not None
    assert task.baseline_change == 7


def test_an_export_is_removed_in_any_state(store: Store) -> None:
    owner = add_person(store)
    for state in State:
        told = create(store, owner)
        run, _ = begin(store, told)
        with store.write() as transaction:
            stored.move(transaction, told.id, State, state)

        gone = exports.remove(store, owner, told.id)

        assert gone == ((run.id,) if state in {State.PENDING, State.PROCESSING} else ())
        assert not run_work.is_active(store, run.id)
        assert refusal(lambda: exports.get(store, owner, told.id))[0] == "user.export_not_found"  # noqa: B023


def test_another_persons_export_is_unknown_to_every_verb(store: Store) -> None:
    owner, other = add_person(store), add_person(store)
    told = create(store, owner)
    for asked in (told, structs.replace(told, id=told.id + 1000), structs.replace(told, id=0)):
        unknown = ("user.export_not_found", {"id": str(asked.id)})
        verbs: list[Any] = [
            lambda asked=asked: exports.get(store, other, asked.id),
            lambda asked=asked: change(store, other, asked, {"export": {"flat": True}}),
            lambda asked=asked: exports.remove(store, other, asked.id),
            lambda asked=asked: begin(store, asked, other.id),
            lambda asked=asked: exports.stop(store, other, asked.id, now=NOW),
            lambda asked=asked: exports.laid_over(store, other, asked.id, {}, settings=SETTINGS),
            lambda asked=asked: export_passkeys.rotate_passkey(store, other, asked.id, {}, now=NOW),
        ]
        assert [refusal(verb) for verb in verbs] == [unknown] * len(verbs)
    assert refusal(lambda: exports.get(store, owner, 10**5000)) == ("user.export_not_found", {"id": "?"})
    assert exports.get(store, owner, told.id) == told
    assert exports.listed(store, other) == (0, [])


def test_a_list_counts_all_and_shows_a_page(store: Store) -> None:
    owner = add_person(store)
    told = [create(store, owner, {"export": {}, "_transports": DOWNLOAD}) for _ in range(3)]

    assert exports.listed(store, owner) == (3, told)
    assert exports.listed(store, owner, (), 1, 1) == (3, [told[1]])
    assert exports.listed(store, owner, (), 0) == (3, [])
    assert exports.listed(store, owner, (), 5000, 10**30) == (3, [])


def test_a_preview_stores_nothing(store: Store) -> None:
    owner = add_person(store)
    told = create(store, owner, name="A")

    laid = exports.laid_over(store, owner, told.id, {"export": {"flat": True}}, settings=SETTINGS)

    assert laid == Definition(name="A", flat=True)
    assert exports.get(store, owner, told.id) == told


# Running


@pytest.mark.parametrize("state", [State.NEW, State.DONE, State.FAILED, State.EXPIRED])
def test_a_start_makes_pending_from_any_state_of_rest(store: Store, state: State) -> None:
    owner = add_person(store)
    told = create(store, owner)
    with store.write() as transaction:
        stored.move(transaction, told.id, State, state)

    run, waiting = begin(store, told, full=True)

    assert waiting == 1
    assert run == Run(id=run.id, export_id=told.id, number=1, trigger=Trigger.MANUAL, queued_at=NOW, is_full=True)
    assert exports.get(store, owner, told.id) == structs.replace(told, state=State.PENDING, run=run)


@pytest.mark.parametrize("state", [State.PENDING, State.PROCESSING])
def test_a_running_export_is_not_started_again(store: Store, state: State) -> None:
    told = create(store, add_person(store))
    run, _ = begin(store, told)
    if state is State.PROCESSING:
        run_work.begin(store, run.id, now=NOW)

    expected = ("user.export_already_running", {"id": str(told.id), "state": state.value})
    assert refusal(lambda: begin(store, told)) == expected


def test_a_result_stays_while_the_next_run_goes_on(store: Store) -> None:
    owner = add_person(store)
    told = create(store, owner)
    first, _ = begin(store, told)
    publish(store, first)

    second, _ = begin(store, told)

    found = exports.get(store, owner, told.id)
    assert (second.number, found.run, found.result_is_current) == (2, second, False)
    assert found.result is not None
    assert found.result.id == first.id


def test_runs_that_people_start_are_limited_not_those_of_schedules(store: Store) -> None:
    owner = add_person(store)
    told = [create(store, owner) for _ in range(3)]

    assert [begin(store, one)[1] for one in told[:2]] == [1, 2]
    assert refusal(lambda: begin(store, told[2])) == ("user.export_limit_exceeded", {"limit": "2"})
    assert begin(store, told[2], trigger=Trigger.SCHEDULE, due_at=NOW)[1] == 3


@pytest.mark.parametrize("is_begun", [False, True])
def test_a_stopped_run_leaves_a_new_export(store: Store, is_begun: bool) -> None:
    owner = add_person(store)
    told = create(store, owner)
    run, _ = begin(store, told)
    if is_begun:
        run_work.begin(store, run.id, now=NOW)

    after = exports.stop(store, owner, told.id, now=NOW + HOUR, session_hash=HASH)

    assert after.state is State.NEW
    assert after.run is not None
    assert (after.run.outcome, after.run.finished_at) == (Outcome.STOPPED, NOW + HOUR)
    assert not run_work.is_active(store, run.id)
    stopped = {"run": run.id, "state": "new", "protocol": "", "reason": "user"}
    assert log(store, told)[-1] == ("EXPORT_STOPPED", stopped)
    again = ("user.export_not_running", {"id": str(told.id), "state": "new"})
    assert refusal(lambda: exports.stop(store, owner, told.id, now=NOW)) == again


def delivering(store: Store, owner: Account) -> tuple[Export, list[str]]:
    """A done export, of whose two transports one is at work and one waits; their jobs."""
    told = create(store, owner, {"export": {}, "_transports": DOWNLOAD * 2})
    run, _ = begin(store, told)
    publish(store, run, deliver=True)
    jobs = [f"job-{one.id}" for one in told.transports]
    assert deliveries.begin(store, jobs[0]) is not None
    return exports.get(store, owner, told.id), jobs


def test_a_stop_while_a_result_is_delivered_fails_the_delivery(store: Store) -> None:
    owner = add_person(store)
    told, jobs = delivering(store, owner)
    assert refusal(lambda: begin(store, told)) == (
        "user.export_already_running",
        {"id": str(told.id), "state": "done"},
    )

    after = exports.stop(store, owner, told.id, now=NOW + DAY)

    line = LogLine(timestamp=NOW + DAY, level="error", message="stopped")
    assert after.state is State.DONE
    assert after.result is not None
    assert (after.result.outcome, after.result.warnings) == (Outcome.DONE, 2)
    assert [(one.state, one.log, one.attempts) for one in after.transports] == [
        (TransportState.FAILED, (line,), 1),
        (TransportState.FAILED, (line,), 0),
    ]
    assert [deliveries.is_active(store, job) for job in jobs] == [False, False]
    stopped = {"run": after.result.id, "state": "done", "protocol": "", "reason": "user"}
    assert log(store, told)[-1] == ("EXPORT_STOPPED", stopped)


def test_a_start_drops_deliveries_that_only_wait(store: Store) -> None:
    owner = add_person(store)
    told = create(store, owner, {"export": {}, "_transports": DOWNLOAD})
    run, _ = begin(store, told)
    publish(store, run, deliver=True)
    job = f"job-{told.transports[0].id}"
    delivery = deliveries.begin(store, job)
    assert delivery is not None
    deliveries.fail(store, delivery, error="away", lines=[], again_at=NOW + DAY, now=NOW)
    assert refusal(lambda: exports.stop(store, owner, told.id, now=NOW))[0] == "user.export_not_running"

    begin(store, told)

    after = exports.get(store, owner, told.id)
    assert after.transports == told.transports
    with store.read() as transaction:
        assert deliveries.due(transaction, NOW + DAY) == []


def test_a_change_ends_deliveries(store: Store) -> None:
    owner = add_person(store)
    told, jobs = delivering(store, owner)

    after = change(store, owner, told, {"export": {"flat": True}}).export

    assert after.state is State.NEW
    assert [one.state for one in after.transports] == [TransportState.NEW] * 2
    assert [deliveries.is_active(store, job) for job in jobs] == [False, False]
    assert log(store, told)[-1][0] == "EXPORT_STOPPED"


# Passkeys


def test_another_passkey_closes_the_door_to_the_old_one(store: Store) -> None:
    owner = add_person(store)
    told = create(store, owner, {"export": {}, "_transports": DOWNLOAD})

    after = export_passkeys.rotate_passkey(store, owner, told.id, {"expires": "2031-05-07T00:00:00Z"}, now=NOW)

    opened = export_passkeys.find_by_passkey
    assert after == structs.replace(told, passkey=after.passkey)
    assert opened(store, told.id, after.passkey, NOW) == after
    assert opened(store, told.id, after.passkey, NOW + DAY) is None
    assert opened(store, told.id, told.passkey, NOW) is None
    forever = export_passkeys.rotate_passkey(store, owner, told.id, {}, now=NOW)
    assert opened(store, told.id, forever.passkey, NOW + 1000 * DAY) == forever


def test_a_passkey_opens_its_own_export_only(store: Store) -> None:
    owner = add_person(store)
    told = create(store, owner, {"export": {}, "_transports": DOWNLOAD})
    other = create(store, owner, {"export": {}, "_transports": DOWNLOAD})
    closed = create(store, owner)

    tries = [(told.id, other.passkey), (closed.id, closed.passkey), (told.id + 1000, told.passkey), (10**30, "x")]
    tries += [(told.id, text) for text in ("", told.passkey[:-1], told.passkey + "=", "ü", "\ud800", "\0")]

    assert [export_passkeys.find_by_passkey(store, *one, NOW) for one in tries] == [None] * len(tries)
    assert export_passkeys.find_by_passkey(store, told.id, told.passkey, NOW) == told


@pytest.mark.parametrize(
    ("body", "code", "parameters"),
    [
        ([], "api.type_mismatch", {}),
        ({"expires": 1}, "api.type_mismatch", {"attribute": "expires"}),
        ({"expires": "soon"}, "api.invalid_value", {"attribute": "expires"}),
        ({"expires": "2031-05-06T13:44:02Z"}, "api.invalid_value", {"attribute": "expires"}),
        ({"passkey": "x"}, "api.attribute_not_accepted", {"attribute": "passkey"}),
    ],
)
def test_a_bad_rotation_is_refused(sqlite_url: str, body: Any, code: str, parameters: dict[str, str]) -> None:
    store = Store.open(sqlite_url)
    owner = add_person(store)
    told = create(store, owner)

    assert refusal(lambda: export_passkeys.rotate_passkey(store, owner, told.id, body, now=NOW)) == (code, parameters)

    assert exports.get(store, owner, told.id) == told
    store.close()
