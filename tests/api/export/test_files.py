"""A file of a result, as browsers and programs fetch it (docs/api/export-files.md)."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from slotport.api.export.ranges import Slice, Unsatisfiable, wanted
from tests.api.export.serving import MODIFIED, Caller, publish, refusal
from tests.servers import HttpServer, wait

TEXT = bytes(range(256)) * 4
FILES = {
    "slot.csv": TEXT,
    "empty.csv": b"",
    "sp ace/ü%2F.csv": b"odd",
    "media/slot-1/a.png": b"png",
    "media/slot-2/b.html": b"<script>alert(1)</script>",
}
DATE = "Wed, 09 Apr 2031 05:15:07 GMT"
SHA = sha256(TEXT).hexdigest()
Fetch = Callable[..., httpx.Response]
SANDBOX = "sandbox; default-src 'none'"


@pytest.fixture
def number(exporting: HttpServer, caller: Caller) -> int:
    """An export that is done."""
    made = caller.create("Summer slots")
    publish(exporting, made, FILES)
    return made


@pytest.fixture
def fetch(caller: Caller, number: int) -> Callable[..., httpx.Response]:
    """Ask for a file, by its path as it stands in the address."""
    return lambda path, prefix="/api/v1", **sent: caller.client.get(f"{prefix}/export/{number}/file/{path}", **sent)


@pytest.mark.parametrize("prefix", ["/api/v1", "/api/v1/v1"])
def test_a_file_has_its_bytes_and_says_what_they_are(fetch: Fetch, prefix: str) -> None:
    answer = fetch("slot.csv", prefix)

    wanted_headers = {
        "content-type": "text/csv",
        "content-length": "1024",
        "etag": f'"{SHA}"',
        "last-modified": DATE,
        "accept-ranges": "bytes",
        "content-security-policy": SANDBOX,
        "cache-control": "private, no-cache",
        "x-content-type-options": "nosniff",
    }
    assert (answer.status_code, answer.content) == (200, TEXT)
    assert {name: answer.headers.get(name) for name in wanted_headers} == wanted_headers
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize(
    "path", [quote("sp ace/ü%2F.csv"), quote("sp ace/ü%2F.csv", safe=""), "sp%20ace/u%CC%88%252F.csv"]
)
def test_a_path_is_decoded_once(fetch: Fetch, path: str) -> None:
    assert fetch(path).content == b"odd"


@pytest.mark.parametrize("path", ["empty.csv", "/empty.csv", "empty.csv/"])
def test_an_empty_file_is_one(fetch: Fetch, path: str) -> None:
    answer = fetch(path)

    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")


def test_html_cannot_run_in_our_name(fetch: Fetch) -> None:
    answer = fetch("media/slot-2/b.html?disposition=inline")

    assert answer.headers["content-type"] == "text/html"
    assert answer.headers["content-security-policy"] == SANDBOX


def test_head_has_no_body(caller: Caller, number: int) -> None:
    answer = caller.client.head(f"/api/v1/export/{number}/file/slot.csv", headers={"Range": "bytes=0-1"})

    assert (answer.status_code, answer.content) == (200, b"")
    assert (answer.headers["content-length"], answer.headers["etag"]) == ("1024", f'"{SHA}"')


# Errors


@pytest.mark.parametrize("path", ["", "/"])
def test_a_path_is_needed(fetch: Fetch, path: str) -> None:
    assert refusal(fetch(path)) == (400, "api.positional_parameter_expected", {})


@pytest.mark.parametrize(
    ("path", "code", "shown"),
    [
        ("nothing.csv", "user.export_file_not_found", "nothing.csv"),
        ("Slot.csv", "user.export_file_not_found", "Slot.csv"),
        ("media", "user.export_path_not_a_file", "media"),
        ("media/slot-1/", "user.export_path_not_a_file", "media/slot-1"),
        ("media/slot-", "user.export_file_not_found", "media/slot-"),
        ("slot.csv/more", "user.export_file_not_found", "slot.csv/more"),
        ("%2E%2E/slot.csv", "user.export_file_not_found", "../slot.csv"),
        ("media/%2E%2E/slot.csv", "user.export_file_not_found", "media/../slot.csv"),
        ("..%2F..%2F..%2Fslotport.db", "user.export_file_not_found", "../../../slotport.db"),
        ("%252E%252E%252Fslot.csv", "user.export_file_not_found", "%2E%2E%2Fslot.csv"),
        ("slot%252Ecsv", "user.export_file_not_found", "slot%2Ecsv"),
        ("%00", "user.export_file_not_found", "\0"),
        ("%ff", "user.export_file_not_found", "\ufffd"),
        ("a" * 3000, "user.export_file_not_found", "a" * 255),
    ],
)
def test_what_is_no_file_is_an_error(fetch: Fetch, number: int, path: str, code: str, shown: str) -> None:
    plain, led = fetch(path), fetch(f"{path}?disposition=attachment")

    assert refusal(plain) == (400, code, {"id": str(number), "path": shown})
    assert (led.status_code, led.headers["location"]) == (302, f"/#server_error:error.{code}")


@pytest.mark.parametrize("disposition", ["", "Inline", "inline,attachment", "x\r\ny"])
@pytest.mark.parametrize("path", ["slot.csv", "nothing"])
def test_a_disposition_is_one_of_two(fetch: Fetch, path: str, disposition: str) -> None:
    answer = fetch(path, params={"disposition": disposition})

    assert refusal(answer) == (400, "api.invalid_value", {"attribute": "disposition"})


def test_two_dispositions_are_none(fetch: Fetch) -> None:
    answer = fetch("slot.csv?disposition=inline&disposition=attachment")

    assert refusal(answer) == (400, "api.invalid_value", {"attribute": "disposition"})


def test_other_errors_are_redirects_too(caller: Caller, number: int) -> None:
    where = [
        caller.client.get(f"/api/v1/export/{wrong}?disposition=inline").headers["location"]
        for wrong in ("99999/file/a", "a/file/a", f"{number}/file/a", f"{number}/file/slot.csv/x")
    ]
    result = caller.client.get(f"/api/v1/export/{number}/file/slot.csv?disposition=inline&result=first")

    assert [one.removeprefix("/#server_error:error.") for one in (*where, result.headers["location"])] == [
        "user.export_not_found",
        "api.invalid_value",
        "user.export_file_not_found",
        "user.export_file_not_found",
        "api.invalid_value",
    ]


# Names


@pytest.mark.parametrize(
    ("query", "plain", "encoded"),
    [
        ("disposition=attachment", "slot.csv", "slot.csv"),
        ("disposition=attachment&filename=", "slot.csv", "slot.csv"),
        ("filename=Ann", "Ann.csv", "Ann.csv"),
        ("filename=Ann.csv", "Ann.csv", "Ann.csv"),
        ("filename=Ann.CSV", "Ann.CSV", "Ann.CSV"),
        ("filename=Ann.c%EF%BD%93v", "Ann.c_v.csv", "Ann.c%EF%BD%93v.csv"),
        ("filename=..", "slot.csv", "slot.csv"),
        ("filename=.CSV", "slot.csv", "slot.csv"),
        ("filename=+.+", "slot.csv", "slot.csv"),
        ("filename=Ann.txt", "Ann.txt.csv", "Ann.txt.csv"),
        ("filename=S%C3%A4ule", "S_ule.csv", "S%C3%A4ule.csv"),
        ("filename=a%22b%5Cc", "a_b_c.csv", "a_b_c.csv"),
        ("filename=a%0D%0AX-Own:+b", "a__X-Own_ b.csv", "a__X-Own_%20b.csv"),
        ("filename=%2E%2E%2F%2E%2E%2Fetc", None, None),
        ("filename=100%25", "100_.csv", "100%25.csv"),
    ],
)
def test_a_file_may_have_another_name(fetch: Fetch, query: str, plain: str | None, encoded: str | None) -> None:
    answer = fetch(f"slot.csv?{query}")

    header = answer.headers["content-disposition"]
    assert answer.status_code == 200
    assert "/" not in header
    if plain is not None:
        assert header == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def test_inline_is_kept_with_a_name(fetch: Fetch) -> None:
    header = fetch("slot.csv?disposition=inline&filename=Ann").headers["content-disposition"]

    assert header == "inline; filename=\"Ann.csv\"; filename*=UTF-8''Ann.csv"


# Conditions and ranges


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"If-None-Match": f'"{SHA}"'}, 304),
        ({"If-None-Match": f'"a", W/"{SHA}"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"a"'}, 200),
        ({"If-Modified-Since": DATE}, 304),
        ({"If-Modified-Since": "Tue, 08 Apr 2031 05:15:07 GMT"}, 200),
        ({"If-Match": f'"{SHA}"'}, 200),
        ({"If-Match": "*"}, 200),
        ({"If-Match": '"a"', "Range": "bytes=0-1"}, 412),
    ],
)
def test_conditions(fetch: Fetch, sent: dict[str, str], status: int) -> None:
    answer = fetch("slot.csv", headers=sent)

    assert (answer.status_code, answer.headers["etag"]) == (status, f'"{SHA}"')
    assert answer.content == (TEXT if status == 200 else b"")


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=1000-", 1000, 1023),
        ("bytes=1000-5000", 1000, 1023),
        ("bytes=-24", 1000, 1023),
        ("bytes=-5000", 0, 1023),
        ("Bytes = 0 - 1", 0, 1),
    ],
)
def test_a_range(fetch: Fetch, header: str, start: int, end: int) -> None:
    answer = fetch("slot.csv", headers={"Range": header})

    assert (answer.status_code, answer.content) == (206, TEXT[start : end + 1])
    assert answer.headers["content-range"] == f"bytes {start}-{end}/1024"
    assert answer.headers["content-length"] == str(end + 1 - start)


@pytest.mark.parametrize("header", ["bytes=1024-", "bytes=5000-6000", "bytes=-0", "bytes=" + "9" * 29 + "-"])
def test_a_range_beyond_the_end_is_416(fetch: Fetch, header: str) -> None:
    answer = fetch("slot.csv", headers={"Range": header})

    assert (answer.status_code, answer.headers["content-range"], answer.content) == (416, "bytes */1024", b"")


@pytest.mark.parametrize(
    "header",
    ["bytes=0-1,3-4", "bytes=5-1", "bytes=-", "bytes=a-b", "lines=1-2", "bytes", "", "bytes=" + "9" * 99 + "-"],
)
def test_what_is_no_range_asks_for_all(fetch: Fetch, header: str) -> None:
    assert fetch("slot.csv", headers={"Range": header}).content == TEXT


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        (f'"{SHA}"', 206),
        (DATE, 206),
        (f'W/"{SHA}"', 200),
        ('"a"', 200),
        ("Tue, 08 Apr 2031 05:15:07 GMT", 200),
        ("yesterday", 200),
    ],
)
def test_a_range_of_what_has_changed_is_all_of_it(fetch: Fetch, condition: str, status: int) -> None:
    assert fetch("slot.csv", headers={"Range": "bytes=0-1", "If-Range": condition}).status_code == status


def test_every_range_of_a_small_file() -> None:
    for size in range(4):
        for first in range(6):
            for last in range(first, 6):
                headers = {"range": f"bytes={first}-{last}"}
                expected = bytes(range(size))[first : last + 1]
                try:
                    part = wanted(headers, size=size, etag="a", modified=MODIFIED) or Slice(0, size, size)
                except Unsatisfiable:
                    part = Slice(0, 0, size)
                assert bytes(range(size))[part.start : part.start + part.length] == expected


# Results


@pytest.mark.parametrize("rest", ["file/slot.csv", "zip", "zip/media"])
def test_only_a_current_result_is_given(exporting: HttpServer, caller: Caller, number: int, rest: str) -> None:
    path = f"/api/v1/export/{number}/{rest}"
    caller.client.post(f"/api/v1/export/{number}/start")

    during, led = caller.client.get(path), caller.client.get(f"{path}?disposition=inline")
    last = caller.client.get(f"{path}?result=last")
    caller.client.post(f"/api/v1/export/{number}/stop")
    stopped = caller.client.get(f"{path}?result=last")
    caller.client.post(f"/api/v1/export/{number}", json={"export": {"flat": True}})
    changed = caller.client.get(f"{path}?result=last")

    about = {"id": str(number)}
    assert refusal(during) == (400, "user.export_not_done", {**about, "state": "pending"})
    assert led.headers["location"] == "/#server_error:error.user.export_not_done"
    assert (last.status_code, stopped.status_code) == (200, 200)
    assert refusal(changed) == (400, "user.export_not_done", {**about, "state": "new"})


def test_a_file_that_is_gone_is_none(exporting: HttpServer, fetch: Fetch, number: int) -> None:
    (place,) = (exporting.settings.files_folder / "exports" / str(number)).rglob("slot.csv")
    place.unlink()

    assert refusal(fetch("slot.csv")) == (400, "user.export_file_not_found", {})


def test_a_file_that_is_cut_off_cuts_the_answer(exporting: HttpServer, caller: Caller) -> None:
    number = caller.create()
    publish(exporting, number, {"a.bin": bytes(600_000)})
    (place,) = (exporting.settings.files_folder / "exports" / str(number)).rglob("a.bin")
    place.write_bytes(bytes(500_000))

    with pytest.raises(httpx.RemoteProtocolError):
        caller.client.get(f"/api/v1/export/{number}/file/a.bin")


# The log


def downloads(caller: Caller, exporting: HttpServer) -> list[Any]:
    """What was told of downloads of the person's exports."""
    with exporting.store.read() as transaction:
        ids = transaction.connection.exec_driver_sql(
            f"SELECT id FROM export_event WHERE owner_id = {caller.account.id} AND type = 'DOWNLOAD_EXPORT' ORDER BY id"
        ).scalars()
        numbers = list(ids)
    return [caller.client.get(f"/api/v1/event/{one}").json()["event"] for one in numbers]


