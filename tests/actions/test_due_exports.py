"""What happens to exports by itself: starts, those that were missed, alerts, expiry."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from slotport.actions import exports, files
from slotport.actions.due_exports import Chores
from slotport.core.account import Account
from slotport.core.export import Export, Run, State, Trigger
from slotport.settings import Settings
from slotport.storage import export_events, monitoring, run_work, tables_exports
from slotport.storage.store import Store, Transaction
from slotport.storage.tables_imports import import_log
from tests.calendars import add_person
from tests.mail_servers import Mailbox, mail_server

MADE = datetime(2031, 6, 2, 12, 0, tzinfo=UTC)  # a Monday
DAILY = {"hours": [18], "minutes": [0]}


class World:
    """A store with somebody's scheduled export, and the chores of its server."""

    def __init__(self, store: Store, files: Path, **schedule: Any) -> None:
        self.store = store
        self.settings = Settings(files=str(files), export_retention_days=1)
        self.owner: Account = add_person(store)
        body = {"export": {"name": "nightly", "json": True}, "_schedules": [{**DAILY, **schedule}]}
        self.export: Export = exports.create(store, self.owner, body, settings=self.settings, now=MADE)
        self.started: list[Run] = []
        self.now = MADE
        self.chores = Chores(store, self.settings, self.start, lambda *_: None, lambda _: [], lambda _: None)

    def start(self, transaction: Transaction, export_id: int, **how: Any) -> Run:
        """Start a run that nobody works on."""
        run, _ = exports.begin_run(transaction, export_id, full=False, now=self.now, settings=self.settings, **how)
        self.started.append(run)
        return run

    def at(self, moment: datetime) -> int:
        """Do what is due then; how many runs were started so far."""
        self.now = moment
        self.chores.do(moment)
        return len(self.started)

    def end(self) -> None:
        """Let the newest run end well."""
        run = self.started[-1]
        run_work.begin(self.store, run.id, now=self.now)
        run_work.publish(
            self.store,
            run.id,
            totals=run_work.Totals(),
            protocol="",
            retention_days=1,
            deliver=lambda *_: None,
            now=self.now,
        )

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """What was told that is of interest here."""
        kinds = {"EXPORT_SKIPPED", "EXPORT_SCHEDULE_LATE", "EXPORT_EXPIRED"}
        with self.store.read() as transaction:
            found = export_events.poll(transaction, self.owner.id, 0, 1000)
        return [(one.type, dict(one.info)) for one in found if one.type in kinds]


@pytest.fixture
def world(store: Store, tmp_path: Path) -> Callable[..., World]:
    return lambda **schedule: World(store, tmp_path / "files", **schedule)


def figures(transaction: Transaction, now: datetime) -> monitoring.Figures:
    return monitoring.figures(transaction, now, hour=4, minute=0)


def evening(day: int) -> datetime:
    return datetime(2031, 6, day, 18, 0, 0, tzinfo=UTC)


def test_a_schedule_starts_once_when_it_is_due(world: Callable[..., World]) -> None:
    here = world()

    counts = [here.at(evening(2) - timedelta(seconds=1)), here.at(evening(2)), here.at(evening(2))]
    here.end()
    counts += [here.at(evening(2) + timedelta(hours=1)), here.at(evening(3))]

    assert counts == [0, 1, 1, 1, 2]
    assert {run.trigger for run in here.started} == {Trigger.SCHEDULE}


def test_what_is_due_while_the_export_runs_is_skipped(world: Callable[..., World]) -> None:
    here = world()

    here.at(evening(2))
    count = here.at(evening(3))

    assert count == 1
    assert here.events() == [("EXPORT_SKIPPED", {"reason": "running", "due": "2031-06-03T18:00:00Z"})]


@pytest.mark.parametrize(("missed", "runs", "skipped"), [("once", 1, 0), ("skip", 0, 3), ("all", 3, 0)])
def test_three_days_off_are_made_up_for_as_the_schedule_says(
    world: Callable[..., World], missed: str, runs: int, skipped: int
) -> None:
    here = world(missed=missed)
    back = evening(4) + timedelta(hours=3)

    count = 0
    for second in range(10):
        before, count = count, here.at(back + timedelta(seconds=second))
        if count > before:
            here.end()

    assert count == runs
    assert [info["reason"] for kind, info in here.events() if kind == "EXPORT_SKIPPED"] == ["missed"] * skipped


def test_a_clock_that_is_set_back_starts_nothing_twice(world: Callable[..., World]) -> None:
    here = world()

    here.at(evening(2))
    here.end()
    counts = [here.at(evening(2) - timedelta(hours=5)), here.at(evening(2)), here.at(evening(3))]

    assert counts == [1, 1, 2]


