"""Exports are defined, listed, started and stopped over HTTP (docs/api/export.md)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from slotport.settings import Settings
from tests.api.export.serving import Caller, caller_of, export_server, publish, refusal
from tests.calendars import counted_statements
from tests.servers import HttpServer, http_server

LIST = "/api/v1/export"


def ids(answer: httpx.Response) -> list[int]:
    return [one["export"]["_id"] for one in answer.json()["objects"]]


# Definition


def test_an_empty_definition_is_one(caller: Caller) -> None:
    answer = caller.client.put(LIST, json={"export": {}})

    body = answer.json()
    number = body["export"]["_id"]
    assert (answer.status_code, body["_state"], body["export"]["_version"]) == (200, "new", 1)
    assert (body["export"]["name"], body["export"]["type"]) == (f"slotport-export-{number}", "export")
    assert [one["event"]["type"] for one in body["_log"]] == ["EXPORT_INSERT"]
    assert body["_log"][0]["event"]["session_self"] is True
    assert body["_log"][0]["_user"]["_id"] == caller.account.id
    assert (body["_files"], body["_downloads"], body["_schedules"], body["_transports"]) == ([], [], None, [])
    assert caller.shown(number) == body


def test_start_at_once(caller: Caller) -> None:
    body = caller.client.put(f"{LIST}?start=1", json={"export": {}}).json()

    assert body["_state"] == "pending"


@pytest.mark.parametrize("start", ["2", "yes", ""])
def test_start_is_true_or_false(caller: Caller, start: str) -> None:
    answer = caller.client.put(f"{LIST}?start={start}", json={"export": {}})

    assert refusal(answer) == (400, "api.invalid_value", {"attribute": "start"})
    assert caller.client.get(LIST).json()["count"] == 0


def test_input_is_refused_with_its_place(caller: Caller) -> None:
    wrong: list[Any] = [
        {"export": {"csv": {"quote": "ab"}}},
        {"export": {"csv": {"x": 1}}},
        {"export": {"flat": "1"}},
        {},
    ]

    assert [refusal(caller.client.put(LIST, json=body))[1:] for body in wrong] == [
        ("api.invalid_value", {"attribute": "export.csv.quote"}),
        ("api.attribute_not_accepted", {"attribute": "export.csv.x"}),
        ("api.type_mismatch", {"attribute": "export.flat"}),
        ("api.attribute_expected", {"attribute": "export"}),
    ]


def test_a_whole_export_may_be_sent_back(caller: Caller) -> None:
    body = caller.shown(caller.create(transports=[{"type": "download"}]))
    number = body["export"]["_id"]
    body["export"] |= {"name": "Winter slots", "_version": 2}

    answer = caller.client.post(f"{LIST}/{number}", json=body)
    again = caller.client.post(f"{LIST}/{number}", json=body)

    assert (answer.status_code, answer.json()["export"]["name"]) == (200, "Winter slots")
    assert answer.json()["export"]["_version"] == 2
    assert refusal(again) == (400, "user.version_mismatch", {"provided": "2", "expected": "3"})


def test_a_change_removes_the_result(exporting: HttpServer, caller: Caller) -> None:
    number = caller.create()
    run = publish(exporting, number, {"a.csv": b"a"})
    folder = exporting.settings.files_folder / "exports" / str(number)
    assert (folder / run / "files" / "a.csv").exists()

    body = caller.client.post(f"{LIST}/{number}", json={"export": {"flat": True}}).json()

    assert (body["_state"], body["_files"], folder.exists()) == ("new", [], False)


def test_a_change_during_a_run_ends_it(caller: Caller) -> None:
    number = caller.create()
    caller.client.post(f"{LIST}/{number}/start")

    wrong = caller.client.post(f"{LIST}/{number}", json={"export": {"flat": 1}})
    during = caller.shown(number)["_state"]
    body = caller.client.post(f"{LIST}/{number}", json={"export": {"flat": True}}).json()

    assert (wrong.status_code, during, body["_state"]) == (400, "pending", "new")
    assert body["_log"][-1]["event"]["info"]["reason"] == "update"


def test_a_removed_export_is_gone(exporting: HttpServer, caller: Caller) -> None:
    number = caller.create()
    publish(exporting, number, {"a.csv": b"a"})

    answer = caller.client.delete(f"{LIST}/{number}")
    again = caller.client.delete(f"{LIST}/{number}")

    assert (answer.status_code, answer.json()) == (200, {})
    assert refusal(again) == (404, "user.export_not_found", {"id": str(number)})
    assert not (exporting.settings.files_folder / "exports" / str(number)).exists()


# Runs


@pytest.mark.parametrize("prefix", ["/api/v1", "/api/v1/v1"])
def test_start_and_stop(caller: Caller, prefix: str) -> None:
    number = caller.create()
    path = f"{prefix}/export/{number}"

    started, again = caller.client.post(f"{path}/start?full=1"), caller.client.post(f"{path}/start")
    stopped, twice = caller.client.post(f"{path}/stop"), caller.client.post(f"{path}/stop")

    about = {"id": str(number), "state": "pending"}
    assert (started.status_code, started.json()["_state"]) == (200, "pending")
    assert refusal(again) == (400, "user.export_already_running", about)
    assert (stopped.status_code, stopped.json()["_state"]) == (200, "new")
    assert refusal(twice) == (404, "user.export_not_running", {"id": str(number), "state": "new"})


def test_a_result_is_shown(exporting: HttpServer, caller: Caller) -> None:
    number = caller.create(transports=[{"type": "download"}])
    publish(exporting, number, {"slot.csv": b"a", "media/slot-1/a.png": b"b"}, packers=["zip"])

    body = caller.shown(number)

    link = body["_transports"][0]["_download"]["_files"][0]
    assert body["_state"] == "done"
    assert [(one["path"], one["size"], one.get("eas_id")) for one in body["_files"]] == [
        ("slot.csv", 1, None),
        ("media/slot-1/a.png", 1, 9),
    ]
    assert body["_downloads"] == [{"transport": body["_transports"][0]["uuid"], **link}]
    assert link["href"] == f"/api/v1/export/{number}/download/{link['url']}"
    assert link["url"].endswith("/Summer_slots.zip")


def test_a_server_without_an_engine_says_so(tmp_path: Path) -> None:
    with http_server(Settings(data=tmp_path, port=0)) as running, caller_of(running) as caller:
        number = caller.create()
        answer = caller.client.post(f"{LIST}/{number}/start")

    assert refusal(answer)[:2] == (503, "server.unavailable")
    assert answer.headers["retry-after"] == "5"


# Beyond


def test_a_transport_is_tried_and_tried_again(caller: Caller) -> None:
    number, uuid = caller.create(), str(uuid4())

    tried = caller.client.post(f"{LIST}/{number}/transport/{uuid}/test")
    again = caller.client.post(f"{LIST}/{number}/transport/{uuid}/retry")

    assert tried.json() == {
        "ok": True,
        "log": [{"timestamp": "2031-04-09T05:15:00Z", "level": "info", "message": uuid}],
    }
    assert again.json()["export"]["_id"] == number


def test_a_passkey_is_changed(exporting: HttpServer, caller: Caller) -> None:
    number = caller.create(transports=[{"type": "download"}])
    publish(exporting, number, {"a.csv": b"a"}, packers=["zip"])
    before = caller.shown(number)["_downloads"][0]["href"]

    body = caller.client.post(f"{LIST}/{number}/passkey").json()
    after = body["_downloads"][0]["href"]

    assert before != after
    assert caller.client.get(before).headers["location"] == "/#server_error:export.invalid.passkey"
    assert caller.client.get(after).status_code == 200


@pytest.mark.parametrize(
    ("body", "code", "attribute"),
    [
        ({"expires": 1}, "api.type_mismatch", "expires"),
        ({"expires": "soon"}, "api.invalid_value", "expires"),
        ({"expires": "2001-01-01T00:00:00Z"}, "api.invalid_value", "expires"),
        ({"ends": 1}, "api.attribute_not_accepted", "ends"),
    ],
)
def test_a_passkey_expires_at_an_instant(caller: Caller, body: Any, code: str, attribute: str) -> None:
    answer = caller.client.post(f"{LIST}/{caller.create()}/passkey", json=body)

    assert refusal(answer) == (400, code, {"attribute": attribute})


@pytest.mark.parametrize("sent", [{}, {"json": {}}, {"json": {"export": {"flat": True}}}])
def test_a_preview_stores_nothing(caller: Caller, sent: dict[str, Any]) -> None:
    number = caller.create()
    before = caller.shown(number)

    answer = caller.client.post(f"{LIST}/{number}/preview", **sent)

    assert (answer.status_code, answer.json()) == (200, {"count": 0, "counts": {}, "files": 0, "bytes": 0})
    assert caller.shown(number) == before


# Lists


@pytest.fixture(scope="module")
def many(exporting: HttpServer) -> Any:
    """Somebody with an export of every type and state that a filter asks for: (caller, names by id)."""
    with caller_of(exporting) as caller:
        found = {}
        for name, kind, state in (
            ("new", "export", "new"),
            ("pending", "export", "pending"),
            ("done", "download", "done"),
            ("expired", "export_incremental", "expired"),
            ("failed", "export_incremental", "failed"),
        ):
            number = caller.create(name, type=kind)
            found[number] = name
            with exporting.store.write() as transaction:
                transaction.connection.exec_driver_sql(f"UPDATE export SET state = '{state}' WHERE id = {number}")
        yield caller, found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("type:export|download+status:done|expired,status:failed", "done failed"),
        ("status:pending|processing", "pending"),
        ("status:new,status:failed", "new failed"),
        ("status:new|failed", "new failed"),
        ("type:export+type:download", ""),
        ("type:export_incremental", "expired failed"),
        ("status:new+status:new", "new"),
        ("", "new pending done expired failed"),
    ],
)
def test_a_filter_chooses(many: Any, text: str, names: str) -> None:
    caller, names_by_id = many

    answer = caller.client.get(LIST, params={"filter": text})

    assert [names_by_id[one] for one in ids(answer)] == names.split()
    assert answer.json()["count"] == len(names.split())


@pytest.mark.parametrize(
    "text",
    [
        "type:export status:done",
        "type:",
        "type:export,",
        ",type:export",
        "status:finished",
        "state:done",
        "Type:export",
        "type=export",
        "type:export|",
        "a" * 3000,
        "\0",
    ],
)
def test_any_other_filter_is_refused(many: Any, text: str) -> None:
    assert refusal(many[0].client.get(LIST, params={"filter": text})) == (
        400,
        "api.invalid_value",
        {"attribute": "filter"},
    )


def test_a_plain_plus_is_explained(many: Any) -> None:
    answer = many[0].client.get(f"{LIST}?filter=type:export+status:new")

    assert "%2B" in answer.json()["description"]


@pytest.mark.parametrize("second", ["status:new", ""])
def test_a_filter_is_given_once(many: Any, second: str) -> None:
    answer = many[0].client.get(f"{LIST}?filter=status:new&filter={second}")

    assert refusal(answer) == (400, "api.invalid_value", {"attribute": "filter"})


@pytest.mark.parametrize(
    ("query", "limit", "offset", "length"),
    [
        ("", None, 0, 5),
        ("limit=2", 2, 0, 2),
        ("limit=2&offset=4", 2, 4, 1),
        ("limit=0", 0, 0, 0),
        ("offset=5", None, 5, 0),
        ("offset=9223372036854775807", None, 9223372036854775807, 0),
        ("limit=5000", 1000, 0, 5),
        ("limit=1000&unknown=1", 1000, 0, 5),
        ("limit=" + "9" * 29, 1000, 0, 5),
    ],
)
def test_a_page_of_a_list(many: Any, query: str, limit: int | None, offset: int, length: int) -> None:
    answer = many[0].client.get(f"{LIST}?{query}")

    body = answer.json()
    assert (body["limit"], body["offset"], body["count"]) == (limit, offset, 5)
    assert ids(answer) == sorted(many[1])[offset : offset + length]


@pytest.mark.parametrize("name", ["limit", "offset"])
@pytest.mark.parametrize("value", ["-1", "a", "", "1.5", "1e3", "٣", "9" * 40])
def test_limit_and_offset_are_whole_numbers(many: Any, name: str, value: str) -> None:
    answer = many[0].client.get(LIST, params={name: value})

    assert refusal(answer) == (400, "api.invalid_value", {"attribute": name})


def test_a_list_leaves_out_what_is_long(many: Any) -> None:
    whole = many[0].shown(min(many[1]))

    listed = many[0].client.get(LIST).json()["objects"][0]

    left_out = {"_files", "_downloads", "_schedules", "_transports", "_log"}
    assert listed == {name: value for name, value in whole.items() if name not in left_out}
    assert left_out <= set(whole)


def test_only_own_exports_are_listed(signed_in: Callable[..., Caller]) -> None:
    one, other = signed_in(), signed_in()
    number = one.create()

    assert (ids(one.client.get(LIST)), ids(other.client.get(LIST))) == ([number], [])


def test_a_list_takes_the_same_statements_however_long_it_is(
    exporting: HttpServer, signed_in: Callable[..., Caller]
) -> None:
    counts = []
    for length in (1, 4):
        caller = signed_in()
        for _ in range(length):
            caller.create()
        with counted_statements(exporting.store) as statements:
            caller.client.get(LIST)
        counts.append(len([one for one in statements if one.startswith("SELECT")]))

    assert counts[0] == counts[1]


def test_addresses_begin_with_the_sub_path(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, port=0, base_url="https://example.org/slots")
    with export_server(settings) as running, caller_of(running) as caller:
        number = caller.create(transports=[{"type": "download"}])
        publish(running, number, {"a.csv": b"a"}, packers=["zip"])
        link = caller.shown(number)["_downloads"][0]
        led = caller.client.get(f"/api/v1/export/{number}/file/b?disposition=inline")

    assert link["href"] == f"/slots/api/v1/export/{number}/download/{link['url']}"
    assert led.headers["location"] == "/slots/#server_error:error.user.export_file_not_found"
