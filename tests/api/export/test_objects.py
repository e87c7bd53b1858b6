"""What exports look like in answers."""

from typing import Any

import msgspec
import pytest
from msgspec import structs

from slotport.api.export import objects
from slotport.core.export import (
    Archive,
    AssetClass,
    Definition,
    Export,
    File,
    LoggedEvent,
    LogLine,
    Mail,
    Outcome,
    Progress,
    Receipt,
    Recipient,
    Run,
    Schedule,
    State,
    Transport,
    TransportState,
    Trigger,
)
from tests.calendars import DAY, HOUR, NOW
from tests.exports import MADE, an_export, changed, created, defined

FIVE_KEYS = ("_schedules", "_transports", "_log", "_files", "_downloads")
RUN = Run(
    id="run-1",
    export_id=31,
    number=1,
    trigger=Trigger.SCHEDULE,
    outcome=Outcome.DONE,
    queued_at=NOW,
    started_at=NOW,
    finished_at=NOW + HOUR,
    objects=5,
    deletions=1,
    skipped=2,
    warnings=3,
    files=4,
    bytes=99,
    progress=Progress(phase="transport", percent=100),
)
LAST_RUN = {
    "run": "run-1",
    "trigger": "schedule",
    "started": "2031-05-06T13:44:02Z",
    "finished": "2031-05-06T14:44:02Z",
    "outcome": "done",
    "objects": 5,
    "deletions": 1,
    "skipped": 2,
    "warnings": 3,
}
DEFAULTS: dict[str, Any] = {
    "type": "export",
    "search": {"type": "object", "objecttypes": None, "search": [], "sort": [], "limit": None, "offset": None},
    "fields": None,
    "eas_fields": None,
    "classes": None,
    "assets": None,
    "csv": False,
    "xml": False,
    "json": False,
    "xml_one_file_per_object": False,
    "json_one_file_per_object": False,
    "merge_linked_objects": "none",
    "merge_max_depth": 1,
    "batch_size": None,
    "filename_original": False,
    "filename_template": None,
    "flat": False,
    "mapping": "slotport",
    "ical": False,
    "outlook": False,
    "timeslot": False,
    "schedule_xml": False,
    "schedule_json": False,
    "manifest": False,
}


def shown(export: Export, **fields: Any) -> dict[str, Any]:
    """The object as a client reads it."""
    values: dict[str, Any] = {"files": (), "archives": (), "log": (), **fields}
    answer: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(objects.rendered(export, **values)))
    return answer


def archive(packer: str, name: str, part: int | None = None) -> Archive:
    return Archive(packer=packer, part=part, file_name=name, size=7, sha256="c" * 64, media_type="application/zip")


def test_a_new_export_shows_every_attribute_with_its_default() -> None:
    assert shown(an_export()) == {
        "_basetype": "export",
        "_date_created": "2031-04-09T05:15:00Z",
        "_date_updated": "2031-04-09T05:15:00Z",
        "_state": "new",
        "_next_run": None,
        "_expires": None,
        "_progress": None,
        "_last_run": None,
        "_last_success": None,
        "_schedules": None,
        "_transports": [],
        "_log": [],
        "_files": [],
        "_downloads": [],
        "export": {"_id": 31, "_version": 4, "name": "slotport-export-31", **DEFAULTS},
    }


def test_a_list_leaves_five_keys_out() -> None:
    export = an_export(run=RUN, result=RUN, state=State.DONE, next_run_at=NOW, expires_at=NOW + DAY)
    whole = shown(export)

    assert objects.listed(export) == {name: value for name, value in whole.items() if name not in FIVE_KEYS}
    assert (whole["_last_run"], whole["_next_run"], whole["_expires"]) == (
        LAST_RUN,
        "2031-05-06T13:44:02Z",
        "2031-05-07T13:44:02Z",
    )
    assert whole["_last_success"] == {"run": "run-1", "finished": "2031-05-06T14:44:02Z", "files": 4, "bytes": 99}


