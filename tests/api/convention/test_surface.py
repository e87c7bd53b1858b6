"""How the convention interface is asked and answers, whatever it is asked for (docs/api/convention.md)."""

import json
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from slotport.core.account import Account
from slotport.core.convention import Convention
from tests.calendars import add_person
from tests.conventions import token_of
from tests.servers import HttpServer

LISTED = "https://manage.example"
JSON = "application/json; charset=utf-8"
LISTS = "tickets purchases coupons coupontypes passes userpasses passrequirements merchandiseskus members".split()


def raw(server: HttpServer, request: str) -> tuple[str, bytes]:
    """Head and body of the answer to the bytes of one request."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode())
        head, _, body = b"".join(iter(lambda: connection.recv(65536), b"")).partition(b"\r\n\r\n")
        return head.decode().lower(), body


def refused(answer: httpx.Response) -> tuple[int, bool]:
    """The status, and whether the body is an error's: ``status`` false and a text."""
    body = answer.json()
    is_error = set(body) in ({"status", "error"}, {"status", "error", "details"})
    return answer.status_code, is_error and body["status"] is False and len(body["error"]) > 5


# Addresses


@pytest.mark.parametrize(
    "target", ["/entities/timeslots/", "/entities/timeslots/?by_event=1", "//entities///timeslots", "//auth/verify"]
)
def test_slashes_matter_little(server: HttpServer, convention: Convention, target: str) -> None:
    head, body = raw(
        server,
        f"GET {target} HTTP/1.1\nHost: a\nConvention: {convention.public_key}\nConnection: close\n\n",
    )

    assert head.startswith("http/1.1 200 ")
    assert json.loads(body) == ([] if "entities" in target else {"status": False})


@pytest.mark.parametrize("target", ["/entities/timeslots/", "//auth/verify", "/auth/list", "/entities/nothing"])
def test_http_1_0_gets_the_whole_body_and_its_length(server: HttpServer, convention: Convention, target: str) -> None:
    head, body = raw(server, f"GET {target} HTTP/1.0\nConvention: {convention.public_key}\n\n")

    assert f"\r\ncontent-length: {len(body)}" in head
    assert "transfer-encoding" not in head
    assert json.loads(body) is not None


@pytest.mark.parametrize("path", ["/auth", "/auth/nothing", "/auth/id/1", "/entities", "/entities/nothing/1"])
def test_an_unknown_address_is_404(api: httpx.Client, path: str) -> None:
    answer = api.get(path, headers={"Accept": "text/html"})

    assert refused(answer) == (404, True)
    assert answer.headers["content-type"] == JSON


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PATCH", "/entities/timeslots", "DELETE, GET, HEAD, OPTIONS, POST, PUT"),
        ("POST", "/entities/timeslots/1", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("POST", "/entities/events/1", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("POST", "/entities/locations/a", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("POST", "/entities/tagtypes/a", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("PUT", "/auth/id", "GET, HEAD, OPTIONS, POST"),
        ("DELETE", "/auth/logout", "GET, HEAD, OPTIONS, POST"),
    ],
)
def test_a_wrong_method_is_405_and_told_the_right_ones(api: httpx.Client, method: str, path: str, allow: str) -> None:
    answer = api.request(method, path)

    assert refused(answer) == (405, True)
    assert answer.headers["allow"] == allow


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("name", ["timeslots", "events", "tagtypes", "locations", "conventions", "managers", "users"])
def test_to_change_an_item_takes_its_id(manager: httpx.Client, method: str, name: str) -> None:
    assert refused(manager.request(method, f"/entities/{name}/")) == (400, True)


@pytest.mark.parametrize("name", ["Größe", "a.b", "a@b.cd", "with blank", "%2F", "a/b", "הבר", "?#&"])
def test_an_id_is_percent_decoded_text(manager: httpx.Client, name: str) -> None:
    made = manager.post("/entities/tagtypes", json={"title": name})
    found = manager.get(f"/entities/tagtypes/{quote(name, safe='')}")

    assert made.status_code == 200, made.text
    assert found.json()["title"] == name


# Bodies


@pytest.mark.parametrize("path", ["/entities/timeslots", "/entities/events", "/auth/verify", "/auth/list"])
def test_nothing_of_the_body_of_a_get_is_read(public: httpx.Client, path: str) -> None:
    answer = public.request("GET", path, content=b"{", headers={"Content-Type": "application/json"})

    assert answer.status_code == 200


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"x"', b"7", b"null7", b"\xff", b'{"title": "\\ud800"}', b"[" * 5000])
@pytest.mark.parametrize("path", ["/entities/timeslots", "/entities/events", "/entities/locations", "/auth/signin"])
def test_a_body_that_is_no_object_is_400(manager: httpx.Client, path: str, body: bytes) -> None:
    answer = manager.post(path, content=body, headers={"Content-Type": "application/json; charset=utf-8"})

    assert refused(answer) == (400, True)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b" \n"])
