"""Languages by their names."""

from importlib.resources import files

import pytest

from slotport.core.languages import find_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("de", "de"),
        ("en", "en"),
        ("en-US", "en-US"),
        ("DE-de", "de-DE"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("sr-Latn", "sr-Latn"),
        ("es-419", "es-419"),
        ("gsw-CH", "gsw-CH"),
        ("fil", "fil"),
    ],
)
def test_a_language_is_found_by_its_name(text: str, language: str) -> None:
    assert find_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "xx",
        "xyz",
        "en-XX",
        "en-Xxxx",
        "en-999",
        "en_US",
        "en-",
        "-US",
        "english",
        "en-US-",
        "en-US-US",
        "d\u017f",
    ],
)
def test_what_is_no_language_is_not(text: str) -> None:
    assert find_language(text) is None


def test_every_country_may_follow() -> None:
    listing = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    names = [f"en-{line.partition(chr(9))[0]}" for line in listing.splitlines() if not line.startswith("#")]

    assert [name for name in names if find_language(name) != name] == []
