"""Verbs on one export at one moment, on both databases: one wins, others are refused, none waits for ever."""

from collections.abc import Callable
from threading import Barrier, Event, Thread
from typing import Any

from slotport.actions import exports
from slotport.core.export import Export, Progress, State
from slotport.errors import WireError
from slotport.storage import deliveries, run_work, runs
from slotport.storage import exports as stored
from slotport.storage.store import Store, Transaction
from tests.calendars import NOW, add_person
from tests.exports import DOWNLOAD, SETTINGS, begin, create


def change(store: Store, owner: Any, export: Export) -> None:
    exports.change(store, owner, export.id, {"export": {"flat": True}}, settings=SETTINGS, now=NOW)


def race(*calls: Callable[[], Any]) -> list[str]:
    """Make the calls at one moment; what each ended in: "done" or a code."""
    barrier, outcomes = Barrier(len(calls)), [""] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            call()
        except WireError as error:
            outcomes[index] = error.code.removeprefix("error.user.")
        else:
            outcomes[index] = "done"

    threads = [Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_many_starts_at_once_one_wins(store: Store) -> None:
    owner = add_person(store)
    told = create(store, owner)

    for _ in range(5):
        outcomes = race(*[lambda: begin(store, told)] * 6)
        assert sorted(outcomes) == ["done", *["export_already_running"] * 5]
        exports.stop(store, owner, told.id, now=NOW)

    with store.read() as transaction:
        assert runs.under_way(transaction, owner.id) == 0


def test_start_change_and_stop_at_once_leave_one_of_their_orders(store: Store) -> None:
    owner = add_person(store)
    told = create(store, owner)
    version = 1
    for _ in range(8):
        outcomes = race(
            lambda: begin(store, told),
            lambda: change(store, owner, told),
            lambda: exports.stop(store, owner, told.id, now=NOW),
            lambda: begin(store, told),
        )
        version += 1
        after = exports.get(store, owner, told.id)
        with store.read() as transaction:
            active = runs.under_way(transaction, owner.id)

        assert outcomes[1] == "done"
        assert after.version == version
        assert after.state in {State.NEW, State.PENDING}
        assert active == (after.state is State.PENDING)
        if after.state is State.PENDING:
            exports.stop(store, owner, told.id, now=NOW)


def test_exports_made_at_once_stay_within_the_limit(store: Store) -> None:
    owner = add_person(store)

    outcomes = race(*[lambda: create(store, owner)] * 6)

    assert sorted(outcomes) == [*["done"] * 3, *["export_limit_exceeded"] * 3]


def work(store: Store, export: Export, run_id: str) -> None:
    """Do what a run and its deliveries do to the database, as far as they are let."""

    def queue(transaction: Transaction, export_id: int) -> None:
        ids = stored.transport_ids(transaction, export_id)
        deliveries.queue(transaction, export_id, [(number, f"job-{number}") for number in ids])

    run_work.begin(store, run_id, now=NOW)
    run_work.tell_progress(store, run_id, Progress(percent=3), now=NOW)
    if run_work.is_active(store, run_id):
        ending = {"protocol": "", "retention_days": 1, "deliver": queue, "now": NOW}
        try:
            run_work.publish(store, run_id, totals=run_work.Totals(), **ending)
        except LookupError:
            return
    for one in export.transports:
        if (delivery := deliveries.begin(store, f"job-{one.id}")) is not None:
            deliveries.fail(store, delivery, error="away", lines=[], again_at=None, now=NOW)


def test_runs_and_deliveries_stand_in_nobodys_way(store: Store) -> None:
    owner = add_person(store)
    told = create(store, owner, {"export": {}, "_transports": DOWNLOAD * 3})
    is_over, started, faults = Event(), [begin(store, told)[0].id], list[Exception]()

    def go_on() -> None:
        while not is_over.is_set():
            try:
                work(store, told, started[-1])
            except Exception as error:  # a thread's end would not be seen
                faults.append(error)

    workers = [Thread(target=go_on) for _ in range(3)]
    for worker in workers:
        worker.start()
    for _ in range(15):
        race(
            lambda: started.append(begin(store, told)[0].id),
            lambda: exports.stop(store, owner, told.id, now=NOW),
            lambda: change(store, owner, told),
        )
    is_over.set()
    for worker in workers:
        worker.join()

    assert faults == []
    assert exports.get(store, owner, told.id).version == 16