def test_an_empty_body_says_nothing(manager: httpx.Client, body: bytes) -> None:
    answer = manager.post("/entities/locations", content=body, headers={"Content-Type": "application/json"})

    assert refused(answer) == (400, True)
    assert "title" in answer.json()["error"]


def test_a_body_of_another_type_is_400(manager: httpx.Client) -> None:
    answer = manager.post("/entities/locations", content=b"<a/>", headers={"Content-Type": "text/xml"})

    assert refused(answer) == (400, True)


def test_a_body_over_a_mebibyte_is_413(manager: httpx.Client) -> None:
    answer = manager.post("/entities/locations", json={"title": "x" * 2**20})

    assert refused(answer) == (413, True)


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"title": "Pier", "max_attendees": 20}},
        {"json": {"title": "Pier", "max-attendees": "20"}},
        {"json": {"title": "Pier", "max-attendees": 3, "max_attendees": 20}},
        {"json": {"title": "Pier", "max_attendees": 20, "max-attendees": 3}},
        {"json": {"title": "Pier", "max-attendees": 20, "max_attendees": None}},
        {"json": {"title": "Pier", "max_attendees": "", "max-attendees": 20}},
        {"data": {"title": "Pier", "max-attendees": "20"}},
        {"data": {"title": "Pier", "max_attendees": "20"}},
        {"data": {"title": "Pier", "max_attendees": "20"}, "files": {"ignored": b"x"}},
    ],
)
def test_both_spellings_of_a_key_and_both_kinds_of_bodies(manager: httpx.Client, sent: dict[str, Any]) -> None:
    answer = manager.post("/entities/locations", **sent)

    assert answer.status_code == 200, answer.text
    assert (answer.json()["title"], answer.json()["max-attendees"]) == ("Pier", "20")


def test_a_form_may_hold_the_key_and_the_token(
    api: httpx.Client, server: HttpServer, convention: Convention, boss: Account
) -> None:
    login = {"convention": convention.public_key, "token": token_of(server.store, boss)}

    as_form = api.post("/entities/locations", data={"title": "Pier", "max-attendees": "20", **login})
    as_json = api.post("/entities/locations", json={"title": "Quay", "max-attendees": "20", **login})

    assert (as_form.status_code, refused(as_json)) == (200, (403, True))


def test_answers_are_utf_8_and_never_stale(manager: httpx.Client) -> None:
    answer = manager.post("/entities/locations", json={"title": "Größe הבר", "max_attendees": 1})

    assert "Größe הבר".encode() in answer.content
    assert answer.headers["content-type"] == JSON
    assert "no-cache" in answer.headers["cache-control"]


# Pages of other sites