@pytest.mark.parametrize(
    ("state", "transport", "is_shown"),
    [
        (State.NEW, TransportState.NEW, False),
        (State.PENDING, TransportState.NEW, True),
        (State.PROCESSING, TransportState.NEW, True),
        (State.DONE, TransportState.PROCESSING, True),
        (State.DONE, TransportState.PENDING, False),
        (State.FAILED, TransportState.FAILED, False),
        (State.EXPIRED, TransportState.DONE, False),
    ],
)
def test_progress_is_shown_while_it_runs(state: State, transport: TransportState, *, is_shown: bool) -> None:
    export = an_export(state=state, run=RUN, transports=(Transport(id=1, uuid="u", type="download", state=transport),))
    progress = {
        "phase": "transport",
        "percent": 100,
        "objects_done": 0,
        "objects_total": 0,
        "bytes_done": 0,
        "bytes_total": 0,
    }

    assert shown(export)["_progress"] == (progress if is_shown else None)


def test_archives_are_linked_with_the_passkey_while_the_export_is_done() -> None:
    export = an_export(
        state=State.DONE,
        passkey="k-_3",
        transports=(
            Transport(id=1, uuid="one", type="download"),
            Transport(id=2, uuid="two", type="email", packer="zip_2gb", email=Mail(recipients=())),
            Transport(id=3, uuid="three", type="ftp"),
        ),
    )
    packed = [archive("zip", "ü b.zip"), archive("zip_2gb", "b.1.zip", 1), archive("zip_2gb", "b.2.zip", 2)]
    base = "/sub/api/v1/export/31/download/"

    def link(name: str) -> dict[str, Any]:
        return {"url": f"k-_3/{name}", "href": f"{base}k-_3/{name}", "size": 7}

    whole = shown(export, archives=packed, base_path="/sub")
    waiting = shown(structs.replace(export, state=State.PENDING), archives=packed)

    assert [one["_download"] for one in whole["_transports"]] == [
        {"_files": [link("%C3%BC%20b.zip")]},
        {"_files": [link("b.1.zip"), link("b.2.zip")]},
        None,
    ]
    assert whole["_downloads"] == [
        {"transport": "one", **link("%C3%BC%20b.zip")},
        {"transport": "two", **link("b.1.zip")},
        {"transport": "two", **link("b.2.zip")},
    ]
    assert [one["_download"] for one in waiting["_transports"]] == [{"_files": []}, {"_files": []}, None]
    assert waiting["_downloads"] == []


def test_files_are_shown_while_the_export_is_done() -> None:
    plain = File(path="slot.csv", size=3, sha256="a" * 64, media_type="text/csv", modified=NOW)
    media = structs.replace(
        plain, path="media/slot-4/ü.jpg", eas_id=7, eas_version="original", eas_fileclass=AssetClass.IMAGE
    )
    common = {"size": 3, "sha256": "a" * 64, "media_type": "text/csv", "modified": "2031-05-06T13:44:02Z"}

    assert shown(an_export(state=State.DONE), files=[plain, media])["_files"] == [
        {"path": "slot.csv", **common},
        {
            "path": "media/slot-4/ü.jpg",
            **common,
            "eas_id": 7,
            "eas_version": "original",
            "eas_fileclass": "image",
        },
    ]
    assert shown(an_export(state=State.FAILED), files=[plain])["_files"] == []


def test_a_transport_shows_how_it_went() -> None:
    transport = Transport(
        id=5,
        uuid="u",
        type="email",
        packer="tar.gz",
        email=Mail(
            recipients=(Recipient(user_id=6), Recipient(group_id=3), Recipient(email="crew@example.net")),
            message="Hi",
        ),
        state=TransportState.DONE,
        log=(LogLine(timestamp=NOW, level="warning", message="slow"),),
        attempts=2,
        next_attempt=NOW,
        receipt=Receipt(files=1, bytes=2, finished=NOW, verified="hash"),
    )

    assert shown(an_export(transports=(transport,)))["_transports"] == [
        {
            "_id": 5,
            "uuid": "u",
            "type": "email",
            "packer": "tar.gz",
            "email": {
                "recipients": [
                    {"_basetype": "user", "user": {"_id": 6}},
                    {"_basetype": "group", "group": {"_id": 3}},
                    {"_basetype": "user", "user": {"type": "email", "login": "crew@example.net"}},
                ],
                "message": "Hi",
            },
            "options": {},
            "_state": "done",
            "_download": {"_files": []},
            "_log": [{"timestamp": "2031-05-06T13:44:02Z", "level": "warning", "message": "slow"}],
            "_attempts": 2,
            "_next_attempt": "2031-05-06T13:44:02Z",
            "_receipt": {"files": 1, "bytes": 2, "finished": "2031-05-06T13:44:02Z", "verified": "hash"},
        }
    ]


