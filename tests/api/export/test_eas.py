"""Media files over HTTP: upload, facts, bytes."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from slotport.core.slot import Media, MediaType, Slot, Visibility
from slotport.settings import Settings
from tests.api.export.serving import Caller, caller_of, export_server, refusal
from tests.calendars import NOW, add_slots
from tests.images.pictures import quarters, saved
from tests.servers import HttpServer, wait

BASE = "https://slots.example/sub"
LIMIT = 100_000
PUT, EAS = "/api/v1/eas/put", "/api/v1/eas"


@pytest.fixture(scope="module")
def media_server(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    """A server that takes small files only."""
    settings = Settings(
        data=tmp_path_factory.mktemp("media"), port=0, max_asset_bytes=LIMIT, base_url=BASE, shutdown_seconds=2
    )
    with export_server(settings) as running:
        yield running


@pytest.fixture
def somebody(media_server: HttpServer) -> Iterator[Callable[[], Caller]]:
    """A function that gives somebody new who is signed in."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(caller_of(media_server))


@pytest.fixture
def owner(somebody: Callable[[], Caller]) -> Caller:
    return somebody()


def put(caller: Caller, name: str, content: bytes, **options: Any) -> httpx.Response:
    return caller.client.post(PUT, files={"whatever": (name, content)}, **options)


def uploaded(caller: Caller, name: str, content: bytes) -> Any:
    answer = put(caller, name, content)
    assert answer.status_code == 200, answer.text
    (asset,) = answer.json()
    return asset


def picture(tmp_path: Path) -> bytes:
    return saved(tmp_path / "a.jpg", quarters(320, 160), turn=6).read_bytes()


def nothing_waits(server: HttpServer) -> bool:
    """Whether uploads that came to nothing are gone, which they are just after the answer."""
    folder = server.settings.files_folder / "assets" / "incoming"
    wait(lambda: not folder.exists() or not list(folder.iterdir()))
    return True


def test_an_upload_answers_with_the_asset(owner: Caller, tmp_path: Path) -> None:
    content = picture(tmp_path)

    asset = uploaded(owner, "Pier 7.JPG", content)

    number, uploaded_at = asset["_id"], asset["upload_date"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", uploaded_at)
    sizes = {name: one.pop("filesize") for name, one in asset["versions"].items()}
    assert sizes["original"] == len(content)
    assert asset == {
        "_id": number,
        "class": "image",
        "extension": "jpg",
        "class_extension": "image.jpg",
        "compiled": f"JPG image, 160 x 320, {(len(content) + 512) // 1024} KiB",
        "original_filename": "Pier 7.JPG",
        "filesize": len(content),
        "upload_date": uploaded_at,
        "insert_date": uploaded_at,
        "technical_metadata": {
            "format": "jpg",
            "width": 160,
            "height": 320,
            "max_dimension": 320,
            "aspect_ratio": "1:2",
        },
        "versions": {
            name: {
                "status": "done",
                "class": "image",
                "extension": "jpg",
                "width": width,
                "height": 2 * width,
                "url": f"{BASE}/api/v1/eas/download/{number}/{name}",
            }
            for name, width in (("original", 160), ("large", 160), ("preview", 160), ("small", 120))
        },
        "sha256": sha256(content).hexdigest(),
        "public_id": asset["public_id"],
    }


def test_assets_are_shown_in_three_forms(owner: Caller, tmp_path: Path) -> None:
    image, text = uploaded(owner, "a.jpg", picture(tmp_path)), uploaded(owner, "a.txt", b"hello")
    ids = f"[{text['_id']},{image['_id']},{text['_id']}]"

    def shown(form: str) -> Any:
        return owner.client.get(EAS, params={"ids": ids, **({"format": form} if form else {})}).json()

    short = {"_id", "class", "extension", "class_extension", "original_filename", "filesize", "versions"}
    number = str(text["_id"])
    assert shown("") == shown("long") == {number: text, str(image["_id"]): image}
    assert shown("short")[number] == {name: text[name] for name in short}
    assert shown("status")[number] == {
        "_id": text["_id"],
        "status": "done",
        "versions": {"original": {"status": "done"}},
    }
    assert owner.client.get(EAS, params={"ids": "[]"}).json() == {}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ("api.attribute_expected", {"attribute": "ids"})),
        ({"ids": "4"}, ("api.invalid_value", {"attribute": "ids"})),
        ({"ids": "4,9"}, ("api.invalid_value", {"attribute": "ids"})),
        ({"ids": '["4"]'}, ("api.type_mismatch", {"attribute": "ids[0]"})),
        ({"ids": "[0]"}, ("api.invalid_value", {"attribute": "ids[0]"})),
        ({"ids": "[" * 5000}, ("api.invalid_value", {"attribute": "ids"})),
        ({"ids": str(list(range(1, 1002)))}, ("api.invalid_value", {"attribute": "ids"})),
        ({"ids": f"[{2**60}]"}, ("user.asset_not_found", {"id": str(2**60)})),
        ({"ids": "[]", "format": "tall"}, ("api.invalid_value", {"attribute": "format"})),
    ],
)
def test_other_questions_are_refused(
    owner: Caller, query: dict[str, str], expected: tuple[str, dict[str, str]]
) -> None:
    assert refusal(owner.client.get(EAS, params=query)) == (400, *expected)


