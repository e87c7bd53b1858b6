"""Every text of the pages is there in English, and every one of those in each other language."""

import re
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, FluentSerializer, ast

from slotport.api.page import texts

PAGES = Path(texts.__file__).parent


def messages(language: str) -> dict[str, set[str]]:
    """The keys of a language's texts, each with the variables that its text takes."""
    found = {}
    for file in texts.files(language):
        for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body:
            assert not isinstance(entry, ast.Junk), f"{file.name}: {entry.content}"
            if isinstance(entry, ast.Message):
                assert entry.id.name not in found, f"{entry.id.name} is there twice"
                found[entry.id.name] = set(re.findall(r"\$([\w-]+)", FluentSerializer().serialize_entry(entry)))
    return found


@pytest.mark.parametrize("language", sorted(set(texts.LANGUAGES) - {texts.DEFAULT}))
def test_a_translation_has_every_text_with_the_same_variables(language: str) -> None:
    assert messages(language) == messages(texts.DEFAULT)


def test_every_text_that_a_page_shows_is_there() -> None:
    known = messages(texts.DEFAULT)
    used = set()
    for file in [*PAGES.rglob("*.html"), *PAGES.rglob("*.py")]:
        used |= set(re.findall(r"""\bt\("([a-z0-9-]+)"[,)]""", file.read_text(encoding="utf-8")))

    assert used - set(known) == set()


@pytest.mark.parametrize(
    ("cookie", "header", "language"),
    [
        (None, "", "en"),
        ("de", "en", "de"),
        ("xx", "de", "de"),
        (None, "fr, de-CH;q=0.8, en;q=0.5", "de"),
        (None, "de;q=0.2, en;q=0.9", "en"),
        (None, "de;q=0", "en"),
        (None, "de;q=abc", "en"),
        (None, ";;;,,,=", "en"),
    ],
)
def test_the_language_that_the_reader_likes_best_is_chosen(cookie: str | None, header: str, language: str) -> None:
    assert texts.chosen(cookie, header) == language