def test_a_download_is_noted_with_what_was_sent(exporting: HttpServer, caller: Caller, number: int) -> None:
    for path, headers in (
        ("file/slot.csv", {"Range": "bytes=0-9"}),
        ("file/media/slot-1/a.png?disposition=inline", {}),
        ("file/empty.csv", {}),
        ("file/nothing", {}),
        ("file/slot.csv", {"If-None-Match": "*"}),
    ):
        caller.client.get(f"/api/v1/export/{number}/{path}", headers=headers)
    caller.client.head(f"/api/v1/export/{number}/file/slot.csv")

    wait(lambda: len(downloads(caller, exporting)) == 2)
    found = downloads(caller, exporting)
    about = {"export": {"_id": number, "_version": 1}}
    assert [one["info"] for one in found] == [
        {"bytes_total": 1024, "bytes_loaded": 10, "url": f"/api/v1/export/{number}/file/slot.csv", **about},
        {
            "bytes_total": 3,
            "bytes_loaded": 3,
            "url": f"/api/v1/export/{number}/file/media/slot-1/a.png",
            **about,
            "asset_id": 9,
            "asset_version": "original",
        },
    ]
    assert [one["session_self"] for one in found] == [True, True]
    assert "DOWNLOAD_EXPORT" not in caller.client.get("/api/v1/event/poll/0").text