def test_a_disabled_owner_starts_nothing(world: Callable[..., World]) -> None:
    here = world()
    with here.store.write() as transaction:
        transaction.connection.exec_driver_sql(f"UPDATE account SET disabled_at = 1 WHERE id = {here.owner.id}")

    assert here.at(evening(2)) == 0


def test_an_export_without_success_for_two_periods_is_late_until_it_succeeds(world: Callable[..., World]) -> None:
    here = world(missed="skip")

    here.at(MADE + timedelta(days=2, hours=1))
    with here.store.read() as transaction:
        late = figures(transaction, here.now)
    here.chores = Chores(here.store, here.settings, here.start, lambda *_: None, lambda _: [], lambda _: None)
    here.at(evening(5))
    here.end()
    here.chores = Chores(here.store, here.settings, here.start, lambda *_: None, lambda _: [], lambda _: None)
    here.at(evening(5) + timedelta(minutes=1))
    with here.store.read() as transaction:
        late_after = figures(transaction, here.now)

    assert (late.late, late_after.late) == ((here.export.id,), ())
    told = [info for kind, info in here.events() if kind == "EXPORT_SCHEDULE_LATE"]
    assert told == [{"schedule": 0, "last_success": None}]


def test_the_owner_of_a_late_export_gets_a_mail(store: Store, tmp_path: Path) -> None:
    box = Mailbox()
    with mail_server(box) as port:
        here = World(store, tmp_path / "files", missed="skip")
        smtp = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
        settings = Settings(files=str(tmp_path / "files"), **smtp)  # type: ignore[arg-type]
        here.chores = Chores(store, settings, here.start, lambda *_: None, lambda _: [], lambda _: None)
        here.at(MADE + timedelta(days=3))
        recipients, mail = box.wait()[0]

    assert recipients == [here.owner.email]
    assert f'"nightly" (number {here.export.id})' in mail.get_content()


def test_a_result_expires_and_a_start_revives_it(world: Callable[..., World]) -> None:
    here = world()
    here.at(evening(2))
    here.end()

    here.at(evening(3) + timedelta(seconds=1))
    here.end()
    here.at(evening(4) - timedelta(hours=1))
    fresh = exports.get(here.store, here.owner, here.export.id)
    with here.store.write() as transaction:
        transaction.connection.execute(tables_exports.export.update().values(next_run_at=None))
    here.at(evening(4) + timedelta(seconds=2))
    expired = exports.get(here.store, here.owner, here.export.id)

    assert (fresh.state, fresh.result is not None) == (State.DONE, True)
    assert (expired.state, expired.result) == (State.EXPIRED, None)
    assert ("EXPORT_EXPIRED", {}) in here.events()


def test_a_scheduler_that_is_down_can_be_seen_from_outside(world: Callable[..., World]) -> None:
    here = world()
    with here.store.read() as transaction:
        before = figures(transaction, MADE)
        after = figures(transaction, evening(2) + timedelta(hours=3))

        much_later = figures(transaction, evening(4))

    assert (before.overdue_seconds, after.overdue_seconds) == (0, 3 * 3600)
    assert (before.late, after.late, much_later.late) == ((), (), (here.export.id,))


def test_what_a_disabled_account_left_is_not_late(world: Callable[..., World]) -> None:
    here = world()
    here.at(MADE + timedelta(days=2, hours=1))
    with here.store.write() as transaction:
        transaction.connection.exec_driver_sql(f"UPDATE account SET disabled_at = 1 WHERE id = {here.owner.id}")
    with here.store.read() as transaction:
        found = figures(transaction, evening(20))

    assert (found.late, found.overdue_seconds) == ((), 0)


def test_runs_that_wait_and_runs_that_work_are_counted(world: Callable[..., World]) -> None:
    here = world()
    with here.store.write() as transaction:
        run = here.start(transaction, here.export.id, owner_id=here.owner.id, trigger=Trigger.MANUAL, due_at=None)
    with here.store.read() as transaction:
        waiting = figures(transaction, here.now + timedelta(seconds=40))
    run_work.begin(here.store, run.id, now=here.now)
    with here.store.read() as transaction:
        working = figures(transaction, here.now + timedelta(seconds=40))

    assert (waiting.runs_waiting, waiting.runs_working, waiting.longest_wait_seconds) == (1, 0, 40)
    assert (working.runs_waiting, working.runs_working, working.longest_wait_seconds) == (0, 1, 0)
    assert waiting.workers in (None, 0)


def test_old_imports_are_forgotten(world: Callable[..., World]) -> None:
    here = world()
    options = files.ImportOptions()
    file = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20310601\nSUMMARY:Fair\nEND:VEVENT\nEND:VCALENDAR\n"
    files.import_file(here.store, here.owner, [file], options, now=MADE - timedelta(days=30))

    here.at(MADE)

    with here.store.read() as transaction:
        assert transaction.connection.execute(import_log.select()).all() == []
