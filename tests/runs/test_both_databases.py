"""Runs on SQLite and PostgreSQL: a crash, a second server, the last of five crashes, mails."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from slotport.actions import exports
from slotport.actions.run_handle import DEATHS, Died, RunHandle, Stopped
from slotport.core.export import Trigger
from slotport.settings import Settings
from slotport.storage import run_work
from slotport.storage.store import Store
from tests.calendars import NOW, add_person
from tests.export_client import EVERYTHING, exporter, timeless
from tests.mail_servers import Mailbox, mail_server
from tests.processes import served


@pytest.fixture
def on(database_url: str, tmp_path: Path) -> Callable[..., Any]:
    """Servers of one database and files folder."""

    def serve(**settings: str) -> Any:
        named = {"SLOTPORT_DATABASE": database_url, "SLOTPORT_FILES": str(tmp_path / "files"), **settings}
        return served(tmp_path / "data", settings=named)

    return serve


def test_a_run_that_was_killed_ends_on_the_next_server(on: Callable[..., Any], tmp_path: Path) -> None:
    with on() as server:
        client = exporter(server)
        client.import_slots(1500)
        number = client.define({**EVERYTHING, "manifest": False}, _transports=[{"type": "download"}])
        client.run(number)
        undisturbed = timeless(client.contents(number))
        client.start(number)
        time.sleep(0.4)
        server.kill()
    with on() as server:
        client = client.at(server)
        export = client.ended(number)

        assert export["_state"] == "done"
        assert timeless(client.contents(number)) == undisturbed


def a_run(store: Store) -> str:
    owner = add_person(store)
    settings = Settings()
    export = exports.create(store, owner, {"export": {"json": True}}, settings=settings, now=NOW)
    with store.write() as transaction:
        run, _ = exports.begin_run(
            transaction,
            export.id,
            owner.id,
            trigger=Trigger.MANUAL,
            full=False,
            due_at=None,
            now=NOW,
            settings=settings,
        )
    return run.id


def handle(store: Store, run_id: str) -> RunHandle:
    """A run without an engine: steps are done as they come."""
    return RunHandle(
        store,
        run_id,
        clock=lambda: datetime.now(UTC),
        do_once=lambda _, work: work(),
        closing=threading.Event(),
    )


def test_the_sixth_beginning_of_one_step_fails_the_run(store: Store) -> None:
    run_id = a_run(store)
    for _ in range(DEATHS):
        run_work.step_begun(store, run_id, "collect")

    with pytest.raises(Died, match="ended 5 times while it was at the step collect"):
        handle(store, run_id).step("collect", dict)

    assert handle(store, run_id).step("write", lambda: {"n": 1}) == {"n": 1}


def test_a_step_of_a_run_that_was_stopped_is_not_begun(store: Store) -> None:
    run_id = a_run(store)
    with store.write() as transaction:
        transaction.connection.exec_driver_sql("UPDATE export_run SET outcome = 'stopped'")

    with pytest.raises(Stopped):
        handle(store, run_id).step("collect", dict)


def test_a_run_that_is_over_publishes_nothing(store: Store) -> None:
    run_id = a_run(store)
    run_work.begin(store, run_id, now=NOW)
    with store.write() as transaction:
        transaction.connection.exec_driver_sql("UPDATE export_run SET outcome = 'purged'")

    with pytest.raises(LookupError):
        run_work.publish(
            store,
            run_id,
            totals=run_work.Totals(),
            protocol="",
            retention_days=1,
            deliver=None,
            now=NOW,
        )


def test_links_are_mailed_to_each_recipient_once(on: Callable[..., Any]) -> None:
    box = Mailbox()
    with mail_server(box) as port:
        mailed = {
            "SLOTPORT_SMTP_HOST": "127.0.0.1",
            "SLOTPORT_SMTP_PORT": str(port),
            "SLOTPORT_SMTP_SECURITY": "none",
        }
        with on(**mailed) as server:
            client = exporter(server)
            client.import_slots(3)
            crew = [{"_basetype": "user", "user": {"type": "email", "login": f"{name}@example.net"}} for name in "ab"]
            email = {"recipients": crew, "message": "Here it is."}
            number = client.define(
                {"name": "For\u00a0you", "json": True},
                _transports=[{"type": "email", "packer": "zip", "email": email}],
            )
            export = client.run(number)

    assert export["_transports"][0]["_state"] == "done"
    assert sorted(recipients for recipients, _ in box.taken) == [["a@example.net"], ["b@example.net"]]
    for _, mail in box.taken:
        assert "Here it is." in mail.get_content()
        assert f"/api/v1/export/{number}/download/" in mail.get_content()
    assert len({mail["Message-ID"] for _, mail in box.taken}) == 2
