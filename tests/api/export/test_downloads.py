"""Archives for whoever has the passkey (docs/api/export-files.md)."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.api.export.serving import Caller, publish, refusal, tarred, unzipped
from tests.servers import HttpServer, wait

FILES = {"slot.csv": b"text " * 1000, "group.csv": b"a", "media/slot-1/a.png": b"png"}
INVALID = "/#server_error:export.invalid.passkey"
ALL = ["zip", "zip_2gb", "tar_bz2", "tar.gz"]


def transports(*packers: str, kind: str = "download") -> list[dict[str, Any]]:
    return [{"type": kind, "packer": packer} for packer in packers]


@pytest.fixture
def number(exporting: HttpServer, caller: Caller) -> int:
    """An export that is done, with every kind of archive."""
    made = caller.create("Summer slots", transports=transports(*ALL))
    publish(exporting, made, FILES, packers=ALL)
    return made


def below(caller: Caller, number: int) -> str:
    """What stands before the names of the archives."""
    href: str = caller.shown(number)["_downloads"][0]["href"]
    return href.rpartition("/")[0]


def test_every_link_of_an_export_works_without_a_session(caller: Caller, number: int, web: httpx.Client) -> None:
    links = caller.shown(number)["_downloads"]

    answers = [web.get(link["href"]) for link in links]

    assert [link["href"].rpartition("/")[2] for link in links] == [
        "Summer_slots.zip",
        "Summer_slots.1.zip",
        "Summer_slots.2.zip",
        "Summer_slots.3.zip",
        "Summer_slots.tar.bz2",
        "Summer_slots.tar.gz",
    ]
    assert [(answer.status_code, len(answer.content)) for answer in answers] == [(200, link["size"]) for link in links]
    assert unzipped(answers[0].content) == FILES
    assert unzipped(answers[2].content) == {"group.csv": b"a"}


@pytest.mark.parametrize("prefix", ["/api/v1/export", "/api/v1/v1/export"])
def test_an_archive_says_what_it_is(caller: Caller, number: int, web: httpx.Client, prefix: str) -> None:
    path = below(caller, number).replace("/api/v1/export", prefix)

    answer = web.get(f"{path}/Summer_slots.zip?disposition=attachment")

    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert 'filename="Summer_slots.zip"' in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("x.zip", "Summer_slots.zip"),
        (".zip", "Summer_slots.zip"),
        ("x.ZIP", "Summer_slots.zip"),
        ("a%2Fb.zip", "Summer_slots.zip"),
        ("x.2.zip", "Summer_slots.2.zip"),
        ("x.y.2.zip", "Summer_slots.2.zip"),
        ("x.-1.2.zip", "Summer_slots.2.zip"),
        ("Summer.v2.zip", "Summer_slots.zip"),
        ("x.tar.bz2", "Summer_slots.tar.bz2"),
        ("x.tar.gz", "Summer_slots.tar.gz"),
    ],
)
def test_a_name_matters_by_its_ending(caller: Caller, number: int, web: httpx.Client, name: str, wanted: str) -> None:
    path = below(caller, number)

    assert web.get(f"{path}/{name}").content == web.get(f"{path}/{wanted}").content


@pytest.mark.parametrize(
    "name",
    [
        "x.4.zip",
        "x.0.zip",
        "x.00000000000000000000.zip",
        "x.01.zip",
        "x.-1.zip",
        "x.+1.zip",
        "x. 1.zip",
        "x.1 .zip",
        "x.1_0.zip",
        "x.².zip",
        "x.²..zip",
        "x.١.zip",
        "x.99999999999999999999.zip",
        "x.rar",
        "x",
        "tar",
        "zip",
    ],
)
def test_an_archive_that_is_not_there(caller: Caller, number: int, web: httpx.Client, name: str) -> None:
    path = below(caller, number)

    plain, led = web.get(f"{path}/{quote(name)}"), web.get(f"{path}/{quote(name)}?disposition=inline")

    assert refusal(plain) == (400, "user.export_file_not_found", {"id": str(number), "path": name})
    assert led.headers["location"] == "/#server_error:error.user.export_file_not_found"


@pytest.mark.parametrize("packer", ["tar_bz2", "tar.gz"])
def test_a_tar_is_given_uncompressed(exporting: HttpServer, caller: Caller, web: httpx.Client, packer: str) -> None:
    made = caller.create(transports=transports(packer))
    publish(exporting, made, FILES, packers=[packer])
    path = below(caller, made)

    whole, part = web.get(f"{path}/x.tar"), web.get(f"{path}/x.tar", headers={"Range": "bytes=600-699"})

    assert (whole.status_code, whole.content) == (200, tarred(FILES))
    assert (whole.headers["content-type"], whole.headers["content-length"]) == (
        "application/x-tar",
        str(len(whole.content)),
    )
    assert (part.status_code, part.content) == (206, whole.content[600:700])
    assert part.headers["etag"] == whole.headers["etag"] != web.get(f"{path}/x.{packer[:3]}.gz").headers.get("etag")


def test_with_both_packers_a_tar_is_that_of_bz2(caller: Caller, number: int, web: httpx.Client) -> None:
    answer = web.get(f"{below(caller, number)}/x.tar?filename=All")

    assert answer.content == tarred(FILES)
    assert 'filename="All.tar"' in answer.headers["content-disposition"]


def test_a_name_that_looks_like_a_part(exporting: HttpServer, caller: Caller, web: httpx.Client) -> None:
    made = caller.create("Summer.2", transports=transports("zip"))
    publish(exporting, made, FILES, packers=["zip"], archive_name="Summer.2")

    assert unzipped(web.get(f"{below(caller, made)}/Summer.2.zip").content) == FILES


def test_a_broken_download_is_continued(caller: Caller, number: int, web: httpx.Client) -> None:
    path = f"{below(caller, number)}/Summer_slots.zip"
    whole = web.get(path)

    rest = web.get(path, headers={"Range": "bytes=100-", "If-Range": whole.headers["etag"]})

    assert (rest.status_code, whole.content[:100] + rest.content) == (206, whole.content)


# Wrong passkeys


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?disposition=inline",
        "?disposition=up",
        "?disposition=inline&disposition=attachment",
        "?filename=%00",
        "?token=a&token=b",
    ],
)
def test_a_wrong_passkey_and_what_is_not_there_are_the_same(
    exporting: HttpServer, caller: Caller, web: httpx.Client, query: str
) -> None:
    plain = caller.create("a", transports=[])
    publish(exporting, plain, FILES, packers=["zip"])
    done = caller.create("b", transports=transports("zip"))
    publish(exporting, done, FILES, packers=["zip"])
    deleted = caller.create("c", transports=transports("zip"))
    path = below(caller, done)
    passkey = path.rpartition("/")[2]
    caller.client.delete(f"/api/v1/export/{deleted}")
    with exporting.store.read() as transaction:
        secret = transaction.connection.exec_driver_sql(f"SELECT passkey FROM export WHERE id = {plain}").scalar()

    answers = [
        web.get(f"/api/v1/export/{number}/download/{key}/a.zip{query}")
        for number, key in (
            (done, "wrong"),
            (done, passkey[:-1]),
            (done, passkey + "a"),
            (done, passkey.swapcase()),
            (done, "%ff%00"),
            (plain, secret),
            (deleted, passkey),
            (999_999, passkey),
            ("9" * 50, passkey),
            ("a", passkey),
            ("0", passkey),
        )
    ]

    varying = {"x-request-id", "x-runtime", "date"}
    kept = [{name: text for name, text in answer.headers.items() if name not in varying} for answer in answers]
    assert {(answer.status_code, answer.content, answer.headers["location"]) for answer in answers} == {
        (302, b"", INVALID)
    }
    assert kept == [kept[0]] * len(kept)


@pytest.mark.parametrize(
    ("query", "attribute"),
    [
        ("disposition=up", "disposition"),
        ("filename=%00", "filename"),
        ("token=a&token=b", "token"),
    ],
)
def test_with_the_right_passkey_a_wrong_parameter_is_one(
    caller: Caller, number: int, web: httpx.Client, query: str, attribute: str
) -> None:
    path = below(caller, number)
    caller.client.post(f"/api/v1/export/{number}/start")

    answer = web.get(f"{path}/x.zip?{query}")

    assert refusal(answer) == (400, "api.invalid_value", {"attribute": attribute})


@pytest.mark.parametrize(("packer", "ending"), [("tar_bz2", "tar.bz2"), ("tar.gz", "tar.gz")])
def test_a_tar_is_called_one(
    exporting: HttpServer, caller: Caller, web: httpx.Client, packer: str, ending: str
) -> None:
    made = caller.create(transports=transports(packer))
    publish(exporting, made, FILES, packers=[packer])
    path = below(caller, made)

    heads = [web.head(f"{path}/x.{one}?disposition=attachment") for one in ("tar", ending)]

    assert [head.headers["content-disposition"].partition("filename*=UTF-8''")[2] for head in heads] == [
        "Summer_slots.tar",
        f"Summer_slots.{ending}",
    ]


def test_between_runs_it_is_not_done(exporting: HttpServer, caller: Caller, web: httpx.Client, number: int) -> None:
    path = f"{below(caller, number)}/Summer_slots.zip"
    caller.client.post(f"/api/v1/export/{number}/start")
    during, led = web.get(path), web.get(f"{path}?disposition=attachment")
    caller.client.post(f"/api/v1/export/{number}/stop")
    caller.client.post(f"/api/v1/export/{number}", json={"export": {"flat": True}})
    changed = web.get(path)
    publish(exporting, number, {"b.csv": b"b"}, packers=ALL)
    again = web.get(path)
    caller.client.delete(f"/api/v1/export/{number}")
    deleted = web.get(path)

    about = {"id": str(number)}
    assert refusal(during) == (400, "user.export_not_done", {**about, "state": "pending"})
    assert led.headers["location"] == "/#server_error:error.user.export_not_done"
    assert refusal(changed) == (400, "user.export_not_done", {**about, "state": "new"})
    assert unzipped(again.content) == {"b.csv": b"b"}
    assert deleted.headers["location"] == INVALID


def test_a_passkey_may_expire(exporting: HttpServer, caller: Caller, number: int, web: httpx.Client) -> None:
    caller.client.post(f"/api/v1/export/{number}/passkey", json={"expires": "2999-01-01T00:00:00Z"})
    path = f"{below(caller, number)}/x.zip"
    before = web.get(path)
    with exporting.store.write() as transaction:
        transaction.connection.exec_driver_sql(f"UPDATE export SET passkey_expires_at = 1000 WHERE id = {number}")

    assert (before.status_code, web.get(path).headers["location"]) == (200, INVALID)


@pytest.mark.parametrize("rest", ["", "/key"])
def test_passkey_and_name_are_needed(web: httpx.Client, rest: str) -> None:
    answer = web.get(f"/api/v1/export/1/download{rest}")

    assert refusal(answer) == (400, "api.positional_parameter_expected", {})


# The log


def test_a_download_is_noted_without_the_passkey(
    exporting: HttpServer, caller: Caller, number: int, web: httpx.Client, signed_in: Callable[..., Caller]
) -> None:
    path = f"{below(caller, number)}/any%20name.zip"
    size = len(web.get(path).content)
    web.get(path, headers={"Range": "bytes=0-9"})
    web.get(f"{path}?token={signed_in().token}")
    web.get(f"{path}?token=unknown")
    caller.client.get(path)

    def noted() -> list[Any]:
        with exporting.store.read() as transaction:
            rows = transaction.connection.exec_driver_sql(
                "SELECT info, session_hash, pollable, logged FROM export_event"
                f" WHERE export_id = {number} AND type = 'DOWNLOAD_EXPORT' ORDER BY id"
            )
            return [tuple(row) for row in rows]

    wait(lambda: len(noted()) == 5)
    transport = caller.shown(number)["_transports"][0]["_id"]
    infos = [json.loads(row[0]) for row in noted()]
    about = {"export": {"_id": number, "_version": 1, "_transport_id": transport}}
    url = f"/api/v1/export/{number}/download/***/Summer_slots.zip"
    assert infos[0] == {"bytes_total": size, "bytes_loaded": size, "url": url, **about}
    assert [one["bytes_loaded"] for one in infos] == [size, 10, size, size, size]
    assert [row[1] is None for row in noted()] == [True, True, False, False, False]
    assert {(bool(row[2]), bool(row[3])) for row in noted()} == {(False, False)}