# Uploads that are refused


def test_a_file_over_the_limit_is_refused(owner: Caller, media_server: HttpServer) -> None:
    name = "C:\\Sea.MP4"
    parameters = {"filename": "Sea.MP4", "class": "video", "limit": str(LIMIT)}

    for size in (LIMIT + 1, LIMIT + 5_000_000):
        assert refusal(put(owner, name, b"x" * size)) == (400, "user.upload_limit_exceeded", parameters)
    assert nothing_waits(media_server)
    assert uploaded(owner, name, b"x" * LIMIT)["filesize"] == LIMIT


def test_a_program_is_refused(owner: Caller, media_server: HttpServer) -> None:
    parameters = {"filename": "Setup.exe", "class": "other", "extension": "exe"}

    assert refusal(put(owner, "Setup.exe", b"MZ")) == (400, "user.upload_type_not_allowed", parameters)
    assert nothing_waits(media_server)


@pytest.mark.parametrize(
    "sent",
    [
        {"files": [("a", ("a.txt", b"1")), ("b", ("b.txt", b"2"))]},
        {"files": {"a": (None, b"1")}},
        {"files": {"a": ("", b"1")}},
        {"json": {"file": "x"}},
        {"data": {"file": "x"}},
        {"content": b""},
        {"content": b"--x\r\n", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"no parts", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {
            "content": b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhalf',
            "headers": {"Content-Type": "multipart/form-data; boundary=x"},
        },
        {"files": {"a": (None, b"x" * 1_100_000)}},
    ],
)
def test_a_body_without_exactly_one_file_is_refused(
    owner: Caller, media_server: HttpServer, sent: dict[str, Any]
) -> None:
    assert refusal(owner.client.post(PUT, **sent))[:2] == (400, "api.invalid_content")
    assert nothing_waits(media_server)


def test_without_a_session_nothing_is_taken_or_given(owner: Caller, media_server: HttpServer) -> None:
    number = uploaded(owner, "a.txt", b"x")["_id"]
    with httpx.Client(base_url=media_server.url, trust_env=False, timeout=30) as web:
        answers = [
            web.post(PUT, files={"a": ("a.txt", b"1")}),
            web.get(EAS, params={"ids": f"[{number}]"}),
            web.get(f"{EAS}/download/{number}/original"),
        ]

        expected = (403, "user.not_authenticated", {"reason": "missing"})
        assert [refusal(answer) for answer in answers] == [expected] * 3
        assert nothing_waits(media_server)
        with_token = web.post(PUT, params={"token": owner.token}, files={"a": ("a.txt", b"1")})
        assert with_token.status_code == 200


# Bytes


def test_bytes_are_served_with_ranges_and_in_a_sandbox(owner: Caller) -> None:
    content = b"<script>alert(1)</script>"
    number = uploaded(owner, "page.html", content)["_id"]
    address = f"{EAS}/download/{number}/original"

    whole = owner.client.get(address, params={"disposition": "inline"})

    etag = f'"{sha256(content).hexdigest()}"'
    headers = {name: whole.headers.get(name) for name in ("content-type", "etag", "content-length", "accept-ranges")}
    assert (whole.status_code, whole.content) == (200, content)
    assert headers == {"content-type": "text/html", "etag": etag, "content-length": "25", "accept-ranges": "bytes"}
    assert whole.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert whole.headers["content-disposition"] == "inline; filename=\"page.html\"; filename*=UTF-8''page.html"
    part = owner.client.get(address, headers={"Range": "bytes=1-6", "If-Range": etag})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"script", "bytes 1-6/25")
    assert owner.client.get(address, headers={"If-None-Match": etag}).status_code == 304
    assert owner.client.get(address, headers={"Range": "bytes=25-"}).status_code == 416
    head = owner.client.head(address)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "25")