def test_a_schedule_shows_every_part() -> None:
    assert shown(an_export(schedules=(Schedule(weekdays=("friday",), hours=(18,)),)))["_schedules"] == [
        {
            "weekdays": ["friday"],
            "days_of_month": None,
            "hours": [18],
            "minutes": None,
            "timezone": None,
            "missed": "once",
        }
    ]


def test_the_log_holds_events() -> None:
    event = LoggedEvent(
        id=9, type="EXPORT_START", export_id=31, export_version=4, timestamp=NOW, info={"run": "r"}, session_hash=b"h"
    )

    def inner(*, is_own: bool) -> dict[str, Any]:
        return {
            "_id": 9,
            "type": "EXPORT_START",
            "schema": "BASE",
            "basetype": "export",
            "object_id": 31,
            "object_version": 4,
            "session_self": is_own,
            "timestamp": "2031-05-06T13:44:02Z",
            "info": {"run": "r"},
        }

    assert shown(an_export(), log=[event])["_log"] == [{"event": inner(is_own=False)}]
    assert shown(an_export(), log=[event], session_hash=b"h")["_log"] == [{"event": inner(is_own=True)}]


FULL: dict[str, Any] = {
    "type": "export_incremental",
    "name": "Everything",
    "search": {
        "objecttypes": ["slot"],
        "search": [
            {"type": "match", "string": "walk"},
            {"type": "in", "objecttype": "group", "in": [12, 15]},
            {"type": "range", "field": "slot.start", "from": "2031-06", "to": "2031-08"},
            {"type": "complex", "search": [{"type": "changelog_range", "from": "2031-06", "operation": "insert"}]},
        ],
        "sort": [{"field": "slot.start"}],
    },
    "fields": {"slot.title": {"display_name": "Title"}, "slot.uid": {}},
    "eas_fields": {"slot.media": {"files": True, "data": [{"type": "original"}]}},
    "classes": {"image": [{"type": "custom", "custom": {"format": "jpeg"}}], "audio": []},
    "assets": {
        "4": True,
        "5": {
            "versions": [
                {
                    "type": "custom",
                    "custom": {
                        "transform": [{"rotate-z": 90}, {"crop": {"top": 0, "left": 0, "width": 1, "height": 1}}]
                    },
                }
            ]
        },
    },
    "csv": {"delimiter": ";"},
    "ical": True,
    "outlook": {"timezone": "Europe/Berlin"},
    "timeslot": {"extended": True},
    "schedule_xml": True,
    "schedule_json": {"day_start": "05:00"},
    "batch_size": 10,
}


def test_what_is_shown_can_be_sent_back() -> None:
    transport = Transport(id=5, uuid="5f0c2f0e-0f5b-4a52-9a35-2d8d8a5f7a10", type="download", packer="zip")
    stored = an_export(definition=defined(**FULL), schedules=(Schedule(hours=(18,)),), transports=(transport,), run=RUN)
    body = shown(stored)
    del body["export"]["_version"]

    after = changed(body, stored)

    assert (after.definition, after.schedules, after.transports) == (
        stored.definition,
        stored.schedules,
        stored.transports,
    )
    body["export"]["_id"] = None
    assert created(body).definition == stored.definition


def test_a_default_export_can_be_sent_back() -> None:
    body = shown(an_export())
    body["export"]["_version"] = 5

    assert changed(body).definition == Definition()
    assert MADE.isoformat(timespec="seconds").startswith(body["_date_created"][:-1])