@pytest.mark.parametrize("path", ["/entities/timeslots/7", "/auth/signin", "/entities/conventions/"])
def test_a_listed_site_may_ask_for_anything_beforehand(api: httpx.Client, path: str) -> None:
    wanted = {
        "Origin": LISTED,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,cache-control,convention",
    }

    answer = api.options(path, headers=wanted)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == LISTED
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-allow-methods"] == "POST, GET, PUT, DELETE, OPTIONS"
    assert answer.headers["access-control-allow-headers"] == "content-type, authorization, convention, cache-control"
    assert answer.headers["access-control-max-age"] == "1728000"
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/auth/list", 200),
        ("GET", "/auth/id", 403),
        ("GET", "/entities/timeslots", 403),
        ("GET", "/entities/nothing", 404),
        ("PATCH", "/entities/timeslots", 405),
        ("POST", "/auth/register", 400),
    ],
)
def test_every_answer_says_that_a_listed_site_may_read_it(
    api: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = api.request(method, path, headers={"Origin": LISTED})

    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == LISTED
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("origin", ["https://evil.example", "https://manage.example.evil.example", "null", "*"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_other_site_may_read_an_answer(api: httpx.Client, origin: str, method: str) -> None:
    answer = api.request(method, "/auth/list", headers={"Origin": origin})

    assert answer.status_code == 200
    assert [name for name in answer.headers if name.startswith("access-control")] == []
    assert "Origin" in answer.headers["vary"]


# What is not kept


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_what_is_not_kept_are_empty(public: httpx.Client, api: httpx.Client, name: str) -> None:
    assert (public.get(f"/entities/{name}/").json(), public.get(f"/entities/{name}?by_user=1").json()) == ([], [])
    assert refused(api.get(f"/entities/{name}")) == (403, True)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(("method", "item"), [("POST", ""), ("GET", "/1"), ("PUT", "/1"), ("DELETE", "/1")])
def test_nothing_of_it_can_be_changed(manager: httpx.Client, name: str, method: str, item: str) -> None:
    assert refused(manager.request(method, f"/entities/{name}{item}", json={})) == (400, True)


def test_there_are_no_records(public: httpx.Client, manager: httpx.Client) -> None:
    assert public.get("/entities/records/anything").json() == {"data": None}
    assert refused(manager.post("/entities/records/anything", json={"a": 1})) == (400, True)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/checkout", "/checkout/cashout/1"])
def test_nothing_is_sold(api: httpx.Client, method: str, path: str) -> None:
    assert refused(api.request(method, path)) == (400, True)


# Anything at all


@pytest.mark.parametrize("value", [None, "", 0, -1, 1.5, True, "x", "\0", [], [None], [[]], {}, {"id": {}}, "9" * 50])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/entities/timeslots"),
        ("PUT", "/entities/timeslots/1"),
        ("POST", "/entities/events"),
        ("POST", "/entities/locations"),
        ("POST", "/entities/tagtypes"),
        ("POST", "/entities/managers"),
        ("POST", "/entities/users"),
        ("POST", "/entities/conventions"),
        ("PUT", "/entities/conventions/self"),
        ("POST", "/auth/register"),
        ("POST", "/auth/signin"),
        ("POST", "/auth/passwordreset"),
        ("POST", "/auth/passwordchange"),
        ("POST", "/auth/start"),
        ("POST", "/auth/verify"),
    ],
)
def test_wrong_types_are_never_our_failure(manager: httpx.Client, method: str, path: str, value: Any) -> None:
    names = (
        "event start duration min-attendees max_attendees notes-to-attendees locations remove-locations hosts title"
        " remove-hosts allow-conflicts teaser description user tags status price data area slug public values settings"
        " requirement role id email name phone password password-register redirect-url provider start-date end-date"
    ).split()

    whole = manager.request(method, path, json=dict.fromkeys(names, value))
    singles = [manager.request(method, path, json={name: value}) for name in names[:: len(names) // 2]]

    assert [answer.text for answer in (whole, *singles) if answer.status_code >= 500] == []


def test_somebody_without_rights_is_told_so_before_the_body_is_read(
    client: Callable[..., httpx.Client], server: HttpServer, convention: Convention
) -> None:
    stranger = client(convention, add_person(server.store))

    answer = stranger.post("/entities/timeslots", content=b"{}", headers={"Content-Type": "application/json"})

    assert refused(answer) == (403, True)


@pytest.mark.parametrize("kind", ["xml", "json", "ics"])
def test_public_schedules_may_be_read_from_everywhere(api: httpx.Client, kind: str) -> None:
    answer = api.get(f"/entities/conventions/nowhere/schedule.{kind}", headers={"Origin": "https://any.example"})

    assert refused(answer) == (404, True)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