def test_renditions_are_served(owner: Caller, tmp_path: Path) -> None:
    asset = uploaded(owner, "a.jpg", picture(tmp_path))

    for name, one in asset["versions"].items():
        path = one["url"].removeprefix(BASE)
        answer = owner.client.get(path, params={"filename": "Mine"})
        assert (answer.headers["content-type"], len(answer.content)) == ("image/jpeg", one["filesize"]), name
        assert 'filename="Mine.jpg"' in answer.headers["content-disposition"]
    current = owner.client.get(f"{EAS}/download/{asset['_id']}/current")
    assert current.content == picture(tmp_path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("{id}/huge", ("user.asset_not_found", {"id": "{id}"})),
        ("{id}/..%2Foriginal", ("user.asset_not_found", {"id": "{id}"})),
        (f"{2**60}/original", ("user.asset_not_found", {"id": str(2**60)})),
        (f"{10**29}/original", ("user.asset_not_found", {"id": str(10**29)})),
        ("x/original", ("api.invalid_value", {"attribute": "id"})),
        ("{id}", ("api.invalid_api", {})),
        ("{id}/original?disposition=up", ("api.invalid_value", {"attribute": "disposition"})),
    ],
)
def test_what_is_not_there_is_refused(owner: Caller, path: str, expected: tuple[str, dict[str, str]]) -> None:
    number = str(uploaded(owner, "a.txt", b"x")["_id"])
    code, parameters = expected

    answer = owner.client.get(f"{EAS}/download/{path.replace('{id}', number)}")

    assert refusal(answer) == (400, code, {name: text.replace("{id}", number) for name, text in parameters.items()})


def test_others_see_what_a_slot_shows_them(
    owner: Caller, somebody: Callable[[], Caller], media_server: HttpServer
) -> None:
    other, shown, hidden = somebody(), uploaded(owner, "a.txt", b"x"), uploaded(owner, "b.txt", b"y")
    media = (Media(public_id=shown["public_id"], media_type=MediaType.IMAGE),)
    slot = Slot(title="Walk", start=NOW, uid="w", visibility=Visibility.PUBLIC, media=media)
    add_slots(media_server.store, owner.account, [slot])

    assert other.client.get(EAS, params={"ids": f"[{shown['_id']}]"}).json() == {str(shown["_id"]): shown}
    assert other.client.get(f"{EAS}/download/{shown['_id']}/original").content == b"x"
    expected = (400, "user.asset_not_found", {"id": str(hidden["_id"])})
    assert refusal(other.client.get(EAS, params={"ids": f"[{shown['_id']},{hidden['_id']}]"})) == expected
    assert refusal(other.client.get(f"{EAS}/download/{hidden['_id']}/original")) == expected
