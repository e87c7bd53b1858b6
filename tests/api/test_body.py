"""What a client may send as the parameters of a request, over a real server."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import gettempdir
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from litestar import get, post
from litestar.di import NamedDependency
from msgspec import Meta, Struct, to_builtins

from slotport.api.body import Upload, body_of, query_of
from slotport.settings import Settings
from tests.servers import HttpServer, http_server, wait

FORM = "application/x-www-form-urlencoded"


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Device(Struct):
    device_id: str


class Form(Struct, kw_only=True):
    start_date: datetime | None = None
    colour: Colour | None = None
    title: Annotated[str, Meta(max_length=5)] = ""
    count: int | None = None
    really: bool = False
    group: UUID | None = None
    device: Device | None = None
    ids: list[int] | None = None


class Filed(Struct, kw_only=True):
    file: Upload | list[str] | str | None = None
    really: bool = False


class Needed(Struct, kw_only=True):
    first_name: str
    last_name: str


def told(value: Struct) -> Any:
    """What is not at its default."""
    plain = to_builtins(value)
    defaults = to_builtins(type(value)())
    return {name: item for name, item in plain.items() if item != defaults[name]}


@post("/v1/echo", status_code=200, sync_to_thread=True, dependencies={"form": body_of(Form, query=True)})
def echo(form: NamedDependency[Form]) -> Any:
    return told(form)


@get("/v1/asked", sync_to_thread=True, dependencies={"asked": query_of(Form)})
def asked(asked: NamedDependency[Form]) -> Any:
    return told(asked)


@post("/v1/needed", status_code=200, sync_to_thread=True, dependencies={"form": body_of(Needed)})
def needed(form: NamedDependency[Needed]) -> Any:
    return to_builtins(form)


@post("/v1/filed", status_code=200, sync_to_thread=True, dependencies={"form": body_of(Filed, files=True)})
def filed(form: NamedDependency[Filed]) -> Any:
    if not isinstance(form.file, Upload):
        return {"file": form.file, "really": form.really}
    twice = [b"".join(form.file.chunks()), b"".join(form.file.chunks())]
    assert twice[0] == twice[1]
    return {"name": form.file.name, "size": form.file.size_bytes, "sum": sum(twice[0]), "really": form.really}


@pytest.fixture(scope="module")
def echoing(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    settings = Settings(
        data=tmp_path_factory.mktemp("echo"), port=0, max_upload_bytes=4_000_000, max_json_bytes=2_000_000
    )
    with http_server(settings, further=[echo, asked, needed, filed]) as running:
        yield running


@pytest.fixture
def client(echoing: HttpServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=echoing.url, trust_env=False) as client:
        yield client


WHOLE = {
    "start_date": "2031-05-06T13:44:00Z",
    "colour": "red",
    "title": "Hi",
    "count": 3,
    "really": True,
    "group": "5e1f6c0a-7b1d-4c52-9a37-0d4b8f2e6a11",
    "device": {"device_id": "d1"},
    "ids": [1, 2],
}


def test_json_keys_may_be_snake_case(client: httpx.Client) -> None:
    assert client.post("/v1/echo", json=WHOLE).json() == WHOLE


def test_json_keys_may_be_camel_case_at_every_depth(client: httpx.Client) -> None:
    sent = {"startDate": WHOLE["start_date"], "device": {"deviceId": "d1"}}

    answer = client.post("/v1/echo", json=sent)

    assert answer.json() == {"start_date": WHOLE["start_date"], "device": {"device_id": "d1"}}


def test_a_form_says_the_same_as_text(client: httpx.Client) -> None:
    sent = {
        "startDate": "2031-05-06T13:44:00Z",
        "colour": "red",
        "title": "Hi",
        "count": "3",
        "really": "true",
        "group": "5e1f6c0a-7b1d-4c52-9a37-0d4b8f2e6a11",
        "device[deviceId]": "d1",
        "ids[]": ["1", "2"],
    }

    assert client.post("/v1/echo", data=sent).json() == WHOLE


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("title=a&title=b", {"title": "b"}),
        ("ids=1", {"ids": [1]}),
        ("ids=1&ids=2", {"ids": [1, 2]}),
        ("title=a&title[b]=c", {"title": "a"}),
        ("title=a%00", 422),
        ("device[device_id]=a&device[deviceId]=b", {"device": {"device_id": "b"}}),
        ("device[a][b][c]=1&device[deviceId]=b", {"device": {"device_id": "b"}}),
        ("[a]=1&[]=2&=3&]=4", {}),
        ("device" + "[a]" * 5000 + "=1", 422),
    ],
)
def test_odd_forms(client: httpx.Client, sent: str, told: Any) -> None:
    answer = client.post("/v1/echo", content=sent, headers={"Content-Type": FORM})

    assert told == (answer.json() if answer.status_code == 200 else answer.status_code)


def test_a_multipart_form_says_the_same(client: httpx.Client) -> None:
    parts = [("title", (None, "Hi")), ("count", (None, "3")), ("ids", (None, "1")), ("ids", (None, "2"))]

    assert client.post("/v1/echo", files=parts).json() == {"title": "Hi", "count": 3, "ids": [1, 2]}


@pytest.mark.parametrize(
    "content_type", ["application/json", FORM, "multipart/form-data; boundary=x", "text/plain", ""]
)
@pytest.mark.parametrize("chunked", [True, False])
def test_an_empty_body_says_nothing(client: httpx.Client, content_type: str, *, chunked: bool) -> None:
    content: Any = iter([b""]) if chunked else b""

    answer = client.post("/v1/echo", content=content, headers={"Content-Type": content_type})

    assert (answer.status_code, answer.json()) == (200, {})


@pytest.mark.parametrize("body", [b"null", b"{}", b"\xef\xbb\xbf{}", b" \r\n ", b'{"unknown":{"a":[1]}}'])
def test_such_json_says_nothing(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/v1/echo", content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()) == (200, {})


def test_the_body_goes_before_the_query(client: httpx.Client) -> None:
    answer = client.post("/v1/echo?title=query&startDate=2031-05-06T13:44:00Z&count=4", json={"title": "body"})

    assert answer.json() == {"title": "body", "start_date": "2031-05-06T13:44:00Z", "count": 4}


def test_a_get_asks_in_both_spellings(client: httpx.Client) -> None:
    camel = client.get("/v1/asked?startDate=2031-05-06T13:44:00Z&count=4&unknown=1")
    snake = client.get("/v1/asked?start_date=2031-05-06T13:44:00Z&count=4")

    assert camel.json() == snake.json() == {"start_date": "2031-05-06T13:44:00Z", "count": 4}


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"startDate": "soon"}, {"start_date": ["must be a date and time"]}),
        ({"startDate": 3}, {"start_date": ["must be a date and time, not a whole number"]}),
        ({"colour": "green"}, {"colour": ["must be one of red, blue"]}),
        ({"title": "too long"}, {"title": ["must have at most 5 characters"]}),
        (
            {"title": None, "count": "3"},
            {"title": ["must be text, not null"], "count": ["must be a whole number, not text"]},
        ),
        ({"title": "a\0"}, {"title": ["must not hold the character NUL"]}),
        ({"really": "true"}, {"really": ["must be true or false, not text"]}),
        ({"group": "x"}, {"group": ["must be a uuid"]}),
        ({"device": {}}, {"device": ["device_id is missing"]}),
        ({"device": {"deviceId": [1]}}, {"device": ["device_id must be text, not a list"]}),
        ({"ids": [1, "2"]}, {"ids": ["[1] must be a whole number, not text"]}),
        ({"ids": {"a": 1}}, {"ids": ["must be a list, not an object"]}),
    ],
)
def test_every_wrong_field_is_named(client: httpx.Client, sent: Any, wrong: Any) -> None:
    answer = client.post("/v1/echo", json=sent)

    assert (answer.status_code, answer.json()) == (422, {"error": wrong})


def test_every_missing_field_is_named(client: httpx.Client) -> None:
    answer = client.post("/v1/needed", content=b"")

    assert answer.json() == {"error": {"first_name": ["is missing"], "last_name": ["is missing"]}}


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b"[]", "application/json", "must be an object"),
        (b"{", "application/json", "is not JSON: Input data was truncated"),
        (b'{"a":"\xff"}', "application/json", "is not UTF-8 text: the byte at offset 6 does not belong there"),
        (b'{"a":"\\udc00"}', "application/json", "has half a character (a lone surrogate) at offset 6"),
        (b"[" * 100_000, "application/json", "is nested too deeply"),
        (b'{"ids":' + b"[" * 900 + b"]" * 900 + b"}", "application/json", "is nested too deeply"),
        (b"a=%ff", FORM, "is not UTF-8 text in percent-encoding"),
        (b"a=\xff", FORM, "is not UTF-8 text in percent-encoding"),
        (b"&".join([b"a=1"] * 3000), FORM, "has more than 2000 parameters"),
        (b"--x\r\n", "multipart/form-data", "is multipart without a boundary"),
        (b"--x\r\n", "multipart/form-data; boundary*=utf-8''x", "is multipart without a boundary"),
        (b"<a/>", "text/xml", "must be application/json, multipart/form-data or application/x-www-form-urlencoded"),
    ],
)
def test_a_broken_body_is_refused(client: httpx.Client, body: bytes, content_type: str, text: str) -> None:
    answer = client.post("/v1/echo", content=body, headers={"Content-Type": content_type})

    assert (answer.status_code, answer.json()) == (422, {"error": {"body": [text]}})


@pytest.mark.parametrize(
    "body",
    [
        b"no parts",
        b"--x\r\nContent-Disposition: form-data; name=title\r\n\r\nends here",
        b"--x\r\nno header\r\n\r\n\r\n--x--",
        b"--x\r\nContent-Disposition: attachment\r\n\r\n\r\n--x--",
        b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n\r\n--x--',
        b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\r\n--x--',
    ],
)
def test_broken_multipart_is_refused(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/v1/echo", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})

    assert (answer.status_code, set(answer.json())) == (422, {"error"})


@pytest.mark.parametrize("size", [0, 5, 3_000_000])
def test_an_upload_can_be_read_twice(client: httpx.Client, size: int) -> None:
    answer = client.post("/v1/filed", files={"file": ("a.ics", b"\x01" * size)}, data={"really": "true"})

    assert answer.json() == {"name": "a.ics", "size": size, "sum": size, "really": True}


def test_a_text_field_may_be_the_file(client: httpx.Client) -> None:
    answer = client.post("/v1/filed", files=[("file", (None, "\x01" * 2_000_000))])

    assert answer.json() == {"name": "", "size": 2_000_000, "sum": 2_000_000, "really": False}


@pytest.mark.parametrize("file", [["a\n", "b"], "text", None, [], ""])
def test_json_may_carry_the_file(client: httpx.Client, file: Any) -> None:
    assert client.post("/v1/filed", json={"file": file}).json() == {"file": file, "really": False}


@pytest.mark.parametrize(
    "file",
    [1, {"name": "a", "size_bytes": 1, "spool": "b"}, ["a", 1], [["a"]], True],
    ids=["1", "object", "mixed", "deep", "true"],
)
def test_a_file_is_text(client: httpx.Client, file: Any) -> None:
    answer = client.post("/v1/filed", json={"file": file})

    assert (answer.status_code, list(answer.json()["error"])) == (422, ["file"])


@pytest.mark.parametrize("body", [b'{"file":"ab\xff"}', b'{"file":"ab\\ud800"}', b'{"file":["ab\\ud800 c"]}'])
def test_a_file_that_is_no_text_is_forbidden(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/v1/filed", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 403
    assert f"offset {body.index(b'ab') + 2} " in answer.json()["error"]


def test_an_escaped_backslash_is_no_surrogate(client: httpx.Client) -> None:
    sent = b'{"file":"\\\\ud800","really":tru}'

    answer = client.post("/v1/filed", content=sent, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("path", "content_type", "limit"),
    [
        ("/v1/echo", "application/json", 1024 * 1024),
        ("/v1/echo", "multipart/form-data; boundary=x", 1024 * 1024),
        ("/v1/filed", "application/json", 2_000_000),
        ("/v1/filed", "multipart/form-data; boundary=x", 4_000_000),
    ],
)
@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_over_the_limit_is_refused(
    client: httpx.Client, path: str, content_type: str, limit: int, *, chunked: bool
) -> None:
    start = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' if "multi" in content_type else b" "
    )
    pieces = [start, *[b" " * 100_000] * (limit // 100_000 + 1)]

    answer = client.post(
        path, content=iter(pieces) if chunked else b"".join(pieces), headers={"Content-Type": content_type}
    )

    assert (answer.status_code, answer.json()) == (
        413,
        {"error": f"the body has more than the {limit} bytes that are allowed here"},
    )


def test_a_text_field_is_capped(client: httpx.Client) -> None:
    answer = client.post("/v1/filed", files=[("really", (None, "x" * 1_500_000))])

    assert (answer.status_code, answer.json()) == (
        413,
        {"error": "really has more than the 1048576 bytes of a text field"},
    )


def test_uploads_are_gone_when_the_request_is_over(client: httpx.Client) -> None:
    before = deleted_files_in_use()

    for status, file in ((200, b"\x01" * 2_000_000), (413, b"\x01" * 4_000_000)):
        assert client.post("/v1/filed", files={"file": ("a", file)}).status_code == status

    wait(lambda: deleted_files_in_use() <= before)


def deleted_files_in_use() -> set[str]:
    links = (entry.readlink() for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink())
    return {str(link) for link in links if str(link).startswith(gettempdir()) and "(deleted)" in str(link)}
