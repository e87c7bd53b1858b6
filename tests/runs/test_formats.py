"""What runs write of few objects, of none, and of kinds that a format does not take (docs/formats/objects.md)."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from slotport.actions import passwords
from slotport.core.account import Account
from slotport.core.convention import EventStatus
from slotport.core.export_fields import ObjectType
from slotport.storage import accounts, schema
from slotport.storage.store import Store
from tests.calendars import add_person
from tests.conventions import add_convention
from tests.export_client import EVERYTHING, Exporter, exporter
from tests.homes import url_of
from tests.processes import Client, Served, served
from tests.schedules import NINE, add_event, add_fair, add_time_slot

OF_SCHEDULES = ["timeslot", "event", "location", "convention"]
CONVENTIONS = ["convention", "event", "location", "timeslot"]
STAFF = {
    "event.notes_to_staff": "needs a secret crane",
    "event.logistical_requirements": "two secret lorries",
    "event.scheduling_constraints": "never on secret sundays",
}
DRAFT = "Secret of the harbour"
KINDS = [str(kind) for kind in ObjectType]
_numbers = count(1)


@pytest.fixture(scope="module")
def fair(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Account]]:
    """A server with a fair, and a manager of that."""
    data = tmp_path_factory.mktemp("formats") / "data"
    manager = fair_of(data)
    with served(data) as server:
        yield server, manager


@pytest.fixture
def client(fair: tuple[Served, Account]) -> Exporter:
    """Somebody with an empty calendar."""
    return exporter(fair[0], f"ada{next(_numbers)}")


@pytest.fixture
def manager(fair: tuple[Served, Account]) -> Exporter:
    """The manager of the fair."""
    return signed_in(*fair)


def protocol(export: dict[str, Any]) -> list[str]:
    """The lines that the newest run left."""
    text: str = export["_log"][-1]["event"]["info"]["protocol"]
    return text.splitlines()


def paths(export: dict[str, Any]) -> list[str]:
    return [file["path"] for file in export["_files"]]


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def fair_of(data: Path) -> Account:
    """A fair with two time slots, one of which is longer than a schedule can say, and a manager of it."""
    data.mkdir()
    store = Store.open(url_of(data), connections=2)
    try:
        schema.migrate(store.engine)
        manager = add_person(store, username="Mira")
        with store.write() as transaction:
            accounts.set_password(transaction, manager.id, passwords.hashed("correct horse"))
        fair = add_fair(
            store,
            add_convention(store, manager),
            **{name.removeprefix("event."): text for name, text in STAFF.items()},
            status=EventStatus.APPROVED,
        )
        add_time_slot(store, fair.convention, fair.event, fair.pier)
        add_time_slot(store, fair.convention, fair.event, fair.deck, minutes=100 * 60)
        draft = add_event(store, fair.convention, fair.owner, title=DRAFT, status=EventStatus.SUBMITTED)
        add_time_slot(store, fair.convention, draft, fair.pier, start=NINE + timedelta(days=1))
    finally:
        store.close()
    return manager


def signed_in(server: Served, account: Account) -> Exporter:
    """A session of the account, whose password is always the same."""
    token = httpx.get(f"{server.url}/api/v1/session", trust_env=False).json()["token"]
    form = {"token": token, "login": account.email or "", "password": "correct horse"}
    answer = httpx.post(f"{server.url}/api/v1/session/authenticate", data=form, trust_env=False)
    assert answer.status_code == 200, answer.text
    return Exporter(server.url, token, Client(server.url, ""))


# csv


@pytest.mark.parametrize("objecttypes", [["slot"], ["event", "slot"], None])
def test_csv_of_nothing_is_a_header_of_each_kind(client: Exporter, objecttypes: list[str] | None) -> None:
    search = {"limit": 0, "objecttypes": objecttypes}

    export = client.run(client.define({"csv": True, "search": search}))
    contents = client.contents(export["export"]["_id"])

    kinds = sorted(objecttypes or KINDS, key=KINDS.index)
    assert (export["_state"], export["_last_run"]["objects"], list(contents)) == (
        "done",
        0,
        [f"{kind}.csv" for kind in kinds],
    )
    for kind in kinds:
        (header,) = rows(contents[f"{kind}.csv"])
        assert {"_objecttype", "_system_object_id", f"{kind}._id"} <= set(header)


def test_csv_of_nothing_has_the_columns_that_are_chosen(client: Exporter) -> None:
    fields = {"slot.title": {"display_name": "What"}, "slot.start": {}}
    search = {"limit": 0}
    number = client.define({"csv": {"use_bom": True, "delimiter": ";"}, "fields": fields, "search": search})
    client.run(number)

    # of the other kinds no column is left
    assert client.contents(number) == {"slot.csv": '\ufeff"What";"slot.start"\r\n'.encode()}


def test_csv_has_a_file_of_each_kind_that_was_searched(client: Exporter) -> None:
    client.import_slots(3)
    slots = [{"type": "range", "field": "slot.start", "from": "2000"}]
    search = {"objecttypes": ["slot", "group"], "search": slots}
    number = client.define({"csv": True, "batch_size": 2, "search": search})
    client.run(number)
    contents = client.contents(number)

    assert list(contents) == ["batch-0001/slot.csv", "batch-0001/group.csv", "batch-0002/slot.csv"]
    assert [len(rows(content)) for content in contents.values()] == [3, 1, 2]


# One file for each object


@pytest.mark.parametrize("word", ["xml", "json"])
def test_a_file_for_each_of_no_objects_is_none_and_told(client: Exporter, word: str) -> None:
    nothing = {"search": {"limit": 0}}

    alone = client.run(client.define({word: True, f"{word}_one_file_per_object": True, **nothing}))
    together = client.run(client.define({word: True, **nothing}))

    assert (alone["_state"], paths(alone), alone["_last_run"]["warnings"]) == ("done", [], 0)
    assert protocol(alone) == [f"{word}: there is no file, since nothing was found for it"]
    assert (paths(together), protocol(together)) == ([f"objects.{word}"], [])


def test_no_media_is_told_and_no_warning(client: Exporter) -> None:
    wanted = {"eas_fields": ["slot.media"], "search": {"objecttypes": ["slot"]}}

    export = client.run(client.define(wanted))

    assert (export["_state"], paths(export), export["_last_run"]["warnings"]) == ("done", [], 0)
    assert protocol(export) == ["media: there is no file, since none was found"]


# Kinds of objects


def test_only_what_a_format_takes_and_cannot_say_is_skipped(client: Exporter) -> None:
    search = {"objecttypes": CONVENTIONS}

    calendar = client.run(client.define({"ical": True, "timeslot": True, "search": search}))
    schedule = client.run(client.define({"schedule_xml": True, "schedule_json": True, "search": search}))

    assert (calendar["_last_run"]["objects"], calendar["_last_run"]["skipped"]) == (6, 0)
    assert protocol(calendar) == [
        *_not_taken("ical", "slot, timeslot", convention=1, event=1, location=2),
        *_not_taken("timeslot", "slot", convention=1, event=1, location=2, timeslot=2),
    ]
    assert (schedule["_last_run"]["objects"], schedule["_last_run"]["skipped"]) == (6, 2)
    assert protocol(schedule) == [
        f"{name}: 1 of timeslot skipped, since a schedule has no room for what is so long"
        for name in ("schedule_json", "schedule_xml")
    ]


def _not_taken(name: str, taken: str, **counts: int) -> list[str]:
    return [
        f"{name}: {kind} is not written ({counts[kind]} found), since the format takes only {taken}"
        for kind in KINDS
        if kind in counts
    ]


def test_a_schedule_of_no_convention_is_none_and_told(client: Exporter) -> None:
    client.import_slots(2)

    export = client.run(client.define({"schedule_xml": True, "search": {"objecttypes": ["slot"]}}))

    assert (export["_state"], paths(export), export["_last_run"]["skipped"]) == ("done", [], 0)
    assert protocol(export) == [
        f"schedule_xml: slot is not written (2 found), since the format takes only {', '.join(OF_SCHEDULES)}",
        "schedule_xml: there is no file, since nothing was found for it",
    ]


# Rights


def test_what_managers_alone_may_read_is_in_no_file_of_others(client: Exporter, manager: Exporter) -> None:
    search = {"objecttypes": CONVENTIONS}
    everything = {**EVERYTHING, "merge_linked_objects": "all", "merge_max_depth": 9, "search": search}

    texts = []
    for one in (client, manager):
        number = one.define(everything)
        assert one.run(number)["_state"] == "done"
        texts.append(b"".join(one.contents(number).values()).decode())

    hidden = [DRAFT, *STAFF.values()]
    assert "Lantern Making" in texts[0]
    assert [secret for secret in hidden if secret in texts[0]] == []
    assert [secret for secret in hidden if secret not in texts[1]] == []
    # keys of the convention, addresses of the hosts
    assert [re.findall(r"secret-\d+|\S+@example\.org", text) for text in texts] == [[], []]


def counted(client: Exporter, element: dict[str, Any]) -> int:
    """How many events a run of that search finds."""
    number = client.define({"json": True, "search": {"objecttypes": ["event"], "search": [element]}})
    found: int = client.run(number)["_last_run"]["objects"]
    return found


@pytest.mark.parametrize("field", STAFF)
def test_what_managers_alone_may_read_others_cannot_find(client: Exporter, manager: Exporter, field: str) -> None:
    elements: list[dict[str, Any]] = [
        {"type": "match", "string": "secret", "fields": [field]},
        {"type": "match", "string": STAFF[field].split()[0], "mode": "wildcard"},
        {"type": "in", "fields": [field], "in": [STAFF[field]]},
        {"type": "range", "field": field, "from": "a", "to": "z"},
    ]

    found = [[counted(one, element) for element in elements] for one in (client, manager)]

    assert found == [[0] * len(elements), [1] * len(elements)]
