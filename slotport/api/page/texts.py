"""The texts of the pages: a folder of Fluent files a language, in ``texts/`` (docs/design/page.md).

English has every text. What a translation lacks is shown in English.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval, format_time
from fluent.runtime import FluentBundle, FluentResource

FOLDER = Path(__file__).parent / "texts"
DEFAULT = "en"
LANGUAGES = {"en": "English", "de": "Deutsch"}  #: by code, each named in itself
LOCALES = {"en": "en_GB", "de": "de_DE"}  #: how numbers, dates and times look

Value = str | int | float


class Texts:
    """The texts of one language, and how dates look in it."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse(LOCALES[language])
        self._bundles = [_bundle(code) for code in dict.fromkeys((language, DEFAULT))]

    def __call__(self, key: str, **values: Value) -> str:
        """The text of the key, its variables filled in; raises KeyError if there is no such text."""
        for bundle in self._bundles:
            if bundle.has_message(key) and (pattern := bundle.get_message(key).value) is not None:
                text, errors = bundle.format_pattern(pattern, values)
                if errors:
                    raise errors[0]
                return str(text)
        raise KeyError(key)

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return any(bundle.has_message(key) for bundle in self._bundles)

    def day(self, day: date, form: str = "medium") -> str:
        """A day: "6 May 2031". ``form``: one of Babel's, or a pattern."""
        return format_date(day, form, locale=self.locale)

    def days(self, first: date, last: date) -> str:
        """The days from the first to the last: "5–11 May 2031"."""
        return format_interval(first, last, "yMMMd", locale=self.locale)

    def time(self, moment: time | datetime) -> str:
        """A time of day: "18:30"."""
        return format_time(moment, "short", locale=self.locale)

    def moment(self, moment: datetime, form: str = "medium") -> str:
        """A day and a time, as they are in the moment's own zone."""
        return format_datetime(moment, form, locale=self.locale)

    def named(self, day: date, skeleton: str) -> str:
        """A day as CLDR's skeleton says: ``yMMMM`` is "May 2031"."""
        return format_date(day, self.locale.datetime_skeletons[skeleton].pattern, locale=self.locale)


@lru_cache
def texts(language: str) -> Texts:
    """The texts of a language of ``LANGUAGES``."""
    return Texts(language)


def files(language: str) -> Iterable[Path]:
    """The files that a language's texts stand in."""
    return sorted((FOLDER / language).glob("*.ftl"))


def chosen(cookie: str | None, header: str) -> str:
    """The language that the cookie names, else the one that Accept-Language (RFC 9110, 12.5.4) likes best."""
    if cookie in LANGUAGES:
        return str(cookie)
    return max(_liked(header).items(), key=lambda item: item[1], default=(DEFAULT, 0.0))[0]


def _liked(header: str) -> Mapping[str, float]:
    """Our languages that the header names, each with the most that any of its entries says."""
    found: dict[str, float] = {}
    for entry in header.split(",")[:20]:
        name, _, parameter = entry.partition(";")
        language = name.strip().lower().partition("-")[0]
        if language not in LANGUAGES:
            continue
        try:
            weight = float(parameter.partition("=")[2] or 1) if parameter.strip() else 1.0
        except ValueError:
            continue
        if 0 < weight <= 1:
            found.setdefault(language, weight)
            found[language] = max(found[language], weight)
    return found


@lru_cache
def _bundle(language: str) -> FluentBundle:
    bundle = FluentBundle([LOCALES[language].replace("_", "-")], use_isolating=False)
    for file in files(language):
        bundle.add_resource(FluentResource(file.read_text(encoding="utf-8")))
    return bundle
