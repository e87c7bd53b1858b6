"""The page that says what is wrong, to whoever was sent to it (docs/api/export.md)."""

import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from slotport.api.export.messages import MESSAGES, OTHER

PACKAGE = Path(__file__).parents[3] / "slotport"
HTML = {"Accept": "text/html"}


class Page(HTMLParser):
    """What a page has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.messages: dict[str, str] = {}
        self._key: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._key = dict(attrs).get("data-key") if tag == "li" else None

    def handle_data(self, data: str) -> None:
        if self._key is not None:
            self.messages[self._key] = data
            self._key = None


@pytest.fixture
def page(web: httpx.Client) -> Page:
    return Page(web.get("/", headers=HTML).text)


def test_the_page_has_a_message_for_every_key(page: Page) -> None:
    assert page.messages == MESSAGES | {"": OTHER}


def test_the_code_uses_no_key_without_a_message() -> None:
    texts = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
    used = {key for text in texts for key in re.findall(r"\"(error\.(?:user|api|server)\.\w+)\"", text)}

    assert len(used) > 30
    assert used - set(MESSAGES) == set()


def test_the_page_is_hidden_from_who_comes_without_a_key(page: Page) -> None:
    (box,) = [attributes for tag, attributes in page.tags if attributes.get("id") == "server-error"]

    assert "hidden" in box


def test_a_program_is_told_nothing(web: httpx.Client) -> None:
    assert (web.get("/").status_code, web.get("/").content) == (401, b"")


@pytest.mark.parametrize("path", ["/static/other.js", "/static/..%2Fapp.py", "/static", "/static/a/b"])
def test_nothing_else_is(web: httpx.Client, path: str) -> None:
    plain, html = web.get(path), web.get(path, headers=HTML)

    assert (plain.status_code, plain.json()) == (404, {"error": "there is nothing here"})
    assert (html.status_code, html.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_a_file_has_one_method(web: httpx.Client) -> None:
    answer = web.post("/static/icon.svg", headers={"Sec-Fetch-Site": "same-origin"})

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
