"""The texts of the pages: a folder of Fluent files a language, in ``texts/`` (docs/design/page.md).

English has every text. What a translation lacks is shown in English.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval, format_time
from fluent.runtime import FluentBundle, FluentResource

from slotport.api.page.refusals import Sentences

FOLDER = Path(__file__).parent / "texts"
DEFAULT = "en"
LANGUAGES = {"en": "English", "de": "Deutsch"}  #: by code, each named in itself
LOCALES = {"en": "en_GB", "de": "de_DE"}  #: how numbers, dates and times look

Value = str | int | float
_FIELD = re.compile(r"[a-z_][\w.:\[\]-]*")  #: a field's name, or its place in JSON
_COUNTED = frozenset({"bytes", "count", "least", "most"})  #: variables that are written as numbers are
_DEPTH = 3  #: sentences within one another


class Texts:
    """The texts of one language, and how dates look in it."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse(LOCALES[language])
        self._bundles = [_bundle(code) for code in dict.fromkeys((language, DEFAULT))]

    def __call__(self, key: str, /, **values: Value) -> str:
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

    def said(self, sentence: str) -> str:
        """A sentence that was raised in English; as it is if the catalogue does not have it."""
        if self.language == DEFAULT:
            return sentence
        found = self._said(sentence, _DEPTH)
        if found is None and "; " in sentence:
            each = [self._said(one, _DEPTH) for one in sentence.split("; ")]
            found = None if None in each else "; ".join(map(str, each))
        return sentence if found is None else found

    def field(self, name: str) -> str:
        """What forms call a field of the interfaces; its name, if they have none."""
        key = f"field-{name.replace('_', '-').lower()}"
        return self(key) if _FIELD.fullmatch(name) and self.has(key) else name

    def _said(self, sentence: str, depth: int) -> str | None:
        is_closed = sentence.endswith(".") and not sentence.endswith("..")
        core = sentence[:-1] if is_closed else sentence
        if (found := sentences().find(core)) is not None:
            pattern, values = found
            text = self(pattern.key, **{name: self._value(name, value, depth) for name, value in values.items()})
        else:
            name, _, rest = core.partition(" ")
            if not _FIELD.fullmatch(name) or sentences().find(rest) is None:
                return None
            text = f"{self.field(name)}: {self._said(rest, depth)}"
        begins = core[:1].isupper() or (is_closed and not core[:1].islower())
        return (text[:1].upper() + text[1:] if begins else text) + "." * is_closed

    def _value(self, name: str, value: str, depth: int) -> Value:
        """The value of a sentence's variable: ``why`` and ``got`` are sentences, ``field`` is the name of a field."""
        if name in ("why", "got"):
            return (self._said(value, depth - 1) if depth else None) or value
        if name == "field":
            return self.field(value)
        return int(value) if name in _COUNTED else value

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
def sentences() -> Sentences:
    """The sentences of refusals, by which ``said`` finds its texts."""
    return Sentences(FluentResource(file.read_text(encoding="utf-8")) for file in files(DEFAULT))


@lru_cache
def _bundle(language: str) -> FluentBundle:
    bundle = FluentBundle([LOCALES[language].replace("_", "-")], use_isolating=False)
    for file in files(language):
        bundle.add_resource(FluentResource(file.read_text(encoding="utf-8")))
    return bundle
